/* Mended entries, as everybody reads them: random chains of operations give what they give of the same trees
 * put anew, errors included; single trees lie where they should; and what is dead troubles nobody.
 */

#include "query/plan/arbor-plan.h"

#include <string.h>

#include "base/arbor-error.h"
#include "base/arbor-pool.h"
#include "batch/arbor-value-access.h"
#include "query/column/arbor-column-data.h"
#include "query/export/arbor-export.h"
#include "query/view/arbor-trees.h"

#include "kit/mended.h"

static const char *const conditions[] = {
  "m > 30000", "n mod 3 == 1", "s == 'red'", "s == 'red' and m < 20000", "f > 0 or t", "v > 0",
  "u contains 'bz1'", "w matches '^w1.*abab$'", "g == null", "exists(o)", "o.y > 1900", "o.p.q == 1",
  "day > '2000-01-01'", "any(items[*].x > 40)", "len(a) > 3", "sum(a[*]) > 2", "map.y > 1900",
  "any == 1", "mix == 'a'", "id in ['row00003', 'row00030', 'row00300']", "m * 2 > n * 700",
  "starts_with(u, 'ABC')", "n == 5", "big == 9007199254740992", "true", "false", "z == 0",
  "lower(u) == upper(s)", "h > 3 and g < 200", "l == 'l7'",
};

static const char *const keys[] = {
  "s", "n", "m", "f", "t", "id", "u", "v", "g", "o.y", "mix", "any", "day", "map.y", "n mod 7", "lower(s)",
  "if_null(g, -1)", "len(items)", "year(day)", "big", "l", "z",
};

static const char *const aggregates[] = {
  "count()", "sum(m)", "mean(v)", "min(u)", "max(g)", "first(id)", "last(mix)", "count(o.y)",
  "n_unique(s)", "sum(m * 2)", "min(n)", "first(any)", "collect(n)", "max(day)", "std(f)",
};

#undef PICK
#define PICK(list) list[g_rand_int_range (random, 0, G_N_ELEMENTS (list))]

static ArborNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  ArborNode *node = arbor_node_parse (text, &error);

  if (error != NULL)
    g_printerr ("%s: %s\n", text, error->message);
  return node;
}

static ArborPlanStep *
make_group (GRand *random)
{
  static const char *const of[] = { "x", "y", "z", NULL };
  ArborNode *nodes[2], *found[3];
  gsize n = (gsize) g_rand_int_range (random, 1, 3);
  const char *const names[] = { "key", n > 1 ? "other" : NULL, NULL };
  ArborPlanStep *step;

  for (guint i = 0; i < 2; i++)
    nodes[i] = parse (PICK (keys));
  for (guint i = 0; i < 3; i++)
    found[i] = parse (PICK (aggregates));
  step = arbor_plan_group (names, nodes, n, of, found, 3);
  for (guint i = 0; i < 2; i++)
    arbor_node_unref (nodes[i]);
  for (guint i = 0; i < 3; i++)
    arbor_node_unref (found[i]);
  return step;
}

/* @other: the view itself, for those that read two. */
static ArborPlanStep *
make_step (GRand *random, ArborView *other, gboolean *is_last)
{
  static const char *const names[] = { "p", "q", "m", NULL };
  const ArborSortFlags flags[] = { ARBOR_SORT_DESCENDING, 0 };
  g_autoptr (ArborNode) key = parse (PICK (keys));
  g_autoptr (ArborNode) second = parse (PICK (keys));
  g_autoptr (ArborNode) third = parse (PICK (keys));
  g_autoptr (ArborNode) condition = parse (PICK (conditions));
  ArborNode *nodes[] = { key, second, third };
  gsize n = (gsize) g_rand_int_range (random, 1, 3);

  switch (g_rand_int_range (random, 0, 14))
    {
    case 0:
    case 1:
    case 2:
      return arbor_plan_filter (condition);
    case 3:
      return arbor_plan_sort (nodes, n, flags, n);
    case 4:
      return arbor_plan_top_k ((guint64) g_rand_int_range (random, 0, 40), nodes, n, flags, n);
    case 5:
      return arbor_plan_unique (nodes, n);
    case 6:
      return arbor_plan_slice ((guint64) g_rand_int_range (random, 0, 300),
                               (guint64) g_rand_int_range (random, 0, 900));
    case 7:
      return arbor_plan_reverse ();
    case 8:
      return arbor_plan_shuffle (7);
    case 9:
      return arbor_plan_add_fields (names, nodes, 3);
    case 10:
      return arbor_plan_select (names, nodes, 3);
    case 11:
      return arbor_plan_append (&other, 1, NULL);
    case 12:
      *is_last = TRUE;
      return arbor_plan_explode ("items", NULL, NULL);
    default:
      *is_last = TRUE;
      return make_group (random);
    }
}

/* The text of the trees; an error is text, too. */
static char *
read_text (ArborView *view)
{
  g_auto (ArborExport) out = { 0 };
  g_autoptr (GError) error = NULL;
  ArborAccess access;

  if (!arbor_view_enter (view, &access, &error))
    return g_strdup (error->message);
  arbor_export_json (&out, view, &access, FALSE, NULL, &error);
  if (!arbor_access_end (&access, &error))
    return g_strdup_printf ("%s: %s", g_quark_to_string (error->domain), error->message);
  return out.text.length > 0 ? g_strndup ((const char *) out.text.data, out.text.length) : g_strdup ("");
}

static void
assert_same_column (ArborView *found, ArborView *expected, ArborNode *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) same_error = NULL;
  g_autoptr (ArborColumnData) data = NULL;
  g_autoptr (ArborColumnData) same = NULL;
  ArborAccess access;

  g_assert_true (arbor_view_enter (found, &access, NULL));
  data = arbor_column_data_read (node, found->selection, &access, NULL, &error);
  arbor_access_leave (&access, NULL);
  g_assert_true (arbor_view_enter (expected, &access, NULL));
  same = arbor_column_data_read (node, expected->selection, &access, NULL, &same_error);
  arbor_access_leave (&access, NULL);
  g_assert_cmpint (data == NULL, ==, same == NULL);
  if (data == NULL)
    {
      g_assert_cmpstr (error->message, ==, same_error->message);
      return;
    }
  g_assert_cmpuint (data->n_rows, ==, same->n_rows);
  g_assert_cmpint (data->layout, ==, same->layout);
  g_assert_true (g_bytes_equal (data->kinds_bytes, same->kinds_bytes));
  if (data->layout < ARBOR_DATA_LAYOUT_STRING)
    g_assert_true (g_bytes_equal (data->items_bytes, same->items_bytes));
}

static void
assert_same_chain (GRand *random, const Mended *mended)
{
  g_autoptr (ArborView) found = arbor_view_new_all (arbor_source_ref (mended->mended));
  g_autoptr (ArborView) expected = arbor_view_new_all (arbor_source_ref (mended->plain));
  guint32 seed = g_rand_int (random);
  guint n = (guint) g_rand_int_range (random, 0, 5);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *same = NULL;
  g_autoptr (GString) steps = g_string_new (NULL);
  g_autoptr (ArborNode) key = parse (PICK (keys));
  gboolean is_last = FALSE;

  for (guint i = 0; i < n && !is_last; i++)
    {
      g_autoptr (GRand) one = g_rand_new_with_seed (seed + i);
      g_autoptr (GRand) other = g_rand_new_with_seed (seed + i);
      g_autoptr (ArborPlanStep) step = make_step (one, found, &is_last);
      g_autoptr (ArborPlanStep) same_step = make_step (other, expected, &is_last);
      ArborView *next = arbor_plan_step_apply (step, found, &error);
      ArborView *same_next;

      g_assert_no_error (error);
      same_next = arbor_plan_step_apply (same_step, expected, &error);
      g_assert_no_error (error);
      arbor_view_unref (found);
      arbor_view_unref (expected);
      found = next;
      expected = same_next;
      arbor_plan_step_describe (step, steps);
      g_string_append (steps, "; ");
    }
  text = read_text (found);
  same = read_text (expected);
  if (strcmp (text, same) != 0)
    {
      g_printerr ("%s\n", steps->str);
      g_assert_cmpstr (text, ==, same);
    }
  assert_same_column (found, expected, key);
}

static void
test_chains (void)
{
  const char *rounds = g_getenv ("ARBOR_MENDED_ROUNDS");
  const char *seed = g_getenv ("ARBOR_MENDED_SEED");
  guint32 first = seed != NULL ? (guint32) atoi (seed) : 1;

  for (guint round = 0, n = rounds != NULL ? (guint) atoi (rounds) : 12; round < n; round++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (first + round);
      Mended mended;

      g_test_message ("round %u", first + round);
      mended_init (&mended, random, (guint32) g_rand_int_range (random, 1, 30),
                   (guint32) g_rand_int_range (random, 1, 5), round % 3);
      for (guint i = 0; i < 12; i++)
        assert_same_chain (random, &mended);
      mended_clear (&mended);
    }
}

/* One by one */

static void
write_tree (const ArborBatch *batch, guint32 row, ArborBuffer *out)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborValue tree;

  arbor_batch_get_tree (batch, row, &tree);
  arbor_value_write_json (&tree, scope, out);
}

static void
test_places (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autoptr (GError) error = NULL;
  ArborAccess access, plain;
  ArborPlace place = { .batch = NULL };
  Mended mended;

  mended_init (&mended, random, 9, 3, 2);
  g_assert_true (arbor_access_begin (&access, mended.mended, NULL, &error));
  g_assert_true (arbor_access_begin (&plain, mended.plain, NULL, &error));
  g_assert_cmpuint (arbor_source_get_n_trees (mended.mended), ==, arbor_source_get_n_trees (mended.plain));
  for (guint64 i = 0; i < arbor_source_get_n_trees (mended.mended); i++)
    {
      ArborBuffer text = { 0 }, expected = { 0 };
      ArborPlace there;

      if (!arbor_place_has (&place, i))
        g_assert_true (arbor_access_find_tree (&access, i, &place, &error));
      g_assert_true (arbor_access_find_tree (&plain, i, &there, &error));
      write_tree (place.batch, arbor_place_get_row (&place, i), &text);
      write_tree (there.batch, arbor_place_get_row (&there, i), &expected);
      g_assert_cmpmem (text.data, text.length, expected.data, expected.length);
      arbor_buffer_free (&text);
      arbor_buffer_free (&expected);
    }
  g_assert_true (arbor_access_end (&plain, NULL));
  g_assert_true (arbor_access_end (&access, NULL));
  mended_clear (&mended);
}

/* Nothing that is written down here is wrong. */
static void
test_words (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    arbor_node_unref (parse (conditions[i]));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    arbor_node_unref (parse (keys[i]));
  for (guint i = 0; i < G_N_ELEMENTS (aggregates); i++)
    arbor_node_unref (parse (aggregates[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Filters and groups are shared out, whatever this machine has. */
  arbor_pool_set_n_threads (3);
  g_test_add_func ("/mended/words", test_words);
  g_test_add_func ("/mended/chains", test_chains);
  g_test_add_func ("/mended/places", test_places);
  return g_test_run ();
}
