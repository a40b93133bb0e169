/* Groups and aggregates found by several threads (view/arbor-share.h): each part of the trees has a table and
 * accumulators of its own, which are merged in order, so groups are numbered as they are when trees
 * are read in order.
 */

#pragma once

#include "query/group/arbor-group-private.h"
#include "query/group/arbor-group-results.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_GROUP_WAY_ALONE,    /* in order, by one thread */
  ARBOR_GROUP_WAY_BY_TREES, /* arbor_group_share */
  ARBOR_GROUP_WAY_BY_KEYS,  /* arbor-group-parts.h */
} ArborGroupWay;

/* By the first trees; @grouping: NULL for one group. *@n_expected: about how many groups there are, by keys. */
ArborGroupWay arbor_group_choose_way (ArborGrouping *grouping, const ArborGroupPlan *plan,
                                      ArborSelection *selection, ArborAccess *access,
                                      guint64 *n_expected, GCancellable *cancellable);
/* An access to what the plan looks at. */
void arbor_group_narrow (ArborAccess *self, const ArborAccess *access, const ArborGroupPlan *plan);

/* Adds all trees of the selection to @results and, unless @grouping is NULL, their groups to its table, under
 * its mutex, which the caller holds. Without a grouping there is one group. FALSE: read in order with
 * @results that are new; the table's groups are the first ones by then, or some of these. */
gboolean arbor_group_share (ArborGrouping *grouping, ArborGroupResults *results,
                            ArborSelection *selection, ArborAccess *access,
                            GCancellable *cancellable);

G_END_DECLS
