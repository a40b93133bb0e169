/* The accumulators of a plan, one for each slot of each group, and the trees made of them. One
 * thread at a time.
 */

#pragma once

#include "base/arbor-budget.h"
#include "query/arbor-aggregate.h"
#include "query/arbor-group-plan.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborGroupPlan *plan;
  guint32 n_groups;
  ArborAggregate *aggregates; /* as many as there are slots, for each group */
  gsize capacity;             /* in aggregates */
  guint64 *counts;            /* trees of each group */
  gsize counts_capacity;
  guint64 n_kept;    /* bytes that aggregates hold besides themselves */
  guint64 n_charged; /* of them */
  ArborCharge charge; /* of all of it */
} ArborGroupResults;

void arbor_group_results_init (ArborGroupResults *self, const ArborGroupPlan *plan);
void arbor_group_results_clear (ArborGroupResults *self);

/* Groups 0 .. @n - 1 have trees, or may have. */
gboolean arbor_group_results_ensure (ArborGroupResults *self, guint32 n, GError **error);
/* Before the first row of another batch. */
void arbor_group_results_set_batch (ArborGroupResults *self, const ArborBatch *batch);
/* One more tree of a group that there is. */
gboolean arbor_group_results_add (ArborGroupResults *self, guint32 group, guint32 row,
                                  ArborScope *scope, GError **error);
/* The object of the group: its keys, then what the plan has, without what is missing. */
void arbor_group_results_write (ArborGroupResults *self, guint32 group, const ArborValue *keys,
                                ArborScope *scope, ArborTapeWriter *out);

G_END_DECLS
