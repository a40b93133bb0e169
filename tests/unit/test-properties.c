/* Properties: what they say is what the accessors say, and who is told of a change, and where. */

#include "kit/arbors.h"

static void
count_up (GObject *object, GParamSpec *pspec, gpointer data)
{
  ++*(guint *) data;
}

static void
test_store (StorePlace *place, gconstpointer data)
{
  ArborStore *store = place->store;
  g_autofree char *path = NULL;
  g_autofree char *own_path = arbor_store_dup_path (store);
  gboolean is_closed, is_read_only, is_watching, is_refreshing;
  guint n_told = 0, n_watch = 0, n_refresh = 0, n_closed = 0;
  guint64 n_arbors;

  g_signal_connect (store, "notify::n-arbors", G_CALLBACK (count_up), &n_told);
  g_signal_connect (store, "notify::watch", G_CALLBACK (count_up), &n_watch);
  g_signal_connect (store, "notify::auto-refresh", G_CALLBACK (count_up), &n_refresh);
  g_signal_connect (store, "notify::closed", G_CALLBACK (count_up), &n_closed);
  put_lines (store, "a", "1\n");
  put_lines (store, "b", "1\n");
  g_assert_cmpuint (n_told, ==, 2);
  arbor_store_set_watch (store, TRUE);
  arbor_store_set_watch (store, 7);
  g_assert_true (arbor_store_get_watch (store));
  g_object_set (store, "auto-refresh", TRUE, NULL);
  g_object_set (store, "auto-refresh", TRUE, NULL);
  g_assert_true (arbor_store_get_auto_refresh (store));
  g_assert_cmpuint (n_watch, ==, 1);
  g_assert_cmpuint (n_refresh, ==, 1);
  g_object_get (store, "path", &path, "closed", &is_closed, "read-only", &is_read_only, "n-arbors",
                &n_arbors, "watch", &is_watching, "auto-refresh", &is_refreshing, NULL);
  g_assert_cmpstr (path, ==, own_path);
  g_assert_true (g_str_has_suffix (path, "/test.arbor"));
  g_assert_false (is_closed);
  g_assert_false (is_read_only);
  g_assert_false (arbor_store_is_read_only (store));
  g_assert_cmpuint (n_arbors, ==, 2);
  g_assert_true (is_watching && is_refreshing);

  arbor_store_close (store);
  g_assert_cmpuint (n_closed, ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_closed, ==, 1);
  g_object_get (store, "closed", &is_closed, "n-arbors", &n_arbors, "watch", &is_watching, NULL);
  g_assert_true (is_closed);
  g_assert_cmpuint (n_arbors, ==, 0);
  g_assert_false (is_watching);
}

static gpointer
close_in_thread (gpointer store)
{
  arbor_store_close (store);
  return NULL;
}

static void
check_thread (GObject *object, GParamSpec *pspec, gpointer data)
{
  g_assert_true (g_thread_self () == data);
  g_object_set_data (object, "told", GINT_TO_POINTER (TRUE));
}

/* Whoever closes, it is told where the store was opened. */
static void
test_other_thread (StorePlace *place, gconstpointer data)
{
  g_signal_connect (place->store, "notify::closed", G_CALLBACK (check_thread), g_thread_self ());
  g_thread_join (g_thread_new ("closer", close_in_thread, place->store));
  while (g_object_get_data (G_OBJECT (place->store), "told") == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_read_only (StorePlace *place, gconstpointer data)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) store = NULL;

  put_lines (place->store, "a", "1\n");
  arbor_store_options_set_read_only (options, TRUE);
  store = open_store_with (place->path, options);
  g_assert_true (arbor_store_is_read_only (store));
}

static void
check_arbor (ArborArbor *arbor, ArborStore *store, const char *name, guint64 n_trees,
             gboolean is_view)
{
  g_autoptr (ArborStore) found = NULL;
  g_autofree char *found_name = NULL;
  guint64 n_found, generation;
  gboolean found_view;

  g_object_get (arbor, "store", &found, "name", &found_name, "n-trees", &n_found, "generation",
                &generation, "is-view", &found_view, NULL);
  g_assert_true (found == store);
  g_assert_cmpstr (found_name, ==, name);
  g_assert_cmpuint (n_found, ==, n_trees);
  g_assert_cmpuint (generation, ==, arbor_arbor_get_generation (arbor));
  g_assert_cmpint (generation > 0, ==, store != NULL);
  g_assert_cmpint (found_view, ==, is_view);
  g_assert_cmpint (arbor_arbor_get_is_view (arbor), ==, is_view);
}

static void
test_arbor (StorePlace *place, gconstpointer data)
{
  g_autoptr (ArborArbor) memory = read_lines ("{\"a\":1}\n{\"a\":2}\n");
  g_autoptr (ArborArbor) part = arbor_arbor_head (memory, 1, NULL);
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) sorted = NULL;
  g_autoptr (ArborArbor) selected = NULL;
  g_autoptr (ArborExpr) key = parse ("a");
  const char *const names[] = { "b", NULL };

  put_arbor (place->store, "x", memory);
  stored = get_arbor (place->store, "x");
  sorted = arbor_arbor_sort_by (stored, &key, 1, NULL, NULL);
  selected = arbor_arbor_select (sorted, names, &key, 1, NULL);
  check_arbor (memory, NULL, NULL, 2, FALSE);
  check_arbor (part, NULL, NULL, 1, TRUE);
  check_arbor (stored, place->store, "x", 2, FALSE);
  check_arbor (sorted, place->store, "x", 2, TRUE);
  g_assert_true (arbor_arbor_get_is_view (selected));

  arbor_store_close (place->store);
  check_arbor (stored, place->store, "x", 0, FALSE);
  check_arbor (memory, NULL, NULL, 2, FALSE);

  /* The object is not kept alive by what comes from it. */
  g_clear_object (&place->store);
  g_assert_null (arbor_arbor_dup_store (stored));
}

static void
test_iter (StorePlace *place, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = read_lines ("1\n2\n3\n4\n");
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, NULL);
  g_autoptr (ArborIter) unopened = g_object_new (ARBOR_TYPE_ITER, NULL);
  g_autoptr (ArborArbor) found = NULL;
  g_autoptr (ArborTree) tree = NULL;
  ArborTree **trees;
  guint n_moved = 0, n_closed = 0;
  guint64 position;
  gboolean is_closed;
  gsize n_trees;

  g_signal_connect (iter, "notify::position", G_CALLBACK (count_up), &n_moved);
  g_signal_connect (iter, "notify::closed", G_CALLBACK (count_up), &n_closed);
  tree = arbor_iter_next_value (iter, NULL);
  g_assert_cmpuint (arbor_iter_get_position (iter), ==, 1);
  trees = arbor_iter_next_many (iter, 9, &n_trees, NULL);
  g_assert_cmpuint (n_trees, ==, 3);
  for (gsize i = 0; i < n_trees; i++)
    g_object_unref (trees[i]);
  g_free (trees);
  g_assert_null (arbor_iter_next_value (iter, NULL));
  g_assert_cmpuint (n_moved, ==, 2);
  g_object_get (iter, "arbor", &found, "position", &position, "closed", &is_closed, NULL);
  g_assert_true (found == arbor);
  g_assert_cmpuint (position, ==, 4);
  g_assert_false (is_closed);
  arbor_iter_close (iter);
  arbor_iter_close (iter);
  g_assert_cmpuint (n_closed, ==, 1);
  g_assert_true (arbor_iter_is_closed (iter));

  g_assert_null (arbor_iter_dup_arbor (unopened));
  g_assert_cmpuint (arbor_iter_get_position (unopened), ==, 0);
}

#define ADD(name, func)                                                                            \
  g_test_add (name, StorePlace, NULL, store_place_set_up, func, store_place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/properties/store", test_store);
  ADD ("/properties/other-thread", test_other_thread);
  ADD ("/properties/read-only", test_read_only);
  ADD ("/properties/arbor", test_arbor);
  ADD ("/properties/iter", test_iter);
  return g_test_run ();
}
