/* Arrays as runs over the series of their elements. */

#pragma once

#include "query/series/arbor-series-call.h"

G_BEGIN_DECLS

/* contains of runs. */
gboolean arbor_series_contains_element (const ArborSeriesCall *call, ArborSeries *result);

G_END_DECLS
