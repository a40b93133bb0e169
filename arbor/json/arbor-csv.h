/* CSV (RFC 4180) to trees, a record a tree, an object of its cells under the names of the first
 * record.
 *
 * Records end with LF, CRLF or CR; empty lines are skipped. A cell that begins with a quote ends
 * with one, has doubled quotes for quotes, and may hold delimiters and line ends; a quote later in
 * a cell is an ordinary character. Quotes only hold a cell together, they say nothing of its kind:
 * a cell that is exactly a JSON number is that number (007 and 1,5 are not), an empty one is no
 * member at all, any other is a string, blanks kept.
 *
 * Every record has as many cells as the first. Names are plain keys, dots and all; the same name
 * twice is an error. A record that is wrong is a bad line; one whose quotes are wrong costs, where
 * bad lines are skipped, the line on which it begins, so that a stray quote does not swallow the
 * rest.
 */

#pragma once

#include "json/arbor-json-reader-private.h"

G_BEGIN_DECLS

/* Reads to the end of the input, whose byte order mark has been consumed. */
gboolean arbor_csv_read (ArborJsonReader *reader, GError **error);

/* Whether @delimiter can part cells. */
gboolean arbor_csv_is_delimiter (char delimiter);

/* Appends one cell, quoted where it must be: where @is_alone, also when it is empty, for an empty
 * line is no record. */
void arbor_csv_append_cell (ArborBuffer *out, const char *text, gsize length, char delimiter,
                            gboolean is_alone);

G_END_DECLS
