/* Rows as JSON, by the plans of a batch. See arbor-row-writer.h. What is rare or damaged goes through
 * arbor_value_write_json, value by value.
 *
 * Nested arrays and objects are frames on a stack of fixed size: a batch has at most
 * ARBOR_BATCH_MAX_DEPTH levels of columns, and what is deeper lies as text in an overflow lane.
 */

#include "json/arbor-row-writer-private.h"

#include <math.h>

#include "base/arbor-text.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-csv.h"

/* Values */

static inline void
write_text (ArborRowWriter *self, const ArborLanePlan *lane, const char *text, gsize length)
{
  if (lane->is_cell)
    arbor_csv_append_cell (self->out, text, length, self->delimiter, FALSE);
  else
    arbor_text_append_string (self->out, text, length);
}

static inline void
write_span (ArborRowWriter *self, ArborLanePlan *lane, guint32 index, gsize offset, guint32 size)
{
  guint64 start, end;

  arbor_span_cursor_get (&lane->spans, index, &start, &end);
  if (G_UNLIKELY (start > end || end > size))
    start = end = 0;
  write_text (self, lane, (const char *) self->batch->data + offset + start, end - start);
}

static ArborKeptText *
make_entries (ArborRowWriter *self, ArborLanePlan *lane)
{
  gsize size = lane->record->n_distinct * sizeof (ArborKeptText);

  lane->entries = arbor_scope_alloc (self->plans, size);
  memset (lane->entries, 0, size);
  return lane->entries;
}

/* The text of an entry is kept once the lane has been asked so often that this pays. */
static void
write_entry (ArborRowWriter *self, ArborLanePlan *lane, guint32 index)
{
  const ArborLaneRecord *record = lane->record;
  guint64 code = arbor_load_unsigned (lane->a, record->width, index);
  ArborKeptText *entries = lane->entries;
  gsize before;

  if (G_UNLIKELY (code >= record->n_distinct))
    {
      write_text (self, lane, "", 0);
      return;
    }
  if (entries == NULL && ++lane->n_reads > record->n_distinct / 8)
    entries = make_entries (self, lane);
  if (G_LIKELY (entries != NULL && entries[code].length != 0))
    {
      arbor_row_writer_append_kept (self->out, self->texts.data + entries[code].offset,
                                    entries[code].length);
      return;
    }

  before = self->out->length;
  write_span (self, lane, (guint32) code, record->offset_c, record->size_c);
  if (entries == NULL || self->out->length - before > MAX_KEPT ||
      self->texts.length > MAX_KEPT - (self->out->length - before))
    return;
  entries[code] = (ArborKeptText){ (guint32) self->texts.length,
                                   (guint32) (self->out->length - before) };
  arbor_buffer_append (&self->texts, self->out->data + before, entries[code].length);
  memset (arbor_buffer_reserve (&self->texts, SLACK), 0, SLACK);
}

static void
push_array (ArborRowWriter *self, guint32 column, ArborLanePlan *lane, guint32 index)
{
  guint64 start, end;

  arbor_span_cursor_get (&lane->spans, index, &start, &end);
  if (start >= end || end > lane->record->size_a)
    {
      arbor_buffer_append (self->out, "[]", 2);
      return;
    }
  g_assert (self->depth < G_N_ELEMENTS (self->frames));
  self->frames[self->depth++] =
      (ArborRowFrame){ .next = (guint32) start,
                       .end = (guint32) end,
                       .column = arbor_batch_find_elements (self->batch, column),
                       .separator = '[' };
}

static void
push_object (ArborRowWriter *self, const ArborColumnPlan *plan, const ArborLanePlan *lane,
             guint32 index)
{
  const guint8 *offsets = self->batch->shape_offsets;
  guint32 first = 0, end = 0;

  if (plan->has_good_shapes)
    {
      offsets += (plan->record->first_shape +
                  arbor_load_unsigned (lane->a, lane->record->width, index)) * 4;
      first = arbor_load_u32 (offsets);
      end = arbor_load_u32 (offsets + 4);
    }
  if (first == end)
    {
      arbor_buffer_append (self->out, "{}", 2);
      return;
    }
  g_assert (self->depth < G_N_ELEMENTS (self->frames));
  self->frames[self->depth++] = (ArborRowFrame){
    .next = first, .end = end, .row = index, .is_object = TRUE, .separator = '{'
  };
}

/* FALSE, with nothing written: another kind of value, or one that reads as null. */
static inline gboolean
write_scalar (ArborRowWriter *self, ArborLanePlan *lane, guint32 index)
{
  const ArborLaneRecord *record = lane->record;
  double real;

  switch (record->kind)
    {
    case ARBOR_KIND_BOOL:
      if ((lane->a[index / 8] >> (index % 8)) & 1)
        arbor_buffer_append (self->out, "true", 4);
      else
        arbor_buffer_append (self->out, "false", 5);
      return TRUE;
    case ARBOR_KIND_INT64:
      arbor_text_append_int64 (self->out, (gint64) (record->min + arbor_load_unsigned (
                                                        lane->a, record->width, index)));
      return TRUE;
    case ARBOR_KIND_UINT64:
      arbor_text_append_uint64 (self->out,
                                record->min + arbor_load_unsigned (lane->a, record->width, index));
      return TRUE;
    case ARBOR_KIND_DOUBLE:
      memcpy (&real, lane->a + (gsize) index * 8, 8);
      if (G_UNLIKELY (!isfinite (real)))
        return FALSE;
      arbor_text_append_double (self->out, real);
      return TRUE;
    case ARBOR_KIND_STRING:
      if (record->encoding == ARBOR_ENCODING_DICTIONARY)
        write_entry (self, lane, index);
      else
        write_span (self, lane, index, record->offset_a, record->size_a);
      return TRUE;
    default: /* numbers as text, and overflow */
      return FALSE;
    }
}

static void
write_generically (ArborRowWriter *self, guint32 column, guint32 row)
{
  ArborValue value;

  arbor_batch_get_value (self->batch, column, row, &value);
  arbor_value_write_json (&value, self->scope, self->out);
}

/* Writes the value, or pushes the frame of an array or object that is not empty. */
static inline void
write_value (ArborRowWriter *self, guint32 column, ArborColumnPlan *plan, guint32 row)
{
  guint32 index;
  ArborLanePlan *lane = arbor_column_plan_find_lane (plan, row, &index);

  if (lane == NULL)
    {
      arbor_buffer_append (self->out, "null", 4);
      return;
    }
  if (lane->record->kind == ARBOR_KIND_ARRAY)
    push_array (self, column, lane, index);
  else if (lane->record->kind == ARBOR_KIND_OBJECT)
    push_object (self, plan, lane, index);
  else if (!write_scalar (self, lane, index))
    write_generically (self, column, row);
}

/* Children of the innermost frame, up to one that pushes a frame of its own. */
static void
write_children (ArborRowWriter *self)
{
  const guint depth = self->depth;
  ArborRowFrame *frame = &self->frames[depth - 1];

  while (frame->next < frame->end)
    {
      guint32 column = frame->column;
      guint32 row = frame->next;
      ArborColumnPlan *plan;

      if (frame->is_object)
        {
          gsize start = self->out->length;

          column = arbor_load_u32 (self->batch->shape_columns + (gsize) row * 4);
          row = frame->row;
          plan = arbor_row_writer_get_plan (self, column);
          arbor_row_writer_append_kept (self->out, self->texts.data + plan->key.offset,
                                        plan->key.length);
          self->out->data[start] = frame->separator;
        }
      else
        {
          plan = arbor_row_writer_get_plan (self, column);
          arbor_buffer_append_byte (self->out, frame->separator);
        }
      frame->separator = ',';
      frame->next++;
      write_value (self, column, plan, row);
      if (self->depth != depth)
        return;
    }
  arbor_buffer_append_byte (self->out, frame->is_object ? '}' : ']');
  self->depth--;
}

gboolean
arbor_row_writer_write_scalar (ArborRowWriter *self, guint32 column, guint32 row)
{
  guint32 index;
  ArborLanePlan *lane =
      arbor_column_plan_find_lane (arbor_row_writer_get_plan (self, column), row, &index);

  return lane != NULL && write_scalar (self, lane, index);
}

void
arbor_row_writer_write_value (ArborRowWriter *self, guint32 column, guint32 row)
{
  write_value (self, column, arbor_row_writer_get_plan (self, column), row);
  while (self->depth > 0)
    write_children (self);
}

void
arbor_row_writer_write (ArborRowWriter *self, const ArborBatch *batch, guint32 row,
                        ArborScope *scope, ArborBuffer *out)
{
  gboolean is_bound = arbor_row_writer_prepare (self, batch);

  self->scope = scope;
  self->out = out;
  if (is_bound)
    arbor_row_writer_write_value (self, 0, row);
  else
    write_generically (self, 0, row);
}

void
arbor_row_writer_forget (ArborRowWriter *self)
{
  self->batch = NULL;
}
