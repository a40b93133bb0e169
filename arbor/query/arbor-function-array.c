/* What takes a vector or an array whole. Null or nothing in place of the array of an aggregate
 * counts as an array of nothing; another kind gives null.
 */

#include "query/arbor-function-private.h"

#include "batch/arbor-value-access.h"
#include "query/arbor-aggregate.h"

ARBOR_FUNCTION (aggregate)
{
  ArborAggregate aggregate;
  ArborValueIter iter;
  ArborValue value;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_ARRAY && !arbor_value_is_null (arguments))
    return;

  arbor_aggregate_init (&aggregate, call->function);
  aggregate.borrows = TRUE; /* values live as long as the scope */
  if (call->n_arguments > 1)
    arbor_aggregate_set_parameter (&aggregate, &arguments[1]);

  arbor_value_iter_init (&iter, arguments, scope);
  while (arbor_value_iter_next (&iter, NULL, NULL, &value))
    if (!arbor_aggregate_add (&aggregate, &value, scope))
      break;
  arbor_aggregate_finish (&aggregate, scope, result);
  arbor_aggregate_clear (&aggregate);
}

ARBOR_FUNCTION (len)
{
  const ArborValue *value = &arguments[0];
  gint64 n = 0;

  if (value->kind == ARBOR_KIND_STRING)
    for (guint32 i = 0; i < value->length; i++)
      n += ((guchar)value->text[i] & 0xC0) != 0x80; /* bytes that begin a character */
  else if (value->kind >= ARBOR_KIND_ARRAY)
    n = arbor_value_get_length (value, scope);

  *result = value->kind >= ARBOR_KIND_STRING ? ARBOR_VALUE_INT64 (n) : ARBOR_VALUE_NULL;
}
