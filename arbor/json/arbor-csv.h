/* CSV (RFC 4180) to trees, a record a tree, an object of its cells under the names of the first
 * record: every column in each tree, in their order.
 *
 * Records are scanned by arbor-csv-scan.h; empty lines are skipped. What a column is, numbers or
 * text, is decided for the whole of it (arbor-csv-column.h); who takes the batches lets
 * arbor-csv-recode.h take back what was decided too early, before anybody sees them. An empty cell is
 * null, a quoted one with nothing in it the empty string.
 *
 * Every record has as many cells as the first. Names are plain keys, dots and all; the same name
 * twice is an error. A record that is wrong is a bad line; one whose quotes are wrong costs, where
 * bad lines are skipped, the line on which it begins, so that a stray quote does not swallow the
 * rest.
 */

#pragma once

#include "json/arbor-json-reader-private.h"

G_BEGIN_DECLS

#define ARBOR_CSV_MAX_COLUMNS (1024u * 1024u) /* read or written */

/* Reads to the end of the input, whose byte order mark has been consumed. */
gboolean arbor_csv_read (ArborJsonReader *reader, GError **error);

/* Whether @delimiter can part cells. */
gboolean arbor_csv_is_delimiter (char delimiter);

/* Appends one cell, quoted where it must be: an empty string, which is not null, too, and where
 * @is_alone also null, for an empty line is no record. @text is NULL for null. */
void arbor_csv_append_cell (ArborBuffer *out, const char *text, gsize length, char delimiter,
                            gboolean is_alone);

G_END_DECLS
