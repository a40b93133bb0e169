/* Domains of the machine of series: rows, and inside of them the elements of the arrays that calls
 * walk. What lies outside of a walk is repeated for each element.
 */

#include "query/series/arbor-series-program-private.h"

#include "batch/arbor-value-access.h"

/* A series of an outer domain, for the innermost one. */
static void
repeat (ArborSeriesProgram *self, guint32 of, ArborSeries *series)
{
  for (guint32 i = of + 1; i < self->n_domains; i++)
    {
      const ArborSeriesDomain *domain = &self->domains[i];
      ArborSeries inner;

      if (series->form == ARBOR_SERIES_CONSTANT)
        {
          series->n = domain->n;
          continue;
        }
      if (series->form == ARBOR_SERIES_RUNS)
        arbor_series_to_values (series, self->arrays, series);
      arbor_series_gather (series, domain->parents, domain->n, self->arrays, &inner);
      *series = inner;
    }
}

static ArborSeriesPath *
get_path (ArborSeriesProgram *self, const ArborSeriesInstruction *at)
{
  return &g_array_index (self->paths, ArborSeriesPath, at->path);
}

void
arbor_series_program_read_path (ArborSeriesProgram *self, const ArborSeriesInstruction *at, ArborSeries *result)
{
  const ArborSeriesDomain *rows = &self->domains[0];

  if (!arbor_series_path_read (get_path (self, at), self->batch, 0, self->rows, self->from,
                               rows->n, self->max, self->kept, self->arrays, result))
    {
      ArborValue open = { .kind = ARBOR_KIND_OPEN };

      self->is_too_much = TRUE;
      arbor_series_set_constant (result, &open, rows->n);
      return;
    }
  if (self->n_domains == 1)
    return;
  repeat (self, 0, result);
  if (at->node->path->is_vector)
    {
      ArborSeries values = *result;

      arbor_series_program_to_runs (self, &values, result);
    }
}

/* What is missing among the elements of an array is null. */
static void
fill_missing (ArborSeriesProgram *self, ArborSeries *values)
{
  ArborSeries all;
  ArborValue *copy;

  if (!arbor_series_may_be (values, ARBOR_KIND_MISSING))
    return;
  arbor_series_to_values (values, self->arrays, &all);
  copy = arbor_series_program_new_array (self, all.n, sizeof *copy);
  for (guint32 i = 0; i < all.n; i++)
    {
      copy[i] = all.values[i];
      if (copy[i].kind == ARBOR_KIND_MISSING)
        copy[i].kind = ARBOR_KIND_NULL;
    }
  *values = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                           .n = all.n,
                           .kinds = (all.kinds & ~ARBOR_KINDS (ARBOR_KIND_MISSING)) |
                                    ARBOR_KINDS (ARBOR_KIND_NULL),
                           .values = copy };
}

/* What a path leads to from values. */
static void
follow_values (ArborSeriesProgram *self, const ArborPath *path, const ArborSeries *from,
               ArborSeries *result)
{
  ArborValue *values = arbor_series_program_new_array (self, from->n, sizeof *values);

  *result = (ArborSeries){ .form = ARBOR_SERIES_VALUES, .n = from->n, .values = values };
  for (guint32 i = 0; i < from->n; i++)
    {
      ArborValue *value = &values[i];

      arbor_series_get (from, i, value);
      for (guint s = 0; s < path->n_steps && value->kind != ARBOR_KIND_OPEN; s++)
        {
          const ArborStep *step = &path->steps[s];

          if (step->kind == ARBOR_STEP_INDEX)
            arbor_value_get_element (value, step->index, self->texts, value);
          else if (step->kind == ARBOR_STEP_KEY)
            arbor_value_get_member (value, step->key, step->length, self->texts, value);
          else
            value->kind = ARBOR_KIND_OPEN; /* vectors below values are for rows */
        }
      if (arbor_scope_take_trouble (self->texts))
        value->kind = ARBOR_KIND_OPEN;
      result->kinds |= ARBOR_KINDS (value->kind);
    }
}

void
arbor_series_program_read_element (ArborSeriesProgram *self, const ArborSeriesInstruction *at, ArborSeries *result)
{
  guint32 of = at->n + 1;
  const ArborSeriesDomain *domain;
  const ArborPath *path = at->node->path;

  if (at->n == ARBOR_SERIES_NO_LOOP) /* @ that nothing binds */
    {
      arbor_series_set_constant (result, &ARBOR_VALUE_MISSING, arbor_series_program_get_domain (self)->n);
      return;
    }
  domain = &self->domains[of];
  if (domain->rows != NULL)
    {
      if (!arbor_series_path_read (get_path (self, at), self->batch, domain->column, domain->rows,
                                   0, domain->n, self->max, self->kept, self->arrays, result))
        {
          ArborValue open = { .kind = ARBOR_KIND_OPEN };

          self->is_too_much = TRUE;
          arbor_series_set_constant (result, &open, domain->n);
        }
    }
  else if (path->n_steps == 0)
    *result = domain->values;
  else
    follow_values (self, path, &domain->values, result);
  if (path->n_steps == 0)
    fill_missing (self, result);
  repeat (self, of, result);
  if (path->is_vector && result->form != ARBOR_SERIES_RUNS)
    {
      ArborSeries values = *result;

      arbor_series_program_to_runs (self, &values, result);
    }
}

/* Runs */

/* Elements of the arrays among values, as values. */
static gboolean
list_values (ArborSeriesProgram *self, const ArborSeries *from, guint32 *starts,
             ArborSeries *elements)
{
  ArborScope *scope = self->texts;
  guint64 n = 0;
  ArborValue *values;
  guint32 at = 0;

  for (guint32 i = 0; i < from->n; i++)
    {
      ArborValue value;

      starts[i] = (guint32) n;
      arbor_series_get (from, i, &value);
      if (value.kind == ARBOR_KIND_ARRAY)
        n += arbor_value_get_length (&value, scope);
      else
        n += value.kind == ARBOR_KIND_OPEN;
      if (n > self->max)
        return FALSE;
    }
  starts[from->n] = (guint32) n;
  values = arbor_series_program_new_array (self, (guint32) n, sizeof *values);
  *elements = (ArborSeries){ .form = ARBOR_SERIES_VALUES, .n = (guint32) n, .values = values };
  for (guint32 i = 0; i < from->n; i++)
    {
      ArborValueIter iter;
      ArborValue value;

      arbor_series_get (from, i, &value);
      if (value.kind == ARBOR_KIND_ARRAY)
        {
          arbor_value_iter_init (&iter, &value, scope);
          while (at < starts[i + 1] && arbor_value_iter_next (&iter, NULL, NULL, &values[at]))
            at++;
        }
      while (at < starts[i + 1])
        values[at++] = (ArborValue){ .kind = ARBOR_KIND_OPEN };
    }
  if (arbor_scope_take_trouble (scope))
    for (at = 0; at < n; at++)
      values[at].kind = ARBOR_KIND_OPEN;
  for (at = 0; at < n; at++)
    elements->kinds |= ARBOR_KINDS (values[at].kind);
  return TRUE;
}

void
arbor_series_program_to_runs (ArborSeriesProgram *self, const ArborSeries *from, ArborSeries *to)
{
  guint32 *starts;
  ArborSeries *inner;

  if (from->form == ARBOR_SERIES_RUNS)
    {
      *to = *from;
      return;
    }
  starts = arbor_series_program_new_array (self, from->n + 1, sizeof *starts);
  inner = arbor_series_program_new_array (self, 1, sizeof *inner);
  if (!list_values (self, from, starts, inner))
    {
      ArborValue open = { .kind = ARBOR_KIND_OPEN };

      self->is_too_much = TRUE;
      arbor_series_set_constant (inner, &open, from->n);
      for (guint32 i = 0; i <= from->n; i++)
        starts[i] = i;
    }
  *to = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                       .n = from->n,
                       .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                       .starts = starts,
                       .inner = inner };
}

const guint32 *
arbor_series_program_list_parents (ArborSeriesProgram *self, const guint32 *starts, guint32 n)
{
  guint32 *parents = arbor_series_program_new_array (self, starts[n], sizeof *parents);

  for (guint32 i = 0; i < n; i++)
    for (guint32 j = starts[i]; j < starts[i + 1]; j++)
      parents[j] = i;
  return parents;
}

const guint8 *
arbor_series_program_repeat_wanted (ArborSeriesProgram *self, const guint8 *wanted, const guint32 *parents, guint32 n)
{
  guint8 *inner;

  if (wanted == NULL)
    return NULL;
  inner = arbor_series_program_new_array (self, n, 1);
  for (guint32 i = 0; i < n; i++)
    inner[i] = wanted[parents[i]];
  return inner;
}

void
arbor_series_program_enter (ArborSeriesProgram *self)
{
  const ArborSeries *array = &self->stack[self->n_stack - 1];
  const ArborSeriesDomain *outer = arbor_series_program_get_domain (self);
  ArborSeriesDomain *domain = &self->domains[self->n_domains];
  guint8 *kind = NULL;
  ArborSeries runs;

  *domain = (ArborSeriesDomain){ .depth = self->n_saved };
  if (array->form != ARBOR_SERIES_RUNS)
    {
      kind = arbor_series_program_new_array (self, outer->n, 1);
      for (guint32 i = 0; i < outer->n; i++)
        {
          ArborValue value;

          arbor_series_get (array, i, &value);
          /* What is no array gives null. */
          kind[i] = value.kind == ARBOR_KIND_ARRAY || value.kind == ARBOR_KIND_OPEN
                        ? value.kind
                        : ARBOR_KIND_NULL;
        }
    }
  domain->kind = array->form == ARBOR_SERIES_RUNS ? array->kind : kind;
  if (array->form == ARBOR_SERIES_RUNS && array->rows != NULL)
    {
      domain->starts = array->starts;
      domain->rows = array->rows;
      domain->column = array->column;
    }
  else if (array->form == ARBOR_SERIES_RUNS ||
      !arbor_series_list_elements (array, self->batch, self->max, self->arrays, &domain->starts,
                                   &domain->rows, &domain->column))
    {
      domain->rows = NULL;
      arbor_series_program_to_runs (self, array, &runs);
      domain->starts = runs.starts;
      domain->values = *runs.inner;
      fill_missing (self, &domain->values);
    }
  domain->n = domain->starts[outer->n];
  domain->parents = arbor_series_program_list_parents (self, domain->starts, outer->n);
  domain->wanted = arbor_series_program_repeat_wanted (self, outer->wanted, domain->parents, domain->n);
  self->n_domains++;
}

/* The body of a walk, on top, becomes the list of what it gave for each array. */
void
arbor_series_program_leave (ArborSeriesProgram *self)
{
  ArborSeries *top = &self->stack[self->n_stack - 1];
  ArborSeriesDomain *domain = arbor_series_program_get_domain (self);
  ArborSeries *inner = arbor_series_program_new_array (self, 1, sizeof *inner);
  guint32 n = self->domains[self->n_domains - 2].n;

  if (top->form == ARBOR_SERIES_RUNS)
    arbor_series_to_values (top, self->arrays, inner);
  else
    *inner = *top;
  *top = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                        .n = n,
                        .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                        .kind = domain->kind,
                        .starts = domain->starts,
                        .inner = inner };
  self->n_domains--;
}
