/* Conformance: an arbor in memory, a stored one, a reopened one, and views of each that keep every
 * tree answer every operation alike. One table of operations, each of which turns an arbor into
 * text that holds its full result; one table of variants; every cell is compared with the first
 * variant's.
 */

#include <arbor/arbor.h>
#include <glib/gstdio.h>

#include "kit/arbors.h"
#include "kit/operations.h"

typedef char *(*Operation) (ArborArbor *arbor, GError **error);

static char *
op_jsonl (ArborArbor *arbor, GError **error)
{
  return arbor_arbor_to_jsonl (arbor, error);
}

static char *
op_json (ArborArbor *arbor, GError **error)
{
  return arbor_arbor_to_json (arbor, error);
}

static char *
op_save (ArborArbor *arbor, GError **error)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();

  if (!arbor_arbor_save (arbor, stream, ARBOR_FORMAT_AUTO, NULL, error))
    return NULL;
  if (!g_output_stream_write_all (stream, "", 1, NULL, NULL, error) ||
      !g_output_stream_close (stream, NULL, error))
    return NULL;
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (stream));
}

static char *
op_n_trees (ArborArbor *arbor, GError **error)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, arbor_arbor_get_n_trees (arbor, error));
}

/* Appends a tree and a newline. */
static gboolean
append_tree (GString *out, ArborTree *tree, GError **error)
{
  g_autofree char *text = arbor_tree_to_json (tree, error);

  if (text == NULL)
    return FALSE;
  g_string_append_printf (out, "%s\n", text);
  return TRUE;
}

static char *
op_get (ArborArbor *arbor, GError **error)
{
  guint64 n = arbor_arbor_get_n_trees (arbor, error);
  GString *out = g_string_new (NULL);

  for (guint64 i = 0; i < n; i++)
    {
      g_autoptr (ArborTree) tree = arbor_arbor_get (arbor, n - 1 - i, error);

      if (tree == NULL || !append_tree (out, tree, error))
        break;
    }
  return g_string_free (out, FALSE);
}

static char *
op_get_past_end (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborTree) tree =
      arbor_arbor_get (arbor, arbor_arbor_get_n_trees (arbor, NULL), error);

  return tree != NULL ? g_strdup ("a tree") : NULL;
}

static char *
drain (ArborIter *iter, GError **error)
{
  GString *out = g_string_new (NULL);
  ArborTree *tree;

  while (iter != NULL && (tree = arbor_iter_next_value (iter, error)) != NULL)
    {
      append_tree (out, tree, error);
      g_object_unref (tree);
    }
  return g_string_free (out, FALSE);
}

static char *
op_iterate (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, error);

  return drain (iter, error);
}

static char *
op_next_many (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, error);
  GString *out = g_string_new (NULL);
  gsize n = 1;

  while (n > 0)
    {
      ArborTree **trees = arbor_iter_next_many (iter, 7, &n, error);

      g_string_append_printf (out, "%" G_GSIZE_FORMAT ":\n", n);
      for (gsize i = 0; i < n; i++)
        {
          append_tree (out, trees[i], error);
          g_object_unref (trees[i]);
        }
      g_free (trees);
    }
  return g_string_free (out, FALSE);
}

static char *
op_closed_iterator (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, error);

  arbor_iter_close (iter);
  g_assert_true (arbor_iter_is_closed (iter));
  return arbor_iter_next_value (iter, error) == NULL ? NULL : g_strdup ("a tree");
}

static char *
pick (ArborArbor *arbor, const char *const *paths, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_pick (arbor, paths, error);

  return iter != NULL ? drain (iter, error) : NULL;
}

static char *
op_pick_whole (ArborArbor *arbor, GError **error)
{
  return pick (arbor, NULL, error);
}

static char *
op_pick (ArborArbor *arbor, GError **error)
{
  const char *paths[] = { "n", "o.p", "v[*].w", "v[-1]", "missing", "s", NULL };

  return pick (arbor, paths, error);
}

static char *
op_pick_malformed (ArborArbor *arbor, GError **error)
{
  const char *paths[] = { "n", "a[", NULL };

  return pick (arbor, paths, error);
}

static const char *const conditions[] = {
  "n > 10",
  "n == 3 or s starts_with \"b\"",
  "not exists(o)",
  "o.p == null",
  "is_null(o.p)",
  "any(v[*].w > 2)",
  "count(v[*]) == 2",
  "len(s) > 4 and n + 1 <= 40",
  "s contains \"\xc3\xa9\" or lower(s) ends_with \"z\"",
  "is_in(n, 1, 2, 1e400)",
  "true",
  "false",
  "null",
};

/* Calls @func for each condition and joins what it says. */
static char *
for_each_condition (ArborArbor *arbor,
                    void (*func) (ArborArbor *, ArborExpr *, GString *, GError **), GError **error)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    {
      g_autoptr (GError) failure = NULL;
      g_autoptr (ArborExpr) expr = arbor_expr_parse (conditions[i], &failure);

      g_assert_no_error (failure);
      g_string_append_printf (out, "%s:\n", conditions[i]);
      func (arbor, expr, out, &failure);
      if (failure != NULL)
        g_string_append_printf (out, "error %d %s\n", failure->code, failure->message);
    }
  return g_string_free (out, FALSE);
}

static void
say_filter (ArborArbor *arbor, ArborExpr *expr, GString *out, GError **error)
{
  g_autoptr (ArborArbor) view = arbor_arbor_filter (arbor, expr, error);
  g_autofree char *text = view != NULL ? arbor_arbor_to_jsonl (view, error) : NULL;

  g_string_append (out, text);
}

static void
say_indices (ArborArbor *arbor, ArborExpr *expr, GString *out, GError **error)
{
  gsize n;
  g_autofree guint64 *indices = arbor_arbor_matching_indices (arbor, expr, &n, NULL, error);

  for (gsize i = 0; i < n; i++)
    g_string_append_printf (out, "%" G_GUINT64_FORMAT " ", indices[i]);
}

static void
say_find (ArborArbor *arbor, ArborExpr *expr, GString *out, GError **error)
{
  g_autoptr (ArborTree) one = arbor_arbor_find_one (arbor, expr, error);
  g_autoptr (ArborTree) same = NULL;

  if (one != NULL)
    append_tree (out, one, error);
  else
    g_assert_no_error (*error);
  same = arbor_arbor_find_one_or_error (arbor, expr, error);
  g_assert_true ((same == NULL) == (one == NULL));
}

static void
say_counts (ArborArbor *arbor, ArborExpr *expr, GString *out, GError **error)
{
  g_string_append_printf (out, "%" G_GUINT64_FORMAT " %d",
                          arbor_arbor_count_matches (arbor, expr, NULL, error),
                          arbor_arbor_any_of (arbor, expr, error));
  g_string_append_printf (out, " %d\n", arbor_arbor_all_of (arbor, expr, error));
}

static char *
op_filter (ArborArbor *arbor, GError **error)
{
  return for_each_condition (arbor, say_filter, error);
}

static char *
op_matching_indices (ArborArbor *arbor, GError **error)
{
  return for_each_condition (arbor, say_indices, error);
}

static char *
op_find (ArborArbor *arbor, GError **error)
{
  return for_each_condition (arbor, say_find, error);
}

static char *
op_counts (ArborArbor *arbor, GError **error)
{
  return for_each_condition (arbor, say_counts, error);
}

static char *
op_vector_condition (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("v[*].w > 2", NULL);
  g_autoptr (ArborArbor) view = arbor_arbor_filter (arbor, expr, error);

  return view != NULL ? g_strdup ("a view") : NULL;
}

/* Takes over @view. */
static char *
text_of (ArborArbor *view, GError **error)
{
  char *text;

  if (view == NULL)
    return NULL;
  text = arbor_arbor_to_jsonl (view, error);
  g_object_unref (view);
  return text;
}

static char *
op_views (ArborArbor *arbor, GError **error)
{
  GString *out = g_string_new (NULL);
  const guint64 cuts[] = { 0, 1, 5, 39, 1000000, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autofree char *head = text_of (arbor_arbor_head (arbor, cuts[i], error), error);
      g_autofree char *tail = text_of (arbor_arbor_tail (arbor, cuts[i], error), error);

      g_string_append_printf (out, "head:\n%stail:\n%s", head, tail);
      for (guint j = 0; j < G_N_ELEMENTS (cuts); j++)
        {
          g_autofree char *slice =
              text_of (arbor_arbor_slice (arbor, cuts[i], cuts[j], error), error);

          g_string_append_printf (out, "slice:\n%s", slice);
        }
    }
  return g_string_free (out, FALSE);
}

static char *
op_reverse (ArborArbor *arbor, GError **error)
{
  return text_of (arbor_arbor_reverse (arbor, error), error);
}

static char *
op_take (ArborArbor *arbor, GError **error)
{
  const guint64 indices[] = { 3, 0, 3, 2 };

  return text_of (arbor_arbor_take (arbor, indices, G_N_ELEMENTS (indices), error), error);
}

static char *
op_take_past_end (ArborArbor *arbor, GError **error)
{
  const guint64 indices[] = { 0, 4000000000u };

  return text_of (arbor_arbor_take (arbor, indices, 2, error), error);
}

/* Views of views, in every order that shifts positions. */
static char *
op_chain (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("n >= 2", NULL);
  g_autoptr (ArborArbor) reversed = arbor_arbor_reverse (arbor, error);
  g_autoptr (ArborArbor) filtered = arbor_arbor_filter (reversed, expr, error);
  g_autoptr (ArborArbor) tail = arbor_arbor_tail (filtered, 9, error);
  g_autoptr (ArborArbor) back = arbor_arbor_reverse (tail, error);
  g_autoptr (ArborArbor) slice = arbor_arbor_slice (back, 1, 6, error);
  g_autoptr (ArborArbor) inner = arbor_arbor_slice (slice, 1, 100, error);

  return text_of (arbor_arbor_filter (inner, expr, error), error);
}

/* New trees: fields set, taken away, renamed; arrays taken apart; arbors put together. */
static char *
op_new_trees (ArborArbor *arbor, GError **error)
{
  const char *names[] = { "n", "sum", NULL };
  const char *dropped[] = { "o", "map", NULL };
  const char *renamed[] = { "s", "n", NULL };
  const char *new_names[] = { "n", "s", NULL };
  g_autoptr (ArborExpr) path = arbor_expr_parse ("o.p", NULL);
  g_autoptr (ArborExpr) sum = arbor_expr_parse ("n + 1", NULL);
  ArborExpr *exprs[] = { path, sum };
  g_autofree char *select = text_of (arbor_arbor_select (arbor, names, exprs, 2, error), error);
  g_autofree char *add = text_of (arbor_arbor_add_fields (arbor, names, exprs, 2, error), error);
  g_autofree char *drop = text_of (arbor_arbor_drop_fields (arbor, dropped, error), error);
  g_autofree char *rename =
      text_of (arbor_arbor_rename_fields (arbor, renamed, new_names, error), error);
  g_autofree char *explode = text_of (arbor_arbor_explode (arbor, "v", NULL, NULL, error), error);
  g_autofree char *explode_as = text_of (arbor_arbor_explode (arbor, "o.q", "n", NULL, error), error);
  g_autofree char *append = text_of (arbor_arbor_append (arbor, arbor, error), error);

  return g_strjoin ("--\n", select, add, drop, rename, explode, explode_as, append, NULL);
}

/* Other orders, each tie and each null decided by the source order. */
static char *
op_orders (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) n = arbor_expr_parse ("n > 20", NULL);
  g_autoptr (ArborExpr) s = arbor_expr_parse ("lower(s)", NULL);
  g_autoptr (ArborExpr) big = arbor_expr_parse ("big", NULL);
  g_autoptr (ArborExpr) o = arbor_expr_parse ("o", NULL);
  ArborExpr *keys[] = { s, n };
  ArborExpr *odd[] = { big, o };
  const ArborSortFlags down[] = { ARBOR_SORT_DESCENDING };
  const ArborSortFlags mixed[] = { ARBOR_SORT_NULLS_FIRST, ARBOR_SORT_DESCENDING };
  g_autofree char *up_text =
      text_of (arbor_arbor_sort_by (arbor, odd, 2, NULL, error), error);
  g_autofree char *down_text =
      text_of (sort_arbor (arbor, keys, 2, down, 1, error), error);
  g_autofree char *mixed_text =
      text_of (sort_arbor (arbor, odd, 2, mixed, 2, error), error);
  g_autofree char *whole = text_of (arbor_arbor_sort_by (arbor, NULL, 0, NULL, error), error);
  g_autofree char *top = text_of (top_of_arbor (arbor, 9, keys, 2, mixed, 2, error), error);
  g_autofree char *unique = text_of (arbor_arbor_unique_by (arbor, odd, 2, error), error);
  g_autofree char *distinct = text_of (arbor_arbor_unique_by (arbor, NULL, 0, error), error);
  g_autofree char *sample = text_of (arbor_arbor_sample (arbor, 17, 5, error), error);
  g_autofree char *shuffle = text_of (arbor_arbor_shuffle (arbor, 5, error), error);

  return g_strjoin ("--\n", up_text, down_text, mixed_text, whole, top, unique, distinct, sample,
                    shuffle, NULL);
}

/* Views of sorted views: what is read of them differs, what is found does not. */
static char *
op_order_chain (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) big = arbor_expr_parse ("big", NULL);
  g_autoptr (ArborExpr) s = arbor_expr_parse ("s", NULL);
  g_autoptr (ArborExpr) large = arbor_expr_parse ("n > 5", NULL);
  g_autoptr (ArborArbor) sorted = arbor_arbor_sort_by (arbor, &big, 1, NULL, error);
  g_autoptr (ArborArbor) head = arbor_arbor_head (sorted, 30, error);
  g_autoptr (ArborArbor) again = arbor_arbor_sort_by (head, &s, 1, NULL, error);
  g_autoptr (ArborArbor) kept = arbor_arbor_filter (again, large, error);
  g_autoptr (ArborArbor) shuffled = arbor_arbor_shuffle (kept, 9, error);
  g_autofree char *slice = text_of (arbor_arbor_slice (sorted, 10, 20, error), error);
  g_autofree char *later = text_of (arbor_arbor_slice (sorted, 20, 10, error), error);
  g_autofree char *tail = text_of (arbor_arbor_tail (sorted, 5, error), error);
  g_autofree char *unique = text_of (arbor_arbor_unique_by (shuffled, &s, 1, error), error);

  return g_strjoin ("--\n", slice, later, tail, unique, NULL);
}

static char *
op_vector_key (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("v[*].w", NULL);

  return text_of (arbor_arbor_sort_by (arbor, &expr, 1, NULL, error), error);
}

static char *
op_unknown_flags (ArborArbor *arbor, GError **error)
{
  const ArborSortFlags flags[] = { (ArborSortFlags) 8 };

  return text_of (sort_arbor (arbor, NULL, 0, flags, 1, error), error);
}

/* Keys, members and aggregates of groups, and what is computed over all trees. */
static char *
op_groups (ArborArbor *arbor, GError **error)
{
  const char *key_names[] = { "m", "o", "q", NULL };
  const char *names[] = { "n", "sum", "s", "w", NULL };
  g_autoptr (ArborExpr) key = arbor_expr_parse ("n mod 7", NULL);
  g_autoptr (ArborExpr) object = arbor_expr_parse ("o.p", NULL);
  g_autoptr (ArborExpr) array = arbor_expr_parse ("o.q", NULL);
  g_autoptr (ArborExpr) count = arbor_expr_parse ("count()", NULL);
  g_autoptr (ArborExpr) sum = arbor_expr_parse ("sum(n) + n_unique(s)", NULL);
  g_autoptr (ArborExpr) first = arbor_expr_parse ("first(s)", NULL);
  g_autoptr (ArborExpr) values = arbor_expr_parse ("mean(v[*].w)", NULL);
  ArborExpr *keys[] = { key, object, array };
  ArborExpr *exprs[] = { count, sum, first, values };
  g_autoptr (ArborGroups) groups = arbor_arbor_group_by (arbor, key_names, keys, 3, error);
  g_autoptr (ArborTree) all = arbor_arbor_aggregate (arbor, names, exprs, 4, NULL, error);
  guint64 n = arbor_groups_get_n_groups (groups, error);
  GString *out = g_string_new (NULL);
  g_autofree char *aggregates =
      text_of (arbor_groups_aggregate (groups, names, exprs, 4, error), error);

  g_string_append_printf (out, "%" G_GUINT64_FORMAT "\n%s", n, aggregates);
  append_tree (out, all, error);
  for (guint64 i = 0; i < n; i++)
    {
      g_autoptr (ArborTree) key_tree = arbor_groups_get_key (groups, i, error);
      g_autofree char *members = text_of (arbor_groups_get_members (groups, i, error), error);
      guint64 found;

      append_tree (out, key_tree, error);
      g_string_append (out, members);
      g_assert_true (arbor_groups_find (groups, key_tree, &found, error));
      g_assert_cmpuint (found, ==, i);
    }
  return g_string_free (out, FALSE);
}

static char *
op_summaries (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborExpr) path = arbor_expr_parse ("o.p", NULL);
  g_autoptr (ArborExpr) vector = arbor_expr_parse ("v[*].w", NULL);
  g_autoptr (ArborExpr) big = arbor_expr_parse ("big", NULL);
  g_autofree char *describe = text_of (arbor_arbor_describe (arbor, NULL, error), error);
  g_autofree char *counts = text_of (arbor_arbor_value_counts (arbor, path, error), error);
  g_autofree char *of_vector = text_of (arbor_arbor_value_counts (arbor, vector, error), error);
  g_autofree char *histogram = text_of (arbor_arbor_histogram (arbor, big, 7, error), error);

  return g_strjoin ("--\n", describe, counts, of_vector, histogram, NULL);
}

static char *
op_materialize (ArborArbor *arbor, GError **error)
{
  return text_of (arbor_arbor_materialize (arbor, NULL, error), error);
}

static char *
op_schema (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborSchema) schema = arbor_arbor_infer_schema (arbor, error);

  return arbor_schema_to_string (schema);
}

static char *
op_model (ArborArbor *arbor, GError **error)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (arbor));
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ArborTree) tree = g_list_model_get_item (G_LIST_MODEL (arbor), i);

      append_tree (out, tree, error);
    }
  return g_string_free (out, FALSE);
}

/* Every getter on every path, errors included. */
static char *
op_trees (ArborArbor *arbor, GError **error)
{
  const char *paths[] = { "",      "n",    "o",    "o.p",  "v",        "v[0]",  "v[-1].w",
                          "v[*]",  "s",    "big",  "a..b", "o[\"p\"]", "nope",  "deep.k[1].k" };
  GString *out = g_string_new (NULL);
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (arbor, error);
  ArborTree *tree;

#define SAY(format, call)                                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_string_append_printf (out, format " ", call);                                                \
    if (failure != NULL)                                                                           \
      g_string_append_printf (out, "!%d %s ", failure->code, failure->message);                    \
    g_clear_error (&failure);                                                                      \
  }                                                                                                \
  G_STMT_END

  while ((tree = arbor_iter_next_value (iter, error)) != NULL)
    {
      for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
        {
          GError *failure = NULL;
          g_autofree char *text = arbor_tree_dup_string (tree, paths[i], NULL);
          g_autofree char *number = arbor_tree_dup_number_text (tree, paths[i], NULL);
          g_autoptr (ArborTree) part = arbor_tree_get (tree, paths[i], NULL);
          g_autofree char *json = part != NULL ? arbor_tree_to_json (part, NULL) : NULL;
          g_auto (GStrv) keys = arbor_tree_dup_keys (tree, paths[i], NULL);
          g_autofree char *joined = keys != NULL ? g_strjoinv (",", keys) : NULL;
          g_autoptr (GVariant) variant = part != NULL ? arbor_tree_to_variant (part, NULL) : NULL;
          g_autofree char *printed = variant != NULL ? g_variant_print (variant, TRUE) : NULL;

          g_string_append_printf (out, "\n%s: %s %s %s {%s} %s ", paths[i], text, number, json,
                                  joined, printed);
          SAY ("%u", arbor_tree_get_kind (tree, paths[i], &failure));
          SAY ("%d", arbor_tree_contains (tree, paths[i], &failure));
          SAY ("%d", arbor_tree_get_boolean (tree, paths[i], &failure));
          SAY ("%" G_GINT64_FORMAT, arbor_tree_get_int64 (tree, paths[i], &failure));
          SAY ("%" G_GUINT64_FORMAT, arbor_tree_get_uint64 (tree, paths[i], &failure));
          SAY ("%.17g", arbor_tree_get_double (tree, paths[i], &failure));
          SAY ("%" G_GUINT64_FORMAT, arbor_tree_get_length (tree, paths[i], &failure));
        }
      g_object_unref (tree);
    }
  return g_string_free (out, FALSE);
}

static const struct
{
  const char *name;
  Operation run;
  gboolean only_small; /* its text grows with the square of the input, or nearly so */
} operations[] = {
  { "to_jsonl", op_jsonl },
  { "to_json", op_json },
  { "save", op_save },
  { "get_n_trees", op_n_trees },
  { "get", op_get },
  { "get past the end", op_get_past_end },
  { "iterate", op_iterate },
  { "next_many", op_next_many },
  { "closed iterator", op_closed_iterator },
  { "pick whole trees", op_pick_whole },
  { "pick", op_pick },
  { "pick a malformed path", op_pick_malformed },
  { "filter", op_filter, TRUE },
  { "matching_indices", op_matching_indices },
  { "find_one", op_find },
  { "count_matches, any_of, all_of", op_counts },
  { "vector condition", op_vector_condition },
  { "head, tail, slice", op_views, TRUE },
  { "reverse", op_reverse },
  { "take", op_take },
  { "take past the end", op_take_past_end },
  { "chain", op_chain },
  { "new trees", op_new_trees },
  { "sort_by, top_k, unique_by, sample, shuffle", op_orders, TRUE },
  { "chains of orders", op_order_chain },
  { "vector key", op_vector_key },
  { "unknown flags", op_unknown_flags },
  { "groups", op_groups },
  { "summaries", op_summaries },
  { "materialize", op_materialize },
  { "schema", op_schema },
  { "model", op_model },
  { "trees", op_trees, TRUE },
};

/* Inputs. */

static void
append_deep (GString *out, guint depth)
{
  for (guint i = 0; i < depth; i++)
    g_string_append (out, "{\"k\":[0,");
  g_string_append (out, "7");
  for (guint i = 0; i < depth; i++)
    g_string_append (out, "]}");
}

/* Sparse keys, mixed kinds, overflow by depth and by keys, several key orders. */
static char *
make_rich (void)
{
  static const char *const strings[] = { "\"a\"", "\"b\xc3\xa9\"", "\"bzz\"", "\"\"", "\"longer text Z\"" };
  static const char *const odd[] = { "9007199254740993", "18446744073709551615", "1e400", "-0.0",
                                     "1e-400", "2.5", "123456789012345678901234567890" };
  GString *out = g_string_new ("null\n[1,{\"n\":2}]\n\"text\"\n{}\n");

  for (guint i = 0; i < 60; i++)
    {
      g_string_append_printf (out, i % 3 == 0 ? "{\"n\":%u,\"s\":%s" : "{\"s\":%2$s,\"n\":%1$u", i,
                              strings[i % 5]);
      if (i % 4 != 0)
        g_string_append_printf (out, ",\"o\":{\"p\":%s,\"q\":[%u]}", i % 8 == 1 ? "null" : "\"x\"", i);
      if (i % 5 < 3)
        g_string_append_printf (out, ",\"v\":[{\"w\":%u},%s]", i % 7, i % 2 ? "3" : "{\"w\":null}");
      g_string_append_printf (out, ",\"big\":%s", odd[i % 7]);
      if (i % 20 == 7)
        {
          g_string_append (out, ",\"deep\":");
          append_deep (out, 60);
        }
      if (i == 33)
        {
          g_string_append (out, ",\"map\":{\"0\":0");
          for (guint j = 1; j < 3000; j++)
            g_string_append_printf (out, ",\"%u\":%u", j, j);
          g_string_append_c (out, '}');
        }
      g_string_append (out, "}\n");
    }
  return g_string_free (out, FALSE);
}

static char *
make_empty (void)
{
  return g_strdup ("");
}

/* Several batches: positions cross their borders. */
static char *
make_long (void)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (out, "{\"n\":%u,\"s\":\"b%u\"}\n", i % 50, i);
  return g_string_free (out, FALSE);
}


/* Variants. */

typedef struct
{
  char *folder;
  char *path;
  ArborStore *store;
  ArborStore *reopened;
} Stores;

static ArborArbor *
keep_all (ArborArbor *arbor)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("true", NULL);

  return arbor_arbor_filter (arbor, expr, NULL);
}

/* The first part of one and the rest of another, appended. */
static ArborArbor *
halves (ArborArbor *first, ArborArbor *second)
{
  guint64 half = arbor_arbor_get_n_trees (first, NULL) / 2;
  g_autoptr (ArborArbor) head = arbor_arbor_head (first, half, NULL);
  g_autoptr (ArborArbor) rest = arbor_arbor_slice (second, half, 1u << 30, NULL);

  return arbor_arbor_append (head, rest, NULL);
}

/* The whole, batch by batch, between two arbors of nothing. */
static ArborArbor *
in_parts (ArborArbor *arbor)
{
  g_autoptr (ArborArbor) nothing = arbor_arbor_head (arbor, 0, NULL);
  ArborArbor *parts[] = { nothing, arbor, nothing };

  return arbor_arbor_concat (parts, 3, NULL);
}

/* Sorted by what is alike in all. */
static ArborArbor *
sort_by_nothing (ArborArbor *arbor)
{
  g_autoptr (ArborExpr) expr = arbor_expr_parse ("1", NULL);

  return arbor_arbor_sort_by (arbor, &expr, 1, NULL, NULL);
}

static GPtrArray *
make_variants (Stores *stores, const char *text)
{
  GPtrArray *variants = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  ArborArbor *memory = arbor_read_jsonl (bytes, &error);
  g_autoptr (ArborArbor) view = NULL;
  g_autoptr (ArborArbor) reversed = NULL;
  const char *none[] = { NULL };

  g_assert_no_error (error);
  g_ptr_array_add (variants, memory);
  view = keep_all (memory);
  reversed = arbor_arbor_reverse (memory, &error);
  arbor_store_put (stores->store, "whole", memory, NULL, &error);
  g_assert_no_error (error);
  arbor_store_put (stores->store, "view", view, NULL, &error);
  g_assert_no_error (error);
  stores->reopened = arbor_store_open (stores->path, NULL, NULL, &error);
  g_assert_no_error (error);

  g_ptr_array_add (variants, g_steal_pointer (&view));
  g_ptr_array_add (variants, arbor_store_get (stores->store, "whole", &error));
  g_ptr_array_add (variants, keep_all (g_ptr_array_index (variants, 2)));
  g_ptr_array_add (variants, arbor_store_get (stores->store, "view", &error));
  g_ptr_array_add (variants, arbor_store_get (stores->reopened, "whole", &error));
  g_ptr_array_add (variants, keep_all (g_ptr_array_index (variants, 5)));
  g_ptr_array_add (variants,
                   arbor_arbor_materialize (g_ptr_array_index (variants, 3), NULL, &error));
  g_ptr_array_add (variants, arbor_arbor_slice (g_ptr_array_index (variants, 3), 0, 1u << 30, &error));
  g_ptr_array_add (variants, arbor_arbor_reverse (reversed, &error));
  g_ptr_array_add (variants, halves (g_ptr_array_index (variants, 2), memory));
  g_ptr_array_add (variants, in_parts (g_ptr_array_index (variants, 5)));
  g_ptr_array_add (variants, arbor_arbor_drop_fields (g_ptr_array_index (variants, 2), none, &error));
  g_ptr_array_add (variants, keep_all (g_ptr_array_index (variants, 12)));
  g_ptr_array_add (variants, sort_by_nothing (g_ptr_array_index (variants, 3)));
  g_assert_no_error (error);
  return variants;
}

static void
set_up (Stores *stores, gconstpointer data)
{
  stores->folder = make_folder ();
  stores->path = g_build_filename (stores->folder, "test.arbor", NULL);
  stores->store = open_store (stores->path);
}

static void
tear_down (Stores *stores, gconstpointer data)
{
  g_clear_object (&stores->store);
  g_clear_object (&stores->reopened);
  remove_folder (stores->folder);
  g_free (stores->folder);
  g_free (stores->path);
}

static char *
run (Operation operation, ArborArbor *arbor)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = operation (arbor, &error);

  if (error != NULL)
    return g_strdup_printf ("%s\nerror %s %d: %s", text, g_quark_to_string (error->domain),
                            error->code, error->message);
  g_assert_nonnull (text);
  return g_steal_pointer (&text);
}

static void
test_input (Stores *stores, gconstpointer data)
{
  char *(*make) (void) = data;
  g_autofree char *text = make ();
  g_autoptr (GPtrArray) variants = make_variants (stores, text);

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      g_autofree char *expected = NULL;

      if (operations[i].only_small && data == make_long)
        continue;
      expected = run (operations[i].run, g_ptr_array_index (variants, 0));
      for (guint j = 1; j < variants->len; j++)
        {
          g_autofree char *found = run (operations[i].run, g_ptr_array_index (variants, j));

          if (g_strcmp0 (found, expected) != 0)
            g_test_message ("%s differs in variant %u", operations[i].name, j);
          g_assert_true (g_strcmp0 (found, expected) == 0);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/operations/rich", Stores, make_rich, set_up, test_input, tear_down);
  g_test_add ("/operations/empty", Stores, make_empty, set_up, test_input, tear_down);
  g_test_add ("/operations/long", Stores, make_long, set_up, test_input, tear_down);
  return g_test_run ();
}
