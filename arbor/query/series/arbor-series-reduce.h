/* Sums of runs of numbers, exact and rounded once, as those of arbor-aggregate.h: in doubles where
 * nothing is lost by that, which can be told.
 */

#pragma once

#include "query/series/arbor-series-numbers.h"

G_BEGIN_DECLS

typedef struct
{
  __int128 integers;
  double sum;  /* of the doubles, ... */
  double rest; /* ... and what that was rounded by */
  guint32 n;   /* numbers */
  gboolean has_reals;
  gboolean is_lost; /* rest was rounded itself */
} ArborRunSum;

/* Elements @start to @end - 1. */
void arbor_run_sum_add (ArborRunSum *self, const ArborNumberSeries *numbers, guint32 start, guint32 end);
/* The sum or the mean, of the same elements. */
void arbor_run_sum_finish (const ArborRunSum *self, const ArborNumberSeries *numbers, guint32 start,
                       guint32 end, gboolean is_mean, ArborValue *result);

G_END_DECLS
