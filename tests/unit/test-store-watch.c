/* Figures of a store, and noticing what others commit. */

#include "kit/transactions.h"

#include <sys/wait.h>
#include <unistd.h>

#include "arbor-store-private.h"

static void
count (ArborStore *store, gpointer data)
{
  (*(guint *) data)++;
}

static void
test_stats (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborIter) iter = NULL;
  g_autoptr (ArborStats) stats = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_bytes;

  put_lines (fixture->store, "a", "1");
  arbor = arbor_store_get (fixture->store, "a", NULL);
  n_bytes = arbor_arbor_get_n_bytes (arbor, NULL);
  g_clear_object (&arbor);
  put_lines (fixture->store, "a", "1");
  stats = arbor_store_get_stats (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_stats_get_n_batches_written (stats), ==, 1);
  g_assert_cmpuint (arbor_stats_get_n_batches_skipped (stats), ==, 1);
  g_assert_cmpuint (arbor_stats_get_n_bytes_written (stats), ==, n_bytes);
  g_assert_cmpuint (arbor_stats_get_n_last_batches_written (stats), ==, 0);
  g_assert_cmpuint (arbor_stats_get_n_last_batches_skipped (stats), ==, 1);
  g_assert_cmpuint (arbor_stats_get_n_pinned (stats), ==, 0);
  g_assert_cmpuint (arbor_stats_get_n_readers (stats), >=, 1);
  g_clear_pointer (&stats, arbor_stats_free);

  arbor = arbor_store_get (fixture->store, "a", NULL);
  iter = arbor_arbor_iterator (arbor, NULL);
  for (guint i = 0; i < 5; i++)
    put_lines (fixture->store, "a", i % 2 == 0 ? "2" : "3");
  stats = arbor_store_get_stats (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_stats_get_n_pinned (stats), ==, 1);
  g_assert_cmpuint (arbor_stats_get_n_snapshots (stats), ==, 2);
  g_assert_cmpuint (arbor_stats_get_oldest_reader_age (stats), >=, 5);
  g_assert_cmpuint (arbor_stats_get_n_held_pages (stats), >, 0);
  g_assert_cmpuint (arbor_stats_get_n_free_pages (stats), >=,
                    arbor_stats_get_n_held_pages (stats));
}

static void
test_watch (Fixture *fixture, gconstpointer data)
{
  guint n = 0;

  g_signal_connect (fixture->store, "committed", G_CALLBACK (count), &n);
  g_object_set (fixture->store, "watch", TRUE, NULL);
  put_lines (fixture->store, "own", "1");
  put_lines (fixture->other, "a", "1");
  while (n == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_stored (fixture->store, "a", "1\n");
  n = 0;
  put_lines (fixture->store, "own", "2");
  g_object_set (fixture->store, "auto-refresh", TRUE, NULL);
  put_lines (fixture->other, "a", "2");
  while (n == 0)
    g_main_context_iteration (NULL, TRUE);
  {
    g_autoptr (ArborArbor) arbor = arbor_store_get (fixture->store, "a", NULL);
    g_autofree char *text = arbor_arbor_to_jsonl (arbor, NULL);

    g_assert_cmpstr (text, ==, "2\n");
  }
  g_assert_cmpuint (n, ==, 1);
  arbor_store_close (fixture->store);
  {
    gboolean is_on = TRUE;

    g_object_get (fixture->store, "watch", &is_on, NULL);
    g_assert_false (is_on);
    g_object_set (fixture->store, "watch", TRUE, NULL);
    g_object_get (fixture->store, "watch", &is_on, NULL);
    g_assert_false (is_on);
  }
}

/* In the child the lock may be that of a thread which is not there: here it is, and nothing hangs. */
static void
test_fork (Fixture *fixture, gconstpointer data)
{
  gboolean is_on = FALSE;
  int status;
  pid_t child;

  g_object_set (fixture->store, "watch", TRUE, NULL);
  pthread_mutex_lock (&fixture->store->watch_mutex);
  child = fork ();
  if (child == 0)
    {
      g_autoptr (GError) error = NULL;

      alarm (60);
      g_object_get (fixture->store, "watch", &is_on, NULL);
      if (is_on)
        _exit (1);
      g_object_set (fixture->store, "watch", TRUE, "auto-refresh", TRUE, NULL);
      g_object_get (fixture->store, "watch", &is_on, NULL);
      if (is_on)
        _exit (2);
      if (arbor_store_refresh (fixture->store, &error) != NULL ||
          !g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_WRONG_PROCESS))
        _exit (3);
      g_object_unref (fixture->store);
      _exit (0);
    }
  pthread_mutex_unlock (&fixture->store->watch_mutex);
  g_assert_cmpint (child, >, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);

  /* The parent's goes on. */
  g_object_get (fixture->store, "watch", &is_on, NULL);
  g_assert_true (is_on);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store-watch/stats", Fixture, NULL, set_up, test_stats, tear_down);
  g_test_add ("/store-watch/watch", Fixture, NULL, set_up, test_watch, tear_down);
  g_test_add ("/store-watch/fork", Fixture, NULL, set_up, test_fork, tear_down);
  return g_test_run ();
}
