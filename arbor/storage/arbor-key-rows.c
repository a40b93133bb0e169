/* See arbor-key-rows.h. */

#include "storage/arbor-key-rows.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-bits.h"
#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-key-table.h"

/* Rows of a batch that are hashed one by one. */
#define FEW_ROWS 16u

const ArborBatchEntry *
arbor_key_rows_get_listed (const ArborKeyRows *self, guint32 place)
{
  return place < self->fresh->n_batches ? &self->fresh->batches[place]
                                        : &self->fresh->patches[place - self->fresh->n_batches];
}

/* Batches */

gboolean
arbor_key_rows_open (ArborKeyRows *self, guint32 place, GError **error)
{
  ArborKeyRowsPlace *at = &self->places[place];
  const ArborBatchEntry *listed = arbor_key_rows_get_listed (self, place);
  gboolean is_own = listed->id >= self->first_own;
  const guint8 *data;
  gsize length;

  if (at->batch != NULL)
    return TRUE;
  data = (is_own ? arbor_catalog_read_own_batch : arbor_catalog_read_batch) (self->txn, listed->id,
                                                                             &length, error);
  if (data == NULL)
    return FALSE;
  if ((guintptr) data % ARBOR_BATCH_ALIGNMENT != ARBOR_BATCH_PHASE)
    {
      at->bytes = arbor_batch_try_copy_bytes (data, length, error);
      if (at->bytes == NULL)
        return FALSE;
      data = g_bytes_get_data (at->bytes, NULL);
    }
  at->batch = arbor_batch_open (data, length, error);
  if (at->batch == NULL)
    return FALSE;
  if (arbor_batch_get_digest (at->batch) != listed->digest ||
      arbor_batch_get_n_trees (at->batch) != listed->n_rows)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                   _("A batch of arbor '%s' is not the one that the catalogue lists"),
                   self->fresh->name);
      return FALSE;
    }
  /* What this transaction writes may be undone, and its id drawn again. */
  if (!is_own)
    arbor_known_set_checks (self->txn.env->known, listed->id, at->batch);
  return TRUE;
}

gboolean
arbor_key_rows_hash_all (ArborKeyRows *self, guint32 place, GError **error)
{
  ArborKeyRowsPlace *at = &self->places[place];
  guint32 n_rows;

  if (at->hashes != NULL)
    return TRUE;
  if (!arbor_key_rows_open (self, place, error))
    return FALSE;
  n_rows = arbor_batch_get_n_trees (at->batch);
  at->hashes = g_new (guint64, n_rows);
  at->has_key = g_new (guint8, n_rows);
  return arbor_key_hash_rows (at->batch, self->keys->paths, self->keys->n_paths, at->hashes,
                              at->has_key, error);
}

void
arbor_key_rows_forget (ArborKeyRows *self, guint32 place)
{
  ArborKeyRowsPlace *at = &self->places[place];

  g_clear_pointer (&at->batch, arbor_batch_free);
  g_clear_pointer (&at->bytes, g_bytes_unref);
  g_clear_pointer (&at->hashes, g_free);
  g_clear_pointer (&at->has_key, g_free);
}

/* Bases are gone through one after the other, and there may be many: those behind are let go. */
static void
move_on (ArborKeyRows *self, guint32 place)
{
  if (place >= self->fresh->n_batches || place == self->last_base)
    return;
  if (self->last_base < self->fresh->n_batches)
    arbor_key_rows_forget (self, self->last_base);
  self->last_base = place;
}

/* The hash of a row's key, or that it has none. */
gboolean
arbor_key_rows_hash (ArborKeyRows *self, guint32 place, guint32 row, guint64 *hash, guint8 *has_key,
                     GError **error)
{
  ArborKeyRowsPlace *at = &self->places[place];

  move_on (self, place);
  if (at->hashes == NULL && at->n_wanted <= FEW_ROWS && arbor_key_rows_open (self, place, error))
    {
      ArborValue values[ARBOR_KEYS_MAX_PATHS];

      arbor_key_read_row (at->batch, row, self->keys->paths, self->keys->n_paths, self->scope,
                          values);
      *has_key =
          arbor_key_hash (values, self->keys->n_paths, hash) ? ARBOR_ROW_KEY : ARBOR_ROW_NO_KEY;
      for (guint i = 0; i < self->keys->n_paths; i++)
        if (values[i].kind == ARBOR_KIND_ARRAY || values[i].kind == ARBOR_KIND_OBJECT)
          *has_key = ARBOR_ROW_CONTAINER;
      if (!arbor_scope_check (self->scope, error))
        return FALSE;
      arbor_scope_reset (self->scope);
      return TRUE;
    }
  if (!arbor_key_rows_hash_all (self, place, error))
    return FALSE;
  *hash = at->hashes[row];
  *has_key = at->has_key[row];
  return TRUE;
}

/* Which trees are new */

guint32
arbor_key_rows_find_patch (const ArborKeyRows *self, guint64 patch)
{
  return self->fresh->n_batches +
         (guint32) (arbor_record_find_patch (self->fresh, patch) - self->fresh->patches);
}

static guint32
find_place (const ArborKeyRows *self, guint32 entry, guint32 number)
{
  if (number == 0)
    return entry;
  return arbor_key_rows_find_patch (self, self->fresh->batches[entry].mend->patches[number - 1]);
}

static void
add_run (ArborKeyRows *self, guint32 place, guint32 row, guint32 n, guint64 tree)
{
  const ArborKeyRowsRun run = { place, row, n, (guint32) tree };

  if (n == 0)
    return;
  g_array_append_val (self->runs, run);
  self->places[place].n_wanted += n;
}

/* Rows of one batch that an entry had before. */
static guint64 *
list_old_rows (const ArborMend *mend, guint32 n_rows, guint64 patch)
{
  guint64 *bits = g_new0 (guint64, arbor_bits_n_words (ARBOR_BATCH_MAX_TREES));

  if (mend == NULL)
    {
      for (guint32 row = 0; patch == 0 && row < n_rows; row++)
        bits[row / 64] |= G_GUINT64_CONSTANT (1) << (row % 64);
      return bits;
    }
  for (guint32 i = 0; i < mend->n_parts; i++)
    {
      const ArborMendPart *part = &mend->parts[i];

      if ((part->batch == 0 ? 0 : mend->patches[part->batch - 1]) == patch)
        for (guint32 row = part->first_row; row < part->first_row + part->n_rows; row++)
          bits[row / 64] |= G_GUINT64_CONSTANT (1) << (row % 64);
    }
  return bits;
}

/* An entry whose base was listed, with another mend. */
static void
list_changed (ArborKeyRows *self, guint32 entry, const ArborBatchEntry *old)
{
  const ArborBatchEntry *listed = &self->fresh->batches[entry];
  const ArborMendPart whole = { 0, 0, listed->n_rows };
  const ArborMend *mend = listed->mend;
  guint32 n_parts = mend != NULL ? mend->n_parts : 1;
  guint32 n_batches = mend != NULL ? mend->n_patches + 1 : 1;
  g_autofree guint64 **bits = g_new0 (guint64 *, n_batches);
  guint64 tree = self->fresh->first_tree[entry];

  for (guint32 i = 0; i < n_parts; i++)
    {
      const ArborMendPart *part = mend != NULL ? &mend->parts[i] : &whole;
      guint32 place = find_place (self, entry, part->batch);

      if (bits[part->batch] == NULL)
        bits[part->batch] = list_old_rows (old->mend, old->n_rows,
                                           part->batch == 0 ? 0 : mend->patches[part->batch - 1]);
      for (guint32 row = part->first_row, end; row < part->first_row + part->n_rows; row = end)
        {
          gboolean is_old = arbor_bits_test (bits[part->batch], row);

          for (end = row + 1; end < part->first_row + part->n_rows &&
                              arbor_bits_test (bits[part->batch], end) == is_old;)
            end++;
          if (!is_old)
            add_run (self, place, row, end - row, tree + (row - part->first_row));
        }
      tree += part->n_rows;
    }
  for (guint32 i = 0; i < n_batches; i++)
    g_free (bits[i]);
}

static void
list_entry (ArborKeyRows *self, guint32 entry)
{
  const ArborBatchEntry *listed = &self->fresh->batches[entry];
  const ArborMend *mend = listed->mend;
  guint64 tree = self->fresh->first_tree[entry];

  if (mend == NULL)
    add_run (self, entry, 0, listed->n_rows, tree);
  for (guint32 i = 0; mend != NULL && i < mend->n_parts; i++)
    {
      add_run (self, find_place (self, entry, mend->parts[i].batch), mend->parts[i].first_row,
               mend->parts[i].n_rows, tree);
      tree += mend->parts[i].n_rows;
    }
}

static const ArborBatchEntry *
find_old (const ArborKeyRows *self, guint64 id)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->of_base, &id));

  return index > 0 ? &self->base->batches[index - 1] : NULL;
}

static void
list_new_runs (ArborKeyRows *self)
{
  for (guint32 i = 0; i < self->fresh->n_batches; i++)
    {
      const ArborBatchEntry *listed = &self->fresh->batches[i];
      const ArborBatchEntry *old = find_old (self, listed->id);

      self->places[i].is_known = old != NULL;
      if (old == NULL)
        list_entry (self, i);
      else if (!arbor_mend_equal (old->mend, listed->mend))
        list_changed (self, i, old);
    }
  for (guint32 i = 0; i < self->fresh->n_patches; i++)
    self->places[self->fresh->n_batches + i].is_known =
        self->base != NULL &&
        arbor_record_find_patch (self->base, self->fresh->patches[i].id) != NULL;
}

void
arbor_key_rows_list_all (ArborKeyRows *self)
{
  g_array_set_size (self->runs, 0);
  for (guint32 i = 0; i < self->fresh->n_batches; i++)
    list_entry (self, i);
}

void
arbor_key_rows_init (ArborKeyRows *self, ArborTxn txn, guint64 first_own, const ArborRecord *fresh,
                     const ArborRecord *base)
{
  *self = (ArborKeyRows){ .txn = txn,
                          .first_own = first_own,
                          .fresh = fresh,
                          .base = base,
                          .keys = fresh->keys,
                          .n_places = fresh->n_batches + fresh->n_patches,
                          .last_base = G_MAXUINT32,
                          .of_base = g_hash_table_new (g_int64_hash, g_int64_equal),
                          .runs = g_array_new (FALSE, FALSE, sizeof (ArborKeyRowsRun)),
                          .scope = arbor_scope_new () };
  self->places = g_new0 (ArborKeyRowsPlace, self->n_places);
  for (guint32 i = 0; base != NULL && i < base->n_batches; i++)
    g_hash_table_insert (self->of_base, &base->batches[i].id, GUINT_TO_POINTER (i + 1));
  list_new_runs (self);
}

void
arbor_key_rows_clear (ArborKeyRows *self)
{
  for (guint32 i = 0; i < self->n_places; i++)
    arbor_key_rows_forget (self, i);
  g_free (self->places);
  g_clear_pointer (&self->of_base, g_hash_table_unref);
  g_clear_pointer (&self->runs, g_array_unref);
  g_clear_pointer (&self->scope, arbor_scope_free);
}
