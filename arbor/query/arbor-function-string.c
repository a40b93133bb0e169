/* Functions of strings. They count characters, not bytes, and know no locale: the same text gives
 * the same result everywhere. Anything but a string gives null.
 */

#include "query/arbor-function-private.h"

#include "batch/arbor-value-access.h"

/* Both are strings, and the second is not longer. */
static gboolean
get_strings (const ArborValue *arguments, ArborValue *result)
{
  if (arguments[0].kind != ARBOR_KIND_STRING || arguments[1].kind != ARBOR_KIND_STRING)
    {
      *result = ARBOR_VALUE_NULL;
      return FALSE;
    }
  *result = ARBOR_VALUE_BOOL (FALSE);
  return arguments[0].length >= arguments[1].length;
}

static gboolean
is_at (const ArborValue *text, gsize offset, const ArborValue *part)
{
  return part->length == 0 || memcmp (text->text + offset, part->text, part->length) == 0;
}

ARBOR_FUNCTION (starts_with)
{
  if (get_strings (arguments, result))
    *result = ARBOR_VALUE_BOOL (is_at (&arguments[0], 0, &arguments[1]));
}

ARBOR_FUNCTION (ends_with)
{
  if (get_strings (arguments, result))
    *result = ARBOR_VALUE_BOOL (
        is_at (&arguments[0], arguments[0].length - arguments[1].length, &arguments[1]));
}

/* Whether an element of the array equals the second argument. */
static void
find_element (const ArborValue *arguments, ArborScope *scope, ArborValue *result)
{
  ArborScopeMark mark = arbor_scope_mark (scope);
  ArborValueIter iter;
  ArborValue element;
  gboolean is_found = FALSE;

  if (arbor_value_is_null (&arguments[1]))
    {
      *result = ARBOR_VALUE_NULL;
      return;
    }

  arbor_value_iter_init (&iter, &arguments[0], scope);
  while (!is_found && arbor_value_iter_next (&iter, NULL, NULL, &element))
    is_found = arbor_value_equal (&element, &arguments[1], scope);
  arbor_scope_release (scope, mark);
  *result = ARBOR_VALUE_BOOL (is_found);
}

ARBOR_FUNCTION (contains)
{
  if (arguments[0].kind == ARBOR_KIND_ARRAY)
    find_element (arguments, scope, result);
  else if (get_strings (arguments, result))
    *result = ARBOR_VALUE_BOOL (arguments[1].length == 0 ||
                                memmem (arguments[0].text, arguments[0].length, arguments[1].text,
                                        arguments[1].length) != NULL);
}

/* Character by character (the simple case mapping of Unicode); two bytes may become three. */
static void
lower_any (const ArborValue *from, ArborScope *scope, ArborValue *result)
{
  const char *at = from->text;
  const char *end = at + from->length;
  char *lowered = arbor_scope_alloc (scope, (gsize) from->length * 2);
  gsize n = 0;

  while (at < end)
    {
      gunichar c = (guchar) *at < 0x80 ? (guchar) *at : g_utf8_get_char_validated (at, end - at);

      if (c < 0x80 || c > 0x10FFFF) /* the latter: a damaged string */
        {
          lowered[n++] = g_ascii_tolower (*at++);
          continue;
        }
      n += g_unichar_to_utf8 (g_unichar_tolower (c), lowered + n);
      at = g_utf8_next_char (at);
    }
  *result = ARBOR_VALUE_STRING (lowered, (guint32) n);
}

ARBOR_FUNCTION (lower)
{
  const ArborValue *from = &arguments[0];
  gboolean is_lower = TRUE;
  gboolean is_ascii = TRUE;

  if (from->kind != ARBOR_KIND_STRING)
    {
      *result = ARBOR_VALUE_NULL;
      return;
    }

  for (guint32 i = 0; i < from->length; i++)
    {
      is_lower &= !g_ascii_isupper (from->text[i]);
      is_ascii &= (guchar) from->text[i] < 0x80;
    }

  if (is_lower && is_ascii)
    *result = *from;
  else
    lower_any (from, scope, result);
}
