/* One row of an array as a tape. See arbor-arrow-take.h. Each offset, index and length is compared with
 * what there is before it is followed; what a row may hold in all is bounded, for lists may lie on each
 * other.
 */

#include "query/arrow/arbor-arrow-take.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-simdjson.h"
#include "base/arbor-text.h"
#include "batch/arbor-batch.h"

#define MAX_VALUES (1u << 26)          /* of a tree */
#define MAX_TEXT ARBOR_BATCH_MAX_BYTES /* of a tree, in bytes */

struct _ArborArrowReader
{
  ArborTapeWriter *writer;
  ArborParser *parser;
  ArborBuffer text;   /* of what is made text */
  ArborBuffer padded; /* JSON, with the parser's padding */
  guint64 n_values;   /* of this tree so far */
  guint64 n_bytes;
};

static gboolean read_value (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row,
                            GError **error);

ArborArrowReader *
arbor_arrow_reader_new (void)
{
  ArborArrowReader *self = g_new0 (ArborArrowReader, 1);

  self->writer = arbor_tape_writer_new ();
  self->parser = arbor_parser_new ();
  return self;
}

void
arbor_arrow_reader_free (ArborArrowReader *self)
{
  arbor_tape_writer_free (self->writer);
  arbor_parser_free (self->parser);
  arbor_buffer_free (&self->text);
  arbor_buffer_free (&self->padded);
  g_free (self);
}

static gboolean
set_damaged (const ArborArrowColumn *column, const char *what, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_SCHEMA,
               _("Arrow column '%s': %s that lead out of the array"), column->plan->path, what);
  return FALSE;
}

static gboolean
set_limit (const ArborArrowColumn *column, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("Arrow column '%s': expected at most %u values and %u MiB of text in a tree, found more"),
               column->plan->path, MAX_VALUES, MAX_TEXT >> 20);
  return FALSE;
}

/* Numbers as they lie */

static gint64
load_signed (const guint8 *items, guint width, guint64 index)
{
  gint8 one;
  gint16 two;
  gint32 four;
  gint64 eight;

  items += index * width;
  switch (width)
    {
    case 1:
      memcpy (&one, items, 1);
      return one;
    case 2:
      memcpy (&two, items, 2);
      return two;
    case 4:
      memcpy (&four, items, 4);
      return four;
    default:
      memcpy (&eight, items, 8);
      return eight;
    }
}

static void
load_integer (const ArborArrowColumn *column, guint64 slot, ArborValue *value)
{
  guint width = column->plan->width;
  guint64 number = (guint64) load_signed (column->items, width, slot);

  if (!column->plan->is_signed && width < 8)
    number &= (G_GUINT64_CONSTANT (1) << (8 * width)) - 1;
  *value = column->plan->is_signed || number <= G_MAXINT64 ? ARBOR_VALUE_INT64 ((gint64) number)
                                                           : ARBOR_VALUE_UINT64 (number);
}

static void
load_real (const ArborArrowColumn *column, guint64 slot, ArborValue *value)
{
  guint width = column->plan->width;
  const guint8 *at = column->items + slot * width;
  guint16 half;
  float single;
  double real;

  if (width == 2)
    {
      memcpy (&half, at, 2);
      real = arbor_arrow_scalar_half (half);
    }
  else if (width == 4)
    {
      memcpy (&single, at, 4);
      real = single;
    }
  else
    memcpy (&real, at, 8);
  *value = isfinite (real) ? ARBOR_VALUE_DOUBLE (real) : ARBOR_VALUE_NULL;
}

static inline gboolean
test_bit (const guint8 *bits, guint64 slot)
{
  return bits[slot / 8] >> (slot % 8) & 1;
}

/* Text */

/* Where the bytes of a slot lie. */
static gboolean
find_by_offsets (const ArborArrowColumn *column, guint64 slot, const guint8 **bytes, gint64 *length,
                 GError **error)
{
  gint64 start = load_signed (column->items, column->plan->width, slot);
  gint64 end = load_signed (column->items, column->plan->width, slot + 1);

  if (start < 0 || end < start || (end > start && column->others == NULL))
    return set_damaged (column, "offsets", error);
  *bytes = end > start ? column->others + start : (const guint8 *) "";
  *length = end - start;
  return TRUE;
}

/* A view: the length, then the bytes, or four of them, the buffer and where in it. */
static gboolean
find_by_view (const ArborArrowColumn *column, guint64 slot, const guint8 **bytes, gint64 *length,
              GError **error)
{
  const struct ArrowArray *array = column->array;
  const guint8 *view = column->items + slot * column->plan->width;
  gint64 n_buffers = array->n_buffers - 3;
  const guint8 *sizes = array->buffers[array->n_buffers - 1];
  gint64 buffer, start;

  *length = load_signed (view, 4, 0);
  *bytes = view + 4;
  if (*length <= 12)
    return *length >= 0 || set_damaged (column, "views", error);
  buffer = load_signed (view, 4, 2);
  start = load_signed (view, 4, 3);
  if (buffer < 0 || buffer >= n_buffers || start < 0 || sizes == NULL ||
      array->buffers[2 + buffer] == NULL ||
      start > load_signed (sizes, 8, (guint64) buffer) - *length)
    return set_damaged (column, "views", error);
  *bytes = (const guint8 *) array->buffers[2 + buffer] + start;
  return TRUE;
}

static gboolean
find_bytes (const ArborArrowColumn *column, guint64 slot, const guint8 **bytes, gint64 *length,
            GError **error)
{
  switch (column->plan->read)
    {
    case ARBOR_ARROW_READ_TEXT:
      return find_by_offsets (column, slot, bytes, length, error);
    case ARBOR_ARROW_READ_VIEW:
      return find_by_view (column, slot, bytes, length, error);
    default:
      *length = column->plan->n_fixed;
      *bytes = *length > 0 ? column->items + slot * (guint64) *length : (const guint8 *) "";
      return TRUE;
    }
}

static gboolean
write_json (ArborArrowReader *self, const ArborArrowColumn *column, const guint8 *bytes,
            gsize length, GError **error)
{
  const char *reason;
  gsize position;
  ArborTape tape;

  arbor_buffer_clear (&self->padded);
  arbor_buffer_append (&self->padded, bytes, length);
  arbor_buffer_reserve (&self->padded, ARBOR_PARSER_PADDING);
  if (!arbor_parser_parse (self->parser, (const char *) self->padded.data, length, &tape, &position,
                           &reason))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE, _("Arrow column '%s': byte %zu: %s"),
                   column->plan->path, position, reason);
      return FALSE;
    }
  arbor_tape_writer_copy (self->writer, &tape, ARBOR_TAPE_ROOT);
  return TRUE;
}

/* A string of valid UTF-8, or of binary its base64 text: those of one slot. */
static gboolean
get_text (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, const char **text,
          gsize *n, GError **error)
{
  const guint8 *bytes = NULL;
  gint64 length = 0;

  if (!find_bytes (column, slot, &bytes, &length, error))
    return FALSE;
  if (length > MAX_TEXT || (self->n_bytes += (guint64) length) > MAX_TEXT)
    return set_limit (column, error);
  *text = (const char *) bytes;
  *n = (gsize) length;
  if (column->plan->is_binary)
    {
      arbor_arrow_scalar_base64 (bytes, (gsize) length, &self->text);
      *text = (const char *) self->text.data;
      *n = self->text.length;
    }
  else if (!arbor_cxx_validate_utf8 (*text, *n))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE,
                   _("Arrow column '%s': expected UTF-8, found other bytes"), column->plan->path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
write_text (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  const char *text;
  gsize n;
  ArborValue value;

  if (!get_text (self, column, slot, &text, &n, error))
    return FALSE;
  if (column->plan->is_json)
    return write_json (self, column, (const guint8 *) text, n, error);
  value = ARBOR_VALUE_STRING (text, (guint32) n);
  arbor_tape_writer_scalar (self->writer, &value);
  return TRUE;
}

/* Dates and times, in text. */
static gboolean
make_temporal (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot)
{
  const ArborArrowPlan *plan = column->plan;
  const guint8 *at = column->items + slot * plan->width;
  gint64 count = load_signed (at, MIN (plan->width, 8), 0);

  switch (plan->read)
    {
    case ARBOR_ARROW_READ_DAYS:
      return arbor_arrow_scalar_date (count, &self->text);
    case ARBOR_ARROW_READ_DATE:
      return count % 86400000 == 0
                 ? arbor_arrow_scalar_date (count / 86400000, &self->text)
                 : arbor_arrow_scalar_timestamp (count, ARBOR_ARROW_MILLISECONDS, FALSE, &self->text);
    case ARBOR_ARROW_READ_TIME:
      return arbor_arrow_scalar_time (count, plan->unit, &self->text);
    case ARBOR_ARROW_READ_TIMESTAMP:
      return arbor_arrow_scalar_timestamp (count, plan->unit, plan->is_zoned, &self->text);
    case ARBOR_ARROW_READ_DURATION:
      arbor_arrow_scalar_duration (0, 0, count, plan->unit, &self->text);
      return TRUE;
    case ARBOR_ARROW_READ_MONTHS:
      arbor_arrow_scalar_duration (count, 0, 0, ARBOR_ARROW_SECONDS, &self->text);
      return TRUE;
    case ARBOR_ARROW_READ_DAY_TIME:
      arbor_arrow_scalar_duration (0, load_signed (at, 4, 0), load_signed (at, 4, 1),
                                   ARBOR_ARROW_MILLISECONDS, &self->text);
      return TRUE;
    default:
      arbor_arrow_scalar_duration (load_signed (at, 4, 0), load_signed (at, 4, 1),
                                   load_signed (at, 8, 1), ARBOR_ARROW_NANOSECONDS, &self->text);
      return TRUE;
    }
}

static gboolean
write_temporal (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  ArborValue value;

  if (!make_temporal (self, column, slot))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                   _("Arrow column '%s': expected a date of the years 0 to 9999, or a time of a day, "
                     "found another"),
                   column->plan->path);
      return FALSE;
    }
  value = ARBOR_VALUE_STRING ((const char *) self->text.data, (guint32) self->text.length);
  arbor_tape_writer_scalar (self->writer, &value);
  return TRUE;
}

/* Containers */

/* A value of a child, by its place. */
static gboolean
read_child (ArborArrowReader *self, const ArborArrowColumn *parent, const ArborArrowColumn *child,
            gint64 place, GError **error)
{
  if (place < 0 || (guint64) place >= child->length)
    return set_damaged (parent, "indices", error);
  return read_value (self, child, (guint64) place, error);
}

static gboolean
write_struct (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  arbor_tape_writer_begin_object (self->writer);
  for (gint64 i = 0; i < column->n_children; i++)
    {
      const ArborArrowColumn *child = column->children[i];
      const char *key = child->plan->key;

      arbor_tape_writer_key (self->writer, key, strlen (key));
      if (!read_child (self, column, child, (gint64) slot, error))
        return FALSE;
    }
  arbor_tape_writer_end_object (self->writer);
  return TRUE;
}

/* Which values of the child a slot has. */
static gboolean
find_elements (const ArborArrowColumn *column, guint64 slot, gint64 *start, gint64 *n,
               GError **error)
{
  const ArborArrowPlan *plan = column->plan;

  switch (plan->read)
    {
    case ARBOR_ARROW_READ_FIXED_LIST:
      *n = plan->n_fixed;
      *start = (gint64) slot * *n;
      break;
    case ARBOR_ARROW_READ_LIST_VIEW:
      *start = load_signed (column->items, plan->width, slot);
      *n = load_signed (column->others, plan->width, slot);
      break;
    default:
      *start = load_signed (column->items, plan->width, slot);
      if (__builtin_sub_overflow (load_signed (column->items, plan->width, slot + 1), *start, n))
        *n = -1;
      break;
    }
  return (*start >= 0 && *n >= 0 && (guint64) *start <= column->children[0]->length &&
          (guint64) *n <= column->children[0]->length - (guint64) *start) ||
         set_damaged (column, "offsets", error);
}

static gboolean
write_list (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  gint64 start, n;

  if (!find_elements (column, slot, &start, &n, error))
    return FALSE;
  arbor_tape_writer_begin_array (self->writer);
  for (gint64 i = start; i < start + n; i++)
    if (!read_child (self, column, column->children[0], i, error))
      return FALSE;
  arbor_tape_writer_end_array (self->writer);
  return TRUE;
}

static inline gboolean
is_null (const ArborArrowColumn *column, guint64 slot)
{
  return column->valid != NULL && !test_bit (column->valid, slot);
}

static gboolean
write_key (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row, GError **error)
{
  guint64 slot = column->offset + row;
  ArborValue value;
  const char *text;
  gsize n;

  if (row >= column->length)
    return set_damaged (column, "indices", error);
  if (is_null (column, slot))
    return set_damaged (column, "null keys", error);
  if (column->plan->read == ARBOR_ARROW_READ_BOOL)
    {
      text = test_bit (column->items, slot) ? "true" : "false";
      arbor_tape_writer_key (self->writer, text, strlen (text));
      return TRUE;
    }
  if (column->plan->read != ARBOR_ARROW_READ_INTEGER)
    {
      if (!get_text (self, column, slot, &text, &n, error))
        return FALSE;
      arbor_tape_writer_key (self->writer, text, n);
      return TRUE;
    }
  load_integer (column, slot, &value);
  if (column->dictionary != NULL)
    return value.kind == ARBOR_KIND_INT64 && value.int64 >= 0
               ? write_key (self, column->dictionary, (guint64) value.int64, error)
               : set_damaged (column, "indices", error);
  arbor_buffer_clear (&self->text);
  if (value.kind == ARBOR_KIND_INT64)
    arbor_text_append_int64 (&self->text, value.int64);
  else
    arbor_text_append_uint64 (&self->text, value.uint64);
  arbor_tape_writer_key (self->writer, (const char *) self->text.data, self->text.length);
  return TRUE;
}

static gboolean
write_map (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  const ArborArrowColumn *entries = column->children[0];
  gint64 start, n;

  if (!find_elements (column, slot, &start, &n, error))
    return FALSE;
  arbor_tape_writer_begin_object (self->writer);
  for (gint64 i = start; i < start + n; i++)
    {
      guint64 place = entries->offset + (guint64) i;

      if (!write_key (self, entries->children[0], place, error) ||
          !read_child (self, column, entries->children[1], (gint64) place, error))
        return FALSE;
    }
  arbor_tape_writer_end_object (self->writer);
  return TRUE;
}

static gboolean
write_union (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  gint64 id = load_signed (column->items, 1, slot);
  int child = id >= 0 ? column->plan->children_of_ids[id] : -1;
  gint64 place = column->plan->read == ARBOR_ARROW_READ_DENSE_UNION
                     ? load_signed (column->others, 4, slot)
                     : (gint64) slot;

  if (child < 0)
    return set_damaged (column, "types of a union", error);
  return read_child (self, column, column->children[child], place, error);
}

/* The first run that ends behind the slot. */
static gboolean
write_run (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  const ArborArrowColumn *ends = column->children[0];
  guint64 low = 0, high = ends->length;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (load_signed (ends->items, ends->plan->width, ends->offset + middle) > (gint64) slot)
        high = middle;
      else
        low = middle + 1;
    }
  if (low == ends->length)
    return set_damaged (column, "runs", error);
  return read_child (self, column, column->children[1], (gint64) low, error);
}

/* Values */

static gboolean
write_number (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  const ArborArrowPlan *plan = column->plan;
  ArborValue value;

  if (plan->read == ARBOR_ARROW_READ_REAL)
    load_real (column, slot, &value);
  else if (plan->read == ARBOR_ARROW_READ_DECIMAL)
    arbor_arrow_scalar_decimal (column->items + slot * plan->width, plan->width, plan->scale,
                                &self->text, &value);
  else
    load_integer (column, slot, &value);
  if (column->dictionary != NULL)
    return value.kind == ARBOR_KIND_INT64
               ? read_child (self, column, column->dictionary, value.int64, error)
               : set_damaged (column, "indices", error);
  arbor_tape_writer_scalar (self->writer, &value);
  return TRUE;
}

static gboolean
write_slot (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  switch (column->plan->read)
    {
    case ARBOR_ARROW_READ_NULL:
      arbor_tape_writer_scalar (self->writer, &ARBOR_VALUE_NULL);
      return TRUE;
    case ARBOR_ARROW_READ_BOOL:
      arbor_tape_writer_scalar (self->writer, &ARBOR_VALUE_BOOL (test_bit (column->items, slot)));
      return TRUE;
    case ARBOR_ARROW_READ_INTEGER:
    case ARBOR_ARROW_READ_REAL:
    case ARBOR_ARROW_READ_DECIMAL:
      return write_number (self, column, slot, error);
    case ARBOR_ARROW_READ_TEXT:
    case ARBOR_ARROW_READ_VIEW:
    case ARBOR_ARROW_READ_FIXED_BINARY:
      return write_text (self, column, slot, error);
    case ARBOR_ARROW_READ_STRUCT:
      return write_struct (self, column, slot, error);
    case ARBOR_ARROW_READ_LIST:
    case ARBOR_ARROW_READ_LIST_VIEW:
    case ARBOR_ARROW_READ_FIXED_LIST:
      return write_list (self, column, slot, error);
    case ARBOR_ARROW_READ_MAP:
      return write_map (self, column, slot, error);
    case ARBOR_ARROW_READ_SPARSE_UNION:
    case ARBOR_ARROW_READ_DENSE_UNION:
      return write_union (self, column, slot, error);
    case ARBOR_ARROW_READ_RUNS:
      return write_run (self, column, slot, error);
    default:
      return write_temporal (self, column, slot, error);
    }
}

/* @row is below the length. */
static gboolean
read_value (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row, GError **error)
{
  guint64 slot = column->offset + row;

  if (++self->n_values > MAX_VALUES)
    return set_limit (column, error);
  if (!is_null (column, slot))
    return write_slot (self, column, slot, error);
  arbor_tape_writer_scalar (self->writer, &ARBOR_VALUE_NULL);
  return TRUE;
}

gboolean
arbor_arrow_reader_read (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row,
                         ArborTape *tape, GError **error)
{
  arbor_tape_writer_reset (self->writer);
  self->n_values = 0;
  self->n_bytes = 0;
  if (!read_value (self, column, row, error))
    return FALSE;
  arbor_tape_writer_finish (self->writer, tape);
  return TRUE;
}
