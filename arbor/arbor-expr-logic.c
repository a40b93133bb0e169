/* Comparison, logic and tests for null: builders of expressions. What each means is its function's matter (query/). */

#include "arbor-expr-private.h"

/**
 * arbor_expr_negate:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `not self`: true becomes false, false becomes true, everything else null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_negate (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("not", self, NULL, 0, error);
}

/**
 * arbor_expr_is_null:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `is_null (self)`: true where the value is JSON null; a missing value is not.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_null (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("is_null", self, NULL, 0, error);
}

/**
 * arbor_expr_is_missing:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `is_missing (self)`: true where there is nothing at all; null is something.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_missing (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("is_missing", self, NULL, 0, error);
}

/**
 * arbor_expr_exists:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `exists (self)`: true where there is a value, be it null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_exists (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("exists", self, NULL, 0, error);
}

/**
 * arbor_expr_eq:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self == other`: true where both are equal by value, whatever the kind of number and the
 * order of keys; false for values of different kinds. A null or missing side gives null, but with
 * the literal null as one side it asks whether the other is null or missing.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_eq (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("==", self, &other, 1, error);
}

/**
 * arbor_expr_ne:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self != other`: true where [method@Arbor.Expr.eq] is false, false where it is true, else
 * null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_ne (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("!=", self, &other, 1, error);
}

/**
 * arbor_expr_lt:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self < other`, for two numbers, strings, truth values or arrays; everything else gives
 * null. Numbers compare by exact value, strings by bytes.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_lt (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("<", self, &other, 1, error);
}

/**
 * arbor_expr_le:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self <= other`; see [method@Arbor.Expr.lt].
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_le (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("<=", self, &other, 1, error);
}

/**
 * arbor_expr_gt:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self > other`; see [method@Arbor.Expr.lt].
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_gt (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with (">", self, &other, 1, error);
}

/**
 * arbor_expr_ge:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self >= other`; see [method@Arbor.Expr.lt].
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_ge (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with (">=", self, &other, 1, error);
}

/**
 * arbor_expr_both:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self and other`: false where one is false, true where both are true, else null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_both (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("and", self, &other, 1, error);
}

/**
 * arbor_expr_either:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self or other`: true where one is true, false where both are false, else null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_either (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("or", self, &other, 1, error);
}

/**
 * arbor_expr_is_in:
 * @self: an expression
 * @candidates: (array length=n_candidates) (nullable): what to compare it with, each one value
 * @n_candidates: how many
 * @error: return location for an error
 *
 * Makes `self in [...]`: true where [method@Arbor.Expr.eq] is true for one of the candidates, else
 * null where it is null for one, else false.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when a candidate is vector valued, or when the expression becomes
 * larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_in (ArborExpr *self, ArborExpr **candidates, gsize n_candidates, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (candidates != NULL || n_candidates == 0, NULL);
  g_return_val_if_fail (n_candidates < G_MAXUINT32, NULL);
  for (gsize i = 0; i < n_candidates; i++)
    g_return_val_if_fail (ARBOR_IS_EXPR (candidates[i]), NULL);

  return arbor_expr_new_call_with ("is_in", self, candidates, n_candidates, error);
}

/**
 * arbor_expr_is_between:
 * @self: an expression
 * @low: the least value as an expression
 * @high: the greatest value as an expression
 * @error: return location for an error
 *
 * Makes `self is_between (low, high)`: `self >= low and self <= high`. The page *Expressions*
 * says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_between (ArborExpr *self, ArborExpr *low, ArborExpr *high, GError **error)
{
  return arbor_expr_new_method ("is_between", self, (ArborExpr *[]){ low, high }, 2, 2, error);
}

/**
 * arbor_expr_if_null:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `if_null (self, other)`: @other where @self is null or missing, else @self. The page
 * *Expressions* says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_if_null (ArborExpr *self, ArborExpr *other, GError **error)
{
  return arbor_expr_new_method ("if_null", self, (ArborExpr *[]){ other }, 1, 1, error);
}

/**
 * arbor_expr_null_if:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `null_if (self, other)`: null where both are equal, else @self. The page *Expressions*
 * says what other kinds give.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be,
 * when an argument has many values where one is needed, or when a literal cannot be meant.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_null_if (ArborExpr *self, ArborExpr *other, GError **error)
{
  return arbor_expr_new_method ("null_if", self, (ArborExpr *[]){ other }, 1, 1, error);
}

/**
 * arbor_expr_when:
 * @self: a condition
 * @value: what is taken where it is true
 * @otherwise: what is taken elsewhere
 * @error: return location for an error
 *
 * Makes `when self then value otherwise otherwise`. What is not taken is not evaluated.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when the expression becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_when (ArborExpr *self, ArborExpr *value, ArborExpr *otherwise, GError **error)
{
  return arbor_expr_new_method ("when", self, (ArborExpr *[]){ value, otherwise }, 2, 2, error);
}
