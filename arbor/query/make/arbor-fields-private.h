/* What the files of fields share: arbor-fields.c makes trees one by one, arbor-fields-columns.c those of
 * many rows at once.
 */

#pragma once

#include "batch/arbor-compose.h"
#include "query/expr/arbor-evaluator.h"
#include "query/make/arbor-fields.h"
#include "query/series/arbor-series-reader.h"
#include "query/view/arbor-derived.h"

G_BEGIN_DECLS

typedef struct
{
  const char *verb;
  gsize n;
  char **names;
  char **new_names;            /* of rename */
  ArborNode **nodes;           /* of select and add */
  ArborEvaluator **evaluators; /* of select and add */
  gboolean keeps;              /* fields that are not named stay: all but select */

  /* Of trees made by columns. */
  ArborWanted *wanted;         /* NULL: all fields are */
  ArborSeriesReader **readers; /* of the nodes; NULL each before it is used */
  ArborCompose *compose;
} ArborFields;

/* n when it is none of them. */
static inline gsize
arbor_fields_find_name (char **names, gsize n, const char *key, gsize length)
{
  gsize i = 0;

  while (i < n && (strlen (names[i]) != length || memcmp (names[i], key, length) != 0))
    i++;
  return i;
}

/* ArborMapping.map_rows */
gboolean arbor_fields_map_rows (gpointer data, const ArborRows *rows, ArborScope *scope,
                                ArborOutput *output, gboolean *is_done, GError **error);
void arbor_fields_clear_columns (ArborFields *self);

G_END_DECLS
