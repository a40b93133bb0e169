/* Random JSONPath queries over random trees: by columns (arbor-jsonpath-columns.h) as tree by tree. The
 * same values, paths and trees must come out, in the same order, over arbors in several batches, and
 * filtered, sorted, mixed up, joined, appended and exploded ones.
 *
 * Longer: ARBOR_RANDOM_QUERIES=100000, with ARBOR_RANDOM_SEED=2 for others.
 */

#include "arbor-matches-private.h"
#include "kit/arbors.h"
#include "kit/operations.h"
#include "query/series/arbor-series-reader.h"
#include "random-trees.h"

static const char *const keys[] = { "i", "d",  "s", "o", "a",     "ss",  "items", "m", "any", "map",
                                    "x", "y",  "k", "b", "tags",  "key", "deep",  "n", "value", "nothing" };
static const char *const literals[] = { "1",     "10.5",  "-300", "'ab'",  "'red'", "true", "false",
                                        "null", "''",  "9007199254740993", "1e400", "25" };
static const char *const comparisons[] = { "==", "!=", "<", "<=", ">", ">=" };
static const char *const patterns[] = { "'a.*'", "'[a-z]+'", "'.*b'", "'('" };

#define PICK(list) (list)[g_rand_int_range (random, 0, (gint32) G_N_ELEMENTS (list))]

static gboolean
one_in (GRand *random, gint32 n)
{
  return g_rand_int_range (random, 0, n) == 0;
}

static void
append_singular (GRand *random, GString *out)
{
  g_string_append (out, one_in (random, 10) ? "$" : "@");
  for (gint32 i = g_rand_int_range (random, 0, 3); i > 0; i--)
    if (one_in (random, 5))
      g_string_append_printf (out, "[%d]", g_rand_int_range (random, -2, 3));
    else
      g_string_append_printf (out, ".%s", PICK (keys));
}

static void
append_operand (GRand *random, GString *out)
{
  switch (g_rand_int_range (random, 0, 6))
    {
    case 0:
    case 1:
      g_string_append (out, PICK (literals));
      break;
    case 2:
      g_string_append (out, "length(");
      append_singular (random, out);
      g_string_append (out, ")");
      break;
    case 3:
      g_string_append (out, one_in (random, 2) ? "count(" : "value(");
      append_singular (random, out);
      g_string_append (out, ")");
      break;
    default:
      append_singular (random, out);
      break;
    }
}

static void
append_condition (GRand *random, guint depth, GString *out)
{
  gint32 choice = g_rand_int_range (random, 0, depth > 0 ? 8 : 5);

  if (choice < 3)
    {
      append_operand (random, out);
      g_string_append_printf (out, " %s ", PICK (comparisons));
      append_operand (random, out);
    }
  else if (choice == 3)
    {
      g_string_append (out, one_in (random, 2) ? "!" : "");
      append_singular (random, out);
    }
  else if (choice == 4)
    {
      g_string_append (out, one_in (random, 2) ? "match(" : "search(");
      append_singular (random, out);
      g_string_append_printf (out, ", %s)", PICK (patterns));
    }
  else if (choice == 5)
    {
      g_string_append (out, one_in (random, 2) ? "!(" : "(");
      append_condition (random, depth - 1, out);
      g_string_append (out, ")");
    }
  else
    {
      append_condition (random, depth - 1, out);
      g_string_append (out, choice == 6 ? " && " : " || ");
      append_condition (random, depth - 1, out);
    }
}

static void
append_selector (GRand *random, GString *out)
{
  switch (g_rand_int_range (random, 0, 8))
    {
    case 0:
      g_string_append (out, "*");
      break;
    case 1:
      g_string_append_printf (out, "%d", g_rand_int_range (random, -3, 4));
      break;
    case 2:
      if (one_in (random, 2))
        g_string_append_printf (out, "%d", g_rand_int_range (random, -4, 5));
      g_string_append (out, ":");
      if (one_in (random, 2))
        g_string_append_printf (out, "%d", g_rand_int_range (random, -4, 5));
      if (one_in (random, 2))
        g_string_append_printf (out, ":%d", g_rand_int_range (random, -2, 3));
      break;
    case 3:
    case 4:
      g_string_append (out, "?");
      append_condition (random, 2, out);
      break;
    default:
      g_string_append_printf (out, "'%s'", PICK (keys));
      break;
    }
}

static char *
make_query (GRand *random)
{
  GString *out = g_string_new ("$");

  for (gint32 i = g_rand_int_range (random, 0, 4); i >= 0; i--)
    {
      gboolean is_descent = one_in (random, 6);

      g_string_append (out, is_descent ? ".." : "");
      if (one_in (random, 2))
        {
          g_string_append_printf (out, "%s%s", is_descent ? "" : ".", PICK (keys));
          continue;
        }
      g_string_append (out, "[");
      append_selector (random, out);
      while (one_in (random, 4))
        {
          g_string_append (out, ", ");
          append_selector (random, out);
        }
      g_string_append (out, "]");
    }
  return g_string_free (out, FALSE);
}

/* What a query finds, a line each; or its error. */
static char *
find (ArborArbor *arbor, const char *query, guint64 *n, guint64 *n_single)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborMatches) matches = arbor_arbor_query (arbor, query, NULL, &error);
  g_autofree char *values = NULL;
  g_auto (GStrv) paths = NULL;
  GString *out;

  if (matches == NULL)
    return g_strdup (error->message);
  values = arbor_matches_to_json (matches, &error);
  g_assert_no_error (error);
  paths = arbor_matches_dup_paths (matches, &error);
  out = g_string_new (values);
  *n = arbor_matches_get_n_matches (matches, NULL);
  *n_single += arbor_matches_count_single (matches);
  for (guint64 i = 0; i < *n; i++)
    {
      g_autoptr (ArborTree) match = arbor_matches_get_match (matches, i, &error);
      g_autofree char *json = match != NULL ? arbor_tree_to_json (match, NULL) : NULL;

      g_assert_no_error (error);
      g_string_append_printf (out, "\n%" G_GUINT64_FORMAT " %s %s",
                              arbor_matches_get_index (matches, i, NULL), paths[i], json);
    }
  return g_string_free (out, FALSE);
}

static ArborArbor *
read_trees (GRand *random, RandomTrees sort, guint n)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      random_trees_append (random, sort, i, lines);
      g_string_append_c (lines, '\n');
    }
  return read_lines (lines->str);
}

static void
add_views (GPtrArray *views, GRand *random, RandomTrees sort)
{
  g_autoptr (ArborArbor) few = read_trees (random, sort, 7);
  g_autoptr (ArborArbor) more = read_trees (random, sort, 60);
  g_autoptr (ArborArbor) rest = read_trees (random, sort, 25);
  ArborArbor *parts[] = { few, more, rest };
  g_autoptr (ArborArbor) pieces = arbor_arbor_concat (parts, G_N_ELEMENTS (parts), NULL);
  g_autoptr (ArborExpr) third = parse ("n mod 3 != 0");
  g_autoptr (ArborExpr) key = parse ("s");
  g_autoptr (ArborExpr) n = parse ("n");

  g_ptr_array_add (views, g_object_ref (pieces));
  g_ptr_array_add (views, arbor_arbor_filter (pieces, third, NULL));
  g_ptr_array_add (views, arbor_arbor_sort_by (pieces, &key, 1, NULL, NULL));
  g_ptr_array_add (views, arbor_arbor_shuffle (pieces, 5, NULL));
  g_ptr_array_add (views, arbor_arbor_append (more, rest, NULL));
  g_ptr_array_add (views, arbor_arbor_explode (pieces, "items", NULL, NULL, NULL));
  g_ptr_array_add (views, join_arbors (pieces, few, &n, 1, &n, 1, ARBOR_JOIN_KIND_LEFT, NULL, NULL));
}

static guint64
get_number (const char *name, guint64 otherwise)
{
  const char *text = g_getenv (name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static void
test_random (void)
{
  guint64 n_queries = get_number ("ARBOR_RANDOM_QUERIES", 5000);
  g_autoptr (GRand) random =
      g_rand_new_with_seed ((guint32) get_number ("ARBOR_RANDOM_SEED", 20261130));
  g_autoptr (GPtrArray) views = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 n_found = 0, n_with = 0, n_single = 0, n_slow = 0;

  for (guint i = 0; i < N_RANDOM_TREES; i++)
    add_views (views, random, (RandomTrees) i);
  for (guint64 i = 0; i < n_queries; i++)
    {
      guint view = (guint) g_rand_int_range (random, 0, (gint32) views->len);
      g_autofree char *query = make_query (random);
      g_autofree char *by_columns = NULL;
      g_autofree char *by_trees = NULL;
      guint64 n = 0;

      by_columns = find (views->pdata[view], query, &n, &n_single);
      arbor_series_set_enabled (FALSE);
      by_trees = find (views->pdata[view], query, &n, &n_slow);
      arbor_series_set_enabled (TRUE);
      if (strcmp (by_columns, by_trees) != 0)
        g_error ("Query %" G_GUINT64_FORMAT ", view %u: %s\nby columns: %.4000s\nby trees: %.4000s", i,
                 view, query, by_columns, by_trees);
      n_found += n;
      n_with += n > 0;
    }
  g_test_message ("%" G_GUINT64_FORMAT " matches, %" G_GUINT64_FORMAT " of them tree by tree", n_found,
                  n_single);
  g_assert_cmpuint (n_slow, ==, n_found);
  g_assert_cmpuint (n_single, <, n_found / 2);
  g_assert_cmpuint (n_with, >, n_queries / 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jsonpath-columns/random", test_random);
  return g_test_run ();
}
