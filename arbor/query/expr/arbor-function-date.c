/* Functions of dates: strings of RFC 3339 or ISO 8601 (arbor-function-calendar.h). Parts are those
 * of the local time as written. What is no such string gives null.
 */

#include "query/expr/arbor-function-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "query/expr/arbor-function-moment.h"

static const ArborUnit units[] = {
  { "year", 12, 0 },   { "quarter", 3, 0 }, { "month", 1, 0 },   { "week", 0, 604800 },
  { "day", 0, 86400 }, { "hour", 0, 3600 }, { "minute", 0, 60 }, { "second", 0, 1 },
};

const ArborUnit *
arbor_unit_find (const ArborValue *name)
{
  for (guint i = 0; name->kind == ARBOR_KIND_STRING && i < G_N_ELEMENTS (units); i++)
    {
      gsize length = strlen (units[i].name);

      if ((name->length == length || (name->length == length + 1 && name->text[length] == 's')) &&
          memcmp (name->text, units[i].name, length) == 0)
        return &units[i];
    }
  return NULL;
}

/* The unit is the last argument of all that have one. */
gboolean
arbor_function_prepare_unit (ArborNode *call, GError **error)
{
  const ArborValue *name = arbor_function_get_literal (call, call->n_arguments - 1);
  g_autofree char *text = NULL;

  if (name == NULL || arbor_unit_find (name) != NULL)
    return TRUE;
  text = arbor_node_to_string (call->arguments[call->n_arguments - 1]);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _ ("Expected a unit, \"year\", \"quarter\", \"month\", \"week\", \"day\", \"hour\", "
                  "\"minute\" or \"second\", found %s"),
               text);
  return FALSE;
}

static gboolean
get_moment (const ArborValue *value, ArborMoment *moment)
{
  return value->kind == ARBOR_KIND_STRING &&
         arbor_moment_parse (moment, value->text, value->length);
}

static void
set_moment (const ArborMoment *moment, ArborScope *scope, ArborValue *result)
{
  char text[ARBOR_MOMENT_SIZE];
  gsize length = arbor_moment_format (moment, text);

  arbor_function_copy_string (text, length, scope, result);
}

#define DEFINE_PART(name, part)                                                                    \
  ARBOR_FUNCTION (name)                                                                            \
  {                                                                                                \
    ArborMoment moment;                                                                            \
                                                                                                   \
    *result = get_moment (arguments, &moment) ? ARBOR_VALUE_INT64 (part) : ARBOR_VALUE_NULL;       \
  }

DEFINE_PART (year, moment.year)
DEFINE_PART (month, moment.month)
DEFINE_PART (day, moment.day)
DEFINE_PART (hour, moment.hour)
DEFINE_PART (minute, moment.minute)
DEFINE_PART (second, moment.second)
DEFINE_PART (quarter, (moment.month + 2) / 3)
DEFINE_PART (weekday, arbor_moment_get_weekday (&moment))
DEFINE_PART (week_year, arbor_moment_get_week_year (&moment))
DEFINE_PART (week, arbor_moment_get_week (&moment))

void
arbor_moment_get_epoch (const ArborMoment *self, ArborValue *epoch)
{
  if (self->nanosecond == 0)
    *epoch = ARBOR_VALUE_INT64 (arbor_moment_get_seconds (self));
  else
    *epoch = ARBOR_VALUE_DOUBLE ((double)arbor_moment_get_seconds (self) + (double)self->nanosecond / 1e9);
}

ARBOR_FUNCTION (epoch)
{
  ArborMoment moment;

  if (get_moment (arguments, &moment))
    arbor_moment_get_epoch (&moment, result);
  else
    *result = ARBOR_VALUE_NULL;
}

gboolean
arbor_moment_truncate (ArborMoment *self, const ArborUnit *unit)
{
  gint64 seconds, rest;

  self->nanosecond = self->n_digits = 0;
  if (unit->months > 0)
    {
      self->month -= (self->month - 1) % unit->months;
      self->day = 1;
      self->hour = self->minute = self->second = 0;
      return TRUE;
    }
  /* Weeks are counted from a Monday. */
  seconds = arbor_moment_get_local_seconds (self);
  rest = (seconds + (unit->seconds == 604800 ? 3 * 86400 : 0)) % unit->seconds;
  rest += rest < 0 ? unit->seconds : 0;
  return arbor_moment_set_local_seconds (self, seconds - rest);
}

ARBOR_FUNCTION (date_truncate)
{
  const ArborUnit *unit = arbor_unit_find (&arguments[1]);
  ArborMoment moment;

  *result = ARBOR_VALUE_NULL;
  if (unit != NULL && get_moment (&arguments[0], &moment) && arbor_moment_truncate (&moment, unit))
    set_moment (&moment, scope, result);
}

gboolean
arbor_moment_add (ArborMoment *self, gint64 n, const ArborUnit *unit)
{
  gint64 seconds;

  if (unit->months > 0)
    return n >= -G_MAXINT32 && n <= G_MAXINT32 && arbor_moment_add_months (self, n * unit->months);
  if (__builtin_mul_overflow (n, (gint64)unit->seconds, &seconds) ||
      __builtin_add_overflow (seconds, arbor_moment_get_local_seconds (self), &seconds) ||
      !arbor_moment_set_local_seconds (self, seconds))
    return FALSE;
  self->has_time |= unit->seconds < 86400;
  return TRUE;
}

ARBOR_FUNCTION (date_add)
{
  const ArborUnit *unit = arbor_unit_find (&arguments[2]);
  ArborMoment moment;
  gint64 n;

  *result = ARBOR_VALUE_NULL;
  if (unit != NULL && get_moment (&arguments[0], &moment) &&
      arbor_function_get_integer (&arguments[1], &n) && arbor_moment_add (&moment, n, unit))
    set_moment (&moment, scope, result);
}

/* Whole months from @b to @a, both on the clock of @b: the most that can be added to @b without
 * passing @a. */
static gint64
count_months (const ArborMoment *a, const ArborMoment *b)
{
  gint64 seconds = arbor_moment_get_seconds (a) + (gint64)b->offset * 60;
  gint64 own = arbor_moment_get_local_seconds (b);
  gboolean is_later = seconds > own || (seconds == own && a->nanosecond >= b->nanosecond);
  ArborMoment local = *a;
  ArborMoment moved = *b;
  gint64 months, order;

  if (!arbor_moment_set_local_seconds (&local, seconds))
    local = *a; /* at the ends of the years: half a day does not matter for the first guess */
  months = (local.year - b->year) * 12 + local.month - b->month;
  if (!arbor_moment_add_months (&moved, months))
    return months;

  order = arbor_moment_get_local_seconds (&moved) - seconds;
  if (order == 0)
    order = b->nanosecond - a->nanosecond;
  if (is_later && order > 0)
    months--;
  else if (!is_later && order < 0)
    months++;
  return months;
}

gint64
arbor_moment_count (const ArborMoment *a, const ArborMoment *b, const ArborUnit *unit)
{
  __int128 nanoseconds;

  if (unit->months > 0)
    return count_months (a, b) / unit->months;
  if (a->nanosecond == b->nanosecond)
    return (arbor_moment_get_seconds (a) - arbor_moment_get_seconds (b)) / unit->seconds;
  nanoseconds = (__int128)(arbor_moment_get_seconds (a) - arbor_moment_get_seconds (b)) * 1000000000 + a->nanosecond -
                b->nanosecond;
  return (gint64)(nanoseconds / ((__int128)unit->seconds * 1000000000));
}

ARBOR_FUNCTION (date_diff)
{
  const ArborUnit *unit = arbor_unit_find (&arguments[2]);
  ArborMoment a, b;

  if (unit != NULL && get_moment (&arguments[0], &a) && get_moment (&arguments[1], &b))
    *result = ARBOR_VALUE_INT64 (arbor_moment_count (&a, &b, unit));
  else
    *result = ARBOR_VALUE_NULL;
}
