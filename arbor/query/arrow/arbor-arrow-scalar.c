/* See arbor-arrow-scalar.h. */

#include "query/arrow/arbor-arrow-scalar.h"

#include <inttypes.h>
#include <math.h>

#include "base/arbor-number.h"
#include "base/arbor-text.h"
#include "query/expr/arbor-function-calendar.h"

#define DAY 86400

/* Metadata: how many pairs, and of each key and value their lengths and bytes, by int32. */
static const char *
read_counted (const char *at, gint32 *length)
{
  memcpy (length, at, sizeof *length);
  return at + sizeof *length;
}

static gboolean
is_text (const char *bytes, gint32 length, const char *text)
{
  return (gsize) length == strlen (text) && memcmp (bytes, text, (gsize) length) == 0;
}

gboolean
arbor_arrow_metadata_has (const struct ArrowSchema *schema, const char *key, const char *value)
{
  const char *at = schema->metadata;
  gint32 n;

  if (at == NULL)
    return FALSE;
  at = read_counted (at, &n);
  for (gint32 i = 0; i < n; i++)
    {
      gint32 key_length, length;
      const char *name = read_counted (at, &key_length);

      if (key_length < 0)
        return FALSE;
      at = read_counted (name + key_length, &length);
      if (length < 0)
        return FALSE;
      if (is_text (name, key_length, key) && is_text (at, length, value))
        return TRUE;
      at += length;
    }
  return FALSE;
}

/* Decimals */

#define MAX_LIMBS 8u
#define BILLION 1000000000u

/* Digits of a number of 32-bit limbs, lowest first, which is lost: no zeros before them but one. */
static void
append_digits (guint32 *limbs, guint n_limbs, ArborBuffer *text)
{
  guint32 parts[9]; /* of nine digits each: 256 bits have 78 */
  guint n_parts = 0;
  char digits[16];

  do
    {
      guint64 rest = 0;

      for (guint i = n_limbs; i > 0; i--)
        {
          rest = rest << 32 | limbs[i - 1];
          limbs[i - 1] = (guint32) (rest / BILLION);
          rest %= BILLION;
        }
      parts[n_parts++] = (guint32) rest;
      while (n_limbs > 0 && limbs[n_limbs - 1] == 0)
        n_limbs--;
    }
  while (n_limbs > 0);
  for (guint i = n_parts; i > 0; i--)
    {
      g_snprintf (digits, sizeof digits, i == n_parts ? "%" PRIu32 : "%09" PRIu32, parts[i - 1]);
      arbor_buffer_append_literal (text, digits);
    }
}

/* The sign, then the digits of what the bytes hold. */
static void
append_integer (const guint8 *bytes, guint n_bytes, ArborBuffer *text)
{
  guint32 limbs[MAX_LIMBS] = { 0 };
  guint n_limbs = n_bytes / 4;
  gboolean is_negative = bytes[n_bytes - 1] >> 7;
  guint64 carry = 1;

  memcpy (limbs, bytes, n_bytes);
  if (is_negative)
    {
      arbor_buffer_append_byte (text, '-');
      for (guint i = 0; i < n_limbs; i++)
        {
          carry += (guint32) ~limbs[i];
          limbs[i] = (guint32) carry;
          carry >>= 32;
        }
    }
  append_digits (limbs, n_limbs, text);
}

/* Puts the point in: 12345 with scale 2 is 123.45, with scale -2 1234500. */
static void
shift_point (ArborBuffer *text, gint32 scale)
{
  gsize sign = text->data[0] == '-';
  gsize n_digits = text->length - sign;

  for (gint32 i = scale; i < 0; i++)
    arbor_buffer_append_byte (text, '0');
  if (scale <= 0)
    return;
  if (n_digits <= (gsize) scale)
    {
      gsize n_zeros = (gsize) scale + 1 - n_digits;

      arbor_buffer_reserve (text, n_zeros);
      memmove (text->data + sign + n_zeros, text->data + sign, n_digits);
      memset (text->data + sign, '0', n_zeros);
      text->length += n_zeros;
    }
  arbor_buffer_append_byte (text, '0');
  memmove (text->data + text->length - (gsize) scale, text->data + text->length - (gsize) scale - 1,
           (gsize) scale);
  text->data[text->length - (gsize) scale - 1] = '.';
}

void
arbor_arrow_scalar_decimal (const guint8 *bytes, guint n_bytes, gint32 scale, ArborBuffer *text,
                            ArborValue *value)
{
  ArborValue digits;

  arbor_buffer_clear (text);
  append_integer (bytes, n_bytes, text);
  shift_point (text, scale);
  digits = ARBOR_VALUE_NUMBER ((const char *) text->data, (guint32) text->length);
  if (arbor_number_parse (digits.text, digits.length, value) && value->kind == ARBOR_KIND_DOUBLE)
    {
      ArborBuffer shortest = { NULL };
      ArborValue written;

      arbor_text_append_double (&shortest, value->real);
      written = ARBOR_VALUE_NUMBER ((const char *) shortest.data, (guint32) shortest.length);
      if (arbor_number_compare (&written, &digits) != 0)
        *value = digits;
      arbor_buffer_free (&shortest);
    }
}

/* Dates and times */

static const gint64 per_second[] = { 1, 1000, 1000000, 1000000000 };

static void
set_text (ArborBuffer *text, const char *bytes)
{
  arbor_buffer_clear (text);
  arbor_buffer_append_literal (text, bytes);
}

/* The fraction of a second, with as many digits as it needs. */
static void
append_fraction (gint64 count, ArborArrowUnit unit, ArborBuffer *text)
{
  char digits[16];
  int n = 3 * (int) unit;

  if (count == 0)
    return;
  g_snprintf (digits, sizeof digits, ".%0*" PRId64, n, count);
  while (digits[n] == '0')
    n--;
  arbor_buffer_append (text, digits, (gsize) n + 1);
}

static gboolean
set_moment (ArborMoment *moment, gint64 seconds, ArborBuffer *text)
{
  char bytes[ARBOR_MOMENT_SIZE];
  gsize length;

  if (!arbor_moment_set_local_seconds (moment, seconds))
    return FALSE;
  length = arbor_moment_format (moment, bytes);
  arbor_buffer_clear (text);
  arbor_buffer_append (text, bytes, length);
  return TRUE;
}

gboolean
arbor_arrow_scalar_date (gint64 days, ArborBuffer *text)
{
  ArborMoment moment = { .year = 1970 };
  gint64 seconds;

  return !__builtin_mul_overflow (days, (gint64) DAY, &seconds) &&
         set_moment (&moment, seconds, text);
}

gboolean
arbor_arrow_scalar_timestamp (gint64 count, ArborArrowUnit unit, gboolean is_zoned,
                              ArborBuffer *text)
{
  ArborMoment moment = { .has_time = TRUE };
  gint64 seconds = count / per_second[unit], rest = count % per_second[unit];

  if (rest < 0)
    {
      rest += per_second[unit];
      seconds--;
    }
  if (!set_moment (&moment, seconds, text))
    return FALSE;
  append_fraction (rest, unit, text);
  if (is_zoned)
    arbor_buffer_append_byte (text, 'Z');
  return TRUE;
}

gboolean
arbor_arrow_scalar_time (gint64 count, ArborArrowUnit unit, ArborBuffer *text)
{
  gint64 seconds = count / per_second[unit];
  char bytes[16];

  if (count < 0 || seconds >= DAY)
    return FALSE;
  g_snprintf (bytes, sizeof bytes, "%02d:%02d:%02d", (int) (seconds / 3600),
              (int) (seconds / 60 % 60), (int) (seconds % 60));
  set_text (text, bytes);
  append_fraction (count % per_second[unit], unit, text);
  return TRUE;
}

static void
append_part (gint64 n, char letter, ArborBuffer *text)
{
  if (n == 0)
    return;
  arbor_text_append_int64 (text, n);
  arbor_buffer_append_byte (text, (guint8) letter);
}

void
arbor_arrow_scalar_duration (gint64 months, gint64 days, gint64 count, ArborArrowUnit unit,
                             ArborBuffer *text)
{
  gint64 seconds = count / per_second[unit], rest = count % per_second[unit];

  set_text (text, "P");
  append_part (months, 'M', text);
  append_part (days, 'D', text);
  if (count == 0 && text->length > 1)
    return;
  arbor_buffer_append_byte (text, 'T');
  if (seconds == 0 && rest < 0)
    arbor_buffer_append_byte (text, '-');
  arbor_text_append_int64 (text, seconds);
  append_fraction (rest < 0 ? -rest : rest, unit, text);
  arbor_buffer_append_byte (text, 'S');
}

void
arbor_arrow_scalar_base64 (const guint8 *bytes, gsize size, ArborBuffer *text)
{
  int state = 0, save = 0;
  gsize room = (size / 3 + 1) * 4 + 4;

  arbor_buffer_clear (text);
  arbor_buffer_reserve (text, room);
  text->length = g_base64_encode_step (bytes, size, FALSE, (char *) text->data, &state, &save);
  text->length +=
      g_base64_encode_close (FALSE, (char *) text->data + text->length, &state, &save);
}

double
arbor_arrow_scalar_half (guint16 bits)
{
  int exponent = bits >> 10 & 31;
  double fraction = bits & 1023;
  double size = exponent == 0    ? ldexp (fraction, -24)
                : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                 : ldexp (1024 + fraction, exponent - 25);

  return bits >> 15 ? -size : size;
}
