/* The calendar. See arbor-function-calendar.h. */

#include "query/expr/arbor-function-calendar.h"

#include <string.h>

#define DAY_SECONDS 86400
#define MAX_YEAR    9999

static gboolean
is_leap_year (int year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
get_month_length (int year, int month)
{
  static const guint8 lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

  return month == 2 && is_leap_year (year) ? 29 : lengths[month - 1];
}

/* Days since 1970-01-01. Years begin in March here, so that the leap day is the last one; 400 of
 * them have 146,097 days. */
static gint64
get_days (int year, int month, int day)
{
  int shifted = year - (month <= 2) + 400; /* never negative */
  int era = shifted / 400;
  int in_era = shifted % 400;
  int in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

  return (gint64)(era - 1) * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

gint64
arbor_moment_get_days (const ArborMoment *self)
{
  return get_days (self->year, self->month, self->day);
}

static gboolean
set_days (ArborMoment *self, gint64 days)
{
  int in_era, in_years, in_year, month;

  if (days < get_days (0, 1, 1) || days > get_days (MAX_YEAR, 12, 31))
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

gint64
arbor_moment_get_local_seconds (const ArborMoment *self)
{
  return arbor_moment_get_days (self) * DAY_SECONDS + self->hour * 3600 + self->minute * 60 +
         self->second;
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
  self->day = MIN (self->day, get_month_length (self->year, self->month));
  return TRUE;
}

int
arbor_moment_get_weekday (const ArborMoment *self)
{
  /* 1970-01-01 was a Thursday; the first number is a multiple of seven that makes all positive. */
  return (int)((arbor_moment_get_days (self) + 7 * 146097 + 3) % 7);
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
           self->day <= 365 + is_leap_year (self->year) &&
           set_days (self, get_days (self->year, 1, 1) + self->day - 1);
  if (n != (is_extended ? 2 : 4) || !read_digits (reader, 2, &self->month) || self->month < 1 ||
      self->month > 12)
    return FALSE;
  if (is_extended && !read_one_of (reader, "-"))
    {
      *is_day = FALSE;
      return TRUE;
    }
  return read_digits (reader, 2, &self->day) && self->day >= 1 &&
         self->day <= get_month_length (self->year, self->month);
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

/* Eight bytes as one number, less what @zeros has there: digits less '0', and dashes and colons less
 * themselves, are at most nine and nothing. FALSE: one is more. */
static inline gboolean
read_eight (const char *text, guint64 zeros, guint64 limits, guint64 *digits)
{
  guint64 bytes;

  memcpy (&bytes, text, sizeof bytes);
  bytes = GUINT64_FROM_LE (bytes) ^ zeros;
  *digits = bytes;
  return (((bytes + limits) | bytes) & G_GUINT64_CONSTANT (0x8080808080808080)) == 0;
}

#define AT(i)    ((guint)(digits >> (8 * (i))) & 0xFF)
#define PAIR(i) (AT (i) * 10 + AT ((i) + 1))

/* 2024-02-29. */
static gboolean
parse_day (ArborMoment *self, const char *text)
{
  guint tens = (guint)(guchar)text[8] - '0', ones = (guint)(guchar)text[9] - '0';
  guint64 digits;

  /* "0000-00-" */
  if (!read_eight (text, G_GUINT64_CONSTANT (0x2D30302D30303030),
                   G_GUINT64_CONSTANT (0x7F76767F76767676), &digits) ||
      tens > 9 || ones > 9)
    return FALSE;
  self->year = (int)(PAIR (0) * 100 + PAIR (2));
  self->month = (int)PAIR (5);
  self->day = (int)(tens * 10 + ones);
  return self->month >= 1 && self->month <= 12 && self->day >= 1 &&
         (self->day <= 28 || self->day <= get_month_length (self->year, self->month));
}

/* 12:30:05. A leap second takes a closer look. */
static gboolean
parse_clock (ArborMoment *self, const char *text)
{
  guint64 digits;

  /* "00:00:00" */
  if (!read_eight (text, G_GUINT64_CONSTANT (0x30303A30303A3030),
                   G_GUINT64_CONSTANT (0x76767F76767F7676), &digits))
    return FALSE;
  self->has_time = TRUE;
  self->hour = (int)PAIR (0);
  self->minute = (int)PAIR (3);
  self->second = (int)PAIR (6);
  return self->hour <= 23 && self->minute <= 59 && self->second <= 59;
}

#define DIGIT(i)  ((guint)(guchar)text[i] - '0')
#define TWO(i)    (DIGIT (i) * 10 + DIGIT (i + 1))
#define IS_TWO(i) ((DIGIT (i) <= 9) & (DIGIT (i + 1) <= 9))

/* What most are: 2024-02-29, with T12:30:05, with Z or .123Z behind. FALSE: it takes a closer look. */
static gboolean
parse_fixed (ArborMoment *self, const char *text, gsize length)
{
  if ((length != 10 && length != 19 && length != 20 && length != 24) || !parse_day (self, text))
    return FALSE;
  if (length == 10)
    return TRUE;
  if ((text[10] != 'T' && text[10] != ' ') || !parse_clock (self, text + 11))
    return FALSE;
  if (length == 19)
    return TRUE;
  self->has_offset = self->is_zulu = TRUE;
  if (text[length - 1] != 'Z')
    return FALSE;
  if (length == 20)
    return TRUE;
  self->n_digits = 3;
  self->nanosecond = (int)(TWO (20) * 10 + DIGIT (22)) * 1000000;
  return (text[19] == '.') & IS_TWO (20) & (DIGIT (22) <= 9);
}

gboolean
arbor_moment_parse (ArborMoment *self, const char *text, gsize length)
{
  Reader reader = { .at = text, .end = text + length };
  gboolean is_day;

  memset (self, 0, sizeof *self);
  if (parse_fixed (self, text, length))
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
