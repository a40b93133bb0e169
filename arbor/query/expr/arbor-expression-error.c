/* See arbor-expression-error.h. Of a long text only the surroundings of the place are shown, on one
 * line: control characters are shown as spaces.
 */

#include "query/expr/arbor-expression-error.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

/* How much of a long text an error shows, in characters on each side of the place. */
#define WINDOW 40

void
arbor_set_expression_error (GError **error, const char *text, gsize position, const char *message)
{
  const char *at = text + position;
  const char *start = at;
  const char *end = at;
  g_autoptr (GString) shown = g_string_new (NULL);
  gsize indent = 0;

  for (guint i = 0; i < WINDOW && start > text; i++)
    start = g_utf8_prev_char (start);
  for (guint i = 0; i < WINDOW && *end != '\0'; i++)
    end = g_utf8_next_char (end);

  if (start > text)
    g_string_append (shown, "…");
  indent = start > text ? 1 : 0;
  for (const char *c = start; c < end; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      g_string_append_unichar (shown, g_unichar_iscntrl (character) ? ' ' : character);
      if (c < at)
        indent += g_unichar_iszerowidth (character) ? 0 : g_unichar_iswide (character) ? 2 : 1;
    }
  if (*end != '\0')
    g_string_append (shown, "…");

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _("%s at position %zu (bytes from 0)\n%s\n%*s^"), message, position,
               shown->str, (int) indent, "");
}
