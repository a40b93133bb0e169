/* The table staging: batches that no record lists, in pieces that each lie inside a leaf page. The bytes
 * are told at the top of arbor-catalog.c.
 */

#include "storage/arbor-catalog.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "storage/arbor-record-private.h"
#include "storage/arbor-storage-error.h"

#define STAGING_SIZE 16u
#define STAGING_KEY  12u
#define STAGING_MAX  (STAGING_SIZE + ARBOR_STAGING_PIECE * 8u)

/* Inside a leaf page of 4 KiB. */
G_STATIC_ASSERT (STAGING_MAX + STAGING_KEY + 8 <= 2038);

static void
put_staging_key (guint8 *key, guint64 id, guint32 piece)
{
  arbor_catalog_put_id_key (key, id);
  piece = GUINT32_TO_BE (piece);
  memcpy (key + 8, &piece, sizeof piece);
}

gboolean
arbor_catalog_write_staging (ArborTxn txn, guint64 id, guint32 *piece,
                             ArborStagingState state, const guint64 *batches, guint n,
                             GError **error)
{
  for (guint first = 0; first < n; first += ARBOR_STAGING_PIECE)
    {
      guint count = MIN (n - first, ARBOR_STAGING_PIECE);
      guint8 key_bytes[STAGING_KEY];
      guint8 bytes[STAGING_MAX] = { 0 };
      MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
      MDB_val value = arbor_catalog_value_of (bytes, STAGING_SIZE + count * 8);
      int code;

      put_staging_key (key_bytes, id, (*piece)++);
      arbor_bytes_put_u32 (bytes + 8, state);
      arbor_bytes_put_u32 (bytes + 12, count);
      for (guint i = 0; i < count; i++)
        arbor_bytes_put_u64 (bytes + STAGING_SIZE + i * 8, batches[first + i]);
      arbor_catalog_seal (&key, bytes, value.mv_size);
      code = mdb_put (txn.mdb, txn.env->tables[ARBOR_TABLE_STAGING], &key, &value, 0);
      if (code != 0)
        return arbor_environment_fail (txn.env, code, error);
    }
  return TRUE;
}

/* What a piece lists; FALSE when it is damaged. */
static gboolean
read_piece (const MDB_val *key, const MDB_val *value, ArborStagingState *state, guint32 *n)
{
  const guint8 *bytes = value->mv_data;

  if (key->mv_size != STAGING_KEY || !arbor_catalog_is_sealed (key, value, STAGING_SIZE))
    return FALSE;
  *state = arbor_bytes_get_u32 (bytes + 8);
  *n = arbor_bytes_get_u32 (bytes + 12);
  return *n <= ARBOR_STAGING_PIECE && value->mv_size == STAGING_SIZE + *n * 8;
}

gboolean
arbor_catalog_count_staged (ArborTxn txn, guint64 *n_dead, guint64 *n_live,
                            GError **error)
{
  MDB_cursor *cursor;
  MDB_val key, value;
  int code = mdb_cursor_open (txn.mdb, txn.env->tables[ARBOR_TABLE_STAGING], &cursor);

  *n_dead = *n_live = 0;
  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  while ((code = mdb_cursor_get (cursor, &key, &value, MDB_NEXT)) == 0)
    {
      ArborStagingState state;
      guint32 n;

      if (!read_piece (&key, &value, &state, &n))
        break;
      *(state == ARBOR_STAGING_DEAD ? n_dead : n_live) += n;
    }
  mdb_cursor_close (cursor);
  if (code == MDB_NOTFOUND)
    return TRUE;
  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  return arbor_storage_set_damaged (error, txn.env->path, _("a list of staged batches is damaged"));
}

/* Finds the first piece with a key of at least (@id, 0). TRUE with found 0 when there is none. */
gboolean
arbor_catalog_find_staging (ArborTxn txn, guint64 id, guint64 *found,
                            guint32 *piece, ArborStagingState *state, GArray *batches,
                            GError **error)
{
  guint8 key_bytes[STAGING_KEY];
  MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
  MDB_val value;
  MDB_cursor *cursor;
  const guint8 *bytes;
  guint32 n;
  int code = mdb_cursor_open (txn.mdb, txn.env->tables[ARBOR_TABLE_STAGING], &cursor);

  *found = 0;
  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  put_staging_key (key_bytes, id, 0);
  code = mdb_cursor_get (cursor, &key, &value, MDB_SET_RANGE);
  mdb_cursor_close (cursor);
  if (code == MDB_NOTFOUND)
    return TRUE;
  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);

  bytes = value.mv_data;
  if (!read_piece (&key, &value, state, &n))
    return arbor_storage_set_damaged (error, txn.env->path, _("a list of staged batches is damaged"));

  *found = arbor_catalog_get_id_key (key.mv_data);
  memcpy (piece, (const guint8 *) key.mv_data + 8, sizeof *piece);
  *piece = GUINT32_FROM_BE (*piece);
  g_array_set_size (batches, 0);
  for (guint32 i = 0; i < n; i++)
    {
      guint64 batch = arbor_bytes_get_u64 (bytes + STAGING_SIZE + i * 8);

      g_array_append_val (batches, batch);
    }
  return TRUE;
}

gboolean
arbor_catalog_delete_staging_piece (ArborTxn txn, guint64 id, guint32 piece,
                                    GError **error)
{
  guint8 key_bytes[STAGING_KEY];
  MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
  int code;

  put_staging_key (key_bytes, id, piece);
  code = mdb_del (txn.mdb, txn.env->tables[ARBOR_TABLE_STAGING], &key, NULL);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

gboolean
arbor_catalog_delete_staging (ArborTxn txn, guint64 id, GError **error)
{
  guint32 piece = 0;
  int code = 0;

  while (code == 0)
    {
      guint8 key_bytes[STAGING_KEY];
      MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);

      put_staging_key (key_bytes, id, piece++);
      code = mdb_del (txn.mdb, txn.env->tables[ARBOR_TABLE_STAGING], &key, NULL);
    }
  return code == MDB_NOTFOUND || arbor_environment_fail (txn.env, code, error);
}
