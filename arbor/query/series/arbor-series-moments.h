/* The moments that the strings of a series are, part by part: as most are written (date, or date and time
 * with or without Z or .123Z) they are read by loops without jumps; the others one by one.
 */

#pragma once

#include "query/expr/arbor-function-calendar-fixed.h"
#include "query/series/arbor-series-call.h"

G_BEGIN_DECLS

/* One that has more to it than the parts below. */
typedef struct
{
  guint32 place;
  ArborMoment moment;
} ArborOtherMoment;

typedef struct
{
  guint32 n;
  guint8 *is_one; /* the string is a moment: 1; else 0, and the parts are anything */
  gint32 *years, *months, *days;
  gint32 *hours, *minutes, *seconds, *thousandths;
  gboolean has_clocks, has_fractions; /* some; else those parts are 0 everywhere */
  ArborOtherMoment *others; /* by place */
  guint32 n_others;
} ArborSeriesMoments;

/* @strings are those of @call, in STRINGS. All lies in the call's arrays. */
void arbor_series_moments_init (ArborSeriesMoments *self, const ArborSeriesCall *call,
                                const ArborSeries *strings);

/* Days of their own dates, and seconds in UTC without fractions, since 1970; of what is no moment days are anything,
 * and seconds 0. */
gint32 *arbor_series_moments_list_days (const ArborSeriesMoments *self, const ArborSeriesCall *call);
gint64 *arbor_series_moments_list_seconds (const ArborSeriesMoments *self,
                                           const ArborSeriesCall *call);
/* The moment at place @i, for computing; how it was written does not stand there. */
void arbor_series_moments_get (const ArborSeriesMoments *self, guint32 i, ArborMoment *moment);

G_END_DECLS
