/* Rows in any order: what loops over lanes are about. They lie in one batch, or, where the trees of a
 * view are strewn over batches, in several; then each of the stretches has those of one.
 */

#pragma once

#include "batch/arbor-batch.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborBatch *batch;
  guint64 first;
  guint32 n;
  const guint32 *rows;
  const guint32 *places; /* among all rows; ascending */
} ArborStretch;

typedef struct
{
  const ArborBatch *batch; /* NULL: several */
  guint64 first;       /* row 0 is the tree at this index of the source */
  guint32 n;           /* 1 to ARBOR_BATCH_MAX_TREES */
  const guint32 *rows; /* NULL: 0 .. n - 1, all of the batch */
  /* Without a batch: */
  guint32 n_stretches;
  const ArborStretch *stretches;
  const guint32 *trees; /* indices in the source */
} ArborRows;

static inline guint32
arbor_rows_get (const ArborRows *self, guint32 i)
{
  return self->rows != NULL ? self->rows[i] : i;
}

/* The index in the source. */
static inline guint64
arbor_rows_get_tree (const ArborRows *self, guint32 i)
{
  return self->batch != NULL ? self->first + arbor_rows_get (self, i) : self->trees[i];
}

/* The batch of place @i, its first tree, and the row there. */
static inline const ArborBatch *
arbor_rows_locate (const ArborRows *self, guint32 i, guint64 *first, guint32 *row)
{
  guint32 low = 0, high = self->n_stretches - 1;

  if (self->batch != NULL)
    {
      *first = self->first;
      *row = arbor_rows_get (self, i);
      return self->batch;
    }
  while (low < high)
    {
      guint32 middle = low + (high - low + 1) / 2;

      if (self->stretches[middle].first <= self->trees[i])
        low = middle;
      else
        high = middle - 1;
    }
  *first = self->stretches[low].first;
  *row = (guint32) (self->trees[i] - *first);
  return self->stretches[low].batch;
}

G_END_DECLS
