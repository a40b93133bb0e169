/* No thread to be had: this program defines pthread_create, which fails once GLib has the thread that
 * it cannot do without (the first GTask of a process makes it, and ends the process where it cannot);
 * the dynamic linker gives it to the library. Whatever the library does with threads goes on without
 * one, and an asynchronous call says so.
 */

#include <arbor/arbor.h>
#include <dlfcn.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>

#include "kit/arbors.h"

#define N_TREES 100000u

static gboolean is_refused;
static guint n_asked;

typedef int (*CreateFunc) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);

int
pthread_create (pthread_t *thread, const pthread_attr_t *attr, void *(*func) (void *), void *data)
{
  CreateFunc create;

  if (!is_refused)
    {
      create = (CreateFunc) dlsym (RTLD_NEXT, "pthread_create");
      return create (thread, attr, func, data);
    }
  __atomic_add_fetch (&n_asked, 1, __ATOMIC_RELAXED);
  return EAGAIN;
}

typedef struct
{
  char *folder;
  char *path;
  char *text_path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);

  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.arbor", NULL);
  fixture->text_path = g_build_filename (fixture->folder, "a.jsonl", NULL);
  for (guint i = 0; i < N_TREES; i++)
    g_string_append_printf (text, "{\"id\":%u,\"t\":\"text %u of it\"}\n", i, i);
  g_assert_true (g_file_set_contents (fixture->text_path, text->str, (gssize) text->len, NULL));
  n_asked = 0;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->text_path);
}

static void
import (Fixture *fixture, ArborStore *store, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborLoadReport) report = arbor_store_import_file (store, name, fixture->text_path, NULL,
                                                                NULL, NULL, NULL, &error);

  g_assert_no_error (error);
}

static void
assert_count (ArborStore *store, const char *name, const char *predicate, guint64 expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = arbor_store_get (store, name, &error);
  g_autoptr (ArborExpr) expr = arbor_expr_parse (predicate, &error);
  g_autoptr (ArborArbor) kept = NULL;

  g_assert_no_error (error);
  kept = arbor_arbor_filter (arbor, expr, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_n_trees (kept, &error), ==, expected);
  g_assert_no_error (error);
}

/* Writes, reads with the pool, deletes more than is deleted at once, and closes. */
static void
test_use (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_store (fixture->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborTransaction) transaction = NULL;
  g_autoptr (ArborExpr) few = arbor_expr_parse ("id < 10", NULL);

  import (fixture, store, "a");
  assert_count (store, "a", "id >= 50000", N_TREES / 2);
  arbor = arbor_store_get (store, "a", &error);
  g_assert_no_error (error);
  g_assert_true (arbor_store_put (store, "b", arbor, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_store_delete_where (store, "b", few, NULL, &error), ==, 10);
  g_assert_no_error (error);
  transaction = arbor_store_begin_transaction (store, &error);
  g_assert_no_error (error);
  g_assert_true (arbor_transaction_append (transaction, "b", arbor, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (arbor_transaction_commit (transaction, NULL, &error));
  g_assert_no_error (error);
  assert_count (store, "b", "id >= 50000", N_TREES);
  g_assert_true (arbor_store_delete (store, "b", NULL, &error));
  g_assert_no_error (error);
  arbor_store_close (store);
  g_assert_cmpuint (n_asked, >, 0);
}

static guint
count_descriptors (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      n += g_strcmp0 (target, path) == 0;
    }
  return n;
}

/* Inside a read: the teardown comes when the reader leaves. */
static void
close_inside (guint64 done, guint64 total, gpointer store)
{
  arbor_store_close (store);
}

static void
test_close_inside (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_store (fixture->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborLoadReport) report = NULL;

  report = arbor_store_import_file (store, "a", fixture->text_path, NULL, close_inside, store, NULL,
                                    &error);
  g_assert_null (report);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_cmpuint (count_descriptors (fixture->path), ==, 0);
}

static void
test_watch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_store (fixture->path);

  g_object_set (store, "watch", TRUE, NULL);
  import (fixture, store, "a");
  g_main_context_iteration (NULL, FALSE);
  arbor_store_close (store);
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer data)
{
  arbor_store_put_finish (ARBOR_STORE (source), result, data);
}

static void
on_computed (GObject *source, GAsyncResult *result, gpointer data)
{
  arbor_arbor_compute_finish (ARBOR_ARBOR (source), result, data);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  arbor_store_open_finish (result, data);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  *(gboolean *) data = arbor_store_close_finish (ARBOR_STORE (source), result, NULL);
}

static void
assert_busy (GError **error)
{
  while (*error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (*error, ARBOR_ERROR, ARBOR_ERROR_BUSY);
  g_clear_error (error);
}

static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_store (fixture->path);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  gboolean is_closed = FALSE;

  import (fixture, store, "a");
  arbor = arbor_store_get (store, "a", NULL);
  arbor_store_put_async (store, "b", arbor, NULL, on_put, &error);
  assert_busy (&error);
  arbor_arbor_compute_async (arbor, NULL, NULL, NULL, NULL, on_computed, &error);
  assert_busy (&error);
  arbor_store_open_async (fixture->path, NULL, NULL, on_opened, &error);
  assert_busy (&error);
  arbor_store_close_async (store, NULL, on_closed, &is_closed);
  while (!is_closed)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_autoptr (GTask) first = g_task_new (NULL, NULL, NULL, NULL);

  g_task_return_boolean (first, TRUE);
  is_refused = TRUE;
  g_setenv ("ARBOR_THREADS", "4", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/no-threads/use", Fixture, NULL, set_up, test_use, tear_down);
  g_test_add ("/no-threads/close-inside", Fixture, NULL, set_up, test_close_inside, tear_down);
  g_test_add ("/no-threads/watch", Fixture, NULL, set_up, test_watch, tear_down);
  g_test_add ("/no-threads/async", Fixture, NULL, set_up, test_async, tear_down);
  return g_test_run ();
}
