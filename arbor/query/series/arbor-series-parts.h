/* Computed series as the parts that readers of lanes know (arbor-path-rows.h). */

#pragma once

#include "query/series/arbor-path-rows.h"
#include "query/series/arbor-series.h"

G_BEGIN_DECLS

#define ARBOR_SERIES_PARTS_KINDS                                                                   \
  (ARBOR_KINDS_WORDS | ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_STRING))

/* @strips, one after the other, are the values of @rows, of ARBOR_SERIES_PARTS_KINDS alone. What the
 * parts have lies in @scope, but for the bytes of strings; what is needed in between in @arrays. */
void arbor_series_make_parts (const ArborSeries *strips, guint n_strips, const ArborRows *rows,
                              ArborScope *arrays, ArborScope *scope, ArborPathRows *parts);

G_END_DECLS
