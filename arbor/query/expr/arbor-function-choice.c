/* Tests for null, and choices. See docs/dev/semantics.md, section 4. */

#include "query/expr/arbor-function-private.h"

ARBOR_FUNCTION (is_null)
{
  *result = ARBOR_VALUE_BOOL (arguments[0].kind == ARBOR_KIND_NULL);
}

ARBOR_FUNCTION (is_missing)
{
  *result = ARBOR_VALUE_BOOL (arguments[0].kind == ARBOR_KIND_MISSING);
}

ARBOR_FUNCTION (exists)
{
  *result = ARBOR_VALUE_BOOL (arguments[0].kind != ARBOR_KIND_MISSING);
}

ARBOR_FUNCTION (coalesce)
{
  *result = ARBOR_VALUE_NULL;
  for (guint i = 0; i < call->n_arguments && arbor_value_is_null (result); i++)
    *result = arguments[i];
  if (arbor_value_is_null (result))
    *result = ARBOR_VALUE_NULL;
}

ARBOR_FUNCTION (null_if)
{
  int equal = arbor_function_test_equal (call->arguments[0], call->arguments[1], &arguments[0],
                                         &arguments[1], scope);

  *result = equal == TRUE ? ARBOR_VALUE_NULL : arguments[0];
}

ARBOR_FUNCTION (when)
{
  guint i = 0;

  while (i + 1 < call->n_arguments && !arbor_value_is_true (&arguments[i]))
    i += 2;
  *result = arguments[i + 1 < call->n_arguments ? i + 1 : i];
}

/* case (a, b, c, ..., d): c where a == b. */
ARBOR_FUNCTION (case)
{
  *result = call->n_arguments % 2 == 0 ? arguments[call->n_arguments - 1] : ARBOR_VALUE_NULL;
  for (guint i = 1; i + 1 < call->n_arguments; i += 2)
    if (arbor_function_test_equal (call->arguments[0], call->arguments[i], &arguments[0],
                                   &arguments[i], scope) == TRUE)
      {
        *result = arguments[i + 1];
        return;
      }
}
