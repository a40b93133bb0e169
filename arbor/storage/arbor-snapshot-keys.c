/* Tables of keys of the batches of a snapshot. What lies beside a batch saves making it, and nothing else:
 * where it is not there, or damaged, or of other paths, a table is made of the batch.
 */

#include "storage/arbor-snapshot-private.h"

#include "storage/arbor-catalog.h"

/* The one that lies beside the batch; NULL: none does that is right. */
static ArborKeyTable *
read_key_table (ArborSnapshot *self, const ArborKeys *keys, const ArborBatchEntry *listed)
{
  g_autoptr (GBytes) bytes = NULL;
  ArborEnvironment *env;

  if (listed->n_rows < ARBOR_KEY_TABLE_LEAST_ROWS || !arbor_snapshot_lock (self, &env, NULL))
    return NULL;
  if (arbor_environment_read_file_size (env, NULL))
    bytes = arbor_catalog_read_key_table ((ArborTxn){ env, self->txn }, listed->id);
  pthread_mutex_unlock (&self->mutex);
  return bytes != NULL ? arbor_key_table_open (bytes, listed->digest, listed->n_rows, keys->paths,
                                               keys->n_paths, NULL)
                       : NULL;
}

ArborKeyTable *
arbor_snapshot_dup_key_table_of (ArborSnapshot *self, const ArborKeys *keys, guint64 id,
                                 const ArborBatch *batch, GError **error)
{
  ArborKeyTables *tables = arbor_session_get_environment (self->session)->key_tables;
  ArborKeyTable *table = arbor_key_tables_find (tables, id, keys);

  if (table != NULL)
    return table;
  table = arbor_key_tables_make (batch, keys, error);
  if (table != NULL)
    arbor_key_tables_note (tables, id, keys, table);
  return table;
}

ArborKeyTable *
arbor_snapshot_dup_key_table (ArborSnapshot *self, const ArborRecord *record, guint32 place,
                              GError **error)
{
  ArborKeyTables *tables = arbor_session_get_environment (self->session)->key_tables;
  gboolean is_base = place < record->n_batches;
  const ArborBatchEntry *listed =
      is_base ? &record->batches[place] : &record->patches[place - record->n_batches];
  ArborKeyTable *table = arbor_key_tables_find (tables, listed->id, record->keys);
  const ArborBatch *batch;

  if (table != NULL)
    return table;
  table = read_key_table (self, record->keys, listed);
  if (table == NULL)
    {
      batch = is_base ? arbor_snapshot_get_base (self, record, place, error)
                      : arbor_snapshot_get_patch (self, record, listed->id, error);
      table = batch != NULL ? arbor_key_tables_make (batch, record->keys, error) : NULL;
    }
  if (table != NULL)
    arbor_key_tables_note (tables, listed->id, record->keys, table);
  return table;
}
