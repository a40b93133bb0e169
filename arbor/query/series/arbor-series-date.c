/* Dates over series of strings: each is read as the row code reads it, and nothing around that. Of those
 * that are written as most are only what a loop looks at is made, after one look at the shape.
 */

#include "query/series/arbor-series-numbers.h"
#include "query/series/arbor-series-strings.h"

#include "query/expr/arbor-function-moment.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"

/* The moment that most loops have must have no address outside, or all of it would be made. */
static inline gboolean
get_moment (const ArborSeriesCall *call, const ArborSeries *strings, guint32 i, ArborMoment *moment)
{
  const ArborString *string = &strings->strings[i];
  ArborMoment other;

  if (!arbor_strings_has (call, strings, i))
    return FALSE;
  if (arbor_moment_parse_fixed (moment, string->bytes, string->length))
    return TRUE;
  if (!arbor_moment_parse (&other, string->bytes, string->length))
    return FALSE;
  *moment = other;
  return TRUE;
}

static inline guint8
get_other_kind (const ArborSeries *strings, guint32 i)
{
  return arbor_series_get_kind (strings, i) == ARBOR_KIND_OPEN ? ARBOR_KIND_OPEN : ARBOR_KIND_NULL;
}

/* @part of @moment is a whole number. */
#define DEFINE_PART(name, part)                                                                    \
  ARBOR_SERIES (name)                                                                              \
  {                                                                                                \
    ArborSeries strings;                                                                           \
    guint64 *words;                                                                                \
    guint8 *kind;                                                                                  \
                                                                                                   \
    if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))                    \
      return FALSE;                                                                                \
    words = arbor_series_call_new_words (call, TRUE, result);                                      \
    kind = (guint8 *) result->kind;                                                                \
    for (guint32 i = 0; i < call->n; i++)                                                          \
      {                                                                                            \
        ArborMoment moment;                                                                        \
        gboolean is_one = get_moment (call, &strings, i, &moment);                                 \
                                                                                                   \
        words[i] = is_one ? (guint64) (gint64) (part) : 0;                                         \
        kind[i] = is_one ? ARBOR_KIND_INT64 : get_other_kind (&strings, i);                        \
      }                                                                                            \
    arbor_series_call_finish_kinds (call, result);                                                 \
    return TRUE;                                                                                   \
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

ARBOR_SERIES (epoch)
{
  ArborSeries strings;
  guint64 *words;
  guint8 *kind;

  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  words = arbor_series_call_new_words (call, TRUE, result);
  kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborValue value = { .kind = get_other_kind (&strings, i) };
      ArborMoment moment;

      if (get_moment (call, &strings, i, &moment))
        {
          if (moment.nanosecond == 0)
            {
              value.kind = ARBOR_KIND_INT64;
              value.uint64 = (guint64) arbor_moment_get_seconds (&moment);
            }
          else
            {
              ArborMoment copy = moment;

              arbor_moment_get_epoch (&copy, &value);
            }
        }
      words[i] = value.uint64;
      kind[i] = value.kind;
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

/* Moments that are written again, in a text of their own each. */

typedef struct
{
  ArborSeries strings;
  ArborString *out;
  guint8 *kind;
  char *room;
  gsize n_room;
} Writer;

static gboolean
writer_init (Writer *self, const ArborSeriesCall *call, ArborSeries *result)
{
  *self = (Writer){ 0 };
  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &self->strings))
    return FALSE;
  self->out = arbor_series_call_new_strings (call, TRUE, result);
  self->kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      self->out[i] = (ArborString){ "", 0 };
      self->kind[i] = get_other_kind (&self->strings, i);
    }
  return TRUE;
}

static void
writer_put (Writer *self, const ArborSeriesCall *call, guint32 i, const ArborMoment *moment)
{
  gsize n;

  if (self->n_room < ARBOR_MOMENT_SIZE)
    {
      self->n_room = MIN (call->bound, (gsize) (call->n - i) * ARBOR_MOMENT_SIZE);
      self->room = arbor_series_call_new_text (call, self->n_room);
      if (self->room == NULL)
        self->n_room = 0;
    }
  if (self->n_room < ARBOR_MOMENT_SIZE)
    {
      self->kind[i] = ARBOR_KIND_OPEN;
      return;
    }
  n = arbor_moment_format (moment, self->room);
  self->out[i] = (ArborString){ self->room, (guint32) n };
  self->kind[i] = ARBOR_KIND_STRING;
  self->room += n;
  self->n_room -= n;
}

static const ArborUnit *
get_unit (const ArborSeriesCall *call, guint argument)
{
  const ArborValue *name = arbor_series_call_get_constant (call, argument);

  return name != NULL ? arbor_unit_find (name) : NULL;
}

ARBOR_SERIES (date_truncate)
{
  const ArborUnit *unit = get_unit (call, 1);
  Writer writer;

  if (unit == NULL || !writer_init (&writer, call, result))
    return FALSE;
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborMoment moment;

      if (get_moment (call, &writer.strings, i, &moment) && arbor_moment_truncate (&moment, unit))
        writer_put (&writer, call, i, &moment);
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

ARBOR_SERIES (date_add)
{
  const ArborUnit *unit = get_unit (call, 2);
  ArborNumberSeries numbers;
  const guint8 *kind;
  Writer writer;

  if (unit == NULL || !arbor_number_series_init (&numbers, call, &call->arguments[1]) ||
      !writer_init (&writer, call, result))
    return FALSE;
  kind = arbor_number_series_list_kinds (&numbers, call);
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborValue number = { .kind = kind[i], .uint64 = numbers.words[i] };
      ArborMoment moment;
      gint64 n;

      if (number.kind == ARBOR_KIND_OPEN)
        writer.kind[i] = ARBOR_KIND_OPEN;
      else if (arbor_function_get_integer (&number, &n) &&
               get_moment (call, &writer.strings, i, &moment) &&
               arbor_moment_add (&moment, n, unit))
        writer_put (&writer, call, i, &moment);
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

static inline gint64
count_units (const ArborMoment *a, const ArborMoment *b, const ArborUnit *unit)
{
  gint64 seconds = arbor_moment_get_seconds (a) - arbor_moment_get_seconds (b);
  ArborMoment x, y;

  if (unit->months == 0 && a->nanosecond == b->nanosecond)
    return unit->seconds == 86400 ? seconds / 86400 : seconds / unit->seconds;
  x = *a;
  y = *b;
  return arbor_moment_count (&x, &y, unit);
}

ARBOR_SERIES (date_diff)
{
  const ArborUnit *unit = get_unit (call, 2);
  ArborMoment fixed = { 0 };
  gboolean is_constant, is_b = FALSE;
  ArborSeries x, y;
  guint64 *words;
  guint8 *kind;

  if (unit == NULL || !arbor_series_to_strings (&call->arguments[0], call->arrays, &x) ||
      !arbor_series_to_strings (&call->arguments[1], call->arrays, &y))
    return FALSE;
  is_constant = arbor_series_call_get_constant (call, 1) != NULL &&
                y.kinds == ARBOR_KINDS (ARBOR_KIND_STRING) && call->n > 0;
  if (is_constant)
    is_b = arbor_moment_parse (&fixed, y.strings[0].bytes, y.strings[0].length);
  words = arbor_series_call_new_words (call, TRUE, result);
  kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      ArborMoment a, b = fixed;
      gboolean are_both = get_moment (call, &x, i, &a) &&
                          (is_constant ? is_b : get_moment (call, &y, i, &b));

      words[i] = are_both ? (guint64) count_units (&a, &b, unit) : 0;
      kind[i] = are_both ? ARBOR_KIND_INT64
                : get_other_kind (&x, i) == ARBOR_KIND_OPEN ? ARBOR_KIND_OPEN
                                                            : get_other_kind (&y, i);
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}
