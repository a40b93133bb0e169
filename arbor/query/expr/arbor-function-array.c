/* What takes a vector or an array whole. Null or nothing in place of the array of an aggregate
 * counts as an array of nothing; another kind gives null.
 */

#include "query/expr/arbor-function-private.h"

#include "batch/arbor-value-access.h"
#include "query/expr/arbor-aggregate.h"

ARBOR_FUNCTION (aggregate)
{
  ArborAggregate aggregate;
  ArborValueIter iter;
  ArborValue value;

  *result = ARBOR_VALUE_NULL;
  if (call->n_arguments == 0)
    return; /* what it counts is not here: arbor_node_check_row refuses it */
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
  if (aggregate.error != NULL)
    *result = ARBOR_VALUE_NULL; /* the system has no more memory: as beyond a row's */
  arbor_aggregate_clear (&aggregate);
}

ARBOR_FUNCTION (len)
{
  const ArborValue *value = &arguments[0];

  if (value->kind == ARBOR_KIND_STRING)
    *result = ARBOR_VALUE_INT64 (arbor_function_count_characters (value->text, value->length));
  else if (value->kind >= ARBOR_KIND_ARRAY)
    *result = ARBOR_VALUE_INT64 (arbor_value_get_length (value, scope));
  else
    *result = ARBOR_VALUE_NULL;
}

ARBOR_FUNCTION (get)
{
  gint64 index;

  if (arguments[0].kind == ARBOR_KIND_OBJECT && arguments[1].kind == ARBOR_KIND_STRING)
    arbor_value_get_member (&arguments[0], arguments[1].text, arguments[1].length, scope, result);
  else if (arguments[0].kind == ARBOR_KIND_ARRAY &&
           arbor_function_get_integer (&arguments[1], &index))
    {
      guint32 n = arbor_value_get_length (&arguments[0], scope);

      arbor_value_get_element (&arguments[0], index, scope, result);
      /* An element of a vector may be missing; it is there, as null. */
      if (result->kind == ARBOR_KIND_MISSING && index < n && index >= -(gint64)n)
        *result = ARBOR_VALUE_NULL;
    }
  else
    *result = ARBOR_VALUE_NULL;
}

/* What is no array has no elements, as in a path with [*]. */
ARBOR_FUNCTION (each)
{
  ArborValue *list = NULL;
  guint32 n = 0;

  if (arguments->kind == ARBOR_KIND_ARRAY)
    list = arbor_function_read_list (arguments, scope, &n);
  arbor_function_set_list (list, list != NULL ? n : 0, result);
}

ARBOR_FUNCTION (slice)
{
  gint64 start, length;
  ArborValue *list;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_ARRAY)
    return;
  list = arbor_function_read_list (arguments, scope, &n);
  if (list != NULL && arbor_function_get_range (call, arguments, n, &start, &length))
    arbor_function_set_list (list + start, (gsize)length, result);
}

ARBOR_FUNCTION (reverse)
{
  ArborValue *list;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_ARRAY)
    return;
  list = arbor_function_read_list (arguments, scope, &n);
  if (list == NULL)
    return;

  for (guint32 i = 0; i < n / 2; i++)
    {
      ArborValue swapped = list[i];

      list[i] = list[n - 1 - i];
      list[n - 1 - i] = swapped;
    }
  arbor_function_set_list (list, n, result);
}

/* One array of the elements of @arrays; what is no array counts as an element itself. */
static void
chain (const ArborValue *arrays, guint32 n, ArborScope *scope, ArborValue *result)
{
  ArborValue *all;
  gsize n_all = 0;
  gsize n_filled = 0;

  *result = ARBOR_VALUE_NULL;
  for (guint32 i = 0; i < n; i++)
    n_all += arrays[i].kind == ARBOR_KIND_ARRAY ? arbor_value_get_length (&arrays[i], scope) : 1;
  all = arbor_function_new_list (scope, n_all);
  if (all == NULL)
    return;

  for (guint32 i = 0; i < n; i++)
    {
      ArborValueIter iter;

      if (arrays[i].kind != ARBOR_KIND_ARRAY)
        {
          all[n_filled++] = arrays[i];
          continue;
        }
      arbor_value_iter_init (&iter, &arrays[i], scope);
      for (; n_filled < n_all && arbor_value_iter_next (&iter, NULL, NULL, &all[n_filled]);
           n_filled++)
        if (all[n_filled].kind == ARBOR_KIND_MISSING)
          all[n_filled] = ARBOR_VALUE_NULL;
    }
  arbor_function_set_list (all, n_filled, result);
}

static void
concat_strings (const ArborValue *strings, guint32 n, ArborScope *scope, ArborValue *result)
{
  gsize length = 0;
  char *out;

  *result = ARBOR_VALUE_NULL;
  for (guint32 i = 0; i < n; i++)
    length += strings[i].length;
  out = arbor_function_new_string (scope, length);
  if (out == NULL)
    return;

  length = 0;
  for (guint32 i = 0; i < n; i++)
    {
      if (strings[i].length > 0)
        memcpy (out + length, strings[i].text, strings[i].length);
      length += strings[i].length;
    }
  arbor_function_set_string (out, length, result);
}

ARBOR_FUNCTION (concat)
{
  guint8 kind = arguments->kind;

  for (guint i = 1; i < call->n_arguments; i++)
    if (arguments[i].kind != kind)
      kind = ARBOR_KIND_NULL;

  if (kind == ARBOR_KIND_ARRAY)
    chain (arguments, call->n_arguments, scope, result);
  else if (kind == ARBOR_KIND_STRING)
    concat_strings (arguments, call->n_arguments, scope, result);
  else
    *result = ARBOR_VALUE_NULL;
}

ARBOR_FUNCTION (flatten)
{
  ArborValue *list;
  guint32 n;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_ARRAY)
    return;
  list = arbor_function_read_list (arguments, scope, &n);
  if (list != NULL)
    chain (list, n, scope, result);
}
