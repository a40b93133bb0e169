/* ArborExpr: a node (query/expr/arbor-node.h) as an object. All rules are the node's; what lies here is
 * how each builder is called.
 */

#include "arbor-expr-private.h"
#include "arbor-task-private.h"

/**
 * ArborExpr:
 *
 * An expression: what is asked of a tree.
 *
 * Filters take one that says true or not; others compute a value. An expression is made from text,
 *
 * ```c
 * g_autoptr (ArborExpr) tall = arbor_expr_parse ("height > 80 and bats == \"L\"", &error);
 * ```
 *
 * from text with values from outside, which are never read as text,
 *
 * ```c
 * g_autoptr (ArborExpr) tall = arbor_expr_parsef ("height > %d and bats == %s", &error, limit, hand);
 * ```
 *
 * or by builders, of which each returns a new expression:
 *
 * ```c
 * g_autoptr (ArborExpr) height = arbor_path ("height", &error);
 * g_autoptr (ArborExpr) tall = arbor_expr_gt_int (height, 80, &error);
 * ```
 *
 * [method@Arbor.Expr.to_string] and [ctor@Arbor.Expr.parse] are inverse to each other. The page
 * *Expressions* has the grammar and every operator and function.
 *
 * Data never makes an expression fail: a value of a kind that an operator cannot work on gives
 * null, and so does null or nothing at all. Mistakes in the expression itself are found when it is
 * made, with %ARBOR_ERROR_EXPRESSION.
 *
 * A path with `[*]` has any number of values for a tree. So has what is computed from it, value by
 * value, until [method@Arbor.Expr.any], [method@Arbor.Expr.all], [method@Arbor.Expr.count] or
 * [method@Arbor.Expr.len] make one value of them; [method@Arbor.Expr.is_vector] tells.
 *
 * Expressions are immutable: any thread may use one.
 *
 * Since: 1.0
 */
struct _ArborExpr
{
  GObject parent_instance;

  ArborNode *node; /* atomic until set; NULL in an object that no constructor of ours made */
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

/* The literal null stands for an object made by g_object_new alone. */
gboolean
arbor_are_exprs (ArborExpr *const *exprs, gsize n)
{
  if (exprs == NULL)
    return n == 0;
  for (gsize i = 0; i < n; i++)
    if (!ARBOR_IS_EXPR (exprs[i]))
      return FALSE;
  return n <= G_MAXUINT;
}

ArborNode **
arbor_exprs_get_nodes (ArborExpr *const *exprs, gsize n)
{
  ArborNode **nodes = g_new (ArborNode *, n + 1);

  for (gsize i = 0; i < n; i++)
    nodes[i] = arbor_expr_get_node (exprs[i]);
  return nodes;
}

void
arbor_exprs_keep (GPtrArray **kept, ArborExpr *const *exprs, gsize n)
{
  g_autoptr (GPtrArray) old = g_steal_pointer (kept);

  if (n == 0)
    return;
  *kept = g_ptr_array_new_full ((guint) n, g_object_unref);
  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (*kept, g_object_ref (exprs[i]));
}

ArborExpr **
arbor_exprs_dup (GPtrArray *kept, gsize *n)
{
  ArborExpr **exprs;

  *n = kept != NULL ? kept->len : 0;
  if (kept == NULL)
    return NULL;
  exprs = g_new (ArborExpr *, *n);
  for (gsize i = 0; i < *n; i++)
    exprs[i] = g_object_ref (kept->pdata[i]);
  return exprs;
}

ArborNode **
arbor_exprs_get_nodes_or (GPtrArray *kept, ArborExpr *const *exprs, gsize n, gsize *n_nodes)
{
  *n_nodes = kept != NULL ? kept->len : n;
  return arbor_exprs_get_nodes (kept != NULL ? (ArborExpr **) kept->pdata : exprs, *n_nodes);
}

ArborNode *
arbor_expr_get_node (ArborExpr *self)
{
  ArborNode *node = g_atomic_pointer_get (&self->node);

  if (G_UNLIKELY (node == NULL))
    {
      node = arbor_node_new_literal (&ARBOR_VALUE_NULL);
      if (!g_atomic_pointer_compare_and_exchange (&self->node, NULL, node))
        {
          arbor_node_unref (node);
          node = g_atomic_pointer_get (&self->node);
        }
    }
  return node;
}

/* The call of @function with @first, unless that is NULL, and the @n others. */
ArborExpr *
arbor_expr_new_call_with (const char *function, ArborExpr *first, ArborExpr **others, gsize n,
                          GError **error)
{
  gsize n_first = first != NULL ? 1 : 0;
  g_autofree ArborNode **nodes = g_new (ArborNode *, n + n_first);

  if (first != NULL)
    nodes[0] = arbor_expr_get_node (first);
  for (gsize i = 0; i < n; i++)
    nodes[n_first + i] = arbor_expr_get_node (others[i]);
  return arbor_expr_new_take (arbor_node_new_call (function, nodes, (guint) (n + n_first), error));
}

ArborExpr *
arbor_expr_new_method (const char *function, ArborExpr *self, ArborExpr **others, gsize n,
                       gsize n_needed, GError **error)
{
  g_autoptr (ArborExpr) element = NULL;
  gsize n_given = n;

  g_return_val_if_fail (ARBOR_IS_EXPR (self), NULL);
  for (gsize i = 0; i < n; i++)
    g_return_val_if_fail (others[i] != NULL ? ARBOR_IS_EXPR (others[i]) : i >= n_needed, NULL);

  while (n_given > n_needed && others[n_given - 1] == NULL)
    n_given--;
  /* Only the key of a sort has something behind it: without one it is the element. */
  for (gsize i = 0; i < n_given; i++)
    if (others[i] == NULL)
      {
        element = arbor_element (NULL, error);
        others[i] = element;
      }
  return arbor_expr_new_call_with (function, self, others, n_given, error);
}

/**
 * arbor_expr_parse: (constructor)
 * @text: an expression, in UTF-8
 * @error: return location for an error
 *
 * Makes an expression from its text form, such as
 * `birth.year > 1950 and name.last starts_with "A"`.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when @text is not an expression. The message names the position,
 * in bytes from 0; its second line is the text, its third has a `^` under the place.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
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
 * Writes the expression as text: the shortest that [ctor@Arbor.Expr.parse] makes an equal
 * expression of.
 *
 * Any thread may call this.
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
 * @other: another expression
 *
 * Tests whether two expressions are the same: the same operators and functions on the same paths
 * and literals, in the same order. To compare *values*, use [method@Arbor.Expr.eq].
 *
 * Any thread may call this.
 *
 * Returns: %TRUE when they are equal
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
 * Gets a hash that is the same for expressions that are equal by [method@Arbor.Expr.equal].
 *
 * Any thread may call this.
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
 * Tells whether the expression has any number of values for a tree rather than one: whether a path
 * in it has `[*]` that nothing reduces. This does not depend on data.
 *
 * Any thread may call this.
 *
 * Returns: %TRUE when it is vector valued
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
 * arbor_path:
 * @path: a path, in UTF-8, such as `birth.year`, `tags[0]`, `teams[*].name` or `["any key"].x`
 * @error: return location for an error
 *
 * Makes an expression that reads the value at a path: [ctor@Arbor.Expr.new_path] by a short name.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when @path is malformed.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_path (const char *path, GError **error)
{
  return arbor_expr_new_path (path, error);
}

/**
 * arbor_expr_new_path: (constructor)
 * @path: a path, in UTF-8, such as `birth.year`, `tags[0]`, `teams[*].name` or `["any key"].x`
 * @error: return location for an error
 *
 * Makes an expression that reads the value at a path. A path that leads nowhere gives nothing at
 * all (%ARBOR_KIND_MISSING), never an error. Negative indices count from the end; the empty path is
 * the tree itself. Between dots, a key may hold anything but `.`, `[`, `]` and `"`.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when @path is malformed; the message names the position, in bytes
 * from 0.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
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
 * arbor_element:
 * @path: (nullable): a path from the element on, %NULL for the element itself
 * @error: return location for an error
 *
 * Makes the element `@`, or what a path leads to from there. It is part of the expressions that
 * [method@Arbor.Expr.map], [method@Arbor.Expr.filter], [method@Arbor.Expr.sort] and the like
 * evaluate for each element of an array, and means nothing outside of them.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when @path is malformed.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_element (const char *path, GError **error)
{
  return arbor_expr_new_take (arbor_node_new_element (path != NULL ? path : "", error));
}

/**
 * arbor_expr_new_null: (constructor)
 *
 * Makes the literal null. Compared by [method@Arbor.Expr.eq] or [method@Arbor.Expr.ne] it asks
 * whether the other side is null or missing; everywhere else it gives null.
 *
 * Any thread may call this.
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
 * arbor_expr_new_boolean: (constructor)
 * @value: a truth value
 *
 * Makes the literal true or false.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_boolean (gboolean value)
{
  return arbor_expr_new_take (arbor_node_new_literal (&ARBOR_VALUE_BOOL (!!value)));
}

/**
 * arbor_expr_new_int64: (constructor)
 * @value: an integer
 *
 * Makes an integer literal.
 *
 * Any thread may call this.
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
 * arbor_expr_new_uint64: (constructor)
 * @value: an integer
 *
 * Makes an integer literal. One that fits #gint64 is the same as from [ctor@Arbor.Expr.new_int64].
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_uint64 (guint64 value)
{
  return arbor_expr_new_take (arbor_node_new_literal (&ARBOR_VALUE_UINT64 (value)));
}

/**
 * arbor_expr_new_double: (constructor)
 * @value: a number
 * @error: return location for an error
 *
 * Makes a literal of a floating point number.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when @value is infinite or not a number, which JSON does not
 * know.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_double (double value, GError **error)
{
  return arbor_expr_new_take (arbor_expr_new_literal_node (&ARBOR_VALUE_DOUBLE (value), error));
}

/**
 * arbor_expr_new_string: (constructor)
 * @value: a text in UTF-8
 *
 * Makes a string literal. One that holds U+0000 is made by [ctor@Arbor.Expr.new_json].
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_string (const char *value)
{
  gsize length;

  g_return_val_if_fail (value != NULL, NULL);
  length = strlen (value);
  g_return_val_if_fail (length <= G_MAXUINT32, NULL);
  g_return_val_if_fail (g_utf8_validate_len (value, length, NULL), NULL);

  return arbor_expr_new_take (
      arbor_node_new_literal (&ARBOR_VALUE_STRING (value, (guint32) length)));
}

/**
 * arbor_expr_new_json: (constructor)
 * @json: a JSON document, in UTF-8
 * @error: return location for an error
 *
 * Makes a literal of any JSON value: arrays and objects, and numbers that no C type holds.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when @json is not JSON; the message names the position, in bytes
 * from 0.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_json (const char *json, GError **error)
{
  g_return_val_if_fail (json != NULL, NULL);

  return arbor_expr_new_take (arbor_node_new_literal_json (json, strlen (json), error));
}

/**
 * arbor_expr_new_call: (constructor)
 * @function: the name of an operator or function as the text form has it, such as `==`, `and`,
 *   `neg`, `starts_with` or `len`
 * @arguments: (array length=n_arguments) (nullable): its arguments
 * @n_arguments: how many
 * @error: return location for an error
 *
 * Makes the call of any operator or function by its name.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION when there is no such function, when it takes another number of
 * arguments, when one of them has many values where one is needed, or when the expression
 * becomes larger than an expression may be.
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the expression, %NULL with @error set
 *
 * Since: 1.0
 */
ArborExpr *
arbor_expr_new_call (const char *function, ArborExpr **arguments, gsize n_arguments,
                     GError **error)
{
  g_return_val_if_fail (function != NULL, NULL);
  g_return_val_if_fail (arguments != NULL || n_arguments == 0, NULL);
  g_return_val_if_fail (n_arguments < G_MAXUINT32, NULL);
  g_return_val_if_fail (arbor_task_are_objects (arguments, n_arguments, ARBOR_TYPE_EXPR), NULL);

  return arbor_expr_new_call_with (function, NULL, arguments, n_arguments, error);
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
  g_return_val_if_fail (arbor_task_are_objects (candidates, n_candidates, ARBOR_TYPE_EXPR), NULL);

  return arbor_expr_new_call_with ("is_in", self, candidates, n_candidates, error);
}
