/* LMDB copies to a descriptor and can neither be stopped nor asked how far it is. So it writes into a pipe,
 * on a thread of its own, and who asked reads the other end: when that is closed, LMDB ends.
 */

#include "storage/arbor-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-stop.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-pages.h"

#define PIECE      (1024 * 1024)
#define MOST_WALKS 1000u

typedef struct
{
  MDB_env *env;
  int fd; /* the end of the pipe that is written */
  unsigned int flags;
  int code;
} Copy;

/* A pipe that nobody reads any more is a signal to the thread that writes, and to threads that it makes:
 * they inherit that it is blocked. */
static void *
copy_thread (void *data)
{
  Copy *self = data;
  sigset_t pipe_signal;

  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  pthread_sigmask (SIG_BLOCK, &pipe_signal, NULL);
  self->code = mdb_env_copyfd2 (self->env, self->fd, self->flags);
  close (self->fd);
  return NULL;
}

static gssize
read_piece (int fd, guint8 *buffer)
{
  gssize n;

  do
    n = read (fd, buffer, PIECE);
  while (n < 0 && errno == EINTR);
  return n;
}

static gboolean
pump (ArborEnvironment *self, int fd, ArborCopyFunc func, gpointer data, GCancellable *cancellable,
      GError **error)
{
  g_autofree guint8 *buffer = g_malloc (PIECE);
  gssize n;

  while ((n = read_piece (fd, buffer)) > 0)
    if (!arbor_stop_check (cancellable, error) || !func (buffer, (gsize) n, data, error))
      return FALSE;
  return n == 0 || arbor_environment_fail (self, errno, error);
}

static gboolean
copy_through_pipe (ArborEnvironment *self, MDB_env *env, gboolean is_compact, ArborCopyFunc func, gpointer data,
                   GCancellable *cancellable, GError **error)
{
  Copy copy = { .env = env, .flags = is_compact ? MDB_CP_COMPACT : 0 };
  gboolean is_good;
  pthread_t thread;
  int ends[2];
  int failed;

  arbor_descriptors_hold ();
  failed = pipe2 (ends, O_CLOEXEC) != 0 ? errno : 0;
  arbor_descriptors_release ();
  if (failed != 0)
    return arbor_environment_fail (self, failed, error);
  /* A larger one is only faster. */
  (void) fcntl (ends[1], F_SETPIPE_SZ, PIECE);
  copy.fd = ends[1];
  failed = pthread_create (&thread, NULL, copy_thread, &copy);
  if (failed != 0)
    {
      close (ends[0]);
      close (ends[1]);
      return arbor_environment_fail (self, failed, error);
    }
  is_good = pump (self, ends[0], func, data, cancellable, error);
  close (ends[0]);
  pthread_join (thread, NULL);
  return is_good && (copy.code == 0 || arbor_environment_fail (self, copy.code, error));
}

/* LMDB believes the headers of overflow pages when it copies. FALSE without error: begin again. */
static gboolean
check_pages_once (ArborEnvironment *self, GError **error)
{
  ArborPagesInfo info;
  gboolean is_good;
  MDB_txn *txn;

  if (arbor_environment_begin_read (self, &txn, error) != 0)
    return FALSE;
  is_good = arbor_pages_walk (self->fd, self->path, mdb_txn_id (txn), arbor_table_names,
                              ARBOR_PAGES_ALL, &info, error);
  arbor_environment_end_read (self, txn);
  return is_good;
}

static gboolean
check_pages (ArborEnvironment *self, GError **error)
{
  for (guint i = 0; i < MOST_WALKS; i++)
    {
      g_autoptr (GError) local_error = NULL;

      if (check_pages_once (self, &local_error))
        return TRUE;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  return arbor_environment_fail (self, MDB_CORRUPTED, error);
}

gboolean
arbor_environment_copy (ArborEnvironment *self, gboolean is_compact, ArborCopyFunc func,
                        gpointer data, GCancellable *cancellable, GError **error)
{
  MDB_env *env;
  gboolean is_good;

  if (!arbor_environment_read_file_size (self, error) || !check_pages (self, error))
    return FALSE;
  /* The count keeps the environment open. */
  pthread_mutex_lock (&self->mutex);
  env = self->env;
  if (env != NULL)
    self->n_transactions++;
  pthread_mutex_unlock (&self->mutex);
  if (env == NULL)
    return arbor_environment_fail (self, MDB_PANIC, error);

  is_good = copy_through_pipe (self, env, is_compact, func, data, cancellable, error);

  pthread_mutex_lock (&self->mutex);
  self->n_transactions--;
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}
