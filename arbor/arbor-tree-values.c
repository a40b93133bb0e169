/* ArborTree: getters of single values, each for one type. They copy, so what they return outlives
 * the store.
 */

#include "arbor-tree-private.h"

#include "arbor-typed-private.h"

/**
 * arbor_tree_get_boolean:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The value at a path, which is true or false.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the value; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_tree_get_boolean (ArborTree *self, const char *path, GError **error)
{
  ArborLook look;
  gboolean result = FALSE;
  gboolean is_good;

  g_return_val_if_fail (ARBOR_IS_TREE (self), FALSE);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return FALSE;
  is_good = arbor_typed_get_boolean (path, &look.value, &result, error);
  return arbor_tree_look_end (&look, is_good, error) && result;
}

/**
 * arbor_tree_get_int64:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The number at a path, whose exact value must fit #gint64. `2.0` is 2.
 *
 * JavaScript rounds results beyond 2^53: [method@Arbor.Tree.dup_number_text] has the exact digits.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no number,
 * %ARBOR_ERROR_OUT_OF_RANGE when it is another number, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
gint64
arbor_tree_get_int64 (ArborTree *self, const char *path, GError **error)
{
  ArborLook look;
  gint64 result = 0;
  gboolean is_good;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return 0;
  is_good = arbor_typed_get_int64 (path, &look.value, &result, error);
  return arbor_tree_look_end (&look, is_good, error) ? result : 0;
}

/**
 * arbor_tree_get_uint64:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The number at a path, whose exact value must fit #guint64.
 *
 * Errors: those of [method@Arbor.Tree.get_int64]. Any thread may call this.
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_tree_get_uint64 (ArborTree *self, const char *path, GError **error)
{
  ArborLook look;
  guint64 result = 0;
  gboolean is_good;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return 0;
  is_good = arbor_typed_get_uint64 (path, &look.value, &result, error);
  return arbor_tree_look_end (&look, is_good, error) ? result : 0;
}

/**
 * arbor_tree_get_double:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The number at a path, as the nearest double.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no number,
 * %ARBOR_ERROR_OUT_OF_RANGE when it is beyond all doubles, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: the number; 0 with @error set on failure
 *
 * Since: 1.0
 */
double
arbor_tree_get_double (ArborTree *self, const char *path, GError **error)
{
  ArborLook look;
  double result = 0;
  gboolean is_good;

  g_return_val_if_fail (ARBOR_IS_TREE (self), 0);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return 0;
  is_good = arbor_typed_get_double (path, &look.value, &result, error);
  return arbor_tree_look_end (&look, is_good, error) ? result : 0;
}

/**
 * arbor_tree_dup_string:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The string at a path.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no string, or one that holds U+0000
 * and so needs [method@Arbor.Tree.dup_bytes], %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the string
 *
 * Since: 1.0
 */
char *
arbor_tree_dup_string (ArborTree *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return NULL;
  text = arbor_typed_dup_string (path, &look.value, error);
  return arbor_tree_look_end (&look, text != NULL, error) ? g_steal_pointer (&text) : NULL;
}

/**
 * arbor_tree_dup_bytes:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The UTF-8 bytes of the string at a path, which may hold U+0000. The bytes are a copy, which
 * stays readable after closing.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the bytes
 *
 * Since: 1.0
 */
GBytes *
arbor_tree_dup_bytes (ArborTree *self, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return NULL;
  bytes = arbor_typed_dup_bytes (path, &look.value, error);
  return arbor_tree_look_end (&look, bytes != NULL, error) ? g_steal_pointer (&bytes) : NULL;
}

/**
 * arbor_tree_dup_number_text:
 * @self: a tree
 * @path: (nullable): a path
 * @error: where to put an error
 *
 * The exact text of the number at a path, as it stands in exported JSON. Integers of any length
 * and numbers such as `1e400` come digit for digit.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_TYPE when it is no number,
 * %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_CARDINALITY, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_tree_dup_number_text (ArborTree *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, path, &look, error))
    return NULL;
  text = arbor_typed_dup_number_text (path, &look.value, error);
  return arbor_tree_look_end (&look, text != NULL, error) ? g_steal_pointer (&text) : NULL;
}
