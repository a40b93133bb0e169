/* JSON text of scalars. See arbor-text.h. The bytes that need an escape are the quote, the
 * backslash and the controls below U+0020; everything else stays as it is. Most strings have none:
 * they are copied while they are looked at. The others are copied in runs between such bytes.
 */

#include "base/arbor-text.h"

#include <math.h>

#include "base/arbor-simdjson.h"

#define ONES G_GUINT64_CONSTANT (0x0101010101010101)
#define HIGHS G_GUINT64_CONSTANT (0x8080808080808080)

static inline gboolean
needs_escape (guint8 byte)
{
  return byte < 0x20 || byte == '"' || byte == '\\';
}

/* Not zero when one of the eight bytes needs an escape. */
static inline guint64
word_needs_escape (guint64 word)
{
  guint64 quote = word ^ (ONES * '"');
  guint64 backslash = word ^ (ONES * '\\');

  return (((word - ONES * 0x20) & ~word) | ((quote - ONES) & ~quote) |
          ((backslash - ONES) & ~backslash)) &
         HIGHS;
}

/* How many bytes from the start need no escape. */
static gsize
plain_run (const char *bytes, gsize length)
{
  gsize n = 0;

  for (; n + 8 <= length; n += 8)
    {
      guint64 word;

      memcpy (&word, bytes + n, 8);
      if (word_needs_escape (word) != 0)
        break;
    }
  while (n < length && !needs_escape ((guint8) bytes[n]))
    n++;
  return n;
}

#define BLOCK 16u

typedef guint8 Block __attribute__ ((vector_size (BLOCK)));

/* Copies a block; FALSE when one of its bytes needs an escape. */
static inline gboolean
copy_block (guint8 *to, const char *from)
{
  Block block;
  guint64 found[2];

  memcpy (&block, from, BLOCK);
  memcpy (to, &block, BLOCK);
  block = (Block) ((block < 0x20) | (block == '"') | (block == '\\'));
  memcpy (found, &block, BLOCK);
  return (found[0] | found[1]) == 0;
}

static inline gboolean
copy_word (guint8 *to, const char *from)
{
  guint64 word;

  memcpy (&word, from, 8);
  memcpy (to, &word, 8);
  return word_needs_escape (word) == 0;
}

/* Copies bytes that need no escape, the last block over the end of the one before; FALSE, with
 * anything copied, when some do. */
static inline gboolean
copy_plain (guint8 *to, const char *from, gsize length)
{
  if (length >= BLOCK)
    {
      for (gsize i = 0; i < length - BLOCK; i += BLOCK)
        if (!copy_block (to + i, from + i))
          return FALSE;
      return copy_block (to + length - BLOCK, from + length - BLOCK);
    }
  if (length >= 8)
    return copy_word (to, from) & copy_word (to + length - 8, from + length - 8);
  if (length >= 4)
    {
      guint32 halves[2];
      guint64 word;

      memcpy (&halves[0], from, 4);
      memcpy (&halves[1], from + length - 4, 4);
      memcpy (to, &halves[0], 4);
      memcpy (to + length - 4, &halves[1], 4);
      memcpy (&word, halves, 8);
      return word_needs_escape (word) == 0;
    }
  for (gsize i = 0; i < length; i++)
    {
      if (needs_escape ((guint8) from[i]))
        return FALSE;
      to[i] = (guint8) from[i];
    }
  return TRUE;
}

static void
append_escape (ArborBuffer *out, guint8 byte)
{
  static const char hex[] = "0123456789abcdef";
  static const char letters[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                  ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\' };
  guint8 *at = arbor_buffer_reserve (out, 6);

  at[0] = '\\';
  if (letters[byte] != 0)
    {
      at[1] = (guint8) letters[byte];
      out->length += 2;
      return;
    }
  at[1] = 'u';
  at[2] = '0';
  at[3] = '0';
  at[4] = (guint8) hex[byte >> 4];
  at[5] = (guint8) hex[byte & 15];
  out->length += 6;
}

void
arbor_text_append_string (ArborBuffer *out, const char *bytes, gsize length)
{
  guint8 *to = arbor_buffer_reserve (out, length + 2);

  to[0] = '"';
  if (copy_plain (to + 1, bytes, length))
    {
      to[length + 1] = '"';
      out->length += length + 2;
      return;
    }

  out->length++;
  while (length > 0)
    {
      gsize run = plain_run (bytes, length);

      arbor_buffer_append (out, bytes, run);
      if (run < length)
        append_escape (out, (guint8) bytes[run++]);
      bytes += run;
      length -= run;
    }
  arbor_buffer_append_byte (out, '"');
}

#define EIGHT_DIGITS G_GUINT64_CONSTANT (100000000)
#define TEN_THOUSAND 10000u

/* The decimal digits of @n, below EIGHT_DIGITS, with leading zeros: a byte each, the first one
 * in the lowest byte. Halves, quarters and then eighths of the word hold ever fewer digits; the
 * products divide by 100 and by 10 what is below 10,000 and 100. */
static inline guint64
spread_digits (guint32 n)
{
  guint64 word = n / 10000 | (guint64) (n % 10000) << 32;
  guint64 high = ((word * 10486) >> 20) & G_GUINT64_CONSTANT (0x0000007F0000007F);

  word = high | (word - high * 100) << 16;
  high = ((word * 103) >> 10) & G_GUINT64_CONSTANT (0x000F000F000F000F);
  return high | (word - high * 10) << 8;
}

/* Eight bytes, of which those of the digits count. */
static inline gsize
write_up_to_eight_digits (guint8 *to, guint32 n)
{
  guint64 digits = spread_digits (n);
  guint n_zeros = digits != 0 ? (guint) __builtin_ctzll (digits) / 8 : 7;

  digits = GUINT64_TO_LE ((digits | ONES * '0') >> (n_zeros * 8));
  memcpy (to, &digits, 8);
  return 8 - n_zeros;
}

static inline gsize
write_eight_digits (guint8 *to, guint32 n)
{
  guint64 digits = GUINT64_TO_LE (spread_digits (n) | ONES * '0');

  memcpy (to, &digits, 8);
  return 8;
}

/* Writes into ARBOR_NUMBER_TEXT_SIZE bytes. */
static gsize
write_digits (guint8 *to, guint64 n)
{
  gsize length;

  if (n < EIGHT_DIGITS)
    return write_up_to_eight_digits (to, (guint32) n);
  if (n < EIGHT_DIGITS * EIGHT_DIGITS)
    length = write_up_to_eight_digits (to, (guint32) (n / EIGHT_DIGITS));
  else
    {
      length = write_up_to_eight_digits (to, (guint32) (n / (EIGHT_DIGITS * EIGHT_DIGITS)));
      length += write_eight_digits (to + length, (guint32) (n / EIGHT_DIGITS % EIGHT_DIGITS));
    }
  return length + write_eight_digits (to + length, (guint32) (n % EIGHT_DIGITS));
}

void
arbor_text_append_int64 (ArborBuffer *out, gint64 number)
{
  guint8 *to = arbor_buffer_reserve (out, ARBOR_NUMBER_TEXT_SIZE);
  guint64 magnitude = number < 0 ? 0 - (guint64) number : (guint64) number;

  to[0] = '-';
  out->length += (number < 0) + write_digits (to + (number < 0), magnitude);
}

void
arbor_text_append_uint64 (ArborBuffer *out, guint64 number)
{
  out->length += write_digits (arbor_buffer_reserve (out, ARBOR_NUMBER_TEXT_SIZE), number);
}

/* Most decimals in data have few digits behind the point, and few in all: then they are whole numbers of
 * ten-thousandths. A decimal of at most 15 digits that is the nearest to a double is the only one, so its
 * digits are the fewest. 0: the number is none of these. */
static gsize
write_short_decimal (guint8 *to, double number)
{
  double size = fabs (number);
  guint64 parts;
  gsize n;

  if (!(size < 1e11))
    return 0;
  parts = (guint64) (size * TEN_THOUSAND + 0.5);
  if ((double) parts / TEN_THOUSAND != size)
    return 0;
  to[0] = '-';
  n = signbit (number) != 0;
  n += write_digits (to + n, parts / TEN_THOUSAND);
  to[n++] = '.';
  write_eight_digits (to + n, (guint32) (parts % TEN_THOUSAND) * TEN_THOUSAND);
  for (n += 4; to[n - 1] == '0' && to[n - 2] != '.'; n--)
    ;
  return n;
}

void
arbor_text_append_double (ArborBuffer *out, double number)
{
  guint8 *at = arbor_buffer_reserve (out, ARBOR_NUMBER_TEXT_SIZE + 2);
  gsize n = write_short_decimal (at, number);

  if (n == 0)
    {
      n = arbor_cxx_write_double ((char *) at, number);
      if (memchr (at, '.', n) == NULL && memchr (at, 'e', n) == NULL)
        {
          at[n++] = '.';
          at[n++] = '0';
        }
    }
  out->length += n;
}
