/* Numbers by exact mathematical value, whatever their kind: INT64, UINT64, DOUBLE, NUMBER.
 * 2^53 and 2^53 + 1 differ, 1 equals 1.0, -0.0 equals 0, 1e400 equals 10e399; hashing agrees.
 * Doubles are finite. NUMBER text follows the JSON grammar.
 */

#pragma once

#include "base/arbor-value.h"

G_BEGIN_DECLS

int arbor_number_compare (const ArborValue *a, const ArborValue *b);
guint64 arbor_number_hash (const ArborValue *number);

/* The nearest double: infinite for NUMBER beyond its range, 0 below it. */
double arbor_number_to_double (const ArborValue *number);

/* Without its fraction, by its digits; FALSE when that fits no 64 bits. */
gboolean arbor_number_truncate (const ArborValue *number, ArborValue *integer);

/* Sets @value from JSON number text of @length bytes by the rules of semantics.md section 1.
 * FALSE when the text is not a JSON number. A NUMBER keeps pointing to @text.
 */
gboolean arbor_number_parse (const char *text, gsize length, ArborValue *value);

/* The longest JSON number at the start of @text: TRUE with its length in *@n, or FALSE with the
 * offset in *@n at which a digit was expected. */
gboolean arbor_number_scan (const char *text, gsize length, gsize *n, gboolean *is_integer);

G_END_DECLS
