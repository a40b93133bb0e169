/* ArborCloseToken: once, for good, in every thread; nothing missed and nothing told twice. */

#include <arbor/arbor.h>
#include <glib/gstdio.h>
#include <pthread.h>

#include "kit/arbors.h"

static void
assert_closed (ArborCloseToken *token)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_close_token_is_closed (token));
  g_assert_false (arbor_close_token_check (token, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_cmpstr (error->message, ==, "ArborStore has been closed");
}

static void
assert_open (ArborCloseToken *token)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (arbor_close_token_is_closed (token));
  g_assert_true (arbor_close_token_check (token, &error));
  g_assert_no_error (error);
}

static void
test_close (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  g_autoptr (ArborCloseToken) other = g_object_new (ARBOR_TYPE_CLOSE_TOKEN, NULL);

  assert_open (token);
  arbor_close_token_close (token);
  assert_closed (token);
  arbor_close_token_close (token);
  assert_closed (token);
  assert_open (other);
}

/* A log of what ran, in words. */
typedef struct
{
  GString *text;
  const char *word;
  ArborCloseToken *token;
  guint id;
} Note;

static void
write_word (ArborCloseToken *token, gpointer user_data)
{
  Note *note = user_data;

  g_assert_true (arbor_close_token_is_closed (token));
  g_string_append_printf (note->text, "%s ", note->word);
}

static void
write_end (gpointer user_data)
{
  Note *note = user_data;

  g_string_append_printf (note->text, "-%s ", note->word);
}

static void
on_closed (ArborCloseToken *token, gpointer user_data)
{
  write_word (token, user_data);
}

static void
test_functions (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  Note notes[] = { { text, "a" }, { text, "b" }, { text, "c" }, { text, "d" }, { text, "signal" } };
  guint a, b, c;

  g_signal_connect (token, "closed", G_CALLBACK (on_closed), &notes[4]);
  a = arbor_close_token_add_closed_func (token, write_word, &notes[0], write_end);
  b = arbor_close_token_add_closed_func (token, write_word, &notes[1], write_end);
  c = arbor_close_token_add_closed_func (token, write_word, &notes[2], NULL);
  g_assert_cmpuint (a, !=, 0);
  g_assert_cmpuint (b, !=, a);
  g_assert_cmpuint (c, !=, b);
  g_assert_true (arbor_close_token_remove_closed_func (token, b));
  g_assert_cmpstr (text->str, ==, "-b ");
  g_assert_false (arbor_close_token_remove_closed_func (token, b));
  g_assert_false (arbor_close_token_remove_closed_func (token, 0));

  g_string_truncate (text, 0);
  arbor_close_token_close (token);
  g_assert_cmpstr (text->str, ==, "a -a c signal ");
  g_assert_false (arbor_close_token_remove_closed_func (token, a));

  g_string_truncate (text, 0);
  arbor_close_token_close (token);
  g_assert_cmpuint (arbor_close_token_add_closed_func (token, write_word, &notes[3], write_end), ==,
                    0);
  g_assert_cmpstr (text->str, ==, "d -d ");
}

static void
test_never_closed (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  Note notes[] = { { text, "a" }, { text, "b" } };

  arbor_close_token_add_closed_func (token, write_word, &notes[0], write_end);
  arbor_close_token_add_closed_func (token, write_word, &notes[1], write_end);
  g_clear_object (&token);
  g_assert_cmpstr (text->str, ==, "-a -b ");
}

static void
remove_other (ArborCloseToken *token, gpointer user_data)
{
  Note *note = user_data;

  write_word (token, note);
  g_assert_true (arbor_close_token_remove_closed_func (token, note->id));
}

static void
add_other (ArborCloseToken *token, gpointer user_data)
{
  Note *notes = user_data;

  write_word (token, &notes[0]);
  arbor_close_token_close (token);
  g_assert_cmpuint (arbor_close_token_add_closed_func (token, write_word, &notes[1], write_end), ==,
                    0);
}

/* Functions may remove, add and close; none runs twice. */
static void
test_inside (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  Note notes[] = { { text, "adder" }, { text, "added" }, { text, "remover" }, { text, "victim" } };

  arbor_close_token_add_closed_func (token, add_other, &notes[0], write_end);
  arbor_close_token_add_closed_func (token, remove_other, &notes[2], write_end);
  notes[2].id = arbor_close_token_add_closed_func (token, write_word, &notes[3], write_end);
  arbor_close_token_close (token);
  g_assert_cmpstr (text->str, ==, "adder added -added -adder remover -victim -remover ");
}

static void
drop_token (ArborCloseToken *token, gpointer user_data)
{
  Note *note = user_data;

  write_word (token, note);
  g_clear_object (&note->token);
}

/* The caller's only reference may go while the token tells. */
static void
test_drop_inside (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Note notes[] = { { text, "dropper", arbor_close_token_new () }, { text, "last" } };
  ArborCloseToken *token = notes[0].token;

  g_object_add_weak_pointer (G_OBJECT (token), (gpointer *)&token);
  arbor_close_token_add_closed_func (token, drop_token, &notes[0], NULL);
  arbor_close_token_add_closed_func (token, write_word, &notes[1], write_end);
  arbor_close_token_close (token);
  g_assert_null (token);
  g_assert_cmpstr (text->str, ==, "dropper last -last ");
}

static gpointer
close_in_thread (gpointer token)
{
  arbor_close_token_close (token);
  return g_thread_self ();
}

static void
note_thread (ArborCloseToken *token, gpointer user_data)
{
  GThread **thread = user_data;

  g_assert_null (*thread);
  *thread = g_thread_self ();
}

static void
test_thread (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  GThread *of_signal = NULL, *of_func = NULL;
  GThread *thread, *closer;

  g_signal_connect (token, "closed", G_CALLBACK (note_thread), &of_signal);
  arbor_close_token_add_closed_func (token, note_thread, &of_func, NULL);
  thread = g_thread_new ("closer", close_in_thread, token);
  closer = thread;
  g_assert_true (g_thread_join (thread) == closer);
  g_assert_true (of_signal == closer);
  g_assert_true (of_func == closer);
}

typedef struct
{
  GMainContext *context;
  guint n_emitted;
} ContextNote;

static void
on_closed_in_context (ArborCloseToken *token, gpointer user_data)
{
  ContextNote *note = user_data;

  assert_closed (token);
  g_assert_true (g_main_context_is_owner (note->context));
  note->n_emitted++;
}

/* Made in one context, closed in a thread: told in that context, when it is iterated. */
static void
test_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  ContextNote note = { context, 0 };
  ArborCloseToken *token;

  g_main_context_push_thread_default (context);
  token = arbor_close_token_new ();
  g_main_context_pop_thread_default (context);
  g_object_add_weak_pointer (G_OBJECT (token), (gpointer *)&token);

  g_signal_connect (token, "closed-in-context", G_CALLBACK (on_closed_in_context), &note);
  g_thread_join (g_thread_new ("closer", close_in_thread, token));
  arbor_close_token_close (token);
  g_object_unref (token);
  g_assert_cmpuint (note.n_emitted, ==, 0);
  g_assert_false (g_main_context_pending (NULL));

  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (note.n_emitted, ==, 1);
  g_assert_null (token);
}

/* A store that is opened in another thread tells the context that asked for it. */
static void
test_open_async (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "store", NULL);
  g_autofree char *lock = g_strconcat (path, "-lock", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborCloseToken) token = NULL;
  g_autoptr (GError) error = NULL;
  ContextNote note = { context, 0 };

  g_main_context_push_thread_default (context);
  arbor_store_open_async (path, NULL, NULL, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  store = arbor_store_open_finish (result, &error);
  g_assert_no_error (error);

  token = arbor_store_dup_close_token (store);
  g_signal_connect (token, "closed-in-context", G_CALLBACK (on_closed_in_context), &note);
  arbor_store_close (store);
  assert_closed (token);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (note.n_emitted, ==, 0);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (note.n_emitted, ==, 1);

  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_remove (lock), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Without a listener nothing waits in the context, so a program without a loop keeps no tokens. */
static void
test_no_listener (void)
{
  ArborCloseToken *token = arbor_close_token_new ();

  g_object_add_weak_pointer (G_OBJECT (token), (gpointer *)&token);
  arbor_close_token_close (token);
  g_object_unref (token);
  g_assert_null (token);
  g_assert_false (g_main_context_pending (NULL));
}

static void
test_cancellable (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  g_autoptr (GCancellable) first = arbor_close_token_dup_cancellable (token);
  g_autoptr (GCancellable) second = arbor_close_token_dup_cancellable (token);
  g_autoptr (GCancellable) late = NULL;

  g_assert_false (g_cancellable_is_cancelled (first));
  g_cancellable_cancel (first);
  assert_open (token);
  g_assert_false (g_cancellable_is_cancelled (second));

  arbor_close_token_close (token);
  g_assert_true (g_cancellable_is_cancelled (second));
  late = arbor_close_token_dup_cancellable (token);
  g_assert_true (g_cancellable_is_cancelled (late));
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  arbor_close_token_close (user_data);
  assert_closed (user_data);
}

/* Followers come and go; those that are left are cancelled, and a handler may use the token. */
static void
test_many_followers (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GCancellable) cancellable = arbor_close_token_dup_cancellable (token);

      if (i % 10 == 0)
        g_ptr_array_add (kept, g_object_ref (cancellable));
    }
  g_cancellable_connect (kept->pdata[0], G_CALLBACK (on_cancelled), token, NULL);
  arbor_close_token_close (token);
  g_assert_cmpuint (kept->len, ==, 100);
  for (guint i = 0; i < kept->len; i++)
    g_assert_true (g_cancellable_is_cancelled (kept->pdata[i]));
}

static void
test_follower_outlives (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  g_autoptr (GCancellable) cancellable = arbor_close_token_dup_cancellable (token);

  g_clear_object (&token);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
}

/* Threads that add, remove, follow and close at once: each function runs once or was removed, each
 * destroy notification comes once, the signal comes once. */

#define N_THREADS   4u
#define N_FUNCTIONS 200u
#define N_ROUNDS    25u

typedef struct
{
  gint n_run;
  gint n_destroyed;
  gboolean is_removed;
} Counted;

typedef struct
{
  ArborCloseToken *token;
  pthread_barrier_t *start;
  guint number;
  Counted counted[N_FUNCTIONS];
  GCancellable *followers[N_FUNCTIONS];
} Worker;

static void
count_run (ArborCloseToken *token, gpointer user_data)
{
  Counted *counted = user_data;

  g_assert_cmpint (g_atomic_int_get (&counted->n_destroyed), ==, 0);
  g_atomic_int_inc (&counted->n_run);
}

static void
count_destroyed (gpointer user_data)
{
  Counted *counted = user_data;

  g_atomic_int_inc (&counted->n_destroyed);
}

static gpointer
work (gpointer user_data)
{
  Worker *worker = user_data;

  pthread_barrier_wait (worker->start);
  for (guint i = 0; i < N_FUNCTIONS; i++)
    {
      Counted *counted = &worker->counted[i];
      guint id =
          arbor_close_token_add_closed_func (worker->token, count_run, counted, count_destroyed);

      worker->followers[i] = arbor_close_token_dup_cancellable (worker->token);
      if (i % 3 == 0)
        counted->is_removed = arbor_close_token_remove_closed_func (worker->token, id);
      if (i == N_FUNCTIONS / 4 * worker->number)
        arbor_close_token_close (worker->token);
    }
  return NULL;
}

static void
count_signal (ArborCloseToken *token, gpointer user_data)
{
  g_atomic_int_inc ((gint *)user_data);
}

static void
assert_worker (Worker *worker)
{
  for (guint i = 0; i < N_FUNCTIONS; i++)
    {
      Counted *counted = &worker->counted[i];

      g_assert_cmpint (counted->n_run, ==, counted->is_removed ? 0 : 1);
      g_assert_cmpint (counted->n_destroyed, ==, 1);
      g_assert_true (g_cancellable_is_cancelled (worker->followers[i]));
      g_object_unref (worker->followers[i]);
    }
}

static void
test_race (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autofree Worker *workers = g_new0 (Worker, N_THREADS);
      g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
      GThread *threads[N_THREADS];
      pthread_barrier_t start;
      gint n_signals = 0;

      pthread_barrier_init (&start, NULL, N_THREADS);
      g_signal_connect (token, "closed", G_CALLBACK (count_signal), &n_signals);
      for (guint i = 0; i < N_THREADS; i++)
        {
          workers[i].token = token;
          workers[i].start = &start;
          workers[i].number = i;
          threads[i] = g_thread_new ("worker", work, &workers[i]);
        }
      for (guint i = 0; i < N_THREADS; i++)
        g_thread_join (threads[i]);
      for (guint i = 0; i < N_THREADS; i++)
        assert_worker (&workers[i]);
      g_assert_cmpint (n_signals, ==, 1);
      pthread_barrier_destroy (&start);
    }
}

static void
test_observer (void)
{
  g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
  g_autoptr (ArborCloseObserver) observer = arbor_close_observer_new (token);
  g_autoptr (ArborCloseObserver) dropped = arbor_close_observer_new (token);
  g_autoptr (ArborCloseObserver) late = NULL;
  g_autoptr (ArborCloseObserver) alone = g_object_new (ARBOR_TYPE_CLOSE_OBSERVER, NULL);
  g_autoptr (GCancellable) cancellable = arbor_close_observer_dup_cancellable (observer);
  g_autoptr (GCancellable) nothing = arbor_close_observer_dup_cancellable (alone);
  g_autoptr (GError) error = NULL;
  gint n_closed = 0, n_in_context = 0, n_dropped = 0;

  g_signal_connect (observer, "closed", G_CALLBACK (count_signal), &n_closed);
  g_signal_connect (observer, "closed-in-context", G_CALLBACK (count_signal), &n_in_context);
  g_signal_connect (dropped, "closed", G_CALLBACK (count_signal), &n_dropped);
  g_clear_object (&dropped);
  g_assert_false (arbor_close_observer_is_closed (observer));
  g_assert_true (arbor_close_observer_check (observer, &error));
  g_assert_no_error (error);

  arbor_close_token_close (token);
  g_assert_cmpint (n_closed, ==, 1);
  g_assert_cmpint (n_in_context, ==, 0);
  g_assert_cmpint (n_dropped, ==, 0);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_true (arbor_close_observer_is_closed (observer));
  g_assert_false (arbor_close_observer_check (observer, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (n_in_context, ==, 1);

  late = arbor_close_observer_new (token);
  g_assert_true (arbor_close_observer_is_closed (late));
  g_assert_true (arbor_close_observer_is_closed (alone));
  g_assert_true (g_cancellable_is_cancelled (nothing));
  g_assert_false (arbor_close_observer_check (alone, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
}

static gpointer
observe (gpointer token)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (ArborCloseObserver) observer = arbor_close_observer_new (token);
      gint n_closed = 0;

      g_signal_connect (observer, "closed", G_CALLBACK (count_signal), &n_closed);
      g_signal_handlers_disconnect_by_data (observer, &n_closed);
    }
  return NULL;
}

/* Observers come and go while another thread closes. */
static void
test_observer_race (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (ArborCloseToken) token = arbor_close_token_new ();
      GThread *threads[2];

      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("observer", observe, token);
      arbor_close_token_close (token);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_thread_join (threads[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/close-token/close", test_close);
  g_test_add_func ("/close-token/functions", test_functions);
  g_test_add_func ("/close-token/never-closed", test_never_closed);
  g_test_add_func ("/close-token/inside", test_inside);
  g_test_add_func ("/close-token/drop-inside", test_drop_inside);
  g_test_add_func ("/close-token/thread", test_thread);
  g_test_add_func ("/close-token/context", test_context);
  g_test_add_func ("/close-token/open-async", test_open_async);
  g_test_add_func ("/close-token/no-listener", test_no_listener);
  g_test_add_func ("/close-token/cancellable", test_cancellable);
  g_test_add_func ("/close-token/many-followers", test_many_followers);
  g_test_add_func ("/close-token/follower-outlives", test_follower_outlives);
  g_test_add_func ("/close-token/race", test_race);
  g_test_add_func ("/close-token/observer", test_observer);
  g_test_add_func ("/close-token/observer-race", test_observer_race);

  return g_test_run ();
}
