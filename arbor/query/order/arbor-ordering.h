/* Orderings: what sort_by, top_k, unique_by, sample and shuffle do to a selection
 * (arbor_selection_new_ordered), at once or, unique_by, as far as is asked.
 */

#pragma once

#include "query/view/arbor-selection.h"
#include "query/order/arbor-sort-keys.h"

G_BEGIN_DECLS

ArborOrdering *arbor_ordering_new_sort (ArborSortKeys *keys);
/* The first @n of the order by @keys. */
ArborOrdering *arbor_ordering_new_top (ArborSortKeys *keys, guint64 n);
ArborOrdering *arbor_ordering_new_unique (ArborSortKeys *keys);
ArborOrdering *arbor_ordering_new_sample (guint64 n, guint64 seed);
ArborOrdering *arbor_ordering_new_shuffle (guint64 seed);

G_END_DECLS
