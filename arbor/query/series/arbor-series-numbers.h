/* A series as numbers: what arithmetic and comparisons loop over. Numbers are INT64 or DOUBLE;
 * whatever else is a place without one. UINT64 and NUMBER are left to the row code.
 */

#pragma once

#include "query/series/arbor-series-call.h"

G_BEGIN_DECLS

typedef struct
{
  const guint64 *words;
  const guint8 *kind; /* of each place; NULL: all are of the sole one */
  guint8 sole;        /* INT64 or DOUBLE: there are no other numbers; MISSING: both, or none */
  gboolean has_bools;
} ArborNumberSeries;

/* FALSE: there may be other numbers, or strings, arrays, objects. */
gboolean arbor_number_series_init (ArborNumberSeries *self, const ArborSeriesCall *call,
                             const ArborSeries *series);
/* The kind of each place. */
const guint8 *arbor_number_series_list_kinds (const ArborNumberSeries *self, const ArborSeriesCall *call);
/* All as doubles. What is no number is anything. */
const double *arbor_number_series_list_reals (const ArborNumberSeries *self, const ArborSeriesCall *call);
/* Whether a double holds each of the integers as it is. */
gboolean arbor_number_series_are_exact (const ArborNumberSeries *self, const ArborSeriesCall *call);

/* The kinds of a result that is @kind where both have a number, null elsewhere, and open where one
 * is. NULL: all are @kind. */
const guint8 *arbor_number_series_merge_kinds (const ArborNumberSeries *a, const ArborNumberSeries *b, guint8 kind,
                                         const ArborSeriesCall *call);

/* What is a DOUBLE but not finite becomes null; then kinds of the series are what it has. */
void arbor_series_call_finish_words (const ArborSeriesCall *call, ArborSeries *result);

static inline double
arbor_word_to_real (guint64 word)
{
  double real;

  memcpy (&real, &word, sizeof real);
  return real;
}

static inline guint64
arbor_word_from_real (double real)
{
  guint64 word;

  memcpy (&word, &real, sizeof word);
  return word;
}

/* Of the number at a place, which is an INT64 or a DOUBLE. */
static inline double
arbor_word_get_real (guint64 word, guint8 kind)
{
  return kind == ARBOR_KIND_DOUBLE ? arbor_word_to_real (word) : (double) (gint64) word;
}

static inline gboolean
arbor_kind_is_word_number (guint8 kind)
{
  return (kind == ARBOR_KIND_INT64) | (kind == ARBOR_KIND_DOUBLE);
}

G_END_DECLS
