/* Kernels: a predicate decided for all rows of a batch at once, from whole lanes. The statistics of
 * the lanes come first and may rule a batch out before any of its values is read; what kernels
 * cannot decide (functions, values in overflow text) is left to the row evaluator, tree by tree.
 *
 * A kernel answers as the row evaluator would, for each row that it decides. One thread at a time.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "batch/arbor-scope.h"
#include "query/expr/arbor-node.h"

G_BEGIN_DECLS

typedef struct _ArborKernel ArborKernel;

/* What one execution did. */
typedef struct
{
  guint64 n_batches;
  guint64 n_skipped;     /* batches ruled out by statistics */
  guint64 n_kernel_rows; /* decided by kernels */
  guint64 n_series_rows; /* decided by series */
  guint64 n_asked_rows;  /* decided by the row evaluator */
  guint64 n_bytes;       /* of lanes that were read */
} ArborKernelCounters;

void arbor_kernel_counters_add (ArborKernelCounters *self, const ArborKernelCounters *other);

ArborKernel *arbor_kernel_new (ArborNode *predicate);
void arbor_kernel_free (ArborKernel *self);

/* Whether lanes decide anything: otherwise every row has to be asked. */
gboolean arbor_kernel_is_useful (const ArborKernel *self);
/* Whether every part is for kernels: only rows in overflow text are asked. */
gboolean arbor_kernel_is_complete (const ArborKernel *self);

/* Whether the statistics leave room for a row that is true. */
gboolean arbor_kernel_may_match (ArborKernel *self, const ArborBatch *batch, ArborScope *scope);
/* Decides: bits of the rows that are true, and of those that have to be asked (NULL: none). They
 * lie in @scope, which was not reset since may_match. */
void arbor_kernel_run (ArborKernel *self, const ArborBatch *batch, ArborScope *scope,
                       ArborKernelCounters *counters, const guint64 **is_true,
                       const guint64 **is_open);

/* "kernel: a > 1 (reads a); row by row: sort(b) == c (sort has no code for columns)" */
void arbor_kernel_describe (const ArborKernel *self, GString *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborKernel, arbor_kernel_free)

G_END_DECLS
