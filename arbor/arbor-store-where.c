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

typedef struct
{
  ArborStoreEdit edit;
  ArborExpr *predicate;
  const char *const *names;
  ArborNode **nodes; /* of the values */
  gsize n_fields;
  const char *path;
  ArborNode *key; /* of path */
  guint64 n_changed;
} Where;

static guint64
run (Where *self, GError **error)
{
  gboolean is_done = arbor_store_edit_run (&self->edit, error);

  g_clear_pointer (&self->key, arbor_node_unref);
  return is_done ? self->n_changed : 0;
}

/* A count goes through a task in memory of its own: a gssize need not hold it. */
static void
return_count (GTask *task, guint64 count, GError *error)
{
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_memdup2 (&count, sizeof count), g_free);
}

static guint64
take_count (GTask *task, GError **error)
{
  g_autofree guint64 *count = g_task_propagate_pointer (task, error);

  return count != NULL ? *count : 0;
}

static ArborStoreJob *
new_job (const char *name, ArborExpr *predicate)
{
  ArborStoreJob *job = g_new0 (ArborStoreJob, 1);

  job->name = g_strdup (name);
  if (predicate != NULL)
    job->predicate = g_object_ref (predicate);
  return job;
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
                            .cancellable = cancellable,
                            .check = check_predicate,
                            .stage = stage_delete },
                  .predicate = predicate };

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), 0);

  return run (&where, error);
}

static void
delete_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ArborStoreJob *job = data;
  GError *error = NULL;
  guint64 n = arbor_store_delete_where (source, job->name, job->predicate, cancellable, &error);

  return_count (task, n, error);
}

/**
 * arbor_store_delete_where_async:
 * @self: a store
 * @name: the name of an arbor
 * @predicate: which trees to delete
 * @cancellable: (nullable): to stop
 * @callback: (scope async) (closure user_data): called at the end, in the caller's main context
 * @user_data: for @callback
 *
 * Asynchronous form of [method@Arbor.Store.delete_where]. Any thread may call this.
 *
 * Since: 1.0
 */
void
arbor_store_delete_where_async (ArborStore *self, const char *name, ArborExpr *predicate,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (ARBOR_IS_STORE (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (ARBOR_IS_EXPR (predicate));

  arbor_store_run_job (self, arbor_store_delete_where_async, "arbor_store_delete_where_async",
                       arbor_store_get_queue (self), new_job (name, predicate),
                       delete_in_thread, cancellable, callback, user_data);
}

/**
 * arbor_store_delete_where_finish:
 * @self: a store
 * @result: what the callback was given
 * @error: where to put an error
 *
 * Ends [method@Arbor.Store.delete_where_async]. Errors: those of [method@Arbor.Store.delete_where].
 *
 * Returns: how many trees were deleted; 0 after an error
 *
 * Since: 1.0
 */
guint64
arbor_store_delete_where_finish (ArborStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  arbor_return_val_if_not_finish (result, self, arbor_store_delete_where_async, error, 0);

  return take_count (G_TASK (result), error);
}

/* Updating */

static gboolean
check_fields (ArborStoreEdit *edit, GError **error)
{
  Where *self = (Where *) edit;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (!check_predicate (edit, error))
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
 * @fields: (array length=n_fields): names of fields of the root object, no two alike; names, not
 *   paths
 * @values: (array length=n_fields): what each field is set to, in the same order
 * @n_fields: how many
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
 * tree, %ARBOR_ERROR_INVALID_ARGUMENT for a field given twice, %ARBOR_ERROR_LIMIT for a tree that
 * would be nested too deep or a batch that would be too large, and those of
 * [method@Arbor.Store.delete_where]. After an error the store is as it was. Any thread may call this.
 *
 * Returns: how many trees were changed, without those that are as they were; 0 after an error
 *
 * Since: 1.0
 */
guint64
arbor_store_update_where (ArborStore *self, const char *name, ArborExpr *predicate,
                          const char *const *fields, ArborExpr **values, gsize n_fields,
                          GCancellable *cancellable, GError **error)
{
  g_autofree ArborNode **nodes = NULL;
  Where where = { .edit = { .store = self,
                            .name = name,
                            .cancellable = cancellable,
                            .check = check_fields,
                            .stage = stage_update },
                  .predicate = predicate,
                  .names = fields,
                  .n_fields = n_fields };

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), 0);
  g_return_val_if_fail (n_fields == 0 || (fields != NULL && values != NULL), 0);
  for (gsize i = 0; i < n_fields; i++)
    g_return_val_if_fail (fields[i] != NULL && ARBOR_IS_EXPR (values[i]), 0);

  where.nodes = nodes = g_new (ArborNode *, MAX (n_fields, 1));
  for (gsize i = 0; i < n_fields; i++)
    nodes[i] = arbor_expr_get_node (values[i]);
  return run (&where, error);
}

static void
update_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ArborStoreJob *job = data;
  GError *error = NULL;
  guint64 n = arbor_store_update_where (
      source, job->name, job->predicate, (const char *const *) job->fields,
      (ArborExpr **) job->values->pdata, job->values->len, cancellable, &error);

  return_count (task, n, error);
}

/**
 * arbor_store_update_where_async:
 * @self: a store
 * @name: the name of an arbor
 * @predicate: which trees to update
 * @fields: (array length=n_fields): names of fields of the root object
 * @values: (array length=n_fields): what each field is set to, in the same order
 * @n_fields: how many
 * @cancellable: (nullable): to stop
 * @callback: (scope async) (closure user_data): called at the end, in the caller's main context
 * @user_data: for @callback
 *
 * Asynchronous form of [method@Arbor.Store.update_where]. Any thread may call this.
 *
 * Since: 1.0
 */
void
arbor_store_update_where_async (ArborStore *self, const char *name, ArborExpr *predicate,
                                const char *const *fields, ArborExpr **values, gsize n_fields,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  ArborStoreJob *job;

  g_return_if_fail (ARBOR_IS_STORE (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (ARBOR_IS_EXPR (predicate));
  g_return_if_fail (n_fields == 0 || (fields != NULL && values != NULL));
  for (gsize i = 0; i < n_fields; i++)
    g_return_if_fail (fields[i] != NULL && ARBOR_IS_EXPR (values[i]));

  job = new_job (name, predicate);
  job->fields = g_new0 (char *, n_fields + 1);
  job->values = g_ptr_array_new_with_free_func (g_object_unref);
  for (gsize i = 0; i < n_fields; i++)
    {
      job->fields[i] = g_strdup (fields[i]);
      g_ptr_array_add (job->values, g_object_ref (values[i]));
    }
  arbor_store_run_job (self, arbor_store_update_where_async, "arbor_store_update_where_async",
                       arbor_store_get_queue (self), job, update_in_thread, cancellable, callback,
                       user_data);
}

/**
 * arbor_store_update_where_finish:
 * @self: a store
 * @result: what the callback was given
 * @error: where to put an error
 *
 * Ends [method@Arbor.Store.update_where_async]. Errors: those of [method@Arbor.Store.update_where].
 *
 * Returns: how many trees were changed; 0 after an error
 *
 * Since: 1.0
 */
guint64
arbor_store_update_where_finish (ArborStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  arbor_return_val_if_not_finish (result, self, arbor_store_update_where_async, error, 0);

  return take_count (G_TASK (result), error);
}

/* Upserting */

static gboolean
check_key (ArborStoreEdit *edit, GError **error)
{
  Where *self = (Where *) edit;

  self->key = arbor_node_new_path (self->path, error);
  return self->key != NULL && arbor_node_check_scalar (self->key, error);
}

static gboolean
stage_upsert (ArborStoreEdit *edit, GError **error)
{
  Where *self = (Where *) edit;

  return arbor_store_edit_begin (edit, error) &&
         arbor_content_upsert (edit->content, edit->access, self->key, edit->arbor->view->selection,
                               &edit->arbor_access, &edit->sink, &self->n_changed,
                               edit->cancellable, error);
}

/**
 * arbor_store_upsert:
 * @self: a store
 * @name: the name
 * @key: the path of the key
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
                            .cancellable = cancellable,
                            .check = check_key,
                            .stage = stage_upsert },
                  .path = key };

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  g_return_val_if_fail (name != NULL, 0);
  g_return_val_if_fail (key != NULL, 0);
  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), 0);

  return run (&where, error);
}

static void
upsert_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ArborStoreJob *job = data;
  GError *error = NULL;
  guint64 n =
      arbor_store_upsert (source, job->name, job->path, job->arbor, cancellable, &error);

  return_count (task, n, error);
}

/**
 * arbor_store_upsert_async:
 * @self: a store
 * @name: the name
 * @key: the path of the key
 * @arbor: the arbor whose trees come in
 * @cancellable: (nullable): to stop
 * @callback: (scope async) (closure user_data): called at the end, in the caller's main context
 * @user_data: for @callback
 *
 * Asynchronous form of [method@Arbor.Store.upsert]. Any thread may call this.
 *
 * Since: 1.0
 */
void
arbor_store_upsert_async (ArborStore *self, const char *name, const char *key, ArborArbor *arbor,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  ArborStoreJob *job;

  g_return_if_fail (ARBOR_IS_STORE (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (ARBOR_IS_ARBOR (arbor));

  job = new_job (name, NULL);
  job->path = g_strdup (key);
  job->arbor = g_object_ref (arbor);
  arbor_store_run_job (self, arbor_store_upsert_async, "arbor_store_upsert_async",
                       arbor_store_get_queue (self), job, upsert_in_thread, cancellable, callback,
                       user_data);
}

/**
 * arbor_store_upsert_finish:
 * @self: a store
 * @result: what the callback was given
 * @error: where to put an error
 *
 * Ends [method@Arbor.Store.upsert_async]. Errors: those of [method@Arbor.Store.upsert].
 *
 * Returns: how many trees were replaced or appended; 0 after an error
 *
 * Since: 1.0
 */
guint64
arbor_store_upsert_finish (ArborStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);
  arbor_return_val_if_not_finish (result, self, arbor_store_upsert_async, error, 0);

  return take_count (G_TASK (result), error);
}
