/* What the files of gathering share: arbor-gather.c adds rows block by block, arbor-gather-plan.c
 * finds where the values of a block lie, arbor-gather-bound.c how much they add at most,
 * arbor-gather-values.c copies them, arbor-gather-check.c says which batches can be copied from.
 *
 * A block is rows of one batch. From its rows follow the rows of each column, from these the slots,
 * from these the indices in each lane, from these the rows of the fields and elements: columns are
 * numbered parents first, so one loop over them does it. Consecutive rows lead to consecutive places
 * everywhere; then nothing is listed.
 */

#pragma once

#include "batch/arbor-batch-builder-private.h"
#include "batch/arbor-gather.h"
#include "batch/arbor-wanted.h"

G_BEGIN_DECLS

/* Rows, slots, or indices in a lane. */
typedef struct
{
  guint32 n;
  guint32 from;        /* without a list: from, from + 1, ... */
  const guint32 *list; /* NULL: consecutive */
} ArborPlaces;

static inline guint32
arbor_places_get (const ArborPlaces *self, guint32 i)
{
  return self->list != NULL ? self->list[i] : self->from + i;
}

/* A column of the batch in the block at hand. */
typedef struct
{
  guint32 n_rows;         /* of the column's rows in the block; 0: nothing else counts */
  const guint64 *present; /* a bit for each of these that has a value; NULL: all */
  ArborPlaces slots;      /* of the values */
  const guint8 *tags;     /* lane kind of each value; NULL: that of all is kind */
  guint8 kind;
  ArborPlaces elements;   /* rows of the elements' column */
  guint32 first_object;   /* in the column gathered to: before the block */
  guint32 first_element;
} ArborGatherColumn;

struct _ArborGather
{
  ArborBatchBuilder *builder;
  ArborScope *scope; /* of a block, or of a tree that goes by tape */
  guint64 n_by_tape;
  guint32 cut; /* trees of a batch at most */

  const ArborBatch *batch;
  guint32 n_lanes;   /* of it */
  gboolean is_plain; /* it can go by columns */
  guint64 serial;    /* of the builder's batch that the following speak of */
  guint32 *targets;  /* of each column: the builder's, or ARBOR_NO_COLUMN */
  guint32 *shapes;   /* of each shape: the builder's, or ARBOR_NO_COLUMN */
  guint32 exploded;  /* a column of arrays; 0: none */
  const guint32 *elements; /* of each array that is met: the row of the element that stands for it */
  guint8 *left_out;  /* of each column: whether its values are not to be; NULL: all are */
  ArborStringTable *strings; /* of each lane with a dictionary, set up when first met */
  ArborGatherColumn *columns;  /* of the block */
  ArborPlaces *lanes;          /* of the block: of each lane */
  guint32 *planned;            /* the columns that were planned, parents first */
  guint32 n_planned;
  guint32 step;                /* rows of the next block, at most */
  ArborBuffer numbers;         /* guint32 */
};

/* Whether rows of the batch can be gathered by columns: it holds what opening and the first use of a
 * column do not look at. Remembered by the batch. */
gboolean arbor_batch_is_plain (const ArborBatch *self);
/* The same of one column and all below. */
gboolean arbor_batch_column_is_plain (const ArborBatch *self, guint32 column);

/* Where the values of a block of @rows lie. FALSE: it has overflow text, or is too much at once. All
 * that is allocated for it goes with the scope. */
gboolean arbor_gather_plan (ArborGather *self, const ArborPlaces *rows);
/* The same for the values of one column, whose rows these are, and all below it. */
gboolean arbor_gather_plan_column (ArborGather *self, guint32 column, const ArborPlaces *rows);
/* Bits that go with the block, all 0. */
guint64 *arbor_gather_new_bits (ArborGather *self, gsize n);
/* How much the block adds to the raw size, at most. */
guint64 arbor_gather_bound (ArborGather *self);
/* Adds the block that was planned. */
void arbor_gather_commit (ArborGather *self);
/* Adds the values of the one column that was planned, to column @target of the builder: to those of its
 * @n_rows rows from @first_row on that @present (NULL: all) has. */
void arbor_gather_commit_column (ArborGather *self, guint32 target, guint32 first_row,
                                 guint32 n_rows, const guint64 *present);
/* Makes ready to plan of the column. FALSE: it cannot go by columns, or the builder has no room for the
 * batch's. */
gboolean arbor_gather_prepare (ArborGather *self, guint32 column);

/* From now on, of the values of @column only what is wanted is gathered. After prepare. */
void arbor_gather_leave_out (ArborGather *self, guint32 column, const ArborWantedField *wanted);

void arbor_gather_leave_out_column (ArborGather *self, guint32 column);

/* Of a lane with a dictionary. */
ArborStringTable *arbor_gather_get_strings (ArborGather *self, guint32 lane);

G_END_DECLS
