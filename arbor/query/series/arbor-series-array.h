/* Arrays as runs over the series of their elements. */

#pragma once

#include "query/series/arbor-series-call.h"

G_BEGIN_DECLS

/* contains of runs. */
gboolean arbor_series_contains_element (const ArborSeriesCall *call, ArborSeries *result);

/* Shared by reductions (arbor-series-array.c) and walks (arbor-series-walk.c): the elements as places of
 * a call; which runs have an open element, NULL where none has; the arrays of a walk and what their
 * elements gave, FALSE where they are not of the same lengths. */
ArborSeriesCall arbor_series_get_elements (const ArborSeriesCall *call, const ArborSeries *runs);
const guint8 *arbor_series_list_open (const ArborSeriesCall *call, const ArborSeriesCall *inner,
                                      const ArborSeries *runs);
gboolean arbor_series_get_walk (const ArborSeriesCall *call, const ArborSeries **runs,
                                const ArborSeries **body);
/* What is missing among the elements is null in an array. FALSE: not in this form. */
gboolean arbor_series_fill_missing (const ArborSeriesCall *call, ArborSeries *inner);

G_END_DECLS
