/* Reading numbers from text. See arbor-number.h; comparing and hashing is in
 * arbor-number-compare.c.
 */

#include "base/arbor-number.h"

#include "base/arbor-simdjson.h"

static gboolean
scan_digits (const char *text, gsize length, gsize *n)
{
  gsize start = *n;

  while (*n < length && g_ascii_isdigit (text[*n]))
    (*n)++;
  return *n > start;
}

gboolean
arbor_number_scan (const char *text, gsize length, gsize *n, gboolean *is_integer)
{
  *n = 0;
  *is_integer = TRUE;
  if (*n < length && text[*n] == '-')
    (*n)++;
  if (*n < length && text[*n] == '0')
    (*n)++;
  else if (!scan_digits (text, length, n))
    return FALSE;

  if (*n < length && text[*n] == '.')
    {
      *is_integer = FALSE;
      (*n)++;
      if (!scan_digits (text, length, n))
        return FALSE;
    }
  if (*n < length && (text[*n] == 'e' || text[*n] == 'E'))
    {
      *is_integer = FALSE;
      (*n)++;
      if (*n < length && (text[*n] == '+' || text[*n] == '-'))
        (*n)++;
      if (!scan_digits (text, length, n))
        return FALSE;
    }
  return TRUE;
}

/* An integer of the JSON grammar. FALSE when it fits no 64 bits. */
static gboolean
parse_integer (const char *text, gsize length, ArborValue *value)
{
  gboolean negative = text[0] == '-';
  guint64 magnitude = 0;

  for (gsize i = negative; i < length; i++)
    if (!g_uint64_checked_mul (&magnitude, magnitude, 10) ||
        !g_uint64_checked_add (&magnitude, magnitude, (guint64) (text[i] - '0')))
      return FALSE;

  if (negative && magnitude > (guint64) G_MAXINT64 + 1)
    return FALSE;
  if (negative)
    *value = ARBOR_VALUE_INT64 ((gint64) (0 - magnitude));
  else if (magnitude <= G_MAXINT64)
    *value = ARBOR_VALUE_INT64 ((gint64) magnitude);
  else
    *value = ARBOR_VALUE_UINT64 (magnitude);
  return TRUE;
}

gboolean
arbor_number_parse (const char *text, gsize length, ArborValue *value)
{
  gsize n;
  gboolean is_integer;
  double real;

  if (length > G_MAXUINT32 || !arbor_number_scan (text, length, &n, &is_integer) || n != length)
    return FALSE;

  if (is_integer)
    {
      if (!parse_integer (text, length, value))
        *value = ARBOR_VALUE_NUMBER (text, (guint32) length);
    }
  else if (arbor_cxx_read_double (text, length, &real))
    {
      *value = ARBOR_VALUE_DOUBLE (real);
    }
  else
    {
      *value = ARBOR_VALUE_NUMBER (text, (guint32) length);
    }
  return TRUE;
}
