/* Transactions, through the public header alone: what they see, what they commit, when they may
 * not, and how they end.
 */

#include "kit/transactions.h"

/* The error is CONFLICT and says so of @names, and of no others. */
static void
assert_conflict (ArborTransaction *transaction, const char *const *names)
{
  static const char *const all[] = { "'a'", "'b'", "'c'", "'d'", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (arbor_transaction_commit (transaction, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT);
  for (guint i = 0; all[i] != NULL; i++)
    g_assert_cmpint (strstr (error->message, all[i]) != NULL, ==, g_strv_contains (names, all[i]));
}

#define CONFLICT(transaction, ...)                                                                 \
  assert_conflict ((transaction), (const char *const[]){ __VA_ARGS__, NULL })

static void
test_own_writes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborTransaction) transaction = NULL;

  put_lines (fixture->store, "a", "1\n2\n3");
  put_lines (fixture->store, "b", "\"b\"");
  transaction = begin (fixture->store);
  g_assert_false (arbor_transaction_has_changes (transaction));
  assert_names (transaction, "a,b");
  assert_staged (transaction, "a", "1\n2\n3\n");

  append (transaction, "a", "4");
  assert_staged (transaction, "a", "1\n2\n3\n4\n");
  g_assert_true (arbor_transaction_has_changes (transaction));
  replace (transaction, "a", 1, 2, "{\"x\":null}");
  assert_staged (transaction, "a", "1\n{\"x\":null}\n4\n");
  replace (transaction, "a", 0, 1, NULL);
  rename_to (transaction, "a", "c");
  put (transaction, "d", "[]");
  append (transaction, "e", "true");
  delete_name (transaction, "b", TRUE);
  delete_name (transaction, "b", FALSE);
  delete_name (transaction, "unknown", FALSE);
  assert_names (transaction, "c,d,e");
  assert_staged (transaction, "c", "{\"x\":null}\n4\n");
  append (transaction, "c", "5");
  put (transaction, "a", "\"new\"");

  /* Nobody else sees any of it before the commit. */
  assert_stored (fixture->store, "a", "1\n2\n3\n");
  assert_stored (fixture->other, "b", "\"b\"\n");
  assert_stored (fixture->other, "d", NULL);
  commit (transaction);
  for (guint i = 0; i < 2; i++)
    {
      ArborStore *store = i == 0 ? fixture->store : fixture->other;

      assert_stored (store, "a", "\"new\"\n");
      assert_stored (store, "b", NULL);
      assert_stored (store, "c", "{\"x\":null}\n4\n5\n");
      assert_stored (store, "d", "[]\n");
      assert_stored (store, "e", "true\n");
    }
}

static void
test_swap (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborTransaction) transaction = NULL;

  put_lines (fixture->store, "a", "1");
  put_lines (fixture->store, "b", "2");
  transaction = begin (fixture->store);
  rename_to (transaction, "a", "t");
  rename_to (transaction, "b", "a");
  rename_to (transaction, "t", "b");
  assert_names (transaction, "a,b");
  commit (transaction);
  assert_stored (fixture->other, "a", "2\n");
  assert_stored (fixture->other, "b", "1\n");
  assert_stored (fixture->other, "t", NULL);

  /* Views of a name may become the content of others, and of the name itself. */
  g_clear_object (&transaction);
  transaction = begin (fixture->store);
  append (transaction, "a", "3\n4");
  {
    g_autoptr (ArborArbor) staged = arbor_transaction_get (transaction, "a", NULL);
    g_autoptr (ArborArbor) view = arbor_arbor_reverse (staged, NULL);
    g_autoptr (ArborArbor) stored = arbor_store_get (fixture->other, "b", NULL);

    g_assert_cmpuint (arbor_arbor_get_generation (staged), ==, 0);
    g_assert_true (arbor_transaction_put (transaction, "a", view, NULL, NULL));
    g_assert_true (arbor_transaction_append (transaction, "a", stored, NULL, NULL));
    g_assert_true (arbor_transaction_put (transaction, "c", staged, NULL, NULL));
    g_assert_true (arbor_transaction_put (transaction, "d", stored, NULL, NULL));
  }
  commit (transaction);
  assert_stored (fixture->other, "a", "4\n3\n2\n1\n");
  assert_stored (fixture->other, "c", "2\n3\n4\n");
  assert_stored (fixture->other, "d", "1\n");
}

static void
test_lost_updates (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborTransaction) blind = NULL;
  g_autoptr (ArborTransaction) reading = NULL;
  g_autoptr (ArborTransaction) several = NULL;
  g_autoptr (ArborTransaction) listing = NULL;

  put_lines (fixture->store, "a", "1");
  put_lines (fixture->store, "b", "1");
  put_lines (fixture->store, "c", "1");

  blind = begin (fixture->store);
  put (blind, "a", "\"blind\"");
  reading = begin (fixture->store);
  assert_staged (reading, "a", "1\n");
  assert_staged (reading, "c", "1\n");
  put (reading, "a", "2");
  several = begin (fixture->store);
  append (several, "a", "2");
  replace (several, "b", 0, 1, "2");
  append (several, "c", "2");
  append (several, "d", "2");
  listing = begin (fixture->store);
  assert_names (listing, "a,b,c");
  put (listing, "a", "3");

  put_lines (fixture->other, "a", "\"other\"");
  arbor_store_delete (fixture->other, "b", NULL, NULL);
  put_lines (fixture->other, "d", "\"other\"");

  CONFLICT (reading, "'a'");
  CONFLICT (reading, "'a'");
  CONFLICT (several, "'a'", "'b'", "'d'");
  CONFLICT (listing, "'a'");
  assert_stored (fixture->store, "a", "\"other\"\n");
  assert_stored (fixture->store, "c", "1\n");
  assert_stored (fixture->store, "d", "\"other\"\n");
  commit (blind);
  assert_stored (fixture->other, "a", "\"blind\"\n");
}

/* What was read and not changed is not expected: only expect () does. */
static void
test_expected (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborTransaction) free_reader = NULL;
  g_autoptr (ArborTransaction) strict = NULL;
  g_autoptr (ArborTransaction) nothing = NULL;
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "a", "1");
  put_lines (fixture->store, "b", "1");
  free_reader = begin (fixture->store);
  strict = begin (fixture->store);
  nothing = begin (fixture->store);
  assert_staged (free_reader, "a", "1\n");
  put (free_reader, "b", "2");
  put (strict, "b", "3");
  g_assert_true (
      arbor_transaction_expect (strict, "a", get_generation (fixture->store, "a"), NULL));
  g_assert_true (arbor_transaction_expect (strict, "c", 0, NULL));
  g_assert_true (arbor_transaction_expect (strict, "d", 77, NULL));
  g_assert_true (
      arbor_transaction_expect (nothing, "a", get_generation (fixture->store, "a"), NULL));
  g_assert_false (arbor_transaction_expect (nothing, "", 0, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);

  CONFLICT (strict, "'d'");
  put_lines (fixture->other, "a", "4");
  put_lines (fixture->other, "c", "4");
  CONFLICT (strict, "'a'", "'c'", "'d'");
  CONFLICT (nothing, "'a'");
  commit (free_reader);
  assert_stored (fixture->other, "b", "2\n");
}

/* A transaction never sees two states of the store. */
static void
test_one_state (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborTransaction) transaction = NULL;
  g_autoptr (ArborArbor) before = NULL;
  g_autoptr (ArborArbor) staged = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  put_lines (fixture->store, "a", "1");
  put_lines (fixture->store, "b", "1");
  put_lines (fixture->store, "c", "1");
  transaction = begin (fixture->store);
  append (transaction, "c", "2");
  before = arbor_transaction_get (transaction, "c", NULL);
  put (transaction, "d", "5");
  staged = arbor_transaction_get (transaction, "d", NULL);
  put_lines (fixture->store, "a", "2");
  put_lines (fixture->store, "c", "3");
  arbor_store_delete (fixture->store, "b", NULL, NULL);
  put_lines (fixture->store, "e", "1");

  g_assert_null (arbor_transaction_get (transaction, "a", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (arbor_transaction_contains (transaction, "b", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (arbor_transaction_contains (transaction, "e", &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (arbor_transaction_replace (transaction, "c", 0, 1, NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT);
  g_clear_error (&error);
  assert_names (transaction, "a,b,c,d");

  /* Arbors in hand go stale like others; one that is staged in whole rests on nothing stored. */
  g_assert_null (arbor_arbor_to_jsonl (before, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  text = arbor_arbor_to_jsonl (staged, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "5\n");
  CONFLICT (transaction, "'c'");
}

static void
test_pinned (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborTransaction) transaction = NULL;
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborArbor) staged = NULL;
  g_autofree char *stored_text = NULL;
  g_autofree char *staged_text = NULL;

  g_object_set (options, "staleness", ARBOR_STALENESS_PINNED, NULL);
  store = open_store_with (fixture->path, options);
  put_lines (store, "a", "1");
  put_lines (store, "b", "1");
  transaction = begin (store);
  stored = arbor_transaction_get (transaction, "a", NULL);
  append (transaction, "b", "2");
  staged = arbor_transaction_get (transaction, "b", NULL);
  put_lines (store, "a", "3");
  put_lines (store, "b", "3");
  stored_text = arbor_arbor_to_jsonl (stored, NULL);
  staged_text = arbor_arbor_to_jsonl (staged, NULL);
  g_assert_cmpstr (stored_text, ==, "1\n");
  g_assert_cmpstr (staged_text, ==, "1\n2\n");
  CONFLICT (transaction, "'b'");
}

static void
test_mistakes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborTransaction) transaction = NULL;
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) read_only = NULL;
  g_autoptr (ArborArbor) arbor = read_lines ("1");
  g_autoptr (ArborArbor) stale = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "a", "1");
  stale = arbor_store_get (fixture->store, "a", NULL);
  put_lines (fixture->store, "a", "2");
  g_cancellable_cancel (cancelled);
  transaction = begin (fixture->store);

#define FAILS(call, domain, code)                                                                  \
  g_assert_false (call);                                                                           \
  g_assert_error (error, domain, code);                                                            \
  g_clear_error (&error)

  FAILS (arbor_transaction_put (transaction, "", arbor, NULL, &error), ARBOR_ERROR,
         ARBOR_ERROR_INVALID_NAME);
  FAILS (arbor_transaction_append (transaction, "\t", arbor, NULL, &error), ARBOR_ERROR,
         ARBOR_ERROR_INVALID_NAME);
  FAILS (arbor_transaction_put (transaction, "a", stale, NULL, &error), ARBOR_ERROR,
         ARBOR_ERROR_STALE);
  FAILS (arbor_transaction_put (transaction, "a", arbor, cancelled, &error), G_IO_ERROR,
         G_IO_ERROR_CANCELLED);
  FAILS (arbor_transaction_replace (transaction, "a", 1, 1, NULL, NULL, &error), ARBOR_ERROR,
         ARBOR_ERROR_OUT_OF_RANGE);
  FAILS (arbor_transaction_replace (transaction, "b", 0, 0, arbor, NULL, &error), ARBOR_ERROR,
         ARBOR_ERROR_NOT_FOUND);
  FAILS (arbor_transaction_rename (transaction, "b", "c", &error), ARBOR_ERROR,
         ARBOR_ERROR_NOT_FOUND);
  FAILS (arbor_transaction_rename (transaction, "a", "a", &error), ARBOR_ERROR, ARBOR_ERROR_EXISTS);
  FAILS (arbor_transaction_rename (transaction, "a", "", &error), ARBOR_ERROR,
         ARBOR_ERROR_INVALID_NAME);
  FAILS (arbor_transaction_delete (transaction, "", &error), ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
  FAILS (arbor_transaction_get (transaction, "b", &error) != NULL, ARBOR_ERROR,
         ARBOR_ERROR_NOT_FOUND);
  g_assert_false (arbor_transaction_has_changes (transaction));

  put (transaction, "b", "3");
  FAILS (arbor_transaction_commit (transaction, cancelled, &error), G_IO_ERROR,
         G_IO_ERROR_CANCELLED);
  commit (transaction);
  assert_stored (fixture->store, "a", "2\n");
  assert_stored (fixture->store, "b", "3\n");

  g_object_set (options, "read-only", TRUE, NULL);
  read_only = open_store_with (fixture->path, options);
  FAILS (arbor_store_begin_transaction (read_only, &error) != NULL, ARBOR_ERROR,
         ARBOR_ERROR_READ_ONLY);
}

static void
assert_over (ArborTransaction *transaction, const char *message)
{
  g_autoptr (ArborArbor) arbor = read_lines ("1");
  g_autoptr (GError) error = NULL;

  g_assert_true (arbor_transaction_is_closed (transaction));
  g_assert_false (arbor_transaction_has_changes (transaction));
  FAILS (arbor_transaction_put (transaction, "a", arbor, NULL, &error), ARBOR_ERROR,
         ARBOR_ERROR_CLOSED);
  FAILS (arbor_transaction_list_names (transaction, &error) != NULL, ARBOR_ERROR,
         ARBOR_ERROR_CLOSED);
  g_assert_false (arbor_transaction_commit (transaction, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_ends (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborTransaction) committed = begin (fixture->store);
  g_autoptr (ArborTransaction) rolled_back = begin (fixture->store);
  g_autoptr (ArborTransaction) dropped = begin (fixture->store);
  g_autoptr (ArborTransaction) empty = begin (fixture->store);
  g_autoptr (ArborTransaction) forgotten = begin (fixture->store);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  put (committed, "a", "1");
  put (rolled_back, "b", "1");
  put (dropped, "c", "1");
  put (forgotten, "d", "1");
  arbor = arbor_transaction_get (rolled_back, "b", NULL);
  g_clear_object (&forgotten);
  commit (empty);
  commit (committed);
  arbor_transaction_rollback (committed);
  arbor_transaction_rollback (rolled_back);
  arbor_transaction_rollback (rolled_back);
  assert_over (committed, "The transaction has been committed: begin another one");
  assert_over (rolled_back, "The transaction has been rolled back: begin another one");
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, NULL), ==, 1);

  g_assert_true (arbor_transaction_has_changes (dropped));
  arbor_store_close (fixture->store);
  assert_over (committed, "ArborStore has been closed");
  assert_over (dropped, "ArborStore has been closed");
  arbor_transaction_rollback (dropped);
  g_assert_null (arbor_store_begin_transaction (fixture->store, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, NULL), ==, 0);

  {
    g_auto (GStrv) names = NULL;
    g_autofree char *joined = NULL;

    g_strfreev (arbor_store_refresh (fixture->other, NULL));
    names = arbor_store_list_names (fixture->other, NULL);
    joined = g_strjoinv (",", names);
    g_assert_cmpstr (joined, ==, "a");
  }
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborTransaction) transaction = begin (fixture->store);
  g_autoptr (ArborTransaction) late = begin (fixture->store);
  g_autoptr (GError) error = NULL;

  append (transaction, "a", "1");
  append (late, "a", "2");
  for (guint i = 0; i < 2; i++)
    {
      ArborTransaction *each = i == 0 ? transaction : late;
      g_autoptr (GAsyncResult) result = NULL;

      arbor_transaction_commit_async (each, NULL, on_result, &result);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (arbor_transaction_commit_finish (each, result, &error), ==, i == 0);
    }
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT);
  assert_stored (fixture->other, "a", "1\n");
}

/* The loop of the manual: reads, and writes one more, whatever others do. */
static gboolean
stage_one_more (ArborTransaction *transaction, ArborStore *other, gint64 *rival, GError **error)
{
  g_autoptr (ArborArbor) counter = arbor_transaction_get (transaction, "counter", error);
  g_autoptr (ArborTree) tree = NULL;
  g_autoptr (ArborArbor) more = NULL;
  g_autofree char *text = NULL;

  if (counter == NULL || (tree = arbor_arbor_get (counter, 0, error)) == NULL)
    return FALSE;
  text = g_strdup_printf ("%" G_GINT64_FORMAT, arbor_tree_get_int64 (tree, NULL, error) + 1);
  more = read_lines (text);
  if (*rival > 0)
    {
      g_autofree char *theirs = g_strdup_printf ("%" G_GINT64_FORMAT, 100 * *rival);

      put_lines (other, "counter", theirs);
      (*rival)--;
    }
  return arbor_transaction_put (transaction, "counter", more, NULL, error);
}

static gboolean
add_one (ArborStore *store, ArborStore *other, gint64 *rival, GError **error)
{
  for (;;)
    {
      g_autoptr (ArborTransaction) transaction = arbor_store_begin_transaction (store, error);
      g_autoptr (GError) local_error = NULL;

      if (transaction == NULL)
        return FALSE;
      if (stage_one_more (transaction, other, rival, &local_error) &&
          arbor_transaction_commit (transaction, NULL, &local_error))
        return TRUE;
      if (!g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
}

static void
test_loop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 rival = 3;

  put_lines (fixture->store, "counter", "0");
  g_assert_true (add_one (fixture->store, fixture->other, &rival, &error));
  g_assert_no_error (error);
  g_assert_cmpint (rival, ==, 0);
  assert_stored (fixture->other, "counter", "101\n");
  arbor_store_close (fixture->store);
  g_assert_false (add_one (fixture->store, fixture->other, &rival, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/transaction/own-writes", Fixture, NULL, set_up, test_own_writes, tear_down);
  g_test_add ("/transaction/swap", Fixture, NULL, set_up, test_swap, tear_down);
  g_test_add ("/transaction/lost-updates", Fixture, NULL, set_up, test_lost_updates, tear_down);
  g_test_add ("/transaction/expected", Fixture, NULL, set_up, test_expected, tear_down);
  g_test_add ("/transaction/one-state", Fixture, NULL, set_up, test_one_state, tear_down);
  g_test_add ("/transaction/pinned", Fixture, NULL, set_up, test_pinned, tear_down);
  g_test_add ("/transaction/mistakes", Fixture, NULL, set_up, test_mistakes, tear_down);
  g_test_add ("/transaction/ends", Fixture, NULL, set_up, test_ends, tear_down);
  g_test_add ("/transaction/async", Fixture, NULL, set_up, test_async, tear_down);
  g_test_add ("/transaction/loop", Fixture, NULL, set_up, test_loop, tear_down);
  return g_test_run ();
}
