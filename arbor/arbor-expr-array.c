/* Arrays: builders of expressions. What each means is its function's matter (query/). */

#include "arbor-expr-private.h"

/**
 * arbor_expr_item:
 * @self: an expression
 * @key: a position, from 0, or below 0 from the end; of an object a key as an expression
 * @error: return location for an error
 *
 * Makes `get (self, key)`: the element or the member; missing where there is none. The page
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
arbor_expr_item (ArborExpr *self, ArborExpr *key, GError **error)
{
  return arbor_expr_new_method ("get", self, (ArborExpr *[]){ key }, 1, 1, error);
}

/**
 * arbor_expr_each:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `each (self)`, which as text is `self[*]` behind a call: the elements of an array as many
 * values; none where there is no array. The page *Expressions* says what vectors are.
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
arbor_expr_each (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("each", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_slice:
 * @self: an expression
 * @start: a position, from 0, or below 0 from the end as an expression
 * @length: (nullable): how many elements, %NULL for all
 * @error: return location for an error
 *
 * Makes `slice (self, start, length)`: these elements of the array. The page *Expressions* says
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
arbor_expr_slice (ArborExpr *self, ArborExpr *start, ArborExpr *length, GError **error)
{
  return arbor_expr_new_method ("slice", self, (ArborExpr *[]){ start, length }, 2, 1, error);
}

/**
 * arbor_expr_unique:
 * @self: an expression
 * @key: (nullable): an expression of the element, %NULL for itself
 * @error: return location for an error
 *
 * Makes `unique (self, key)`: the first element of each key. The page *Expressions* says what
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
arbor_expr_unique (ArborExpr *self, ArborExpr *key, GError **error)
{
  return arbor_expr_new_method ("unique", self, (ArborExpr *[]){ key }, 1, 0, error);
}

/**
 * arbor_expr_sort:
 * @self: an expression
 * @key: (nullable): an expression of the element, %NULL for itself
 * @descending: (nullable): a truth value, %NULL for false
 * @error: return location for an error
 *
 * Makes `sort (self, key, descending)`: the elements in the order of their keys, null ones last.
 * The page *Expressions* says what other kinds give.
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
arbor_expr_sort (ArborExpr *self, ArborExpr *key, ArborExpr *descending, GError **error)
{
  return arbor_expr_new_method ("sort", self, (ArborExpr *[]){ key, descending }, 2, 0, error);
}

/**
 * arbor_expr_reverse:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `reverse (self)`: the elements, last first. The page *Expressions* says what other kinds
 * give.
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
arbor_expr_reverse (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("reverse", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_concat:
 * @self: an expression
 * @other: another expression
 * @error: return location for an error
 *
 * Makes `concat (self, other)`: two arrays, or two strings, as one. The page *Expressions* says
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
arbor_expr_concat (ArborExpr *self, ArborExpr *other, GError **error)
{
  return arbor_expr_new_method ("concat", self, (ArborExpr *[]){ other }, 1, 1, error);
}

/**
 * arbor_expr_flatten:
 * @self: an expression
 * @error: return location for an error
 *
 * Makes `flatten (self)`: the elements of its arrays, one level deep. The page *Expressions* says
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
arbor_expr_flatten (ArborExpr *self, GError **error)
{
  return arbor_expr_new_method ("flatten", self, (ArborExpr *[]){ NULL }, 0, 0, error);
}

/**
 * arbor_expr_map:
 * @self: an expression
 * @body: an expression of the element as an expression
 * @error: return location for an error
 *
 * Makes `map (self, body)`: @body of each element, which is [func@Arbor.element] in it. The page
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
arbor_expr_map (ArborExpr *self, ArborExpr *body, GError **error)
{
  return arbor_expr_new_method ("map", self, (ArborExpr *[]){ body }, 1, 1, error);
}

/**
 * arbor_expr_filter:
 * @self: an expression
 * @condition: a condition on the element as an expression
 * @error: return location for an error
 *
 * Makes `filter (self, condition)`: the elements for which it is true. The page *Expressions*
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
arbor_expr_filter (ArborExpr *self, ArborExpr *condition, GError **error)
{
  return arbor_expr_new_method ("filter", self, (ArborExpr *[]){ condition }, 1, 1, error);
}

/**
 * arbor_expr_min_by:
 * @self: an expression
 * @key: an expression of the element as an expression
 * @error: return location for an error
 *
 * Makes `min_by (self, key)`: the element for which it is least. The page *Expressions* says what
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
arbor_expr_min_by (ArborExpr *self, ArborExpr *key, GError **error)
{
  return arbor_expr_new_method ("min_by", self, (ArborExpr *[]){ key }, 1, 1, error);
}

/**
 * arbor_expr_max_by:
 * @self: an expression
 * @key: an expression of the element as an expression
 * @error: return location for an error
 *
 * Makes `max_by (self, key)`: the element for which it is greatest. The page *Expressions* says
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
arbor_expr_max_by (ArborExpr *self, ArborExpr *key, GError **error)
{
  return arbor_expr_new_method ("max_by", self, (ArborExpr *[]){ key }, 1, 1, error);
}
