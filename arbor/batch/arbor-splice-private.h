/* What the files of splicing share: arbor-splice.c finds the columns and where their values lie,
 * arbor-splice-shapes.c which members their objects have, arbor-splice-write.c writes the batch; arbor-splice-lane.c copies lanes,
 * arbor-splice-text.c those of strings.
 *
 * Pieces lead to pieces: rows that follow each other in a column of a batch have slots that do, these have
 * places in each lane that do, and these have rows in the columns below that do.
 */

#pragma once

#include "base/arbor-bits.h"
#include "batch/arbor-batch-encoder-private.h"
#include "batch/arbor-scope.h"
#include "batch/arbor-splice.h"

G_BEGIN_DECLS

/* Rows, slots, or places in a lane, that follow each other in one batch. */
typedef struct
{
  guint32 batch;
  guint32 from;
  guint32 n;
} ArborSplicePiece;

typedef struct
{
  ArborSplicePiece *list;
  guint32 n;
  guint32 total;
} ArborPieces;

/* A lane of the new batch. */
typedef struct
{
  guint8 kind;
  ArborPieces places;
  guint64 *slots;       /* NULL: all values are in it */
  const ArborLaneRecord **of; /* of each batch: its lane; NULL: it has none, or no piece */
  /* OBJECT: */
  guint32 *shapes;      /* of each object; NULL: they have one */
  guint32 n_shapes;
  /* ARRAY: */
  guint32 n_elements;
} ArborSpliceLane;

typedef struct
{
  ArborBatchEncoder encoder;
  ArborScope *scope;
  const ArborBatch *const *batches;
  guint n_batches;
} ArborSplice;

/* A column of the new batch. */
typedef struct
{
  guint32 *of; /* of each batch: its column, or ARBOR_NO_COLUMN */
  guint32 parent;
  gboolean is_element;
  const char *key;
  guint32 key_length;
  guint32 key_number;
  const ArborPieces *rows;
  ArborPieces slots;
  guint64 *present; /* NULL: all */
  ArborSpliceLane lanes[ARBOR_N_LANE_KINDS];
  guint n_lanes;
  guint32 n_nulls;
  guint32 first_child, n_fields;
  gboolean has_elements;
  guint32 first_shape;
} ArborSpliceColumn;

/* All that is known of the new batch. */
typedef struct
{
  ArborSplice base;
  const ArborWanted *wanted;
  ArborPieces trees;
  GPtrArray *columns;
  GArray *shape_ends;    /* guint32 */
  GArray *shape_columns; /* guint32 */
  guint32 n_lanes;
} ArborSplicing;

/* Appends the values; sets what @record says of its encoding, buffers and range. FALSE: they are damaged. */
gboolean arbor_splice_write_lane (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record);
gboolean arbor_splice_write_text (ArborSplice *self, const ArborSpliceLane *lane, ArborLaneRecord *record);
gboolean arbor_splice_write_strings (ArborSplice *self, const ArborSpliceLane *lane,
                                     ArborLaneRecord *record);

/* Numbers of a batch, and what is added to each. */
typedef struct
{
  const guint8 *numbers;
  guint width;
  guint64 by;
} ArborSpliceNumbers;

/* Those at @places, of which @from has one for each batch that has any. */
void arbor_splice_copy_numbers (const ArborSpliceNumbers *from, const ArborPieces *places, guint width,
                                guint8 *out);
void arbor_splice_get_range (const guint8 *numbers, guint width, guint32 n, guint64 *min, guint64 *max);

/* The shapes of the objects of a lane. FALSE: they are damaged. */
gboolean arbor_splice_find_shapes (ArborSplicing *self, ArborSpliceColumn *column,
                                   ArborSpliceLane *lane);

/* The batch of the columns that were found. NULL: something is damaged. */
GBytes *arbor_splicing_write (ArborSplicing *self);

static inline ArborSpliceColumn *
arbor_splicing_get_column (const ArborSplicing *self, guint32 column)
{
  return g_ptr_array_index (self->columns, column);
}

static inline const ArborColumnRecord *
arbor_splicing_get_record (const ArborSplicing *self, const ArborSpliceColumn *column, guint32 batch)
{
  return &self->base.batches[batch]->columns[column->of[batch]];
}

static inline gpointer
arbor_splicing_alloc_zero (ArborSplicing *self, gsize size)
{
  return memset (arbor_scope_alloc (self->base.scope, MAX (size, 16)), 0, size);
}

/* The buffers of a lane of a batch. */
static inline const guint8 *
arbor_splice_get_buffer (const ArborSplice *self, guint32 batch, guint32 offset)
{
  return self->batches[batch]->data + offset;
}

G_END_DECLS
