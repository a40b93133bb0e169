/* ArborCursor: every getter as that of the ArborTree at the same place, in every sort of arbor. */

#include "kit/columns.h"

static ArborCursor *
make_cursor (ArborArbor *arbor, const char *const *paths)
{
  g_autoptr (GError) error = NULL;
  ArborCursor *cursor = arbor_cursor_new (arbor, paths, &error);

  g_assert_no_error (error);
  g_assert_nonnull (cursor);
  return cursor;
}

/* Goes on, where that must not fail; whether there is a tree. */
static gboolean
advance (ArborCursor *cursor)
{
  g_autoptr (GError) error = NULL;
  gboolean has_tree = TRUE;
  gboolean is_good = arbor_cursor_next (cursor, &has_tree, &error);

  g_assert_no_error (error);
  g_assert_true (is_good);
  return has_tree;
}

static const char *const *
list_paths (void)
{
  static const char *paths[G_N_ELEMENTS (fixture_paths) + 1];

  memcpy (paths, fixture_paths, sizeof fixture_paths);
  return paths;
}

static void
assert_same_error (GError **a, GError **b)
{
  g_assert_cmpint (*a != NULL, ==, *b != NULL);
  if (*a == NULL)
    return;
  g_assert_error (*a, (*b)->domain, (*b)->code);
  g_assert_cmpstr ((*a)->message, ==, (*b)->message);
  g_clear_error (a);
  g_clear_error (b);
}

static void
check_texts (ArborCursor *cursor, guint path, ArborTree *tree, const char *text)
{
  g_autoptr (GError) a = NULL;
  g_autoptr (GError) b = NULL;
  g_autofree char *string = arbor_cursor_dup_string (cursor, path, &a);
  g_autofree char *tree_string = arbor_tree_dup_string (tree, text, &b);
  g_autofree char *number = NULL, *tree_number = NULL, *json = NULL, *tree_json = NULL;
  g_autoptr (GBytes) bytes = NULL, tree_bytes = NULL;
  g_autoptr (ArborTree) part = NULL;

  assert_same_error (&a, &b);
  g_assert_cmpstr (string, ==, tree_string);
  number = arbor_cursor_dup_number_text (cursor, path, &a);
  tree_number = arbor_tree_dup_number_text (tree, text, &b);
  assert_same_error (&a, &b);
  g_assert_cmpstr (number, ==, tree_number);
  bytes = arbor_cursor_dup_bytes (cursor, path, &a);
  tree_bytes = arbor_tree_dup_bytes (tree, text, &b);
  assert_same_error (&a, &b);
  g_assert_true (bytes == tree_bytes || g_bytes_equal (bytes, tree_bytes));
  json = arbor_cursor_dup_json (cursor, path, &a);
  g_assert_no_error (a);
  part = text[0] == '\0' ? g_object_ref (tree) : arbor_tree_get (tree, text, NULL);
  tree_json = part != NULL ? arbor_tree_to_json (part, NULL) : NULL;
  g_assert_cmpstr (json, ==, tree_json);
}

static void
check_values (ArborCursor *cursor, guint path, ArborTree *tree, const char *text)
{
  g_autoptr (GError) a = NULL;
  g_autoptr (GError) b = NULL;

  g_assert_cmpint (arbor_cursor_get_kind (cursor, path, &a), ==,
                   arbor_tree_get_kind (tree, text, &b));
  g_assert_no_error (a);
  g_assert_cmpint (arbor_cursor_get_int64 (cursor, path, &a), ==,
                   arbor_tree_get_int64 (tree, text, &b));
  assert_same_error (&a, &b);
  g_assert_cmpuint (arbor_cursor_get_uint64 (cursor, path, &a), ==,
                    arbor_tree_get_uint64 (tree, text, &b));
  assert_same_error (&a, &b);
  g_assert_cmpfloat (arbor_cursor_get_double (cursor, path, &a), ==,
                     arbor_tree_get_double (tree, text, &b));
  assert_same_error (&a, &b);
  g_assert_cmpint (arbor_cursor_get_boolean (cursor, path, &a), ==,
                   arbor_tree_get_boolean (tree, text, &b));
  assert_same_error (&a, &b);
}

/* The cursor stands on tree @index of @arbor. */
static void
check_tree (ArborCursor *cursor, ArborTree *tree, guint64 index)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborTree) same = arbor_cursor_get_tree (cursor, &error);
  g_autofree char *a = arbor_tree_to_json (tree, NULL);
  g_autofree char *b = NULL;

  g_assert_no_error (error);
  b = arbor_tree_to_json (same, NULL);
  g_assert_cmpstr (a, ==, b);
  g_assert_cmpint (arbor_cursor_get_position (cursor, &error), ==, index);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (fixture_paths); i++)
    {
      check_values (cursor, i, tree, fixture_paths[i]);
      if (index % 4 == 0)
        check_texts (cursor, i, tree, fixture_paths[i]);
    }
}

static void
check_arbor (ArborArbor *arbor)
{
  g_autoptr (ArborCursor) cursor = make_cursor (arbor, list_paths ());
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GError) error = NULL;
  gint64 n = 0;

  g_assert_cmpint (arbor_cursor_get_position (cursor, &error), ==, -1);
  while (advance (cursor))
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, NULL);

      g_assert_nonnull (tree);
      /* All around the end of a batch and of the first runs, some of the others. */
      if (n < 600 || ABS (n - 16384) < 20 || n % 7 == 0)
        check_tree (cursor, tree, (guint64) n);
      n++;
    }
  g_assert_no_error (error);
  g_assert_null (arbor_iter_next_value (iter, NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (arbor_cursor_get_position (cursor, &error), ==, n);
      g_assert_false (advance (cursor));
      g_assert_no_error (error);
    }
  for (guint i = 0; i < 40 && n > 0; i++)
    {
      gint64 index = g_rand_int_range (random, 0, (gint32) n);
      guint n_steps = (guint) g_rand_int_range (random, 0, 20);

      g_assert_true (arbor_cursor_seek (cursor, (guint64) index, &error));
      g_assert_no_error (error);
      for (guint step = 0; step <= n_steps && index + step < n; step++)
        {
          g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, (guint64) index + step, NULL);

          if (step > 0)
            g_assert_true (advance (cursor));
          check_tree (cursor, tree, (guint64) index + step);
        }
    }
}

static void
test_trees (void)
{
  Fixture fixture;

  fixture_set_up (&fixture, N_LINES);
  for (guint i = 0; i < fixture.arbors->len; i++)
    check_arbor (fixture.arbors->pdata[i]);
  fixture_clear (&fixture);
}

static void
test_moving (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
  const char *const paths[] = { "a", NULL };
  g_autoptr (ArborCursor) cursor = make_cursor (arbor, paths);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = arbor_cursor_dup_path (cursor, 0);

  g_assert_cmpuint (arbor_cursor_get_n_paths (cursor), ==, 1);
  g_assert_cmpstr (path, ==, "a");
  g_assert_null (arbor_cursor_dup_path (cursor, 1));
  g_assert_null (arbor_cursor_dup_close_token (cursor));

  g_assert_cmpint (arbor_cursor_get_int64 (cursor, 0, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_assert_cmpstr (error->message, ==, "The cursor stands on no tree: go to one with next or seek");
  g_clear_error (&error);
  g_assert_null (arbor_cursor_get_tree (cursor, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_clear_error (&error);

  g_assert_true (advance (cursor));
  g_assert_cmpint (arbor_cursor_get_int64 (cursor, 0, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpint (arbor_cursor_get_int64 (cursor, 1, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_assert_cmpstr (error->message, ==, "Path number 1 is out of range: the cursor has 1 paths");
  g_clear_error (&error);

  /* It stays where it stood. */
  g_assert_false (arbor_cursor_seek (cursor, 3, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_assert_cmpstr (error->message, ==, "Index 3 is out of range: the arbor has 3 trees");
  g_clear_error (&error);
  g_assert_cmpint (arbor_cursor_get_int64 (cursor, 0, &error), ==, 1);
  g_assert_cmpint (arbor_cursor_get_position (cursor, &error), ==, 0);
  g_assert_true (advance (cursor));
  g_assert_cmpint (arbor_cursor_get_int64 (cursor, 0, &error), ==, 2);

  g_assert_true (arbor_cursor_seek (cursor, 2, &error));
  g_assert_cmpint (arbor_cursor_get_int64 (cursor, 0, &error), ==, 3);
  g_assert_false (advance (cursor));
  g_assert_no_error (error);
  g_assert_cmpint (arbor_cursor_get_int64 (cursor, 0, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_clear_error (&error);
  g_assert_false (arbor_cursor_seek (cursor, G_MAXUINT64, &error));
  g_clear_error (&error);
  g_assert_cmpint (arbor_cursor_get_position (cursor, &error), ==, 3);
  g_assert_true (arbor_cursor_rewind (cursor, &error));
  g_assert_cmpint (arbor_cursor_get_position (cursor, &error), ==, -1);
  g_assert_true (advance (cursor));
  g_assert_cmpint (arbor_cursor_get_int64 (cursor, 0, &error), ==, 1);
  g_assert_no_error (error);
}

static void
assert_closed (ArborCursor *cursor, const char *message)
{
  g_autoptr (GError) error = NULL;
  gboolean has_tree;

#define ASSERT_CLOSED(call)                                                                        \
  g_assert_false (call);                                                                           \
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);                                         \
  g_assert_cmpstr (error->message, ==, message);                                                   \
  g_clear_error (&error)

  ASSERT_CLOSED (arbor_cursor_next (cursor, &has_tree, &error));
  g_assert_false (has_tree);
  ASSERT_CLOSED (arbor_cursor_seek (cursor, 0, &error));
  ASSERT_CLOSED (arbor_cursor_rewind (cursor, &error));
  ASSERT_CLOSED (arbor_cursor_get_position (cursor, &error) != -1);
  ASSERT_CLOSED (arbor_cursor_get_kind (cursor, 0, &error));
  ASSERT_CLOSED (arbor_cursor_get_int64 (cursor, 0, &error));
  ASSERT_CLOSED (arbor_cursor_get_uint64 (cursor, 99, &error));
  ASSERT_CLOSED (arbor_cursor_get_double (cursor, 0, &error) != 0);
  ASSERT_CLOSED (arbor_cursor_get_boolean (cursor, 0, &error));
  ASSERT_CLOSED (arbor_cursor_dup_string (cursor, 0, &error));
  ASSERT_CLOSED (arbor_cursor_dup_bytes (cursor, 0, &error));
  ASSERT_CLOSED (arbor_cursor_dup_number_text (cursor, 0, &error));
  ASSERT_CLOSED (arbor_cursor_dup_json (cursor, 0, &error));
  ASSERT_CLOSED (arbor_cursor_get_tree (cursor, &error));
  g_assert_true (arbor_cursor_is_closed (cursor));
}

static void
test_closing (void)
{
  const char *const paths[] = { "id", NULL };
  g_autoptr (ArborCursor) unopened = g_object_new (ARBOR_TYPE_CURSOR, NULL);
  g_autoptr (GPtrArray) cursors = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborCursor) memory = NULL;
  Fixture fixture;

  assert_closed (unopened, "ArborStore has not been opened");
  fixture_set_up (&fixture, 3000);
  for (guint i = 1; i < fixture.arbors->len; i++)
    for (guint steps = 0; steps < 3; steps++)
      {
        ArborCursor *cursor = make_cursor (fixture.arbors->pdata[i], paths);

        for (guint j = 0; j < steps; j++)
          advance (cursor);
        g_assert_false (arbor_cursor_is_closed (cursor));
        g_ptr_array_add (cursors, cursor);
      }
  memory = make_cursor (fixture.arbors->pdata[0], paths);
  advance (memory);
  arbor_store_close (fixture.store);
  for (guint i = 0; i < cursors->len; i++)
    assert_closed (cursors->pdata[i], "ArborStore has been closed");
  g_assert_null (arbor_cursor_new (fixture.arbors->pdata[1], paths, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);

  g_assert_true (advance (memory));
  g_assert_no_error (error);
  arbor_cursor_close (memory);
  arbor_cursor_close (memory);
  assert_closed (memory, "ArborCursor has been closed");
  fixture_clear (&fixture);
}

/* It reads on what it began on. */
static void
test_updates (void)
{
  const char *const paths[] = { "id", NULL };
  g_autoptr (ArborArbor) other = read_lines ("{\"id\":-1}\n");
  g_autoptr (ArborCursor) cursor = NULL;
  g_autoptr (GError) error = NULL;
  Fixture fixture;
  gint64 n = 0;

  fixture_set_up (&fixture, 3000);
  cursor = make_cursor (fixture.arbors->pdata[1], paths);
  for (guint i = 0; i < 3; i++)
    {
      arbor_store_put (fixture.store, "trees", other, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (advance (cursor));
      n++;
    }
  g_assert_null (arbor_cursor_new (fixture.arbors->pdata[1], paths, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  while (advance (cursor))
    {
      if (arbor_cursor_get_kind (cursor, 0, &error) == ARBOR_KIND_INT64)
        g_assert_cmpint (arbor_cursor_get_int64 (cursor, 0, &error), ==, n);
      n++;
    }
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 3000);
  g_assert_true (arbor_cursor_seek (cursor, 17, &error));
  g_assert_no_error (error);
  fixture_clear (&fixture);
}

static void
test_errors (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"a\":1}\n");
  const char *const malformed[] = { "a", "a[", NULL };
  const char *const vector[] = { "a[*]", NULL };
  const char *const none[] = { NULL };
  g_autoptr (ArborCursor) cursor = make_cursor (arbor, none);
  g_autoptr (GError) error = NULL;

  g_assert_null (arbor_cursor_new (arbor, malformed, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_clear_error (&error);
  g_assert_null (arbor_cursor_new (arbor, vector, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY);
  g_clear_error (&error);
  g_assert_true (advance (cursor));
  g_assert_false (advance (cursor));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cursor/trees", test_trees);
  g_test_add_func ("/cursor/moving", test_moving);
  g_test_add_func ("/cursor/closing", test_closing);
  g_test_add_func ("/cursor/updates", test_updates);
  g_test_add_func ("/cursor/errors", test_errors);
  return g_test_run ();
}
