/* The rows of a live model that somebody has: each tree of a listing is one object at most. They are
 * known by the index of their tree, weakly, and follow the model from listing to listing.
 *
 * While a model goes over to another listing there are rows whose tree is not in it any more; these are
 * known by their old index until that is over.
 */

#pragma once

#include "arbor-row-private.h"
#include "query/model/arbor-tree-map.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  ArborRowColumns *columns;
  ArborRowLock *lock;   /* guards what follows, and where rows are */
  ArborListing *listing; /* NULL before the first */
  ArborCloseToken *token; /* that of its store */
  ArborCloseToken *token_before; /* that of the listing before */
  GHashTable *rows;     /* GWeakRef by index of the tree */
  GHashTable *gone;     /* the same by index in the listing before; NULL but in between */
  guint prune_at;       /* so many rows */
} ArborListRows;

/* Takes over @columns. */
ArborListRows *arbor_list_rows_new (ArborRowColumns *columns);
ArborListRows *arbor_list_rows_ref (ArborListRows *self);
void arbor_list_rows_unref (ArborListRows *self);

/* The row of the tree at @tree of @listing; of one that @is_gone, by the listing before and its index there.
 * Any thread; a row of another listing than those of now is one of its own. */
ArborRow *arbor_list_rows_get (ArborListRows *self, ArborListing *listing, guint32 tree,
                               gboolean is_gone);

/* The model goes over to @listing, of the store of @token, where trees are as @map says. From begin to end
 * those that are gone can be had. */
void arbor_list_rows_begin (ArborListRows *self, const ArborTreeMap *map, ArborListing *listing,
                            ArborCloseToken *token);
void arbor_list_rows_end (ArborListRows *self);

G_END_DECLS
