/* The values of an expression for rows of batches: what every consumer reads that goes over many
 * trees. Paths of keys are read from lanes as they lie, everything else is computed by series; the
 * places that these leave open come from the row evaluator, so the values are always those of the
 * reference. One thread.
 */

#pragma once

#include "query/series/arbor-path-rows.h"
#include "query/series/arbor-series.h"

G_BEGIN_DECLS

typedef struct _ArborSeriesReader ArborSeriesReader;

/* Rows so far, by how they were found. */
typedef struct
{
  guint64 n_lanes;      /* read as they lie */
  guint64 n_columns;    /* computed by series: the next three, and what they left open */
  guint64 n_plain;      /* by code over series alone */
  guint64 n_dictionary; /* some call once for each entry of a dictionary */
  guint64 n_values;     /* some call by row code, place by place */
  guint64 n_rows;       /* by the row evaluator */
  const struct _ArborFunction *refused; /* whose row code that was; NULL: none */
} ArborSeriesCounters;

ArborSeriesReader *arbor_series_reader_new (ArborNode *node);
void arbor_series_reader_free (ArborSeriesReader *self);
/* Before the batches that were read go away. */
void arbor_series_reader_forget (ArborSeriesReader *self);

ArborNode *arbor_series_reader_get_node (const ArborSeriesReader *self); /* (transfer none) */
/* The path of keys that the expression is; else NULL. */
const ArborPath *arbor_series_reader_get_path (const ArborSeriesReader *self);
const ArborSeriesCounters *arbor_series_reader_get_counters (const ArborSeriesReader *self);

/* By parts, all rows at once, in @scope and as long as the next call of any of these. FALSE: they
 * have others than truth values, strings and numbers of up to 64 bits, or a value may be many, or
 * there are too few rows for it to pay, or they take too much memory: then by chunks. */
gboolean arbor_series_reader_get_parts (ArborSeriesReader *self, const ArborRows *rows,
                                        ArborScope *scope, ArborPathRows *parts);

/* By chunks: any values, which live until the next call of any of these. @rows is kept until then.
 * Returns the places in @chunk, which follow those of the chunk before, and are neither open nor in
 * RUNS: of a vector every value is a list; 0: that was all. */
void arbor_series_reader_begin (ArborSeriesReader *self, const ArborRows *rows);
guint32 arbor_series_reader_next (ArborSeriesReader *self, ArborSeries *chunk);

/* The same value by value, as many as there are rows, each valid until the next one is asked for. */
void arbor_series_reader_next_value (ArborSeriesReader *self, ArborValue *value);

/* Place @i of @rows alone, by the row evaluator, in @scope. */
void arbor_series_reader_get_row (ArborSeriesReader *self, const ArborRows *rows, guint32 i,
                                  ArborScope *scope, ArborValue *value);

/* CORRUPT, LIMIT or CANCELLED where reading met one since this was asked before. */
gboolean arbor_series_reader_check (ArborSeriesReader *self, GError **error);

/* Whether it met CORRUPT or LIMIT, which is forgotten. */
gboolean arbor_series_reader_take_trouble (ArborSeriesReader *self);

/* FALSE: every row by the row evaluator. For tests, which compare the two ways. */
void arbor_series_set_enabled (gboolean is_enabled);
gboolean arbor_series_is_enabled (void);
/* Of all readers of this process that are gone. For tests, which ask what goes by columns. */
void arbor_series_get_totals (ArborSeriesCounters *counters);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSeriesReader, arbor_series_reader_free)

G_END_DECLS
