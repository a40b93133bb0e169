/* Moments as RFC 3339 and ISO 8601 write them, in the proleptic Gregorian calendar, years 0 to
 * 9999. A moment keeps the local time and the offset that were written; without an offset it counts
 * as UTC, without a time as midnight, and a missing month or day as the first. A leap second counts
 * as the second after it.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  int year;
  int month; /* from 1 */
  int day;   /* from 1 */
  int hour;
  int minute;
  int second;
  int nanosecond;
  int n_digits; /* of the fraction, as written; at most 9 */
  gboolean has_time;
  gboolean has_offset;
  gboolean is_zulu; /* the offset is written as Z */
  int offset;       /* minutes, to the east */
} ArborMoment;

/* FALSE: it is none, or there is no such day or hour. */
gboolean arbor_moment_parse (ArborMoment *self, const char *text, gsize length);

#define ARBOR_MOMENT_SIZE 48u
/* "2024-02-29" or "2024-02-29T12:00:00.5+02:00"; returns its length. */
gsize arbor_moment_format (const ArborMoment *self, char text[ARBOR_MOMENT_SIZE]);

/* FALSE outside of the years; nothing but date and time changes. */
gboolean arbor_moment_set_local_seconds (ArborMoment *self, gint64 seconds);
/* The day of the month becomes the last one where the month is shorter. FALSE outside of the
 * years. */
gboolean arbor_moment_add_months (ArborMoment *self, gint64 n);
int arbor_moment_get_week_year (const ArborMoment *self); /* the year that its week belongs to */
int arbor_moment_get_week (const ArborMoment *self);    /* ISO 8601: 1 to 53 */

G_END_DECLS
