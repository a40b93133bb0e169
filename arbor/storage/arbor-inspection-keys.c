/* Tables of keys, which lie behind their batches (docs/dev/format.md). Nothing of the data is in them: a damaged
 * one is made anew where it is needed. See arbor-inspection.h.
 */

#include "storage/arbor-inspection-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "batch/arbor-key-table.h"
#include "storage/arbor-pages-private.h"

#define TABLE_KEY 10u
/* With 65,536 keys, 4 bytes each, it is a quarter of that. */
#define MAX_TABLE (1u << 20)

/* One that was found. */
typedef struct
{
  guint64 id;    /* of the batch */
  GBytes *bytes; /* NULL: it lies in pages of its own */
  guint64 page;  /* from this one on */
  guint32 size;
} FoundTable;

static void
found_table_free (gpointer data)
{
  FoundTable *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

GHashTable *
arbor_inspection_new_key_tables (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, found_table_free);
}

gboolean
arbor_inspection_is_key_table (const guint8 *key, gsize key_size)
{
  return key_size == TABLE_KEY && key[8] == 'k' && key[9] == 0;
}

void
arbor_inspection_note_key_table (ArborInspection *self, const guint8 *key, const guint8 *value,
                                 guint32 size, guint64 page)
{
  FoundTable *table = g_new0 (FoundTable, 1);

  *table = (FoundTable){ arbor_catalog_get_id_key (key), value != NULL ? g_bytes_new (value, size) : NULL, page,
                         size };
  g_hash_table_replace (self->key_tables, &table->id, table);
}

/* NULL: they cannot be read. */
static GBytes *
read_found (ArborInspection *self, const FoundTable *table)
{
  g_autofree guint8 *bytes = NULL;

  if (table->bytes != NULL)
    return g_bytes_ref (table->bytes);
  if (table->size == 0 || table->size > MAX_TABLE)
    return NULL;
  bytes = g_malloc (table->size);
  if (arbor_inspection_read_at (self, bytes, table->size,
                           table->page * self->counts.page_size + ARBOR_PAGE_HEADER) != (gssize) table->size)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), table->size);
}

void
arbor_inspection_check_key_table (ArborInspection *self, const ArborInspectedArbor *arbor,
                                  const ArborBatchEntry *batch)
{
  const FoundTable *found = g_hash_table_lookup (self->key_tables, &batch->id);
  const ArborKeys *keys = arbor->record->keys;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborKeyTable) table = NULL;
  g_autofree char *message = NULL;

  if (found == NULL || keys == NULL)
    return;
  bytes = read_found (self, found);
  if (bytes != NULL)
    table = arbor_key_table_open (bytes, batch->digest, batch->n_rows, keys->paths, keys->n_paths, NULL);
  if (table != NULL)
    return;
  message = g_strdup_printf (_("the table of keys of batch %" PRIu64 " is damaged; no data is in it, and it is made "
                               "anew where it is needed"),
                             batch->id);
  arbor_inspection_find (self, &(ArborFindingInfo){ .kind = ARBOR_FINDING_KEYS,
                                                    .name = arbor->name,
                                                    .batch = batch->id,
                                                    .message = message });
}

void
arbor_inspection_check_unused_key_tables (ArborInspection *self)
{
  GHashTableIter iter;
  gpointer data;

  g_hash_table_iter_init (&iter, self->key_tables);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      const FoundTable *table = data;
      g_autofree char *message = NULL;

      /* One whose arbor has no keys any more is of no harm, and goes with its batch. */
      if (g_hash_table_contains (self->extents, &table->id))
        continue;
      message =
          g_strdup_printf (_("there is a table of keys of batch %" PRIu64 ", which is not there"), table->id);
      arbor_inspection_find (self, &(ArborFindingInfo){ .kind = ARBOR_FINDING_REFERENCE,
                                                        .batch = table->id,
                                                        .message = message });
    }
}
