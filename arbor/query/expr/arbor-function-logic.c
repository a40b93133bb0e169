/* Comparison and logic. Three-valued: null is what a null, a MISSING or an operand of
 * the wrong kind gives; see docs/dev/semantics.md, section 4.
 */

#include "query/expr/arbor-function-private.h"

#include "batch/arbor-value-access.h"
#include "query/expr/arbor-function-set.h"

/* A truth value as 0 or 1; -1 is null. */
static int
get_truth (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_BOOL ? !!value->boolean : -1;
}

/* Operands, one after the other: @decides is the truth value that settles the matter. */
static void
combine (const ArborNode *call, const ArborValue *arguments, int decides, ArborValue *result)
{
  gboolean has_null = FALSE;

  for (guint i = 0; i < call->n_arguments; i++)
    {
      int truth = get_truth (&arguments[i]);

      if (truth == decides)
        {
          *result = ARBOR_VALUE_BOOL (decides);
          return;
        }
      has_null |= truth < 0;
    }
  *result = has_null ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (!decides);
}

ARBOR_FUNCTION (or)
{
  combine (call, arguments, TRUE, result);
}

ARBOR_FUNCTION (and)
{
  combine (call, arguments, FALSE, result);
}

ARBOR_FUNCTION (not)
{
  int truth = get_truth (arguments);

  *result = truth < 0 ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (!truth);
}

int
arbor_function_test_equal (const ArborNode *node_a, const ArborNode *node_b, const ArborValue *a,
                           const ArborValue *b, ArborScope *scope)
{
  if (arbor_node_is_null_literal (node_a))
    return arbor_value_is_null (b);
  if (arbor_node_is_null_literal (node_b))
    return arbor_value_is_null (a);
  if (arbor_value_is_null (a) || arbor_value_is_null (b))
    return -1;
  return arbor_value_equal (a, b, scope);
}

ARBOR_FUNCTION (eq)
{
  int equal = arbor_function_test_equal (call->arguments[0], call->arguments[1], &arguments[0],
                                         &arguments[1], scope);

  *result = equal < 0 ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (equal);
}

ARBOR_FUNCTION (ne)
{
  int equal = arbor_function_test_equal (call->arguments[0], call->arguments[1], &arguments[0],
                                         &arguments[1], scope);

  *result = equal < 0 ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (!equal);
}

/* FALSE: they have no order that means anything, the result is null. */
static gboolean
get_order (const ArborValue *a, const ArborValue *b, ArborScope *scope, int *order)
{
  gboolean are_numbers = arbor_kind_is_number (a->kind) && arbor_kind_is_number (b->kind);

  if (!are_numbers && (a->kind != b->kind || arbor_value_is_null (a) ||
                       a->kind == ARBOR_KIND_OBJECT))
    return FALSE;

  *order = arbor_value_compare (a, b, scope);
  return TRUE;
}

#define DEFINE_ORDER(name, operator)                                                               \
  ARBOR_FUNCTION (name)                                                                            \
  {                                                                                                \
    int order;                                                                                     \
                                                                                                   \
    *result = get_order (&arguments[0], &arguments[1], scope, &order)                              \
                  ? ARBOR_VALUE_BOOL (order operator 0)                                            \
                  : ARBOR_VALUE_NULL;                                                              \
  }

DEFINE_ORDER (lt, <)
DEFINE_ORDER (le, <=)
DEFINE_ORDER (gt, >)
DEFINE_ORDER (ge, >=)

/* As a >= b and a <= c. */
ARBOR_FUNCTION (is_between)
{
  int order;
  int above = get_order (&arguments[0], &arguments[1], scope, &order) ? order >= 0 : -1;
  int below = get_order (&arguments[0], &arguments[2], scope, &order) ? order <= 0 : -1;

  if (above == FALSE || below == FALSE)
    *result = ARBOR_VALUE_BOOL (FALSE);
  else
    *result = above < 0 || below < 0 ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (TRUE);
}

ARBOR_FUNCTION (is_in)
{
  const ArborLiteralSet *set = arbor_literal_set_get (call);
  gboolean has_null = FALSE;

  if (set != NULL)
    {
      if (!arbor_value_is_null (&arguments[0]))
        *result = ARBOR_VALUE_BOOL (arbor_literal_set_has (set, &arguments[0], scope));
      else
        *result = set->has_null ? ARBOR_VALUE_BOOL (TRUE) : ARBOR_VALUE_NULL;
      return;
    }

  for (guint i = 1; i < call->n_arguments; i++)
    {
      int equal = arbor_function_test_equal (call->arguments[0], call->arguments[i],
                                             &arguments[0], &arguments[i], scope);

      if (equal == TRUE)
        {
          *result = ARBOR_VALUE_BOOL (TRUE);
          return;
        }
      has_null |= equal < 0;
    }
  *result = has_null ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (FALSE);
}
