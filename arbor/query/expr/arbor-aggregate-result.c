/* Results of accumulators. See arbor-aggregate.h. A result that would be no finite number is null;
 * making one changes no cell.
 */

#include "query/expr/arbor-aggregate-private.h"

#include <math.h>

static void
finish_sum (const ArborSum *sum, ArborValue *result)
{
  __int128 integers = arbor_sum_get_integers (sum);

  if (sum->has_double)
    *result = ARBOR_VALUE_DOUBLE (arbor_sum_divide (sum, 1));
  else if (integers >= G_MININT64 && integers <= G_MAXINT64)
    *result = ARBOR_VALUE_INT64 ((gint64)integers);
  else if (sum->has_unsigned && integers > 0 && integers <= G_MAXUINT64)
    *result = ARBOR_VALUE_UINT64 ((guint64)integers);
  else
    *result = ARBOR_VALUE_DOUBLE ((double)integers);
}

void
arbor_aggregate_finish_group (ArborAggregate *self, guint32 group, ArborScope *scope,
                              ArborValue *result)
{
  gconstpointer cell = arbor_aggregate_get_cell (self, group);
  const ArborSum *sums = cell;
  ArborAggregateKind kind = (ArborAggregateKind)self->function->aggregate;

  *result = ARBOR_VALUE_NULL;
  if (self->is_spoilt)
    return;
  switch (kind)
    {
    case ARBOR_AGGREGATE_NONE:
      break;
    case ARBOR_AGGREGATE_COUNT:
    case ARBOR_AGGREGATE_N_UNIQUE:
      *result = ARBOR_VALUE_INT64 ((gint64) * (const guint64 *)cell);
      break;
    case ARBOR_AGGREGATE_ANY:
      *result = ARBOR_VALUE_BOOL (*(const guint8 *)cell);
      break;
    case ARBOR_AGGREGATE_ALL:
      *result = ARBOR_VALUE_BOOL (!*(const guint8 *)cell);
      break;
    case ARBOR_AGGREGATE_COLLECT:
    case ARBOR_AGGREGATE_COLLECT_UNIQUE:
      arbor_aggregate_finish_list (self, group, scope, result);
      break;
    case ARBOR_AGGREGATE_SUM:
      if (sums->n > 0 || !sums->has_others)
        finish_sum (sums, result);
      break;
    case ARBOR_AGGREGATE_MEAN:
      if (sums->n > 0)
        *result = ARBOR_VALUE_DOUBLE (arbor_sum_divide (sums, sums->n));
      break;
    case ARBOR_AGGREGATE_MIN:
    case ARBOR_AGGREGATE_MAX:
    case ARBOR_AGGREGATE_FIRST:
    case ARBOR_AGGREGATE_LAST:
      if (((const ArborValue *)cell)->kind != ARBOR_KIND_MISSING)
        *result = *(const ArborValue *)cell;
      break;
    case ARBOR_AGGREGATE_VAR:
    case ARBOR_AGGREGATE_STD:
      if (sums->n > 1)
        *result = ARBOR_VALUE_DOUBLE (arbor_sum_get_variance (
            &sums[0], &sums[1], kind == ARBOR_AGGREGATE_STD));
      break;
    case ARBOR_AGGREGATE_MEDIAN:
    case ARBOR_AGGREGATE_QUANTILE:
      arbor_aggregate_finish_quantile (self, group, scope, result);
      break;
    }

  if (result->kind == ARBOR_KIND_DOUBLE && !isfinite (result->real))
    *result = ARBOR_VALUE_NULL;
}
