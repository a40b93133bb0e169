/* Splices: what turns one listing into another, each the place where trees go and come. */

#pragma once

#include "query/model/arbor-listing.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 old_start; /* position before any splice */
  guint32 n_removed;
  guint32 new_start; /* position after all of them */
  guint32 n_added;
} ArborSplice;

/* More than so many splices are told as one, where a change is to be seen as what it is. */
#define ARBOR_SPLICES_MAX 1000u

/* Who hears of rows that replace others may ask for each of them, to find those again that he knows, as
 * views of GTK do; of so many rows he may in the time of a frame. */
#define ARBOR_SPLICES_ROWS 16384u

/* In order, each as long as it can be: between two of them lie trees that stay. Where trees that stay
 * have changed their order, or there would be more than @max, it is one, between what both
 * have at the beginning and at the end. In the same order none has more than ARBOR_SPLICES_ROWS that replace
 * others: what would is told in pieces, cut where a tree stays, or anywhere if none does. Applied from
 * the last to the first, none moves another. */
GArray *arbor_splices_find (const ArborListing *before, const ArborTreeMap *map,
                            const ArborListing *after, guint max);

G_END_DECLS
