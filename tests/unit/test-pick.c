/* Trees of derived arbors that are read alone (query/view/arbor-pick.h): pages at the start, in the middle and
 * at the end, single trees in any order, items of a list model and seeks of a cursor. Each of these on an
 * arbor of which nothing was made before, and each beside the text of all of it. Where a page of the
 * middle was read, the trees before it have not been made.
 */

#include "kit/arbors.h"
#include "kit/operations.h"

#define N_TREES 2000u
#define PAGE    20u

typedef struct
{
  ArborArbor *left, *right;
} Sides;

typedef ArborArbor *(*MakeFunc) (const Sides *sides, GError **error);

static ArborArbor *
make_left (void)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < N_TREES; i++)
    {
      g_string_append_printf (lines, "{\"id\":%u,\"k\":%u,\"v\":%u,\"tags\":[", i, i * 7 % 50,
                              i * 7919 % 1000);
      for (guint j = 0; j < i % 4; j++)
        g_string_append_printf (lines, "%s%u", j > 0 ? "," : "", i + j);
      g_string_append (lines, "],\"of\":{");
      for (guint j = 0; j < i % 3; j++)
        g_string_append_printf (lines, "%s\"m%u\":{\"x\":%u}", j > 0 ? "," : "", j, i);
      g_string_append (lines, "}}\n");
    }
  return read_lines (lines->str);
}

/* Of 40 keys of 50, every third twice, one of them very often. */
static ArborArbor *
make_right (void)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < 40; i++)
    for (guint j = 0; j < (i == 5 ? 90u : i % 3 == 0 ? 2u : 1u); j++)
      g_string_append_printf (lines, "{\"k\":%u,\"name\":\"n%u-%u\",\"v\":%u}\n", i, i, j, j);
  return read_lines (lines->str);
}

static ArborArbor *
add (ArborArbor *arbor, const char *name, const char *text, GError **error)
{
  const char *names[] = { name, NULL };
  g_autoptr (ArborExpr) expr = parse (text);
  ArborExpr *exprs[] = { expr };

  return arbor_arbor_add_fields (arbor, names, exprs, 1, error);
}

static ArborArbor *
join (ArborArbor *left, ArborArbor *right, ArborJoinKind kind, GError **error)
{
  g_autoptr (ArborExpr) key = parse ("k");
  ArborExpr *keys[] = { key };

  return join_arbors (left, right, keys, 1, keys, 1, kind, "_right", error);
}

static ArborArbor *
make_add (const Sides *sides, GError **error)
{
  return add (sides->left, "w", "v * 2", error);
}

static ArborArbor *
make_select (const Sides *sides, GError **error)
{
  const char *names[] = { "w", "t", NULL };
  g_autoptr (ArborExpr) first = parse ("v * 2");
  g_autoptr (ArborExpr) second = parse ("tags");
  ArborExpr *exprs[] = { first, second };

  return arbor_arbor_select (sides->left, names, exprs, 2, error);
}

static ArborArbor *
make_drop (const Sides *sides, GError **error)
{
  const char *names[] = { "v", NULL };

  return arbor_arbor_drop_fields (sides->left, names, error);
}

static ArborArbor *
make_rename (const Sides *sides, GError **error)
{
  const char *names[] = { "v", NULL }, *new_names[] = { "value", NULL };

  return arbor_arbor_rename_fields (sides->left, names, new_names, error);
}

static ArborArbor *
make_explode (const Sides *sides, GError **error)
{
  return arbor_arbor_explode (sides->left, "tags", NULL, NULL, error);
}

static ArborArbor *
make_explode_as (const Sides *sides, GError **error)
{
  return arbor_arbor_explode (sides->left, "tags", "tag", NULL, error);
}

static ArborArbor *
make_explode_members (const Sides *sides, GError **error)
{
  return arbor_arbor_explode (sides->left, "of", NULL, NULL, error);
}

static ArborArbor *
make_inner (const Sides *sides, GError **error)
{
  return join (sides->left, sides->right, ARBOR_JOIN_KIND_INNER, error);
}

static ArborArbor *
make_left_join (const Sides *sides, GError **error)
{
  return join (sides->left, sides->right, ARBOR_JOIN_KIND_LEFT, error);
}

static ArborArbor *
make_fan (const Sides *sides, GError **error)
{
  return join (sides->right, sides->left, ARBOR_JOIN_KIND_INNER, error);
}

static ArborArbor *
make_semi (const Sides *sides, GError **error)
{
  g_autoptr (ArborArbor) added = make_add (sides, error);

  return join (added, sides->right, ARBOR_JOIN_KIND_SEMI, error);
}

static ArborArbor *
make_nest (const Sides *sides, GError **error)
{
  g_autoptr (ArborExpr) key = parse ("k");
  ArborExpr *keys[] = { key };

  return nest_arbors (sides->left, sides->right, keys, 1, "rights",
                           ARBOR_NEST_KIND_MANY, error);
}

static ArborArbor *
make_groups (const Sides *sides, GError **error)
{
  const char *names[] = { "n", NULL }, *key_names[] = { "id", NULL };
  g_autoptr (ArborExpr) key = parse ("id");
  g_autoptr (ArborExpr) count = parse ("count ()");
  ArborExpr *keys[] = { key }, *counts[] = { count };
  g_autoptr (ArborGroups) groups = arbor_arbor_group_by (sides->left, key_names, keys, 1, error);

  return groups != NULL ? arbor_groups_aggregate (groups, names, counts, 1, error) : NULL;
}

static ArborArbor *
make_concat (const Sides *sides, GError **error)
{
  g_autoptr (ArborExpr) few = parse ("v < 500");
  g_autoptr (ArborArbor) added = make_add (sides, error);
  g_autoptr (ArborArbor) filtered = arbor_arbor_filter (sides->left, few, error);
  ArborArbor *parts[] = { filtered, added, sides->right };

  return arbor_arbor_concat (parts, G_N_ELEMENTS (parts), error);
}

static ArborArbor *
make_sorted (const Sides *sides, GError **error)
{
  g_autoptr (ArborArbor) joined = make_inner (sides, error);
  g_autoptr (ArborExpr) key = parse ("v");
  ArborExpr *keys[] = { key };

  return arbor_arbor_sort_by (joined, keys, 1, NULL, error);
}

static ArborArbor *
make_filtered (const Sides *sides, GError **error)
{
  g_autoptr (ArborArbor) joined = make_inner (sides, error);
  g_autoptr (ArborExpr) some = parse ("v > 500");

  return arbor_arbor_filter (joined, some, error);
}

static ArborArbor *
make_reversed (const Sides *sides, GError **error)
{
  g_autoptr (ArborArbor) joined = make_left_join (sides, error);

  return arbor_arbor_reverse (joined, error);
}

static ArborArbor *
make_tail (const Sides *sides, GError **error)
{
  g_autoptr (ArborArbor) exploded = make_explode (sides, error);

  return arbor_arbor_tail (exploded, 500, error);
}

static ArborArbor *
make_several (const Sides *sides, GError **error)
{
  g_autoptr (ArborArbor) joined = make_inner (sides, error);
  g_autoptr (ArborArbor) exploded = arbor_arbor_explode (joined, "tags", "tag", NULL, error);

  return add (exploded, "u", "tag + v", error);
}

static const struct
{
  const char *name;
  MakeFunc make;
  gboolean is_whole; /* trees are made for other reasons */
} kinds[] = {
  { "add", make_add, FALSE },
  { "select", make_select, FALSE },
  { "drop", make_drop, FALSE },
  { "rename", make_rename, FALSE },
  { "explode", make_explode, FALSE },
  { "explode as", make_explode_as, FALSE },
  { "explode members", make_explode_members, TRUE },
  { "inner", make_inner, FALSE },
  { "left", make_left_join, FALSE },
  { "fan", make_fan, FALSE },
  { "semi", make_semi, TRUE },
  { "nest", make_nest, FALSE },
  { "groups", make_groups, FALSE },
  { "concat", make_concat, FALSE },
  { "sorted", make_sorted, FALSE },
  { "filtered", make_filtered, FALSE },
  { "reversed", make_reversed, FALSE },
  { "tail", make_tail, FALSE },
  { "several", make_several, FALSE },
};

static ArborArbor *
make (const Sides *sides, guint kind)
{
  g_autoptr (GError) error = NULL;
  ArborArbor *arbor = kinds[kind].make (sides, &error);

  g_assert_no_error (error);
  return arbor;
}

static void
assert_tree (ArborTree *tree, const char *expected, guint kind, guint64 index)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = arbor_tree_to_json (tree, &error);

  g_assert_no_error (error);
  if (!g_str_equal (text, expected))
    g_error ("%s, tree %" G_GUINT64_FORMAT ": %s, and not %s", kinds[kind].name, index, text,
             expected);
}

/* Written, too, from trees that are picked. */
static void
check_text (ArborArbor *page, char *const *lines, guint start, guint n)
{
  g_autoptr (GString) expected = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (expected, "%s\n", lines[start + i]);
  assert_lines (page, expected->str);
}

/* A view of few of the trees, which are picked in many pieces. */
static void
check_some (const Sides *sides, guint kind, char *const *lines, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = make (sides, kind);
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (ArborArbor) some = NULL;

  for (guint64 i = 0; i < n; i += 37)
    {
      g_array_append_val (indices, i);
      g_string_append_printf (expected, "%s\n", lines[i]);
    }
  some = arbor_arbor_take (arbor, (guint64 *) (gpointer) indices->data, indices->len, &error);
  g_assert_no_error (error);
  assert_lines (some, expected->str);
}

static void
check_page (const Sides *sides, guint kind, char *const *lines, guint start, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = make (sides, kind);
  g_autoptr (ArborArbor) page = arbor_arbor_slice (arbor, start, n, &error);
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (page, &error);
  g_autofree char *explained = NULL;

  g_assert_cmpuint (arbor_arbor_get_n_trees (page, &error), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &error);

      g_assert_no_error (error);
      assert_tree (tree, lines[start + i], kind, start + i);
    }
  g_assert_null (arbor_iter_next_value (iter, &error));
  g_assert_no_error (error);
  check_text (page, lines, start, n);
  explained = arbor_arbor_explain (arbor);
  /* The last trees of a reversed arbor are the first ones that are made. */
  if (start > 200 && (kinds[kind].make != make_reversed || start + n < g_strv_length ((GStrv) lines) - 1) &&
      !kinds[kind].is_whole && strstr (explained, "(0 trees so far") == NULL)
    g_error ("%s: all trees were made for some of them:\n%s", kinds[kind].name, explained);
}

static void
check_single (const Sides *sides, guint kind, char *const *lines, guint n)
{
  static const char *const paths[] = { "", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = make (sides, kind);
  g_autoptr (ArborArbor) other = make (sides, kind);
  g_autoptr (ArborArbor) model = make (sides, kind);
  g_autoptr (ArborCursor) cursor = arbor_cursor_new (other, paths, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 200; i++)
    {
      guint index = (i * 7919u + 311u) % n;
      g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, index, &error);
      g_autoptr (ArborTree) item = g_list_model_get_item (G_LIST_MODEL (model), index);
      g_autoptr (ArborTree) at_cursor = NULL;

      g_assert_no_error (error);
      assert_tree (tree, lines[index], kind, index);
      assert_tree (item, lines[index], kind, index);
      g_assert_true (arbor_cursor_seek (cursor, index, &error));
      at_cursor = arbor_cursor_get_tree (cursor, &error);
      g_assert_no_error (error);
      assert_tree (at_cursor, lines[index], kind, index);
    }
  g_assert_null (arbor_arbor_get (arbor, n, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_clear_error (&error);
  g_assert_false (arbor_cursor_seek (cursor, n, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  assert_lines (arbor, g_object_get_data (G_OBJECT (sides->left), "text"));
}

static void
test_kinds (void)
{
  g_autoptr (ArborArbor) left = make_left ();
  g_autoptr (ArborArbor) right = make_right ();
  const Sides sides = { left, right };

  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborArbor) whole = make (&sides, kind);
      char *text = arbor_arbor_to_jsonl (whole, &error);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
      guint n = g_strv_length (lines) - 1;

      g_assert_no_error (error);
      g_object_set_data_full (G_OBJECT (left), "text", text, g_free);
      check_page (&sides, kind, lines, 0, PAGE);
      check_page (&sides, kind, lines, n / 2, PAGE);
      check_page (&sides, kind, lines, n - PAGE, PAGE);
      check_some (&sides, kind, lines, n);
      check_single (&sides, kind, lines, n);
    }
}

/* The error of a tree before the page is not told, one of the page is, and of which tree. */
static void
test_errors (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL, other = NULL;
  g_autoptr (ArborArbor) lines = NULL, nested = NULL, again = NULL;
  g_autoptr (ArborArbor) ones = read_lines ("{\"k\":1}\n{\"k\":1}\n{\"k\":2}\n");
  g_autoptr (ArborExpr) key = parse ("k");
  g_autoptr (ArborTree) good = NULL;
  ArborExpr *keys[] = { key };

  for (guint i = 0; i < N_TREES; i++)
    g_string_append_printf (text, "{\"k\":%u}\n", i == 3 || i == 1500 ? 1 : 2);
  lines = read_lines (text->str);
  nested = nest_arbors (lines, ones, keys, 1, "one", ARBOR_NEST_KIND_ONE, &error);
  again = nest_arbors (lines, ones, keys, 1, "one", ARBOR_NEST_KIND_ONE, &error);
  g_assert_no_error (error);
  good = arbor_arbor_get (nested, 1000, &error);
  g_assert_no_error (error);
  assert_tree (good, "{\"k\":2,\"one\":{\"k\":2}}", 0, 1000);
  g_assert_null (arbor_arbor_get (nested, 1500, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY);
  g_assert_null (arbor_arbor_to_jsonl (again, &other));
  g_assert_cmpstr (error->message, ==, other->message);
}

/* A tree that was picked, and what picks, after close. */
static void
test_close (StorePlace *place, gconstpointer data)
{
  g_autoptr (ArborArbor) left = make_left ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) stored = NULL, added = NULL, page = NULL;
  g_autoptr (ArborIter) iter = NULL;
  g_autoptr (ArborTree) tree = NULL, next = NULL;

  put_arbor (place->store, "left", left);
  stored = get_arbor (place->store, "left");
  added = add (stored, "w", "v * 2", &error);
  page = arbor_arbor_slice (added, 1000, 900, &error);
  iter = arbor_arbor_iterator (page, &error);
  tree = arbor_arbor_get (added, 1000, &error);
  next = arbor_iter_next_value (iter, &error);
  g_assert_no_error (error);
  arbor_store_close (place->store);
  g_assert_null (arbor_tree_to_json (tree, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (arbor_tree_to_json (next, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (arbor_iter_next_value (iter, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (arbor_arbor_get (added, 1200, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pick/kinds", test_kinds);
  g_test_add_func ("/pick/errors", test_errors);
  g_test_add ("/pick/close", StorePlace, NULL, store_place_set_up, test_close,
              store_place_tear_down);
  return g_test_run ();
}
