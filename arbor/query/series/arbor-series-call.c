/* See arbor-series-call.h; choosing is in arbor-series-call-choose.c. Whether code for series or
 * the row code made a result, it has the same values, and is open where an argument is that the row
 * evaluator looks at.
 */

#include "query/series/arbor-series-call.h"

#include "base/arbor-simd.h"

#define OPEN ARBOR_KINDS (ARBOR_KIND_OPEN)

/* Bytes of texts that may be alive at a time: places beyond are open. */
#define MAX_TEXTS (64u * 1024u * 1024u)

guint8 *
arbor_series_call_new_truths (const ArborSeriesCall *self, ArborSeries *result)
{
  guint8 *truths = arbor_series_call_new_array (self, 1);

  *result = (ArborSeries){ .form = ARBOR_SERIES_TRUTHS,
                           .n = self->n,
                           .kinds = ARBOR_KINDS (ARBOR_KIND_BOOL) | ARBOR_KINDS (ARBOR_KIND_NULL),
                           .truths = truths };
  return truths;
}

guint64 *
arbor_series_call_new_words (const ArborSeriesCall *self, gboolean has_kinds, ArborSeries *result)
{
  guint64 *words = arbor_series_call_new_array (self, sizeof *words);

  *result = (ArborSeries){ .form = ARBOR_SERIES_WORDS,
                           .n = self->n,
                           .kind = has_kinds ? arbor_series_call_new_array (self, 1) : NULL,
                           .words = words };
  return words;
}

ArborString *
arbor_series_call_new_strings (const ArborSeriesCall *self, gboolean has_kinds, ArborSeries *result)
{
  ArborString *strings = arbor_series_call_new_array (self, sizeof *strings);

  *result = (ArborSeries){ .form = ARBOR_SERIES_STRINGS,
                           .n = self->n,
                           .kinds = ARBOR_KINDS (ARBOR_KIND_STRING),
                           .kind = has_kinds ? arbor_series_call_new_array (self, 1) : NULL,
                           .strings = strings };
  return strings;
}

const guint8 *
arbor_series_call_list_kinds (const ArborSeriesCall *self, const ArborSeries *series)
{
  guint8 *kinds;

  if ((series->form == ARBOR_SERIES_WORDS || series->form == ARBOR_SERIES_STRINGS) &&
      series->kind != NULL)
    return series->kind;
  kinds = arbor_series_call_new_array (self, 1);
  if (series->form == ARBOR_SERIES_VALUES)
    {
      for (guint32 i = 0; i < self->n; i++)
        kinds[i] = series->values[i].kind;
      return kinds;
    }
  if (series->form == ARBOR_SERIES_TRUTHS)
    {
      static const guint8 of_truth[] = { ARBOR_KIND_BOOL, ARBOR_KIND_NULL, ARBOR_KIND_BOOL,
                                         ARBOR_KIND_MISSING, ARBOR_KIND_OPEN };

      for (guint32 i = 0; i < self->n; i++)
        kinds[i] = of_truth[series->truths[i]];
      return kinds;
    }
  if (series->form != ARBOR_SERIES_RUNS && (series->kinds & (series->kinds - 1)) == 0)
    {
      memset (kinds, arbor_series_get_kind (series, 0), self->n);
      return kinds;
    }
  for (guint32 i = 0; i < self->n; i++)
    {
      ArborValue value;

      arbor_series_get (series, i, &value);
      kinds[i] = value.kind;
    }
  return kinds;
}

void
arbor_series_call_finish_kinds (const ArborSeriesCall *self, ArborSeries *result)
{
  if (result->kind == NULL)
    return;
  result->kinds = arbor_series_collect_kinds (result->kind, self->n);
  if (self->n > 0 && (result->kinds & (result->kinds - 1)) == 0)
    result->kind = NULL;
}

ARBOR_TARGET_CLONES
static guint8
find_greatest (const guint8 *truths, guint32 n)
{
  guint8 greatest = 0;

  for (guint32 i = 0; i < n; i++)
    greatest = MAX (greatest, truths[i]);
  return greatest;
}

void
arbor_series_call_finish_truths (const ArborSeriesCall *self, ArborSeries *result)
{
  if (find_greatest (result->truths, self->n) == ARBOR_TRUTH_OPEN)
    result->kinds |= OPEN;
}

char *
arbor_series_call_new_text (const ArborSeriesCall *self, gsize size)
{
  if (size > self->bound || arbor_scope_get_used (self->texts) > MAX_TEXTS)
    return NULL;
  return arbor_scope_alloc (self->texts, MAX (size, 1));
}

const ArborValue *
arbor_series_call_get_constant (const ArborSeriesCall *self, guint argument)
{
  return self->arguments[argument].form == ARBOR_SERIES_CONSTANT
             ? &self->arguments[argument].constant
             : NULL;
}

/* The row code, place by place */

void
arbor_series_call_place (const ArborSeriesCall *self, guint32 i, ArborValue *arguments,
                         ArborValue *result)
{
  ArborScopeMark mark = arbor_scope_mark (self->texts);

  for (guint a = 0; a < self->n_arguments; a++)
    {
      arbor_series_get (&self->arguments[a], i, &arguments[a]);
      if (arguments[a].kind == ARBOR_KIND_OPEN)
        {
          *result = arguments[a];
          return;
        }
    }
  if (arbor_scope_get_used (self->texts) > MAX_TEXTS)
    {
      *result = (ArborValue){ .kind = ARBOR_KIND_OPEN };
      return;
    }
  arbor_scope_begin_budget (self->texts, self->bound);
  self->node->function->code (self->node, arguments, self->texts, result);
  if (!arbor_scope_is_over_budget (self->texts) && !arbor_scope_take_trouble (self->texts))
    return;
  arbor_scope_release (self->texts, mark);
  *result = (ArborValue){ .kind = ARBOR_KIND_OPEN };
}

/* The form that suits values of these kinds best. */
static void
settle (const ArborSeriesCall *self, const ArborValue *values, guint32 kinds, ArborSeries *result)
{
  ArborSeries all = { .form = ARBOR_SERIES_VALUES,
                      .n = self->n,
                      .kinds = kinds,
                      .values = values };

  if (!arbor_series_to_words (&all, self->arrays, result) &&
      !arbor_series_to_strings (&all, self->arrays, result))
    *result = all;
}

static const ArborSeries *
box_runs (const ArborSeriesCall *self)
{
  ArborSeries *boxed =
      arbor_scope_alloc (self->arrays, MAX (self->n_arguments, 1) * sizeof *boxed);

  for (guint a = 0; a < self->n_arguments; a++)
    if (self->arguments[a].form == ARBOR_SERIES_RUNS)
      arbor_series_to_values (&self->arguments[a], self->arrays, &boxed[a]);
    else
      boxed[a] = self->arguments[a];
  return boxed;
}

static void
run_rows (const ArborSeriesCall *self, ArborSeries *result)
{
  ArborSeriesCall call = *self;
  ArborValue *values = arbor_series_call_new_array (self, sizeof *values);
  ArborValue *arguments =
      arbor_scope_alloc (self->arrays, MAX (self->n_arguments, 1) * sizeof *arguments);
  guint32 kinds = 0;

  call.arguments = box_runs (self);
  for (guint32 i = 0; i < self->n; i++)
    {
      if (arbor_scope_is_stopped (self->texts))
        {
          for (; i < self->n; i++)
            values[i] = ARBOR_VALUE_NULL; /* nobody looks at it */
          kinds |= ARBOR_KINDS (ARBOR_KIND_NULL);
          break;
        }
      if (self->wanted != NULL && !self->wanted[i])
        values[i] = ARBOR_VALUE_NULL;
      else
        arbor_series_call_place (&call, i, arguments, &values[i]);
      kinds |= ARBOR_KINDS (values[i].kind);
    }
  settle (self, values, kinds, result);
}

/* Open places */

/* Whether the row evaluator may leave out arguments, when others have decided. */
static gboolean
is_lazy (const ArborNode *node)
{
  return !node->is_vector && (node->function->stops_at != ARBOR_STOPS_NEVER ||
                              node->function->syntax == ARBOR_SYNTAX_CHOICE);
}

/* Sets the places where @series is open; FALSE: there are none. */
static gboolean
find_open (const ArborSeries *series, guint8 *open)
{
  gboolean has_open = FALSE;
  ArborValue value;

  if (series->form == ARBOR_SERIES_RUNS)
    {
      gboolean has_inner = arbor_series_has_open (series->inner);

      for (guint32 i = 0; (has_inner || series->kind != NULL) && i < series->n; i++)
        {
          gboolean is_open = series->kind != NULL && series->kind[i] == ARBOR_KIND_OPEN;

          for (guint32 j = series->starts[i]; has_inner && !is_open && j < series->starts[i + 1];
               j++)
            {
              arbor_series_get (series->inner, j, &value);
              is_open = value.kind == ARBOR_KIND_OPEN;
            }
          open[i] |= (guint8) is_open;
          has_open |= is_open;
        }
      return has_open;
    }
  if (series->kind != NULL &&
      (series->form == ARBOR_SERIES_WORDS || series->form == ARBOR_SERIES_STRINGS))
    {
      for (guint32 i = 0; arbor_series_has_open (series) && i < series->n; i++)
        {
          gboolean is_open = series->kind[i] == ARBOR_KIND_OPEN;

          open[i] |= (guint8) is_open;
          has_open |= is_open;
        }
      return has_open;
    }
  for (guint32 i = 0; arbor_series_has_open (series) && i < series->n; i++)
    {
      arbor_series_get (series, i, &value);
      open[i] |= value.kind == ARBOR_KIND_OPEN;
      has_open |= value.kind == ARBOR_KIND_OPEN;
    }
  return has_open;
}

/* FALSE: the form does not say what kind each place has. */
static gboolean
open_in_place (const ArborSeriesCall *self, const guint8 *open, ArborSeries *result)
{
  const gboolean are_truths = result->form == ARBOR_SERIES_TRUTHS;
  const guint8 what = are_truths ? ARBOR_TRUTH_OPEN : ARBOR_KIND_OPEN;
  const guint8 *from = are_truths ? result->truths : NULL;
  guint8 *to;

  if (!are_truths && result->form != ARBOR_SERIES_WORDS && result->form != ARBOR_SERIES_STRINGS)
    return FALSE;
  /* What the code for series gave may be an argument's. */
  to = arbor_series_call_new_array (self, 1);
  if (from == NULL)
    from = arbor_series_call_list_kinds (self, result);
  for (guint32 i = 0; i < self->n; i++)
    to[i] = open[i] != 0 ? what : from[i];
  if (are_truths)
    result->truths = to;
  else
    result->kind = to;
  result->kinds |= OPEN;
  return TRUE;
}

/* What an argument leaves open is open, whatever code over series made of it: the row evaluator looks
 * at all arguments, and may meet an error there. */
static void
keep_open (const ArborSeriesCall *self, ArborSeries *result)
{
  gboolean has_open = FALSE;
  ArborValue *values;
  guint8 *open;

  if (is_lazy (self->node))
    return;
  for (guint a = 0; a < self->n_arguments; a++)
    has_open |= self->arguments[a].form == ARBOR_SERIES_RUNS
                    ? self->arguments[a].kind != NULL ||
                          arbor_series_has_open (self->arguments[a].inner)
                    : arbor_series_has_open (&self->arguments[a]);
  if (!has_open)
    return;
  open = arbor_series_call_new_array (self, 1);
  memset (open, 0, self->n);
  has_open = FALSE;
  for (guint a = 0; a < self->n_arguments; a++)
    has_open |= find_open (&self->arguments[a], open);
  if (!has_open)
    return;
  if (open_in_place (self, open, result))
    return;
  arbor_series_to_values (result, self->arrays, result);
  values = arbor_series_call_new_array (self, sizeof *values);
  memcpy (values, result->values, self->n * sizeof *values);
  for (guint32 i = 0; i < self->n; i++)
    if (open[i])
      values[i] = (ArborValue){ .kind = ARBOR_KIND_OPEN };
  *result = (ArborSeries){ .form = ARBOR_SERIES_VALUES,
                           .n = self->n,
                           .kinds = result->kinds | OPEN,
                           .values = values };
}

/* Arguments that are runs are for few; others see what the row code sees. */
gboolean
arbor_series_call_try (const ArborSeriesCall *self, ArborSeries *result)
{
  ArborScopeMark mark = arbor_scope_mark (self->arrays);
  const ArborFunction *function = self->node->function;
  ArborSeriesCall call = *self;
  gboolean has_runs = FALSE;

  for (guint a = 0; a < self->n_arguments; a++)
    has_runs |= self->arguments[a].form == ARBOR_SERIES_RUNS;
  if (function->series == NULL)
    return FALSE;
  if (has_runs && function->runs == ARBOR_RUNS_BOXED)
    call.arguments = box_runs (self);
  if (function->series (&call, result))
    {
      keep_open (self, result);
      return TRUE;
    }
  arbor_scope_release (self->arrays, mark);
  return FALSE;
}

gboolean
arbor_series_call_run (const ArborSeriesCall *self, ArborSeries *result)
{
  gboolean is_constant = TRUE;

  for (guint a = 0; a < self->n_arguments; a++)
    is_constant &= self->arguments[a].form == ARBOR_SERIES_CONSTANT;
  if (is_constant && self->n > 0)
    {
      ArborValue *arguments =
          arbor_scope_alloc (self->arrays, MAX (self->n_arguments, 1) * sizeof *arguments);
      ArborValue value;

      arbor_series_call_place (self, 0, arguments, &value);
      arbor_series_set_constant (result, &value, self->n);
      /* What it points to may be shorter-lived. */
      result->is_kept = value.kind < ARBOR_KIND_NUMBER;
      return TRUE;
    }
  if (arbor_series_call_try (self, result))
    return TRUE;
  run_rows (self, result);
  return FALSE;
}
