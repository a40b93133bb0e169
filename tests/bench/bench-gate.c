/* What the gate costs: nanoseconds for one enter and leave, by one thread and by two at once,
 * beside an uncontended pthread mutex and GMutex, each thread with its own. And whether closing a
 * store takes longer with 1,000 live views than with one.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/arbor-gate.h"

#define N_LOOPS 5000000u
#define N_RUNS 5u
#define N_CLOSES 41u
#define N_VIEWS 1000u

typedef void (*LoopFunc) (gpointer data);

static void
loop_gate (gpointer data)
{
  for (guint i = 0; i < N_LOOPS; i++)
    arbor_gate_leave (data, arbor_gate_enter (data));
}

static void
loop_pthread_mutex (gpointer data)
{
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

  for (guint i = 0; i < N_LOOPS; i++)
    {
      pthread_mutex_lock (&mutex);
      pthread_mutex_unlock (&mutex);
    }
}

static void
loop_gmutex (gpointer data)
{
  GMutex mutex;

  g_mutex_init (&mutex);
  for (guint i = 0; i < N_LOOPS; i++)
    {
      g_mutex_lock (&mutex);
      g_mutex_unlock (&mutex);
    }
  g_mutex_clear (&mutex);
}

typedef struct
{
  LoopFunc loop;
  gpointer data;
  pthread_barrier_t *barrier;
  double seconds;
} Run;

static gpointer
run_loop (gpointer data)
{
  Run *run = data;
  gint64 begin;

  pthread_barrier_wait (run->barrier);
  begin = g_get_monotonic_time ();
  run->loop (run->data);
  run->seconds = (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
  return NULL;
}

/* Nanoseconds a loop of the slowest thread, the best of several runs. */
static double
measure (LoopFunc loop, gpointer data, guint n_threads)
{
  double best = G_MAXDOUBLE;

  for (guint i = 0; i < N_RUNS; i++)
    {
      pthread_barrier_t barrier;
      GThread *threads[2];
      Run runs[2];
      double slowest = 0;

      pthread_barrier_init (&barrier, NULL, n_threads);
      for (guint t = 0; t < n_threads; t++)
        {
          runs[t] = (Run){ loop, data, &barrier, 0 };
          threads[t] = g_thread_new ("bench", run_loop, &runs[t]);
        }
      for (guint t = 0; t < n_threads; t++)
        {
          g_thread_join (threads[t]);
          slowest = MAX (slowest, runs[t].seconds);
        }
      pthread_barrier_destroy (&barrier);
      best = MIN (best, slowest);
    }
  return best * 1e9 / N_LOOPS;
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* Of this thread alone, in microseconds: what other processes do does not count. */
static double
get_thread_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

/* Microseconds of one arbor_store_close, and until all was let go. As many views are made in any
 * case, and all but @n_views dropped; then a token of its own is closed, so that the code that
 * closes is as warm for many as for one, after dropping, which uses much of it. */
static void
close_once (const char *path, guint n_views, double *close_time, double *end_time)
{
  g_autoptr (ArborStore) store = arbor_store_open (path, NULL, NULL, NULL);
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, "a", NULL);
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("a > 10", NULL);
  g_autoptr (ArborCloseToken) unrelated = arbor_close_token_new ();
  g_autoptr (GPtrArray) views = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean is_ended = FALSE;
  double thread_begin;
  gint64 begin;

  for (guint i = 0; i < N_VIEWS; i++)
    {
      ArborArbor *view = arbor_arbor_filter (arbor, expr, NULL);

      arbor_arbor_get_n_trees (view, NULL);
      g_ptr_array_add (views, view);
    }
  g_ptr_array_set_size (views, (int) n_views);
  arbor_close_token_close (unrelated);
  begin = g_get_monotonic_time ();
  thread_begin = get_thread_time ();
  arbor_store_close (store);
  *close_time = get_thread_time () - thread_begin;
  arbor_store_close_async (store, NULL, keep_result, &is_ended);
  while (!is_ended)
    g_main_context_iteration (NULL, TRUE);
  *end_time = (double) (g_get_monotonic_time () - begin);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
measure_close (const char *path, guint n_views, double *close_time, double *end_time)
{
  double close_times[N_CLOSES], end_times[N_CLOSES];

  for (guint i = 0; i < N_CLOSES; i++)
    close_once (path, n_views, &close_times[i], &end_times[i]);
  qsort (close_times, N_CLOSES, sizeof (double), compare_doubles);
  qsort (end_times, N_CLOSES, sizeof (double), compare_doubles);
  *close_time = close_times[N_CLOSES / 2];
  *end_time = end_times[N_CLOSES / 2];
}

static void
make_store (const char *path)
{
  g_autoptr (ArborStore) store = arbor_store_open (path, NULL, NULL, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GInputStream) stream = NULL;
  ArborLoadReport *report;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "{\"a\":%u}\n", i);
  stream = g_memory_input_stream_new_from_data (text->str, (gssize) text->len, NULL);
  report = arbor_store_import_stream (store, "a", stream, NULL, NULL, NULL, NULL, NULL);
  arbor_load_report_free (report);
  arbor_store_close (store);
}

int
main (void)
{
  g_autoptr (ArborGate) gate = arbor_gate_new ();
  g_autofree char *folder = g_dir_make_tmp ("arbor-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "bench.arbor", NULL);
  g_autofree char *lock_path = g_strconcat (path, "-lock", NULL);
  double one[2], many[2];

  printf ("%-38s %10s %10s\n", "ns an entry", "1 thread", "2 threads");
  printf ("%-38s %10.1f %10.1f\n", "gate, one for all: enter, leave", measure (loop_gate, gate, 1),
          measure (loop_gate, gate, 2));
  printf ("%-38s %10.1f %10.1f\n", "pthread mutex, own: lock, unlock",
          measure (loop_pthread_mutex, NULL, 1), measure (loop_pthread_mutex, NULL, 2));
  printf ("%-38s %10.1f %10.1f\n", "GMutex, own: lock, unlock", measure (loop_gmutex, NULL, 1),
          measure (loop_gmutex, NULL, 2));

  make_store (path);
  measure_close (path, 1, &one[0], &one[1]);
  measure_close (path, N_VIEWS, &many[0], &many[1]);
  printf ("\n%-38s %10s %10s %10s\n", "us, median", "1 view", "1000 views", "ratio");
  printf ("%-38s %10.1f %10.1f %10.2f\n", "close, processor time", one[0], many[0],
          many[0] / one[0]);
  printf ("%-38s %10.0f %10.0f %10.2f\n", "until nothing uses the file", one[1], many[1],
          many[1] / one[1]);

  g_remove (path);
  g_remove (lock_path);
  g_rmdir (folder);
  return 0;
}
