/* ArborTransaction: expectations, commit and rollback. The commit makes a staging of the drafts,
 * with the expectations that come from what was read, and runs it. When it fails nothing was
 * written and the drafts are still there, so that it can be tried again.
 */

#include "arbor-transaction-private.h"
#include "query/content/arbor-content-draft.h"

#include <string.h>

/**
 * arbor_transaction_expect:
 * @self: a transaction
 * @name: a name
 * @generation: the generation that it must have, from [method@Arbor.Arbor.get_generation]; 0 when
 *   there must be no arbor of that name
 * @error: where to put an error
 *
 * Has the commit fail, and change nothing, unless the stored arbor of a name then has a certain
 * generation. What the transaction itself stages under the name does not matter.
 *
 * Errors: %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: whether it is expected from now on
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_expect (ArborTransaction *self, const char *name, guint64 generation,
                          GError **error)
{
  ArborAccess access;
  gboolean is_good;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (!arbor_transaction_enter (self, &access, error))
    return FALSE;
  is_good = arbor_name_check (name, error);
  if (is_good)
    {
      TransactionExpectation fresh = { g_strdup (name), generation };

      g_array_append_val (self->expectations, fresh);
    }
  arbor_transaction_leave (self, &access, error);
  return is_good;
}

/* A name is to have what the draft lists, or to be deleted. */
static gboolean
stage_draft (ArborTransaction *self, ArborStaging *staging, const char *name, ArborSource *draft,
             GCancellable *cancellable, GError **error)
{
  if ((self->was_listed || g_hash_table_contains (self->was_read, name)) &&
      !arbor_staging_expect (staging, name, arbor_transaction_get_generation (self, name), error))
    return FALSE;
  if (draft == NULL)
    return arbor_staging_delete_arbor (staging, name, error);
  return arbor_draft_stage (draft, name, staging, cancellable, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static gboolean
stage_all (ArborTransaction *self, ArborStaging *staging, ArborAccess *access,
           GCancellable *cancellable, GError **error)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->drafts), compare_names);

  for (guint i = 0; i < self->expectations->len; i++)
    {
      const TransactionExpectation *expected =
          &g_array_index (self->expectations, TransactionExpectation, i);

      if (!arbor_staging_expect (staging, expected->name, expected->generation, error))
        return FALSE;
    }
  for (GList *link = names; link != NULL; link = link->next)
    if (!arbor_access_check (access, cancellable, error) ||
        !stage_draft (self, staging, link->data, g_hash_table_lookup (self->drafts, link->data),
                      cancellable, error))
      return FALSE;
  return TRUE;
}

static gboolean
commit_inside (ArborTransaction *self, ArborAccess *access, char ***changed,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborStaging) staging = arbor_staging_new (self->store->session, cancellable, error);

  if (staging == NULL || !stage_all (self, staging, access, cancellable, error))
    return FALSE;
  if ((g_hash_table_size (self->drafts) > 0 || self->expectations->len > 0) &&
      !arbor_store_commit (self->store, staging, changed, cancellable, error))
    return FALSE;
  arbor_transaction_end (self, ARBOR_TRANSACTION_STATE_COMMITTED);
  return TRUE;
}

/**
 * arbor_transaction_commit:
 * @self: a transaction
 * @cancellable: (nullable): to stop waiting
 * @error: where to put an error
 *
 * Writes all that was staged, in one commit: all or nothing. The transaction has ended then. When
 * nothing was staged nothing is written; when all that was staged is there already nothing is
 * written either, and generations stay.
 *
 * Errors: %ARBOR_ERROR_CONFLICT when others have changed a name that this transaction read and
 * changed, or that it expects at a certain generation; the message has all such names.
 * %ARBOR_ERROR_BUSY when another process writes for longer than the busy time-out,
 * %ARBOR_ERROR_FULL, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_CLOSED also after commit or rollback,
 * %G_IO_ERROR_CANCELLED. After an error the store and the transaction are as they were: it can be
 * committed again, which after a conflict fails again. Any thread may call this.
 *
 * Returns: whether it was committed
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_commit (ArborTransaction *self, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) changed = NULL;
  ArborAccess access;
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  if (!arbor_transaction_enter (self, &access, error))
    return FALSE;
  is_done = commit_inside (self, &access, &changed, cancellable, error);
  arbor_transaction_leave (self, &access, error);
  arbor_store_announce (self->store, changed);
  return is_done;
}

/**
 * arbor_transaction_rollback:
 * @self: a transaction
 *
 * Ends the transaction and forgets what it staged. What has ended already stays as it is; a commit
 * that another thread has begun is waited for. Any thread may call this, at any time.
 *
 * Since: 1.0
 */
void
arbor_transaction_rollback (ArborTransaction *self)
{
  g_return_if_fail (ARBOR_IS_TRANSACTION (self));

  /* In a forked child the mutex may be that of a thread which is not there. */
  if (self->store == NULL || !arbor_session_check_process (self->store->session, NULL))
    return;
  pthread_mutex_lock (&self->mutex);
  if (g_atomic_int_get (&self->state) == ARBOR_TRANSACTION_STATE_OPEN)
    arbor_transaction_end (self, ARBOR_TRANSACTION_STATE_ROLLED_BACK);
  pthread_mutex_unlock (&self->mutex);
}
