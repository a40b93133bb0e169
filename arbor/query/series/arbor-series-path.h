/* The values of a path of any steps for rows of a batch, or for elements of arrays in it. Keys are
 * read from lanes; an index or [*] goes on at the rows of the elements. What lies in overflow text
 * on the way is open.
 */

#pragma once

#include "query/series/arbor-series-lanes.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborPath *path;
  guint n_readers; /* one more than steps that are no keys */
  ArborLaneReader **readers; /* made for the batch at hand as they are reached; NULL before */
  guint32 column;            /* that they begin at */
  gboolean is_brief;         /* few rows of a batch are asked for */
} ArborSeriesPath;

void arbor_series_path_init (ArborSeriesPath *self, const ArborPath *path);
void arbor_series_path_clear (ArborSeriesPath *self);
/* Another batch, or none. */
void arbor_series_path_forget (ArborSeriesPath *self);

/* Of @n rows of @column: those at @rows, or from @from on where that is NULL. FALSE: [*] leads to
 * more than @max elements. */
gboolean arbor_series_path_read (ArborSeriesPath *self, const ArborBatch *batch, guint32 column,
                                 const guint32 *rows, guint32 from, guint32 n, guint32 max,
                                 ArborScope *kept, ArborScope *scope, ArborSeries *out);

/* The elements of the arrays among @values, which lie in @batch, as rows of *@column, with
 * ARBOR_ROW_OPEN for what lies elsewhere in text; starts is n + 1. FALSE: more than @max, or they
 * lie in several columns, or not in the batch. */
gboolean arbor_series_list_elements (const ArborSeries *values, const ArborBatch *batch,
                                     guint32 max, ArborScope *scope, const guint32 **starts,
                                     const guint32 **rows, guint32 *column);

G_END_DECLS
