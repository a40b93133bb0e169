/* The one door to C++: simdjson's DOM parser, and the number text of the C++ library (the shortest
 * text of a double, the nearest double of a text). Its functions throw nothing and abort when
 * memory ends, as GLib does. Only the DOM interface of simdjson is used: the On-Demand one of 3.0.1
 * returns wrong numbers. For arbor-parser.c, arbor-text.c, arbor-number.c and those in json/ that
 * read lines by prediction, and nobody else.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ArborSimdjson ArborSimdjson;

#define ARBOR_SIMDJSON_MAX_LENGTH G_MAXUINT32 /* bytes of one document */
#define ARBOR_NUMBER_TEXT_SIZE 32             /* room for any double or 64-bit integer */
#define ARBOR_DOUBLE_DIGITS 17                /* as many significant ones as tell doubles apart */

/* Refuses more than about @max_depth levels: how the last one counts depends on the version. */
ArborSimdjson *arbor_simdjson_new (gsize max_depth);
void arbor_simdjson_free (ArborSimdjson *self);

/* Parses @length bytes, at most ARBOR_SIMDJSON_MAX_LENGTH, with 64 readable bytes after them.
 * FALSE when it refuses the text, for whatever reason. What is handed out is valid until the next
 * call and may be written to.
 */
gboolean arbor_simdjson_parse (ArborSimdjson *self, const char *text, gsize length,
                               guint64 **words, guint8 **strings);

/* Write into @out, of ARBOR_NUMBER_TEXT_SIZE bytes, and return the length; no terminator. */
/* The fewest digits that read back equal, without an exponent from 1e-7 up to 1e17: "1" for 1.0; finite
 * numbers only. */
gsize arbor_cxx_write_double (char *out, double number);
gsize arbor_cxx_write_int64 (char *out, gint64 number);
gsize arbor_cxx_write_uint64 (char *out, guint64 number);

/* The nearest double of a JSON number; FALSE where that would be infinite, or zero for a number that
 * is not.
 */
gboolean arbor_cxx_read_double (const char *text, gsize length, double *number);

gboolean arbor_cxx_validate_utf8 (const char *text, gsize length);

G_END_DECLS
