/* Calls over series: one function, many places. A function may have code of its own for series
 * (ArborFunction.series), which takes the cases that it is made for; everything else is the row code,
 * called place by place. Both give what the row evaluator gives; what would take more memory than
 * @bound for a place, or could not be found without trouble (damage, a limit), is open.
 */

#pragma once

#include "query/expr/arbor-function.h"
#include "query/series/arbor-series.h"

G_BEGIN_DECLS

struct _ArborSeriesCall
{
  const ArborNode *node;
  guint n_arguments;
  const ArborSeries *arguments; /* all of @n places */
  guint32 n;
  const guint8 *wanted; /* places that anyone asks for; NULL: all */
  ArborScope *arrays;   /* for what makes up series */
  ArborScope *texts;    /* for what strings and lists of them point to */
  gsize bound;          /* bytes of texts that one place may take */
  ArborScope *kept;     /* for what lives as long as the batch is at hand; NULL: nothing may */
  ArborSeries **made;   /* such a thing of this call, where it is not NULL */
};

/* FALSE: by the row code, place by place. */
gboolean arbor_series_call_run (const ArborSeriesCall *self, ArborSeries *result);
/* By the function's code for series alone; FALSE: it has none, or not for these arguments. */
gboolean arbor_series_call_try (const ArborSeriesCall *self, ArborSeries *result);

/* The row code for place @i, whatever the series. */
void arbor_series_call_place (const ArborSeriesCall *self, guint32 i, ArborValue *arguments,
                              ArborValue *result);

/* For code over series */

/* Something of @size bytes for each place. */
static inline gpointer
arbor_series_call_new_array (const ArborSeriesCall *self, gsize size)
{
  return arbor_scope_alloc (self->arrays, MAX ((gsize) self->n, 1) * size);
}

/* A series of truth values, of words (kind is made where @has_kinds), of strings. */
guint8 *arbor_series_call_new_truths (const ArborSeriesCall *self, ArborSeries *result);
guint64 *arbor_series_call_new_words (const ArborSeriesCall *self, gboolean has_kinds,
                                      ArborSeries *result);
ArborString *arbor_series_call_new_strings (const ArborSeriesCall *self, gboolean has_kinds,
                                            ArborSeries *result);
/* The kind of each place. */
const guint8 *arbor_series_call_list_kinds (const ArborSeriesCall *self, const ArborSeries *series);
/* What kinds a result of WORDS or STRINGS has, once its kind is filled; where it is one alone, kind
 * becomes NULL. */
void arbor_series_call_finish_kinds (const ArborSeriesCall *self, ArborSeries *result);
/* The same for TRUTHS, which may have open ones. */
void arbor_series_call_finish_truths (const ArborSeriesCall *self, ArborSeries *result);
/* The argument is a constant: its value, else NULL. */
const ArborValue *arbor_series_call_get_constant (const ArborSeriesCall *self, guint argument);

/* Bytes that a result points to; NULL: more than a place may take, which is then for
 * arbor_series_call_place. */
char *arbor_series_call_new_text (const ArborSeriesCall *self, gsize size);

/* Chosen from arguments: place i is that of argument choice[i]; NULL where it is past the last,
 * open where it is ARBOR_CHOICE_OPEN. */
#define ARBOR_CHOICE_NULL G_MAXUINT16
#define ARBOR_CHOICE_OPEN (G_MAXUINT16 - 1)
void arbor_series_call_choose (const ArborSeriesCall *self, const guint16 *choice,
                               ArborSeries *result);

G_END_DECLS
