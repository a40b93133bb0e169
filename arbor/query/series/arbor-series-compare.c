/* Comparisons over series: of numbers, of strings, of truth values; what arbor-function-logic.c does.
 * Columns that mix these are for the row code.
 */

#include "query/series/arbor-series-compare.h"

#include "base/arbor-bytes.h"
#include "base/arbor-number.h"
#include "base/arbor-simd.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-numbers.h"

#define TEST(test) ((guint8) ((test) ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE))

/* One loop for each comparison, the first three: the others are these the other way round. */
#define DEFINE_LOOP(name, type, operator)                                                          \
  ARBOR_TARGET_CLONES static void name (const type *a, const type *b, guint32 n, guint8 *truths)   \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      truths[i] = TEST (a[i] operator b[i]);                                                       \
  }

DEFINE_LOOP (integers_eq, gint64, ==)
DEFINE_LOOP (integers_ne, gint64, !=)
DEFINE_LOOP (integers_lt, gint64, <)
DEFINE_LOOP (integers_le, gint64, <=)
DEFINE_LOOP (reals_eq, double, ==)
DEFINE_LOOP (reals_ne, double, !=)
DEFINE_LOOP (reals_lt, double, <)
DEFINE_LOOP (reals_le, double, <=)

#define SELECT(type, kind)                                                                         \
  static void compare_##kind (ArborComparison comparison, const type *a, const type *b, guint32 n, \
                              guint8 *truths)                                                      \
  {                                                                                                \
    switch (comparison)                                                                            \
      {                                                                                            \
      case ARBOR_COMPARISON_EQ:                                                                    \
        kind##_eq (a, b, n, truths);                                                               \
        break;                                                                                     \
      case ARBOR_COMPARISON_NE:                                                                    \
        kind##_ne (a, b, n, truths);                                                               \
        break;                                                                                     \
      case ARBOR_COMPARISON_LT:                                                                    \
        kind##_lt (a, b, n, truths);                                                               \
        break;                                                                                     \
      case ARBOR_COMPARISON_LE:                                                                    \
        kind##_le (a, b, n, truths);                                                               \
        break;                                                                                     \
      case ARBOR_COMPARISON_GT:                                                                    \
        kind##_lt (b, a, n, truths);                                                               \
        break;                                                                                     \
      case ARBOR_COMPARISON_GE:                                                                    \
        kind##_le (b, a, n, truths);                                                               \
        break;                                                                                     \
      }                                                                                            \
  }

SELECT (gint64, integers)
SELECT (double, reals)

/* Where there is nothing to compare it is null, or open. */
ARBOR_TARGET_CLONES
static void
apply_kinds (const guint8 *kind, guint8 wanted, guint32 n, guint8 *truths)
{
  for (guint32 i = 0; i < n; i++)
    truths[i] = kind[i] == wanted             ? truths[i]
                : kind[i] == ARBOR_KIND_OPEN ? ARBOR_TRUTH_OPEN
                                              : ARBOR_TRUTH_NULL;
}

/* Numbers */

/* Integers that are no doubles beside doubles. */
static void
compare_exactly (const ArborSeriesCall *call, ArborComparison comparison, const ArborNumberSeries *a,
                 const ArborNumberSeries *b, guint8 *truths)
{
  const guint8 *kind_a = arbor_number_series_list_kinds (a, call);
  const guint8 *kind_b = arbor_number_series_list_kinds (b, call);

  for (guint32 i = 0; i < call->n; i++)
    if (arbor_kind_is_word_number (kind_a[i]) && arbor_kind_is_word_number (kind_b[i]))
      {
        ArborValue x = { .kind = kind_a[i], .uint64 = a->words[i] };
        ArborValue y = { .kind = kind_b[i], .uint64 = b->words[i] };

        truths[i] = TEST (arbor_comparison_test (comparison, arbor_number_compare (&x, &y)));
      }
}

static gboolean
compare_numbers (const ArborSeriesCall *call, ArborComparison comparison, const ArborSeries *a,
                 const ArborSeries *b, guint8 *truths)
{
  ArborNumberSeries x, y;
  const guint8 *kind;

  if (!arbor_number_series_init (&x, call, a) || !arbor_number_series_init (&y, call, b) || x.has_bools ||
      y.has_bools)
    return FALSE;
  if (x.sole == ARBOR_KIND_INT64 && y.sole == ARBOR_KIND_INT64)
    compare_integers (comparison, (const gint64 *) x.words, (const gint64 *) y.words, call->n,
                      truths);
  else if (arbor_number_series_are_exact (&x, call) && arbor_number_series_are_exact (&y, call))
    compare_reals (comparison, arbor_number_series_list_reals (&x, call),
                   arbor_number_series_list_reals (&y, call), call->n, truths);
  else
    compare_exactly (call, comparison, &x, &y, truths);
  kind = arbor_number_series_merge_kinds (&x, &y, ARBOR_KIND_INT64, call);
  if (kind != NULL)
    apply_kinds (kind, ARBOR_KIND_INT64, call->n, truths);
  return TRUE;
}

/* Truth values */

static gboolean
compare_bools (const ArborSeriesCall *call, ArborComparison comparison, const ArborSeries *a,
               const ArborSeries *b, guint8 *truths)
{
  ArborSeries x, y;

  arbor_series_to_truths (a, call->arrays, &x);
  arbor_series_to_truths (b, call->arrays, &y);
  for (guint32 i = 0; i < call->n; i++)
    {
      guint8 p = x.truths[i], q = y.truths[i];
      gboolean are_both = (p == ARBOR_TRUTH_FALSE || p == ARBOR_TRUTH_TRUE) &&
                          (q == ARBOR_TRUTH_FALSE || q == ARBOR_TRUTH_TRUE);

      truths[i] = p == ARBOR_TRUTH_OPEN || q == ARBOR_TRUTH_OPEN ? ARBOR_TRUTH_OPEN
                  : !are_both ? ARBOR_TRUTH_NULL
                              : TEST (arbor_comparison_test (comparison, (int) p - (int) q));
    }
  return TRUE;
}

/* Strings */

static inline gboolean
are_equal (const ArborString *a, const ArborString *b)
{
  return a->length == b->length && (a->length == 0 || memcmp (a->bytes, b->bytes, a->length) == 0);
}

/* The kind that both have; NULL: all are strings. */
static const guint8 *
merge_string_kinds (const ArborSeriesCall *call, const ArborSeries *a, const ArborSeries *b)
{
  guint8 *kind;

  if (a->kinds == ARBOR_KINDS (ARBOR_KIND_STRING) && b->kinds == a->kinds)
    return NULL;
  kind = arbor_scope_alloc (call->arrays, MAX (call->n, 1));
  for (guint32 i = 0; i < call->n; i++)
    {
      guint8 x = arbor_series_get_kind (a, i), y = arbor_series_get_kind (b, i);

      kind[i] = x == ARBOR_KIND_OPEN || y == ARBOR_KIND_OPEN ? ARBOR_KIND_OPEN
                : x == ARBOR_KIND_STRING                      ? y
                                                              : x;
    }
  return kind;
}

static void
test_strings (const ArborSeriesCall *call, const ArborString *a, const ArborString *b,
              const guint8 *kind, guint8 equal, guint8 *truths)
{
  for (guint32 i = 0; i < call->n; i++)
    if (kind == NULL || kind[i] == ARBOR_KIND_STRING)
      truths[i] = are_equal (&a[i], &b[i]) ? equal : (guint8) (ARBOR_TRUTH_TRUE - equal);
}

static void
order_strings (const ArborSeriesCall *call, ArborComparison comparison, const ArborString *a,
               const ArborString *b, const guint8 *kind, guint8 *truths)
{
  for (guint32 i = 0; i < call->n; i++)
    if (kind == NULL || kind[i] == ARBOR_KIND_STRING)
      truths[i] = TEST (arbor_comparison_test (
          comparison, arbor_bytes_compare (a[i].bytes, a[i].length, b[i].bytes, b[i].length)));
}

static gboolean
compare_strings (const ArborSeriesCall *call, ArborComparison comparison, const ArborSeries *a,
                 const ArborSeries *b, guint8 *truths)
{
  ArborSeries x, y;
  const guint8 *kind;

  if (!arbor_series_to_strings (a, call->arrays, &x) ||
      !arbor_series_to_strings (b, call->arrays, &y))
    return FALSE;
  kind = merge_string_kinds (call, &x, &y);
  if (comparison == ARBOR_COMPARISON_EQ || comparison == ARBOR_COMPARISON_NE)
    test_strings (call, x.strings, y.strings, kind,
                  comparison == ARBOR_COMPARISON_EQ ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE, truths);
  else
    order_strings (call, comparison, x.strings, y.strings, kind, truths);
  if (kind != NULL)
    apply_kinds (kind, ARBOR_KIND_STRING, call->n, truths);
  return TRUE;
}

/* Any */

gboolean
arbor_series_compare (const ArborSeriesCall *call, ArborComparison comparison,
                      const ArborSeries *a, const ArborSeries *b, guint8 *truths)
{
  const guint32 others = ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_OPEN);
  guint32 kinds = (a->kinds | b->kinds) & ~others;

  if (a->form == ARBOR_SERIES_RUNS || b->form == ARBOR_SERIES_RUNS)
    return FALSE;
  if (kinds == ARBOR_KINDS (ARBOR_KIND_BOOL))
    return compare_bools (call, comparison, a, b, truths);
  if (kinds == ARBOR_KINDS (ARBOR_KIND_STRING))
    return compare_strings (call, comparison, a, b, truths);
  return compare_numbers (call, comparison, a, b, truths);
}

/* Whether it is null, or is not there. */
static void
test_null (const ArborSeriesCall *call, const ArborSeries *series, guint8 *truths)
{
  const guint8 *kind = arbor_series_call_list_kinds (call, series);

  for (guint32 i = 0; i < call->n; i++)
    truths[i] = kind[i] == ARBOR_KIND_OPEN ? ARBOR_TRUTH_OPEN : TEST (kind[i] <= ARBOR_KIND_NULL);
}

gboolean
arbor_series_test_equal (const ArborSeriesCall *call, guint a, guint b, guint8 *truths)
{
  const ArborSeries *x = &call->arguments[a], *y = &call->arguments[b];

  if (arbor_node_is_null_literal (call->node->arguments[a]))
    test_null (call, y, truths);
  else if (arbor_node_is_null_literal (call->node->arguments[b]))
    test_null (call, x, truths);
  else
    return arbor_series_compare (call, ARBOR_COMPARISON_EQ, x, y, truths);
  return TRUE;
}

ARBOR_SERIES (eq)
{
  guint8 *truths = arbor_series_call_new_truths (call, result);

  if (!arbor_series_test_equal (call, 0, 1, truths))
    return FALSE;
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}

ARBOR_SERIES (ne)
{
  guint8 *truths = arbor_series_call_new_truths (call, result);
  gboolean has_null_literal = arbor_node_is_null_literal (call->node->arguments[0]) ||
                              arbor_node_is_null_literal (call->node->arguments[1]);

  if (!has_null_literal)
    {
      if (!arbor_series_compare (call, ARBOR_COMPARISON_NE, &call->arguments[0],
                                 &call->arguments[1], truths))
        return FALSE;
    }
  else
    {
      arbor_series_test_equal (call, 0, 1, truths);
      for (guint32 i = 0; i < call->n; i++)
        truths[i] = truths[i] == ARBOR_TRUTH_OPEN ? ARBOR_TRUTH_OPEN
                                                   : (guint8) (ARBOR_TRUTH_TRUE - truths[i]);
    }
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}

#define DEFINE_ORDER(name, comparison)                                                             \
  ARBOR_SERIES (name)                                                                              \
  {                                                                                                \
    guint8 *truths = arbor_series_call_new_truths (call, result);                                  \
                                                                                                   \
    if (!arbor_series_compare (call, ARBOR_COMPARISON_##comparison, &call->arguments[0],           \
                               &call->arguments[1], truths))                                       \
      return FALSE;                                                                                \
    arbor_series_call_finish_truths (call, result);                                                \
    return TRUE;                                                                                   \
  }

DEFINE_ORDER (lt, LT)
DEFINE_ORDER (le, LE)
DEFINE_ORDER (gt, GT)
DEFINE_ORDER (ge, GE)

ARBOR_TARGET_CLONES
static void
take_both (const guint8 *a, const guint8 *b, guint32 n, guint8 *truths)
{
  for (guint32 i = 0; i < n; i++)
    truths[i] = (a[i] == ARBOR_TRUTH_OPEN) | (b[i] == ARBOR_TRUTH_OPEN) ? ARBOR_TRUTH_OPEN
                                                                         : MIN (a[i], b[i]);
}

ARBOR_SERIES (is_between)
{
  guint8 *truths = arbor_series_call_new_truths (call, result);
  guint8 *below = arbor_scope_alloc (call->arrays, MAX (call->n, 1));

  if (!arbor_series_compare (call, ARBOR_COMPARISON_GE, &call->arguments[0], &call->arguments[1],
                             truths) ||
      !arbor_series_compare (call, ARBOR_COMPARISON_LE, &call->arguments[0], &call->arguments[2],
                             below))
    return FALSE;
  take_both (truths, below, call->n, truths);
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}
