/* New trees out of old ones: what each operation gives, tree by tree; that it is computed once and
 * only as far as somebody reads; and that it ends with its stores.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"

/* Takes over @arbor. */
static void
assert_made (ArborArbor *arbor, GError *error, const char *expected)
{
  g_autoptr (ArborArbor) taken = arbor;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = arbor_arbor_to_jsonl (taken, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

/* What reads the trees of @arbor, which is taken over, fails. */
static void
assert_fails (ArborArbor *arbor, GError *making, int code, const char *message)
{
  g_autoptr (ArborArbor) taken = arbor;
  g_autoptr (GError) error = NULL;

  g_assert_no_error (making);
  g_assert_null (arbor_arbor_to_jsonl (taken, &error));
  g_assert_error (error, ARBOR_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
}

static ArborArbor *
with_exprs (ArborArbor *arbor, gboolean is_select, const char *const *names,
            const char *const *texts, GError **error)
{
  g_autoptr (GPtrArray) exprs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; texts[i] != NULL; i++)
    g_ptr_array_add (exprs, arbor_expr_parse (texts[i], NULL));
  return is_select ? arbor_arbor_select (arbor, names, (ArborExpr **) exprs->pdata, exprs->len, error)
                   : arbor_arbor_add_fields (arbor, names, (ArborExpr **) exprs->pdata, exprs->len,
                                             error);
}

#define STRV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NOTHING ((const char *const[]){ NULL })

#define PEOPLE                                                                                     \
  "{\"a\":1,\"b\":{\"c\":[10,20]},\"d\":null}\n"                                                   \
  "{\"d\":\"x\",\"b\":5}\n"                                                                        \
  "[1,2]\n"

static void
test_select (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (PEOPLE);
  GError *error = NULL;

  assert_made (with_exprs (arbor, TRUE, STRV ("x", "all", "d"), STRV ("a + 1", "b.c[*]", "d"),
                            &error),
                error,
                "{\"x\":2,\"all\":[10,20],\"d\":null}\n"
                "{\"x\":null,\"all\":[],\"d\":\"x\"}\n"
                "{\"x\":null,\"all\":[]}\n");
  assert_made (with_exprs (arbor, TRUE, NOTHING, NOTHING, &error), error, "{}\n{}\n{}\n");
  assert_made (with_exprs (arbor, TRUE, STRV ("self"), STRV ("$"), &error), error,
                "{\"self\":{\"a\":1,\"b\":{\"c\":[10,20]},\"d\":null}}\n"
                "{\"self\":{\"d\":\"x\",\"b\":5}}\n"
                "{\"self\":[1,2]}\n");
}

static void
test_add (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (PEOPLE);
  GError *error = NULL;

  /* A place is kept, values are those of the old tree, missing takes away, no object stays. */
  assert_made (with_exprs (arbor, FALSE, STRV ("b", "e", "d"), STRV ("a", "b", "nothing"), &error),
                error,
                "{\"a\":1,\"b\":1,\"e\":{\"c\":[10,20]}}\n"
                "{\"e\":5}\n"
                "[1,2]\n");
}

static void
test_drop (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (PEOPLE);
  GError *error = NULL;

  assert_made (arbor_arbor_drop_fields (arbor, STRV ("b", "nothing"), &error), error,
                "{\"a\":1,\"d\":null}\n{\"d\":\"x\"}\n[1,2]\n");
  assert_made (arbor_arbor_drop_fields (arbor, NOTHING, &error), error, PEOPLE);
}

static void
test_rename (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (PEOPLE);
  GError *error = NULL;

  assert_made (arbor_arbor_rename_fields (arbor, STRV ("b", "d"), STRV ("d", "b"), &error), error,
                "{\"a\":1,\"d\":{\"c\":[10,20]},\"b\":null}\n{\"b\":\"x\",\"d\":5}\n[1,2]\n");
  assert_made (arbor_arbor_rename_fields (arbor, STRV ("a"), STRV ("e"), &error), error,
                "{\"e\":1,\"b\":{\"c\":[10,20]},\"d\":null}\n{\"d\":\"x\",\"b\":5}\n[1,2]\n");
  /* The field that had the name would be lost. */
  assert_fails (arbor_arbor_rename_fields (arbor, STRV ("a"), STRV ("d"), &error), error,
                ARBOR_ERROR_EXISTS,
                "A tree has a field 'd' already, whose value would be lost: give another name, or "
                "drop or rename that field first");
}

static void
test_explode (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"a\":1,\"b\":{\"c\":[10,{\"z\":0}],\"d\":2},\"e\":3}\n"
                                             "{\"b\":{\"c\":[]}}\n"
                                             "{\"b\":7}\n"
                                             "{\"b\":{\"c\":null}}\n"
                                             "[[1,[2,3]],[4,[5]]]\n");
  GError *error = NULL;

  assert_made (arbor_arbor_explode (arbor, "b.c", NULL, NULL, &error), error,
                "{\"a\":1,\"b\":{\"c\":10,\"d\":2},\"e\":3}\n"
                "{\"a\":1,\"b\":{\"c\":{\"z\":0},\"d\":2},\"e\":3}\n"
                "{\"b\":7}\n{\"b\":{\"c\":null}}\n"
                "[[1,[2,3]],[4,[5]]]\n");
  assert_made (arbor_arbor_explode (arbor, "b.c", "f", NULL, &error), error,
                "{\"a\":1,\"b\":{\"d\":2},\"e\":3,\"f\":10}\n"
                "{\"a\":1,\"b\":{\"d\":2},\"e\":3,\"f\":{\"z\":0}}\n"
                "{\"b\":7}\n{\"b\":{\"c\":null}}\n"
                "[[1,[2,3]],[4,[5]]]\n");
  arbor = (g_object_unref (arbor), read_lines ("[[1,[2,3]],[4,[5]]]\n"));
  assert_made (arbor_arbor_explode (arbor, "[0][-1]", NULL, NULL, &error), error,
                "[[1,2],[4,[5]]]\n[[1,3],[4,[5]]]\n");
  assert_made (arbor_arbor_explode (arbor, "", NULL, NULL, &error), error, "[1,[2,3]]\n[4,[5]]\n");
  assert_made (arbor_arbor_explode (arbor, "", "x", NULL, &error), error,
                "{\"x\":[1,[2,3]]}\n{\"x\":[4,[5]]}\n");
  /* Nowhere to put [4,[5]]. */
  assert_fails (arbor_arbor_explode (arbor, "[0]", "x", NULL, &error), error, ARBOR_ERROR_TYPE,
                "A tree is an array, and the field 'x' needs an object: explode '[0]' without a field");
}

static void
test_explode_names (void)
{
  g_autoptr (ArborArbor) arbor =
      read_lines ("{\"a\":{\"b\":[1,2],\"c\":3},\"x\":4,\"l\":[5,6]}\n");
  g_autoptr (GError) error = NULL;

  assert_made (arbor_arbor_explode (arbor, "a.b", "b", NULL, &error), error,
                "{\"a\":{\"c\":3},\"x\":4,\"l\":[5,6],\"b\":1}\n"
                "{\"a\":{\"c\":3},\"x\":4,\"l\":[5,6],\"b\":2}\n");
  assert_made (arbor_arbor_explode (arbor, "l", "l", NULL, &error), error,
                "{\"a\":{\"b\":[1,2],\"c\":3},\"x\":4,\"l\":5}\n"
                "{\"a\":{\"b\":[1,2],\"c\":3},\"x\":4,\"l\":6}\n");
  g_assert_null (arbor_arbor_explode (arbor, "a.b", "a", NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==,
                   "Field 'a' holds the array at 'a.b' and would lose all else in it: give another "
                   "name");
  g_clear_error (&error);
  assert_fails (arbor_arbor_explode (arbor, "a.b", "x", NULL, &error), error, ARBOR_ERROR_EXISTS,
                "A tree has a field 'x' already, whose value would be lost: give another name, or "
                "drop or rename that field first");
}

static void
test_explode_members (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"a\":1,\"d\":{\"x\":{\"n\":1},\"y\":2}}\n"
                                             "{\"d\":[5]}\n{\"d\":{}}\n{\"d\":6}\n");
  GError *error = NULL;

  assert_made (arbor_arbor_explode (arbor, "d", NULL, NULL, &error), error,
                "{\"a\":1,\"d\":{\"n\":1},\"key\":\"x\"}\n{\"a\":1,\"d\":2,\"key\":\"y\"}\n"
                "{\"d\":5}\n{\"d\":6}\n");
  assert_made (arbor_arbor_explode (arbor, "d", "v", "id", &error), error,
                "{\"a\":1,\"id\":\"x\",\"v\":{\"n\":1}}\n{\"a\":1,\"id\":\"y\",\"v\":2}\n"
                "{\"v\":5}\n{\"d\":6}\n");
  /* The name of what is left out is free; others are not. */
  assert_made (arbor_arbor_explode (arbor, "d", "v", "d", &error), error,
                "{\"a\":1,\"d\":\"x\",\"v\":{\"n\":1}}\n{\"a\":1,\"d\":\"y\",\"v\":2}\n"
                "{\"v\":5}\n{\"d\":6}\n");
  for (guint i = 0; i < 3; i++)
    assert_fails (arbor_arbor_explode (arbor, "d", i == 1 ? "key" : NULL,
                                       i == 0   ? "d"
                                       : i == 1 ? NULL
                                                : "a",
                                       &error),
                  error, ARBOR_ERROR_EXISTS,
                  i == 0   ? "A tree has a field 'd' already, whose value would be lost: give "
                             "another name, or drop or rename that field first"
                  : i == 1 ? "A tree has a field 'key' already, whose value would be lost: give "
                             "another name, or drop or rename that field first"
                           : "A tree has a field 'a' already, whose value would be lost: give "
                             "another name, or drop or rename that field first");
}

/* The tree is the object: members become trees as import makes them. */
static void
test_explode_roots (void)
{
  g_autoptr (ArborArbor) arbor =
      read_lines ("{\"x\":{\"n\":1},\"y\":2,\"z\":{\"key\":\"z\",\"n\":3}}\n");
  GError *error = NULL;

  assert_made (arbor_arbor_explode (arbor, "", NULL, NULL, &error), error,
                "{\"key\":\"x\",\"n\":1}\n{\"key\":\"y\",\"value\":2}\n{\"key\":\"z\",\"n\":3}\n");
  assert_made (arbor_arbor_explode (arbor, "", "v", "id", &error), error,
                "{\"id\":\"x\",\"v\":{\"n\":1}}\n{\"id\":\"y\",\"v\":2}\n"
                "{\"id\":\"z\",\"v\":{\"key\":\"z\",\"n\":3}}\n");
  assert_fails (arbor_arbor_explode (arbor, "", NULL, "n", &error), error, ARBOR_ERROR_EXISTS,
                "A tree has a field 'n' already, whose value would be lost: give another name, or "
                "drop or rename that field first");
  assert_fails (arbor_arbor_explode (arbor, "", NULL, "value", &error), error, ARBOR_ERROR_EXISTS,
                "A tree has a field 'value' already, whose value would be lost: give another name, "
                "or drop or rename that field first");
  arbor = (g_object_unref (arbor), read_lines ("[{\"x\":1},2]\n"));
  assert_fails (arbor_arbor_explode (arbor, "[0]", NULL, NULL, &error), error, ARBOR_ERROR_TYPE,
                "A tree is an array, and the field 'key' for keys of '[0]' needs an object");
}

static void
test_mistakes (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (PEOPLE);
  g_autoptr (GError) error = NULL;

  g_assert_null (with_exprs (arbor, TRUE, STRV ("x", "x"), STRV ("a", "b"), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "Field name 'x' is given twice");
  g_clear_error (&error);
  g_assert_null (with_exprs (arbor, FALSE, STRV ("x"), STRV ("a", "b"), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==,
                   "Expected as many names as values, found 1 names for 2 values");
  g_clear_error (&error);
  g_assert_null (arbor_arbor_rename_fields (arbor, STRV ("a", "b"), STRV ("c", "c"), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (arbor_arbor_explode (arbor, "a[", NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);
  g_assert_null (arbor_arbor_explode (arbor, "a[*]", NULL, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY);
}

static ArborArbor *
make_numbers (guint n)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (lines, "{\"n\":%u}\n", i);
  return read_lines (lines->str);
}

/* Only as far as somebody reads: the description says how many trees there are so far. */
static void
test_lazy (void)
{
  g_autoptr (ArborArbor) arbor = make_numbers (50000);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) doubled =
      with_exprs (arbor, TRUE, STRV ("n"), STRV ("n * 2"), &error);
  g_autoptr (ArborArbor) head = NULL;
  g_autoptr (ArborIter) iter = NULL;
  g_autoptr (ArborTree) first = NULL;
  g_autofree char *before = arbor_arbor_to_string (doubled);
  g_autofree char *written = NULL;
  g_autofree char *after = NULL;
  g_autofree char *text = NULL;

  g_assert_cmpstr (before, ==, "ArborArbor (computed trees, 0 so far)");
  head = arbor_arbor_head (doubled, 3, &error);
  text = arbor_arbor_to_jsonl (head, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "{\"n\":0}\n{\"n\":2}\n{\"n\":4}\n");
  /* Text of fields needs no trees; an iterator does. */
  written = arbor_arbor_to_string (doubled);
  g_assert_cmpstr (written, ==, "ArborArbor (computed trees, 0 so far)");
  iter = arbor_arbor_iterator (doubled, &error);
  first = arbor_iter_next_value (iter, &error);
  g_assert_no_error (error);
  g_assert_cmpint (arbor_tree_get_int64 (first, "n", &error), ==, 0);
  after = arbor_arbor_to_string (doubled);
  g_assert_cmpstr (after, ==, "ArborArbor (computed trees, 64 so far)");
  g_assert_cmpuint (arbor_arbor_get_n_trees (doubled, &error), ==, 50000);
  for (guint i = 0; i < 50000; i += 777)
    {
      g_autoptr (ArborTree) tree = arbor_arbor_get (doubled, i, &error);

      g_assert_cmpint (arbor_tree_get_int64 (tree, "n", &error), ==, 2 * i);
    }
}

static gpointer
sum_all (gpointer data)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (data, NULL);
  guint64 sum = 0;
  ArborTree *tree;

  while ((tree = arbor_iter_next_value (iter, NULL)) != NULL)
    {
      sum += arbor_tree_get_uint64 (tree, "n", NULL);
      g_object_unref (tree);
    }
  return GSIZE_TO_POINTER (sum);
}

static void
test_threads (void)
{
  g_autoptr (ArborArbor) arbor = make_numbers (20000);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) plus = with_exprs (arbor, FALSE, STRV ("n"), STRV ("n + 1"), &error);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("sum", sum_all, plus);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (threads[i])), ==, 20000ul * 20001 / 2);
}

static void
test_chain (void)
{
  g_autoptr (ArborArbor) arbor = make_numbers (10);
  g_autoptr (ArborArbor) first = g_object_ref (arbor);
  GError *error = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      ArborArbor *next = with_exprs (arbor, FALSE, STRV ("n"), STRV ("n + 1"), &error);

      g_assert_no_error (error);
      g_object_unref (arbor);
      arbor = next;
    }
  assert_made (arbor_arbor_head (arbor, 2, &error), error, "{\"n\":1000}\n{\"n\":1001}\n");
  for (guint i = 0; i < 24; i++)
    {
      ArborArbor *next = with_exprs (arbor, FALSE, STRV ("n"), STRV ("n + 1"), &error);

      g_assert_no_error (error);
      g_object_unref (arbor);
      arbor = next;
    }
  g_assert_null (with_exprs (arbor, FALSE, STRV ("n"), STRV ("n + 1"), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  g_clear_error (&error);

  /* Appending again and again stays flat. */
  g_set_object (&arbor, first);
  for (guint i = 0; i < 2000; i++)
    {
      ArborArbor *next = arbor_arbor_append (arbor, first, &error);

      g_assert_no_error (error);
      g_object_unref (arbor);
      arbor = next;
    }
  g_assert_cmpuint (arbor_arbor_get_n_trees (arbor, &error), ==, 20010);
}

/* Stores. */

typedef struct
{
  char *folder;
  char *paths[2];
  ArborStore *stores[2];
  ArborArbor *arbors[2];
} Stores;

static void
set_up (Stores *self, gconstpointer data)
{
  self->folder = make_folder ();
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.arbor", i);
      g_autoptr (ArborArbor) lines = make_numbers (3);

      self->paths[i] = g_build_filename (self->folder, name, NULL);
      self->stores[i] = open_store (self->paths[i]);
      put_arbor (self->stores[i], "n", lines);
      self->arbors[i] = get_arbor (self->stores[i], "n");
    }
}

static void
tear_down (Stores *self, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_object_unref (self->arbors[i]);
      g_object_unref (self->stores[i]);
      g_free (self->paths[i]);
    }
  remove_folder (self->folder);
  g_free (self->folder);
}

#define THREE "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n"

static void
count_closed (ArborCloseToken *token, gpointer n)
{
  (*(guint *) n)++;
}

/* What derives from two stores ends with either of them. */
static void
test_two_stores (Stores *self, gconstpointer data)
{
  gsize which = GPOINTER_TO_SIZE (data);
  GError *error = NULL;
  g_autoptr (ArborArbor) both = arbor_arbor_append (self->arbors[0], self->arbors[1], &error);
  g_autoptr (ArborArbor) again = arbor_arbor_append (both, self->arbors[0], &error);
  g_autoptr (ArborArbor) plus = with_exprs (again, FALSE, STRV ("m"), STRV ("n"), &error);
  g_autoptr (ArborArbor) apart = arbor_arbor_materialize (both, NULL, &error);
  g_autoptr (ArborCloseToken) token = arbor_arbor_dup_close_token (both);
  g_autoptr (ArborCloseToken) token_of_plus = arbor_arbor_dup_close_token (plus);
  g_autoptr (GCancellable) follower = arbor_close_token_dup_cancellable (token_of_plus);
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (plus, &error);
  g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &error);
  guint n_told = 0;

  g_assert_no_error (error);
  assert_made (g_object_ref (both), error, THREE THREE);
  assert_made (g_object_ref (again), error, THREE THREE THREE);
  g_assert_cmpint (arbor_tree_get_int64 (tree, "m", &error), ==, 0);
  g_assert_nonnull (token);
  arbor_close_token_add_closed_func (token_of_plus, count_closed, &n_told, NULL);

  arbor_store_close (self->stores[which]);
  g_assert_cmpuint (n_told, ==, 1);
  g_assert_true (g_cancellable_is_cancelled (follower));
  g_assert_true (arbor_close_token_is_closed (token));
  g_assert_true (arbor_arbor_is_closed (plus));
  g_assert_cmpuint (arbor_arbor_get_n_trees (both, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_assert_cmpstr (error->message, ==, "ArborStore has been closed");
  g_clear_error (&error);
  g_assert_null (arbor_iter_next_value (iter, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_cmpint (arbor_tree_get_int64 (tree, "m", &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);

  assert_made (g_object_ref (self->arbors[1 - which]), error, THREE);
  assert_made (g_object_ref (apart), error, THREE THREE);
}

/* Closing the token of both closes neither store, and all that carries it. */
static void
test_own_token (Stores *self, gconstpointer data)
{
  GError *error = NULL;
  g_autoptr (ArborArbor) both = arbor_arbor_append (self->arbors[0], self->arbors[1], &error);
  g_autoptr (ArborArbor) plus = with_exprs (both, FALSE, STRV ("m"), STRV ("n"), &error);
  g_autoptr (ArborCloseToken) token = arbor_arbor_dup_close_token (both);

  assert_made (g_object_ref (plus), error,
                "{\"n\":0,\"m\":0}\n{\"n\":1,\"m\":1}\n{\"n\":2,\"m\":2}\n"
                "{\"n\":0,\"m\":0}\n{\"n\":1,\"m\":1}\n{\"n\":2,\"m\":2}\n");
  arbor_close_token_close (token);
  g_assert_cmpuint (arbor_arbor_get_n_trees (plus, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  for (guint i = 0; i < 2; i++)
    assert_made (g_object_ref (self->arbors[i]), error, THREE);
}

/* An arbor that was computed from a name is stale when the name is changed, computed or not; its
 * iterators go on. */
static void
test_stale (Stores *self, gconstpointer data)
{
  GError *error = NULL;
  g_autoptr (ArborArbor) lines = make_numbers (1);
  g_autoptr (ArborArbor) plus =
      with_exprs (self->arbors[0], FALSE, STRV ("n"), STRV ("n + 1"), &error);
  g_autoptr (ArborArbor) head = arbor_arbor_head (plus, 1, &error);
  g_autoptr (ArborArbor) both = arbor_arbor_append (self->arbors[1], head, &error);
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (plus, &error);
  g_autoptr (ArborTree) tree = NULL;

  assert_made (g_object_ref (head), error, "{\"n\":1}\n");
  arbor_store_put (self->stores[0], "n", lines, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (arbor_arbor_to_jsonl (head, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  g_assert_null (arbor_arbor_to_jsonl (both, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  for (guint i = 1; i <= 3; i++)
    {
      g_clear_object (&tree);
      tree = arbor_iter_next_value (iter, &error);
      g_assert_no_error (error);
      g_assert_cmpint (arbor_tree_get_int64 (tree, "n", &error), ==, i);
    }
  g_assert_null (arbor_iter_next_value (iter, &error));
  g_assert_no_error (error);

  /* Closed is told before stale. */
  arbor_store_close (self->stores[1]);
  g_assert_null (arbor_arbor_to_jsonl (both, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
}

/* Computed trees can be put: into the store that they come from, too. */
static void
test_put (Stores *self, gconstpointer data)
{
  GError *error = NULL;
  g_autoptr (ArborArbor) plus =
      with_exprs (self->arbors[0], FALSE, STRV ("n"), STRV ("n + 1"), &error);
  g_autoptr (ArborArbor) both = arbor_arbor_append (self->arbors[0], plus, &error);

  arbor_store_put (self->stores[0], "n", both, NULL, &error);
  g_assert_no_error (error);
  assert_made (arbor_store_get (self->stores[0], "n", &error), error,
                THREE "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arbor-fields/select", test_select);
  g_test_add_func ("/arbor-fields/add", test_add);
  g_test_add_func ("/arbor-fields/drop", test_drop);
  g_test_add_func ("/arbor-fields/rename", test_rename);
  g_test_add_func ("/arbor-fields/explode", test_explode);
  g_test_add_func ("/arbor-fields/explode-names", test_explode_names);
  g_test_add_func ("/arbor-fields/explode-members", test_explode_members);
  g_test_add_func ("/arbor-fields/explode-roots", test_explode_roots);
  g_test_add_func ("/arbor-fields/mistakes", test_mistakes);
  g_test_add_func ("/arbor-fields/lazy", test_lazy);
  g_test_add_func ("/arbor-fields/threads", test_threads);
  g_test_add_func ("/arbor-fields/chain", test_chain);
  g_test_add ("/arbor-fields/first-closed", Stores, GSIZE_TO_POINTER (0), set_up, test_two_stores,
              tear_down);
  g_test_add ("/arbor-fields/second-closed", Stores, GSIZE_TO_POINTER (1), set_up, test_two_stores,
              tear_down);
  g_test_add ("/arbor-fields/own-token", Stores, NULL, set_up, test_own_token, tear_down);
  g_test_add ("/arbor-fields/stale", Stores, NULL, set_up, test_stale, tear_down);
  g_test_add ("/arbor-fields/put", Stores, NULL, set_up, test_put, tear_down);
  return g_test_run ();
}
