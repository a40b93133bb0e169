/* See arbor-series-reader.h. */

#include "query/series/arbor-series-reader.h"

#include "base/arbor-stop.h"
#include "query/expr/arbor-evaluator.h"
#include "query/expr/arbor-function-private.h"
#include "query/series/arbor-series-parts.h"
#include "query/series/arbor-series-program.h"
#include "query/series/arbor-series-scatter.h"
#include "query/series/arbor-series-ways.h"

/* Values of a chunk may take so many bytes before the next one begins. */
#define MAX_TEXTS (16u * 1024u * 1024u)
/* Of a strip with more open places than one in so many, the next ones go row by row at once. */
#define OPEN_OF     2u
#define MAX_POOR    4u
/* What the values of a run may take, arrays included. */
#define MAX_RUN (64u * 1024u * 1024u)

struct _ArborSeriesReader
{
  ArborNode *node;
  const ArborPath *path;
  ArborSeriesProgram *program;
  ArborEvaluator *evaluator;
  const ArborBatch *bound; /* the evaluator's */
  const ArborBatch *batch; /* the program's */
  ArborScope *arrays;
  ArborScope *texts;
  ArborSeriesCounters counters;
  ArborSeriesCounters told; /* of these, what the call's tally knows */
  guint n_poor; /* strips in a row that were mostly open */

  /* Of begin (). */
  ArborRows rows;
  guint32 at;
  guint32 strip;
  ArborSeries chunk; /* of next_value () */
  guint32 in_chunk;
  gboolean has_run;  /* the rows lie in several batches, and these are their values; else one by one */
  ArborSeries run;
};

static gboolean series_are_enabled = TRUE; /* atomic */
static ArborSeriesCounters totals;         /* atomic each */

void
arbor_series_set_enabled (gboolean is_enabled)
{
  __atomic_store_n (&series_are_enabled, is_enabled, __ATOMIC_SEQ_CST);
}

gboolean
arbor_series_is_enabled (void)
{
  return __atomic_load_n (&series_are_enabled, __ATOMIC_RELAXED);
}

static void
add_to_totals (const ArborSeriesCounters *counters)
{
  __atomic_fetch_add (&totals.n_lanes, counters->n_lanes, __ATOMIC_RELAXED);
  __atomic_fetch_add (&totals.n_columns, counters->n_columns, __ATOMIC_RELAXED);
  __atomic_fetch_add (&totals.n_rows, counters->n_rows, __ATOMIC_RELAXED);
}

void
arbor_series_get_totals (ArborSeriesCounters *counters)
{
  counters->n_lanes = __atomic_load_n (&totals.n_lanes, __ATOMIC_RELAXED);
  counters->n_columns = __atomic_load_n (&totals.n_columns, __ATOMIC_RELAXED);
  counters->n_rows = __atomic_load_n (&totals.n_rows, __ATOMIC_RELAXED);
}

ArborSeriesReader *
arbor_series_reader_new (ArborNode *node)
{
  ArborSeriesReader *self = g_new0 (ArborSeriesReader, 1);

  self->node = arbor_node_ref (node);
  self->path = arbor_node_get_key_path (node);
  self->program = arbor_series_program_new (node);
  self->evaluator = arbor_evaluator_new (node);
  self->arrays = arbor_scope_new ();
  self->texts = arbor_scope_new ();
  return self;
}

/* Says what was done to who counts it for the call (explain_analyze), mostly nobody. */
static void
tell (ArborSeriesReader *self)
{
  ArborTally *tally = arbor_stop_get_tally ();
  const ArborSeriesCounters *all = &self->counters;
  ArborSeriesCounters *told = &self->told;

  if (tally != NULL)
    {
      const ArborSeriesCounters more = {
        .n_lanes = all->n_lanes - told->n_lanes,
        .n_columns = all->n_columns - told->n_columns,
        .n_plain = all->n_plain - told->n_plain,
        .n_dictionary = all->n_dictionary - told->n_dictionary,
        .n_values = all->n_values - told->n_values,
        .n_rows = all->n_rows - told->n_rows,
        .refused = all->refused,
      };

      arbor_tally_add (tally, self->node, &more);
    }
  *told = *all;
}

void
arbor_series_reader_free (ArborSeriesReader *self)
{
  if (self == NULL)
    return;
  add_to_totals (&self->counters);
  arbor_series_program_free (self->program);
  arbor_evaluator_free (self->evaluator);
  arbor_scope_free (self->arrays);
  arbor_scope_free (self->texts);
  arbor_node_unref (self->node);
  g_free (self);
}

void
arbor_series_reader_forget (ArborSeriesReader *self)
{
  arbor_series_program_set_batch (self->program, NULL, 0);
  self->batch = self->bound = NULL;
}

ArborNode *
arbor_series_reader_get_node (const ArborSeriesReader *self)
{
  return self->node;
}

const ArborPath *
arbor_series_reader_get_path (const ArborSeriesReader *self)
{
  return self->path;
}

const ArborSeriesCounters *
arbor_series_reader_get_counters (const ArborSeriesReader *self)
{
  return &self->counters;
}

gboolean
arbor_series_reader_check (ArborSeriesReader *self, GError **error)
{
  return arbor_scope_check (self->texts, error);
}

gboolean
arbor_series_reader_take_trouble (ArborSeriesReader *self)
{
  return arbor_scope_take_trouble (self->texts);
}

/* Rows */

static void
evaluate (ArborSeriesReader *self, const ArborBatch *batch, guint64 first, guint32 row,
          ArborScope *scope, ArborValue *value)
{
  if (self->bound != batch)
    arbor_evaluator_set_batch (self->evaluator, batch, first);
  self->bound = batch;
  self->counters.n_rows++;
  arbor_evaluator_get_value (self->evaluator, row, scope, value);
}

void
arbor_series_reader_get_row (ArborSeriesReader *self, const ArborRows *rows, guint32 i,
                             ArborScope *scope, ArborValue *value)
{
  guint64 first;
  guint32 row;
  const ArborBatch *batch = arbor_rows_locate (rows, i, &first, &row);

  evaluate (self, batch, first, row, scope, value);
}

static void
set_rows (ArborSeriesReader *self, const ArborRows *rows)
{
  self->rows = *rows;
  self->at = 0;
  self->strip = ARBOR_SERIES_STRIP;
  if (rows->batch != NULL && self->batch != rows->batch)
    arbor_series_program_set_batch (self->program, rows->batch, rows->n);
  if (rows->batch != NULL)
    self->batch = rows->batch;
  /* Its first tree may have another number. */
  self->bound = NULL;
}

/* What passed what a tree may be. */
static void
check_reasonable (ArborSeriesReader *self, ArborSeries *values)
{
  ArborValue *all = (ArborValue *) values->values;

  if (!arbor_evaluator_nests (self->evaluator) ||
      (values->kinds & (ARBOR_KINDS (ARBOR_KIND_ARRAY) | ARBOR_KINDS (ARBOR_KIND_OBJECT))) == 0)
    return;
  for (guint32 i = 0; i < values->n; i++)
    if ((all[i].kind == ARBOR_KIND_ARRAY || all[i].kind == ARBOR_KIND_OBJECT) &&
        all[i].holder_kind != ARBOR_HOLDER_BATCH &&
        !arbor_function_is_reasonable (&all[i], self->texts))
      {
        if (self->node->is_vector)
          arbor_function_set_list (NULL, 0, &all[i]);
        else
          all[i] = ARBOR_VALUE_NULL;
        values->kinds |= ARBOR_KINDS (ARBOR_KIND_NULL);
      }
}

/* Open places */

/* Whether @value can stand in @series as it is. */
static gboolean
fits (const ArborSeries *series, const ArborValue *value)
{
  guint32 kind = ARBOR_KINDS (value->kind);

  return (kind & ARBOR_KINDS_NOTHING) != 0 ||
         (series->form == ARBOR_SERIES_WORDS && (kind & ARBOR_KINDS_WORDS) != 0) ||
         (series->form == ARBOR_SERIES_STRINGS && value->kind == ARBOR_KIND_STRING) ||
         series->form == ARBOR_SERIES_VALUES;
}

static void
put (ArborSeries *series, guint32 i, const ArborValue *value)
{
  if (series->form == ARBOR_SERIES_VALUES)
    {
      ((ArborValue *) series->values)[i] = *value;
      return;
    }
  ((guint8 *) series->kind)[i] = value->kind;
  if (series->form == ARBOR_SERIES_STRINGS)
    ((ArborString *) series->strings)[i] =
        value->kind == ARBOR_KIND_STRING ? (ArborString){ value->text, value->length }
                                         : (ArborString){ "", 0 };
  else
    ((guint64 *) series->words)[i] =
        value->kind == ARBOR_KIND_BOOL ? value->boolean != 0 : value->uint64;
}

/* Its own copy, in a form whose places can be changed: words, strings or values. */
static void
make_own (ArborSeriesReader *self, ArborSeries *series, gboolean takes_values)
{
  ArborSeries from = *series;
  gsize size = from.form == ARBOR_SERIES_WORDS     ? sizeof (guint64)
               : from.form == ARBOR_SERIES_STRINGS ? sizeof (ArborString)
                                                   : sizeof (ArborValue);

  if (takes_values || (!arbor_series_to_words (&from, self->arrays, series) &&
                       !arbor_series_to_strings (&from, self->arrays, series)))
    arbor_series_to_values (&from, self->arrays, series);
  if (series->form == from.form)
    series->values = (gpointer) arbor_scope_copy (self->arrays, (const char *) from.values,
                                                  (gsize) from.n * size);
  if (series->form != ARBOR_SERIES_VALUES && (series->form == from.form || series->kind == NULL))
    {
      guint8 *kind = arbor_scope_alloc (self->arrays, MAX (from.n, 1));

      if (series->kind != NULL)
        memcpy (kind, series->kind, from.n);
      else
        memset (kind, arbor_series_get_kind (series, 0), from.n);
      series->kind = kind;
    }
}

/* Where they are; how many. */
static guint32
list_open (ArborSeriesReader *self, const ArborSeries *series, guint32 *places)
{
  guint32 n = 0;

  for (guint32 i = 0; i < series->n; i++)
    {
      ArborValue value;

      if (series->form == ARBOR_SERIES_WORDS || series->form == ARBOR_SERIES_STRINGS)
        value.kind = arbor_series_get_kind (series, i);
      else
        arbor_series_get (series, i, &value);
      places[n] = i;
      n += value.kind == ARBOR_KIND_OPEN;
    }
  return n;
}

/* Asks the row evaluator for the open places; returns up to where, for their values may be large. */
static guint32
close_open (ArborSeriesReader *self, ArborSeries *series)
{
  guint32 n = series->n, n_open;
  guint32 *places;

  if (!arbor_series_has_open (series))
    return n;
  places = arbor_scope_alloc (self->arrays, ((gsize) n + 1) * sizeof *places);
  n_open = list_open (self, series, places);
  make_own (self, series, FALSE);
  series->kinds &= ~ARBOR_KINDS (ARBOR_KIND_OPEN);
  for (guint32 j = 0; j < n_open; j++)
    {
      ArborValue value = ARBOR_VALUE_NULL; /* nobody looks at it, when all is to stop */

      if (j > 0 && arbor_scope_get_used (self->texts) > MAX_TEXTS)
        {
          n = series->n = places[j];
          n_open = j;
          break;
        }
      if (!arbor_scope_is_stopped (self->texts))
        evaluate (self, self->rows.batch, self->rows.first,
                  arbor_rows_get (&self->rows, self->at + places[j]), self->texts, &value);
      if (!fits (series, &value))
        make_own (self, series, TRUE);
      put (series, places[j], &value);
      series->kinds |= ARBOR_KINDS (value.kind);
    }
  self->n_poor = n_open > series->n / OPEN_OF ? self->n_poor + 1 : 0;
  return n;
}

/* How the last run of the program found @n values. */
static void
count_strip (ArborSeriesReader *self, guint32 n)
{
  const ArborFunction *refused = arbor_series_program_get_refused (self->program);

  if (refused != NULL)
    self->counters.refused = refused;
  if (refused != NULL)
    self->counters.n_values += n;
  else if (arbor_series_program_used_table (self->program))
    self->counters.n_dictionary += n;
  else
    self->counters.n_plain += n;
}

/* The next places, without open ones; how many. */
static guint32
run_strip (ArborSeriesReader *self, ArborSeries *result)
{
  guint32 n = MIN (self->strip, self->rows.n - self->at);
  const guint32 *rows = self->rows.rows != NULL ? self->rows.rows + self->at : NULL;
  gboolean is_run = FALSE;
  guint64 n_asked;
  /* What strips before this one came to may lie there. */
  ArborScopeMark mark = arbor_scope_mark (self->arrays);
  guint32 n_done;

  if (n == 0)
    return 0;
  if (self->n_poor >= MAX_POOR || !arbor_series_is_enabled ())
    {
      ArborValue open = { .kind = ARBOR_KIND_OPEN };

      arbor_series_set_constant (result, &open, n);
    }
  else
    {
      while (!arbor_series_program_run (self->program, rows, self->at, n, self->arrays,
                                        self->texts, result))
        {
          arbor_scope_release (self->arrays, mark);
          self->strip = n = MAX (n / 2, 1);
        }
      self->counters.n_columns += n;
      is_run = TRUE;
      if (result->form == ARBOR_SERIES_RUNS)
        {
          ArborSeries runs = *result;

          arbor_series_to_values (&runs, self->arrays, result);
        }
      if (result->form == ARBOR_SERIES_VALUES)
        check_reasonable (self, result);
    }
  n_asked = self->counters.n_rows;
  n_done = close_open (self, result);
  if (is_run)
    count_strip (self, n_done - (guint32) (self->counters.n_rows - n_asked));
  if (n_done < n)
    self->strip = MAX (n_done, 1);
  self->at += n_done;
  tell (self);
  return n_done;
}

/* Rows of several batches */

static gboolean
run_stretch (ArborSeriesReader *self, const ArborStretch *stretch, ArborSeriesScatter *all)
{
  const ArborRows rows = {
    .batch = stretch->batch, .first = stretch->first, .n = stretch->n, .rows = stretch->rows
  };

  /* What a program keeps for a batch would go with the next stretch: it keeps nothing. */
  self->rows = rows;
  self->at = 0;
  self->strip = ARBOR_SERIES_STRIP;
  arbor_series_program_set_batch (self->program, stretch->batch, 0);
  self->batch = stretch->batch;
  self->bound = NULL;
  while (self->at < stretch->n)
    {
      guint32 from = self->at;
      ArborSeries strip;

      if (arbor_scope_get_used (self->texts) + arbor_scope_get_used (self->arrays) > MAX_RUN)
        return FALSE;
      run_strip (self, &strip);
      if (arbor_scope_take_trouble (self->texts))
        return FALSE;
      arbor_series_scatter_add (all, &strip, stretch->places + from);
    }
  return TRUE;
}

/* FALSE: something takes too much memory, or fails, and then the first row in order tells. */
static gboolean
run_stretches (ArborSeriesReader *self, const ArborRows *rows, ArborSeries *all)
{
  gboolean is_done = arbor_series_is_enabled ();
  ArborSeriesScatter values;

  arbor_scope_reset (self->arrays);
  arbor_scope_reset (self->texts);
  arbor_series_scatter_init (&values, rows->n, self->arrays);
  for (guint32 i = 0; is_done && i < rows->n_stretches; i++)
    is_done = run_stretch (self, &rows->stretches[i], &values);
  if (is_done)
    arbor_series_scatter_finish (&values, all);
  return is_done;
}

static guint32
next_of_run (ArborSeriesReader *self, ArborSeries *chunk)
{
  guint32 n = MIN (self->rows.n - self->at, ARBOR_SERIES_STRIP);
  ArborValue *values;

  if (self->has_run)
    {
      *chunk = self->run;
      chunk->n = self->rows.n - self->at;
      self->at = self->rows.n;
      return chunk->n;
    }
  arbor_scope_reset (self->arrays);
  arbor_scope_reset (self->texts);
  values = arbor_scope_alloc (self->arrays, MAX ((gsize) n, 1) * sizeof *values);
  for (guint32 i = 0; i < n; i++)
    {
      if (i > 0 && arbor_scope_get_used (self->texts) > MAX_TEXTS)
        n = i;
      else
        arbor_series_reader_get_row (self, &self->rows, self->at + i, self->texts, &values[i]);
    }
  *chunk = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                          .n = n,
                          .kinds = ~ARBOR_KINDS (ARBOR_KIND_OPEN),
                          .values = values };
  self->at += n;
  tell (self);
  return n;
}

void
arbor_series_reader_begin (ArborSeriesReader *self, const ArborRows *rows)
{
  self->chunk.n = self->in_chunk = 0;
  self->has_run = rows->batch == NULL && run_stretches (self, rows, &self->run);
  set_rows (self, rows);
}

guint32
arbor_series_reader_next (ArborSeriesReader *self, ArborSeries *chunk)
{
  if (self->rows.batch == NULL)
    return next_of_run (self, chunk);
  arbor_scope_reset (self->arrays);
  arbor_scope_reset (self->texts);
  return run_strip (self, chunk);
}

static gboolean
get_parts_of_run (ArborSeriesReader *self, const ArborRows *rows, ArborScope *scope,
                  ArborPathRows *parts)
{
  ArborSeries all;

  if (self->node->is_vector || !run_stretches (self, rows, &all) ||
      (all.kinds & ~ARBOR_SERIES_PARTS_KINDS) != 0)
    return FALSE;
  arbor_series_make_parts (&all, 1, rows, self->arrays, scope, parts);
  return TRUE;
}

void
arbor_series_reader_next_value (ArborSeriesReader *self, ArborValue *value)
{
  if (self->in_chunk == self->chunk.n)
    {
      self->in_chunk = 0;
      if (arbor_series_reader_next (self, &self->chunk) == 0)
        {
          self->chunk.n = 0;
          *value = ARBOR_VALUE_MISSING;
          return;
        }
    }
  arbor_series_get (&self->chunk, self->in_chunk++, value);
}

gboolean
arbor_series_reader_get_parts (ArborSeriesReader *self, const ArborRows *rows, ArborScope *scope,
                               ArborPathRows *parts)
{
  ArborSeries *strips;
  guint n_strips = 0;

  if (rows->batch == NULL)
    return get_parts_of_run (self, rows, scope, parts);
  if (self->path != NULL && arbor_path_rows_init (parts, self->path, rows, scope))
    {
      self->counters.n_lanes += rows->n;
      tell (self);
      return TRUE;
    }
  if (self->node->is_vector || !arbor_series_is_enabled ())
    return FALSE;
  set_rows (self, rows);
  arbor_scope_reset (self->arrays);
  arbor_scope_reset (self->texts);
  strips = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *strips);
  while (self->at < rows->n)
    {
      if (self->n_poor >= MAX_POOR || arbor_scope_get_used (self->texts) > MAX_TEXTS ||
          self->strip < MIN (ARBOR_SERIES_STRIP / 16, rows->n))
        return FALSE;
      run_strip (self, &strips[n_strips]);
      /* Who reads by chunks meets the error again, after those of the rows before, and tells it. */
      if (arbor_series_reader_take_trouble (self) ||
          (strips[n_strips].kinds & ~ARBOR_SERIES_PARTS_KINDS) != 0)
        return FALSE;
      n_strips++;
    }
  arbor_series_make_parts (strips, n_strips, rows, self->arrays, scope, parts);
  return TRUE;
}
