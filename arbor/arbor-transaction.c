/* ArborTransaction: beginning, reading and ending. See arbor-transaction-private.h for what it is
 * made of. Closing the store drops what was staged: by the closing thread when nobody works on the
 * transaction, else by who does, when leaving.
 */

#include "arbor-transaction-private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "arbor-close-token.h"
#include "base/arbor-error.h"

/**
 * ArborTransaction:
 *
 * Several writes to a store that take effect together, or not at all.
 *
 * [method@Arbor.Store.begin_transaction] begins one. What it stages
 * ([method@Arbor.Transaction.put], [method@Arbor.Transaction.append],
 * [method@Arbor.Transaction.replace], [method@Arbor.Transaction.delete],
 * [method@Arbor.Transaction.rename]) lies in memory, is seen by its own
 * [method@Arbor.Transaction.get], [method@Arbor.Transaction.contains] and
 * [method@Arbor.Transaction.list_names] and by nobody else, until
 * [method@Arbor.Transaction.commit] writes it in one short commit. No lock is held before: a
 * transaction that is forgotten costs nothing but the memory of what it staged.
 *
 * A transaction sees the store as it was when it began. A name that it has read, and then changes,
 * must still be as it was read when it commits, so that no update of others is lost; so must those
 * given to [method@Arbor.Transaction.expect]. Otherwise nothing is written and the error is
 * %ARBOR_ERROR_CONFLICT: begin another one and do the work again on what is there now. A name that
 * is put without having been read is written whatever others did.
 *
 * Closing the store drops its open transactions: each call fails then with %ARBOR_ERROR_CLOSED.
 * After commit or rollback a transaction is closed, too.
 *
 * Any thread may use a transaction; calls on it run one after another.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (ArborTransaction, arbor_transaction, G_TYPE_OBJECT)

static void
clear_expectation (gpointer data)
{
  g_free (((TransactionExpectation *)data)->name);
}

static void
free_source (gpointer data)
{
  if (data != NULL)
    arbor_source_unref (data);
}

static void
arbor_transaction_finalize (GObject *object)
{
  ArborTransaction *self = ARBOR_TRANSACTION (object);

  if (self->closed_id != 0)
    arbor_close_token_remove_closed_func (self->store->token, self->closed_id);
  g_clear_pointer (&self->drafts, g_hash_table_unref);
  g_clear_pointer (&self->was_read, g_hash_table_unref);
  g_clear_pointer (&self->expectations, g_array_unref);
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->generations, g_free);
  g_clear_object (&self->store);
  pthread_mutex_destroy (&self->mutex);

  G_OBJECT_CLASS (arbor_transaction_parent_class)->finalize (object);
}

static void
arbor_transaction_class_init (ArborTransactionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_transaction_finalize;
  arbor_transaction_install_properties (G_OBJECT_CLASS (klass));
}

static void
arbor_transaction_init (ArborTransaction *self)
{
  pthread_mutex_init (&self->mutex, NULL);
  self->drafts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_source);
  self->was_read = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->expectations = g_array_new (FALSE, FALSE, sizeof (TransactionExpectation));
  g_array_set_clear_func (self->expectations, clear_expectation);
}

/* The end */

static void
drop_staged (ArborTransaction *self)
{
  g_hash_table_remove_all (self->drafts);
  g_hash_table_remove_all (self->was_read);
  g_array_set_size (self->expectations, 0);
  self->n_names = 0;
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->generations, g_free);
}

void
arbor_transaction_end (ArborTransaction *self, ArborTransactionState state)
{
  drop_staged (self);
  g_atomic_int_set (&self->has_changes, FALSE);
  g_atomic_int_set (&self->state, state);
  arbor_transaction_tell_state (self);
}

/* After the store was closed. Who has the mutex comes here when leaving. */
static void
drop_if_idle (ArborTransaction *self)
{
  if (pthread_mutex_trylock (&self->mutex) != 0)
    return;
  drop_staged (self);
  pthread_mutex_unlock (&self->mutex);
}

static void
on_closed (ArborCloseToken *token, gpointer data)
{
  g_autoptr (ArborTransaction) self = g_weak_ref_get (data);

  if (self == NULL)
    return;
  drop_if_idle (self);
  if (g_atomic_int_get (&self->state) == ARBOR_TRANSACTION_STATE_OPEN)
    arbor_transaction_tell_state (self);
}

static void
free_weak_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* The beginning */

static void
watch_closing (ArborTransaction *self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  self->closed_id =
      arbor_close_token_add_closed_func (self->store->token, on_closed, weak, free_weak_ref);
}

/* Inside. */
static ArborTransaction *
begin_inside (ArborStore *store, ArborAccess *access, GError **error)
{
  g_autoptr (ArborTransaction) self = NULL;

  if (arbor_session_is_read_only (store->session))
    {
      arbor_session_set_read_only_error (store->session, error);
      return NULL;
    }
  access->snapshot = arbor_session_dup_snapshot (store->session, error);
  if (access->snapshot == NULL)
    return NULL;
  self = g_object_new (ARBOR_TYPE_TRANSACTION, NULL);
  if (!arbor_snapshot_list_generations (access->snapshot, &self->names, &self->generations, error))
    return NULL;
  self->n_names = g_strv_length (self->names);
  self->store = g_object_ref (store);
  watch_closing (self);
  return g_steal_pointer (&self);
}

/**
 * arbor_store_begin_transaction:
 * @self: a store
 * @error: where to put an error
 *
 * Begins a transaction on the newest state of the store, to which the store moves as by
 * [method@Arbor.Store.refresh]. No lock is taken: any number of transactions may be open.
 *
 * Errors: %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT,
 * %ARBOR_ERROR_TOO_MANY_READERS. Any thread may call this.
 *
 * Returns: (transfer full): the transaction
 *
 * Since: 1.0
 */
ArborTransaction *
arbor_store_begin_transaction (ArborStore *self, GError **error)
{
  g_auto (GStrv) changed = NULL;
  ArborTransaction *transaction;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);

  changed = arbor_store_refresh (self, error);
  if (changed == NULL || !arbor_store_enter (self, &access, error))
    return NULL;
  transaction = begin_inside (self, &access, error);
  arbor_access_leave (&access, error);
  return transaction;
}

const char *
arbor_transaction_get_queue (ArborTransaction *self)
{
  return arbor_store_get_queue (self->store);
}

/* Inside */

static void
set_ended_error (ArborTransaction *self, GError **error)
{
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED,
                       g_atomic_int_get (&self->state) == ARBOR_TRANSACTION_STATE_COMMITTED
                           ? _("The transaction has been committed: begin another one")
                           : _("The transaction has been rolled back: begin another one"));
}

gboolean
arbor_transaction_enter (ArborTransaction *self, ArborAccess *access, GError **error)
{
  if (self->store == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return FALSE;
    }
  if (!arbor_store_enter (self->store, access, error))
    return FALSE;
  pthread_mutex_lock (&self->mutex);
  if (g_atomic_int_get (&self->state) == ARBOR_TRANSACTION_STATE_OPEN &&
      arbor_access_check (access, NULL, error))
    return TRUE;
  if (g_atomic_int_get (&self->state) != ARBOR_TRANSACTION_STATE_OPEN)
    set_ended_error (self, error);
  arbor_transaction_leave (self, access, error);
  return FALSE;
}

void
arbor_transaction_leave (ArborTransaction *self, ArborAccess *access, GError **error)
{
  pthread_mutex_unlock (&self->mutex);
  arbor_access_leave (access, error);
  if (arbor_store_is_closed (self->store))
    drop_if_idle (self);
}

static int
compare_name (const void *key, const void *element)
{
  return strcmp (key, *(char *const *)element);
}

guint64
arbor_transaction_get_generation (ArborTransaction *self, const char *name)
{
  char **found = bsearch (name, self->names, self->n_names, sizeof *self->names, compare_name);

  return found != NULL ? self->generations[found - self->names] : 0;
}

/* What the store has, if that is still what it had at the beginning. */
static gboolean
find_stored (ArborTransaction *self, const char *name, ArborSource **source, GError **error)
{
  guint64 expected = arbor_transaction_get_generation (self, name);
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_autoptr (ArborRecord) record = NULL;
  guint64 found;

  *source = NULL;
  snapshot = arbor_session_dup_snapshot (self->store->session, error);
  if (snapshot == NULL || !arbor_snapshot_get_generation (snapshot, name, &found, error))
    return FALSE;
  if (found != expected)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT,
                   _("Stored arbor '%s' was changed after the transaction began: begin another "
                     "one"),
                   name);
      return FALSE;
    }
  g_hash_table_add (self->was_read, g_strdup (name));
  if (found == 0)
    return TRUE;
  record = arbor_snapshot_lookup (snapshot, name, error);
  if (record == NULL)
    return FALSE;
  *source = arbor_source_new_stored (self->store->session, record, snapshot, NULL);
  return TRUE;
}

gboolean
arbor_transaction_find (ArborTransaction *self, const char *name, ArborSource **source,
                        GError **error)
{
  gpointer draft;

  *source = NULL;
  if (!arbor_name_check (name, error))
    return FALSE;
  if (!g_hash_table_lookup_extended (self->drafts, name, NULL, &draft))
    return find_stored (self, name, source, error);
  if (draft != NULL)
    *source = arbor_source_ref (draft);
  return TRUE;
}

gboolean
arbor_transaction_find_existing (ArborTransaction *self, const char *name, ArborSource **source,
                                 GError **error)
{
  if (!arbor_transaction_find (self, name, source, error))
    return FALSE;
  if (*source == NULL)
    arbor_session_set_not_found_error (self->store->session, name, error);
  return *source != NULL;
}

void
arbor_transaction_set_draft (ArborTransaction *self, const char *name, ArborSource *source)
{
  g_hash_table_replace (self->drafts, g_strdup (name), source);
  g_atomic_int_set (&self->has_changes, TRUE);
}

/* Reading */

/* For who asks, under the store's policy of staleness. */
static ArborArbor *
make_arbor (ArborTransaction *self, ArborSource *source, GError **error)
{
  g_autoptr (ArborSnapshot) snapshot = NULL;
  ArborSource *own;

  if (!self->store->is_pinned)
    own = arbor_source_ref (source);
  else
    {
      /* One that is pinned is no longer tested, so it is tested here. */
      ArborAccess access;

      if (!arbor_access_begin (&access, source, NULL, error))
        return NULL;
      own = arbor_source_copy_pinned (source, access.snapshot);
      arbor_access_leave (&access, error);
    }
  return arbor_arbor_new_take (arbor_view_new_all (own), self->store->token);
}

/**
 * arbor_transaction_get:
 * @self: a transaction
 * @name: the name of an arbor
 * @error: where to put an error
 *
 * The arbor of a name as this transaction sees it: with what it staged so far, but not what it
 * stages later. It becomes stale when others change the name in the store, or this transaction does
 * by its commit, as arbors of [method@Arbor.Store.get] do, unless all of it was staged here.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_CONFLICT when others have
 * changed the name since the transaction began, %ARBOR_ERROR_CLOSED also after commit or rollback,
 * %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_transaction_get (ArborTransaction *self, const char *name, GError **error)
{
  g_autoptr (ArborSource) source = NULL;
  ArborArbor *arbor = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (!arbor_transaction_enter (self, &access, error))
    return NULL;
  if (arbor_transaction_find_existing (self, name, &source, error))
    arbor = make_arbor (self, source, error);
  arbor_transaction_leave (self, &access, error);
  return arbor;
}

/**
 * arbor_transaction_contains:
 * @self: a transaction
 * @name: the name of an arbor
 * @error: where to put an error
 *
 * Whether there is an arbor of that name, as this transaction sees the store.
 *
 * Errors: %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_CONFLICT when others have changed the name since
 * the transaction began, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: whether there is one; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_contains (ArborTransaction *self, const char *name, GError **error)
{
  g_autoptr (ArborSource) source = NULL;
  gboolean has = FALSE;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (!arbor_transaction_enter (self, &access, error))
    return FALSE;
  has = arbor_transaction_find (self, name, &source, error) && source != NULL;
  arbor_transaction_leave (self, &access, error);
  return has;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* Names of the beginning that have no draft, and drafts that are not to be deleted. */
static char **
list_inside (ArborTransaction *self)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name, draft;

  self->was_listed = TRUE;
  for (guint i = 0; i < self->n_names; i++)
    if (!g_hash_table_contains (self->drafts, self->names[i]))
      g_ptr_array_add (names, g_strdup (self->names[i]));
  g_hash_table_iter_init (&iter, self->drafts);
  while (g_hash_table_iter_next (&iter, &name, &draft))
    if (draft != NULL)
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

/**
 * arbor_transaction_list_names:
 * @self: a transaction
 * @error: where to put an error
 *
 * The names of all arbors, sorted by bytes, as this transaction sees the store. All names count as
 * read from then on.
 *
 * Errors: %ARBOR_ERROR_CLOSED. Any thread may call this.
 *
 * Returns: (transfer full): the names
 *
 * Since: 1.0
 */
char **
arbor_transaction_list_names (ArborTransaction *self, GError **error)
{
  char **names;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), NULL);

  if (!arbor_transaction_enter (self, &access, error))
    return NULL;
  names = list_inside (self);
  arbor_transaction_leave (self, &access, error);
  return names;
}

/**
 * arbor_transaction_has_changes:
 * @self: a transaction
 *
 * Whether something was staged that is neither committed nor rolled back. Any thread may call this,
 * at any time.
 *
 * Returns: whether there is something to commit
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_has_changes (ArborTransaction *self)
{
  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), FALSE);

  return !arbor_transaction_is_closed (self) && g_atomic_int_get (&self->has_changes);
}

/**
 * arbor_transaction_is_closed:
 * @self: a transaction
 *
 * Whether the transaction was committed or rolled back, its store was closed, or it was never
 * begun. Any thread may call this, at any time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_transaction_is_closed (ArborTransaction *self)
{
  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), TRUE);

  return self->store == NULL || g_atomic_int_get (&self->state) != ARBOR_TRANSACTION_STATE_OPEN ||
         arbor_store_is_closed (self->store);
}

/**
 * arbor_transaction_dup_close_token:
 * @self: a transaction
 *
 * The close token of the store. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for a transaction that was never begun
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_transaction_dup_close_token (ArborTransaction *self)
{
  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), NULL);

  return self->store != NULL ? arbor_store_dup_close_token (self->store) : NULL;
}
