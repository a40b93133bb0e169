/* Dates over series of strings: each is read as the row code reads it, and nothing around that. What is
 * computed of moments reads them part by part (arbor-series-moments.h); what is written again as text, one
 * by one, after one look at the shape.
 */

#include "query/series/arbor-series-moments.h"
#include "query/series/arbor-series-numbers.h"
#include "query/series/arbor-series-strings.h"

#include "query/expr/arbor-function-moment.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"

#include "base/arbor-simd.h"

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

/* Where there is a moment; the other places are as their strings. */
ARBOR_TARGET_CLONES
static void
set_kinds (const guint8 *is_one, guint32 n, guint8 *kind)
{
  for (guint32 i = 0; i < n; i++)
    kind[i] = is_one[i] != 0 ? ARBOR_KIND_INT64 : ARBOR_KIND_NULL;
}

static guint8 *
list_kinds (const ArborSeriesCall *call, const ArborSeriesMoments *moments,
            const ArborSeries *strings, guint8 *kind)
{
  set_kinds (moments->is_one, call->n, kind);
  for (guint32 i = 0; arbor_series_has_open (strings) && i < call->n; i++)
    if (arbor_series_get_kind (strings, i) == ARBOR_KIND_OPEN)
      kind[i] = ARBOR_KIND_OPEN;
  return kind;
}

/* Whole numbers made of @from, which is @part. */
#define DEFINE_LOOP(name, expression)                                                              \
  ARBOR_TARGET_CLONES static void list_##name (const gint32 *from, const guint8 *is_one,           \
                                               guint32 n, guint64 *words)                          \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      {                                                                                            \
        gint32 part = from[i];                                                                     \
                                                                                                   \
        words[i] = (guint64) (gint64) (expression) & (0 - (guint64) is_one[i]);                    \
      }                                                                                            \
  }

DEFINE_LOOP (part, part)
DEFINE_LOOP (quarter, (part + 2) / 3)
/* As arbor_moment_get_weekday. */
DEFINE_LOOP (weekday, (gint32) ((guint32) (part + 7 * 146097 + 3) % 7))

typedef void (*ListWords) (const gint32 *from, const guint8 *is_one, guint32 n, guint64 *words);

/* From the part at @offset of the moments; G_MAXSIZE: from days. */
static gboolean
call_part (const ArborSeriesCall *call, gsize offset, ListWords list, ArborSeries *result)
{
  ArborSeriesMoments moments;
  ArborSeries strings;
  const gint32 *from;
  guint64 *words;

  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  words = arbor_series_call_new_words (call, TRUE, result);
  arbor_series_moments_init (&moments, call, &strings);
  from = offset == G_MAXSIZE ? arbor_series_moments_list_days (&moments, call)
                             : G_STRUCT_MEMBER (gint32 *, &moments, offset);
  list (from, moments.is_one, call->n, words);
  list_kinds (call, &moments, &strings, (guint8 *) result->kind);
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

#define DEFINE_PART(name, part, list)                                                              \
  ARBOR_SERIES (name)                                                                              \
  {                                                                                                \
    return call_part (call, G_STRUCT_OFFSET (ArborSeriesMoments, part), list, result);             \
  }

DEFINE_PART (year, years, list_part)
DEFINE_PART (month, months, list_part)
DEFINE_PART (day, days, list_part)
DEFINE_PART (hour, hours, list_part)
DEFINE_PART (minute, minutes, list_part)
DEFINE_PART (second, seconds, list_part)
DEFINE_PART (quarter, months, list_quarter)

ARBOR_SERIES (weekday)
{
  return call_part (call, G_MAXSIZE, list_weekday, result);
}

static gboolean
call_week (const ArborSeriesCall *call, int (*get) (const ArborMoment *), ArborSeries *result)
{
  ArborSeriesMoments moments;
  ArborSeries strings;
  guint64 *words;

  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  words = arbor_series_call_new_words (call, TRUE, result);
  arbor_series_moments_init (&moments, call, &strings);
  for (guint32 i = 0; i < call->n; i++)
    {
      const ArborMoment day = {
        .year = moments.years[i], .month = moments.months[i], .day = moments.days[i]
      };

      words[i] = moments.is_one[i] != 0 ? (guint64) (gint64) get (&day) : 0;
    }
  list_kinds (call, &moments, &strings, (guint8 *) result->kind);
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

ARBOR_SERIES (week_year)
{
  return call_week (call, arbor_moment_get_week_year, result);
}

ARBOR_SERIES (week)
{
  return call_week (call, arbor_moment_get_week, result);
}

ARBOR_SERIES (epoch)
{
  ArborSeriesMoments moments;
  ArborSeries strings;
  gint64 *seconds;
  guint64 *words;
  guint8 *kind;

  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  words = arbor_series_call_new_words (call, TRUE, result);
  kind = (guint8 *) result->kind;
  arbor_series_moments_init (&moments, call, &strings);
  seconds = arbor_series_moments_list_seconds (&moments, call);
  memcpy (words, seconds, (gsize) call->n * sizeof *words);
  list_kinds (call, &moments, &strings, kind);
  for (guint32 i = 0; moments.has_fractions && i < call->n; i++)
    {
      ArborValue value;
      ArborMoment moment;

      if (moments.is_one[i] == 0)
        continue;
      arbor_series_moments_get (&moments, i, &moment);
      arbor_moment_get_epoch (&moment, &value);
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

/* A side of a difference. */
typedef struct
{
  ArborSeries strings;
  gboolean is_constant;
  gboolean is_one;       /* the constant */
  ArborMoment constant;
  ArborSeriesMoments moments; /* else */
} Side;

static gboolean
side_init (Side *self, const ArborSeriesCall *call, guint argument)
{
  const ArborValue *constant = arbor_series_call_get_constant (call, argument);

  *self = (Side){ .is_constant = constant != NULL && constant->kind == ARBOR_KIND_STRING };
  if (self->is_constant)
    {
      self->is_one = arbor_moment_parse (&self->constant, constant->text, constant->length);
      return TRUE;
    }
  if (!arbor_series_to_strings (&call->arguments[argument], call->arrays, &self->strings))
    return FALSE;
  arbor_series_moments_init (&self->moments, call, &self->strings);
  return TRUE;
}

ARBOR_TARGET_CLONES
static void
and_kinds (const guint8 *is_one, guint32 n, guint8 *kind)
{
  for (guint32 i = 0; is_one == NULL && i < n; i++)
    kind[i] = kind[i] == ARBOR_KIND_OPEN ? ARBOR_KIND_OPEN : ARBOR_KIND_NULL;
  for (guint32 i = 0; is_one != NULL && i < n; i++)
    kind[i] = kind[i] == ARBOR_KIND_INT64 && is_one[i] == 0 ? ARBOR_KIND_NULL : kind[i];
}

/* INT64 where both sides are moments, OPEN where one is open, else null. */
static void
side_set_kinds (const Side *self, const ArborSeriesCall *call, gboolean is_first, guint8 *kind)
{
  if (is_first)
    memset (kind, ARBOR_KIND_INT64, call->n);
  if (self->is_constant && !self->is_one)
    and_kinds (NULL, call->n, kind);
  if (self->is_constant)
    return;
  and_kinds (self->moments.is_one, call->n, kind);
  for (guint32 i = 0; arbor_series_has_open (&self->strings) && i < call->n; i++)
    if (arbor_series_get_kind (&self->strings, i) == ARBOR_KIND_OPEN)
      kind[i] = ARBOR_KIND_OPEN;
}

static gboolean
side_has_fractions (const Side *self)
{
  return self->is_constant ? self->constant.nanosecond != 0 : self->moments.has_fractions;
}

static gint64 *
side_list_seconds (const Side *self, const ArborSeriesCall *call)
{
  gint64 *seconds, constant;

  if (!self->is_constant)
    return arbor_series_moments_list_seconds (&self->moments, call);
  seconds = arbor_series_call_new_array (call, sizeof *seconds);
  constant = self->is_one ? arbor_moment_get_seconds (&self->constant) : 0;
  for (guint32 i = 0; i < call->n; i++)
    seconds[i] = constant;
  return seconds;
}

static gint32 *
side_list_days (const Side *self, const ArborSeriesCall *call)
{
  gint32 *days, constant;

  if (!self->is_constant)
    return arbor_series_moments_list_days (&self->moments, call);
  days = arbor_series_call_new_array (call, sizeof *days);
  constant = self->is_one ? (gint32) arbor_moment_get_days (&self->constant) : 0;
  for (guint32 i = 0; i < call->n; i++)
    days[i] = constant;
  return days;
}

ARBOR_TARGET_CLONES
static void
subtract (const gint32 *a, const gint32 *b, guint32 n, guint64 *words)
{
  for (guint32 i = 0; i < n; i++)
    words[i] = (guint64) ((gint64) a[i] - b[i]);
}

/* Nothing is there where there is no number. */
ARBOR_TARGET_CLONES
static void
clear_others (const guint8 *kind, guint32 n, guint64 *words)
{
  for (guint32 i = 0; i < n; i++)
    words[i] = kind[i] == ARBOR_KIND_INT64 ? words[i] : 0;
}

static void
side_get (const Side *self, guint32 i, ArborMoment *moment)
{
  if (self->is_constant)
    *moment = self->constant;
  else
    arbor_series_moments_get (&self->moments, i, moment);
}

/* Days are next to all that anyone asks for: a division by a number that is known is a product. */
static void
count_seconds (const gint64 *a, const gint64 *b, guint32 n, gint64 unit, guint64 *words)
{
  if (unit == 86400)
    for (guint32 i = 0; i < n; i++)
      words[i] = (guint64) ((a[i] - b[i]) / 86400);
  else
    for (guint32 i = 0; i < n; i++)
      words[i] = (guint64) ((a[i] - b[i]) / unit);
}

static gboolean
side_is_dates (const Side *self)
{
  return self->is_constant ? !self->constant.has_time : !self->moments.has_clocks;
}

/* Between dates, whole days. */
static void
count_days (const Side *x, const Side *y, const ArborSeriesCall *call, guint64 *words)
{
  gint32 *a = side_list_days (x, call), *b = side_list_days (y, call);

  subtract (a, b, call->n, words);
}

static void
count_units (const Side *x, const Side *y, const ArborUnit *unit, const guint8 *kind, guint32 n,
             guint64 *words)
{
  for (guint32 i = 0; i < n; i++)
    {
      ArborMoment a, b;

      if (kind[i] != ARBOR_KIND_INT64)
        continue;
      side_get (x, i, &a);
      side_get (y, i, &b);
      words[i] = (guint64) arbor_moment_count (&a, &b, unit);
    }
}

ARBOR_SERIES (date_diff)
{
  const ArborUnit *unit = get_unit (call, 2);
  guint64 *words;
  guint8 *kind;
  Side x, y;

  if (unit == NULL || !side_init (&x, call, 0) || !side_init (&y, call, 1))
    return FALSE;
  words = arbor_series_call_new_words (call, TRUE, result);
  kind = (guint8 *) result->kind;
  side_set_kinds (&x, call, TRUE, kind);
  side_set_kinds (&y, call, FALSE, kind);
  if (unit->seconds == 86400 && side_is_dates (&x) && side_is_dates (&y))
    count_days (&x, &y, call, words);
  else if (unit->months == 0 && !side_has_fractions (&x) && !side_has_fractions (&y))
    count_seconds (side_list_seconds (&x, call), side_list_seconds (&y, call), call->n, unit->seconds,
                   words);
  else
    count_units (&x, &y, unit, kind, call->n, words);
  clear_others (kind, call->n, words);
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}
