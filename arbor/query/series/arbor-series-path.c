/* See arbor-series-path.h. */

#include "query/series/arbor-series-path.h"

void
arbor_series_path_init (ArborSeriesPath *self, const ArborPath *path)
{
  *self = (ArborSeriesPath){ .path = path, .n_readers = 1 };
  for (guint i = 0; i < path->n_steps; i++)
    self->n_readers += path->steps[i].kind != ARBOR_STEP_KEY;
  self->readers = g_new0 (ArborLaneReader *, self->n_readers);
}

void
arbor_series_path_clear (ArborSeriesPath *self)
{
  g_free (self->readers);
}

void
arbor_series_path_forget (ArborSeriesPath *self)
{
  memset (self->readers, 0, self->n_readers * sizeof (ArborLaneReader *));
}

/* Where the rows of a walk are so far. */
typedef struct
{
  const ArborBatch *batch;
  guint32 column;
  const guint32 *rows; /* NULL: from on */
  guint32 from;
  guint32 n;
  const guint32 *starts; /* behind a first [*]: of the places; else NULL */
} Walk;

static ArborLaneReader *
get_reader (ArborSeriesPath *self, guint i, const Walk *walk, guint first, guint n_keys,
            ArborScope *kept)
{
  if (self->readers[i] == NULL)
    {
      self->readers[i] = arbor_scope_alloc (kept, sizeof (ArborLaneReader));
      arbor_lane_reader_init (self->readers[i], walk->batch, walk->column,
                              &self->path->steps[first], n_keys, self->is_brief, kept);
    }
  return self->readers[i];
}

/* The span of an array of the batch, FALSE for anything else. */
static gboolean
get_span (const ArborValue *value, const ArborBatch *batch, guint32 *start, guint32 *end)
{
  if (value->kind != ARBOR_KIND_ARRAY || value->holder_kind != ARBOR_HOLDER_BATCH ||
      value->holder != batch)
    return FALSE;
  arbor_batch_get_array (batch, value->column, value->index, start, end);
  return TRUE;
}

static void
step_into (const ArborSeries *values, gint64 index, ArborScope *scope, Walk *walk)
{
  guint32 *rows = arbor_scope_alloc (scope, MAX ((gsize) values->n, 1) * sizeof *rows);

  for (guint32 i = 0; i < values->n; i++)
    {
      ArborValue value;
      guint32 start, end;

      rows[i] = ARBOR_ROW_MISSING;
      arbor_series_get (values, i, &value);
      if (value.kind == ARBOR_KIND_OPEN)
        rows[i] = ARBOR_ROW_OPEN;
      else if (get_span (&value, walk->batch, &start, &end))
        {
          gint64 at = index < 0 ? index + (end - start) : index;

          if (at >= 0 && at < end - start)
            rows[i] = start + (guint32) at;
        }
    }
  walk->rows = rows;
}

/* The elements of arrays: where those of each place begin among all, and which rows they are. What is
 * no array has no elements; but once the values are elements themselves, it leaves MISSING in its
 * place. An open one leaves one that is open. FALSE: more than @max. */
static gboolean
list_elements (const ArborSeries *values, const ArborBatch *batch, gboolean keeps_place, guint32 max,
               ArborScope *scope, guint32 **out_starts, guint32 **out_rows)
{
  guint32 *starts = arbor_scope_alloc (scope, ((gsize) values->n + 1) * sizeof *starts);
  guint32 *firsts = arbor_scope_alloc (scope, MAX ((gsize) values->n, 1) * sizeof *firsts);
  guint32 *rows;
  guint64 n = 0;

  for (guint32 i = 0; i < values->n; i++)
    {
      ArborValue value;
      guint32 end;

      starts[i] = (guint32) n;
      arbor_series_get (values, i, &value);
      if (get_span (&value, batch, &firsts[i], &end))
        {
          n += end - firsts[i];
        }
      else
        {
          firsts[i] = value.kind == ARBOR_KIND_OPEN ? ARBOR_ROW_OPEN : ARBOR_ROW_MISSING;
          n += value.kind == ARBOR_KIND_OPEN || keeps_place;
        }
      if (n > max)
        return FALSE;
    }
  starts[values->n] = (guint32) n;
  rows = arbor_scope_alloc (scope, MAX ((gsize) n, 1) * sizeof *rows);
  for (guint32 i = 0; i < values->n; i++)
    for (guint32 j = starts[i]; j < starts[i + 1]; j++)
      rows[j] = firsts[i] + (j - starts[i]); /* what is no row has one place */
  *out_starts = starts;
  *out_rows = rows;
  return TRUE;
}

static gboolean
step_each (const ArborSeries *values, guint32 max, ArborScope *scope, Walk *walk)
{
  guint32 *starts, *rows, *outer;

  if (!list_elements (values, walk->batch, walk->starts != NULL, max, scope, &starts, &rows))
    return FALSE;
  walk->rows = rows;
  if (walk->starts == NULL)
    {
      walk->starts = starts;
    }
  else
    {
      guint32 n = walk->from; /* of places: see below */

      outer = arbor_scope_alloc (scope, ((gsize) n + 1) * sizeof *outer);
      for (guint32 i = 0; i <= n; i++)
        outer[i] = starts[walk->starts[i]];
      walk->starts = outer;
    }
  return TRUE;
}

gboolean
arbor_series_path_read (ArborSeriesPath *self, const ArborBatch *batch, guint32 column,
                        const guint32 *rows, guint32 from, guint32 n, guint32 max,
                        ArborScope *kept, ArborScope *scope, ArborSeries *out)
{
  const ArborPath *path = self->path;
  Walk walk = { .batch = batch, .column = column, .rows = rows, .from = from, .n = n };
  guint step = 0;

  if (column != self->column)
    arbor_series_path_forget (self);
  self->column = column;
  for (guint i = 0; i < self->n_readers; i++)
    {
      guint first = step;
      ArborLaneReader *reader;
      ArborSeries values;

      while (step < path->n_steps && path->steps[step].kind == ARBOR_STEP_KEY)
        step++;
      reader = get_reader (self, i, &walk, first, step - first, kept);
      arbor_lane_reader_read (reader, walk.rows, walk.rows == NULL ? from : 0, walk.n, scope,
                              &values);
      if (step == path->n_steps)
        {
          if (walk.starts == NULL)
            {
              *out = values;
              return TRUE;
            }
          *out = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                                .n = n,
                                .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                                .starts = walk.starts,
                                .rows = step == first ? walk.rows : NULL,
                                .column = walk.column,
                                .inner = arbor_scope_alloc (scope, sizeof (ArborSeries)) };
          *(ArborSeries *) out->inner = values;
          return TRUE;
        }
      if (path->steps[step].kind == ARBOR_STEP_INDEX)
        {
          step_into (&values, path->steps[step].index, scope, &walk);
        }
      else
        {
          walk.from = n;
          if (!step_each (&values, max, scope, &walk))
            return FALSE;
          walk.n = walk.starts[n];
        }
      step++;
      walk.column = reader->lanes.column != ARBOR_NO_COLUMN
                        ? arbor_batch_find_elements (batch, reader->lanes.column)
                        : ARBOR_NO_COLUMN;
      if (walk.column == ARBOR_NO_COLUMN)
        {
          /* No array of the batch lies there: all rows are none, of whatever column. */
          walk.column = 0;
        }
    }
  return FALSE;
}

gboolean
arbor_series_list_elements (const ArborSeries *values, const ArborBatch *batch, guint32 max,
                            ArborScope *scope, const guint32 **starts, const guint32 **rows,
                            guint32 *column)
{
  guint32 of = ARBOR_NO_COLUMN;
  guint32 *all_starts, *all_rows;

  for (guint32 i = 0; i < values->n; i++)
    {
      ArborValue value;

      arbor_series_get (values, i, &value);
      if (value.kind != ARBOR_KIND_ARRAY)
        continue;
      if (value.holder_kind != ARBOR_HOLDER_BATCH || value.holder != batch ||
          (of != ARBOR_NO_COLUMN && of != value.column))
        return FALSE;
      of = value.column;
    }
  if (!list_elements (values, batch, FALSE, max, scope, &all_starts, &all_rows))
    return FALSE;
  *starts = all_starts;
  *rows = all_rows;
  *column = of != ARBOR_NO_COLUMN ? arbor_batch_find_elements (batch, of) : 0;
  if (*column == ARBOR_NO_COLUMN)
    *column = 0;
  return TRUE;
}
