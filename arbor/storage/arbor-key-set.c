/* See arbor-key-set.h.
 *
 * Tables tell rows; a row is a tree where a part of a mend has it. Of a base that is one mend; a patch may be
 * in those of many entries, which are gone through where a key was found in a patch.
 */

#include "storage/arbor-key-set.h"

struct _ArborKeySet
{
  gatomicrefcount ref_count;
  guint32 n;
  ArborKeyTable *tables[];
};

ArborKeySet *
arbor_key_set_new (ArborKeyTable **tables, guint32 n)
{
  ArborKeySet *self = g_malloc0 (sizeof *self + (gsize) n * sizeof *tables);

  g_atomic_ref_count_init (&self->ref_count);
  self->n = n;
  if (n > 0)
    memcpy (self->tables, tables, (gsize) n * sizeof *tables);
  return self;
}

ArborKeySet *
arbor_key_set_ref (ArborKeySet *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_key_set_unref (ArborKeySet *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint32 i = 0; i < self->n; i++)
    g_clear_pointer (&self->tables[i], arbor_key_table_unref);
  g_free (self);
}

/* Where the mend has row @row of its batch @number. */
static gboolean
find_in_mend (const ArborMend *mend, guint32 number, guint32 row, guint32 *tree)
{
  guint32 first = 0;

  for (guint32 i = 0; i < mend->n_parts; i++)
    {
      const ArborMendPart *part = &mend->parts[i];

      if (part->batch == number && row >= part->first_row && row - part->first_row < part->n_rows)
        {
          *tree = first + (row - part->first_row);
          return TRUE;
        }
      first += part->n_rows;
    }
  return FALSE;
}

static void
add_place (GArray *places, const ArborRecord *record, guint32 entry, guint32 tree, guint64 patch,
           guint32 row)
{
  const ArborKeyPlace place = { (guint32) record->first_tree[entry] + tree, entry, patch, row };

  g_array_append_val (places, place);
}

static void
add_of_base (GArray *places, const ArborRecord *record, guint32 entry, guint32 row)
{
  const ArborMend *mend = record->batches[entry].mend;
  guint32 tree = row;

  if (mend == NULL || find_in_mend (mend, 0, row, &tree))
    add_place (places, record, entry, tree, 0, row);
}

static void
add_of_patch (GArray *places, const ArborRecord *record, guint64 patch, guint32 row)
{
  for (guint32 i = 0; i < record->n_batches; i++)
    {
      const ArborMend *mend = record->batches[i].mend;
      guint32 tree;

      for (guint32 j = 0; mend != NULL && j < mend->n_patches; j++)
        if (mend->patches[j] == patch && find_in_mend (mend, j + 1, row, &tree))
          add_place (places, record, i, tree, patch, row);
    }
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const ArborKeyPlace *left = a, *right = b;

  return (left->tree > right->tree) - (left->tree < right->tree);
}

void
arbor_key_set_find (const ArborKeySet *self, const ArborRecord *record, guint64 hash, GArray *places)
{
  guint first = places->len;
  guint32 row;

  for (guint32 i = 0; i < self->n; i++)
    if (self->tables[i] != NULL)
      for (guint32 at = 0; arbor_key_table_next (self->tables[i], hash, &at, &row);)
        {
          if (i < record->n_batches)
            add_of_base (places, record, i, row);
          else
            add_of_patch (places, record, record->patches[i - record->n_batches].id, row);
        }
  if (record->n_patches > 0 && places->len > first + 1)
    qsort (&g_array_index (places, ArborKeyPlace, first), places->len - first,
           sizeof (ArborKeyPlace), compare_places);
}
