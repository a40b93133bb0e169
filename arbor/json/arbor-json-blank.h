/* What ends a line, and what is nothing but blanks. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The length of a line without what ends it. */
static inline gsize
arbor_json_trim_line (const char *line, gsize length)
{
  if (length > 0 && line[length - 1] == '\n')
    length--;
  if (length > 0 && line[length - 1] == '\r')
    length--;
  return length;
}

/* The length of a text without the blanks at its end. */
static inline gsize
arbor_json_trim_blank (const char *text, gsize length)
{
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t' ||
                        text[length - 1] == '\r' || text[length - 1] == '\n'))
    length--;
  return length;
}

static inline gboolean
arbor_json_is_blank (const char *text, gsize length)
{
  return arbor_json_trim_blank (text, length) == 0;
}

G_END_DECLS
