/* Arithmetic of two numbers, over series: what arbor-function-number.c does, place by place. Where
 * both sides have one kind of number each, a plain loop does all places, whatever lies in those
 * without a number, and kinds are merged beside it; integers that do not fit 64 bits, and columns
 * of both kinds, take the loop that looks at each place.
 */

#include "base/arbor-simd.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-numbers.h"

#include <math.h>

/* FALSE: one of them does not fit, so that all are done again. */
typedef gboolean (*IntegerLoop) (const gint64 *a, const gint64 *b, guint32 n, gint64 *out);
typedef void (*RealLoop) (const double *a, const double *b, guint32 n, double *out);
typedef void (*MixedLoop) (const ArborNumberSeries *a, const ArborNumberSeries *b, guint32 n, guint64 *out,
                           guint8 *kind);

typedef struct
{
  IntegerLoop integers; /* NULL: they are done as doubles */
  RealLoop reals;
  MixedLoop mixed; /* needs both kinds at hand */
} Arithmetic;

static gboolean
run_integers (const ArborSeriesCall *call, const Arithmetic *arithmetic, const ArborNumberSeries *a,
              const ArborNumberSeries *b, ArborSeries *result)
{
  gint64 *out = (gint64 *) arbor_series_call_new_words (call, FALSE, result);

  if (!arithmetic->integers ((const gint64 *) a->words, (const gint64 *) b->words, call->n, out))
    return FALSE;
  result->kinds = ARBOR_KINDS (ARBOR_KIND_INT64);
  result->kind = arbor_number_series_merge_kinds (a, b, ARBOR_KIND_INT64, call);
  arbor_series_call_finish_words (call, result);
  return TRUE;
}

static void
run_reals (const ArborSeriesCall *call, const Arithmetic *arithmetic, const ArborNumberSeries *a,
           const ArborNumberSeries *b, ArborSeries *result)
{
  double *out = (double *) (gpointer) arbor_series_call_new_words (call, FALSE, result);

  arithmetic->reals (arbor_number_series_list_reals (a, call), arbor_number_series_list_reals (b, call),
                     call->n, out);
  result->kinds = ARBOR_KINDS (ARBOR_KIND_DOUBLE);
  result->kind = arbor_number_series_merge_kinds (a, b, ARBOR_KIND_DOUBLE, call);
  arbor_series_call_finish_words (call, result);
}

static gboolean
run (const ArborSeriesCall *call, const Arithmetic *arithmetic, ArborSeries *result)
{
  ArborNumberSeries a, b;
  guint64 *out;

  if (!arbor_number_series_init (&a, call, &call->arguments[0]) ||
      !arbor_number_series_init (&b, call, &call->arguments[1]))
    return FALSE;
  if (a.sole == ARBOR_KIND_INT64 && b.sole == ARBOR_KIND_INT64 && arithmetic->integers != NULL)
    {
      if (run_integers (call, arithmetic, &a, &b, result))
        return TRUE;
    }
  else if (arithmetic->integers == NULL || a.sole == ARBOR_KIND_DOUBLE ||
           b.sole == ARBOR_KIND_DOUBLE)
    {
      run_reals (call, arithmetic, &a, &b, result);
      return TRUE;
    }
  out = arbor_series_call_new_words (call, TRUE, result);
  a.kind = arbor_number_series_list_kinds (&a, call);
  b.kind = arbor_number_series_list_kinds (&b, call);
  arithmetic->mixed (&a, &b, call->n, out, (guint8 *) result->kind);
  result->kinds = ARBOR_KINDS (ARBOR_KIND_INT64) | ARBOR_KINDS (ARBOR_KIND_DOUBLE);
  arbor_series_call_finish_words (call, result);
  return TRUE;
}

/* What a place has that is not two integers, or whose integer does not fit. */
static inline guint8
get_kind (guint8 a, guint8 b, gboolean is_integer)
{
  guint8 are_numbers = arbor_kind_is_word_number (a) & arbor_kind_is_word_number (b);
  guint8 is_open = (a == ARBOR_KIND_OPEN) | (b == ARBOR_KIND_OPEN);

  return is_open        ? ARBOR_KIND_OPEN
         : !are_numbers ? ARBOR_KIND_NULL
         : is_integer   ? ARBOR_KIND_INT64
                        : ARBOR_KIND_DOUBLE;
}

/* @fits (a, b, &result) and @calculate (a, b) are what one place has of two integers, of doubles. */
#define DEFINE_MIXED(name, fits, calculate)                                                        \
  static void name##_mixed (const ArborNumberSeries *a, const ArborNumberSeries *b, guint32 n, guint64 *out, \
                            guint8 *kind)                                                          \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      {                                                                                            \
        gint64 integer = 0;                                                                        \
        gboolean is_integer =                                                                      \
            a->kind[i] == ARBOR_KIND_INT64 && b->kind[i] == ARBOR_KIND_INT64 &&                    \
            fits ((gint64) a->words[i], (gint64) b->words[i], &integer);                           \
                                                                                                   \
        out[i] = is_integer ? (guint64) integer                                                    \
                            : arbor_word_from_real (                                               \
                                  calculate (arbor_word_get_real (a->words[i], a->kind[i]),        \
                                             arbor_word_get_real (b->words[i], b->kind[i])));      \
        kind[i] = get_kind (a->kind[i], b->kind[i], is_integer);                                   \
      }                                                                                            \
  }

#define DEFINE_REALS(name, calculate)                                                              \
  static void name##_reals (const double *a, const double *b, guint32 n, double *out)              \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      out[i] = calculate (a[i], b[i]);                                                             \
  }

#define DEFINE_SERIES(name, integer_loop)                                                          \
  ARBOR_SERIES (name)                                                                              \
  {                                                                                                \
    static const Arithmetic arithmetic = { integer_loop, name##_reals, name##_mixed };             \
                                                                                                   \
    return run (call, &arithmetic, result);                                                        \
  }

/* Sums */

#define ADD(a, b)      ((a) + (b))
#define SUBTRACT(a, b) ((a) - (b))
#define MULTIPLY(a, b) ((a) * (b))
/* By zero it is not finite, so it is null. */
#define DIVIDE(a, b)   ((a) / (b))

#define ADD_FITS(a, b, out)      (!__builtin_add_overflow (a, b, out))
#define SUBTRACT_FITS(a, b, out) (!__builtin_sub_overflow (a, b, out))
#define MULTIPLY_FITS(a, b, out) (!__builtin_mul_overflow (a, b, out))
#define NEVER_FITS(a, b, out)    FALSE

/* The sign of the result is not that of both. */
ARBOR_TARGET_CLONES
static gboolean
add_integers (const gint64 *a, const gint64 *b, guint32 n, gint64 *out)
{
  guint64 overflow = 0;

  for (guint32 i = 0; i < n; i++)
    {
      guint64 x = (guint64) a[i], y = (guint64) b[i], sum = x + y;

      out[i] = (gint64) sum;
      overflow |= (x ^ sum) & (y ^ sum);
    }
  return overflow >> 63 == 0;
}

ARBOR_TARGET_CLONES
static gboolean
subtract_integers (const gint64 *a, const gint64 *b, guint32 n, gint64 *out)
{
  guint64 overflow = 0;

  for (guint32 i = 0; i < n; i++)
    {
      guint64 x = (guint64) a[i], y = (guint64) b[i], difference = x - y;

      out[i] = (gint64) difference;
      overflow |= (x ^ y) & (x ^ difference);
    }
  return overflow >> 63 == 0;
}

/* Products of what has 31 bits and a sign fit always. */
ARBOR_TARGET_CLONES
static gboolean
multiply_small (const gint64 *a, const gint64 *b, guint32 n, gint64 *out)
{
  guint64 bits = 0;

  for (guint32 i = 0; i < n; i++)
    {
      bits |= (guint64) (a[i] ^ a[i] >> 63) | (guint64) (b[i] ^ b[i] >> 63);
      out[i] = (gint64) ((guint64) a[i] * (guint64) b[i]);
    }
  return bits >> 31 == 0;
}

static gboolean
multiply_integers (const gint64 *a, const gint64 *b, guint32 n, gint64 *out)
{
  gboolean overflows = FALSE;

  if (multiply_small (a, b, n, out))
    return TRUE;
  for (guint32 i = 0; i < n; i++)
    overflows |= __builtin_mul_overflow (a[i], b[i], &out[i]);
  return !overflows;
}

ARBOR_TARGET_CLONES
DEFINE_REALS (add, ADD)
ARBOR_TARGET_CLONES
DEFINE_REALS (subtract, SUBTRACT)
ARBOR_TARGET_CLONES
DEFINE_REALS (multiply, MULTIPLY)
ARBOR_TARGET_CLONES
DEFINE_REALS (divide, DIVIDE)
DEFINE_MIXED (add, ADD_FITS, ADD)
DEFINE_MIXED (subtract, SUBTRACT_FITS, SUBTRACT)
DEFINE_MIXED (multiply, MULTIPLY_FITS, MULTIPLY)
DEFINE_MIXED (divide, NEVER_FITS, DIVIDE)
DEFINE_SERIES (add, add_integers)
DEFINE_SERIES (subtract, subtract_integers)
DEFINE_SERIES (multiply, multiply_integers)
DEFINE_SERIES (divide, NULL)

/* Division of integers, and powers */

/* By zero nothing fits, nor the least number by -1. */
static inline gboolean
div_fits (gint64 a, gint64 b, gint64 *out)
{
  if (b == 0 || (b == -1 && a == G_MININT64))
    return FALSE;
  *out = a / b - (a % b != 0 && (a < 0) != (b < 0));
  return TRUE;
}

static inline gboolean
mod_fits (gint64 a, gint64 b, gint64 *out)
{
  if (b == 0)
    return FALSE;
  *out = b == -1 ? 0 : a % b;
  if (*out != 0 && (*out < 0) != (b < 0))
    *out += b;
  return TRUE;
}

static gboolean
div_integers (const gint64 *a, const gint64 *b, guint32 n, gint64 *out)
{
  gboolean fit = TRUE;

  for (guint32 i = 0; i < n; i++)
    fit &= div_fits (a[i], b[i], &out[i]);
  return fit;
}

static gboolean
mod_integers (const gint64 *a, const gint64 *b, guint32 n, gint64 *out)
{
  gboolean fit = TRUE;

  for (guint32 i = 0; i < n; i++)
    fit &= mod_fits (a[i], b[i], &out[i]);
  return fit;
}

static gboolean
pow_integers (const gint64 *a, const gint64 *b, guint32 n, gint64 *out)
{
  gboolean fit = TRUE;

  for (guint32 i = 0; i < n && fit; i++)
    fit = arbor_function_pow_fits (a[i], b[i], &out[i]);
  return fit;
}

DEFINE_REALS (div, arbor_function_div_doubles)
DEFINE_REALS (mod, arbor_function_mod_doubles)
DEFINE_REALS (pow, pow)
DEFINE_MIXED (div, div_fits, arbor_function_div_doubles)
DEFINE_MIXED (mod, mod_fits, arbor_function_mod_doubles)
DEFINE_MIXED (pow, arbor_function_pow_fits, pow)
DEFINE_SERIES (div, div_integers)
DEFINE_SERIES (mod, mod_integers)
DEFINE_SERIES (pow, pow_integers)
