/* Arithmetic of one number, over series: what arbor-function-rounding.c does. */

#include "base/arbor-simd.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-compare.h"
#include "query/series/arbor-series-numbers.h"

#include <math.h>

/* FALSE: an integer has none, so that all are done again. */
typedef gboolean (*IntegerLoop) (const gint64 *a, guint32 n, gint64 *out);
typedef void (*RealLoop) (const double *a, guint32 n, double *out);

/* The kinds of the result: @kind where there is a number. */
static const guint8 *
make_kinds (const ArborSeriesCall *call, const ArborNumberSeries *numbers, guint8 kind)
{
  return arbor_number_series_merge_kinds (numbers, numbers, kind, call);
}

static void
run_reals (const ArborSeriesCall *call, RealLoop reals, const ArborNumberSeries *numbers,
           ArborSeries *result)
{
  double *out = (double *) (gpointer) arbor_series_call_new_words (call, FALSE, result);

  reals (arbor_number_series_list_reals (numbers, call), call->n, out);
  result->kinds = ARBOR_KINDS (ARBOR_KIND_DOUBLE);
  result->kind = make_kinds (call, numbers, ARBOR_KIND_DOUBLE);
  arbor_series_call_finish_words (call, result);
}

/* Integers and doubles side by side: each loop goes over all places, and each place takes its own. */
static void
run_mixed (const ArborSeriesCall *call, IntegerLoop integers, RealLoop reals,
           const ArborNumberSeries *numbers, ArborSeries *result)
{
  guint64 *out = arbor_series_call_new_words (call, TRUE, result);
  guint8 *kind = (guint8 *) result->kind;
  const guint8 *from = arbor_number_series_list_kinds (numbers, call);

  reals (arbor_number_series_list_reals (numbers, call), call->n, (double *) (gpointer) out);
  for (guint32 i = 0; i < call->n; i++)
    {
      gint64 integer;

      kind[i] = from[i] == ARBOR_KIND_DOUBLE || from[i] == ARBOR_KIND_OPEN ? from[i]
                                                                            : ARBOR_KIND_NULL;
      if (from[i] != ARBOR_KIND_INT64)
        continue;
      kind[i] = ARBOR_KIND_DOUBLE;
      if (integers ((const gint64 *) &numbers->words[i], 1, &integer))
        {
          kind[i] = ARBOR_KIND_INT64;
          out[i] = (guint64) integer;
        }
    }
  result->kinds = ARBOR_KINDS (ARBOR_KIND_INT64) | ARBOR_KINDS (ARBOR_KIND_DOUBLE);
  arbor_series_call_finish_words (call, result);
}

/* @integers: NULL where these are done as doubles. */
static gboolean
run (const ArborSeriesCall *call, IntegerLoop integers, RealLoop reals, ArborSeries *result)
{
  ArborNumberSeries numbers;
  gint64 *out;

  if (!arbor_number_series_init (&numbers, call, &call->arguments[0]))
    return FALSE;
  if (integers == NULL || numbers.sole == ARBOR_KIND_DOUBLE)
    {
      run_reals (call, reals, &numbers, result);
      return TRUE;
    }
  if (numbers.sole == ARBOR_KIND_INT64)
    {
      out = (gint64 *) arbor_series_call_new_words (call, FALSE, result);
      if (integers ((const gint64 *) numbers.words, call->n, out))
        {
          result->kinds = ARBOR_KINDS (ARBOR_KIND_INT64);
          result->kind = make_kinds (call, &numbers, ARBOR_KIND_INT64);
          arbor_series_call_finish_words (call, result);
          return TRUE;
        }
    }
  run_mixed (call, integers, reals, &numbers, result);
  return TRUE;
}

#define DEFINE_REALS(name, calculate)                                                              \
  ARBOR_TARGET_CLONES static void name##_reals (const double *a, guint32 n, double *out)           \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      out[i] = calculate (a[i]);                                                                   \
  }

#define NEGATE(a) (-(a))

DEFINE_REALS (neg, NEGATE)
DEFINE_REALS (abs, fabs)
DEFINE_REALS (floor, floor)
DEFINE_REALS (ceil, ceil)

ARBOR_TARGET_CLONES
static gboolean
neg_integers (const gint64 *a, guint32 n, gint64 *out)
{
  guint64 n_least = 0;

  for (guint32 i = 0; i < n; i++)
    {
      n_least += a[i] == G_MININT64;
      out[i] = (gint64) (0 - (guint64) a[i]);
    }
  return n_least == 0;
}

ARBOR_TARGET_CLONES
static gboolean
abs_integers (const gint64 *a, guint32 n, gint64 *out)
{
  guint64 n_least = 0;

  for (guint32 i = 0; i < n; i++)
    {
      n_least += a[i] == G_MININT64;
      out[i] = (gint64) (a[i] < 0 ? 0 - (guint64) a[i] : (guint64) a[i]);
    }
  return n_least == 0;
}

static gboolean
keep_integers (const gint64 *a, guint32 n, gint64 *out)
{
  memcpy (out, a, (gsize) n * sizeof *out);
  return TRUE;
}

ARBOR_SERIES (neg)
{
  return run (call, neg_integers, neg_reals, result);
}

ARBOR_SERIES (abs)
{
  return run (call, abs_integers, abs_reals, result);
}

ARBOR_SERIES (floor)
{
  return run (call, keep_integers, floor_reals, result);
}

ARBOR_SERIES (ceil)
{
  return run (call, keep_integers, ceil_reals, result);
}

/* What the C library computes one by one: not for places that nobody asks for. */
static gboolean
run_code (const ArborSeriesCall *call, double (*code) (double), ArborSeries *result)
{
  ArborNumberSeries numbers;
  const double *from;
  double *out;

  if (!arbor_number_series_init (&numbers, call, &call->arguments[0]))
    return FALSE;
  from = arbor_number_series_list_reals (&numbers, call);
  out = (double *) (gpointer) arbor_series_call_new_words (call, FALSE, result);
  for (guint32 i = 0; i < call->n; i++)
    out[i] = call->wanted == NULL || call->wanted[i] ? code (from[i]) : 0;
  result->kinds = ARBOR_KINDS (ARBOR_KIND_DOUBLE);
  result->kind = make_kinds (call, &numbers, ARBOR_KIND_DOUBLE);
  arbor_series_call_finish_words (call, result);
  return TRUE;
}

ARBOR_SERIES (sqrt)
{
  return run_code (call, sqrt, result);
}

ARBOR_SERIES (exp)
{
  return run_code (call, exp, result);
}

/* To a literal base that has code of its own. */
ARBOR_SERIES (log)
{
  const ArborValue *base = call->n_arguments > 1 ? arbor_series_call_get_constant (call, 1) : NULL;
  double number;

  if (call->n_arguments == 1)
    return run_code (call, log, result);
  if (base == NULL || !arbor_kind_is_word_number (base->kind))
    return FALSE;
  number = arbor_word_get_real (base->uint64, base->kind);
  if (number != 2 && number != 10)
    return FALSE;
  return run_code (call, number == 2 ? log2 : log10, result);
}

/* Integers stay as they are where no digits before the point are to go. */
ARBOR_SERIES (round)
{
  const ArborValue *n = call->n_arguments > 1 ? arbor_series_call_get_constant (call, 1) : NULL;
  gint64 digits = 0;
  ArborNumberSeries numbers;
  const guint8 *from;
  guint64 *out;
  guint8 *kind;

  if (call->n_arguments > 1 &&
      (n == NULL || !arbor_function_get_integer (n, &digits) || digits < 0))
    return FALSE;
  if (!arbor_number_series_init (&numbers, call, &call->arguments[0]))
    return FALSE;
  from = arbor_number_series_list_kinds (&numbers, call);
  out = arbor_series_call_new_words (call, TRUE, result);
  kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      kind[i] = arbor_kind_is_word_number (from[i]) || from[i] == ARBOR_KIND_OPEN
                    ? from[i]
                    : ARBOR_KIND_NULL;
      out[i] = numbers.words[i];
      if (from[i] == ARBOR_KIND_DOUBLE && (call->wanted == NULL || call->wanted[i]))
        out[i] = arbor_word_from_real (
            arbor_function_round_double (arbor_word_to_real (numbers.words[i]), digits));
    }
  result->kinds = ARBOR_KINDS (ARBOR_KIND_DOUBLE);
  arbor_series_call_finish_words (call, result);
  return TRUE;
}

/* Whether it is numbers, and nothing, alone. */
static gboolean
is_of_numbers (const ArborSeries *series)
{
  const guint32 kinds = ARBOR_KINDS (ARBOR_KIND_INT64) | ARBOR_KINDS (ARBOR_KIND_DOUBLE) |
                        ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_OPEN);

  return (series->kinds & ~kinds) == 0 && series->form != ARBOR_SERIES_RUNS;
}

/* One of three comparisons that decide: a limit that is a literal null is none. */
static gboolean
compare_limits (const ArborSeriesCall *call, guint a, ArborComparison comparison, guint b,
                const guint8 **truths)
{
  guint8 *out;
  ArborSeries series;

  *truths = NULL;
  if (arbor_node_is_null_literal (call->node->arguments[a]) ||
      arbor_node_is_null_literal (call->node->arguments[b]))
    return TRUE;
  out = arbor_series_call_new_truths (call, &series);
  *truths = out;
  return arbor_series_compare (call, comparison, &call->arguments[a], &call->arguments[b], out);
}

ARBOR_SERIES (clip)
{
  const guint8 *below, *above, *crossed, *number;
  guint16 *choice;
  guint8 *self;
  ArborSeries series;

  for (guint a = 0; a < 3; a++)
    if (!is_of_numbers (&call->arguments[a]))
      return FALSE;
  /* Whether there is a number is what comparing it with itself tells. */
  self = arbor_series_call_new_truths (call, &series);
  number = self;
  if (!compare_limits (call, 0, ARBOR_COMPARISON_LT, 1, &below) ||
      !compare_limits (call, 0, ARBOR_COMPARISON_GT, 2, &above) ||
      !compare_limits (call, 1, ARBOR_COMPARISON_GT, 2, &crossed) ||
      !arbor_series_compare (call, ARBOR_COMPARISON_EQ, &call->arguments[0], &call->arguments[0],
                             self))
    return FALSE;
  choice = arbor_scope_alloc (call->arrays, MAX ((gsize) call->n, 1) * sizeof *choice);
  for (guint32 i = 0; i < call->n; i++)
    {
      guint8 low = below != NULL ? below[i] : ARBOR_TRUTH_FALSE;
      guint8 high = above != NULL ? above[i] : ARBOR_TRUTH_FALSE;
      guint8 both = crossed != NULL ? crossed[i] : ARBOR_TRUTH_FALSE;

      if (number[i] == ARBOR_TRUTH_OPEN || low == ARBOR_TRUTH_OPEN || high == ARBOR_TRUTH_OPEN)
        choice[i] = ARBOR_CHOICE_OPEN;
      else if (number[i] == ARBOR_TRUTH_NULL || low == ARBOR_TRUTH_NULL ||
               high == ARBOR_TRUTH_NULL || both == ARBOR_TRUTH_TRUE)
        choice[i] = ARBOR_CHOICE_NULL;
      else
        choice[i] = low == ARBOR_TRUTH_TRUE ? 1 : high == ARBOR_TRUTH_TRUE ? 2 : 0;
    }
  arbor_series_call_choose (call, choice, result);
  return TRUE;
}
