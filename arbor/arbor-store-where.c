/* ArborStore: changing stored arbors by content. The way of all edits is arbor-store-edit-private.h's;
 * which trees change, and what becomes of them, is decided by the query layer, anew in each try.
 */

#include "arbor-store-edit-private.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "arbor-expr-private.h"
#include "arbor-task-private.h"
#include "base/arbor-error.h"
#include "query/content/arbor-content-where.h"
#include "query/plan/arbor-plan.h"

typedef struct
{
  ArborStoreEdit edit;
  ArborExpr *predicate;
  const char *const *names;
  ArborNode **nodes; /* of the values */
  gsize n_fields;
  const char *path; /* of the key; NULL: what is declared */
  GPtrArray *keys;  /* ArborNode: of path, or of what the newest content has declared */
  guint64 n_changed;
} Where;

static guint64
run (Where *self, GError **error)
{
  gboolean is_done = arbor_store_edit_run (&self->edit, error);

  g_clear_pointer (&self->keys, g_ptr_array_unref);
  return is_done ? self->n_changed : 0;
}

/* Deleting */

static gboolean
check_predicate (ArborStoreEdit *edit, GError **error)
{
  return arbor_node_check_scalar (arbor_expr_get_node (((Where *) edit)->predicate), error);
}

static gboolean
stage_delete (ArborStoreEdit *edit, GError **error)
{
  Where *self = (Where *) edit;

  return arbor_store_edit_begin (edit, error) &&
         arbor_content_delete_where (edit->content, edit->access,
                                     arbor_expr_get_node (self->predicate), &edit->sink,
                                     &self->n_changed, edit->cancellable, error);
}

/**
 * arbor_store_delete_where:
 * @self: a store
 * @name: the name of an arbor
 * @predicate: which trees to delete: those for which it is true; null and missing are not
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Deletes the trees of a stored arbor for which a condition is true, in one commit. Only the batches
 * that hold one are written anew, and small ones beside them. The newest content decides: when
 * others change the name meanwhile, the deletion begins anew. Where no tree is deleted, nothing is
 * written and handles stay fresh. When all are deleted, the name has an arbor without trees.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_EXPRESSION when @predicate has many values for one
 * tree, %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY when another process
 * writes for longer than the busy time-out, %ARBOR_ERROR_CONFLICT when others change the name again
 * and again, %ARBOR_ERROR_FULL, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_CLOSED, %G_IO_ERROR_CANCELLED.
 * After an error the store is as it was. Any thread may call this.
 *
 * Returns: how many trees were deleted; 0 after an error
 *
 * Since: 1.0
 */
guint64
arbor_store_delete_where (ArborStore *self, const char *name, ArborExpr *predicate,
                          GCancellable *cancellable, GError **error)
{
  Where where = { .edit = { .store = self,
                            .name = name,
                            .may_join = TRUE,
                            .looks_at_all = TRUE,
                            .cancellable = cancellable,
                            .check = check_predicate,
                            .stage = stage_delete },
                  .predicate = predicate };

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), 0);

  return run (&where, error);
}

/* Updating */

static gboolean
check_fields (ArborStoreEdit *edit, GError **error)
{
  Where *self = (Where *) edit;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (!check_predicate (edit, error) ||
      !arbor_plan_check_names (self->names, self->n_fields, error))
    return FALSE;
  for (gsize i = 0; i < self->n_fields; i++)
    {
      if (!arbor_node_check_scalar (self->nodes[i], error))
        return FALSE;
      if (!g_utf8_validate (self->names[i], -1, NULL))
        {
          g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                               _("The name of a field is not valid UTF-8"));
          return FALSE;
        }
      if (!g_hash_table_add (seen, (gpointer) self->names[i]))
        {
          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                       _("Field name '%s' is given twice"), self->names[i]);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
stage_update (ArborStoreEdit *edit, GError **error)
{
  Where *self = (Where *) edit;
  const ArborContentFields fields = { self->names, self->nodes, self->n_fields };

  return arbor_store_edit_begin (edit, error) &&
         arbor_content_update_where (edit->content, edit->access,
                                     arbor_expr_get_node (self->predicate), &fields, &edit->sink,
                                     &self->n_changed, edit->cancellable, error);
}

/**
 * arbor_store_update_where:
 * @self: a store
 * @name: the name of an arbor
 * @predicate: which trees to update: those for which it is true; null and missing are not
 * @fields: (array zero-terminated=1): names of fields of the root object, no two alike; names, not
 *   paths
 * @values: (array length=n_values): what each field is set to, in the same order, as many
 * @n_values: how many
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Sets fields of the trees of a stored arbor for which a condition is true, in one commit. All
 * values are those of the expressions for the tree as it was, so two fields can be exchanged. A
 * field that a tree has keeps its place, a new one comes last; a value that is missing removes the
 * field. Trees that are no objects have no fields and stay as they are.
 *
 * Only the batches that hold a tree that becomes another one are written anew, and small ones
 * beside them. The newest content decides: when others change the name meanwhile, the update begins
 * anew. Where no tree becomes another one, nothing is written and handles stay fresh.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_EXPRESSION when an expression has many values for one
 * tree, %ARBOR_ERROR_INVALID_ARGUMENT for a field given twice and another
 * number of fields than of values, %ARBOR_ERROR_LIMIT for a tree that
 * would be nested too deep or a batch that would be too large, and those of
 * [method@Arbor.Store.delete_where]. After an error the store is as it was. Any thread may call this.
 *
 * Returns: how many trees were changed, without those that are as they were; 0 after an error
 *
 * Since: 1.0
 */
guint64
arbor_store_update_where (ArborStore *self, const char *name, ArborExpr *predicate,
                          const char *const *fields, ArborExpr **values, gsize n_values,
                          GCancellable *cancellable, GError **error)
{
  g_autofree ArborNode **nodes = NULL;
  Where where = { .edit = { .store = self,
                            .name = name,
                            .may_join = TRUE,
                            .looks_at_all = TRUE,
                            .cancellable = cancellable,
                            .check = check_fields,
                            .stage = stage_update },
                  .predicate = predicate,
                  .names = fields,
                  .n_fields = n_values };

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), 0);
  g_return_val_if_fail (fields != NULL, 0);
  g_return_val_if_fail (arbor_task_are_objects (values, n_values, ARBOR_TYPE_EXPR), 0);

  where.nodes = nodes = g_new (ArborNode *, MAX (n_values, 1));
  for (gsize i = 0; i < n_values; i++)
    nodes[i] = arbor_expr_get_node (values[i]);
  return run (&where, error);
}

/* Upserting */

static gboolean
add_key (Where *self, const char *path, GError **error)
{
  ArborNode *node = arbor_node_new_path (path, error);

  if (node == NULL)
    return FALSE;
  g_ptr_array_add (self->keys, node);
  return arbor_node_check_scalar (node, error);
}

static gboolean
check_key (ArborStoreEdit *edit, GError **error)
{
  Where *self = (Where *) edit;

  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  return self->path == NULL || add_key (self, self->path, error);
}

/* The paths that are declared may be others in the next try. */
static gboolean
take_declared_keys (Where *self, GError **error)
{
  const ArborRecord *record = arbor_content_get_record (self->edit.content);

  if (record == NULL || record->keys == NULL)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("No keys are declared for '%s': declare them with set_keys, or name the path of the key"),
                   self->edit.name);
      return FALSE;
    }
  g_ptr_array_set_size (self->keys, 0);
  for (guint i = 0; i < record->keys->n_paths; i++)
    if (!add_key (self, record->keys->texts[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
stage_upsert (ArborStoreEdit *edit, GError **error)
{
  Where *self = (Where *) edit;

  return arbor_store_edit_begin (edit, error) &&
         (self->path != NULL || take_declared_keys (self, error)) &&
         arbor_content_upsert (edit->content, edit->access, (ArborNode *const *) self->keys->pdata,
                               self->keys->len, edit->arbor->view->selection, &edit->arbor_access,
                               &edit->sink, &self->n_changed, edit->cancellable, error);
}

/**
 * arbor_store_upsert:
 * @self: a store
 * @name: the name
 * @key: (nullable): the path of the key, or %NULL for the paths that [method@Arbor.Store.set_keys] declared,
 *   which may be several
 * @arbor: the arbor whose trees come in: in memory, stored here or elsewhere, or a view
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Replaces the trees of a stored arbor by those of another one that have equal keys, and appends
 * those whose keys it does not have, in one commit. A name that does not exist is made. Keys are
 * values of any kind; 1 equals 1.0.
 *
 * Each stored tree whose key equals that of a tree of @arbor is replaced by it, whole, at its place:
 * when several have the key, all of them. Stored trees whose key is missing or null stay as they
 * are. Of several trees of @arbor that have equal keys the last one counts; where it is appended,
 * then at the first one's place.
 *
 * Only the batches that hold a tree that becomes another one, and those at the end that appending
 * rewrites, are written anew, and small ones beside them. The newest content decides: when others
 * change the name meanwhile, the call begins anew. Where no tree becomes another one and none is
 * appended, nothing is written and handles stay fresh.
 *
 * Errors: %ARBOR_ERROR_CARDINALITY when a tree of @arbor has no key or a null one,
 * %ARBOR_ERROR_INVALID_ARGUMENT when @key is %NULL and no keys are declared,
 * %ARBOR_ERROR_EXPRESSION when @key is no path or one of many values, and those of
 * [method@Arbor.Store.append]. After an error the store is as it was. Any thread may call this.
 *
 * Returns: how many trees were replaced by others or appended, without those that are as they were;
 *   0 after an error
 *
 * Since: 1.0
 */
guint64
arbor_store_upsert (ArborStore *self, const char *name, const char *key, ArborArbor *arbor,
                    GCancellable *cancellable, GError **error)
{
  Where where = { .edit = { .store = self,
                            .name = name,
                            .arbor = arbor,
                            .may_create = TRUE,
                            .may_join = TRUE,
                            .looks_at_all = TRUE,
                            .cancellable = cancellable,
                            .check = check_key,
                            .stage = stage_upsert },
                  .path = key };

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), 0);

  return run (&where, error);
}
