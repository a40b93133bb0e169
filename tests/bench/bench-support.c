/* What the benchmark programs share: see bench.h. */

#include "bench.h"

#include <stdlib.h>
#include <time.h>

double
bench_now (void)
{
  static int clock = -1;
  struct timespec time;

  if (clock < 0)
    clock = g_strcmp0 (g_getenv ("BENCH_CLOCK"), "cpu") == 0 ? CLOCK_PROCESS_CPUTIME_ID
                                                              : CLOCK_MONOTONIC;
  clock_gettime (clock, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

double
bench_median (double *times, gsize n)
{
  qsort (times, n, sizeof (double), compare_doubles);
  return times[n / 2];
}

ArborStore *
bench_open (const char *path)
{
  g_autoptr (GError) error = NULL;
  ArborStore *store = arbor_store_open (path, NULL, NULL, &error);

  bench_check (error);
  return store;
}

ArborArbor *
bench_get (ArborStore *store)
{
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor = arbor_store_get (store, "data", &error);

  bench_check (error);
  return arbor;
}

static void
note_end (GObject *source, GAsyncResult *result, gpointer data)
{
  *(gboolean *) data = TRUE;
}

void
bench_close (ArborStore *store)
{
  gboolean is_ended = FALSE;

  arbor_store_close_async (store, NULL, note_end, &is_ended);
  while (!is_ended)
    g_main_context_iteration (NULL, TRUE);
}
