/* ArborTransaction: staging. Each edit makes a new draft of its name; drafts share the batches that
 * an edit does not concern, stored ones by their ids and those in memory by references.
 */

#include "arbor-transaction-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "query/content/arbor-content.h"

/* A draft in the making. */
typedef struct
{
  ArborTransaction *transaction;
  const char *name;
  ArborSource *old; /* what pieces are kept of, or NULL */
  GArray *entries;  /* ArborBatchEntry */
  GPtrArray *pieces;
  gboolean must_copy; /* batches that come in lie in the map */
} Draft;

static void
free_piece (gpointer data)
{
  if (data != NULL)
    arbor_piece_unref (data);
}

static void
draft_init (Draft *self, ArborTransaction *transaction, const char *name, ArborSource *old)
{
  *self = (Draft){ .transaction = transaction, .name = name, .old = old };
  self->entries = g_array_new (FALSE, FALSE, sizeof (ArborBatchEntry));
  self->pieces = g_ptr_array_new_with_free_func (free_piece);
}

static void
draft_clear (Draft *self)
{
  g_array_unref (self->entries);
  g_clear_pointer (&self->pieces, g_ptr_array_unref);
}

/* It becomes what the transaction has under its name. */
static void
draft_set (Draft *self)
{
  const ArborRecord *base = self->old != NULL ? arbor_source_get_record (self->old) : NULL;
  g_autoptr (ArborRecord) record = NULL;

  record = arbor_record_new_draft (base != NULL ? base->name : self->name,
                                   base != NULL ? base->generation : 0,
                                   (const ArborBatchEntry *)(gconstpointer)self->entries->data,
                                   self->entries->len);
  arbor_transaction_set_draft (self->transaction, self->name,
                               arbor_source_new_draft (self->transaction->store->session,
                                                       self->name, record,
                                                       g_steal_pointer (&self->pieces)));
}

static gboolean
keep_piece (guint32 index, gpointer data, GError **error)
{
  Draft *self = data;
  ArborPiece *piece = arbor_source_get_piece (self->old, index);

  g_array_append_val (self->entries, arbor_source_get_record (self->old)->batches[index]);
  g_ptr_array_add (self->pieces, piece != NULL ? arbor_piece_ref (piece) : NULL);
  return TRUE;
}

static gboolean
add_batch (GBytes *batch, gpointer data, GError **error)
{
  Draft *self = data;
  g_autoptr (GBytes) bytes = NULL;
  ArborBatchEntry entry = { 0 };
  ArborPiece *piece;
  gsize size;
  gconstpointer start = g_bytes_get_data (batch, &size);

  bytes = self->must_copy ? arbor_batch_try_copy_bytes (start, size, error) : g_bytes_ref (batch);
  piece = bytes != NULL ? arbor_piece_new (bytes, error) : NULL;
  if (piece == NULL)
    return FALSE;
  entry.n_bytes = size;
  entry.n_trees = arbor_batch_peek_n_trees (g_bytes_get_data (bytes, NULL), size);
  g_array_append_val (self->entries, entry);
  g_ptr_array_add (self->pieces, piece);
  return TRUE;
}

/* Whether the batches that @arbor gives out are valid only inside an access. */
static gboolean
lies_in_map (ArborArbor *arbor)
{
  return arbor_source_get_n_leaves (arbor->source) > 0 &&
         arbor_trees_are_whole (arbor->selection, arbor->source);
}

/* Putting */

static gboolean
put_inside (ArborTransaction *self, const char *name, ArborArbor *arbor, ArborAccess *arbor_access,
            GCancellable *cancellable, GError **error)
{
  gboolean is_good;
  Draft draft;

  if (!arbor_name_check (name, error) || !arbor_access_verify (arbor_access, cancellable, error))
    return FALSE;
  draft_init (&draft, self, name, NULL);
  draft.must_copy = lies_in_map (arbor);
  is_good = arbor_arbor_write_batches (arbor, arbor_access, add_batch, &draft, cancellable, error);
  if (is_good)
    draft_set (&draft);
  draft_clear (&draft);
  return is_good;
}

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
  ArborAccess access, arbor_access;
  gboolean is_done = FALSE;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), FALSE);

  if (!arbor_transaction_enter (self, &access, error))
    return FALSE;
  if (arbor_arbor_enter (arbor, &arbor_access, error))
    {
      is_done = put_inside (self, name, arbor, &arbor_access, cancellable, error);
      arbor_access_end (&arbor_access, error);
    }
  arbor_transaction_leave (self, &access, error);
  return is_done;
}

/* Changing a part */

typedef struct
{
  ArborTransaction *transaction;
  const char *name;
  gboolean is_append;
  guint64 start;
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

/* The new content of the name, made of @old and of what comes in. */
static gboolean
stage (Edit *edit, ArborSource *old, ArborAccess *access, GError **error)
{
  ArborRecord *record = old != NULL ? arbor_source_get_record (old) : NULL;
  g_autoptr (ArborContent) content = arbor_content_new (record);
  Draft draft;
  const ArborContentSink sink = { .keep = keep_piece, .add = add_batch, .data = &draft };
  gboolean is_good;

  draft_init (&draft, edit->transaction, edit->name, old);
  draft.must_copy = edit->arbor != NULL && lies_in_map (edit->arbor);
  is_good =
      arbor_content_replace (content, access,
                             edit->is_append ? arbor_content_get_n_trees (content) : edit->start,
                             edit->n_trees, edit->arbor != NULL ? edit->arbor->selection : NULL,
                             &edit->arbor_access, &sink, edit->cancellable, error);
  if (is_good)
    draft_set (&draft);
  draft_clear (&draft);
  return is_good;
}

static gboolean
edit_inside (Edit *edit, GError **error)
{
  g_autoptr (ArborSource) old = NULL;
  ArborAccess access;
  gboolean is_done;

  if (!(edit->is_append
            ? arbor_transaction_find
            : arbor_transaction_find_existing) (edit->transaction, edit->name, &old, error) ||
      !begin_old (edit, old, &access, error))
    return FALSE;
  is_done = stage (edit, old, &access, error);
  arbor_access_end (&access, error);
  return is_done;
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
      arbor_access_end (&edit->arbor_access, error);
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
    .transaction = self, .name = name, .is_append = TRUE, .arbor = arbor, .cancellable = cancellable
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

/* All of @old, under the name of the draft. */
static void
take_over (ArborTransaction *self, const char *name, ArborSource *old)
{
  Draft draft;

  draft_init (&draft, self, name, old);
  for (guint32 i = 0; i < arbor_source_get_n_batches (old); i++)
    keep_piece (i, &draft, NULL);
  draft_set (&draft);
  draft_clear (&draft);
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
                   _ ("Arbor '%s' cannot be renamed to '%s': there is an arbor of that name"), name,
                   new_name);
      return FALSE;
    }
  take_over (self, new_name, old);
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
