/* The registry of environments, locks, read transactions, opening again.
 *
 * LMDB breaks when one file is opened twice in a process, so the registry finds an open file by
 * device and inode whatever its name. Its mutex is held while a file is opened or closed: whoever
 * asks for a file that is just being closed waits for that. The lock file belongs to LMDB alone:
 * closing any descriptor of it would drop LMDB's locks. Our own locks (OFD locks on bytes past the
 * end of the data file) belong to a descriptor of our own.
 *
 * Nothing of LMDB is reached before the pages were checked (arbor-pages.h), nor in a forked child:
 * there the registry begins empty, and what the parent had open is left as it is.
 */

#include "storage/arbor-environment-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "base/arbor-memory.h"
#include "base/arbor-process.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-lock-file.h"
#include "storage/arbor-pages.h"
#include "storage/arbor-storage-error.h"

#define DEFAULT_MAX_READERS 1024u

static struct
{
  pthread_mutex_t mutex;
  GPtrArray *environments; /* ArborEnvironment *, guarded by mutex */
} registry = {
  .mutex = PTHREAD_MUTEX_INITIALIZER,
};

static void
registry_prepare_fork (void)
{
  pthread_mutex_lock (&registry.mutex);
}

static void
registry_parent_after_fork (void)
{
  pthread_mutex_unlock (&registry.mutex);
}

/* The child forgets the environments of its parent, but for their locks: a lock lasts until all
 * descriptors of it are closed, and must not outlive the parent here. */
static void
registry_child_after_fork (void)
{
  pthread_mutex_init (&registry.mutex, NULL);
  for (guint i = 0; registry.environments != NULL && i < registry.environments->len; i++)
    {
      ArborEnvironment *self = g_ptr_array_index (registry.environments, i);

      close (self->fd);
    }
  registry.environments = NULL;
}

/* fork () takes first the locks of those who registered last, and who opens holds descriptors with
 * this mutex held: theirs must be registered before. */
static void
registry_install (void)
{
  arbor_descriptors_hold ();
  arbor_descriptors_release ();
  if (pthread_atfork (registry_prepare_fork, registry_parent_after_fork,
                      registry_child_after_fork) != 0)
    g_error ("out of memory: no room for a fork handler");
}

static __thread int last_failure;

gboolean
arbor_environment_fail (ArborEnvironment *self, int code, GError **error)
{
  last_failure = code;
  if (code == MDB_PANIC)
    return arbor_storage_set_broken (error, __atomic_load_n (&self->write_failure, __ATOMIC_SEQ_CST),
                                     self->path, self->fd);
  return arbor_storage_set_error (error, code, self->path, self->fd);
}

int
arbor_environment_get_last_failure (void)
{
  return last_failure;
}

/* Locks */

static int
call_lock (int fd, int command, gint64 byte, gint64 n, short type, short *found)
{
  struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = n };
  int failed;

  do
    failed = fcntl (fd, command, &lock) != 0 ? errno : 0;
  while (failed == EINTR);
  if (found != NULL)
    *found = lock.l_type;
  return failed == EACCES ? EAGAIN : failed;
}

int
arbor_environment_try_lock (ArborEnvironment *self, gint64 byte)
{
  return call_lock (self->fd, F_OFD_SETLK, byte, 1, F_WRLCK, NULL);
}

int
arbor_environment_try_lock_shared (ArborEnvironment *self, gint64 byte)
{
  return call_lock (self->fd, F_OFD_SETLK, byte, 1, F_RDLCK, NULL);
}

void
arbor_environment_unlock (ArborEnvironment *self, gint64 byte)
{
  call_lock (self->fd, F_OFD_SETLK, byte, 1, F_UNLCK, NULL);
}

gboolean
arbor_environment_is_locked (ArborEnvironment *self, gint64 byte, gint64 n)
{
  short found = F_UNLCK;

  if (n <= 0)
    return FALSE;
  return call_lock (self->fd, F_OFD_GETLK, byte, n, F_WRLCK, &found) != 0 || found != F_UNLCK;
}

gboolean
arbor_environment_is_verified (ArborEnvironment *self, guint64 id)
{
  gboolean is_verified;

  pthread_mutex_lock (&self->verified_mutex);
  is_verified = g_hash_table_contains (self->verified, &id);
  pthread_mutex_unlock (&self->verified_mutex);
  return is_verified;
}

void
arbor_environment_note_verified (ArborEnvironment *self, guint64 id)
{
  pthread_mutex_lock (&self->verified_mutex);
  g_hash_table_add (self->verified, g_memdup2 (&id, sizeof id));
  pthread_mutex_unlock (&self->verified_mutex);
}

static void
free_environment (ArborEnvironment *self)
{
  /* Its thread finds it through the environment until it is joined. */
  arbor_writer_free (self->writer);
  if (self->env != NULL)
    mdb_env_close (self->env);
  if (self->fd >= 0)
    close (self->fd);
  pthread_mutex_destroy (&self->mutex);
  pthread_mutex_destroy (&self->clients_mutex);
  pthread_mutex_destroy (&self->verified_mutex);
  g_hash_table_unref (self->verified);
  g_ptr_array_unref (self->clients);
  free (self->path);
  g_free (self->lock_path);
  g_free (self);
}

/* Takes over @fd. */
static ArborEnvironment *
new_environment (int fd, char *path, const struct stat *info, gboolean writable,
                 const ArborSessionOptions *options)
{
  ArborEnvironment *self = g_new0 (ArborEnvironment, 1);

  self->fd = fd;
  self->path = path;
  self->lock_path = g_strconcat (path, "-lock", NULL);
  self->device = info->st_dev;
  self->inode = info->st_ino;
  self->writable = writable;
  self->immutable = options->immutable;
  self->max_readers = options->max_readers != 0 ? options->max_readers : DEFAULT_MAX_READERS;
  self->process = arbor_process_get_serial ();
  self->n_uses = 1;
  self->clients = g_ptr_array_new ();
  pthread_mutex_init (&self->mutex, NULL);
  pthread_mutex_init (&self->clients_mutex, NULL);
  pthread_mutex_init (&self->verified_mutex, NULL);
  self->verified = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->writer = arbor_writer_new (self);
  return self;
}

static ArborEnvironment *
find_environment (const struct stat *info)
{
  for (guint i = 0; i < registry.environments->len; i++)
    {
      ArborEnvironment *self = g_ptr_array_index (registry.environments, i);

      if (self->device == info->st_dev && self->inode == info->st_ino)
        return self;
    }
  return NULL;
}

gboolean
arbor_environment_has_lock_file (const struct stat *info)
{
  for (guint i = 0; i < registry.environments->len; i++)
    {
      ArborEnvironment *self = g_ptr_array_index (registry.environments, i);

      if (self->lock_inode != 0 && self->lock_device == info->st_dev &&
          self->lock_inode == info->st_ino)
        return TRUE;
    }
  return FALSE;
}

/* The lock file of a store that is open here must not be opened, for closing it would drop the locks
 * of LMDB. */
static gboolean
check_no_lock_file (const char *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) != 0 || !arbor_environment_has_lock_file (&info))
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE,
               _("File '%s' is not a store: it is the lock file of one that is open"), path);
  return FALSE;
}

/* Whether a session with @options may share what is open already. An environment with locks serves
 * a session that does not need them, but not the other way round. */
static gboolean
check_shared (ArborEnvironment *self, const ArborSessionOptions *options, GError **error)
{
  if (!self->immutable || options->immutable)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
               _("Store '%s' is open as immutable in this process: close that one first, or open "
                 "this one as immutable too"),
               self->path);
  return FALSE;
}

/* With the registry's mutex held; takes over @fd. */
static ArborEnvironment *
find_or_open (int fd, const char *path, gboolean writable, gboolean created,
              const ArborSessionOptions *options, GCancellable *cancellable, GError **error)
{
  struct stat info;
  char *real_path;
  ArborEnvironment *self;

  if (fstat (fd, &info) != 0 || (real_path = realpath (path, NULL)) == NULL)
    {
      arbor_storage_set_file_error (error, errno, path);
      close (fd);
      return NULL;
    }
  self = find_environment (&info);
  if (!arbor_environment_check_kind (path, &info, error) ||
      (self != NULL && !check_shared (self, options, error)))
    self = NULL;
  else if (self != NULL)
    self->n_uses++;
  else
    {
      self = new_environment (fd, real_path, &info, writable, options);
      if (arbor_environment_open (self, options, cancellable, error))
        {
          g_ptr_array_add (registry.environments, self);
          return self;
        }
      /* Nothing is left behind of a store that could not be made. */
      if (created && arbor_environment_get_file_size (self) == 0)
        unlink (self->path);
      free_environment (self);
      return NULL;
    }
  free (real_path);
  close (fd);
  return self;
}

ArborEnvironment *
arbor_environment_acquire (const char *path, const ArborSessionOptions *options,
                           GCancellable *cancellable, GError **error)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  gboolean writable, created;
  ArborEnvironment *self = NULL;
  int fd;

  pthread_once (&once, registry_install);
  if (!arbor_stop_check (cancellable, error))
    return NULL;

  pthread_mutex_lock (&registry.mutex);
  arbor_descriptors_hold ();
  if (registry.environments == NULL)
    registry.environments = g_ptr_array_new ();
  fd = check_no_lock_file (path, error)
           ? arbor_environment_open_file (path, options, &writable, &created, error)
           : -1;
  if (fd >= 0)
    self = find_or_open (fd, path, writable, created, options, cancellable, error);
  arbor_descriptors_release ();
  pthread_mutex_unlock (&registry.mutex);
  return self;
}

gboolean
arbor_environment_release (ArborEnvironment *self, gboolean may_wait)
{
  gboolean is_released;

  if (self->process != arbor_process_get_serial ())
    return TRUE;
  if (may_wait)
    pthread_mutex_lock (&registry.mutex);
  else if (pthread_mutex_trylock (&registry.mutex) != 0)
    return FALSE;
  is_released = may_wait || self->n_uses > 1 || arbor_writer_is_idle (self->writer);
  if (is_released && --self->n_uses == 0)
    {
      g_ptr_array_remove_fast (registry.environments, self);
      free_environment (self);
    }
  pthread_mutex_unlock (&registry.mutex);
  return is_released;
}

/* The end of a process that did not close: what nobody uses gives its reader slot back. Who is
 * inside goes on as long as it can, and nothing is waited for. */
__attribute__ ((destructor)) static void
let_go_at_exit (void)
{
  if (pthread_mutex_trylock (&registry.mutex) != 0)
    return;
  for (guint i = 0; registry.environments != NULL && i < registry.environments->len; i++)
    {
      ArborEnvironment *self = g_ptr_array_index (registry.environments, i);

      if (pthread_mutex_trylock (&self->clients_mutex) != 0)
        continue;
      for (guint j = 0; j < self->clients->len; j++)
        {
          ArborClient *client = self->clients->pdata[j];

          client->verbs->drop_idle (client);
        }
      pthread_mutex_unlock (&self->clients_mutex);
    }
  pthread_mutex_unlock (&registry.mutex);
}

/* Read transactions */

/* Whether all that @txn sees lies in the file. LMDB counts pages at the end that were free when
 * they should have been written, so a file that seems short is walked. With mutex held. */
static gboolean
check_length (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  ArborPagesInfo info;
  MDB_envinfo env_info;
  int code = mdb_env_info (self->env, &env_info);

  if (code != 0)
    return arbor_environment_fail (self, code, error);
  if ((env_info.me_last_pgno + 1) * self->page_size <= arbor_environment_get_file_size (self))
    return TRUE;
  if (!arbor_environment_read_file_size (self, error))
    return FALSE;
  if ((env_info.me_last_pgno + 1) * self->page_size <= arbor_environment_get_file_size (self))
    return TRUE;
  if (arbor_pages_walk (self->fd, self->path, mdb_txn_id (txn), arbor_table_names, &info,
                        &local_error))
    return TRUE;
  if (local_error == NULL)
    {
      /* Overwritten while it was walked, by a writer that has made the file long enough. */
      if (arbor_environment_read_file_size (self, error) &&
          (env_info.me_last_pgno + 1) * self->page_size <= arbor_environment_get_file_size (self))
        return TRUE;
      return arbor_storage_set_damaged (error, self->path, _("it was cut off"));
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* Once a reader slot is taken: that what it protects is there, and that others see it. */
static gboolean
check_begun (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  return check_length (self, txn, error) && arbor_lock_file_check (self, FALSE, error);
}

/* With mutex held. LMDB reads the meta pages, so the file must not have been cut off before. */
static int
begin_locked (ArborEnvironment *self, MDB_txn **txn, GError **error)
{
  int code, n_dead;

  if (!arbor_environment_read_file_size (self, error))
    return MDB_CORRUPTED;
  code = self->env == NULL ? MDB_PANIC : mdb_txn_begin (self->env, NULL, MDB_RDONLY, txn);
  if (code == MDB_READERS_FULL && mdb_reader_check (self->env, &n_dead) == 0)
    code = mdb_txn_begin (self->env, NULL, MDB_RDONLY, txn);
  if (code != 0)
    {
      arbor_environment_fail (self, code, error);
      return code;
    }
  if (check_begun (self, *txn, error))
    return 0;
  mdb_txn_abort (*txn);
  return MDB_CORRUPTED;
}

int
arbor_environment_begin_read (ArborEnvironment *self, MDB_txn **txn, GError **error)
{
  int code;

  pthread_mutex_lock (&self->mutex);
  code = begin_locked (self, txn, error);
  if (code == 0)
    self->n_transactions++;
  pthread_mutex_unlock (&self->mutex);
  return code;
}

static int
renew_locked (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  int code;

  mdb_txn_reset (txn);
  if (!arbor_environment_read_file_size (self, error))
    return MDB_CORRUPTED;
  code = mdb_txn_renew (txn);
  if (code != 0)
    arbor_environment_fail (self, code, error);
  else if (!check_begun (self, txn, error))
    code = MDB_CORRUPTED;
  return code;
}

int
arbor_environment_renew_read (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  int code;

  pthread_mutex_lock (&self->mutex);
  code = renew_locked (self, txn, error);
  if (code != 0)
    {
      mdb_txn_abort (txn);
      self->n_transactions--;
    }
  pthread_mutex_unlock (&self->mutex);
  return code;
}

void
arbor_environment_end_read (ArborEnvironment *self, MDB_txn *txn)
{
  pthread_mutex_lock (&self->mutex);
  mdb_txn_abort (txn);
  self->n_transactions--;
  pthread_mutex_unlock (&self->mutex);
}

guint64
arbor_environment_get_last_txnid (ArborEnvironment *self)
{
  MDB_envinfo info = { 0 };

  pthread_mutex_lock (&self->mutex);
  /* Read from a meta page, in the map. */
  if (self->env != NULL && arbor_environment_read_file_size (self, NULL))
    mdb_env_info (self->env, &info);
  pthread_mutex_unlock (&self->mutex);
  return info.me_last_txnid;
}

gboolean
arbor_environment_check_value (ArborEnvironment *self, const guint8 *value, gsize length)
{
  const guint8 *header = value - ARBOR_PAGE_HEADER;
  guint64 n_pages = arbor_pages_for_value (length, self->page_size);
  guint64 page;

  if (!arbor_pages_is_overflow (8, length, self->page_size))
    return TRUE;
  if (header < self->map || (gsize) (header - self->map) % self->page_size != 0)
    return FALSE;
  page = (guint64) (header - self->map) / self->page_size;
  if ((page + n_pages) * self->page_size > arbor_environment_get_file_size (self) &&
      (!arbor_environment_read_file_size (self, NULL) ||
       (page + n_pages) * self->page_size > arbor_environment_get_file_size (self)))
    return FALSE;
  /* With the header the directory of an ordinary batch. */
  arbor_memory_bring_in (header, MIN (length, 8192));
  return arbor_pages_check_overflow (header, page, n_pages);
}

void
arbor_environment_catch_up (ArborEnvironment *self)
{
  pthread_mutex_lock (&self->clients_mutex);
  for (guint i = 0; i < self->clients->len; i++)
    {
      ArborClient *client = self->clients->pdata[i];

      client->verbs->catch_up (client);
    }
  pthread_mutex_unlock (&self->clients_mutex);
}

/* Opening again */

gboolean
arbor_environment_is_curable (int code, gboolean *larger)
{
  *larger = code == MDB_MAP_FULL || code == MDB_MAP_RESIZED;
  return *larger || code == MDB_PANIC;
}

/* With mutex held and no transaction left. */
static gboolean
reopen_locked (ArborEnvironment *self, gboolean larger, GError **error)
{
  ArborSessionOptions options = { .create = FALSE, .immutable = self->immutable };
  guint64 old_size = self->map_size;
  guint64 file_size = arbor_environment_get_file_size (self);
  guint64 size = larger ? MAX (old_size, file_size) * 2 : old_size;
  gboolean is_good;

  g_clear_pointer (&self->env, mdb_env_close);
  arbor_descriptors_hold ();
  is_good = arbor_environment_read_file_size (self, error) &&
            arbor_environment_open_checked (self, &options, size, error);
  arbor_descriptors_release ();
  if (!is_good)
    {
      g_clear_pointer (&self->env, mdb_env_close);
      return FALSE;
    }
  return !larger || self->map_size > old_size || arbor_environment_fail (self, MDB_MAP_FULL, error);
}

gboolean
arbor_environment_reopen (ArborEnvironment *self, gboolean larger, GError **error)
{
  gboolean is_good;

  pthread_mutex_lock (&self->clients_mutex);
  for (guint i = 0; i < self->clients->len; i++)
    {
      ArborClient *client = self->clients->pdata[i];

      client->verbs->drop_idle (client);
    }
  pthread_mutex_lock (&self->mutex);
  if (self->n_transactions > 0)
    is_good = arbor_environment_fail (self, larger ? MDB_MAP_FULL : MDB_PANIC, error);
  else
    is_good = reopen_locked (self, larger, error);
  pthread_mutex_unlock (&self->mutex);
  pthread_mutex_unlock (&self->clients_mutex);
  return is_good;
}
