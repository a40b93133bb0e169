/* is_in over series: few constants one after the other, many literals by their hashes. */

#include "query/expr/arbor-function-series.h"
#include "query/expr/arbor-function-set.h"
#include "query/series/arbor-series-compare.h"

static guint8
look_up (const ArborSeriesCall *call, const ArborLiteralSet *set, const ArborValue *value)
{
  if (value->kind == ARBOR_KIND_OPEN)
    return ARBOR_TRUTH_OPEN;
  if (arbor_value_is_null (value))
    return set->has_null ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_NULL;
  return arbor_literal_set_has (set, value, call->texts) ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE;
}

static gboolean
look_up_all (const ArborSeriesCall *call, const ArborLiteralSet *set, ArborSeries *result)
{
  guint8 *truths = arbor_series_call_new_truths (call, result);

  if ((call->arguments[0].kinds &
       (ARBOR_KINDS (ARBOR_KIND_ARRAY) | ARBOR_KINDS (ARBOR_KIND_OBJECT))) != 0)
    return FALSE;
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborValue value;

      arbor_series_get (&call->arguments[0], i, &value);
      truths[i] = look_up (call, set, &value);
    }
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}

ARBOR_SERIES (is_in)
{
  const ArborLiteralSet *set = arbor_literal_set_get (call->node);
  guint8 *truths, *equal;

  if (set != NULL)
    return look_up_all (call, set, result);
  truths = arbor_series_call_new_truths (call, result);
  equal = arbor_scope_alloc (call->arrays, MAX (call->n, 1));
  memset (truths, ARBOR_TRUTH_FALSE, call->n);
  for (guint a = 1; a < call->n_arguments; a++)
    {
      ArborScopeMark mark = arbor_scope_mark (call->arrays);

      if (!arbor_series_test_equal (call, 0, a, equal))
        return FALSE;
      /* An open one leaves the place open, whatever the others say. */
      for (guint32 i = 0; i < call->n; i++)
        truths[i] = MAX (truths[i], equal[i]);
      arbor_scope_release (call->arrays, mark);
    }
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}
