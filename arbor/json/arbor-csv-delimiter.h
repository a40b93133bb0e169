/* Which character stands between the cells of a CSV: found by its first records. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that are looked at, and are enough. */
#define ARBOR_CSV_SAMPLE (64u * 1024u)

/* The delimiter among comma, semicolon, tab and bar for the beginning of an input: the one with
 * which most of the first records have as many cells as the first of all, which must be two at
 * least. Among equals it is the one with more cells, and then the first of the four; a comma that
 * always stands between two digits gives way to any other, for it may be part of numbers. The comma
 * where there is none. @is_all: the input ends behind @text. */
char arbor_csv_find_delimiter (const char *text, gsize length, gboolean is_all);

G_END_DECLS
