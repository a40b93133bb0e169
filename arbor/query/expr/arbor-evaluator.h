/* The row evaluator: the reference for what an expression means (semantics.md section 4). An
 * evaluator is an expression made ready for one thread: set_batch resolves its paths to columns of
 * that batch once, so evaluating a row hops straight to lanes. What kernels decide for whole batches
 * (arbor-kernel.h), they decide as this does.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "batch/arbor-scope.h"
#include "query/expr/arbor-node.h"

G_BEGIN_DECLS

typedef struct _ArborEvaluator ArborEvaluator;

ArborEvaluator *arbor_evaluator_new (ArborNode *node);
void arbor_evaluator_free (ArborEvaluator *self);

/* @first: the number of the batch's first tree in its source. A value that is left open is reported
 * with the number of its tree, and this is the one place that knows it. */
void arbor_evaluator_set_batch (ArborEvaluator *self, const ArborBatch *batch, guint64 first);

/* The value for tree @row of the batch, valid until the scope is reset. A vector valued node gives
 * an ARBOR_HOLDER_LIST array. */
void arbor_evaluator_get_value (ArborEvaluator *self, guint32 row, ArborScope *scope,
                                ArborValue *value);
/* The same for a tree that lies anywhere (a tape, a literal). */
void arbor_evaluator_get_value_of (ArborEvaluator *self, const ArborValue *tree, ArborScope *scope,
                                   ArborValue *value);

/* Whether it may make containers of containers, which a tree has a limit for. */
gboolean arbor_evaluator_nests (const ArborEvaluator *self);
/* Whether evaluating may take memory, which has a limit beyond which the result is null. */
gboolean arbor_evaluator_has_budget (const ArborEvaluator *self);
/* Bytes of the batch's columns that it is bound to. */
gsize arbor_evaluator_get_n_bytes (const ArborEvaluator *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborEvaluator, arbor_evaluator_free)

G_END_DECLS
