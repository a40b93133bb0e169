/* What the files of ArborListing share. */

#pragma once

#include "query/model/arbor-listing.h"
#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

/* The trees of @parent that count, in order, not reversed. */
ArborSelection *arbor_listing_select (ArborSelection *parent, const ArborListingOrder *order,
                                      GError **error);
/* Up to @max trees of @selection. */
gboolean arbor_listing_read (ArborSelection *selection, ArborAccess *access, guint64 max,
                             ArborIndices *list, GCancellable *cancellable, GError **error);
/* Takes over what is in @list, which is not reversed yet. */
ArborListing *arbor_listing_new_take (ArborAccess *access, ArborIndices *list, gboolean is_reversed);
void arbor_listing_reverse (guint32 *trees, gsize n);

G_END_DECLS
