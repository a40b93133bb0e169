/* The writer: one thread for each environment that all write transactions of the process run on,
 * one job after the other. An LMDB write transaction belongs to its thread and holds a lock of the
 * whole machine, so it lives inside one job only. Where no thread is to be had, each job runs on the
 * thread that waits for it, when its turn comes.
 *
 * Before LMDB's own writer lock, which can neither be given up nor timed, a job takes an OFD lock
 * on a byte of the data file, polling. A job waits in the queue, then for that lock; until it has
 * it, it can be cancelled and times out, after that it ends as it ends. When the queue is empty,
 * dead batches are deleted, a slice in each transaction.
 */

#include "storage/arbor-environment.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-storage-error.h"

#define POLL_LEAST  (G_TIME_SPAN_MILLISECOND / 2)
#define POLL_MOST   (20 * G_TIME_SPAN_MILLISECOND)
#define SWEEP_SLICE 64u
#define CHECK_READERS_PAGES 64u

typedef enum
{
  JOB_QUEUED,
  JOB_RUNNING,
  JOB_DONE,
} JobState;

/* Lies on the stack of the thread that waits for it. */
typedef struct
{
  ArborWriteFunc func;
  gpointer data;
  const ArborWriteOptions *options;
  GCancellable *cancellable;
  ArborStop stop; /* of the thread that waits for it */
  gint64 deadline;
  gboolean result;
  GError *error;
  JobState state; /* guarded by the writer's mutex */
} Job;

struct _ArborWriter
{
  ArborEnvironment *environment;
  pthread_mutex_t mutex; /* guards what follows */
  pthread_cond_t changed;
  GQueue jobs; /* Job *, those that wait */
  pthread_t thread;
  gboolean has_thread;
  gboolean is_working;
  pthread_t worker; /* while is_working: the thread that runs a job or sweeps */
  gboolean stop;
  gboolean sweep_wanted;
  GHashTable *stagings; /* guint64 *, the ids of the stagings of this process */

  /* Of whoever works. */
  gboolean has_checked;  /* for dead readers, */
  gsize checked_page;    /* when this was the last page */
};

ArborWriter *
arbor_writer_new (ArborEnvironment *environment)
{
  ArborWriter *self = g_new0 (ArborWriter, 1);
  pthread_condattr_t attr;

  self->environment = environment;
  pthread_mutex_init (&self->mutex, NULL);
  pthread_condattr_init (&attr);
  pthread_condattr_setclock (&attr, CLOCK_MONOTONIC);
  pthread_cond_init (&self->changed, &attr);
  pthread_condattr_destroy (&attr);
  g_queue_init (&self->jobs);
  self->stagings = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  /* What dead processes left is swept after the first write. */
  self->sweep_wanted = TRUE;
  return self;
}

void
arbor_writer_free (ArborWriter *self)
{
  pthread_mutex_lock (&self->mutex);
  self->stop = TRUE;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->mutex);
  if (self->has_thread)
    pthread_join (self->thread, NULL);
  g_assert (self->jobs.length == 0);
  g_hash_table_unref (self->stagings);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

gboolean
arbor_writer_is_idle (ArborWriter *self)
{
  gboolean is_idle;

  pthread_mutex_lock (&self->mutex);
  is_idle = !self->is_working && self->jobs.length == 0;
  pthread_mutex_unlock (&self->mutex);
  return is_idle;
}

static gboolean
set_busy (ArborEnvironment *environment, GError **error)
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
        return set_busy (environment, error);
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
  ArborWriter *self = environment->writer;
  MDB_envinfo info;
  int n_dead = 0;

  if (mdb_env_info (env, &info) != 0)
    return;
  if (info.me_last_pgno < self->checked_page)
    self->checked_page = info.me_last_pgno;
  if (self->has_checked && info.me_last_pgno - self->checked_page < CHECK_READERS_PAGES)
    return;
  self->has_checked = TRUE;
  self->checked_page = info.me_last_pgno;
  if (mdb_reader_check (env, &n_dead) == 0 && n_dead > 0)
    g_debug ("Store '%s': %d readers were dead", environment->path, n_dead);
}

/* One write transaction. @code is what LMDB said, when it was LMDB that refused. */
static gboolean
run_transaction (ArborEnvironment *environment, MDB_env *env, ArborWriteFunc func, gpointer data,
                 gboolean no_meta_sync, int *code, GError **error)
{
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

static gboolean
run_locked (ArborEnvironment *environment, ArborWriteFunc func, gpointer data,
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

static gboolean
run_job (ArborEnvironment *environment, Job *job)
{
  gboolean is_good;

  arbor_stop_adopt (&job->stop);
  is_good = arbor_writer_lock_file (environment, job->deadline, job->cancellable, &job->error);
  arbor_stop_adopt (NULL);
  if (!is_good)
    return FALSE;
  is_good = run_locked (environment, job->func, job->data, job->options->no_meta_sync, &job->error);
  arbor_environment_unlock (environment, ARBOR_LOCK_WRITER);
  return is_good;
}

/* Sweeping */

typedef struct
{
  guint n_deleted;
  gboolean is_done;
} Sweep;

/* Deletes up to a slice of the batches of one piece, and the piece when none is left. */
static gboolean
sweep_piece (ArborTxn txn, guint64 id, guint32 piece,
             GArray *batches, Sweep *sweep, GError **error)
{
  guint n = MIN (batches->len, SWEEP_SLICE - sweep->n_deleted);
  guint left = batches->len - n;

  for (guint i = left; i < batches->len; i++)
    if (!arbor_catalog_delete_batch (txn, g_array_index (batches, guint64, i), error))
      return FALSE;
  sweep->n_deleted += n;
  if (left == 0)
    return arbor_catalog_delete_staging_piece (txn, id, piece, error);
  return arbor_catalog_write_staging (txn, id, &piece, ARBOR_STAGING_DEAD,
                                      (const guint64 *) batches->data, left, error);
}

/* A live entry whose byte nobody has locked is that of a dead process: its lock was taken under
 * the writer's byte, which is ours now. */
static gboolean
is_orphan (ArborEnvironment *environment, guint64 id)
{
  return !arbor_writer_has_staging (environment, id) &&
         !arbor_environment_is_locked (environment, ARBOR_LOCK_STAGING + (gint64) id, 1);
}

static gboolean
sweep_slice (ArborTxn txn, gpointer data, GError **error)
{
  Sweep *sweep = data;
  g_autoptr (GArray) batches = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 id = 0;

  *sweep = (Sweep){ 0 };
  while (sweep->n_deleted < SWEEP_SLICE)
    {
      guint64 found;
      guint32 piece;
      ArborStagingState state;

      if (!arbor_catalog_find_staging (txn, id, &found, &piece, &state, batches,
                                       error))
        return FALSE;
      if (found == 0)
        {
          sweep->is_done = TRUE;
          return TRUE;
        }
      if (state != ARBOR_STAGING_DEAD && !is_orphan (txn.env, found))
        id = found + 1;
      else if (!sweep_piece (txn, found, piece, batches, sweep, error))
        return FALSE;
    }
  return TRUE;
}

/* One slice, if nobody else is writing. FALSE when there is nothing more to do now. */
static gboolean
sweep_once (ArborEnvironment *environment)
{
  g_autoptr (GError) error = NULL;
  Sweep sweep = { 0 };
  gboolean is_good;

  if (arbor_environment_try_lock (environment, ARBOR_LOCK_WRITER) != 0)
    return FALSE;
  is_good = run_locked (environment, sweep_slice, &sweep, FALSE, &error);
  arbor_environment_unlock (environment, ARBOR_LOCK_WRITER);
  if (!is_good)
    g_debug ("Dead batches of '%s' could not be deleted: %s", environment->path, error->message);
  return is_good && !sweep.is_done;
}

/* The thread */

/* With the mutex held; let go of while the job runs. */
static void
take_job (ArborWriter *self)
{
  Job *job = g_queue_pop_head (&self->jobs);
  gboolean result;

  job->state = JOB_RUNNING;
  pthread_mutex_unlock (&self->mutex);
  result = run_job (self->environment, job);
  pthread_mutex_lock (&self->mutex);
  job->result = result;
  job->state = JOB_DONE;
}

static void
take_sweep (ArborWriter *self)
{
  gboolean more;

  self->sweep_wanted = FALSE;
  pthread_mutex_unlock (&self->mutex);
  more = sweep_once (self->environment);
  pthread_mutex_lock (&self->mutex);
  self->sweep_wanted |= more;
}

/* With the mutex held: the next job, or else a slice of a sweep. FALSE: there is nothing to do, or
 * somebody does it. */
static gboolean
work (ArborWriter *self)
{
  if (self->is_working || (self->jobs.length == 0 && !self->sweep_wanted))
    return FALSE;
  self->is_working = TRUE;
  self->worker = pthread_self ();
  if (self->jobs.length > 0)
    take_job (self);
  else
    take_sweep (self);
  self->is_working = FALSE;
  pthread_cond_broadcast (&self->changed);
  return TRUE;
}

static void *
writer_thread (void *data)
{
  ArborWriter *self = data;

  pthread_mutex_lock (&self->mutex);
  while (!self->stop)
    if (!work (self))
      pthread_cond_wait (&self->changed, &self->mutex);
  pthread_mutex_unlock (&self->mutex);
  return NULL;
}

/* With the mutex held. */
static void
start_thread (ArborWriter *self)
{
  if (!self->has_thread)
    self->has_thread = pthread_create (&self->thread, NULL, writer_thread, self) == 0;
}

static void
wait_briefly (ArborWriter *self)
{
  struct timespec until;

  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_nsec += POLL_MOST * 1000;
  if (until.tv_nsec >= 1000000000)
    {
      until.tv_sec++;
      until.tv_nsec -= 1000000000;
    }
  pthread_cond_timedwait (&self->changed, &self->mutex, &until);
}

/* With the mutex held. */
static void
wait_for_job (ArborWriter *self, Job *job)
{
  while (job->state != JOB_DONE)
    {
      if (!self->has_thread && g_queue_peek_head (&self->jobs) == job && work (self))
        continue;
      if (job->state == JOB_QUEUED &&
          (!arbor_stop_check (job->cancellable, &job->error) ||
           (g_get_monotonic_time () > job->deadline && !set_busy (self->environment, &job->error))))
        {
          g_queue_remove (&self->jobs, job);
          return;
        }
      wait_briefly (self);
    }
  /* What no thread will delete. */
  if (!self->has_thread)
    work (self);
}

gboolean
arbor_writer_run (ArborEnvironment *environment, ArborWriteFunc func, gpointer data,
                  const ArborWriteOptions *options, GCancellable *cancellable, GError **error)
{
  ArborWriter *self = environment->writer;
  Job job = {
    .func = func,
    .data = data,
    .options = options,
    .cancellable = cancellable,
    .deadline = g_get_monotonic_time () + (gint64) options->busy_timeout * 1000,
  };

  if (!arbor_stop_check (cancellable, error))
    return FALSE;
  arbor_stop_capture (&job.stop);
  pthread_mutex_lock (&self->mutex);
  if (self->is_working && pthread_equal (self->worker, pthread_self ()))
    {
      /* A job that waits for another would wait for itself. */
      pthread_mutex_unlock (&self->mutex);
      return set_busy (environment, error);
    }
  start_thread (self);
  g_queue_push_tail (&self->jobs, &job);
  pthread_cond_broadcast (&self->changed);
  wait_for_job (self, &job);
  pthread_mutex_unlock (&self->mutex);

  if (job.error != NULL)
    g_propagate_error (error, job.error);
  return job.result;
}

void
arbor_writer_request_sweep (ArborEnvironment *environment)
{
  ArborWriter *self = environment->writer;

  pthread_mutex_lock (&self->mutex);
  self->sweep_wanted = TRUE;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->mutex);
}

gboolean
arbor_writer_add_staging (ArborEnvironment *environment, guint64 id, GError **error)
{
  ArborWriter *self = environment->writer;
  int failed = arbor_environment_try_lock (environment, ARBOR_LOCK_STAGING + (gint64) id);

  if (failed != 0)
    return arbor_environment_fail (environment, failed, error);
  pthread_mutex_lock (&self->mutex);
  g_hash_table_add (self->stagings, g_memdup2 (&id, sizeof id));
  pthread_mutex_unlock (&self->mutex);
  return TRUE;
}

void
arbor_writer_remove_staging (ArborEnvironment *environment, guint64 id)
{
  ArborWriter *self = environment->writer;

  pthread_mutex_lock (&self->mutex);
  g_hash_table_remove (self->stagings, &id);
  pthread_mutex_unlock (&self->mutex);
  arbor_environment_unlock (environment, ARBOR_LOCK_STAGING + (gint64) id);
}

gboolean
arbor_writer_has_staging (ArborEnvironment *environment, guint64 id)
{
  ArborWriter *self = environment->writer;
  gboolean has;

  pthread_mutex_lock (&self->mutex);
  has = g_hash_table_contains (self->stagings, &id);
  pthread_mutex_unlock (&self->mutex);
  return has;
}
