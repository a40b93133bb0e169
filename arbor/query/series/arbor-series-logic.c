/* Three-valued logic over series, by bytes whose order is made for it (ArborTruth). */

#include "base/arbor-simd.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-call.h"

/* What is missing counts as null. */
#define PLAIN(truth) ((guint8) ((truth) == ARBOR_TRUTH_MISSING ? ARBOR_TRUTH_NULL : (truth)))

ARBOR_TARGET_CLONES
static void
begin (const guint8 *a, guint32 n, guint8 *truths)
{
  for (guint32 i = 0; i < n; i++)
    truths[i] = PLAIN (a[i]);
}

/* What decided before is not asked further, so an open one behind it does not matter. */
ARBOR_TARGET_CLONES
static void
and_loop (const guint8 *a, guint32 n, guint8 *truths)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint8 x = truths[i], y = PLAIN (a[i]);
      guint8 both = (x == ARBOR_TRUTH_OPEN) | (y == ARBOR_TRUTH_OPEN) ? ARBOR_TRUTH_OPEN
                                                                       : MIN (x, y);

      truths[i] = x == ARBOR_TRUTH_FALSE ? ARBOR_TRUTH_FALSE : both;
    }
}

ARBOR_TARGET_CLONES
static void
or_loop (const guint8 *a, guint32 n, guint8 *truths)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint8 x = truths[i], y = PLAIN (a[i]);

      truths[i] = x == ARBOR_TRUTH_TRUE ? ARBOR_TRUTH_TRUE : MAX (x, y);
    }
}

static gboolean
combine (const ArborSeriesCall *call, void (*loop) (const guint8 *, guint32, guint8 *),
         ArborSeries *result)
{
  guint8 *truths = arbor_series_call_new_truths (call, result);

  for (guint a = 0; a < call->n_arguments; a++)
    {
      ArborScopeMark mark = arbor_scope_mark (call->arrays);
      ArborSeries series;

      arbor_series_to_truths (&call->arguments[a], call->arrays, &series);
      if (a == 0)
        begin (series.truths, call->n, truths);
      else
        loop (series.truths, call->n, truths);
      arbor_scope_release (call->arrays, mark);
    }
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}

ARBOR_SERIES (or)
{
  return combine (call, or_loop, result);
}

ARBOR_SERIES (and)
{
  return combine (call, and_loop, result);
}

ARBOR_TARGET_CLONES
static void
not_loop (const guint8 *a, guint32 n, guint8 *truths)
{
  for (guint32 i = 0; i < n; i++)
    truths[i] = a[i] == ARBOR_TRUTH_OPEN ? ARBOR_TRUTH_OPEN
                                          : (guint8) (ARBOR_TRUTH_TRUE - PLAIN (a[i]));
}

ARBOR_SERIES (not)
{
  guint8 *truths = arbor_series_call_new_truths (call, result);
  ArborSeries series;

  arbor_series_to_truths (&call->arguments[0], call->arrays, &series);
  not_loop (series.truths, call->n, truths);
  arbor_series_call_finish_truths (call, result);
  return TRUE;
}
