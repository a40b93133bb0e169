/* Steps: what a live model goes over to next, each a listing with all that leads to it from the listing
 * before. From what a model shows to what it is to show there are at most two: the first rows, of a model
 * that shows nothing or many rows in another order, and all. Each begins where the one before has ended; a reader that takes them in
 * order is at all times at a listing that was there.
 *
 * Immutable.
 */

#pragma once

#include "query/model/arbor-splices.h"

G_BEGIN_DECLS

/* What is to be shown. Each is owned. */
typedef struct
{
  char *name;        /* NULL: nothing */
  ArborNode *filter; /* NULL: all */
  char *search;
  char **search_paths; /* NULL: all */
  ArborSortKeys *keys; /* NULL: as stored */
  gboolean is_reversed;
} ArborListingWish;

void arbor_listing_wish_clear (ArborListingWish *self);

typedef struct
{
  ArborListing *before;
  ArborTreeMap *map; /* from the trees of before to those of listing */
  ArborListing *listing;
  GArray *splices; /* from before to listing */
  guint pending;   /* trees that are left */
} ArborListingStep;

/* Takes over the step. */
typedef void (*ArborListingStepFunc) (ArborListingStep *step, gpointer data);

/* From @shown to nothing. */
ArborListingStep *arbor_listing_step_new_end (ArborListing *shown);
void arbor_listing_step_free (ArborListingStep *self);

/* Gives @func each of the steps from @shown, as soon as it is found. @is_same_order: @shown was made for the
 * same wish, of another state of the name. Inside an access with a snapshot; its source is set to that
 * of the name where the store has it, owned by the caller. EXPRESSION for a filter that is no condition,
 * and the errors of listings. */
gboolean arbor_listing_find_steps (const ArborListingWish *wish, ArborListing *shown,
                                   gboolean is_same_order, ArborAccess *access,
                                   ArborListingStepFunc func, gpointer data,
                                   GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborListingStep, arbor_listing_step_free)

G_END_DECLS
