/* Records: what the table catalog says of each arbor. The rules for numbers and digests are those
 * of arbor-catalog.c.
 *
 *   catalog / name     0 digest u64, 8 generation u64, 16 trees u64, 24 bytes of all batches u64,
 *                      32 time of change i64 (microseconds since 1970 UTC), 40 batches u32, 44
 *                      reserved u32 (0), then, when there are at most 64 batches, an entry for each
 *   catalog / name 0 piece (u32 BE)
 *                      when there are more: 0 digest u64, 8 first batch u32, 12 batches u32, then
 *                      up to 64 entries. Names have no control characters, so the zero byte puts
 *                      the pieces behind their name and before the next.
 *   entry              0 batch id u64, 8 digest of the batch u64, 16 bytes u32, 20 trees u32
 */

#include "storage/arbor-catalog.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-catalog-private.h"
#include "storage/arbor-storage-error.h"

#define RECORD_SIZE       48u
#define PIECE_SIZE        16u
#define ENTRY_SIZE        24u
#define ENTRIES_PER_PIECE 64u
#define RECORD_MAX        (RECORD_SIZE + ENTRIES_PER_PIECE * ENTRY_SIZE)
#define PIECE_KEY_MAX     (ARBOR_NAME_MAX + 5u)

/* Inside a leaf page of 4 KiB. */
G_STATIC_ASSERT (RECORD_MAX + PIECE_KEY_MAX + 8 <= 2038);

gboolean
arbor_name_check (const char *name, GError **error)
{
  gsize length = strlen (name);
  const char *problem = NULL;

  if (length == 0)
    problem = _("it is empty");
  else if (length > ARBOR_NAME_MAX)
    problem = _("it is longer than 255 bytes");
  else if (!g_utf8_validate (name, -1, NULL))
    problem = _("it is not UTF-8");
  else
    for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
      if (g_unichar_iscntrl (g_utf8_get_char (at)))
        problem = _("it has a control character");
  if (problem == NULL)
    return TRUE;

  {
    g_autofree char *printable = g_strescape (name, NULL);

    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_NAME,
                 _("'%.300s' is not a name that an arbor can have: %s"), printable, problem);
  }
  return FALSE;
}

ArborRecord *
arbor_record_new (const char *name)
{
  ArborRecord *self = g_new0 (ArborRecord, 1);

  self->ref_count = 1;
  self->name = g_strdup (name);
  self->first_tree = g_new0 (guint64, 1);
  return self;
}

ArborRecord *
arbor_record_new_draft (const char *name, guint64 generation, const ArborBatchEntry *batches,
                        guint32 n)
{
  ArborRecord *self = arbor_record_new (name);

  self->generation = generation;
  arbor_record_set_batches (self, batches, n);
  return self;
}

ArborRecord *
arbor_record_ref (ArborRecord *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
arbor_record_unref (ArborRecord *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->batches);
  g_free (self->first_tree);
  g_free (self);
}

void
arbor_record_set_batches (ArborRecord *self, const ArborBatchEntry *batches, guint32 n)
{
  g_free (self->batches);
  g_free (self->first_tree);
  self->n_batches = n;
  self->batches = g_new (ArborBatchEntry, n);
  self->first_tree = g_new (guint64, (gsize) n + 1);
  self->n_trees = 0;
  self->n_bytes = 0;
  for (guint32 i = 0; i < n; i++)
    {
      self->batches[i] = batches[i];
      self->first_tree[i] = self->n_trees;
      /* Below 2^32 batches of below 2^32 each: neither sum can overflow. */
      self->n_trees += batches[i].n_trees;
      self->n_bytes += batches[i].n_bytes;
    }
  self->first_tree[n] = self->n_trees;
}

static gboolean
set_record_damaged (ArborEnvironment *env, const char *name, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
               _("Store '%s' is damaged: the catalogue entry of arbor '%s' is not what it should "
                 "be"),
               env->path, name);
  return FALSE;
}

static gsize
put_piece_key (guint8 *key, const char *name, guint32 piece)
{
  gsize length = strlen (name);

  memcpy (key, name, length);
  key[length] = 0;
  piece = GUINT32_TO_BE (piece);
  memcpy (key + length + 1, &piece, sizeof piece);
  return length + 5;
}

static void
encode_entries (guint8 *at, const ArborBatchEntry *entries, guint32 n)
{
  for (guint32 i = 0; i < n; i++, at += ENTRY_SIZE)
    {
      arbor_bytes_put_u64 (at, entries[i].id);
      arbor_bytes_put_u64 (at + 8, entries[i].digest);
      arbor_bytes_put_u32 (at + 16, (guint32) entries[i].n_bytes);
      arbor_bytes_put_u32 (at + 20, entries[i].n_trees);
    }
}

static gboolean
decode_entries (const guint8 *at, ArborBatchEntry *entries, guint32 n)
{
  for (guint32 i = 0; i < n; i++, at += ENTRY_SIZE)
    {
      entries[i].id = arbor_bytes_get_u64 (at);
      entries[i].digest = arbor_bytes_get_u64 (at + 8);
      entries[i].n_bytes = arbor_bytes_get_u32 (at + 16);
      entries[i].n_trees = arbor_bytes_get_u32 (at + 20);
      if (entries[i].id == 0 || entries[i].n_trees == 0 ||
          entries[i].n_trees > ARBOR_BATCH_MAX_TREES || entries[i].n_bytes > ARBOR_BATCH_MAX_BYTES)
        return FALSE;
    }
  return TRUE;
}

/* The main value of @name. TRUE with a NULL mv_data when there is none. */
static gboolean
find_record (ArborTxn txn, const char *name, MDB_val *value, GError **error)
{
  MDB_val key = arbor_catalog_value_of (name, strlen (name));
  int code = mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &key, value);

  if (code == MDB_NOTFOUND)
    {
      *value = arbor_catalog_value_of (NULL, 0);
      return TRUE;
    }
  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  return arbor_catalog_is_sealed (&key, value, RECORD_SIZE) ||
         set_record_damaged (txn.env, name, error);
}

static gboolean
read_pieces (ArborTxn txn, const char *name, ArborBatchEntry *entries,
             guint32 n)
{
  for (guint32 first = 0; first < n; first += ENTRIES_PER_PIECE)
    {
      guint32 count = MIN (n - first, ENTRIES_PER_PIECE);
      guint8 bytes[PIECE_KEY_MAX];
      MDB_val key =
          arbor_catalog_value_of (bytes, put_piece_key (bytes, name, first / ENTRIES_PER_PIECE));
      MDB_val value;
      const guint8 *at;

      if (mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &key, &value) != 0 ||
          !arbor_catalog_is_sealed (&key, &value, PIECE_SIZE) ||
          value.mv_size != PIECE_SIZE + count * ENTRY_SIZE)
        return FALSE;
      at = value.mv_data;
      if (arbor_bytes_get_u32 (at + 8) != first || arbor_bytes_get_u32 (at + 12) != count ||
          !decode_entries (at + PIECE_SIZE, entries + first, count))
        return FALSE;
    }
  return TRUE;
}

static guint32
count_pieces (guint32 n_batches)
{
  if (n_batches <= ENTRIES_PER_PIECE)
    return 0;
  return (n_batches - 1) / ENTRIES_PER_PIECE + 1;
}

/* Whether the table is large enough for the entries that a record counts: no memory is taken for
 * more than there can be. */
static gboolean
has_room (ArborTxn txn, guint32 n_batches)
{
  MDB_stat stat;

  return mdb_stat (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &stat) == 0 &&
         count_pieces (n_batches) < stat.ms_entries;
}

gboolean
arbor_catalog_read_record (ArborTxn txn, const char *name,
                           ArborRecord **record, GError **error)
{
  g_autoptr (ArborRecord) self = NULL;
  g_autofree ArborBatchEntry *entries = NULL;
  const guint8 *bytes;
  MDB_val value;
  guint32 n;
  gboolean is_good;

  *record = NULL;
  if (!find_record (txn, name, &value, error))
    return FALSE;
  if (value.mv_data == NULL)
    return TRUE;

  bytes = value.mv_data;
  n = arbor_bytes_get_u32 (bytes + 40);
  if (!has_room (txn, n))
    return set_record_damaged (txn.env, name, error);
  entries = g_new (ArborBatchEntry, n);
  if (n <= ENTRIES_PER_PIECE)
    is_good = value.mv_size == RECORD_SIZE + n * ENTRY_SIZE &&
              decode_entries (bytes + RECORD_SIZE, entries, n);
  else
    is_good = value.mv_size == RECORD_SIZE && read_pieces (txn, name, entries, n);
  if (!is_good)
    return set_record_damaged (txn.env, name, error);

  self = arbor_record_new (name);
  arbor_record_set_batches (self, entries, n);
  self->generation = arbor_bytes_get_u64 (bytes + 8);
  self->modified = (gint64) arbor_bytes_get_u64 (bytes + 32);
  if (self->generation == 0 || self->n_trees != arbor_bytes_get_u64 (bytes + 16) ||
      self->n_bytes != arbor_bytes_get_u64 (bytes + 24))
    return set_record_damaged (txn.env, name, error);
  *record = g_steal_pointer (&self);
  return TRUE;
}

gboolean
arbor_catalog_read_generation (ArborTxn txn, const char *name,
                               guint64 *generation, GError **error)
{
  MDB_val value;

  *generation = 0;
  if (!find_record (txn, name, &value, error))
    return FALSE;
  if (value.mv_data != NULL)
    *generation = arbor_bytes_get_u64 ((const guint8 *) value.mv_data + 8);
  return TRUE;
}

/* Writes a value unless the same lies there already. */
static int
put_catalog (ArborTxn txn, MDB_val *key, guint8 *bytes, gsize size)
{
  MDB_dbi catalog = txn.env->tables[ARBOR_TABLE_CATALOG];
  MDB_val value = arbor_catalog_value_of (bytes, size);
  MDB_val old;

  arbor_catalog_seal (key, bytes, size);
  if (mdb_get (txn.mdb, catalog, key, &old) == 0 && old.mv_size == size &&
      memcmp (old.mv_data, bytes, size) == 0)
    return 0;
  return mdb_put (txn.mdb, catalog, key, &value, 0);
}

/* Deletes the pieces of @name from @piece on. */
static int
delete_pieces (ArborTxn txn, const char *name, guint32 piece)
{
  int code = 0;

  while (code == 0)
    {
      guint8 bytes[PIECE_KEY_MAX];
      MDB_val key = arbor_catalog_value_of (bytes, put_piece_key (bytes, name, piece++));

      code = mdb_del (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &key, NULL);
    }
  return code == MDB_NOTFOUND ? 0 : code;
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
      MDB_val key =
          arbor_catalog_value_of (key_bytes, put_piece_key (key_bytes, record->name, piece));

      arbor_bytes_put_u32 (bytes + 8, first);
      arbor_bytes_put_u32 (bytes + 12, count);
      encode_entries (bytes + PIECE_SIZE, record->batches + first, count);
      code = put_catalog (txn, &key, bytes, PIECE_SIZE + count * ENTRY_SIZE);
    }
  return code == 0 ? delete_pieces (txn, record->name, n_pieces) : code;
}

gboolean
arbor_catalog_write_record (ArborTxn txn, const ArborRecord *record,
                            GError **error)
{
  MDB_val key = arbor_catalog_value_of (record->name, strlen (record->name));
  guint8 bytes[RECORD_MAX] = { 0 };
  guint32 n_inline = record->n_batches <= ENTRIES_PER_PIECE ? record->n_batches : 0;
  int code;

  arbor_bytes_put_u64 (bytes + 8, record->generation);
  arbor_bytes_put_u64 (bytes + 16, record->n_trees);
  arbor_bytes_put_u64 (bytes + 24, record->n_bytes);
  arbor_bytes_put_u64 (bytes + 32, (guint64) record->modified);
  arbor_bytes_put_u32 (bytes + 40, record->n_batches);
  encode_entries (bytes + RECORD_SIZE, record->batches, n_inline);
  code = put_catalog (txn, &key, bytes, RECORD_SIZE + n_inline * ENTRY_SIZE);
  if (code == 0)
    code = write_pieces (txn, record);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

gboolean
arbor_catalog_delete_record (ArborTxn txn, const char *name, GError **error)
{
  MDB_val key = arbor_catalog_value_of (name, strlen (name));
  int code = mdb_del (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &key, NULL);

  if (code == 0)
    code = delete_pieces (txn, name, 0);
  return code == 0 || arbor_environment_fail (txn.env, code, error);
}

/* The name that @key is; FALSE when it is a piece of one, or damaged. */
static gboolean
is_name (const MDB_val *key)
{
  return key->mv_size <= ARBOR_NAME_MAX && memchr (key->mv_data, 0, key->mv_size) == NULL &&
         g_utf8_validate (key->mv_data, (gssize) key->mv_size, NULL);
}

static gboolean
list_entry (ArborEnvironment *env, const MDB_val *key, const MDB_val *value, GPtrArray *names,
            GArray *generations, GError **error)
{
  char *name = g_strndup (key->mv_data, key->mv_size);

  g_ptr_array_add (names, name);
  if (!arbor_catalog_is_sealed (key, value, RECORD_SIZE))
    return set_record_damaged (env, name, error);
  if (generations != NULL)
    {
      guint64 generation = arbor_bytes_get_u64 ((const guint8 *) value->mv_data + 8);

      g_array_append_val (generations, generation);
    }
  return TRUE;
}

gboolean
arbor_catalog_list (ArborTxn txn, GPtrArray *names, GArray *generations,
                    GError **error)
{
  guint8 after[ARBOR_NAME_MAX + 1];
  MDB_val key = { 0 };
  MDB_val value;
  MDB_cursor *cursor;
  MDB_cursor_op op = MDB_FIRST;
  gboolean is_good = TRUE;
  int code = mdb_cursor_open (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &cursor);

  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  while (is_good && (code = mdb_cursor_get (cursor, &key, &value, op)) == 0)
    {
      if (!is_name (&key))
        {
          is_good = arbor_storage_set_damaged (error, txn.env->path,
                                               _("its catalogue has an impossible name"));
          break;
        }
      is_good = list_entry (txn.env, &key, &value, names, generations, error);
      /* The next key that is no piece of this name. */
      memcpy (after, key.mv_data, key.mv_size);
      after[key.mv_size] = 1;
      key = arbor_catalog_value_of (after, key.mv_size + 1);
      op = MDB_SET_RANGE;
    }
  mdb_cursor_close (cursor);
  if (is_good && code != MDB_NOTFOUND)
    return arbor_environment_fail (txn.env, code, error);
  return is_good;
}
