/* The calendar. See arbor-function-calendar.h. */

#include "query/expr/arbor-function-calendar-fixed.h"

#include <string.h>

#define DAY_SECONDS 86400
#define MAX_YEAR    9999

static gboolean
set_days (ArborMoment *self, gint64 days)
{
  int in_era, in_years, in_year, month;

  if (days < arbor_calendar_get_days (0, 1, 1) || days > arbor_calendar_get_days (MAX_YEAR, 12, 31))
    return FALSE;

  /* Counted from the March of year -400 on: an era has 146,097 days, four years of it 1,461. */
  days += 719468 + 146097;
  in_era = (int)(days % 146097);
  in_years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  in_year = in_era - (365 * in_years + in_years / 4 - in_years / 100);
  month = (5 * in_year + 2) / 153;
  self->day = in_year - (153 * month + 2) / 5 + 1;
  self->month = month < 10 ? month + 3 : month - 9;
  self->year = in_years + ((int)(days / 146097) - 1) * 400 + (self->month <= 2);
  return TRUE;
}

gboolean
arbor_moment_set_local_seconds (ArborMoment *self, gint64 seconds)
{
  gint64 days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
  int rest = (int)(seconds - days * DAY_SECONDS);

  if (!set_days (self, days))
    return FALSE;
  self->hour = rest / 3600;
  self->minute = rest / 60 % 60;
  self->second = rest % 60;
  return TRUE;
}

gboolean
arbor_moment_add_months (ArborMoment *self, gint64 n)
{
  gint64 months;

  if (n < -12 * (MAX_YEAR + 1) || n > 12 * (MAX_YEAR + 1))
    return FALSE;
  months = self->year * 12 + self->month - 1 + n;
  if (months < 0 || months >= 12 * (MAX_YEAR + 1))
    return FALSE;

  self->year = (int)(months / 12);
  self->month = (int)(months % 12) + 1;
  self->day = MIN (self->day, arbor_calendar_get_month_length (self->year, self->month));
  return TRUE;
}

/* The Monday of the week with the 4th of January, which is always in week 1. */
static gint64
get_first_monday (int year)
{
  ArborMoment fourth = { .year = year, .month = 1, .day = 4 };

  return arbor_moment_get_days (&fourth) - arbor_moment_get_weekday (&fourth);
}

int
arbor_moment_get_week_year (const ArborMoment *self)
{
  gint64 days = arbor_moment_get_days (self);

  if (days >= get_first_monday (self->year + 1))
    return self->year + 1;
  return days < get_first_monday (self->year) ? self->year - 1 : self->year;
}

int
arbor_moment_get_week (const ArborMoment *self)
{
  gint64 days = arbor_moment_get_days (self);
  gint64 monday = get_first_monday (self->year + 1);

  if (days < monday)
    monday = get_first_monday (self->year);
  if (days < monday)
    monday = get_first_monday (self->year - 1);
  return (int)((days - monday) / 7) + 1;
}

/* Reading */

typedef struct
{
  const char *at;
  const char *end;
} Reader;

static guint
count_digits (const Reader *reader)
{
  guint n = 0;

  while (reader->at + n < reader->end && g_ascii_isdigit (reader->at[n]))
    n++;
  return n;
}

/* Exactly @n digits. */
static gboolean
read_digits (Reader *reader, guint n, int *number)
{
  if (count_digits (reader) < n)
    return FALSE;
  *number = 0;
  for (guint i = 0; i < n; i++)
    *number = *number * 10 + (*reader->at++ - '0');
  return TRUE;
}

static gboolean
read_one_of (Reader *reader, const char *characters)
{
  if (reader->at == reader->end || *reader->at == '\0' || strchr (characters, *reader->at) == NULL)
    return FALSE;
  reader->at++;
  return TRUE;
}

/* Behind the W: 09, 09-4, 094. */
static gboolean
read_week (Reader *reader, gboolean is_extended, ArborMoment *self)
{
  int week, weekday = 1;
  gint64 days;

  if (!read_digits (reader, 2, &week))
    return FALSE;
  if (is_extended ? read_one_of (reader, "-") : count_digits (reader) > 0)
    {
      if (!read_digits (reader, 1, &weekday))
        return FALSE;
    }
  days = get_first_monday (self->year) + (gint64)(week - 1) * 7 + weekday - 1;
  return week >= 1 && weekday >= 1 && weekday <= 7 && days < get_first_monday (self->year + 1) &&
         set_days (self, days);
}

/* TRUE with *@is_day where the day is known, so that a time may follow. */
static gboolean
read_date (Reader *reader, ArborMoment *self, gboolean *is_day)
{
  gboolean is_extended;
  guint n;

  self->month = self->day = 1;
  *is_day = FALSE;
  if (!read_digits (reader, 4, &self->year))
    return FALSE;
  if (reader->at == reader->end)
    return TRUE;

  is_extended = read_one_of (reader, "-");
  *is_day = TRUE;
  if (read_one_of (reader, "W"))
    return read_week (reader, is_extended, self);

  n = count_digits (reader);
  if (n == 3)
    return read_digits (reader, 3, &self->day) && self->day >= 1 &&
           self->day <= 365 + arbor_calendar_is_leap_year (self->year) &&
           set_days (self, arbor_calendar_get_days (self->year, 1, 1) + self->day - 1);
  if (n != (is_extended ? 2 : 4) || !read_digits (reader, 2, &self->month) || self->month < 1 ||
      self->month > 12)
    return FALSE;
  if (is_extended && !read_one_of (reader, "-"))
    {
      *is_day = FALSE;
      return TRUE;
    }
  return read_digits (reader, 2, &self->day) && self->day >= 1 &&
         self->day <= arbor_calendar_get_month_length (self->year, self->month);
}

static gboolean
read_fraction (Reader *reader, ArborMoment *self)
{
  int scale = 100000000;

  if (count_digits (reader) == 0)
    return FALSE;
  for (; reader->at < reader->end && g_ascii_isdigit (*reader->at); reader->at++)
    {
      self->nanosecond += (*reader->at - '0') * scale;
      scale /= 10;
      self->n_digits = MIN (self->n_digits + 1, 9);
    }
  return TRUE;
}

static gboolean
read_time (Reader *reader, ArborMoment *self)
{
  gboolean is_extended;

  self->has_time = TRUE;
  if (!read_digits (reader, 2, &self->hour))
    return FALSE;
  is_extended = read_one_of (reader, ":");
  if (is_extended || count_digits (reader) > 0)
    {
      if (!read_digits (reader, 2, &self->minute))
        return FALSE;
      if (is_extended ? read_one_of (reader, ":") : count_digits (reader) > 0)
        {
          if (!read_digits (reader, 2, &self->second) ||
              (read_one_of (reader, ".,") && !read_fraction (reader, self)))
            return FALSE;
        }
    }
  return self->hour <= 23 && self->minute <= 59 &&
         self->second <= 59 + (self->minute == 59); /* a leap second */
}

static gboolean
read_offset (Reader *reader, ArborMoment *self)
{
  gboolean is_negative = reader->at < reader->end && *reader->at == '-';
  int hours, minutes = 0;

  if (reader->at == reader->end)
    return TRUE;
  self->has_offset = TRUE;
  self->is_zulu = read_one_of (reader, "Zz");
  if (self->is_zulu)
    return TRUE;

  if (!read_one_of (reader, "+-") || !read_digits (reader, 2, &hours))
    return FALSE;
  if ((read_one_of (reader, ":") || count_digits (reader) > 0) &&
      !read_digits (reader, 2, &minutes))
    return FALSE;
  self->offset = (hours * 60 + minutes) * (is_negative ? -1 : 1);
  return hours <= 23 && minutes <= 59;
}

gboolean
arbor_moment_parse (ArborMoment *self, const char *text, gsize length)
{
  Reader reader = { .at = text, .end = text + length };
  gboolean is_day;

  if (arbor_moment_parse_fixed (self, text, length))
    return TRUE;
  memset (self, 0, sizeof *self);
  if (!read_date (&reader, self, &is_day))
    return FALSE;
  if (reader.at < reader.end && (!is_day || !read_one_of (&reader, "Tt ") ||
                                 !read_time (&reader, self) || !read_offset (&reader, self)))
    return FALSE;
  return reader.at == reader.end &&
         (self->second < 60 ||
          arbor_moment_set_local_seconds (self, arbor_moment_get_local_seconds (self)));
}

/* The @n last decimal digits of a number, @n at most 9. */
static char *
write_digits (char *at, int number, guint n)
{
  for (guint i = n; i > 0; i--, number /= 10)
    at[i - 1] = (char)('0' + number % 10);
  return at + n;
}

gsize
arbor_moment_format (const ArborMoment *self, char text[ARBOR_MOMENT_SIZE])
{
  char *at = write_digits (text, self->year, 4);

  *at++ = '-';
  at = write_digits (at, self->month, 2);
  *at++ = '-';
  at = write_digits (at, self->day, 2);
  if (!self->has_time)
    return (gsize)(at - text);
  *at++ = 'T';
  at = write_digits (at, self->hour, 2);
  *at++ = ':';
  at = write_digits (at, self->minute, 2);
  *at++ = ':';
  at = write_digits (at, self->second, 2);
  if (self->n_digits > 0)
    {
      /* All nine, of which as many stay as were written. */
      *at++ = '.';
      write_digits (at, self->nanosecond, 9);
      at += self->n_digits;
    }
  if (self->has_offset && self->is_zulu)
    {
      *at++ = 'Z';
    }
  else if (self->has_offset)
    {
      *at++ = self->offset < 0 ? '-' : '+';
      at = write_digits (at, ABS (self->offset) / 60, 2);
      *at++ = ':';
      at = write_digits (at, ABS (self->offset) % 60, 2);
    }
  return (gsize)(at - text);
}
