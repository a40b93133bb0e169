/* By which way expressions are evaluated, for people: before, from the expressions alone, and behind, from
 * what was counted on the way. Nothing depends on these words.
 */

#pragma once

#include "query/expr/arbor-node.h"
#include "query/series/arbor-series-reader.h"

G_BEGIN_DECLS

/* " (sort has no code for columns)" where that is why @node goes row by row; nothing where it does not. */
void arbor_series_append_reason (const ArborNode *node, gboolean of_trees, GString *text);

/* A line for what is evaluated beside conditions: "  lanes: id | columns: year(date) | row by row: ...".
 * Nothing where @nodes is empty. */
void arbor_series_describe_ways (GPtrArray *nodes, GString *text);

/* What the readers of a call did, expression by expression. Any thread adds. */
typedef struct _ArborTally ArborTally;

ArborTally *arbor_tally_new (void);
void arbor_tally_free (ArborTally *self);
void arbor_tally_add (ArborTally *self, const ArborNode *node, const ArborSeriesCounters *counters);
/* A line for each, in the order in which they were met. */
void arbor_tally_describe (ArborTally *self, GString *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborTally, arbor_tally_free)

G_END_DECLS
