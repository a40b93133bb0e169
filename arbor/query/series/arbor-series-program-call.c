/* Calls of a program: for every place, for each entry of a dictionary, over the runs of arrays, and
 * value by value of vectors. What is computed for a dictionary is kept as long as the batch is at hand.
 * See arbor-series-program.h.
 */

#include "query/series/arbor-series-program.h"
#include "query/expr/arbor-function-private.h"
#include "query/series/arbor-series-program-private.h"

/* Whether a table is worth it, and all that varies among the arguments: the codes of one. */
static const ArborSeries *
find_codes (const ArborSeriesCall *call)
{
  const ArborSeries *codes = NULL;

  for (guint a = 0; a < call->n_arguments; a++)
    {
      const ArborSeries *argument = &call->arguments[a];

      if (argument->form == ARBOR_SERIES_CONSTANT && argument->is_kept)
        continue;
      if (argument->form != ARBOR_SERIES_CODES || !argument->inner->is_kept ||
          (codes != NULL && codes->codes != argument->codes))
        return NULL;
      codes = argument;
    }
  return codes;
}

static gboolean
is_same_table (const ArborSeries *a, const ArborSeries *b)
{
  return a->form == b->form && a->values == b->values && a->n == b->n;
}

/* Entries at the end of every table: MISSING, NULL, OPEN, and what these come to. */
#define N_OTHERS 3u

/* Of some entries of a table. */
static guint32
get_kinds (const ArborSeries *table, guint32 from, guint32 to)
{
  guint32 kinds = 0;

  if (table->form == ARBOR_SERIES_RUNS || table->form == ARBOR_SERIES_CODES)
    return table->kinds;
  if (table->kind != NULL &&
      (table->form == ARBOR_SERIES_WORDS || table->form == ARBOR_SERIES_STRINGS))
    return arbor_series_collect_kinds (table->kind + from, to - from);
  for (guint32 i = from; i < to; i++)
    {
      ArborValue value;

      arbor_series_get (table, i, &value);
      kinds |= ARBOR_KINDS (value.kind);
    }
  return kinds;
}

/* Once for each entry of the table: what there is trouble with is open, so no row that does not have
 * the entry learns of it. */
static ArborSeries *
make_table (ArborSeriesProgram *self, ArborSeriesInstruction *at, const ArborSeriesCall *call,
            const ArborSeries *codes)
{
  ArborSeries *arguments = arbor_series_program_new_array (self, call->n_arguments, sizeof *arguments);
  ArborSeriesCall of_table = *call;

  if (at->table != NULL && is_same_table (&at->of, codes->inner))
    return at->table;
  for (guint a = 0; a < call->n_arguments; a++)
    if (call->arguments[a].form == ARBOR_SERIES_CODES)
      arguments[a] = *call->arguments[a].inner;
    else
      arbor_series_set_constant (&arguments[a], &call->arguments[a].constant, codes->inner->n);
  of_table.arguments = arguments;
  of_table.n = codes->inner->n;
  of_table.wanted = NULL;
  of_table.arrays = of_table.texts = self->kept;
  of_table.kept = NULL;
  at->table = arbor_scope_alloc (self->kept, sizeof *at->table);
  at->of = *codes->inner;
  arbor_series_call_run (&of_table, at->table);
  at->table->is_kept = TRUE;
  at->kinds = get_kinds (at->table, 0, of_table.n - MIN (of_table.n, N_OTHERS));
  return at->table;
}

static void
call_each (ArborSeriesProgram *self, const ArborSeriesCall *call, ArborSeries *result)
{
  if (!arbor_series_call_run (call, result))
    self->refused = call->node->function;
}

static void
call_places (ArborSeriesProgram *self, ArborSeriesInstruction *at, const ArborSeriesCall *call,
             ArborSeries *result)
{
  const ArborSeries *codes = find_codes (call);
  ArborSeries *table;

  if (codes == NULL || codes->inner->n / 2 > self->n_rows)
    {
      call_each (self, call, result);
      return;
    }
  table = make_table (self, at, call, codes);
  if (table->form == ARBOR_SERIES_CODES || table->form == ARBOR_SERIES_RUNS)
    {
      call_each (self, call, result);
      return;
    }
  self->used_table = TRUE;
  *result = (ArborSeries){ .form = ARBOR_SERIES_CODES,
                           .n = call->n,
                           .kinds = at->kinds,
                           .codes = codes->codes,
                           .inner = table,
                           .has_others = codes->has_others };
  if (codes->has_others)
    result->kinds |= get_kinds (table, table->n - N_OTHERS, table->n - 1);
  if (arbor_series_has_open (codes))
    result->kinds |= ARBOR_KINDS (ARBOR_KIND_OPEN);
}

static ArborSeriesCall
get_call (ArborSeriesProgram *self, ArborSeriesInstruction *at)
{
  return (ArborSeriesCall){ .node = at->node,
                            .n_arguments = at->n,
                            .arguments = &self->stack[self->n_stack - at->n],
                            .n = arbor_series_program_get_domain (self)->n,
                            .wanted = arbor_series_program_get_domain (self)->wanted,
                            .arrays = self->arrays,
                            .texts = self->texts,
                            .bound = self->bound,
                            .kept = self->kept,
                            .made = &at->made };
}

/* The arrays among @values as runs, where they lie in the batch; what is none of them keeps its
 * kind. */
static gboolean
list_runs (ArborSeriesProgram *self, ArborSeriesInstruction *at, const ArborSeries *values, ArborSeries *runs)
{
  const guint32 *starts, *rows;
  ArborSeries *inner;
  guint32 column;
  guint8 *kind;

  if (values->form != ARBOR_SERIES_VALUES || !arbor_series_may_be (values, ARBOR_KIND_ARRAY) ||
      !arbor_series_list_elements (values, self->batch, self->max, self->arrays, &starts, &rows,
                                   &column))
    return FALSE;
  if (at->elements == NULL || at->column != column)
    {
      at->elements = arbor_scope_alloc (self->kept, sizeof *at->elements);
      at->column = column;
      arbor_lane_reader_init (at->elements, self->batch, column, NULL, 0, FALSE, self->kept);
    }
  inner = arbor_series_program_new_array (self, 1, sizeof *inner);
  arbor_lane_reader_read (at->elements, rows, 0, starts[values->n], self->arrays, inner);
  *runs = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                         .n = values->n,
                         .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                         .starts = starts,
                         .inner = inner,
                         .rows = rows,
                         .column = column };
  if (values->kinds == ARBOR_KINDS (ARBOR_KIND_ARRAY))
    return TRUE;
  runs->kind = kind = arbor_series_program_new_array (self, values->n, 1);
  for (guint32 i = 0; i < values->n; i++)
    kind[i] = values->values[i].kind;
  return TRUE;
}

/* A call of what takes arrays as runs. */
static gboolean
call_runs (ArborSeriesProgram *self, ArborSeriesInstruction *at, const ArborSeriesCall *call,
           ArborSeries *result)
{
  ArborScopeMark mark = arbor_scope_mark (self->arrays);
  ArborSeriesCall of_runs = *call;
  ArborSeries *arguments;

  if (at->node->function->runs != ARBOR_RUNS_MADE || call->n_arguments == 0)
    return FALSE;
  arguments = arbor_series_program_new_array (self, call->n_arguments, sizeof *arguments);
  memcpy (arguments, call->arguments, call->n_arguments * sizeof *arguments);
  of_runs.arguments = arguments;
  if (list_runs (self, at, &call->arguments[0], &arguments[0]) &&
      arbor_series_call_try (&of_runs, result))
    return TRUE;
  arbor_scope_release (self->arrays, mark);
  return FALSE;
}

/* Arrays and objects that were made are not what a field has of them: the row evaluator copies them. */
static void
leave_made_open (ArborSeriesProgram *self, ArborSeries *result)
{
  const guint32 containers = ARBOR_KINDS (ARBOR_KIND_ARRAY) | ARBOR_KINDS (ARBOR_KIND_OBJECT);
  ArborSeries of = *result;
  ArborValue *values;

  if (of.form != ARBOR_SERIES_RUNS && (of.kinds & containers) == 0)
    return;
  arbor_series_to_values (&of, self->arrays, result);
  values = arbor_series_program_new_array (self, result->n, sizeof *values);
  memcpy (values, result->values, (gsize) result->n * sizeof *values);
  for (guint32 i = 0; i < result->n; i++)
    if ((values[i].kind == ARBOR_KIND_ARRAY || values[i].kind == ARBOR_KIND_OBJECT) &&
        values[i].holder_kind == ARBOR_HOLDER_LIST)
      values[i] = (ArborValue){ .kind = ARBOR_KIND_OPEN };
  result->values = values;
  result->kinds |= ARBOR_KINDS (ARBOR_KIND_OPEN);
}

void
arbor_series_program_call (ArborSeriesProgram *self, ArborSeriesInstruction *at, ArborSeries *result)
{
  ArborSeriesCall call = get_call (self, at);

  if (!call_runs (self, at, &call, result))
    call_places (self, at, &call, result);
  if (at->node->field != 0)
    leave_made_open (self, result);
  if (at->node->is_vector) /* it spreads */
    {
      ArborSeries values = *result;

      arbor_series_program_to_runs (self, &values, result);
    }
}

static gboolean
have_same_starts (const guint32 *a, const guint32 *b, guint32 n)
{
  return a == b || memcmp (a, b, ((gsize) n + 1) * sizeof *a) == 0;
}

/* Where each vector has its k-th element, for as many as the longest has. */
static guint32 *
zip (ArborSeriesProgram *self, const ArborSeries *runs, const guint32 *starts, guint32 n)
{
  guint32 *indices = arbor_series_program_new_array (self, starts[n], sizeof *indices);

  for (guint32 i = 0; i < n; i++)
    {
      guint32 length = runs->starts[i + 1] - runs->starts[i];

      for (guint32 j = 0; j < starts[i + 1] - starts[i]; j++)
        indices[starts[i] + j] = j < length ? runs->starts[i] + j : G_MAXUINT32;
    }
  return indices;
}

static const guint32 *
find_longest (ArborSeriesProgram *self, const ArborSeriesCall *call, gboolean *are_same)
{
  const guint32 *first = NULL;
  guint32 *starts;

  *are_same = TRUE;
  for (guint a = 0; a < call->n_arguments; a++)
    if (call->arguments[a].form == ARBOR_SERIES_RUNS)
      {
        if (first == NULL)
          first = call->arguments[a].starts;
        *are_same &= have_same_starts (first, call->arguments[a].starts, call->n);
      }
  if (*are_same)
    return first;
  starts = arbor_series_program_new_array (self, call->n + 1, sizeof *starts);
  starts[0] = 0;
  for (guint32 i = 0; i < call->n; i++)
    {
      guint32 length = 0;

      for (guint a = 0; a < call->n_arguments; a++)
        if (call->arguments[a].form == ARBOR_SERIES_RUNS)
          length = MAX (length, call->arguments[a].starts[i + 1] - call->arguments[a].starts[i]);
      starts[i + 1] = starts[i] + length;
    }
  return starts;
}

/* Places that are open although no element tells of it: a single argument is evaluated where vectors
 * are empty, too. NULL: none. */
static const guint8 *
find_open_runs (ArborSeriesProgram *self, const ArborSeriesCall *call, const guint32 *starts)
{
  guint8 *kind = NULL;

  for (guint a = 0; a < call->n_arguments; a++)
    {
      const ArborSeries *from = &call->arguments[a];
      gboolean is_runs = from->form == ARBOR_SERIES_RUNS;

      if (is_runs ? from->kind == NULL : !arbor_series_has_open (from))
        continue;
      if (kind == NULL)
        {
          kind = arbor_series_program_new_array (self, call->n, 1);
          memset (kind, ARBOR_KIND_ARRAY, call->n);
        }
      for (guint32 i = 0; i < call->n; i++)
        {
          ArborValue value;

          if (is_runs)
            value.kind = from->kind[i];
          else if (starts[i] == starts[i + 1])
            arbor_series_get (from, i, &value);
          else
            continue;
          if (value.kind == ARBOR_KIND_OPEN)
            kind[i] = ARBOR_KIND_OPEN;
        }
    }
  return kind;
}

void
arbor_series_program_map (ArborSeriesProgram *self, ArborSeriesInstruction *at, ArborSeries *result)
{
  ArborSeriesCall outer = get_call (self, at);
  ArborSeriesCall inner = outer;
  ArborSeries *arguments = arbor_series_program_new_array (self, at->n, sizeof *arguments);
  ArborSeries *values = arbor_series_program_new_array (self, 1, sizeof *values);
  const guint32 *starts, *parents;
  const guint8 *kind;
  gboolean are_same;

  for (guint a = 0; a < at->n; a++)
    if (at->node->arguments[a]->is_vector)
      arbor_series_program_to_runs (self, &outer.arguments[a], &arguments[a]);
    else if (outer.arguments[a].form == ARBOR_SERIES_RUNS)
      arbor_series_to_values (&outer.arguments[a], self->arrays, &arguments[a]);
    else
      arguments[a] = outer.arguments[a];
  outer.arguments = inner.arguments = arguments;
  starts = find_longest (self, &outer, &are_same);
  kind = find_open_runs (self, &outer, starts);
  inner.n = starts[outer.n];
  parents = arbor_series_program_list_parents (self, starts, outer.n);
  for (guint a = 0; a < at->n; a++)
    {
      ArborSeries from = arguments[a];

      if (from.form == ARBOR_SERIES_CONSTANT)
        arguments[a].n = inner.n;
      else if (from.form != ARBOR_SERIES_RUNS)
        arbor_series_gather (&from, parents, inner.n, self->arrays, &arguments[a]);
      else if (are_same)
        arguments[a] = *from.inner;
      else
        arbor_series_gather (from.inner, zip (self, &from, starts, outer.n), inner.n, self->arrays,
                             &arguments[a]);
    }
  inner.wanted = arbor_series_program_repeat_wanted (self, outer.wanted, parents, inner.n);
  call_places (self, at, &inner, values);
  *result = (ArborSeries){ .form = ARBOR_SERIES_RUNS,
                           .n = outer.n,
                           .kinds = ARBOR_KINDS (ARBOR_KIND_ARRAY),
                           .kind = kind,
                           .starts = starts,
                           .inner = values };
}
