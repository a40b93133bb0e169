/* Choices over series: which argument each place takes is found first, then all are taken. */

#include "base/arbor-simd.h"
#include "query/expr/arbor-function-series.h"
#include "query/series/arbor-series-compare.h"

/* A place that has not chosen yet. */
#define NOT_YET (ARBOR_CHOICE_OPEN - 1)

/* NULL: more arguments than a choice can tell. */
static guint16 *
new_choice (const ArborSeriesCall *call)
{
  guint16 *choice;

  if (call->n_arguments >= NOT_YET)
    return NULL;
  choice = arbor_scope_alloc (call->arrays, MAX ((gsize) call->n, 1) * sizeof *choice);
  for (guint32 i = 0; i < call->n; i++)
    choice[i] = NOT_YET;
  return choice;
}

/* Those that have not chosen take @argument where it is true. */
ARBOR_TARGET_CLONES
static void
choose_where (const guint8 *truths, guint16 argument, guint32 n, guint16 *choice)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint16 chosen = truths[i] == ARBOR_TRUTH_OPEN   ? ARBOR_CHOICE_OPEN
                       : truths[i] == ARBOR_TRUTH_TRUE ? argument
                                                       : NOT_YET;

      choice[i] = choice[i] == NOT_YET ? chosen : choice[i];
    }
}

ARBOR_TARGET_CLONES
static void
choose_rest (guint16 argument, guint32 n, guint16 *choice)
{
  for (guint32 i = 0; i < n; i++)
    choice[i] = choice[i] == NOT_YET ? argument : choice[i];
}

/* The others take @argument. */
static void
finish (const ArborSeriesCall *call, guint16 argument, guint16 *choice, ArborSeries *result)
{
  choose_rest (argument, call->n, choice);
  arbor_series_call_choose (call, choice, result);
}

ARBOR_SERIES (when)
{
  guint16 *choice = new_choice (call);
  guint a;

  if (choice == NULL)
    return FALSE;
  for (a = 0; a + 1 < call->n_arguments; a += 2)
    {
      ArborScopeMark mark = arbor_scope_mark (call->arrays);
      ArborSeries truths;

      arbor_series_to_truths (&call->arguments[a], call->arrays, &truths);
      choose_where (truths.truths, (guint16) (a + 1), call->n, choice);
      arbor_scope_release (call->arrays, mark);
    }
  finish (call, (guint16) a, choice, result);
  return TRUE;
}

ARBOR_SERIES (case)
{
  guint16 *choice = new_choice (call);
  guint8 *truths;
  ArborSeries series;

  if (choice == NULL)
    return FALSE;
  truths = arbor_series_call_new_truths (call, &series);
  for (guint a = 1; a + 1 < call->n_arguments; a += 2)
    {
      ArborScopeMark mark = arbor_scope_mark (call->arrays);

      if (!arbor_series_test_equal (call, 0, a, truths))
        return FALSE;
      choose_where (truths, (guint16) (a + 1), call->n, choice);
      arbor_scope_release (call->arrays, mark);
    }
  finish (call,
          call->n_arguments % 2 == 0 ? (guint16) (call->n_arguments - 1) : ARBOR_CHOICE_NULL,
          choice, result);
  return TRUE;
}

/* Those that have not chosen take @argument where it is there. */
ARBOR_TARGET_CLONES
static void
choose_there (const guint8 *kind, guint16 argument, guint32 n, guint16 *choice)
{
  for (guint32 i = 0; i < n; i++)
    {
      guint16 chosen = kind[i] == ARBOR_KIND_OPEN  ? ARBOR_CHOICE_OPEN
                       : kind[i] > ARBOR_KIND_NULL ? argument
                                                   : NOT_YET;

      choice[i] = choice[i] == NOT_YET ? chosen : choice[i];
    }
}

ARBOR_SERIES (coalesce)
{
  guint16 *choice = new_choice (call);

  if (choice == NULL)
    return FALSE;
  for (guint a = 0; a < call->n_arguments; a++)
    {
      const ArborSeries *argument = &call->arguments[a];

      if (argument->form == ARBOR_SERIES_RUNS ||
          (argument->kinds & (ARBOR_KINDS_NOTHING | ARBOR_KINDS (ARBOR_KIND_OPEN))) != 0)
        choose_there (arbor_series_call_list_kinds (call, argument), (guint16) a, call->n, choice);
      else
        choose_rest ((guint16) a, call->n, choice);
    }
  finish (call, ARBOR_CHOICE_NULL, choice, result);
  return TRUE;
}

ARBOR_SERIES (null_if)
{
  guint16 *choice = new_choice (call);
  ArborSeries series;
  guint8 *truths = arbor_series_call_new_truths (call, &series);

  if (choice == NULL || !arbor_series_test_equal (call, 0, 1, truths))
    return FALSE;
  for (guint32 i = 0; i < call->n; i++)
    choice[i] = truths[i] == ARBOR_TRUTH_OPEN   ? ARBOR_CHOICE_OPEN
                : truths[i] == ARBOR_TRUTH_TRUE ? ARBOR_CHOICE_NULL
                                                : 0;
  arbor_series_call_choose (call, choice, result);
  return TRUE;
}
