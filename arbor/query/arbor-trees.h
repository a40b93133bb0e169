/* Reading the trees of a selection in order, and making batches of them. Inside an access. */

#pragma once

#include "batch/arbor-scope.h"
#include "query/arbor-selection.h"

G_BEGIN_DECLS

/* A reader of rows, from a position on. Its scope is reset after each. */
typedef struct
{
  /* @is_new: another batch than that of the row before, or the first row of a call. */
  gboolean (*row) (const ArborBatch *batch, guint32 row, gboolean is_new, ArborScope *scope,
                   gpointer data, GError **error);
  gpointer data;
} ArborRowSink;

/* Reads up to @max rows from @position on; *@n_read is less only at the end. */
gboolean arbor_trees_read_rows (ArborSelection *selection, ArborAccess *access, guint64 position,
                                guint32 max, const ArborRowSink *sink, guint32 *n_read,
                                GCancellable *cancellable, GError **error);

/* Calls @func for each tree in order. @scope is reset after each. */
typedef gboolean (*ArborTreeFunc) (const ArborValue *tree, ArborScope *scope, gpointer data,
                                   GError **error);
gboolean arbor_trees_for_each (ArborSelection *selection, ArborAccess *access, ArborTreeFunc func,
                               gpointer data, GCancellable *cancellable, GError **error);

/* Gives batches to @sink: the source's own, valid until the access ends, or new ones where the
 * selection is not the whole source, or the source is derived and its batches were cut by how they
 * were computed. */
typedef gboolean (*ArborBatchFunc) (GBytes *batch, gpointer data, GError **error);
gboolean arbor_trees_write_batches (ArborSelection *selection, ArborAccess *access,
                                    ArborBatchFunc sink, gpointer data, GCancellable *cancellable,
                                    GError **error);

/* Whether write_batches gives the source's own batches, which may lie in the map. */
gboolean arbor_trees_are_whole (ArborSelection *selection, ArborSource *source);

G_END_DECLS
