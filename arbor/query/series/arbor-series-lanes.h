/* Reads the values at keys below a column of a batch, the trees' or that of elements, for any of its
 * rows, as a series: what ArborLanes says of all rows, row by row or for a stretch of rows.
 */

#pragma once

#include "query/series/arbor-series.h"

G_BEGIN_DECLS

/* Rows that are none. */
#define ARBOR_ROW_MISSING G_MAXUINT32
#define ARBOR_ROW_OPEN    (G_MAXUINT32 - 1)

typedef struct
{
  ArborLanes lanes;
  guint32 kinds; /* of all rows, and of the rows that are none */
  guint8 form;   /* ArborSeriesForm: WORDS, STRINGS, CODES or VALUES */
  const ArborLane *full; /* the only lane, where all rows have a value in it */
  guint32 *ranks[ARBOR_N_LANE_KINDS]; /* of each lane that is not full: ones before each word */
  const ArborString *strings;         /* of the lane of strings; NULL: one by one */
  ArborSeries table;                  /* CODES: the strings, then MISSING, NULL, OPEN */
} ArborLaneReader;

/* What lasts as long as the batch lies in @kept. For @is_brief few rows will be asked for: nothing is
 * prepared that takes longer than these. */
void arbor_lane_reader_init (ArborLaneReader *self, const ArborBatch *batch, guint32 column,
                             const ArborStep *steps, guint n_steps, gboolean is_brief,
                             ArborScope *kept);

/* Of @n rows: those at @rows, or from @from on where that is NULL. */
void arbor_lane_reader_read (const ArborLaneReader *self, const guint32 *rows, guint32 from,
                             guint32 n, ArborScope *scope, ArborSeries *out);

G_END_DECLS
