/* What the files of writing rows share: arbor-row-plan.c makes the plans of a batch, arbor-row-writer.c
 * writes trees as JSON by them, arbor-record-writer.c records of CSV.
 */

#pragma once

#include "json/arbor-lane-cursor.h"
#include "json/arbor-row-writer.h"

G_BEGIN_DECLS

#define SLACK 16u /* bytes that may be written, or read, past the end of kept text */
#define MAX_KEPT (4u * 1024u * 1024u) /* bytes of entries of dictionaries whose text is kept */

/* ArborKeptText in ArborRowWriter.texts. */
typedef struct
{
  guint32 offset;
  guint32 length; /* 0: not made yet */
} ArborKeptText;

typedef struct
{
  const ArborLaneRecord *record;
  const guint8 *a;
  ArborBitCursor slots;
  ArborSpanCursor spans;
  gboolean is_cell; /* texts are cells of CSV, not JSON */
  ArborKeptText *entries;   /* of a dictionary; NULL before n_reads are worth it */
  guint32 n_reads;
} ArborLanePlan;

typedef struct
{
  const ArborColumnRecord *record;
  ArborLanePlan *lanes;
  gboolean is_planned;
  gboolean is_good;  /* see ArborColumnState */
  gboolean is_plain; /* good, and each row has a value, all in one lane */
  gboolean has_good_shapes;
  ArborKeptText key;          /* ,"key": of a field */
  ArborBitCursor bits;
  ArborRowCursor rows;
} ArborColumnPlan;

/* An array or object whose children are being written. */
typedef struct
{
  guint32 next; /* object: position in the shapes; array: row of the elements' column */
  guint32 end;
  guint32 column; /* array: of the elements */
  guint32 row;    /* object: of its fields */
  gboolean is_object;
  guint8 separator; /* what stands before the next child */
} ArborRowFrame;

struct _ArborRowWriter
{
  char delimiter; /* of the cells that fields of trees are; 0: JSON is all there is */
  const ArborBatch *batch;
  guint32 n_rows; /* written of the batch before it is bound */
  gboolean is_bound;
  ArborColumnPlan *columns; /* a plan each, of the batch, zeros before they are made */
  ArborLanePlan *lanes;
  guint32 n_columns; /* there is room for */
  guint32 n_lanes;
  ArborBuffer texts; /* of keys and entries */
  ArborScope *plans; /* memory that lives as long as the batch is bound */
  ArborRowFrame frames[ARBOR_BATCH_MAX_DEPTH];
  guint depth;

  /* Of the call. */
  ArborScope *scope;
  ArborBuffer *out;
};

/* Makes ready for @batch. FALSE: it is not worth it for a row more. */
gboolean arbor_row_writer_prepare (ArborRowWriter *self, const ArborBatch *batch);
void arbor_row_writer_plan_column (ArborRowWriter *self, guint32 column, ArborColumnPlan *plan);

/* A truth value, number or string, which is a cell where the column's texts are; FALSE: it is something
 * else, of which nothing is written. Of the batch that is ready, into out. */
gboolean arbor_row_writer_write_scalar (ArborRowWriter *self, guint32 column, guint32 row);
/* Any value, as JSON. */
void arbor_row_writer_write_value (ArborRowWriter *self, guint32 column, guint32 row);

static inline ArborColumnPlan *
arbor_row_writer_get_plan (ArborRowWriter *self, guint32 column)
{
  ArborColumnPlan *plan = &self->columns[column];

  if (G_UNLIKELY (!plan->is_planned))
    arbor_row_writer_plan_column (self, column, plan);
  return plan;
}

/* Copies in blocks: up to SLACK bytes more are read and written, and do not count. */
static inline void
arbor_row_writer_append_kept (ArborBuffer *out, const guint8 *text, guint32 length)
{
  guint8 *to = arbor_buffer_reserve (out, (gsize) length + SLACK);

  for (guint32 i = 0; i < length; i += SLACK)
    memcpy (to + i, text + i, SLACK);
  out->length += length;
}

static inline gboolean
arbor_column_plan_find_slot (ArborColumnPlan *plan, guint32 row, guint32 *slot)
{
  if (G_UNLIKELY (!plan->is_good || row >= plan->record->n_rows))
    return FALSE;
  switch (plan->record->presence)
    {
    case ARBOR_PRESENCE_ALL:
      *slot = row;
      return TRUE;
    case ARBOR_PRESENCE_BITMAP:
      return arbor_bit_cursor_find (&plan->bits, row, slot);
    default:
      return arbor_row_cursor_find (&plan->rows, row, slot);
    }
}

/* The lane of the value in @row and the index in it; NULL for null and MISSING. */
static inline ArborLanePlan *
arbor_column_plan_find_lane (ArborColumnPlan *plan, guint32 row, guint32 *index)
{
  guint32 slot;

  if (G_LIKELY (plan->is_plain && row < plan->record->n_rows))
    {
      *index = row;
      return plan->lanes;
    }
  if (!arbor_column_plan_find_slot (plan, row, &slot))
    return NULL;
  *index = slot;
  for (guint i = 0; i < plan->record->n_lanes; i++)
    {
      ArborLanePlan *lane = &plan->lanes[i];

      if (lane->record->slots_offset == 0 || arbor_bit_cursor_find (&lane->slots, slot, index))
        return G_LIKELY (*index < lane->record->count) ? lane : NULL;
    }
  return NULL;
}

G_END_DECLS
