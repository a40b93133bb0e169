/* The signal `changed` of a store: which names, in which order, by which calls, in which thread; and
 * that names are not interned for it.
 */

#include "kit/transactions.h"

#define N_NAMES 1000u

static void
note (ArborStore *store, const char *name, gpointer data)
{
  g_string_append_printf (data, "%s;", name);
}

/* No literal of these names may become a quark elsewhere. */
static char *
make_name (guint i)
{
  return g_strdup_printf ("fresh name %04u", i);
}

static void
put_fresh_names (ArborStore *store)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) arbors = g_ptr_array_new ();
  g_autoptr (ArborArbor) arbor = read_lines ("1");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_NAMES; i++)
    {
      g_ptr_array_add (names, make_name (i));
      g_ptr_array_add (arbors, arbor);
    }
  g_ptr_array_add (names, NULL);
  arbor_store_put_many (store, (const char *const *) names->pdata, (ArborArbor **) arbors->pdata,
                        N_NAMES, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_interned (guint only)
{
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = make_name (i);

      g_assert_cmpint (g_quark_try_string (name) != 0, ==, i == only);
    }
}

static void
refresh_all (ArborStore *store)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = arbor_store_refresh (store, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, N_NAMES);
}

static void
test_not_interned (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) one = g_string_new (NULL);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (ArborTransaction) transaction = NULL;

  /* Nobody listens. */
  put_fresh_names (fixture->other);
  refresh_all (fixture->store);
  assert_interned (N_NAMES);

  /* Somebody listens to all. */
  g_signal_connect (fixture->store, "changed", G_CALLBACK (note), all);
  transaction = begin (fixture->other);
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = make_name (i);

      delete_name (transaction, name, TRUE);
      g_string_append_printf (expected, "%s;", name);
    }
  commit (transaction);
  refresh_all (fixture->store);
  g_assert_cmpstr (all->str, ==, expected->str);
  assert_interned (N_NAMES);

  /* Somebody listens to one; to all the others, still, who listens to all. */
  g_string_truncate (all, 0);
  g_signal_connect (fixture->store, "changed::fresh name 0500", G_CALLBACK (note), one);
  put_fresh_names (fixture->other);
  refresh_all (fixture->store);
  g_assert_cmpstr (one->str, ==, "fresh name 0500;");
  g_assert_cmpstr (all->str, ==, expected->str);
  assert_interned (500);
}

/* A name that is a quark for another reason reaches those who listen to all. */
static void
test_detail (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) all = g_string_new (NULL);
  g_autoptr (GString) one = g_string_new (NULL);
  gulong id;

  g_quark_from_static_string ("interned elsewhere");
  id = g_signal_connect (fixture->store, "changed", G_CALLBACK (note), all);
  g_signal_connect (fixture->store, "changed::a", G_CALLBACK (note), one);
  put_lines (fixture->other, "interned elsewhere", "1");
  put_lines (fixture->other, "b", "1");
  put_lines (fixture->other, "a", "1");
  g_strfreev (arbor_store_refresh (fixture->store, NULL));
  g_assert_cmpstr (all->str, ==, "a;b;interned elsewhere;");
  g_assert_cmpstr (one->str, ==, "a;");

  g_signal_handler_disconnect (fixture->store, id);
  put_lines (fixture->other, "a", "2");
  put_lines (fixture->other, "b", "2");
  g_strfreev (arbor_store_refresh (fixture->store, NULL));
  g_assert_cmpstr (all->str, ==, "a;b;interned elsewhere;");
  g_assert_cmpstr (one->str, ==, "a;a;");
}

#define assert_log(log, expected)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpstr ((log)->str, ==, (expected));                                                  \
    g_string_truncate ((log), 0);                                                                  \
  }                                                                                                \
  G_STMT_END

/* Each write announces what it changed, and what others had changed; nothing changed, nothing said. */
static void
test_own_writes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data ("7\n8\n", 4, NULL);
  g_autoptr (ArborLoadReport) report = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) more = read_lines ("2");
  g_auto (GStrv) names = NULL;
  ArborStore *store = fixture->store;

  g_signal_connect (store, "changed", G_CALLBACK (note), log);
  put_lines (fixture->other, "z", "1");
  put_lines (store, "a", "1");
  assert_log (log, "a;z;");
  put_lines (store, "a", "1");
  assert_log (log, "");
  g_assert_true (arbor_store_append (store, "a", more, NULL, NULL));
  assert_log (log, "a;");
  g_assert_true (arbor_store_rename (store, "a", "b", NULL, NULL));
  assert_log (log, "a;b;");
  report = arbor_store_import_stream (store, "c", stream, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_log (log, "c;");
  put_lines (fixture->other, "y", "1");
  g_assert_true (arbor_store_delete (store, "c", NULL, NULL));
  assert_log (log, "c;y;");
  g_assert_false (arbor_store_delete (store, "c", NULL, NULL));
  assert_log (log, "");
  names = arbor_store_refresh (store, NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 0);
  assert_log (log, "");
}

typedef struct
{
  ArborTransaction *transaction;
  GString *log;
} Watched;

/* Nothing is held that the transaction or the store would need. */
static void
use_both (ArborStore *store, const char *name, gpointer data)
{
  Watched *watched = data;

  g_assert_true (arbor_transaction_is_closed (watched->transaction));
  arbor_transaction_rollback (watched->transaction);
  g_string_append_printf (watched->log, "%s;", name);
  if (g_strcmp0 (name, "b") == 0)
    {
      put_lines (store, "c", "1");
      arbor_store_close (store);
    }
}

static void
test_transaction (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (ArborTransaction) transaction = begin (fixture->store);
  Watched watched = { transaction, log };

  g_signal_connect (fixture->store, "changed", G_CALLBACK (use_both), &watched);
  put (transaction, "b", "1");
  put (transaction, "a", "1");
  g_assert_cmpstr (log->str, ==, "");
  put_lines (fixture->other, "z", "1");
  commit (transaction);
  g_assert_cmpstr (log->str, ==, "a;b;c;z;");
  assert_stored (fixture->other, "c", "1\n");
}

typedef struct
{
  GThread *thread;
  GString *log;
  gboolean is_done;
} Async;

static void
note_in_thread (ArborStore *store, const char *name, gpointer data)
{
  Async *async = data;

  g_assert_true (g_thread_self () == async->thread);
  g_string_append_printf (async->log, "%s;", name);
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer data)
{
  Async *async = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_store_put_finish (ARBOR_STORE (source), result, &error));
  g_assert_no_error (error);
  g_string_append (async->log, "done;");
  async->is_done = TRUE;
}

static void
put_async_in (GMainContext *context, ArborStore *store, Async *async)
{
  g_autoptr (ArborArbor) arbor = read_lines ("1");

  g_main_context_push_thread_default (context);
  arbor_store_put_async (store, "a", arbor, NULL, on_put, async);
  while (!async->is_done)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
}

/* In the store's main context, before the callback when that is called there, too. */
static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (ArborStore) store = NULL;
  Async async = { g_thread_self (), log, FALSE };

  g_main_context_push_thread_default (context);
  store = open_store (fixture->path);
  g_main_context_pop_thread_default (context);
  g_signal_connect (store, "changed", G_CALLBACK (note_in_thread), &async);
  put_lines (fixture->other, "z", "1");
  put_async_in (context, store, &async);
  g_assert_cmpstr (log->str, ==, "a;z;done;");
}

static void
test_async_elsewhere (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GMainContext) context = g_main_context_new ();
  Async async = { g_thread_self (), log, FALSE };

  g_signal_connect (fixture->store, "changed", G_CALLBACK (note_in_thread), &async);
  put_async_in (context, fixture->store, &async);
  g_assert_cmpstr (log->str, ==, "done;");
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (log->str, ==, "done;a;");
}

/* Other threads */

static gpointer
put_some (gpointer data)
{
  put_lines (data, "b", "1");
  put_lines (data, "a", "2");
  put_lines (data, "b", "3");
  return NULL;
}

static void
put_in_thread (ArborStore *store)
{
  g_thread_join (g_thread_new ("writer", put_some, store));
}

/* A thread without a context of its own must not take the idle one of the store for its own. */
static void
test_thread (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  Async async = { g_thread_self (), log, FALSE };

  g_signal_connect (fixture->store, "changed", G_CALLBACK (note_in_thread), &async);
  put_in_thread (fixture->store);
  g_assert_cmpstr (log->str, ==, "");
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (log->str, ==, "b;a;");
  g_assert_false (g_main_context_iteration (NULL, FALSE));

  /* What waits is told with what comes at once, and before it. */
  put_in_thread (fixture->store);
  put_lines (fixture->store, "c", "1");
  g_assert_cmpstr (log->str, ==, "b;a;b;c;");
  g_assert_false (g_main_context_iteration (NULL, FALSE));
}

static gpointer
tell_changed (gpointer data)
{
  arbor_store_tell_changed (data);
  return NULL;
}

static void
close_on_changed (ArborStore *store, const char *name, gpointer data)
{
  arbor_store_close (store);
}

/* Who has a thread write hears of it without iterating; nobody else does. */
static void
test_tell (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (ArborStore) never = g_object_new (ARBOR_TYPE_STORE, NULL);
  Async async = { g_thread_self (), log, FALSE };
  ArborStore *store = fixture->store;

  g_signal_connect (store, "changed", G_CALLBACK (note_in_thread), &async);
  arbor_store_tell_changed (store);
  arbor_store_tell_changed (never);
  put_in_thread (store);
  g_thread_join (g_thread_new ("other", tell_changed, store));
  assert_log (log, "");
  arbor_store_tell_changed (store);
  assert_log (log, "b;a;");
  arbor_store_tell_changed (store);
  assert_log (log, "");
  g_assert_false (g_main_context_iteration (NULL, FALSE));

  /* Nothing after close, by a handler or before. */
  g_signal_connect (store, "changed", G_CALLBACK (close_on_changed), NULL);
  put_in_thread (store);
  arbor_store_tell_changed (store);
  assert_log (log, "b;");
  arbor_store_tell_changed (store);
  g_signal_connect (fixture->other, "changed", G_CALLBACK (note_in_thread), &async);
  put_in_thread (fixture->other);
  arbor_store_close (fixture->other);
  arbor_store_tell_changed (fixture->other);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  assert_log (log, "");
}

static gpointer
put_as_owner (gpointer data)
{
  g_assert_true (g_main_context_acquire (NULL));
  put_lines (data, "a", "1");
  g_main_context_release (NULL);
  return NULL;
}

static gpointer
hold_context (gpointer data)
{
  gint *is_held = data;

  g_assert_true (g_main_context_acquire (NULL));
  g_atomic_int_set (is_held, 1);
  while (g_atomic_int_get (is_held) != 2)
    g_usleep (100);
  g_main_context_release (NULL);
  return NULL;
}

/* Whoever owns the context is told at once, whichever thread it is; the one that opened the store is
 * not, while another one iterates it. */
static void
test_owner (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  gint is_held = 0;
  GThread *holder;

  g_signal_connect (fixture->store, "changed", G_CALLBACK (note), log);
  g_thread_join (g_thread_new ("owner", put_as_owner, fixture->store));
  g_assert_cmpstr (log->str, ==, "a;");

  holder = g_thread_new ("holder", hold_context, &is_held);
  while (g_atomic_int_get (&is_held) != 1)
    g_usleep (100);
  put_lines (fixture->store, "b", "1");
  g_assert_cmpstr (log->str, ==, "a;");
  g_atomic_int_set (&is_held, 2);
  g_thread_join (holder);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (log->str, ==, "a;b;");
}

static void
test_discarded (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (fixture->store, "changed", G_CALLBACK (note), log);
  put_in_thread (fixture->store);
  arbor_store_close (fixture->store);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpstr (log->str, ==, "");

  /* A store that is gone has nothing to tell. */
  g_signal_connect (fixture->other, "changed", G_CALLBACK (note), log);
  put_in_thread (fixture->other);
  g_clear_object (&fixture->other);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (log->str, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store-changed/not-interned", Fixture, NULL, set_up, test_not_interned, tear_down);
  g_test_add ("/store-changed/detail", Fixture, NULL, set_up, test_detail, tear_down);
  g_test_add ("/store-changed/own-writes", Fixture, NULL, set_up, test_own_writes, tear_down);
  g_test_add ("/store-changed/transaction", Fixture, NULL, set_up, test_transaction, tear_down);
  g_test_add ("/store-changed/async", Fixture, NULL, set_up, test_async, tear_down);
  g_test_add ("/store-changed/async-elsewhere", Fixture, NULL, set_up, test_async_elsewhere,
              tear_down);
  g_test_add ("/store-changed/thread", Fixture, NULL, set_up, test_thread, tear_down);
  g_test_add ("/store-changed/tell", Fixture, NULL, set_up, test_tell, tear_down);
  g_test_add ("/store-changed/owner", Fixture, NULL, set_up, test_owner, tear_down);
  g_test_add ("/store-changed/discarded", Fixture, NULL, set_up, test_discarded, tear_down);
  return g_test_run ();
}
