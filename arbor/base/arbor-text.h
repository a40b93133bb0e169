/* JSON text of scalars, appended to a buffer: strings with the shortest escapes of RFC 8259,
 * integers, and doubles with the fewest digits that read back equal: as decimals from 1e-7 up to 1e17
 * (100000.0, 0.0001), else with an exponent (1e+17, 1e-08), so always as what a double is told by.
 */

#pragma once

#include "base/arbor-buffer.h"

G_BEGIN_DECLS

void arbor_text_append_string (ArborBuffer *out, const char *bytes, gsize length); /* with quotes */
void arbor_text_append_int64 (ArborBuffer *out, gint64 number);
void arbor_text_append_uint64 (ArborBuffer *out, guint64 number);
void arbor_text_append_double (ArborBuffer *out, double number); /* finite */

G_END_DECLS
