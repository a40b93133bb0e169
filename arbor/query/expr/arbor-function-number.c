/* Arithmetic. Two integers give an exact integer where it fits (an INT64, or a UINT64 when an
 * operand was one); every other case is done in doubles. What is not finite, and what has no number
 * to work on, is null.
 */

#include "query/expr/arbor-function-private.h"

#include <math.h>

#include "base/arbor-number.h"

/* Wide enough for sums, differences and most products of 64-bit integers. */
typedef __int128 Integer;

typedef gboolean (*IntegerCode) (Integer a, Integer b, Integer *result); /* FALSE: overflow */
typedef double (*DoubleCode) (double a, double b);

static gboolean
is_integer (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_INT64 || value->kind == ARBOR_KIND_UINT64;
}

static Integer
get_integer (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_INT64 ? (Integer) value->int64 : (Integer) value->uint64;
}

/* @may_be_unsigned: INT64 alone never becomes UINT64, it goes on as DOUBLE. */
static gboolean
set_integer (Integer number, gboolean may_be_unsigned, ArborValue *result)
{
  if (number >= G_MININT64 && number <= G_MAXINT64)
    *result = ARBOR_VALUE_INT64 ((gint64) number);
  else if (may_be_unsigned && number > 0 && number <= G_MAXUINT64)
    *result = ARBOR_VALUE_UINT64 ((guint64) number);
  else
    return FALSE;
  return TRUE;
}

static void
set_double (double number, ArborValue *result)
{
  *result = isfinite (number) ? ARBOR_VALUE_DOUBLE (number) : ARBOR_VALUE_NULL;
}

static void
calculate (const ArborValue *arguments, IntegerCode integer_code, DoubleCode double_code,
           ArborValue *result)
{
  const ArborValue *a = &arguments[0];
  const ArborValue *b = &arguments[1];
  Integer number;

  if (!arbor_kind_is_number (a->kind) || !arbor_kind_is_number (b->kind))
    {
      *result = ARBOR_VALUE_NULL;
      return;
    }

  if (integer_code != NULL && is_integer (a) && is_integer (b) &&
      integer_code (get_integer (a), get_integer (b), &number) &&
      set_integer (number, a->kind == ARBOR_KIND_UINT64 || b->kind == ARBOR_KIND_UINT64, result))
    return;

  set_double (double_code (arbor_number_to_double (a), arbor_number_to_double (b)), result);
}

#define DEFINE_ARITHMETIC(name, operator, builtin)                                                 \
  static gboolean name##_integers (Integer a, Integer b, Integer *result)                          \
  {                                                                                                \
    return !builtin (a, b, result);                                                                \
  }                                                                                                \
                                                                                                   \
  static double name##_doubles (double a, double b)                                                \
  {                                                                                                \
    return a operator b;                                                                           \
  }                                                                                                \
                                                                                                   \
  ARBOR_FUNCTION (name)                                                                            \
  {                                                                                                \
    calculate (arguments, name##_integers, name##_doubles, result);                                \
  }

DEFINE_ARITHMETIC (add, +, __builtin_add_overflow)
DEFINE_ARITHMETIC (subtract, -, __builtin_sub_overflow)
DEFINE_ARITHMETIC (multiply, *, __builtin_mul_overflow)

static double
divide_doubles (double a, double b)
{
  return b == 0 ? NAN : a / b;
}

ARBOR_FUNCTION (divide)
{
  calculate (arguments, NULL, divide_doubles, result);
}

/* Rounded down, as integers. FALSE for the one case that does not fit is left to set_integer. */
static gboolean
div_integers (Integer a, Integer b, Integer *result)
{
  if (b == 0)
    return FALSE;
  *result = a / b - (a % b != 0 && (a < 0) != (b < 0));
  return TRUE;
}

static gboolean
mod_integers (Integer a, Integer b, Integer *result)
{
  if (b == 0)
    return FALSE;
  *result = a % b;
  if (*result != 0 && (*result < 0) != (b < 0))
    *result += b;
  return TRUE;
}

double
arbor_function_mod_doubles (double a, double b)
{
  double rest;

  if (b == 0)
    return NAN;
  rest = fmod (a, b);
  if (rest == 0)
    return copysign (0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

/* From what is left, which is exact, rather than from a quotient that was rounded already. */
double
arbor_function_div_doubles (double a, double b)
{
  double quotient;

  if (b == 0)
    return NAN;
  if (isinf (b))
    return floor (a / b);
  quotient = (a - arbor_function_mod_doubles (a, b)) / b;
  return quotient == 0 ? copysign (0, a / b) : round (quotient);
}

ARBOR_FUNCTION (div)
{
  calculate (arguments, div_integers, arbor_function_div_doubles, result);
}

ARBOR_FUNCTION (mod)
{
  calculate (arguments, mod_integers, arbor_function_mod_doubles, result);
}

/* FALSE for a negative exponent and beyond 64 bits. */
static gboolean
pow_integers (Integer a, Integer b, Integer *result)
{
  Integer power = 1;

  if (b < 0 || (b > 64 && a != 0 && a != 1 && a != -1))
    return FALSE;
  if (b > 64)
    b = 2 + (b & 1);
  for (; b > 0; b--)
    if (__builtin_mul_overflow (power, a, &power))
      return FALSE;
  *result = power;
  return TRUE;
}

gboolean
arbor_function_pow_fits (gint64 a, gint64 b, gint64 *result)
{
  Integer power;

  if (!pow_integers (a, b, &power) || power < G_MININT64 || power > G_MAXINT64)
    return FALSE;
  *result = (gint64) power;
  return TRUE;
}

ARBOR_FUNCTION (pow)
{
  calculate (arguments, pow_integers, pow, result);
}

ARBOR_FUNCTION (neg)
{
  if (!arbor_kind_is_number (arguments->kind))
    *result = ARBOR_VALUE_NULL;
  else if (!is_integer (arguments) || !set_integer (-get_integer (arguments), FALSE, result))
    set_double (-arbor_number_to_double (arguments), result);
}
