/* A filter of JSONPath for many rows at once: comparisons, functions and logic over series
 * (series/arbor-series.h), by the standard's rules, which know no null between true and false.
 * Made for one column of a batch after the other; one thread.
 */

#pragma once

#include "query/jsonpath/arbor-jsonpath-private.h"
#include "query/series/arbor-series.h"

G_BEGIN_DECLS

typedef struct _ArborJsonpathCondition ArborJsonpathCondition;

/* NULL: it asks queries that may select several values, which go tree by tree. */
ArborJsonpathCondition *arbor_jsonpath_condition_new (const GArray *program);
void arbor_jsonpath_condition_free (ArborJsonpathCondition *self);

/* For each of the @n rows of @column, which lie in these trees of the batch: ARBOR_TRUTH_TRUE, FALSE, or
 * OPEN where only the tree can tell. @kept: as long as the column is the same. */
void arbor_jsonpath_condition_run (ArborJsonpathCondition *self, const ArborBatch *batch,
                                   guint32 column, const guint32 *rows, const guint32 *trees,
                                   guint32 n, ArborScope *kept, ArborScope *arrays,
                                   ArborScope *texts, guint8 *truths);

G_END_DECLS
