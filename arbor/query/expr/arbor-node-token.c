/* Errors and tokens of the text form of expressions. An error says what, where in bytes, and shows
 * the text with a caret under the place. A token is measured, not copied.
 */

#include "query/expr/arbor-node-parser-private.h"

#include <glib/gi18n-lib.h>

#include "query/expr/arbor-expression-error.h"

/* Errors: what, where in bytes, the text, and a caret under the place. */

gboolean
arbor_node_parser_fail_with (ArborNodeParser *self, gsize position, const char *message)
{
  arbor_set_expression_error (self->error, self->text, position, message);
  return FALSE;
}

gboolean
arbor_node_parser_fail (ArborNodeParser *self, gsize position, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  return arbor_node_parser_fail_with (self, position, message);
}

/* What stands at the position, for messages. */
char *
arbor_node_parser_describe_place (ArborNodeParser *self)
{
  const char *at = self->text + self->position;

  if (self->position >= self->length)
    return g_strdup (_ ("the end"));
  return g_strdup_printf ("'%.*s'", (int)(g_utf8_next_char (at) - at), at);
}

/* Tokens */

char
arbor_node_parser_peek (ArborNodeParser *self, gsize ahead)
{
  return self->position + ahead < self->length ? self->text[self->position + ahead] : '\0';
}

gsize
arbor_node_parser_skip_space (const char *text, gsize position)
{
  while (text[position] == ' ' || text[position] == '\t' || text[position] == '\n' ||
         text[position] == '\r')
    position++;
  return position;
}

/* The length of the identifier at @position, 0 when there is none. */
gsize
arbor_node_parser_measure_word (const char *text, gsize position)
{
  const char *start = text + position;
  const char *end = start;

  while (g_ascii_isalnum (*end) || *end == '_' ||
         ((guchar)*end >= 0x80 && g_unichar_isalnum (g_utf8_get_char (end))))
    end = g_utf8_next_char (end);

  return g_ascii_isdigit (*start) ? 0 : end - start;
}

gsize
arbor_node_parser_measure_number (const char *text, gsize position)
{
  gsize at = position;

  at += text[at] == '-';
  while (g_ascii_isdigit (text[at]))
    at++;
  if (text[at] == '.')
    at++;
  while (g_ascii_isdigit (text[at]))
    at++;
  if (text[at] == 'e' || text[at] == 'E')
    {
      at++;
      at += text[at] == '+' || text[at] == '-';
      while (g_ascii_isdigit (text[at]))
        at++;
    }
  return at - position;
}

/* The length of the string at @position, quotes included; 0 when it does not end. */
gsize
arbor_node_parser_measure_string (const char *text, gsize position)
{
  char quote = text[position];

  for (gsize at = position + 1; text[at] != '\0'; at++)
    {
      if (text[at] == quote)
        return at + 1 - position;
      if (text[at] == '\\' && text[at + 1] != '\0')
        at++;
    }
  return 0;
}

/* The length of the JSON array or object at @position; 0 when it does not end. Only brackets are
 * counted: whether it is JSON, the JSON parser says. */
gsize
arbor_node_parser_measure_container (const char *text, gsize position)
{
  gsize depth = 0;

  for (gsize at = position; text[at] != '\0'; at++)
    {
      if (text[at] == '"')
        {
          gsize length = arbor_node_parser_measure_string (text, at);

          if (length == 0)
            return 0;
          at += length - 1;
        }
      else if (text[at] == '[' || text[at] == '{')
        {
          depth++;
        }
      else if ((text[at] == ']' || text[at] == '}') && --depth == 0)
        {
          return at + 1 - position;
        }
    }
  return 0;
}

gboolean
arbor_node_parser_is_word (const char *text, gsize length, const char *word)
{
  return strlen (word) == length && memcmp (text, word, length) == 0;
}

gboolean
arbor_node_is_reserved (const char *word, gsize length)
{
  static const char *const reserved[] = {
    "and", "false", "in", "not", "null", "or", "otherwise", "then", "true", "when",
  };

  for (guint i = 0; i < G_N_ELEMENTS (reserved); i++)
    if (arbor_node_parser_is_word (word, length, reserved[i]))
      return TRUE;
  return FALSE;
}
