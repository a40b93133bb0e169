/* What an older library wrote, written as this one writes it: batches without digests of columns get them, under
 * new ids, name by name; then, in one transaction, records of version 1 become records of version 2, with their
 * generations, so nobody who has the store open is told of a change that is none.
 */

#include "storage/arbor-session-private.h"

#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-batch-format.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-record-private.h"
#include "storage/arbor-staging.h"

static gboolean
lacks_digests (const guint8 *data)
{
  return (((const ArborBatchHeader *) (gconstpointer) data)->flags & ARBOR_BATCH_HAS_DIGESTS) == 0;
}

/* The same batch with digests of its columns; NULL without error: its buffers lie as no digest could tell. */
static GBytes *
add_digests (const guint8 *data, gsize length, GError **error)
{
  g_autoptr (GBytes) bytes = arbor_batch_try_copy_bytes (data, length, error);
  g_autoptr (ArborBatch) batch = NULL;
  ArborBatchHeader *header;

  if (bytes == NULL)
    return NULL;
  batch = arbor_batch_open (g_bytes_get_data (bytes, NULL), length, error);
  if (batch == NULL || !arbor_batch_verify (batch, error))
    return NULL;
  if (!arbor_batch_check_order (batch))
    return NULL;
  header = (ArborBatchHeader *) (gpointer) g_bytes_get_data (bytes, NULL);
  header->flags |= ARBOR_BATCH_HAS_DIGESTS;
  arbor_batch_seal ((guint8 *) header, length);
  return g_steal_pointer (&bytes);
}

/* *@needs: whether there is anything to be done. */
static gboolean
stage_arbor (ArborStaging *staging, ArborSnapshot *snapshot, const ArborRecord *record,
             gboolean *needs, GCancellable *cancellable, GError **error)
{
  for (guint32 i = 0; i < record->n_batches; i++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (GBytes) bytes = NULL;
      const guint8 *data;
      gsize length;

      if (!arbor_record_is_mended (record, i))
        {
          if (!arbor_snapshot_verify_batch (snapshot, record, i, error) ||
              !arbor_snapshot_get_bytes (snapshot, record, i, &data, &length, error))
            return FALSE;
          if (lacks_digests (data))
            bytes = add_digests (data, length, &local_error);
          if (local_error != NULL)
            {
              g_propagate_error (error, g_steal_pointer (&local_error));
              return FALSE;
            }
        }
      *needs |= bytes != NULL;
      if (bytes == NULL)
        arbor_staging_keep_batch (staging, record, i);
      else if (!arbor_staging_add_batch (staging, bytes, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
upgrade_batches (ArborSession *self, const char *name, gboolean *is_changed, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (ArborSnapshot) snapshot = arbor_session_dup_snapshot (self, error);
  g_autoptr (ArborRecord) record = NULL;
  g_autoptr (ArborStaging) staging = NULL;

  *is_changed = FALSE;
  if (snapshot == NULL)
    return FALSE;
  record = arbor_snapshot_lookup (snapshot, name, error);
  if (record == NULL)
    return FALSE;
  staging = arbor_staging_new (self, cancellable, error);
  return staging != NULL && arbor_staging_begin_arbor (staging, name, error) &&
         arbor_staging_expect (staging, name, record->generation, error) &&
         stage_arbor (staging, snapshot, record, is_changed, cancellable, error) &&
         (!*is_changed || arbor_staging_commit (staging, cancellable, error));
}

/* Whether the value of @name is one of version 1. */
static gboolean
is_first_version (ArborTxn txn, const char *name)
{
  MDB_val key = arbor_catalog_value_of (name, strlen (name));
  MDB_val value;

  return arbor_catalog_look (txn, &key, RECORD_SIZE_1, &value) &&
         arbor_bytes_get_u32 ((const guint8 *) value.mv_data + 44) == 0;
}

static gboolean
upgrade_records (ArborTxn txn, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GHashTable *changed = data;

  if (!arbor_catalog_list (txn, names, NULL, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autoptr (ArborRecord) record = NULL;

      if (!is_first_version (txn, name))
        continue;
      if (!arbor_catalog_read_record (txn, name, &record, error) ||
          !arbor_catalog_write_record (txn, record, error))
        return FALSE;
      g_hash_table_add (changed, g_strdup (name));
    }
  return arbor_catalog_raise_version (txn, 0, error);
}

gboolean
arbor_session_upgrade (ArborSession *self, guint64 *n_names, GCancellable *cancellable, GError **error)
{
  g_autoptr (GHashTable) changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_auto (GStrv) names = NULL;

  *n_names = 0;
  if (self->read_only)
    {
      arbor_session_set_read_only_error (self, error);
      return FALSE;
    }
  snapshot = arbor_session_dup_snapshot (self, error);
  names = snapshot != NULL ? arbor_snapshot_list_names (snapshot, error) : NULL;
  g_clear_pointer (&snapshot, arbor_snapshot_unref);
  if (names == NULL)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      gboolean is_changed;

      if (!arbor_gate_check (self->gate, error) ||
          !upgrade_batches (self, names[i], &is_changed, cancellable, error))
        return FALSE;
      if (is_changed)
        g_hash_table_add (changed, g_strdup (names[i]));
    }
  if (!arbor_writer_run (self->environment, upgrade_records, changed, &self->write_options, cancellable,
                         error))
    return FALSE;
  *n_names = g_hash_table_size (changed);
  return TRUE;
}
