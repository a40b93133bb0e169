/* See arbor-series-reduce.h. */

#include "query/series/arbor-series-reduce.h"

#include <math.h>

#include "base/arbor-exact-sum.h"

/* What two doubles add up to, and what that was rounded by (D. E. Knuth). */
static inline double
add_exactly (double a, double b, double *rest)
{
  double sum = a + b;
  double of_b = sum - a;

  *rest = (a - (sum - of_b)) + (b - of_b);
  return sum;
}

static inline void
add_real (ArborRunSum *self, double number)
{
  double rest, lost;

  self->sum = add_exactly (self->sum, number, &rest);
  self->rest = add_exactly (self->rest, rest, &lost);
  self->is_lost |= !(lost == 0);
  self->has_reals = TRUE;
  self->n++;
}

void
arbor_run_sum_add (ArborRunSum *self, const ArborNumberSeries *numbers, guint32 start, guint32 end)
{
  for (guint32 i = start; i < end; i++)
    {
      guint8 kind = numbers->kind != NULL ? numbers->kind[i] : numbers->sole;

      if (kind == ARBOR_KIND_INT64)
        {
          self->integers += (gint64) numbers->words[i];
          self->n++;
        }
      else if (kind == ARBOR_KIND_DOUBLE)
        {
          add_real (self, arbor_word_to_real (numbers->words[i]));
        }
    }
}

/* All in one row of limbs. */
static double
divide_exactly (const ArborRunSum *self, const ArborNumberSeries *numbers, guint32 start, guint32 end,
                guint64 n)
{
  ArborExactSum total = { { 0 } };
  double result;

  arbor_exact_sum_add_integer (&total, self->integers);
  for (guint32 i = start; i < end; i++)
    if ((numbers->kind != NULL ? numbers->kind[i] : numbers->sole) == ARBOR_KIND_DOUBLE)
      arbor_exact_sum_add (&total, arbor_word_to_real (numbers->words[i]));
  result = arbor_exact_sum_divide (&total, n);
  arbor_exact_sum_clear (&total);
  return result;
}

/* FALSE: which double is nearest cannot be told this way. */
static gboolean
divide_fast (const ArborRunSum *self, guint64 n, double *result)
{
  double sum, rest, quotient, low;

  if (self->is_lost || self->integers > 1ll << 53 || self->integers < -(1ll << 53))
    return FALSE;
  /* The sum and its rest, as one that is nearest, and one that is less than half of its last place. */
  sum = self->sum;
  rest = self->rest;
  if (self->integers != 0)
    {
      double of_integers, lost;

      sum = add_exactly (sum, (double) self->integers, &of_integers);
      rest = add_exactly (rest, of_integers, &lost);
      if (lost != 0)
        return FALSE;
    }
  sum = add_exactly (sum, rest, &rest);
  if (!isfinite (sum) || !isfinite (rest))
    return FALSE;
  quotient = sum;
  if (n > 1)
    {
      quotient = sum / (double) n;
      if (fabs (quotient) < 0x1p-900 && quotient != 0)
        return FALSE;
      /* What the quotient leaves says whether it is nearest, unless that is a matter of a hair. */
      low = (fma (-quotient, (double) n, sum) + rest) / (double) n;
      if (quotient + low * (1 + 0x1p-30) != quotient + low * (1 - 0x1p-30))
        return FALSE;
      quotient += low;
    }
  *result = quotient == 0 ? 0 : quotient;
  return TRUE;
}

void
arbor_run_sum_finish (const ArborRunSum *self, const ArborNumberSeries *numbers, guint32 start, guint32 end,
                  gboolean is_mean, ArborValue *result)
{
  double number;

  *result = ARBOR_VALUE_NULL;
  if (is_mean && self->n == 0)
    return;
  if (!is_mean && !self->has_reals)
    {
      if (self->integers >= G_MININT64 && self->integers <= G_MAXINT64)
        *result = ARBOR_VALUE_INT64 ((gint64) self->integers);
      else
        *result = ARBOR_VALUE_DOUBLE ((double) self->integers);
      return;
    }
  if (!divide_fast (self, is_mean ? self->n : 1, &number))
    number = divide_exactly (self, numbers, start, end, is_mean ? self->n : 1);
  if (isfinite (number))
    *result = ARBOR_VALUE_DOUBLE (number);
}
