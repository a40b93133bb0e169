/* Groups and aggregates of trees that are in an order of their own: read as they lie in the source, batch by
 * batch, which takes a fraction of the time. What depends on the order is found afterwards: which group comes
 * first, and as what its key came, which tree of a group is the first or the last that has a value. What lists
 * values reads these once more in order. What comes out is what reading in order gives.
 */

#pragma once

#include "query/group/arbor-group-private.h"
#include "query/group/arbor-group-results.h"

G_BEGIN_DECLS

/* Adds all trees of @selection to @results, which are new, and their groups to the table of @grouping, under its
 * mutex, which the caller holds. @grouping: NULL for one group. FALSE: they are to be read in order, with
 * @results that are new; the table's groups are the first ones by then, or some of these. */
gboolean arbor_group_read_strewn (ArborGrouping *grouping, ArborGroupResults *results,
                                  ArborSelection *selection, ArborAccess *access,
                                  GCancellable *cancellable);

/* How often each value of @node comes among the trees, where these are so: @table, which is new, gets the values
 * in the order in which they are met, *@counts that of each (to be freed). FALSE: they are to be read in order,
 * and @table is as it was. */
gboolean arbor_group_count_strewn (ArborSource *source, ArborSelection *selection, ArborNode *node,
                                   ArborAccess *access, ArborGroupTable *table, guint64 **counts,
                                   GCancellable *cancellable);

/* Whether the results depend on values alone as long as nothing is tied (arbor_group_results_are_tied): then any
 * selection of the same trees does. */
gboolean arbor_group_plan_ignores_order (const ArborGroupPlan *plan);

G_END_DECLS
