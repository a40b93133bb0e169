/* The library's side of the comparison with a peer, whose side is peer.mjs. Both are called alike
 * and print alike, a line a task: its name, milliseconds (of one call, the median), the answer as
 * JSON, with tabs between.
 *
 *   bench-compare import STORE FILE           a new store, closed and durable at the end
 *   bench-compare run STORE SET [TASK...]     queries (bench-tasks.c) of a store made so
 *   bench-compare memory STORE FILE           the same trees in memory, beside the store's file
 *
 * ARBOR_THREADS says how many threads; BENCH_CALLS=N has each task called N times.
 */

#include "bench.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#define MAX_CALLS 101u

static void
print_line (const char *set, const char *name, double ms, char *answer)
{
  /* A line end stands between trees only: text has it escaped. */
  g_strdelimit (answer, "\n", ' ');
  printf ("%s%s%s\t%.6f\t%s\n", set, *set != '\0' ? "/" : "", name, ms, answer);
  fflush (stdout);
}

/* Import */

static void
run_import (const char *store_path, const char *data_path)
{
  g_autofree char *lock_path = g_strconcat (store_path, "-lock", NULL);
  g_autofree char *answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborLoadReport) report = NULL;
  double begin;

  g_remove (store_path);
  g_remove (lock_path);
  begin = bench_now ();
  store = bench_open (store_path);
  report = arbor_store_import_file (store, "data", data_path, NULL, NULL, NULL, NULL, &error);
  bench_check (error);
  bench_close (store);
  answer = g_strdup_printf ("%" G_GUINT64_FORMAT, arbor_load_report_get_n_trees (report));
  print_line ("", "import", bench_now () - begin, answer);
}

/* Queries */

static guint
get_n_calls (const BenchTask *task)
{
  const char *text = g_getenv ("BENCH_CALLS");

  return text != NULL ? (guint) CLAMP (g_ascii_strtoull (text, NULL, 10), 1, MAX_CALLS)
                      : task->n_calls;
}

static void
run_task (const BenchTask *task, const BenchData *data)
{
  double times[MAX_CALLS];
  guint n = get_n_calls (task);
  g_autofree char *answer = NULL;

  if (task->answer != NULL)
    answer = task->answer (data);
  else
    answer = task->run (data);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *again = NULL;
      double begin = bench_now ();

      again = task->run (data);
      times[i] = bench_now () - begin;
      if (again != NULL && strcmp (again, answer) != 0)
        g_error ("%s: %s was the answer, now it is %s", task->name, answer, again);
    }
  if (task->answer != NULL)
    g_free (task->answer (data));
  print_line (task->set, task->name, bench_median (times, n) / task->n_units, answer);
}

static void
run_set (const BenchData *data, const char *set, char **names)
{
  for (gsize i = 0; i < n_bench_tasks; i++)
    {
      const BenchTask *task = &bench_tasks[i];

      if (strcmp (task->set, set) == 0 && task->is_closed == (data->arbor == NULL) &&
          (names[0] == NULL || g_strv_contains ((const char *const *) names, task->name)))
        run_task (task, data);
    }
}

/* Tasks that open the file come last: what they free makes malloc keep more at hand, which would
 * spare the others page faults that a program has. */
static void
run_tasks (const char *store_path, const char *set, char **names)
{
  g_autoptr (ArborStore) store = bench_open (store_path);
  g_autoptr (ArborArbor) arbor = bench_get (store);
  BenchData data = { store_path, arbor, arbor_arbor_get_n_trees (arbor, NULL) };

  run_set (&data, set, names);
  bench_close (store);
  data.arbor = NULL;
  run_set (&data, set, names);
}

/* Memory */

static guint64
get_heap_size (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

/* Bytes: of the heap, of the batches, of the file. */
static void
run_memory (const char *store_path, const char *data_path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autofree char *answer = NULL;
  guint64 before = get_heap_size ();
  GStatBuf info;

  arbor = arbor_load_file (data_path, NULL, NULL, NULL, &error);
  bench_check (error);
  if (g_stat (store_path, &info) != 0)
    g_error ("%s is not there", store_path);
  answer = g_strdup_printf ("{\"trees\":%" G_GUINT64_FORMAT ",\"heap\":%" G_GUINT64_FORMAT
                            ",\"batches\":%" G_GUINT64_FORMAT ",\"file\":%" G_GINT64_FORMAT "}",
                            arbor_arbor_get_n_trees (arbor, NULL), get_heap_size () - before,
                            arbor_arbor_get_n_bytes (arbor, NULL), (gint64) info.st_size);
  print_line ("", "memory", 0, answer);
}

int
main (int argc, char **argv)
{
  if (argc == 4 && strcmp (argv[1], "import") == 0)
    run_import (argv[2], argv[3]);
  else if (argc >= 4 && strcmp (argv[1], "run") == 0)
    run_tasks (argv[2], argv[3], argv + 4);
  else if (argc == 4 && strcmp (argv[1], "memory") == 0)
    run_memory (argv[2], argv[3]);
  else
    {
      fprintf (stderr, "usage: bench-compare import|run|memory STORE ...\n");
      return 2;
    }
  return 0;
}
