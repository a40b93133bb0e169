/* Listings: what a live model shows at one moment, as indices of trees in their order. A listing is of
 * one state of a name, which its pin keeps; one without a source has no trees.
 *
 * The next listing is made of the one before where that is less work (arbor_listing_new_next): trees never
 * change, so those that stay keep what the condition said of them and their order among each other, and
 * only new ones are looked at. What comes out is what arbor_listing_new_all gives.
 *
 * Immutable, refcounted.
 */

#pragma once

#include "query/model/arbor-tree-map.h"
#include "query/order/arbor-sort-keys.h"

G_BEGIN_DECLS

/* Which trees, and in which order. */
typedef struct
{
  ArborNode *condition; /* NULL: all */
  ArborSortKeys *keys;  /* NULL: as they are stored */
  gboolean is_reversed;
} ArborListingOrder;

typedef struct
{
  gatomicrefcount ref_count;
  ArborSource *source; /* NULL: no trees */
  ArborPin *pin;
  guint32 n;
  guint32 *trees;
} ArborListing;

ArborListing *arbor_listing_new_empty (void);
/* The first @max of them, in no more time than finding these takes. */
ArborListing *arbor_listing_new_first (ArborAccess *access, const ArborListingOrder *order,
                                       guint32 max, GCancellable *cancellable, GError **error);
/* LIMIT for more trees than fit 32 bits. */
ArborListing *arbor_listing_new_all (ArborAccess *access, const ArborListingOrder *order,
                                     GCancellable *cancellable, GError **error);
/* The same in another state of the name, of one that had the same order in the state that @map leads
 * from. */
ArborListing *arbor_listing_new_next (const ArborListing *before, const ArborTreeMap *map,
                                      ArborAccess *access, const ArborListingOrder *order,
                                      GCancellable *cancellable, GError **error);
ArborListing *arbor_listing_ref (ArborListing *self);
void arbor_listing_unref (ArborListing *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborListing, arbor_listing_unref)

G_END_DECLS
