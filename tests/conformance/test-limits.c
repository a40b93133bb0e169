/* What is large is bounded: expressions of as many levels and nodes as there may be, in every position,
 * and computations beyond the query memory, which end with LIMIT and leave all as it was.
 */

#include <arbor/arbor.h>
#include <string.h>

#include "base/arbor-budget.h"
#include "kit/arbors.h"
#include "kit/operations.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-node.h"

#define N_TREES 200u

/* Large expressions */

static ArborArbor *
make_trees (guint n)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (lines, "{\"n\":%u,\"s\":\"text %u of these\",\"a\":[%u,1]}\n", i % 1000,
                            i, i);
  return read_lines (lines->str);
}

/* n + 0 + 0 ..., @depth levels; comes to n. */
static char *
make_deep (guint depth)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 1; i < depth; i++)
    g_string_append_c (text, '(');
  g_string_append_c (text, 'n');
  for (guint i = 1; i < depth; i++)
    g_string_append (text, " + 0)");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A list of @n values that are null, then n: comes to n; some of them look at the tree. */
static char *
make_wide (guint n)
{
  g_autoptr (GString) text = g_string_new ("coalesce(");

  for (guint i = 0; i + 3 < n; i++)
    g_string_append (text, i % 3 == 0 ? "none, " : i % 3 == 1 ? "null, " : "s.none, ");
  g_string_append (text, "n)");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* n / 2^@levels of all, added up: sums of sums, as many levels; comes to n as a double. */
static char *
make_bushy (guint levels)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 1u << levels;

  for (guint i = 0; i < n; i++)
    {
      guint n_open = i == 0 ? levels : (guint) __builtin_ctz (i);
      guint n_closed = (guint) __builtin_ctz (i + 1);

      if (i > 0)
        g_string_append (text, " + ");
      for (guint k = 0; k < n_open; k++)
        g_string_append_c (text, '(');
      g_string_append (text, "n");
      for (guint k = 0; k < MIN (n_closed, levels); k++)
        g_string_append_c (text, ')');
    }
  return g_strdup_printf ("(%s) div %u", text->str, n);
}

static char *
in_text (const char *before, const char *text, const char *behind)
{
  return g_strconcat (before, text, behind, NULL);
}

static void
assert_first_lines (ArborArbor *arbor, guint64 n, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *lines = arbor_arbor_to_jsonl (arbor, &error);
  guint64 n_lines = 0;

  g_assert_no_error (error);
  for (const char *at = lines; *at != '\0'; at++)
    n_lines += *at == '\n';
  g_assert_cmpuint (n_lines, ==, n);
  if (!g_str_has_prefix (lines, expected))
    g_error ("expected %s, found %.200s", expected, lines);
}

/* @text comes to n for each tree; then in every position. */
static void
check_positions (const char *text)
{
  static const char *const x[] = { "x", NULL };
  g_autofree char *is_small = in_text ("", text, " < 100");
  g_autofree char *summed = in_text ("sum(", text, ")");
  g_autoptr (ArborExpr) value = parse (text);
  g_autoptr (ArborExpr) condition = parse (is_small);
  g_autoptr (ArborExpr) sum = parse (summed);
  g_autoptr (ArborExpr) key = parse ("n");
  g_autoptr (ArborExpr) count = parse ("count()");
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) arbor = make_trees (N_TREES);
  g_autoptr (ArborArbor) filtered = arbor_arbor_filter (arbor, condition, &error);
  g_autoptr (ArborColumn) column = arbor_arbor_get_column_of (arbor, value, NULL, &error);
  g_autoptr (ArborArbor) selected = arbor_arbor_select (arbor, x, &value, 1, &error);
  g_autoptr (ArborArbor) added = arbor_arbor_add_fields (arbor, x, &value, 1, &error);
  g_autoptr (ArborArbor) sorted = arbor_arbor_sort_by (arbor, &value, 1, NULL, &error);
  g_autoptr (ArborArbor) top = arbor_arbor_top_k (arbor, 3, &value, 1, NULL, &error);
  g_autoptr (ArborArbor) unique = arbor_arbor_unique_by (arbor, &value, 1, &error);
  g_autoptr (ArborGroups) groups = arbor_arbor_group_by (arbor, x, &value, 1, &error);
  g_autoptr (ArborArbor) table = arbor_groups_aggregate (groups, (const char *const[]){ "c", NULL },
                                                         &count, 1, &error);
  g_autoptr (ArborArbor) counts = arbor_arbor_value_counts (arbor, value, &error);
  g_autoptr (ArborTree) total = arbor_arbor_aggregate (arbor, x, &sum, 1, NULL, &error);
  g_autoptr (ArborArbor) joined = join_arbors (arbor, arbor, &value, 1, &key, 1,
                                                    ARBOR_JOIN_KIND_SEMI, NULL, &error);
  g_autofree char *total_text = NULL;

  g_assert_no_error (error);
  assert_first_lines (filtered, 100, "{\"n\":0,");
  g_assert_cmpuint (arbor_column_get_n_rows (column), ==, N_TREES);
  assert_first_lines (selected, N_TREES, "{\"x\":0");
  assert_first_lines (added, N_TREES, "{\"n\":0,");
  assert_first_lines (sorted, N_TREES, "{\"n\":0,");
  assert_first_lines (top, 3, "{\"n\":0,");
  assert_first_lines (unique, N_TREES, "{\"n\":0,");
  assert_first_lines (table, N_TREES, "{\"x\":0");
  assert_first_lines (counts, N_TREES, "{\"value\":0");
  assert_first_lines (joined, N_TREES, "{\"n\":0,");
  total_text = arbor_tree_to_json (total, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (total_text, "{\"x\":19900"));
}

static void
check_update (const char *text)
{
  static const char *const x[] = { "x", NULL };
  g_autofree char *is_small = in_text ("", text, " < 100");
  g_autoptr (ArborExpr) value = parse (text);
  g_autoptr (ArborExpr) condition = parse (is_small);
  g_autoptr (ArborArbor) arbor = make_trees (N_TREES);
  g_autoptr (GError) error = NULL;
  StorePlace place;

  store_place_set_up (&place, NULL);
  put_arbor (place.store, "a", arbor);
  g_assert_cmpuint (
      arbor_store_update_where (place.store, "a", condition, x, &value, 1, NULL, &error), ==, 100);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_store_delete_where (place.store, "a", condition, NULL, &error), ==, 100);
  g_assert_no_error (error);
  store_place_tear_down (&place, NULL);
}

static void
test_deep (void)
{
  g_autofree char *text = make_deep (ARBOR_NODE_MAX_DEPTH - 2);
  g_autofree char *deeper = make_deep (ARBOR_NODE_MAX_DEPTH + 1);
  g_autoptr (GError) error = NULL;

  check_positions (text);
  check_update (text);
  g_assert_null (arbor_expr_parse (deeper, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

static void
test_wide (void)
{
  g_autofree char *text = make_wide (ARBOR_NODE_MAX_NODES - 8);
  g_autofree char *wider = make_wide (ARBOR_NODE_MAX_NODES + 8);
  g_autoptr (GError) error = NULL;

  check_positions (text);
  check_update (text);
  g_assert_null (arbor_expr_parse (wider, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
}

static void
test_bushy (void)
{
  g_autofree char *text = make_bushy (15);

  check_positions (text);
  check_update (text);
}

/* Little query memory */

#define N_MANY 20000u
#define LITTLE (64u * 1024u)

typedef ArborArbor *(*Compute) (ArborArbor *arbor, GError **error);

static ArborArbor *
compute_sort (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) key = parse ("upper(s)");

  return arbor_arbor_sort_by (arbor, &key, 1, NULL, error);
}

static ArborArbor *
compute_unique (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) key = parse ("s");

  return arbor_arbor_unique_by (arbor, &key, 1, error);
}

static ArborArbor *
compute_groups (ArborArbor *arbor, GError **error)
{
  static const char *const k[] = { "k", NULL };
  static const char *const m[] = { "m", NULL };
  g_autoptr (ArborExpr) key = parse ("s");
  g_autoptr (ArborExpr) figure = parse ("collect(n)");
  g_autoptr (ArborGroups) groups = arbor_arbor_group_by (arbor, k, &key, 1, error);

  return groups != NULL ? arbor_groups_aggregate (groups, m, &figure, 1, error) : NULL;
}

static ArborArbor *
compute_join (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) key = parse ("s");

  return join_arbors (arbor, arbor, &key, 1, &key, 1, ARBOR_JOIN_KIND_INNER, NULL, error);
}

static ArborArbor *
compute_counts (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) key = parse ("s");

  return arbor_arbor_value_counts (arbor, key, error);
}

static ArborArbor *
compute_exploded (ArborArbor *arbor, GError **error)
{
  return arbor_arbor_explode (arbor, "a", NULL, NULL, error);
}

static ArborArbor *
compute_nothing (ArborArbor *arbor, GError **error)
{
  return g_object_ref (arbor);
}

/* A key past what a call may take is null, and null finds nothing: not the other side's null either. */
static void
test_large_keys (void)
{
  g_autoptr (ArborArbor) arbor = read_lines ("{\"o\":{\"a\":\"a text that is long enough to be past the "
                                             "limit that is set for all the calls\"}}\n"
                                             "{\"o\":{\"a\":\"a\"}}\n");
  g_autoptr (ArborExpr) key = parse ("with_field(o, 'b', o)");
  g_autoptr (ArborArbor) semi = NULL;
  g_autoptr (ArborArbor) anti = NULL;
  g_autoptr (GError) error = NULL;

  arbor_function_set_budget (150);
  semi = join_arbors (arbor, arbor, &key, 1, &key, 1, ARBOR_JOIN_KIND_SEMI, NULL, &error);
  g_assert_no_error (error);
  anti = join_arbors (arbor, arbor, &key, 1, &key, 1, ARBOR_JOIN_KIND_ANTI, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_n_trees (semi, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_arbor_get_n_trees (anti, &error), ==, 1);
  g_assert_no_error (error);
  arbor_function_set_budget (0);
}

/* Its text is too much, if nothing before it was; with the memory back it is there. */
static void
check_memory (gconstpointer data)
{
  Compute compute = (Compute) data;
  g_autoptr (ArborArbor) arbor = make_trees (N_MANY);

  for (guint round = 0; round < 4; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ArborArbor) result = NULL;
      g_autofree char *text = NULL;

      arbor_budget_set_limit (round % 2 == 0 ? LITTLE : 0);
      result = compute (arbor, &error);
      if (error == NULL)
        text = round < 2 ? arbor_arbor_to_jsonl (result, &error)
                         : arbor_arbor_to_csv (result, &error);
      if (round % 2 == 0)
        g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
      else
        g_assert_no_error (error);
      g_assert_true ((text == NULL) == (round % 2 == 0));
    }
  g_assert_cmpuint (arbor_budget_get_used (), ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    Compute compute;
  } cases[] = {
    { "/limits/memory/sort", compute_sort },       { "/limits/memory/unique", compute_unique },
    { "/limits/memory/groups", compute_groups },   { "/limits/memory/join", compute_join },
    { "/limits/memory/counts", compute_counts },   { "/limits/memory/explode", compute_exploded },
    { "/limits/memory/export", compute_nothing },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limits/expressions/deep", test_deep);
  g_test_add_func ("/limits/expressions/wide", test_wide);
  g_test_add_func ("/limits/expressions/bushy", test_bushy);
  g_test_add_func ("/limits/expressions/large-keys", test_large_keys);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, (gconstpointer) cases[i].compute, check_memory);
  return g_test_run ();
}
