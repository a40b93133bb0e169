/* Mends: what is canonical and what is refused; and for random parts of random batches, that one batch of
 * them has the bytes of the builder that is given the same trees one by one.
 */

#include "batch/arbor-mend.h"

#include <string.h>

#include "batch/arbor-value-access.h"

#include "kit/batches.h"

static void
test_canonical (void)
{
  const ArborMendPart parts[] = { { 0, 0, 3 }, { 0, 3, 2 }, { 2, 4, 1 }, { 1, 0, 0 }, { 2, 5, 2 },
                                  { 3, 0, 1 }, { 0, 9, 1 } };
  const ArborMendPart same[] = { { 0, 0, 5 }, { 2, 4, 3 }, { 1, 0, 1 }, { 0, 9, 1 } };
  const guint64 patches[] = { 9, 7, 5 };
  const guint64 same_patches[] = { 5, 7 };
  const guint32 n_rows[] = { 1, 7 };
  const guint32 too_few[] = { 1, 6 };
  g_autoptr (ArborMend) mend = arbor_mend_new (parts, G_N_ELEMENTS (parts), patches, 3);
  g_autoptr (ArborMend) other = arbor_mend_new (same, G_N_ELEMENTS (same), same_patches, 2);
  g_autoptr (ArborMend) shorter = arbor_mend_new (same, 3, same_patches, 2);

  g_assert_cmpuint (mend->n_trees, ==, 10);
  g_assert_cmpuint (mend->n_base, ==, 6);
  g_assert_cmpuint (mend->n_parts, ==, 4);
  g_assert_cmpuint (mend->n_patches, ==, 2);
  g_assert_cmpuint (mend->patches[0], ==, 5);
  g_assert_cmpuint (mend->parts[1].batch, ==, 2);
  g_assert_true (arbor_mend_equal (mend, other));
  g_assert_cmpuint (mend->digest, ==, other->digest);
  g_assert_false (arbor_mend_equal (mend, shorter));
  g_assert_false (arbor_mend_equal (mend, NULL));

  /* Each tree is of the part that it comes with. */
  for (guint32 i = 0, tree = 0; i < mend->n_parts; i++)
    {
      g_assert_cmpuint (mend->starts[i], ==, tree);
      for (guint32 j = 0; j < mend->parts[i].n_rows; j++, tree++)
        g_assert_cmpuint (arbor_mend_find_part (mend, tree), ==, i);
    }
  g_assert_cmpuint (mend->starts[mend->n_parts], ==, mend->n_trees);

  g_assert_true (arbor_mend_check (mend, 10, n_rows));
  g_assert_false (arbor_mend_check (mend, 9, n_rows));
  g_assert_false (arbor_mend_check (mend, 10, too_few));
  g_assert_false (arbor_mend_is_whole (mend, 10));
}

static void
test_refused (void)
{
  const ArborMendPart empty[] = { { 0, 5, 0 } };
  const ArborMendPart many[] = { { 0, 0, ARBOR_BATCH_MAX_TREES }, { 1, 0, 1 } };
  const ArborMendPart huge[] = { { 0, 0, G_MAXUINT32 }, { 0, 0, G_MAXUINT32 } };
  const ArborMendPart back[] = { { 0, 5, 2 }, { 0, 4, 1 } };
  const ArborMendPart all[] = { { 0, 0, 4 }, { 0, 4, 6 } };
  const guint64 patch = 1;
  g_autoptr (ArborMend) falling = arbor_mend_new (back, 2, NULL, 0);
  g_autoptr (ArborMend) whole = arbor_mend_new (all, 2, NULL, 0);

  g_assert_null (arbor_mend_new (empty, 1, NULL, 0));
  g_assert_null (arbor_mend_new (NULL, 0, NULL, 0));
  g_assert_null (arbor_mend_new (many, 2, &patch, 1));
  g_assert_null (arbor_mend_new (huge, 2, NULL, 0));
  g_assert_false (arbor_mend_check (falling, 10, NULL));
  g_assert_true (arbor_mend_is_whole (whole, 10));
  g_assert_false (arbor_mend_is_whole (whole, 11));
}

/* Random parts: base rows ascend with gaps, in between rows of patches. */
static ArborMend *
make_mend (GRand *random, TestBatch *const *batches, guint32 n_patches)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (ArborMendPart));
  guint32 n_base = arbor_batch_get_n_trees (batches[0]->batch);
  guint64 ids[8];

  for (guint32 i = 0; i < n_patches; i++)
    ids[i] = 100 + i;
  for (guint32 row = 0; row < n_base;)
    {
      guint32 n = (guint32) g_rand_int_range (random, 0, 20);
      ArborMendPart part = { 0, row, MIN (n, n_base - row) };

      if (n_patches > 0 && g_rand_boolean (random))
        {
          guint32 patch = (guint32) g_rand_int_range (random, 0, (gint32) n_patches);
          guint32 n_rows = arbor_batch_get_n_trees (batches[patch + 1]->batch);
          ArborMendPart other = { patch + 1, (guint32) g_rand_int_range (random, 0, (gint32) n_rows),
                                  1 };

          g_array_append_val (parts, other);
        }
      g_array_append_val (parts, part);
      row += n + (guint32) g_rand_int_range (random, 0, 3);
    }
  return arbor_mend_new ((const ArborMendPart *) (gconstpointer) parts->data, parts->len, ids,
                         n_patches);
}

static void
check_gathered (const ArborMend *mend, TestBatch *const *by_id)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GBytes) expected = NULL;
  g_autoptr (GBytes) found = NULL;
  g_autoptr (GError) error = NULL;
  const ArborBatch *batches[9] = { by_id[0]->batch };

  for (guint32 i = 0; i < mend->n_patches; i++)
    batches[i + 1] = by_id[mend->patches[i] - 99]->batch;
  arbor_batch_builder_set_filled (builder);
  for (guint32 i = 0; i < mend->n_parts; i++)
    for (guint32 row = 0; row < mend->parts[i].n_rows; row++)
      {
        ArborValue tree;

        arbor_batch_get_tree (batches[mend->parts[i].batch], mend->parts[i].first_row + row, &tree);
        arbor_batch_builder_add_value (builder, &tree, scope);
        arbor_scope_reset (scope);
      }
  expected = arbor_batch_builder_finish (builder, &error);
  g_assert_no_error (error);
  found = arbor_mend_gather (mend, batches, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (found, expected));
}

static void
test_gather (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (14);

  for (guint round = 0; round < 60; round++)
    {
      TestBatch made[9] = { 0 };
      TestBatch *batches[9];
      guint32 n_patches = (guint32) g_rand_int_range (random, 0, 9);
      g_autoptr (ArborMend) mend = NULL;

      for (guint32 i = 0; i <= n_patches; i++)
        {
          make_batch (random, round * 9 + i, &made[i]);
          batches[i] = &made[i];
        }
      mend = make_mend (random, batches, n_patches);
      if (mend != NULL)
        check_gathered (mend, batches);
      for (guint32 i = 0; i <= n_patches; i++)
        {
          arbor_batch_free (made[i].batch);
          g_bytes_unref (made[i].bytes);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mend/canonical", test_canonical);
  g_test_add_func ("/mend/refused", test_refused);
  g_test_add_func ("/mend/gather", test_gather);
  return g_test_run ();
}
