/* Building batches anew out of trees that lie in others: of a view, of a derived source, of the pieces
 * of a content. Trees are gathered by columns (arbor-gather.h). Rows in any order come from many
 * batches in turn; these are gathered twice: batch by batch, and then from what that gave in their
 * order. Inside an access; one thread at a time.
 */

#pragma once

#include "batch/arbor-gather.h"
#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

typedef struct _ArborRebuild ArborRebuild;

/* @flush is called with @data whenever @builder is full, and has it finished. */
ArborRebuild *arbor_rebuild_new (ArborBatchBuilder *builder, ArborGatherFlush flush, gpointer data);
void arbor_rebuild_free (ArborRebuild *self);

/* No batch has more than @n_trees trees. */
void arbor_rebuild_set_cut (ArborRebuild *self, guint32 n_trees);

/* Rows @from to @from + @n - 1 of the batch that was set last. */
void arbor_rebuild_set_batch (ArborRebuild *self, const ArborBatch *batch);
gboolean arbor_rebuild_add_range (ArborRebuild *self, guint32 from, guint32 n, GError **error);
gboolean arbor_rebuild_add_rows (ArborRebuild *self, const ArborRows *rows, GError **error);
/* The trees of the source at @indices, in this order. */
gboolean arbor_rebuild_add_indices (ArborRebuild *self, ArborAccess *access, const guint32 *indices,
                                    guint32 n, GError **error);
gboolean arbor_rebuild_add_selection (ArborRebuild *self, ArborSelection *selection,
                                      ArborAccess *access, GCancellable *cancellable,
                                      GError **error);
/* The same for some trees of the selection: as arbor_trees_read_rows. */
gboolean arbor_rebuild_add_positions (ArborRebuild *self, ArborSelection *selection,
                                      ArborAccess *access, guint64 position, guint32 max,
                                      guint32 *n_read, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborRebuild, arbor_rebuild_free)

G_END_DECLS
