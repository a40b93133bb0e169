/* Exact comparison and hashing of numbers. See arbor-number.h.
 *
 * Rounding to the nearest double keeps order, so numbers whose doubles differ need nothing more. Where
 * the doubles are equal and one number is text, both are looked at as decimals, 0.d1d2d3... times
 * ten to an exponent, d1 and the last digit not zero: that form is unique, so sign, exponent and
 * digits decide. The exponent may itself have more digits than any machine integer.
 */

#include "base/arbor-number.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "base/arbor-simdjson.h"

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

/* Exponents of fewer digits are added up in 64 bits: the place of the point is below 2^32. */
#define MAX_SMALL_EXPONENT_DIGITS 18u

/* The decimal expansion of every double ends within so many significant digits. */
#define MAX_DOUBLE_DIGITS 767
#define DOUBLE_TEXT_SIZE (MAX_DOUBLE_DIGITS + 32)

/* A decimal points into the text that it was read from. */
typedef struct
{
  int sign; /* -1, 0, 1; nothing else counts when 0 */
  const char *digits; /* the first one that is not zero; a point may lie among them */
  gsize n_digits;     /* to the last one that is not zero, without the point */
  gsize point;        /* where in digits the point lies, G_MAXSIZE for nowhere */
  gint64 place;       /* of the point after the first digit: to be added to the exponent */
  gboolean exponent_is_negative;
  const char *exponent; /* its digits without leading zeros */
  gsize n_exponent;
} Decimal;

static inline char
decimal_digit (const Decimal *self, gsize i)
{
  return self->digits[i + (i >= self->point)];
}

static void
read_exponent (Decimal *self, const char *text, gsize length)
{
  gsize at = 0;

  self->exponent_is_negative = at < length && text[at] == '-';
  if (at < length && (text[at] == '-' || text[at] == '+'))
    at++;
  while (at < length && text[at] == '0')
    at++;
  self->exponent = text + at;
  self->n_exponent = length - at;
}

/* @text follows the JSON grammar. */
static void
decimal_read (Decimal *self, const char *text, gsize length)
{
  gsize begin = text[0] == '-';
  gsize end = begin;
  gsize point;
  gsize first;
  gsize last;

  while (end < length && text[end] != 'e' && text[end] != 'E')
    end++;
  for (point = begin; point < end && text[point] != '.';)
    point++;
  for (first = begin; first < end && (text[first] == '0' || text[first] == '.');)
    first++;

  *self = (Decimal){ .sign = first == end ? 0 : begin == 1 ? -1 : 1, .point = G_MAXSIZE };
  read_exponent (self, text + MIN (end + 1, length), length - MIN (end + 1, length));
  if (self->sign == 0)
    return;

  for (last = end - 1; text[last] == '0' || text[last] == '.';)
    last--;
  self->digits = text + first;
  self->n_digits = last - first + 1;
  self->place = (gint64) point - (gint64) first;
  if (first > point)
    self->place++;
  if (first < point && point < last)
    {
      self->point = point - first;
      self->n_digits--;
    }
}

/* The number as decimal, for which @buffer keeps the text where it has none. */
static void
decimal_from_value (Decimal *self, const ArborValue *value, char buffer[DOUBLE_TEXT_SIZE])
{
  char format[16];

  switch ((ArborKind) value->kind)
    {
    case ARBOR_KIND_INT64:
      decimal_read (self, buffer, arbor_cxx_write_int64 (buffer, value->int64));
      return;
    case ARBOR_KIND_UINT64:
      decimal_read (self, buffer, arbor_cxx_write_uint64 (buffer, value->uint64));
      return;
    case ARBOR_KIND_DOUBLE:
      g_snprintf (format, sizeof format, "%%.%de", MAX_DOUBLE_DIGITS - 1);
      g_ascii_formatd (buffer, DOUBLE_TEXT_SIZE, format, value->real);
      decimal_read (self, buffer, strlen (buffer));
      return;
    default:
      g_assert (value->kind == ARBOR_KIND_NUMBER);
      decimal_read (self, value->text, value->length);
      return;
    }
}

static gboolean
has_small_exponent (const Decimal *self)
{
  return self->n_exponent <= MAX_SMALL_EXPONENT_DIGITS;
}

/* The exponent and the place of the point together, where the exponent is small. */
static gint64
small_exponent (const Decimal *self)
{
  gint64 exponent = 0;

  for (gsize i = 0; i < self->n_exponent; i++)
    exponent = exponent * 10 + (self->exponent[i] - '0');
  return self->place + (self->exponent_is_negative ? -exponent : exponent);
}

/* The same as text without leading zeros, whatever its size. */
static char *
exponent_to_text (const Decimal *self)
{
  g_autofree char *text = NULL;
  gint64 carry = self->exponent_is_negative ? -self->place : self->place;
  gsize zeros;

  if (has_small_exponent (self))
    return g_strdup_printf ("%" G_GINT64_FORMAT, small_exponent (self));

  /* The exponent is larger than the place, so the sum has its sign. One digit more at the front. */
  text = g_malloc (self->n_exponent + 2);
  text[0] = '0';
  memcpy (text + 1, self->exponent, self->n_exponent);
  text[self->n_exponent + 1] = '\0';
  for (gsize i = self->n_exponent + 1; i-- > 0 && carry != 0;)
    {
      gint64 sum = (text[i] - '0') + carry;
      gint64 digit = ((sum % 10) + 10) % 10;

      text[i] = (char) ('0' + digit);
      carry = (sum - digit) / 10;
    }
  zeros = strspn (text, "0");
  return g_strconcat (self->exponent_is_negative ? "-" : "", text + zeros, NULL);
}

static int
compare_exponents (const Decimal *a, const Decimal *b)
{
  g_autofree char *a_text = NULL;
  g_autofree char *b_text = NULL;
  int sign;
  gsize a_length;
  gsize b_length;

  if (has_small_exponent (a) && has_small_exponent (b))
    {
      gint64 a_exponent = small_exponent (a);
      gint64 b_exponent = small_exponent (b);

      return (a_exponent > b_exponent) - (a_exponent < b_exponent);
    }

  a_text = exponent_to_text (a);
  b_text = exponent_to_text (b);
  if ((a_text[0] == '-') != (b_text[0] == '-'))
    return a_text[0] == '-' ? -1 : 1;
  sign = a_text[0] == '-' ? -1 : 1;
  a_length = strlen (a_text);
  b_length = strlen (b_text);
  if (a_length != b_length)
    return a_length < b_length ? -sign : sign;
  return sign * strcmp (a_text, b_text);
}

static int
compare_digits (const Decimal *a, const Decimal *b)
{
  gsize n = MIN (a->n_digits, b->n_digits);

  for (gsize i = 0; i < n; i++)
    {
      int difference = decimal_digit (a, i) - decimal_digit (b, i);

      if (difference != 0)
        return difference;
    }
  return (a->n_digits > b->n_digits) - (a->n_digits < b->n_digits);
}

static int
compare_decimals (const ArborValue *a, const ArborValue *b)
{
  char a_text[DOUBLE_TEXT_SIZE];
  char b_text[DOUBLE_TEXT_SIZE];
  Decimal a_decimal;
  Decimal b_decimal;
  int magnitude;

  decimal_from_value (&a_decimal, a, a_text);
  decimal_from_value (&b_decimal, b, b_text);
  if (a_decimal.sign != b_decimal.sign)
    return a_decimal.sign < b_decimal.sign ? -1 : 1;
  if (a_decimal.sign == 0)
    return 0;
  magnitude = compare_exponents (&a_decimal, &b_decimal);
  if (magnitude == 0)
    magnitude = compare_digits (&a_decimal, &b_decimal);
  return magnitude == 0 ? 0 : magnitude < 0 ? -a_decimal.sign : a_decimal.sign;
}

static int
compare_int64_to_double (gint64 a, double b)
{
  gint64 whole;

  if (b >= TWO_63)
    return -1;
  if (b < -TWO_63)
    return 1;
  whole = (gint64) b;
  if (a != whole)
    return a < whole ? -1 : 1;
  return (b < (double) whole) - (b > (double) whole);
}

static int
compare_uint64_to_double (guint64 a, double b)
{
  guint64 whole;

  if (b >= TWO_64)
    return -1;
  if (b < 0)
    return 1;
  whole = (guint64) b;
  if (a != whole)
    return a < whole ? -1 : 1;
  return -(b > (double) whole);
}

/* Neither is text. */
static int
compare_binary (const ArborValue *a, const ArborValue *b)
{
  if (a->kind == b->kind)
    switch ((ArborKind) a->kind)
      {
      case ARBOR_KIND_INT64:
        return (a->int64 > b->int64) - (a->int64 < b->int64);
      case ARBOR_KIND_UINT64:
        return (a->uint64 > b->uint64) - (a->uint64 < b->uint64);
      default:
        return (a->real > b->real) - (a->real < b->real);
      }
  if (a->kind > b->kind)
    return -compare_binary (b, a);

  /* Of the two the first is an integer of fewer values than the second's kind. */
  if (b->kind == ARBOR_KIND_UINT64)
    return a->int64 < 0 ? -1
                        : ((guint64) a->int64 > b->uint64) - ((guint64) a->int64 < b->uint64);
  return a->kind == ARBOR_KIND_INT64 ? compare_int64_to_double (a->int64, b->real)
                                     : compare_uint64_to_double (a->uint64, b->real);
}

double
arbor_number_to_double (const ArborValue *number)
{
  double real;
  Decimal decimal;

  switch ((ArborKind) number->kind)
    {
    case ARBOR_KIND_INT64:
      return (double) number->int64;
    case ARBOR_KIND_UINT64:
      return (double) number->uint64;
    case ARBOR_KIND_DOUBLE:
      return number->real;
    default:
      break;
    }

  g_assert (number->kind == ARBOR_KIND_NUMBER);
  if (arbor_cxx_read_double (number->text, number->length, &real))
    return real;
  decimal_read (&decimal, number->text, number->length);
  if (has_small_exponent (&decimal))
    real = small_exponent (&decimal) > 0 ? INFINITY : 0.0;
  else
    real = decimal.exponent_is_negative ? 0.0 : INFINITY;
  return decimal.sign < 0 ? -real : real;
}

int
arbor_number_compare (const ArborValue *a, const ArborValue *b)
{
  double a_real;
  double b_real;

  if (a->kind != ARBOR_KIND_NUMBER && b->kind != ARBOR_KIND_NUMBER)
    return compare_binary (a, b);

  a_real = arbor_number_to_double (a);
  b_real = arbor_number_to_double (b);
  if (a_real != b_real)
    return a_real < b_real ? -1 : 1;
  return compare_decimals (a, b);
}

static guint64
hash_decimal (const Decimal *self)
{
  g_autofree char *exponent = exponent_to_text (self);
  g_autofree char *digits = g_malloc (self->n_digits);
  guint64 hash = XXH3_64bits_withSeed (exponent, strlen (exponent), (guint64) self->sign);

  for (gsize i = 0; i < self->n_digits; i++)
    digits[i] = decimal_digit (self, i);
  return XXH3_64bits_withSeed (digits, self->n_digits, hash);
}

/* Numbers of 64 bits hash by their bits and by which of these they are, whatever their kind. */
typedef enum
{
  BITS_INT64,
  BITS_UINT64, /* above G_MAXINT64 */
  BITS_DOUBLE, /* no such integer */
} BitsClass;

static guint64
hash_bits (guint64 bits, BitsClass class)
{
  return XXH3_64bits_withSeed (&bits, sizeof bits, class);
}

static guint64
hash_uint64 (guint64 number)
{
  return hash_bits (number, number > G_MAXINT64 ? BITS_UINT64 : BITS_INT64);
}

static guint64
hash_double (double number)
{
  guint64 bits;

  if (number >= -TWO_63 && number < TWO_63 && number == (double) (gint64) number)
    return hash_bits ((guint64) (gint64) number, BITS_INT64);
  if (number >= TWO_63 && number < TWO_64)
    return hash_bits ((guint64) number, BITS_UINT64);
  memcpy (&bits, &number, sizeof bits);
  return hash_bits (bits, BITS_DOUBLE);
}

/* What stands before the point; FALSE when that fits no 64 bits. */
static gboolean
decimal_truncate (const Decimal *self, guint64 *magnitude)
{
  gint64 exponent;

  *magnitude = 0;
  if (self->sign == 0)
    return TRUE;
  if (!has_small_exponent (self))
    return self->exponent_is_negative;
  exponent = small_exponent (self);
  if (exponent > 20)
    return FALSE;
  for (gint64 i = 0; i < exponent; i++)
    {
      guint64 digit =
          i < (gint64) self->n_digits ? (guint64) (decimal_digit (self, (gsize) i) - '0') : 0;

      if (!g_uint64_checked_mul (magnitude, *magnitude, 10) ||
          !g_uint64_checked_add (magnitude, *magnitude, digit))
        return FALSE;
    }
  return self->sign > 0 || *magnitude <= (guint64) G_MAXINT64 + 1;
}

gboolean
arbor_number_truncate (const ArborValue *number, ArborValue *integer)
{
  char buffer[DOUBLE_TEXT_SIZE];
  Decimal decimal;
  guint64 magnitude;

  if (number->kind == ARBOR_KIND_INT64 || number->kind == ARBOR_KIND_UINT64)
    {
      *integer = *number;
      return TRUE;
    }
  if (number->kind == ARBOR_KIND_DOUBLE && fabs (number->real) < TWO_63)
    {
      *integer = ARBOR_VALUE_INT64 ((gint64) number->real);
      return TRUE;
    }
  decimal_from_value (&decimal, number, buffer);
  if (!decimal_truncate (&decimal, &magnitude))
    return FALSE;
  if (decimal.sign < 0)
    *integer = ARBOR_VALUE_INT64 ((gint64) (0 - magnitude));
  else if (magnitude <= G_MAXINT64)
    *integer = ARBOR_VALUE_INT64 ((gint64) magnitude);
  else
    *integer = ARBOR_VALUE_UINT64 (magnitude);
  return TRUE;
}

/* The hash of a 64-bit integer spelled as text, 1e2 or 12.0; FALSE when it is none. */
static gboolean
hash_decimal_integer (const Decimal *self, guint64 *hash)
{
  guint64 magnitude;

  if (!has_small_exponent (self) || small_exponent (self) < (gint64) self->n_digits ||
      !decimal_truncate (self, &magnitude))
    return FALSE;
  *hash = self->sign < 0 ? hash_bits (0 - magnitude, BITS_INT64) : hash_uint64 (magnitude);
  return TRUE;
}

static guint64
hash_text (const ArborValue *number)
{
  Decimal decimal;
  guint64 hash;
  ArborValue real = ARBOR_VALUE_DOUBLE (arbor_number_to_double (number));

  decimal_read (&decimal, number->text, number->length);
  if (decimal.sign == 0)
    return hash_uint64 (0);
  if (hash_decimal_integer (&decimal, &hash))
    return hash;
  if (isfinite (real.real) && real.real != 0 && compare_decimals (number, &real) == 0)
    return hash_double (real.real);
  return hash_decimal (&decimal);
}

guint64
arbor_number_hash (const ArborValue *number)
{
  switch ((ArborKind) number->kind)
    {
    case ARBOR_KIND_INT64:
      return hash_bits (number->uint64, BITS_INT64);
    case ARBOR_KIND_UINT64:
      return hash_uint64 (number->uint64);
    case ARBOR_KIND_DOUBLE:
      return hash_double (number->real);
    default:
      g_assert (number->kind == ARBOR_KIND_NUMBER);
      return hash_text (number);
    }
}
