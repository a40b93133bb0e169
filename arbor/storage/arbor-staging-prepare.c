/* What of keys is done while batches come in, outside of any transaction: their tables, whether a key is an
 * array or object, and the hashes that tell whether all keys differ. All of it holds for the keys that the name
 * has declared when the content is begun, or is given; a commit that finds others there does it again.
 */

#include "storage/arbor-staging-private.h"

#include <stdlib.h>
#include <string.h>

#include "batch/arbor-batch-builder.h"
#include "storage/arbor-key-tables.h"

/* Of more trees hashes are not remembered: the commit reads them batch by batch. */
#define MOST_HASHES (16u * 1024u * 1024u)

/* The keys that batches of the content are prepared for. */
static ArborKeys *
choose_prepared (StagedArbor *arbor)
{
  ArborKeys *keys = arbor->set_keys     ? arbor->keys
                    : arbor->old != NULL ? arbor->old->keys
                                         : NULL;

  if (keys == NULL || (arbor->prepared != NULL && !arbor_keys_equal (keys, arbor->prepared)))
    return NULL;
  if (arbor->prepared == NULL)
    {
      arbor->prepared = arbor_keys_ref (keys);
      if (keys->is_unique)
        arbor->hashes = g_array_new (FALSE, FALSE, sizeof (guint64));
    }
  return arbor->prepared;
}

/* The bytes where a reader wants them. */
static GBytes *
align (GBytes *batch, GError **error)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (batch, &size);

  return (guintptr) data % ARBOR_BATCH_ALIGNMENT == ARBOR_BATCH_PHASE
             ? g_bytes_ref (batch)
             : arbor_batch_try_copy_bytes (data, size, error);
}

static void
note_hashes (StagedArbor *arbor, const guint64 *hashes, const guint8 *has_key, guint32 n_rows)
{
  if (arbor->hashes == NULL)
    return;
  if (arbor->hashes->len > MOST_HASHES)
    {
      g_clear_pointer (&arbor->hashes, g_array_unref);
      return;
    }
  for (guint32 row = 0; row < n_rows; row++)
    if (has_key[row] == ARBOR_ROW_KEY)
      g_array_append_val (arbor->hashes, hashes[row]);
  arbor->n_hashed++;
}

gboolean
arbor_staging_prepare_keys (StagedArbor *arbor, StagedBatch *staged, GBytes *batch,
                            gboolean is_whole, GError **error)
{
  ArborKeys *keys = choose_prepared (arbor);
  g_autoptr (GBytes) aligned = NULL;
  g_autoptr (ArborBatch) reader = NULL;
  g_autofree guint64 *hashes = NULL;
  g_autofree guint8 *has_key = NULL;
  guint32 n_rows = staged->entry.n_rows;

  if (keys == NULL)
    return TRUE;
  aligned = align (batch, error);
  reader = aligned != NULL
               ? arbor_batch_open (g_bytes_get_data (aligned, NULL), g_bytes_get_size (aligned), error)
               : NULL;
  if (reader == NULL)
    return FALSE;
  hashes = g_new (guint64, n_rows);
  has_key = g_new (guint8, n_rows);
  if (!arbor_key_hash_rows (reader, keys->paths, keys->n_paths, hashes, has_key, error))
    return FALSE;
  staged->is_keyed = memchr (has_key, ARBOR_ROW_CONTAINER, n_rows) == NULL;
  if (is_whole)
    note_hashes (arbor, hashes, has_key, n_rows);
  if (n_rows >= ARBOR_KEY_TABLE_LEAST_ROWS)
    {
      staged->table = arbor_key_table_build_of (reader, keys->paths, keys->n_paths, hashes, has_key);
      staged->has_table = TRUE;
    }
  return TRUE;
}

static int
compare_u64 (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return (left > right) - (left < right);
}

void
arbor_staging_compare_hashes (StagedArbor *arbor)
{
  const guint64 *hashes;

  if (arbor->hashes == NULL || arbor->is_distinct || arbor->n_hashed < arbor->batches->len)
    return;
  for (guint i = 0; i < arbor->batches->len; i++)
    {
      const StagedBatch *batch = &g_array_index (arbor->batches, StagedBatch, i);

      if (batch->is_based || batch->is_kept || batch->entry.mend != NULL || !batch->is_keyed)
        return;
    }
  if (arbor->hashes->len > 1)
    qsort (arbor->hashes->data, arbor->hashes->len, sizeof (guint64), compare_u64);
  hashes = (const guint64 *) (gconstpointer) arbor->hashes->data;
  for (guint i = 1; i < arbor->hashes->len; i++)
    if (hashes[i] == hashes[i - 1])
      return;
  arbor->is_distinct = TRUE;
}
