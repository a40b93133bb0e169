/* Arithmetic: builders of expressions. What each means is its function's matter (query/). */

#include "arbor-expr-private.h"

/**
 * arbor_expr_minus:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `-self`: the number with the other sign. What is no number gives null.
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
arbor_expr_minus (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("neg", self, NULL, 0, error);
}

/**
 * arbor_expr_add:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self + other`. Integers give an integer where it fits 64 bits and a double beyond; a
 * result that is not finite, and a side that is no number, give null.
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
arbor_expr_add (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("+", self, &other, 1, error);
}

/**
 * arbor_expr_subtract:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self - other`; see [method@Arbor.Expr.add].
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
arbor_expr_subtract (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("-", self, &other, 1, error);
}

/**
 * arbor_expr_multiply:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self * other`; see [method@Arbor.Expr.add].
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
arbor_expr_multiply (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("*", self, &other, 1, error);
}

/**
 * arbor_expr_divide:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self / other`: always a double. Division by zero gives null; see [method@Arbor.Expr.add].
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
arbor_expr_divide (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return arbor_expr_new_call_with ("/", self, &other, 1, error);
}

/**
 * arbor_expr_div:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self div other`: the quotient, rounded down. Division by zero gives null. The page
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
arbor_expr_div (ArborExpr *self, ArborExpr *other, GError **error)
{
  return arbor_expr_new_method ("div", self, (ArborExpr *[]){ other }, 1, 1, error);
}

/**
 * arbor_expr_mod:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `self mod other`: what `div` leaves, with the sign of @other. The page *Expressions* says
 * what other kinds give.
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
arbor_expr_mod (ArborExpr *self, ArborExpr *other, GError **error)
{
  return arbor_expr_new_method ("mod", self, (ArborExpr *[]){ other }, 1, 1, error);
}

/**
 * arbor_expr_pow:
 * @self: an expression
 * @exponent: a number as an expression
 * @error: return location for an error
 *
 * Makes `pow (self, exponent)`: an integer for integers where it fits and @exponent is not
 * negative. The page *Expressions* says what other kinds give.
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
arbor_expr_pow (ArborExpr *self, ArborExpr *exponent, GError **error)
{
  return arbor_expr_new_method ("pow", self, (ArborExpr *[]){ exponent }, 1, 1, error);
}

/**
 * arbor_expr_abs:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `abs (self)`: its distance from 0. The page *Expressions* says what other kinds give.
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
arbor_expr_abs (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("abs", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_round:
 * @self: an expression
 * @digits: (nullable): how many decimals, %NULL for 0
 * @error: return location for an error
 *
 * Makes `round (self, digits)`: to the nearest, from the middle to an even digit. The page
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
arbor_expr_round (ArborExpr *self, ArborExpr *digits, GError **error)
{
  return arbor_expr_new_method ("round", self, (ArborExpr *[]){ digits }, 1, 0, error);
}

/**
 * arbor_expr_floor:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `floor (self)`: the greatest whole number that is not above it. The page *Expressions*
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
arbor_expr_floor (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("floor", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_ceil:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `ceil (self)`: the least whole number that is not below it. The page *Expressions* says
 * what other kinds give.
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
arbor_expr_ceil (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("ceil", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_sqrt:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `sqrt (self)`: its square root; null below 0. The page *Expressions* says what other
 * kinds give.
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
arbor_expr_sqrt (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("sqrt", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_exp:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `exp (self)`: e to its power. The page *Expressions* says what other kinds give.
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
arbor_expr_exp (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("exp", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_log:
 * @self: an expression
 * @base: (nullable): a number, %NULL for e
 * @error: return location for an error
 *
 * Makes `log (self, base)`: its logarithm; null for what has none. The page *Expressions* says
 * what other kinds give.
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
arbor_expr_log (ArborExpr *self, ArborExpr *base, GError **error)
{
  return arbor_expr_new_method ("log", self, (ArborExpr *[]){ base }, 1, 0, error);
}

/**
 * arbor_expr_clip:
 * @self: an expression
 * @low: the least value, or the literal null as an expression
 * @high: the greatest value, or the literal null as an expression
 * @error: return location for an error
 *
 * Makes `clip (self, low, high)`: the nearest number within limits. The page *Expressions* says
 * what other kinds give.
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
arbor_expr_clip (ArborExpr *self, ArborExpr *low, ArborExpr *high, GError **error)
{
  return arbor_expr_new_method ("clip", self, (ArborExpr *[]){ low, high }, 2, 2, error);
}
