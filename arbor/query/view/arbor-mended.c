/* See arbor-mended.h. What a decider could not say without an error is left to those who decide the entry as
 * one batch: they know the numbers of the trees. Which rows are dead is looked at only where some row is to be
 * asked about by itself, which it hardly ever is: of others the bits are not collected.
 */

#include "query/view/arbor-mended.h"

#define WORDS (ARBOR_BATCH_MAX_TREES / 64u)

typedef enum
{
  NOT_YET,
  DECIDED,
  FAILED,
} State;

typedef struct
{
  guint64 id;
  State state;
  guint64 bits[WORDS];
} Patch;

struct _ArborMended
{
  GHashTable *patches; /* Patch, by id */
};

static void
set_bits (guint64 *bits, const ArborMendPart *part)
{
  for (guint32 i = part->first_row; i < part->first_row + part->n_rows;)
    {
      guint32 n = MIN (64 - i % 64, part->first_row + part->n_rows - i);

      bits[i / 64] |= (n == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << n) - 1) << (i % 64);
      i += n;
    }
}

static void
list_live_rows (const ArborMend *mend, guint32 batch, guint64 *live)
{
  for (guint32 i = 0; i < mend->n_parts; i++)
    if (mend->parts[i].batch == batch)
      set_bits (live, &mend->parts[i]);
}

/* Of a patch, the rows that any entry has. */
static void
list_patch_rows (ArborSource *source, guint64 id, guint64 *live)
{
  for (guint32 i = 0; i < arbor_source_get_n_batches (source); i++)
    {
      const ArborMend *mend = arbor_source_get_mend (source, i);

      for (guint32 j = 0; mend != NULL && j < mend->n_patches; j++)
        if (mend->patches[j] == id)
          list_live_rows (mend, j + 1, live);
    }
}

static Patch *
find_patch (ArborMended *self, guint64 id)
{
  return g_hash_table_lookup (self->patches, &id);
}

ArborMended *
arbor_mended_new (ArborAccess *access)
{
  ArborMended *self;

  if (access->held == NULL || !arbor_source_has_mends (access->source))
    return NULL;
  self = g_new0 (ArborMended, 1);
  self->patches = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  for (guint32 i = 0; i < arbor_source_get_n_batches (access->source); i++)
    {
      const ArborMend *mend = arbor_source_get_mend (access->source, i);

      for (guint32 j = 0; mend != NULL && j < mend->n_patches; j++)
        if (find_patch (self, mend->patches[j]) == NULL)
          {
            Patch *patch = g_new0 (Patch, 1);

            patch->id = mend->patches[j];
            g_hash_table_add (self->patches, patch);
          }
    }
  return self;
}

void
arbor_mended_free (ArborMended *self)
{
  g_hash_table_unref (self->patches);
  g_free (self);
}

static void
begin_batch (ArborDecider *decider, const ArborBatch *batch)
{
  arbor_decider_set_batch (decider, NULL, 0);
  arbor_decider_set_batch (decider, batch, 0);
}

/* FALSE: the decider has something to tell. */
static gboolean
end_batch (ArborDecider *decider, const ArborBatch *batch, guint64 *bits)
{
  gboolean is_good;

  memset (bits, 0, WORDS * 8);
  arbor_decider_decide (decider, 0, arbor_batch_get_n_trees (batch), bits);
  is_good = arbor_decider_check (decider, NULL);
  arbor_decider_set_batch (decider, NULL, 0);
  return is_good;
}

static gboolean
decide_patch (Patch *self, ArborAccess *access, ArborDecider *decider, GError **error)
{
  const ArborBatch *batch;

  if (self->state != NOT_YET)
    return TRUE;
  batch = arbor_access_get_patch (access, self->id, error);
  if (batch == NULL)
    return FALSE;
  begin_batch (decider, batch);
  if (arbor_decider_leaves_open (decider))
    {
      guint64 live[WORDS] = { 0 };

      list_patch_rows (access->source, self->id, live);
      arbor_decider_set_live (decider, live);
    }
  self->state = end_batch (decider, batch, self->bits) ? DECIDED : FAILED;
  return TRUE;
}

gboolean
arbor_mended_prepare (ArborMended *self, ArborAccess *access, ArborDecider *decider, GError **error)
{
  GHashTableIter iter;
  gpointer patch;

  g_hash_table_iter_init (&iter, self->patches);
  while (g_hash_table_iter_next (&iter, &patch, NULL))
    if (!decide_patch (patch, access, decider, error))
      return FALSE;
  return TRUE;
}

/* Instead of bits that are there. */
static void
write_over (guint64 *bits, gsize at, const guint64 *words, guint32 from, guint32 n)
{
  for (gsize i = at; i < at + n; i++, from++)
    bits[i / 64] = (bits[i / 64] & ~(G_GUINT64_CONSTANT (1) << (i % 64))) |
                   (words[from / 64] >> (from % 64) & 1) << (i % 64);
}

/* The first of the parts from @i on, of which those of the batch that part @i is of do not lie as far from their trees
 * as its rows: between them others have taken the places of as many. */
static guint32
find_run_end (const ArborMend *mend, guint32 i, guint32 *n_rows)
{
  const ArborMendPart *part = &mend->parts[i];

  *n_rows = part->n_rows;
  while (i + 2 < mend->n_parts && part[2].batch == part->batch &&
         part[2].first_row == part->first_row + part->n_rows + part[1].n_rows)
    {
      *n_rows += part[1].n_rows + part[2].n_rows;
      part += 2;
      i += 2;
    }
  return i + 1;
}

/* What was found of the base and the patches, in the order of the parts. Most parts are single trees between long
 * runs of others, so these are copied as one. */
static void
collect (ArborMended *self, const ArborMend *mend, const guint64 *of_base, guint64 *bits)
{
  g_autofree const guint64 **found = g_new (const guint64 *, mend->n_patches + 1);
  gsize at = 0;

  found[0] = of_base;
  for (guint32 i = 0; i < mend->n_patches; i++)
    found[i + 1] = find_patch (self, mend->patches[i])->bits;
  for (guint32 i = 0, end; i < mend->n_parts; i = end)
    {
      const ArborMendPart *part = &mend->parts[i];
      guint32 n_rows;

      end = find_run_end (mend, i, &n_rows);
      arbor_bits_copy (bits, at, (const guint8 *) found[part->batch], part->first_row, n_rows);
      for (gsize to = at; part + 1 < &mend->parts[end]; to += part[1].n_rows, part += 2)
        {
          to += part->n_rows;
          write_over (bits, to, found[part[1].batch], part[1].first_row, part[1].n_rows);
        }
      at += n_rows;
    }
}

gboolean
arbor_mended_decide (ArborMended *self, ArborAccess *access, guint32 entry, ArborDecider *decider,
                     guint64 *bits, guint32 *n_kept, gboolean *is_done, GError **error)
{
  const ArborMend *mend = arbor_source_get_mend (access->source, entry);
  guint64 of_base[WORDS];
  const ArborBatch *base;

  *is_done = FALSE;
  if (mend == NULL)
    return TRUE;
  for (guint32 i = 0; i < mend->n_patches; i++)
    {
      Patch *patch = find_patch (self, mend->patches[i]);

      if (!decide_patch (patch, access, decider, error))
        return FALSE;
      if (patch->state == FAILED)
        return TRUE;
    }
  base = arbor_access_get_base (access, entry, error);
  if (base == NULL)
    return FALSE;
  begin_batch (decider, base);
  if (arbor_decider_leaves_open (decider))
    {
      guint64 live[WORDS] = { 0 };

      list_live_rows (mend, 0, live);
      arbor_decider_set_live (decider, live);
    }
  if (!end_batch (decider, base, of_base))
    return TRUE;
  collect (self, mend, of_base, bits);
  *n_kept = (guint32) arbor_bits_count (bits, mend->n_trees);
  *is_done = TRUE;
  return TRUE;
}
