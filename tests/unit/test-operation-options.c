/* Options of joins, nests, sorts and indexes: defaults, properties, notifications, arrays that are set by
 * methods, and what operations make of them.
 */

#include <arbor/arbor.h>

#include "kit/arbors.h"

static const char people[] = "{\"n\":\"a\",\"t\":1,\"h\":3}\n{\"n\":\"b\",\"t\":2,\"h\":null}\n"
                             "{\"n\":\"c\",\"t\":1,\"h\":5}\n";
static const char teams[] = "{\"id\":1,\"n\":\"red\"}\n{\"id\":3,\"n\":\"blue\"}\n";

static void
count (G_GNUC_UNUSED GObject *object, G_GNUC_UNUSED GParamSpec *pspec, gpointer data)
{
  (*(guint *)data)++;
}

static void
count_notifications (gpointer options, const char *signal, guint *n)
{
  *n = 0;
  g_signal_connect (options, signal, G_CALLBACK (count), n);
}

static void
take_lines (ArborArbor *arbor, GError *error, const char *expected)
{
  g_autoptr (ArborArbor) taken = arbor;
  g_autoptr (GError) given = error;

  g_assert_no_error (given);
  assert_lines (taken, expected);
}

static void
test_join (void)
{
  g_autoptr (ArborArbor) left = read_lines (people);
  g_autoptr (ArborArbor) right = read_lines (teams);
  g_autoptr (ArborExpr) team = parse ("t");
  g_autoptr (ArborExpr) id = parse ("id");
  g_autoptr (ArborJoinOptions) options = arbor_join_options_new ();
  g_autofree char *suffix = NULL;
  ArborJoinKind kind = ARBOR_JOIN_KIND_ANTI;
  GError *error = NULL;
  guint n;
  gsize n_keys = 9;

  g_assert_null (arbor_join_options_dup_other_keys (options, &n_keys));
  g_assert_cmpuint (n_keys, ==, 0);
  g_object_get (options, "kind", &kind, "suffix", &suffix, NULL);
  g_assert_cmpint (kind, ==, ARBOR_JOIN_KIND_INNER);
  g_assert_null (suffix);
  take_lines (arbor_arbor_join (left, right, &team, 1, options, &error), error, "");
  arbor_join_options_set_other_keys (options, &id, 1);
  take_lines (arbor_arbor_join (left, right, &team, 1, options, &error), error,
              "{\"n\":\"a\",\"t\":1,\"h\":3,\"n_right\":\"red\"}\n"
              "{\"n\":\"c\",\"t\":1,\"h\":5,\"n_right\":\"red\"}\n");
  count_notifications (options, "notify::suffix", &n);
  arbor_join_options_set_suffix (options, "_of_team");
  arbor_join_options_set_suffix (options, "_of_team");
  g_assert_cmpuint (n, ==, 1);
  g_object_set (options, "kind", ARBOR_JOIN_KIND_LEFT, NULL);
  g_assert_cmpint (arbor_join_options_get_kind (options), ==, ARBOR_JOIN_KIND_LEFT);
  take_lines (arbor_arbor_join (left, right, &team, 1, options, &error), error,
              "{\"n\":\"a\",\"t\":1,\"h\":3,\"n_of_team\":\"red\"}\n"
              "{\"n\":\"b\",\"t\":2,\"h\":null}\n"
              "{\"n\":\"c\",\"t\":1,\"h\":5,\"n_of_team\":\"red\"}\n");
  arbor_join_options_set_other_keys (options, NULL, 0);
  arbor_join_options_set_kind (options, ARBOR_JOIN_KIND_SEMI);
  take_lines (arbor_arbor_join (left, left, &team, 1, options, &error), error, people);
}

static void
test_join_errors (void)
{
  g_autoptr (ArborArbor) left = read_lines (people);
  g_autoptr (ArborExpr) team = parse ("t");
  g_autoptr (ArborExpr) id = parse ("id");
  ArborExpr *two[] = { team, id };
  g_autoptr (ArborJoinOptions) options = arbor_join_options_new ();
  g_autoptr (GError) error = NULL;

  arbor_join_options_set_other_keys (options, two, 2);
  g_assert_null (arbor_arbor_join (left, left, &team, 1, options, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  arbor_join_options_set_other_keys (options, NULL, 0);
  arbor_join_options_set_suffix (options, "");
  g_assert_null (arbor_arbor_join (left, left, &team, 1, options, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
}

static void
test_nest (void)
{
  g_autoptr (ArborArbor) left = read_lines (teams);
  g_autoptr (ArborArbor) right = read_lines (people);
  g_autoptr (ArborExpr) id = parse ("id");
  g_autoptr (ArborExpr) team = parse ("t");
  g_autoptr (ArborNestOptions) options = arbor_nest_options_new ();
  ArborExpr **keys;
  GError *error = NULL;
  gsize n_keys;

  arbor_nest_options_set_other_keys (options, &team, 1);
  keys = arbor_nest_options_dup_other_keys (options, &n_keys);
  g_assert_cmpuint (n_keys, ==, 1);
  g_assert_true (keys[0] == team);
  g_object_unref (keys[0]);
  g_free (keys);
  take_lines (arbor_arbor_nest (left, right, &id, 1, "who", options, &error), error,
              "{\"id\":1,\"n\":\"red\",\"who\":[{\"n\":\"a\",\"t\":1,\"h\":3},"
              "{\"n\":\"c\",\"t\":1,\"h\":5}]}\n{\"id\":3,\"n\":\"blue\",\"who\":[]}\n");
  take_lines (arbor_arbor_nest (left, left, &id, 1, "same", NULL, &error), error,
              "{\"id\":1,\"n\":\"red\",\"same\":[{\"id\":1,\"n\":\"red\"}]}\n"
              "{\"id\":3,\"n\":\"blue\",\"same\":[{\"id\":3,\"n\":\"blue\"}]}\n");
  arbor_nest_options_set_other_keys (options, NULL, 0);
  g_object_set (options, "kind", ARBOR_NEST_KIND_ONE, NULL);
  take_lines (arbor_arbor_nest (left, left, &id, 1, "same", options, &error), error,
              "{\"id\":1,\"n\":\"red\",\"same\":{\"id\":1,\"n\":\"red\"}}\n"
              "{\"id\":3,\"n\":\"blue\",\"same\":{\"id\":3,\"n\":\"blue\"}}\n");
}

static char *
names_sorted (ArborArbor *arbor, ArborExpr **keys, gsize n_keys, ArborSortOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) sorted = arbor_arbor_sort_by (arbor, keys, n_keys, options, &error);
  GString *names = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint64 i = 0; i < arbor_arbor_get_n_trees (sorted, NULL); i++)
    {
      g_autoptr (ArborTree) tree = arbor_arbor_get (sorted, i, NULL);
      g_autofree char *name = arbor_tree_dup_string (tree, "n", NULL);

      g_string_append (names, name);
    }
  return g_string_free (names, FALSE);
}

static void
assert_sorted (ArborSortOptions *options, const char *expected)
{
  g_autoptr (ArborArbor) arbor = read_lines (people);
  g_autoptr (ArborExpr) height = parse ("h");
  g_autofree char *names = names_sorted (arbor, &height, 1, options);

  g_assert_cmpstr (names, ==, expected);
}

static void
test_sort (void)
{
  const ArborSortFlags each[] = { ARBOR_SORT_DESCENDING, ARBOR_SORT_NULLS_FIRST };
  g_autoptr (ArborArbor) arbor = read_lines (people);
  g_autoptr (ArborExpr) team = parse ("t");
  g_autoptr (ArborExpr) name = parse ("n");
  ArborExpr *keys[] = { team, name };
  g_autoptr (ArborSortOptions) options = arbor_sort_options_new ();
  g_autoptr (GError) error = NULL;
  g_autofree ArborSortFlags *flags = NULL;
  g_autofree char *names = NULL;
  gsize n_flags = 9;
  guint n;

  assert_sorted (NULL, "acb");
  assert_sorted (options, "acb");
  count_notifications (options, "notify::descending", &n);
  arbor_sort_options_set_descending (options, TRUE);
  arbor_sort_options_set_descending (options, 5);
  g_assert_cmpuint (n, ==, 1);
  assert_sorted (options, "cab");
  g_object_set (options, "nulls-first", TRUE, NULL);
  assert_sorted (options, "bca");
  g_assert_null (arbor_sort_options_dup_flags (options, &n_flags));
  g_assert_cmpuint (n_flags, ==, 0);
  arbor_sort_options_set_flags (options, each, 2);
  names = names_sorted (arbor, keys, 2, options);
  g_assert_cmpstr (names, ==, "bac");
  flags = arbor_sort_options_dup_flags (options, &n_flags);
  g_assert_cmpuint (n_flags, ==, 2);
  g_assert_cmpint (flags[1], ==, ARBOR_SORT_NULLS_FIRST);
  g_assert_null (arbor_arbor_sort_by (arbor, &team, 1, options, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  arbor_sort_options_set_flags (options, NULL, 0);
  assert_sorted (options, "bca");
}

static void
test_index (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (people);
  g_autoptr (ArborExpr) team = parse ("t");
  g_autoptr (ArborIndexOptions) options = arbor_index_options_new ();
  g_autoptr (ArborIndex) index = NULL;
  g_autoptr (ArborTree) found = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_null (arbor_arbor_index_by (arbor, &team, 1, options, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY);
  g_clear_error (&error);
  g_object_set (options, "duplicates", ARBOR_DUPLICATES_LAST, NULL);
  arbor_arbor_index_by_async (arbor, &team, 1, options, NULL, keep_result, &result);
  /* What the call was given counts. */
  arbor_index_options_set_duplicates (options, ARBOR_DUPLICATES_ERROR);
  index = arbor_arbor_index_by_finish (arbor, wait_for (&result), &error);
  g_assert_no_error (error);
  found = arbor_index_look_up_int64 (index, 1, &error);
  g_assert_no_error (error);
  text = arbor_tree_dup_string (found, "n", &error);
  g_assert_cmpstr (text, ==, "c");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/operation-options/join", test_join);
  g_test_add_func ("/operation-options/join-errors", test_join_errors);
  g_test_add_func ("/operation-options/nest", test_nest);
  g_test_add_func ("/operation-options/sort", test_sort);
  g_test_add_func ("/operation-options/index", test_index);
  return g_test_run ();
}
