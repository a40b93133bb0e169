/* A session: one opened store. Its gate, its current snapshot, the list of its living snapshots.
 *
 * Two counts keep it. References (ref, unref) keep it open: the last one closes the gate. Holds
 * keep the struct: one of all references together, one of the gate's teardown until it has run,
 * one of each snapshot and each staging. The environment is let go of by the teardown, when nobody
 * is inside the gate; what is unreferenced later finds it gone and frees memory only.
 *
 * In a forked child the session is dead: no call reaches LMDB, and nothing waits for a lock that a
 * thread of the parent may have held.
 */

#include "storage/arbor-session-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-process.h"
#include "storage/arbor-catalog.h"

#define MAX_REOPENS 3u

static gboolean
is_own_process (ArborSession *self)
{
  return arbor_process_is (self->process);
}

gboolean
arbor_session_check_process (ArborSession *self, GError **error)
{
  if (G_LIKELY (is_own_process (self)))
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_WRONG_PROCESS,
               _("Store '%s' was opened in the parent process, before a fork: open it again in "
                 "this one"),
               self->path);
  return FALSE;
}

ArborSession *
arbor_session_hold (ArborSession *self)
{
  g_atomic_int_inc (&self->holds);
  return self;
}

void
arbor_session_release (ArborSession *self)
{
  if (!g_atomic_int_dec_and_test (&self->holds))
    return;
  g_clear_pointer (&self->gate, arbor_gate_unref);
  arbor_listing_clear (&self->dropped);
  arbor_gathered_cache_free (self->gathered);
  arbor_spliced_cache_free (self->spliced);
  g_array_unref (self->stagings);
  g_array_unref (self->own_commits);
  if (is_own_process (self))
    pthread_mutex_destroy (&self->mutex);
  g_free (self->path);
  g_free (self);
}

/* Snapshots. All with the mutex held but where said. */

/* Takes the transaction away from @snapshot. */
static void
end_transaction (ArborSession *self, ArborSnapshot *snapshot)
{
  pthread_mutex_lock (&snapshot->mutex);
  if (snapshot->txn != NULL)
    arbor_environment_end_read (self->environment, snapshot->txn);
  snapshot->txn = NULL;
  pthread_mutex_unlock (&snapshot->mutex);
}

/* Called without the mutex. */
void
arbor_session_end_snapshot (ArborSession *self, ArborSnapshot *snapshot)
{
  if (is_own_process (self))
    {
      pthread_mutex_lock (&self->mutex);
      end_transaction (self, snapshot);
      g_queue_unlink (&self->snapshots, &snapshot->link);
      pthread_mutex_unlock (&self->mutex);
    }
  arbor_snapshot_free (snapshot);
}

/* Gives up the session's reference; returns the snapshot when it is to be freed, which needs the
 * mutex unlocked. */
static ArborSnapshot *
give_up_current (ArborSession *self)
{
  ArborSnapshot *snapshot = g_steal_pointer (&self->current);

  if (snapshot == NULL || !g_atomic_int_dec_and_test (&snapshot->ref_count))
    return NULL;
  end_transaction (self, snapshot);
  g_queue_unlink (&self->snapshots, &snapshot->link);
  return snapshot;
}

static void
set_current (ArborSession *self, ArborSnapshot *snapshot)
{
  self->current = snapshot;
  snapshot->epoch = __atomic_add_fetch (&self->epoch, 1, __ATOMIC_SEQ_CST);
}

static int
begin_current (ArborSession *self, GError **error)
{
  MDB_txn *txn;
  ArborSnapshot *snapshot;
  int code = arbor_environment_begin_read (self->environment, &txn, error);

  if (code != 0)
    return code;
  snapshot = arbor_snapshot_new (self, txn);
  g_queue_push_tail_link (&self->snapshots, &snapshot->link);
  set_current (self, snapshot);
  return 0;
}

/* Whether nobody but the session has the current snapshot. Nobody can get it while the mutex is
 * held. */
static gboolean
is_idle (ArborSession *self)
{
  return g_atomic_int_get (&self->current->ref_count) == 1;
}

/* Makes the newest snapshot the current one: in place when nobody uses it, else beside it. When
 * that fails the current one is kept, if it can be. */
static int
move_current (ArborSession *self, ArborSnapshot **to_free, GError **error)
{
  ArborSnapshot *old = self->current;
  int code;

  *to_free = NULL;
  if (old != NULL && is_idle (self))
    {
      code = arbor_environment_renew_read (self->environment, old->txn, error);
      if (code != 0)
        {
          old->txn = NULL;
          *to_free = give_up_current (self);
          return code;
        }
      arbor_snapshot_renewed (old);
      set_current (self, old);
      return 0;
    }

  code = begin_current (self, error);
  if (code == 0 && old != NULL)
    {
      ArborSnapshot *fresh = g_steal_pointer (&self->current);

      self->current = old;
      *to_free = give_up_current (self);
      self->current = fresh;
    }
  return code;
}

/* A write by another process may have outgrown our map, or one of ours broken LMDB's environment:
 * then it is opened again, which needs all sessions to let go, and tried again. */
static gboolean
ensure_current (ArborSession *self, GError **error)
{
  for (guint i = 0;; i++)
    {
      g_autoptr (GError) local_error = NULL;
      gboolean larger;
      int code;

      if (self->current != NULL)
        return TRUE;
      code = begin_current (self, &local_error);
      if (code == 0)
        return TRUE;
      if (!arbor_environment_is_curable (code, &larger) || i == MAX_REOPENS)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      pthread_mutex_unlock (&self->mutex);
      arbor_environment_reopen (self->environment, larger, NULL);
      pthread_mutex_lock (&self->mutex);
    }
}

static gboolean
has_newer (ArborSession *self)
{
  return self->current == NULL ||
         arbor_environment_get_last_txnid (self->environment) != self->current->txnid;
}

ArborSnapshot *
arbor_session_dup_snapshot (ArborSession *self, GError **error)
{
  ArborSnapshot *snapshot = NULL;

  pthread_mutex_lock (&self->mutex);
  if (G_UNLIKELY (self->environment == NULL))
    arbor_gate_set_closed_error (error);
  else if (G_LIKELY (self->current != NULL) || ensure_current (self, error))
    snapshot = arbor_snapshot_ref (self->current);
  pthread_mutex_unlock (&self->mutex);
  return snapshot;
}

/* What the current snapshot lists, or listed. */
static gboolean
list_before (ArborSession *self, ArborListing *before, GError **error)
{
  if (self->current != NULL)
    return arbor_snapshot_list (self->current, before, error);
  *before = self->dropped;
  self->dropped = (ArborListing){ 0 };
  return TRUE;
}

/* With the mutex held. Should it fail, the next use begins a snapshot, or says why it cannot. */
static void
move_on_locked (ArborSession *self, char ***changed, ArborSnapshot **to_free)
{
  ArborListing before = { 0 };
  ArborListing after = { 0 };
  gboolean is_listed = changed != NULL && list_before (self, &before, NULL);

  if (move_current (self, to_free, NULL) != 0)
    {
      if (self->current != NULL)
        *to_free = give_up_current (self);
    }
  else if (is_listed && arbor_snapshot_list (self->current, &after, NULL))
    *changed = arbor_listing_compare (&before, &after);
  arbor_listing_clear (&before);
  arbor_listing_clear (&after);
}

void
arbor_session_move_on (ArborSession *self, char ***changed)
{
  ArborSnapshot *to_free = NULL;

  pthread_mutex_lock (&self->mutex);
  if (self->environment != NULL && has_newer (self))
    move_on_locked (self, changed, &to_free);
  arbor_listing_clear (&self->dropped);
  pthread_mutex_unlock (&self->mutex);
  if (to_free != NULL)
    arbor_snapshot_free (to_free);
}

/* The generation counter tells: whatever changes the catalogue moves it. */
static gboolean
is_same_catalogue (ArborSession *self, MDB_txn *before, MDB_txn *after)
{
  ArborCounters old_counters, new_counters;

  return arbor_catalog_read_counters ((ArborTxn){ .env = self->environment, .mdb = before }, &old_counters, NULL) &&
         arbor_catalog_read_counters ((ArborTxn){ .env = self->environment, .mdb = after }, &new_counters, NULL) &&
         old_counters.next_generation == new_counters.next_generation;
}

static void
catch_up (ArborClient *client)
{
  ArborSession *self = (ArborSession *) client;
  MDB_txn *txn;

  pthread_mutex_lock (&self->mutex);
  if (self->environment != NULL && self->current != NULL && is_idle (self) && has_newer (self) &&
      arbor_environment_begin_read (self->environment, &txn, NULL) == 0)
    {
      ArborSnapshot *snapshot = self->current;

      if (is_same_catalogue (self, snapshot->txn, txn))
        {
          MDB_txn *old = snapshot->txn;

          snapshot->txn = txn;
          txn = old;
          arbor_snapshot_renewed (snapshot);
        }
      arbor_environment_end_read (self->environment, txn);
    }
  pthread_mutex_unlock (&self->mutex);
}

static void
drop_idle (ArborClient *client)
{
  ArborSession *self = (ArborSession *) client;
  ArborSnapshot *to_free = NULL;

  pthread_mutex_lock (&self->mutex);
  if (self->environment != NULL && self->current != NULL && is_idle (self))
    {
      arbor_listing_clear (&self->dropped);
      arbor_snapshot_list (self->current, &self->dropped, NULL);
      to_free = give_up_current (self);
    }
  pthread_mutex_unlock (&self->mutex);
  if (to_free != NULL)
    arbor_snapshot_free (to_free);
}

static gboolean
is_open (ArborClient *client)
{
  ArborSession *self = (ArborSession *) client;

  return !arbor_gate_is_closed (self->gate);
}

static const ArborClientVerbs client_verbs = {
  .catch_up = catch_up,
  .drop_idle = drop_idle,
  .is_open = is_open,
};

/* With the mutex held. */
static gboolean
refresh_locked (ArborSession *self, char ***changed, ArborSnapshot **to_free, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  ArborListing before = { 0 };
  ArborListing after = { 0 };
  gboolean is_good = TRUE;

  *to_free = NULL;
  if (!has_newer (self))
    {
      if (changed != NULL)
        *changed = g_new0 (char *, 1);
      return TRUE;
    }
  if (changed != NULL && !list_before (self, &before, error))
    return FALSE;
  if (self->current != NULL)
    is_good = move_current (self, to_free, &local_error) == 0;
  if (self->current == NULL)
    is_good = ensure_current (self, error);
  else if (!is_good)
    g_propagate_error (error, g_steal_pointer (&local_error));
  if (is_good)
    arbor_session_know_current (self);
  if (is_good && changed != NULL)
    {
      is_good = arbor_snapshot_list (self->current, &after, error);
      if (is_good)
        *changed = arbor_listing_compare (&before, &after);
    }
  arbor_listing_clear (&before);
  arbor_listing_clear (&after);
  return is_good;
}

gboolean
arbor_session_refresh (ArborSession *self, char ***changed, GError **error)
{
  ArborSnapshot *to_free = NULL;
  gboolean is_good = FALSE;

  if (changed != NULL)
    *changed = NULL;
  pthread_mutex_lock (&self->mutex);
  if (self->environment == NULL)
    arbor_gate_set_closed_error (error);
  else
    is_good = refresh_locked (self, changed, &to_free, error);
  pthread_mutex_unlock (&self->mutex);
  if (to_free != NULL)
    arbor_snapshot_free (to_free);
  return is_good;
}

/* Stagings */

gboolean
arbor_session_add_staging (ArborSession *self, guint64 id, GError **error)
{
  if (!arbor_writer_add_staging (self->environment, id, error))
    return FALSE;
  pthread_mutex_lock (&self->mutex);
  g_array_append_val (self->stagings, id);
  pthread_mutex_unlock (&self->mutex);
  return TRUE;
}

void
arbor_session_remove_staging (ArborSession *self, guint64 id)
{
  if (!is_own_process (self))
    return;
  pthread_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->stagings->len; i++)
    if (g_array_index (self->stagings, guint64, i) == id)
      {
        g_array_remove_index_fast (self->stagings, i);
        arbor_writer_remove_staging (self->environment, id);
        arbor_writer_request_sweep (self->environment);
        break;
      }
  pthread_mutex_unlock (&self->mutex);
}

/* Opening and closing */

/* Ends the transactions and forgets the stagings: what is left of the session is its memory. */
static void
end_all (ArborSession *self)
{
  ArborEnvironment *environment = self->environment;
  ArborSnapshot *to_free;

  pthread_mutex_lock (&self->mutex);
  to_free = give_up_current (self);
  for (GList *link = self->snapshots.head; link != NULL; link = link->next)
    end_transaction (self, link->data);
  for (guint i = 0; i < self->stagings->len; i++)
    arbor_writer_remove_staging (environment, g_array_index (self->stagings, guint64, i));
  g_array_set_size (self->stagings, 0);
  self->environment = NULL;
  self->left = environment;
  pthread_mutex_unlock (&self->mutex);
  if (to_free != NULL)
    arbor_snapshot_free (to_free);
}

/* The gate's teardown: nobody is inside, so nobody is in a look-up and nobody can begin one. */
static gboolean
tear_down (gpointer data, gboolean may_wait)
{
  ArborSession *self = data;

  if (self->left == NULL)
    {
      ArborEnvironment *environment = self->environment;

      /* First the list that others find this session by, for it comes first in the order of locks. It
       * is held for long while LMDB is opened again. */
      if (may_wait)
        pthread_mutex_lock (&environment->clients_mutex);
      else if (pthread_mutex_trylock (&environment->clients_mutex) != 0)
        return FALSE;
      g_ptr_array_remove_fast (environment->clients, &self->client);
      pthread_mutex_unlock (&environment->clients_mutex);
      end_all (self);
    }
  if (!arbor_environment_release (self->left, may_wait))
    return FALSE;
  arbor_session_release (self);
  return TRUE;
}

/* Takes over @environment. */
static ArborSession *
new_session (ArborEnvironment *environment, const ArborSessionOptions *options)
{
  ArborSession *self = g_new0 (ArborSession, 1);

  self->ref_count = 1;
  self->holds = 1;
  pthread_mutex_init (&self->mutex, NULL);
  g_queue_init (&self->snapshots);
  self->stagings = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->own_commits = g_array_new (FALSE, FALSE, sizeof (ArborOwnCommit));
  self->gathered = arbor_gathered_cache_new ();
  self->spliced = arbor_spliced_cache_new ();
  self->path = g_strdup (environment->path);
  self->process = environment->process;
  self->read_only = options->read_only || options->immutable;
  self->verify_checksums = options->verify_checksums;
  self->write_options.busy_timeout = options->busy_timeout;
  self->write_options.no_meta_sync = options->no_meta_sync;
  self->environment = environment;
  self->client.verbs = &client_verbs;

  self->gate = arbor_gate_new ();
  arbor_gate_set_teardown (self->gate, tear_down, arbor_session_hold (self));
  pthread_mutex_lock (&environment->clients_mutex);
  g_ptr_array_add (environment->clients, &self->client);
  pthread_mutex_unlock (&environment->clients_mutex);
  return self;
}

ArborSession *
arbor_session_open (const char *path, const ArborSessionOptions *options, GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (ArborSession) self = NULL;
  ArborEnvironment *environment = arbor_environment_acquire (path, options, cancellable, error);
  gboolean is_good;

  if (environment == NULL)
    return NULL;
  self = new_session (environment, options);
  if (!self->read_only && !environment->writable)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY,
                   _("Store '%s' cannot be written, the file does not permit it: open it as "
                     "read-only"),
                   self->path);
      return NULL;
    }
  pthread_mutex_lock (&self->mutex);
  is_good = ensure_current (self, error);
  pthread_mutex_unlock (&self->mutex);
  return is_good ? g_steal_pointer (&self) : NULL;
}

ArborSession *
arbor_session_ref (ArborSession *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
arbor_session_unref (ArborSession *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  arbor_gate_close (self->gate);
  arbor_session_release (self);
}

ArborGate *
arbor_session_get_gate (ArborSession *self)
{
  return self->gate;
}

const char *
arbor_session_get_path (ArborSession *self)
{
  return self->path;
}

gboolean
arbor_session_is_immutable (ArborSession *self)
{
  return self->environment->immutable;
}

gboolean
arbor_session_is_read_only (ArborSession *self)
{
  return self->read_only;
}

guint64
arbor_session_get_epoch (ArborSession *self)
{
  return __atomic_load_n (&self->epoch, __ATOMIC_SEQ_CST);
}

ArborEnvironment *
arbor_session_get_environment (ArborSession *self)
{
  return self->environment;
}

const ArborWriteOptions *
arbor_session_get_write_options (ArborSession *self)
{
  return &self->write_options;
}

ArborGatheredCache *
arbor_session_get_gathered (ArborSession *self)
{
  return self->gathered;
}

ArborSplicedCache *
arbor_session_get_spliced (ArborSession *self)
{
  return self->spliced;
}

gboolean
arbor_session_verifies_checksums (ArborSession *self)
{
  return self->verify_checksums;
}
