/* Summaries of a view: how often each value comes, how numbers are spread, what stands at each path.
 * Each is a derived source; its first step reads all trees of the view, the rows are written as far as
 * somebody reads.
 */

#pragma once

#include "query/view/arbor-derived.h"

G_BEGIN_DECLS

#define ARBOR_HISTOGRAM_MAX_BINS 1000000u

/* {"value", "count"}: most frequent first, then in order of first encounter. Of a vector each value
 * counts. Null and missing values count, too; a missing one leaves its field out. */
ArborSource *arbor_summary_value_counts (ArborSource *source, ArborSelection *selection,
                                         ArborNode *node, GError **error);
/* {"from", "to", "count"}: bins of equal width from the least to the greatest finite number; the last
 * one includes its end. No numbers: no bins. INVALID_ARGUMENT for 0 or too many bins. */
ArborSource *arbor_summary_histogram (ArborSource *source, ArborSelection *selection,
                                      ArborNode *node, guint n_bins, GError **error);
/* {"path", "count", "nulls", "missing", "kinds", "min", "max", "mean", "distinct"}: one for each path, in
 * the order of a schema's fields. */
ArborSource *arbor_summary_describe (ArborSource *source, ArborSelection *selection,
                                     GError **error);

G_END_DECLS
