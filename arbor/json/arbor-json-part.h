/* Lines of an input as a stream of their own: so many of them, then it is at its end, and the input goes on with
 * the next one. */

#pragma once

#include "json/arbor-json-input.h"

G_BEGIN_DECLS

/* The next line without its end, (transfer full); NULL at the end of the input, or with error. LIMIT for one of
 * more than @most bytes. */
char *arbor_json_part_read_line (ArborJsonInput *input, gsize most, GError **error);

/* The next @n lines, with their ends. @input outlives it. */
GInputStream *arbor_json_part_new (ArborJsonInput *input, guint64 n);

G_END_DECLS
