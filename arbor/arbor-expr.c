/* ArborExpr: an expression as an object. It wraps one node of the query layer, which checks and
 * evaluates; builder functions make larger expressions out of smaller ones and never change them.
 */

#include "arbor-expr-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"

/**
 * ArborExpr:
 *
 * An expression: what a filter, and every other query, is written in.
 *
 * Expressions are made from text ([ctor@Arbor.Expr.parse]) or with the functions of this class, and
 * both ways give equal expressions. They are immutable. What they mean, operator by operator, is
 * on the page about expressions.
 *
 * A function that combines expressions fails with %ARBOR_ERROR_EXPRESSION where one value is
 * needed and a path with `[*]` gives several: reduce it with [method@Arbor.Expr.any],
 * [method@Arbor.Expr.all] or [method@Arbor.Expr.count]. Data never makes an expression fail.
 *
 * Any thread may use an expression.
 *
 * Since: 1.0
 */
struct _ArborExpr
{
  GObject parent_instance;

  ArborNode *node;
};

G_DEFINE_FINAL_TYPE (ArborExpr, arbor_expr, G_TYPE_OBJECT)

static void
arbor_expr_finalize (GObject *object)
{
  ArborExpr *self = ARBOR_EXPR (object);

  g_clear_pointer (&self->node, arbor_node_unref);

  G_OBJECT_CLASS (arbor_expr_parent_class)->finalize (object);
}

static void
arbor_expr_class_init (ArborExprClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_expr_finalize;
}

/* An expression that was made without a constructor is null. */
static void
arbor_expr_init (ArborExpr *self)
{
}

ArborExpr *
arbor_expr_new_take (ArborNode *node)
{
  ArborExpr *self;

  if (node == NULL)
    return NULL;
  self = g_object_new (ARBOR_TYPE_EXPR, NULL);
  self->node = node;
  return self;
}

ArborNode *
arbor_expr_get_node (ArborExpr *self)
{
  if (self->node == NULL)
    {
      ArborNode *node = arbor_node_new_literal (&ARBOR_VALUE_NULL);

      if (!g_atomic_pointer_compare_and_exchange (&self->node, NULL, node))
        arbor_node_unref (node);
    }
  return self->node;
}

/* A call of @function with @self and one more argument, or none. */
static ArborExpr *
call (const char *function, ArborExpr *self, ArborExpr *other, GError **error)
{
  ArborNode *arguments[2] = { arbor_expr_get_node (self), NULL };
  guint n = 1;

  if (other != NULL)
    arguments[n++] = arbor_expr_get_node (other);
  return arbor_expr_new_take (arbor_node_new_call (function, arguments, n, error));
}

/**
 * arbor_expr_parse: (constructor)
 * @text: an expression, such as `birth.year > 1950 and name.last starts_with "A"`
 * @error: where to put an error
 *
 * Reads an expression from text.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION with the position and a mark under it. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_parse (const char *text, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);

  return arbor_expr_new_take (arbor_node_parse (text, error));
}

/**
 * arbor_expr_to_string:
 * @self: an expression
 *
 * The text of an expression, which reads back equal. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_expr_to_string (ArborExpr *self)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return arbor_node_to_string (arbor_expr_get_node (self));
}

/**
 * arbor_expr_equal:
 * @self: an expression
 * @other: another one
 *
 * Whether two expressions are written alike: the same operators on the same operands in the same
 * order. Any thread may call this.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
arbor_expr_equal (ArborExpr *self, ArborExpr *other)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), FALSE);

  return arbor_node_equal (arbor_expr_get_node (self), arbor_expr_get_node (other));
}

/**
 * arbor_expr_hash:
 * @self: an expression
 *
 * A hash that is the same for equal expressions. Any thread may call this.
 *
 * Returns: the hash
 *
 * Since: 1.0
 */
guint
arbor_expr_hash (ArborExpr *self)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), 0);

  return arbor_node_hash (arbor_expr_get_node (self));
}

/**
 * arbor_expr_is_vector:
 * @self: an expression
 *
 * Whether the expression gives any number of values for a tree, as a path with `[*]` does, and so
 * must be reduced before it can be a condition. Known from the text, not from data. Any thread may
 * call this.
 *
 * Returns: whether it gives several values
 *
 * Since: 1.0
 */
gboolean
arbor_expr_is_vector (ArborExpr *self)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), FALSE);

  return arbor_expr_get_node (self)->is_vector;
}

/**
 * arbor_expr_new_path:
 * @path: a path, such as `birth.year`, `tags[0]` or `["any key"].x`
 * @error: where to put an error
 *
 * The value at a path. A tree that has nothing there gives MISSING.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION with the position. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_path (const char *path, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  return arbor_expr_new_take (arbor_node_new_path (path, error));
}

/**
 * arbor_path:
 * @path: a path
 * @error: where to put an error
 *
 * A short name of [ctor@Arbor.Expr.new_path].
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_path (const char *path, GError **error)
{
  return arbor_expr_new_path (path, error);
}

/**
 * arbor_expr_new_null:
 *
 * The literal null. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_null (void)
{
  return arbor_expr_new_take (arbor_node_new_literal (&ARBOR_VALUE_NULL));
}

/**
 * arbor_expr_new_boolean:
 * @value: true or false
 *
 * The literal true or false. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_boolean (gboolean value)
{
  return arbor_expr_new_take (arbor_node_new_literal (&ARBOR_VALUE_BOOL (value != FALSE)));
}

/**
 * arbor_expr_new_int64:
 * @value: an integer
 *
 * An integer. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_int64 (gint64 value)
{
  return arbor_expr_new_take (arbor_node_new_literal (&ARBOR_VALUE_INT64 (value)));
}

/**
 * arbor_expr_new_uint64:
 * @value: an integer
 *
 * An integer, which may be beyond #gint64. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_uint64 (guint64 value)
{
  ArborValue literal = value <= G_MAXINT64 ? ARBOR_VALUE_INT64 ((gint64) value)
                                           : ARBOR_VALUE_UINT64 (value);

  return arbor_expr_new_take (arbor_node_new_literal (&literal));
}

/**
 * arbor_expr_new_double:
 * @value: a finite number
 * @error: where to put an error
 *
 * A number with a fraction.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for infinity and for what is not a number, which JSON does not
 * have. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_double (double value, GError **error)
{
  if (!isfinite (value))
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
                           _("A number in an expression must be finite"));
      return NULL;
    }
  return arbor_expr_new_take (arbor_node_new_literal (&ARBOR_VALUE_DOUBLE (value)));
}

/**
 * arbor_expr_new_string:
 * @value: UTF-8 text
 *
 * A string. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_string (const char *value)
{
  ArborValue literal;

  g_return_val_if_fail (value != NULL, NULL);
  g_return_val_if_fail (g_utf8_validate (value, -1, NULL), NULL);

  literal = ARBOR_VALUE_STRING (value, (guint32) strlen (value));
  return arbor_expr_new_take (arbor_node_new_literal (&literal));
}

/**
 * arbor_expr_new_json:
 * @json: JSON text of one value
 * @error: where to put an error
 *
 * Any JSON value: arrays and objects, too, and numbers that no other constructor takes.
 *
 * Errors: %ARBOR_ERROR_PARSE or %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_json (const char *json, GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);

  return arbor_expr_new_take (arbor_node_new_literal_json (json, strlen (json), error));
}

/* The nodes of @exprs behind that of @first, which may be NULL. */
static ArborExpr *
call_many (const char *function, ArborExpr *first, ArborExpr **exprs, gsize n, GError **error)
{
  g_autofree ArborNode **arguments = g_new (ArborNode *, n + 1);
  guint n_arguments = 0;

  if (first != NULL)
    arguments[n_arguments++] = arbor_expr_get_node (first);
  for (gsize i = 0; i < n; i++)
    arguments[n_arguments++] = arbor_expr_get_node (exprs[i]);
  return arbor_expr_new_take (arbor_node_new_call (function, arguments, n_arguments, error));
}

/**
 * arbor_expr_new_call:
 * @function: the name of an operator or function as it is written in text: `==`, `and`, `lower`, ...
 * @arguments: (array length=n_arguments): its operands or arguments
 * @n_arguments: how many
 * @error: where to put an error
 *
 * A call of any operator or function by name.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for an unknown name, a wrong number of arguments, or several
 * values where one is needed. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_call (const char *function, ArborExpr **arguments, gsize n_arguments,
                     GError **error)
{
  g_return_val_if_fail (function != NULL, NULL);
  g_return_val_if_fail (arguments != NULL || n_arguments == 0, NULL);
  for (gsize i = 0; i < n_arguments; i++)
    g_return_val_if_fail (ARBOR_IS_EXPR (arguments[i]), NULL);

  return call_many (function, NULL, arguments, n_arguments, error);
}

/**
 * arbor_expr_is_in:
 * @self: an expression
 * @candidates: (array length=n_candidates): what to compare it with
 * @n_candidates: how many
 * @error: where to put an error
 *
 * Whether a value equals one of several: an or of `==`.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_in (ArborExpr *self, ArborExpr **candidates, gsize n_candidates, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (candidates != NULL || n_candidates == 0, NULL);
  for (gsize i = 0; i < n_candidates; i++)
    g_return_val_if_fail (ARBOR_IS_EXPR (candidates[i]), NULL);

  return call_many ("is_in", self, candidates, n_candidates, error);
}

/**
 * arbor_expr_negate:
 * @self: a condition
 * @error: where to put an error
 *
 * The opposite of a condition, `not`. Null stays null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_negate (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("not", self, NULL, error);
}

/**
 * arbor_expr_minus:
 * @self: a number
 * @error: where to put an error
 *
 * A number with the other sign, unary `-`. Anything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_minus (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("neg", self, NULL, error);
}

/**
 * arbor_expr_is_null:
 * @self: an expression
 * @error: where to put an error
 *
 * Whether a value is JSON null. False where there is nothing.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_null (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("is_null", self, NULL, error);
}

/**
 * arbor_expr_is_missing:
 * @self: an expression
 * @error: where to put an error
 *
 * Whether there is nothing at all. False for JSON null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_is_missing (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("is_missing", self, NULL, error);
}

/**
 * arbor_expr_exists:
 * @self: an expression
 * @error: where to put an error
 *
 * Whether there is something, JSON null included.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_exists (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("exists", self, NULL, error);
}

/**
 * arbor_expr_any:
 * @self: a vector or array of conditions
 * @error: where to put an error
 *
 * Whether one of several conditions is true. Null and MISSING ones are skipped; over nothing
 * it is false.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_any (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("any", self, NULL, error);
}

/**
 * arbor_expr_all:
 * @self: a vector or array of conditions
 * @error: where to put an error
 *
 * Whether none of several conditions is false. Null and MISSING ones are skipped; over nothing
 * it is true.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_all (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("all", self, NULL, error);
}

/**
 * arbor_expr_count:
 * @self: a vector or array
 * @error: where to put an error
 *
 * How many values are there and not null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_count (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("count", self, NULL, error);
}

/**
 * arbor_expr_len:
 * @self: a string, array or object
 * @error: where to put an error
 *
 * The length: characters of a string, elements of an array, keys of an object. Anything else
 * gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_len (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("len", self, NULL, error);
}

/**
 * arbor_expr_lower:
 * @self: a string
 * @error: where to put an error
 *
 * A string in lower case. Anything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_lower (ArborExpr *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);

  return call ("lower", self, NULL, error);
}

/**
 * arbor_expr_eq:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether two values are equal, `==`. Values of different classes are not. Compared with the
 * literal null it tests for null or MISSING.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_eq (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("==", self, other, error);
}

/**
 * arbor_expr_ne:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether two values differ, `!=`.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_ne (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("!=", self, other, error);
}

/**
 * arbor_expr_lt:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether a value comes before another one of its class, `<`.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_lt (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("<", self, other, error);
}

/**
 * arbor_expr_le:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether a value comes before another one of its class or equals it, `<=`.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_le (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("<=", self, other, error);
}

/**
 * arbor_expr_gt:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether a value comes after another one of its class, `>`.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_gt (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call (">", self, other, error);
}

/**
 * arbor_expr_ge:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether a value comes after another one of its class or equals it, `>=`.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_ge (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call (">=", self, other, error);
}

/**
 * arbor_expr_both:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether both of two conditions are true, `and`. False and null is false.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_both (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("and", self, other, error);
}

/**
 * arbor_expr_either:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether at least one of two conditions is true, `or`. True or null is true.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_either (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("or", self, other, error);
}

/**
 * arbor_expr_add:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * The sum of two numbers, `+`. Anything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_add (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("+", self, other, error);
}

/**
 * arbor_expr_subtract:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * The difference of two numbers, `-`. Anything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_subtract (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("-", self, other, error);
}

/**
 * arbor_expr_multiply:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * The product of two numbers, `*`. Anything else gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_multiply (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("*", self, other, error);
}

/**
 * arbor_expr_divide:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * The quotient of two numbers, `/`, as a double. Division by zero gives null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_divide (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("/", self, other, error);
}

/**
 * arbor_expr_contains:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether a string contains another one, or an array an element.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_contains (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("contains", self, other, error);
}

/**
 * arbor_expr_starts_with:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether a string begins with another one.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_starts_with (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("starts_with", self, other, error);
}

/**
 * arbor_expr_ends_with:
 * @self: the left operand
 * @other: the right operand
 * @error: where to put an error
 *
 * Whether a string ends with another one.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION. Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_ends_with (ArborExpr *self, ArborExpr *other, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (other), NULL);

  return call ("ends_with", self, other, error);
}
