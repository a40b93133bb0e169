/* Moments as most are written, at a fixed place each digit: 2024-02-29, with T12:30:05 or a space, and then
 * with Z or .123Z. In place, for loops over many: what a loop does not look at is not computed. Whatever is
 * written in another way, or is none, is for arbor_moment_parse.
 */

#pragma once

#include <string.h>

#include "query/expr/arbor-function-calendar.h"

G_BEGIN_DECLS

static inline gboolean
arbor_calendar_is_leap_year (int year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static inline int
arbor_calendar_get_month_length (int year, int month)
{
  /* The months of 30 days differ in the lowest bit from how the others go on. */
  return month != 2 ? 30 + ((month + (month >> 3)) & 1) : 28 + arbor_calendar_is_leap_year (year);
}

/* Days since 1970-01-01. The years before this one have 365 days each, and their leap days; there are none
 * before the year 0, which has one itself. */
static inline gint64
arbor_calendar_get_days (int year, int month, int day)
{
  /* Counted from March on the months' lengths follow a rule; January and February end the year before. */
  int shifted = year - (month <= 2) + 400; /* never negative */
  int centuries = shifted / 100;
  int in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

  return shifted * 365 + shifted / 4 - centuries + centuries / 4 + in_year - (719468 + 146097);
}

/* Days since 1970-01-01 of the local date. */
static inline gint64
arbor_moment_get_days (const ArborMoment *self)
{
  return arbor_calendar_get_days (self->year, self->month, self->day);
}

/* Monday is 0. 1970-01-01 was a Thursday; the first number is a multiple of seven that makes all positive. */
static inline int
arbor_moment_get_weekday (const ArborMoment *self)
{
  return (int) ((guint32) (arbor_moment_get_days (self) + 7 * 146097 + 3) % 7);
}

/* Seconds since 1970-01-01T00:00:00 on the local clock. */
static inline gint64
arbor_moment_get_local_seconds (const ArborMoment *self)
{
  return arbor_moment_get_days (self) * 86400 + self->hour * 3600 + self->minute * 60 + self->second;
}

/* Seconds since 1970-01-01T00:00:00Z. */
static inline gint64
arbor_moment_get_seconds (const ArborMoment *self)
{
  return arbor_moment_get_local_seconds (self) - (gint64) self->offset * 60;
}

/* Eight bytes as one number, less what @zeros has there: digits less '0', and dashes and colons less
 * themselves, are at most nine and nothing. FALSE: one is more. */
static inline gboolean
arbor_calendar_read_eight (const char *text, guint64 zeros, guint64 limits, guint64 *digits)
{
  guint64 bytes;

  memcpy (&bytes, text, sizeof bytes);
  bytes = GUINT64_FROM_LE (bytes) ^ zeros;
  *digits = bytes;
  return (((bytes + limits) | bytes) & G_GUINT64_CONSTANT (0x8080808080808080)) == 0;
}

/* Three numbers of two digits with something between. */
#define ARBOR_CALENDAR_LIMITS G_GUINT64_CONSTANT (0x76767F76767F7676)
#define ARBOR_CALENDAR_DATE   G_GUINT64_CONSTANT (0x30302D30302D3030) /* 00-00-00 */
#define ARBOR_CALENDAR_CLOCK  G_GUINT64_CONSTANT (0x30303A30303A3030) /* 00:00:00 */

/* In the bytes 0, 3 and 6, of what arbor_calendar_read_eight read. */
static inline guint64
arbor_calendar_join_pairs (guint64 digits)
{
  return digits * 10 + (digits >> 8);
}

static inline gboolean
arbor_calendar_read_day (const char *text, ArborMoment *self)
{
  guint thousands = (guint) (guchar) text[0] - '0', hundreds = (guint) (guchar) text[1] - '0';
  guint64 digits;

  if (!arbor_calendar_read_eight (text + 2, ARBOR_CALENDAR_DATE, ARBOR_CALENDAR_LIMITS, &digits) ||
      ((thousands > 9) | (hundreds > 9)))
    return FALSE;
  digits = arbor_calendar_join_pairs (digits);
  self->year = (int) (thousands * 1000 + hundreds * 100 + (digits & 0xFF));
  self->month = (int) (digits >> 24 & 0xFF);
  self->day = (int) (digits >> 48 & 0xFF);
  return (guint) self->month - 1 < 12 && self->day >= 1 &&
         (self->day <= 28 ||
          self->day <= arbor_calendar_get_month_length (self->year, self->month));
}

/* A leap second takes a closer look. */
static inline gboolean
arbor_calendar_read_clock (const char *text, ArborMoment *self)
{
  guint64 digits;

  if (!arbor_calendar_read_eight (text, ARBOR_CALENDAR_CLOCK, ARBOR_CALENDAR_LIMITS, &digits))
    return FALSE;
  digits = arbor_calendar_join_pairs (digits);
  self->hour = (int) (digits & 0xFF);
  self->minute = (int) (digits >> 24 & 0xFF);
  self->second = (int) (digits >> 48 & 0xFF);
  return self->hour <= 23 && self->minute <= 59 && self->second <= 59;
}

/* The fraction of three digits behind the second, and Z. */
static inline gboolean
arbor_calendar_read_thousandths (const char *text, ArborMoment *self)
{
  guint a = (guint) (guchar) text[1] - '0', b = (guint) (guchar) text[2] - '0',
        c = (guint) (guchar) text[3] - '0';

  self->n_digits = 3;
  self->nanosecond = (int) (a * 100 + b * 10 + c) * 1000000;
  return (text[0] == '.') & (a <= 9) & (b <= 9) & (c <= 9);
}

/* FALSE: it takes a closer look. */
static inline gboolean
arbor_moment_parse_fixed (ArborMoment *self, const char *text, gsize length)
{
  *self = (ArborMoment){ 0 };
  if (length != 10 && length != 19 && length != 20 && length != 24)
    return FALSE;
  if (!arbor_calendar_read_day (text, self))
    return FALSE;
  if (length == 10)
    return TRUE;
  self->has_time = TRUE;
  self->has_offset = self->is_zulu = length > 19;
  return (text[10] == 'T' || text[10] == ' ') && arbor_calendar_read_clock (text + 11, self) &&
         (length == 19 || text[length - 1] == 'Z') &&
         (length != 24 || arbor_calendar_read_thousandths (text + 19, self));
}

G_END_DECLS
