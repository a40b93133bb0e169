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
      return arbor_number_parse (text, length, &number) && number.kind == ARBOR_KIND_NUMBER;
    default:
      return is_overflow_text (self, text, length);
    }
}

/* Runs follow each other without gaps and fill @size. */
static gboolean
verify_spans (Verifier *self, guint32 count, const guint8 *bytes, guint32 size)
{
  guint64 at = 0;

  for (guint32 i = 0; i < count; i++)
    {
      guint64 start, end;

      arbor_spans_get (self->batch->data + self->lane->offset_b, count, self->lane->span_width, i,
                       &start, &end);
      if (start != at || end < start || end > size ||
          !is_text (self, (const char *) bytes + start, end - start))
        return FALSE;
      at = end;
    }
  return at == size;
}

/* Codes and shape ids stay below @limit. */
static gboolean
verify_codes (Verifier *self, guint64 limit)
{
  for (guint32 i = 0; i < self->lane->count; i++)
    if (arbor_load_unsigned (self->batch->data + self->lane->offset_a, self->lane->width, i) >=
        limit)
      return FALSE;
  return TRUE;
}

static gboolean
verify_doubles (Verifier *self)
{
  for (guint32 i = 0; i < self->lane->count; i++)
    {
      guint64 bits = arbor_load_unsigned (self->batch->data + self->lane->offset_a, 8, i);
      double number;

      memcpy (&number, &bits, 8);
      if (!isfinite (number))
        return FALSE;
    }
  return TRUE;
}

static gboolean
verify_lane (Verifier *self)
{
  const ArborLaneRecord *lane = self->lane;
  const guint8 *data = self->batch->data;
  guint64 n = lane->encoding == ARBOR_ENCODING_DICTIONARY ? lane->n_distinct : lane->count;
  if (lane->kind == ARBOR_KIND_STRING && (lane->min >= n || lane->max >= n))
    return FALSE;

  switch (lane->encoding)
    {
    case ARBOR_ENCODING_RAW:
      return verify_doubles (self);
    case ARBOR_ENCODING_SPANS:
      return verify_spans (self, lane->count, data + lane->offset_a, lane->size_a);
    case ARBOR_ENCODING_DICTIONARY:
      return verify_codes (self, lane->n_distinct) &&
             verify_spans (self, lane->n_distinct, data + lane->offset_c, lane->size_c);
    case ARBOR_ENCODING_RUNS:
      return (lane->size_a == 0) == !self->column->has_elements;
    case ARBOR_ENCODING_SHAPES:
      return verify_codes (self, self->column->n_shapes);
    default:
      return TRUE;
    }
}

/* Rows of a row list ascend and stay below the parent's. */
static gboolean
verify_row_list (const ArborBatch *batch, const ArborColumnRecord *column)
{
  const guint8 *rows = batch->data + column->presence_offset;

  for (guint32 i = 0; column->presence == ARBOR_PRESENCE_ROWS && i < column->n_values; i++)
    if (arbor_load_u32 (rows + (gsize) i * 4) >= column->n_rows ||
        (i > 0 && arbor_load_u32 (rows + (gsize) i * 4 - 4) >=
                      arbor_load_u32 (rows + (gsize) i * 4)))
      return FALSE;
  return TRUE;
}

/* Lanes share no value, and an object has just the fields that its shape names. */
static gboolean
verify_rows (const ArborBatch *batch, guint32 index)
{
  const ArborColumnRecord *column = &batch->columns[index];
  const ArborLaneRecord *objects = arbor_batch_find_lane (batch, column, ARBOR_KIND_OBJECT);
  guint64 n_pairs = 0;
  guint64 n_values = 0;

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

  for (guint32 i = 0; objects != NULL && i < objects->count; i++)
    {
      guint32 first;
      guint32 n = arbor_batch_get_shape (batch, index, i, &first);

      n_pairs += n;
      for (guint32 j = first; j < first + n; j++)
        {
          guint32 field = arbor_batch_get_shape_field (batch, index, j);
          ArborValue value;

          arbor_batch_get_value (batch, field, i, &value);
          if (value.kind == ARBOR_KIND_MISSING)
            return FALSE;
        }
    }
  for (guint32 i = 0; i < column->n_fields; i++)
    n_values += batch->columns[column->first_child + i].n_values;
  return n_pairs == n_values;
}

static gboolean
verify_column (Verifier *self, guint32 index)
{
  const ArborBatch *batch = self->batch;
  guint32 length;
  const char *key = arbor_batch_get_key (batch, index, &length);

  self->column = &batch->columns[index];
  if (!arbor_batch_check_column (batch, self->column) ||
      !verify_row_list (batch, self->column) || (key != NULL && !is_utf8 (key, length)))
    return FALSE;
  for (guint i = 0; i < self->column->n_lanes; i++)
    {
      self->lane = &batch->lanes[self->column->first_lane + i];
      if (!verify_lane (self))
        return FALSE;
    }
  return verify_rows (batch, index);
}

gboolean
arbor_batch_verify (const ArborBatch *batch, GError **error)
{
  g_autoptr (ArborParser) parser = arbor_parser_new ();
  Verifier self = { .batch = batch, .parser = parser };
  gboolean is_good = TRUE;

  if (arbor_batch_compute_digest (batch->data, batch->size) != batch->header->digest)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                   _("Damaged batch: its bytes do not have the digest that its header gives"));
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
