/* New trees out of trees: edited at a path, patched, compared, or copied into memory. Nothing
 * changes in place: an edit (query/edit/arbor-edit.h) is made of the tree, finished, and becomes a batch of
 * its own. What is made of two trees belongs to the stores of both.
 */

#include "arbor-tree-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "base/arbor-error.h"
#include "base/arbor-path.h"
#include "batch/arbor-batch-builder.h"
#include "query/edit/arbor-patch.h"

/* Both trees, inside. */
typedef struct
{
  ArborLook self;
  ArborLook other; /* only where there is another tree */
  ArborTree *origin; /* what the result belongs to */
  ArborEdit *edit;
} Editing;

static gboolean
begin (ArborTree *self, ArborTree *other, Editing *editing, GError **error)
{
  *editing = (Editing){ 0 };
  if (!arbor_tree_look_begin (self, NULL, &editing->self, error))
    return FALSE;
  if (other != NULL && !arbor_tree_look_begin (other, NULL, &editing->other, error))
    return arbor_tree_look_end (&editing->self, FALSE, error);
  editing->origin =
      other != NULL ? arbor_tree_join (self, other, error) : g_object_ref (self);
  editing->edit = arbor_edit_new (&editing->self.value, editing->self.scope);
  return TRUE;
}

/* The result, made of @value unless that is NULL, when an error is set already. */
static ArborTree *
end (Editing *editing, const ArborValue *value, GError **error)
{
  g_autoptr (ArborTree) tree = NULL;
  gboolean is_good = value != NULL;

  if (is_good)
    tree = arbor_tree_derive (editing->origin, value, TRUE, editing->self.scope, error);
  is_good = tree != NULL;
  g_clear_pointer (&editing->edit, arbor_edit_free);
  g_clear_object (&editing->origin);
  if (editing->other.scope != NULL)
    is_good = arbor_tree_look_end (&editing->other, is_good, error);
  is_good = arbor_tree_look_end (&editing->self, is_good, error);
  return is_good ? g_steal_pointer (&tree) : NULL;
}

static ArborTree *
apply (ArborTree *self, ArborEditAction action, const char *text, ArborTree *value, GError **error)
{
  g_autoptr (ArborPath) path = NULL;
  gboolean is_good;
  Editing editing;
  ArborValue edited;

  if (!begin (self, value, &editing, error))
    return NULL;
  path = editing.origin != NULL ? arbor_tree_parse_path (text, error) : NULL;
  is_good = path != NULL &&
            arbor_edit_apply (editing.edit, action, path, &editing.other.value, error) &&
            arbor_edit_finish (editing.edit, &edited, error);
  return end (&editing, is_good ? &edited : NULL, error);
}

/**
 * arbor_tree_set_value:
 * @self: a tree
 * @path: a path; the empty path is the whole tree
 * @value: what is to be there, a tree or a part of one
 * @error: where to put an error
 *
 * A new tree that has @value at @path; @self does not change. In Python it is `tree.set (path, value)`,
 * and takes Python values.
 *
 * A key that is there keeps its place, a new one comes last. An index that is there is replaced, one
 * equal to the length appends; negative ones count from the end. What is missing on the way
 * is made: an object where a key follows, an array where index 0 follows.
 *
 * Errors: %ARBOR_ERROR_TYPE when something on the way is no object or array (null is none),
 * %ARBOR_ERROR_OUT_OF_RANGE for an index beyond the end, %ARBOR_ERROR_EXPRESSION for a malformed
 * path, %ARBOR_ERROR_CARDINALITY for one with `[*]`, %ARBOR_ERROR_LIMIT when the result would be too large
 * or too deep, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the new tree, which ends when the store of @self or @value is closed
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_set_value (ArborTree *self, const char *path, ArborTree *value, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (ARBOR_IS_TREE (value), NULL);

  return apply (self, ARBOR_EDIT_SET, path, value, error);
}

/**
 * arbor_tree_insert:
 * @self: a tree
 * @path: a path that ends with an index or with a new key
 * @value: what is to be there, a tree or a part of one
 * @error: where to put an error
 *
 * A new tree into which @value is inserted; @self does not change. In Python @value may be a Python value.
 *
 * At an index, what is there and behind moves up by one; the length appends, and -1 is the place
 * before the last element. A key must be new. What is missing on the way is made, as by
 * [method@Arbor.Tree.set_value].
 *
 * Errors: %ARBOR_ERROR_EXISTS when the object has the key, %ARBOR_ERROR_INVALID_ARGUMENT for the
 * empty path, and those of [method@Arbor.Tree.set_value]. Any thread may call this.
 *
 * Returns: (transfer full): the new tree, which ends when the store of @self or @value is closed
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_insert (ArborTree *self, const char *path, ArborTree *value, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (ARBOR_IS_TREE (value), NULL);

  return apply (self, ARBOR_EDIT_INSERT, path, value, error);
}

/**
 * arbor_tree_remove:
 * @self: a tree
 * @path: a path
 * @error: where to put an error
 *
 * A new tree without what is at @path; @self does not change. Elements behind a removed one move down.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND when there is nothing, %ARBOR_ERROR_OUT_OF_RANGE for an index
 * beyond the end, %ARBOR_ERROR_TYPE when something on the way is no object or array,
 * %ARBOR_ERROR_INVALID_ARGUMENT for the empty path, %ARBOR_ERROR_EXPRESSION for a malformed path,
 * %ARBOR_ERROR_CARDINALITY for one with `[*]`, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread
 * may call this.
 *
 * Returns: (transfer full): the new tree
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_remove (ArborTree *self, const char *path, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return apply (self, ARBOR_EDIT_REMOVE, path, NULL, error);
}

/**
 * arbor_tree_patch:
 * @self: a tree
 * @patch: a JSON Patch: an array of operations
 * @error: where to put an error
 *
 * A new tree to which a JSON Patch (RFC 6902) was applied; @self does not change, and when one
 * operation fails there is no new tree.
 *
 * `test` compares as all of the library does: numbers by value, objects whatever the order of their
 * keys. A message names the operation that failed by its index, from 0.
 *
 * Errors: %ARBOR_ERROR_INVALID_ARGUMENT for what is no JSON Patch, %ARBOR_ERROR_NOT_FOUND,
 * %ARBOR_ERROR_OUT_OF_RANGE and %ARBOR_ERROR_TYPE for a place that is not there,
 * %ARBOR_ERROR_TEST_FAILED for a test that does not hold, %ARBOR_ERROR_LIMIT when the result would be too large or
 * too deep, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the new tree, which ends when the store of @self or @patch is closed
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_patch (ArborTree *self, ArborTree *patch, GError **error)
{
  gboolean is_good;
  Editing editing;
  ArborValue edited;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (ARBOR_IS_TREE (patch), NULL);

  if (!begin (self, patch, &editing, error))
    return NULL;
  is_good =
      editing.origin != NULL &&
      arbor_patch_apply (editing.edit, &editing.other.value, editing.self.scope, error) &&
      arbor_edit_finish (editing.edit, &edited, error);
  return end (&editing, is_good ? &edited : NULL, error);
}

/**
 * arbor_tree_merge_patch:
 * @self: a tree
 * @patch: a JSON Merge Patch: what is to be different
 * @error: where to put an error
 *
 * A new tree to which a JSON Merge Patch (RFC 7396) was applied; @self does not change. Objects are
 * merged key by key, a null in the patch removes its key, everything else replaces what is there.
 *
 * Errors: %ARBOR_ERROR_LIMIT when the result would be too large or too deep, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the new tree, which ends when the store of @self or @patch is closed
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_merge_patch (ArborTree *self, ArborTree *patch, GError **error)
{
  gboolean is_good;
  Editing editing;
  ArborValue edited;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (ARBOR_IS_TREE (patch), NULL);

  if (!begin (self, patch, &editing, error))
    return NULL;
  is_good = editing.origin != NULL;
  if (is_good)
    {
      arbor_patch_merge (editing.edit, &editing.other.value, editing.self.scope);
      is_good = arbor_edit_finish (editing.edit, &edited, error);
    }
  return end (&editing, is_good ? &edited : NULL, error);
}

/**
 * arbor_tree_diff:
 * @self: a tree
 * @to: another one
 * @error: where to put an error
 *
 * What [method@Arbor.Tree.patch] needs to make of @self a tree that equals @to: a JSON Patch of the operations
 * `add`, `remove` and `replace`, empty for equal trees. Equal is what all of the library calls so: 1
 * and 1.0 are, and the order of keys does not count.
 *
 * Errors: %ARBOR_ERROR_LIMIT when the patch would be too large or too deep for a tree,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the patch, which ends when the store of @self or @to is closed
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_diff (ArborTree *self, ArborTree *to, GError **error)
{
  g_autoptr (ArborTapeWriter) writer = arbor_tape_writer_new ();
  gboolean is_good;
  Editing editing;
  ArborValue value;
  ArborTape patch;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);
  g_return_val_if_fail (ARBOR_IS_TREE (to), NULL);

  if (!begin (self, to, &editing, error))
    return NULL;
  is_good = editing.origin != NULL &&
            arbor_patch_diff (&editing.self.value, &editing.other.value, editing.self.scope, writer,
                              &patch, error);
  if (is_good)
    arbor_tape_get_value (&patch, ARBOR_TAPE_ROOT, &value);
  return end (&editing, is_good ? &value : NULL, error);
}

/**
 * arbor_tree_materialize:
 * @self: a tree
 * @error: where to put an error
 *
 * The same tree in memory, which depends on no store and carries no close token.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the tree in memory
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_materialize (ArborTree *self, GError **error)
{
  GBytes *batch;
  ArborLook look;

  g_return_val_if_fail (ARBOR_IS_TREE (self), NULL);

  if (!arbor_tree_look_begin (self, NULL, &look, error))
    return NULL;
  batch = arbor_batch_new_of_value (&look.value, look.scope, error);
  if (!arbor_tree_look_end (&look, batch != NULL, error))
    g_clear_pointer (&batch, g_bytes_unref);
  return arbor_tree_new_take_batch (NULL, NULL, NULL, batch, error);
}
