/* An expression compiled for series: what the row evaluator does for one tree after the other, done
 * for many trees at a time, call by call. It answers for any expression; the places that it leaves
 * open are the row evaluator's (arbor-series-reader.h puts the two together). One thread.
 */

#pragma once

#include "query/expr/arbor-node.h"
#include "query/series/arbor-series.h"

G_BEGIN_DECLS

/* As many rows are done at a time: their arrays lie in the cache. */
#define ARBOR_SERIES_STRIP 2048u

typedef struct _ArborSeriesProgram ArborSeriesProgram;

ArborSeriesProgram *arbor_series_program_new (ArborNode *node);
void arbor_series_program_free (ArborSeriesProgram *self);

/* Another batch; NULL: none, so that an address can be used again. @n_rows: how many of its rows
 * will be asked for, more or less. */
void arbor_series_program_set_batch (ArborSeriesProgram *self, const ArborBatch *batch,
                                     guint32 n_rows);

/* The values for @n rows: those at @rows, or from @from on where that is NULL. A vector valued
 * expression gives RUNS. FALSE: there are more elements of arrays than @n rows should have, so
 * fewer rows are to be asked for; never for a single one. The result lives in @arrays and @texts,
 * and no longer than the batch is at hand. */
gboolean arbor_series_program_run (ArborSeriesProgram *self, const guint32 *rows, guint32 from,
                                   guint32 n, ArborScope *arrays, ArborScope *texts,
                                   ArborSeries *result);

/* How the last run went: whether calls were made once for each entry of a dictionary; and the function
 * whose row code was called place by place instead, NULL: none. */
gboolean arbor_series_program_used_table (const ArborSeriesProgram *self);
const ArborFunction *arbor_series_program_get_refused (const ArborSeriesProgram *self);

/* The function in @node whose row code is called place by place, for want of one over series; NULL:
 * there is none. @of_trees: aggregates are those of many trees, whose values are added up elsewhere. */
const ArborFunction *arbor_series_find_row_code (const ArborNode *node, gboolean of_trees);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSeriesProgram, arbor_series_program_free)

G_END_DECLS
