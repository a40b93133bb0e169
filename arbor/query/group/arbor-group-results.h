/* The aggregates of a plan, with an accumulator for each group, and the trees made of them. One thread
 * at a time.
 */

#pragma once

#include "base/arbor-budget.h"
#include "query/expr/arbor-aggregate.h"
#include "query/group/arbor-group-plan.h"
#include "query/group/arbor-group-private.h"

G_BEGIN_DECLS

/* When a slot is added to, where trees are not all read in order (arbor-group-strewn.h). */
enum
{
  ARBOR_GROUP_PASS_ANY_ORDER,
  ARBOR_GROUP_PASS_IN_ORDER,
  ARBOR_GROUP_PASS_ENDS, /* of each group a single tree */
};

typedef struct
{
  const ArborGroupPlan *plan;
  ArborAggregate *aggregates; /* one a slot */
  gboolean has_counts;        /* some slot asks how many trees there are */
  guint32 n_groups;           /* that have a count */
  guint64 *counts;            /* trees of each group */
  gsize counts_capacity;
  guint64 n_expected; /* groups, as was told */
  ArborCharge charge; /* of counts */
  ArborScope *of_row; /* what is evaluated for a row; NULL before the first */
  guint8 *passes;     /* of each slot; NULL: all are added to */
  guint8 pass;
  guint32 *order;     /* of each group: as which it was added; NULL: as the same */
} ArborGroupResults;

void arbor_group_results_init (ArborGroupResults *self, const ArborGroupPlan *plan);
/* For a call at work, which may be asked to stop: then the most is freed on another thread. Nothing is
 * added from then on. */
void arbor_group_results_clear (ArborGroupResults *self);

/* Groups 0 .. @n - 1 have trees, or may have. */
gboolean arbor_group_results_ensure (ArborGroupResults *self, guint32 n, GError **error);
/* Makes room for so many, as far as there is some. */
void arbor_group_results_expect (ArborGroupResults *self, guint64 n);
/* More trees of groups that there are: from lanes where they tell, otherwise one by one. */
gboolean arbor_group_results_add (ArborGroupResults *self, const ArborGroupedRows *grouped,
                                  ArborScope *scope, GError **error);
/* The same where there is one group. */
gboolean arbor_group_results_add_one_group (ArborGroupResults *self, const ArborRows *rows,
                                            ArborScope *scope, GError **error);
/* What @other has added, with the same plan, comes after what @self has: its group i is group @map[i] here,
 * of @n in all. */
gboolean arbor_group_results_merge (ArborGroupResults *self, const ArborGroupResults *other,
                                    const guint32 *map, guint32 n, ArborScope *scope,
                                    GError **error);
/* Group i, where results are asked for, is the one that was added to as @groups[i]. FALSE: no room. */
gboolean arbor_group_results_set_order (ArborGroupResults *self, const guint32 *groups, guint32 n);
/* Whether of equal values that differ (1 and 1.0) the first was kept somewhere, so that order counts. */
gboolean arbor_group_results_are_tied (const ArborGroupResults *self);
/* After the last trees: what is kept of each group is brought together. */
gboolean arbor_group_results_gather (ArborGroupResults *self, GError **error);
/* The values of the plan's field_names: the group's keys in the @keys table, then what the plan has. Valid
 * as long as @scope, @keys and @self. */
void arbor_group_results_get_fields (ArborGroupResults *self, const ArborGroupTable *keys,
                                     guint32 group, ArborScope *scope, ArborValue *fields);
/* Where a group's key and results are. */
typedef struct
{
  ArborGroupResults *results;
  const ArborGroupTable *keys;
  guint32 group;
} ArborGroupPlace;

/* The values of one of the fields for several groups of one plan; FALSE: it may be an array or an object. */
gboolean arbor_group_places_get_column (const ArborGroupPlace *places, guint32 n, gsize field,
                                        ArborScope *scope, ArborValue *values);

/* For people, of each aggregate that left out values of a kind that it cannot work on: how many. */
char **arbor_group_results_dup_notes (const ArborGroupResults *self);

/* All values of a slot whose argument is a path of fields; FALSE: nothing was done, lanes do not
 * do. */
gboolean arbor_group_results_add_lanes (ArborGroupResults *self, guint slot,
                                        const ArborGroupedRows *grouped, ArborScope *scope);

G_END_DECLS
