/* The registry of environments, opening and closing them, and read transactions.
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

#include "storage/arbor-environment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-process.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-pages.h"
#include "storage/arbor-storage-error.h"

#define DEFAULT_MAP_SIZE    (G_GUINT64_CONSTANT (1) << 40)
#define LEAST_MAP_SIZE      (G_GUINT64_CONSTANT (1) << 20)
#define MAP_STEP            (G_GUINT64_CONSTANT (1) << 16) /* a multiple of any page size */
#define DEFAULT_MAX_READERS 1024u
#define FILE_MODE           0644
#define MAX_WALKS           1000u

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

static void
registry_install (void)
{
  if (pthread_atfork (registry_prepare_fork, registry_parent_after_fork,
                      registry_child_after_fork) != 0)
    g_error ("out of memory: no room for a fork handler");
}

static __thread int last_failure;

gboolean
arbor_environment_fail (ArborEnvironment *self, int code, GError **error)
{
  last_failure = code;
  return arbor_storage_set_error (error, code, self->path, self->fd);
}

int
arbor_environment_get_last_failure (void)
{
  return last_failure;
}

/* Locks */

static int
call_lock (int fd, int command, gint64 byte, short type, short *found)
{
  struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
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
  return call_lock (self->fd, F_OFD_SETLK, byte, F_WRLCK, NULL);
}

void
arbor_environment_unlock (ArborEnvironment *self, gint64 byte)
{
  call_lock (self->fd, F_OFD_SETLK, byte, F_UNLCK, NULL);
}

gboolean
arbor_environment_is_locked (ArborEnvironment *self, gint64 byte)
{
  short found = F_UNLCK;

  return call_lock (self->fd, F_OFD_GETLK, byte, F_WRLCK, &found) != 0 || found != F_UNLCK;
}

/* Opening the file */

static gboolean
set_not_a_store (ArborEnvironment *self, const char *what, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE, _ ("File '%s' is not a store: %s"),
               self->path, what);
  return FALSE;
}

/* The descriptor of the file, for writing when the file permits it. */
static int
open_file (const char *path, const ArborSessionOptions *options, gboolean *writable,
           gboolean *created, GError **error)
{
  int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  gboolean may_create = options->create && !options->read_only && !options->immutable;
  int fd = -1;

  *created = FALSE;
  *writable = !options->immutable;
  if (may_create)
    {
      fd = open (path, flags | O_RDWR | O_CREAT | O_EXCL, FILE_MODE);
      *created = fd >= 0;
      /* EEXIST: the usual case, but also a symbolic link to a file that is not there yet. */
      if (fd < 0 && errno == EEXIST)
        fd = open (path, flags | O_RDWR | O_CREAT, FILE_MODE);
    }
  else if (!options->immutable)
    fd = open (path, flags | O_RDWR);
  if (fd < 0 && (options->immutable || errno == EACCES || errno == EROFS || errno == EPERM ||
                 errno == ETXTBSY))
    {
      int saved_errno = errno;

      *writable = FALSE;
      fd = open (path, flags | O_RDONLY);
      if (fd < 0 && may_create && errno == ENOENT)
        errno = saved_errno;
    }
  if (fd < 0)
    arbor_storage_set_file_error (error, errno, path);
  return fd;
}

static gboolean
check_kind (const char *path, const struct stat *info, GError **error)
{
  if (S_ISDIR (info->st_mode))
    return arbor_storage_set_file_error (error, EISDIR, path);
  if (!S_ISREG (info->st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                   _ ("Store '%s' cannot be opened: it is not a regular file"), path);
      return FALSE;
    }
  if (info->st_nlink > 1)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED,
                   _ ("Store '%s' has %u names (hard links), and the lock file goes by the name: "
                      "leave it one"),
                   path, (guint) info->st_nlink);
      return FALSE;
    }
  return TRUE;
}

gboolean
arbor_environment_check_file (ArborEnvironment *self, GError **error)
{
  struct stat by_fd, by_path;

  if (fstat (self->fd, &by_fd) != 0)
    return arbor_environment_fail (self, errno, error);
  if (by_fd.st_nlink == 0 || stat (self->path, &by_path) != 0 ||
      by_path.st_dev != self->device || by_path.st_ino != self->inode)
    return arbor_storage_set_damaged (
        error, self->path, _ ("the file was deleted or replaced while it was open; nothing was "
                              "written, close the store and open it again"));
  return check_kind (self->path, &by_fd, error);
}

/* LMDB goes on without locks where it cannot write the lock file of a read-only file system, and
 * with a bare errno elsewhere: both are found before it is asked. */
static gboolean
check_lock_file (ArborEnvironment *self, GError **error)
{
  g_autofree char *lock_path = g_strconcat (self->path, "-lock", NULL);
  g_autofree char *folder = g_path_get_dirname (self->path);
  int failed = 0;

  if (self->immutable)
    return TRUE;
  if (faccessat (AT_FDCWD, lock_path, R_OK | W_OK, AT_EACCESS) != 0)
    {
      failed = errno;
      if (failed == ENOENT)
        failed = faccessat (AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0 ? errno : 0;
    }
  if (failed == 0)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY,
               _ ("Store '%s' cannot be opened: its lock file '%s' cannot be written (%s); if nobody "
                  "writes the store, open it as immutable"),
               self->path, lock_path, g_strerror (failed));
  return FALSE;
}

/* LMDB opens the data file without O_CLOEXEC, twice, and tells only one of the descriptors. */
static void
set_close_on_exec (ArborEnvironment *self)
{
  DIR *folder = opendir ("/proc/self/fd");
  struct dirent *entry;

  while (folder != NULL && (entry = readdir (folder)) != NULL)
    {
      struct stat info;

      if (g_ascii_isdigit (entry->d_name[0]) &&
          fstatat (dirfd (folder), entry->d_name, &info, 0) == 0 && info.st_dev == self->device &&
          info.st_ino == self->inode)
        fcntl (atoi (entry->d_name), F_SETFD, FD_CLOEXEC);
    }
  if (folder != NULL)
    closedir (folder);
}

static void
sync_folder (ArborEnvironment *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  /* Not every file system can; there is nothing to be done about it. */
  (void) fsync (fd);
  close (fd);
}

/* Opening LMDB */

static int
open_mdb_once (ArborEnvironment *self, guint64 map_size, MDB_env **result)
{
  unsigned int flags = MDB_NOSUBDIR | MDB_NOTLS;
  MDB_env *env;
  int code = mdb_env_create (&env);

  if (code != 0)
    return code;
  if (self->immutable)
    flags |= MDB_NOLOCK;
  if (!self->writable)
    flags |= MDB_RDONLY;
  if ((code = mdb_env_set_maxdbs (env, ARBOR_N_TABLES)) != 0 ||
      (code = mdb_env_set_maxreaders (env, self->max_readers)) != 0 ||
      (code = mdb_env_set_mapsize (env, map_size)) != 0 ||
      (code = mdb_env_open (env, self->path, flags, FILE_MODE)) != 0)
    {
      mdb_env_close (env);
      return code;
    }
  *result = env;
  return 0;
}

/* Tries ever smaller maps while there is no room for them in the address space. */
static int
open_mdb (ArborEnvironment *self, guint64 map_size, MDB_env **env)
{
  guint64 least = MAX (LEAST_MAP_SIZE, self->file_size * 2);
  int code;

  map_size = (MAX (map_size, self->file_size) + MAP_STEP - 1) / MAP_STEP * MAP_STEP;
  while ((code = open_mdb_once (self, map_size, env)) == ENOMEM && map_size / 2 >= least)
    map_size /= 2;
  self->map_size = map_size;
  return code;
}

static int
initialise (MDB_env *env)
{
  MDB_txn *txn;
  int code = mdb_txn_begin (env, NULL, 0, &txn);

  if (code != 0)
    return code;
  code = arbor_catalog_initialise (txn);
  if (code == 0)
    return mdb_txn_commit (txn);
  mdb_txn_abort (txn);
  return code;
}

/* Where the map begins: the record of the first table lies at a known place of the file, and LMDB
 * gives its address. */
static gboolean
find_map (ArborEnvironment *self, MDB_txn *txn, const ArborPagesInfo *info, GError **error)
{
  MDB_val key = { strlen (arbor_table_names[0]), (void *) arbor_table_names[0] };
  MDB_val value;
  MDB_dbi main_table;
  int code = mdb_dbi_open (txn, NULL, 0, &main_table);

  if (code == 0)
    code = mdb_get (txn, main_table, &key, &value);
  if (code != 0)
    return arbor_environment_fail (self, code, error);
  self->map = (const guint8 *) value.mv_data - info->anchor_offset -
              info->anchor_page * info->page_size;
  self->page_size = info->page_size;
  return TRUE;
}

/* Inside the transaction whose pages were walked. */
static gboolean
open_tables (ArborEnvironment *self, MDB_txn *txn, const ArborPagesInfo *info, GError **error)
{
  int code;

  for (guint i = 0; i < ARBOR_N_TABLES; i++)
    if ((code = mdb_dbi_open (txn, arbor_table_names[i], 0, &self->tables[i])) != 0)
      return arbor_environment_fail (self, code, error);
  return find_map (self, txn, info, error) && arbor_catalog_check_format (self, txn, error);
}

/* Walks and opens in one transaction. FALSE without error: begin again, another writer was too
 * quick. */
static gboolean
walk_and_open (ArborEnvironment *self, ArborPagesInfo *info, GError **error)
{
  MDB_txn *txn;
  gboolean is_good;
  int code = mdb_txn_begin (self->env, NULL, MDB_RDONLY, &txn);

  if (code != 0)
    return arbor_environment_fail (self, code, error);
  is_good = arbor_pages_walk (self->fd, self->path, mdb_txn_id (txn), arbor_table_names, info,
                              error);
  if (is_good && !info->is_empty)
    is_good = open_tables (self, txn, info, error);
  if (!is_good)
    {
      mdb_txn_abort (txn);
      return FALSE;
    }
  /* Committed, not aborted: so the tables stay open. */
  code = mdb_txn_commit (txn);
  return code == 0 || arbor_environment_fail (self, code, error);
}

static gboolean
walk_and_open_retrying (ArborEnvironment *self, ArborPagesInfo *info, GError **error)
{
  for (guint i = 0; i < MAX_WALKS; i++)
    {
      g_autoptr (GError) local_error = NULL;

      if (walk_and_open (self, info, &local_error))
        return TRUE;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  return arbor_storage_set_damaged (error, self->path, _ ("its meta pages contradict each other"));
}

static gboolean
read_file_size (ArborEnvironment *self, GError **error)
{
  struct stat info;

  if (fstat (self->fd, &info) != 0)
    return arbor_storage_set_file_error (error, errno, self->path);
  __atomic_store_n (&self->file_size, (guint64) info.st_size, __ATOMIC_RELAXED);
  return TRUE;
}

/* Whether the file is one that LMDB may see. A new one is locked while it is made into a store, so
 * that no other process finds it half made. */
static gboolean
check_header (ArborEnvironment *self, const ArborSessionOptions *options,
              GCancellable *cancellable, gboolean *is_locked, GError **error)
{
  gboolean may_create = options->create && !options->read_only && self->writable;
  gint64 deadline = g_get_monotonic_time () + (gint64) options->busy_timeout * 1000;
  gboolean is_new;

  *is_locked = FALSE;
  if (!read_file_size (self, error))
    return FALSE;
  if (self->file_size == 0 && may_create)
    {
      if (!arbor_writer_lock_file (self, deadline, cancellable, error))
        return FALSE;
      *is_locked = TRUE;
      if (!read_file_size (self, error))
        return FALSE;
    }
  if (!arbor_pages_check_header (self->fd, self->path, self->file_size, &is_new, error))
    return FALSE;
  return !is_new || may_create || set_not_a_store (self, _ ("it is empty"), error);
}

static gboolean
open_checked (ArborEnvironment *self, const ArborSessionOptions *options, guint64 map_size,
              GError **error)
{
  gboolean may_create = options->create && !options->read_only && self->writable;
  ArborPagesInfo info;
  int code, n_dead;

  code = open_mdb (self, map_size, &self->env);
  if (code != 0)
    return arbor_environment_fail (self, code, error);
  set_close_on_exec (self);
  if (!self->immutable)
    mdb_reader_check (self->env, &n_dead);
  if (!read_file_size (self, error) || !walk_and_open_retrying (self, &info, error))
    return FALSE;
  if (!info.is_empty)
    return TRUE;
  if (!may_create)
    return set_not_a_store (self, _ ("it is empty"), error);

  code = initialise (self->env);
  if (code != 0)
    return arbor_environment_fail (self, code, error);
  sync_folder (self);
  return read_file_size (self, error) && walk_and_open_retrying (self, &info, error);
}

static gboolean
open_environment (ArborEnvironment *self, const ArborSessionOptions *options,
                  GCancellable *cancellable, GError **error)
{
  guint64 map_size = options->map_size != 0 ? options->map_size : DEFAULT_MAP_SIZE;
  gboolean is_locked = FALSE;
  gboolean is_good = check_lock_file (self, error) &&
                     check_header (self, options, cancellable, &is_locked, error) &&
                     open_checked (self, options, map_size, error);

  if (is_locked)
    arbor_environment_unlock (self, ARBOR_LOCK_WRITER);
  return is_good;
}

static void
free_environment (ArborEnvironment *self)
{
  g_clear_pointer (&self->writer, arbor_writer_free);
  if (self->env != NULL)
    mdb_env_close (self->env);
  if (self->fd >= 0)
    close (self->fd);
  pthread_mutex_destroy (&self->mutex);
  pthread_mutex_destroy (&self->sessions_mutex);
  g_ptr_array_unref (self->sessions);
  free (self->path);
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
  self->device = info->st_dev;
  self->inode = info->st_ino;
  self->writable = writable;
  self->immutable = options->immutable;
  self->max_readers = options->max_readers != 0 ? options->max_readers : DEFAULT_MAX_READERS;
  self->process = arbor_process_get_serial ();
  self->n_uses = 1;
  self->sessions = g_ptr_array_new ();
  pthread_mutex_init (&self->mutex, NULL);
  pthread_mutex_init (&self->sessions_mutex, NULL);
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

/* Whether a session with @options may share what is open already. An environment with locks serves
 * a session that does not need them, but not the other way round. */
static gboolean
check_shared (ArborEnvironment *self, const ArborSessionOptions *options, GError **error)
{
  if (!self->immutable || options->immutable)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_OPTIONS,
               _ ("Store '%s' is open as immutable in this process: close that one first, or open "
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
  if (!check_kind (path, &info, error) ||
      (self != NULL && !check_shared (self, options, error)))
    self = NULL;
  else if (self != NULL)
    self->n_uses++;
  else
    {
      self = new_environment (fd, real_path, &info, writable, options);
      if (open_environment (self, options, cancellable, error))
        {
          g_ptr_array_add (registry.environments, self);
          return self;
        }
      /* Nothing is left behind of a store that could not be made. */
      if (created && self->file_size == 0)
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
  ArborEnvironment *self;
  int fd;

  pthread_once (&once, registry_install);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  fd = open_file (path, options, &writable, &created, error);
  if (fd < 0)
    return NULL;

  pthread_mutex_lock (&registry.mutex);
  if (registry.environments == NULL)
    registry.environments = g_ptr_array_new ();
  self = find_or_open (fd, path, writable, created, options, cancellable, error);
  pthread_mutex_unlock (&registry.mutex);
  return self;
}

void
arbor_environment_release (ArborEnvironment *self)
{
  if (self->process != arbor_process_get_serial ())
    return;
  pthread_mutex_lock (&registry.mutex);
  if (--self->n_uses == 0)
    {
      g_ptr_array_remove_fast (registry.environments, self);
      free_environment (self);
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
  if (!read_file_size (self, error))
    return FALSE;
  if ((env_info.me_last_pgno + 1) * self->page_size <= self->file_size)
    return TRUE;
  if (arbor_pages_walk (self->fd, self->path, mdb_txn_id (txn), arbor_table_names, &info,
                        &local_error))
    return TRUE;
  if (local_error == NULL)
    {
      /* Overwritten while it was walked, by a writer that has made the file long enough. */
      if (read_file_size (self, error) &&
          (env_info.me_last_pgno + 1) * self->page_size <= self->file_size)
        return TRUE;
      return arbor_storage_set_damaged (error, self->path, _ ("it was cut off"));
    }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

int
arbor_environment_begin_read (ArborEnvironment *self, MDB_txn **txn, GError **error)
{
  int code, n_dead;

  pthread_mutex_lock (&self->mutex);
  code = self->env == NULL ? MDB_PANIC : mdb_txn_begin (self->env, NULL, MDB_RDONLY, txn);
  if (code == MDB_READERS_FULL && mdb_reader_check (self->env, &n_dead) == 0)
    code = mdb_txn_begin (self->env, NULL, MDB_RDONLY, txn);
  if (code != 0)
    arbor_environment_fail (self, code, error);
  else if (!check_length (self, *txn, error))
    {
      mdb_txn_abort (*txn);
      code = MDB_CORRUPTED;
    }
  else
    self->n_transactions++;
  pthread_mutex_unlock (&self->mutex);
  return code;
}

int
arbor_environment_renew_read (ArborEnvironment *self, MDB_txn *txn, GError **error)
{
  int code;

  pthread_mutex_lock (&self->mutex);
  mdb_txn_reset (txn);
  code = mdb_txn_renew (txn);
  if (code != 0)
    arbor_environment_fail (self, code, error);
  else if (!check_length (self, txn, error))
    code = MDB_CORRUPTED;
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
  if (self->env != NULL)
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
  if ((page + n_pages) * self->page_size >
          __atomic_load_n (&self->file_size, __ATOMIC_RELAXED) &&
      (!read_file_size (self, NULL) || (page + n_pages) * self->page_size > self->file_size))
    return FALSE;
  return arbor_pages_check_overflow (header, page, n_pages);
}

void
arbor_environment_catch_up (ArborEnvironment *self)
{
  pthread_mutex_lock (&self->sessions_mutex);
  for (guint i = 0; i < self->sessions->len; i++)
    arbor_session_catch_up (g_ptr_array_index (self->sessions, i));
  pthread_mutex_unlock (&self->sessions_mutex);
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
  guint64 size = larger ? MAX (old_size, self->file_size) * 2 : old_size;

  g_clear_pointer (&self->env, mdb_env_close);
  if (!read_file_size (self, error) || !open_checked (self, &options, size, error))
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

  pthread_mutex_lock (&self->sessions_mutex);
  for (guint i = 0; i < self->sessions->len; i++)
    arbor_session_drop_idle (g_ptr_array_index (self->sessions, i));
  pthread_mutex_lock (&self->mutex);
  if (self->n_transactions > 0)
    is_good = arbor_environment_fail (self, larger ? MDB_MAP_FULL : MDB_PANIC, error);
  else
    is_good = reopen_locked (self, larger, error);
  pthread_mutex_unlock (&self->mutex);
  pthread_mutex_unlock (&self->sessions_mutex);
  return is_good;
}

gboolean
arbor_environment_get_stats (ArborEnvironment *self, ArborSessionStats *stats, GError **error)
{
  MDB_envinfo info;
  MDB_txn *txn;
  MDB_cursor *cursor;
  MDB_val key, value;
  guint64 n_free = 0;
  int code = arbor_environment_begin_read (self, &txn, error);

  if (code != 0)
    return FALSE;
  /* Table 0 is the free list: under each transaction the count of pages, then their numbers. */
  code = mdb_cursor_open (txn, 0, &cursor);
  while (code == 0 && (code = mdb_cursor_get (cursor, &key, &value, MDB_NEXT)) == 0)
    {
      guint64 n;

      memcpy (&n, value.mv_data, sizeof n);
      n_free += n;
    }
  if (code == MDB_NOTFOUND)
    {
      mdb_cursor_close (cursor);
      code = mdb_env_info (self->env, &info);
    }
  arbor_environment_end_read (self, txn);
  if (code != 0)
    return arbor_environment_fail (self, code, error);

  *stats = (ArborSessionStats){
    .file_bytes = __atomic_load_n (&self->file_size, __ATOMIC_RELAXED),
    .map_bytes = info.me_mapsize,
    .free_pages = n_free,
    .page_size = self->page_size,
    .n_readers = info.me_numreaders,
    .max_readers = info.me_maxreaders,
  };
  return TRUE;
}
