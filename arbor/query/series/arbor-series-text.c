/* New texts over series: of ASCII here, of all else by the row code, string by string. */

#include "query/series/arbor-series-strings.h"

#include "query/expr/arbor-function-series.h"

/* Case */

/* What kinds of bytes a text has: ASCII, and without letters between @first and @first + 25. */
static inline gboolean
is_plain (const ArborString *string, guint8 first, gboolean *is_same)
{
  guint8 all = 0, changes = 0;

  for (guint32 i = 0; i < string->length; i++)
    {
      guint8 c = (guint8) string->bytes[i];

      all |= c;
      changes |= (guint8) (c - first) < 26;
    }
  *is_same = !changes;
  return all < 0x80;
}

static gboolean
run_case (const ArborSeriesCall *call, guint8 first, ArborSeries *result)
{
  ArborString *out;
  ArborSeries strings;

  if (!arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  out = arbor_series_call_new_strings (call, FALSE, result);
  result->kind = arbor_series_call_map_strings (call, &strings, ARBOR_KIND_STRING);
  for (guint32 i = 0; i < call->n; i++)
    {
      const ArborString *string = &strings.strings[i];
      gboolean is_same, is_ascii;
      char *text;

      out[i] = *string;
      if (!arbor_strings_has (call, &strings, i))
        continue;
      is_ascii = is_plain (string, first, &is_same);
      if (is_ascii && is_same)
        continue;
      text = is_ascii ? arbor_series_call_new_text (call, string->length) : NULL;
      if (text == NULL)
        {
          arbor_series_call_put_string (call, i, out, result);
          continue;
        }
      for (guint32 j = 0; j < string->length; j++)
        {
          guint8 c = (guint8) string->bytes[j];

          text[j] = (char) ((guint8) (c - first) < 26 ? c ^ 0x20 : c);
        }
      out[i].bytes = text;
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

ARBOR_SERIES (lower)
{
  return run_case (call, 'A', result);
}

ARBOR_SERIES (upper)
{
  return run_case (call, 'a', result);
}

ARBOR_SERIES (casefold)
{
  return run_case (call, 'A', result);
}

/* Concatenation */

static gboolean
concat_place (const ArborSeriesCall *call, const ArborSeries *parts, guint32 i, ArborString *out)
{
  gsize length = 0;
  char *text;

  for (guint a = 0; a < call->n_arguments; a++)
    length += parts[a].strings[i].length;
  text = arbor_series_call_new_text (call, length);
  if (text == NULL)
    return FALSE;
  *out = (ArborString){ text, (guint32) length };
  for (guint a = 0; a < call->n_arguments; a++)
    {
      const ArborString *part = &parts[a].strings[i];

      if (part->length > 0)
        memcpy (text, part->bytes, part->length);
      text += part->length;
    }
  return TRUE;
}

ARBOR_SERIES (concat)
{
  ArborSeries *parts =
      arbor_scope_alloc (call->arrays, (gsize) call->n_arguments * sizeof *parts);
  gboolean has_gaps = FALSE;
  ArborString *out;
  guint8 *kind;

  for (guint a = 0; a < call->n_arguments; a++)
    {
      if (!arbor_series_to_strings (&call->arguments[a], call->arrays, &parts[a]))
        return FALSE;
      has_gaps |= parts[a].kinds != ARBOR_KINDS (ARBOR_KIND_STRING);
    }
  out = arbor_series_call_new_strings (call, TRUE, result);
  kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      gboolean is_string = call->wanted == NULL || call->wanted[i];
      gboolean is_open = FALSE;

      for (guint a = 0; has_gaps && a < call->n_arguments; a++)
        {
          is_string &= arbor_series_get_kind (&parts[a], i) == ARBOR_KIND_STRING;
          is_open |= arbor_series_get_kind (&parts[a], i) == ARBOR_KIND_OPEN;
        }
      out[i] = (ArborString){ "", 0 };
      kind[i] = is_open ? ARBOR_KIND_OPEN : is_string ? ARBOR_KIND_STRING : ARBOR_KIND_NULL;
      if (kind[i] == ARBOR_KIND_STRING && !concat_place (call, parts, i, &out[i]))
        arbor_series_call_put_string (call, i, out, result);
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

/* Replacement */

static inline const char *
find (const char *at, const char *end, const ArborValue *part)
{
  return (gsize) (end - at) >= part->length
             ? memmem (at, (gsize) (end - at), part->text, part->length)
             : NULL;
}

/* FALSE: more than a place may take. @found is the first one. */
static gboolean
replace_place (const ArborSeriesCall *call, const ArborValue *part, const ArborValue *by,
               const char *found, ArborString *string)
{
  const char *at = string->bytes;
  const char *end = at + string->length;
  gsize n_found = 0, n = 0;
  char *out;

  for (const char *next = found; next != NULL; next = find (next + part->length, end, part))
    n_found++;
  out = arbor_series_call_new_text (
      call, string->length - n_found * part->length + n_found * (gsize) by->length);
  if (out == NULL)
    return FALSE;
  for (; found != NULL; at = found + part->length, found = find (at, end, part))
    {
      memcpy (out + n, at, (gsize) (found - at));
      n += (gsize) (found - at);
      if (by->length > 0)
        memcpy (out + n, by->text, by->length);
      n += by->length;
    }
  memcpy (out + n, at, (gsize) (end - at));
  *string = (ArborString){ out, (guint32) (n + (gsize) (end - at)) };
  return TRUE;
}

ARBOR_SERIES (replace)
{
  const ArborValue *part = arbor_series_call_get_constant (call, 1);
  const ArborValue *by = arbor_series_call_get_constant (call, 2);
  ArborString *out;
  ArborSeries strings;

  if (part == NULL || by == NULL || part->kind != ARBOR_KIND_STRING || part->length == 0 ||
      by->kind != ARBOR_KIND_STRING ||
      !arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  out = arbor_series_call_new_strings (call, FALSE, result);
  result->kind = arbor_series_call_map_strings (call, &strings, ARBOR_KIND_STRING);
  for (guint32 i = 0; i < call->n; i++)
    {
      const char *found;

      out[i] = strings.strings[i];
      if (!arbor_strings_has (call, &strings, i))
        continue;
      found = find (out[i].bytes, out[i].bytes + out[i].length, part);
      if (found != NULL && !replace_place (call, part, by, found, &out[i]))
        arbor_series_call_put_string (call, i, out, result);
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}
