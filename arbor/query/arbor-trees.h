/* Reading all trees of a selection, and making batches of them. Inside an access. */

#pragma once

#include "batch/arbor-scope.h"
#include "query/arbor-selection.h"

G_BEGIN_DECLS

/* Calls @func for each tree in order. @scope is reset after each. */
typedef gboolean (*ArborTreeFunc) (const ArborValue *tree, ArborScope *scope, gpointer data,
                                   GError **error);
gboolean arbor_trees_for_each (ArborSelection *selection, ArborAccess *access, ArborTreeFunc func,
                               gpointer data, GCancellable *cancellable, GError **error);

/* Gives batches to @sink: the source's own, valid until the access ends, or new ones where the
 * selection is not the whole source. */
typedef gboolean (*ArborBatchFunc) (GBytes *batch, gpointer data, GError **error);
gboolean arbor_trees_write_batches (ArborSelection *selection, ArborAccess *access,
                                    ArborBatchFunc sink, gpointer data, GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
