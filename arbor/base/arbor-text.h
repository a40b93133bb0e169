/* JSON text of scalars, appended to a buffer: strings with the shortest escapes of RFC 8259,
 * integers, and doubles as the shortest text that reads back equal, always with a fraction or an
 * exponent (1.0, 1e+300), so that a double stays a double.
 */

#pragma once

#include "base/arbor-buffer.h"

G_BEGIN_DECLS

void arbor_text_append_string (ArborBuffer *out, const char *bytes, gsize length); /* with quotes */
void arbor_text_append_int64 (ArborBuffer *out, gint64 number);
void arbor_text_append_uint64 (ArborBuffer *out, guint64 number);
void arbor_text_append_double (ArborBuffer *out, double number); /* finite */
/* For tables that people and spreadsheets read: 100000.0 where the other writes 1e+05. */
void arbor_text_append_decimal (ArborBuffer *out, double number);

G_END_DECLS
