/* Functions of dates: strings of RFC 3339 or ISO 8601 (arbor-function-calendar.h). Parts are those
 * of the local time as written. What is no such string gives null.
 */

#include "query/expr/arbor-function-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "query/expr/arbor-function-calendar.h"

/* A unit is so many months, or so many seconds. */
typedef struct
{
  const char *name;
  int months;
  int seconds;
} Unit;

static const Unit units[] = {
  { "year", 12, 0 },   { "quarter", 3, 0 }, { "month", 1, 0 },   { "week", 0, 604800 },
  { "day", 0, 86400 }, { "hour", 0, 3600 }, { "minute", 0, 60 }, { "second", 0, 1 },
};

/* "month" and "months"; NULL: there is no such unit. */
static const Unit *
find_unit (const ArborValue *name)
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

  if (name == NULL || find_unit (name) != NULL)
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

static gint64
get_seconds (const ArborMoment *moment)
{
  return arbor_moment_get_local_seconds (moment) - (gint64)moment->offset * 60;
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

ARBOR_FUNCTION (epoch)
{
  ArborMoment moment;

  if (!get_moment (arguments, &moment))
    *result = ARBOR_VALUE_NULL;
  else if (moment.nanosecond == 0)
    *result = ARBOR_VALUE_INT64 (get_seconds (&moment));
  else
    *result = ARBOR_VALUE_DOUBLE ((double)get_seconds (&moment) + (double)moment.nanosecond / 1e9);
}

ARBOR_FUNCTION (date_truncate)
{
  const Unit *unit = find_unit (&arguments[1]);
  ArborMoment moment;

  *result = ARBOR_VALUE_NULL;
  if (unit == NULL || !get_moment (&arguments[0], &moment))
    return;

  moment.nanosecond = moment.n_digits = 0;
  if (unit->months > 0)
    {
      moment.month -= (moment.month - 1) % unit->months;
      moment.day = 1;
      moment.hour = moment.minute = moment.second = 0;
    }
  else
    {
      /* Weeks are counted from a Monday. */
      gint64 seconds =
          arbor_moment_get_local_seconds (&moment) + (unit->seconds == 604800 ? 3 * 86400 : 0);
      gint64 rest = seconds % unit->seconds;

      rest += rest < 0 ? unit->seconds : 0;
      if (!arbor_moment_set_local_seconds (&moment,
                                           arbor_moment_get_local_seconds (&moment) - rest))
        return;
    }
  set_moment (&moment, scope, result);
}

ARBOR_FUNCTION (date_add)
{
  const Unit *unit = find_unit (&arguments[2]);
  ArborMoment moment;
  gint64 n, seconds;

  *result = ARBOR_VALUE_NULL;
  if (unit == NULL || !get_moment (&arguments[0], &moment) ||
      !arbor_function_get_integer (&arguments[1], &n))
    return;

  if (unit->months > 0)
    {
      if (n < -G_MAXINT32 || n > G_MAXINT32 || !arbor_moment_add_months (&moment, n * unit->months))
        return;
    }
  else
    {
      if (__builtin_mul_overflow (n, (gint64)unit->seconds, &seconds) ||
          __builtin_add_overflow (seconds, arbor_moment_get_local_seconds (&moment), &seconds) ||
          !arbor_moment_set_local_seconds (&moment, seconds))
        return;
      moment.has_time |= unit->seconds < 86400;
    }
  set_moment (&moment, scope, result);
}

/* Whole months from @b to @a, both on the clock of @b: the most that can be added to @b without
 * passing @a. */
static gint64
count_months (const ArborMoment *a, const ArborMoment *b)
{
  gint64 seconds = get_seconds (a) + (gint64)b->offset * 60;
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

ARBOR_FUNCTION (date_diff)
{
  const Unit *unit = find_unit (&arguments[2]);
  ArborMoment a, b;
  __int128 nanoseconds;

  *result = ARBOR_VALUE_NULL;
  if (unit == NULL || !get_moment (&arguments[0], &a) || !get_moment (&arguments[1], &b))
    return;

  if (unit->months > 0)
    {
      *result = ARBOR_VALUE_INT64 (count_months (&a, &b) / unit->months);
      return;
    }
  nanoseconds =
      (__int128)(get_seconds (&a) - get_seconds (&b)) * 1000000000 + a.nanosecond - b.nanosecond;
  *result = ARBOR_VALUE_INT64 ((gint64)(nanoseconds / ((__int128)unit->seconds * 1000000000)));
}
