/* One write transaction of the writer, and the lock before it. See arbor-writer.c.
 */

#include "storage/arbor-writer-private.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-profile.h"
#include "base/arbor-stop.h"
#include "storage/arbor-storage-error.h"

#define POLL_LEAST  (G_TIME_SPAN_MILLISECOND / 2)
#define POLL_MOST   (20 * G_TIME_SPAN_MILLISECOND)
#define CHECK_READERS_PAGES 64u

gboolean
arbor_writer_set_busy (ArborEnvironment *environment, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
               _("Store '%s' is being written by another process or thread that did not finish in "
                 "time; try again, or open it with a longer busy-timeout"),
               environment->path);
  return FALSE;
}

gboolean
arbor_writer_lock_file (ArborEnvironment *environment, gint64 deadline, GCancellable *cancellable,
                        GError **error)
{
  gint64 pause = POLL_LEAST;

  for (;;)
    {
      int failed = arbor_environment_try_lock (environment, ARBOR_LOCK_WRITER);
      gint64 left;

      if (failed == 0)
        return TRUE;
      if (failed != EAGAIN)
        return arbor_environment_fail (environment, failed, error);
      if (!arbor_stop_check (cancellable, error))
        return FALSE;
      left = deadline - g_get_monotonic_time ();
      if (left <= 0)
        return arbor_writer_set_busy (environment, error);
      g_usleep ((gulong) MIN (left, pause));
      pause = MIN (pause * 2, POLL_MOST);
    }
}

/* LMDB counts pages at the end of the file that it freed before it ever wrote them. The file is
 * made as long as it counts, so that its length tells whether it was cut off. */
static void
fill_file (ArborEnvironment *environment, MDB_env *env)
{
  MDB_envinfo info;
  struct stat file;

  if (mdb_env_info (env, &info) == 0 && fstat (environment->fd, &file) == 0)
    {
      guint64 size = (info.me_last_pgno + 1) * environment->page_size;

      if ((guint64) file.st_size < size && ftruncate (environment->fd, (off_t) size) != 0)
        g_debug ("Store '%s' could not be filled up: %s", environment->path, g_strerror (errno));
    }
}

/* A process that was killed, or ended without closing, keeps its slot in the reader table, and with it
 * every page that was freed since: then the file grows where it would use pages again. So whenever it
 * has grown by a piece, the dead are looked for; that costs a system call for each process that
 * reads, and next to nothing beside writing that much. With the OFD lock held. */
static void
drop_dead_readers (ArborEnvironment *environment, MDB_env *env)
{
  MDB_envinfo info;
  int n_dead = 0;

  if (mdb_env_info (env, &info) != 0)
    return;
  if (info.me_last_pgno < environment->checked_page)
    environment->checked_page = info.me_last_pgno;
  if (environment->has_checked && info.me_last_pgno - environment->checked_page < CHECK_READERS_PAGES)
    return;
  environment->has_checked = TRUE;
  environment->checked_page = info.me_last_pgno;
  if (mdb_reader_check (env, &n_dead) == 0 && n_dead > 0)
    g_debug ("Store '%s': %d readers were dead", environment->path, n_dead);
}

/* One write transaction. @code is what LMDB said, when it was LMDB that refused. */
static gboolean
run_transaction (ArborEnvironment *environment, MDB_env *env, ArborWriteFunc func, gpointer data,
                 gboolean no_meta_sync, int *code, GError **error)
{
  gint64 began = arbor_profile_begin ();
  MDB_txn *txn;

  drop_dead_readers (environment, env);
  mdb_env_set_flags (env, MDB_NOMETASYNC, no_meta_sync);
  *code = mdb_txn_begin (env, NULL, 0, &txn);
  if (*code != 0)
    return arbor_environment_fail (environment, *code, error);
  if (!func ((ArborTxn){ environment, txn }, data, error))
    {
      *code = arbor_environment_get_last_failure ();
      mdb_txn_abort (txn);
      return FALSE;
    }
  *code = mdb_txn_commit (txn);
  if (*code > 0)
    __atomic_store_n (&environment->write_failure, *code, __ATOMIC_SEQ_CST);
  if (*code != 0)
    return arbor_environment_fail (environment, *code, error);
  fill_file (environment, env);
  arbor_profile_end (began, "commit", environment->path);
  return TRUE;
}

/* With the OFD lock held. */
static gboolean
try_transaction (ArborEnvironment *environment, ArborWriteFunc func, gpointer data,
                 gboolean no_meta_sync, int *code, GError **error)
{
  MDB_env *env;
  gboolean is_good;

  *code = 0;
  /* Another file than the one it had open is there, which opening it again sees to. */
  if (g_atomic_int_get (&environment->is_behind))
    {
      *code = MDB_PANIC;
      return arbor_environment_fail (environment, *code, error);
    }
  if (!arbor_environment_check_file (environment, error))
    return FALSE;
  arbor_environment_catch_up (environment);
  /* Not held while LMDB waits for its writer lock; the count keeps the environment open. */
  pthread_mutex_lock (&environment->mutex);
  env = environment->env;
  if (env != NULL)
    environment->n_transactions++;
  pthread_mutex_unlock (&environment->mutex);
  if (env == NULL)
    {
      *code = MDB_PANIC;
      return arbor_environment_fail (environment, *code, error);
    }

  is_good = run_transaction (environment, env, func, data, no_meta_sync, code, error);

  pthread_mutex_lock (&environment->mutex);
  environment->n_transactions--;
  pthread_mutex_unlock (&environment->mutex);
  return is_good;
}

gboolean
arbor_writer_run_locked (ArborEnvironment *environment, ArborWriteFunc func, gpointer data,
                         gboolean no_meta_sync, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) local_error = NULL;
      gboolean larger;
      int code;

      if (try_transaction (environment, func, data, no_meta_sync, &code, &local_error))
        return TRUE;
      if (!arbor_environment_is_curable (code, &larger) ||
          !arbor_environment_reopen (environment, larger, NULL))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
}
