/* The four tables of a store file. Numbers are little-endian but for those in keys, which are
 * big-endian so that keys sort by number. A digest is the XXH3-64 of all bytes of the value after
 * it, seeded with the XXH3-64 of the key; a value whose digest is wrong is ARBOR_ERROR_CORRUPT.
 * All values but batches are short enough to lie inside a leaf page: the walk at open has seen
 * them, and LMDB never has to free overflow pages that nobody checked.
 *
 *   info / "format"    0 digest u64, 8 magic "ArborSto", 16 format version u32, 20 feature flags
 *                      u32 (an unknown one means a newer format), 24 UUID of the store, 16 bytes
 *   info / "counters"  0 digest u64, 8 next batch id u64, 16 next generation u64, 24 next staging
 *                      id u64; all begin at 1 and never go back
 *
 *   catalog            arbors, see arbor-record.c
 *
 *   batches / id (u64 BE)  the batch
 *
 *   staging / id (u64 BE) piece (u32 BE)
 *                      0 digest u64, 8 state u32 (1 live, 2 dead), 12 batches u32, then up to 128
 *                      batch ids u64
 */

#include "storage/arbor-catalog.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-catalog-private.h"
#include "storage/arbor-storage-error.h"

#define FORMAT_MAGIC  "ArborSto"
#define FORMAT_SIZE   40u
#define COUNTERS_SIZE 32u
#define STAGING_SIZE  16u
#define STAGING_KEY   12u
#define STAGING_MAX   (STAGING_SIZE + ARBOR_STAGING_PIECE * 8u)

/* Inside a leaf page of 4 KiB. */
G_STATIC_ASSERT (STAGING_MAX + STAGING_KEY + 8 <= 2038);

const char *const arbor_table_names[ARBOR_N_TABLES + 1] = { "info", "catalog", "batches", "staging",
                                                            NULL };

/* info */

static int
put_info (MDB_txn *txn, MDB_dbi info, const char *name, guint8 *bytes, gsize size)
{
  MDB_val key = arbor_catalog_value_of (name, strlen (name));
  MDB_val value = arbor_catalog_value_of (bytes, size);

  arbor_catalog_seal (&key, bytes, size);
  return mdb_put (txn, info, &key, &value, 0);
}

static void
encode_counters (guint8 *bytes, const ArborCounters *counters)
{
  arbor_bytes_put_u64 (bytes + 8, counters->next_batch);
  arbor_bytes_put_u64 (bytes + 16, counters->next_generation);
  arbor_bytes_put_u64 (bytes + 24, counters->next_staging);
}

/* A random UUID, as RFC 4122 has it. */
static void
put_uuid (guint8 *at)
{
  for (guint i = 0; i < 16; i += 4)
    arbor_bytes_put_u32 (at + i, g_random_int ());
  at[6] = (at[6] & 0x0f) | 0x40;
  at[8] = (at[8] & 0x3f) | 0x80;
}

int
arbor_catalog_initialise (MDB_txn *txn)
{
  static const ArborCounters first = { 1, 1, 1 };
  guint8 format[FORMAT_SIZE] = { 0 };
  guint8 counters[COUNTERS_SIZE] = { 0 };
  MDB_val key = arbor_catalog_value_of ("format", 6);
  MDB_dbi tables[ARBOR_N_TABLES];
  MDB_val found;
  int code;

  for (guint i = 0; i < ARBOR_N_TABLES; i++)
    if ((code = mdb_dbi_open (txn, arbor_table_names[i], MDB_CREATE, &tables[i])) != 0)
      return code;
  /* Another process may have been first. */
  if (mdb_get (txn, tables[ARBOR_TABLE_INFO], &key, &found) == 0)
    return 0;

  memcpy (format + 8, FORMAT_MAGIC, 8);
  arbor_bytes_put_u32 (format + 16, ARBOR_FORMAT_VERSION);
  put_uuid (format + 24);
  encode_counters (counters, &first);
  code = put_info (txn, tables[ARBOR_TABLE_INFO], "format", format, sizeof format);
  if (code == 0)
    code = put_info (txn, tables[ARBOR_TABLE_INFO], "counters", counters, sizeof counters);
  return code;
}

gboolean
arbor_catalog_check_format (ArborTxn txn, GError **error)
{
  MDB_val key = arbor_catalog_value_of ("format", 6);
  MDB_val value;
  const guint8 *bytes;
  int code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_INFO], &key, &value);

  if (code != 0 && code != MDB_NOTFOUND)
    return arbor_environment_fail (txn.env, code, error);
  bytes = value.mv_data;
  if (code == MDB_NOTFOUND || value.mv_size < 24 || memcmp (bytes + 8, FORMAT_MAGIC, 8) != 0)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_NOT_A_STORE, _("File '%s' is not a store: %s"),
                   txn.env->path, _("it is the LMDB file of another program"));
      return FALSE;
    }
  if (!arbor_catalog_is_sealed (&key, &value, FORMAT_SIZE))
    return arbor_storage_set_damaged (error, txn.env->path, _("its format record is damaged"));
  if (arbor_bytes_get_u32 (bytes + 16) != ARBOR_FORMAT_VERSION ||
      arbor_bytes_get_u32 (bytes + 20) != 0)
    {
      g_set_error (
          error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
          _("Store '%s' has format %u (features %#x); this library reads format %u: use a "
            "newer one"),
          txn.env->path, arbor_bytes_get_u32 (bytes + 16), arbor_bytes_get_u32 (bytes + 20),
          ARBOR_FORMAT_VERSION);
      return FALSE;
    }
  return TRUE;
}

gboolean
arbor_catalog_read_counters (ArborTxn txn, ArborCounters *counters,
                             GError **error)
{
  MDB_val key = arbor_catalog_value_of ("counters", 8);
  MDB_val value;
  const guint8 *bytes;
  int code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_INFO], &key, &value);

  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  if (!arbor_catalog_is_sealed (&key, &value, COUNTERS_SIZE))
    return arbor_storage_set_damaged (error, txn.env->path, _("its counters are damaged"));
  bytes = value.mv_data;
  counters->next_batch = arbor_bytes_get_u64 (bytes + 8);
  counters->next_generation = arbor_bytes_get_u64 (bytes + 16);
  counters->next_staging = arbor_bytes_get_u64 (bytes + 24);
  return TRUE;
}

gboolean
arbor_catalog_write_counters (ArborTxn txn, const ArborCounters *counters,
                              GError **error)
{
  guint8 bytes[COUNTERS_SIZE] = { 0 };
  int code;

  encode_counters (bytes, counters);
  code = put_info (txn.mdb, txn.env->tables[ARBOR_TABLE_INFO], "counters", bytes, sizeof bytes);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

/* staging */

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

/* batches */

gboolean
arbor_catalog_write_batch (ArborTxn txn, guint64 id, const guint8 *data,
                           gsize length, GError **error)
{
  guint8 key_bytes[8];
  MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
  MDB_val value = arbor_catalog_value_of (NULL, length);
  int code;

  arbor_catalog_put_id_key (key_bytes, id);
  code = mdb_put (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, &value, MDB_RESERVE | MDB_APPEND);
  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  memcpy (value.mv_data, data, length);
  return TRUE;
}

const guint8 *
arbor_catalog_read_batch (ArborTxn txn, guint64 id, gsize *length,
                          GError **error)
{
  guint8 key_bytes[8];
  MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
  MDB_val value;
  int code;

  arbor_catalog_put_id_key (key_bytes, id);
  code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, &value);
  if (code == 0 && !arbor_environment_check_value (txn.env, value.mv_data, value.mv_size))
    code = MDB_CORRUPTED;
  if (code != 0)
    {
      arbor_environment_fail (txn.env, code, error);
      return NULL;
    }
  *length = value.mv_size;
  return value.mv_data;
}

gboolean
arbor_catalog_delete_batch (ArborTxn txn, guint64 id, GError **error)
{
  guint8 key_bytes[8];
  MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
  MDB_val value;
  int code;

  arbor_catalog_put_id_key (key_bytes, id);
  code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, &value);
  if (code == MDB_NOTFOUND)
    return TRUE;
  /* LMDB frees as many pages as the header claims. */
  if (code == 0 && !arbor_environment_check_value (txn.env, value.mv_data, value.mv_size))
    code = MDB_CORRUPTED;
  if (code == 0)
    code = mdb_del (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, NULL);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}
