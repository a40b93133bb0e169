/* Reductions over runs: one result for each run, from loops over the series of all elements. What is
 * no array is null as an argument and counts as an array of nothing, as in the row code; where a
 * path led to another kind of value the result is null. One open element leaves its run open.
 *
 * min, max, first and last choose an element, so that what they give has its kind.
 */

#include "query/series/arbor-series-array.h"

#include <math.h>

#include "base/arbor-bytes.h"
#include "batch/arbor-batch.h"
#include "query/expr/arbor-aggregate.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-compare.h"
#include "query/series/arbor-series-numbers.h"
#include "query/series/arbor-series-reduce.h"

/* In place of the element that a run chose. */
#define NONE G_MAXUINT32
#define OPEN (G_MAXUINT32 - 1)

/* Runs of at most so many elements are searched through for equal ones. */
#define MAX_SEARCHED 24u

/* Whether run @i can be reduced; else *@kind is what it gives. */
static inline gboolean
is_reducible (const ArborSeries *runs, const guint8 *open, guint32 i, guint8 *kind)
{
  guint8 of = runs->kind != NULL ? runs->kind[i] : (guint8) ARBOR_KIND_ARRAY;

  *kind = ARBOR_KIND_NULL;
  if (of == ARBOR_KIND_OPEN || (open != NULL && open[i]))
    *kind = ARBOR_KIND_OPEN;
  else if (of == ARBOR_KIND_ARRAY || of <= ARBOR_KIND_NULL)
    return TRUE;
  return FALSE;
}

/* Which runs have an open element; NULL: none. */
const guint8 *
arbor_series_list_open (const ArborSeriesCall *call, const ArborSeriesCall *inner, const ArborSeries *runs)
{
  const guint8 *kind;
  guint8 *open;

  if (!arbor_series_has_open (runs->inner))
    return NULL;
  kind = arbor_series_call_list_kinds (inner, runs->inner);
  open = arbor_scope_alloc (call->arrays, MAX (call->n, 1));
  for (guint32 i = 0; i < call->n; i++)
    {
      open[i] = FALSE;
      for (guint32 j = runs->starts[i]; j < runs->starts[i + 1]; j++)
        open[i] |= kind[j] == ARBOR_KIND_OPEN;
    }
  return open;
}

/* Numbers: sum and mean */

typedef struct
{
  const ArborSeriesCall *call;
  const ArborSeries *runs;
  const guint8 *open;
  guint64 *words;
  guint8 *kind;
} Reduction;

static void
put (Reduction *self, guint32 i, const ArborValue *value)
{
  self->kind[i] = value->kind;
  self->words[i] = value->kind == ARBOR_KIND_BOOL ? value->boolean != 0 : value->uint64;
}

static gboolean
sum_runs (Reduction *self, const ArborNumberSeries *numbers, gboolean is_mean)
{
  for (guint32 i = 0; i < self->call->n; i++)
    {
      ArborRunSum sum = { 0 };
      ArborValue value = ARBOR_VALUE_NULL;

      if (is_reducible (self->runs, self->open, i, &value.kind))
        {
          arbor_run_sum_add (&sum, numbers, self->runs->starts[i], self->runs->starts[i + 1]);
          arbor_run_sum_finish (&sum, numbers, self->runs->starts[i], self->runs->starts[i + 1],
                            is_mean, &value);
        }
      put (self, i, &value);
    }
  return TRUE;
}

/* Counts and truth values */

static void
count_runs (Reduction *self, const guint8 *kind)
{
  for (guint32 i = 0; i < self->call->n; i++)
    {
      ArborValue value = ARBOR_VALUE_INT64 (0);
      guint8 other;

      for (guint32 j = self->runs->starts[i]; j < self->runs->starts[i + 1]; j++)
        value.int64 += kind == NULL || kind[j] > ARBOR_KIND_NULL;
      if (!is_reducible (self->runs, self->open, i, &other))
        value = (ArborValue){ .kind = other };
      put (self, i, &value);
    }
}

static gboolean
test_runs (Reduction *self, const guint8 *truths, gboolean is_any)
{
  guint8 decides = is_any ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE;

  for (guint32 i = 0; i < self->call->n; i++)
    {
      gboolean is_decided = FALSE;
      ArborValue value;
      guint8 other;

      for (guint32 j = self->runs->starts[i]; j < self->runs->starts[i + 1]; j++)
        is_decided |= truths[j] == decides;
      value = ARBOR_VALUE_BOOL (is_decided == is_any);
      if (!is_reducible (self->runs, self->open, i, &other))
        value = (ArborValue){ .kind = other };
      put (self, i, &value);
    }
  return TRUE;
}

/* Chosen elements */

/* What each run chose. */
static void
pick (const ArborSeriesCall *call, const ArborSeries *inner, guint32 *indices, ArborSeries *result)
{
  ArborSeries values;
  ArborValue *out;

  arbor_series_gather (inner, indices, call->n, call->arrays, result);
  if (!arbor_series_may_be (result, ARBOR_KIND_MISSING))
    return;
  if (result->form == ARBOR_SERIES_WORDS || result->form == ARBOR_SERIES_STRINGS)
    {
      guint8 *kind = (guint8 *) result->kind; /* which gather has made anew */

      for (guint32 i = 0; i < call->n; i++)
        kind[i] = indices[i] == NONE ? ARBOR_KIND_NULL : indices[i] == OPEN ? ARBOR_KIND_OPEN : kind[i];
      arbor_series_call_finish_kinds (call, result);
      return;
    }
  arbor_series_to_values (result, call->arrays, &values);
  out = (ArborValue *) values.values;
  for (guint32 i = 0; i < call->n; i++)
    if (indices[i] >= OPEN)
      out[i].kind = indices[i] == NONE ? ARBOR_KIND_NULL : ARBOR_KIND_OPEN;
  values.kinds |= ARBOR_KINDS (ARBOR_KIND_NULL) | ARBOR_KINDS (ARBOR_KIND_OPEN);
  values.kinds &= ~ARBOR_KINDS (ARBOR_KIND_MISSING);
  if (!arbor_series_has_open (inner) && !arbor_series_has_open (result))
    {
      guint32 kinds = 0;

      for (guint32 i = 0; i < call->n; i++)
        kinds |= ARBOR_KINDS (out[i].kind);
      values.kinds = kinds;
    }
  *result = values;
}

#define IS_THERE(kind, j) ((kind) == NULL || (kind)[j] > ARBOR_KIND_NULL)

/* @is_better says whether element @j goes before @best. */
#define CHOOSE(is_better)                                                                          \
  for (guint32 i = 0; i < call->n; i++)                                                            \
    {                                                                                              \
      guint32 best = NONE;                                                                         \
      guint8 other;                                                                                \
                                                                                                   \
      for (guint32 j = runs->starts[i]; j < runs->starts[i + 1]; j++)                              \
        if (IS_THERE (kind, j) && (best == NONE || (is_better)))                                   \
          best = j;                                                                                \
      indices[i] = is_reducible (runs, open, i, &other) ? best                                     \
                   : other == ARBOR_KIND_OPEN           ? OPEN                                     \
                                                        : NONE;                                    \
    }

/* By the keys that @runs has; NULL as @values: these are the elements. */
static gboolean
choose (const ArborSeriesCall *call, const ArborSeriesCall *elements, const ArborSeries *runs,
        const guint8 *open, guint aggregate, const ArborSeries *values, ArborSeries *result)
{
  guint32 *indices = arbor_scope_alloc (call->arrays, MAX ((gsize) call->n, 1) * sizeof *indices);
  const guint8 *kind = NULL;
  ArborSeries inner = *runs->inner;
  ArborNumberSeries numbers;
  ArborSeries strings;

  if (inner.form == ARBOR_SERIES_CODES && arbor_series_to_strings (runs->inner, call->arrays, &strings))
    inner = strings;
  if ((inner.kinds & (ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_OPEN))) != 0)
    kind = arbor_series_call_list_kinds (elements, &inner);
  if (aggregate == ARBOR_AGGREGATE_FIRST)
    {
      CHOOSE (FALSE)
    }
  else if (aggregate == ARBOR_AGGREGATE_LAST)
    {
      CHOOSE (TRUE)
    }
  else if (arbor_series_to_strings (&inner, call->arrays, &strings))
    {
      const ArborString *s = strings.strings;
      int sign = aggregate == ARBOR_AGGREGATE_MIN ? -1 : 1;

      CHOOSE (arbor_bytes_compare (s[j].bytes, s[j].length, s[best].bytes, s[best].length) * sign > 0)
    }
  else if (arbor_number_series_init (&numbers, elements, &inner) && !numbers.has_bools)
    {
      if (numbers.sole == ARBOR_KIND_INT64)
        {
          const gint64 *n = (const gint64 *) numbers.words;

          if (aggregate == ARBOR_AGGREGATE_MIN)
            {
              CHOOSE (n[j] < n[best])
            }
          else
            {
              CHOOSE (n[j] > n[best])
            }
        }
      else
        {
          const double *n = arbor_number_series_list_reals (&numbers, elements);

          if (!arbor_number_series_are_exact (&numbers, elements))
            return FALSE;
          if (aggregate == ARBOR_AGGREGATE_MIN)
            {
              CHOOSE (n[j] < n[best])
            }
          else
            {
              CHOOSE (n[j] > n[best])
            }
        }
    }
  else
    {
      return FALSE;
    }
  pick (call, values != NULL ? values : &inner, indices, result);
  return TRUE;
}

/* Different ones */

static inline gboolean
strings_are_equal (const ArborString *a, const ArborString *b)
{
  return a->length == b->length && (a->length == 0 || memcmp (a->bytes, b->bytes, a->length) == 0);
}

/* FALSE: a run is too long to be searched, or has others than integers or strings alone. */
static gboolean
count_unique (Reduction *self, const ArborSeriesCall *elements)
{
  const ArborSeries *inner = self->runs->inner;
  const guint8 *kind = NULL;
  ArborSeries strings = { 0 };
  ArborNumberSeries numbers = { 0 };
  gboolean are_strings = arbor_series_to_strings (inner, self->call->arrays, &strings);

  if (!are_strings && (!arbor_number_series_init (&numbers, elements, inner) || numbers.has_bools ||
                       numbers.sole != ARBOR_KIND_INT64))
    return FALSE;
  if ((inner->kinds & (ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_OPEN))) != 0)
    kind = arbor_series_call_list_kinds (elements, inner);
  for (guint32 i = 0; i < self->call->n; i++)
    {
      guint32 start = self->runs->starts[i], end = self->runs->starts[i + 1];
      ArborValue value = ARBOR_VALUE_INT64 (0);
      guint8 other;

      if (end - start > MAX_SEARCHED)
        return FALSE;
      for (guint32 j = start; j < end; j++)
        {
          gboolean is_new = IS_THERE (kind, j);

          for (guint32 k = start; k < j && is_new; k++)
            is_new = !IS_THERE (kind, k) ||
                     (are_strings ? !strings_are_equal (&strings.strings[j], &strings.strings[k])
                                  : numbers.words[j] != numbers.words[k]);
          value.int64 += is_new;
        }
      if (!is_reducible (self->runs, self->open, i, &other))
        value = (ArborValue){ .kind = other };
      put (self, i, &value);
    }
  return TRUE;
}

/* Any other aggregate of numbers: by its accumulator, without a list of the elements. */
static gboolean
accumulate (Reduction *self, const ArborSeriesCall *call)
{
  const ArborValue *parameter =
      call->n_arguments > 1 ? arbor_series_call_get_constant (call, 1) : NULL;

  if (call->n_arguments > 1 && parameter == NULL)
    return FALSE;
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborValue value = ARBOR_VALUE_NULL;
      ArborAggregate aggregate;

      if (call->wanted != NULL && !call->wanted[i])
        {
          put (self, i, &value);
          continue;
        }
      if (is_reducible (self->runs, self->open, i, &value.kind))
        {
          arbor_aggregate_init (&aggregate, call->node->function);
          aggregate.borrows = TRUE;
          if (parameter != NULL)
            arbor_aggregate_set_parameter (&aggregate, parameter);
          for (guint32 j = self->runs->starts[i]; j < self->runs->starts[i + 1]; j++)
            {
              arbor_series_get (self->runs->inner, j, &value);
              if (!arbor_aggregate_add (&aggregate, &value, call->texts))
                break;
            }
          arbor_aggregate_finish (&aggregate, call->texts, &value);
          arbor_aggregate_clear (&aggregate);
        }
      put (self, i, &value);
    }
  return TRUE;
}

static gboolean
reduce (Reduction *self, const ArborSeriesCall *elements)
{
  const guint32 others = ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_OPEN);
  const ArborSeries *inner = self->runs->inner;
  guint aggregate = self->call->node->function->aggregate;
  ArborNumberSeries numbers;
  ArborSeries truths;

  switch (aggregate)
    {
    case ARBOR_AGGREGATE_COUNT:
      count_runs (self, (inner->kinds & others) != 0 ? arbor_series_call_list_kinds (elements, inner)
                                                     : NULL);
      return TRUE;
    case ARBOR_AGGREGATE_SUM:
    case ARBOR_AGGREGATE_MEAN:
      return arbor_number_series_init (&numbers, elements, inner) && !numbers.has_bools &&
             sum_runs (self, &numbers, aggregate == ARBOR_AGGREGATE_MEAN);
    case ARBOR_AGGREGATE_ANY:
    case ARBOR_AGGREGATE_ALL:
      if ((inner->kinds & ~(others | ARBOR_KINDS (ARBOR_KIND_BOOL))) != 0 ||
          inner->form == ARBOR_SERIES_RUNS)
        return FALSE;
      arbor_series_to_truths (inner, self->call->arrays, &truths);
      return test_runs (self, truths.truths, aggregate == ARBOR_AGGREGATE_ANY);
    case ARBOR_AGGREGATE_N_UNIQUE:
      return count_unique (self, elements);
    case ARBOR_AGGREGATE_STD:
    case ARBOR_AGGREGATE_VAR:
    case ARBOR_AGGREGATE_MEDIAN:
    case ARBOR_AGGREGATE_QUANTILE:
      return accumulate (self, self->call);
    default:
      return FALSE;
    }
}

/* The elements as places of a call: what lists kinds takes these. */
ArborSeriesCall
arbor_series_get_elements (const ArborSeriesCall *call, const ArborSeries *runs)
{
  ArborSeriesCall elements = *call;

  elements.n = runs->starts[call->n];
  elements.wanted = NULL;
  return elements;
}

ARBOR_SERIES (aggregate)
{
  guint aggregate = call->node->function->aggregate;
  const ArborSeries *runs = &call->arguments[0];
  ArborSeriesCall elements;
  Reduction reduction;

  if (call->n_arguments == 0 || runs->form != ARBOR_SERIES_RUNS ||
      runs->inner->form == ARBOR_SERIES_RUNS)
    return FALSE;
  elements = arbor_series_get_elements (call, runs);
  reduction = (Reduction){ .call = call,
                           .runs = runs,
                           .open = arbor_series_list_open (call, &elements, runs) };
  if (aggregate == ARBOR_AGGREGATE_MIN || aggregate == ARBOR_AGGREGATE_MAX ||
      aggregate == ARBOR_AGGREGATE_FIRST || aggregate == ARBOR_AGGREGATE_LAST)
    return choose (call, &elements, runs, reduction.open, aggregate, NULL, result);
  reduction.words = arbor_series_call_new_words (call, TRUE, result);
  reduction.kind = (guint8 *) result->kind;
  if (!reduce (&reduction, &elements))
    return FALSE;
  result->kinds = ARBOR_KINDS (ARBOR_KIND_DOUBLE);
  arbor_series_call_finish_words (call, result);
  return TRUE;
}

/* Whether an element equals a constant. */
gboolean
arbor_series_contains_element (const ArborSeriesCall *call, ArborSeries *result)
{
  const ArborSeries *runs = &call->arguments[0];
  const ArborValue *wanted = arbor_series_call_get_constant (call, 1);
  ArborSeriesCall elements = arbor_series_get_elements (call, runs);
  const guint8 *open;
  ArborSeries constant;
  guint8 *truths, *equal;

  if (wanted == NULL || arbor_value_is_null (wanted) || runs->inner->form == ARBOR_SERIES_RUNS)
    return FALSE;
  open = arbor_series_list_open (call, &elements, runs);
  equal = arbor_scope_alloc (call->arrays, MAX (elements.n, 1));
  arbor_series_set_constant (&constant, wanted, elements.n);
  if (!arbor_series_compare (&elements, ARBOR_COMPARISON_EQ, runs->inner, &constant, equal))
    return FALSE;
  truths = arbor_series_call_new_truths (call, result);
  for (guint32 i = 0; i < call->n; i++)
    {
      guint8 of = runs->kind != NULL ? runs->kind[i] : (guint8) ARBOR_KIND_ARRAY;

      truths[i] = ARBOR_TRUTH_FALSE;
      for (guint32 j = runs->starts[i]; j < runs->starts[i + 1]; j++)
        truths[i] = equal[j] == ARBOR_TRUTH_TRUE ? ARBOR_TRUTH_TRUE : truths[i];
      if (of == ARBOR_KIND_OPEN || (open != NULL && open[i]))
        truths[i] = ARBOR_TRUTH_OPEN;
      else if (of == ARBOR_KIND_STRING)
        return FALSE;
      else if (of != ARBOR_KIND_ARRAY)
        truths[i] = ARBOR_TRUTH_NULL;
    }
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}

/* By a key */

static gboolean
choose_by (const ArborSeriesCall *call, guint aggregate, ArborSeries *result)
{
  const ArborSeries *runs, *body;
  ArborSeriesCall elements;
  ArborSeries inner, keys;
  const guint8 *open, *open_keys;

  if (!arbor_series_get_walk (call, &runs, &body))
    return FALSE;
  elements = arbor_series_get_elements (call, runs);
  inner = *runs->inner;
  if (!arbor_series_fill_missing (call, &inner))
    return FALSE;
  keys = *body;
  keys.kind = runs->kind;
  open = arbor_series_list_open (call, &elements, runs);
  open_keys = arbor_series_list_open (call, &elements, &keys);
  if (open != NULL && open_keys != NULL)
    return FALSE;
  return choose (call, &elements, &keys, open != NULL ? open : open_keys, aggregate, &inner,
                 result);
}

ARBOR_SERIES (min_by)
{
  return choose_by (call, ARBOR_AGGREGATE_MIN, result);
}

ARBOR_SERIES (max_by)
{
  return choose_by (call, ARBOR_AGGREGATE_MAX, result);
}
