/* The library's side of the table of ordinary work: tasks come as lines of JSON and are run through
 * the public interface, as bench-compare.c runs those that are written in C.
 *
 *   bench-ordinary import STORE NAME FILE [NAME FILE...]   a new store of these arbors
 *   bench-ordinary run STORE TASKS                         a line a task, of the file TASKS
 *
 * A task is {"name", "arbor", "prepare", "steps"}: which arbor it reads, which steps make the view
 * before the clock runs, and those that are timed. A step is an array of its name and what it takes
 * (bench-steps.c); the last one says what of the result is the answer. Steps are read once; each
 * call parses their expressions and makes its views anew: a view remembers what it computed.
 *
 * Printed are a task's name, milliseconds and answer, and below them "NAME#explain", 0 and how
 * explain says it is done, as JSON text.
 */

#include "bench-steps.h"
#include "bench.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* A task is called until it took so long, but so many times at least and at most; a slow one once. */
#define ENOUGH_MS 400.0
#define SLOW_MS   1200.0
#define MIN_CALLS 3u
#define MAX_CALLS 31u

static void
print_line (const char *name, const char *mark, double ms, char *answer)
{
  g_strdelimit (answer, "\n", ' ');
  printf ("%s%s\t%.6f\t%s\n", name, mark, ms, answer);
  fflush (stdout);
}

static guint
get_max_calls (void)
{
  const char *text = g_getenv ("BENCH_CALLS");

  return text != NULL ? (guint) CLAMP (g_ascii_strtoull (text, NULL, 10), 1, MAX_CALLS) : MAX_CALLS;
}

static void
run_task (ArborStore *store, ArborTree *task)
{
  g_autofree char *name = bench_get_text (task, "name");
  g_autofree char *arbor_name = bench_get_text (task, "arbor");
  g_autoptr (GPtrArray) prepare = bench_read_steps (task, "prepare");
  g_autoptr (GPtrArray) steps = bench_read_steps (task, "steps");
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) view = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *explained = NULL;
  double times[MAX_CALLS], total = 0;
  guint n, max_calls = get_max_calls ();

  stored = arbor_store_get (store, arbor_name, &error);
  bench_check (error);
  view = bench_make_view (store, stored, prepare);
  arbor_arbor_compute (view, NULL, NULL, NULL, &error);
  bench_check (error);
  answer = bench_run_steps (store, view, steps, &explained);
  for (n = 0; n < max_calls && (total < ENOUGH_MS || (n < MIN_CALLS && total < SLOW_MS)); n++)
    {
      g_autofree char *again = NULL;
      double begin = bench_now ();

      again = bench_run_steps (store, view, steps, NULL);
      times[n] = bench_now () - begin;
      total += times[n];
      if (strcmp (again, answer) != 0)
        g_error ("%s: %s was the answer, now it is %s", name, answer, again);
    }
  print_line (name, "", bench_median (times, n), answer);
  print_line (name, "#explain", 0, explained);
}

static void
run_tasks (const char *store_path, const char *tasks_path)
{
  g_autoptr (ArborStore) store = bench_open (store_path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) tasks = arbor_load_file (tasks_path, NULL, NULL, NULL, &error);
  g_autoptr (ArborIter) iter = NULL;
  ArborTree *task;

  bench_check (error);
  iter = arbor_arbor_iterator (tasks, &error);
  bench_check (error);
  while ((task = arbor_iter_next_value (iter, &error)) != NULL)
    {
      run_task (store, task);
      g_object_unref (task);
    }
  bench_check (error);
  bench_close (store);
}

static void
run_import (const char *store_path, char **arguments)
{
  g_autofree char *lock_path = g_strconcat (store_path, "-lock", NULL);
  g_autoptr (ArborStore) store = NULL;

  g_remove (store_path);
  g_remove (lock_path);
  store = bench_open (store_path);
  for (; arguments[0] != NULL && arguments[1] != NULL; arguments += 2)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborLoadReport) report
          = arbor_store_import_file (store, arguments[0], arguments[1], NULL, NULL, NULL, NULL,
                                     &error);
      g_autofree char *answer = NULL;

      bench_check (error);
      answer = g_strdup_printf ("%" G_GUINT64_FORMAT, arbor_load_report_get_n_trees (report));
      print_line (arguments[0], "", 0, answer);
    }
  bench_close (store);
}

int
main (int argc, char **argv)
{
  if (argc >= 5 && strcmp (argv[1], "import") == 0)
    {
      run_import (argv[2], argv + 3);
    }
  else if (argc == 4 && strcmp (argv[1], "run") == 0)
    {
      run_tasks (argv[2], argv[3]);
    }
  else
    {
      fprintf (stderr, "usage: bench-ordinary import|run STORE ...\n");
      return 2;
    }
  return 0;
}
