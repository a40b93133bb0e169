/* Any bytes as what the catalogue has of a mend: the first is the row that the value begins at, the others are the
 * value, whose digest is not looked at. What is taken for good stays inside its batches, is canonical, and
 * gathers to the rows that it names.
 */

#include "batch/arbor-batch-builder.h"
#include "batch/arbor-mend.h"
#include "storage/arbor-record-private.h"
#include "fuzz.h"

#define N_BASE  64u
#define N_PATCH 16u
/* More patches than a value can name in few bytes are not opened. */
#define MOST_PATCHES 64u

static ArborBatch *
make_numbers (gint64 first, guint32 n)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  static GBytes *kept[2];
  GBytes **bytes = &kept[n == N_PATCH];

  for (guint32 i = 0; i < n; i++)
    {
      ArborValue value = ARBOR_VALUE_INT64 (first + i);

      arbor_batch_builder_add_value (builder, &value, scope);
    }
  *bytes = arbor_batch_builder_finish (builder, NULL);
  return arbor_batch_open (g_bytes_get_data (*bytes, NULL), g_bytes_get_size (*bytes), NULL);
}

/* The rows come out in the order of the parts. */
static void
check_gathered (const ArborMend *mend, const ArborBatch *base, const ArborBatch *patch)
{
  g_autofree const ArborBatch **batches = g_new (const ArborBatch *, mend->n_patches + 1);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborBatch) batch = NULL;
  guint32 row = 0;

  batches[0] = base;
  for (guint32 i = 0; i < mend->n_patches; i++)
    batches[i + 1] = patch;
  bytes = arbor_mend_gather (mend, batches, NULL);
  g_assert_nonnull (bytes);
  batch = arbor_batch_open (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
  g_assert_nonnull (batch);
  g_assert_cmpuint (arbor_batch_get_n_trees (batch), ==, mend->n_trees);
  for (guint32 i = 0; i < mend->n_parts; i++)
    for (guint32 j = 0; j < mend->parts[i].n_rows; j++, row++)
      {
        ArborValue value;

        arbor_batch_get_tree (batch, row, &value);
        g_assert_cmpint (value.kind, ==, ARBOR_KIND_INT64);
        g_assert_cmpint (value.int64, ==,
                         (mend->parts[i].batch == 0 ? 0 : 1000) + mend->parts[i].first_row + j);
      }
  g_assert_cmpuint (row, ==, mend->n_trees);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static ArborBatch *base, *patch;
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (ArborMendPart));
  g_autoptr (GArray) patches = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (ArborMend) mend = NULL;
  g_autofree guint32 *n_rows = NULL;

  if (base == NULL)
    {
      base = make_numbers (0, N_BASE);
      patch = make_numbers (1000, N_PATCH);
    }
  if (size < 1 || !arbor_mend_table_parse (data + 1, size - 1, (guint64) data[0] << 16, N_BASE, parts,
                                           patches))
    return 0;
  mend = arbor_mend_new ((const ArborMendPart *) (gconstpointer) parts->data, parts->len,
                         (const guint64 *) (gconstpointer) patches->data, patches->len);
  if (mend == NULL || mend->n_patches > MOST_PATCHES)
    return 0;
  n_rows = g_new (guint32, mend->n_patches + 1);
  for (guint32 i = 0; i < mend->n_patches; i++)
    {
      n_rows[i] = N_PATCH;
      g_assert_true (i == 0 || mend->patches[i] > mend->patches[i - 1]);
    }
  if (arbor_mend_check (mend, N_BASE, n_rows))
    check_gathered (mend, base, patch);
  return 0;
}
