/* Strings over series: tests of parts, and parts of them, which lie where the strings lie. What needs
 * Unicode to be known is left to the row code, string by string.
 */

#include "query/series/arbor-series-strings.h"

#include "base/arbor-value.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-kernel-loops.h"
#include "query/series/arbor-series-array.h"

const guint8 *
arbor_series_call_map_strings (const ArborSeriesCall *self, const ArborSeries *strings, guint8 kind)
{
  guint8 *mapped;

  if (strings->kinds == ARBOR_KINDS (ARBOR_KIND_STRING))
    return NULL;
  mapped = arbor_scope_alloc (self->arrays, MAX (self->n, 1));
  for (guint32 i = 0; i < self->n; i++)
    {
      guint8 of = arbor_series_get_kind (strings, i);

      mapped[i] = of == ARBOR_KIND_STRING ? kind
                  : of == ARBOR_KIND_OPEN ? ARBOR_KIND_OPEN
                                          : ARBOR_KIND_NULL;
    }
  return mapped;
}

void
arbor_series_call_put_string (const ArborSeriesCall *self, guint32 i, ArborString *strings,
                              ArborSeries *result)
{
  ArborValue few[4];
  ArborValue *arguments = few;
  ArborValue value;

  if (self->n_arguments > G_N_ELEMENTS (few))
    arguments = arbor_scope_alloc (self->arrays, (gsize) self->n_arguments * sizeof *arguments);
  arbor_series_call_place (self, i, arguments, &value);
  strings[i] = value.kind == ARBOR_KIND_STRING ? (ArborString){ value.text, value.length }
                                               : (ArborString){ "", 0 };
  if (value.kind == ARBOR_KIND_STRING)
    return;
  if (result->kind == NULL)
    {
      guint8 *kind = arbor_scope_alloc (self->arrays, MAX (self->n, 1));

      memset (kind, ARBOR_KIND_STRING, self->n);
      result->kind = kind;
    }
  ((guint8 *) result->kind)[i] = value.kind;
}

/* The first argument as strings, and the second, a constant string. */
static gboolean
get_part (const ArborSeriesCall *call, ArborSeries *strings, const ArborValue **part)
{
  *part = arbor_series_call_get_constant (call, 1);
  return *part != NULL && (*part)->kind == ARBOR_KIND_STRING &&
         arbor_series_to_strings (&call->arguments[0], call->arrays, strings);
}

/* Tests */

typedef gboolean (*Test) (const char *text, guint32 n, const char *part, guint32 m);

static inline gboolean
starts (const char *text, guint32 n, const char *part, guint32 m)
{
  return n >= m && (m == 0 || memcmp (text, part, m) == 0);
}

static inline gboolean
ends (const char *text, guint32 n, const char *part, guint32 m)
{
  return n >= m && (m == 0 || memcmp (text + n - m, part, m) == 0);
}

static inline gboolean
holds (const char *text, guint32 n, const char *part, guint32 m)
{
  return n >= m && (m == 0 || memmem (text, n, part, m) != NULL);
}

static inline guint8
get_truth (const ArborSeries *series, guint32 i, gboolean is_true)
{
  guint8 kind = arbor_series_get_kind (series, i);

  return kind == ARBOR_KIND_STRING ? (is_true ? ARBOR_TRUTH_TRUE : ARBOR_TRUTH_FALSE)
         : kind == ARBOR_KIND_OPEN ? ARBOR_TRUTH_OPEN
                                   : ARBOR_TRUTH_NULL;
}

/* @test is a constant: the loop is made for each. */
static inline __attribute__ ((always_inline)) gboolean
run_test (const ArborSeriesCall *call, Test test, ArborSeries *result)
{
  guint8 *truths = arbor_series_call_new_truths (call, result);
  ArborSeries strings, parts;

  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &strings) ||
      !arbor_series_to_strings (&call->arguments[1], call->arrays, &parts))
    return FALSE;
  for (guint32 i = 0; i < call->n; i++)
    {
      const ArborString *text = &strings.strings[i], *part = &parts.strings[i];
      gboolean have_both = arbor_strings_has (call, &strings, i) && arbor_strings_has (call, &parts, i);
      guint8 truth = get_truth (&parts, i, have_both && test (text->bytes, text->length,
                                                              part->bytes, part->length));

      truths[i] = arbor_series_get_kind (&strings, i) == ARBOR_KIND_STRING || truth == ARBOR_TRUTH_OPEN
                      ? truth
                      : get_truth (&strings, i, FALSE);
    }
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}

ARBOR_SERIES (starts_with)
{
  return run_test (call, starts, result);
}

ARBOR_SERIES (ends_with)
{
  return run_test (call, ends, result);
}

/* One behind the other, as they lie in a lane. */
static gboolean
are_joined (const ArborSeries *strings)
{
  for (guint32 i = 1; i < strings->n; i++)
    if (strings->strings[i].bytes != strings->strings[i - 1].bytes + strings->strings[i - 1].length)
      return FALSE;
  return TRUE;
}

/* The bytes of all strings are searched as one text. */
static gboolean
search (const ArborSeriesCall *call, const ArborValue *part, ArborSeries *result)
{
  ArborNeedle needle = { .text = part->text, .length = part->length };
  const guint8 *bytes;
  ArborSeries strings;
  guint8 *truths;
  guint32 size, at = 0, i = 0, start = 0;

  if (call->n == 0 || part->kind != ARBOR_KIND_STRING || part->length == 0 ||
      call->arguments[0].kinds != ARBOR_KINDS (ARBOR_KIND_STRING) ||
      !arbor_series_to_strings (&call->arguments[0], call->arrays, &strings) ||
      !are_joined (&strings))
    return FALSE;
  truths = arbor_series_call_new_truths (call, result);
  memset (truths, ARBOR_TRUTH_FALSE, call->n);
  bytes = (const guint8 *) strings.strings[0].bytes;
  size = (guint32) (strings.strings[call->n - 1].bytes + strings.strings[call->n - 1].length -
                    (const char *) bytes);
  while ((at = arbor_needle_find (&needle, bytes, size, at)) < size)
    {
      while (start + strings.strings[i].length <= at)
        start += strings.strings[i++].length;
      if (at + part->length <= start + strings.strings[i].length)
        {
          truths[i] = ARBOR_TRUTH_TRUE;
          at = start + strings.strings[i].length;
        }
      else
        {
          at++;
        }
    }
  return TRUE;
}

ARBOR_SERIES (contains)
{
  const ArborValue *part = arbor_series_call_get_constant (call, 1);

  if (call->arguments[0].form == ARBOR_SERIES_RUNS)
    return arbor_series_contains_element (call, result);
  if (part != NULL && search (call, part, result))
    return TRUE;
  return run_test (call, holds, result);
}

/* Parts */

/* A letter of ASCII at both ends: nothing is stripped. */
static inline gboolean
has_no_space (const ArborString *string)
{
  return string->length == 0 ||
         ((guchar) (string->bytes[0] - '!') < 0x7E - '!' &&
          (guchar) (string->bytes[string->length - 1] - '!') < 0x7E - '!');
}

/* Which bytes are in a set of ASCII characters; FALSE: it has others. */
static gboolean
read_set (const ArborValue *set, guint8 is_in[256])
{
  memset (is_in, FALSE, 256);
  for (guint32 i = 0; set != NULL && i < set->length; i++)
    {
      if ((guchar) set->text[i] >= 0x80)
        return FALSE;
      is_in[(guchar) set->text[i]] = TRUE;
    }
  return set != NULL && set->kind == ARBOR_KIND_STRING;
}

static gboolean
run_strip_set (const ArborSeriesCall *call, gboolean left, gboolean right, ArborSeries *result)
{
  guint8 is_in[256];
  ArborString *out;
  ArborSeries strings;

  if (!read_set (arbor_series_call_get_constant (call, 1), is_in) ||
      !arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  out = arbor_series_call_new_strings (call, FALSE, result);
  result->kind = arbor_series_call_map_strings (call, &strings, ARBOR_KIND_STRING);
  for (guint32 i = 0; i < call->n; i++)
    {
      out[i] = strings.strings[i];
      if (!arbor_strings_has (call, &strings, i))
        continue;
      for (; left && out[i].length > 0 && is_in[(guchar) out[i].bytes[0]]; out[i].length--)
        out[i].bytes++;
      while (right && out[i].length > 0 && is_in[(guchar) out[i].bytes[out[i].length - 1]])
        out[i].length--;
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

static gboolean
run_strip (const ArborSeriesCall *call, gboolean left, gboolean right, ArborSeries *result)
{
  ArborString *out;
  ArborSeries strings;

  if (call->n_arguments > 1)
    return run_strip_set (call, left, right, result);
  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  out = arbor_series_call_new_strings (call, FALSE, result);
  result->kind = arbor_series_call_map_strings (call, &strings, ARBOR_KIND_STRING);
  for (guint32 i = 0; i < call->n; i++)
    {
      out[i] = strings.strings[i];
      if (arbor_strings_has (call, &strings, i) && !has_no_space (&out[i]))
        arbor_series_call_put_string (call, i, out, result);
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

ARBOR_SERIES (strip)
{
  return run_strip (call, TRUE, TRUE, result);
}

ARBOR_SERIES (lstrip)
{
  return run_strip (call, TRUE, FALSE, result);
}

ARBOR_SERIES (rstrip)
{
  return run_strip (call, FALSE, TRUE, result);
}

static gboolean
run_without (const ArborSeriesCall *call, gboolean at_end, ArborSeries *result)
{
  const ArborValue *part;
  ArborString *out;
  ArborSeries strings;

  if (!get_part (call, &strings, &part))
    return FALSE;
  out = arbor_series_call_new_strings (call, FALSE, result);
  result->kind = arbor_series_call_map_strings (call, &strings, ARBOR_KIND_STRING);
  for (guint32 i = 0; i < call->n; i++)
    {
      const ArborString *string = &strings.strings[i];
      guint32 n = part->length;

      out[i] = *string;
      if (!arbor_strings_has (call, &strings, i))
        continue;
      if (at_end ? ends (string->bytes, string->length, part->text, n)
                 : starts (string->bytes, string->length, part->text, n))
        out[i] = (ArborString){ string->bytes + (at_end ? 0 : n), string->length - n };
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

ARBOR_SERIES (strip_prefix)
{
  return run_without (call, FALSE, result);
}

ARBOR_SERIES (strip_suffix)
{
  return run_without (call, TRUE, result);
}

static inline const char *
skip (const char *at, const char *end, gint64 n)
{
  for (; n > 0 && at < end; n--)
    at = (guchar) *at < 0x80 && at + 1 < end && (guchar) at[1] < 0x80
             ? at + 1
             : arbor_function_next_character (at, end);
  return at;
}

/* From the start on, so that nothing need be counted. */
ARBOR_SERIES (substring)
{
  gint64 start, length = G_MAXINT64;
  const ArborValue *from = arbor_series_call_get_constant (call, 1);
  const ArborValue *n = call->n_arguments > 2 ? arbor_series_call_get_constant (call, 2) : NULL;
  ArborString *out;
  ArborSeries strings;

  if (from == NULL || !arbor_function_get_integer (from, &start) || start < 0 ||
      (call->n_arguments > 2 &&
       (n == NULL || !arbor_function_get_integer (n, &length) || length < 0)) ||
      !arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  out = arbor_series_call_new_strings (call, FALSE, result);
  result->kind = arbor_series_call_map_strings (call, &strings, ARBOR_KIND_STRING);
  for (guint32 i = 0; i < call->n; i++)
    {
      const char *at, *end;

      out[i] = (ArborString){ "", 0 };
      if (!arbor_strings_has (call, &strings, i))
        continue;
      end = strings.strings[i].bytes + strings.strings[i].length;
      at = skip (strings.strings[i].bytes, end, start);
      out[i] = (ArborString){ at, (guint32) (skip (at, end, length) - at) };
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}
