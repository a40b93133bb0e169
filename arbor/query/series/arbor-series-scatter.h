/* Values of several series put together as one, each at a place of its own: of rows that are read batch by
 * batch and wanted in another order. As long as all are words, or all strings, that is what comes out;
 * otherwise they are VALUES.
 */

#pragma once

#include "query/series/arbor-series.h"

G_BEGIN_DECLS

typedef struct
{
  ArborScope *scope;
  guint32 n;
  guint32 kinds;
  guint8 *kind;         /* of each place */
  guint64 *words;       /* NULL: none so far */
  ArborString *strings; /* the same */
  ArborValue *values;   /* not NULL: of each place, and nothing else counts */
} ArborSeriesScatter;

/* Of @n places; what is allocated lies in @scope. */
void arbor_series_scatter_init (ArborSeriesScatter *self, guint32 n, ArborScope *scope);
/* @places: of each of the series' own. It has neither open ones nor RUNS. */
void arbor_series_scatter_add (ArborSeriesScatter *self, const ArborSeries *series,
                               const guint32 *places);
/* All of them, after each place was given a value. */
void arbor_series_scatter_finish (const ArborSeriesScatter *self, ArborSeries *all);

G_END_DECLS
