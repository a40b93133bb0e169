/* See arbor-unique.h. Where keys are paths of fields, most trees are known by a small number for
 * their key (arbor-key-ids.h). The others are looked up: the keys seen are the rows of a table; an
 * open hash table of row numbers, at most half full, finds them by the hash of all keys.
 */

#include "query/order/arbor-unique.h"

#include "batch/arbor-value-access.h"
#include "query/series/arbor-key-ids.h"
#include "query/order/arbor-sort-table.h"

#define FIRST_PIECE   64u
#define LARGEST_PIECE ARBOR_BATCH_MAX_TREES
#define FREE          G_MAXUINT32

struct _ArborUnique
{
  ArborSelection *parent;
  ArborSortTable *table;
  ArborKeyIds *ids; /* or NULL; tags of what was seen are 0 */
  guint64 position; /* of the next tree of the parent */
  guint32 piece;    /* trees in the next step */
  guint64 *hashes;  /* of each row */
  gsize hashes_capacity;
  guint32 *slots;
  gsize n_slots; /* a power of two, or 0 */
};

ArborUnique *
arbor_unique_new (ArborSelection *parent, ArborSortKeys *keys)
{
  ArborUnique *self = g_new0 (ArborUnique, 1);

  self->parent = arbor_selection_ref (parent);
  self->table = arbor_sort_table_new (keys, "unique_by", TRUE);
  self->ids = arbor_key_ids_new (keys->nodes, keys->n);
  self->piece = FIRST_PIECE;
  return self;
}

void
arbor_unique_free (ArborUnique *self)
{
  arbor_sort_table_free (self->table);
  arbor_key_ids_free (self->ids);
  arbor_selection_unref (self->parent);
  g_free (self->hashes);
  g_free (self->slots);
  g_free (self);
}

static gboolean
make_room (ArborUnique *self, GError **error)
{
  ArborCharge *charge = &self->table->charge;
  gsize n_rows = self->table->n_rows;
  gsize n_slots = MAX (self->n_slots * 2, 256);
  guint32 *slots;

  if (!arbor_charge_grow (charge, &self->hashes, &self->hashes_capacity, n_rows + 1,
                          sizeof (guint64), error))
    return FALSE;
  if (n_rows < self->n_slots / 2)
    return TRUE;

  slots = arbor_charge_alloc (charge, n_slots, sizeof (guint32), error);
  if (slots == NULL)
    return FALSE;
  memset (slots, 0xFF, n_slots * sizeof (guint32));
  for (gsize row = 0; row < n_rows; row++)
    {
      gsize slot = self->hashes[row] & (n_slots - 1);

      while (slots[slot] != FREE)
        slot = (slot + 1) & (n_slots - 1);
      slots[slot] = (guint32)row;
    }
  arbor_charge_subtract (charge, self->n_slots * sizeof (guint32));
  g_free (self->slots);
  self->slots = slots;
  self->n_slots = n_slots;
  return TRUE;
}

static guint64
hash_at_hand (ArborSortTable *table)
{
  guint64 hash = 0;

  for (guint32 i = 0; i < table->keys->n; i++)
    {
      hash = (hash ^ arbor_value_hash (&table->values[i], table->scope)) *
             G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
      hash ^= hash >> 32;
    }
  return hash;
}

static gboolean
is_at_hand (ArborSortTable *table, gsize row)
{
  for (guint32 i = 0; i < table->keys->n; i++)
    {
      ArborValue value;

      arbor_sort_column_get (&table->columns[i], row, &value);
      if (!arbor_value_equal (&value, &table->values[i], table->scope))
        return FALSE;
    }
  return TRUE;
}

/* Adds the tree at @index to the table and to @list unless its keys were seen. */
static gboolean
add_new (ArborUnique *self, ArborAccess *access, guint32 index, ArborIndices *list, GError **error)
{
  ArborSortTable *table = self->table;
  guint64 hash;
  gsize slot;

  if (!make_room (self, error) || !arbor_sort_table_seek (table, access, index, error))
    return FALSE;
  for (guint32 i = 0; i < table->keys->n; i++)
    if (!arbor_sort_table_evaluate (table, i, error))
      return FALSE;

  hash = hash_at_hand (table);
  slot = hash & (self->n_slots - 1);
  while (self->slots[slot] != FREE)
    {
      guint32 row = self->slots[slot];

      if (self->hashes[row] == hash && is_at_hand (table, row))
        return TRUE;
      slot = (slot + 1) & (self->n_slots - 1);
    }

  if (!arbor_indices_make_room (list, list->n + 1, error) ||
      !arbor_sort_table_append (table, error))
    return FALSE;
  self->hashes[table->n_rows - 1] = hash;
  self->slots[slot] = (guint32)(table->n_rows - 1);
  list->indices[list->n++] = index;
  return TRUE;
}

typedef struct
{
  ArborUnique *unique;
  ArborAccess *access;
  ArborIndices *list;
} Visit;

/* Position by position: after an error the next call goes on with the tree that had it. */
static gboolean
visit_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Visit *visit = data;
  ArborUnique *self = visit->unique;
  ArborIds ids;
  gboolean has_ids = self->ids != NULL && arbor_key_ids_find (self->ids, rows, scope, &ids);

  for (guint32 i = 0; i < rows->n; i++, self->position++)
    {
      if (has_ids && ids.tags[ids.ids[i]] != ARBOR_NO_TAG)
        continue;
      if (!add_new (self, visit->access, (guint32)(rows->first + arbor_rows_get (rows, i)),
                    visit->list, error))
        return FALSE;
      if (has_ids)
        ids.tags[ids.ids[i]] = 0;
    }
  return TRUE;
}

gboolean
arbor_unique_run (ArborUnique *self, ArborAccess *access, guint64 n_wanted, ArborIndices *list,
                  gboolean *is_complete, GCancellable *cancellable, GError **error)
{
  g_autofree guint32 *piece = g_new (guint32, LARGEST_PIECE);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Visit visit = { self, access, list };

  arbor_sort_table_leave (self->table);
  if (self->ids != NULL)
    arbor_key_ids_forget (self->ids);
  while (!*is_complete && list->n < n_wanted)
    {
      guint32 n_read;

      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (self->parent, access, self->position, self->piece, piece, &n_read,
                                 cancellable, error) ||
          !arbor_trees_visit_batches (access, piece, n_read, scope, visit_rows, &visit, error))
        return FALSE;
      *is_complete = n_read < self->piece;
      self->piece = MIN (self->piece * 4, LARGEST_PIECE);
    }
  return TRUE;
}
