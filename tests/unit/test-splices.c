/* Splices of live models: what they turn one listing into is the other, whatever stays, goes, comes and
 * changes its order; trees that stay and lie between two of them are left alone, and what would be
 * too many, or is another order, is one span between what both have at the ends; of many rows that replace
 * others no splice has too many, and none of these is there twice in between.
 */

#include "query/model/arbor-splices.h"

static ArborListing *
make_listing (const guint32 *trees, guint32 n)
{
  ArborListing *listing = g_new0 (ArborListing, 1);

  g_atomic_ref_count_init (&listing->ref_count);
  listing->n = n;
  listing->trees = g_memdup2 (trees, n * sizeof *trees);
  return listing;
}

static ArborTreeMap *
make_map (const guint32 *trees, guint32 n_old, guint32 n_new)
{
  ArborTreeMap *map = arbor_tree_map_new_disjoint (n_old, n_new);

  map->trees = g_memdup2 (trees, n_old * sizeof *trees);
  return map;
}

/* Applies @splices as a view would, from the last to the first, and compares. Trees are told apart by what
 * they are called after; those that are gone by one number more than there are. */
static void
check_applied (const ArborListing *before, const ArborTreeMap *map, const ArborListing *after,
               const GArray *splices)
{
  g_autoptr (GArray) shown = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 i = 0; i < before->n; i++)
    {
      guint32 tree = arbor_tree_map_get (map, before->trees[i]);

      g_array_append_val (shown, tree);
    }
  for (guint i = splices->len; i-- > 0;)
    {
      const ArborSplice *splice = &g_array_index (splices, ArborSplice, i);

      g_assert_cmpuint (splice->old_start + splice->n_removed, <=, shown->len);
      g_assert_cmpuint (splice->new_start + splice->n_added, <=, after->n);
      if (splice->n_removed > 0)
        g_array_remove_range (shown, splice->old_start, splice->n_removed);
      g_array_insert_vals (shown, splice->old_start, after->trees + splice->new_start,
                           splice->n_added);
    }
  g_assert_cmpuint (shown->len, ==, after->n);
  for (guint32 i = 0; i < after->n; i++)
    g_assert_cmpuint (g_array_index (shown, guint32, i), ==, after->trees[i]);
}

static GArray *
find (const guint32 *before, guint32 n_before, const guint32 *mapped, guint32 n_old,
      const guint32 *after, guint32 n_after, guint32 n_new)
{
  g_autoptr (ArborListing) old = make_listing (before, n_before);
  g_autoptr (ArborListing) fresh = make_listing (after, n_after);
  g_autoptr (ArborTreeMap) map = make_map (mapped, n_old, n_new);
  GArray *splices = arbor_splices_find (old, map, fresh, ARBOR_SPLICES_MAX);

  check_applied (old, map, fresh, splices);
  return splices;
}

static void
assert_splice (const GArray *splices, guint i, ArborSplice expected)
{
  const ArborSplice *splice = &g_array_index (splices, ArborSplice, i);

  g_assert_cmpuint (splice->old_start, ==, expected.old_start);
  g_assert_cmpuint (splice->n_removed, ==, expected.n_removed);
  g_assert_cmpuint (splice->new_start, ==, expected.new_start);
  g_assert_cmpuint (splice->n_added, ==, expected.n_added);
}

static void
test_gaps (void)
{
  const guint32 before[] = { 0, 1, 2, 3, 4 };
  const guint32 mapped[] = { 0, ARBOR_NO_TREE, 1, 2, 3 };
  const guint32 after[] = { 0, 1, 2, 5, 3, 4 };
  g_autoptr (GArray) splices = find (before, 5, mapped, 5, after, 6, 6);

  g_assert_cmpuint (splices->len, ==, 3);
  assert_splice (splices, 0, (ArborSplice){ 1, 1, 1, 0 });
  assert_splice (splices, 1, (ArborSplice){ 4, 0, 3, 1 });
  assert_splice (splices, 2, (ArborSplice){ 5, 0, 5, 1 });
}

static void
test_same (void)
{
  const guint32 trees[] = { 2, 0, 1 };
  const guint32 mapped[] = { 0, 1, 2 };
  g_autoptr (GArray) splices = find (trees, 3, mapped, 3, trees, 3, 3);
  g_autoptr (GArray) none = find (trees, 0, mapped, 3, trees, 0, 3);

  g_assert_cmpuint (splices->len, ==, 0);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_reordered (void)
{
  const guint32 before[] = { 0, 1, 2, 3, 4 };
  const guint32 after[] = { 0, 3, 2, 1, 4 };
  g_autoptr (GArray) splices = find (before, 5, before, 5, after, 5, 5);

  g_assert_cmpuint (splices->len, ==, 1);
  assert_splice (splices, 0, (ArborSplice){ 1, 3, 1, 3 });
}

/* Every second tree goes: one more place than are told one by one. */
static void
test_many (void)
{
  const guint n = 2 * (ARBOR_SPLICES_MAX + 1);
  g_autofree guint32 *before = g_new (guint32, n + 1);
  g_autofree guint32 *mapped = g_new (guint32, n + 1);
  g_autofree guint32 *after = g_new (guint32, n + 1);
  g_autoptr (GArray) one = NULL;
  g_autoptr (GArray) many = NULL;

  for (guint i = 0; i <= n; i++)
    {
      before[i] = i;
      mapped[i] = i % 2 == 0 ? i / 2 : ARBOR_NO_TREE;
      after[i] = i;
    }
  one = find (before, n + 1, mapped, n + 1, after, n / 2 + 1, n / 2 + 1);
  g_assert_cmpuint (one->len, ==, 1);
  assert_splice (one, 0, (ArborSplice){ 1, n - 1, 1, n / 2 - 1 });
  many = find (before, n - 1, mapped, n - 1, after, n / 2, n / 2);
  g_assert_cmpuint (many->len, ==, ARBOR_SPLICES_MAX);
}

/* No splice replaces too many, and a tree that stays is never there twice, nor gone. */
static void
check_pieces (const guint32 *before, guint32 n_before, const guint32 *mapped, const GArray *splices)
{
  for (guint i = 0; i < splices->len; i++)
    {
      const ArborSplice *splice = &g_array_index (splices, ArborSplice, i);
      guint32 end = splice->old_start + splice->n_removed;

      g_assert_true (splice->n_removed == 0 || splice->n_added <= ARBOR_SPLICES_ROWS);
      g_assert_cmpuint (end, <=, n_before);
      for (guint32 row = splice->old_start; row < end; row++)
        if (mapped[before[row]] != ARBOR_NO_TREE)
          {
            g_assert_cmpuint (mapped[before[row]], >=, splice->new_start);
            g_assert_cmpuint (mapped[before[row]], <, splice->new_start + splice->n_added);
          }
    }
}

/* Trees of @n that stay are those whose number is divided by @step, and those from @first on up to @last; in
 * the place of each other there are @n_for new ones. */
static GArray *
find_pieces (guint32 n, guint32 step, guint32 first, guint32 last, guint32 n_for)
{
  g_autofree guint32 *before = g_new (guint32, n);
  g_autofree guint32 *mapped = g_new (guint32, n);
  g_autofree guint32 *after = g_new (guint32, (gsize)n * (n_for + 1));
  guint32 n_after = 0;
  GArray *splices;

  for (guint32 i = 0; i < n; i++)
    {
      gboolean stays = (step > 0 && i % step == 0) || (i >= first && i < last);

      before[i] = i;
      mapped[i] = stays ? n_after++ : ARBOR_NO_TREE;
      n_after += stays ? 0 : n_for;
    }
  for (guint32 i = 0; i < n_after; i++)
    after[i] = i;
  splices = find (before, n, mapped, n, after, n_after, n_after);
  check_pieces (before, n, mapped, splices);
  return splices;
}

static void
test_pieces (void)
{
  const guint32 n = 3 * ARBOR_SPLICES_ROWS;
  g_autoptr (GArray) few = find_pieces (ARBOR_SPLICES_ROWS, 2, 0, 0, 1);
  g_autoptr (GArray) half = find_pieces (n, 2, 0, 0, 1);
  g_autoptr (GArray) all = find_pieces (n, 0, 0, 0, 1);
  g_autoptr (GArray) more = find_pieces (n, 0, 0, 0, 3);
  g_autoptr (GArray) middle = find_pieces (n, 3, 10000, 30000, 2);
  g_autoptr (GArray) one = find_pieces (n, 0, 10, 11, 2);

  g_assert_cmpuint (few->len, ==, 1);
  g_assert_cmpuint (half->len, >, 3);
  g_assert_cmpuint (half->len, <, 30);
  g_assert_cmpuint (all->len, >, 3);
  g_assert_cmpuint (all->len, <, 30);
  g_assert_cmpuint (more->len, >, 3);
  assert_splice (more, more->len - 1, (ArborSplice){ n, 0, n, 2 * n });
  g_assert_cmpuint (middle->len, >, 6);
  assert_splice (one, 0, (ArborSplice){ 0, 10, 0, 20 });
}

/* Random states, listings of some of their trees, in the same order or another one. */
static void
test_random (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      guint32 n_old = (guint32)g_test_rand_int_range (0, 12), n_new = 0, n_before = 0, n_after = 0;
      guint32 mapped[12], before[12], after[24];
      gboolean is_shuffled = g_test_rand_int_range (0, 3) == 0;
      g_autoptr (GArray) splices = NULL;

      for (guint32 i = 0; i < n_old; i++)
        {
          n_new += (guint32)g_test_rand_int_range (0, 2);
          mapped[i] = g_test_rand_int_range (0, 3) > 0 ? n_new++ : ARBOR_NO_TREE;
          if (g_test_rand_int_range (0, 4) > 0)
            before[n_before++] = i;
        }
      n_new += (guint32)g_test_rand_int_range (0, 2);
      for (guint32 i = 0; i < n_new && n_after < 24; i++)
        if (g_test_rand_int_range (0, 4) > 0)
          after[n_after++] = i;
      for (guint32 i = n_after; is_shuffled && i > 1; i--)
        {
          guint32 other = (guint32)g_test_rand_int_range (0, (gint32)i), kept = after[i - 1];

          after[i - 1] = after[other];
          after[other] = kept;
        }
      splices = find (before, n_before, mapped, n_old, after, n_after, n_new);
      for (guint i = 1; i < splices->len; i++)
        {
          const ArborSplice *a = &g_array_index (splices, ArborSplice, i - 1);
          const ArborSplice *b = &g_array_index (splices, ArborSplice, i);

          /* Something stays in between. */
          g_assert_cmpuint (a->old_start + a->n_removed, <, b->old_start);
          g_assert_cmpuint (a->new_start + a->n_added, <, b->new_start);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/splices/gaps", test_gaps);
  g_test_add_func ("/splices/same", test_same);
  g_test_add_func ("/splices/reordered", test_reordered);
  g_test_add_func ("/splices/many", test_many);
  g_test_add_func ("/splices/pieces", test_pieces);
  g_test_add_func ("/splices/random", test_random);
  return g_test_run ();
}
