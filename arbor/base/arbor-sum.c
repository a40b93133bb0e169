/* See arbor-sum.h. Two doubles add up to a double and an error that is a double, too (D. E. Knuth's
 * two-sum): as long as the error of the errors is zero, nothing is lost.
 */

#include "base/arbor-sum.h"

#include <float.h>
#include <math.h>

#include "base/arbor-simd.h"

/* Between these, squares and quotients have neither overflow nor digits below the least double. */
#define LEAST_PLAIN 0x1p-400
#define MOST_PLAIN  0x1p400
#define MOST_EXACT  (G_GINT64_CONSTANT (1) << 53)
/* From so many doubles on a sum spreads: it is faster then, and they are worth the memory. */
#define MANY 64u

struct _ArborSpreadSum
{
  __int128 integers;
  ArborExactSum reals;
};

void
arbor_sum_clear (ArborSum *self)
{
  if (self->is_spread)
    {
      arbor_exact_sum_clear (&self->spread->reals);
      g_free (self->spread);
    }
  *self = (ArborSum){ 0 };
}

gsize
arbor_sum_get_size (const ArborSum *self)
{
  return self->is_spread
             ? sizeof (ArborSpreadSum) + arbor_exact_sum_get_size (&self->spread->reals)
             : 0;
}

static ArborSpreadSum *
spread (ArborSum *self)
{
  ArborSpreadSum *all = self->spread;

  if (self->is_spread)
    return all;
  all = g_new0 (ArborSpreadSum, 1);
  all->integers = self->integers;
  arbor_exact_sum_add (&all->reals, self->high);
  arbor_exact_sum_add (&all->reals, self->low);
  self->spread = all;
  self->is_spread = TRUE;
  self->high = self->low = 0;
  return all;
}

/* *@error: what the rounded sum lacks. */
static inline double
add_two (double a, double b, double *error)
{
  double sum = a + b;
  double of_b = sum - a;

  *error = (a - (sum - of_b)) + (b - of_b);
  return sum;
}

static inline gboolean
try_add (ArborSum *self, double number)
{
  double error, lost;
  double high = add_two (self->high, number, &error);
  double low = add_two (self->low, error, &lost);

  /* Also where something is not finite: then the errors are not, either. */
  if (FLT_EVAL_METHOD != 0 || self->is_spread || lost != 0 || !isfinite (high))
    return FALSE;
  self->high = add_two (high, low, &self->low);
  return TRUE;
}

void
arbor_sum_add_integers (ArborSum *self, guint64 n, __int128 sum, gboolean is_unsigned)
{
  gint64 total;

  self->n += n;
  self->has_unsigned |= !!is_unsigned;
  if (self->is_spread || sum < G_MININT64 || sum > G_MAXINT64 ||
      __builtin_add_overflow (self->integers, (gint64) sum, &total))
    spread (self)->integers += sum;
  else
    self->integers = total;
}

void
arbor_sum_add_real (ArborSum *self, double number)
{
  self->n++;
  self->has_double = TRUE;
  if (self->n >= MANY || !try_add (self, number))
    arbor_exact_sum_add (&spread (self)->reals, number);
}

void
arbor_sum_add_reals (ArborSum *self, const double *numbers, gsize n)
{
  if (self->is_spread || n >= MANY)
    {
      self->n += n;
      self->has_double |= n > 0;
      arbor_exact_sum_add_many (&spread (self)->reals, numbers, n);
      return;
    }
  for (gsize i = 0; i < n; i++)
    arbor_sum_add_real (self, numbers[i]);
}

void
arbor_sum_merge (ArborSum *self, const ArborSum *other)
{
  ArborSum before;

  arbor_sum_add_integers (self, other->n, arbor_sum_get_integers (other), other->has_unsigned);
  self->has_double |= other->has_double;
  self->has_others |= other->has_others;
  if (other->is_spread)
    {
      arbor_exact_sum_merge (&spread (self)->reals, &other->spread->reals);
      return;
    }
  before = *self;
  if (try_add (self, other->high) && try_add (self, other->low))
    return;
  *self = before;
  arbor_exact_sum_add (&spread (self)->reals, other->high);
  arbor_exact_sum_add (&spread (self)->reals, other->low);
}

void
arbor_sum_add_square (ArborSum *self, double number)
{
  double square = number * number;
  double magnitude = fabs (number);

  if (number == 0)
    return;
  if (magnitude > LEAST_PLAIN && magnitude < MOST_PLAIN && !self->is_spread)
    {
      ArborSum before = *self;

      if (try_add (self, square) && try_add (self, fma (number, number, -square)))
        return;
      *self = before;
    }
  arbor_exact_sum_add_square (&spread (self)->reals, number);
}

/* Squares that are added at once. */
#define N_SQUARES 256u

/* The squares as doubles, and what they were rounded by; both are exact together. FALSE: not of all of them. */
ARBOR_TARGET_CLONES
static gboolean
find_squares (const double *numbers, guint32 n, double *squares, double *rests)
{
  guint32 n_odd = 0;

  for (guint32 i = 0; i < n; i++)
    {
      double magnitude = fabs (numbers[i]);

      n_odd += !((magnitude > LEAST_PLAIN && magnitude < MOST_PLAIN) || magnitude == 0);
    }
  for (guint32 i = 0; i < n; i++)
    squares[i] = numbers[i] * numbers[i];
  for (guint32 i = 0; i < n; i++)
    rests[i] = fma (numbers[i], numbers[i], -squares[i]);
  return n_odd == 0;
}

void
arbor_sum_add_squares (ArborSum *self, const double *numbers, gsize n)
{
  double squares[N_SQUARES], rests[N_SQUARES];

  while (n > 0)
    {
      guint32 n_now = (guint32) MIN (n, N_SQUARES);

      if (n_now >= MANY && find_squares (numbers, n_now, squares, rests))
        {
          arbor_exact_sum_add_many (&spread (self)->reals, squares, n_now);
          arbor_exact_sum_add_many (&spread (self)->reals, rests, n_now);
        }
      else
        for (guint32 i = 0; i < n_now; i++)
          arbor_sum_add_square (self, numbers[i]);
      numbers += n_now;
      n -= n_now;
    }
}

void
arbor_sum_add_integer_square (ArborSum *self, guint64 magnitude)
{
  unsigned __int128 square = (unsigned __int128)magnitude * magnitude;

  if (square <= G_MAXINT64)
    arbor_sum_add_integers (self, 1, (__int128)square, FALSE);
  else
    arbor_exact_sum_add_integer_square (&spread (self)->reals, magnitude);
}

__int128
arbor_sum_get_integers (const ArborSum *self)
{
  return self->is_spread ? self->spread->integers : self->integers;
}

/* To be cleared. */
static ArborExactSum
get_total (const ArborSum *self)
{
  ArborExactSum total = { { 0 } };

  if (self->is_spread)
    {
      arbor_exact_sum_merge (&total, &self->spread->reals);
    }
  else
    {
      arbor_exact_sum_add (&total, self->high);
      arbor_exact_sum_add (&total, self->low);
    }
  arbor_exact_sum_add_integer (&total, arbor_sum_get_integers (self));
  return total;
}

/* Without a superaccumulator, where the result is certain: FALSE otherwise. */
static gboolean
divide_plainly (const ArborSum *sum, guint64 n, double *result)
{
  ArborSum both = *sum, *self = &both;
  double divisor = (double) n;
  double quotient, rest, part, doubt;

  if (self->is_spread || FLT_EVAL_METHOD != 0 || n > MOST_EXACT)
    return FALSE;
  if (self->high == 0)
    {
      *result = (double)self->integers / divisor;
      return self->integers >= -MOST_EXACT && self->integers <= MOST_EXACT && self->low == 0;
    }
  if (self->integers < -MOST_EXACT || self->integers > MOST_EXACT ||
      !try_add (self, (double)self->integers) || !(fabs (self->high) > LEAST_PLAIN && fabs (self->high) < MOST_PLAIN))
    return FALSE;
  if (n == 1)
    {
      *result = self->high; /* the sum, rounded */
      return TRUE;
    }
  quotient = self->high / divisor;
  rest = fma (-quotient, divisor, self->high); /* exact */
  part = (rest + self->low) / divisor;
  doubt = fabs (part) * 0x1p-48;
  *result = quotient + part;
  /* Neither a little more nor a little less rounds to anything else. */
  rest = part - (*result - quotient);
  return *result + (rest + doubt) == *result && *result + (rest - doubt) == *result &&
         isfinite (*result);
}

double
arbor_sum_divide (const ArborSum *self, guint64 n)
{
  ArborExactSum total;
  double result;

  if (divide_plainly (self, n, &result))
    return result;
  total = get_total (self);
  result = arbor_exact_sum_divide (&total, n);
  arbor_exact_sum_clear (&total);
  return result;
}

double
arbor_sum_get_variance (const ArborSum *self, const ArborSum *squares, gboolean is_root)
{
  ArborExactSum total = get_total (self), of_squares = get_total (squares);
  double result = arbor_exact_sum_get_variance (&total, &of_squares, self->n, is_root);

  arbor_exact_sum_clear (&total);
  arbor_exact_sum_clear (&of_squares);
  return result;
}
