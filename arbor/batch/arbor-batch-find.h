/* Where many rows of a column have their values: what arbor_batch_get_value looks up for one. For who
 * follows rows down the columns of a batch; what is damaged has no values, as there.
 */

#pragma once

#include "batch/arbor-batch.h"

G_BEGIN_DECLS

/* Of the @n @rows of @column, those that have a value: which of them, ascending, in @which, and the
 * rows in @found, each with room for @n. Returns how many; where it is all, @which counts from 0. */
guint32 arbor_batch_find_present (const ArborBatch *self, guint32 column, const guint32 *rows,
                                  guint32 n, guint32 *which, guint32 *found);
/* The same for those whose value lies in the lane of @kind, of which @found are the indices. */
guint32 arbor_batch_find_in_lane (const ArborBatch *self, guint32 column, guint8 kind,
                                  const guint32 *rows, guint32 n, guint32 *which, guint32 *found);

/* Where the elements of the @n arrays at @indices of the lane begin, and end. */
void arbor_batch_find_runs (const ArborBatch *self, guint32 column, const guint32 *indices,
                            guint32 n, guint32 *starts, guint32 *ends);

G_END_DECLS
