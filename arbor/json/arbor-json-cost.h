/* What reading a tree will cost, from a look at its text: before it is parsed, for then it is too
 * late. An estimate that is rather too high: by its commas and brackets, also those in strings.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 n_values; /* at most so many */
  guint64 n_bytes;  /* of memory, at the same time: text, tape, columns, batch */
} ArborJsonCost;

/* Texts up to here are not worth a look. */
#define ARBOR_JSON_CHEAP (256u * 1024u)

void arbor_json_estimate (const char *text, gsize length, ArborJsonCost *cost);

G_END_DECLS
