/* Values as text of one line: strings as they are, all else as JSON. Widths are those of a
 * terminal: two for wide characters, none for marks. Characters that a terminal would obey are
 * escaped as in JSON, for the data may come from anybody.
 */

#include "arbor-cli-cell.h"

/* Marks of direction, which could make a cell look like another, and the byte order mark, which is not
 * seen at all; and the ends of lines. */
static gboolean
is_obeyed (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x061c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x206f) || c == 0xfeff;
}

static void
append_escaped (GString *out, gunichar c)
{
  if (c == '\n')
    g_string_append (out, "\\n");
  else if (c == '\t')
    g_string_append (out, "\\t");
  else if (c == '\r')
    g_string_append (out, "\\r");
  else
    g_string_append_printf (out, "\\u%04x", c);
}

/* What is in @kept, ASCII, stays. */
static char *
clean (const char *text, const char *kept)
{
  GString *out = g_string_sized_new (strlen (text));

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_obeyed (c) && (c >= 0x80 || strchr (kept, (int) c) == NULL))
        append_escaped (out, c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

char *
arbor_cli_cell_clean (const char *text)
{
  return clean (text, "");
}

char *
arbor_cli_cell_clean_lines (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return clean (valid, "\n\t");
}

char *
arbor_cli_cell_format (ArborTree *value, ArborKind kind, GError **error)
{
  g_autofree char *text = NULL;

  /* A string with U+0000 is shown as JSON. */
  if (kind == ARBOR_KIND_STRING)
    text = arbor_tree_dup_string (value, NULL, NULL);
  if (text == NULL)
    text = arbor_tree_to_json (value, error);
  return text != NULL ? arbor_cli_cell_clean (text) : NULL;
}

static guint
measure_char (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint64
arbor_cli_cell_measure (const char *text)
{
  guint64 width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width += measure_char (g_utf8_get_char (at));
  return width;
}

char *
arbor_cli_cell_cut (const char *text, guint64 width)
{
  const char *end = text;
  guint64 used = 0;

  if (arbor_cli_cell_measure (text) <= width)
    return g_strdup (text);
  for (; *end != '\0'; end = g_utf8_next_char (end))
    {
      used += measure_char (g_utf8_get_char (end));
      if (used > width - 1)
        break;
    }
  return g_strdup_printf ("%.*s…", (int) MIN (end - text, G_MAXINT), text);
}
