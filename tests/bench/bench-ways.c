/* Ways to read one integer of each tree from C, and what each costs; ways.py and ways.js are the
 * same in Python and JavaScript, costs.py makes the table.
 *
 *   bench-ways STORE     prints a line a way: its key, nanoseconds a tree (the median), the sum
 *
 * To add a way: a function, a row of the table, its label in costs.py. It must give the sum.
 */

#include "bench.h"

#include <stdio.h>

#define N_RUNS 5u
#define N_AT_ONCE 1000u
#define PATH "career_hits"

typedef gint64 (*WayFunc) (ArborArbor *arbor);

/* Takes @tree. */
static gint64
take_integer (ArborTree *tree)
{
  g_autoptr (GError) error = NULL;
  gint64 value = arbor_tree_get_int64 (tree, PATH, &error);

  bench_check (error);
  g_object_unref (tree);
  return value;
}

/* Takes @iter. */
static gint64
sum_iter (ArborIter *iter)
{
  g_autoptr (GError) error = NULL;
  ArborTree *tree;
  gint64 sum = 0;

  while ((tree = arbor_iter_next_value (iter, &error)) != NULL)
    sum += take_integer (tree);
  bench_check (error);
  g_object_unref (iter);
  return sum;
}

static gint64
iterate (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  ArborIter *iter = arbor_arbor_iterator (arbor, &error);

  bench_check (error);
  return sum_iter (iter);
}

static gint64
pick (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  ArborIter *iter = arbor_arbor_pick (arbor, (const char *[]){ PATH, NULL }, &error);

  bench_check (error);
  return sum_iter (iter);
}

static gint64
next_many (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, &error);
  gsize n_trees = 1;
  gint64 sum = 0;

  bench_check (error);
  while (n_trees > 0)
    {
      g_autofree ArborTree **trees = arbor_iter_next_many (iter, N_AT_ONCE, &n_trees, &error);

      bench_check (error);
      for (gsize i = 0; i < n_trees; i++)
        sum += take_integer (trees[i]);
    }
  return sum;
}

static gint64
get_each (ArborArbor *arbor)
{
  guint64 n = arbor_arbor_get_n_trees (arbor, NULL);
  gint64 sum = 0;

  for (guint64 i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      ArborTree *tree = arbor_arbor_get (arbor, i, &error);

      bench_check (error);
      sum += take_integer (tree);
    }
  return sum;
}

static gint64
aggregate (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("sum(" PATH ")", &error);
  g_autoptr (ArborTree) tree = NULL;
  gint64 sum;

  bench_check (error);
  tree = arbor_arbor_aggregate (arbor, (const char *[]){ "sum", NULL }, &expr, 1, NULL, &error);
  bench_check (error);
  sum = arbor_tree_get_int64 (tree, "sum", &error);
  bench_check (error);
  return sum;
}

static gint64
read_cursor (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborCursor) cursor =
      arbor_cursor_new (arbor, (const char *[]){ PATH, NULL }, &error);
  gint64 sum = 0;
  gboolean has_tree;

  bench_check (error);
  while (arbor_cursor_next (cursor, &has_tree, &error) && has_tree)
    sum += arbor_cursor_get_int64 (cursor, 0, NULL);
  bench_check (error);
  return sum;
}

static gint64
read_column (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborColumn) column = arbor_arbor_get_column (arbor, PATH, NULL, &error);
  g_autoptr (GBytes) bytes = NULL;
  const gint64 *values;
  gsize size;
  gint64 sum = 0;

  bench_check (error);
  bytes = arbor_column_dup_int64s (column, &error);
  bench_check (error);
  values = g_bytes_get_data (bytes, &size);
  for (gsize i = 0; i < size / sizeof (gint64); i++)
    sum += values[i];
  return sum;
}

static const struct
{
  const char *key;
  WayFunc run;
} ways[] = {
  { "cursor", read_cursor },
  { "column", read_column },
  { "iterate", iterate },
  { "next_many", next_many },
  { "index", get_each },
  { "pick", pick },
  { "aggregate", aggregate },
};

int
main (int argc, char **argv)
{
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  double n;

  if (argc != 2)
    {
      fprintf (stderr, "usage: bench-ways STORE\n");
      return 2;
    }
  store = bench_open (argv[1]);
  arbor = bench_get (store);
  n = (double) arbor_arbor_get_n_trees (arbor, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      double times[N_RUNS];
      gint64 sum = 0;

      for (guint j = 0; j < N_RUNS; j++)
        {
          double begin = bench_now ();

          sum = ways[i].run (arbor);
          times[j] = bench_now () - begin;
        }
      printf ("%s\t%.3f\t%" G_GINT64_FORMAT "\n", ways[i].key,
              bench_median (times, N_RUNS) * 1e6 / n, sum);
    }
  bench_close (store);
  return 0;
}
