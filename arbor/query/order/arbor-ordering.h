/* Orderings: what sort_by, top_k, unique_by, sample and shuffle do to a selection. An ordering
 * turns the trees of its parent into a list of indices, at once or, unique_by, as far as is asked;
 * the selection that has it remembers the list (arbor-selection.h) and guards it.
 */

#pragma once

#include "base/arbor-budget.h"
#include "query/view/arbor-selection.h"
#include "query/order/arbor-sort-keys.h"

G_BEGIN_DECLS

/* How many trees are taken through a heap, rather than from the whole order. */
#define ARBOR_ORDERING_MAX_TOP 1000000u

ArborOrdering *arbor_ordering_new_sort (ArborSortKeys *keys);
/* The first @n of the order by @keys. @whole, which may be NULL, is the selection of that order:
 * read instead when it has been computed, or was asked for before. */
ArborOrdering *arbor_ordering_new_top (ArborSortKeys *keys, guint64 n, ArborSelection *whole);
ArborOrdering *arbor_ordering_new_unique (ArborSortKeys *keys);
ArborOrdering *arbor_ordering_new_sample (guint64 n, guint64 seed);
ArborOrdering *arbor_ordering_new_shuffle (guint64 seed);
/* The same one again, from its beginning. */
ArborOrdering *arbor_ordering_copy (const ArborOrdering *self);
void arbor_ordering_free (ArborOrdering *self);

/* For the selection made of a slice of a sorted one: its keys, or NULL when this is no sort. */
ArborSortKeys *arbor_ordering_get_sort_keys (ArborOrdering *self);
/* The keys of whatever has some, or NULL. */
ArborSortKeys *arbor_ordering_get_keys (ArborOrdering *self);
/* Whether the first trees come only after all trees of the parent were read. */
gboolean arbor_ordering_needs_all (ArborOrdering *self);
const char *arbor_ordering_get_name (ArborOrdering *self); /* "sort_by" */
/* "sort_by height descending" */
void arbor_ordering_describe (ArborOrdering *self, GString *out);

/* Goes on until @list has @n_wanted indices, or all: then *@is_complete. */
gboolean arbor_ordering_run (ArborOrdering *self, ArborSelection *parent, ArborAccess *access,
                             guint64 n_wanted, ArborIndices *list, gboolean *is_complete,
                             GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborOrdering, arbor_ordering_free)

G_END_DECLS
