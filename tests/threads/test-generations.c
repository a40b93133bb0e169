/* Never other people's data: an iterator reads the generation that it began on to its end, however
 * often the arbor is written over meanwhile; once it is let go, the pages that it held are used
 * again and the file stops growing.
 */

#include <sys/stat.h>

#include "kit/closing.h"

#define N_TREES 10000u
#define N_REWRITES 50u

/* Trees whose bytes no encoding makes small: each has a text of its own. */
static ArborArbor *
make_texts (guint generation)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (generation);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor;

  for (guint i = 0; i < N_TREES; i++)
    g_string_append_printf (lines,
                            "{\"n\":%u,\"generation\":%u,\"text\":\"%08x%08x%08x%08x\"}\n", i,
                            generation, g_rand_int (random), g_rand_int (random),
                            g_rand_int (random), g_rand_int (random));
  bytes = g_bytes_new (lines->str, lines->len);
  arbor = arbor_read_jsonl (bytes, &error);
  g_assert_no_error (error);
  return arbor;
}

static void
put_texts (ArborStore *store, guint generation)
{
  g_autoptr (ArborArbor) arbor = make_texts (generation);
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_put (store, "people", arbor, NULL, &error));
  g_assert_no_error (error);
}

static guint64
get_file_size (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return (guint64) info.st_size;
}

static void
assert_generation (ArborArbor *arbor, guint generation)
{
  g_autoptr (ArborArbor) expected = make_texts (generation);
  g_autofree char *expected_text = arbor_arbor_to_jsonl (expected, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = arbor_arbor_to_jsonl (arbor, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected_text);
}

/* Without a reader: what the others are measured against. */
static void
test_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborArbor) last = NULL;
  guint64 live_bytes, size;

  for (guint rewrite = 0; rewrite <= N_REWRITES; rewrite++)
    put_texts (store, rewrite);
  last = get_arbor (store, "people");
  assert_generation (last, N_REWRITES);
  live_bytes = arbor_arbor_get_n_bytes (last, NULL);
  size = get_file_size (fixture->path);
  g_test_message ("live %" G_GUINT64_FORMAT " bytes; file %" G_GUINT64_FORMAT, live_bytes, size);
  /* What is live, what the commit before listed, what is written, and the tables. */
  g_assert_cmpuint (size, <=, 5 * live_bytes);
  close_and_wait (store);
}

static void
test_rewritten (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborStore) writer = open_small_store (fixture->path);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) last = NULL;
  g_autoptr (ArborIter) iter = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  guint64 held_size, live_bytes, size;
  guint next = 0;

  put_texts (writer, 0);
  names = arbor_store_refresh (store, &error);
  g_assert_no_error (error);
  arbor = get_arbor (store, "people");
  live_bytes = arbor_arbor_get_n_bytes (arbor, &error);
  g_assert_no_error (error);
  iter = iterate (arbor);

  for (guint rewrite = 1; rewrite <= N_REWRITES; rewrite++)
    {
      g_auto (GStrv) changed = NULL;

      put_texts (writer, rewrite);
      changed = arbor_store_refresh (store, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < N_TREES / N_REWRITES; i++, next++)
        {
          g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &error);

          g_assert_no_error (error);
          g_assert_cmpint (arbor_tree_get_int64 (tree, "n", &error), ==, next);
          g_assert_cmpint (arbor_tree_get_int64 (tree, "generation", &error), ==, 0);
          g_assert_no_error (error);
        }
    }
  g_assert_cmpuint (next, ==, N_TREES);
  g_assert_null (arbor_iter_next_value (iter, &error));
  g_assert_no_error (error);
  last = get_arbor (store, "people");
  assert_generation (last, N_REWRITES);
  g_clear_object (&iter);
  g_clear_object (&last);
  held_size = get_file_size (fixture->path);

  for (guint rewrite = 1; rewrite <= N_REWRITES; rewrite++)
    {
      g_auto (GStrv) changed = NULL;

      put_texts (writer, N_REWRITES + rewrite);
      changed = arbor_store_refresh (store, &error);
      g_assert_no_error (error);
    }
  size = get_file_size (fixture->path);
  g_test_message ("live %" G_GUINT64_FORMAT " bytes; file %" G_GUINT64_FORMAT
                  " after %u rewrites beside the reader, %" G_GUINT64_FORMAT " after %u more",
                  live_bytes, held_size, N_REWRITES, size, N_REWRITES);
  /* One generation a rewrite while the reader held them back; then those are used again. */
  g_assert_cmpuint (held_size, <=, (N_REWRITES + 10) * live_bytes);
  g_assert_cmpuint (size, <=, held_size + live_bytes);
  last = get_arbor (store, "people");
  assert_generation (last, 2 * N_REWRITES);
  close_and_wait (store);
  close_and_wait (writer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/generations/alone", Fixture, NULL, fixture_set_up, test_alone, fixture_tear_down);
  g_test_add ("/generations/rewritten", Fixture, NULL, fixture_set_up, test_rewritten,
              fixture_tear_down);
  return g_test_run ();
}
