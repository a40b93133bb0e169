/* Key tables: see arbor-key-table.h.
 *
 *   digest | version | n | bits, zeros | starts[buckets + 1] | fingerprints[n] | padding | rows[n]
 *
 * A bucket, by the highest bits of the hash, has its keys in the order of their rows: eight more bits of the
 * hash and the row. With four keys a bucket, a look-up compares a few bytes of one cache line and looks at
 * one row of the batch where there is such a key, and at one in sixty times at one for nothing.
 */

#include "batch/arbor-key-table.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <xxhash.h>

#include "base/arbor-error.h"

#define VERSION 1u
#define HEADER_SIZE 24u
#define MOST_BITS 12u
#define KEYS_OF_BUCKET 4u

struct _ArborKeyTable
{
  gatomicrefcount ref_count;
  GBytes *bytes;
  guint32 n_keys;
  guint n_bits;
  guint32 n_rows; /* of the batch */
  const guint16 *starts;
  const guint8 *fingerprints;
  const guint16 *rows;
};

static guint32
load_u32 (const guint8 *at)
{
  guint32 number;

  memcpy (&number, at, sizeof number);
  return number;
}

static guint64
load_u64 (const guint8 *at)
{
  guint64 number;

  memcpy (&number, at, sizeof number);
  return number;
}

static guint32
get_bucket (guint64 hash, guint n_bits)
{
  return n_bits == 0 ? 0 : (guint32) (hash >> (64 - n_bits));
}

/* Bits that no bucket has looked at. */
static guint8
get_fingerprint (guint64 hash)
{
  return (guint8) (hash >> (64 - MOST_BITS - 8));
}

static guint
choose_bits (guint32 n_keys)
{
  guint n_bits = 0;

  while (n_bits < MOST_BITS && (KEYS_OF_BUCKET << n_bits) < n_keys)
    n_bits++;
  return n_bits;
}

typedef struct
{
  gsize fingerprints;
  gsize rows;
  gsize size;
} Layout;

static Layout
lay_out (guint32 n_keys, guint n_bits)
{
  gsize fingerprints = HEADER_SIZE + (((gsize) 1 << n_bits) + 1) * 2;
  gsize rows = (fingerprints + n_keys + 1) / 2 * 2;

  return (Layout){ fingerprints, rows, rows + (gsize) n_keys * 2 };
}

/* Of all bytes after it, with the batch and the paths in the seed: a table of other ones is no table. */
static guint64
compute_digest (const guint8 *data, gsize size, guint64 batch_digest, ArborPath *const *paths,
                guint n_paths)
{
  guint64 seed = batch_digest;

  for (guint i = 0; i < n_paths; i++)
    {
      g_autofree char *path = arbor_path_to_string (paths[i]);

      seed = XXH3_64bits_withSeed (path, strlen (path), seed);
    }
  return XXH3_64bits_withSeed (data + 8, size - 8, seed);
}

static guint8 *
write_table (const guint64 *hashes, const guint8 *has_key, guint32 n_rows, guint32 n_keys, gsize *size)
{
  guint n_bits = choose_bits (n_keys);
  guint32 n_buckets = 1u << n_bits;
  Layout layout = lay_out (n_keys, n_bits);
  guint8 *data = g_malloc0 (layout.size);
  guint16 *starts = (guint16 *) (gpointer) (data + HEADER_SIZE);
  guint16 *rows = (guint16 *) (gpointer) (data + layout.rows);
  g_autofree guint16 *next = g_new0 (guint16, (gsize) n_buckets + 1);

  memcpy (data + 8, &(guint32){ VERSION }, 4);
  memcpy (data + 12, &n_keys, 4);
  data[16] = (guint8) n_bits;
  for (guint32 row = 0; row < n_rows; row++)
    if (has_key[row] == ARBOR_ROW_KEY)
      starts[get_bucket (hashes[row], n_bits) + 1]++;
  for (guint32 i = 0; i < n_buckets; i++)
    {
      starts[i + 1] = (guint16) (starts[i + 1] + starts[i]);
      next[i] = starts[i];
    }
  for (guint32 row = 0; row < n_rows; row++)
    if (has_key[row] == ARBOR_ROW_KEY)
      {
        guint16 at = next[get_bucket (hashes[row], n_bits)]++;

        data[layout.fingerprints + at] = get_fingerprint (hashes[row]);
        rows[at] = (guint16) row;
      }
  *size = layout.size;
  return data;
}

GBytes *
arbor_key_table_build_of (const ArborBatch *batch, ArborPath *const *paths, guint n_paths,
                          const guint64 *hashes, const guint8 *has_key)
{
  guint32 n_rows = arbor_batch_get_n_trees (batch);
  guint32 n_keys = 0;
  guint64 digest;
  guint8 *data;
  gsize size;

  for (guint32 row = 0; row < n_rows; row++)
    n_keys += has_key[row] == ARBOR_ROW_KEY;
  data = write_table (hashes, has_key, n_rows, n_keys, &size);
  digest = compute_digest (data, size, arbor_batch_get_digest (batch), paths, n_paths);
  memcpy (data, &digest, sizeof digest);
  return g_bytes_new_take (data, size);
}

GBytes *
arbor_key_table_build (const ArborBatch *batch, ArborPath *const *paths, guint n_paths, GError **error)
{
  guint32 n_rows = arbor_batch_get_n_trees (batch);
  g_autofree guint64 *hashes = g_new0 (guint64, n_rows);
  g_autofree guint8 *has_key = g_new0 (guint8, n_rows);

  return arbor_key_hash_rows (batch, paths, n_paths, hashes, has_key, error)
             ? arbor_key_table_build_of (batch, paths, n_paths, hashes, has_key)
             : NULL;
}

/* Starts ascend from 0 to the number of keys: no look-up leaves the table. */
static gboolean
starts_are_good (const ArborKeyTable *self)
{
  guint32 n_buckets = 1u << self->n_bits;

  for (guint32 i = 0; i < n_buckets; i++)
    if (self->starts[i] > self->starts[i + 1])
      return FALSE;
  return self->starts[0] == 0 && self->starts[n_buckets] == self->n_keys;
}

ArborKeyTable *
arbor_key_table_open (GBytes *bytes, guint64 batch_digest, guint32 n_rows, ArborPath *const *paths,
                      guint n_paths, GError **error)
{
  g_autoptr (ArborKeyTable) self = g_new0 (ArborKeyTable, 1);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  Layout layout;

  g_atomic_ref_count_init (&self->ref_count);
  self->bytes = g_bytes_ref (bytes);
  self->n_rows = n_rows;
  if (size >= HEADER_SIZE && (guintptr) data % 2 == 0 && load_u32 (data + 8) == VERSION)
    {
      self->n_keys = load_u32 (data + 12);
      self->n_bits = data[16];
      if (self->n_keys <= self->n_rows && self->n_bits <= MOST_BITS)
        {
          layout = lay_out (self->n_keys, self->n_bits);
          self->starts = (const guint16 *) (gconstpointer) (data + HEADER_SIZE);
          self->fingerprints = data + layout.fingerprints;
          self->rows = (const guint16 *) (gconstpointer) (data + layout.rows);
          if (layout.size == size &&
              load_u64 (data) == compute_digest (data, size, batch_digest, paths, n_paths) &&
              starts_are_good (self))
            return g_steal_pointer (&self);
        }
    }
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                       _("The table of keys of a batch is damaged"));
  return NULL;
}

ArborKeyTable *
arbor_key_table_ref (ArborKeyTable *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_key_table_unref (ArborKeyTable *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_bytes_unref (self->bytes);
  g_free (self);
}

gboolean
arbor_key_table_is_last (ArborKeyTable *self)
{
  return g_atomic_ref_count_compare (&self->ref_count, 1);
}

GBytes *
arbor_key_table_get_bytes (ArborKeyTable *self)
{
  return self->bytes;
}

gsize
arbor_key_table_get_size (const ArborKeyTable *self)
{
  return g_bytes_get_size (self->bytes);
}

guint32
arbor_key_table_get_n_keys (const ArborKeyTable *self)
{
  return self->n_keys;
}

gboolean
arbor_key_table_next (const ArborKeyTable *self, guint64 hash, guint32 *at, guint32 *row)
{
  guint32 bucket = get_bucket (hash, self->n_bits);
  guint8 fingerprint = get_fingerprint (hash);

  for (guint32 i = self->starts[bucket] + *at; i < self->starts[bucket + 1]; i++)
    if (self->fingerprints[i] == fingerprint && self->rows[i] < self->n_rows)
      {
        *at = i - self->starts[bucket] + 1;
        *row = self->rows[i];
        return TRUE;
      }
  return FALSE;
}
