/* Types: builders of expressions. What each means is its function's matter (query/). */

#include "arbor-expr-private.h"

/**
 * arbor_expr_to_number:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `to_number (self)`: the number that a string holds. The page *Expressions* says what
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
arbor_expr_to_number (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("to_number", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_cast:
 * @self: an expression
 * @type: "bool", "int", "double", "number", "string", "array" or "object" as an expression
 * @error: return location for an error
 *
 * Makes `cast (self, type)`: the value as that type, null where it cannot be. The page
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
arbor_expr_cast (ArborExpr *self, ArborExpr *type, GError **error)
{
  return arbor_expr_new_method ("cast", self, (ArborExpr *[]){ type }, 1, 1, error);
}

/**
 * arbor_expr_type_of:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `type_of (self)`: the name of the kind of the value. The page *Expressions* says what
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
arbor_expr_type_of (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("type_of", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_is_bool:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `is_bool (self)`: whether the value is of that kind. The page *Expressions* says what
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
arbor_expr_is_bool (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("is_bool", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_is_int:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `is_int (self)`: whether the value is of that kind. The page *Expressions* says what
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
arbor_expr_is_int (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("is_int", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_is_number:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `is_number (self)`: whether the value is of that kind. The page *Expressions* says what
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
arbor_expr_is_number (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("is_number", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_is_string:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `is_string (self)`: whether the value is of that kind. The page *Expressions* says what
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
arbor_expr_is_string (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("is_string", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_is_array:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `is_array (self)`: whether the value is of that kind. The page *Expressions* says what
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
arbor_expr_is_array (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("is_array", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_is_object:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `is_object (self)`: whether the value is of that kind. The page *Expressions* says what
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
arbor_expr_is_object (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("is_object", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_to_text:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `to_string (self)`: a string as it is, everything else as its JSON text. The page
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
arbor_expr_to_text (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("to_string", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}
