/* Lanes of strings beside a string literal. See arbor-kernel-private.h.
 *
 * A dictionary is in order: where the strings that pass are neighbours, they are a range of codes,
 * found by bisection; else each distinct string is tested once. A lane without a dictionary is
 * walked with a running start, and where it is searched for a whole text, only the places where the
 * text was found are looked at.
 */

#include "query/series/arbor-kernel-private.h"

#include "base/arbor-bytes.h"

typedef struct
{
  const guint8 *spans;
  const guint8 *bytes;
  guint32 size; /* of bytes */
  guint32 n;
  guint width;
  guint32 index; /* of the string at hand */
  guint64 start;
  guint32 length;
} Walk;

static inline guint32
load_length (const Walk *self, guint32 i)
{
  guint16 two;

  if (self->width == 1)
    return self->spans[i];
  if (self->width == 2)
    {
      memcpy (&two, self->spans + (gsize) i * 2, 2);
      return two;
    }
  return arbor_load_u32 (self->spans + (gsize) i * 4 + 4) -
         arbor_load_u32 (self->spans + (gsize) i * 4);
}

static void
walk_init (Walk *self, const ArborLane *lane)
{
  *self = (Walk){ .spans = lane->b,
                  .bytes = lane->a,
                  .size = lane->record->size_a,
                  .n = lane->count,
                  .width = lane->record->span_width };
  self->length = load_length (self, 0);
}

/* Damaged spans may lead outside: then there is nothing. */
static inline const char *
walk_get (const Walk *self, guint32 *length)
{
  gboolean is_inside = self->start + self->length <= self->size;

  *length = is_inside ? self->length : 0;
  return (const char *) self->bytes + (is_inside ? self->start : 0);
}

static inline void
walk_next (Walk *self)
{
  self->start += self->length;
  self->index++;
  if (self->index < self->n)
    self->length = load_length (self, self->index);
}

/* Moves to the string that begins at or before @place and ends after it. FALSE: there is none. */
static inline gboolean
walk_to (Walk *self, guint32 place)
{
  while (self->index < self->n && self->start + self->length <= place)
    walk_next (self);
  return self->index < self->n && self->start <= place;
}

/* Up to eight bytes of the literal as one word: its first ones, the most significant first, or its
 * last ones. Most strings of eight bytes or more are told apart by that. */
typedef struct
{
  guint64 word;
  guint64 mask;
} Edge;

static Edge
get_edge (const ArborValue *literal, gboolean is_last)
{
  guint32 n = MIN (literal->length, 8);
  const char *from = literal->text + (is_last ? literal->length - n : 0);
  Edge edge = { 0 };

  for (guint32 i = 0; i < n; i++)
    {
      guint shift = is_last ? 64 - 8 * (n - i) : 56 - 8 * i;

      edge.word |= (guint64) (guint8) from[i] << shift;
      edge.mask |= G_GUINT64_CONSTANT (0xFF) << shift;
    }
  return edge;
}

static inline gboolean
begins_with (const char *text, guint32 length, const char *start, guint32 n)
{
  return length >= n && memcmp (text, start, n) == 0;
}

/* Whether one string passes: for distinct ones, and for walks. */
static inline gboolean
passes (guint8 kind, guint8 comparison, const char *text, guint32 length, const ArborValue *literal)
{
  guint32 n = literal->length;

  switch (kind)
    {
    case ARBOR_KERNEL_STARTS_WITH:
      return begins_with (text, length, literal->text, n);
    case ARBOR_KERNEL_ENDS_WITH:
      return length >= n && memcmp (text + length - n, literal->text, n) == 0;
    case ARBOR_KERNEL_CONTAINS:
      return n == 0 || memmem (text, length, literal->text, n) != NULL;
    default:
      return arbor_comparison_test ((ArborComparison) comparison,
                                    arbor_bytes_compare (text, length, literal->text, n));
    }
}

/* Order */

/* How a string lies to those that pass: below (-1), among (0) or above them (1). For tests that
 * neighbours pass together: all but NE, ENDS_WITH and CONTAINS. */
static int
place (const ArborKernelPart *part, const char *text, guint32 length)
{
  const ArborValue *literal = part->literal;
  int order = arbor_bytes_compare (text, length, literal->text, literal->length);

  if (part->kind == ARBOR_KERNEL_STARTS_WITH)
    return begins_with (text, length, literal->text, literal->length) ? 0 : order;
  if (arbor_comparison_test ((ArborComparison) part->comparison, order))
    return 0;
  if (order != 0)
    return order;
  return part->comparison == ARBOR_COMPARISON_LT ? 1 : -1; /* the literal itself, for < and > */
}

static gboolean
passes_in_runs (const ArborKernelPart *part)
{
  return part->kind == ARBOR_KERNEL_STARTS_WITH ||
         (part->kind == ARBOR_KERNEL_COMPARE && part->comparison != ARBOR_COMPARISON_NE);
}

/* The first of the ascending strings that is not below (or, with @above, is above) those that pass. */
static guint32
bisect (const ArborKernelPart *part, const ArborLane *lane, gboolean above)
{
  guint32 low = 0;
  guint32 high = arbor_lane_get_n_strings (lane);

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;
      guint32 length;
      const char *text = arbor_lane_get_string (lane, middle, &length);

      if (place (part, text, length) < (above ? 1 : 0))
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

ArborLaneSays
arbor_kernel_weigh_strings (const ArborKernelPart *part, const ArborLane *lane)
{
  guint32 n, m;
  const char *least = arbor_lane_get_string (lane, (guint32) lane->record->min, &n);
  const char *most = arbor_lane_get_string (lane, (guint32) lane->record->max, &m);

  if (part->literal->length == 0 && part->kind != ARBOR_KERNEL_COMPARE)
    return ARBOR_LANE_SAYS_TRUE;
  if (passes_in_runs (part))
    {
      int from = place (part, least, n);
      int to = place (part, most, m);

      if (from == 0 && to == 0)
        return ARBOR_LANE_SAYS_TRUE;
      return from > 0 || to < 0 ? ARBOR_LANE_SAYS_FALSE : ARBOR_LANE_SAYS_BITS;
    }
  if (part->kind == ARBOR_KERNEL_COMPARE &&
      (arbor_bytes_compare (least, n, part->literal->text, part->literal->length) > 0 ||
       arbor_bytes_compare (most, m, part->literal->text, part->literal->length) < 0))
    return ARBOR_LANE_SAYS_TRUE; /* != what is not there */
  return ARBOR_LANE_SAYS_BITS;
}

/* Dictionaries */

static ArborLaneSays
read_dictionary (ArborKernelPart *part, const ArborLane *lane, ArborScope *scope,
                 ArborKernelCounters *counters, guint64 *bits)
{
  guint32 n = lane->record->n_distinct;
  guint8 *table;

  counters->n_bytes += lane->record->size_a + lane->record->size_b + lane->record->size_c;
  if (passes_in_runs (part))
    {
      guint32 first = bisect (part, lane, FALSE);
      guint32 end = bisect (part, lane, TRUE);

      if (first >= end)
        return ARBOR_LANE_SAYS_FALSE;
      if (lane->record->width == 0)
        return ARBOR_LANE_SAYS_TRUE;
      arbor_loop_range (lane->a, lane->record->width, lane->count, first, end - 1 - first, bits);
      return ARBOR_LANE_SAYS_BITS;
    }

  table = arbor_scope_alloc (scope, n);
  for (guint32 i = 0; i < n; i++)
    {
      guint32 length;
      const char *text = arbor_lane_get_string (lane, i, &length);

      table[i] = passes (part->kind, part->comparison, text, length, part->literal);
    }
  if (lane->record->width == 0)
    return table[0] ? ARBOR_LANE_SAYS_TRUE : ARBOR_LANE_SAYS_FALSE;
  arbor_loop_table (lane->a, lane->record->width, lane->count, table, n, bits);
  return ARBOR_LANE_SAYS_BITS;
}

/* Lanes without one */

/* The next @n strings, up to 64, beside the edge: those that are below it, and those that it does not tell
 * apart from the literal, or that are too short for it. Without jumps: how strings lie is as good as random. */
static inline __attribute__ ((always_inline)) void
walk_edge (Walk *walk, guint32 n, const Edge *edge, gboolean is_last, guint64 *below, guint64 *open)
{
  static const char none[8];

  *below = *open = 0;
  for (guint32 i = 0; i < n; i++)
    {
      gboolean is_long = walk->length >= 8 && walk->start + walk->length <= walk->size;
      const char *text = (const char *) walk->bytes + walk->start +
                         (is_last && is_long ? walk->length - 8 : 0);
      guint64 word;

      memcpy (&word, is_long ? text : none, 8);
      word = (is_last ? GUINT64_FROM_LE (word) : GUINT64_FROM_BE (word)) & edge->mask;
      *below |= (guint64) (word < edge->word) << i;
      *open |= (guint64) (!is_long || word == edge->word) << i;
      walk_next (walk);
    }
}

/* @kind and @comparison are constants: the loop is made for each of them. */
static inline __attribute__ ((always_inline)) void
walk_all (const ArborLane *lane, guint8 kind, guint8 comparison, const ArborValue *literal,
          guint64 *bits)
{
  gboolean is_last = kind == ARBOR_KERNEL_ENDS_WITH;
  Edge edge = get_edge (literal, is_last);
  Walk walk;

  walk_init (&walk, lane);
  while (walk.index < walk.n)
    {
      Walk again = walk;
      guint32 n = MIN (walk.n - walk.index, 64);
      guint64 below, open, passing = 0;

      walk_edge (&walk, n, &edge, is_last, &below, &open);
      if (kind == ARBOR_KERNEL_COMPARE)
        passing = (arbor_comparison_test ((ArborComparison) comparison, -1) ? below : 0) |
                  (arbor_comparison_test ((ArborComparison) comparison, 1) ? ~below : 0);
      passing &= ~open & (G_MAXUINT64 >> (64 - n));
      for (guint64 left = open; left != 0; left &= left - 1)
        {
          guint i = (guint) __builtin_ctzll (left);
          const char *text;
          guint32 length;

          while (again.index % 64 < i)
            walk_next (&again);
          text = walk_get (&again, &length);
          passing |= (guint64) passes (kind, comparison, text, length, literal) << i;
        }
      bits[(walk.index - 1) / 64] = passing;
    }
}

/* Strings in which the needle lies: whole, where it must be all of the string. */
static void
search (ArborNeedle *needle, const ArborLane *lane, gboolean is_whole, guint64 *bits)
{
  guint32 size = lane->record->size_a;
  guint32 at = 0;
  Walk walk;

  walk_init (&walk, lane);
  while ((at = arbor_needle_find (needle, lane->a, size, at)) < size && walk_to (&walk, at))
    {
      guint64 end = walk.start + walk.length;

      if (at + (guint64) needle->length <= end &&
          (!is_whole || (walk.start == at && walk.length == needle->length)))
        {
          arbor_bits_set (bits, walk.index);
          at = (guint32) MIN (end, size);
        }
      else
        {
          at++;
        }
    }
}

static void
walk_lane (ArborKernelPart *part, const ArborLane *lane, guint64 *bits)
{
  const ArborValue *literal = part->literal;

  memset (bits, 0, arbor_bits_n_words (lane->count) * 8);
  switch (part->kind)
    {
    case ARBOR_KERNEL_STARTS_WITH:
      walk_all (lane, ARBOR_KERNEL_STARTS_WITH, 0, literal, bits);
      return;
    case ARBOR_KERNEL_ENDS_WITH:
      walk_all (lane, ARBOR_KERNEL_ENDS_WITH, 0, literal, bits);
      return;
    case ARBOR_KERNEL_CONTAINS:
      search (&part->needle, lane, FALSE, bits);
      return;
    default:
      break;
    }
  switch ((ArborComparison) part->comparison)
    {
    case ARBOR_COMPARISON_EQ:
    case ARBOR_COMPARISON_NE:
      if (literal->length == 0)
        walk_all (lane, ARBOR_KERNEL_COMPARE, ARBOR_COMPARISON_EQ, literal, bits);
      else
        search (&part->needle, lane, TRUE, bits);
      if (part->comparison == ARBOR_COMPARISON_NE)
        arbor_bits_not (bits, bits, lane->count);
      break;
    case ARBOR_COMPARISON_LT:
      walk_all (lane, ARBOR_KERNEL_COMPARE, ARBOR_COMPARISON_LT, literal, bits);
      break;
    case ARBOR_COMPARISON_LE:
      walk_all (lane, ARBOR_KERNEL_COMPARE, ARBOR_COMPARISON_LE, literal, bits);
      break;
    case ARBOR_COMPARISON_GT:
      walk_all (lane, ARBOR_KERNEL_COMPARE, ARBOR_COMPARISON_GT, literal, bits);
      break;
    case ARBOR_COMPARISON_GE:
      walk_all (lane, ARBOR_KERNEL_COMPARE, ARBOR_COMPARISON_GE, literal, bits);
      break;
    }
}

/* Strings in order: those that pass are neighbours. */
static void
fill_run (const ArborKernelPart *part, const ArborLane *lane, guint64 *bits)
{
  guint32 end = bisect (part, lane, TRUE);

  memset (bits, 0, arbor_bits_n_words (lane->count) * 8);
  for (guint32 i = bisect (part, lane, FALSE); i < end; i++)
    arbor_bits_set (bits, i);
}

ArborLaneSays
arbor_kernel_read_strings (ArborKernelPart *part, const ArborLane *lane, ArborScope *scope,
                           ArborKernelCounters *counters, guint64 *bits)
{
  if (lane->record->encoding == ARBOR_ENCODING_DICTIONARY)
    return read_dictionary (part, lane, scope, counters, bits);
  if ((lane->record->flags & ARBOR_LANE_SORTED) != 0 && passes_in_runs (part))
    {
      fill_run (part, lane, bits);
      return ARBOR_LANE_SAYS_BITS;
    }
  counters->n_bytes += lane->record->size_a + lane->record->size_b;
  walk_lane (part, lane, bits);
  return ARBOR_LANE_SAYS_BITS;
}
