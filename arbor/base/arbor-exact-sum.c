/* Superaccumulators. See arbor-exact-sum.h. Results are made from a row of 32-bit words with a sign,
 * divided exactly, and rounded to the nearest double by the words that are left.
 */

#include "base/arbor-exact-sum.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/arbor-simd.h"

/* The exponent of bit 0 of limb 0: below that of the square of the least double, 2^-2148, and such
 * that half of it, which is below the least double, is one of a limb, too. */
#define LOWEST (-2176)
/* Bits up to 2^2048, squares of the greatest double, and 2^64 of them; then the sign. */
#define N_LIMBS ((2176 + 2048 + 64) / 32 + 2)
#define MAX_ADDED (1u << 30)
#define LOWEST_DOUBLE (-1074)

/* Numbers that are added in doubles at once, and the bits that adding so many may take. Nothing of
 * what is between these two overflows on the way, or falls below the least double. */
#define N_BLOCK 256u
#define BLOCK_BITS 9
#define MIN_FAST 0x1p-900
#define MAX_FAST 0x1p1000
#define N_LANES 4u
typedef double Reals __attribute__ ((vector_size (N_LANES * sizeof (double))));
typedef gint64 RealBits __attribute__ ((vector_size (N_LANES * sizeof (double))));
#define MAGNITUDE G_MAXINT64 /* all bits but the sign */

/* Words of intermediate results: products of sums, and room to divide. */
#define N_WORDS (2 * N_LIMBS + 16)
/* So many words lower, and what is divided by two numbers of 64 bits has more bits than a double. */
#define N_DIVIDED 6u

typedef struct
{
  guint32 words[N_WORDS]; /* the lowest first */
  guint n;                /* the last of them is not zero */
  int exponent;           /* of bit 0 */
  gboolean is_negative;
} Words;

void
arbor_exact_sum_clear (ArborExactSum *self)
{
  g_free (self->all);
  memset (self, 0, sizeof *self);
}

gsize
arbor_exact_sum_get_size (const ArborExactSum *self)
{
  return self->all != NULL ? N_LIMBS * sizeof (gint64) : 0;
}

static void
spread (ArborExactSum *self)
{
  self->all = g_new0 (gint64, N_LIMBS);
  for (guint i = 0; i < ARBOR_EXACT_SUM_NEAR && self->first + i < N_LIMBS; i++)
    self->all[self->first + i] = self->near[i];
}

/* Leaves 32 bits in each limb but the last, which keeps the sign. */
static void
pass_carries (ArborExactSum *self)
{
  gint64 carry = 0;

  if (self->all == NULL)
    spread (self);
  for (guint i = 0; i < N_LIMBS; i++)
    {
      gint64 limb = self->all[i] + carry;

      carry = i < N_LIMBS - 1 ? limb >> 32 : 0;
      self->all[i] = i < N_LIMBS - 1 ? limb & G_MAXUINT32 : limb;
    }
  self->n_added = 0;
}

/* The @n limbs from @limb on, to be added to once each. */
static inline gint64 *
get_limbs (ArborExactSum *self, guint limb, guint n)
{
  if (G_UNLIKELY (self->n_added++ >= MAX_ADDED))
    pass_carries (self);
  if (G_LIKELY (self->all == NULL))
    {
      if (G_UNLIKELY (!self->is_begun))
        {
          /* In the middle: what comes is as likely smaller as greater. */
          self->first = (guint16) (limb - MIN (limb, (ARBOR_EXACT_SUM_NEAR - n) / 2));
          self->is_begun = TRUE;
        }
      if (G_LIKELY (limb - self->first <= ARBOR_EXACT_SUM_NEAR - n))
        return self->near + (limb - self->first);
      spread (self);
    }
  return self->all + limb;
}

/* @magnitude times 2^@exponent, of at most @n - 1 whole limbs. */
static inline void
add_bits (ArborExactSum *self, unsigned __int128 magnitude, int exponent, gint64 sign, guint n)
{
  guint place = (guint) (exponent - LOWEST);
  gint64 *limbs = get_limbs (self, place / 32, n);
  guint shift = place % 32;
  unsigned __int128 shifted = magnitude << shift;

  for (guint i = 0; i < MIN (n, 4); i++)
    limbs[i] += ((gint64) (guint32) (shifted >> (32 * i)) ^ sign) - sign;
  if (n > 4 && shift > 0)
    limbs[4] += ((gint64) (guint32) (magnitude >> (128 - shift)) ^ sign) - sign;
}

/* A number as a whole one of at most 53 bits and an exponent; *@sign is 0 or -1. */
static inline guint64
take_apart (ArborExactSum *self, double number, int *exponent, gint64 *sign)
{
  guint64 bits, biased;

  memcpy (&bits, &number, sizeof bits);
  biased = bits >> 52 & 0x7FF;
  self->is_endless |= biased == 0x7FF;
  *sign = (gint64)bits >> 63;
  *exponent = (int)(biased + (biased == 0)) - 1075;
  return (bits & ((G_GUINT64_CONSTANT (1) << 52) - 1)) | (guint64) (biased != 0) << 52;
}

static inline void
add_double (ArborExactSum *self, double number)
{
  int exponent;
  gint64 sign;
  guint64 magnitude = take_apart (self, number, &exponent, &sign);

  if (magnitude != 0)
    add_bits (self, magnitude, exponent, sign, 3);
}

void
arbor_exact_sum_add (ArborExactSum *self, double number)
{
  add_double (self, number);
}

/* What a number has of the multiples of the last place of @scale, which is a power of two. */
#define HIGH_PART(number, scale) (((number) + (scale)) - (scale))

/* Blocks add up without rounding in doubles (S. M. Rump, T. Ogita, S. Oishi, Accurate floating-point
 * summation, 2008): of each number the bits above the last place of a scale that is so much greater
 * that their sum is exact, and of what is left the same once more. What is left then is rarely
 * anything, and is added by itself. FALSE: numbers too great or too small for that. */
ARBOR_TARGET_CLONES static gboolean
add_block (ArborExactSum *self, const double *numbers)
{
  Reals greatest = { 0 }, high_sum = { 0 }, low_sum = { 0 };
  RealBits left = { 0 };
  double max, high_scale, low_scale;
  int exponent;

  for (guint i = 0; i < N_BLOCK; i += N_LANES)
    {
      Reals number;
      RealBits mask;

      memcpy (&number, numbers + i, sizeof number);
      number = (Reals)((RealBits)number & MAGNITUDE);
      mask = number > greatest;
      greatest = (Reals)((mask & (RealBits)number) | (~mask & (RealBits)greatest));
    }
  max = MAX (MAX (greatest[0], greatest[1]), MAX (greatest[2], greatest[3]));
  if (!(max > MIN_FAST && max < MAX_FAST))
    return FALSE;
  frexp (max, &exponent);
  high_scale = ldexp (1, exponent + BLOCK_BITS);
  low_scale = ldexp (high_scale, BLOCK_BITS - 52);

  for (guint i = 0; i < N_BLOCK; i += N_LANES)
    {
      Reals number, part;

      memcpy (&number, numbers + i, sizeof number);
      part = HIGH_PART (number, high_scale);
      high_sum += part;
      number -= part;
      part = HIGH_PART (number, low_scale);
      low_sum += part;
      number -= part;
      left |= (RealBits)number & MAGNITUDE;
    }
  add_double (self, high_sum[0] + high_sum[1] + (high_sum[2] + high_sum[3]));
  add_double (self, low_sum[0] + low_sum[1] + (low_sum[2] + low_sum[3]));
  if ((left[0] | left[1] | left[2] | left[3]) == 0)
    return TRUE;
  for (guint i = 0; i < N_BLOCK; i++)
    {
      double rest = numbers[i] - HIGH_PART (numbers[i], high_scale);

      add_double (self, rest - HIGH_PART (rest, low_scale));
    }
  return TRUE;
}

void
arbor_exact_sum_add_many (ArborExactSum *self, const double *numbers, gsize n)
{
  gsize i = 0;

  while (i < n)
    {
      gsize end = MIN (i + N_BLOCK, n);

      if (FLT_EVAL_METHOD == 0 && end == i + N_BLOCK && add_block (self, numbers + i))
        i = end;
      for (; i < end; i++)
        add_double (self, numbers[i]);
    }
}

void
arbor_exact_sum_add_integer (ArborExactSum *self, __int128 number)
{
  if (number != 0)
    add_bits (self, number < 0 ? -(unsigned __int128)number : (unsigned __int128)number, 0,
              number < 0 ? -1 : 0, 5);
}

void
arbor_exact_sum_add_times (ArborExactSum *self, double number, guint32 factor)
{
  int exponent;
  gint64 sign;
  unsigned __int128 magnitude = take_apart (self, number, &exponent, &sign);

  if (magnitude != 0 && factor != 0)
    add_bits (self, magnitude * factor, exponent, sign, 4);
}

void
arbor_exact_sum_add_square (ArborExactSum *self, double number)
{
  int exponent;
  gint64 sign;
  unsigned __int128 magnitude = take_apart (self, number, &exponent, &sign);

  if (magnitude != 0)
    add_bits (self, magnitude * magnitude, 2 * exponent, 0, 5);
}

void
arbor_exact_sum_add_integer_square (ArborExactSum *self, guint64 magnitude)
{
  if (magnitude != 0)
    add_bits (self, (unsigned __int128)magnitude * magnitude, 0, 0, 5);
}

void
arbor_exact_sum_merge (ArborExactSum *self, const ArborExactSum *other)
{
  guint n = other->all != NULL ? N_LIMBS : ARBOR_EXACT_SUM_NEAR;
  guint first = other->all != NULL ? 0 : other->first;
  const gint64 *limbs = other->all != NULL ? other->all : other->near;

  self->is_endless |= other->is_endless;
  if (!other->is_begun)
    return;
  if (!self->is_begun && other->all == NULL)
    {
      *self = *other;
      return;
    }
  if (self->n_added + (guint64) other->n_added > MAX_ADDED)
    pass_carries (self);
  self->n_added += other->n_added;
  self->is_begun = TRUE;
  if (self->all == NULL)
    spread (self);
  for (guint i = 0; i < n && first + i < N_LIMBS; i++)
    self->all[first + i] += limbs[i];
}

/* Words */

static void
words_trim (Words *self)
{
  guint n_zero = 0;

  while (self->n > 0 && self->words[self->n - 1] == 0)
    self->n--;
  while (n_zero < self->n && self->words[n_zero] == 0)
    n_zero++;
  memmove (self->words, self->words + n_zero, (self->n - n_zero) * sizeof (guint32));
  self->n -= n_zero;
  self->exponent += 32 * (int) n_zero;
}

/* Down to @exponent, which is so many whole words lower. */
static void
words_extend (Words *self, int exponent)
{
  guint n = (guint) (self->exponent - exponent) / 32;

  memmove (self->words + n, self->words, self->n * sizeof (guint32));
  memset (self->words, 0, n * sizeof (guint32));
  self->n += n;
  self->exponent = exponent;
}

static void
words_read (Words *self, const ArborExactSum *sum)
{
  guint n = sum->all != NULL ? N_LIMBS : ARBOR_EXACT_SUM_NEAR;
  const gint64 *limbs = sum->all != NULL ? sum->all : sum->near;
  gint64 carry = 0;

  self->exponent = LOWEST + 32 * (sum->all != NULL ? 0 : sum->first);
  self->n = n + 2;
  for (guint i = 0; i < self->n; i++)
    {
      gint64 limb = (i < n ? limbs[i] : 0) + carry;

      self->words[i] = (guint32) limb;
      carry = limb >> 32;
    }
  /* What carries on behind all words is the sign: then the magnitude is the complement, and one. */
  self->is_negative = carry < 0;
  carry = self->is_negative;
  for (guint i = 0; self->is_negative && i < self->n; i++)
    {
      guint64 word = (guint64) (guint32)~self->words[i] + (guint64) carry;

      self->words[i] = (guint32) word;
      carry = (gint64) (word >> 32);
    }
  words_trim (self);
}

/* What is left is dropped; TRUE where that was not nothing. */
static gboolean
words_divide (Words *self, guint64 divisor)
{
  guint64 rest = 0;

  for (guint i = self->n; i-- > 0;)
    {
      unsigned __int128 part = (unsigned __int128)rest << 32 | self->words[i];

      self->words[i] = (guint32) (part / divisor);
      rest = (guint64) (part % divisor);
    }
  words_trim (self);
  return rest != 0;
}

static void
words_multiply (Words *self, const Words *a, const Words *b)
{
  self->n = a->n + b->n;
  self->exponent = a->exponent + b->exponent;
  self->is_negative = a->is_negative != b->is_negative;
  memset (self->words, 0, self->n * sizeof (guint32));
  for (guint i = 0; i < a->n; i++)
    {
      guint64 carry = 0;

      for (guint j = 0; j < b->n || carry > 0; j++)
        {
          guint64 word = (guint64) a->words[i] * (j < b->n ? b->words[j] : 0) + self->words[i + j] +
                         carry;

          self->words[i + j] = (guint32) word;
          carry = word >> 32;
        }
    }
  words_trim (self);
}

/* Less @other, which is not greater, and ends where it does at the low end. */
static void
words_subtract (Words *self, const Words *other)
{
  gint64 borrow = 0;

  for (guint i = 0; i < self->n; i++)
    {
      gint64 word = (gint64) self->words[i] + borrow - (i < other->n ? other->words[i] : 0);

      self->words[i] = (guint32) word;
      borrow = word >> 32;
    }
  words_trim (self);
}

static inline gboolean
has_bit (const Words *self, gint64 bit)
{
  return bit >= 0 && (self->words[bit / 32] >> (bit % 32) & 1) != 0;
}

static gboolean
has_bits_below (const Words *self, gint64 bit)
{
  for (gint64 i = 0; i < bit / 32; i++)
    if (self->words[i] != 0)
      return TRUE;
  return bit > 0 && (self->words[bit / 32] & ((1u << (bit % 32)) - 1)) != 0;
}

/* The number, and a little more where @has_rest, rounded to the nearest of 53 bits and none below
 * 2^@lowest, as a whole number and its exponent. */
static double
words_round (const Words *self, gboolean has_rest, int lowest, int *exponent)
{
  gint64 top, bottom;
  guint64 mantissa = 0;

  *exponent = 0;
  if (self->n == 0)
    return 0;
  top = (gint64) self->n * 32 - 1 - __builtin_clz (self->words[self->n - 1]);
  bottom = MAX (top - 52, (gint64) lowest - self->exponent);
  for (gint64 bit = top; bit >= bottom; bit--)
    mantissa = mantissa << 1 | has_bit (self, bit);
  if (bottom <= top + 1 && has_bit (self, bottom - 1) &&
      (has_rest || (mantissa & 1) != 0 || has_bits_below (self, bottom - 1)))
    mantissa++;
  *exponent = (int)(self->exponent + bottom);
  return self->is_negative ? -(double) mantissa : (double) mantissa;
}

double
arbor_exact_sum_divide (const ArborExactSum *self, guint64 n)
{
  gboolean has_rest;
  Words words;
  double mantissa;
  int exponent;

  if (self->is_endless)
    return NAN;
  words_read (&words, self);
  words_extend (&words, words.exponent - 32 * (int) N_DIVIDED);
  has_rest = words_divide (&words, n);
  mantissa = words_round (&words, has_rest, LOWEST_DOUBLE, &exponent);
  return ldexp (mantissa, exponent);
}

/* (n S2 - S1^2) / (n (n - 1)), S1 the sum and S2 that of squares. */
double
arbor_exact_sum_get_variance (const ArborExactSum *self, const ArborExactSum *squares, guint64 n,
                              gboolean is_root)
{
  const Words count = { .words = { (guint32) n, (guint32) (n >> 32) }, .n = 2 };
  Words sum, square, spread;
  gboolean has_rest;
  double mantissa;
  int exponent;

  if (self->is_endless)
    return NAN;
  words_read (&sum, self);
  words_multiply (&square, &sum, &sum);
  words_read (&sum, squares);
  words_multiply (&spread, &sum, &count);
  if (spread.n == 0)
    return 0;
  exponent = MIN (spread.exponent, square.n > 0 ? square.exponent : spread.exponent);
  exponent -= 32 * (int) N_DIVIDED;
  words_extend (&spread, exponent);
  if (square.n > 0)
    words_extend (&square, exponent);
  words_subtract (&spread, &square);
  words_extend (&spread, exponent);
  has_rest = words_divide (&spread, n);
  words_extend (&spread, exponent);
  has_rest |= words_divide (&spread, n - 1);

  mantissa = words_round (&spread, has_rest, is_root ? -G_MAXINT16 : LOWEST_DOUBLE, &exponent);
  if (!is_root)
    return ldexp (mantissa, exponent);
  if ((exponent & 1) != 0)
    {
      mantissa *= 2;
      exponent--;
    }
  return ldexp (sqrt (mantissa), exponent / 2);
}
