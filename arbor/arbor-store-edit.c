/* ArborStore: changing a part of a stored arbor, and renaming. An edit reads the newest content of
 * its name, makes new batches where the content changes, lists the others by their ids, and commits
 * under the expectation that the name was not written meanwhile. When it was, the edit begins anew
 * on what is there then.
 */

#include "arbor-store-private.h"

#include "arbor-arbor-private.h"
#include "base/arbor-error.h"
#include "query/arbor-content.h"

/* Some writer gets through each time, so this many failures in a row are as good as impossible. */
#define MOST_CONFLICTS  64u
#define WAIT_AT_MOST_US 8000

typedef struct
{
  ArborStore *store;
  ArborAccess *access; /* of the store */
  const char *name;
  const char *new_name; /* to rename */
  gboolean is_append;
  guint64 start;
  guint64 n_trees;
  ArborArbor *arbor; /* NULL: nothing comes in */
  ArborAccess arbor_access;
  ArborStaging *staging;
  ArborContent *content;
  GCancellable *cancellable;
} Edit;

static gboolean
keep_piece (guint32 piece, gpointer data, GError **error)
{
  Edit *edit = data;

  arbor_staging_keep_batch (edit->staging, arbor_content_get_record (edit->content), piece);
  return TRUE;
}

static gboolean
add_batch (GBytes *batch, gpointer data, GError **error)
{
  Edit *edit = data;

  return arbor_access_check (edit->access, NULL, error) &&
         arbor_staging_add_batch (edit->staging, batch, edit->cancellable, error);
}

/* The content that the name has now. To a name that does not exist can be appended. */
static ArborContent *
read_content (Edit *edit, GError **error)
{
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (GError) local_error = NULL;

  g_clear_pointer (&edit->access->snapshot, arbor_snapshot_unref);
  edit->access->snapshot = arbor_session_dup_snapshot (edit->store->session, error);
  if (edit->access->snapshot == NULL)
    return NULL;
  record = arbor_snapshot_lookup (edit->access->snapshot, edit->name, &local_error);
  if (record != NULL ||
      (edit->is_append && g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND)))
    return arbor_content_new (record);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

static gboolean
stage_edit (Edit *edit, GError **error)
{
  const ArborContentSink sink = { .keep = keep_piece, .add = add_batch, .data = edit };
  g_autoptr (ArborContent) content = read_content (edit, error);
  const ArborRecord *record;

  if (content == NULL)
    return FALSE;
  edit->content = content;
  record = arbor_content_get_record (content);
  return arbor_staging_expect (edit->staging, edit->name,
                               record != NULL ? record->generation : 0, error) &&
         arbor_staging_begin_arbor (edit->staging, edit->name, error) &&
         arbor_content_replace (
             content, edit->access,
             edit->is_append ? arbor_content_get_n_trees (content) : edit->start, edit->n_trees,
             edit->arbor != NULL ? edit->arbor->selection : NULL, &edit->arbor_access, &sink,
             edit->cancellable, error);
}

static gboolean
try_edit (Edit *edit, GError **error)
{
  g_autoptr (ArborStaging) staging = NULL;

  staging = arbor_staging_new (edit->store->session, edit->cancellable, error);
  if (staging == NULL)
    return FALSE;
  edit->staging = staging;
  return (edit->new_name != NULL
              ? arbor_staging_rename_arbor (staging, edit->name, edit->new_name, error)
              : stage_edit (edit, error)) &&
         arbor_staging_commit (staging, edit->cancellable, error);
}

/* The newest content; after a conflict, not in step with those who try the same. */
static gboolean
catch_up (Edit *edit, guint n_conflicts, GError **error)
{
  g_auto (GStrv) names = NULL;

  if (n_conflicts > 0)
    g_usleep ((gulong) g_random_int_range (0, MIN (100 << MIN (n_conflicts, 8), WAIT_AT_MOST_US)));
  if (!arbor_access_check (edit->access, edit->cancellable, error))
    return FALSE;
  names = arbor_store_refresh (edit->store, error);
  return names != NULL;
}

static gboolean
edit_inside (Edit *edit, GError **error)
{
  if (!arbor_name_check (edit->name, error))
    return FALSE;
  for (guint n_conflicts = 0; catch_up (edit, n_conflicts, error); n_conflicts++)
    {
      g_autoptr (GError) local_error = NULL;

      if (try_edit (edit, &local_error))
        return TRUE;
      if (n_conflicts == MOST_CONFLICTS ||
          !g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  return FALSE;
}

static gboolean
run_edit (Edit *edit, GError **error)
{
  ArborAccess access;
  gboolean is_done = FALSE;

  if (!arbor_store_enter (edit->store, &access, error))
    return FALSE;
  edit->access = &access;
  if (edit->arbor == NULL)
    is_done = edit_inside (edit, error);
  else if (arbor_arbor_enter (edit->arbor, &edit->arbor_access, error))
    {
      is_done = edit_inside (edit, error);
      arbor_access_end (&edit->arbor_access, error);
    }
  arbor_access_end (&access, error);
  return is_done;
}

/**
 * arbor_store_append:
 * @self: a store
 * @name: the name
 * @arbor: the arbor whose trees are appended: in memory, stored here or elsewhere, or a view
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Appends trees to the arbor of a name, which is made when there is none. Only the batches at the
 * end are written anew, by tiers of their sizes, so that many small appends cost little more than
 * one large one. What others have written under the name in the meantime is kept: the trees come
 * after it.
 *
 * Errors: %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_LIMIT past 4,294,967,295
 * trees, %ARBOR_ERROR_BUSY when another process writes for longer than the busy time-out,
 * %ARBOR_ERROR_CONFLICT when others change the name again and again, %ARBOR_ERROR_FULL,
 * %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE for @arbor,
 * %G_IO_ERROR_CANCELLED. After an error the store is as it was. Any thread may call this.
 *
 * Returns: whether they were appended
 *
 * Since: 1.0
 */
gboolean
arbor_store_append (ArborStore *self, const char *name, ArborArbor *arbor,
                    GCancellable *cancellable, GError **error)
{
  Edit edit = {
    .store = self, .name = name, .is_append = TRUE, .arbor = arbor, .cancellable = cancellable
  };

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), FALSE);

  return run_edit (&edit, error);
}

/**
 * arbor_store_replace:
 * @self: a store
 * @name: the name of an arbor
 * @start: the index of the first tree to replace; the number of trees stands for the end
 * @n_trees: how many trees to replace; 0 inserts before @start
 * @arbor: (nullable): the arbor whose trees come instead, as many as it has: in memory, stored here
 *   or elsewhere, or a view; %NULL deletes the range
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Replaces a range of the trees of a stored arbor by others, inserts or deletes. Only the batches
 * that hold the range are written anew, and small ones beside them. Indices are those of the
 * newest content. Where nothing changes, nothing is written and handles stay fresh.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_OUT_OF_RANGE when the range is not in the arbor, and
 * those of [method@Arbor.Store.append]. After an error the store is as it was. Any thread may call
 * this.
 *
 * Returns: whether they were replaced
 *
 * Since: 1.0
 */
gboolean
arbor_store_replace (ArborStore *self, const char *name, guint64 start, guint64 n_trees,
                     ArborArbor *arbor, GCancellable *cancellable, GError **error)
{
  Edit edit = { .store = self,
                .name = name,
                .start = start,
                .n_trees = n_trees,
                .arbor = arbor,
                .cancellable = cancellable };

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (arbor == NULL || ARBOR_IS_ARBOR (arbor), FALSE);

  return run_edit (&edit, error);
}

/**
 * arbor_store_rename:
 * @self: a store
 * @name: the name of an arbor
 * @new_name: the name that it is to have, which no arbor has
 * @cancellable: (nullable): to stop waiting
 * @error: where to put an error
 *
 * Renames an arbor. No batch is read or written.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_EXISTS, %ARBOR_ERROR_INVALID_NAME,
 * %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY, %ARBOR_ERROR_CONFLICT when others change the names
 * again and again, %ARBOR_ERROR_FULL, %ARBOR_ERROR_CLOSED, %G_IO_ERROR_CANCELLED. Any thread may
 * call this.
 *
 * Returns: whether it was renamed
 *
 * Since: 1.0
 */
gboolean
arbor_store_rename (ArborStore *self, const char *name, const char *new_name,
                    GCancellable *cancellable, GError **error)
{
  Edit edit = { .store = self, .name = name, .new_name = new_name, .cancellable = cancellable };

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (new_name != NULL, FALSE);

  return run_edit (&edit, error);
}
