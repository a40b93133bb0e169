/* The strict scanner. See arbor-json-scan.h.
 *
 * A machine of seven states over an explicit stack of open containers. Each function that reads
 * something moves `at` past it; when it meets a byte that cannot be there it leaves `at` on that
 * byte, sets the reason and returns FALSE.
 */

#include "base/arbor-json-scan.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-number.h"
#include "base/arbor-text.h"

typedef enum
{
  STATE_VALUE,
  STATE_FIRST_VALUE, /* after '[' */
  STATE_KEY,
  STATE_FIRST_KEY, /* after '{' */
  STATE_COLON,
  STATE_AFTER, /* a value */
} State;

typedef struct
{
  const char *text;
  gsize length;
  gsize at;
  const char *reason;
  guint32 depth;
  gboolean is_exact;
  ArborTapeWriter *writer; /* or NULL */
  ArborBuffer scratch;     /* a string without its escapes, or a number as it would be written */
  char open[ARBOR_TAPE_MAX_DEPTH];
} Scanner;

static gboolean
fail (Scanner *self, const char *reason)
{
  self->reason = reason;
  return FALSE;
}

/* The byte at @at, -1 at the end. */
static inline int
peek (const Scanner *self)
{
  return self->at < self->length ? (guint8) self->text[self->at] : -1;
}

static void
skip_space (Scanner *self)
{
  while (self->at < self->length &&
         (self->text[self->at] == ' ' || self->text[self->at] == '\n' ||
          self->text[self->at] == '\t' || self->text[self->at] == '\r'))
    self->at++;
}

static void
write_scalar (Scanner *self, ArborValue value)
{
  if (self->writer != NULL)
    arbor_tape_writer_scalar (self->writer, &value);
}

static gboolean
scan_literal (Scanner *self, const char *literal, ArborValue value)
{
  for (; *literal != '\0'; literal++, self->at++)
    if (peek (self) != *literal)
      return fail (self, N_("expected 'true', 'false' or 'null'"));
  write_scalar (self, value);
  return TRUE;
}

/* Whether the number would be written as the @n bytes at @text. */
static gboolean
is_written_so (Scanner *self, const ArborValue *value, const char *text, gsize n)
{
  if (value->kind == ARBOR_KIND_INT64 || value->kind == ARBOR_KIND_UINT64)
    return value->uint64 != 0 || *text != '-';
  if (value->kind != ARBOR_KIND_DOUBLE)
    return TRUE;
  arbor_buffer_clear (&self->scratch);
  arbor_text_append_double (&self->scratch, value->real);
  return self->scratch.length == n && memcmp (self->scratch.data, text, n) == 0;
}

static gboolean
scan_number (Scanner *self)
{
  gboolean is_integer;
  const char *start = self->text + self->at;
  gsize n;
  ArborValue value;

  if (!arbor_number_scan (start, self->length - self->at, &n, &is_integer))
    {
      self->at += n;
      return fail (self, N_("expected a digit in number"));
    }
  self->at += n;
  if (self->at < self->length && g_ascii_isdigit (start[n]))
    return fail (self, N_("expected no digit after the leading 0 of a number"));
  if (self->writer == NULL)
    return TRUE;

  arbor_number_parse (start, n, &value);
  if (self->is_exact && !is_written_so (self, &value, start, n))
    value = ARBOR_VALUE_NUMBER (start, (guint32) n);
  write_scalar (self, value);
  return TRUE;
}

/* Four hexadecimal digits; -1 when they are not. */
static int
scan_hex (Scanner *self)
{
  int unit = 0;

  for (guint i = 0; i < 4; i++, self->at++)
    {
      int digit = peek (self) < 0 ? -1 : g_ascii_xdigit_value ((char) peek (self));

      if (digit < 0)
        {
          fail (self, N_("expected four hexadecimal digits after \\u in string"));
          return -1;
        }
      unit = unit << 4 | digit;
    }
  return unit;
}

static void
append_character (Scanner *self, gunichar c)
{
  char utf8[6];

  arbor_buffer_append (&self->scratch, utf8, (gsize) g_unichar_to_utf8 (c, utf8));
}

/* After "\u": one unit, or a pair of surrogates. */
static gboolean
scan_unicode_escape (Scanner *self)
{
  gsize escape = self->at - 2;
  int unit = scan_hex (self);
  int low = -1;

  if (unit < 0)
    return FALSE;
  if (unit < 0xD800 || unit > 0xDFFF)
    {
      append_character (self, (gunichar) unit);
      return TRUE;
    }
  if (unit < 0xDC00 && self->at + 1 < self->length && self->text[self->at] == '\\' &&
      self->text[self->at + 1] == 'u')
    {
      self->at += 2;
      low = scan_hex (self);
      if (low < 0)
        return FALSE;
    }
  if (low >= 0xDC00 && low <= 0xDFFF)
    {
      append_character (self, 0x10000 + ((gunichar) (unit - 0xD800) << 10) + (guint) (low - 0xDC00));
      return TRUE;
    }
  self->at = escape;
  return fail (self, N_("lone surrogate in string"));
}

static gboolean
scan_escape (Scanner *self)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *found;
  int letter;

  self->at++;
  letter = peek (self);
  if (letter == -1)
    return fail (self, N_("expected '\"' at the end of string"));
  if (letter == 'u')
    {
      self->at++;
      return scan_unicode_escape (self);
    }
  found = letter != 0 ? strchr (letters, letter) : NULL;
  if (found == NULL)
    return fail (self, N_("invalid escape in string"));
  self->at++;
  arbor_buffer_append_byte (&self->scratch, (guint8) meanings[found - letters]);
  return TRUE;
}

static gboolean
scan_utf8 (Scanner *self)
{
  const char *sequence = self->text + self->at;
  gunichar c = g_utf8_get_char_validated (sequence, (gssize) (self->length - self->at));

  if (c == (gunichar) -1 || c == (gunichar) -2)
    return fail (self, N_("invalid UTF-8"));
  self->at += (gsize) (g_utf8_next_char (sequence) - sequence);
  return TRUE;
}

/* The end of the string whose first byte is at @at, where its closing quote is. Pieces between
 * escapes are copied as they are. */
static gboolean
scan_characters (Scanner *self)
{
  gsize piece = self->at;

  for (;;)
    {
      int byte = peek (self);

      if (byte == '"' || byte == '\\')
        {
          arbor_buffer_append (&self->scratch, self->text + piece, self->at - piece);
          if (byte == '"')
            return TRUE;
          if (!scan_escape (self))
            return FALSE;
          piece = self->at;
        }
      else if (byte == -1)
        return fail (self, N_("expected '\"' at the end of string"));
      else if (byte < 0x20)
        return fail (self, N_("control character in string, which must be escaped"));
      else if (byte < 0x80)
        self->at++;
      else if (!scan_utf8 (self))
        return FALSE;
    }
}

static gboolean
scan_string (Scanner *self, gboolean is_key)
{
  self->at++;
  arbor_buffer_clear (&self->scratch);
  if (!scan_characters (self))
    return FALSE;
  self->at++;
  if (self->writer != NULL && is_key)
    arbor_tape_writer_key (self->writer, (const char *) self->scratch.data, self->scratch.length);
  else
    write_scalar (self, ARBOR_VALUE_STRING ((const char *) self->scratch.data,
                                            (guint32) self->scratch.length));
  return TRUE;
}

static gboolean
open_container (Scanner *self, char bracket, State *state)
{
  if (self->depth == ARBOR_TAPE_MAX_DEPTH)
    return fail (self, N_("more than 1,024 levels of arrays and objects"));
  self->open[self->depth++] = bracket;
  self->at++;
  if (self->writer != NULL && bracket == '{')
    arbor_tape_writer_begin_object (self->writer);
  else if (self->writer != NULL)
    arbor_tape_writer_begin_array (self->writer);
  *state = bracket == '{' ? STATE_FIRST_KEY : STATE_FIRST_VALUE;
  return TRUE;
}

static void
close_container (Scanner *self)
{
  char bracket = self->open[--self->depth];

  self->at++;
  if (self->writer != NULL && bracket == '{')
    arbor_tape_writer_end_object (self->writer);
  else if (self->writer != NULL)
    arbor_tape_writer_end_array (self->writer);
}

static gboolean
scan_value (Scanner *self, State *state)
{
  int byte = peek (self);

  *state = STATE_AFTER;
  switch (byte)
    {
    case '{':
    case '[':
      return open_container (self, (char) byte, state);
    case '"':
      return scan_string (self, FALSE);
    case 't':
      return scan_literal (self, "true", ARBOR_VALUE_BOOL (TRUE));
    case 'f':
      return scan_literal (self, "false", ARBOR_VALUE_BOOL (FALSE));
    case 'n':
      return scan_literal (self, "null", ARBOR_VALUE_NULL);
    case '-':
    case '0' ... '9':
      return scan_number (self);
    case -1:
      return fail (self, N_("expected a value, found the end of the text"));
    default:
      return fail (self, N_("expected a value"));
    }
}

/* After a value inside a container: a comma or the end of the container. */
static gboolean
scan_after (Scanner *self, State *state)
{
  gboolean in_object = self->open[self->depth - 1] == '{';

  if (peek (self) == (in_object ? '}' : ']'))
    {
      close_container (self);
      return TRUE;
    }
  if (peek (self) != ',')
    return fail (self, in_object ? N_("expected ',' or '}' in object")
                                 : N_("expected ',' or ']' in array"));
  *state = in_object ? STATE_KEY : STATE_VALUE;
  self->at++;
  return TRUE;
}

static gboolean
scan_step (Scanner *self, State *state)
{
  int byte = peek (self);

  switch (*state)
    {
    case STATE_FIRST_VALUE:
    case STATE_FIRST_KEY:
      if (byte == (*state == STATE_FIRST_KEY ? '}' : ']'))
        {
          *state = STATE_AFTER;
          close_container (self);
          return TRUE;
        }
      if (*state == STATE_FIRST_VALUE)
        return scan_value (self, state);
      if (byte != '"')
        return fail (self, N_("expected a key in quotes or '}' in object"));
      *state = STATE_COLON;
      return scan_string (self, TRUE);
    case STATE_KEY:
      if (byte != '"')
        return fail (self, N_("expected a key in quotes after ',' in object"));
      *state = STATE_COLON;
      return scan_string (self, TRUE);
    case STATE_COLON:
      if (byte != ':')
        return fail (self, N_("expected ':' after key in object"));
      self->at++;
      *state = STATE_VALUE;
      return TRUE;
    case STATE_AFTER:
      return scan_after (self, state);
    case STATE_VALUE:
    default:
      return scan_value (self, state);
    }
}

gboolean
arbor_json_scan (const char *text, gsize length, gboolean is_exact, ArborTapeWriter *writer,
                 gsize *error_offset, const char **reason)
{
  Scanner self = { .text = text, .length = length, .is_exact = is_exact, .writer = writer };
  State state = STATE_VALUE;
  gboolean ok;

  do
    {
      skip_space (&self);
      ok = scan_step (&self, &state);
    }
  while (ok && !(state == STATE_AFTER && self.depth == 0));

  if (ok)
    {
      skip_space (&self);
      ok = self.at == length || fail (&self, N_("expected the end of the text after the value"));
    }
  if (!ok)
    {
      *error_offset = self.at;
      *reason = self.reason;
    }
  arbor_buffer_free (&self.scratch);
  return ok;
}
