/* What takes a vector or an array whole. Aggregates skip null and MISSING; null or nothing in place
 * of the array counts as an array of nothing; another kind gives null.
 */

#include "query/arbor-function-private.h"

#include "batch/arbor-value-access.h"

/* FALSE, and null: no aggregate of this. */
static gboolean
begin (const ArborValue *array, ArborScope *scope, ArborValueIter *iter, ArborValue *result)
{
  *result = ARBOR_VALUE_NULL;
  if (array->kind != ARBOR_KIND_ARRAY && !arbor_value_is_null (array))
    return FALSE;

  arbor_value_iter_init (iter, array, scope);
  return TRUE;
}

ARBOR_FUNCTION (any)
{
  ArborValueIter iter;
  ArborValue value;

  if (!begin (arguments, scope, &iter, result))
    return;

  *result = ARBOR_VALUE_BOOL (FALSE);
  while (!result->boolean && arbor_value_iter_next (&iter, NULL, NULL, &value))
    result->boolean = arbor_value_is_true (&value);
}

ARBOR_FUNCTION (all)
{
  ArborValueIter iter;
  ArborValue value;

  if (!begin (arguments, scope, &iter, result))
    return;

  *result = ARBOR_VALUE_BOOL (TRUE);
  while (result->boolean && arbor_value_iter_next (&iter, NULL, NULL, &value))
    result->boolean = arbor_value_is_null (&value) || arbor_value_is_true (&value);
}

ARBOR_FUNCTION (count)
{
  ArborValueIter iter;
  ArborValue value;

  if (!begin (arguments, scope, &iter, result))
    return;

  *result = ARBOR_VALUE_INT64 (0);
  while (arbor_value_iter_next (&iter, NULL, NULL, &value))
    result->int64 += !arbor_value_is_null (&value);
}

ARBOR_FUNCTION (len)
{
  const ArborValue *value = &arguments[0];
  gint64 n = 0;

  if (value->kind == ARBOR_KIND_STRING)
    for (guint32 i = 0; i < value->length; i++)
      n += ((guchar) value->text[i] & 0xC0) != 0x80; /* bytes that begin a character */
  else if (value->kind >= ARBOR_KIND_ARRAY)
    n = arbor_value_get_length (value, scope);

  *result = value->kind >= ARBOR_KIND_STRING ? ARBOR_VALUE_INT64 (n) : ARBOR_VALUE_NULL;
}
