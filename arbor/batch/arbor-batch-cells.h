/* Trees whose values know their columns already: what arbor-json-direct.c makes of a line. Only
 * columns that are in the batch, so adding them can neither fail nor create any.
 */

#pragma once

#include "batch/arbor-batch-builder-private.h"

G_BEGIN_DECLS

#define ARBOR_CELL_MAX_DEPTH ARBOR_BATCH_MAX_DEPTH

/* Besides those of ArborKind. */
#define ARBOR_CELL_END_OBJECT 16u
#define ARBOR_CELL_END_ARRAY  17u

/* A tree is a run of cells in document order. The columns of the elements of an array, and of the
 * members of an object, are children of its own; no object has a column twice. */
typedef struct
{
  guint32 column;
  guint8 kind;   /* ArborKind, or one of the above, which end the object or array of @column */
  guint32 length; /* of text; members of an object, elements of an array */
  union
  {
    guint64 word; /* bool, int64, uint64 or the bits of a double */
    const char *text;
  } of;
} ArborCell;

/* Adds one tree. */
void arbor_batch_builder_add_cells (ArborBatchBuilder *self, const ArborCell *cells, guint32 n);

/* Adds an object of @n fields, without those that are MISSING: by cells where the batch knows all of
 * them. No name comes twice. */
void arbor_batch_builder_add_fields (ArborBatchBuilder *self, const char *const *names,
                                     const ArborValue *values, gsize n, ArborScope *scope);

G_END_DECLS
