/* Rows of one batch, in any order: what loops over lanes are about. */

#pragma once

#include "batch/arbor-batch.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborBatch *batch;
  guint64 first;       /* row 0 is the tree at this index of the source */
  guint32 n;           /* 1 to ARBOR_BATCH_MAX_TREES */
  const guint32 *rows; /* NULL: 0 .. n - 1, all of the batch */
} ArborRows;

static inline guint32
arbor_rows_get (const ArborRows *self, guint32 i)
{
  return self->rows != NULL ? self->rows[i] : i;
}

G_END_DECLS
