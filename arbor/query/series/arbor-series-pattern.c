/* Regular expressions over series of strings, where a literal says which one. A search that takes too
 * much work leaves its place open: the row evaluator tells of it, if anybody asks for that row.
 */

#include "query/expr/arbor-pattern.h"

#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-strings.h"

/* What the row code does with the string of place @i. */
static ArborSearch
search (const ArborSeriesCall *call, const ArborPattern *pattern, const ArborString *string)
{
  ArborSearch found = arbor_pattern_search (pattern, string->length > 0 ? string->bytes : "",
                                            string->length, 0, call->texts);

  if (found == ARBOR_SEARCH_OPEN)
    arbor_scope_take_trouble (call->texts);
  return found;
}

/* Only what PCRE2 can walk. */
static gboolean
is_searchable (const ArborSeriesCall *call, const ArborSeries *strings, guint32 i)
{
  const ArborString *string = &strings->strings[i];

  return arbor_strings_has (call, strings, i) && string->length < G_MAXINT32 &&
         arbor_function_is_utf8 (string->bytes, string->length) &&
         !arbor_scope_is_stopped (call->texts);
}

static guint8
get_other_truth (const ArborSeries *strings, guint32 i)
{
  return arbor_series_get_kind (strings, i) == ARBOR_KIND_OPEN ? ARBOR_TRUTH_OPEN
                                                               : ARBOR_TRUTH_NULL;
}

ARBOR_SERIES (match)
{
  static const guint8 truth_of[] = { [ARBOR_SEARCH_NONE] = ARBOR_TRUTH_FALSE,
                                     [ARBOR_SEARCH_FOUND] = ARBOR_TRUTH_TRUE,
                                     [ARBOR_SEARCH_OPEN] = ARBOR_TRUTH_OPEN };
  const ArborPattern *pattern = arbor_function_get_pattern (call->node);
  ArborSeries strings;
  guint8 *truths;

  if (pattern == NULL || !arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  truths = arbor_series_call_new_truths (call, result);
  for (guint32 i = 0; i < call->n; i++)
    truths[i] = is_searchable (call, &strings, i)
                    ? truth_of[search (call, pattern, &strings.strings[i])]
                    : get_other_truth (&strings, i);
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}

/* The group that the third argument asks for; FALSE: by another way than a number. */
static gboolean
get_group (const ArborSeriesCall *call, gint64 *group)
{
  const ArborValue *third = call->n_arguments > 2 ? arbor_series_call_get_constant (call, 2) : NULL;

  *group = 0;
  return call->n_arguments == 2 || (third != NULL && arbor_function_get_integer (third, group));
}

ARBOR_SERIES (extract)
{
  const ArborPattern *pattern = arbor_function_get_pattern (call->node);
  ArborString *out;
  ArborSeries strings;
  guint8 *kind;
  gint64 group;

  if (pattern == NULL || !get_group (call, &group) ||
      !arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  out = arbor_series_call_new_strings (call, TRUE, result);
  kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      const ArborString *string = &strings.strings[i];
      ArborSearch found = ARBOR_SEARCH_NONE;
      gsize start, end;

      out[i] = (ArborString){ "", 0 };
      kind[i] = get_other_truth (&strings, i) == ARBOR_TRUTH_OPEN ? ARBOR_KIND_OPEN
                                                               : ARBOR_KIND_NULL;
      if (is_searchable (call, &strings, i))
        found = search (call, pattern, string);
      if (found == ARBOR_SEARCH_OPEN)
        kind[i] = ARBOR_KIND_OPEN;
      if (found != ARBOR_SEARCH_FOUND || group < 0 || group > G_MAXINT32 ||
          !arbor_pattern_get_group (pattern, call->texts, (guint) group, &start, &end))
        continue;
      kind[i] = ARBOR_KIND_STRING;
      if (end > start)
        out[i] = (ArborString){ string->bytes + start, (guint32) (end - start) };
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

/* The row code makes the texts; all around it is done for strings only. */
ARBOR_SERIES (replace_regex)
{
  const ArborPattern *pattern = arbor_function_get_pattern (call->node);
  const ArborValue *by = arbor_series_call_get_constant (call, 2);
  ArborString *out;
  ArborSeries strings;
  guint8 *kind;

  if (pattern == NULL || by == NULL || by->kind != ARBOR_KIND_STRING ||
      !arbor_series_to_strings (&call->arguments[0], call->arrays, &strings))
    return FALSE;
  out = arbor_series_call_new_strings (call, TRUE, result);
  kind = (guint8 *) result->kind;
  for (guint32 i = 0; i < call->n; i++)
    {
      out[i] = (ArborString){ "", 0 };
      kind[i] = get_other_truth (&strings, i) == ARBOR_TRUTH_OPEN ? ARBOR_KIND_OPEN
                                                               : ARBOR_KIND_NULL;
      if (!arbor_strings_has (call, &strings, i))
        continue;
      kind[i] = ARBOR_KIND_STRING; /* unless it turns out to be none */
      arbor_series_call_put_string (call, i, out, result);
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}
