/* The tokens of JSONPath, exactly as the ABNF of RFC 9535 has them. See arbor-jsonpath-private.h. */

#include "query/jsonpath/arbor-jsonpath-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-number.h"
#include "query/expr/arbor-expression-error.h"

/* The integers that every JSON implementation can hold exactly. */
#define MAX_INT ((G_GINT64_CONSTANT (1) << 53) - 1)

gboolean
arbor_jsonpath_fail (ArborJsonpathLexer *self, gsize position, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  arbor_set_expression_error (self->error, self->text, position, message);
  return FALSE;
}

gboolean
arbor_jsonpath_fail_expected (ArborJsonpathLexer *self, const char *expected)
{
  const char *at = self->text + self->position;

  if (self->position >= self->length)
    return arbor_jsonpath_fail (self, self->position, _("Expected %s, found the end"), expected);
  return arbor_jsonpath_fail (self, self->position, _("Expected %s, found '%.*s'"), expected,
                              (int) (g_utf8_next_char (at) - at), at);
}

void
arbor_jsonpath_skip_space (ArborJsonpathLexer *self)
{
  while (arbor_jsonpath_peek (self, 0) == ' ' || arbor_jsonpath_peek (self, 0) == '\t' ||
         arbor_jsonpath_peek (self, 0) == '\n' || arbor_jsonpath_peek (self, 0) == '\r')
    self->position++;
}

/* Four hexadecimal digits at the position; -1 when there are none. */
static int
read_hex (ArborJsonpathLexer *self)
{
  int code = 0;

  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (arbor_jsonpath_peek (self, 0));

      if (digit < 0)
        return -1;
      code = code << 4 | digit;
      self->position++;
    }
  return code;
}

/* Behind "\u". */
static gboolean
read_unicode (ArborJsonpathLexer *self, gsize start, gunichar *character)
{
  int high = read_hex (self);
  int low;

  if (high < 0)
    return arbor_jsonpath_fail_expected (self, _("a hexadecimal digit"));
  *character = (gunichar) high;
  if (high < 0xD800 || high > 0xDFFF)
    return TRUE;

  if (high <= 0xDBFF && arbor_jsonpath_peek (self, 0) == '\\' &&
      arbor_jsonpath_peek (self, 1) == 'u')
    {
      self->position += 2;
      low = read_hex (self);
      if (low < 0)
        return arbor_jsonpath_fail_expected (self, _("a hexadecimal digit"));
      if (low >= 0xDC00 && low <= 0xDFFF)
        {
          *character = 0x10000 + ((gunichar) (high - 0xD800) << 10) + (gunichar) (low - 0xDC00);
          return TRUE;
        }
    }
  return arbor_jsonpath_fail (self, start,
                              _("This escape is one half of a surrogate pair without the other"));
}

/* At a backslash. */
static gboolean
read_escape (ArborJsonpathLexer *self, char quote, gunichar *character)
{
  static const char letters[] = "bfnrt/\\";
  static const char meanings[] = "\b\f\n\r\t/\\";
  gsize start = self->position++;
  char escaped = arbor_jsonpath_peek (self, 0);
  const char *letter = escaped != '\0' ? strchr (letters, escaped) : NULL;

  if (escaped == 'u')
    {
      self->position++;
      return read_unicode (self, start, character);
    }
  if (escaped == quote)
    *character = (gunichar) quote;
  else if (letter != NULL)
    *character = (gunichar) meanings[letter - letters];
  else
    return arbor_jsonpath_fail (self, start,
                                _("No such escape in a string: there are \\%c \\\\ \\/ \\b \\f "
                                  "\\n \\r \\t and \\u with four hexadecimal digits"), quote);
  self->position++;
  return TRUE;
}

/* At a quote, single or double. */
gboolean
arbor_jsonpath_read_string (ArborJsonpathLexer *self, const char **bytes, guint32 *length)
{
  gsize start = self->position++;
  char quote = self->text[start];
  ArborBuffer *out = arbor_scope_get_scratch (self->scope);

  while (arbor_jsonpath_peek (self, 0) != quote)
    {
      guchar c = (guchar) arbor_jsonpath_peek (self, 0);

      if (self->position >= self->length)
        return arbor_jsonpath_fail (self, start,
                                    _("The string that begins here does not end: expected %c"),
                                    quote);
      if (c < 0x20)
        return arbor_jsonpath_fail (self, self->position,
                                    _("A control character in a string must be written as an "
                                      "escape: \\u%04x"), c);
      if (c == '\\')
        {
          gunichar character = 0;

          if (!read_escape (self, quote, &character))
            return FALSE;
          arbor_buffer_reserve (out, 6);
          out->length += (gsize) g_unichar_to_utf8 (character, (char *) out->data + out->length);
          continue;
        }
      arbor_buffer_append_byte (out, c);
      self->position++;
    }

  self->position++;
  *length = (guint32) out->length;
  *bytes = arbor_scope_copy (self->scope, (const char *) out->data, out->length);
  return TRUE;
}

/* A name after a dot: a letter, _ or anything that is not ASCII, then also digits. */
gboolean
arbor_jsonpath_read_shorthand (ArborJsonpathLexer *self, const char **bytes, guint32 *length)
{
  gsize start = self->position;

  while (g_ascii_isalpha (arbor_jsonpath_peek (self, 0)) || arbor_jsonpath_peek (self, 0) == '_' ||
         (guchar) arbor_jsonpath_peek (self, 0) >= 0x80 ||
         (self->position > start && g_ascii_isdigit (arbor_jsonpath_peek (self, 0))))
    self->position++;
  if (self->position == start)
    return arbor_jsonpath_fail_expected (self, _("a name (any other name is written ['name']) or *"));

  *length = (guint32) (self->position - start);
  *bytes = arbor_scope_copy (self->scope, self->text + start, *length);
  return TRUE;
}

/* int: no leading zeros, no -0, within 2^53 - 1. */
gboolean
arbor_jsonpath_read_int (ArborJsonpathLexer *self, gint64 *result)
{
  gsize start = self->position;
  gboolean is_negative = arbor_jsonpath_peek (self, 0) == '-';
  gint64 number = 0;
  gsize digits;

  self->position += is_negative;
  digits = self->position;
  while (g_ascii_isdigit (arbor_jsonpath_peek (self, 0)))
    {
      number = number * 10 + (arbor_jsonpath_peek (self, 0) - '0');
      if (number > MAX_INT)
        return arbor_jsonpath_fail (self, start,
                                    _("An integer must lie between -(2^53 - 1) and 2^53 - 1"));
      self->position++;
    }
  if (self->position == digits)
    return arbor_jsonpath_fail_expected (self, _("a digit"));
  if (self->text[digits] == '0' && (self->position > digits + 1 || is_negative))
    return arbor_jsonpath_fail (self, start,
                                _("An integer has no leading zeros, and zero has no sign"));

  *result = is_negative ? -number : number;
  return TRUE;
}

/* number = (int / "-0") [frac] [exp], which is a JSON number. */
gboolean
arbor_jsonpath_read_number (ArborJsonpathLexer *self, ArborValue *value)
{
  const char *text = self->text + self->position;
  gboolean is_integer;
  gsize n;

  if (!arbor_number_scan (text, self->length - self->position, &n, &is_integer))
    {
      self->position += n;
      return arbor_jsonpath_fail_expected (self, _("a digit"));
    }
  arbor_number_parse (arbor_scope_copy (self->scope, text, n), n, value);
  self->position += n;
  if (g_ascii_isdigit (arbor_jsonpath_peek (self, 0)))
    return arbor_jsonpath_fail (self, self->position - n, _("A number has no leading zeros"));
  return TRUE;
}
