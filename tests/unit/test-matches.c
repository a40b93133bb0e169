/* What JSONPath queries give to callers: values, paths and positions, of trees and arbors, in memory and
 * stored, while the store is open and after.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"

static const char lines[] = "{\"a\":1,\"t\":[\"x\",\"y\"]}\n"
                            "{\"a\":2,\"t\":[]}\n"
                            "{\"b\":null}\n"
                            "{\"a\":3,\"t\":[\"z\"]}\n";

static void
assert_matches (ArborMatches *matches, const char *json, const char *paths, const char *indices)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *found = arbor_matches_to_json (matches, &error);
  g_auto (GStrv) all = NULL;
  g_autofree char *joined = NULL;
  g_autoptr (GString) positions = g_string_new (NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, json);
  all = arbor_matches_dup_paths (matches, &error);
  g_assert_no_error (error);
  joined = g_strjoinv (" ", all);
  g_assert_cmpstr (joined, ==, paths);
  for (guint64 i = 0; i < arbor_matches_get_n_matches (matches, NULL); i++)
    {
      g_autofree char *path = arbor_matches_dup_path (matches, i, &error);

      g_assert_cmpstr (path, ==, all[i]);
      g_string_append_printf (positions, "%" G_GUINT64_FORMAT " ",
                              arbor_matches_get_index (matches, i, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpstr (positions->str, ==, indices);
}

static void
check_arbor (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) reversed = arbor_arbor_reverse (arbor, &error);
  g_autoptr (ArborMatches) all = arbor_arbor_query (arbor, "$.t[*]", NULL, &error);
  g_autoptr (ArborMatches) last = arbor_arbor_query (reversed, "$[?@>1]", NULL, &error);
  g_autoptr (ArborMatches) none = arbor_arbor_query (arbor, "$.x", NULL, &error);
  g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, 3, &error);
  g_autoptr (ArborTree) part = arbor_tree_get (tree, "t", &error);
  g_autoptr (ArborMatches) of_part = arbor_tree_query (part, "$[*]", &error);
  g_autoptr (ArborTree) match = arbor_matches_get_match (all, 2, &error);
  g_autofree char *text = arbor_tree_dup_string (match, NULL, &error);

  g_assert_no_error (error);
  assert_matches (all, "[\"x\",\"y\",\"z\"]", "$['t'][0] $['t'][1] $['t'][0]", "0 0 3 ");
  assert_matches (last, "[3,2]", "$['a'] $['a']", "0 2 ");
  assert_matches (none, "[]", "", "");
  assert_matches (of_part, "[\"z\"]", "$[0]", "0 ");
  g_assert_cmpstr (text, ==, "z");

  g_assert_null (arbor_matches_get_match (all, 3, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_assert_cmpstr (error->message, ==, "Index 3 is out of range: there are 3 matches");
  g_clear_error (&error);
  g_assert_null (arbor_matches_dup_path (all, G_MAXUINT64, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_clear_error (&error);
  g_assert_cmpuint (arbor_matches_get_index (none, 0, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
}

static void
test_memory (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (lines);
  g_autoptr (ArborMatches) matches = arbor_arbor_query (arbor, "$", NULL, NULL);

  check_arbor (arbor);
  g_assert_false (arbor_matches_is_closed (matches));
  g_assert_null (arbor_matches_dup_close_token (matches));
}

static ArborStore *
make_store (char **path)
{
  g_autofree char *folder = make_folder ();

  *path = g_build_filename (folder, "test.arbor", NULL);
  return open_store (*path);
}

static void
remove_store (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  remove_folder (folder);
}

static void
test_stored (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = make_store (&path);
  g_autoptr (ArborArbor) memory = read_lines (lines);
  g_autoptr (ArborArbor) other = read_lines ("{\"a\":[0]}\n");
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborMatches) matches = NULL;
  g_autoptr (ArborTree) match = NULL;
  g_autoptr (ArborCloseToken) token = arbor_store_dup_close_token (store);
  g_autoptr (ArborCloseToken) same = NULL;

  arbor_store_put (store, "lines", memory, NULL, &error);
  g_assert_no_error (error);
  arbor = arbor_store_get (store, "lines", &error);
  check_arbor (arbor);
  matches = arbor_arbor_query (arbor, "$.a", NULL, &error);
  match = arbor_matches_get_match (matches, 1, &error);
  same = arbor_matches_dup_close_token (matches);
  g_assert_true (same == token);

  /* Matches keep the state that they were read from; the arbor is stale. */
  arbor_store_put (store, "lines", other, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (arbor_arbor_query (arbor, "$.a", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  assert_matches (matches, "[1,2,3]", "$['a'] $['a'] $['a']", "0 1 3 ");

  arbor_store_close (store);
  g_assert_true (arbor_matches_is_closed (matches));
  g_assert_cmpuint (arbor_matches_get_n_matches (matches, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (arbor_tree_to_json (match, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (arbor_tree_query (match, "$[", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  remove_store (path);
}

/* More keys than a batch has columns: what is inside lies as text, and matches are copies. */
static void
test_overflow (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborMatches) matches = NULL;

  for (guint i = 0; i < 2500; i++)
    {
      g_string_append_printf (text, "{\"n\":%u,\"wide\":{\"same\":{\"v\":[%u]}", i, i);
      for (guint j = 0; j < 30; j++)
        g_string_append_printf (text, ",\"k%u\":%u", i * 30 + j, j);
      g_string_append (text, "}}\n");
    }
  arbor = read_lines (text->str);
  matches = arbor_arbor_query (arbor, "$.wide.same.v", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_matches_get_n_matches (matches, &error), ==, 2500);
  for (guint64 i = 0; i < 2500; i++)
    {
      g_autoptr (ArborTree) match = arbor_matches_get_match (matches, i, &error);

      g_assert_no_error (error);
      g_assert_cmpint (arbor_tree_get_int64 (match, "[0]", &error), ==, (gint64) i);
      g_assert_cmpuint (arbor_matches_get_index (matches, i, &error), ==, i);
    }
}

static void
test_cancelled (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (lines);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (arbor_arbor_query (arbor, "$", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (arbor_arbor_query (arbor, "$[", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/matches/memory", test_memory);
  g_test_add_func ("/matches/stored", test_stored);
  g_test_add_func ("/matches/overflow", test_overflow);
  g_test_add_func ("/matches/cancelled", test_cancelled);
  return g_test_run ();
}
