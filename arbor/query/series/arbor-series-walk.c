/* What gives back arrays as long as they were, or shorter, and how long things are: map, filter, len.
 * No list is made: the elements stay a series, and their runs say which belong together.
 */

#include "query/series/arbor-series-array.h"
#include <math.h>
#include "base/arbor-bytes.h"
#include "batch/arbor-batch.h"
#include "query/expr/arbor-aggregate.h"
#include "query/expr/arbor-function-private.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-compare.h"
#include "query/series/arbor-series-numbers.h"
#include "query/series/arbor-series-reduce.h"

/* Lengths */

/* Bytes that begin a character, eight at a time: those that do not are 10xxxxxx. */
static inline guint32
count_characters (const ArborString *string)
{
  const char *at = string->bytes;
  guint32 n = string->length;
  guint32 n_inner = 0;
  guint64 word;

  for (; n >= 8; n -= 8, at += 8)
    {
      memcpy (&word, at, 8);
      n_inner += (guint32) __builtin_popcountll (word & ~(word << 1) &
                                                 G_GUINT64_CONSTANT (0x8080808080808080));
    }
  for (; n > 0; n--, at++)
    n_inner += ((guchar) *at & 0xC0) == 0x80;
  return string->length - n_inner;
}

static void
measure_value (const ArborSeriesCall *call, guint32 i, ArborValue *value)
{
  guint32 start, end;

  if (value->kind == ARBOR_KIND_ARRAY && value->holder_kind == ARBOR_HOLDER_BATCH)
    {
      arbor_batch_get_array (value->holder, value->column, value->index, &start, &end);
      *value = ARBOR_VALUE_INT64 (end - start);
    }
  else if (value->kind == ARBOR_KIND_STRING || value->kind >= ARBOR_KIND_ARRAY)
    {
      ArborValue arguments[1];

      if (value->kind != ARBOR_KIND_OPEN)
        arbor_series_call_place (call, i, arguments, value);
    }
  else
    {
      *value = ARBOR_VALUE_NULL;
    }
}

ARBOR_SERIES (len)
{
  const ArborSeries *from = &call->arguments[0];
  guint64 *words = arbor_series_call_new_words (call, TRUE, result);
  guint8 *kind = (guint8 *) result->kind;
  ArborSeries strings;

  if (from->form == ARBOR_SERIES_RUNS)
    {
      ArborSeriesCall elements = arbor_series_get_elements (call, from);
      const guint8 *open = arbor_series_list_open (call, &elements, from);

      for (guint32 i = 0; i < call->n; i++)
        {
          guint8 of = from->kind != NULL ? from->kind[i] : (guint8) ARBOR_KIND_ARRAY;

          words[i] = from->starts[i + 1] - from->starts[i];
          kind[i] = of == ARBOR_KIND_OPEN || (open != NULL && open[i]) ? ARBOR_KIND_OPEN
                    : of == ARBOR_KIND_ARRAY                            ? ARBOR_KIND_INT64
                                                                        : ARBOR_KIND_NULL;
        }
    }
  else if (arbor_series_to_strings (from, call->arrays, &strings))
    {
      for (guint32 i = 0; i < call->n; i++)
        {
          guint8 of = arbor_series_get_kind (&strings, i);

          words[i] = of == ARBOR_KIND_STRING ? count_characters (&strings.strings[i]) : 0;
          kind[i] = of == ARBOR_KIND_STRING ? ARBOR_KIND_INT64
                    : of == ARBOR_KIND_OPEN ? ARBOR_KIND_OPEN
                                            : ARBOR_KIND_NULL;
        }
    }
  else
    {
      for (guint32 i = 0; i < call->n; i++)
        {
          ArborValue value;

          arbor_series_get (from, i, &value);
          if (value.kind != ARBOR_KIND_OPEN)
            measure_value (call, i, &value);
          words[i] = value.uint64;
          kind[i] = value.kind;
        }
    }
  arbor_series_call_finish_kinds (call, result);
  return TRUE;
}

/* Walks */

/* What is missing among the elements is null in an array. FALSE: not in this form. */
gboolean
arbor_series_fill_missing (const ArborSeriesCall *call, ArborSeries *inner)
{
  guint8 *kind;

  if (!arbor_series_may_be (inner, ARBOR_KIND_MISSING))
    return TRUE;
  if ((inner->form != ARBOR_SERIES_WORDS && inner->form != ARBOR_SERIES_STRINGS) ||
      inner->kind == NULL)
    return FALSE;
  kind = arbor_scope_alloc (call->arrays, MAX (inner->n, 1));
  for (guint32 i = 0; i < inner->n; i++)
    kind[i] = inner->kind[i] == ARBOR_KIND_MISSING ? ARBOR_KIND_NULL : inner->kind[i];
  inner->kind = kind;
  inner->kinds = (inner->kinds & ~ARBOR_KINDS (ARBOR_KIND_MISSING)) | ARBOR_KINDS (ARBOR_KIND_NULL);
  return TRUE;
}

static void
set_inner (const ArborSeriesCall *call, const ArborSeries *inner, ArborSeries *result)
{
  ArborSeries *copy = arbor_scope_alloc (call->arrays, sizeof *copy);

  *copy = *inner;
  result->inner = copy;
}

/* The body of the walk is what it gives. */
ARBOR_SERIES (map)
{
  const ArborSeries *body = &call->arguments[1];
  ArborSeries inner;

  if (body->form != ARBOR_SERIES_RUNS || body->inner->form == ARBOR_SERIES_RUNS)
    return FALSE;
  inner = *body->inner;
  if (!arbor_series_fill_missing (call, &inner))
    return FALSE;
  *result = *body;
  result->rows = NULL;
  set_inner (call, &inner, result);
  return TRUE;
}

/* The arrays and what their elements gave, as runs of the same lengths. */
gboolean
arbor_series_get_walk (const ArborSeriesCall *call, const ArborSeries **runs, const ArborSeries **body)
{
  *runs = &call->arguments[0];
  *body = &call->arguments[1];
  return (*runs)->form == ARBOR_SERIES_RUNS && (*body)->form == ARBOR_SERIES_RUNS &&
         (*runs)->inner->form != ARBOR_SERIES_RUNS && (*body)->inner->form != ARBOR_SERIES_RUNS &&
         memcmp ((*runs)->starts, (*body)->starts,
                 ((gsize) call->n + 1) * sizeof *(*runs)->starts) == 0;
}

ARBOR_SERIES (filter)
{
  const ArborSeries *runs, *body;
  ArborSeriesCall elements;
  const guint8 *open;
  guint32 *starts, *kept, *rows = NULL;
  guint8 *kind = NULL;
  ArborSeries truths, inner;
  guint32 n = 0;

  if (!arbor_series_get_walk (call, &runs, &body))
    return FALSE;
  elements = arbor_series_get_elements (call, runs);
  inner = *runs->inner;
  if (!arbor_series_fill_missing (call, &inner))
    return FALSE;
  arbor_series_to_truths (body->inner, call->arrays, &truths);
  starts = arbor_scope_alloc (call->arrays, ((gsize) call->n + 1) * sizeof *starts);
  kept = arbor_scope_alloc (call->arrays, MAX ((gsize) elements.n, 1) * sizeof *kept);
  open = arbor_series_list_open (call, &elements, runs);
  if (open != NULL || arbor_series_has_open (body->inner) || runs->kind != NULL)
    kind = arbor_scope_alloc (call->arrays, MAX (call->n, 1));
  for (guint32 i = 0; i < call->n; i++)
    {
      guint8 of = runs->kind != NULL ? runs->kind[i] : (guint8) ARBOR_KIND_ARRAY;

      starts[i] = n;
      if (open != NULL && open[i])
        of = ARBOR_KIND_OPEN;
      for (guint32 j = runs->starts[i]; j < runs->starts[i + 1]; j++)
        {
          kept[n] = j;
          n += truths.truths[j] == ARBOR_TRUTH_TRUE;
          of = truths.truths[j] == ARBOR_TRUTH_OPEN ? ARBOR_KIND_OPEN : of;
        }
      if (kind != NULL)
        kind[i] = of == ARBOR_KIND_ARRAY || of == ARBOR_KIND_OPEN ? of : ARBOR_KIND_NULL;
    }
  starts[call->n] = n;
  if (runs->rows != NULL)
    rows = arbor_scope_alloc (call->arrays, MAX ((gsize) n, 1) * sizeof *rows);
  for (guint32 i = 0; rows != NULL && i < n; i++)
    rows[i] = runs->rows[kept[i]];
  *result = *runs;
  result->starts = starts;
  result->kind = kind;
  result->rows = rows;
  arbor_series_gather (&inner, kept, n, call->arrays, &truths);
  set_inner (call, &truths, result);
  return TRUE;
}
