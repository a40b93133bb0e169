/* The queries that are compared with the peer, each as a program would write it.
 *
 * Every call parses its expressions and makes its views anew: a view remembers what it computed.
 * To add a task: a function and a row of the table here, its SQL in peer.mjs, its label and target
 * in compare.py, its answer in test-bench.py.
 */

#include "bench.h"
#include "kit/operations.h"

#include <glib/gstdio.h>
#include <string.h>

static ArborExpr *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ArborExpr *expr = arbor_expr_parse (text, &error);

  bench_check (error);
  return expr;
}

static char *
count_filtered (ArborArbor *arbor, const char *predicate_text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborExpr) predicate = parse (predicate_text);
  g_autoptr (ArborArbor) view = arbor_arbor_filter (arbor, predicate, &error);
  guint64 n;

  bench_check (error);
  n = arbor_arbor_get_n_trees (view, &error);
  bench_check (error);
  return g_strdup_printf ("%" G_GUINT64_FORMAT, n);
}

/* A tree's JSON. Takes @tree. */
static char *
take_json (ArborTree *tree, GError *failure)
{
  g_autoptr (GError) error = NULL;
  char *json;

  bench_check (failure);
  json = arbor_tree_to_json (tree, &error);
  bench_check (error);
  g_object_unref (tree);
  return json;
}

/* All that the iterator gives, as an array. Takes @iter. */
static char *
take_array (ArborIter *iter, GError *failure)
{
  g_autoptr (GString) array = g_string_new ("[");
  g_autoptr (GError) error = NULL;
  ArborTree *tree;

  bench_check (failure);
  while ((tree = arbor_iter_next_value (iter, &error)) != NULL)
    {
      g_autofree char *json = take_json (tree, NULL);

      g_string_append_printf (array, "%s%s", array->len > 1 ? "," : "", json);
    }
  bench_check (error);
  g_object_unref (iter);
  g_string_append_c (array, ']');
  return g_string_free (g_steal_pointer (&array), FALSE);
}

/* Flat records */

static char *
open_and_filter (const BenchData *data)
{
  g_autoptr (ArborStore) store = bench_open (data->store_path);
  g_autoptr (ArborArbor) arbor = bench_get (store);
  char *answer = count_filtered (arbor, "birthYear > 1950");

  bench_close (store);
  return answer;
}

static char *
filter_one (const BenchData *data)
{
  return count_filtered (data->arbor, "birthYear > 1950");
}

static char *
count_one (const BenchData *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborExpr) predicate = parse ("birthYear > 1950");
  guint64 n = arbor_arbor_count_matches (data->arbor, predicate, NULL, &error);

  bench_check (error);
  return g_strdup_printf ("%" G_GUINT64_FORMAT, n);
}

static char *
filter_three (const BenchData *data)
{
  return count_filtered (data->arbor, "birthYear > 1950 and career_hr >= 500 and weight < 200");
}

static char *
find_one (const BenchData *data)
{
  g_autofree char *text = g_strdup_printf ("playerID == \"player%07" G_GUINT64_FORMAT "\"",
                                           data->n_trees - data->n_trees / 20);
  g_autoptr (ArborExpr) predicate = parse (text);
  g_autoptr (GError) error = NULL;
  ArborTree *tree = arbor_arbor_find_one (data->arbor, predicate, &error);

  return take_json (tree, error);
}

static char *
top_ten (const BenchData *data)
{
  g_autoptr (ArborExpr) key = parse ("career_hr");
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) top = top_of_arbor (data->arbor, 10, &key, 1,
                                                  (ArborSortFlags[]){ ARBOR_SORT_DESCENDING }, 1,
                                                  &error);
  ArborIter *picked;

  bench_check (error);
  picked = arbor_arbor_pick (top, (const char *[]){ "playerID", "career_hr", NULL }, &error);
  return take_array (picked, error);
}

static ArborArbor *
sort_all (ArborArbor *arbor)
{
  g_autoptr (ArborExpr) hits = parse ("career_hits");
  g_autoptr (ArborExpr) id = parse ("playerID");
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) sorted
      = sort_arbor (arbor, (ArborExpr *[]){ hits, id }, 2,
                             (ArborSortFlags[]){ ARBOR_SORT_DESCENDING, ARBOR_SORT_NONE }, 2,
                             &error);

  bench_check (error);
  arbor_arbor_compute (sorted, NULL, NULL, NULL, &error);
  bench_check (error);
  return g_steal_pointer (&sorted);
}

static char *
sort_once (const BenchData *data)
{
  g_object_unref (sort_all (data->arbor));
  return NULL;
}

/* The trees at the fifth place and in the middle. */
static char *
sort_answer (const BenchData *data)
{
  g_autoptr (ArborArbor) sorted = sort_all (data->arbor);
  g_autoptr (ArborArbor) taken = NULL;
  g_autoptr (GError) error = NULL;
  ArborIter *picked;

  taken = arbor_arbor_take (sorted, (guint64[]){ 5, data->n_trees / 2 }, 2, &error);
  bench_check (error);
  picked = arbor_arbor_pick (taken, (const char *[]){ "playerID", NULL }, &error);
  return take_array (picked, error);
}

static char *
group_mean (const BenchData *data)
{
  g_autoptr (ArborExpr) key = parse ("birthYear");
  g_autoptr (ArborExpr) count = parse ("count()");
  g_autoptr (ArborExpr) mean = parse ("mean(career_hr)");
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups
      = arbor_arbor_group_by (data->arbor, (const char *[]){ "birthYear", NULL }, &key, 1, &error);
  g_autoptr (ArborArbor) figures = NULL;
  char *json;

  bench_check (error);
  figures = arbor_groups_aggregate (groups, (const char *[]){ "n", "mean", NULL },
                                    (ArborExpr *[]){ count, mean }, 2, &error);
  bench_check (error);
  json = arbor_arbor_to_json (figures, &error);
  bench_check (error);
  return json;
}

static char *
sum_min_max (const BenchData *data)
{
  g_autoptr (ArborExpr) sum = parse ("sum(career_hr)");
  g_autoptr (ArborExpr) min = parse ("min(weight)");
  g_autoptr (ArborExpr) max = parse ("max(height)");
  g_autoptr (GError) error = NULL;
  ArborTree *figures
      = arbor_arbor_aggregate (data->arbor, (const char *[]){ "sum", "min", "max", NULL },
                               (ArborExpr *[]){ sum, min, max }, 3, NULL, &error);

  return take_json (figures, error);
}

/* The answer is how long the file is. */
static char *
export_all (const BenchData *data)
{
  g_autofree char *path = g_strconcat (data->store_path, ".out.jsonl", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileOutputStream) stream
      = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, &error);
  GStatBuf info;

  bench_check (error);
  arbor_arbor_save (data->arbor, G_OUTPUT_STREAM (stream), ARBOR_FORMAT_JSONL, NULL, &error);
  bench_check (error);
  g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error);
  bench_check (error);
  if (g_stat (path, &info) != 0)
    g_error ("%s is not there", path);
  return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) info.st_size);
}

static char *
remove_export (const BenchData *data)
{
  g_autofree char *path = g_strconcat (data->store_path, ".out.jsonl", NULL);
  char *answer = export_all (data);

  g_remove (path);
  return answer;
}

/* A thousand trees far from each other; the answer is the last one. */
static char *
read_points (const BenchData *data)
{
  char *json = NULL;

  for (guint64 i = 0; i < 1000; i++)
    {
      g_autoptr (GError) error = NULL;
      ArborTree *tree = arbor_arbor_get (data->arbor, i * 7919 % data->n_trees, &error);

      g_free (json);
      json = take_json (tree, error);
    }
  return json;
}

/* Nested records */

static char *
filter_optional (const BenchData *data)
{
  return count_filtered (data->arbor, "born.year > 1950");
}

static char *
filter_any (const BenchData *data)
{
  return count_filtered (data->arbor, "any(orders[*].price > 90)");
}

static char *
filter_contains (const BenchData *data)
{
  return count_filtered (data->arbor, "notes contains \"falcon river\"");
}

/* How the cost grows with the trees (scaling.py) */

static char *
open_only (const BenchData *data)
{
  g_autoptr (ArborStore) store = bench_open (data->store_path);
  g_autoptr (ArborArbor) arbor = bench_get (store);
  char *answer = g_strdup_printf ("%" G_GUINT64_FORMAT, arbor_arbor_get_n_trees (arbor, NULL));

  bench_close (store);
  return answer;
}

const BenchTask bench_tasks[] = {
  { "flat", "open", TRUE, 15, 1, open_and_filter, NULL },
  { "flat", "filter", FALSE, 31, 1, filter_one, NULL },
  { "flat", "count", FALSE, 31, 1, count_one, NULL },
  { "flat", "three", FALSE, 31, 1, filter_three, NULL },
  { "flat", "find", FALSE, 31, 1, find_one, NULL },
  { "flat", "top", FALSE, 15, 1, top_ten, NULL },
  { "flat", "group", FALSE, 15, 1, group_mean, NULL },
  { "flat", "sums", FALSE, 31, 1, sum_min_max, NULL },
  { "flat", "export", FALSE, 1, 1, export_all, remove_export },
  { "flat", "point", FALSE, 15, 1000, read_points, NULL },
  { "shuffled", "filter", FALSE, 31, 1, filter_one, NULL },
  { "shuffled", "three", FALSE, 31, 1, filter_three, NULL },
  { "shuffled", "find", FALSE, 31, 1, find_one, NULL },
  { "shuffled", "sort", FALSE, 3, 1, sort_once, sort_answer },
  { "nested", "optional", FALSE, 15, 1, filter_optional, NULL },
  { "nested", "any", FALSE, 15, 1, filter_any, NULL },
  { "nested", "contains", FALSE, 15, 1, filter_contains, NULL },
  { "scaling", "open", TRUE, 31, 1, open_only, NULL },
  { "scaling", "filter", FALSE, 15, 1, filter_one, NULL },
  { "scaling", "sort", FALSE, 3, 1, sort_once, sort_answer },
  { "scaling", "export", FALSE, 3, 1, export_all, remove_export },
};
const gsize n_bench_tasks = G_N_ELEMENTS (bench_tasks);
