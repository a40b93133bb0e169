/* The accumulators of a plan, one for each slot of each group, and the trees made of them. One
 * thread at a time.
 */

#pragma once

#include "base/arbor-budget.h"
#include "query/expr/arbor-aggregate.h"
#include "query/group/arbor-group-plan.h"
#include "query/group/arbor-group-private.h"

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
  ArborScope *of_row; /* what is evaluated for a row; NULL before the first */
} ArborGroupResults;

void arbor_group_results_init (ArborGroupResults *self, const ArborGroupPlan *plan);
/* For a call at work, which may be asked to stop meanwhile. */
void arbor_group_results_clear (ArborGroupResults *self);
/* For who waits for nothing: of many groups the most is freed on another thread. */
void arbor_group_results_abandon (ArborGroupResults *self);

/* Groups 0 .. @n - 1 have trees, or may have. */
gboolean arbor_group_results_ensure (ArborGroupResults *self, guint32 n, GError **error);
/* More trees of groups that there are: from lanes where they tell, otherwise one by one. */
gboolean arbor_group_results_add (ArborGroupResults *self, const ArborGroupedRows *grouped,
                                  ArborScope *scope, GError **error);
/* The object of the group: its keys, then what the plan has, without what is missing. */
void arbor_group_results_write (ArborGroupResults *self, guint32 group, const ArborValue *keys,
                                ArborScope *scope, ArborTapeWriter *out);

/* For people, of each aggregate that left out values of a kind that it cannot work on: how many.
 * NULL only when the call is to stop. */
char **arbor_group_results_dup_notes (const ArborGroupResults *self, GError **error);

/* For arbor-group-lanes.c. */

static inline ArborAggregate *
arbor_group_results_get (const ArborGroupResults *self, guint32 group, guint slot)
{
  return &self->aggregates[(gsize)group * self->plan->slots->len + slot];
}

/* Whether more values cannot change the result. */
gboolean arbor_group_results_is_settled (const ArborAggregate *aggregate);
/* One more value; what is kept of it is counted. */
void arbor_group_results_add_value (ArborGroupResults *self, ArborAggregate *aggregate,
                                    const ArborValue *value, ArborScope *scope);
/* All values of a slot whose argument is a path of fields; FALSE: nothing was done, lanes do not
 * do. */
gboolean arbor_group_results_add_lanes (ArborGroupResults *self, guint slot,
                                        const ArborGroupedRows *grouped, ArborScope *scope);

G_END_DECLS
