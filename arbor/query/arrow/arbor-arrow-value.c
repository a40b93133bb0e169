/* Plain values of somebody's columns. See arbor-arrow-read-private.h. */

#include "query/arrow/arbor-arrow-read-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-simdjson.h"

gboolean
arbor_arrow_reader_set_damaged (const ArborArrowColumn *column, const char *what, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_SCHEMA,
               _("Arrow column '%s': %s that lead out of the array"), column->plan->path, what);
  return FALSE;
}

gboolean
arbor_arrow_reader_set_limit (const ArborArrowColumn *column, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("Arrow column '%s': expected at most %u values and %u MiB of text in a tree, found more"),
               column->plan->path, ARBOR_ARROW_MAX_VALUES, ARBOR_ARROW_MAX_TEXT >> 20);
  return FALSE;
}

/* Numbers as they lie */

gint64
arbor_arrow_load_signed (const guint8 *items, guint width, guint64 index)
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

void
arbor_arrow_load_integer (const ArborArrowColumn *column, guint64 slot, ArborValue *value)
{
  guint width = column->plan->width;
  guint64 number = (guint64) arbor_arrow_load_signed (column->items, width, slot);

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

/* Text */

/* Where the bytes of a slot lie. */
static gboolean
find_by_offsets (const ArborArrowColumn *column, guint64 slot, const guint8 **bytes, gint64 *length,
                 GError **error)
{
  gint64 start = arbor_arrow_load_signed (column->items, column->plan->width, slot);
  gint64 end = arbor_arrow_load_signed (column->items, column->plan->width, slot + 1);

  if (start < 0 || end < start || (end > start && column->others == NULL))
    return arbor_arrow_reader_set_damaged (column, "offsets", error);
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

  *length = arbor_arrow_load_signed (view, 4, 0);
  *bytes = view + 4;
  if (*length <= 12)
    return *length >= 0 || arbor_arrow_reader_set_damaged (column, "views", error);
  buffer = arbor_arrow_load_signed (view, 4, 2);
  start = arbor_arrow_load_signed (view, 4, 3);
  if (buffer < 0 || buffer >= n_buffers || start < 0 || sizes == NULL ||
      array->buffers[2 + buffer] == NULL ||
      start > arbor_arrow_load_signed (sizes, 8, (guint64) buffer) - *length)
    return arbor_arrow_reader_set_damaged (column, "views", error);
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

/* A string of valid UTF-8, or of binary its base64 text: those of one slot. */
gboolean
arbor_arrow_reader_get_text (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot,
                             const char **text, gsize *n, GError **error)
{
  const guint8 *bytes = NULL;
  gint64 length = 0;

  if (!find_bytes (column, slot, &bytes, &length, error))
    return FALSE;
  if (length > ARBOR_ARROW_MAX_TEXT || (self->n_bytes += (guint64) length) > ARBOR_ARROW_MAX_TEXT)
    return arbor_arrow_reader_set_limit (column, error);
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

/* Dates and times, in text. */
static gboolean
make_temporal (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot)
{
  const ArborArrowPlan *plan = column->plan;
  const guint8 *at = column->items + slot * plan->width;
  gint64 count = arbor_arrow_load_signed (at, MIN (plan->width, 8), 0);

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
      arbor_arrow_scalar_duration (0, arbor_arrow_load_signed (at, 4, 0), arbor_arrow_load_signed (at, 4, 1),
                                   ARBOR_ARROW_MILLISECONDS, &self->text);
      return TRUE;
    default:
      arbor_arrow_scalar_duration (arbor_arrow_load_signed (at, 4, 0), arbor_arrow_load_signed (at, 4, 1),
                                   arbor_arrow_load_signed (at, 8, 1), ARBOR_ARROW_NANOSECONDS, &self->text);
      return TRUE;
    }
}


static gboolean
get_temporal (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot,
              ArborValue *value, GError **error)
{
  if (!make_temporal (self, column, slot))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                   _("Arrow column '%s': expected a date of the years 0 to 9999, or a time of a day, "
                     "found another"),
                   column->plan->path);
      return FALSE;
    }
  *value = ARBOR_VALUE_STRING ((const char *) self->text.data, (guint32) self->text.length);
  return TRUE;
}

gboolean
arbor_arrow_reader_get_scalar (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot,
                               ArborValue *value, GError **error)
{
  const ArborArrowPlan *plan = column->plan;
  const char *text;
  gsize n;

  switch (plan->read)
    {
    case ARBOR_ARROW_READ_NULL:
      *value = ARBOR_VALUE_NULL;
      return TRUE;
    case ARBOR_ARROW_READ_BOOL:
      *value = ARBOR_VALUE_BOOL (arbor_arrow_test_bit (column->items, slot));
      return TRUE;
    case ARBOR_ARROW_READ_INTEGER:
      arbor_arrow_load_integer (column, slot, value);
      return TRUE;
    case ARBOR_ARROW_READ_REAL:
      load_real (column, slot, value);
      return TRUE;
    case ARBOR_ARROW_READ_DECIMAL:
      arbor_arrow_scalar_decimal (column->items + slot * plan->width, plan->width, plan->scale,
                                  &self->text, value);
      return TRUE;
    case ARBOR_ARROW_READ_TEXT:
    case ARBOR_ARROW_READ_VIEW:
    case ARBOR_ARROW_READ_FIXED_BINARY:
      if (!arbor_arrow_reader_get_text (self, column, slot, &text, &n, error))
        return FALSE;
      *value = ARBOR_VALUE_STRING (text, (guint32) n);
      return TRUE;
    default:
      return get_temporal (self, column, slot, value, error);
    }
}
