/* Asynchronous calls: what their _finish functions refuse, that they do not take the threads of other
 * tasks, and that those which wait can be cancelled.
 */

#include <sys/stat.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kit/transactions.h"

/* Finishing */

typedef gpointer (*FinishFunc) (gpointer source, GAsyncResult *result, GError **error);

#define BOOLEAN_FINISH(name, cast)                                                                 \
  static gpointer finish_##name (gpointer source, GAsyncResult *result, GError **error)            \
  {                                                                                                \
    return GINT_TO_POINTER (arbor_##name##_finish (cast (source), result, error));                 \
  }
#define POINTER_FINISH(name, cast)                                                                 \
  static gpointer finish_##name (gpointer source, GAsyncResult *result, GError **error)            \
  {                                                                                                \
    return arbor_##name##_finish (cast (source), result, error);                                   \
  }
#define COUNT_FINISH(name)                                                                         \
  static gpointer finish_##name (gpointer source, GAsyncResult *result, GError **error)            \
  {                                                                                                \
    return GSIZE_TO_POINTER (arbor_##name##_finish (ARBOR_STORE (source), result, error));         \
  }

BOOLEAN_FINISH (store_put, ARBOR_STORE)
BOOLEAN_FINISH (store_close, ARBOR_STORE)
BOOLEAN_FINISH (arbor_compute, ARBOR_ARBOR)
BOOLEAN_FINISH (transaction_commit, ARBOR_TRANSACTION)
POINTER_FINISH (store_import_file, ARBOR_STORE)
POINTER_FINISH (arbor_get_column, ARBOR_ARBOR)
POINTER_FINISH (arbor_get_column_of, ARBOR_ARBOR)
COUNT_FINISH (store_delete_where)
COUNT_FINISH (store_update_where)
COUNT_FINISH (store_upsert)

static gpointer
finish_store_open (gpointer source, GAsyncResult *result, GError **error)
{
  return arbor_store_open_finish (result, error);
}

enum
{
  OF_STORE,
  OF_ARBOR,
  OF_TRANSACTION,
  OF_NOTHING,
  N_SOURCES,
};

static const struct
{
  FinishFunc finish;
  guint source;
  gconstpointer tag;
} calls[] = {
  { finish_store_put, OF_STORE, arbor_store_put_async },
  { finish_store_close, OF_STORE, arbor_store_close_async },
  { finish_store_import_file, OF_STORE, arbor_store_import_file_async },
  { finish_store_delete_where, OF_STORE, arbor_store_delete_where_async },
  { finish_store_update_where, OF_STORE, arbor_store_update_where_async },
  { finish_store_upsert, OF_STORE, arbor_store_upsert_async },
  { finish_arbor_compute, OF_ARBOR, arbor_arbor_compute_async },
  { finish_arbor_get_column, OF_ARBOR, arbor_arbor_get_column_async },
  { finish_arbor_get_column_of, OF_ARBOR, arbor_arbor_get_column_of_async },
  { finish_transaction_commit, OF_TRANSACTION, arbor_transaction_commit_async },
  { finish_store_open, OF_NOTHING, arbor_store_open_async },
};

static void
assert_refused (FinishFunc finish, gpointer source, gpointer result, GError **error)
{
  g_test_expect_message ("Arbor", G_LOG_LEVEL_CRITICAL, "*assertion*failed*");
  g_assert_null (finish (source, result, error));
  g_test_assert_expected_messages ();
}

static GTask *
make_result (gpointer source, gconstpointer tag)
{
  GTask *task = g_task_new (source, NULL, NULL, NULL);

  g_task_set_source_tag (task, (gpointer) tag);
  g_task_return_boolean (task, FALSE);
  return task;
}

/* Results of other calls, of other objects, of no call; and an error that is set already. */
static void
test_finish (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = read_lines ("1");
  g_autoptr (ArborArbor) other = read_lines ("1");
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTransaction) transaction =
      arbor_store_begin_transaction (fixture->store, &error);
  g_autoptr (ArborTransaction) other_transaction =
      arbor_store_begin_transaction (fixture->other, &error);
  gpointer sources[N_SOURCES] = { fixture->store, arbor, transaction, NULL };
  gpointer others[N_SOURCES] = { fixture->other, other, other_transaction, arbor };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      gpointer source = sources[calls[i].source];
      g_autoptr (GError) full = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "full");
      g_autoptr (GTask) own = make_result (source, calls[i].tag);
      g_autoptr (GTask) foreign = make_result (others[calls[i].source], calls[i].tag);
      g_autoptr (GTask) untagged = make_result (source, NULL);
      GError *set = full;

      for (guint j = 0; j < G_N_ELEMENTS (calls); j++)
        if (j != i)
          {
            g_autoptr (GTask) result = make_result (source, calls[j].tag);

            assert_refused (calls[i].finish, source, result, &error);
          }
      assert_refused (calls[i].finish, source, foreign, &error);
      assert_refused (calls[i].finish, source, untagged, &error);
      assert_refused (calls[i].finish, source, arbor, &error);
      assert_refused (calls[i].finish, source, NULL, &error);
      assert_refused (calls[i].finish, source, own, &set);
      g_assert_no_error (error);
      /* Its own is taken. */
      g_assert_null (calls[i].finish (source, G_ASYNC_RESULT (own), &error));
      g_assert_no_error (error);
    }
}

/* Waiting */

#define N_IMPORTS 24u

typedef struct
{
  guint n_done;
  guint n_cancelled;
  gboolean is_read;
} Counts;

static void
on_imported (GObject *source, GAsyncResult *result, gpointer data)
{
  Counts *counts = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborLoadReport) report =
      arbor_store_import_file_finish (ARBOR_STORE (source), result, &error);

  counts->n_done++;
  if (report == NULL)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      counts->n_cancelled++;
    }
}

static void
run_other_task (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
on_other_task (GObject *source, GAsyncResult *result, gpointer data)
{
  ((Counts *) data)->is_read = TRUE;
}

static void
on_computed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_arbor_compute_finish (ARBOR_ARBOR (source), result, &error));
  g_assert_no_error (error);
  ((Counts *) data)->is_read = TRUE;
}

static void
wait_read (Counts *counts)
{
  while (!counts->is_read)
    g_main_context_iteration (NULL, TRUE);
  counts->is_read = FALSE;
}

/* Imports that cannot end, since their pipe is empty, hold up neither another task of the program nor
 * a reader; those that wait for their turn end when they are cancelled, and the first one when the
 * pipe does. */
static void
test_imports (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "pipe.jsonl", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) other = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  Counts counts = { 0 };
  g_autofree char *text = NULL;
  int pipe, unread = 1;

  put_lines (fixture->store, "stored", "1\n2\n");
  arbor = arbor_store_get (fixture->store, "stored", NULL);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  pipe = open (path, O_RDWR);
  for (guint i = 0; i < N_IMPORTS; i++)
    {
      g_autofree char *name = g_strdup_printf ("import %u", i);

      arbor_store_import_file_async (fixture->store, name, path, NULL, NULL, NULL, NULL,
                                     i > 0 ? cancellable : NULL,
                                     on_imported, &counts);
    }
  other = g_task_new (NULL, NULL, on_other_task, &counts);
  g_task_run_in_thread (other, run_other_task);
  wait_read (&counts);
  arbor_arbor_compute_async (arbor, NULL, NULL, NULL, NULL, on_computed, &counts);
  wait_read (&counts);
  g_assert_cmpuint (counts.n_done, ==, 0);

  g_cancellable_cancel (cancellable);
  while (counts.n_done < N_IMPORTS - 1)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (counts.n_cancelled, ==, N_IMPORTS - 1);

  g_assert_cmpint (write (pipe, "7\n", 2), ==, 2);
  /* What nobody has opened yet would be gone with its writer. */
  while (unread > 0)
    {
      g_usleep (1000);
      g_assert_cmpint (ioctl (pipe, FIONREAD, &unread), ==, 0);
    }
  close (pipe);
  while (counts.n_done < N_IMPORTS)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (counts.n_cancelled, ==, N_IMPORTS - 1);
  text = store_read (fixture->store, "import 0");
  g_assert_cmpstr (text, ==, "7\n");
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer data)
{
  GError **into = data;

  arbor_store_put_finish (ARBOR_STORE (source), result, into);
}

/* What is cancelled before it begins is told so, or that the store is closed. */
static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ArborArbor) arbor = read_lines ("1");
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  arbor_store_put_async (fixture->store, "a", arbor, cancellable, on_put, &error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  arbor_store_close (fixture->store);
  arbor_store_put_async (fixture->store, "a", arbor, cancellable, on_put, &error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
}

/* Threads of the library are started with all signals blocked; those of the program keep theirs. */
static void
test_signals (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = read_lines ("1");
  g_autoptr (GError) error = NULL;
  sigset_t before, after;
  Counts counts = { 0 };

  sigemptyset (&before);
  sigaddset (&before, SIGUSR2);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  g_assert_true (arbor_store_put (fixture->store, "a", arbor, NULL, &error));
  arbor_arbor_compute_async (arbor, NULL, NULL, NULL, NULL, on_computed, &counts);
  wait_read (&counts);
  arbor_store_close (fixture->store);

  pthread_sigmask (SIG_SETMASK, NULL, &after);
  for (int number = 1; number < SIGRTMIN; number++)
    g_assert_cmpint (sigismember (&after, number), ==, sigismember (&before, number));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/task/finish", Fixture, NULL, set_up, test_finish, tear_down);
  g_test_add ("/task/imports", Fixture, NULL, set_up, test_imports, tear_down);
  g_test_add ("/task/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  g_test_add ("/task/signals", Fixture, NULL, set_up, test_signals, tear_down);
  return g_test_run ();
}
