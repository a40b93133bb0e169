/* See arbor-content-mend.h. The limits are from a simulation of 100,000 changes, which
 * docs/dev/rationales.md tells of. */

#include "query/content/arbor-content-mend.h"

/* An entry is written anew past so many parts, ... */
#define MOST_PARTS 768u
/* ... when one in so many rows of its base is dead, ... */
#define MOST_DEAD 4u
/* ... or when that costs, by changes since it was written, no more than a change costs anyway: so many bytes,
 * and so many times what a tree has. */
#define CHANGE_BYTES 4096u
#define CHANGE_TREES 8u
/* A batch so small costs as much as a patch. */
#define SMALL_BYTES (2 * ARBOR_BATCH_MIN_BYTES)
/* So many patches of a tier become one; and a tier has so many times the rows of the one before. */
#define TIER 4u
/* Patches of more rows, or of half a full batch, are let be. */
#define FULL_TIER 6u
/* Patches that become one of so many rows may take full ones along. */
#define MANY_ROWS 512u

void
arbor_mender_init (ArborMender *self)
{
  *self = (ArborMender){ .parts = g_array_new (FALSE, FALSE, sizeof (ArborMendPart)),
                         .ids = g_array_new (FALSE, FALSE, sizeof (guint64)) };
}

void
arbor_mender_clear (ArborMender *self)
{
  g_array_unref (self->parts);
  g_array_unref (self->ids);
}

void
arbor_mender_begin (ArborMender *self, const ArborBatchEntry *entry)
{
  const ArborMend *mend = entry->mend;

  self->entry = entry;
  g_array_set_size (self->parts, 0);
  g_array_set_size (self->ids, 0);
  self->whole = (ArborMendPart){ 0, 0, entry->n_rows };
  self->old = mend != NULL ? mend->parts : &self->whole;
  self->n_old = mend != NULL ? mend->n_parts : 1;
  self->part = self->in_part = 0;
  if (mend != NULL && mend->n_patches > 0)
    g_array_append_vals (self->ids, mend->patches, mend->n_patches);
}

guint32
arbor_mender_peek (const ArborMender *self, guint64 *patch, guint32 *row)
{
  const ArborMendPart *part = &self->old[self->part];

  if (self->part == self->n_old)
    return 0;
  *patch = part->batch == 0 ? 0 : g_array_index (self->ids, guint64, part->batch - 1);
  *row = part->first_row + self->in_part;
  return part->n_rows - self->in_part;
}

static void
add_part (ArborMender *self, guint32 batch, guint32 row, guint32 n)
{
  ArborMendPart *last = self->parts->len > 0
                            ? &g_array_index (self->parts, ArborMendPart, self->parts->len - 1)
                            : NULL;
  const ArborMendPart fresh = { batch, row, n };

  if (last != NULL && last->batch == batch && last->first_row + last->n_rows == row)
    last->n_rows += n;
  else
    g_array_append_val (self->parts, fresh);
}

void
arbor_mender_skip (ArborMender *self, guint32 n)
{
  self->in_part += n;
  g_assert (self->in_part <= self->old[self->part].n_rows);
  if (self->in_part == self->old[self->part].n_rows)
    {
      self->part++;
      self->in_part = 0;
    }
}

void
arbor_mender_keep (ArborMender *self, guint32 n)
{
  const ArborMendPart *part = &self->old[self->part];

  add_part (self, part->batch, part->first_row + self->in_part, n);
  arbor_mender_skip (self, n);
}

void
arbor_mender_add (ArborMender *self, guint64 patch, guint32 row, guint32 n)
{
  guint i = self->ids->len;

  /* Mostly one of the last. */
  while (i > 0 && g_array_index (self->ids, guint64, i - 1) != patch)
    i--;
  if (i == 0)
    {
      g_array_append_val (self->ids, patch);
      i = self->ids->len;
    }
  add_part (self, i, row, n);
}

ArborMend *
arbor_mender_finish (ArborMender *self)
{
  ArborMend *mend =
      arbor_mend_new ((const ArborMendPart *) (gconstpointer) self->parts->data, self->parts->len,
                      (const guint64 *) (gconstpointer) self->ids->data, self->ids->len);

  if (mend != NULL && arbor_mend_is_whole (mend, self->entry->n_rows))
    g_clear_pointer (&mend, arbor_mend_unref);
  return mend;
}

/* When */

/* Encoded bytes of the rows that the entry has in patches, about. */
static guint64
count_patched_bytes (const ArborRecord *record, const ArborMend *mend)
{
  guint64 n_bytes = 0;

  for (guint32 i = 0; i < mend->n_parts; i++)
    if (mend->parts[i].batch != 0)
      {
        const ArborBatchEntry *patch =
            arbor_record_find_patch (record, mend->patches[mend->parts[i].batch - 1]);

        /* What a batch takes at least says nothing of its rows. */
        n_bytes += (patch->n_bytes - ARBOR_BATCH_MIN_BYTES) / patch->n_rows * mend->parts[i].n_rows;
      }
  return n_bytes;
}

/* How many parts an entry may have before the next change. Entries that change alike must not all come due at
 * once, for then there are twice as many parts just before; so it is a little more or less by the id. */
static guint32
get_most_parts (const ArborBatchEntry *entry)
{
  guint64 n_changes = entry->n_bytes / (CHANGE_BYTES + CHANGE_TREES * (entry->n_bytes / entry->n_rows));
  guint64 share = (entry->id * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 56;

  return (guint32) MIN (3 * n_changes * (160 + share) / 512 + 8, MOST_PARTS);
}

/* Mends belong to bases, so a base must be listed once. */
static gboolean
is_listed_once (const ArborRecord *record, guint32 index)
{
  for (guint32 i = 0; i < record->n_batches; i++)
    if (i != index && record->batches[i].id == record->batches[index].id)
      return FALSE;
  return TRUE;
}

gboolean
arbor_mender_is_worth_it (const ArborRecord *record, guint32 index, guint32 n_gone, guint32 n_new,
                          guint32 n_places)
{
  const ArborBatchEntry *entry = &record->batches[index];
  const ArborMend *mend = entry->mend;
  guint32 n_parts = mend != NULL ? mend->n_parts : 1;
  guint32 n_dead = mend != NULL ? entry->n_rows - mend->n_base : 0;

  return entry->n_bytes > SMALL_BYTES && n_gone < entry->n_trees &&
         (guint64) entry->n_trees - n_gone + n_new <= ARBOR_BATCH_MAX_TREES &&
         n_parts <= get_most_parts (entry) && n_parts + 2 * n_places <= MOST_PARTS &&
         n_dead + n_gone <= entry->n_rows / MOST_DEAD &&
         n_new <= ARBOR_BATCH_MAX_TREES / MOST_DEAD && is_listed_once (record, index) &&
         (mend == NULL || count_patched_bytes (record, mend) <= ARBOR_MENDER_MOST_BYTES);
}

/* Patches */

static guint
get_tier (guint64 n_rows, guint64 n_bytes)
{
  guint tier = 0;

  if (n_bytes >= ARBOR_BATCH_TARGET_BYTES / 2)
    return FULL_TIER;
  for (; n_rows >= TIER && tier < FULL_TIER; n_rows /= TIER)
    tier++;
  return tier;
}

/* Full patches of which less than half is left are worth it, when patches are merged anyway. */
static void
add_wasted (const ArborRecord *record, GHashTable *chosen)
{
  g_autofree guint32 *n_live = g_new0 (guint32, record->n_patches);

  for (guint32 i = 0; i < record->n_batches; i++)
    {
      const ArborMend *mend = record->batches[i].mend;

      for (guint32 j = 0; mend != NULL && j < mend->n_parts; j++)
        if (mend->parts[j].batch != 0)
          n_live[arbor_record_find_patch (record, mend->patches[mend->parts[j].batch - 1]) -
                 record->patches] += mend->parts[j].n_rows;
    }
  for (guint32 i = 0; i < record->n_patches; i++)
    if (get_tier (record->patches[i].n_rows, record->patches[i].n_bytes) == FULL_TIER &&
        n_live[i] < record->patches[i].n_rows / 2)
      g_hash_table_add (chosen, &record->patches[i].id);
}

GHashTable *
arbor_mender_choose_patches (const ArborRecord *record, guint32 n_new)
{
  GHashTable *chosen = NULL;
  guint32 n_of_tier[FULL_TIER + 1] = { 0 };
  guint64 n_rows = n_new;
  guint tier;

  for (guint32 i = 0; i < record->n_patches; i++)
    n_of_tier[get_tier (record->patches[i].n_rows, record->patches[i].n_bytes)]++;
  while ((tier = get_tier (n_rows, 0)) < FULL_TIER && n_of_tier[tier] + 1 >= TIER)
    {
      if (chosen == NULL)
        chosen = g_hash_table_new (g_int64_hash, g_int64_equal);
      for (guint32 i = 0; i < record->n_patches; i++)
        if (get_tier (record->patches[i].n_rows, record->patches[i].n_bytes) == tier &&
            g_hash_table_add (chosen, &record->patches[i].id))
          n_rows += record->patches[i].n_rows;
      n_of_tier[tier] = 0;
    }
  if (chosen != NULL && n_rows >= MANY_ROWS)
    add_wasted (record, chosen);
  return chosen;
}
