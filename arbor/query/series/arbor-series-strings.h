/* What code over series of strings shares. */

#pragma once

#include "query/series/arbor-series-call.h"

G_BEGIN_DECLS

/* The kinds of a result that is @kind where there is a string, null elsewhere, and open where that is
 * open. NULL: all are @kind. */
const guint8 *arbor_series_call_map_strings (const ArborSeriesCall *self,
                                             const ArborSeries *strings, guint8 kind);

/* Whether place @i has a string that anyone asks for. */
static inline gboolean
arbor_strings_has (const ArborSeriesCall *call, const ArborSeries *strings, guint32 i)
{
  return arbor_series_get_kind (strings, i) == ARBOR_KIND_STRING &&
         (call->wanted == NULL || call->wanted[i]);
}

/* Place @i of a result of strings becomes what the row code says. */
void arbor_series_call_put_string (const ArborSeriesCall *self, guint32 i, ArborString *strings,
                                   ArborSeries *result);

G_END_DECLS
