/* Upper and lower case, by Unicode and in no locale: the same text gives the same result
 * everywhere.
 */

#include "query/arbor-function-private.h"

/* Whether the text is ASCII, and whether it is so without a letter that @is_changed names. */
static gboolean
is_plain (const ArborValue *text, gboolean upper_changes, gboolean *is_same)
{
  gboolean is_ascii = TRUE;

  *is_same = TRUE;
  for (guint32 i = 0; i < text->length; i++)
    {
      *is_same &=
          !(upper_changes ? g_ascii_isupper (text->text[i]) : g_ascii_islower (text->text[i]));
      is_ascii &= (guchar)text->text[i] < 0x80;
    }
  return is_ascii;
}

/* Character by character (the simple case mapping of Unicode); two bytes may become three. */
static void
map_letters (const ArborValue *from, gboolean to_lower, ArborScope *scope, ArborValue *result)
{
  const char *at = from->text;
  const char *end = at + from->length;
  char *mapped = arbor_function_new_string (scope, (gsize)from->length * 2);
  gsize n = 0;

  *result = ARBOR_VALUE_NULL;
  if (mapped == NULL)
    return;

  while (at < end)
    {
      gunichar c = (guchar)*at < 0x80 ? (guchar)*at : g_utf8_get_char_validated (at, end - at);

      if (c < 0x80 || c > 0x10FFFF) /* the latter: a damaged string */
        {
          mapped[n++] = to_lower ? g_ascii_tolower (*at) : g_ascii_toupper (*at);
          at++;
          continue;
        }
      n += g_unichar_to_utf8 (to_lower ? g_unichar_tolower (c) : g_unichar_toupper (c), mapped + n);
      at = g_utf8_next_char (at);
    }
  arbor_function_set_string (mapped, n, result);
}

static void
change_letters (const ArborValue *from, gboolean to_lower, ArborScope *scope, ArborValue *result)
{
  gboolean is_same;

  if (from->kind != ARBOR_KIND_STRING)
    *result = ARBOR_VALUE_NULL;
  else if (is_plain (from, to_lower, &is_same) && is_same)
    *result = *from;
  else
    map_letters (from, to_lower, scope, result);
}

ARBOR_FUNCTION (lower)
{
  change_letters (arguments, TRUE, scope, result);
}

ARBOR_FUNCTION (upper)
{
  change_letters (arguments, FALSE, scope, result);
}

/* Unicode's full folding, from one U+0000 to the next, which GLib takes for the end. */
ARBOR_FUNCTION (casefold)
{
  const char *at = arguments->text;
  const char *end = at + arguments->length;
  g_autoptr (GString) folded = NULL;
  gboolean is_same;

  if (arguments->kind != ARBOR_KIND_STRING || is_plain (arguments, TRUE, &is_same) ||
      !arbor_function_is_utf8 (at, arguments->length))
    {
      /* ASCII folds to lower case; damaged text stays as it is otherwise. */
      change_letters (arguments, TRUE, scope, result);
      return;
    }

  folded = g_string_sized_new (arguments->length);
  while (at < end)
    {
      const char *stop = memchr (at, 0, (gsize)(end - at));
      g_autofree char *part = g_utf8_casefold (at, (stop != NULL ? stop : end) - at);

      g_string_append (folded, part);
      if (stop != NULL)
        g_string_append_c (folded, '\0');
      at = stop != NULL ? stop + 1 : end;
    }
  arbor_function_copy_string (folded->str, folded->len, scope, result);
}
