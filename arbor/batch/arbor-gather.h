/* Gathering: rows of batches become trees of a batch under construction, column by column, without
 * tapes. What comes out is, byte for byte and cut for cut, what the builder makes of the same trees
 * one by one (arbor_batch_builder_add_value); only faster, for a lane is copied in one loop. Rows and
 * single trees may be added to one builder in turn.
 *
 * What cannot go by columns does go tree by tree, in its place among the others: trees with overflow
 * text, whose arrays and objects may find room in the new batch; all of a batch that is damaged, so
 * that it reads as it always does; and a few rows out of very many columns. Who writes trees to a
 * store has verified the digests of what he reads before (storage.md). One thread at a time.
 */

#pragma once

#include "batch/arbor-batch-builder.h"
#include "batch/arbor-rows.h"

G_BEGIN_DECLS

typedef struct _ArborGather ArborGather;

/* @builder outlives it. */
ArborGather *arbor_gather_new (ArborBatchBuilder *builder);
void arbor_gather_free (ArborGather *self);

/* The builder counts as full with @n_trees trees, too. */
void arbor_gather_set_cut (ArborGather *self, guint32 n_trees);

/* From which batch the rows come that are added next. */
void arbor_gather_set_batch (ArborGather *self, const ArborBatch *batch);

/* Adds rows @from to @from + @n - 1 until the builder is full, which it is not before; *@n_added is
 * how many these were. CORRUPT for overflow text, CANCELLED where the call is to stop. */
gboolean arbor_gather_add (ArborGather *self, guint32 from, guint32 n, guint32 *n_added,
                           GError **error);
/* The same for rows in any order. */
gboolean arbor_gather_add_list (ArborGather *self, const guint32 *rows, guint32 n, guint32 *n_added,
                                GError **error);

/* Adds rows, in any order and repeated, in which each array of column @arrays (which is all that there is in
 * it) is one of its elements instead: those at @elements, one for each of the arrays in turn. 0: there are
 * none. All find room in the group of the builder. FALSE: not by columns, or there is much of it; nothing was
 * added. */
gboolean arbor_gather_add_exploded (ArborGather *self, const guint32 *rows, guint32 n,
                                    guint32 arrays, const guint32 *elements);

/* All of them: calls @flush whenever the builder is full, to finish it. */
typedef gboolean (*ArborGatherFlush) (gpointer data, GError **error);
gboolean arbor_gather_add_all (ArborGather *self, guint32 from, guint32 n, ArborGatherFlush flush,
                               gpointer data, GError **error);
/* The same of @rows, from whichever batch. */
gboolean arbor_gather_add_rows (ArborGather *self, const ArborRows *rows, ArborGatherFlush flush,
                                gpointer data, GError **error);

/* How many rows went tree by tree so far. */
guint64 arbor_gather_get_n_by_tape (ArborGather *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborGather, arbor_gather_free)

G_END_DECLS
