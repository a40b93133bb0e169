/* Opening a store file: what it may be, its lock file, then LMDB.
 *
 * Nothing of LMDB is reached before header and meta pages were checked, and no table before all
 * tree pages were walked (arbor-pages.h). A new file is made into a store under the writer's lock.
 */

#include "storage/arbor-environment-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-new-file.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-lock-file.h"
#include "storage/arbor-pages.h"
#include "storage/arbor-storage-error.h"

#define DEFAULT_MAP_SIZE (G_GUINT64_CONSTANT (1) << 40)
#define LEAST_MAP_SIZE   (G_GUINT64_CONSTANT (1) << 20)
#define MAP_STEP         (G_GUINT64_CONSTANT (1) << 16) /* a multiple of any page size */
#define FILE_MODE        0600
#define MAX_WALKS        1000u

static gboolean
set_not_a_store (ArborEnvironment *self, const char *what, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE, _("File '%s' is not a store: %s"),
               self->path, what);
  return FALSE;
}

/* Makes the file, of exactly the mode that was asked for; -1 with errno. What is there already, or at
 * the end of a symbolic link, is opened and keeps its mode. */
static int
create_file (const char *path, int flags, mode_t mode, gboolean *created)
{
  int fd = open (path, flags | O_CREAT | O_EXCL, FILE_MODE);

  *created = fd >= 0;
  if (fd < 0 && errno == EEXIST)
    {
      fd = open (path, flags);
      /* A symbolic link to a file that is not there yet. */
      if (fd < 0 && errno == ENOENT && (fd = open (path, flags | O_CREAT, FILE_MODE)) >= 0)
        (void) fchmod (fd, mode);
    }
  else if (fd >= 0)
    (void) fchmod (fd, mode);
  return fd;
}

/* The descriptor of the file, for writing when the file permits it. */
int
arbor_environment_open_file (const char *path, const ArborSessionOptions *options,
                             gboolean *writable, gboolean *created, GError **error)
{
  int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  gboolean may_create = options->create && !options->read_only && !options->immutable;
  int fd = -1;

  *created = FALSE;
  *writable = !options->immutable;
  if (may_create)
    fd = create_file (path, flags | O_RDWR, options->mode != 0 ? options->mode : FILE_MODE, created);
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

gboolean
arbor_environment_check_kind (const char *path, const struct stat *info, GError **error)
{
  if (S_ISDIR (info->st_mode))
    return arbor_storage_set_file_error (error, EISDIR, path);
  if (!S_ISREG (info->st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                   _("Store '%s' cannot be opened: it is not a regular file"), path);
      return FALSE;
    }
  if (info->st_nlink > 1)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_SUPPORTED,
                   _("Store '%s' has %u names (hard links), and the lock file goes by the name: "
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
  if (by_fd.st_nlink == 0 || stat (self->path, &by_path) != 0 || by_path.st_dev != self->device ||
      by_path.st_ino != self->inode)
    return arbor_storage_set_damaged (
        error, self->path,
        _("the file was deleted or replaced while it was open; nothing was "
          "written, close the store and open it again"));
  return arbor_environment_check_kind (self->path, &by_fd, error) &&
         arbor_environment_read_file_size (self, error) &&
         arbor_lock_file_check (self, FALSE, error);
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
  guint64 file_size = arbor_environment_get_file_size (self);
  guint64 least = MAX (LEAST_MAP_SIZE, file_size * 2);
  int code;

  map_size = (MAX (map_size, file_size) + MAP_STEP - 1) / MAP_STEP * MAP_STEP;
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
  self->map =
      (const guint8 *) value.mv_data - info->anchor_offset - info->anchor_page * info->page_size;
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
  return find_map (self, txn, info, error) &&
         arbor_catalog_check_format ((ArborTxn){ .env = self, .mdb = txn }, error) &&
         arbor_catalog_check_sum ((ArborTxn){ .env = self, .mdb = txn }, info->sums[ARBOR_TABLE_CATALOG],
                                  error);
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
  is_good =
      arbor_pages_walk (self->fd, self->path, mdb_txn_id (txn), arbor_table_names,
                              ARBOR_PAGES_TREES, info, error);
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
  return arbor_storage_set_damaged (error, self->path, _("its meta pages contradict each other"));
}

gboolean
arbor_environment_read_file_size (ArborEnvironment *self, GError **error)
{
  /* Loaded before the file is looked at, which others may make longer meanwhile. */
  guint64 known = __atomic_load_n (&self->file_size, __ATOMIC_SEQ_CST);
  struct stat info;

  if (fstat (self->fd, &info) != 0)
    return arbor_storage_set_file_error (error, errno, self->path);
  /* No length will do again: what was cut off does not come back. But where the length is another by now
   * than it was, the file was exchanged for a shorter one (arbor-exchange.h), and what was loaded means
   * nothing. */
  if ((guint64) info.st_size < known)
    {
      if (known != G_MAXUINT64 &&
          !__atomic_compare_exchange_n (&self->file_size, &known, G_MAXUINT64, FALSE,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return arbor_environment_read_file_size (self, error);
      return arbor_storage_set_damaged (
          error, self->path,
          _("the file was cut off or overwritten while it was open; close the store"));
    }
  /* Who looked earlier but comes later takes back neither a length nor that none will do. */
  while ((guint64) info.st_size > known &&
         !__atomic_compare_exchange_n (&self->file_size, &known, (guint64) info.st_size, FALSE,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    continue;
  return TRUE;
}

/* Whether the file is one that LMDB may see. A new one is locked while it is made into a store, so
 * that no other process finds it half made. */
static gboolean
check_header (ArborEnvironment *self, const ArborSessionOptions *options, GCancellable *cancellable,
              gboolean *is_locked, GError **error)
{
  gboolean may_create = options->create && !options->read_only && self->writable;
  gint64 deadline = g_get_monotonic_time () + (gint64) options->busy_timeout * 1000;
  gboolean is_new;

  *is_locked = FALSE;
  if (!arbor_environment_read_file_size (self, error))
    return FALSE;
  if (arbor_environment_get_file_size (self) == 0 && may_create)
    {
      if (!arbor_writer_lock_file (self, deadline, cancellable, error))
        return FALSE;
      *is_locked = TRUE;
      if (!arbor_environment_read_file_size (self, error))
        return FALSE;
    }
  if (!arbor_pages_check_header (self->fd, self->path, arbor_environment_get_file_size (self),
                                 &is_new, error))
    return FALSE;
  return !is_new || may_create || set_not_a_store (self, _("it is empty"), error);
}

gboolean
arbor_environment_open_checked (ArborEnvironment *self, const ArborSessionOptions *options,
                                guint64 map_size, GError **error)
{
  gboolean may_create = options->create && !options->read_only && self->writable;
  ArborPagesInfo info;
  int code, n_dead;

  if (!arbor_lock_file_check (self, TRUE, error))
    return FALSE;
  code = open_mdb (self, map_size, &self->env);
  if (code != 0)
    return arbor_environment_fail (self, code, error);
  /* LMDB opened it by its name. */
  if (!arbor_lock_file_check (self, TRUE, error))
    return FALSE;
  set_close_on_exec (self);
  if (!self->immutable)
    mdb_reader_check (self->env, &n_dead);
  if (!arbor_environment_read_file_size (self, error) ||
      !walk_and_open_retrying (self, &info, error))
    return FALSE;
  if (!info.is_empty)
    return TRUE;
  if (!may_create)
    return set_not_a_store (self, _("it is empty"), error);

  code = initialise (self->env);
  if (code != 0)
    return arbor_environment_fail (self, code, error);
  arbor_new_file_sync_folder (self->path);
  return arbor_environment_read_file_size (self, error) &&
         walk_and_open_retrying (self, &info, error);
}

/* Once its lock is held, nobody exchanges the file any more. */
static gboolean
is_in_place (ArborEnvironment *self)
{
  struct stat info;

  return stat (self->path, &info) != 0 ||
         (info.st_dev == self->device && info.st_ino == self->inode);
}

static gboolean
lock_in_place (ArborEnvironment *self, const ArborSessionOptions *options, gboolean *is_replaced,
               GCancellable *cancellable, GError **error)
{
  if (self->immutable)
    return TRUE;
  if (!arbor_lock_file_prepare (self, options->busy_timeout, cancellable, error))
    return FALSE;
  *is_replaced = !is_in_place (self);
  return !*is_replaced;
}

gboolean
arbor_environment_open (ArborEnvironment *self, const ArborSessionOptions *options,
                        gboolean *is_replaced, GCancellable *cancellable, GError **error)
{
  guint64 map_size = options->map_size != 0 ? options->map_size : DEFAULT_MAP_SIZE;
  gboolean is_locked = FALSE;
  gboolean is_good = check_header (self, options, cancellable, &is_locked, error) &&
                     lock_in_place (self, options, is_replaced, cancellable, error) &&
                     arbor_environment_open_checked (self, options, map_size, error);

  if (is_locked)
    arbor_environment_unlock (self, ARBOR_LOCK_WRITER);
  return is_good;
}
