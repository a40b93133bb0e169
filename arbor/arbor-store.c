/* ArborStore: an open file of named arbors. It is a session of the storage layer and the close
 * token that wraps the session's gate. Every call enters the gate, then works; asynchronous forms
 * run the same call on a thread of the library.
 */

#include "arbor-store-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "arbor-close-token-private.h"
#include "arbor-gfile.h"
#include "arbor-store-options-private.h"
#include "arbor-task-private.h"
#include "base/arbor-process.h"
#include "storage/arbor-inspect-file.h"

/**
 * ArborStore:
 *
 * An open file of named arbors.
 *
 * [func@Arbor.Store.open] opens or creates one. [method@Arbor.Store.get] gives the arbor of a
 * name without reading it; [method@Arbor.Store.put] and [method@Arbor.Store.import_file] write one,
 * all or nothing. Many threads and many processes may use a file at once; one at a time writes.
 *
 * [method@Arbor.Store.close] ends the store and everything that derives from it, in all threads at
 * once: arbors, views, iterators and trees fail from then on with %ARBOR_ERROR_CLOSED.
 * Dropping the last reference without closing invalidates nothing: what derives from a store keeps
 * the file open.
 *
 * A store reads from one snapshot. [method@Arbor.Store.refresh] moves it to the newest, and so do
 * the store's own writes.
 *
 * Any thread may use a store. After a fork, the child process must open its own: each call on the
 * parent's fails with %ARBOR_ERROR_WRONG_PROCESS.
 *
 * Open only files that you trust: a file made to deceive can crash the database library that reads
 * its pages. Exchange data as JSON Lines.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (ArborStore, arbor_store, G_TYPE_OBJECT)

static guint signal_changed;
static guint signal_committed;

static void
arbor_store_finalize (GObject *object)
{
  ArborStore *self = ARBOR_STORE (object);

  arbor_store_switch_watch (self, FALSE);
  if (self->late != NULL)
    arbor_store_drop_late (self);
  g_clear_pointer (&self->context, g_main_context_unref);
  pthread_mutex_destroy (&self->watch_mutex);
  g_clear_object (&self->token);
  g_clear_pointer (&self->session, arbor_session_unref);

  G_OBJECT_CLASS (arbor_store_parent_class)->finalize (object);
}

static void
arbor_store_class_init (ArborStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_store_finalize;
  arbor_store_install_properties (object_class);

  /**
   * ArborStore::changed:
   * @self: the store
   * @name: the name of an arbor
   *
   * The store has moved to another snapshot, in which this name was put, deleted or changed: by
   * [method@Arbor.Store.refresh], or by a write of its own, which also brings along what others have
   * committed. Emitted once for each name, in the order of their bytes, in the main context that was
   * the default of the thread which opened the store: by the call that moved the store, before it
   * returns, when its thread owns that context, or is the one that opened the store and nobody
   * iterates it; for calls in other threads and asynchronous ones when that context is iterated, or by
   * [method@Arbor.Store.tell_changed], names of several calls together, each once, and before the
   * callback of an asynchronous call that was made there. What was not told when the store is closed is not told any more. The detail is the
   * name; names that nobody connects to are not interned.
   *
   * Since: 1.0
   */
  signal_changed = g_signal_new ("changed", ARBOR_TYPE_STORE,
                                 G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);

  /**
   * ArborStore::committed:
   * @self: the store
   *
   * Another process, or another store on the same file, has committed a change since the store was
   * last refreshed; several changes may be announced together. Emitted while
   * [property@Arbor.Store:watch] is on, in its main context. The store stays at its snapshot until
   * it is refreshed, unless [property@Arbor.Store:auto-refresh] is on.
   *
   * Since: 1.0
   */
  signal_committed = g_signal_new ("committed", ARBOR_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

void
arbor_store_emit_committed (ArborStore *self)
{
  g_signal_emit (self, signal_committed, 0);
}

gboolean
arbor_store_has_listener (ArborStore *self)
{
  return g_signal_handler_find (self, G_SIGNAL_MATCH_ID, signal_changed, 0, NULL, NULL, NULL) != 0 ||
         arbor_store_has_observer (self, "n-arbors");
}

/* A detail exists as a quark when somebody has connected to it: names are not interned here. */
void
arbor_store_emit_changed (ArborStore *self, char **names)
{
  for (guint i = 0; names[i] != NULL; i++)
    g_signal_emit (self, signal_changed, g_quark_try_string (names[i]), names[i]);
  if (names[0] != NULL)
    g_object_notify (G_OBJECT (self), "n-arbors");
}

static void
arbor_store_init (ArborStore *self)
{
  pthread_mutex_init (&self->watch_mutex, NULL);
}

gboolean
arbor_store_enter (ArborStore *self, ArborAccess *access, GError **error)
{
  if (self->session == NULL)
    {
      arbor_view_set_not_opened_error (error);
      return FALSE;
    }
  return arbor_access_begin_session (access, self->session, error);
}

/* Opening. */

/**
 * arbor_store_open:
 * @path: (type filename): the file
 * @options: (nullable): how to open it, %NULL for the defaults
 * @cancellable: (nullable): to stop waiting
 * @error: where to put an error
 *
 * Opens a store, and creates it when there is no file and the options say so, which is the
 * default. A file of no bytes becomes a store too. Nothing is decoded: opening does not depend on
 * how much the store holds.
 *
 * Errors: %ARBOR_ERROR_INVALID_OPTIONS, %ARBOR_ERROR_NOT_A_STORE for a file of another kind,
 * %ARBOR_ERROR_VERSION for one of a newer format, %ARBOR_ERROR_CORRUPT for a damaged one,
 * %ARBOR_ERROR_READ_ONLY where the directory does not take the lock file, %ARBOR_ERROR_FULL where the
 * disk has no room for it, %ARBOR_ERROR_BUSY when another process has the store open with another lock
 * file, because that was removed or the store renamed, and those of GIO for files, such as
 * %G_IO_ERROR_NOT_FOUND, and %G_IO_ERROR_NOT_REGULAR_FILE when the store or its lock file, which may be
 * no link, is none. Any thread may call this.
 *
 * Returns: (transfer full): the store
 *
 * Since: 1.0
 */
ArborStore *
arbor_store_open (const char *path, ArborStoreOptions *options, GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (ArborSession) session = NULL;
  g_autoptr (GMainContext) context = NULL;
  ArborSessionOptions session_options;
  ArborStaleness staleness;
  ArborStore *self;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_STORE_OPTIONS (options), NULL);

  if (!arbor_store_options_fill (options, &session_options, &staleness, error))
    return NULL;
  session = arbor_session_open (path, &session_options, cancellable, error);
  if (session == NULL ||
      (session_options.untrusted && !arbor_session_check_all (session, cancellable, error)))
    return NULL;

  self = g_object_new (ARBOR_TYPE_STORE, NULL);
  self->token = arbor_close_token_new_for_gate (arbor_session_get_gate (session));
  self->session = g_steal_pointer (&session);
  self->is_pinned = staleness == ARBOR_STALENESS_PINNED;
  arbor_close_token_set_store (self->token, self);
  context = g_main_context_ref_thread_default ();
  arbor_store_set_opener (self, context, arbor_thread_get_number ());
  arbor_store_observe_closing (self);
  return self;
}

/**
 * arbor_store_open_gfile:
 * @file: the file
 * @options: (nullable): how to open it, %NULL for the defaults
 * @cancellable: (nullable): to stop waiting
 * @error: where to put an error
 *
 * [func@Arbor.Store.open] with a file of GIO, which must be on this machine: a store is read in place.
 *
 * Errors: those of [func@Arbor.Store.open], and %ARBOR_ERROR_NOT_SUPPORTED when the file has no path on this machine.
 * Any thread may call this.
 *
 * Returns: (transfer full): the store
 *
 * Since: 1.0
 */
ArborStore *
arbor_store_open_gfile (GFile *file, ArborStoreOptions *options, GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_STORE_OPTIONS (options), NULL);

  path = arbor_gfile_dup_path (file, _ ("copy it into a file and open that one"), error);
  return path != NULL ? arbor_store_open (path, options, cancellable, error) : NULL;
}

static ArborStore *
note_caller (ArborStore *store, GTask *task)
{
  if (store != NULL)
    {
      arbor_close_token_set_context (store->token, g_task_get_context (task));
      arbor_store_set_opener (store, g_task_get_context (task), arbor_task_get_caller (task));
    }
  return store;
}

ArborStore *
arbor_store_open_in_task (GTask *task, const char *path, ArborStoreOptions *options,
                          GCancellable *cancellable, GError **error)
{
  return note_caller (arbor_store_open (path, options, cancellable, error), task);
}

ArborStore *
arbor_store_open_gfile_in_task (GTask *task, GFile *file, ArborStoreOptions *options,
                                GCancellable *cancellable, GError **error)
{
  return note_caller (arbor_store_open_gfile (file, options, cancellable, error), task);
}

const char *
arbor_store_get_queue (ArborStore *self)
{
  return self != NULL && self->session != NULL ? arbor_session_get_path (self->session) : NULL;
}

/* Reading the catalogue. */

/**
 * arbor_store_get:
 * @self: a store
 * @name: the name of an arbor
 * @error: where to put an error
 *
 * The arbor of a name. Only its entry in the catalogue is read.
 *
 * Errors: %ARBOR_ERROR_NOT_FOUND, %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_store_get (ArborStore *self, const char *name, GError **error)
{
  g_autoptr (ArborRecord) record = NULL;
  ArborArbor *arbor = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (!arbor_store_enter (self, &access, error))
    return NULL;
  access.snapshot = arbor_session_dup_snapshot (self->session, error);
  if (access.snapshot != NULL)
    record = arbor_snapshot_lookup (access.snapshot, name, error);
  if (record != NULL)
    arbor = arbor_arbor_new_take (
        arbor_view_new_all (arbor_source_new_stored (self->session, record, access.snapshot,
                                                     self->is_pinned ? access.snapshot : NULL)),
        self->token);
  arbor_access_leave (&access, error);
  return arbor;
}

/**
 * arbor_store_contains:
 * @self: a store
 * @name: the name of an arbor
 * @error: where to put an error
 *
 * Whether the store has an arbor of that name.
 *
 * Errors: %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may
 * call this.
 *
 * Returns: whether there is one; %FALSE with @error set on failure
 *
 * Since: 1.0
 */
gboolean
arbor_store_contains (ArborStore *self, const char *name, GError **error)
{
  guint64 generation = 0;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  if (arbor_name_check (name, error))
    access.snapshot = arbor_session_dup_snapshot (self->session, error);
  if (access.snapshot != NULL &&
      !arbor_snapshot_get_generation (access.snapshot, name, &generation, error))
    generation = 0;
  arbor_access_leave (&access, error);
  return generation != 0;
}

/**
 * arbor_store_list_names:
 * @self: a store
 * @error: where to put an error
 *
 * The names of all arbors, sorted by bytes.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: (transfer full): the names
 *
 * Since: 1.0
 */
char **
arbor_store_list_names (ArborStore *self, GError **error)
{
  char **names = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);

  if (!arbor_store_enter (self, &access, error))
    return NULL;
  access.snapshot = arbor_session_dup_snapshot (self->session, error);
  if (access.snapshot != NULL)
    names = arbor_snapshot_list_names (access.snapshot, error);
  arbor_access_leave (&access, error);
  return names;
}

/**
 * arbor_store_get_n_arbors:
 * @self: a store
 * @error: where to put an error
 *
 * How many arbors the store has.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT. Any thread may call this.
 *
 * Returns: the number of arbors; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_store_get_n_arbors (ArborStore *self, GError **error)
{
  ArborAccess access;
  guint64 n = 0;

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);

  if (!arbor_store_enter (self, &access, error))
    return 0;
  access.snapshot = arbor_session_dup_snapshot (self->session, error);
  if (access.snapshot != NULL && !arbor_snapshot_get_n_arbors (access.snapshot, &n, error))
    n = 0;
  arbor_access_leave (&access, error);
  return n;
}

/* Snapshot and end. */

/**
 * arbor_store_refresh:
 * @self: a store
 * @error: where to put an error
 *
 * Moves the store to the newest snapshot, which has what other processes and other stores on the
 * same file have committed. Arbors whose name has changed are stale from then on; all others go
 * on. Emits [signal@Arbor.Store::changed] for each name.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_TOO_MANY_READERS. Any thread
 * may call this.
 *
 * Returns: (transfer full): the names that changed, came or went, sorted by bytes
 *
 * Since: 1.0
 */
char **
arbor_store_refresh (ArborStore *self, GError **error)
{
  char **names = NULL;
  ArborAccess access;
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);

  if (!arbor_store_enter (self, &access, error))
    return NULL;
  is_done = arbor_session_refresh (self->session, &names, error);
  arbor_access_leave (&access, error);
  if (!is_done)
    return NULL;
  arbor_store_announce (self, names);
  return names;
}

/**
 * arbor_store_dup_close_token:
 * @self: a store
 *
 * The token that everything derived from this store shares. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for a store that was never opened
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_store_dup_close_token (ArborStore *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);

  return self->token != NULL ? g_object_ref (self->token) : NULL;
}

/**
 * arbor_store_to_string:
 * @self: a store
 *
 * A description for people who debug, which never fails and reads nothing. Any thread may call
 * this, at any time.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
arbor_store_to_string (ArborStore *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);

  if (self->session == NULL)
    return g_strdup ("ArborStore (not opened)");
  return g_strdup_printf ("ArborStore ('%s'%s%s)", arbor_session_get_path (self->session),
                          arbor_session_is_read_only (self->session) ? ", read-only" : "",
                          arbor_store_is_closed (self) ? ", closed" : "");
}
