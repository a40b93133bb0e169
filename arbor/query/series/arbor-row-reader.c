/* See arbor-row-reader.h. */

#include "query/series/arbor-row-reader.h"

#include <math.h>

ArborRowReader *
arbor_row_reader_new (ArborNode *node)
{
  ArborRowReader *self = g_new0 (ArborRowReader, 1);

  self->evaluator = arbor_evaluator_new (node);
  self->path = arbor_node_get_key_path (node);
  if (self->path != NULL)
    self->hops = g_new (guint32, self->path->n_steps);
  return self;
}

void
arbor_row_reader_free (ArborRowReader *self)
{
  if (self == NULL)
    return;

  arbor_evaluator_free (self->evaluator);
  g_free (self->hops);
  g_free (self);
}

/* The only lane of a column that has a value in each of @n_rows rows, or NULL. */
static const ArborLaneRecord *
get_full_lane (const ArborBatch *batch, guint32 column, guint32 n_rows)
{
  const ArborColumnRecord *record = &batch->columns[column];
  const ArborLaneRecord *lane = &batch->lanes[record->first_lane];

  return record->n_lanes == 1 && record->presence == ARBOR_PRESENCE_ALL &&
                 lane->slots_offset == 0 && lane->count == n_rows
             ? lane
             : NULL;
}

/* Follows the path from column to column. */
static ArborRowWay
find_column (ArborRowReader *self)
{
  const ArborBatch *batch = self->batch;
  guint32 n_trees = arbor_batch_get_n_trees (batch);
  const ArborLaneRecord *lane;

  self->column = 0;
  self->n_hops = 0;
  for (guint i = 0; i < self->path->n_steps; i++)
    {
      const ArborStep *step = &self->path->steps[i];

      if (arbor_batch_has_overflow (batch, self->column))
        return ARBOR_ROW_WAY_EVALUATE;
      if (!arbor_batch_column_is_good (batch, self->column))
        return ARBOR_ROW_WAY_NONE;
      /* As long as all rows are objects, so far, these are the trees. */
      lane = get_full_lane (batch, self->column, n_trees);
      if (self->n_hops > 0 || lane == NULL || lane->kind != ARBOR_KIND_OBJECT)
        self->hops[self->n_hops++] = self->column;
      self->column = arbor_batch_find_field (batch, self->column, step->key, step->length);
      if (self->column == ARBOR_NO_COLUMN)
        return ARBOR_ROW_WAY_NONE;
    }

  lane = get_full_lane (batch, self->column, n_trees);
  if (self->n_hops > 0 || lane == NULL || !arbor_batch_column_is_good (batch, self->column))
    return ARBOR_ROW_WAY_COLUMNS;
  self->a = batch->data + lane->offset_a;
  self->width = lane->width;
  self->min = lane->min;
  if (lane->kind == ARBOR_KIND_INT64)
    return ARBOR_ROW_WAY_INTEGERS;
  return lane->kind == ARBOR_KIND_DOUBLE ? ARBOR_ROW_WAY_REALS : ARBOR_ROW_WAY_COLUMNS;
}

void
arbor_row_reader_set_batch (ArborRowReader *self, const ArborBatch *batch, guint64 first)
{
  self->batch = batch;
  self->way = (guint8)(self->path != NULL ? find_column (self) : ARBOR_ROW_WAY_EVALUATE);
  if (self->way == ARBOR_ROW_WAY_EVALUATE)
    arbor_evaluator_set_batch (self->evaluator, batch, first);
}

static void
read_columns (const ArborRowReader *self, guint32 row, ArborValue *value)
{
  for (guint i = 0; i < self->n_hops; i++)
    {
      arbor_batch_get_value (self->batch, self->hops[i], row, value);
      if (value->kind != ARBOR_KIND_OBJECT)
        {
          *value = ARBOR_VALUE_MISSING;
          return;
        }
      row = value->index;
    }
  arbor_batch_get_value (self->batch, self->column, row, value);
}

void
arbor_row_reader_get_slowly (ArborRowReader *self, guint32 row, ArborScope *scope,
                             ArborValue *value)
{
  switch ((ArborRowWay)self->way)
    {
    case ARBOR_ROW_WAY_NONE:
      *value = ARBOR_VALUE_MISSING;
      break;
    case ARBOR_ROW_WAY_INTEGERS:
      arbor_row_reader_get (self, row, scope, value);
      break;
    case ARBOR_ROW_WAY_REALS:
      *value = ARBOR_VALUE_DOUBLE (0);
      value->uint64 = arbor_load_unsigned (self->a, 8, row);
      if (!isfinite (value->real))
        *value = ARBOR_VALUE_NULL;
      break;
    case ARBOR_ROW_WAY_COLUMNS:
      read_columns (self, row, value);
      break;
    case ARBOR_ROW_WAY_EVALUATE:
      arbor_evaluator_get_value (self->evaluator, row, scope, value);
      break;
    }
}
