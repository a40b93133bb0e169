/* The strict scanner. See arbor-json-scan.h.
 *
 * A machine of seven states over an explicit stack of open containers. Each function that reads
 * something moves `at` past it; when it meets a byte that cannot be there it leaves `at` on that
 * byte, sets the reason and returns FALSE.
 */

#include "base/arbor-json-scan.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-number.h"
#include "base/arbor-tape.h"

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
  guint32 n_strings;
  guint32 depth;
  ArborBuffer *big;
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

static gboolean
scan_literal (Scanner *self, const char *literal)
{
  for (; *literal != '\0'; literal++, self->at++)
    if (peek (self) != *literal)
      return fail (self, N_("expected 'true', 'false' or 'null'"));
  return TRUE;
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
  if (self->at + n < self->length && g_ascii_isdigit (start[n]))
    {
      self->at += n;
      return fail (self, N_("expected no digit after the leading 0 of a number"));
    }

  arbor_number_parse (start, n, &value);
  if (value.kind == ARBOR_KIND_NUMBER)
    {
      ArborBigNumber number = { (guint32) self->at, (guint32) n, self->n_strings++ };

      arbor_buffer_append (self->big, &number, sizeof number);
    }
  self->at += n;
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
    return TRUE;
  if (unit < 0xDC00 && self->at + 1 < self->length && self->text[self->at] == '\\' &&
      self->text[self->at + 1] == 'u')
    {
      self->at += 2;
      low = scan_hex (self);
      if (low < 0)
        return FALSE;
    }
  if (low >= 0xDC00 && low <= 0xDFFF)
    return TRUE;
  self->at = escape;
  return fail (self, N_("lone surrogate in string"));
}

static gboolean
scan_escape (Scanner *self)
{
  int letter;

  self->at++;
  letter = peek (self);
  if (letter == -1)
    return fail (self, N_("expected '\"' at the end of string"));
  if (letter == 0 || strchr ("\"\\/bfnrtu", letter) == NULL)
    return fail (self, N_("invalid escape in string"));
  self->at++;
  return letter != 'u' || scan_unicode_escape (self);
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

static gboolean
scan_string (Scanner *self)
{
  self->at++;
  self->n_strings++;
  for (;;)
    {
      int byte = peek (self);

      if (byte == '"')
        {
          self->at++;
          return TRUE;
        }
      if (byte == -1)
        return fail (self, N_("expected '\"' at the end of string"));
      if (byte < 0x20)
        return fail (self, N_("control character in string, which must be escaped"));
      if (byte == '\\')
        {
          if (!scan_escape (self))
            return FALSE;
        }
      else if (byte >= 0x80)
        {
          if (!scan_utf8 (self))
            return FALSE;
        }
      else
        {
          self->at++;
        }
    }
}

static gboolean
open_container (Scanner *self, char bracket, State *state)
{
  if (self->depth == ARBOR_TAPE_MAX_DEPTH)
    return fail (self, N_("more than 1,024 levels of arrays and objects"));
  self->open[self->depth++] = bracket;
  self->at++;
  *state = bracket == '{' ? STATE_FIRST_KEY : STATE_FIRST_VALUE;
  return TRUE;
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
      return scan_string (self);
    case 't':
      return scan_literal (self, "true");
    case 'f':
      return scan_literal (self, "false");
    case 'n':
      return scan_literal (self, "null");
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

  if (peek (self) == ',')
    *state = in_object ? STATE_KEY : STATE_VALUE;
  else if (peek (self) == (in_object ? '}' : ']'))
    self->depth--;
  else
    return fail (self, in_object ? N_("expected ',' or '}' in object")
                                 : N_("expected ',' or ']' in array"));
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
          self->depth--;
          self->at++;
          return TRUE;
        }
      if (*state == STATE_FIRST_VALUE)
        return scan_value (self, state);
      if (byte != '"')
        return fail (self, N_("expected a key in quotes or '}' in object"));
      *state = STATE_COLON;
      return scan_string (self);
    case STATE_KEY:
      if (byte != '"')
        return fail (self, N_("expected a key in quotes after ',' in object"));
      *state = STATE_COLON;
      return scan_string (self);
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
arbor_json_scan (const char *text, gsize length, ArborBuffer *big, gsize *error_offset,
                 const char **reason)
{
  Scanner self = { .text = text, .length = length, .big = big };
  State state = STATE_VALUE;
  gboolean ok;

  arbor_buffer_clear (big);
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
  return ok;
}
