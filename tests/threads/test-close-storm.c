/* Ten threads use one store in every way while another closes it and opens it again. Each answer
 * is right, or STALE, or CLOSED by a store that is closed: never another error, never a torn read,
 * never a crash. Every tree tells its place and the generation that it was written in.
 *
 * ARBOR_STORM_ROUNDS says how often the store is closed; the suite's default takes a few seconds.
 */

#include <pthread.h>

#include "kit/closing.h"

#define DEFAULT_ROUNDS 60u
#define N_TREES 700u

typedef struct
{
  const char *path;
  pthread_mutex_t mutex; /* guards store */
  ArborStore *store;
  gint is_over; /* atomic */
  gint n_done;  /* atomic: calls that were answered rightly since the last opening */
} Storm;

static ArborStore *
dup_store (Storm *storm)
{
  ArborStore *store;

  pthread_mutex_lock (&storm->mutex);
  store = g_object_ref (storm->store);
  pthread_mutex_unlock (&storm->mutex);
  return store;
}

/* The only errors that there may be. */
static void
check_error (ArborStore *store, GError *error)
{
  if (error == NULL)
    return;
  if (g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_STALE))
    return;
  assert_closed (error);
  g_assert_true (arbor_store_is_closed (store));
}

/* @tree is the one of place @n, and of the generation that the others of its arbor have. */
static gboolean
check_tree (ArborTree *tree, gint64 n, gint64 *generation, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gint64 found = arbor_tree_get_int64 (tree, "n", &local_error);
  gint64 found_generation;

  if (local_error == NULL)
    found_generation = arbor_tree_get_int64 (tree, "generation", &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  g_assert_cmpint (found, ==, n);
  if (*generation < 0)
    *generation = found_generation;
  g_assert_cmpint (found_generation, ==, *generation);
  return TRUE;
}

static void
iterate_once (ArborArbor *people, guint round, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (people, error);
  gint64 generation = -1;

  for (guint i = 0; iter != NULL; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &local_error);

      if (tree == NULL && local_error == NULL)
        {
          g_assert_cmpuint (i, ==, N_TREES);
          return;
        }
      if (tree == NULL || !check_tree (tree, i, &generation, &local_error))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return;
        }
    }
}

static void
iterate_many_once (ArborArbor *people, guint round, GError **error)
{
  g_autoptr (ArborArbor) reversed = arbor_arbor_reverse (people, error);
  g_autoptr (ArborIter) iter = reversed != NULL ? arbor_arbor_iterator (reversed, error) : NULL;
  gint64 generation = -1;
  gboolean is_good = TRUE;
  gint64 next = N_TREES;

  while (iter != NULL && is_good && next > 0)
    {
      gsize n;
      ArborTree **trees = arbor_iter_next_many (iter, 90, &n, error);

      if (trees == NULL)
        return;
      g_assert_cmpuint (n, >, 0);
      for (gsize i = 0; i < n; i++)
        {
          is_good = is_good && check_tree (trees[i], --next, &generation, error);
          g_object_unref (trees[i]);
        }
      g_free (trees);
    }
}

static void
filter_once (ArborArbor *people, guint round, GError **error)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("n >= 100 and n < 350", NULL);
  g_autoptr (ArborArbor) view = arbor_arbor_filter (people, expr, error);
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GError) local_error = NULL;
  gint64 generation = -1;
  guint64 n;

  if (view == NULL)
    return;
  n = arbor_arbor_get_n_trees (view, &local_error);
  if (local_error == NULL)
    g_assert_cmpuint (n, ==, 250);
  if (local_error == NULL)
    tree = arbor_arbor_get (view, 249, &local_error);
  if (tree != NULL)
    check_tree (tree, 349, &generation, &local_error);
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
}

static void
get_once (ArborArbor *people, guint round, GError **error)
{
  guint64 place = round % N_TREES;
  g_autoptr (ArborTree) tree = arbor_arbor_get (people, place, error);
  gint64 generation = -1;

  if (tree != NULL)
    check_tree (tree, (gint64) place, &generation, error);
}

static void
pick_once (ArborArbor *people, guint round, GError **error)
{
  static const char *const paths[] = { "generation", "n", NULL };
  g_autoptr (ArborIter) iter = arbor_arbor_pick (people, paths, error);
  gint64 generation = -1;

  for (guint i = 0; iter != NULL && i < 40; i++)
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, error);

      if (tree == NULL || !check_tree (tree, i, &generation, error))
        return;
    }
}

static void
export_once (ArborArbor *people, guint round, GError **error)
{
  g_autofree char *text = arbor_arbor_to_jsonl (people, error);
  g_autoptr (ArborArbor) expected = NULL;
  g_autofree char *expected_text = NULL;
  const char *generation;

  if (text == NULL)
    return;
  generation = strstr (text, "\"generation\":") + strlen ("\"generation\":");
  expected = make_arbor (N_TREES, (guint) g_ascii_strtoull (generation, NULL, 10));
  expected_text = arbor_arbor_to_jsonl (expected, NULL);
  g_assert_cmpstr (text, ==, expected_text);
}

/* Between next and a getter, and between two getters, the store may be closed. */
static void
move_once (ArborArbor *people, guint round, GError **error)
{
  static const char *const paths[] = { "n", "generation", NULL };
  g_autoptr (ArborCursor) cursor = arbor_cursor_new (people, paths, error);
  g_autoptr (GError) local_error = NULL;
  gint64 generation = -1;
  gint64 place = 0;
  gboolean has_tree;

  while (cursor != NULL && arbor_cursor_next (cursor, &has_tree, &local_error) && has_tree)
    {
      gint64 found = arbor_cursor_get_int64 (cursor, 0, &local_error);
      gint64 found_generation;

      if (local_error != NULL)
        break;
      g_assert_cmpint (found, ==, place++);
      found_generation = arbor_cursor_get_int64 (cursor, 1, &local_error);
      if (local_error != NULL)
        break;
      if (generation < 0)
        generation = found_generation;
      g_assert_cmpint (found_generation, ==, generation);
    }
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (cursor != NULL)
    g_assert_cmpint (place, ==, N_TREES);
}

static void
copy_column_once (ArborArbor *people, guint round, GError **error)
{
  g_autoptr (ArborColumn) column = arbor_arbor_get_column (people, "n", NULL, error);
  g_autoptr (GBytes) bytes = NULL;
  const gint64 *values;

  if (column == NULL)
    return;
  bytes = arbor_column_dup_int64s (column, NULL);
  values = g_bytes_get_data (bytes, NULL);
  g_assert_cmpuint (arbor_column_get_n_rows (column), ==, N_TREES);
  for (guint i = 0; i < N_TREES; i++)
    g_assert_cmpint (values[i], ==, i);
}

typedef void (*ReadFunc) (ArborArbor *people, guint round, GError **error);

typedef struct
{
  Storm *storm;
  ReadFunc read; /* NULL: refreshes or puts */
  gboolean puts;
} Worker;

static void
work_once (Worker *worker, ArborStore *store, guint round)
{
  g_autoptr (GError) error = NULL;

  if (worker->read != NULL)
    {
      g_autoptr (ArborArbor) people = arbor_store_get (store, "people", &error);

      if (people != NULL)
        worker->read (people, round, &error);
    }
  else if (worker->puts)
    {
      g_autoptr (ArborArbor) arbor = make_arbor (N_TREES, round);

      arbor_store_put (store, "people", arbor, NULL, &error);
    }
  else
    {
      g_auto (GStrv) names = arbor_store_refresh (store, &error);

      g_assert_true ((names != NULL) == (error == NULL));
    }
  check_error (store, error);
  if (error == NULL)
    g_atomic_int_inc (&worker->storm->n_done);
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  for (guint round = 1; !g_atomic_int_get (&worker->storm->is_over); round++)
    {
      g_autoptr (ArborStore) store = dup_store (worker->storm);

      work_once (worker, store, round);
    }
  return NULL;
}

/* Every way in which a store ends. */
static void
end_store (ArborStore *store, guint round)
{
  g_autoptr (ArborCloseToken) token = arbor_store_dup_close_token (store);

  switch (round % 4)
    {
    case 0:
      arbor_store_close (store);
      break;
    case 1:
      arbor_close_token_close (token);
      break;
    case 2:
      close_and_wait (store);
      break;
    default: /* dropped by everybody, one after the other */
      break;
    }
  g_object_unref (store);
}

static void
replace_store (Storm *storm, guint round)
{
  ArborStore *fresh = NULL;
  ArborStore *old;

  /* Opened before or after the old one is closed: the environment lives on, or is made anew. */
  if (round % 3 == 0)
    fresh = open_small_store (storm->path);
  pthread_mutex_lock (&storm->mutex);
  old = storm->store;
  if (fresh == NULL)
    {
      arbor_store_close (old);
      fresh = open_small_store (storm->path);
    }
  storm->store = fresh;
  pthread_mutex_unlock (&storm->mutex);
  end_store (old, round);
}

static guint
get_n_rounds (void)
{
  const char *text = g_getenv ("ARBOR_STORM_ROUNDS");

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : DEFAULT_ROUNDS;
}

static void
test_storm (Fixture *fixture, gconstpointer data)
{
  Storm storm = { .path = fixture->path, .mutex = PTHREAD_MUTEX_INITIALIZER };
  Worker workers[] = { { &storm, iterate_once, FALSE },      { &storm, iterate_many_once, FALSE },
                       { &storm, filter_once, FALSE },       { &storm, get_once, FALSE },
                       { &storm, pick_once, FALSE },         { &storm, export_once, FALSE },
                       { &storm, move_once, FALSE },         { &storm, copy_column_once, FALSE },
                       { &storm, NULL, FALSE },              { &storm, NULL, TRUE } };
  GThread *threads[G_N_ELEMENTS (workers)];
  guint n_rounds = get_n_rounds ();

  storm.store = open_small_store (fixture->path);
  put (storm.store, "people", N_TREES, 0);
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    threads[i] = g_thread_new ("storm", work, &workers[i]);
  for (guint round = 0; round < n_rounds; round++)
    {
      gint enough = (gint) (round * 7 % 20);

      g_atomic_int_set (&storm.n_done, 0);
      while (g_atomic_int_get (&storm.n_done) < enough)
        g_usleep (100);
      replace_store (&storm, round);
    }
  g_atomic_int_set (&storm.is_over, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (workers); i++)
    g_thread_join (threads[i]);
  close_and_wait (storm.store);
  g_object_unref (storm.store);
  g_assert_false (is_mapped (fixture->path));
  g_assert_false (is_open (fixture->path));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/close/storm", Fixture, NULL, fixture_set_up, test_storm, fixture_tear_down);
  return g_test_run ();
}
