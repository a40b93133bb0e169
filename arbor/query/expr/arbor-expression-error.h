/* Errors in texts that people write (expressions, JSONPath): what, where in bytes, the text, and a
 * caret under the place.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sets ARBOR_ERROR_EXPRESSION. @text is UTF-8; @position is the offset of one of its characters or
 * of its end; @message is translated. */
void arbor_set_expression_error (GError **error, const char *text, gsize position,
                                 const char *message);

G_END_DECLS
