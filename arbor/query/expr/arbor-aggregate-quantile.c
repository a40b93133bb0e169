/* Quantiles of what aggregates keep of numbers. Values are selected, not sorted: keys are numbers
 * of 64 bits in the order of the doubles, of which eight bits at a time decide. Selecting moves the
 * numbers of a group about within their part of the array, each with its rest, and changes none.
 */

#include "query/expr/arbor-aggregate-private.h"

#include <math.h>

#include "base/arbor-exact-sum.h"

/* Numbers that are sorted rather than selected from. */
#define FEW 24u

static void
swap (guint64 *keys, guint64 *rests, gsize i, gsize j)
{
  guint64 key = keys[i];

  keys[i] = keys[j];
  keys[j] = key;
  if (rests != NULL)
    {
      guint64 rest = rests[i];

      rests[i] = rests[j];
      rests[j] = rest;
    }
}

static void
sort_few (guint64 *keys, guint64 *rests, gsize from, gsize to)
{
  for (gsize i = from + 1; i < to; i++)
    for (gsize j = i; j > from && keys[j - 1] > keys[j]; j--)
      swap (keys, rests, j - 1, j);
}

/* Of the numbers @from to @to those with the digit that number @k has, in order, lie next to each other
 * afterwards, the lesser ones before them: from *@from to *@to. FALSE: all are equal. */
static gboolean
part_by_digit (guint64 *keys, guint64 *rests, gsize k, gsize *from, gsize *to)
{
  gsize counts[256] = { 0 };
  guint64 least = keys[*from], greatest = least;
  gsize below = *from, next = *from, end = *to;
  guint64 digit = 0;
  guint shift;

  for (gsize i = *from; i < *to; i++)
    {
      least = MIN (least, keys[i]);
      greatest = MAX (greatest, keys[i]);
    }
  if (least == greatest)
    return FALSE;
  shift = (guint)MAX (63 - __builtin_clzll (greatest ^ least) - 7, 0);
  least >>= shift;
  for (gsize i = *from; i < *to; i++)
    counts[(keys[i] >> shift) - least]++;
  while (below + counts[digit] <= k)
    below += counts[digit++];
  digit += least;

  for (gsize i = *from; i < end;)
    {
      guint64 own = keys[i] >> shift;

      if (own > digit)
        swap (keys, rests, i, --end);
      else if (own < digit)
        swap (keys, rests, i++, next++);
      else
        i++;
    }
  *from = next;
  *to = end;
  return TRUE;
}

/* The number at place @k in order is there afterwards, those before it are not greater, and those behind
 * not less. */
static void
select_key (guint64 *keys, guint64 *rests, gsize n, gsize k, ArborScope *scope)
{
  gsize from = 0, to = n;

  while (to - from > FEW && !arbor_scope_look_whether_stopped (scope) &&
         part_by_digit (keys, rests, k, &from, &to))
    ;
  if (to - from <= FEW)
    sort_few (keys, rests, from, to);
  if (rests == NULL || arbor_scope_is_stopped (scope))
    return;
  /* Rounding keeps order, so rests decide between equal doubles only. */
  for (gsize i = from; i < to; i++)
    if (keys[i] < keys[k])
      swap (keys, rests, i, from++);
  for (gsize i = to; i > from; i--)
    if (keys[i - 1] > keys[k])
      swap (keys, rests, i - 1, --to);
  select_key (rests + from, NULL, to - from, k - from, scope);
}

/* The mean of two numbers, each with its rest, rounded once. */
static double
get_middle (const double *parts)
{
  ArborExactSum sum = { { 0 } };
  double middle;

  arbor_exact_sum_add_many (&sum, parts, 4);
  middle = arbor_exact_sum_divide (&sum, 2);
  arbor_exact_sum_clear (&sum);
  return middle;
}

/* Between the two values that lie at (n - 1) * fraction, linearly. */
void
arbor_aggregate_finish_quantile (ArborAggregate *self, guint32 group, ArborScope *scope,
                                 ArborValue *result)
{
  double parts[4] = { 0 };
  guint64 *keys, *rests;
  gsize start, n, below;
  double place, part, low, high;

  arbor_aggregate_find_kept (self, group, &start, &n);
  if (n == 0 || isnan (self->fraction))
    return;
  keys = self->kept.keys + start;
  rests = self->kept.rests != NULL ? self->kept.rests + start : NULL;
  place = (double)(n - 1) * self->fraction;
  below = (gsize)place;
  part = place - (double)below;

  select_key (keys, rests, n, below, scope);
  low = arbor_aggregate_decode (keys[below]);
  *result = ARBOR_VALUE_DOUBLE (low);
  if (part == 0)
    return;
  select_key (keys + below + 1, rests != NULL ? rests + below + 1 : NULL, n - below - 1, 0, scope);
  high = arbor_aggregate_decode (keys[below + 1]);
  parts[0] = low;
  parts[2] = high;
  if (rests != NULL)
    {
      parts[1] = arbor_aggregate_decode (rests[below]);
      parts[3] = arbor_aggregate_decode (rests[below + 1]);
    }
  if (part == 0.5)
    result->real = get_middle (parts);
  else if (isfinite (high - low))
    result->real = low + (high - low) * part;
  else
    result->real = low * (1 - part) + high * part;
}
