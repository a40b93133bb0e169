/* Runs wait in a list; each thread of the pool joins the first run that has tasks left, and sleeps
 * when there is none. A run lives on its caller's stack: it is taken out of the list, and nobody
 * works at it any more, before the caller goes on. See arbor-pool.h.
 */

#include "base/arbor-pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/arbor-process.h"
#include "base/arbor-stop.h"

typedef struct _Run Run;
struct _Run
{
  ArborPoolFunc func;
  gpointer data;
  ArborStop stop; /* of the caller: what stops it stops the threads that help */
  guint32 n_tasks;
  guint32 next;    /* atomic: the task that is taken next */
  guint n_joined;  /* threads of the pool at work; under the mutex */
  guint max_joined;
  Run *link;       /* under the mutex */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards the following */
static pthread_cond_t has_work = PTHREAD_COND_INITIALIZER;
static pthread_cond_t has_left = PTHREAD_COND_INITIALIZER;
static Run *runs;
static guint n_started;
static guint process; /* whose threads these are; 0 before the first */

static guint wanted; /* atomic; 0: the default */
static guint default_n_threads;
static pthread_once_t default_once = PTHREAD_ONCE_INIT;

static void
find_default (void)
{
  const char *text = secure_getenv ("ARBOR_THREADS");
  guint64 n;

  default_n_threads = MIN (g_get_num_processors (), ARBOR_POOL_MAX_THREADS);
  if (text == NULL)
    return;
  if (g_ascii_string_to_unsigned (text, 10, 1, ARBOR_POOL_MAX_THREADS, &n, NULL))
    default_n_threads = (guint) n;
  else
    g_warning ("ARBOR_THREADS is '%s', which is no number from 1 to %u: ignored", text,
               ARBOR_POOL_MAX_THREADS);
}

guint
arbor_pool_get_n_threads (void)
{
  guint n = __atomic_load_n (&wanted, __ATOMIC_RELAXED);
  guint owner = __atomic_load_n (&process, __ATOMIC_RELAXED);

  if (owner != 0 && owner != arbor_process_get_serial ())
    return 1;
  pthread_once (&default_once, find_default);
  return n != 0 ? n : default_n_threads;
}

void
arbor_pool_set_n_threads (guint n)
{
  __atomic_store_n (&wanted, MIN (n, ARBOR_POOL_MAX_THREADS), __ATOMIC_RELAXED);
}

static void
work (Run *run)
{
  guint32 task;

  /* Stops short of n_tasks, so that next cannot wrap around. */
  while (__atomic_load_n (&run->next, __ATOMIC_RELAXED) < run->n_tasks &&
         (task = __atomic_fetch_add (&run->next, 1, __ATOMIC_RELAXED)) < run->n_tasks)
    run->func (task, run->data);
}

/* Under the mutex. */
static Run *
find_run (void)
{
  for (Run *run = runs; run != NULL; run = run->link)
    if (run->n_joined < run->max_joined &&
        __atomic_load_n (&run->next, __ATOMIC_RELAXED) < run->n_tasks)
      return run;
  return NULL;
}

static gpointer
serve (gpointer unused)
{
  pthread_mutex_lock (&mutex);
  for (;;)
    {
      Run *run = find_run ();

      if (run == NULL)
        {
          pthread_cond_wait (&has_work, &mutex);
          continue;
        }
      run->n_joined++;
      pthread_mutex_unlock (&mutex);
      arbor_stop_adopt (&run->stop);
      work (run);
      arbor_stop_adopt (NULL);
      pthread_mutex_lock (&mutex);
      run->n_joined--;
      pthread_cond_broadcast (&has_left);
    }
  return NULL;
}

/* Under the mutex. Signals are for the threads of the program. A thread that cannot be started is
 * one fewer. */
static void
start_threads (guint n)
{
  sigset_t all, before;
  pthread_attr_t attributes;
  pthread_t thread;

  if (n_started >= n)
    return;
  __atomic_store_n (&process, arbor_process_get_serial (), __ATOMIC_RELAXED);
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  pthread_attr_init (&attributes);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  while (n_started < n && pthread_create (&thread, &attributes, serve, NULL) == 0)
    n_started++;
  pthread_attr_destroy (&attributes);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

static void
add_run (Run *run)
{
  pthread_mutex_lock (&mutex);
  start_threads (run->max_joined);
  run->link = runs;
  runs = run;
  pthread_cond_broadcast (&has_work);
  pthread_mutex_unlock (&mutex);
}

static void
remove_run (Run *run)
{
  pthread_mutex_lock (&mutex);
  for (Run **at = &runs; *at != NULL; at = &(*at)->link)
    if (*at == run)
      {
        *at = run->link;
        break;
      }
  while (run->n_joined > 0)
    pthread_cond_wait (&has_left, &mutex);
  pthread_mutex_unlock (&mutex);
}

void
arbor_pool_run (guint32 n_tasks, ArborPoolFunc func, gpointer data)
{
  guint n_threads = MIN (arbor_pool_get_n_threads (), n_tasks);
  Run run = { .func = func, .data = data, .n_tasks = n_tasks };

  if (n_threads <= 1)
    {
      work (&run);
      return;
    }
  arbor_stop_capture (&run.stop);
  run.max_joined = n_threads - 1;
  add_run (&run);
  work (&run);
  remove_run (&run);
}
