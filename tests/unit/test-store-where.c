/* Deleting, updating and upserting by content, through the public header alone. What is written is
 * in test-content-where.c.
 */

#include <arbor/arbor.h>

#include "kit/arbors.h"

static guint64
delete_where (ArborStore *store, const char *name, const char *predicate)
{
  g_autoptr (ArborExpr) expr = parse (predicate);
  g_autoptr (GError) error = NULL;
  guint64 n = arbor_store_delete_where (store, name, expr, NULL, &error);

  g_assert_no_error (error);
  return n;
}

/* Up to three fields and values. */
static guint64
try_update (ArborStore *store, const char *name, const char *predicate, const char *const *pairs,
            GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborExpr) expr = parse (predicate);
  const char *fields[4];
  ArborExpr *values[3];
  gsize n = 0;
  guint64 n_changed;

  for (; pairs[2 * n] != NULL; n++)
    {
      fields[n] = pairs[2 * n];
      values[n] = parse (pairs[2 * n + 1]);
    }
  fields[n] = NULL;
  n_changed = arbor_store_update_where (store, name, expr, fields, values, n, cancellable, error);
  while (n > 0)
    g_object_unref (values[--n]);
  return n_changed;
}

#define update_where(store, name, predicate, n, ...)                                               \
  G_STMT_START                                                                                     \
    {                                                                                              \
      const char *pairs[] = { __VA_ARGS__, NULL };                                                 \
      g_autoptr (GError) local_error = NULL;                                                       \
      guint64 n_changed = try_update (store, name, predicate, pairs, NULL, &local_error);          \
                                                                                                   \
      g_assert_no_error (local_error);                                                             \
      g_assert_cmpuint (n_changed, ==, n);                                                         \
    }                                                                                              \
  G_STMT_END

static guint64
upsert (ArborStore *store, const char *name, const char *key, const char *text)
{
  g_autoptr (ArborArbor) arbor = read_lines (text);
  g_autoptr (GError) error = NULL;
  guint64 n = arbor_store_upsert (store, name, key, arbor, NULL, &error);

  g_assert_no_error (error);
  return n;
}

static void
test_delete (StorePlace *fixture, gconstpointer data)
{
  put_lines (fixture->store, "a", "{\"n\":1}\n{\"n\":null}\n{}\n7\n{\"n\":2}\n{\"n\":\"x\"}");
  g_assert_cmpuint (delete_where (fixture->store, "a", "n > 5"), ==, 0);
  g_assert_cmpuint (delete_where (fixture->store, "a", "n >= 1"), ==, 2);
  assert_stored (fixture->store, "a", "{\"n\":null}\n{}\n7\n{\"n\":\"x\"}\n");
  g_assert_cmpuint (delete_where (fixture->store, "a", "n == null"), ==, 3);
  assert_stored (fixture->store, "a", "{\"n\":\"x\"}\n");
  g_assert_cmpuint (delete_where (fixture->store, "a", "true"), ==, 1);
  assert_stored (fixture->store, "a", "");
  g_assert_cmpuint (delete_where (fixture->store, "a", "true"), ==, 0);
}

/* Places of fields, values of the old tree, removal, kinds; what is no object stays. */
static void
test_update (StorePlace *fixture, gconstpointer data)
{
  ArborStore *store = fixture->store;

  put_lines (store, "a", "{\"a\":1,\"b\":[2,{\"c\":3}],\"d\":\"x\"}\n{\"d\":\"y\"}\n[1]\nnull\n5");
  update_where (store, "a", "true", 2, "d", "\"z\"");
  assert_stored (store, "a",
                "{\"a\":1,\"b\":[2,{\"c\":3}],\"d\":\"z\"}\n{\"d\":\"z\"}\n[1]\nnull\n5\n");
  /* Exchanged; the second tree has neither. */
  update_where (store, "a", "true", 1, "a", "b", "b", "a");
  assert_stored (store, "a",
                "{\"a\":[2,{\"c\":3}],\"b\":1,\"d\":\"z\"}\n{\"d\":\"z\"}\n[1]\nnull\n5\n");
  update_where (store, "a", "true", 2, "new", "len (d)", "d", "nothing", "b", "a[1].c");
  assert_stored (store, "a", "{\"a\":[2,{\"c\":3}],\"b\":3,\"new\":1}\n{\"new\":1}\n[1]\nnull\n5\n");
  update_where (store, "a", "b == null", 1, "x", "null", "y.z", "1.0");
  assert_stored (store, "a",
                "{\"a\":[2,{\"c\":3}],\"b\":3,\"new\":1}\n{\"new\":1,\"x\":null,\"y.z\":1.0}\n"
                "[1]\nnull\n5\n");
  /* Another kind of the same value is another value; the same value is none. */
  update_where (store, "a", "b == null", 1, "y.z", "1");
  update_where (store, "a", "b == null", 0, "y.z", "1");
  update_where (store, "a", "b == 3", 0, "a", "a", "b", "2 + 1");
  update_where (store, "a", "b == 3", 1, "a", "$");
  assert_stored (store, "a",
                "{\"a\":{\"a\":[2,{\"c\":3}],\"b\":3,\"new\":1},\"b\":3,\"new\":1}\n"
                "{\"new\":1,\"x\":null,\"y.z\":1}\n[1]\nnull\n5\n");
}

static void
test_upsert (StorePlace *fixture, gconstpointer data)
{
  ArborStore *store = fixture->store;

  g_assert_cmpuint (upsert (store, "a", "k.id", "{\"k\":{\"id\":1},\"v\":1}"), ==, 1);
  g_assert_cmpuint (upsert (store, "a", "k.id",
                            "{\"k\":{\"id\":\"1\"}}\n{\"k\":{\"id\":1.0},\"v\":2}\n"
                            "{\"k\":{\"id\":[1]}}\n{\"k\":{\"id\":\"1\"},\"v\":3}\n"
                            "{\"k\":{\"id\":{\"a\":1,\"b\":2}}}"),
                    ==, 4);
  assert_stored (store, "a",
                "{\"k\":{\"id\":1.0},\"v\":2}\n{\"k\":{\"id\":\"1\"},\"v\":3}\n"
                "{\"k\":{\"id\":[1]}}\n{\"k\":{\"id\":{\"a\":1,\"b\":2}}}\n");
  g_assert_cmpuint (upsert (store, "a", "k.id",
                            "{\"k\":{\"id\":{\"b\":2.0,\"a\":1}},\"v\":4}\n{\"k\":{\"id\":[1]}}"),
                    ==, 1);
  assert_stored (store, "a",
                "{\"k\":{\"id\":1.0},\"v\":2}\n{\"k\":{\"id\":\"1\"},\"v\":3}\n"
                "{\"k\":{\"id\":[1]}}\n{\"k\":{\"id\":{\"b\":2.0,\"a\":1}},\"v\":4}\n");

  /* Stored trees without a key stay; of several with one key all are replaced. */
  put_lines (store, "b", "{\"v\":1}\n{\"id\":null}\n7\n{\"id\":1,\"v\":1}\n{\"id\":1,\"v\":2}");
  g_assert_cmpuint (upsert (store, "b", "id", "{\"id\":1,\"v\":2}\n{\"id\":0}"), ==, 2);
  assert_stored (store, "b",
                "{\"v\":1}\n{\"id\":null}\n7\n{\"id\":1,\"v\":2}\n{\"id\":1,\"v\":2}\n"
                "{\"id\":0}\n");

  /* The empty path is the tree itself. */
  g_assert_cmpuint (upsert (store, "c", "", "1\n2\n1.0\n\"x\""), ==, 3);
  assert_stored (store, "c", "1.0\n2\n\"x\"\n");
  g_assert_cmpuint (upsert (store, "empty", "id", ""), ==, 0);
  assert_stored (store, "empty", "");
}

/* What comes in is a view of the arbor that is changed. */
static void
test_own_view (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborArbor) view = NULL;
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "a", "{\"id\":1,\"v\":1}\n{\"id\":2,\"v\":2}\n{\"id\":1,\"v\":3}");
  arbor = arbor_store_get (fixture->store, "a", &error);
  view = arbor_arbor_reverse (arbor, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_store_upsert (fixture->store, "a", "id", view, NULL, &error), ==, 1);
  g_assert_no_error (error);
  assert_stored (fixture->store, "a", "{\"id\":1,\"v\":1}\n{\"id\":2,\"v\":2}\n{\"id\":1,\"v\":1}\n");
}

/* Handles stay fresh where nothing changes. */
static void
test_unchanged (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "a", "{\"id\":1}\n{\"id\":2}");
  arbor = arbor_store_get (fixture->store, "a", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (delete_where (fixture->store, "a", "id > 2"), ==, 0);
  update_where (fixture->store, "a", "id > 0", 0, "id", "id");
  g_assert_cmpuint (upsert (fixture->store, "a", "id", "{\"id\":2}"), ==, 0);
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 2);
  g_assert_no_error (error);
  g_assert_cmpuint (delete_where (fixture->store, "a", "id == 2"), ==, 1);
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
}

/* A tree set into itself grows deeper, until it may not. */
static void
test_deep (StorePlace *fixture, gconstpointer data)
{
  const char *const pairs[] = { "a", "$", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (ArborArbor) arbor = NULL;

  put_lines (fixture->store, "a", "{\"a\":0}");
  for (guint i = 1; i < 1024; i++)
    g_assert_cmpuint (try_update (fixture->store, "a", "true", pairs, NULL, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpuint (try_update (fixture->store, "a", "true", pairs, NULL, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_clear_error (&error);
  arbor = arbor_store_get (fixture->store, "a", &error);
  text = arbor_arbor_to_jsonl (arbor, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text), ==, 1024 * 6 + 2);
}

typedef guint64 (*Call) (ArborStore *store, const char *name, GCancellable *c, GError **error);

static guint64
call_delete (ArborStore *store, const char *name, GCancellable *c, GError **error)
{
  g_autoptr (ArborExpr) expr = parse ("id == 1");

  return arbor_store_delete_where (store, name, expr, c, error);
}

static guint64
call_update (ArborStore *store, const char *name, GCancellable *c, GError **error)
{
  const char *const pairs[] = { "v", "id", NULL };

  return try_update (store, name, "id == 1", pairs, c, error);
}

static guint64
call_upsert (ArborStore *store, const char *name, GCancellable *c, GError **error)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"id\":1,\"v\":0}");

  return arbor_store_upsert (store, name, "id", arbor, c, error);
}

static void
assert_fails (Call call, ArborStore *store, const char *name, GCancellable *c, GQuark domain,
              int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (call (store, name, c, &error), ==, 0);
  g_assert_error (error, domain, code);
}

static void
test_errors (StorePlace *fixture, gconstpointer data)
{
  const Call calls[] = { call_delete, call_update, call_upsert };
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  g_autoptr (ArborStore) reader = NULL;
  g_autoptr (ArborStore) unopened = g_object_new (ARBOR_TYPE_STORE, NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancelled);
  put_lines (fixture->store, "a", "{\"id\":1}");
  arbor_store_options_set_read_only (options, TRUE);
  reader = arbor_store_open (fixture->path, options, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      assert_fails (calls[i], fixture->store, "a", cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      assert_fails (calls[i], fixture->store, "", NULL, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME);
      assert_fails (calls[i], reader, "a", NULL, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY);
      assert_fails (calls[i], unopened, "a", NULL, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
    }
  assert_fails (call_delete, fixture->store, "x", NULL, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
  assert_fails (call_update, fixture->store, "x", NULL, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
  assert_stored (fixture->store, "a", "{\"id\":1}\n");

  arbor_store_close (fixture->store);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    assert_fails (calls[i], fixture->store, "", cancelled, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
}

static void
test_bad_arguments (StorePlace *fixture, gconstpointer data)
{
  const char *const twice[] = { "v", "1", "w", "2", "v", "3", NULL };
  const char *const vector[] = { "v", "b[*]", NULL };
  const char *const invalid[] = { "\xff", "1", NULL };
  g_autoptr (ArborExpr) expr = parse ("b[*] > 1");
  g_autoptr (ArborArbor) arbor = read_lines ("{\"id\":1}\n{\"id\":2}\n{\"id\":null}\n{\"id\":2}");
  g_autoptr (ArborArbor) missing = read_lines ("5");
  g_autoptr (GError) error = NULL;

  put_lines (fixture->store, "a", "{\"id\":1}");
  try_update (fixture->store, "a", "true", twice, NULL, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "Field name 'v' is given twice");
  g_clear_error (&error);
  try_update (fixture->store, "a", "true", invalid, NULL, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  try_update (fixture->store, "a", "true", vector, NULL, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);
  g_assert_cmpuint (arbor_store_delete_where (fixture->store, "a", expr, NULL, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);
  arbor_store_upsert (fixture->store, "a", "id[*]", arbor, NULL, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);
  arbor_store_upsert (fixture->store, "a", "id[", arbor, NULL, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);
  arbor_store_upsert (fixture->store, "a", "id", arbor, NULL, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY);
  g_assert_cmpstr (error->message, ==,
                   "Tree 2 of the arbor to be upserted has no key: id is missing or null");
  g_clear_error (&error);
  arbor_store_upsert (fixture->store, "a", "id", missing, NULL, &error);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY);
  assert_stored (fixture->store, "a", "{\"id\":1}\n");
}

/* The second store has not refreshed: the newest content counts. */
static void
test_newest (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborStore) other = open_store (fixture->path);

  put_lines (fixture->store, "a", "{\"id\":1}\n{\"id\":2}");
  g_assert_cmpuint (delete_where (other, "a", "id == 1"), ==, 1);
  g_assert_cmpuint (upsert (fixture->store, "a", "id", "{\"id\":1}\n{\"id\":2}"), ==, 1);
  update_where (other, "a", "true", 2, "v", "id");
  assert_stored (other, "a", "{\"id\":2,\"v\":2}\n{\"id\":1,\"v\":1}\n");
}

#define N_THREADS 4
#define N_ROUNDS  40

/* Each counts one field of each tree up. */
static gpointer
count_up (gpointer data)
{
  g_autoptr (ArborStore) store = open_store (data);

  for (guint i = 0; i < N_ROUNDS; i++)
    update_where (store, "a", "true", 3, "n", "n + 1");
  arbor_store_close (store);
  return NULL;
}

static void
test_threads (StorePlace *fixture, gconstpointer data)
{
  GThread *threads[N_THREADS];

  put_lines (fixture->store, "a", "{\"n\":0}\n{\"n\":100}\n{\"n\":-160}");
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("count", count_up, fixture->path);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_clear_object (&fixture->store);
  fixture->store = open_store (fixture->path);
  assert_stored (fixture->store, "a", "{\"n\":160}\n{\"n\":260}\n{\"n\":0}\n");
}

typedef guint64 (*Finish) (ArborStore *store, GAsyncResult *result, GError **error);

typedef struct
{
  Finish finish;
  guint64 n;
  GError *error;
  gboolean is_done;
} Waiter;

static void
note_result (GObject *source, GAsyncResult *result, gpointer data)
{
  Waiter *waiter = data;

  waiter->n = waiter->finish (ARBOR_STORE (source), result, &waiter->error);
  waiter->is_done = TRUE;
}

static guint64
wait_for_count (Waiter *waiter)
{
  while (!waiter->is_done)
    g_main_context_iteration (NULL, TRUE);
  return waiter->n;
}

static void
test_async (StorePlace *fixture, gconstpointer data)
{
  g_autoptr (ArborExpr) all = parse ("true");
  g_autoptr (ArborExpr) value = parse ("id + 1");
  g_autoptr (ArborArbor) arbor = read_lines ("{\"id\":1}\n{\"id\":2}");
  const char *field[] = { "id", NULL };
  Waiter upserted = { .finish = arbor_store_upsert_finish };
  Waiter updated = { .finish = arbor_store_update_where_finish };
  Waiter deleted = { .finish = arbor_store_delete_where_finish };
  Waiter failed = { .finish = arbor_store_delete_where_finish };

  arbor_store_upsert_async (fixture->store, "a", "id", arbor, NULL, note_result, &upserted);
  g_assert_cmpuint (wait_for_count (&upserted), ==, 2);
  g_assert_no_error (upserted.error);
  arbor_store_update_where_async (fixture->store, "a", all, field, &value, 1, NULL, note_result,
                                  &updated);
  g_assert_cmpuint (wait_for_count (&updated), ==, 2);
  assert_stored (fixture->store, "a", "{\"id\":2}\n{\"id\":3}\n");
  arbor_store_delete_where_async (fixture->store, "a", all, NULL, note_result, &deleted);
  g_assert_cmpuint (wait_for_count (&deleted), ==, 2);
  arbor_store_delete_where_async (fixture->store, "b", all, NULL, note_result, &failed);
  g_assert_cmpuint (wait_for_count (&failed), ==, 0);
  g_assert_error (failed.error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND);
  g_clear_error (&failed.error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, name) g_test_add ("/store-where/" path, StorePlace, NULL, store_place_set_up, test_##name, store_place_tear_down)
  ADD ("delete", delete);
  ADD ("update", update);
  ADD ("upsert", upsert);
  ADD ("own-view", own_view);
  ADD ("unchanged", unchanged);
  ADD ("deep", deep);
  ADD ("errors", errors);
  ADD ("bad-arguments", bad_arguments);
  ADD ("newest", newest);
  ADD ("threads", threads);
  ADD ("async", async);
#undef ADD

  return g_test_run ();
}
