/* What editing costs: 10,000 appends of one tree beside one put of the same trees, in bytes of
 * batches written, in batches, and in the time that reading takes afterwards; and a million trees,
 * put once more unchanged, and with one tree replaced.
 *
 * Times are medians, the two arbors taken in turn.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define N_APPENDS 10000u
#define N_MILLION 1000000u
#define N_RUNS 31u

/* About as large as a record of a person. */
static char *
make_tree (guint i)
{
  return g_strdup_printf ("{\"n\":%u,\"name\":{\"first\":\"First %u\",\"last\":\"Last %u\"},"
                          "\"height\":%u,\"note\":\"%0*u\"}",
                          i, i % 977, i % 7919, 60 + i % 30, 100, i);
}

static ArborArbor *
make_arbor (guint from, guint n_trees, gboolean is_small)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();

  for (guint i = from; i < from + n_trees; i++)
    {
      g_autofree char *tree = is_small ? g_strdup_printf ("{\"n\":%u}", i) : make_tree (i);

      arbor_builder_add_json (builder, tree, NULL);
    }
  return arbor_builder_finish (builder, NULL);
}

static void
check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
put (ArborStore *store, const char *name, ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;

  arbor_store_put (store, name, arbor, NULL, &error);
  check (error);
}

/* Appends */

static guint64
get_bytes_written (ArborStore *store)
{
  g_autoptr (ArborStats) stats = arbor_store_get_stats (store, NULL);

  return arbor_stats_get_n_bytes_written (stats);
}

/* How many bytes of batches were written. */
static guint64
append_all (ArborStore *store)
{
  guint64 begin = get_bytes_written (store), written, data = 0, most = 0;
  gint64 begin_time = g_get_monotonic_time ();

  for (guint i = 0; i < N_APPENDS; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborArbor) one = make_arbor (i, 1, FALSE);
      g_autoptr (ArborArbor) arbor = NULL;
      g_autofree char *tree = make_tree (i);

      data += strlen (tree);
      arbor_store_append (store, "appended", one, NULL, &error);
      check (error);
      arbor = arbor_store_get (store, "appended", &error);
      check (error);
      most = MAX (most, arbor_arbor_get_n_batches (arbor, NULL));
    }
  written = get_bytes_written (store) - begin;
  printf ("%u appends of one tree, %" G_GUINT64_FORMAT " bytes of JSON: %.1f us each\n", N_APPENDS,
          data, (double) (g_get_monotonic_time () - begin_time) / N_APPENDS);
  printf ("  %" G_GUINT64_FORMAT " bytes of batches written, %.1f times the JSON; batches at most: %"
          G_GUINT64_FORMAT "\n",
          written, (double) written / (double) data, most);
  return written;
}

static void
print_arbor (const char *label, ArborArbor *arbor)
{
  printf ("  %-10s %" G_GUINT64_FORMAT " batches, %" G_GUINT64_FORMAT " bytes\n", label,
          arbor_arbor_get_n_batches (arbor, NULL), arbor_arbor_get_n_bytes (arbor, NULL));
}

typedef guint64 (*ReadFunc) (ArborArbor *arbor);

static guint64
read_by_iterating (ArborArbor *arbor)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, NULL);
  ArborTree *tree;
  guint64 sum = 0;

  while ((tree = arbor_iter_next_value (iter, NULL)) != NULL)
    {
      sum += (guint64) arbor_tree_get_int64 (tree, "height", NULL);
      g_object_unref (tree);
    }
  return sum;
}

static guint64
read_by_filtering (ArborArbor *arbor)
{
  g_autoptr (ArborExpr) predicate = arbor_expr_parse ("height > 80 and n mod 3 == 1", NULL);
  g_autoptr (GError) error = NULL;
  guint64 n = arbor_arbor_count_matches (arbor, predicate, NULL, &error);

  check (error);
  return n;
}

static guint64
read_by_export (ArborArbor *arbor)
{
  g_autofree char *text = arbor_arbor_to_jsonl (arbor, NULL);

  return strlen (text);
}

static double
measure_once (ReadFunc read, ArborArbor *arbor, guint64 *result)
{
  gint64 begin = g_get_monotonic_time ();

  *result = read (arbor);
  return (double) (g_get_monotonic_time () - begin);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static void
compare_reading (const char *label, ReadFunc read, ArborArbor *appended, ArborArbor *whole)
{
  double appended_times[N_RUNS], whole_times[N_RUNS], a, b;
  guint64 results[2];

  for (guint i = 0; i < N_RUNS; i++)
    {
      appended_times[i] = measure_once (read, appended, &results[0]);
      whole_times[i] = measure_once (read, whole, &results[1]);
      if (results[0] != results[1])
        g_error ("%s: what was appended differs from what was put", label);
    }
  qsort (appended_times, N_RUNS, sizeof (double), compare_doubles);
  qsort (whole_times, N_RUNS, sizeof (double), compare_doubles);
  a = appended_times[N_RUNS / 2];
  b = whole_times[N_RUNS / 2];
  printf ("  %-10s %10.0f us %10.0f us %10.2f\n", label, a, b, a / b);
}

static void
measure_appends (ArborStore *store)
{
  g_autoptr (ArborArbor) memory = make_arbor (0, N_APPENDS, FALSE);
  g_autoptr (ArborArbor) appended = NULL;
  g_autoptr (ArborArbor) whole = NULL;
  guint64 written;

  written = append_all (store);
  put (store, "whole", memory);
  appended = arbor_store_get (store, "appended", NULL);
  whole = arbor_store_get (store, "whole", NULL);
  print_arbor ("appended", appended);
  print_arbor ("one put", whole);
  printf ("  bytes written by the appends, over those of one put: %.1f\n",
          (double) written / (double) arbor_arbor_get_n_bytes (whole, NULL));
  printf ("  %-10s %13s %13s %10s\n", "reading", "appended", "one put", "ratio");
  compare_reading ("iterate", read_by_iterating, appended, whole);
  compare_reading ("filter", read_by_filtering, appended, whole);
  compare_reading ("export", read_by_export, appended, whole);
}

/* A million */

static void
print_last (ArborStore *store, const char *label, gint64 begin)
{
  g_autoptr (ArborStats) stats = arbor_store_get_stats (store, NULL);

  printf ("  %-22s %4" G_GUINT64_FORMAT " written %4" G_GUINT64_FORMAT " skipped %10.0f us\n",
          label, arbor_stats_get_n_last_batches_written (stats),
          arbor_stats_get_n_last_batches_skipped (stats),
          (double) (g_get_monotonic_time () - begin));
}

static void
measure_million (ArborStore *store)
{
  g_autoptr (ArborArbor) memory = make_arbor (0, N_MILLION, TRUE);
  g_autoptr (ArborArbor) one = make_arbor (5, 1, TRUE);
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  printf ("%u trees, batches\n", N_MILLION);
  put (store, "million", memory);
  print_last (store, "put", begin);
  begin = g_get_monotonic_time ();
  put (store, "million", memory);
  print_last (store, "put unchanged", begin);
  begin = g_get_monotonic_time ();
  arbor_store_replace (store, "million", N_MILLION / 2, 1, one, NULL, &error);
  check (error);
  print_last (store, "one tree replaced", begin);
  begin = g_get_monotonic_time ();
  put (store, "million", memory);
  print_last (store, "put as it was", begin);
}

int
main (void)
{
  g_autofree char *folder = g_dir_make_tmp ("arbor-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "bench.arbor", NULL);
  g_autofree char *lock_path = g_strconcat (path, "-lock", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = arbor_store_open (path, NULL, NULL, &error);

  check (error);
  measure_appends (store);
  measure_million (store);
  arbor_store_close (store);
  g_remove (path);
  g_remove (lock_path);
  g_rmdir (folder);
  return 0;
}
