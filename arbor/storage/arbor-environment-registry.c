/* The registry of environments: which files are open in this process.
 *
 * LMDB breaks when one file is opened twice in a process, so the registry finds an open file by
 * device and inode whatever its name. Its mutex is held while a file is opened or closed: whoever
 * asks for a file that is just being closed waits for that, and so does who asks for another file that
 * was put in its place and so has its lock file. The lock file belongs to LMDB alone:
 * closing any descriptor of it would drop LMDB's locks. Our own locks (OFD locks on bytes past the
 * end of the data file) belong to a descriptor of our own.
 *
 * In a forked child the registry begins empty, and what the parent had open is left as it is.
 */

#include "storage/arbor-environment-private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-error.h"
#include "base/arbor-process.h"
#include "base/arbor-stop.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-storage-error.h"

#define DEFAULT_MAX_READERS 1024u
#define POLL                (5 * G_TIME_SPAN_MILLISECOND)

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

void
arbor_environment_lock_registry (void)
{
  pthread_mutex_lock (&registry.mutex);
}

gboolean
arbor_environment_try_lock_registry (void)
{
  return pthread_mutex_trylock (&registry.mutex) == 0;
}

void
arbor_environment_unlock_registry (void)
{
  pthread_mutex_unlock (&registry.mutex);
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
  arbor_known_free (self->known);
  arbor_key_tables_free (self->key_tables);
  pthread_mutex_destroy (&self->records_mutex);
  g_hash_table_unref (self->records);
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
  self->known = arbor_known_new ();
  self->key_tables = arbor_key_tables_new ();
  pthread_mutex_init (&self->records_mutex, NULL);
  self->records = arbor_environment_make_records ();
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

static ArborEnvironment *
find_by_lock_file (const struct stat *info)
{
  for (guint i = 0; i < registry.environments->len; i++)
    {
      ArborEnvironment *self = g_ptr_array_index (registry.environments, i);

      if (self->lock_inode != 0 && self->lock_device == info->st_dev &&
          self->lock_inode == info->st_ino)
        return self;
    }
  return NULL;
}

gboolean
arbor_environment_has_lock_file (const struct stat *info)
{
  return find_by_lock_file (info) != NULL;
}

/* Whether all who used it have closed it: it will be gone once the last of them has left. */
static gboolean
is_leaving (ArborEnvironment *self)
{
  gboolean is_open = FALSE;

  pthread_mutex_lock (&self->clients_mutex);
  for (guint i = 0; i < self->clients->len; i++)
    {
      ArborClient *client = g_ptr_array_index (self->clients, i);

      is_open = is_open || client->verbs->is_open (client);
    }
  pthread_mutex_unlock (&self->clients_mutex);
  return !is_open;
}

gboolean
arbor_environment_is_leaving (const struct stat *info)
{
  ArborEnvironment *self;
  gboolean is_there;

  pthread_mutex_lock (&registry.mutex);
  self = registry.environments != NULL ? find_environment (info) : NULL;
  is_there = self != NULL && is_leaving (self);
  pthread_mutex_unlock (&registry.mutex);
  return is_there;
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

/* With the registry's mutex held; takes over @fd. @is_replaced: there is another file at the path by now, and
 * no error. */
static ArborEnvironment *
find_or_open (int fd, const char *path, gboolean writable, gboolean created,
              const ArborSessionOptions *options, gboolean *is_replaced, GCancellable *cancellable,
              GError **error)
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
      if (arbor_environment_open (self, options, is_replaced, cancellable, error))
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

/* Whether another file was open at @path in this process, is closed, and is not gone yet. */
static gboolean
is_old_leaving (const char *path)
{
  char *real_path = realpath (path, NULL);
  g_autofree char *lock_path = g_strconcat (real_path != NULL ? real_path : path, "-lock", NULL);
  struct stat info, lock_info;
  ArborEnvironment *old;

  free (real_path);
  if (stat (path, &info) != 0 || lstat (lock_path, &lock_info) != 0)
    return FALSE;
  old = find_by_lock_file (&lock_info);
  return old != NULL && (old->device != info.st_dev || old->inode != info.st_ino) && is_leaving (old);
}

/* With the registry's mutex held, but for the pauses. Whose wait ends too early is refused by the lock
 * file. */
static gboolean
wait_for_old (const char *path, guint timeout, GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) timeout * 1000;

  while (is_old_leaving (path) && g_get_monotonic_time () < deadline)
    {
      pthread_mutex_unlock (&registry.mutex);
      g_usleep (POLL);
      pthread_mutex_lock (&registry.mutex);
      if (!arbor_stop_check (cancellable, error))
        return FALSE;
    }
  return TRUE;
}

ArborEnvironment *
arbor_environment_acquire (const char *path, const ArborSessionOptions *options,
                           GCancellable *cancellable, GError **error)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  gboolean is_replaced, writable, created;
  ArborEnvironment *self = NULL;

  pthread_once (&once, registry_install);
  if (!arbor_stop_check (cancellable, error))
    return NULL;

  pthread_mutex_lock (&registry.mutex);
  if (registry.environments == NULL)
    registry.environments = g_ptr_array_new ();
  is_replaced = wait_for_old (path, options->busy_timeout, cancellable, error);
  arbor_descriptors_hold ();
  while (self == NULL && is_replaced)
    {
      int fd = check_no_lock_file (path, error)
                   ? arbor_environment_open_file (path, options, &writable, &created, error)
                   : -1;

      is_replaced = FALSE;
      if (fd >= 0)
        self = find_or_open (fd, path, writable, created, options, &is_replaced, cancellable, error);
    }
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
      arbor_environment_drop_idle (self);
      pthread_mutex_unlock (&self->clients_mutex);
    }
  pthread_mutex_unlock (&registry.mutex);
}
