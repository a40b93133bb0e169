/* Groups: their keys, members and aggregates against a plain list of what belongs together; what
 * aggregate expressions mean; that groups are found once and end with their store.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"

static GPtrArray *
parse_all (const char *const *texts)
{
  GPtrArray *exprs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (exprs, arbor_expr_parse (texts[i], &error));
      g_assert_no_error (error);
    }
  return exprs;
}

static ArborGroups *
group_by (ArborArbor *arbor, const char *const *names, const char *const *texts, GError **error)
{
  g_autoptr (GPtrArray) keys = parse_all (texts);

  return arbor_arbor_group_by (arbor, names, (ArborExpr **) keys->pdata, keys->len, error);
}

static ArborArbor *
aggregate (ArborGroups *groups, const char *const *names, const char *const *texts, GError **error)
{
  g_autoptr (GPtrArray) exprs = parse_all (texts);

  return arbor_groups_aggregate (groups, names, (ArborExpr **) exprs->pdata, exprs->len, error);
}

static ArborTree *
aggregate_all (ArborArbor *arbor, const char *const *names, const char *const *texts,
               GError **error)
{
  g_autoptr (GPtrArray) exprs = parse_all (texts);

  return arbor_arbor_aggregate (arbor, names, (ArborExpr **) exprs->pdata, exprs->len, NULL, error);
}

#define STRV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NOTHING   ((const char *const[]){ NULL })

/* Texts of key values: those of one letter are equal. Letter z: no value. */
static const struct
{
  char class;
  const char *text;
} values[] = {
  { 'a', "1" },          { 'a', "1.0" },
  { 'b', "\"1\"" },      { 'c', "null" },
  { 'z', NULL },         { 'd', "[1,2]" },
  { 'd', "[1.0,2]" },    { 'e', "[2,1]" },
  { 'f', "[]" },         { 'g', "{}" },
  { 'h', "{\"a\":1,\"b\":[null]}" },
  { 'h', "{\"b\":[null],\"a\":1.0}" },
  { 'i', "{\"a\":1,\"b\":[0]}" },
  { 'j', "true" },       { 'k', "false" },
  { 'l', "0" },          { 'l', "-0.0" },
  { 'm', "9007199254740993" },
  { 'n', "9007199254740992" },
  { 'n', "9007199254740992.0" },
  { 'o', "18446744073709551615" },
  { 'p', "1e400" },      { 'p', "10e399" },
  { 'q', "\"\"" },       { 'r', "\"\\u0000\"" },
  { 's', "\"\xc3\xa9\"" },
};

typedef struct
{
  char *key; /* the object */
  GString *members;
  guint64 n;
  gint64 sum;
} Expected;

static void
expected_free (gpointer data)
{
  Expected *self = data;

  g_free (self->key);
  g_string_free (self->members, TRUE);
  g_free (self);
}

/* @n trees of two keys each, and the groups that they make. */
static char *
make_trees (guint n, GPtrArray *groups)
{
  g_autoptr (GHashTable) by_class = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      guint k = (guint) g_test_rand_int_range (0, G_N_ELEMENTS (values));
      guint l = (guint) g_test_rand_int_range (0, G_N_ELEMENTS (values) / 4);
      g_autofree char *class = g_strdup_printf ("%c%c", values[k].class, values[l].class);
      g_autoptr (GString) key = g_string_new (NULL);
      g_autoptr (GString) line = g_string_new (NULL);
      Expected *expected = g_hash_table_lookup (by_class, class);

      if (values[k].text != NULL)
        g_string_append_printf (key, "\"k\":%s", values[k].text);
      if (values[l].text != NULL)
        g_string_append_printf (key, "%s\"l\":%s", key->len > 0 ? "," : "", values[l].text);
      g_string_printf (line, "{\"i\":%u%s%s}\n", i, key->len > 0 ? "," : "", key->str);
      g_string_append (lines, line->str);
      if (expected == NULL)
        {
          expected = g_new0 (Expected, 1);
          expected->key = g_strdup_printf ("{%s}", key->str);
          expected->members = g_string_new (NULL);
          g_ptr_array_add (groups, expected);
          g_hash_table_insert (by_class, g_steal_pointer (&class), expected);
        }
      g_string_append (expected->members, line->str);
      expected->n++;
      expected->sum += i;
    }
  return g_string_free (lines, FALSE);
}

static void
check_groups (ArborArbor *arbor, GPtrArray *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups = group_by (arbor, STRV ("k", "l"), STRV ("k", "l"), &error);
  g_autoptr (ArborArbor) sums = aggregate (groups, STRV ("n", "sum"), STRV ("count()", "sum(i)"),
                                           &error);
  g_autoptr (GString) lines = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < expected->len; i++)
    {
      Expected *at = g_ptr_array_index (expected, i);

      g_string_append_len (lines, at->key, (gssize) strlen (at->key) - 1);
      g_string_append_printf (lines, "%s\"n\":%" G_GUINT64_FORMAT ",\"sum\":%" G_GINT64_FORMAT "}\n",
                              at->key[1] != '}' ? "," : "", at->n, at->sum);
    }
  assert_lines (sums, lines->str);
  g_assert_cmpuint (arbor_groups_get_n_groups (groups, &error), ==, expected->len);
  for (guint i = 0; i < expected->len; i++)
    {
      Expected *at = g_ptr_array_index (expected, i);
      g_autoptr (ArborTree) key = arbor_groups_get_key (groups, i, &error);
      g_autoptr (ArborArbor) members = arbor_groups_get_members (groups, i, &error);
      g_autoptr (ArborTree) member = arbor_arbor_get (members, at->n - 1, &error);
      g_autofree char *text = arbor_tree_to_json (key, &error);
      guint64 index;

      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, at->key);
      assert_lines (members, at->members->str);
      g_assert_true (arbor_groups_find (groups, key, &index, &error));
      g_assert_cmpuint (index, ==, i);
      g_assert_true (arbor_groups_find (groups, member, &index, &error));
      g_assert_cmpuint (index, ==, i);
    }
}

static void
test_oracle (void)
{
  static const guint sizes[] = { 0, 1, 10, 3000, 20000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (expected_free);
      g_autofree char *lines = make_trees (sizes[i], expected);
      g_autoptr (ArborArbor) arbor = read_lines (lines);
      g_autoptr (ArborArbor) reversed = arbor_arbor_reverse (arbor, NULL);
      g_autoptr (ArborArbor) again = arbor_arbor_reverse (reversed, NULL);
      g_autoptr (ArborArbor) doubled = arbor_arbor_drop_fields (again, NOTHING, NULL);

      check_groups (arbor, expected);
      check_groups (doubled, expected);
    }
}

#define TREES                                                                                      \
  "{\"g\":\"x\",\"a\":1,\"b\":[1,2,null],\"c\":[{\"d\":5},{},{\"d\":7}]}\n"                        \
  "{\"g\":\"y\",\"a\":2.5,\"b\":[]}\n"                                                             \
  "{\"g\":\"x\",\"a\":null,\"b\":[4]}\n"                                                           \
  "{\"g\":\"x\",\"a\":4,\"c\":[{\"d\":1}]}\n"

static const struct
{
  const char *text;
  const char *x, *y; /* of the groups */
  const char *all;
} meanings[] = {
  { "count()", "3", "1", "4" },
  { "count(a)", "2", "1", "3" },
  { "sum(a)", "5", "2.5", "7.5" },
  { "max(a) - min(a)", "3", "0.0", "3" },
  { "round(sum(a) / count(), 2)", "1.67", "2.5", "1.88" },
  { "count(b[*])", "3", "0", "3" },   /* every value of a vector */
  { "sum(b[*])", "7", "0", "7" },
  { "sum(b)", "null", "null", "null" }, /* an array is one value, and no number */
  { "n_unique(b)", "2", "1", "3" },
  { "first(b)", "[1,2,null]", "[]", "[1,2,null]" },
  { "last(c[*].d)", "1", "null", "1" },
  { "mean(count(b[*]))", "1.0", "0.0", "0.75" }, /* the inner one is of a tree */
  { "sum(sum(c[*].d))", "13", "0", "13" },
  { "max(len(b)) + 1", "4", "1", "4" },
  { "any(a > 2)", "true", "true", "true" },
  { "all(a > 2)", "false", "true", "false" },
  { "quantile(a, 0.5)", "2.5", "2.5", "2.5" },
  { "quantile(a, 1 / 4)", "1.75", "2.5", "1.75" },
  { "median(a) == quantile(a, 0.5)", "true", "true", "true" },
  { "5", "5", "5", "5" },
  { "when count() > 1 then \"many\" otherwise \"one\"", "\"many\"", "\"one\"", "\"many\"" },
  { "coalesce(max(nothing), 0)", "0", "0", "0" },
  { "map(first(b), @)", "[1,2,null]", "[]", "[1,2,null]" },
  { "map(first(b), count() + @)", "[4,5,null]", "[]", "[5,6,null]" },
  { "map([[1,2],[3]], sum(@))", "[3,3]", "[3,3]", "[3,3]" }, /* of an element */
};

static void
test_meaning (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (TREES);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups = group_by (arbor, STRV ("g"), STRV ("g"), &error);

  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    {
      g_autoptr (ArborExpr) expr = arbor_expr_parse (meanings[i].text, &error);
      g_autoptr (ArborArbor) result = NULL;
      g_autoptr (ArborTree) all = NULL;
      g_autofree char *all_text = NULL;
      g_autofree char *expected = NULL;

      expected = g_strdup_printf ("{\"g\":\"x\",\"v\":%s}\n{\"g\":\"y\",\"v\":%s}\n", meanings[i].x,
                                  meanings[i].y);
      result = arbor_groups_aggregate (groups, STRV ("v"), &expr, 1, &error);
      g_assert_no_error (error);
      g_test_message ("%s", meanings[i].text);
      assert_lines (result, expected);
      all = arbor_arbor_aggregate (arbor, STRV ("v"), &expr, 1, NULL, &error);
      g_assert_no_error (error);
      all_text = arbor_tree_to_json (all, &error);
      g_free (expected);
      expected = g_strdup_printf ("{\"v\":%s}", meanings[i].all);
      g_assert_cmpstr (all_text, ==, expected);
    }
}

static void
test_keys_in_aggregates (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (TREES);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups =
      group_by (arbor, STRV ("letter", "n"), STRV ("upper(g)", "len(b)"), &error);
  g_autoptr (ArborArbor) result =
      aggregate (groups, STRV ("text", "more", "q", "g"),
                 STRV ("lower(upper(g)) == \"x\"", "len(b) + count()",
                       "quantile(a, len(b) - 1)", "first(g)"),
                 &error);

  g_assert_no_error (error);
  assert_lines (result,
                "{\"letter\":\"X\",\"n\":3,\"text\":true,\"more\":4,\"q\":null,\"g\":\"x\"}\n"
                "{\"letter\":\"Y\",\"n\":0,\"text\":false,\"more\":1,\"q\":null,\"g\":\"y\"}\n"
                "{\"letter\":\"X\",\"n\":1,\"text\":true,\"more\":2,\"q\":null,\"g\":\"x\"}\n"
                "{\"letter\":\"X\",\"n\":null,\"text\":true,\"more\":null,\"q\":null,\"g\":\"x\"}\n");
}

static void
test_edges (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (TREES);
  g_autoptr (ArborArbor) empty = arbor_arbor_head (arbor, 0, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) of_none = group_by (empty, STRV ("g"), STRV ("g"), &error);
  g_autoptr (ArborGroups) one = group_by (arbor, NOTHING, NOTHING, &error);
  g_autoptr (ArborGroups) none = group_by (empty, NOTHING, NOTHING, &error);
  g_autoptr (ArborGroups) whole = group_by (arbor, STRV (""), STRV ("$"), &error);
  g_autoptr (ArborArbor) counts = aggregate (one, STRV ("n"), STRV ("count()"), &error);
  g_autoptr (ArborArbor) nothing = aggregate (of_none, STRV ("n"), STRV ("count()"), &error);
  g_autoptr (ArborTree) all =
      aggregate_all (empty, STRV ("n", "s", "m", "x", "y", "z"),
                     STRV ("count()", "sum(a)", "mean(a)", "any(a)", "all(a)", "first(a)"), &error);
  g_autoptr (ArborTree) bare = aggregate_all (arbor, NOTHING, NOTHING, &error);
  g_autofree char *text = NULL;
  g_autofree char *bare_text = NULL;

  g_assert_no_error (error);
  assert_lines (counts, "{\"n\":4}\n");
  assert_lines (nothing, "");
  g_assert_cmpuint (arbor_groups_get_n_groups (none, &error), ==, 0);
  g_assert_cmpuint (arbor_groups_get_n_groups (whole, &error), ==, 4);
  text = arbor_tree_to_json (all, &error);
  g_assert_cmpstr (text, ==,
                   "{\"n\":0,\"s\":0,\"m\":null,\"x\":false,\"y\":true,\"z\":null}");
  bare_text = arbor_tree_to_json (bare, &error);
  g_assert_cmpstr (bare_text, ==, "{}");

  g_assert_null (arbor_groups_get_key (one, 1, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
  g_clear_error (&error);
  g_assert_null (arbor_groups_get_members (one, G_MAXUINT64, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE);
}

static void
assert_mistake (ArborArbor *arbor, const char *key, const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups = group_by (arbor, STRV ("g"), STRV (key), &error);

  if (groups != NULL)
    g_assert_null (aggregate (groups, STRV ("v"), STRV (text), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_mistakes (void)
{
  g_autoptr (ArborArbor) arbor = read_lines (TREES);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups = group_by (arbor, STRV ("g"), STRV ("g"), &error);

  assert_mistake (arbor, "g", "max(a) + a.b",
                  "'a.b' has a value for each tree, and one is needed for all of them: use an "
                  "aggregate, such as first(a.b), or group by it");
  assert_mistake (arbor, "g", "quantile(a, max(a))",
                  "'max(a)' differs from tree to tree: the second argument of an aggregate is a "
                  "literal or made of group keys");
  assert_mistake (arbor, "g", "sum(count())",
                  "count() counts the trees of a group; for one tree it needs what to count, as in "
                  "count(tags)");
  assert_mistake (arbor, "b[*]", "count()",
                  "One value is needed for each tree, but 'b[*]' has several: reduce it with any(), "
                  "all(), count() or len()");
  g_assert_null (aggregate (groups, STRV ("n", "n"), STRV ("count()", "count()"), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (aggregate (groups, STRV ("g"), STRV ("count()"), &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (aggregate (groups, STRV ("n"), NOTHING, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (group_by (arbor, STRV ("n"), NOTHING, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT);
}

static ArborArbor *
make_numbers (guint n)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (lines, "{\"n\":%u,\"s\":\"text %u\"}\n", i, i);
  return read_lines (lines->str);
}

/* Too little memory is an error, at each size, and leaves nothing behind. */
static void
test_memory (void)
{
  g_autoptr (ArborArbor) arbor = make_numbers (20000);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborGroups) groups = group_by (arbor, STRV ("s"), STRV ("s"), &error);
  g_autoptr (ArborArbor) sums =
      aggregate (groups, STRV ("n", "m"), STRV ("sum(n)", "n_unique(s)"), &error);
  guint n_failed = 0;

  for (guint64 limit = 4096; limit < 1u << 26; limit *= 2)
    {
      g_autofree char *text = NULL;

      arbor_set_query_memory (limit);
      if (n_failed == 0)
        {
          g_assert_null (arbor_groups_get_members (groups, 0, &error));
          g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
          g_clear_error (&error);
        }
      text = arbor_arbor_to_jsonl (sums, &error);
      if (text != NULL)
        break;
      g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
      g_clear_error (&error);
      n_failed++;
    }
  arbor_set_query_memory (0);
  g_assert_cmpuint (n_failed, >, 3);
  g_assert_cmpuint (arbor_arbor_get_n_trees (sums, &error), ==, 20000);
  for (guint i = 0; i < 20000; i += 977)
    {
      g_autoptr (ArborTree) tree = arbor_arbor_get (sums, i, &error);

      g_assert_cmpint (arbor_tree_get_int64 (tree, "n", &error), ==, i);
      g_assert_cmpint (arbor_tree_get_int64 (tree, "m", &error), ==, 1);
    }
}

typedef ArborArbor *(*Summarise) (ArborArbor *arbor, GError **error);

static ArborArbor *
count_texts (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("s", NULL);

  return arbor_arbor_value_counts (arbor, expr, error);
}

static ArborArbor *
spread_numbers (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("n", NULL);

  return arbor_arbor_histogram (arbor, expr, 1000000, error);
}

static ArborArbor *
describe (ArborArbor *arbor, GError **error)
{
  return arbor_arbor_describe (arbor, NULL, error);
}

/* Text, or NULL and LIMIT. */
static char *
summarise (ArborArbor *arbor, Summarise make)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborArbor) summary = make (arbor, &error);
  char *text = summary != NULL ? arbor_arbor_to_jsonl (summary, &error) : NULL;

  if (text == NULL)
    g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT);
  return text;
}

static void
test_summary_memory (void)
{
  static const Summarise makers[] = { count_texts, spread_numbers, describe };
  g_autoptr (ArborArbor) arbor = make_numbers (5000);

  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_autofree char *expected = summarise (arbor, makers[i]);
      guint n_failed = 0;

      for (guint64 limit = 256; limit < 1u << 30; limit *= 4)
        {
          g_autofree char *text = NULL;

          arbor_set_query_memory (limit);
          text = summarise (arbor, makers[i]);
          n_failed += text == NULL;
          if (text != NULL)
            g_assert_cmpstr (text, ==, expected);
        }
      arbor_set_query_memory (0);
      g_assert_cmpuint (n_failed, >, 2);
    }
}

static void
test_cancelled (void)
{
  g_autoptr (ArborArbor) arbor = make_numbers (10);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("sum(n)", NULL);
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (arbor_arbor_aggregate (arbor, STRV ("n"), &expr, 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (arbor_arbor_describe (arbor, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_explain (void)
{
  g_autoptr (ArborArbor) arbor = make_numbers (10);
  g_autoptr (ArborGroups) groups = group_by (arbor, STRV ("m"), STRV ("n mod 3"), NULL);
  g_autoptr (ArborArbor) sums = aggregate (groups, STRV ("k"), STRV ("count()"), NULL);
  g_autoptr (ArborArbor) counts = count_texts (arbor, NULL);
  g_autofree char *of_sums = arbor_arbor_explain (sums);
  g_autofree char *of_counts = arbor_arbor_explain (counts);

  g_assert_nonnull (strstr (of_sums, "group by m = n mod 3: k = count()"));
  g_assert_nonnull (strstr (of_counts, "value counts of s"));
}

static gpointer
use_groups (gpointer data)
{
  g_autoptr (ArborArbor) sums = aggregate (data, STRV ("n"), STRV ("sum(n)"), NULL);
  guint64 total = 0;

  for (guint64 i = 0; i < 100; i++)
    {
      g_autoptr (ArborTree) tree = arbor_arbor_get (sums, i, NULL);
      g_autoptr (ArborArbor) members = arbor_groups_get_members (data, i, NULL);

      g_assert_cmpuint (arbor_arbor_get_n_trees (members, NULL), ==, 200);
      total += arbor_tree_get_uint64 (tree, "n", NULL);
    }
  return GSIZE_TO_POINTER (total);
}

static void
test_threads (void)
{
  g_autoptr (ArborArbor) arbor = make_numbers (20000);
  g_autoptr (ArborGroups) groups = group_by (arbor, STRV ("m"), STRV ("n mod 100"), NULL);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("groups", use_groups, groups);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (threads[i])), ==, 20000ul * 19999 / 2);
}

static void
test_store (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "g.arbor", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ArborStore) store = open_store (path);
  g_autoptr (ArborArbor) lines = read_lines (TREES);
  g_autoptr (ArborArbor) stored = NULL;
  g_autoptr (ArborGroups) groups = NULL;
  g_autoptr (ArborArbor) members = NULL;
  g_autoptr (ArborTree) key = NULL;
  g_autofree char *text = NULL;

  arbor_store_put (store, "g", lines, NULL, &error);
  stored = arbor_store_get (store, "g", &error);
  groups = group_by (stored, STRV ("g"), STRV ("g"), &error);
  key = arbor_groups_get_key (groups, 1, &error);
  members = arbor_groups_get_members (groups, 1, &error);
  g_assert_no_error (error);
  assert_lines (members, "{\"g\":\"y\",\"a\":2.5,\"b\":[]}\n");

  arbor_store_put (store, "g", members, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (arbor_groups_get_n_groups (groups, &error), ==, 0);
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);
  g_assert_false (arbor_groups_find (groups, key, NULL, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE);
  g_clear_error (&error);

  arbor_store_close (store);
  g_assert_true (arbor_groups_is_closed (groups));
  g_assert_null (arbor_groups_get_key (groups, 9, &error));
  g_assert_error (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
  g_clear_error (&error);
  text = arbor_groups_to_string (groups);
  g_assert_cmpstr (text, ==, "ArborGroups (by g, 2 groups, closed)");
  remove_folder (folder);
}

/* Fields that are asked for one by one are those of the whole trees, in whatever order who asks. */
static void
test_some_fields (void)
{
  static const char *const names[] = { "n", "sum", "least", "all", "ratio", "kind", "q", NULL };
  static const char *const texts[] = { "count()",
                                       "sum(i)",
                                       "min(k)",
                                       "collect(i)",
                                       "sum(i) / count()",
                                       "when n_unique(i) > 3 then k otherwise collect_unique(i)",
                                       "quantile(i, 0.25)",
                                       NULL };
  static const char *const fields[] = { "k",     "l", "n", "sum",   "least", "all",
                                        "ratio", "kind",  "q", "none", NULL };
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (expected_free);
  g_autofree char *lines = NULL;
  g_autoptr (ArborArbor) arbor = NULL;
  g_autoptr (ArborGroups) groups = NULL;
  g_autoptr (ArborArbor) whole = NULL;
  g_autofree char *whole_text = NULL;
  g_autoptr (GError) error = NULL;

  lines = make_trees (3000, expected);
  arbor = read_lines (lines);
  groups = group_by (arbor, STRV ("k", "l"), STRV ("k", "l"), &error);
  g_assert_no_error (error);
  whole = aggregate (groups, names, texts, &error);
  g_assert_no_error (error);
  whole_text = arbor_arbor_to_jsonl (whole, &error);
  g_assert_no_error (error);

  for (guint i = 0; fields[i] != NULL; i++)
    {
      g_autofree char *text = g_strdup_printf ("collect(%s)", fields[i]);
      g_autoptr (ArborArbor) late = aggregate (groups, names, texts, &error);
      g_autoptr (ArborTree) from_whole = aggregate_all (whole, STRV ("x"), STRV (text), &error);
      g_autoptr (ArborTree) from_late = NULL;
      g_autofree char *a = NULL;
      g_autofree char *b = NULL;

      g_assert_no_error (error);
      if (i % 2 == 0)
        g_assert_cmpuint (arbor_arbor_get_n_trees (late, &error), ==, expected->len);
      from_late = aggregate_all (late, STRV ("x"), STRV (text), &error);
      g_assert_no_error (error);
      a = arbor_tree_to_json (from_whole, &error);
      b = arbor_tree_to_json (from_late, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (b, ==, a);
      assert_lines (late, whole_text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/groups/oracle", test_oracle);
  g_test_add_func ("/groups/meaning", test_meaning);
  g_test_add_func ("/groups/keys-in-aggregates", test_keys_in_aggregates);
  g_test_add_func ("/groups/edges", test_edges);
  g_test_add_func ("/groups/some-fields", test_some_fields);
  g_test_add_func ("/groups/mistakes", test_mistakes);
  g_test_add_func ("/groups/memory", test_memory);
  g_test_add_func ("/groups/summary-memory", test_summary_memory);
  g_test_add_func ("/groups/cancelled", test_cancelled);
  g_test_add_func ("/groups/explain", test_explain);
  g_test_add_func ("/groups/threads", test_threads);
  g_test_add_func ("/groups/store", test_store);
  return g_test_run ();
}
