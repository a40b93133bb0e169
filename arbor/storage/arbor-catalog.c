/* The four tables of a store file. Numbers are little-endian but for those in keys, which are
 * big-endian so that keys sort by number. A digest is the XXH3-64 of all bytes of the value after
 * it, seeded with the XXH3-64 of the key; a value whose digest is wrong is ARBOR_ERROR_CORRUPT.
 * All values but batches are short enough to lie inside a leaf page: the walk at open has seen
 * them, and LMDB never has to free overflow pages that nobody checked.
 *
 *   info / "format"    0 digest u64, 8 magic "ArborSto", 16 format version u32, 20 feature flags
 *                      u32 (an unknown one means a newer format), 24 UUID of the store, 16 bytes
 *   info / "counters"  0 digest u64, 8 next batch id u64, 16 next generation u64, 24 next staging
 *                      id u64; all begin at 1 and never go back; 32 the sum of the digests of all values
 *                      of the catalogue, modulo 2^64: so a page of it that is an older one is found. Those
 *                      who do not know of the sum write 32 bytes, and the next who does counts anew
 *
 *   catalog            arbors, see arbor-record-private.h, and mends, see arbor-mend-table.c
 *
 *   batches / id (u64 BE)  the batch
 *   batches / id (u64 BE) 'k' 0  its table of keys (docs/dev/format.md), where it has one
 *
 *   staging / id (u64 BE) piece (u32 BE)
 *                      0 digest u64, 8 state u32 (1 live, 2 dead), 12 batches u32, then up to 128
 *                      batch ids u64
 */

#include "storage/arbor-catalog.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-record-private.h"
#include "storage/arbor-storage-error.h"

#define FORMAT_MAGIC  "ArborSto"
#define FORMAT_SIZE   40u
#define COUNTERS_SIZE 32u /* without the sum */
#define COUNTERS_SUM  40u

const char *const arbor_table_names[ARBOR_N_TABLES + 1] = { "info", "catalog", "batches", "staging",
                                                            NULL };

static int
put_info (MDB_txn *txn, MDB_dbi info, const char *name, guint8 *bytes, gsize size)
{
  MDB_val key = arbor_catalog_value_of (name, strlen (name));
  MDB_val value = arbor_catalog_value_of (bytes, size);

  arbor_catalog_seal (&key, bytes, size);
  return mdb_put (txn, info, &key, &value, 0);
}

/* A copy of the counters; without the sum it is 0. */
static int
get_counters (ArborTxn txn, guint8 *bytes, gboolean *has_sum)
{
  MDB_val key = arbor_catalog_value_of ("counters", 8);
  MDB_val value;
  int code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_INFO], &key, &value);

  memset (bytes, 0, COUNTERS_SUM);
  if (code != 0)
    return code;
  if (!arbor_catalog_is_sealed (&key, &value, COUNTERS_SIZE))
    return MDB_CORRUPTED;
  *has_sum = value.mv_size >= COUNTERS_SUM;
  memcpy (bytes, value.mv_data, *has_sum ? COUNTERS_SUM : COUNTERS_SIZE);
  return 0;
}

gboolean
arbor_catalog_get_sum (ArborTxn txn, guint64 *sum)
{
  guint8 bytes[COUNTERS_SUM];
  gboolean has_sum;

  if (get_counters (txn, bytes, &has_sum) != 0 || !has_sum)
    return FALSE;
  *sum = arbor_bytes_get_u64 (bytes + COUNTERS_SIZE);
  return TRUE;
}

/* Of all values that there are; *@is_sealed: each has its digest. */
static int
count_sum (ArborTxn txn, guint64 *sum, gboolean *is_sealed)
{
  MDB_val key, value;
  MDB_cursor *cursor;
  int code = mdb_cursor_open (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &cursor);

  *sum = 0;
  *is_sealed = TRUE;
  if (code != 0)
    return code;
  while ((code = mdb_cursor_get (cursor, &key, &value, MDB_NEXT)) == 0)
    {
      *is_sealed &= arbor_catalog_is_sealed (&key, &value, 8);
      if (value.mv_size >= 8)
        *sum += arbor_bytes_get_u64 (value.mv_data);
    }
  mdb_cursor_close (cursor);
  return code == MDB_NOTFOUND ? 0 : code;
}

gboolean
arbor_catalog_check_sum (ArborTxn txn, guint64 found, GError **error)
{
  gboolean is_sealed;
  guint64 sum;

  if (!arbor_catalog_get_sum (txn, &sum) || sum == found)
    return TRUE;
  /* What is damaged says so where it is read, and the rest can be. */
  if (count_sum (txn, &found, &is_sealed) != 0 || !is_sealed)
    return TRUE;
  return arbor_storage_set_damaged (error, txn.env->path,
                                    _("a page of its catalogue is an older one"));
}

/* After a value of the catalogue with one digest has become one with another; 0: there was none, or is none. */
static int
add_to_sum (ArborTxn txn, guint64 before, guint64 after)
{
  guint8 bytes[COUNTERS_SUM];
  gboolean has_sum, is_sealed;
  guint64 sum;
  int code = get_counters (txn, bytes, &has_sum);

  if (code != 0)
    return code;
  sum = arbor_bytes_get_u64 (bytes + COUNTERS_SIZE) + after - before;
  if (!has_sum && (code = count_sum (txn, &sum, &is_sealed)) != 0)
    return code;
  arbor_bytes_put_u64 (bytes + COUNTERS_SIZE, sum);
  return put_info (txn.mdb, txn.env->tables[ARBOR_TABLE_INFO], "counters", bytes, sizeof bytes);
}

static guint64
get_digest (const MDB_val *value)
{
  return value->mv_size >= 8 ? arbor_bytes_get_u64 (value->mv_data) : 0;
}

int
arbor_catalog_put (ArborTxn txn, MDB_val *key, guint8 *bytes, gsize size)
{
  MDB_dbi catalog = txn.env->tables[ARBOR_TABLE_CATALOG];
  MDB_val value = arbor_catalog_value_of (bytes, size);
  MDB_val old;
  guint64 before = 0;
  int code;

  arbor_catalog_seal (key, bytes, size);
  if (mdb_get (txn.mdb, catalog, key, &old) == 0)
    {
      if (old.mv_size == size && memcmp (old.mv_data, bytes, size) == 0)
        return 0;
      before = get_digest (&old);
    }
  txn.env->catalog_bytes += key->mv_size + size;
  code = mdb_put (txn.mdb, catalog, key, &value, 0);
  return code == 0 ? add_to_sum (txn, before, arbor_bytes_get_u64 (bytes)) : code;
}

int
arbor_catalog_del (ArborTxn txn, MDB_val *key)
{
  MDB_dbi catalog = txn.env->tables[ARBOR_TABLE_CATALOG];
  guint64 before;
  MDB_val old;
  int code = mdb_get (txn.mdb, catalog, key, &old);

  if (code != 0)
    return code;
  before = get_digest (&old);
  code = mdb_del (txn.mdb, catalog, key, NULL);
  return code == 0 ? add_to_sum (txn, before, 0) : code;
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
  guint8 counters[COUNTERS_SUM] = { 0 };
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
  if (arbor_bytes_get_u32 (bytes + 16) == 0 ||
      arbor_bytes_get_u32 (bytes + 16) > ARBOR_FORMAT_VERSION ||
      (arbor_bytes_get_u32 (bytes + 20) & ~ARBOR_FORMAT_FLAGS) != 0)
    {
      g_set_error (
          error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
          _("Store '%s' has format %u (features %#x); this library reads up to format %u: use a "
            "newer one"),
          txn.env->path, arbor_bytes_get_u32 (bytes + 16), arbor_bytes_get_u32 (bytes + 20),
          ARBOR_FORMAT_VERSION);
      return FALSE;
    }
  return TRUE;
}

gboolean
arbor_catalog_read_uuid (ArborTxn txn, guint8 *uuid, GError **error)
{
  MDB_val key = arbor_catalog_value_of ("format", 6);
  MDB_val value;
  int code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_INFO], &key, &value);

  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  if (!arbor_catalog_is_sealed (&key, &value, FORMAT_SIZE))
    return arbor_storage_set_damaged (error, txn.env->path, _("its format record is damaged"));
  memcpy (uuid, (const guint8 *) value.mv_data + 24, ARBOR_UUID_SIZE);
  return TRUE;
}

gboolean
arbor_catalog_raise_version (ArborTxn txn, guint32 flags, GError **error)
{
  MDB_val key = arbor_catalog_value_of ("format", 6);
  MDB_dbi info = txn.env->tables[ARBOR_TABLE_INFO];
  guint8 bytes[FORMAT_SIZE];
  MDB_val value;
  int code = mdb_get (txn.mdb, info, &key, &value);

  if (code == 0 && !arbor_catalog_is_sealed (&key, &value, FORMAT_SIZE))
    return arbor_storage_set_damaged (error, txn.env->path, _("its format record is damaged"));
  if (code == 0)
    memcpy (bytes, value.mv_data, sizeof bytes);
  if (code == 0 && (arbor_bytes_get_u32 (bytes + 16) < ARBOR_FORMAT_VERSION ||
                    (flags & ~arbor_bytes_get_u32 (bytes + 20)) != 0))
    {
      arbor_bytes_put_u32 (bytes + 16, ARBOR_FORMAT_VERSION);
      arbor_bytes_put_u32 (bytes + 20, arbor_bytes_get_u32 (bytes + 20) | flags);
      code = put_info (txn.mdb, info, "format", bytes, sizeof bytes);
    }
  return code == 0 || arbor_environment_fail (txn.env, code, error);
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
  guint8 bytes[COUNTERS_SUM];
  gboolean has_sum = FALSE;
  int code = get_counters (txn, bytes, &has_sum);

  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  encode_counters (bytes, counters);
  code = put_info (txn.mdb, txn.env->tables[ARBOR_TABLE_INFO], "counters", bytes,
                   has_sum ? COUNTERS_SUM : COUNTERS_SIZE);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}
