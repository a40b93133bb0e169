/* Records as they are written. See arbor-record-private.h for the bytes. */

#include "storage/arbor-record-private.h"

#include <string.h>

#include "base/arbor-error.h"
#include "storage/arbor-storage-error.h"

static void
encode_entries (guint8 *at, const ArborBatchEntry *entries, guint32 n)
{
  for (guint32 i = 0; i < n; i++, at += ENTRY_SIZE)
    {
      arbor_bytes_put_u64 (at, entries[i].id);
      arbor_bytes_put_u64 (at + 8, entries[i].digest);
      arbor_bytes_put_u32 (at + 16, (guint32) entries[i].n_bytes |
                                        (entries[i].mend != NULL ? IS_MENDED : 0));
      arbor_bytes_put_u32 (at + 20, entries[i].n_rows);
    }
}

/* Deletes the pieces of @name from @piece on. */
static int
delete_pieces (ArborTxn txn, const char *name, guint32 piece)
{
  int code = 0;

  while (code == 0)
    {
      guint8 bytes[PIECE_KEY_MAX];
      MDB_val key = arbor_catalog_value_of (bytes, arbor_record_put_piece_key (bytes, name, piece++));

      code = arbor_catalog_del (txn, &key);
    }
  return code == MDB_NOTFOUND ? 0 : code;
}

static guint32
count_pieces (guint32 n_batches)
{
  if (n_batches <= ENTRIES_INLINE)
    return 0;
  return (n_batches - 1) / ENTRIES_PER_PIECE + 1;
}

static int
write_pieces (ArborTxn txn, const ArborRecord *record)
{
  guint32 n_pieces = count_pieces (record->n_batches);
  int code = 0;

  for (guint32 piece = 0; piece < n_pieces && code == 0; piece++)
    {
      guint32 first = piece * ENTRIES_PER_PIECE;
      guint32 count = MIN (record->n_batches - first, ENTRIES_PER_PIECE);
      guint8 key_bytes[PIECE_KEY_MAX];
      guint8 bytes[PIECE_SIZE + ENTRIES_PER_PIECE * ENTRY_SIZE] = { 0 };
      MDB_val key = arbor_catalog_value_of (
          key_bytes, arbor_record_put_piece_key (key_bytes, record->name, piece));

      arbor_bytes_put_u32 (bytes + 8, first);
      arbor_bytes_put_u32 (bytes + 12, count);
      encode_entries (bytes + PIECE_SIZE, record->batches + first, count);
      code = arbor_catalog_put (txn, &key, bytes, PIECE_SIZE + count * ENTRY_SIZE);
    }
  return code == 0 ? delete_pieces (txn, record->name, n_pieces) : code;
}

/* What a reader of the record must know of. */
static guint32
find_features (const ArborRecord *record)
{
  for (guint32 i = 0; i < record->n_batches; i++)
    if (MAX (record->batches[i].n_trees, record->batches[i].n_rows) > ARBOR_BATCH_CUT_TREES)
      return ARBOR_FORMAT_LARGE;
  return 0;
}

gboolean
arbor_catalog_write_record (ArborTxn txn, const ArborRecord *record,
                            GError **error)
{
  MDB_val key = arbor_catalog_value_of (record->name, strlen (record->name));
  guint8 bytes[RECORD_MAX] = { 0 };
  guint32 n_inline = record->n_batches <= ENTRIES_INLINE ? record->n_batches : 0;
  gsize n_key_bytes = record->keys != NULL ? g_bytes_get_size (record->keys->bytes) : 0;
  int code;

  g_assert (n_key_bytes <= ARBOR_KEYS_MAX);

  if (!arbor_catalog_raise_version (txn, find_features (record), error))
    return FALSE;
  arbor_bytes_put_u64 (bytes + 8, record->generation);
  arbor_bytes_put_u64 (bytes + 16, record->n_trees);
  arbor_bytes_put_u64 (bytes + 24, record->n_bytes);
  arbor_bytes_put_u64 (bytes + 32, (guint64) record->modified);
  arbor_bytes_put_u32 (bytes + 40, record->n_batches);
  arbor_bytes_put_u32 (bytes + 44, RECORD_VERSION);
  arbor_bytes_put_u32 (bytes + 48, (guint32) n_key_bytes);
  if (n_key_bytes > 0)
    memcpy (bytes + RECORD_SIZE, g_bytes_get_data (record->keys->bytes, NULL), n_key_bytes);
  encode_entries (bytes + RECORD_SIZE + n_key_bytes, record->batches, n_inline);
  code = arbor_catalog_put (txn, &key, bytes, RECORD_SIZE + n_key_bytes + n_inline * ENTRY_SIZE);
  if (code == 0)
    code = write_pieces (txn, record);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

gboolean
arbor_catalog_delete_record (ArborTxn txn, const char *name, GError **error)
{
  MDB_val key = arbor_catalog_value_of (name, strlen (name));
  int code = arbor_catalog_del (txn, &key);

  if (code == 0)
    code = delete_pieces (txn, name, 0);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}
