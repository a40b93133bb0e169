/* The values at a path of fields in one batch, lane by lane: for loops over whole lanes instead of
 * a look-up for each row. The rows are the trees of the batch, or the elements of one of its array
 * columns; both are called rows of the domain here.
 *
 *   trees        0 1 2 3 4 5
 *   a.b          7 . x 9 . n        MISSING, a string and null among integers
 *   rows, INT64  1 0 0 1 0 0        the k-th one is value k of the lane
 *   rows, STRING 0 0 1 0 0 0
 *   nulls        0 0 0 0 0 1
 *
 * A row is in at most one of these bitmaps; one that is in none has no value. Where the path does
 * not tell everything (a value on the way lies in overflow text), it is not whole: then rows in
 * hidden have to be read one by one (arbor_batch_get_value).
 */

#pragma once

#include "base/arbor-bits.h"
#include "base/arbor-path.h"
#include "batch/arbor-batch-format.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborLaneRecord *record;
  guint8 kind;          /* ArborKind, or ARBOR_LANE_OVERFLOW */
  guint32 count;        /* values */
  const guint8 *a;      /* the buffers that the record says */
  const guint8 *b;
  const guint8 *c;
  const guint64 *rows;  /* NULL: all rows, of which there are count */
} ArborLane;

typedef struct
{
  const ArborBatch *batch;
  guint32 column; /* ARBOR_NO_COLUMN: no row has a value in a lane */
  guint32 n_rows;
  guint n_lanes;
  ArborLane lanes[ARBOR_N_LANE_KINDS];
  const guint64 *present; /* rows in lanes or nulls; NULL: all. Without a column: zeros */
  const guint64 *nulls;   /* NULL: none */
  const guint64 *hidden;  /* rows whose value may lie in overflow text on the way; NULL: none */
} ArborLanes;

/* The lanes at the first @n_steps steps of @path, all of them keys, from @column, whose rows are the
 * domain: 0 for trees, or one of elements or members. Bitmaps lie in @scope. Nothing of the lanes
 * themselves is read. */
void arbor_lanes_init (ArborLanes *self, const ArborBatch *batch, guint32 column,
                       const ArborStep *steps, guint n_steps, ArborScope *scope);

/* The lane of @kind; NULL when there is none. */
const ArborLane *arbor_lanes_find (const ArborLanes *self, guint8 kind);

/* Whether all rows have a value in this one lane. */
static inline gboolean
arbor_lane_is_full (const ArborLane *self)
{
  return self->rows == NULL;
}

/* Spreads what is said of the values of a lane over the rows of the domain: @out gets a bit for
 * each row. Not for a lane that is full, whose values are the rows. */
static inline void
arbor_lane_spread (const ArborLane *self, const guint64 *values, guint32 n_rows, guint64 *out)
{
  arbor_bits_spread (out, values, self->rows, n_rows);
}

/* String @index of the distinct ones of a dictionary, or of a lane without one; "" when damaged. */
const char *arbor_lane_get_string (const ArborLane *self, guint32 index, guint32 *length);

/* How many strings arbor_lane_get_string knows. */
static inline guint32
arbor_lane_get_n_strings (const ArborLane *self)
{
  return self->record->encoding == ARBOR_ENCODING_DICTIONARY ? self->record->n_distinct
                                                             : self->count;
}

G_END_DECLS
