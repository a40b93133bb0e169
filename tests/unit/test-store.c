/* Stores and what derives from them, through the public header alone: the four behaviours of
 * closing, staleness, names, all or nothing, asynchronous forms, and what never was opened.
 */

#include <arbor/arbor.h>

#include "kit/arbors.h"

static void
assert_n_trees (ArborArbor *arbor, guint64 expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, expected);
  g_assert_no_error (error);
}

static void
assert_closed (GError *error)
{
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_cmpstr (error->message, ==, "ArborStore has been closed");
}

static void
assert_arbor_closed (ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 0);
  assert_closed (error);
}

/* The four behaviours. */

static void
test_close_invalidates_derived_arbors (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) stored = NULL;

  put_lines (fixture->store, "data", "{\"x\":1}");
  stored = get_arbor (fixture->store, "data");
  assert_n_trees (stored, 1);

  arbor_store_close (fixture->store);
  assert_arbor_closed (stored);
  g_assert_true (arbor_arbor_is_closed (stored));
}

static void
test_scope_end_invalidates_nothing_without_close (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborCloseToken) token = NULL;

  put_lines (fixture->store, "data", "{\"x\":1}");
  stored = get_arbor (fixture->store, "data");
  token = arbor_store_dup_close_token (fixture->store);
  g_clear_object (&fixture->store);

  /* What derives from a store keeps it open; its token still closes it. */
  assert_lines (stored, "{\"x\":1}\n");
  arbor_close_token_close (token);
  assert_arbor_closed (stored);
}

static void
test_close_invalidates_iterators (StorePlace *fixture, gconstpointer data)
{
  const char *paths[] = { "x", NULL };
  g_autoptr (ArborArbor) stored = NULL;

  put_lines (fixture->store, "data", "{\"x\":1}\n{\"x\":2}");
  stored = get_arbor (fixture->store, "data");
  {
    g_autoptr (GError) error = NULL;
    g_autoptr (ArborIter) iter = arbor_arbor_pick (stored, NULL, &error);
    g_autoptr (ArborIter) picks = arbor_arbor_pick (stored, paths, &error);
    g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &error);
    g_autoptr (ArborTree) pick = arbor_iter_next_value (picks, &error);

    g_assert_no_error (error);
    arbor_store_close (fixture->store);

    g_assert_null (arbor_iter_next_value (iter, &error));
    assert_closed (error);
    g_clear_error (&error);
    g_assert_null (arbor_iter_next_value (picks, &error));
    assert_closed (error);
    g_clear_error (&error);
    g_assert_null (arbor_tree_to_json (tree, &error));
    assert_closed (error);
    g_clear_error (&error);
    g_assert_null (arbor_tree_to_json (pick, &error));
    assert_closed (error);
  }
}

static void
test_close_invalidates_filtered_arbors (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) filtered = NULL;
  g_autoptr (ArborArbor) late = NULL;
  g_autoptr (ArborExpr) expr = parse ("x > 0");

  put_lines (fixture->store, "data", "{\"x\":1}\n{\"x\":2}");
  stored = get_arbor (fixture->store, "data");
  filtered = arbor_arbor_filter (stored, expr, NULL);
  late = arbor_arbor_filter (filtered, expr, NULL);
  assert_n_trees (filtered, 2);

  arbor_store_close (fixture->store);
  assert_arbor_closed (filtered); /* computed and cached: closed all the same */
  assert_arbor_closed (late);
}

/* What closing does not touch. */
static void
test_close_spares_the_independent (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborCloseToken) alone = arbor_close_token_new ();
  g_autoptr (ArborArbor) memory = read_lines ("{\"x\":1}");
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) copy = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (ArborTree) tree_copy = NULL;
  g_autoptr (ArborSchema) schema = NULL;
  g_autofree char *json = NULL;

  put_lines (fixture->store, "data", "{\"x\":1}\n{\"x\":2}");
  stored = get_arbor (fixture->store, "data");
  copy = arbor_arbor_materialize (stored, NULL, NULL);
  tree = arbor_arbor_get (stored, 1, NULL);
  tree_copy = arbor_tree_materialize (tree, NULL);
  schema = arbor_arbor_infer_schema (stored, NULL);

  arbor_store_close (fixture->store);
  g_assert_false (arbor_close_token_is_closed (alone));
  assert_lines (memory, "{\"x\":1}\n");
  assert_lines (copy, "{\"x\":1}\n{\"x\":2}\n");
  g_assert_null (arbor_arbor_dup_close_token (copy));
  g_assert_false (arbor_arbor_is_closed (copy));
  json = arbor_tree_to_json (tree_copy, NULL);
  g_assert_cmpstr (json, ==, "{\"x\":2}");
  g_assert_true (arbor_tree_is_closed (tree));
  g_assert_cmpuint (arbor_schema_get_n_trees (schema), ==, 2);
}

/* Stores again, the same file. */
static void
test_reopen (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) old = NULL;

  put_lines (fixture->store, "data", "{\"x\":1}\n[2]\n\"three\"\n");
  old = get_arbor (fixture->store, "data");
  arbor_store_close (fixture->store);
  g_clear_object (&fixture->store);

  fixture->store = open_store (fixture->path);
  stored = get_arbor (fixture->store, "data");
  assert_lines (stored, "{\"x\":1}\n[2]\n\"three\"\n");
  assert_arbor_closed (old);
}

static void
test_names (StorePlace *fixture, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (255, 'n');
  g_autofree char *too_long = g_strnfill (256, 'n');
  const char *bad[] = { "", too_long, "a\nb", "\x7f", "\xff", "\xc2\x85", NULL };
  g_autoptr (ArborArbor) arbor = read_lines ("1");
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; bad[i] != NULL; i++)
    {
      g_assert_false (arbor_store_put (fixture->store, bad[i], arbor, NULL, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
      g_clear_error (&error);
      g_assert_null (arbor_store_get (fixture->store, bad[i], &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
      g_clear_error (&error);
    }
  put_lines (fixture->store, longest, "1");
  put_lines (fixture->store, "\xc3\xa9t\xc3\xa9 / 639-3", "1");
  put_lines (fixture->store, "B", "1");
  put_lines (fixture->store, "a", "1");
  names = arbor_store_list_names (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, 4);
  g_assert_cmpstr (names[0], ==, "B");
  g_assert_cmpstr (names[1], ==, "a");
  g_assert_cmpstr (names[2], ==, longest);
  g_assert_cmpstr (names[3], ==, "\xc3\xa9t\xc3\xa9 / 639-3");
  g_assert_cmpuint (arbor_store_get_n_arbors (fixture->store, NULL), ==, 4);

  g_assert_true (arbor_store_contains (fixture->store, "B", NULL));
  g_assert_false (arbor_store_contains (fixture->store, "C", &error));
  g_assert_no_error (error);
  g_assert_null (arbor_store_get (fixture->store, "C", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "'C'"));
}

static void
test_delete (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "data", "1\n2");
  stored = get_arbor (fixture->store, "data");
  g_assert_true (arbor_store_delete (fixture->store, "data", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (arbor_store_delete (fixture->store, "data", NULL, &error));
  g_assert_no_error (error);

  g_assert_cmpuint (arbor_arbor_get_n_trees (stored, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_assert_nonnull (strstr (error->message, "Stored arbor 'data' was deleted"));
}

static void
test_stale (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) first = NULL;
  g_autoptr (ArborArbor) view = NULL;
  g_autoptr (ArborArbor) other = NULL;
  g_autoptr (ArborArbor) second = NULL;
  g_autoptr (ArborIter) iter = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;

  put_lines (fixture->store, "data", "1\n2");
  put_lines (fixture->store, "other", "7");
  first = get_arbor (fixture->store, "data");
  other = get_arbor (fixture->store, "other");
  view = arbor_arbor_reverse (first, NULL);
  assert_n_trees (view, 2);
  iter = arbor_arbor_iterator (first, NULL);
  tree = arbor_iter_next_value (iter, NULL);

  /* The same content again changes nothing. */
  put_lines (fixture->store, "data", "1\n2");
  assert_n_trees (first, 2);

  put_lines (fixture->store, "data", "3");
  g_assert_cmpuint (arbor_arbor_get_n_trees (first, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_assert_true (g_regex_match_simple (
      "^Stored arbor 'data' was updated \\(expected generation \\d+, current \\d+\\)$",
      error->message, 0, 0));
  g_clear_error (&error);
  g_assert_null (arbor_arbor_get (view, 0, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  assert_n_trees (other, 1);

  /* An iterator in progress and a tree in hand stay what they were. */
  json = arbor_tree_to_json (tree, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json, ==, "1");
  g_clear_object (&tree);
  tree = arbor_iter_next_value (iter, &error);
  g_assert_no_error (error);
  g_assert_cmpint (arbor_tree_get_int64 (tree, NULL, NULL), ==, 2);
  g_assert_null (arbor_iter_next_value (iter, &error));
  g_assert_no_error (error);
  g_assert_null (arbor_iter_next_value (iter, &error));
  g_assert_no_error (error);

  second = get_arbor (fixture->store, "data");
  assert_lines (second, "3\n");
}

static void
test_pinned (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) first = NULL;

  arbor_store_options_set_staleness (options, ARBOR_STALENESS_PINNED);
  store = arbor_store_open (fixture->path, options, NULL, NULL);
  put_lines (store, "data", "1\n2");
  first = get_arbor (store, "data");
  put_lines (store, "data", "3");
  assert_lines (first, "1\n2\n");
  arbor_store_close (store);
  assert_arbor_closed (first);
}

static void
on_changed (ArborStore *store, const char *name, gpointer data)
{
  g_string_append_printf (data, "%s;", name);
}

/* Two stores on one file: a refresh moves one to what the other wrote. */
static void
test_refresh (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) writer = open_store (fixture->path);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GString) some = g_string_new (NULL);
  g_autoptr (ArborArbor) old = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *joined = NULL;
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "keep", "1");
  put_lines (fixture->store, "drop", "1");
  put_lines (fixture->store, "swap", "1");
  old = get_arbor (fixture->store, "swap");
  g_signal_connect (fixture->store, "changed", G_CALLBACK (on_changed), all);
  g_signal_connect (fixture->store, "changed::swap", G_CALLBACK (on_changed), some);

  put_lines (writer, "new", "1");
  put_lines (writer, "swap", "2");
  arbor_store_delete (writer, "drop", NULL, NULL);
  assert_lines (old, "1\n"); /* not yet */
  g_assert_false (arbor_store_contains (fixture->store, "new", NULL));

  names = arbor_store_refresh (fixture->store, &error);
  g_assert_no_error (error);
  joined = g_strjoinv (";", names);
  g_assert_cmpstr (joined, ==, "drop;new;swap");
  g_assert_cmpstr (all->str, ==, "drop;new;swap;");
  g_assert_cmpstr (some->str, ==, "swap;");
  g_assert_true (arbor_store_contains (fixture->store, "new", NULL));
  g_assert_null (arbor_arbor_to_jsonl (old, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);

  /* Each has a token of its own. */
  arbor_store_close (writer);
  g_assert_false (arbor_store_is_closed (fixture->store));
  g_assert_cmpuint (arbor_store_get_n_arbors (fixture->store, NULL), ==, 3);
}

static void
test_put_many (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) one = read_lines ("1\n2\n3\n");
  g_autoptr (ArborArbor) view = arbor_arbor_reverse (one, NULL);
  const char *names[] = { "a", "b", NULL };
  const char *twice[] = { "c", "c", NULL };
  const char *wrong[] = { "c", "", NULL };
  ArborArbor *arbors[] = { one, view };
  g_autoptr (ArborArbor) a = NULL;
  g_autoptr (ArborArbor) b = NULL;
  g_autoptr (GError) error = NULL;

  arbor_store_put_many (fixture->store, names, arbors, 2, NULL, &error);
  g_assert_no_error (error);
  a = get_arbor (fixture->store, "a");
  b = get_arbor (fixture->store, "b");
  assert_lines (a, "1\n2\n3\n");
  assert_lines (b, "3\n2\n1\n");

  g_assert_false (arbor_store_put_many (fixture->store, twice, arbors, 2, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (arbor_store_put_many (fixture->store, wrong, arbors, 2, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
  g_clear_error (&error);
  g_assert_false (arbor_store_put_many (fixture->store, names, arbors, 1, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (arbor_store_get_n_arbors (fixture->store, NULL), ==, 2);
}

/* From one store to another, and onto itself. */
static void
test_put_across (StorePlace *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "second.arbor", NULL);
  g_autoptr (ArborStore) second = open_store (path);
  g_autoptr (ArborExpr) expr = parse ("x > 1");
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) filtered = NULL;
  g_autoptr (ArborArbor) copy = NULL;
  g_autoptr (ArborArbor) own = NULL;
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "data", "{\"x\":1}\n{\"x\":2}\n{\"x\":3}\n");
  stored = get_arbor (fixture->store, "data");
  filtered = arbor_arbor_filter (stored, expr, NULL);
  g_assert_true (arbor_store_put (second, "whole", stored, NULL, &error));
  g_assert_true (arbor_store_put (second, "part", filtered, NULL, &error));
  g_assert_true (arbor_store_put (fixture->store, "data", filtered, NULL, &error));
  g_assert_no_error (error);
  own = get_arbor (fixture->store, "data");
  assert_lines (own, "{\"x\":2}\n{\"x\":3}\n");

  arbor_store_close (fixture->store);
  copy = get_arbor (second, "whole");
  assert_lines (copy, "{\"x\":1}\n{\"x\":2}\n{\"x\":3}\n");
  g_assert_false (arbor_store_put (second, "late", own, NULL, &error));
  assert_closed (error);
  g_assert_false (arbor_store_contains (second, "late", NULL));
}

static char *
write_file (StorePlace *fixture, const char *name, const char *text)
{
  char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
count_progress (guint64 done, guint64 total, gpointer data)
{
  guint64 *seen = data;

  g_assert_cmpuint (done, >=, seen[0]);
  g_assert_cmpuint (done, <=, total);
  seen[0] = done;
  seen[1]++;
}

static void
test_import (StorePlace *fixture, gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "in.jsonl", "{\"a\":1}\n\n{\"a\":2}\n");
  g_autofree char *bad = write_file (fixture, "bad.jsonl", "{\"a\":3}\n{\"a\":}\n{\"a\":5}\n");
  g_autoptr (ArborLoadOptions) options = arbor_load_options_new ();
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (GError) error = NULL;
  guint64 seen[2] = { 0, 0 };

  report = arbor_store_import_file (fixture->store, "data", path, NULL, count_progress, seen, NULL,
                                    &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_load_report_get_n_trees (report), ==, 2);
  g_assert_cmpuint (arbor_load_report_get_n_bytes (report), ==, 17);
  g_assert_cmpuint (seen[0], ==, 17);
  g_assert_cmpuint (seen[1], >, 0);
  stored = get_arbor (fixture->store, "data");
  assert_lines (stored, "{\"a\":1}\n{\"a\":2}\n");

  /* A bad line: named, and the old data is intact. */
  g_assert_null (
      arbor_store_import_file (fixture->store, "data", bad, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE);
  g_assert_nonnull (strstr (error->message, "bad.jsonl: line 2, byte 13 (tree 1)"));
  g_clear_error (&error);
  assert_lines (stored, "{\"a\":1}\n{\"a\":2}\n");

  g_clear_pointer (&report, arbor_load_report_free);
  arbor_load_options_set_skip_bad (options, TRUE);
  report = arbor_store_import_file (fixture->store, "data", bad, options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_load_report_get_n_bad (report), ==, 1);
  g_clear_object (&stored);
  stored = get_arbor (fixture->store, "data");
  assert_lines (stored, "{\"a\":3}\n{\"a\":5}\n");

  g_assert_null (arbor_store_import_file (fixture->store, "data", "/nowhere/at-all.json", NULL,
                                          NULL, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
close_store (guint64 done, guint64 total, gpointer data)
{
  arbor_store_close (data);
}

/* Closing from a progress callback ends the import, and leaves what was there. */
static void
test_close_while_importing (StorePlace *fixture, gconstpointer data)
{
  GString *text = g_string_new (NULL);
  g_autofree char *path = NULL;
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 60000; i++)
    g_string_append_printf (text, "{\"a\":%u}\n", i);
  path = write_file (fixture, "long.jsonl", text->str);
  g_string_free (text, TRUE);

  put_lines (fixture->store, "data", "1");
  g_assert_null (arbor_store_import_file (fixture->store, "data", path, NULL, close_store,
                                          fixture->store, NULL, &error));
  assert_closed (error);
  g_clear_object (&fixture->store);
  fixture->store = open_store (fixture->path);
  stored = get_arbor (fixture->store, "data");
  assert_lines (stored, "1\n");
}

static void
test_cancelled (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ArborArbor) memory = read_lines ("{\"x\":1}");
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborExpr) expr = parse ("x > 0");
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "data", "{\"x\":1}");
  stored = get_arbor (fixture->store, "data");
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (arbor_arbor_count_matches (stored, expr, cancellable, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (arbor_store_put (fixture->store, "more", memory, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  arbor_store_close (fixture->store); /* CLOSED wins */
  g_assert_cmpuint (arbor_arbor_count_matches (stored, expr, cancellable, &error), ==, 0);
  assert_closed (error);
}

static void
test_never_opened (void)
{
  g_autoptr (ArborStore) store = g_object_new (ARBOR_TYPE_STORE, NULL);
  g_autoptr (ArborArbor) arbor = g_object_new (ARBOR_TYPE_ARBOR, NULL);
  g_autoptr (ArborTree) tree = g_object_new (ARBOR_TYPE_TREE, NULL);
  g_autoptr (ArborIter) iter = g_object_new (ARBOR_TYPE_ITER, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *description = arbor_store_to_string (store);

#define ASSERT_NOT_OPENED(call)                                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_false (call);                                                                         \
    g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);                                       \
    g_assert_cmpstr (error->message, ==, "ArborStore has not been opened");                        \
    g_clear_error (&error);                                                                        \
  }                                                                                                \
  G_STMT_END

  ASSERT_NOT_OPENED (arbor_store_get (store, "a", &error));
  ASSERT_NOT_OPENED (arbor_store_list_names (store, &error));
  ASSERT_NOT_OPENED (arbor_store_put (store, "a", arbor, NULL, &error));
  ASSERT_NOT_OPENED (arbor_store_refresh (store, &error));
  ASSERT_NOT_OPENED (arbor_arbor_get (arbor, 0, &error));
  ASSERT_NOT_OPENED (arbor_arbor_head (arbor, 1, &error));
  ASSERT_NOT_OPENED (arbor_arbor_to_jsonl (arbor, &error));
  ASSERT_NOT_OPENED (arbor_tree_to_json (tree, &error));
  ASSERT_NOT_OPENED (arbor_tree_get (tree, "a", &error));
  ASSERT_NOT_OPENED (arbor_iter_next_value (iter, &error));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (arbor)), ==, 0);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (arbor), 0));
  g_assert_cmpstr (description, ==, "ArborStore (not opened)");
  g_assert_true (arbor_store_is_closed (store));
  arbor_store_close (store);
  arbor_iter_close (iter);
}

static void
test_descriptions (StorePlace *fixture, gconstpointer data)
{
  g_autofree char *open = arbor_store_to_string (fixture->store);
  g_autofree char *closed = NULL;
  g_autofree char *arbor_text = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = arbor_store_dup_path (fixture->store);
  g_autoptr (ArborArbor) stored = NULL;

  put_lines (fixture->store, "data", "1\n2");
  stored = get_arbor (fixture->store, "data");
  arbor_store_close (fixture->store);
  closed = arbor_store_to_string (fixture->store);
  arbor_text = arbor_arbor_to_string (stored);
  name = arbor_arbor_dup_name (stored);
  g_assert_nonnull (strstr (open, path));
  g_assert_null (strstr (open, "closed"));
  g_assert_nonnull (strstr (closed, ", closed"));
  g_assert_nonnull (strstr (arbor_text, "'data', 2 trees"));
  g_assert_cmpstr (name, ==, "data");
}

/* Lists. */

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  g_string_append_printf (data, "%u-%u+%u of %u;", position, removed, added,
                          g_list_model_get_n_items (model));
}

static void
test_model (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (ArborTree) late = NULL;
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "data", "1\n2\n3");
  stored = get_arbor (fixture->store, "data");
  g_signal_connect (stored, "items-changed", G_CALLBACK (on_items_changed), log);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (stored)) == ARBOR_TYPE_TREE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (stored)), ==, 3);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (stored), 3));

  /* A model never goes stale. */
  put_lines (fixture->store, "data", "9");
  tree = g_list_model_get_item (G_LIST_MODEL (stored), 1);
  g_assert_cmpint (arbor_tree_get_int64 (tree, NULL, &error), ==, 2);
  g_assert_no_error (error);

  /* Closed: same number and closed trees, until its context has heard of it. */
  arbor_store_close (fixture->store);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (stored)), ==, 3);
  late = g_list_model_get_item (G_LIST_MODEL (stored), 0);
  g_assert_true (ARBOR_IS_TREE (late));
  g_assert_cmpint (arbor_tree_get_int64 (late, NULL, &error), ==, 0);
  assert_closed (error);
  g_assert_cmpstr (log->str, ==, "");
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpstr (log->str, ==, "0-3+0 of 0;");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (stored), 0));
}

static void
test_async (StorePlace *fixture, gconstpointer data)
{
  g_autofree char *path = write_file (fixture, "in.jsonl", "1\n2\n3\n");
  g_autofree char *folder = g_build_filename (fixture->folder, "missing", "x.arbor", NULL);
  g_autoptr (ArborArbor) memory = read_lines ("7\n8");
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) failed = NULL;
  g_autoptr (GAsyncResult) imported = NULL;
  g_autoptr (GAsyncResult) stored = NULL;
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (GError) error = NULL;

  arbor_store_open_async (fixture->path, NULL, NULL, keep_result, &opened);
  store = arbor_store_open_finish (wait_for (&opened), &error);
  g_assert_no_error (error);
  arbor_store_open_async (folder, NULL, NULL, keep_result, &failed);
  g_assert_null (arbor_store_open_finish (wait_for (&failed), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  arbor_store_import_file_async (store, "in", path, NULL, NULL, NULL, NULL, NULL, keep_result, &imported);
  report = arbor_store_import_file_finish (store, wait_for (&imported), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_load_report_get_n_trees (report), ==, 3);
  arbor_store_put_async (store, "put", memory, NULL, keep_result, &stored);
  g_assert_true (arbor_store_put_finish (store, wait_for (&stored), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_store_get_n_arbors (store, NULL), ==, 2);

  arbor_store_close (store);
  arbor_store_put_async (store, "put", memory, NULL, keep_result, &late);
  g_assert_false (arbor_store_put_finish (store, wait_for (&late), &error));
  assert_closed (error);
}

/* A long chain of views is computed without deep trouble, and its end is a clear error. */
static void
test_long_chain (void)
{
  g_autoptr (ArborArbor) view = read_lines ("{\"x\":1}\n{\"x\":2}\n{\"x\":3}\n");
  g_autoptr (ArborExpr) expr = parse ("x < 3");
  g_autoptr (GError) error = NULL;
  guint steps = 0;

  while (error == NULL)
    {
      ArborArbor *next = arbor_arbor_filter (view, expr, &error);

      if (next == NULL)
        break;
      g_object_unref (view);
      view = next;
      steps++;
    }
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_assert_cmpuint (steps, ==, 4096);
  assert_n_trees (view, 2);
}

#define ADD(name, func) g_test_add ("/store/" name, StorePlace, NULL, store_place_set_up, func, store_place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("close-invalidates-derived-arbors", test_close_invalidates_derived_arbors);
  ADD ("scope-end-without-close", test_scope_end_invalidates_nothing_without_close);
  ADD ("close-invalidates-iterators", test_close_invalidates_iterators);
  ADD ("close-invalidates-filtered-arbors", test_close_invalidates_filtered_arbors);
  ADD ("close-spares-the-independent", test_close_spares_the_independent);
  ADD ("reopen", test_reopen);
  ADD ("names", test_names);
  ADD ("delete", test_delete);
  ADD ("stale", test_stale);
  ADD ("pinned", test_pinned);
  ADD ("refresh", test_refresh);
  ADD ("put-many", test_put_many);
  ADD ("put-across", test_put_across);
  ADD ("import", test_import);
  ADD ("close-while-importing", test_close_while_importing);
  ADD ("cancelled", test_cancelled);
  g_test_add_func ("/store/never-opened", test_never_opened);
  ADD ("descriptions", test_descriptions);
  ADD ("model", test_model);
  ADD ("async", test_async);
  g_test_add_func ("/store/long-chain", test_long_chain);
  return g_test_run ();
}
