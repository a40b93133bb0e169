/* How numbers, keys and sealed values of the tables are written: what arbor-catalog.c and
 * arbor-record.c share.
 */

#pragma once

#include <string.h>
#include <xxhash.h>

#include "storage/arbor-catalog.h"

G_BEGIN_DECLS

static inline void
arbor_bytes_put_u32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static inline void
arbor_bytes_put_u64 (guint8 *at, guint64 value)
{
  value = GUINT64_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static inline guint32
arbor_bytes_get_u32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static inline guint64
arbor_bytes_get_u64 (const guint8 *at)
{
  guint64 value;

  memcpy (&value, at, sizeof value);
  return GUINT64_FROM_LE (value);
}

static inline guint64
arbor_catalog_compute_digest (const MDB_val *key, const guint8 *value, gsize size)
{
  return XXH3_64bits_withSeed (value + 8, size - 8, XXH3_64bits (key->mv_data, key->mv_size));
}

static inline void
arbor_catalog_seal (const MDB_val *key, guint8 *value, gsize size)
{
  arbor_bytes_put_u64 (value, arbor_catalog_compute_digest (key, value, size));
}

static inline gboolean
arbor_catalog_is_sealed (const MDB_val *key, const MDB_val *value, gsize least)
{
  const guint8 *bytes = value->mv_data;

  return value->mv_size >= least &&
         arbor_bytes_get_u64 (bytes) == arbor_catalog_compute_digest (key, bytes, value->mv_size);
}

static inline MDB_val
arbor_catalog_value_of (const void *data, gsize size)
{
  MDB_val value = { .mv_size = size, .mv_data = (void *) data };

  return value;
}

static inline void
arbor_catalog_put_id_key (guint8 *key, guint64 id)
{
  id = GUINT64_TO_BE (id);
  memcpy (key, &id, sizeof id);
}

static inline guint64
arbor_catalog_get_id_key (const guint8 *key)
{
  guint64 id;

  memcpy (&id, key, sizeof id);
  return GUINT64_FROM_BE (id);
}

G_END_DECLS
