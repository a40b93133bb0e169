/* Stale handles, the whole table: each policy, all that can become of a name, and who can do it. A
 * handle whose name changed says so, with both generations; one whose name did not reads on from
 * the newest snapshot and keeps no old page; what had begun goes on as it began.
 */

#include "kit/transactions.h"

#define N_TREES 300u

typedef enum
{
  REPLACED,
  APPENDED,
  CUT,
  DELETED,
  RENAMED,
  RENAMED_BACK,
  RECREATED,
  UNCHANGED,
  ELSEWHERE,
  N_ACTIONS
} Action;

typedef enum
{
  OWN_WRITE,
  OWN_TRANSACTION,
  OTHER_STORE,
  OTHER_TRANSACTION,
  N_WRITERS
} Writer;

typedef struct
{
  ArborStaleness policy;
  Action action;
  Writer writer;
} Row;

static char *
make_text (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < N_TREES; i++)
    g_string_append_printf (text, "{\"n\":%u}\n", i);
  return g_string_free (text, FALSE);
}

/* The table's columns: what is done to "a" */

static void
act_by_transaction (ArborStore *store, Action action, const char *old)
{
  g_autoptr (ArborTransaction) transaction = begin (store);

  if (action == REPLACED)
    put (transaction, "a", "-1");
  else if (action == APPENDED)
    append (transaction, "a", "-1");
  else if (action == CUT)
    replace (transaction, "a", 1, N_TREES - 1, NULL);
  else if (action == DELETED)
    delete_name (transaction, "a", TRUE);
  else if (action == RENAMED)
    rename_to (transaction, "a", "b");
  else if (action == UNCHANGED)
    put (transaction, "a", old);
  else if (action == ELSEWHERE)
    put (transaction, "other", "-1");
  commit (transaction);
}

static void
act_by_store (ArborStore *store, Action action, const char *old)
{
  g_autoptr (ArborArbor) one = read_lines ("-1");
  g_autoptr (GError) error = NULL;

  if (action == REPLACED)
    arbor_store_put (store, "a", one, NULL, &error);
  else if (action == APPENDED)
    arbor_store_append (store, "a", one, NULL, &error);
  else if (action == CUT)
    arbor_store_replace (store, "a", 1, N_TREES - 1, NULL, NULL, &error);
  else if (action == DELETED)
    arbor_store_delete (store, "a", NULL, &error);
  else if (action == RENAMED)
    arbor_store_rename (store, "a", "b", NULL, &error);
  else if (action == UNCHANGED)
    put_lines (store, "a", old);
  else if (action == ELSEWHERE)
    put_lines (store, "other", "-1");
  g_assert_no_error (error);
}

static void
act_once (ArborStore *store, Writer writer, Action action, const char *old)
{
  if (writer == OWN_TRANSACTION || writer == OTHER_TRANSACTION)
    act_by_transaction (store, action, old);
  else
    act_by_store (store, action, old);
}

/* Names that went away in one commit and came back in another. */
static void
act (ArborStore *store, Writer writer, Action action, const char *old)
{
  g_autoptr (GError) error = NULL;

  if (action == RECREATED)
    {
      act_once (store, writer, DELETED, old);
      put_lines (store, "a", old);
    }
  else if (action == RENAMED_BACK)
    {
      act_once (store, writer, RENAMED, old);
      arbor_store_rename (store, "b", "a", NULL, &error);
      g_assert_no_error (error);
    }
  else
    act_once (store, writer, action, old);
}

/* What "a" is afterwards, NULL when it is not there. */
static char *
make_expected (Action action, const char *old)
{
  switch (action)
    {
    case REPLACED:
      return g_strdup ("-1\n");
    case APPENDED:
      return g_strconcat (old, "-1\n", NULL);
    case CUT:
      return g_strdup ("{\"n\":0}\n");
    case DELETED:
    case RENAMED:
      return NULL;
    default:
      return g_strdup (old);
    }
}

/* The handles */

typedef struct
{
  ArborArbor *arbor;
  ArborArbor *computed; /* a view whose selection is known */
  ArborArbor *lazy;     /* one whose selection is not */
  ArborArbor *model;
  ArborIter *iter; /* under way */
  ArborTree *tree;
} Handles;

static void
handles_init (Handles *handles, ArborStore *store)
{
  g_autoptr (ArborExpr) predicate = arbor_expr_parse ("n >= 0", NULL);
  g_autoptr (GError) error = NULL;

  handles->arbor = arbor_store_get (store, "a", &error);
  g_assert_no_error (error);
  handles->computed = arbor_arbor_filter (handles->arbor, predicate, &error);
  g_assert_cmpuint (arbor_arbor_get_n_trees (handles->computed, &error), ==, N_TREES);
  handles->lazy = arbor_arbor_filter (handles->arbor, predicate, &error);
  handles->model = arbor_store_get (store, "a", &error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (handles->model)), ==, N_TREES);
  handles->iter = arbor_arbor_iterator (handles->arbor, &error);
  handles->tree = arbor_iter_next_value (handles->iter, &error);
  g_assert_no_error (error);
}

static void
handles_clear (Handles *handles)
{
  g_clear_object (&handles->arbor);
  g_clear_object (&handles->computed);
  g_clear_object (&handles->lazy);
  g_clear_object (&handles->model);
  g_clear_object (&handles->iter);
  g_clear_object (&handles->tree);
}

static void
assert_reads (ArborArbor *arbor, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = arbor_arbor_to_jsonl (arbor, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

#define assert_stale(call, expected)                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GError) stale_error = NULL;                                                         \
    GError **error = &stale_error;                                                                 \
    g_assert_true ((call) == 0);                                                                   \
    g_assert_error (stale_error, ARBOR_ERROR, ARBOR_ERROR_STALE);                                  \
    g_assert_cmpstr (stale_error->message, ==, expected);                                          \
  }                                                                                                \
  G_STMT_END

static void
assert_all_stale (ArborArbor *arbor, const char *message)
{
  assert_stale (arbor_arbor_to_jsonl (arbor, error), message);
  assert_stale (arbor_arbor_iterator (arbor, error), message);
  assert_stale (arbor_arbor_get_n_trees (arbor, error), message);
  assert_stale (arbor_arbor_get (arbor, 0, error), message);
  assert_stale (arbor_arbor_get (arbor, N_TREES + 1, error), message);
}

/* What had begun. */
static void
assert_goes_on (Handles *handles)
{
  GListModel *model = G_LIST_MODEL (handles->model);

  for (guint i = 0; i < N_TREES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborTree) tree = g_steal_pointer (&handles->tree);
      g_autoptr (ArborTree) item = g_list_model_get_item (model, i);

      g_assert_cmpint (arbor_tree_get_int64 (tree, "n", &error), ==, i);
      g_assert_no_error (error);
      g_assert_cmpint (arbor_tree_get_int64 (item, "n", &error), ==, i);
      g_assert_no_error (error);
      handles->tree = arbor_iter_next_value (handles->iter, &error);
      g_assert_no_error (error);
    }
  g_assert_null (handles->tree);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, N_TREES);
}

static void
assert_handles (Handles *handles, ArborStore *store, const Row *row, const char *old)
{
  ArborArbor *const arbors[] = { handles->arbor, handles->computed, handles->lazy };
  guint64 expected = arbor_arbor_get_generation (handles->arbor);
  g_autofree char *message = NULL;

  if (row->action == DELETED || row->action == RENAMED)
    message = g_strdup_printf (
        "Stored arbor 'a' was deleted (expected generation %" G_GUINT64_FORMAT ")", expected);
  else
    message =
        g_strdup_printf ("Stored arbor 'a' was updated (expected generation %" G_GUINT64_FORMAT
                         ", current %" G_GUINT64_FORMAT ")",
                         expected, get_generation (store, "a"));
  for (guint i = 0; i < G_N_ELEMENTS (arbors); i++)
    {
      if (row->policy == ARBOR_STALENESS_PINNED || row->action == UNCHANGED ||
          row->action == ELSEWHERE)
        assert_reads (arbors[i], old);
      else
        assert_all_stale (arbors[i], message);
    }
}

static void
check_row (Fixture *fixture, const Row *row)
{
  const gboolean is_own = row->writer == OWN_WRITE || row->writer == OWN_TRANSACTION;
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) store = NULL;
  g_autofree char *old = make_text ();
  g_autofree char *expected = make_expected (row->action, old);
  g_autoptr (GError) error = NULL;
  Handles handles;

  g_test_message ("policy %d, action %d, writer %d", row->policy, row->action, row->writer);
  arbor_store_options_set_staleness (options, row->policy);
  store = open_store_with (fixture->path, options);
  put_lines (store, "a", old);
  handles_init (&handles, store);
  /* A put finds unchanged batches in what its store knows. */
  g_strfreev (arbor_store_refresh (fixture->other, NULL));
  act (is_own ? store : fixture->other, row->writer, row->action, old);
  if (!is_own)
    {
      g_auto (GStrv) changed = NULL;

      assert_reads (handles.arbor, old);
      changed = arbor_store_refresh (store, &error);
      g_assert_no_error (error);
      g_assert_cmpint (g_strv_contains ((const char *const *) changed, "a"), ==,
                       row->action != UNCHANGED && row->action != ELSEWHERE);
    }
  assert_handles (&handles, store, row, old);
  assert_goes_on (&handles);

  /* Getting the name again cures. */
  assert_stored (store, "a", expected);
  handles_clear (&handles);
  arbor_store_delete (store, "a", NULL, &error);
  arbor_store_delete (store, "b", NULL, &error);
  arbor_store_delete (store, "other", NULL, &error);
  g_assert_no_error (error);
  arbor_store_close (store);
}

static void
test_table (Fixture *fixture, gconstpointer data)
{
  const ArborStaleness policies[] = { ARBOR_STALENESS_STRICT, ARBOR_STALENESS_PINNED };

  for (guint p = 0; p < G_N_ELEMENTS (policies); p++)
    for (guint action = 0; action < N_ACTIONS; action++)
      for (guint writer = 0; writer < N_WRITERS; writer++)
        {
          const Row row = { policies[p], action, writer };

          check_row (fixture, &row);
        }
}

/* Old pages */

static guint64
count_held (ArborStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStats) stats = arbor_store_get_stats (store, &error);

  g_assert_no_error (error);
  return arbor_stats_get_n_held_pages (stats);
}

static void
write_others (ArborStore *store)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      put_lines (store, "b", text);
    }
}

/* Handles that were not changed hold no page back; an iterator does until it ends. */
static void
check_pages (Fixture *fixture, ArborStore *writer, ArborStore *store)
{
  g_autofree char *old = make_text ();
  g_autoptr (ArborExpr) predicate = arbor_expr_parse ("n >= 0", NULL);
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) view = NULL;
  g_autoptr (ArborIter) iter = NULL;

  put_lines (store, "a", old);
  arbor = arbor_store_get (store, "a", NULL);
  view = arbor_arbor_filter (arbor, predicate, NULL);
  assert_reads (view, old);
  iter = arbor_arbor_iterator (view, NULL);
  write_others (writer);
  g_strfreev (arbor_store_refresh (store, NULL));
  assert_reads (arbor, old);
  assert_reads (view, old);
  g_assert_cmpuint (count_held (store), >, 0);
  g_clear_object (&iter);
  while (count_held (store) > 0)
    {
      /* What was replaced is deleted in the background, which commits, too. */
      g_usleep (1000);
      g_strfreev (arbor_store_refresh (writer, NULL));
      g_strfreev (arbor_store_refresh (store, NULL));
      assert_reads (arbor, old);
    }
  assert_reads (view, old);
}

/* No store else, because one that is open reads from what was newest when it was refreshed. */
static void
test_pages (Fixture *fixture, gconstpointer data)
{
  arbor_store_close (fixture->other);
  check_pages (fixture, fixture->store, fixture->store);
  g_clear_object (&fixture->other);
  fixture->other = open_store (fixture->path);
  check_pages (fixture, fixture->other, fixture->store);
}

/* A store whose handles are pinned: the handle holds them, for as long as it lives. */
static void
test_pinned_pages (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) store = NULL;
  g_autoptr (ArborArbor) arbor = NULL;

  arbor_store_options_set_staleness (options, ARBOR_STALENESS_PINNED);
  arbor_store_close (fixture->store);
  arbor_store_close (fixture->other);
  store = open_store_with (fixture->path, options);
  put_lines (store, "a", "1");
  arbor = arbor_store_get (store, "a", NULL);
  write_others (store);
  assert_reads (arbor, "1\n");
  g_assert_cmpuint (count_held (store), >, 0);
  g_clear_object (&arbor);
  while (count_held (store) > 0)
    {
      g_usleep (1000);
      g_strfreev (arbor_store_refresh (store, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, name)                                                                            \
  g_test_add ("/staleness/" path, Fixture, NULL, set_up, test_##name, tear_down)
  ADD ("table", table);
  ADD ("pages", pages);
  ADD ("pinned-pages", pinned_pages);
#undef ADD

  return g_test_run ();
}
