/* ArborStore: changing a part of a stored arbor by range, and renaming; and the way of all edits, see
 * arbor-store-edit-private.h.
 */

#include "arbor-store-edit-private.h"

#include "base/arbor-error.h"
#include "storage/arbor-staging.h"

/* Some writer gets through each time, so this many failures in a row are as good as impossible. */
#define MOST_CONFLICTS  64u
#define WAIT_AT_MOST_US 8000
#define WAIT_FOR_TURN   (2 * G_TIME_SPAN_SECOND)

static gboolean
keep_piece (guint32 piece, gpointer data, GError **error)
{
  ArborStoreEdit *edit = data;

  arbor_staging_keep_batch (edit->staging, arbor_content_get_record (edit->content), piece);
  return TRUE;
}

static gboolean
mend_piece (guint32 piece, ArborMend *mend, gpointer data, GError **error)
{
  ArborStoreEdit *edit = data;

  arbor_staging_mend_batch (edit->staging, arbor_content_get_record (edit->content), piece, mend);
  return TRUE;
}

static gboolean
add_patch (GBytes *batch, guint64 id, gpointer data, GError **error)
{
  ArborStoreEdit *edit = data;

  return arbor_access_check (edit->access, NULL, error) &&
         arbor_staging_add_patch (edit->staging, batch, id, edit->cancellable, error);
}

static gboolean
add_batch (GBytes *batch, gpointer data, GError **error)
{
  ArborStoreEdit *edit = data;

  return arbor_access_check (edit->access, NULL, error) &&
         arbor_staging_add_batch (edit->staging, batch, edit->cancellable, error);
}

static ArborContent *
read_content (ArborStoreEdit *edit, GError **error)
{
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (GError) local_error = NULL;

  g_clear_pointer (&edit->access->snapshot, arbor_snapshot_unref);
  edit->access->snapshot = arbor_session_dup_snapshot (edit->store->session, error);
  if (edit->access->snapshot == NULL)
    return NULL;
  record = arbor_snapshot_lookup (edit->access->snapshot, edit->name, &local_error);
  if (record != NULL ||
      (edit->may_create && g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND)))
    return arbor_content_new (record);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

gboolean
arbor_store_edit_begin (ArborStoreEdit *self, GError **error)
{
  const ArborRecord *record;

  if (self->is_draft)
    return TRUE;
  self->content = read_content (self, error);
  if (self->content == NULL)
    return FALSE;
  self->sink = (ArborContentSink){ .keep = keep_piece,
                                    .mend = mend_piece,
                                    .patch = add_patch,
                                    .add = add_batch,
                                    .data = self };
  record = arbor_content_get_record (self->content);
  return arbor_staging_expect (self->staging, self->name, record != NULL ? record->generation : 0,
                               error) &&
         arbor_staging_begin_arbor (self->staging, self->name, error);
}

static gboolean
try_edit (ArborStoreEdit *edit, GError **error)
{
  g_autoptr (ArborStaging) staging = NULL;
  gboolean is_done;

  staging = arbor_staging_new (edit->store->session, edit->cancellable, error);
  if (staging == NULL)
    return FALSE;
  edit->staging = staging;
  is_done = edit->stage (edit, error) &&
            arbor_store_commit (edit->store, staging, &edit->changed, edit->cancellable, error);
  g_clear_pointer (&edit->content, arbor_content_free);
  return is_done;
}

/* The newest content. After a conflict in its turn, so that no new edit comes in between, and not in
 * step with those who have begun; before the first try, behind whoever has the turn. */
static gboolean
catch_up (ArborStoreEdit *edit, guint n_conflicts, gboolean *has_turn, GError **error)
{
  g_auto (GStrv) names = NULL;

  if (n_conflicts == 0)
    arbor_session_await_turn (edit->store->session, WAIT_FOR_TURN, edit->cancellable);
  else if (!*has_turn)
    *has_turn = arbor_session_take_turn (edit->store->session, WAIT_FOR_TURN, edit->cancellable);
  if (n_conflicts > 0)
    g_usleep ((gulong) g_random_int_range (0, MIN (100 << MIN (n_conflicts, 8), WAIT_AT_MOST_US)));
  if (!arbor_access_check (edit->access, edit->cancellable, error))
    return FALSE;
  names = arbor_store_refresh (edit->store, error);
  return names != NULL;
}

static gboolean
try_again_and_again (ArborStoreEdit *edit, gboolean *has_turn, GError **error)
{
  for (guint n_conflicts = 0; catch_up (edit, n_conflicts, has_turn, error); n_conflicts++)
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
edit_alone (ArborStoreEdit *edit, GError **error)
{
  gboolean has_turn = FALSE;
  gboolean is_done = try_again_and_again (edit, &has_turn, error);

  if (has_turn)
    arbor_session_give_turn (edit->store->session);
  return is_done;
}

static gboolean
edit_inside (ArborStoreEdit *edit, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (!arbor_name_check (edit->name, error) || (edit->check != NULL && !edit->check (edit, error)))
    return FALSE;
  if (!arbor_store_edit_is_small (edit))
    return edit_alone (edit, error);
  arbor_session_await_turn (edit->store->session, WAIT_FOR_TURN, edit->cancellable);
  if (arbor_store_edit_join (edit, &local_error))
    return TRUE;
  /* A commit of a process that was killed shows when the next writer takes LMDB's lock, and others who use
   * LMDB do not know our locks: the only conflicts that there can be. */
  if (edit->is_large || g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT))
    return edit_alone (edit, error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
arbor_store_edit_run (ArborStoreEdit *self, GError **error)
{
  ArborAccess access;
  gboolean is_done = FALSE;

  if (!arbor_store_enter (self->store, &access, error))
    return FALSE;
  self->access = &access;
  if (self->arbor == NULL)
    is_done = edit_inside (self, error);
  else if (arbor_arbor_enter (self->arbor, &self->arbor_access, error))
    {
      is_done = edit_inside (self, error);
      arbor_access_leave (&self->arbor_access, error);
    }
  arbor_access_leave (&access, error);
  arbor_store_announce (self->store, self->changed);
  g_clear_pointer (&self->changed, g_strfreev);
  return is_done;
}

/* By range */

typedef struct
{
  ArborStoreEdit edit;
  gboolean is_append;
  guint64 start;
  guint64 n_trees;
} Replace;

static gboolean
stage_replace (ArborStoreEdit *edit, GError **error)
{
  Replace *self = (Replace *) edit;

  return arbor_store_edit_begin (edit, error) &&
         arbor_content_replace (
             edit->content, edit->access,
             self->is_append ? arbor_content_get_n_trees (edit->content) : self->start,
             self->n_trees, edit->arbor != NULL ? edit->arbor->view->selection : NULL,
             &edit->arbor_access, &edit->sink, edit->cancellable, error);
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
  Replace append = { .edit = { .store = self,
                               .name = name,
                               .arbor = arbor,
                               .may_create = TRUE,
                               .may_join = TRUE,
                               .cancellable = cancellable,
                               .stage = stage_replace },
                     .is_append = TRUE };

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), FALSE);

  return arbor_store_edit_run (&append.edit, error);
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
  Replace replace = { .edit = { .store = self,
                                .name = name,
                                .arbor = arbor,
                                .may_join = TRUE,
                                .cancellable = cancellable,
                                .stage = stage_replace },
                      .start = start,
                      .n_trees = n_trees };

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (arbor == NULL || ARBOR_IS_ARBOR (arbor), FALSE);

  return arbor_store_edit_run (&replace.edit, error);
}

typedef struct
{
  ArborStoreEdit edit;
  const char *new_name;
} Rename;

static gboolean
stage_rename (ArborStoreEdit *edit, GError **error)
{
  return arbor_staging_rename_arbor (edit->staging, edit->name, ((Rename *) edit)->new_name, error);
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
  Rename rename = { .edit = { .store = self,
                              .name = name,
                              .cancellable = cancellable,
                              .stage = stage_rename },
                    .new_name = new_name };

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (new_name != NULL, FALSE);

  return arbor_store_edit_run (&rename.edit, error);
}
