/* Escapes in strings of JSON. See arbor-json-direct-private.h. */

#include "json/arbor-json-direct-private.h"

#include "batch/arbor-column-builder.h"

/* Four hexadecimal digits, or -1. */
static gint
read_hex (const char *at)
{
  /* One more than the digit is worth. */
  static const gint8 digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
  };
  gint code = 0;

  for (guint i = 0; i < 4; i++)
    {
      gint digit = digits[(guint8) at[i]] - 1;

      if (digit < 0)
        return -1;
      code = code * 16 + digit;
    }
  return code;
}

/* Appends a character that is none of the surrogates. */
static inline void
add_character (ArborBuffer *buffer, gunichar code)
{
  guint8 *out = buffer->data + buffer->length;

  if (code < 0x80)
    {
      out[0] = (guint8) code;
      buffer->length += 1;
    }
  else if (code < 0x800)
    {
      out[0] = (guint8) (0xc0 | code >> 6);
      out[1] = (guint8) (0x80 | (code & 0x3f));
      buffer->length += 2;
    }
  else if (code < 0x10000)
    {
      out[0] = (guint8) (0xe0 | code >> 12);
      out[1] = (guint8) (0x80 | (code >> 6 & 0x3f));
      out[2] = (guint8) (0x80 | (code & 0x3f));
      buffer->length += 3;
    }
  else
    {
      out[0] = (guint8) (0xf0 | code >> 18);
      out[1] = (guint8) (0x80 | (code >> 12 & 0x3f));
      out[2] = (guint8) (0x80 | (code >> 6 & 0x3f));
      out[3] = (guint8) (0x80 | (code & 0x3f));
      buffer->length += 4;
    }
}

/* The character after "\u" at @at, two escapes together where they are surrogates. */
static const char *
read_code (const char *at, gunichar *code)
{
  gint first = read_hex (at);
  gint second;

  *code = (gunichar) first;
  if (first < 0 || (first >= 0xdc00 && first < 0xe000))
    return NULL;
  if (first < 0xd800 || first >= 0xe000)
    return at + 4;
  if (at[4] != '\\' || at[5] != 'u')
    return NULL;
  second = read_hex (at + 6);
  if (second < 0xdc00 || second >= 0xe000)
    return NULL;
  *code = 0x10000 + (((gunichar) first - 0xd800) << 10) + ((gunichar) second - 0xdc00);
  return at + 10;
}

/* Appends what the escape at @at stands for; the buffer has room. */
static const char *
add_escape (ArborBuffer *buffer, const char *at)
{
  static const char meanings[128] = { ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                      ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t' };
  guint8 name = (guint8) at[1];
  gunichar code;

  if (name == 'u')
    {
      at = read_code (at + 2, &code);
      if (at != NULL)
        add_character (buffer, code);
      return at;
    }
  if (name >= sizeof meanings || meanings[name] == '\0')
    return NULL;
  buffer->data[buffer->length++] = (guint8) meanings[name];
  return at + 2;
}

const char *
arbor_unescape (ArborBuffer *buffer, const char *begin, const char *at, const char **text,
                gsize *length)
{
  gsize start = buffer->length;

  /* No escape is shorter than what it stands for. So the rest of the line is room enough for this
   * string and all after it, and none of them moves. */
  if (start == 0)
    arbor_buffer_reserve (buffer, (gsize) ((const char *) rawmemchr (begin, '\n') - begin) + 16);
  for (;;)
    {
      gsize n = (gsize) (at - begin);

      if (n <= 32)
        arbor_copy_text (buffer->data + buffer->length, begin, (guint32) n);
      else
        memcpy (buffer->data + buffer->length, begin, n);
      buffer->length += n;
      if (*at != '\\')
        break;
      begin = add_escape (buffer, at);
      if (begin == NULL)
        return NULL;
      at = arbor_find_special (begin);
    }
  *text = (const char *) buffer->data + start;
  *length = buffer->length - start;
  return at;
}
