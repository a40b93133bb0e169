/* Comparisons of two series. */

#pragma once

#include "query/series/arbor-bounds.h"
#include "query/series/arbor-series-call.h"

G_BEGIN_DECLS

/* What a comparison of each place of @a and @b gives: no literal null is meant by either. FALSE:
 * not for these. */
gboolean arbor_series_compare (const ArborSeriesCall *call, ArborComparison comparison,
                               const ArborSeries *a, const ArborSeries *b, guint8 *truths);
/* ==, where one of the arguments may be a literal null. */
gboolean arbor_series_test_equal (const ArborSeriesCall *call, guint a, guint b, guint8 *truths);

G_END_DECLS
