/* Records as they are read. See arbor-record-private.h for the bytes. */

#include "storage/arbor-record-private.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-storage-error.h"

#define MOST_SALVAGED (1u << 24) /* entries: no record has so many */

/* How a value lists entries. */
typedef struct
{
  gsize header; /* bytes before the entries */
  guint32 n;
  guint32 n_inline; /* the most that lie in the value */
  guint32 per_piece;
  gsize n_key_bytes;
} Layout;

static gboolean
set_record_damaged (ArborEnvironment *env, const char *name, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
               _("Store '%s' is damaged: the catalogue entry of arbor '%s' is not what it should "
                 "be"),
               env->path, name);
  return FALSE;
}

gsize
arbor_record_put_piece_key (guint8 *key, const char *name, guint32 piece)
{
  gsize length = strlen (name);

  memcpy (key, name, length);
  key[length] = 0;
  piece = GUINT32_TO_BE (piece);
  memcpy (key + length + 1, &piece, sizeof piece);
  return length + 5;
}

static gboolean
decode_entries (const guint8 *at, ArborBatchEntry *entries, gboolean *is_mended, guint32 n)
{
  for (guint32 i = 0; i < n; i++, at += ENTRY_SIZE)
    {
      guint32 n_bytes = arbor_bytes_get_u32 (at + 16);

      is_mended[i] = (n_bytes & IS_MENDED) != 0;
      entries[i] = (ArborBatchEntry){ .id = arbor_bytes_get_u64 (at),
                                      .digest = arbor_bytes_get_u64 (at + 8),
                                      .n_bytes = n_bytes & ~IS_MENDED };
      entries[i].n_trees = entries[i].n_rows = arbor_bytes_get_u32 (at + 20);
      if (entries[i].id == 0 || entries[i].n_rows == 0 ||
          entries[i].n_rows > ARBOR_BATCH_MAX_TREES || entries[i].n_bytes > ARBOR_BATCH_MAX_BYTES)
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
  return arbor_catalog_is_sealed (&key, value, RECORD_SIZE_1) ||
         set_record_damaged (txn.env, name, error);
}

static gboolean
get_layout (const MDB_val *value, Layout *layout)
{
  const guint8 *bytes = value->mv_data;
  guint32 version = arbor_bytes_get_u32 (bytes + 44);

  layout->n = arbor_bytes_get_u32 (bytes + 40);
  layout->n_key_bytes = 0;
  if (version == 0)
    {
      layout->header = RECORD_SIZE_1;
      layout->n_inline = layout->per_piece = ENTRIES_PER_PIECE_1;
      return TRUE;
    }
  if (version != RECORD_VERSION || value->mv_size < RECORD_SIZE)
    return FALSE;
  layout->n_key_bytes = arbor_bytes_get_u32 (bytes + 48);
  layout->header = RECORD_SIZE + layout->n_key_bytes;
  layout->n_inline = ENTRIES_INLINE;
  layout->per_piece = ENTRIES_PER_PIECE;
  return layout->n_key_bytes <= ARBOR_KEYS_MAX;
}

gboolean
arbor_catalog_look (ArborTxn txn, const MDB_val *key, gsize least, MDB_val *value)
{
  if (txn.found != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (key->mv_data, key->mv_size);
      GBytes *known, *found = NULL;
      gsize size;

      if (!g_hash_table_lookup_extended (txn.found->values, bytes, (gpointer *) &known,
                                         (gpointer *) &found))
        return FALSE;
      g_hash_table_add (txn.found->used, known);
      value->mv_data = (void *) g_bytes_get_data (found, &size);
      value->mv_size = size;
    }
  else if (mdb_get (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], (MDB_val *) key, value) != 0)
    return FALSE;
  return arbor_catalog_is_sealed (key, value, least);
}

/* The entries from @first on. */
static gboolean
read_piece (ArborTxn txn, const char *name, const Layout *layout, guint32 first,
            ArborBatchEntry *entries, gboolean *is_mended)
{
  guint32 count = MIN (layout->n - first, layout->per_piece);
  guint8 bytes[PIECE_KEY_MAX];
  gsize length = arbor_record_put_piece_key (bytes, name, first / layout->per_piece);
  MDB_val key = arbor_catalog_value_of (bytes, length);
  MDB_val value;
  const guint8 *at;

  if (!arbor_catalog_look (txn, &key, PIECE_SIZE, &value) ||
      value.mv_size != PIECE_SIZE + count * ENTRY_SIZE)
    return FALSE;
  at = value.mv_data;
  return arbor_bytes_get_u32 (at + 8) == first && arbor_bytes_get_u32 (at + 12) == count &&
         decode_entries (at + PIECE_SIZE, entries + first, is_mended + first, count);
}

static gboolean
read_pieces (ArborTxn txn, const char *name, const Layout *layout, ArborBatchEntry *entries,
             gboolean *is_mended)
{
  for (guint32 first = 0; first < layout->n; first += layout->per_piece)
    if (!read_piece (txn, name, layout, first, entries, is_mended))
      return FALSE;
  return TRUE;
}

/* Whether the table is large enough for the entries that a record counts: no memory is taken for
 * more than there can be. */
static gboolean
has_room (ArborTxn txn, const Layout *layout)
{
  MDB_stat stat;

  return layout->n <= layout->n_inline ||
         (mdb_stat (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &stat) == 0 &&
          (layout->n - 1) / layout->per_piece + 1 < stat.ms_entries);
}

/* Patches of the record so far, each once. */
static gboolean
note_patches (ArborTxn txn, const GArray *ids, GHashTable *known, GArray *patches, guint32 *n_rows)
{
  for (guint i = 0; i < ids->len; i++)
    {
      guint64 id = g_array_index (ids, guint64, i);
      gpointer place;

      if (!g_hash_table_lookup_extended (known, &id, NULL, &place))
        {
          ArborBatchEntry patch;

          if (!arbor_mend_table_read_patch (txn, id, &patch))
            return FALSE;
          place = GUINT_TO_POINTER (patches->len);
          g_array_append_val (patches, patch);
          g_hash_table_insert (known, g_memdup2 (&id, sizeof id), place);
        }
      n_rows[i] = g_array_index (patches, ArborBatchEntry, GPOINTER_TO_UINT (place)).n_rows;
    }
  return TRUE;
}

/* The rows of each patch as the mend numbers them. */
static guint32 *
order_rows (const ArborMend *mend, const GArray *ids, const guint32 *n_rows)
{
  guint32 *ordered = g_new (guint32, ids->len + 1);

  for (guint32 i = 0; i < mend->n_patches; i++)
    for (guint j = 0; j < ids->len; j++)
      if (g_array_index (ids, guint64, j) == mend->patches[i])
        ordered[i] = n_rows[j];
  return ordered;
}

static gboolean
read_mend (ArborTxn txn, ArborBatchEntry *entry, GHashTable *known, GArray *patches, GArray *parts,
           GArray *ids)
{
  g_autofree guint32 *n_rows = NULL;
  g_autofree guint32 *ordered = NULL;

  if (!arbor_mend_table_read (txn, entry->id, entry->n_rows, parts, ids))
    return FALSE;
  n_rows = g_new (guint32, ids->len + 1);
  if (!note_patches (txn, ids, known, patches, n_rows))
    return FALSE;
  entry->mend = arbor_mend_new ((const ArborMendPart *) (gconstpointer) parts->data, parts->len,
                                (const guint64 *) (gconstpointer) ids->data, ids->len);
  if (entry->mend == NULL)
    return FALSE;
  entry->n_trees = entry->mend->n_trees;
  ordered = order_rows (entry->mend, ids, n_rows);
  return arbor_mend_check (entry->mend, entry->n_rows, ordered);
}

static gboolean
read_mends (ArborTxn txn, ArborBatchEntry *entries, const gboolean *is_mended, guint32 n,
            GArray *patches)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (ArborMendPart));
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint32 i = 0; i < n; i++)
    if (is_mended[i] && !read_mend (txn, &entries[i], known, patches, parts, ids))
      return FALSE;
  return TRUE;
}

static void
clear_entries (ArborBatchEntry *entries, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    g_clear_pointer (&entries[i].mend, arbor_mend_unref);
}

/* NULL: damaged. */
static ArborRecord *
decode_record (ArborTxn txn, const char *name, const MDB_val *value, const Layout *layout)
{
  g_autofree ArborBatchEntry *entries = g_new0 (ArborBatchEntry, layout->n);
  g_autofree gboolean *is_mended = g_new0 (gboolean, layout->n);
  g_autoptr (GArray) patches = g_array_new (FALSE, FALSE, sizeof (ArborBatchEntry));
  g_autoptr (ArborRecord) self = NULL;
  const guint8 *bytes = value->mv_data;
  gboolean is_good;

  if (layout->n <= layout->n_inline)
    is_good = value->mv_size == layout->header + layout->n * ENTRY_SIZE &&
              decode_entries (bytes + layout->header, entries, is_mended, layout->n);
  else
    is_good = value->mv_size == layout->header && read_pieces (txn, name, layout, entries, is_mended);
  is_good = is_good && read_mends (txn, entries, is_mended, layout->n, patches);
  if (is_good)
    {
      self = arbor_record_new (name);
      arbor_record_set_batches (self, entries, layout->n);
      arbor_record_set_patches (self, (const ArborBatchEntry *) (gconstpointer) patches->data,
                                patches->len);
      self->generation = arbor_bytes_get_u64 (bytes + 8);
      self->modified = (gint64) arbor_bytes_get_u64 (bytes + 32);
      if (layout->n_key_bytes > 0)
        self->keys = arbor_keys_read (bytes + RECORD_SIZE, layout->n_key_bytes, NULL);
    }
  clear_entries (entries, layout->n);
  if (self == NULL || (layout->n_key_bytes > 0 && self->keys == NULL) || self->generation == 0 ||
      self->n_trees != arbor_bytes_get_u64 (bytes + 16) ||
      self->n_bytes != arbor_bytes_get_u64 (bytes + 24))
    return NULL;
  return g_steal_pointer (&self);
}

/* What is left of a record */

/* Leaves out parts of patches of which nothing is known, or that do not have so many rows. */
static guint32
drop_unknown (ArborTxn txn, const GArray *ids, GHashTable *known, GArray *patches, GArray *parts)
{
  guint32 n_lost = 0;

  for (guint i = parts->len; i-- > 0;)
    {
      const ArborMendPart *part = &g_array_index (parts, ArborMendPart, i);
      g_autoptr (GArray) one = g_array_new (FALSE, FALSE, sizeof (guint64));
      guint32 n_rows = 0;

      if (part->batch == 0)
        continue;
      g_array_append_val (one, g_array_index (ids, guint64, part->batch - 1));
      if (note_patches (txn, one, known, patches, &n_rows) && part->first_row < n_rows &&
          part->n_rows <= n_rows - part->first_row)
        continue;
      n_lost += part->n_rows;
      g_array_remove_index (parts, i);
    }
  return n_lost;
}

/* What is known of a mend that is not whole. FALSE: nothing. */
static gboolean
salvage_mend (ArborTxn txn, ArborBatchEntry *entry, GHashTable *known, GArray *patches, GArray *parts,
              GArray *ids, guint32 *n_lost)
{
  g_clear_pointer (&entry->mend, arbor_mend_unref);
  if (!arbor_mend_table_salvage (txn, entry->id, entry->n_rows, parts, ids, n_lost))
    {
      *n_lost = entry->n_rows;
      return FALSE;
    }
  *n_lost += drop_unknown (txn, ids, known, patches, parts);
  entry->mend = arbor_mend_new ((const ArborMendPart *) (gconstpointer) parts->data, parts->len,
                                (const guint64 *) (gconstpointer) ids->data, ids->len);
  if (entry->mend == NULL)
    {
      *n_lost = entry->n_rows;
      return FALSE;
    }
  entry->n_trees = entry->mend->n_trees;
  return TRUE;
}

/* Drops the entries that could not be read, and numbers the others. */
static guint32
drop_lost (ArborBatchEntry *entries, const gboolean *is_lost, guint32 n, guint32 *places)
{
  guint32 n_left = 0;

  for (guint32 i = 0; i < n; i++)
    if (!is_lost[i])
      {
        entries[n_left] = entries[i];
        places[n_left++] = i;
      }
  return n_left;
}

static void
salvage_entries (ArborTxn txn, const char *name, const MDB_val *value, const Layout *layout,
                 ArborSalvage *salvage)
{
  g_autofree ArborBatchEntry *entries = g_new0 (ArborBatchEntry, layout->n);
  g_autofree gboolean *is_mended = g_new0 (gboolean, layout->n);
  g_autofree gboolean *is_lost = g_new0 (gboolean, layout->n);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) patches = g_array_new (FALSE, FALSE, sizeof (ArborBatchEntry));
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (ArborMendPart));
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint32 per_piece = layout->n <= layout->n_inline ? MAX (layout->n, 1) : layout->per_piece;
  guint32 n_left;

  for (guint32 first = 0; first < layout->n; first += per_piece)
    {
      guint32 count = MIN (layout->n - first, per_piece);
      gboolean is_good =
          layout->n > layout->n_inline
              ? read_piece (txn, name, layout, first, entries, is_mended)
              : value->mv_size == layout->header + layout->n * ENTRY_SIZE &&
                    decode_entries ((const guint8 *) value->mv_data + layout->header, entries,
                                    is_mended, layout->n);

      for (guint32 i = first; i < first + count; i++)
        {
          is_lost[i] = !is_good;
          salvage->n_lost_entries += is_lost[i];
          if (is_good && is_mended[i] && !read_mend (txn, &entries[i], known, patches, parts, ids))
            {
              guint32 n_rows_lost;

              is_lost[i] = !salvage_mend (txn, &entries[i], known, patches, parts, ids, &n_rows_lost);
              salvage->n_lost_mends++;
              salvage->n_lost_trees += n_rows_lost;
            }
        }
    }
  for (guint32 i = 0; i < layout->n; i++)
    if (is_lost[i])
      g_clear_pointer (&entries[i].mend, arbor_mend_unref);
  salvage->places = g_new0 (guint32, layout->n + 1);
  n_left = drop_lost (entries, is_lost, layout->n, salvage->places);
  arbor_record_set_batches (salvage->record, entries, n_left);
  arbor_record_set_patches (salvage->record, (const ArborBatchEntry *) (gconstpointer) patches->data,
                            patches->len);
  clear_entries (entries, n_left);
}

void
arbor_record_salvage (ArborTxn txn, const char *name, ArborSalvage *salvage)
{
  MDB_val key = arbor_catalog_value_of (name, strlen (name));
  Layout layout;
  MDB_val value;

  *salvage = (ArborSalvage){ .record = arbor_record_new (name) };
  if (!arbor_catalog_look (txn, &key, RECORD_SIZE_1, &value) || !get_layout (&value, &layout) ||
      layout.header > value.mv_size || layout.n > MOST_SALVAGED)
    return;
  salvage->is_known = TRUE;
  salvage->n_trees = arbor_bytes_get_u64 ((const guint8 *) value.mv_data + 16);
  salvage->record->generation = arbor_bytes_get_u64 ((const guint8 *) value.mv_data + 8);
  salvage->record->modified = (gint64) arbor_bytes_get_u64 ((const guint8 *) value.mv_data + 32);
  if (layout.n_key_bytes > 0)
    salvage->record->keys = arbor_keys_read ((const guint8 *) value.mv_data + RECORD_SIZE,
                                             layout.n_key_bytes, NULL);
  salvage_entries (txn, name, &value, &layout, salvage);
  salvage->is_whole = salvage->n_lost_entries == 0 && salvage->n_lost_mends == 0 &&
                      salvage->record->n_trees == salvage->n_trees &&
                      salvage->record->n_bytes ==
                          arbor_bytes_get_u64 ((const guint8 *) value.mv_data + 24) &&
                      salvage->record->generation != 0 &&
                      (layout.n_key_bytes > 0) == (salvage->record->keys != NULL);
}

void
arbor_salvage_clear (ArborSalvage *self)
{
  g_clear_pointer (&self->record, arbor_record_unref);
  g_clear_pointer (&self->places, g_free);
}

gboolean
arbor_catalog_read_record (ArborTxn txn, const char *name, ArborRecord **record, GError **error)
{
  Layout layout;
  MDB_val value;
  guint64 seal;

  *record = NULL;
  if (!find_record (txn, name, &value, error))
    return FALSE;
  if (value.mv_data == NULL)
    return TRUE;
  seal = arbor_bytes_get_u64 (value.mv_data);
  *record = arbor_environment_find_record (txn.env, name, seal);
  if (*record != NULL)
    return TRUE;
  if (!get_layout (&value, &layout) || !has_room (txn, &layout))
    return set_record_damaged (txn.env, name, error);
  *record = decode_record (txn, name, &value, &layout);
  if (*record == NULL)
    return set_record_damaged (txn.env, name, error);
  arbor_environment_note_record (txn.env, seal, *record);
  return TRUE;
}

gboolean
arbor_catalog_get_seal (ArborTxn txn, const char *name, guint64 *seal)
{
  MDB_val value;

  if (!find_record (txn, name, &value, NULL) || value.mv_data == NULL)
    return FALSE;
  *seal = arbor_bytes_get_u64 (value.mv_data);
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
  if (!arbor_catalog_is_sealed (key, value, RECORD_SIZE_1))
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
  guint8 after[ARBOR_NAME_MAX + 1] = { 1 }; /* past mends and patches, before all names */
  MDB_val key = arbor_catalog_value_of (after, 1);
  MDB_val value;
  MDB_cursor *cursor;
  gboolean is_good = TRUE;
  int code = mdb_cursor_open (txn.mdb, txn.env->tables[ARBOR_TABLE_CATALOG], &cursor);

  if (code != 0)
    return arbor_environment_fail (txn.env, code, error);
  while (is_good && (code = mdb_cursor_get (cursor, &key, &value, MDB_SET_RANGE)) == 0)
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
    }
  mdb_cursor_close (cursor);
  if (is_good && code != MDB_NOTFOUND)
    return arbor_environment_fail (txn.env, code, error);
  return is_good;
}
