/* What functions do with moments (arbor-function-calendar.h) and units, for both evaluators. */

#pragma once

#include "base/arbor-value.h"
#include "query/expr/arbor-function-calendar-fixed.h"

G_BEGIN_DECLS

/* A unit is so many months, or so many seconds. */
typedef struct
{
  const char *name;
  int months;
  int seconds;
} ArborUnit;

/* "month" and "months"; NULL: there is no such unit. */
const ArborUnit *arbor_unit_find (const ArborValue *name);

/* FALSE: the result lies outside of the years. */
gboolean arbor_moment_truncate (ArborMoment *self, const ArborUnit *unit);
gboolean arbor_moment_add (ArborMoment *self, gint64 n, const ArborUnit *unit);
/* Whole units from @b to @a. */
gint64 arbor_moment_count (const ArborMoment *a, const ArborMoment *b, const ArborUnit *unit);
/* Seconds since 1970-01-01T00:00:00Z. */
void arbor_moment_get_epoch (const ArborMoment *self, ArborValue *epoch);

G_END_DECLS
