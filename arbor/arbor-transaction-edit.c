/* ArborTransaction: staging. Each edit makes a new draft of its name; drafts share the batches that
 * an edit does not concern, stored ones by their ids and those in memory by references.
 */

#include "arbor-transaction-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "base/arbor-error.h"
#include "query/content/arbor-content-draft.h"

/* Keys */

/* What is declared of a name that is put, and whether the transaction has declared it. Does not count as a
 * reading. (transfer full) */
static ArborKeys *
find_keys (ArborTransaction *self, const char *name, gboolean *is_set)
{
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_autoptr (ArborRecord) record = NULL;
  gpointer draft;

  if (g_hash_table_lookup_extended (self->drafts, name, NULL, &draft))
    {
      /* What was deleted before has no keys any more. */
      const ArborRecord *staged = draft != NULL ? arbor_source_get_record (draft) : NULL;

      *is_set = staged == NULL || staged->sets_keys;
      return staged != NULL && staged->keys != NULL ? arbor_keys_ref (staged->keys) : NULL;
    }
  *is_set = FALSE;
  snapshot = arbor_session_dup_snapshot (self->store->session, NULL);
  record = snapshot != NULL ? arbor_snapshot_lookup (snapshot, name, NULL) : NULL;
  return record != NULL && record->keys != NULL ? arbor_keys_ref (record->keys) : NULL;
}

/**
 * arbor_transaction_set_keys:
 * @self: a transaction
 * @name: the name of an arbor
 * @paths: (nullable) (array zero-terminated=1): the paths that lead to the key of a tree; %NULL or none: the
 *   arbor is to have no keys
 * @flags: whether keys are unique
 * @error: where to put an error
 *
 * Stages what the key of a tree is: see [method@Arbor.Store.set_keys]. The name counts as read. Whether the
 * keys are what they are declared to be is found at the commit, for the trees that there are then; so two
 * trees may change keys with each other within a transaction.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_INVALID_ARGUMENT for paths that are no key,
 * %ARBOR_ERROR_EXPRESSION for what is no path, and those of [method@Arbor.Transaction.delete]. After an
 * error the transaction is as it was. Any thread may call this.
 *
 * Returns: whether they were staged
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_set_keys (ArborTransaction *self, const char *name, const char *const *paths,
                            ArborKeyFlags flags, GError **error)
{
  g_autoptr (ArborKeys) keys = NULL;
  g_autoptr (ArborSource) old = NULL;
  ArborAccess access;
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (!arbor_transaction_enter (self, &access, error))
    return FALSE;
  is_done = paths == NULL || paths[0] == NULL ||
            (keys = arbor_keys_new (paths, (flags & ARBOR_KEY_UNIQUE) != 0, error)) != NULL;
  is_done = is_done && arbor_transaction_find_existing (self, name, &old, error);
  if (is_done)
    arbor_transaction_set_draft (self, name,
                                 arbor_draft_set_keys (self->store->session, name, old, keys));
  arbor_transaction_leave (self, &access, error);
  return is_done;
}

/* Putting */

/**
 * arbor_transaction_put:
 * @self: a transaction
 * @name: the name
 * @arbor: the arbor: in memory, of this transaction, stored here or elsewhere, or a view
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Stages an arbor under a name, in place of what is there. Its trees are copied into memory at
 * once, but for those that lie there already. Unless the transaction read the name before, the
 * commit replaces whatever others wrote under it.
 *
 * Errors: %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_CLOSED also after commit or rollback,
 * %ARBOR_ERROR_STALE for @arbor, %ARBOR_ERROR_CORRUPT, %G_IO_ERROR_CANCELLED. After an error the
 * transaction is as it was. Any thread may call this.
 *
 * Returns: whether it was staged
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_put (ArborTransaction *self, const char *name, ArborArbor *arbor,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborKeys) keys = NULL;
  ArborAccess access, arbor_access;
  ArborSource *draft = NULL;
  gboolean sets_keys;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), FALSE);

  if (!arbor_transaction_enter (self, &access, error))
    return FALSE;
  if (arbor_arbor_enter (arbor, &arbor_access, error))
    {
      keys = find_keys (self, name, &sets_keys);
      draft = arbor_draft_put (self->store->session, name, keys, sets_keys, arbor->view, &arbor_access,
                               cancellable, error);
      if (draft != NULL)
        arbor_transaction_set_draft (self, name, draft);
      arbor_access_leave (&arbor_access, error);
    }
  arbor_transaction_leave (self, &access, error);
  return draft != NULL;
}

/* Changing a part */

typedef struct
{
  ArborTransaction *transaction;
  const char *name;
  guint64 start; /* ARBOR_CONTENT_END: append, also where there is no such name yet */
  guint64 n_trees;
  ArborArbor *arbor; /* NULL: nothing comes in */
  ArborAccess arbor_access;
  GCancellable *cancellable;
} Edit;

/* What is stale here was changed by others after the transaction began. */
static gboolean
begin_old (Edit *edit, ArborSource *old, ArborAccess *access, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (old == NULL)
    {
      *access = (ArborAccess){ .stripe = -1 };
      return TRUE;
    }
  if (arbor_access_begin (access, old, NULL, &local_error))
    return TRUE;
  if (g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_STALE))
    g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT, local_error->message);
  else
    g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
edit_inside (Edit *edit, GError **error)
{
  ArborTransaction *self = edit->transaction;
  g_autoptr (ArborSource) old = NULL;
  ArborSource *draft;
  ArborAccess access;

  if (!(edit->start == ARBOR_CONTENT_END
            ? arbor_transaction_find
            : arbor_transaction_find_existing) (self, edit->name, &old, error) ||
      !begin_old (edit, old, &access, error))
    return FALSE;
  draft = arbor_draft_replace (self->store->session, edit->name, old, &access, edit->start,
                               edit->n_trees, edit->arbor != NULL ? edit->arbor->view : NULL,
                               &edit->arbor_access, edit->cancellable, error);
  if (draft != NULL)
    arbor_transaction_set_draft (self, edit->name, draft);
  arbor_access_leave (&access, error);
  return draft != NULL;
}

static gboolean
run_edit (Edit *edit, GError **error)
{
  ArborAccess access;
  gboolean is_done = FALSE;

  if (!arbor_transaction_enter (edit->transaction, &access, error))
    return FALSE;
  if (edit->arbor == NULL)
    is_done = edit_inside (edit, error);
  else if (arbor_arbor_enter (edit->arbor, &edit->arbor_access, error))
    {
      is_done = edit_inside (edit, error);
      arbor_access_leave (&edit->arbor_access, error);
    }
  arbor_transaction_leave (edit->transaction, &access, error);
  return is_done;
}

/**
 * arbor_transaction_append:
 * @self: a transaction
 * @name: the name
 * @arbor: the arbor whose trees are appended
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Stages trees at the end of the arbor of a name, which is made when there is none: see
 * [method@Arbor.Store.append]. The name counts as read.
 *
 * Errors: those of [method@Arbor.Transaction.put], %ARBOR_ERROR_CONFLICT when others have changed
 * the name since the transaction began, %ARBOR_ERROR_LIMIT past 4,294,967,295 trees. After an error
 * the transaction is as it was. Any thread may call this.
 *
 * Returns: whether they were staged
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_append (ArborTransaction *self, const char *name, ArborArbor *arbor,
                          GCancellable *cancellable, GError **error)
{
  Edit edit = {
    .transaction = self, .name = name, .start = ARBOR_CONTENT_END, .arbor = arbor,
    .cancellable = cancellable
  };

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), FALSE);

  return run_edit (&edit, error);
}

/**
 * arbor_transaction_replace:
 * @self: a transaction
 * @name: the name of an arbor
 * @start: the index of the first tree to replace; the number of trees stands for the end
 * @n_trees: how many trees to replace; 0 inserts before @start
 * @arbor: (nullable): the arbor whose trees come instead, as many as it has; %NULL deletes the
 *   range
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Stages other trees in place of a range: see [method@Arbor.Store.replace]. The name counts as
 * read.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_OUT_OF_RANGE when the range is not in the arbor, and
 * those of [method@Arbor.Transaction.append]. After an error the transaction is as it was. Any
 * thread may call this.
 *
 * Returns: whether they were staged
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_replace (ArborTransaction *self, const char *name, guint64 start, guint64 n_trees,
                           ArborArbor *arbor, GCancellable *cancellable, GError **error)
{
  Edit edit = { .transaction = self,
                .name = name,
                .start = start,
                .n_trees = n_trees,
                .arbor = arbor,
                .cancellable = cancellable };

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (arbor == NULL || ARBOR_IS_ARBOR (arbor), FALSE);

  return run_edit (&edit, error);
}

/* Names */

/**
 * arbor_transaction_delete:
 * @self: a transaction
 * @name: the name of an arbor
 * @error: where to put an error
 *
 * Stages the deletion of an arbor. The name counts as read.
 *
 * Errors: %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_CONFLICT when others have changed the name since
 * the transaction began, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: %TRUE when there is one to delete; %FALSE without error when there is none of that name
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_delete (ArborTransaction *self, const char *name, GError **error)
{
  g_autoptr (ArborSource) old = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (!arbor_transaction_enter (self, &access, error))
    return FALSE;
  if (arbor_transaction_find (self, name, &old, error) && old != NULL)
    arbor_transaction_set_draft (self, name, NULL);
  arbor_transaction_leave (self, &access, error);
  return old != NULL;
}

static gboolean
rename_inside (ArborTransaction *self, const char *name, const char *new_name, GError **error)
{
  g_autoptr (ArborSource) old = NULL;
  g_autoptr (ArborSource) occupant = NULL;

  if (!arbor_transaction_find_existing (self, name, &old, error) ||
      !arbor_transaction_find (self, new_name, &occupant, error))
    return FALSE;
  if (occupant != NULL)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXISTS,
                   _("Arbor '%s' cannot be renamed to '%s': there is an arbor of that name"), name,
                   new_name);
      return FALSE;
    }
  arbor_transaction_set_draft (self, new_name,
                               arbor_draft_rename (self->store->session, new_name, old));
  arbor_transaction_set_draft (self, name, NULL);
  return TRUE;
}

/**
 * arbor_transaction_rename:
 * @self: a transaction
 * @name: the name of an arbor
 * @new_name: the name that it is to have, which no arbor has
 * @error: where to put an error
 *
 * Stages another name for an arbor. Both names count as read.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_EXISTS, and those of
 * [method@Arbor.Transaction.delete]. After an error the transaction is as it was. Any thread may
 * call this.
 *
 * Returns: whether the new name was staged
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_rename (ArborTransaction *self, const char *name, const char *new_name,
                          GError **error)
{
  ArborAccess access;
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (new_name != NULL, FALSE);

  if (!arbor_transaction_enter (self, &access, error))
    return FALSE;
  is_done = rename_inside (self, name, new_name, error);
  arbor_transaction_leave (self, &access, error);
  return is_done;
}
