/* The writer: one thread for each environment that all write transactions of the process run on,
 * one job after the other. An LMDB write transaction belongs to its thread and holds a lock of the
 * whole machine, so it lives inside one job only. Where no thread is to be had, each job runs on the
 * thread that waits for it, when its turn comes.
 *
 * Before LMDB's own writer lock, which can neither be given up nor timed, a job takes an OFD lock
 * on a byte of the data file, polling. A job waits in the queue, then for that lock; until it has
 * it, it can be cancelled and times out, after that it ends as it ends. When the queue is empty,
 * dead batches are deleted, a slice in each transaction.
 *
 * Jobs of a group are taken together, all that wait when the lock is there: each is prepared on the writer's
 * thread, one after the other, and one transaction writes what comes out. Where that fails each gets one of its
 * own, so nobody fails for what others do.
 */

#include "storage/arbor-writer-private.h"

#include <time.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "storage/arbor-shrink.h"
#include "storage/arbor-sweep.h"

/* Between two looks whether to give up waiting. */
#define WAIT_MOST (20 * G_TIME_SPAN_MILLISECOND)
/* Jobs of a group that are taken at once. */
#define MOST_TOGETHER 256u
/* Between two looks whether much of the file is free. */
#define LOOK_INTERVAL G_USEC_PER_SEC

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
  const ArborWriteGroup *group; /* instead of func: it goes with others */
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
  gboolean look_wanted; /* whether much of the file is free: something was written since the last look */
  gint64 looked_at;
  GHashTable *stagings; /* guint64 *, the ids of the stagings of this process */
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

guint
arbor_writer_get_n_waiting (ArborWriter *self)
{
  guint n;

  pthread_mutex_lock (&self->mutex);
  n = self->jobs.length;
  pthread_mutex_unlock (&self->mutex);
  return n;
}

/* A job, or those of a group. */

static gboolean
lock_for (ArborEnvironment *environment, Job *job)
{
  gboolean is_good;

  arbor_stop_adopt (&job->stop);
  is_good = arbor_writer_lock_file (environment, job->deadline, job->cancellable, &job->error);
  arbor_stop_adopt (NULL);
  return is_good;
}

/* As many of the jobs as find room in the group: returns how many. */
static guint
run_some (ArborEnvironment *environment, Job *const *jobs, guint n, gboolean *is_written)
{
  const ArborWriteGroup *verbs = jobs[0]->group;
  gpointer group = verbs->begin (jobs[0]->data);
  g_autoptr (GError) error = NULL;
  gboolean has_changes;
  guint n_taken = 0;

  for (; n_taken < n && (n_taken == 0 || !verbs->is_full (group)); n_taken++)
    {
      Job *job = jobs[n_taken];

      g_clear_error (&job->error);
      arbor_stop_adopt (&job->stop);
      job->result = verbs->prepare (group, job->data, &job->error);
      arbor_stop_adopt (NULL);
    }
  *is_written = verbs->stage (group, &has_changes, &error) &&
                (!has_changes ||
                 arbor_writer_run_locked (environment, verbs->write, group,
                                          jobs[0]->options->no_meta_sync, &error));
  for (guint i = 0; i < n_taken && !*is_written; i++)
    if (jobs[i]->result)
      {
        jobs[i]->result = FALSE;
        jobs[i]->error = g_error_copy (error);
      }
  verbs->end (group, *is_written);
  return n_taken;
}

static void
run_group (ArborEnvironment *environment, Job *const *jobs, guint n)
{
  while (n > 0)
    {
      gboolean is_written;
      guint n_taken = run_some (environment, jobs, n, &is_written);

      for (guint i = 0; i < n_taken && n_taken > 1 && !is_written; i++)
        {
          gboolean is_alone_written;

          run_some (environment, &jobs[i], 1, &is_alone_written);
        }
      jobs += n_taken;
      n -= n_taken;
    }
}

static void
run_job (ArborEnvironment *environment, Job *job)
{
  job->result = arbor_writer_run_locked (environment, job->func, job->data,
                                         job->options->no_meta_sync, &job->error);
}

/* What is done when nothing else is to be done */

/* One slice, if nobody else is writing. FALSE when there is nothing more to do now. */
static gboolean
sweep_once (ArborEnvironment *environment)
{
  g_autoptr (GError) error = NULL;
  ArborSweep sweep = { 0 };
  gboolean is_good;

  if (arbor_environment_try_lock (environment, ARBOR_LOCK_WRITER) != 0)
    return FALSE;
  is_good = arbor_writer_run_locked (environment, arbor_sweep_slice, &sweep, FALSE, &error);
  arbor_environment_unlock (environment, ARBOR_LOCK_WRITER);
  if (!is_good)
    g_debug ("Dead batches of '%s' could not be deleted: %s", environment->path, error->message);
  return is_good && !sweep.is_done;
}

/* Free pages are given back to the file system, where they are many. */
static void
shrink_if_worth_it (ArborEnvironment *environment)
{
  g_autoptr (GError) error = NULL;
  ArborShrink shrink = { 0 };
  gboolean is_worth_it = FALSE;
  gboolean is_good;

  if (arbor_environment_try_lock (environment, ARBOR_LOCK_WRITER) != 0)
    return;
  is_good = arbor_writer_run_locked (environment, arbor_shrink_look, &is_worth_it, FALSE, &error) &&
            (!is_worth_it ||
             arbor_writer_run_locked (environment, arbor_shrink_age, NULL, FALSE, &error));
  while (is_good && is_worth_it && !shrink.is_done)
    is_good = arbor_writer_run_locked (environment, arbor_shrink_punch, &shrink, FALSE, &error);
  arbor_environment_unlock (environment, ARBOR_LOCK_WRITER);
  if (!is_good)
    g_debug ("Free pages of '%s' could not be given back: %s", environment->path, error->message);
}

/* The thread */

/* Those that wait and may go with @job, which is the first of them. With the mutex held. */
static GPtrArray *
take_companions (ArborWriter *self, Job *job)
{
  GPtrArray *jobs = g_ptr_array_new ();

  g_ptr_array_add (jobs, job);
  for (GList *link = self->jobs.head; link != NULL && job->group != NULL && jobs->len < MOST_TOGETHER;)
    {
      GList *next = link->next;
      Job *other = link->data;

      if (other->group == job->group && other->options->no_meta_sync == job->options->no_meta_sync)
        {
          other->state = JOB_RUNNING;
          g_ptr_array_add (jobs, other);
          g_queue_delete_link (&self->jobs, link);
        }
      link = next;
    }
  return jobs;
}

/* With the mutex held; let go of while the job runs. */
static void
take_job (ArborWriter *self)
{
  Job *job = g_queue_pop_head (&self->jobs);
  g_autoptr (GPtrArray) jobs = NULL;
  gboolean is_locked;

  job->state = JOB_RUNNING;
  pthread_mutex_unlock (&self->mutex);
  is_locked = lock_for (self->environment, job);
  pthread_mutex_lock (&self->mutex);
  if (is_locked)
    {
      jobs = take_companions (self, job);
      pthread_mutex_unlock (&self->mutex);
      if (job->group != NULL)
        run_group (self->environment, (Job *const *) jobs->pdata, jobs->len);
      else
        run_job (self->environment, job);
      arbor_environment_unlock (self->environment, ARBOR_LOCK_WRITER);
      pthread_mutex_lock (&self->mutex);
      for (guint i = 0; i < jobs->len; i++)
        ((Job *) g_ptr_array_index (jobs, i))->state = JOB_DONE;
    }
  job->state = JOB_DONE;
  self->look_wanted = TRUE;
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
  self->look_wanted = TRUE;
}

static gboolean
is_look_due (const ArborWriter *self)
{
  return self->look_wanted && g_get_monotonic_time () >= self->looked_at + LOOK_INTERVAL;
}

static void
take_shrink (ArborWriter *self)
{
  self->look_wanted = FALSE;
  pthread_mutex_unlock (&self->mutex);
  shrink_if_worth_it (self->environment);
  pthread_mutex_lock (&self->mutex);
  self->looked_at = g_get_monotonic_time ();
}

/* With the mutex held: the next job, or else a slice of a sweep, or else shrinking. FALSE: there is
 * nothing to do, or somebody does it. */
static gboolean
work (ArborWriter *self)
{
  if (self->is_working ||
      (self->jobs.length == 0 && !self->sweep_wanted && !is_look_due (self)))
    return FALSE;
  self->is_working = TRUE;
  self->worker = pthread_self ();
  if (self->jobs.length > 0)
    take_job (self);
  else if (self->sweep_wanted)
    take_sweep (self);
  else
    take_shrink (self);
  self->is_working = FALSE;
  pthread_cond_broadcast (&self->changed);
  return TRUE;
}

/* @deadline: monotonic, which is the clock of the condition too. */
static void
wait_until (ArborWriter *self, gint64 deadline)
{
  const struct timespec until = { .tv_sec = deadline / G_USEC_PER_SEC,
                                  .tv_nsec = deadline % G_USEC_PER_SEC * 1000 };

  pthread_cond_timedwait (&self->changed, &self->mutex, &until);
}

static void
wait_briefly (ArborWriter *self)
{
  wait_until (self, g_get_monotonic_time () + WAIT_MOST);
}

static void *
writer_thread (void *data)
{
  ArborWriter *self = data;

  pthread_mutex_lock (&self->mutex);
  while (!self->stop)
    if (!work (self))
      {
        if (self->look_wanted && !self->is_working)
          wait_until (self, self->looked_at + LOOK_INTERVAL);
        else
          pthread_cond_wait (&self->changed, &self->mutex);
      }
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
           (g_get_monotonic_time () > job->deadline &&
            !arbor_writer_set_busy (self->environment, &job->error))))
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

static gboolean
run_and_wait (ArborWriter *self, Job *job, GError **error)
{
  job->deadline = g_get_monotonic_time () + (gint64) job->options->busy_timeout * 1000;
  if (!arbor_stop_check (job->cancellable, error))
    return FALSE;
  arbor_stop_capture (&job->stop);
  pthread_mutex_lock (&self->mutex);
  if (self->is_working && pthread_equal (self->worker, pthread_self ()))
    {
      /* A job that waits for another would wait for itself. */
      pthread_mutex_unlock (&self->mutex);
      return arbor_writer_set_busy (self->environment, error);
    }
  start_thread (self);
  g_queue_push_tail (&self->jobs, job);
  pthread_cond_broadcast (&self->changed);
  wait_for_job (self, job);
  pthread_mutex_unlock (&self->mutex);

  if (job->error != NULL)
    g_propagate_error (error, job->error);
  return job->result;
}

gboolean
arbor_writer_run (ArborEnvironment *environment, ArborWriteFunc func, gpointer data,
                  const ArborWriteOptions *options, GCancellable *cancellable, GError **error)
{
  Job job = { .func = func, .data = data, .options = options, .cancellable = cancellable };

  return run_and_wait (environment->writer, &job, error);
}

gboolean
arbor_writer_join (ArborEnvironment *environment, const ArborWriteGroup *group, gpointer member,
                   const ArborWriteOptions *options, GCancellable *cancellable, GError **error)
{
  Job job = { .group = group, .data = member, .options = options, .cancellable = cancellable };

  return run_and_wait (environment->writer, &job, error);
}

/* Who pauses is the worker, and whoever waits for the turn takes it with the others. */
gboolean
arbor_writer_pause (ArborEnvironment *environment, const ArborWriteOptions *options,
                    GCancellable *cancellable, GError **error)
{
  ArborWriter *self = environment->writer;
  gint64 deadline = g_get_monotonic_time () + (gint64) options->busy_timeout * 1000;
  gboolean is_good = TRUE;

  pthread_mutex_lock (&self->mutex);
  if (self->is_working && pthread_equal (self->worker, pthread_self ()))
    is_good = arbor_writer_set_busy (environment, error);
  while (is_good && self->is_working)
    {
      is_good = arbor_stop_check (cancellable, error) &&
                (g_get_monotonic_time () <= deadline ||
                 arbor_writer_set_busy (environment, error));
      if (is_good)
        wait_briefly (self);
    }
  if (is_good)
    {
      self->is_working = TRUE;
      self->worker = pthread_self ();
    }
  pthread_mutex_unlock (&self->mutex);
  if (is_good && !arbor_writer_lock_file (environment, deadline, cancellable, error))
    {
      arbor_writer_resume (environment);
      return FALSE;
    }
  return is_good;
}

void
arbor_writer_resume (ArborEnvironment *environment)
{
  ArborWriter *self = environment->writer;

  arbor_environment_unlock (environment, ARBOR_LOCK_WRITER);
  pthread_mutex_lock (&self->mutex);
  self->is_working = FALSE;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->mutex);
}

gboolean
arbor_writer_has_stagings (ArborEnvironment *environment)
{
  ArborWriter *self = environment->writer;
  gboolean has;

  pthread_mutex_lock (&self->mutex);
  has = g_hash_table_size (self->stagings) > 0;
  pthread_mutex_unlock (&self->mutex);
  return has;
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
