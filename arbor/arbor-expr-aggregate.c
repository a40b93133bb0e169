/* Aggregates: builders of expressions. What each means is its function's matter (query/). */

#include "arbor-expr-private.h"

/**
 * arbor_expr_any:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `any (self)`: true when a value of the vector or array is true, else false. Over nothing it
 * is false; what is neither a vector nor an array gives null.
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
arbor_expr_any (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("any", self, NULL, 0, error);
}

/**
 * arbor_expr_all:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `all (self)`: false when a value of the vector or array is there, not null, and not true;
 * else true. Over nothing it is true; what is neither a vector nor an array gives null.
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
arbor_expr_all (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("all", self, NULL, 0, error);
}

/**
 * arbor_expr_count:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `count (self)`: how many values of the vector or array are there and not null. What is
 * neither a vector nor an array gives null; null or nothing in place of the array counts as none.
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
arbor_expr_count (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_expr_new_call_with ("count", self, NULL, 0, error);
}

/**
 * arbor_expr_sum:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `sum (self)`: the sum of numbers, 0 of nothing, null and missing ones left out. The page
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
arbor_expr_sum (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("sum", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_mean:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `mean (self)`: the mean of numbers, null and missing ones left out. The page
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
arbor_expr_mean (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("mean", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_min:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `min (self)`: the least value, null and missing ones left out. The page *Expressions*
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
arbor_expr_min (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("min", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_max:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `max (self)`: the greatest value, null and missing ones left out. The page *Expressions*
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
arbor_expr_max (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("max", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_first:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `first (self)`: the first value, null and missing ones left out. The page *Expressions*
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
arbor_expr_first (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("first", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_last:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `last (self)`: the last value, null and missing ones left out. The page *Expressions*
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
arbor_expr_last (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("last", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_median:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `median (self)`: the median of numbers, null and missing ones left out. The page
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
arbor_expr_median (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("median", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_n_unique:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `n_unique (self)`: the number of different values, null and missing ones left out. The
 * page *Expressions* says what other kinds give.
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
arbor_expr_n_unique (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("n_unique", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_std:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `std (self)`: the sample standard deviation (n - 1) of numbers. The page *Expressions*
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
arbor_expr_std (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("std", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_variance:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `var (self)`: the sample variance (n - 1) of numbers. The page *Expressions* says what
 * other kinds give.
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
arbor_expr_variance (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("var", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_quantile:
 * @self: an expression
 * @fraction: a number from 0 to 1 as an expression
 * @error: return location for an error
 *
 * Makes `quantile (self, fraction)`: the value below which that part of the numbers lies, linear
 * between two (type 7). The page *Expressions* says what other kinds give.
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
arbor_expr_quantile (ArborExpr *self, ArborExpr *fraction, GError **error)
{
  return arbor_expr_new_method ("quantile", self, (ArborExpr *[]){ fraction }, 1, 1, error);
}

/**
 * arbor_expr_collect:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `collect (self)`: all values as an array. The page *Expressions*
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
arbor_expr_collect (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("collect", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_collect_unique:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `collect_unique (self)`: the values that differ as an array. The page *Expressions*
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
arbor_expr_collect_unique (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("collect_unique", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}
