/* Closing from inside every kind of callback, and arbor_store_close_async: after it nothing of the
 * store uses the file, which /proc/self tells.
 */

#include <sys/wait.h>
#include <unistd.h>

#include "kit/closing.h"

#define N_TREES 2000

/* close_async */

static void
test_freed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborStore) other = open_small_store (fixture->path);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborIter) iter = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GError) error = NULL;

  put (store, "people", N_TREES, 1);
  arbor = get_arbor (store, "people");
  iter = iterate (arbor);
  tree = arbor_iter_next_value (iter, &error);
  g_assert_no_error (error);
  g_assert_true (is_mapped (fixture->path));
  g_assert_true (is_open (fixture->path));

  /* The other store on the file goes on. */
  close_and_wait (store);
  g_assert_true (is_mapped (fixture->path));
  g_assert_true (is_open (fixture->path));
  put (other, "people", 3, 2);

  close_and_wait (other);
  g_assert_false (is_mapped (fixture->path));
  g_assert_false (is_open (fixture->path));
  g_assert_null (arbor_iter_next_value (iter, &error));
  assert_closed (error);
}

/* The file is nobody's: it can be deleted and made again under the handles that are left. */
static void
test_recreated (Fixture *fixture, gconstpointer data)
{
  g_autofree char *lock_path = g_strconcat (fixture->path, "-lock", NULL);
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborStore) again = NULL;
  g_autoptr (ArborArbor) old = NULL;
  g_autoptr (ArborArbor) fresh = NULL;
  g_autoptr (GError) error = NULL;

  put (store, "people", N_TREES, 1);
  old = get_arbor (store, "people");
  close_and_wait (store);
  g_assert_cmpint (g_remove (fixture->path), ==, 0);
  g_assert_cmpint (g_remove (lock_path), ==, 0);

  again = open_small_store (fixture->path);
  g_assert_false (arbor_store_contains (again, "people", &error));
  g_assert_no_error (error);
  put (again, "people", 5, 1);
  fresh = get_arbor (again, "people");
  g_assert_cmpuint (arbor_arbor_get_n_trees (fresh, &error), ==, 5);
  g_assert_no_error (error);
  arbor_arbor_get_n_trees (old, &error);
  assert_closed (error);
  close_and_wait (again);
}

static void
test_closed_before (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborStore) unopened = g_object_new (ARBOR_TYPE_STORE, NULL);

  arbor_store_close (store);
  close_and_wait (store);
  g_assert_false (is_mapped (fixture->path));
  close_and_wait (store);
  close_and_wait (unopened);
}

/* A thread that stands inside the gate, in the progress function of an import, until it may go. */
typedef struct
{
  ArborStore *store;
  int is_inside;
  int is_let_go;
} Reader;

static void
stand_inside (guint64 done, guint64 total, gpointer data)
{
  Reader *reader = data;

  g_atomic_int_set (&reader->is_inside, TRUE);
  while (!g_atomic_int_get (&reader->is_let_go))
    g_usleep (200);
}

static gpointer
import_slowly (gpointer data)
{
  static const char text[] = "{\"a\":1}\n{\"a\":2}\n";
  Reader *reader = data;
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (text, -1, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_store_import_stream (reader->store, "people", stream, NULL, stand_inside,
                                            reader, NULL, &error));
  assert_closed (error);
  return NULL;
}

static GThread *
start_reader (Reader *reader)
{
  GThread *thread = g_thread_new ("reader", import_slowly, reader);

  while (!g_atomic_int_get (&reader->is_inside))
    g_usleep (200);
  return thread;
}

static void
let_go (Reader *reader, GThread *thread)
{
  g_atomic_int_set (&reader->is_let_go, TRUE);
  g_thread_join (thread);
}

static void
test_waits (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) cancelled = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Reader reader = { .store = store };
  GThread *thread = start_reader (&reader);

  arbor_store_close_async (store, cancellable, keep_result, &cancelled);
  arbor_store_close_async (store, NULL, keep_result, &result);
  assert_store_closed (store);
  for (guint i = 0; i < 5; i++)
    {
      g_usleep (1000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_null (cancelled);
  g_assert_null (result);
  g_assert_true (is_mapped (fixture->path));

  g_cancellable_cancel (cancellable);
  g_assert_false (arbor_store_close_finish (store, wait_for (&cancelled), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (result);

  let_go (&reader, thread);
  g_assert_true (arbor_store_close_finish (store, wait_for (&result), &error));
  g_assert_no_error (error);
  g_assert_false (is_mapped (fixture->path));
  g_assert_false (is_open (fixture->path));
}

/* Waiting takes no thread: however many wait, the pool still works for others. */
static void
test_many_wait (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other_path = g_strconcat (fixture->path, "2", NULL);
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborStore) other = open_small_store (other_path);
  g_autoptr (ArborArbor) arbor = make_arbor (10, 1);
  g_autoptr (GAsyncResult) put_result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *results[200] = { NULL };
  Reader reader = { .store = store };
  GThread *thread = start_reader (&reader);

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    arbor_store_close_async (store, NULL, keep_result, &results[i]);
  arbor_store_put_async (other, "people", arbor, NULL, keep_result, &put_result);
  g_assert_true (arbor_store_put_finish (other, wait_for (&put_result), &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_assert_null (results[i]);

  let_go (&reader, thread);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_assert_true (arbor_store_close_finish (store, wait_for (&results[i]), &error));
      g_assert_no_error (error);
      g_object_unref (results[i]);
    }
  close_and_wait (other);
}

static void
note_context (GObject *source, GAsyncResult *result, gpointer data)
{
  g_assert_true (arbor_store_close_finish (ARBOR_STORE (source), result, NULL));
  *(GMainContext **) data = g_main_context_ref_thread_default ();
}

/* The callback comes in the caller's context, and the store may be dropped meanwhile. */
static void
test_context (Fixture *fixture, gconstpointer data)
{
  ArborStore *store = open_small_store (fixture->path);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainContext) seen = NULL;

  g_main_context_push_thread_default (context);
  arbor_store_close_async (store, NULL, note_context, &seen);
  g_object_unref (store);
  while (seen == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  g_assert_true (seen == context);
}

static void
test_fork (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      GAsyncResult *result = NULL;
      GError *error = NULL;

      arbor_store_close_async (store, NULL, keep_result, &result);
      _exit (!arbor_store_close_finish (store, wait_for (&result), &error) &&
                     g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_WRONG_PROCESS)
                 ? 0
                 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_false (arbor_store_is_closed (store));
  close_and_wait (store);
}

static gint stop_opening; /* atomic */

static gpointer
open_again_and_again (gpointer data)
{
  Fixture *fixture = data;

  while (!g_atomic_int_get (&stop_opening))
    {
      g_autoptr (ArborStore) store = open_small_store (fixture->path);

      arbor_store_close (store);
    }
  return NULL;
}

/* A fork waits for who is opening a file, who must not wait for the fork. */
static void
test_fork_while_opening (Fixture *fixture, gconstpointer data)
{
  GThread *thread;

  g_atomic_int_set (&stop_opening, FALSE);
  thread = g_thread_new ("opening", open_again_and_again, fixture);
  for (guint i = 0; i < 100; i++)
    {
      pid_t child = fork ();
      int status;

      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        _exit (0);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    }
  g_atomic_int_set (&stop_opening, TRUE);
  g_thread_join (thread);
}

/* Closing inside callbacks. Each leaves a closed store whose file is then let go, and a file that
 * has what was committed before. */

static void
assert_kept (Fixture *fixture, ArborStore *store, guint n_trees)
{
  g_autoptr (ArborStore) again = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) expected = make_arbor (n_trees, 1);
  g_autofree char *expected_text = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  assert_store_closed (store);
  close_and_wait (store);
  g_assert_false (is_mapped (fixture->path));
  again = open_small_store (fixture->path);
  arbor = get_arbor (again, "people");
  text = arbor_arbor_to_jsonl (arbor, &error);
  g_assert_no_error (error);
  expected_text = arbor_arbor_to_jsonl (expected, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected_text);
  close_and_wait (again);
}

static void
close_in_progress (guint64 done, guint64 total, gpointer data)
{
  arbor_store_close (data);
  assert_store_closed (data);
}

static void
test_in_progress (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborArbor) arbor = make_arbor (50, 2);
  g_autofree char *text = arbor_arbor_to_jsonl (arbor, NULL);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (text, -1, NULL);
  g_autoptr (GError) error = NULL;

  put (store, "people", N_TREES, 1);
  g_assert_null (arbor_store_import_stream (store, "people", stream, NULL, close_in_progress,
                                            store, NULL, &error));
  assert_closed (error);
  assert_kept (fixture, store, N_TREES);
}

/* Streams of the caller's run inside the gate, too. */
typedef struct
{
  GMemoryInputStream parent_instance;
  ArborStore *store;
} ClosingStream;

typedef GMemoryInputStreamClass ClosingStreamClass;

GType closing_stream_get_type (void);
G_DEFINE_TYPE (ClosingStream, closing_stream, G_TYPE_MEMORY_INPUT_STREAM)

static gssize
closing_stream_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable,
                     GError **error)
{
  ClosingStream *self = (ClosingStream *) stream;

  close_in_progress (0, 0, self->store);
  return G_INPUT_STREAM_CLASS (closing_stream_parent_class)
      ->read_fn (stream, buffer, count, cancellable, error);
}

static void
closing_stream_class_init (ClosingStreamClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = closing_stream_read;
}

static void
closing_stream_init (ClosingStream *self)
{
}

static void
test_in_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (GInputStream) stream = g_object_new (closing_stream_get_type (), NULL);
  g_autoptr (GError) error = NULL;

  put (store, "people", N_TREES, 1);
  ((ClosingStream *) stream)->store = store;
  g_memory_input_stream_add_data (G_MEMORY_INPUT_STREAM (stream), "{\"a\":1}\n", 8, NULL);
  g_assert_null (
      arbor_store_import_stream (store, "people", stream, NULL, NULL, NULL, NULL, &error));
  assert_closed (error);
  assert_kept (fixture, store, N_TREES);
}

static void
close_in_handler (ArborCloseToken *token, gpointer data)
{
  arbor_close_token_close (token);
  close_in_progress (0, 0, data);
}

static void
close_in_cancelled (GCancellable *cancellable, gpointer data)
{
  close_in_progress (0, 0, data);
}

/* The closed signal, a closed function and its destroy notification, a follower: each closes again,
 * and a second store on the file. */
static void
test_in_closed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborCloseToken) token = arbor_store_dup_close_token (store);
  g_autoptr (GCancellable) follower = arbor_close_token_dup_cancellable (token);
  ArborStore *others[4];
  g_autoptr (ArborStore) last = open_small_store (fixture->path);

  put (store, "people", N_TREES, 1);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    others[i] = open_small_store (fixture->path);
  g_signal_connect (token, "closed", G_CALLBACK (close_in_handler), others[0]);
  g_signal_connect (token, "closed-in-context", G_CALLBACK (close_in_handler), last);
  arbor_close_token_add_closed_func (token, close_in_handler, others[1],
                                     (GDestroyNotify) arbor_store_close);
  arbor_close_token_add_closed_func (token, close_in_handler, others[2], NULL);
  g_signal_connect (follower, "cancelled", G_CALLBACK (close_in_cancelled), others[3]);

  arbor_store_close (store);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      assert_store_closed (others[i]);
      close_and_wait (others[i]);
    }
  while (!arbor_store_is_closed (last))
    g_main_context_iteration (NULL, TRUE);
  close_and_wait (last);
  assert_kept (fixture, store, N_TREES);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_object_unref (others[i]);
}

static void
close_in_changed (ArborStore *store, const char *name, gpointer data)
{
  g_assert_cmpstr (name, ==, "people");
  close_in_progress (0, 0, store);
}

/* A refresh that was done before the handler closed ends as it ended. */
static void
test_in_changed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborStore) other = open_small_store (fixture->path);
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;

  g_signal_connect (store, "changed", G_CALLBACK (close_in_changed), NULL);
  put (other, "people", N_TREES, 1);
  close_and_wait (other);
  names = arbor_store_refresh (store, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (names[0], ==, "people");
  g_assert_null (names[1]);
  assert_kept (fixture, store, N_TREES);
}

typedef struct
{
  ArborStore *store;
  ArborStore *other;
  guint n_removed;
} Items;

static void
close_in_items_changed (GListModel *model, guint position, guint removed, guint added,
                        gpointer data)
{
  Items *items = data;

  g_assert_cmpuint (position, ==, 0);
  g_assert_cmpuint (added, ==, 0);
  items->n_removed += removed;
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 0);
  close_in_progress (0, 0, items->store);
  close_in_progress (0, 0, items->other);
}

static void
test_in_items_changed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborStore) other = open_small_store (fixture->path);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (GError) error = NULL;
  Items items = { store, other, 0 };

  put (store, "people", N_TREES, 1);
  arbor = get_arbor (store, "people");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (arbor)), ==, N_TREES);
  g_signal_connect (arbor, "items-changed", G_CALLBACK (close_in_items_changed), &items);
  arbor_store_close (store);
  g_assert_cmpuint (items.n_removed, ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (arbor)), ==, N_TREES);
  tree = g_list_model_get_item (G_LIST_MODEL (arbor), N_TREES - 1);
  g_assert_true (ARBOR_IS_TREE (tree));
  g_assert_null (arbor_tree_to_json (tree, &error));
  assert_closed (error);
  while (items.n_removed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (items.n_removed, ==, N_TREES);
  close_and_wait (other);
  assert_kept (fixture, store, N_TREES);
}

static void
close_in_callback (GObject *source, GAsyncResult *result, gpointer data)
{
  close_in_progress (0, 0, source);
  keep_result (source, result, data);
}

static void
test_in_async_callback (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborArbor) arbor = make_arbor (N_TREES, 1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GError) error = NULL;

  arbor_store_put_async (store, "people", arbor, NULL, close_in_callback, &result);
  g_assert_true (arbor_store_put_finish (store, wait_for (&result), &error));
  g_assert_no_error (error);
  arbor_store_close_async (store, NULL, close_in_callback, &closed);
  g_assert_true (arbor_store_close_finish (store, wait_for (&closed), &error));
  assert_kept (fixture, store, N_TREES);
}

/* At the first tree, inside a run, at its end: the very next step says it. */
static void
test_in_iteration (Fixture *fixture, gconstpointer data)
{
  for (guint n_steps = 0; n_steps < 50; n_steps++)
    {
      g_autoptr (ArborStore) store = open_small_store (fixture->path);
      g_autoptr (ArborArbor) arbor = NULL;
      g_autoptr (ArborIter) iter = NULL;
      g_autoptr (GError) error = NULL;
      gsize n_many;

      put (store, "people", N_TREES, 1);
      arbor = get_arbor (store, "people");
      iter = iterate (arbor);
      for (guint i = 0; i < n_steps; i++)
        {
          g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &error);

          g_assert_no_error (error);
          g_assert_cmpint (arbor_tree_get_int64 (tree, "n", &error), ==, i);
          g_assert_no_error (error);
        }
      arbor_store_close (store);
      g_assert_null (arbor_iter_next_value (iter, &error));
      assert_closed (error);
      g_clear_error (&error);
      g_assert_null (arbor_iter_next_many (iter, 10, &n_many, &error));
      assert_closed (error);
      close_and_wait (store);
    }
}

static void
close_in_weak_notify (gpointer data, GObject *object)
{
  close_in_progress (0, 0, data);
}

static void
close_in_toggle (gpointer data, GObject *object, gboolean is_last)
{
  if (is_last)
    close_in_progress (0, 0, data);
}

/* An object that closes while it dies, or while a language binding lets it go. */
static void
test_in_finaliser (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) store = open_small_store (fixture->path);
  g_autoptr (ArborStore) other = open_small_store (fixture->path);
  g_autoptr (ArborStore) third = open_small_store (fixture->path);
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) third_names = NULL;
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor, *held;
  ArborIter *iter;

  put (store, "people", N_TREES, 1);
  arbor = get_arbor (store, "people");
  iter = iterate (arbor);
  g_object_unref (arbor_iter_next_value (iter, &error));
  g_assert_no_error (error);
  g_object_weak_ref (G_OBJECT (iter), close_in_weak_notify, store);
  g_object_unref (iter);
  assert_store_closed (store);
  g_object_unref (arbor);

  names = arbor_store_refresh (other, &error);
  g_assert_no_error (error);
  arbor = get_arbor (other, "people");
  g_object_add_toggle_ref (G_OBJECT (arbor), close_in_toggle, other);
  held = g_object_ref (arbor);
  g_object_unref (arbor);
  g_object_unref (held);
  assert_store_closed (other);
  g_object_remove_toggle_ref (G_OBJECT (arbor), close_in_toggle, other);

  third_names = arbor_store_refresh (third, &error);
  g_assert_no_error (error);
  arbor = get_arbor (third, "people");
  g_object_set_data_full (G_OBJECT (arbor), "closes", third, (GDestroyNotify) arbor_store_close);
  g_object_unref (arbor);
  assert_store_closed (third);

  close_and_wait (other);
  close_and_wait (third);
  assert_kept (fixture, store, N_TREES);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) \
  g_test_add (name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("/close/async/freed", test_freed);
  ADD ("/close/async/recreated", test_recreated);
  ADD ("/close/async/closed-before", test_closed_before);
  ADD ("/close/async/waits", test_waits);
  ADD ("/close/async/many-wait", test_many_wait);
  ADD ("/close/async/context", test_context);
  ADD ("/close/async/fork", test_fork);
  ADD ("/close/fork-while-opening", test_fork_while_opening);
  ADD ("/close/in/progress", test_in_progress);
  ADD ("/close/in/stream", test_in_stream);
  ADD ("/close/in/closed", test_in_closed);
  ADD ("/close/in/changed", test_in_changed);
  ADD ("/close/in/items-changed", test_in_items_changed);
  ADD ("/close/in/async-callback", test_in_async_callback);
  ADD ("/close/in/iteration", test_in_iteration);
  ADD ("/close/in/finaliser", test_in_finaliser);
#undef ADD
  return g_test_run ();
}
