/* Arithmetic of one number: rounding, roots, limits. Integers stay integers where the result is
 * one; what is not finite, and what is no number, is null.
 */

#include "query/expr/arbor-function-private.h"

#include <math.h>

#include "base/arbor-number.h"
#include "batch/arbor-value-access.h"

/* No double has digits further from the point than this. */
#define MAX_DIGITS 1100
/* Digits that no 64-bit integer has. */
#define MAX_INTEGER_DIGITS 20

static gboolean
is_integer (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_INT64 || value->kind == ARBOR_KIND_UINT64;
}

static void
set_double (double number, ArborValue *result)
{
  *result = isfinite (number) ? ARBOR_VALUE_DOUBLE (number) : ARBOR_VALUE_NULL;
}

ARBOR_FUNCTION (abs)
{
  if (!arbor_kind_is_number (arguments->kind))
    *result = ARBOR_VALUE_NULL;
  else if (arguments->kind == ARBOR_KIND_UINT64)
    *result = *arguments;
  else if (arguments->kind == ARBOR_KIND_INT64 && arguments->int64 != G_MININT64)
    *result = ARBOR_VALUE_INT64 (ABS (arguments->int64));
  else
    set_double (fabs (arbor_number_to_double (arguments)), result);
}

/* To a multiple of 10 to the power of @n_zeros. */
static void
round_integer (const ArborValue *value, gint64 n_zeros, ArborValue *result)
{
  __int128 number =
      value->kind == ARBOR_KIND_INT64 ? (__int128)value->int64 : (__int128)value->uint64;
  __int128 unit = 1;
  __int128 rest;

  for (gint64 i = 0; i < n_zeros; i++)
    unit *= 10;
  rest = number % unit;
  number -= rest;
  rest = rest < 0 ? -rest : rest;
  if (rest * 2 > unit || (rest * 2 == unit && (number / unit) % 2 != 0))
    number += value->kind == ARBOR_KIND_INT64 && value->int64 < 0 ? -unit : unit;

  if (number >= G_MININT64 && number <= G_MAXINT64)
    *result = ARBOR_VALUE_INT64 ((gint64)number);
  else if (value->kind == ARBOR_KIND_UINT64 && number > 0 && number <= G_MAXUINT64)
    *result = ARBOR_VALUE_UINT64 ((guint64)number);
  else
    *result = ARBOR_VALUE_DOUBLE ((double)number);
}

/* Few decimals without text: the product with the power of ten and what it was rounded by tell which
 * whole number is nearest, unless it is about a tie; that number and the power are doubles, so their
 * quotient is the nearest double. FALSE: not this one. */
static gboolean
round_by_product (double number, gint64 digits, double *result)
{
  static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };
  double product, whole, rest;

  if (digits < 0 || digits >= (gint64) G_N_ELEMENTS (powers))
    return FALSE;
  product = number * powers[digits];
  if (!(fabs (product) < 0x1p52))
    return FALSE;
  whole = rint (product);
  rest = (product - whole) + fma (number, powers[digits], -product);
  if (digits > 0 && !(fabs (rest) < 0.499))
    return FALSE;
  *result = whole / powers[digits];
  return TRUE;
}

/* The C library writes the exact decimal value, ties to even. */
double
arbor_function_round_double (double number, gint64 digits)
{
  char text[MAX_DIGITS + 320];
  char format[16];
  int exponent;
  double rounded;

  if (number == 0 || !isfinite (number) || digits > MAX_DIGITS)
    return number;
  if (round_by_product (number, digits, &rounded))
    return rounded;
  if (digits >= 0)
    {
      g_snprintf (format, sizeof format, "%%.%df", (int)digits);
      return g_ascii_strtod (g_ascii_formatd (text, sizeof text, format, number), NULL);
    }

  /* The place of the first digit, exactly: so many decimals that none is rounded away. */
  g_ascii_formatd (text, sizeof text, "%.800e", number);
  exponent = atoi (strchr (text, 'e') + 1);
  if (digits < -400 || exponent + digits < -1)
    return copysign (0, number);
  if (exponent + digits == -1)
    {
      g_autofree char *half = g_strdup_printf ("5e%d", exponent);
      ArborValue value = ARBOR_VALUE_DOUBLE (fabs (number));

      if (arbor_number_compare (&value, &ARBOR_VALUE_NUMBER (half, (guint32)strlen (half))) <= 0)
        return copysign (0, number);
      g_snprintf (text, sizeof text, "1e%d", exponent + 1);
      return copysign (g_ascii_strtod (text, NULL), number);
    }
  g_snprintf (format, sizeof format, "%%.%de", (int)(exponent + digits));
  return g_ascii_strtod (g_ascii_formatd (text, sizeof text, format, number), NULL);
}

ARBOR_FUNCTION (round)
{
  gint64 digits = 0;

  if (!arbor_kind_is_number (arguments->kind) ||
      (call->n_arguments > 1 && !arbor_function_get_integer (&arguments[1], &digits)))
    *result = ARBOR_VALUE_NULL;
  else if (!is_integer (arguments))
    set_double (arbor_function_round_double (arbor_number_to_double (arguments), digits), result);
  else if (digits >= 0)
    *result = *arguments;
  else if (digits < -MAX_INTEGER_DIGITS)
    *result = ARBOR_VALUE_INT64 (0);
  else
    round_integer (arguments, -digits, result);
}

static void
apply (const ArborValue *argument, double (*code) (double), gboolean keeps_integers,
       ArborValue *result)
{
  if (!arbor_kind_is_number (argument->kind))
    *result = ARBOR_VALUE_NULL;
  else if (keeps_integers && is_integer (argument))
    *result = *argument;
  else
    set_double (code (arbor_number_to_double (argument)), result);
}

ARBOR_FUNCTION (floor)
{
  apply (arguments, floor, TRUE, result);
}

ARBOR_FUNCTION (ceil)
{
  apply (arguments, ceil, TRUE, result);
}

ARBOR_FUNCTION (sqrt)
{
  apply (arguments, sqrt, FALSE, result);
}

ARBOR_FUNCTION (exp)
{
  apply (arguments, exp, FALSE, result);
}

/* The logarithms to 2 and 10 have code of their own, which is exact for powers. */
ARBOR_FUNCTION (log)
{
  double base;

  apply (arguments, log, FALSE, result);
  if (call->n_arguments == 1 || result->kind == ARBOR_KIND_NULL)
    return;
  if (!arbor_kind_is_number (arguments[1].kind))
    {
      *result = ARBOR_VALUE_NULL;
      return;
    }

  base = arbor_number_to_double (&arguments[1]);
  if (base == 2)
    apply (arguments, log2, FALSE, result);
  else if (base == 10)
    apply (arguments, log10, FALSE, result);
  else
    set_double (base > 0 && base != 1 ? result->real / log (base) : NAN, result);
}

/* FALSE: not a limit. A literal null is none, and ok. */
static gboolean
has_limit (const ArborNode *node, const ArborValue *value, gboolean *is_valid)
{
  if (arbor_node_is_null_literal (node))
    return FALSE;
  *is_valid &= arbor_kind_is_number (value->kind);
  return TRUE;
}

ARBOR_FUNCTION (clip)
{
  gboolean is_valid = arbor_kind_is_number (arguments->kind);
  gboolean has_low = has_limit (call->arguments[1], &arguments[1], &is_valid);
  gboolean has_high = has_limit (call->arguments[2], &arguments[2], &is_valid);

  if (!is_valid || (has_low && has_high && arbor_number_compare (&arguments[1], &arguments[2]) > 0))
    *result = ARBOR_VALUE_NULL;
  else if (has_low && arbor_number_compare (&arguments[0], &arguments[1]) < 0)
    *result = arguments[1];
  else if (has_high && arbor_number_compare (&arguments[0], &arguments[2]) > 0)
    *result = arguments[2];
  else
    *result = arguments[0];
}
