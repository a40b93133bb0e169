/* The keys of what a commit is about to list, looked at inside its transaction: so what they are
 * compared with is what is there, whoever wrote it last.
 *
 * What the name listed before has had its keys looked at, so only trees that are new are
 * (arbor-key-rows.h). New ones are compared with each other, sorted by their hashes, and with the
 * others by the tables of their batches; where so many are new that this would ask more than there
 * are trees, all are sorted together. Equal hashes are followed by a look at the values.
 */

#include "storage/arbor-staging-write.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "base/arbor-error.h"
#include "storage/arbor-key-rows.h"
#include "storage/arbor-key-set.h"
#include "storage/arbor-key-tables.h"

/* Items in memory at a time: of more the hashes are gone through in several rounds. */
#define MOST_ITEMS (8u * 1024u * 1024u)
#define MOST_TEXT  100

/* A row with a key. */
typedef struct
{
  guint64 hash;
  guint32 tree;
  guint32 place;
  guint32 row;
} Item;

typedef struct
{
  ArborKeyRows rows;
  StagedArbor *arbor;
  GArray *items;
} Check;

static void
check_clear (Check *self)
{
  arbor_key_rows_clear (&self->rows);
  g_clear_pointer (&self->items, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

/* Errors */

static gboolean
set_container_error (Check *self, guint32 place, guint32 row, guint32 tree, GError **error)
{
  ArborValue values[ARBOR_KEYS_MAX_PATHS];
  guint at = 0;

  if (!arbor_key_rows_open (&self->rows, place, error))
    return FALSE;
  arbor_key_read_row (self->rows.places[place].batch, row, self->rows.keys->paths,
                      self->rows.keys->n_paths, self->rows.scope, values);
  while (at + 1 < self->rows.keys->n_paths && values[at].kind != ARBOR_KIND_ARRAY &&
         values[at].kind != ARBOR_KIND_OBJECT)
    at++;
  g_set_error (
      error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
      _("Tree %u that arbor '%s' would have has an %s at its key '%s'; a key is a string, a "
         "number or a truth value"),
      tree, self->rows.fresh->name,
      arbor_kind_to_string (values[at].kind == ARBOR_KIND_ARRAY ? ARBOR_KIND_ARRAY
                                                                : ARBOR_KIND_OBJECT),
      self->rows.keys->texts[at]);
  return FALSE;
}

static char *
describe_key (Check *self, const ArborValue *values)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->rows.keys->n_paths; i++)
    {
      ArborBuffer out = { 0 };

      arbor_value_write_json (&values[i], self->rows.scope, &out);
      g_string_append_printf (text, "%s%s ", i > 0 ? ", " : "", self->rows.keys->texts[i]);
      g_string_append_len (text, (const char *) out.data, (gssize) out.length);
      arbor_buffer_free (&out);
    }
  if (g_utf8_strlen (text->str, -1) > MOST_TEXT)
    {
      g_string_truncate (text,
                         (gsize) (g_utf8_offset_to_pointer (text->str, MOST_TEXT) - text->str));
      g_string_append (text, "…");
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
set_exists_error (Check *self, const ArborValue *key, guint32 a, guint32 b, GError **error)
{
  g_autofree char *text = describe_key (self, key);

  g_set_error (
      error, ARBOR_ERROR, ARBOR_ERROR_EXISTS,
      _("Keys of arbor '%s' are unique, and two trees would have the key %s: trees %u and "
         "%u; nothing was changed"),
      self->rows.fresh->name, text, MIN (a, b), MAX (a, b));
  return FALSE;
}

/* Arrays and objects */

static gboolean
is_prepared (const Check *self, guint32 place)
{
  const StagedBatch *staged;

  if (place >= self->rows.fresh->n_batches || self->arbor->prepared == NULL ||
      !arbor_keys_same_paths (self->arbor->prepared, self->rows.keys))
    return FALSE;
  staged = &g_array_index (self->arbor->batches, StagedBatch, place);
  return staged->is_keyed;
}

static gboolean
check_kinds (Check *self, GError **error)
{
  for (guint i = 0; i < self->rows.runs->len; i++)
    {
      const ArborKeyRowsRun *run = &g_array_index (self->rows.runs, ArborKeyRowsRun, i);

      for (guint32 j = 0; j < run->n && !is_prepared (self, run->place); j++)
        {
          guint64 hash;
          guint8 has_key;

          if (!arbor_key_rows_hash (&self->rows, run->place, run->row + j, &hash, &has_key, error))
            return FALSE;
          if (has_key == ARBOR_ROW_CONTAINER)
            return set_container_error (self, run->place, run->row + j, run->tree + j, error);
        }
    }
  return TRUE;
}

/* Keys that come twice */

static int
compare_items (gconstpointer a, gconstpointer b)
{
  const Item *left = a, *right = b;

  if (left->hash != right->hash)
    return left->hash > right->hash ? 1 : -1;
  return (left->tree > right->tree) - (left->tree < right->tree);
}

/* Whether the trees have the same key: FALSE with an error, or without where one cannot be read. */
static gboolean
check_pair (Check *self, const Item *a, const Item *b, GError **error)
{
  ArborValue key[ARBOR_KEYS_MAX_PATHS];
  gboolean is_equal;

  if (!arbor_key_rows_open (&self->rows, a->place, error) ||
      !arbor_key_rows_open (&self->rows, b->place, error))
    return FALSE;
  arbor_key_read_row (self->rows.places[a->place].batch, a->row, self->rows.keys->paths,
                      self->rows.keys->n_paths, self->rows.scope, key);
  is_equal =
      arbor_key_row_equals (self->rows.places[b->place].batch, b->row, self->rows.keys->paths,
                            self->rows.keys->n_paths, key, self->rows.scope);
  if (!arbor_scope_check (self->rows.scope, error))
    return FALSE;
  if (is_equal)
    return set_exists_error (self, key, a->tree, b->tree, error);
  arbor_scope_reset (self->rows.scope);
  return TRUE;
}

/* The items of this round, sorted. */
static gboolean
check_items (Check *self, GError **error)
{
  const Item *items;

  if (self->items->len > 1)
    qsort (self->items->data, self->items->len, sizeof (Item), compare_items);
  items = (const Item *) (gconstpointer) self->items->data;
  for (guint i = 1; i < self->items->len; i++)
    for (guint j = i; j-- > 0 && items[j].hash == items[i].hash;)
      if (!check_pair (self, &items[i], &items[j], error))
        return FALSE;
  return TRUE;
}

/* The items of round @round of @n_rounds. */
static gboolean
list_items (Check *self, guint round, guint n_rounds, GError **error)
{
  g_array_set_size (self->items, 0);
  for (guint i = 0; i < self->rows.runs->len; i++)
    {
      const ArborKeyRowsRun *run = &g_array_index (self->rows.runs, ArborKeyRowsRun, i);
      Item item = { .place = run->place };

      for (guint32 j = 0; j < run->n; j++)
        {
          guint8 has_key;

          if (!arbor_key_rows_hash (&self->rows, run->place, run->row + j, &item.hash, &has_key,
                                    error))
            return FALSE;
          if (has_key != ARBOR_ROW_KEY || (item.hash >> 16) % n_rounds != round)
            continue;
          item.row = run->row + j;
          item.tree = run->tree + j;
          g_array_append_val (self->items, item);
        }
    }
  return TRUE;
}

static gboolean
check_together (Check *self, guint64 n_trees, GError **error)
{
  guint n_rounds = (guint) (n_trees / MOST_ITEMS) + 1;

  for (guint round = 0; round < n_rounds; round++)
    if (!list_items (self, round, n_rounds, error) || !check_items (self, error))
      return FALSE;
  return TRUE;
}

/* The table of a batch that was listed before. */
static ArborKeyTable *
find_table (Check *self, guint32 place, GError **error)
{
  const ArborBatchEntry *listed = arbor_key_rows_get_listed (&self->rows, place);
  ArborKeyTable *table =
      arbor_key_tables_find (self->rows.txn.env->key_tables, listed->id, self->rows.keys);
  g_autoptr (GBytes) bytes = NULL;

  if (table != NULL)
    return table;
  bytes = arbor_catalog_read_key_table (self->rows.txn, listed->id);
  if (bytes != NULL)
    table = arbor_key_table_open (bytes, listed->digest, listed->n_rows, self->rows.keys->paths,
                                  self->rows.keys->n_paths, NULL);
  if (table == NULL && arbor_key_rows_open (&self->rows, place, error))
    table = arbor_key_tables_make (self->rows.places[place].batch, self->rows.keys, error);
  if (table != NULL)
    arbor_key_tables_note (self->rows.txn.env->key_tables, listed->id, self->rows.keys, table);
  return table;
}

static ArborKeySet *
make_set (Check *self, GError **error)
{
  g_autofree ArborKeyTable **tables = g_new0 (ArborKeyTable *, self->rows.n_places);
  g_autoptr (ArborKeySet) set = NULL;

  for (guint32 i = 0; i < self->rows.n_places; i++)
    {
      tables[i] = self->rows.places[i].is_known ? find_table (self, i, error) : NULL;
      if (self->rows.places[i].is_known && tables[i] == NULL)
        {
          set = arbor_key_set_new (tables, i);
          return NULL;
        }
    }
  return arbor_key_set_new (tables, self->rows.n_places);
}

/* The items, which differ from each other, beside all trees of batches that were there. */
static gboolean
check_beside (Check *self, GError **error)
{
  g_autoptr (ArborKeySet) set = make_set (self, error);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (ArborKeyPlace));

  if (set == NULL)
    return FALSE;
  for (guint i = 0; i < self->items->len; i++)
    {
      const Item *item = &g_array_index (self->items, Item, i);

      g_array_set_size (found, 0);
      arbor_key_set_find (set, self->rows.fresh, item->hash, found);
      for (guint j = 0; j < found->len; j++)
        {
          const ArborKeyPlace *place = &g_array_index (found, ArborKeyPlace, j);
          Item other = { .tree = place->tree, .place = place->entry, .row = place->row };

          if (place->patch != 0)
            other.place = arbor_key_rows_find_patch (&self->rows, place->patch);
          if (other.tree != item->tree && !check_pair (self, item, &other, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* A damaged column reads as if its keys were not there. */
static gboolean
check_damage (Check *self, GError **error)
{
  if (!arbor_known_has_damage (self->rows.txn.env->known))
    return TRUE;
  for (guint32 i = 0; i < self->rows.n_places; i++)
    {
      g_autofree char *column =
          arbor_known_dup_damage (self->rows.txn.env->known,
                                  arbor_key_rows_get_listed (&self->rows, i)->id);

      if (column != NULL && self->rows.places[i].batch != NULL)
        {
          g_set_error (
              error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
              _("Keys of arbor '%s' cannot be compared: column '%s' of a batch is damaged"),
              self->rows.fresh->name, column);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_unique (Check *self, GError **error)
{
  guint64 n_new = 0, n_known = 0;

  for (guint i = 0; i < self->rows.runs->len; i++)
    n_new += g_array_index (self->rows.runs, ArborKeyRowsRun, i).n;
  for (guint32 i = 0; i < self->rows.n_places; i++)
    n_known += self->rows.places[i].is_known;
  if (n_new == 0)
    return TRUE;
  /* Rows that were there are listed with those that are new, so each of these meets itself: never
   * as a pair. */
  if (n_known > 0 && (n_new * n_known > 2 * self->rows.fresh->n_trees || n_new > MOST_ITEMS))
    {
      arbor_key_rows_list_all (&self->rows);
      return check_together (self, self->rows.fresh->n_trees, error);
    }
  return check_together (self, n_new, error) && (n_known == 0 || check_beside (self, error));
}

/* Tables */

static const StagedBatch *
find_staged (const Check *self, guint32 place)
{
  guint64 id = arbor_key_rows_get_listed (&self->rows, place)->id;

  if (place < self->rows.fresh->n_batches)
    return &g_array_index (self->arbor->batches, StagedBatch, place);
  for (guint i = 0; i < self->arbor->patches->len; i++)
    if (g_array_index (self->arbor->patches, StagedBatch, i).resolved == id)
      return &g_array_index (self->arbor->patches, StagedBatch, i);
  return NULL;
}

static gboolean
write_table (Check *self, guint32 place, GError **error)
{
  const ArborBatchEntry *listed = arbor_key_rows_get_listed (&self->rows, place);
  const StagedBatch *staged = find_staged (self, place);
  gboolean is_prepared = self->arbor->prepared != NULL &&
                         arbor_keys_same_paths (self->arbor->prepared, self->rows.keys);
  GBytes *table =
      self->arbor->tables != NULL ? g_hash_table_lookup (self->arbor->tables, &listed->id) : NULL;
  g_autoptr (GBytes) made = NULL;

  if (is_prepared && table != NULL)
    return arbor_catalog_write_key_table (self->rows.txn, listed->id, table, error);
  if (is_prepared && staged != NULL && staged->has_table && !staged->is_kept)
    return TRUE;
  if (!arbor_key_rows_hash_all (&self->rows, place, error))
    return FALSE;
  made = arbor_key_table_build_of (self->rows.places[place].batch, self->rows.keys->paths,
                                   self->rows.keys->n_paths, self->rows.places[place].hashes,
                                   self->rows.places[place].has_key);
  arbor_key_rows_forget (&self->rows, place);
  return arbor_catalog_write_key_table (self->rows.txn, listed->id, made, error);
}

static gboolean
write_tables (Check *self, GError **error)
{
  for (guint32 i = 0; i < self->rows.n_places; i++)
    if (!self->rows.places[i].is_known &&
        arbor_key_rows_get_listed (&self->rows, i)->n_rows >= ARBOR_KEY_TABLE_LEAST_ROWS &&
        !write_table (self, i, error))
      return FALSE;
  return TRUE;
}

/* Nothing is declared any more. */
static gboolean
delete_tables (ArborTxn txn, const ArborRecord *fresh, GError **error)
{
  for (guint32 i = 0; i < fresh->n_batches; i++)
    if (!arbor_catalog_delete_key_table (txn, fresh->batches[i].id, error))
      return FALSE;
  for (guint32 i = 0; i < fresh->n_patches; i++)
    if (!arbor_catalog_delete_key_table (txn, fresh->patches[i].id, error))
      return FALSE;
  return TRUE;
}

/* A record of which the new content keeps batches, and whose keys were the same: that of the name,
 * or that of the name that is renamed to it. */
static const ArborRecord *
find_base (const ArborStagingWrite *write, const ArborStagingSwitch *self)
{
  const ArborRecord *fresh = self->fresh;

  if (self->current != NULL)
    return arbor_keys_equal (self->current->keys, fresh->keys) ? self->current : NULL;
  for (guint i = 0; i < write->switches->len; i++)
    {
      const ArborRecord *other = g_array_index (write->switches, ArborStagingSwitch, i).current;

      if (other != NULL && arbor_keys_equal (other->keys, fresh->keys) && other->n_batches > 0 &&
          fresh->n_batches > 0 && other->batches[0].id == fresh->batches[0].id)
        return other;
    }
  return NULL;
}

static gboolean
check_arbor (ArborStagingWrite *write, ArborTxn txn, StagedArbor *arbor,
             const ArborStagingSwitch *self, GError **error)
{
  g_auto (Check) check = { .arbor = arbor };
  const ArborKeys *keys;
  gboolean is_distinct;

  if (self->fresh == NULL || arbor_staging_is_unchanged (self->current, self->fresh))
    return TRUE;
  keys = self->fresh->keys;
  if (keys == NULL)
    return self->current == NULL || self->current->keys == NULL ||
           delete_tables (txn, self->fresh, error);
  arbor_key_rows_init (&check.rows, txn, write->first_batch, self->fresh, find_base (write, self));
  check.items = g_array_new (FALSE, FALSE, sizeof (Item));
  is_distinct = arbor->is_distinct && arbor_keys_same_paths (arbor->prepared, keys);
  return (is_distinct ||
          (check_kinds (&check, error) &&
           (!keys->is_unique || (check_unique (&check, error) && check_damage (&check, error))))) &&
         write_tables (&check, error);
}

gboolean
arbor_staging_check_keys (ArborStagingWrite *write, ArborTxn txn, GError **error)
{
  for (guint i = 0; i < write->staging->arbors->len; i++)
    if (!check_arbor (write, txn, g_ptr_array_index (write->staging->arbors, i),
                      &g_array_index (write->switches, ArborStagingSwitch, i), error))
      return FALSE;
  return TRUE;
}
