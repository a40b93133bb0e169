/* ArborStore: declaring keys. The way of all edits is arbor-store-edit-private.h's. */

#include "arbor-store-edit-private.h"

#include "storage/arbor-keys.h"

typedef struct
{
  ArborStoreEdit edit;
  const char *const *paths;
  ArborKeyFlags flags;
  ArborKeys *keys; /* NULL: none are to be */
  ArborProgressFunc progress;
  gpointer progress_data;
} Declare;

static gboolean
check_paths (ArborStoreEdit *edit, GError **error)
{
  Declare *self = (Declare *) edit;

  if (self->paths == NULL || self->paths[0] == NULL)
    return TRUE;
  self->keys = arbor_keys_new (self->paths, (self->flags & ARBOR_KEY_UNIQUE) != 0, error);
  return self->keys != NULL;
}

static gboolean
stage_keys (ArborStoreEdit *edit, GError **error)
{
  Declare *self = (Declare *) edit;

  return arbor_store_edit_begin (edit, error) &&
         arbor_staging_declare_keys (edit->staging, edit->access->snapshot,
                                     arbor_content_get_record (edit->content), self->keys,
                                     self->progress, self->progress_data, edit->cancellable, error);
}

/**
 * arbor_store_set_keys:
 * @self: a store
 * @name: the name of an arbor
 * @paths: (nullable) (array zero-terminated=1): the paths that lead to the key of a tree, such as `id`;
 *   several make a key of several values. %NULL or none: the arbor is to have no keys
 * @flags: whether keys are unique
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in trees
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; nothing is changed then
 * @error: where to put an error
 *
 * Declares what the key of a tree of a stored arbor is, so that trees are found by it without a look at the
 * others: by [method@Arbor.Arbor.find], and by itself wherever a condition asks for a key with `==` or
 * `in`: filters, counts, [method@Arbor.Arbor.find_one], [method@Arbor.Store.update_where],
 * [method@Arbor.Store.delete_where], and [method@Arbor.Store.upsert] by that path.
 *
 * A key is a string, a number or a truth value; 1 and 1.0 are the same. A tree where a path leads to
 * nothing or to null has no key, and is found by none. With %ARBOR_KEY_UNIQUE no two trees have the same key:
 * whatever would write a second one, by whatever call and from whatever process, fails with
 * %ARBOR_ERROR_EXISTS and changes nothing.
 *
 * The declaration stays with the arbor through everything that writes or renames it, until it is deleted. An
 * arbor has one at a time. Declaring reads the keys of all trees; of what is declared already it does nothing.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_INVALID_ARGUMENT for paths that are no key,
 * %ARBOR_ERROR_EXPRESSION for what is no path, %ARBOR_ERROR_TYPE when a tree has an array or object there,
 * %ARBOR_ERROR_EXISTS when two trees have the same key that is to be unique; both name the trees.
 * %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY, %ARBOR_ERROR_CONFLICT when others
 * change the name again and again, %ARBOR_ERROR_FULL, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_CLOSED,
 * %G_IO_ERROR_CANCELLED. After an error the store is as it was. Any thread may call this.
 *
 * Returns: whether they are declared
 *
 * Since: 1.0
 */
gboolean
arbor_store_set_keys (ArborStore *self, const char *name, const char *const *paths,
                      ArborKeyFlags flags, ArborProgressFunc progress, gpointer progress_data,
                      GCancellable *cancellable, GError **error)
{
  Declare declare = { .edit = { .store = self,
                                .name = name,
                                .cancellable = cancellable,
                                .check = check_paths,
                                .stage = stage_keys },
                      .paths = paths,
                      .flags = flags,
                      .progress = progress,
                      .progress_data = progress_data };
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  is_done = arbor_store_edit_run (&declare.edit, error);
  g_clear_pointer (&declare.keys, arbor_keys_unref);
  return is_done;
}
