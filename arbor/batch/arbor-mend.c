/* See arbor-mend.h. */

#include "batch/arbor-mend.h"

#include <string.h>
#include <xxhash.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "batch/arbor-gather.h"

/* Rows of the base are the most that a mend has parts for, those of patches come in between. */
#define MOST_PARTS (2 * ARBOR_BATCH_MAX_TREES + 1)

guint64
arbor_mend_draw_id (void)
{
  static guint64 last;

  return __atomic_add_fetch (&last, 1, __ATOMIC_RELAXED) | ARBOR_PROVISIONAL;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return (left > right) - (left < right);
}

/* The patches that parts are of, by id; @numbers gets the new number of each old one. */
static void
set_patches (ArborMend *self, const ArborMendPart *parts, guint32 n_parts, const guint64 *patches,
             guint32 n_patches, guint32 *numbers)
{
  memset (numbers, 0, ((gsize) n_patches + 1) * sizeof *numbers);
  for (guint32 i = 0; i < n_parts; i++)
    if (parts[i].n_rows > 0)
      numbers[parts[i].batch] = 1;
  self->patches = g_new (guint64, n_patches);
  for (guint32 i = 0; i < n_patches; i++)
    if (numbers[i + 1] != 0)
      self->patches[self->n_patches++] = patches[i];
  if (self->n_patches > 1)
    qsort (self->patches, self->n_patches, sizeof *self->patches, compare_ids);
  numbers[0] = 0;
  for (guint32 i = 0; i < n_patches; i++)
    if (numbers[i + 1] != 0)
      {
        const guint64 *found = bsearch (&patches[i], self->patches, self->n_patches,
                                        sizeof *self->patches, compare_ids);

        numbers[i + 1] = (guint32) (found - self->patches) + 1;
      }
}

static void
add_part (ArborMend *self, guint32 batch, guint32 first_row, guint32 n_rows)
{
  ArborMendPart *last = self->n_parts > 0 ? &self->parts[self->n_parts - 1] : NULL;

  self->n_trees += n_rows;
  if (batch == 0)
    self->n_base += n_rows;
  if (last != NULL && last->batch == batch && last->first_row + last->n_rows == first_row)
    last->n_rows += n_rows;
  else
    self->parts[self->n_parts++] = (ArborMendPart){ batch, first_row, n_rows };
}

static void
set_starts (ArborMend *self)
{
  guint32 at = 0;

  self->starts = g_new (guint32, (gsize) self->n_parts + 1);
  for (guint32 i = 0; i < self->n_parts; at += self->parts[i++].n_rows)
    self->starts[i] = at;
  self->starts[self->n_parts] = at;
}

static gboolean
has_good_count (const ArborMendPart *parts, guint32 n_parts)
{
  guint64 n_trees = 0;

  for (guint32 i = 0; i < n_parts; i++)
    n_trees += parts[i].n_rows;
  return n_trees > 0 && n_trees <= ARBOR_BATCH_MAX_TREES;
}

ArborMend *
arbor_mend_new (const ArborMendPart *parts, guint32 n_parts, const guint64 *patches,
                guint32 n_patches)
{
  ArborMend *self;
  g_autofree guint32 *numbers = NULL;

  if (!has_good_count (parts, n_parts))
    return NULL;
  self = g_new0 (ArborMend, 1);
  g_atomic_ref_count_init (&self->ref_count);
  numbers = g_new (guint32, (gsize) n_patches + 1);
  set_patches (self, parts, n_parts, patches, n_patches, numbers);
  self->parts = g_new (ArborMendPart, n_parts);
  for (guint32 i = 0; i < n_parts; i++)
    if (parts[i].n_rows > 0)
      add_part (self, numbers[parts[i].batch], parts[i].first_row, parts[i].n_rows);
  set_starts (self);
  self->digest = XXH3_64bits_withSeed (
      self->parts, self->n_parts * sizeof *self->parts,
      XXH3_64bits (self->patches, self->n_patches * sizeof *self->patches));
  return self;
}

ArborMend *
arbor_mend_ref (ArborMend *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_mend_unref (ArborMend *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->parts);
  g_free (self->starts);
  g_free (self->patches);
  g_free (self);
}

guint32
arbor_mend_find_part (const ArborMend *self, guint32 tree)
{
  guint32 low = 0, high = self->n_parts - 1;

  while (low < high)
    {
      guint32 middle = low + (high - low + 1) / 2;

      if (self->starts[middle] <= tree)
        low = middle;
      else
        high = middle - 1;
    }
  return low;
}

gboolean
arbor_mend_check (const ArborMend *self, guint32 n_base_rows, const guint32 *n_patch_rows)
{
  guint32 next = 0;

  if (self->n_parts > MOST_PARTS)
    return FALSE;
  for (guint32 i = 0; i < self->n_parts; i++)
    {
      const ArborMendPart *part = &self->parts[i];
      guint32 n_rows = part->batch == 0 ? n_base_rows : n_patch_rows[part->batch - 1];

      if (part->first_row > n_rows || part->n_rows > n_rows - part->first_row ||
          (part->batch == 0 && part->first_row < next))
        return FALSE;
      if (part->batch == 0)
        next = part->first_row + part->n_rows;
    }
  return TRUE;
}

gboolean
arbor_mend_is_whole (const ArborMend *self, guint32 n_base_rows)
{
  return self->n_parts == 1 && self->parts[0].batch == 0 && self->parts[0].n_rows == n_base_rows;
}

guint
arbor_mend_hash (const ArborMend *self, guint64 base)
{
  guint64 mixed = self->digest ^ (base * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  return (guint) (mixed ^ (mixed >> 32));
}

gboolean
arbor_mend_equal (const ArborMend *a, const ArborMend *b)
{
  if (a == b || a == NULL || b == NULL)
    return a == b;
  return a->n_parts == b->n_parts && a->n_patches == b->n_patches &&
         memcmp (a->parts, b->parts, a->n_parts * sizeof *a->parts) == 0 &&
         (a->n_patches == 0 ||
          memcmp (a->patches, b->patches, a->n_patches * sizeof *a->patches) == 0);
}

/* Each batch has a gathering of its own into the one builder: looking at a batch costs more than a part. */
GBytes *
arbor_mend_gather (const ArborMend *self, const ArborBatch *const *batches, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (GPtrArray) gathers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_gather_free);

  arbor_batch_builder_set_filled (builder);
  for (guint32 i = 0; i <= self->n_patches; i++)
    {
      ArborGather *gather = arbor_gather_new (builder);

      arbor_gather_set_batch (gather, batches[i]);
      g_ptr_array_add (gathers, gather);
    }
  for (guint32 i = 0; i < self->n_parts; i++)
    {
      const ArborMendPart *part = &self->parts[i];
      guint32 n_added;

      if (!arbor_gather_add (g_ptr_array_index (gathers, part->batch), part->first_row, part->n_rows,
                             &n_added, error))
        return NULL;
      if (n_added < part->n_rows)
        {
          g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                               _ ("its trees do not find room in one batch"));
          return NULL;
        }
    }
  return arbor_batch_builder_finish (builder, error);
}
