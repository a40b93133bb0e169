/* Trees that are strewn over batches, as rows of one batch: of theirs where they all lie in it, or of one into
 * which they are put, with no more of them than is needed. One thread at a time.
 */

#pragma once

#include "batch/arbor-compose.h"
#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

/* All zero: empty. */
typedef struct
{
  ArborWanted *wanted; /* what of them is needed; NULL: all */
  ArborBatchBuilder *builder;
  ArborCompose *compose;
  GBytes *bytes;
  ArborBatch *batch; /* that they were put into, until the next call; NULL: theirs */
} ArborTogether;

void arbor_together_clear (ArborTogether *self);
/* The @n trees at @indices, at least one and no more than a batch has, become rows of *@batch.
 * *@is_done FALSE: not by columns. */
gboolean arbor_together_find (ArborTogether *self, ArborAccess *access, guint32 *indices, guint32 n,
                              ArborScope *scope, const ArborBatch **batch, gboolean *is_done,
                              GError **error);
/* Rows of several batches become those of one, in the same order. What says which lies in @scope. */
gboolean arbor_together_put (ArborTogether *self, const ArborRows *rows, ArborScope *scope,
                             ArborRows *together, gboolean *is_done, GError **error);

G_END_DECLS
