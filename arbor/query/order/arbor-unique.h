/* The first tree of each value of some keys, in order, found as far as somebody asks. Keys are
 * compared by the one equality. What was seen is copied: a search may be left and gone on with in a
 * later access. One thread at a time.
 */

#pragma once

#include "query/view/arbor-selection.h"
#include "query/order/arbor-sort-keys.h"

G_BEGIN_DECLS

typedef struct _ArborUnique ArborUnique;

ArborUnique *arbor_unique_new (ArborSelection *parent, ArborSortKeys *keys);
void arbor_unique_free (ArborUnique *self);

/* Goes on until @list has @n_wanted indices, or all: then *@is_complete. An error leaves it where
 * it was. */
gboolean arbor_unique_run (ArborUnique *self, ArborAccess *access, guint64 n_wanted,
                           ArborIndices *list, gboolean *is_complete, GCancellable *cancellable,
                           GError **error);

G_END_DECLS
