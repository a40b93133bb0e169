/* See arbor-patched.h. */

#include "query/view/arbor-patched.h"

/* Stands for a base in the cache, where there is none. */
#define NO_BASE G_MAXUINT64

typedef struct
{
  guint32 batch; /* of joined, and one */
  guint32 first_row;
} Place;

struct _ArborPatched
{
  const ArborWanted *wanted;
  Place *places;     /* of each patch of the record */
  GPtrArray *joined; /* ArborSpliced * */
};

/* Patches @from to @to - 1. */
static ArborSpliced *
join (const ArborRecord *record, const ArborBatch *const *batches, guint32 from, guint32 to,
      const ArborWanted *wanted, ArborSplicedCache *cache)
{
  guint32 n = to - from;
  g_autofree ArborMendPart *parts = g_new (ArborMendPart, n);
  g_autofree guint64 *ids = g_new (guint64, n);
  g_autofree const ArborBatch **all = g_new0 (const ArborBatch *, n + 1);
  g_autoptr (ArborMend) mend = NULL;
  ArborSpliced *spliced;

  for (guint32 i = 0; i < n; i++)
    {
      ids[i] = record->patches[from + i].id;
      parts[i] = (ArborMendPart){ i + 1, 0, record->patches[from + i].n_rows };
      all[i + 1] = batches[from + i];
    }
  mend = arbor_mend_new (parts, n, ids, n);
  if (mend == NULL)
    return NULL;
  spliced = arbor_spliced_cache_find (cache, NO_BASE, mend, wanted);
  if (spliced != NULL)
    return spliced;
  spliced = arbor_spliced_new (NO_BASE, mend, all, wanted);
  if (spliced != NULL)
    arbor_spliced_cache_add (cache, spliced);
  return spliced;
}

ArborPatched *
arbor_patched_new (const ArborRecord *record, const ArborBatch *const *batches,
                   const ArborWanted *wanted, ArborSplicedCache *cache)
{
  ArborPatched *self = g_new0 (ArborPatched, 1);
  guint32 to;

  self->wanted = wanted;
  self->places = g_new0 (Place, (gsize) record->n_patches + 1);
  self->joined = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_spliced_unref);
  for (guint32 from = 0; from < record->n_patches; from = to)
    {
      guint32 n_rows = 0;
      ArborSpliced *spliced;

      for (to = from; to < record->n_patches &&
                      n_rows + record->patches[to].n_rows <= ARBOR_BATCH_MAX_TREES; to++)
        {
          self->places[to] = (Place){ self->joined->len + 1, n_rows };
          n_rows += record->patches[to].n_rows;
        }
      spliced = join (record, batches, from, to, wanted, cache);
      if (spliced == NULL)
        {
          arbor_patched_free (self);
          return NULL;
        }
      g_ptr_array_add (self->joined, spliced);
    }
  return self;
}

void
arbor_patched_free (ArborPatched *self)
{
  g_ptr_array_unref (self->joined);
  g_free (self->places);
  g_free (self);
}

ArborSpliced *
arbor_patched_splice (const ArborPatched *self, const ArborRecord *record, guint32 entry,
                      const ArborBatch *base)
{
  ArborMend *mend = record->batches[entry].mend;
  g_autofree const ArborBatch **batches = g_new (const ArborBatch *, self->joined->len + 1);
  g_autofree ArborMendPart *parts = g_new (ArborMendPart, mend->n_parts);
  g_autofree Place *places = g_new0 (Place, (gsize) mend->n_patches + 1);

  batches[0] = base;
  for (guint i = 0; i < self->joined->len; i++)
    batches[i + 1] = ((const ArborSpliced *) self->joined->pdata[i])->batch;
  for (guint32 i = 0; i < mend->n_patches; i++)
    places[i + 1] =
        self->places[arbor_record_find_patch (record, mend->patches[i]) - record->patches];
  for (guint32 i = 0; i < mend->n_parts; i++)
    {
      const ArborMendPart *part = &mend->parts[i];
      const Place *place = &places[part->batch];

      parts[i] = (ArborMendPart){ place->batch, place->first_row + part->first_row, part->n_rows };
    }
  return arbor_spliced_new_parts (record->batches[entry].id, mend, batches, self->joined->len + 1,
                                  parts, mend->n_parts, self->wanted);
}
