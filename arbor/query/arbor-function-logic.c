/* Comparison, logic, tests for null. Three-valued: null is what a null, a MISSING or an operand of
 * the wrong kind gives; see docs/dev/semantics.md, section 4.
 */

#include "query/arbor-function-private.h"

#include "batch/arbor-value-access.h"

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

/* 0 or 1; -1: null. A literal null as operand asks whether the other is null or MISSING. */
static int
test_equal (const ArborNode *node_a, const ArborNode *node_b, const ArborValue *a,
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
  int equal = test_equal (call->arguments[0], call->arguments[1], &arguments[0], &arguments[1],
                          scope);

  *result = equal < 0 ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (equal);
}

ARBOR_FUNCTION (ne)
{
  int equal = test_equal (call->arguments[0], call->arguments[1], &arguments[0], &arguments[1],
                          scope);

  *result = equal < 0 ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (!equal);
}

/* FALSE: they have no order that means anything, the result is null. */
static gboolean
get_order (const ArborValue *arguments, ArborScope *scope, int *order)
{
  const ArborValue *a = &arguments[0];
  const ArborValue *b = &arguments[1];
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
    *result = get_order (arguments, scope, &order) ? ARBOR_VALUE_BOOL (order operator 0)           \
                                                   : ARBOR_VALUE_NULL;                             \
  }

DEFINE_ORDER (lt, <)
DEFINE_ORDER (le, <=)
DEFINE_ORDER (gt, >)
DEFINE_ORDER (ge, >=)

ARBOR_FUNCTION (is_in)
{
  gboolean has_null = FALSE;

  for (guint i = 1; i < call->n_arguments; i++)
    {
      int equal = test_equal (call->arguments[0], call->arguments[i], &arguments[0],
                              &arguments[i], scope);

      if (equal == TRUE)
        {
          *result = ARBOR_VALUE_BOOL (TRUE);
          return;
        }
      has_null |= equal < 0;
    }
  *result = has_null ? ARBOR_VALUE_NULL : ARBOR_VALUE_BOOL (FALSE);
}

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
