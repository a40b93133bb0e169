/* From a path of fields to the rows of each lane at its end. See arbor-lanes.h.
 *
 * Rows are carried down the path: the rows with an object, then, of these, those with the field,
 * then, of these, those whose value is an object. Each step spreads a bitmap of the batch over the
 * rows so far; a bitmap of all rows is not made (NULL).
 */

#include "batch/arbor-lanes.h"

/* Bitmaps, while the path is walked: NULL stands for all rows. */
typedef struct
{
  ArborLanes *lanes;
  ArborScope *scope;
  gsize n_words;
} Walk;

static guint64 *
new_bits (Walk *self)
{
  return arbor_scope_alloc (self->scope, MAX (self->n_words, 1) * 8);
}

/* The words of a bitmap of the batch, which need not be aligned when the batch is damaged. */
static const guint64 *
load_bits (Walk *self, const guint8 *words, gsize n_bits)
{
  gsize size = arbor_bits_n_words (n_bits) * 8;
  guint64 *copy;

  if ((guintptr) words % 8 == 0)
    return (const guint64 *) (gconstpointer) words;
  copy = arbor_scope_alloc (self->scope, MAX (size, 8));
  memcpy (copy, words, size);
  return copy;
}

/* @inner tells of the ones of @outer; what it tells of the domain. */
static const guint64 *
spread (Walk *self, const guint64 *inner, const guint64 *outer)
{
  guint64 *out;

  if (inner == NULL)
    return outer;
  if (outer == NULL)
    return inner;
  out = new_bits (self);
  arbor_bits_spread (out, inner, outer, self->lanes->n_rows);
  return out;
}

/* The rows of the parent that have the column, NULL for all. */
static const guint64 *
get_presence (Walk *self, const ArborBatch *batch, const ArborColumnRecord *column)
{
  const guint8 *presence = batch->data + column->presence_offset;
  guint64 *bits;

  switch (column->presence)
    {
    case ARBOR_PRESENCE_ALL:
      return NULL;
    case ARBOR_PRESENCE_BITMAP:
      return load_bits (self, presence, column->n_rows);
    default:
      bits = arbor_scope_alloc (self->scope, MAX (arbor_bits_n_words (column->n_rows), 1) * 8);
      memset (bits, 0, arbor_bits_n_words (column->n_rows) * 8);
      for (guint32 i = 0; i < column->n_values; i++)
        arbor_bits_set (bits, arbor_load_u32 (presence + (gsize) i * 4));
      return bits;
    }
}

/* The values of the column that are in the lane, NULL for all. */
static const guint64 *
get_slots (Walk *self, const ArborBatch *batch, const ArborColumnRecord *column,
           const ArborLaneRecord *lane)
{
  if (lane->slots_offset == 0)
    return NULL;
  return load_bits (self, batch->data + lane->slots_offset, column->n_values);
}

static const guint64 *
make_empty (Walk *self)
{
  guint64 *bits = new_bits (self);

  memset (bits, 0, self->n_words * 8);
  return bits;
}

/* Rows that are not hidden yet and whose value lies in the overflow lane of the column. */
static void
hide (Walk *self, const ArborBatch *batch, const ArborColumnRecord *column, const guint64 *rows)
{
  const ArborLaneRecord *lane = arbor_batch_find_lane (batch, column, ARBOR_LANE_OVERFLOW);
  const guint64 *overflow;
  guint64 *hidden;

  if (lane == NULL)
    return;
  hidden = new_bits (self);
  overflow = spread (self, get_slots (self, batch, column, lane), rows);
  if (overflow == NULL)
    arbor_bits_fill (hidden, self->lanes->n_rows);
  else if (self->lanes->hidden == NULL)
    memcpy (hidden, overflow, self->n_words * 8);
  else
    arbor_bits_or (hidden, overflow, self->lanes->hidden, self->lanes->n_rows);
  self->lanes->hidden = hidden;
}

/* The lanes of the column that the path led to; @rows have a value in it. */
static void
list_lanes (Walk *self, const ArborBatch *batch, guint32 column, const guint64 *rows)
{
  ArborLanes *lanes = self->lanes;
  const ArborColumnRecord *record = &batch->columns[column];
  guint64 *in_lanes = NULL;

  lanes->column = column;
  lanes->present = rows;
  if (record->n_nulls > 0)
    {
      in_lanes = new_bits (self);
      memset (in_lanes, 0, self->n_words * 8);
    }
  for (guint i = 0; i < record->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &batch->lanes[record->first_lane + i];
      ArborLane *out = &lanes->lanes[lanes->n_lanes++];

      *out = (ArborLane){ .record = lane,
                          .kind = lane->kind,
                          .count = lane->count,
                          .a = batch->data + lane->offset_a,
                          .b = batch->data + lane->offset_b,
                          .c = batch->data + lane->offset_c,
                          .rows = spread (self, get_slots (self, batch, record, lane), rows) };
      if (in_lanes != NULL && out->rows != NULL)
        arbor_bits_or (in_lanes, in_lanes, out->rows, lanes->n_rows);
    }
  if (in_lanes == NULL)
    return;
  if (rows == NULL)
    arbor_bits_not (in_lanes, in_lanes, lanes->n_rows);
  else
    arbor_bits_and_not (in_lanes, rows, in_lanes, lanes->n_rows);
  lanes->nulls = in_lanes;
}

void
arbor_lanes_init (ArborLanes *self, const ArborBatch *batch, guint32 column, const ArborStep *steps,
                  guint n_steps, ArborScope *scope)
{
  const ArborColumnRecord *record = &batch->columns[column];
  Walk walk = { .lanes = self, .scope = scope, .n_words = arbor_bits_n_words (record->n_rows) };
  const guint64 *rows = NULL;
  gboolean is_there = arbor_batch_column_is_good (batch, column);

  *self = (ArborLanes){ .batch = batch, .column = ARBOR_NO_COLUMN, .n_rows = record->n_rows };
  if (is_there)
    rows = get_presence (&walk, batch, record);
  for (guint i = 0; is_there && i < n_steps; i++)
    {
      const ArborLaneRecord *objects = arbor_batch_find_lane (batch, record, ARBOR_KIND_OBJECT);
      guint32 field = arbor_batch_find_field (batch, column, steps[i].key, steps[i].length);

      hide (&walk, batch, record, rows);
      is_there = objects != NULL && field != ARBOR_NO_COLUMN &&
                 arbor_batch_column_is_good (batch, field);
      if (!is_there)
        break;
      rows = spread (&walk, get_slots (&walk, batch, record, objects), rows);
      column = field;
      record = &batch->columns[column];
      rows = spread (&walk, get_presence (&walk, batch, record), rows);
    }
  if (is_there)
    list_lanes (&walk, batch, column, rows);
  else
    self->present = make_empty (&walk);
}

const ArborLane *
arbor_lanes_find (const ArborLanes *self, guint8 kind)
{
  for (guint i = 0; i < self->n_lanes; i++)
    if (self->lanes[i].kind == kind)
      return &self->lanes[i];
  return NULL;
}

const char *
arbor_lane_get_string (const ArborLane *self, guint32 index, guint32 *length)
{
  gboolean is_dictionary = self->record->encoding == ARBOR_ENCODING_DICTIONARY;
  guint32 size = is_dictionary ? self->record->size_c : self->record->size_a;
  guint64 start, end;

  *length = 0;
  if (index >= arbor_lane_get_n_strings (self))
    return "";
  arbor_spans_get (self->b, arbor_lane_get_n_strings (self), self->record->span_width, index,
                   &start, &end);
  if (start > end || end > size)
    return "";
  *length = (guint32) (end - start);
  return (const char *) (is_dictionary ? self->c : self->a) + start;
}
