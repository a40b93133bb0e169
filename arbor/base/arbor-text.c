/* JSON text of scalars. See arbor-text.h. Strings are copied in runs between the bytes that need an
 * escape: the quote, the backslash and the controls below U+0020. Everything else stays as it is.
 */

#include "base/arbor-text.h"

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
  arbor_buffer_reserve (out, length + 2);
  arbor_buffer_append_byte (out, '"');
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

void
arbor_text_append_int64 (ArborBuffer *out, gint64 number)
{
  out->length +=
    arbor_cxx_write_int64 ((char *) arbor_buffer_reserve (out, ARBOR_NUMBER_TEXT_SIZE), number);
}

void
arbor_text_append_uint64 (ArborBuffer *out, guint64 number)
{
  out->length +=
    arbor_cxx_write_uint64 ((char *) arbor_buffer_reserve (out, ARBOR_NUMBER_TEXT_SIZE), number);
}

void
arbor_text_append_double (ArborBuffer *out, double number)
{
  char *at = (char *) arbor_buffer_reserve (out, ARBOR_NUMBER_TEXT_SIZE + 2);
  gsize n = arbor_cxx_write_double (at, number);

  if (memchr (at, '.', n) == NULL && memchr (at, 'e', n) == NULL)
    {
      at[n++] = '.';
      at[n++] = '0';
    }
  out->length += n;
}
