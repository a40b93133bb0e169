/* Appending to, replacing in and renaming stored arbors, through the public header alone. How the
 * batches come to lie is in test-content.c.
 */

#include <arbor/arbor.h>

#include "kit/arbors.h"

static void
append (ArborStore *store, const char *name, const char *text)
{
  g_autoptr (ArborArbor) arbor = read_lines (text);
  g_autoptr (GError) error = NULL;

  arbor_store_append (store, name, arbor, NULL, &error);
  g_assert_no_error (error);
}

static void
replace (ArborStore *store, guint64 start, guint64 n_trees, const char *text)
{
  g_autoptr (ArborArbor) arbor = text != NULL ? read_lines (text) : NULL;
  g_autoptr (GError) error = NULL;

  arbor_store_replace (store, "a", start, n_trees, arbor, NULL, &error);
  g_assert_no_error (error);
}

static void
test_edits (StorePlace *fixture, gconstpointer data)
{
  append (fixture->store, "a", "{\"n\":1}\n\"two\"");
  append (fixture->store, "a", "");
  append (fixture->store, "a", "[3]\n4");
  assert_stored (fixture->store, "a", "{\"n\":1}\n\"two\"\n[3]\n4\n");
  replace (fixture->store, 1, 2, "null");
  assert_stored (fixture->store, "a", "{\"n\":1}\nnull\n4\n");
  replace (fixture->store, 0, 0, "0\n0.5");
  replace (fixture->store, 5, 0, "5");
  assert_stored (fixture->store, "a", "0\n0.5\n{\"n\":1}\nnull\n4\n5\n");
  replace (fixture->store, 1, 3, NULL);
  assert_stored (fixture->store, "a", "0\n4\n5\n");
  replace (fixture->store, 0, 3, NULL);
  assert_stored (fixture->store, "a", "");
  append (fixture->store, "new", "");
  assert_stored (fixture->store, "new", "");
}

/* The arbor that is put in comes from the arbor that is changed, as a view. */
static void
test_own_view (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) view = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_trees;

  append (fixture->store, "a", "1\n2\n3");
  arbor = get_arbor (fixture->store, "a");
  view = arbor_arbor_reverse (arbor, &error);
  g_assert_no_error (error);
  arbor_store_append (fixture->store, "a", view, NULL, &error);
  g_assert_no_error (error);
  assert_stored (fixture->store, "a", "1\n2\n3\n3\n2\n1\n");

  /* It has changed: its handles are stale, and as the source of an edit, too. */
  n_trees = arbor_arbor_get_n_trees (arbor, &error);
  g_assert_cmpuint (n_trees, ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  g_assert_false (arbor_store_append (fixture->store, "b", view, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
}

/* Equal trees instead of equal trees: handles stay fresh. */
static void
test_unchanged (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  append (fixture->store, "a", "1\n2\n3");
  arbor = get_arbor (fixture->store, "a");
  replace (fixture->store, 1, 1, "2");
  replace (fixture->store, 1, 0, NULL);
  append (fixture->store, "a", "");
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 3);
  g_assert_no_error (error);
}

static ArborArbor *
count_up (guint n_trees)
{
  g_autoptr (ArborBuilder) builder = arbor_builder_new ();
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor;

  for (guint i = 0; i < n_trees; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"n\":%u}", i);

      arbor_builder_add_json (builder, json, &error);
      g_assert_no_error (error);
    }
  arbor = arbor_builder_finish (builder, &error);
  g_assert_no_error (error);
  return arbor;
}

static void
assert_last_written (ArborStore *store, guint64 at_least, guint64 at_most, guint64 in_all)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStats) stats = arbor_store_get_stats (store, &error);
  guint64 n_written;

  g_assert_no_error (error);
  n_written = arbor_stats_get_n_last_batches_written (stats);
  g_assert_cmpuint (n_written, >=, at_least);
  g_assert_cmpuint (n_written, <=, at_most);
  g_assert_cmpuint (n_written + arbor_stats_get_n_last_batches_skipped (stats), ==, in_all);
}

/* Of many batches only those are written in which something changed, by put as by replace. */
static void
test_few_batches (StorePlace *fixture, gconstpointer data)
{
  const guint n_trees = 100000;
  g_autoptr (ArborArbor) memory = count_up (n_trees);
  g_autoptr (ArborArbor) same = count_up (n_trees);
  g_autoptr (ArborArbor) handle = NULL;
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (ArborStats) before = NULL;
  g_autoptr (ArborStats) after = NULL;
  g_autoptr (GError) error = NULL;

  arbor_store_put (fixture->store, "a", memory, NULL, &error);
  g_assert_no_error (error);
  assert_last_written (fixture->store, 7, 7, 7);
  before = arbor_store_get_stats (fixture->store, NULL);
  handle = get_arbor (fixture->store, "a");

  /* Equal trees, not the same arbor; then the stored arbor itself. */
  arbor_store_put (fixture->store, "a", same, NULL, &error);
  g_assert_no_error (error);
  assert_last_written (fixture->store, 0, 0, 7);
  arbor_store_put (fixture->store, "a", handle, NULL, &error);
  g_assert_no_error (error);
  assert_last_written (fixture->store, 0, 0, 7);
  after = arbor_store_get_stats (fixture->store, NULL);
  g_assert_cmpuint (arbor_stats_get_n_bytes_written (after), ==,
                    arbor_stats_get_n_bytes_written (before));
  g_assert_cmpuint (arbor_stats_get_n_catalog_bytes_written (before), >, 7 * 24);
  g_assert_cmpuint (arbor_stats_get_n_catalog_bytes_written (after), ==,
                    arbor_stats_get_n_catalog_bytes_written (before));
  g_assert_cmpuint (arbor_arbor_get_n_trees (handle, &error), ==, n_trees);
  g_assert_no_error (error);

  /* The same tree again is no change; another is a patch beside the batches. */
  replace (fixture->store, n_trees / 2, 1, "{\"n\":50000}");
  g_assert_cmpuint (arbor_arbor_get_n_trees (handle, &error), ==, n_trees);
  g_assert_no_error (error);
  replace (fixture->store, n_trees / 2, 1, "{\"n\":-1}");
  assert_last_written (fixture->store, 1, 1, 8);
  for (guint i = 0; i < n_trees; i++)
    g_string_append_printf (expected, "{\"n\":%d}\n", i == n_trees / 2 ? -1 : (int) i);
  assert_stored (fixture->store, "a", expected->str);
  arbor_store_put (fixture->store, "a", memory, NULL, &error);
  g_assert_no_error (error);
  assert_last_written (fixture->store, 0, 0, 7);
}

static void
assert_n_batches (ArborStore *store, guint n)
{
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  arbor = arbor_store_get (store, "a", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_n_batches (arbor, &error), ==, n);
  g_assert_no_error (error);
}

/* Trees come into batches that are full: each is mended, and stays one. */
static void
test_full (StorePlace *fixture, gconstpointer data)
{
  static const struct
  {
    guint start, n, n_new;
  } edits[] = { { 100, 0, 1 }, { 32500, 0, 2 }, { 48640, 4, 6 }, { 65535 + 4, 1, 2 } };
  const guint n_trees = 5 * 16384;
  g_autoptr (ArborArbor) memory = count_up (n_trees);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GString) expected = g_string_new (NULL);
  int next = -1;

  for (int i = 0; i < (int) n_trees; i++)
    g_array_append_val (numbers, i);
  put_arbor (fixture->store, "a", memory);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (GString) lines = g_string_new (NULL);
      g_autoptr (ArborStats) stats = NULL;

      g_array_remove_range (numbers, edits[i].start, edits[i].n);
      for (guint j = 0; j < edits[i].n_new; j++, next--)
        {
          g_string_append_printf (lines, "{\"n\":%d}\n", next);
          g_array_insert_val (numbers, edits[i].start + j, next);
        }
      replace (fixture->store, edits[i].start, edits[i].n, lines->str);
      stats = arbor_store_get_stats (fixture->store, NULL);
      g_assert_cmpuint (arbor_stats_get_n_mended_batches (stats), ==, i + 1);
      assert_n_batches (fixture->store, 5);
    }
  for (guint i = 0; i < numbers->len; i++)
    g_string_append_printf (expected, "{\"n\":%d}\n", g_array_index (numbers, int, i));
  assert_stored (fixture->store, "a", expected->str);
}

/* One place takes more and more trees: its batch grows past what an import makes, mended and when it is written anew,
 * and then there are two. Whoever reads it, or puts it, has all of them. */
static void
test_growing (StorePlace *fixture, gconstpointer data)
{
  const guint n_trees = 3 * 16384, n_here = 250;
  g_autoptr (ArborArbor) memory = count_up (n_trees);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (GError) error = NULL;
  guint n_batches = 3;
  int next = -1;

  for (int i = 0; i < (int) n_trees; i++)
    g_array_append_val (numbers, i);
  put_arbor (fixture->store, "a", memory);
  for (guint i = 0; i < 24; i++)
    {
      g_autoptr (GString) lines = g_string_new (NULL);
      guint start = 17000 + i * 307;

      for (guint j = 0; j < n_here; j++, next--)
        {
          g_string_append_printf (lines, "{\"n\":%d}\n", next);
          g_array_insert_val (numbers, start + j, next);
        }
      replace (fixture->store, start, 0, lines->str);
      if (16384 + (i + 1) * n_here > 20480)
        n_batches = 4;
      assert_n_batches (fixture->store, n_batches);
    }
  for (guint i = 0; i < numbers->len; i++)
    g_string_append_printf (expected, "{\"n\":%d}\n", g_array_index (numbers, int, i));
  assert_stored (fixture->store, "a", expected->str);
  stored = arbor_store_get (fixture->store, "a", &error);
  g_assert_no_error (error);
  put_arbor (fixture->store, "b", stored);
  assert_stored (fixture->store, "b", expected->str);
}

static void
test_rename (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;

  append (fixture->store, "a", "1\n2");
  append (fixture->store, "c", "3");
  arbor = get_arbor (fixture->store, "a");
  g_assert_true (arbor_store_rename (fixture->store, "a", "b", NULL, &error));
  g_assert_no_error (error);
  names = arbor_store_list_names (fixture->store, &error);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[0], ==, "b");
  g_assert_cmpstr (names[1], ==, "c");
  assert_stored (fixture->store, "b", "1\n2\n");
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);

  g_assert_false (arbor_store_rename (fixture->store, "b", "c", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (arbor_store_rename (fixture->store, "x", "y", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
}

typedef gboolean (*Call) (ArborStore *store, ArborArbor *arbor, GCancellable *c, GError **error);

static gboolean
call_append (ArborStore *store, ArborArbor *arbor, GCancellable *c, GError **error)
{
  return arbor_store_append (store, "a", arbor, c, error);
}

static gboolean
call_replace (ArborStore *store, ArborArbor *arbor, GCancellable *c, GError **error)
{
  return arbor_store_replace (store, "a", 0, 1, arbor, c, error);
}

static gboolean
call_rename (ArborStore *store, ArborArbor *arbor, GCancellable *c, GError **error)
{
  return arbor_store_rename (store, "a", "b", c, error);
}

static void
test_errors (StorePlace *fixture, gconstpointer data)
{
  const Call calls[] = { call_append, call_replace, call_rename };
  g_autoptr (ArborArbor) arbor = read_lines ("7");
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) reader = NULL;
  g_autoptr (ArborStore) unopened = g_object_new (ARBOR_TYPE_STORE, NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancelled);
  append (fixture->store, "a", "1\n2");
  arbor_store_options_set_read_only (options, TRUE);
  reader = arbor_store_open (fixture->path, options, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_assert_false (calls[i] (fixture->store, arbor, cancelled, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      g_assert_false (calls[i] (reader, arbor, NULL, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY);
      g_clear_error (&error);
      g_assert_false (calls[i] (unopened, arbor, NULL, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
      g_clear_error (&error);
    }
  assert_stored (fixture->store, "a", "1\n2\n");

  g_assert_false (arbor_store_append (fixture->store, "", arbor, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
  g_clear_error (&error);
  g_assert_false (arbor_store_replace (fixture->store, "x", 0, 0, arbor, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (arbor_store_replace (fixture->store, "a", 1, 2, arbor, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_clear_error (&error);

  arbor_store_close (fixture->store);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_assert_false (calls[i] (fixture->store, arbor, NULL, &error));
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
      g_assert_cmpstr (error->message, ==, "ArborStore has been closed");
      g_clear_error (&error);
    }
}

/* Two stores on the file: the second writes on what the first has written since, without having
 * refreshed, and announces it. */
static void
note_name (ArborStore *store, const char *name, gpointer data)
{
  g_string_append_printf (data, "%s ", name);
}

static void
test_newest (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) other = open_store (fixture->path);
  g_autoptr (GString) changed = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  append (fixture->store, "a", "1");
  append (other, "a", "2");
  g_signal_connect (fixture->store, "changed", G_CALLBACK (note_name), changed);
  append (fixture->store, "a", "3");
  g_assert_cmpstr (changed->str, ==, "a "); /* what the other did and what it did itself, once */
  assert_stored (fixture->store, "a", "1\n2\n3\n");
  append (other, "new", "1\n2");
  g_assert_true (arbor_store_replace (fixture->store, "new", 1, 1, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_stored (fixture->store, "new", "1\n");
  g_assert_true (arbor_store_rename (other, "a", "b", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (arbor_store_replace (fixture->store, "a", 0, 1, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
}

#define N_THREADS 4
#define N_APPENDS 50

static gpointer
append_often (gpointer data)
{
  g_autoptr (ArborStore) store = open_store (data);

  for (guint i = 0; i < N_APPENDS; i++)
    append (store, "a", "1");
  arbor_store_close (store);
  return NULL;
}

static void
test_threads (StorePlace *fixture, gconstpointer data)
{
  GThread *threads[N_THREADS];
  g_autoptr (GString) expected = g_string_new (NULL);

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("append", append_often, fixture->path);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < N_THREADS * N_APPENDS; i++)
    g_string_append (expected, "1\n");
  g_clear_object (&fixture->store);
  fixture->store = open_store (fixture->path);
  assert_stored (fixture->store, "a", expected->str);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, name) g_test_add ("/store-edit/" path, StorePlace, NULL, store_place_set_up, test_##name, store_place_tear_down)
  ADD ("edits", edits);
  ADD ("own-view", own_view);
  ADD ("unchanged", unchanged);
  ADD ("few-batches", few_batches);
  ADD ("full", full);
  ADD ("growing", growing);
  ADD ("rename", rename);
  ADD ("errors", errors);
  ADD ("newest", newest);
  ADD ("threads", threads);
#undef ADD

  return g_test_run ();
}
