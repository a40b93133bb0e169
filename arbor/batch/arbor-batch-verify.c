/* Verifying a batch: everything that opening leaves for later. What passes here reads back
 * exactly as it was written; what fails is ARBOR_ERROR_CORRUPT, naming the column.
 */

#include "batch/arbor-batch-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "base/arbor-tape.h"

typedef struct
{
  const ArborBatch *batch;
  const ArborColumnRecord *column;
  const ArborLaneRecord *lane;
  ArborParser *parser;
  ArborBuffer text;
} Verifier;

/* Valid UTF-8, NUL bytes allowed. */
static gboolean
is_utf8 (const char *text, gsize length)
{
  const char *end = text + length;

  for (;;)
    {
      const char *nul = memchr (text, 0, (gsize) (end - text));

      if (!g_utf8_validate_len (text, (gsize) ((nul != NULL ? nul : end) - text), NULL))
        return FALSE;
      if (nul == NULL)
        return TRUE;
      text = nul + 1;
    }
}

static gboolean
is_overflow_text (Verifier *self, const char *text, gsize length)
{
  gsize offset;
  const char *reason;
  ArborTape tape;

  if (length == 0 || (text[0] != '[' && text[0] != '{'))
    return FALSE;
  arbor_buffer_clear (&self->text);
  arbor_buffer_append (&self->text, text, length);
  memset (arbor_buffer_reserve (&self->text, ARBOR_PARSER_PADDING), 0, ARBOR_PARSER_PADDING);
  return arbor_parser_parse (self->parser, (const char *) self->text.data, length, &tape, &offset,
                             &reason);
}

static gboolean
is_text (Verifier *self, const char *text, gsize length)
{
  ArborValue number;

  switch (self->lane->kind)
    {
    case ARBOR_KIND_STRING:
      return is_utf8 (text, length);
    case ARBOR_KIND_NUMBER:
      /* Those that 64 bits could hold, too: where every digit was to be kept. */
      return arbor_number_parse (text, length, &number);
    default:
      return is_overflow_text (self, text, length);
    }
}

typedef struct
{
  const guint8 *bytes;
  gsize length;
} Text;

static int
compare_texts (Text a, Text b)
{
  int order = memcmp (a.bytes, b.bytes, MIN (a.length, b.length));

  return order != 0 ? order : a.length < b.length ? -1 : a.length > b.length;
}

static Text
get_text (Verifier *self, guint32 count, const guint8 *bytes, guint64 index)
{
  guint64 start, end;

  arbor_spans_get (self->batch->data + self->lane->offset_b, count, self->lane->span_width,
                   (guint32) index, &start, &end);
  return (Text){ bytes + start, end - start };
}

/* Texts follow each other without gaps, fill @size, and are what their kind asks for. */
static gboolean
verify_spans (Verifier *self, guint32 count, const guint8 *bytes, guint32 size)
{
  guint64 at = 0;

  for (guint32 i = 0; i < count; i++)
    {
      Text text = get_text (self, count, bytes, i);

      if (text.bytes != bytes + at || text.length > size - at ||
          !is_text (self, (const char *) text.bytes, text.length))
        return FALSE;
      at += text.length;
    }
  return at == size;
}

/* No string lies outside of those at min and max, and they ascend if, and only if, the lane says
 * so. The spans are good. */
static gboolean
verify_string_order (Verifier *self)
{
  const ArborLaneRecord *lane = self->lane;
  const guint8 *bytes = self->batch->data + lane->offset_a;
  gboolean is_sorted = TRUE;
  Text low, high;

  if (lane->min >= lane->count || lane->max >= lane->count)
    return FALSE;
  low = get_text (self, lane->count, bytes, lane->min);
  high = get_text (self, lane->count, bytes, lane->max);
  for (guint32 i = 0; i < lane->count; i++)
    {
      Text text = get_text (self, lane->count, bytes, i);

      if (compare_texts (text, low) < 0 || compare_texts (text, high) > 0)
        return FALSE;
      is_sorted &= i == 0 || compare_texts (get_text (self, lane->count, bytes, i - 1), text) <= 0;
    }
  return is_sorted == (lane->flags == ARBOR_LANE_SORTED);
}

/* Codes stay below their number and ascend if the lane says so; the strings ascend, none twice. */
static gboolean
verify_dictionary (Verifier *self)
{
  const ArborLaneRecord *lane = self->lane;
  const guint8 *codes = self->batch->data + lane->offset_a;
  const guint8 *bytes = self->batch->data + lane->offset_c;
  gboolean is_sorted = TRUE;
  guint64 last = 0;

  if (lane->min != 0 || lane->max != lane->n_distinct - 1)
    return FALSE;
  for (guint32 i = 0; i < lane->count; i++)
    {
      guint64 code = arbor_load_unsigned (codes, lane->width, i);

      if (code >= lane->n_distinct)
        return FALSE;
      is_sorted &= code >= last;
      last = code;
    }
  for (guint32 i = 1; i < lane->n_distinct; i++)
    if (compare_texts (get_text (self, lane->n_distinct, bytes, i - 1),
                       get_text (self, lane->n_distinct, bytes, i)) >= 0)
      return FALSE;
  return is_sorted == (lane->flags == ARBOR_LANE_SORTED);
}

static gboolean
verify_bools (Verifier *self)
{
  const ArborLaneRecord *lane = self->lane;
  const guint8 *bits = self->batch->data + lane->offset_a;
  guint32 n_true = 0;

  for (guint32 i = 0; i < lane->count; i++)
    n_true += (bits[i / 8] >> (i % 8)) & 1;
  return lane->min == (n_true == lane->count) && lane->max == (n_true > 0);
}

/* Both ends are reached, none is passed, and the kind is the narrowest that the numbers fit. */
static gboolean
verify_frame (Verifier *self)
{
  const ArborLaneRecord *lane = self->lane;
  const guint8 *numbers = self->batch->data + lane->offset_a;
  guint64 low = G_MAXUINT64, high = 0, last = 0;
  gboolean is_sorted = TRUE;

  if (lane->kind == ARBOR_KIND_INT64 ? (gint64) lane->max < (gint64) lane->min
                                     : lane->max < lane->min || lane->min <= G_MAXINT64)
    return FALSE;
  for (guint32 i = 0; i < lane->count; i++)
    {
      guint64 number = arbor_load_unsigned (numbers, lane->width, i);

      low = MIN (low, number);
      high = MAX (high, number);
      is_sorted &= number >= last;
      last = number;
    }
  return low == 0 && high == lane->max - lane->min &&
         is_sorted == (lane->flags == ARBOR_LANE_SORTED);
}

static double
load_double (guint64 bits)
{
  double number;

  memcpy (&number, &bits, 8);
  return number;
}

static gboolean
verify_doubles (Verifier *self)
{
  const ArborLaneRecord *lane = self->lane;
  const guint8 *numbers = self->batch->data + lane->offset_a;
  double low = INFINITY, high = -INFINITY, last = -INFINITY;
  gboolean is_sorted = TRUE;

  for (guint32 i = 0; i < lane->count; i++)
    {
      double number = load_double (arbor_load_unsigned (numbers, 8, i));

      if (!isfinite (number))
        return FALSE;
      low = MIN (low, number);
      high = MAX (high, number);
      is_sorted &= number >= last;
      last = number;
    }
  return low == load_double (lane->min) && high == load_double (lane->max) &&
         is_sorted == (lane->flags == ARBOR_LANE_SORTED);
}

static gboolean
verify_lane (Verifier *self)
{
  const ArborLaneRecord *lane = self->lane;
  const guint8 *data = self->batch->data;

  switch (lane->encoding)
    {
    case ARBOR_ENCODING_BITS:
      return verify_bools (self);
    case ARBOR_ENCODING_FRAME:
      return verify_frame (self);
    case ARBOR_ENCODING_RAW:
      return verify_doubles (self);
    case ARBOR_ENCODING_SPANS:
      return verify_spans (self, lane->count, data + lane->offset_a, lane->size_a) &&
             (lane->kind != ARBOR_KIND_STRING || verify_string_order (self));
    case ARBOR_ENCODING_DICTIONARY:
      return verify_spans (self, lane->n_distinct, data + lane->offset_c, lane->size_c) &&
             verify_dictionary (self);
    default: /* runs and shapes: arbor_batch_check_column, arbor_batch_check_shapes */
      return TRUE;
    }
}

/* Lanes share no value. */
static gboolean
verify_slots (const ArborBatch *batch, const ArborColumnRecord *column)
{
  for (guint32 slot = 0; slot < column->n_values && column->n_lanes > 1; slot++)
    {
      guint n = 0;

      for (guint i = 0; i < column->n_lanes; i++)
        {
          ArborBitmap slots;

          arbor_bitmap_init (&slots,
                             batch->data + batch->lanes[column->first_lane + i].slots_offset,
                             column->n_values);
          n += (guint) arbor_bitmap_test (&slots, slot);
        }
      if (n > 1)
        return FALSE;
    }
  return TRUE;
}

/* An object has the fields that its shape names, and no others: their values are counted. */
static gboolean
verify_members (const ArborBatch *batch, guint32 index)
{
  const ArborColumnRecord *column = &batch->columns[index];
  const ArborLaneRecord *objects = arbor_batch_find_lane (batch, column, ARBOR_KIND_OBJECT);

  if (!arbor_batch_check_shapes (batch, column))
    return FALSE;
  for (guint32 i = 0; objects != NULL && i < objects->count; i++)
    {
      guint32 first;
      guint32 n = arbor_batch_get_shape (batch, index, i, &first);

      for (guint32 j = first; j < first + n; j++)
        {
          ArborValue value;

          arbor_batch_get_value (batch, arbor_batch_get_shape_field (batch, index, j), i, &value);
          if (value.kind == ARBOR_KIND_MISSING)
            return FALSE;
        }
    }
  return TRUE;
}

/* Fields lie sorted by key, each key once. */
static gboolean
verify_order (const ArborBatch *batch, const ArborColumnRecord *column)
{
  for (guint32 i = 1; i < column->n_fields; i++)
    {
      guint32 m, n;
      const char *a = arbor_batch_get_key (batch, column->first_child + i - 1, &m);
      const char *b = arbor_batch_get_key (batch, column->first_child + i, &n);

      if (compare_texts ((Text){ (const guint8 *) a, m }, (Text){ (const guint8 *) b, n }) >= 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
verify_keys (const ArborBatch *batch)
{
  for (guint32 i = 0; i < batch->header->n_keys; i++)
    {
      guint32 start = arbor_load_u32 (batch->key_offsets + (gsize) i * 4);
      guint32 end = arbor_load_u32 (batch->key_offsets + (gsize) i * 4 + 4);

      if (!is_utf8 ((const char *) batch->key_bytes + start, end - start))
        return FALSE;
    }
  return TRUE;
}

static gboolean
verify_column (Verifier *self, guint32 index)
{
  const ArborBatch *batch = self->batch;

  self->column = &batch->columns[index];
  if (!arbor_batch_check_column (batch, self->column) || !verify_order (batch, self->column))
    return FALSE;
  for (guint i = 0; i < self->column->n_lanes; i++)
    {
      self->lane = &batch->lanes[self->column->first_lane + i];
      if (!verify_lane (self))
        return FALSE;
    }
  return verify_slots (batch, self->column) && verify_members (batch, index);
}

gboolean
arbor_batch_verify (const ArborBatch *batch, GError **error)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  Verifier self = { .batch = batch, .parser = parser };
  gboolean is_good = TRUE;

  if (!arbor_batch_check_bytes (batch, error))
    return FALSE;
  if (!verify_keys (batch))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                   _("Damaged batch: a key is not UTF-8"));
      return FALSE;
    }
  for (guint32 i = 0; is_good && i < batch->header->n_columns; i++)
    {
      is_good = verify_column (&self, i);
      if (!is_good)
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                     _("Damaged batch: the values of column %u do not fit its record"), i);
    }
  arbor_buffer_free (&self.text);
  return is_good;
}
