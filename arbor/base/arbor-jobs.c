/* Jobs wait in one list. A thread takes the first whose queue nobody works for, and sleeps when there is
 * none; a thread that ends a job looks again, so nothing is forgotten. A forked child begins with no
 * jobs and no threads. See arbor-jobs.h.
 */

#include "base/arbor-jobs.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

typedef struct
{
  char *queue;
  GFunc func;
  gpointer data;
} Job;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards the following */
static pthread_cond_t has_work = PTHREAD_COND_INITIALIZER;
static GQueue waiting = G_QUEUE_INIT; /* of Job */
static GQueue running = G_QUEUE_INIT;
static guint n_threads;
static guint n_idle;

static void
prepare_fork (void)
{
  pthread_mutex_lock (&mutex);
}

static void
parent_after_fork (void)
{
  pthread_mutex_unlock (&mutex);
}

static void
child_after_fork (void)
{
  pthread_mutex_init (&mutex, NULL);
  pthread_cond_init (&has_work, NULL);
  g_queue_init (&waiting);
  g_queue_init (&running);
  n_threads = 0;
  n_idle = 0;
}

static void
install (void)
{
  if (pthread_atfork (prepare_fork, parent_after_fork, child_after_fork) != 0)
    g_error ("out of memory: no room for a fork handler");
}

/* The mutex is taken with this alone, so that a fork never finds it locked. */
static void
lock (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, install);
  pthread_mutex_lock (&mutex);
}

static gboolean
is_busy (const char *queue)
{
  for (GList *link = running.head; queue != NULL && link != NULL; link = link->next)
    if (g_strcmp0 (((Job *) link->data)->queue, queue) == 0)
      return TRUE;
  return FALSE;
}

/* With the mutex held. */
static Job *
take (void)
{
  for (GList *link = waiting.head; link != NULL; link = link->next)
    {
      Job *job = link->data;

      if (is_busy (job->queue))
        continue;
      g_queue_delete_link (&waiting, link);
      g_queue_push_tail (&running, job);
      return job;
    }
  return NULL;
}

static gpointer
serve (gpointer unused)
{
  pthread_mutex_lock (&mutex);
  for (;;)
    {
      Job *job = take ();

      if (job == NULL)
        {
          n_idle++;
          pthread_cond_wait (&has_work, &mutex);
          n_idle--;
          continue;
        }
      pthread_mutex_unlock (&mutex);
      job->func (job->data, NULL);
      pthread_mutex_lock (&mutex);
      g_queue_remove (&running, job);
      g_free (job->queue);
      g_free (job);
    }
  return NULL;
}

/* With the mutex held. Signals are for the threads of the program. */
static void
start_thread (void)
{
  sigset_t all, before;
  pthread_attr_t attributes;
  pthread_t thread;

  if (n_threads >= ARBOR_JOBS_MAX_THREADS)
    return;
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  pthread_attr_init (&attributes);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  if (pthread_create (&thread, &attributes, serve, NULL) == 0)
    n_threads++;
  pthread_attr_destroy (&attributes);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

/* With the mutex held: how many jobs a thread could begin with now. */
static guint
count_ready (void)
{
  guint n = 0;

  for (GList *link = waiting.head; link != NULL; link = link->next)
    {
      const Job *job = link->data;
      gboolean is_first = !is_busy (job->queue);

      for (GList *before = waiting.head; is_first && job->queue != NULL && before != link;
           before = before->next)
        is_first = g_strcmp0 (((Job *) before->data)->queue, job->queue) != 0;
      n += is_first;
    }
  return n;
}

gboolean
arbor_jobs_push (const char *queue, GFunc func, gpointer data)
{
  gboolean is_taken;

  lock ();
  if (n_threads == 0)
    start_thread ();
  is_taken = n_threads > 0;
  if (is_taken)
    {
      Job *job = g_new (Job, 1);

      *job = (Job){ g_strdup (queue), func, data };
      g_queue_push_tail (&waiting, job);
      if (n_idle < count_ready ())
        start_thread ();
      pthread_cond_signal (&has_work);
    }
  pthread_mutex_unlock (&mutex);
  return is_taken;
}

gboolean
arbor_jobs_remove (gpointer data)
{
  Job *job = NULL;

  lock ();
  for (GList *link = waiting.head; link != NULL; link = link->next)
    if (((Job *) link->data)->data == data)
      {
        job = link->data;
        g_queue_delete_link (&waiting, link);
        break;
      }
  pthread_mutex_unlock (&mutex);
  if (job == NULL)
    return FALSE;
  g_free (job->queue);
  g_free (job);
  return TRUE;
}
