/* Reading the trees of a selection in order, and making batches of them. Inside an access. */

#pragma once

#include "batch/arbor-rows.h"
#include "batch/arbor-scope.h"
#include "query/view/arbor-selection.h"

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

/* Reads all trees in order, as many at once as follow each other in one batch: for loops over
 * lanes. @scope is reset after each call. */
typedef gboolean (*ArborRowsFunc) (const ArborRows *rows, ArborScope *scope, gpointer data,
                                   GError **error);
gboolean arbor_trees_read_batches (ArborSelection *selection, ArborAccess *access,
                                   ArborRowsFunc func, gpointer data, GCancellable *cancellable,
                                   GError **error);
/* The same for up to @max trees from @position on; *@n_read is less only at the end. */
gboolean arbor_trees_read_some (ArborSelection *selection, ArborAccess *access, guint64 position,
                                guint32 max, ArborRowsFunc func, gpointer data, guint32 *n_read,
                                GCancellable *cancellable, GError **error);
/* The same for those who take rows of several batches: trees in an order that is not that of the source
 * are not told of one by one. */
gboolean arbor_trees_read_runs (ArborSelection *selection, ArborAccess *access, ArborRowsFunc func,
                                gpointer data, GCancellable *cancellable, GError **error);
/* The same as read_some, and as read_runs, for those to whom it is all the same which index a tree has: trees
 * may be picked (arbor-pick.h). */
gboolean arbor_trees_read_contents (ArborSelection *selection, ArborAccess *access, guint64 position,
                                    guint32 max, ArborRowsFunc func, gpointer data,
                                    guint32 *n_read, GCancellable *cancellable, GError **error);
gboolean arbor_trees_read_content_runs (ArborSelection *selection, ArborAccess *access,
                                        guint64 position, guint32 max, ArborRowsFunc func,
                                        gpointer data, guint32 *n_read, GCancellable *cancellable,
                                        GError **error);
/* The same as read_batches, of trees in an order of their own, in the order in which they lie in the source,
 * for those who need no order but that of errors: after one, and where *@is_done is FALSE, which the order
 * of the source and trees that come twice make it, they are to be read in their order. */
gboolean arbor_trees_read_as_they_lie (ArborSelection *selection, ArborAccess *access,
                                       ArborRowsFunc func, gpointer data, gboolean *is_done,
                                       GCancellable *cancellable, GError **error);
/* Whether few of the trees at @indices follow each other in one batch. */
gboolean arbor_trees_are_strewn (ArborAccess *access, const guint32 *indices, guint32 n);
/* They as rows of several batches. What makes up @run lies in @scope; @indices are its trees. */
gboolean arbor_trees_make_run (ArborAccess *access, const guint32 *indices, guint32 n,
                               ArborScope *scope, ArborRows *run, GError **error);
/* All of one batch. */
gboolean arbor_trees_visit_batch (ArborAccess *access, guint32 batch, ArborScope *scope,
                                  ArborRowsFunc func, gpointer data, GError **error);
/* The same as read_runs for the trees at @indices. What @indices says is lost. */
gboolean arbor_trees_visit_run (ArborAccess *access, guint32 *indices, guint32 n, ArborScope *scope,
                                ArborRowsFunc func, gpointer data, GError **error);
/* The same as read_batches for the trees at @indices, of which @n count. What @indices says is lost. */
gboolean arbor_trees_visit_batches (ArborAccess *access, guint32 *indices, guint32 n,
                                    ArborScope *scope, ArborRowsFunc func, gpointer data,
                                    GError **error);

/* Sees to it that the trees at the indices are there, where the source is derived: they may come from a
 * selection that was computed without it (arbor-narrow.h). */
gboolean arbor_trees_ensure (ArborAccess *access, const guint32 *indices, guint32 n,
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

/* All of them (GBytes), to be had after the access, too. */
GPtrArray *arbor_trees_copy_batches (ArborSelection *selection, ArborAccess *access,
                                     GCancellable *cancellable, GError **error);

/* Whether write_batches gives the source's own batches, which may lie in the map. */
gboolean arbor_trees_are_whole (ArborSelection *selection, ArborSource *source);

G_END_DECLS
