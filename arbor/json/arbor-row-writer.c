/* See arbor-row-writer.h. A batch that more than a few rows are written of is bound: each column
 * gets a plan at its first use, which says where its key's text lies and holds the cursors of its
 * presence and of its lanes. What is rare or damaged goes through arbor_value_write_json, value by
 * value.
 *
 * Nested arrays and objects are frames on a stack of fixed size: a batch has at most
 * ARBOR_BATCH_MAX_DEPTH levels of columns, and what is deeper lies as text in an overflow lane.
 */

#include "json/arbor-row-writer.h"

#include <math.h>

#include "base/arbor-text.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-lane-cursor.h"

#define SLACK 16u /* bytes that may be written, or read, past the end of kept text */
#define MAX_KEPT (4u * 1024u * 1024u) /* bytes of entries of dictionaries whose text is kept */

/* Text in ArborRowWriter.texts. */
typedef struct
{
  guint32 offset;
  guint32 length; /* 0: not made yet */
} Text;

typedef struct
{
  const ArborLaneRecord *record;
  const guint8 *a;
  ArborBitCursor slots;
  ArborSpanCursor spans;
  Text *entries;   /* of a dictionary; NULL before n_reads are worth it */
  guint32 n_reads;
} LanePlan;

typedef struct
{
  const ArborColumnRecord *record;
  LanePlan *lanes;
  gboolean is_planned;
  gboolean is_good;  /* see ArborColumnState */
  gboolean is_plain; /* good, and each row has a value, all in one lane */
  gboolean has_good_shapes;
  Text key;          /* ,"key": of a field */
  ArborBitCursor bits;
  ArborRowCursor rows;
} ColumnPlan;

/* An array or object whose children are being written. */
typedef struct
{
  guint32 next; /* object: position in the shapes; array: row of the elements' column */
  guint32 end;
  guint32 column; /* array: of the elements */
  guint32 row;    /* object: of its fields */
  gboolean is_object;
  guint8 separator; /* what stands before the next child */
} Frame;

struct _ArborRowWriter
{
  const ArborBatch *batch;
  guint32 n_rows; /* written of the batch before it is bound */
  gboolean is_bound;
  ColumnPlan *columns; /* a plan each, of the batch, zeros before they are made */
  LanePlan *lanes;
  guint32 n_columns; /* there is room for */
  guint32 n_lanes;
  ArborBuffer texts; /* of keys and entries */
  ArborScope *plans; /* memory that lives as long as the batch is bound */
  Frame frames[ARBOR_BATCH_MAX_DEPTH];
  guint depth;

  /* Of the call. */
  ArborScope *scope;
  ArborBuffer *out;
};

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

/* Plans */

static void
bind (ArborRowWriter *self)
{
  const ArborBatchHeader *header = self->batch->header;

  if (header->n_columns > self->n_columns)
    {
      self->n_columns = header->n_columns;
      self->columns = g_renew (ColumnPlan, self->columns, self->n_columns);
    }
  if (header->n_lanes > self->n_lanes)
    {
      self->n_lanes = header->n_lanes;
      self->lanes = g_renew (LanePlan, self->lanes, self->n_lanes);
    }
  for (guint32 i = 0; i < header->n_columns; i++)
    self->columns[i].is_planned = FALSE;
  arbor_buffer_clear (&self->texts);
  arbor_scope_reset (self->plans);
  self->is_bound = TRUE;
}

static void
plan_lane (const ArborBatch *batch, const ArborColumnRecord *column, const ArborLaneRecord *record,
           LanePlan *lane)
{
  *lane = (LanePlan){ .record = record, .a = batch->data + record->offset_a };
  if (record->slots_offset != 0)
    arbor_bit_cursor_init (&lane->slots, batch->data + record->slots_offset, column->n_values);
  if (record->span_width != 0)
    arbor_span_cursor_init (&lane->spans, batch->data + record->offset_b,
                            record->encoding == ARBOR_ENCODING_DICTIONARY ? record->n_distinct
                                                                          : record->count,
                            record->span_width);
}

/* Appends to texts, and keeps SLACK readable bytes behind it. */
static Text
keep_text (ArborRowWriter *self, const char *before, const char *bytes, guint32 length,
           const char *after)
{
  gsize start = self->texts.length;

  arbor_buffer_append_literal (&self->texts, before);
  arbor_text_append_string (&self->texts, bytes, length);
  arbor_buffer_append_literal (&self->texts, after);
  memset (arbor_buffer_reserve (&self->texts, SLACK), 0, SLACK);
  return (Text){ (guint32) start, (guint32) (self->texts.length - start) };
}

static void
plan_column (ArborRowWriter *self, guint32 column, ColumnPlan *plan)
{
  const ArborBatch *batch = self->batch;
  const ArborColumnRecord *record = &batch->columns[column];
  guint32 length;
  const char *key = arbor_batch_get_key (batch, column, &length);

  *plan = (ColumnPlan){ .record = record,
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
    plan_lane (batch, record, &batch->lanes[record->first_lane + i], &plan->lanes[i]);
  plan->is_plain = plan->is_good && record->presence == ARBOR_PRESENCE_ALL &&
                   record->n_lanes == 1 && plan->lanes[0].record->slots_offset == 0;
}

static inline ColumnPlan *
get_plan (ArborRowWriter *self, guint32 column)
{
  ColumnPlan *plan = &self->columns[column];

  if (G_UNLIKELY (!plan->is_planned))
    plan_column (self, column, plan);
  return plan;
}

/* Values */

/* Copies in blocks: up to SLACK bytes more are read and written, and do not count. */
static inline void
append_kept (ArborBuffer *out, const guint8 *text, guint32 length)
{
  guint8 *to = arbor_buffer_reserve (out, (gsize) length + SLACK);

  for (guint32 i = 0; i < length; i += SLACK)
    memcpy (to + i, text + i, SLACK);
  out->length += length;
}

static inline void
write_span (ArborRowWriter *self, LanePlan *lane, guint32 index, gsize offset, guint32 size)
{
  guint64 start, end;

  arbor_span_cursor_get (&lane->spans, index, &start, &end);
  if (G_UNLIKELY (start > end || end > size))
    start = end = 0;
  arbor_text_append_string (self->out, (const char *) self->batch->data + offset + start,
                            end - start);
}

static Text *
make_entries (ArborRowWriter *self, LanePlan *lane)
{
  gsize size = lane->record->n_distinct * sizeof (Text);

  lane->entries = arbor_scope_alloc (self->plans, size);
  memset (lane->entries, 0, size);
  return lane->entries;
}

/* The text of an entry is kept once the lane has been asked so often that this pays. */
static void
write_entry (ArborRowWriter *self, LanePlan *lane, guint32 index)
{
  const ArborLaneRecord *record = lane->record;
  guint64 code = arbor_load_unsigned (lane->a, record->width, index);
  Text *entries = lane->entries;
  gsize before;

  if (G_UNLIKELY (code >= record->n_distinct))
    {
      arbor_text_append_string (self->out, "", 0);
      return;
    }
  if (entries == NULL && ++lane->n_reads > record->n_distinct / 8)
    entries = make_entries (self, lane);
  if (G_LIKELY (entries != NULL && entries[code].length != 0))
    {
      append_kept (self->out, self->texts.data + entries[code].offset, entries[code].length);
      return;
    }

  before = self->out->length;
  write_span (self, lane, (guint32) code, record->offset_c, record->size_c);
  if (entries == NULL || self->out->length - before > MAX_KEPT ||
      self->texts.length > MAX_KEPT - (self->out->length - before))
    return;
  entries[code] = (Text){ (guint32) self->texts.length, (guint32) (self->out->length - before) };
  arbor_buffer_append (&self->texts, self->out->data + before, entries[code].length);
  memset (arbor_buffer_reserve (&self->texts, SLACK), 0, SLACK);
}

static void
push_array (ArborRowWriter *self, guint32 column, LanePlan *lane, guint32 index)
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
      (Frame){ .next = (guint32) start,
               .end = (guint32) end,
               .column = arbor_batch_find_elements (self->batch, column),
               .separator = '[' };
}

static void
push_object (ArborRowWriter *self, const ColumnPlan *plan, const LanePlan *lane, guint32 index)
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
  self->frames[self->depth++] = (Frame){
    .next = first, .end = end, .row = index, .is_object = TRUE, .separator = '{'
  };
}

static void
write_double (ArborRowWriter *self, const LanePlan *lane, guint32 index)
{
  double real;

  memcpy (&real, lane->a + (gsize) index * 8, 8);
  if (G_LIKELY (isfinite (real)))
    arbor_text_append_double (self->out, real);
  else
    arbor_buffer_append (self->out, "null", 4);
}

static inline gboolean
find_slot (ColumnPlan *plan, guint32 row, guint32 *slot)
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
static inline LanePlan *
find_lane (ColumnPlan *plan, guint32 row, guint32 *index)
{
  guint32 slot;

  if (G_LIKELY (plan->is_plain && row < plan->record->n_rows))
    {
      *index = row;
      return plan->lanes;
    }
  if (!find_slot (plan, row, &slot))
    return NULL;
  *index = slot;
  for (guint i = 0; i < plan->record->n_lanes; i++)
    {
      LanePlan *lane = &plan->lanes[i];

      if (lane->record->slots_offset == 0 || arbor_bit_cursor_find (&lane->slots, slot, index))
        return G_LIKELY (*index < lane->record->count) ? lane : NULL;
    }
  return NULL;
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
write_value (ArborRowWriter *self, guint32 column, ColumnPlan *plan, guint32 row)
{
  guint32 index;
  LanePlan *lane = find_lane (plan, row, &index);
  const ArborLaneRecord *record;

  if (lane == NULL)
    {
      arbor_buffer_append (self->out, "null", 4);
      return;
    }
  record = lane->record;
  switch (record->kind)
    {
    case ARBOR_KIND_BOOL:
      if ((lane->a[index / 8] >> (index % 8)) & 1)
        arbor_buffer_append (self->out, "true", 4);
      else
        arbor_buffer_append (self->out, "false", 5);
      break;
    case ARBOR_KIND_INT64:
      arbor_text_append_int64 (self->out, (gint64) (record->min + arbor_load_unsigned (
                                                        lane->a, record->width, index)));
      break;
    case ARBOR_KIND_UINT64:
      arbor_text_append_uint64 (self->out,
                                record->min + arbor_load_unsigned (lane->a, record->width, index));
      break;
    case ARBOR_KIND_DOUBLE:
      write_double (self, lane, index);
      break;
    case ARBOR_KIND_STRING:
      if (record->encoding == ARBOR_ENCODING_DICTIONARY)
        write_entry (self, lane, index);
      else
        write_span (self, lane, index, record->offset_a, record->size_a);
      break;
    case ARBOR_KIND_ARRAY:
      push_array (self, column, lane, index);
      break;
    case ARBOR_KIND_OBJECT:
      push_object (self, plan, lane, index);
      break;
    default: /* numbers as text, and overflow */
      write_generically (self, column, row);
      break;
    }
}

/* Children of the innermost frame, up to one that pushes a frame of its own. */
static void
write_children (ArborRowWriter *self)
{
  const guint depth = self->depth;
  Frame *frame = &self->frames[depth - 1];

  while (frame->next < frame->end)
    {
      guint32 column = frame->column;
      guint32 row = frame->next;
      ColumnPlan *plan;

      if (frame->is_object)
        {
          gsize start = self->out->length;

          column = arbor_load_u32 (self->batch->shape_columns + (gsize) row * 4);
          row = frame->row;
          plan = get_plan (self, column);
          append_kept (self->out, self->texts.data + plan->key.offset, plan->key.length);
          self->out->data[start] = frame->separator;
        }
      else
        {
          plan = get_plan (self, column);
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

/* Binding costs about as much as writing a row does for each 64 columns and lanes. */
static gboolean
is_worth_binding (const ArborRowWriter *self)
{
  return self->n_rows > (self->batch->header->n_columns + self->batch->header->n_lanes) / 64;
}

void
arbor_row_writer_write (ArborRowWriter *self, const ArborBatch *batch, guint32 row,
                        ArborScope *scope, ArborBuffer *out)
{
  self->scope = scope;
  self->out = out;
  if (batch != self->batch)
    {
      self->batch = batch;
      self->n_rows = 0;
      self->is_bound = FALSE;
    }
  if (!self->is_bound)
    {
      self->n_rows++;
      if (!is_worth_binding (self))
        {
          write_generically (self, 0, row);
          return;
        }
      bind (self);
    }

  write_value (self, 0, get_plan (self, 0), row);
  while (self->depth > 0)
    write_children (self);
}
