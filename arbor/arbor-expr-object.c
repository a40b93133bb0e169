/* Objects: builders of expressions. What each means is its function's matter (query/). */

#include "arbor-expr-private.h"

/**
 * arbor_expr_keys:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `keys (self)`: an array of the keys of an object. The page *Expressions* says what other
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
arbor_expr_keys (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("keys", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_values:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `values (self)`: an array of the values of an object. The page *Expressions* says what
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
arbor_expr_values (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("values", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_field:
 * @self: an expression
 * @key: a string as an expression
 * @error: return location for an error
 *
 * Makes `field (self, key)`: the value of a key; missing where there is none. The page
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
arbor_expr_field (ArborExpr *self, ArborExpr *key, GError **error)
{
  return arbor_expr_new_method ("field", self, (ArborExpr *[]){ key }, 1, 1, error);
}

/**
 * arbor_expr_has_key:
 * @self: an expression
 * @key: a string as an expression
 * @error: return location for an error
 *
 * Makes `has_key (self, key)`: whether an object has the key. The page *Expressions* says what
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
arbor_expr_has_key (ArborExpr *self, ArborExpr *key, GError **error)
{
  return arbor_expr_new_method ("has_key", self, (ArborExpr *[]){ key }, 1, 1, error);
}

/**
 * arbor_expr_with_field:
 * @self: an expression
 * @key: a string as an expression
 * @value: any value as an expression
 * @error: return location for an error
 *
 * Makes `with_field (self, key, value)`: the object with that value. The page *Expressions* says
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
arbor_expr_with_field (ArborExpr *self, ArborExpr *key, ArborExpr *value, GError **error)
{
  return arbor_expr_new_method ("with_field", self, (ArborExpr *[]){ key, value }, 2, 2, error);
}

/**
 * arbor_expr_without:
 * @self: an expression
 * @key: a string as an expression
 * @error: return location for an error
 *
 * Makes `without (self, key)`: the object without the key. The page *Expressions* says what other
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
arbor_expr_without (ArborExpr *self, ArborExpr *key, GError **error)
{
  return arbor_expr_new_method ("without", self, (ArborExpr *[]){ key }, 1, 1, error);
}

/**
 * arbor_expr_rename:
 * @self: an expression
 * @old_key: a string as an expression
 * @new_key: a string as an expression
 * @error: return location for an error
 *
 * Makes `rename (self, old_key, new_key)`: the object with the key renamed. The page
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
arbor_expr_rename (ArborExpr *self, ArborExpr *old_key, ArborExpr *new_key, GError **error)
{
  return arbor_expr_new_method ("rename", self, (ArborExpr *[]){ old_key, new_key }, 2, 2, error);
}

/**
 * arbor_expr_entries:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `entries (self)`: an array of an object with "key" and "value" for each member. The page
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
arbor_expr_entries (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("entries", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_from_entries:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `from_entries (self)`: the object of such an array. The page *Expressions* says what
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
arbor_expr_from_entries (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("from_entries", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}
