/* See arbor-series-moments.h. The texts are loaded first, each by one who knows how long it is; what comes
 * then is the same for all of them, and the compiler makes it wide.
 */

#include "query/series/arbor-series-moments.h"

#include "base/arbor-simd.h"

#define HIGH_BITS G_GUINT64_CONSTANT (0x8080808080808080)
#define THOUSANDTHS        G_GUINT64_CONSTANT (0x303030) /* 000 */
#define THOUSANDTHS_LIMITS G_GUINT64_CONSTANT (0x767676)

/* What is loaded of the texts. */
typedef struct
{
  guint32 *heads;   /* the two digits of centuries */
  guint64 *dates;   /* 00-00-00, the year's last two first */
  guint64 *clocks;  /* 00:00:00 */
  guint64 *tails;   /* three digits behind the point */
  guint8 *is_shape; /* what lies between these is as it has to be */
} Loaded;

/* What a text may be, by its length. */
enum
{
  OTHER,
  DATE,
  CLOCK,
  CLOCK_Z,
  THOUSANDTHS_Z,
  N_CLASSES
};

#define MAX_LENGTH 31u
static const guint8 class_of_length[MAX_LENGTH + 1] = {
  [10] = DATE, [19] = CLOCK, [20] = CLOCK_Z, [24] = THOUSANDTHS_Z
};

/* What stands for the rest of a shorter text, and for what is none: there is no month 0. */
static const char nothing[24] = "0000-00-00T00:00:00.000Z";

static inline guint64
load_eight (const char *text)
{
  guint64 word;

  memcpy (&word, text, sizeof word);
  return GUINT64_FROM_LE (word);
}

/* Lists them; returns which there are, a bit each. */
static guint32
list_classes (const ArborSeries *strings, guint8 *classes)
{
  guint32 all = 0;

  for (guint32 i = 0; i < strings->n; i++)
    {
      classes[i] = class_of_length[MIN (strings->strings[i].length, MAX_LENGTH)];
      all |= 1u << classes[i];
    }
  for (guint32 i = 0; strings->kind != NULL && i < strings->n; i++)
    classes[i] = strings->kind[i] == ARBOR_KIND_STRING ? classes[i] : OTHER;
  return all;
}

/* The one or the other, without a jump: which texts are there is as good as random. */
static inline const char *
choose (gboolean is_there, const char *text)
{
  guintptr mask = 0 - (guintptr) (is_there != 0);

  return (const char *) (((guintptr) text & mask) | ((guintptr) nothing & ~mask));
}

static void
load_dates (Loaded *self, const ArborSeries *strings, const guint8 *classes)
{
  for (guint32 i = 0; i < strings->n; i++)
    {
      const char *text = choose (classes[i] != OTHER, strings->strings[i].bytes);
      guint16 head;

      memcpy (&head, text, sizeof head);
      self->heads[i] = GUINT16_FROM_LE (head);
      self->dates[i] = load_eight (text + 2);
      self->is_shape[i] = classes[i] != OTHER;
    }
}

static void
load_clocks (Loaded *self, const ArborSeries *strings, const guint8 *classes)
{
  /* Where the Z is, of those that have one. */
  static const guint8 ends[N_CLASSES] = { 23, 23, 23, 19, 23 };

  for (guint32 i = 0; i < strings->n; i++)
    {
      guint8 class = classes[i];
      const char *text = choose (class >= CLOCK, strings->strings[i].bytes);
      const char *end = choose (class >= CLOCK_Z, text);

      self->clocks[i] = load_eight (text + 11);
      self->is_shape[i] &=
          (guint8) (((text[10] == 'T') | (text[10] == ' ')) & (end[ends[class]] == 'Z'));
    }
}

static void
load_tails (Loaded *self, const ArborSeries *strings, const guint8 *classes)
{
  for (guint32 i = 0; i < strings->n; i++)
    {
      const char *text = choose (classes[i] == THOUSANDTHS_Z, strings->strings[i].bytes);

      self->tails[i] = load_eight (text + 16) >> 32 & 0xFFFFFF;
      self->is_shape[i] &= text[19] == '.';
    }
}

/* Reading */

/* Three pairs of digits, and whether something else is there. */
ARBOR_TARGET_CLONES
static void
read_pairs (const guint64 *texts, guint64 zeros, guint32 n, gint32 *a, gint32 *b, gint32 *c,
            guint32 *bad)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint64 digits = texts[i] ^ zeros;
      guint64 over = ((digits + ARBOR_CALENDAR_LIMITS) | digits) & HIGH_BITS;
      guint64 pairs = arbor_calendar_join_pairs (digits);

      a[i] = (gint32) (pairs & 0xFF);
      b[i] = (gint32) (pairs >> 24 & 0xFF);
      c[i] = (gint32) (pairs >> 48 & 0xFF);
      bad[i] = (guint32) (over | over >> 32);
    }
}

/* Puts the centuries before the years. */
ARBOR_TARGET_CLONES
static void
check_dates (const guint32 *heads, const guint32 *bad, guint32 n, gint32 *years, const gint32 *months,
             const gint32 *days, guint8 *is_one)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint32 thousands = (heads[i] & 0xFF) - '0', hundreds = (heads[i] >> 8) - '0';
      gint32 year = years[i] + (gint32) (thousands * 1000 + hundreds * 100);
      gint32 month = months[i];
      gint32 is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0));
      gint32 most = month == 2 ? 28 + is_leap : 30 + ((month + (month >> 3)) & 1);

      years[i] = year;
      is_one[i] &= (bad[i] == 0) & (thousands <= 9) & (hundreds <= 9) & (month >= 1) & (month <= 12) &
                   (days[i] >= 1) & (days[i] <= most);
    }
}

/* A leap second takes a closer look. */
ARBOR_TARGET_CLONES
static void
check_clocks (const guint32 *bad, guint32 n, const gint32 *hours, const gint32 *minutes,
              const gint32 *seconds, guint8 *is_one)
{
  for (guint32 i = 0; i < n; i++)
    is_one[i] &= (bad[i] == 0) & (hours[i] <= 23) & (minutes[i] <= 59) & (seconds[i] <= 59);
}

ARBOR_TARGET_CLONES
static void
read_thousandths (const guint64 *tails, guint32 n, gint32 *thousandths, guint8 *is_one)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint32 digits = (guint32) (tails[i] ^ THOUSANDTHS);
      guint32 over = ((digits + (guint32) THOUSANDTHS_LIMITS) | digits) & 0x808080;

      thousandths[i] =
          (gint32) ((digits & 0xFF) * 100 + (digits >> 8 & 0xFF) * 10 + (digits >> 16 & 0xFF));
      is_one[i] &= over == 0;
    }
}

static void
set_moment (ArborSeriesMoments *self, guint32 i, const ArborMoment *moment)
{
  self->years[i] = moment->year;
  self->months[i] = moment->month;
  self->days[i] = moment->day;
  self->hours[i] = moment->hour;
  self->minutes[i] = moment->minute;
  self->seconds[i] = moment->second;
  self->thousandths[i] = moment->nanosecond / 1000000;
}

/* Strings that are none of those. */
ARBOR_TARGET_CLONES
static void
find_others (const guint8 *is_one, const guint8 *kind, const guint8 *wanted, guint32 n, guint8 *is_other)
{
  for (guint32 i = 0; i < n; i++)
    is_other[i] = is_one[i] == 0;
  for (guint32 i = 0; kind != NULL && i < n; i++)
    is_other[i] &= kind[i] == ARBOR_KIND_STRING;
  for (guint32 i = 0; wanted != NULL && i < n; i++)
    is_other[i] &= wanted[i] != 0;
}

/* What is not written as most are. */
static void
read_others (ArborSeriesMoments *self, const ArborSeriesCall *call, const ArborSeries *strings)
{
  guint8 *is_other = arbor_series_call_new_array (call, 1);
  const guint8 *next;

  find_others (self->is_one, strings->kind, call->wanted, self->n, is_other);
  for (guint32 i = 0; (next = memchr (is_other + i, 1, self->n - i)) != NULL; i++)
    {
      ArborMoment moment = { 0 };

      i = (guint32) (next - is_other);
      if (!arbor_moment_parse (&moment, strings->strings[i].bytes, strings->strings[i].length))
        continue;
      self->is_one[i] = TRUE;
      set_moment (self, i, &moment);
      self->has_clocks |= moment.has_time;
      self->has_fractions |= moment.nanosecond != 0;
      if (moment.offset == 0 && moment.nanosecond % 1000000 == 0)
        continue;
      if (self->others == NULL)
        self->others = arbor_scope_alloc (call->arrays, (gsize) (self->n - i) * sizeof *self->others);
      self->others[self->n_others++] = (ArborOtherMoment){ i, moment };
    }
}

static gint32 *
new_part (const ArborSeriesCall *call)
{
  return arbor_series_call_new_array (call, sizeof (gint32));
}

void
arbor_series_moments_init (ArborSeriesMoments *self, const ArborSeriesCall *call,
                           const ArborSeries *strings)
{
  Loaded loaded = { .heads = arbor_series_call_new_array (call, sizeof (guint32)),
                    .dates = arbor_series_call_new_array (call, sizeof (guint64)),
                    .clocks = arbor_series_call_new_array (call, sizeof (guint64)),
                    .tails = arbor_series_call_new_array (call, sizeof (guint64)),
                    .is_shape = arbor_series_call_new_array (call, 1) };
  guint32 *bad = arbor_series_call_new_array (call, sizeof *bad);
  gsize size = (gsize) call->n * sizeof (gint32);
  guint8 *classes = arbor_series_call_new_array (call, 1);
  guint32 all;

  *self = (ArborSeriesMoments){ .n = call->n,
                                .is_one = loaded.is_shape,
                                .years = new_part (call),
                                .months = new_part (call),
                                .days = new_part (call),
                                .hours = new_part (call),
                                .minutes = new_part (call),
                                .seconds = new_part (call),
                                .thousandths = new_part (call) };
  all = list_classes (strings, classes);
  self->has_clocks = all >> CLOCK != 0;
  self->has_fractions = all >> THOUSANDTHS_Z != 0;
  load_dates (&loaded, strings, classes);
  read_pairs (loaded.dates, ARBOR_CALENDAR_DATE, self->n, self->years, self->months, self->days, bad);
  check_dates (loaded.heads, bad, self->n, self->years, self->months, self->days, self->is_one);
  memset (self->thousandths, 0, size);
  if (!self->has_clocks)
    {
      memset (self->hours, 0, size);
      memset (self->minutes, 0, size);
      memset (self->seconds, 0, size);
    }
  else
    {
      load_clocks (&loaded, strings, classes);
      read_pairs (loaded.clocks, ARBOR_CALENDAR_CLOCK, self->n, self->hours, self->minutes,
                  self->seconds, bad);
      check_clocks (bad, self->n, self->hours, self->minutes, self->seconds, self->is_one);
    }
  if (self->has_fractions)
    {
      load_tails (&loaded, strings, classes);
      read_thousandths (loaded.tails, self->n, self->thousandths, self->is_one);
    }
  read_others (self, call, strings);
}

ARBOR_TARGET_CLONES
static void
list_days (const gint32 *years, const gint32 *months, const gint32 *days, guint32 n, gint32 *out)
{
  for (guint32 i = 0; i < n; i++)
    {
      /* As arbor_calendar_get_days. */
      gint32 ends = months[i] <= 2;
      guint32 shifted = (guint32) (years[i] - ends + 400);
      guint32 centuries = shifted / 100;
      guint32 month = (guint32) (months[i] + (ends ? 9 : -3));
      gint32 in_year = (gint32) ((153 * month + 2) / 5) + days[i] - 1;

      out[i] = (gint32) (shifted * 365 + shifted / 4 - centuries + centuries / 4) + in_year -
               (719468 + 146097);
    }
}

gint32 *
arbor_series_moments_list_days (const ArborSeriesMoments *self, const ArborSeriesCall *call)
{
  gint32 *days = new_part (call);

  list_days (self->years, self->months, self->days, self->n, days);
  return days;
}

ARBOR_TARGET_CLONES
static void
list_seconds (const gint32 *days, const ArborSeriesMoments *self, gint64 *out)
{
  const gint32 *hours = self->hours, *minutes = self->minutes, *seconds = self->seconds;

  for (guint32 i = 0; i < self->n; i++)
    out[i] = ((gint64) days[i] * 86400 + (hours[i] * 3600 + minutes[i] * 60 + seconds[i])) &
             (0 - (gint64) self->is_one[i]);
}

gint64 *
arbor_series_moments_list_seconds (const ArborSeriesMoments *self, const ArborSeriesCall *call)
{
  gint64 *seconds = arbor_series_call_new_array (call, sizeof *seconds);

  list_seconds (arbor_series_moments_list_days (self, call), self, seconds);
  for (guint32 i = 0; i < self->n_others; i++)
    seconds[self->others[i].place] = arbor_moment_get_seconds (&self->others[i].moment);
  return seconds;
}

void
arbor_series_moments_get (const ArborSeriesMoments *self, guint32 i, ArborMoment *moment)
{
  guint32 low = 0, high = self->n_others;

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (self->others[middle].place < i)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < self->n_others && self->others[low].place == i)
    *moment = self->others[low].moment;
  else
    *moment = (ArborMoment){ .year = self->years[i],
                             .month = self->months[i],
                             .day = self->days[i],
                             .hour = self->hours[i],
                             .minute = self->minutes[i],
                             .second = self->seconds[i],
                             .nanosecond = self->thousandths[i] * 1000000 };
}
