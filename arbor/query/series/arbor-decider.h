/* A decider: predicates made ready for one thread, to decide the trees of one batch after the
 * other. Whole batches go through the kernels (arbor-kernel.h), which read statistics and lanes; the
 * rows that they leave open through series (arbor-series-reader.h); a few rows of a batch go straight
 * to the row evaluator.
 */

#pragma once

#include "base/arbor-bits.h"
#include "query/expr/arbor-evaluator.h"
#include "query/series/arbor-kernel.h"

G_BEGIN_DECLS

typedef struct _ArborDecider ArborDecider;

/* A tree is kept when all of the @n predicates are true; one that an earlier one rejects is not
 * shown to the next. */
ArborDecider *arbor_decider_new (ArborNode *const *predicates, guint n);
void arbor_decider_free (ArborDecider *self);

/* Whether no tree is ever asked one by one, but for values in overflow text: deciding a whole batch
 * then costs little. */
gboolean arbor_decider_is_fast (const ArborDecider *self);

/* Goes to another batch; NULL: to none, so that an address can be used again. */
/* @first: the number of its first tree, for messages. */
void arbor_decider_set_batch (ArborDecider *self, const ArborBatch *batch, guint64 first);
/* Whether some row of the batch is to be asked about by itself. */
gboolean arbor_decider_leaves_open (ArborDecider *self);
/* Of the batch that was set last only these rows are decided, a bit each: others are trees no more, and are not
 * asked about. */
void arbor_decider_set_live (ArborDecider *self, const guint64 *live);
/* Rows @from to @to - 1: @bits, of the whole batch, gets a bit for each that is kept, the others
 * are left as they are. Returns how many. */
guint32 arbor_decider_decide (ArborDecider *self, guint32 from, guint32 to, guint64 *bits);
/* Some rows, in any order: those that are kept, which may take the place of @rows. */
guint32 arbor_decider_decide_rows (ArborDecider *self, const guint32 *rows, guint32 n,
                                   guint32 *kept);
/* CORRUPT when something that was read was damaged. */
gboolean arbor_decider_check (ArborDecider *self, GError **error);

/* What was done so far. */
const ArborKernelCounters *arbor_decider_get_counters (const ArborDecider *self);

/* FALSE: every row is asked, by the row evaluator. For tests, which compare the two ways. */
void arbor_decider_set_uses_kernels (ArborDecider *self, gboolean uses_kernels);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborDecider, arbor_decider_free)

G_END_DECLS
