/* The table batches: batches, each with the table of its keys directly behind it. They lie in pages of
 * their own, which the walk at open has not seen: what they claim to be is checked before LMDB follows it.
 */

#include "storage/arbor-catalog.h"

#include <string.h>

#include "storage/arbor-record-private.h"
#include "storage/arbor-storage-error.h"

#define TABLE_KEY 10u

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

const guint8 *
arbor_catalog_read_own_batch (ArborTxn txn, guint64 id, gsize *length, GError **error)
{
  guint8 key_bytes[8];
  MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
  MDB_val value;
  int code;

  arbor_catalog_put_id_key (key_bytes, id);
  code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, &value);
  if (code != 0)
    {
      arbor_environment_fail (txn.env, code, error);
      return NULL;
    }
  *length = value.mv_size;
  return value.mv_data;
}

/* Of the table batches; what is not there is gone. */
static gboolean
delete_value (ArborTxn txn, const guint8 *key_bytes, gsize n_key_bytes, GError **error)
{
  MDB_val key = arbor_catalog_value_of (key_bytes, n_key_bytes);
  MDB_val value;
  int code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, &value);

  if (code == MDB_NOTFOUND)
    return TRUE;
  /* LMDB frees as many pages as the header claims. */
  if (code == 0 &&
      !arbor_environment_check_value_of (txn.env, n_key_bytes, value.mv_data, value.mv_size))
    code = MDB_CORRUPTED;
  if (code == 0)
    code = mdb_del (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, NULL);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

gboolean
arbor_catalog_delete_batch (ArborTxn txn, guint64 id, GError **error)
{
  guint8 key_bytes[8];

  arbor_catalog_put_id_key (key_bytes, id);
  return delete_value (txn, key_bytes, sizeof key_bytes, error) &&
         arbor_catalog_delete_key_table (txn, id, error);
}

/* Tables of keys: directly behind their batch, so that batches are appended still. */

static void
put_table_key (guint8 *key, guint64 id)
{
  arbor_catalog_put_id_key (key, id);
  key[8] = 'k';
  key[9] = 0;
}

gboolean
arbor_catalog_write_key_table (ArborTxn txn, guint64 id, GBytes *table, GError **error)
{
  guint8 key_bytes[TABLE_KEY];
  MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
  gsize size;
  const guint8 *data = g_bytes_get_data (table, &size);
  MDB_val value = arbor_catalog_value_of (data, size);
  int code;

  put_table_key (key_bytes, id);
  /* One that is there goes as a batch does: its pages are looked at first. */
  if (!delete_value (txn, key_bytes, sizeof key_bytes, error))
    return FALSE;
  code = mdb_put (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, &value, 0);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

GBytes *
arbor_catalog_read_key_table (ArborTxn txn, guint64 id)
{
  guint8 key_bytes[TABLE_KEY];
  MDB_val key = arbor_catalog_value_of (key_bytes, sizeof key_bytes);
  MDB_val value;

  put_table_key (key_bytes, id);
  if (mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_BATCHES], &key, &value) != 0 ||
      !arbor_environment_check_value_of (txn.env, sizeof key_bytes, value.mv_data, value.mv_size))
    return NULL;
  return g_bytes_new (value.mv_data, value.mv_size);
}

gboolean
arbor_catalog_delete_key_table (ArborTxn txn, guint64 id, GError **error)
{
  guint8 key_bytes[TABLE_KEY];

  put_table_key (key_bytes, id);
  return delete_value (txn, key_bytes, sizeof key_bytes, error);
}
