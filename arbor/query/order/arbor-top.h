/* The first trees of an order, found without ordering all. Inside an access. */

#pragma once

#include "query/view/arbor-selection.h"
#include "query/order/arbor-sort-keys.h"

G_BEGIN_DECLS

/* Appends to @list the first @n, at least 1, trees of @parent by @keys; all when there are fewer.
 */
gboolean arbor_top_run (ArborSortKeys *keys, guint64 n, ArborSelection *parent,
                        ArborAccess *access, ArborIndices *list, GCancellable *cancellable,
                        GError **error);

G_END_DECLS
