/* Values that stand in strings or numbers: JSON, dates in other forms than ISO 8601, moments as
 * counts of seconds. What cannot be read is null.
 *
 * A format of dates is made of those directives of strptime that mean the same in every locale;
 * names are English, in any case of letters. A directive reads at most as many digits as it has, so
 * the time is that of one walk over format and text.
 */

#include "query/expr/arbor-function-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "base/arbor-error.h"
#include "base/arbor-number.h"
#include "query/expr/arbor-function-calendar-fixed.h"

/* JSON */

ARBOR_FUNCTION (parse_json)
{
  g_autoptr (ArborParser) parser = NULL;
  g_autofree char *padded = NULL;
  const ArborTape *kept;
  gsize error_offset;
  const char *reason;
  ArborTape tape;

  *result = ARBOR_VALUE_NULL;
  if (arguments->kind != ARBOR_KIND_STRING || arguments->length == 0)
    return;
  padded = g_malloc0 ((gsize)arguments->length + ARBOR_PARSER_PADDING);
  memcpy (padded, arguments->text, arguments->length);
  parser = arbor_parser_new ();
  if (!arbor_parser_parse (parser, padded, arguments->length, &tape, &error_offset, &reason))
    return;
  kept = arbor_function_keep_tape (&tape, scope);
  if (kept != NULL)
    arbor_tape_get_value (kept, ARBOR_TAPE_ROOT, result);
}

/* Dates in a format */

typedef struct
{
  const char *at;
  const char *end;
  ArborMoment moment;
  int half_day;    /* 0 AM, 1 PM; -1: neither was read */
  int day_of_year; /* 0: none was read */
} DateReader;

static const char *const months[] = {
  "january", "february", "march",     "april",   "may",      "june",
  "july",    "august",   "september", "october", "november", "december",
};
static const char *const weekdays[] = {
  "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
};

/* 1 to @max digits, of a number from @low to @high. */
static gboolean
read_digits (DateReader *self, int max, int low, int high, int *number)
{
  int n = 0;

  *number = 0;
  for (; n < max && self->at < self->end && g_ascii_isdigit (*self->at); n++)
    *number = *number * 10 + (*self->at++ - '0');
  return n > 0 && *number >= low && *number <= high;
}

/* The place among @names, whole or as their first three letters; -1: none. */
static int
read_name (DateReader *self, const char *const *names, guint n_names)
{
  for (guint i = 0; i < n_names; i++)
    for (gsize length = strlen (names[i]); length >= 3; length = length > 3 ? 3 : 0)
      if ((gsize)(self->end - self->at) >= length &&
          g_ascii_strncasecmp (self->at, names[i], length) == 0)
        {
          self->at += length;
          return (int)i;
        }
  return -1;
}

/* Digits of a fraction; those behind the ninth are dropped. */
static gboolean
read_fraction (DateReader *self)
{
  int n = 0;

  self->moment.nanosecond = 0;
  for (; self->at < self->end && g_ascii_isdigit (*self->at); self->at++, n++)
    if (n < 9)
      self->moment.nanosecond = self->moment.nanosecond * 10 + (*self->at - '0');
  self->moment.n_digits = MIN (n, 9);
  for (int i = n; i < 9; i++)
    self->moment.nanosecond *= 10;
  return n > 0;
}

/* Z, +0200, +02:00, +02 */
static gboolean
read_offset (DateReader *self)
{
  int sign, hours, minutes = 0;

  self->moment.has_offset = TRUE;
  if (self->at == self->end)
    return FALSE;
  if (*self->at == 'Z' || *self->at == 'z')
    {
      self->at++;
      return self->moment.is_zulu = TRUE;
    }
  if (*self->at != '+' && *self->at != '-')
    return FALSE;
  sign = *self->at++ == '-' ? -1 : 1;
  if (!read_digits (self, 2, 0, 23, &hours))
    return FALSE;
  if (self->at < self->end && *self->at == ':')
    {
      self->at++;
      if (!read_digits (self, 2, 0, 59, &minutes))
        return FALSE;
    }
  else if (self->at < self->end && g_ascii_isdigit (*self->at) &&
           !read_digits (self, 2, 0, 59, &minutes))
    {
      return FALSE;
    }
  self->moment.offset = sign * (hours * 60 + minutes);
  return TRUE;
}

/* Those that stand for several others. */
static const char *
get_composed (char directive)
{
  switch (directive)
    {
    case 'D':
      return "%m/%d/%y";
    case 'F':
      return "%Y-%m-%d";
    case 'R':
      return "%H:%M";
    case 'T':
      return "%H:%M:%S";
    default:
      return NULL;
    }
}

static gboolean
read_directive (DateReader *self, char directive)
{
  ArborMoment *moment = &self->moment;
  int number;

  moment->has_time |= strchr ("HIMSfp", directive) != NULL;
  switch (directive)
    {
    case 'Y':
      return read_digits (self, 4, 0, 9999, &moment->year);
    case 'y':
      if (!read_digits (self, 2, 0, 99, &number))
        return FALSE;
      moment->year = number + (number < 69 ? 2000 : 1900);
      return TRUE;
    case 'm':
      return read_digits (self, 2, 1, 12, &moment->month);
    case 'B':
    case 'b':
    case 'h':
      moment->month = read_name (self, months, G_N_ELEMENTS (months)) + 1;
      return moment->month > 0;
    case 'd':
    case 'e':
      if (directive == 'e' && self->at < self->end && *self->at == ' ')
        self->at++;
      return read_digits (self, 2, 1, 31, &moment->day);
    case 'j':
      return read_digits (self, 3, 1, 366, &self->day_of_year);
    case 'A':
    case 'a':
      return read_name (self, weekdays, G_N_ELEMENTS (weekdays)) >= 0;
    case 'H':
      return read_digits (self, 2, 0, 23, &moment->hour);
    case 'I':
      return read_digits (self, 2, 1, 12, &moment->hour);
    case 'p':
      if (self->end - self->at < 2 || g_ascii_tolower (self->at[1]) != 'm' ||
          strchr ("aApP", self->at[0]) == NULL || self->at[0] == '\0')
        return FALSE;
      self->half_day = g_ascii_tolower (self->at[0]) == 'p';
      self->at += 2;
      return TRUE;
    case 'M':
      return read_digits (self, 2, 0, 59, &moment->minute);
    case 'S':
      return read_digits (self, 2, 0, 60, &moment->second);
    case 'f':
      return read_fraction (self);
    case 'z':
      return read_offset (self);
    case '%':
      return self->at < self->end && *self->at++ == '%';
    default:
      return FALSE;
    }
}

static gboolean
read_format (DateReader *self, const char *format, gsize length)
{
  const char *end = format + length;

  for (; format < end; format++)
    {
      const char *composed;

      if (g_ascii_isspace (*format))
        {
          while (self->at < self->end && g_ascii_isspace (*self->at))
            self->at++;
          continue;
        }
      if (*format != '%')
        {
          if (self->at == self->end || *self->at++ != *format)
            return FALSE;
          continue;
        }
      if (++format == end)
        return FALSE;
      composed = get_composed (*format);
      for (const char *at = composed; at != NULL && *at != '\0'; at++)
        {
          gboolean is_read = *at == '%' ? read_directive (self, *++at)
                                        : self->at < self->end && *self->at++ == *at;

          if (!is_read)
            return FALSE;
        }
      if (composed == NULL && !read_directive (self, *format))
        return FALSE;
    }
  return self->at == self->end;
}

/* What was read, together, as a moment that there is. */
static gboolean
finish_moment (DateReader *self)
{
  ArborMoment *moment = &self->moment;
  GDateYear year = (GDateYear)(moment->year == 0 ? 2000 : moment->year); /* GLib begins at 1 */

  if (self->half_day >= 0)
    {
      if (moment->hour == 0 || moment->hour > 12)
        return FALSE;
      moment->hour = moment->hour % 12 + 12 * self->half_day;
    }
  if (self->day_of_year > 0)
    {
      ArborMoment first = { .year = moment->year, .month = 1, .day = 1 };

      if (self->day_of_year > 365 && !g_date_is_leap_year (year))
        return FALSE;
      arbor_moment_set_local_seconds (&first, arbor_moment_get_local_seconds (&first) +
                                                  (gint64)(self->day_of_year - 1) * 86400);
      moment->month = first.month;
      moment->day = first.day;
    }
  if (!g_date_valid_dmy ((GDateDay)moment->day, (GDateMonth)moment->month, year))
    return FALSE;
  moment->has_time |= moment->has_offset;
  return moment->second < 60 ||
         arbor_moment_set_local_seconds (moment, arbor_moment_get_local_seconds (moment));
}

static void
set_moment (const ArborMoment *moment, ArborScope *scope, ArborValue *result)
{
  char text[ARBOR_MOMENT_SIZE];
  gsize length = arbor_moment_format (moment, text);

  arbor_function_copy_string (text, length, scope, result);
}

ARBOR_FUNCTION (parse_date)
{
  DateReader reader = { .at = arguments[0].text,
                        .end = arguments[0].text + arguments[0].length,
                        .moment = { .year = 1900, .month = 1, .day = 1 },
                        .half_day = -1 };

  *result = ARBOR_VALUE_NULL;
  if (arguments[0].kind == ARBOR_KIND_STRING && arguments[1].kind == ARBOR_KIND_STRING &&
      read_format (&reader, arguments[1].text, arguments[1].length) && finish_moment (&reader))
    set_moment (&reader.moment, scope, result);
}

gboolean
arbor_function_prepare_format (ArborNode *call, GError **error)
{
  const ArborValue *format = arbor_function_get_literal (call, 1);
  g_autofree char *text = NULL;
  gboolean is_good = format == NULL || format->kind == ARBOR_KIND_STRING;

  for (guint32 i = 0; is_good && format != NULL && i < format->length; i++)
    if (format->text[i] == '%')
      is_good = ++i < format->length && format->text[i] != '\0' &&
                strchr ("YymBbhdejAaHIpMSfzDFRT%", format->text[i]) != NULL;
  if (is_good)
    return TRUE;
  text = arbor_node_to_string (call->arguments[1]);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _ ("Expected a format of dates, such as \"%%d %%b %%Y\", of %%Y %%y %%m %%B %%b %%h "
                  "%%d %%e %%j %%A %%a %%H %%I %%p %%M %%S %%f %%z %%D %%F %%R %%T %%%%, found %s"),
               text);
  return FALSE;
}

/* Counts since 1970 */

static const struct
{
  const char *name;
  gint64 nanoseconds;
} epoch_units[] = {
  { "day", 86400000000000 }, { "hour", 3600000000000 }, { "minute", 60000000000 },
  { "second", 1000000000 },  { "millisecond", 1000000 }, { "microsecond", 1000 },
  { "nanosecond", 1 },
};

/* 0: there is no such unit. */
static gint64
find_epoch_unit (const ArborValue *name)
{
  for (guint i = 0; name->kind == ARBOR_KIND_STRING && i < G_N_ELEMENTS (epoch_units); i++)
    {
      gsize length = strlen (epoch_units[i].name);

      if ((name->length == length || (name->length == length + 1 && name->text[length] == 's')) &&
          memcmp (name->text, epoch_units[i].name, length) == 0)
        return epoch_units[i].nanoseconds;
    }
  return 0;
}

gboolean
arbor_function_prepare_epoch_unit (ArborNode *call, GError **error)
{
  const ArborValue *name = arbor_function_get_literal (call, 1);
  g_autofree char *text = NULL;

  if (name == NULL || find_epoch_unit (name) != 0)
    return TRUE;
  text = arbor_node_to_string (call->arguments[1]);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _ ("Expected a unit, \"day\", \"hour\", \"minute\", \"second\", \"millisecond\", "
                  "\"microsecond\" or \"nanosecond\", found %s"),
               text);
  return FALSE;
}

ARBOR_FUNCTION (date_from_epoch)
{
  gint64 unit = call->n_arguments > 1 ? find_epoch_unit (&arguments[1]) : 1000000000;
  ArborMoment moment = { .has_time = TRUE, .has_offset = TRUE, .is_zulu = TRUE };
  __int128 nanoseconds;
  gint64 seconds;

  *result = ARBOR_VALUE_NULL;
  if (unit == 0)
    return;
  if (arguments->kind == ARBOR_KIND_INT64)
    {
      nanoseconds = (__int128)arguments->int64 * unit;
    }
  else if (arguments->kind == ARBOR_KIND_DOUBLE && fabs (arguments->real) < 1e21)
    {
      /* The whole part exactly; so is what is left of it. */
      double whole = floor (arguments->real);

      nanoseconds = (__int128)whole * unit +
                    (__int128)rint ((arguments->real - whole) * (double)unit);
    }
  else
    {
      return;
    }
  if (nanoseconds / 1000000000 > G_MAXINT32 * (__int128)1000 ||
      nanoseconds / 1000000000 < -(G_MAXINT32 * (__int128)1000))
    return;
  seconds = (gint64)(nanoseconds / 1000000000) - (nanoseconds % 1000000000 < 0);
  moment.nanosecond = (int)(nanoseconds - (__int128)seconds * 1000000000);
  moment.n_digits = moment.nanosecond == 0           ? 0
                    : moment.nanosecond % 1000000 == 0 ? 3
                    : moment.nanosecond % 1000 == 0    ? 6
                                                       : 9;
  if (arbor_moment_set_local_seconds (&moment, seconds))
    set_moment (&moment, scope, result);
}

ARBOR_FUNCTION (to_epoch)
{
  gint64 unit = call->n_arguments > 1 ? find_epoch_unit (&arguments[1]) : 1000000000;
  ArborMoment moment;
  __int128 nanoseconds;

  *result = ARBOR_VALUE_NULL;
  if (unit == 0 || arguments->kind != ARBOR_KIND_STRING ||
      !arbor_moment_parse (&moment, arguments->text, arguments->length))
    return;
  nanoseconds =
      (__int128)arbor_moment_get_seconds (&moment) * 1000000000 + moment.nanosecond;
  if (nanoseconds % unit != 0)
    *result = ARBOR_VALUE_DOUBLE ((double)nanoseconds / (double)unit);
  else if (nanoseconds / unit >= G_MININT64 && nanoseconds / unit <= G_MAXINT64)
    *result = ARBOR_VALUE_INT64 ((gint64)(nanoseconds / unit));
  else
    *result = ARBOR_VALUE_DOUBLE ((double)(nanoseconds / unit));
}
