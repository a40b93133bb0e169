/* Upper and lower case, by Unicode and in no locale: the same text gives the same result
 * everywhere.
 */

#include "query/expr/arbor-function-private.h"

#include "base/arbor-letters.h"

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
      n += g_unichar_to_utf8 (to_lower ? arbor_letters_to_lower (c) : arbor_letters_to_upper (c),
                              mapped + n);
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

/* Unicode's full folding. */
ARBOR_FUNCTION (casefold)
{
  g_autofree char *folded = NULL;
  gboolean is_same;
  gsize n;

  if (arguments->kind != ARBOR_KIND_STRING || is_plain (arguments, TRUE, &is_same) ||
      !arbor_function_is_utf8 (arguments->text, arguments->length))
    {
      /* ASCII folds to lower case; damaged text stays as it is otherwise. */
      change_letters (arguments, TRUE, scope, result);
      return;
    }
  folded = arbor_letters_fold (arguments->text, arguments->length, &n);
  arbor_function_copy_string (folded, n, scope, result);
}
