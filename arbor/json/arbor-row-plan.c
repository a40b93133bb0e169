/* Plans of a batch whose rows are written. See arbor-row-writer-private.h. A batch that more than a few
 * rows are written of is bound: each column gets a plan at its first use, which says where its key's
 * text lies and holds the cursors of its presence and of its lanes.
 */

#include "json/arbor-row-writer-private.h"

#include "base/arbor-text.h"

ArborRowWriter *
arbor_row_writer_new (void)
{
  ArborRowWriter *self = g_new0 (ArborRowWriter, 1);

  self->plans = arbor_scope_new ();
  return self;
}

void
arbor_row_writer_free (ArborRowWriter *self)
{
  arbor_buffer_free (&self->texts);
  arbor_scope_free (self->plans);
  g_free (self->columns);
  g_free (self->lanes);
  g_free (self);
}

static void
bind (ArborRowWriter *self)
{
  const ArborBatchHeader *header = self->batch->header;

  if (header->n_columns > self->n_columns)
    {
      self->n_columns = header->n_columns;
      self->columns = g_renew (ArborColumnPlan, self->columns, self->n_columns);
    }
  if (header->n_lanes > self->n_lanes)
    {
      self->n_lanes = header->n_lanes;
      self->lanes = g_renew (ArborLanePlan, self->lanes, self->n_lanes);
    }
  for (guint32 i = 0; i < header->n_columns; i++)
    self->columns[i].is_planned = FALSE;
  arbor_buffer_clear (&self->texts);
  arbor_scope_reset (self->plans);
  self->is_bound = TRUE;
}

static void
plan_lane (const ArborBatch *batch, const ArborColumnRecord *column, const ArborLaneRecord *record,
           gboolean is_cell, ArborLanePlan *lane)
{
  *lane = (ArborLanePlan){
    .record = record, .a = batch->data + record->offset_a, .is_cell = is_cell
  };
  if (record->slots_offset != 0)
    arbor_bit_cursor_init (&lane->slots, batch->data + record->slots_offset, column->n_values);
  if (record->span_width != 0)
    arbor_span_cursor_init (&lane->spans, batch->data + record->offset_b,
                            record->encoding == ARBOR_ENCODING_DICTIONARY ? record->n_distinct
                                                                          : record->count,
                            record->span_width);
}

/* Appends to texts, and keeps SLACK readable bytes behind it. */
static ArborKeptText
keep_text (ArborRowWriter *self, const char *before, const char *bytes, guint32 length,
           const char *after)
{
  gsize start = self->texts.length;

  arbor_buffer_append_literal (&self->texts, before);
  arbor_text_append_string (&self->texts, bytes, length);
  arbor_buffer_append_literal (&self->texts, after);
  memset (arbor_buffer_reserve (&self->texts, SLACK), 0, SLACK);
  return (ArborKeptText){ (guint32) start, (guint32) (self->texts.length - start) };
}

void
arbor_row_writer_plan_column (ArborRowWriter *self, guint32 column, ArborColumnPlan *plan)
{
  const ArborBatch *batch = self->batch;
  const ArborColumnRecord *record = &batch->columns[column];
  guint32 length;
  const char *key = arbor_batch_get_key (batch, column, &length);
  gboolean is_cell = self->delimiter != 0 && key != NULL && record->parent == 0;

  *plan = (ArborColumnPlan){ .record = record,
                        .is_planned = TRUE,
                        .is_good = arbor_batch_column_is_good (batch, column),
                        .has_good_shapes = arbor_batch_shapes_are_good (batch, column),
                        .lanes = self->lanes + record->first_lane };
  if (key != NULL)
    plan->key = keep_text (self, ",", key, length, ":");
  if (record->presence == ARBOR_PRESENCE_BITMAP)
    arbor_bit_cursor_init (&plan->bits, batch->data + record->presence_offset, record->n_rows);
  else if (record->presence == ARBOR_PRESENCE_ROWS)
    plan->rows = (ArborRowCursor){ .rows = batch->data + record->presence_offset,
                                   .n = record->n_values };
  for (guint i = 0; i < record->n_lanes; i++)
    plan_lane (batch, record, &batch->lanes[record->first_lane + i], is_cell, &plan->lanes[i]);
  plan->is_plain = plan->is_good && record->presence == ARBOR_PRESENCE_ALL &&
                   record->n_lanes == 1 && plan->lanes[0].record->slots_offset == 0;
}

/* Binding costs about as much as writing a row does for each 64 columns and lanes. */
static gboolean
is_worth_binding (const ArborRowWriter *self)
{
  return self->n_rows > (self->batch->header->n_columns + self->batch->header->n_lanes) / 64;
}

gboolean
arbor_row_writer_prepare (ArborRowWriter *self, const ArborBatch *batch)
{
  if (batch != self->batch)
    {
      self->batch = batch;
      self->n_rows = 0;
      self->is_bound = FALSE;
    }
  if (self->is_bound)
    return TRUE;
  self->n_rows++;
  if (!is_worth_binding (self))
    return FALSE;
  bind (self);
  return TRUE;
}
