/* A series: the values of one expression for some places, which are rows of a batch, or elements of
 * arrays in them. It has one of a few forms, so that loops run over plain arrays; whoever reads it
 * asks for the form that suits. What a series says is what the row evaluator (arbor-evaluator.h) says
 * place by place, but for places that are open: those are left to it, and with them the whole
 * expression for that row.
 *
 *   CONSTANT  one value for all places
 *   TRUTHS    a byte each: ArborTruth
 *   WORDS     64 bits each: truth values and numbers of up to 64 bits
 *   STRINGS   address and length each
 *   VALUES    an ArborValue each: anything
 *   CODES     a number each, which says the place in another series, the table
 *   RUNS      a vector each: places starts[i] to starts[i + 1] of another series
 *
 * WORDS, STRINGS and VALUES may have nulls, missing and open places among them.
 */

#pragma once

#include "base/arbor-value.h"
#include "batch/arbor-scope.h"
#include "query/expr/arbor-function.h"
#include "query/series/arbor-path-rows.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_SERIES_CONSTANT,
  ARBOR_SERIES_TRUTHS,
  ARBOR_SERIES_WORDS,
  ARBOR_SERIES_STRINGS,
  ARBOR_SERIES_VALUES,
  ARBOR_SERIES_CODES,
  ARBOR_SERIES_RUNS,
} ArborSeriesForm;

/* In the order in which "and" takes the least and "or" the greatest of the first three. */
typedef enum
{
  ARBOR_TRUTH_FALSE,
  ARBOR_TRUTH_NULL,
  ARBOR_TRUTH_TRUE,
  ARBOR_TRUTH_MISSING,
  ARBOR_TRUTH_OPEN,
} ArborTruth;

/* Beside ArborKind: what the place has is for the row evaluator to say. */
#define ARBOR_KIND_OPEN 15

#define ARBOR_KINDS(kind)     (1u << (kind))
#define ARBOR_KINDS_NOTHING   (ARBOR_KINDS (ARBOR_KIND_MISSING) | ARBOR_KINDS (ARBOR_KIND_NULL))
#define ARBOR_KINDS_INTEGERS  (ARBOR_KINDS (ARBOR_KIND_INT64) | ARBOR_KINDS (ARBOR_KIND_UINT64))
#define ARBOR_KINDS_WORDS                                                                          \
  (ARBOR_KINDS_INTEGERS | ARBOR_KINDS (ARBOR_KIND_DOUBLE) | ARBOR_KINDS (ARBOR_KIND_BOOL))

struct _ArborSeries
{
  guint8 form;   /* ArborSeriesForm */
  gboolean is_kept;    /* it lives as long as the batch is at hand */
  guint32 n;           /* places */
  guint32 kinds;       /* of ARBOR_KINDS: no place has another one. Not of RUNS */
  /* WORDS, STRINGS: of each place; NULL: all have the only one of kinds. RUNS: what is no ARRAY is
   * null or open; NULL: all are */
  const guint8 *kind;
  union
  {
    const guint8 *truths;
    const guint64 *words;
    const ArborString *strings; /* anything where kind is not STRING */
    const ArborValue *values;
    const guint16 *codes;
    const guint32 *starts; /* n + 1 */
  };
  ArborValue constant;
  const ArborSeries *inner; /* CODES: the table; RUNS: the elements of all */
  gboolean has_others;      /* CODES: there are places with the last three entries of the table, which
                             * are what MISSING, NULL and open come to */
  /* RUNS whose elements are these rows of a column of the batch; else NULL. */
  const guint32 *rows;
  guint32 column;
};

static inline gboolean
arbor_series_may_be (const ArborSeries *self, ArborKind kind)
{
  return (self->kinds & ARBOR_KINDS (kind)) != 0;
}

static inline gboolean
arbor_series_has_open (const ArborSeries *self)
{
  return (self->kinds & ARBOR_KINDS (ARBOR_KIND_OPEN)) != 0;
}

static inline guint8
arbor_series_get_kind (const ArborSeries *self, guint32 i)
{
  return self->kind != NULL ? self->kind[i] : (guint8) __builtin_ctz (self->kinds | 1u << 31);
}

void arbor_series_set_constant (ArborSeries *self, const ArborValue *value, guint32 n);

/* The value of place @i, in any form but RUNS; its kind may be ARBOR_KIND_OPEN. */
void arbor_series_get (const ArborSeries *self, guint32 i, ArborValue *value);

/* The kinds that there are among some. */
guint32 arbor_series_collect_kinds (const guint8 *kind, guint32 n);

/* The same series in another form; what is allocated lies in @scope. @from becomes any of these
 * but for WORDS and STRINGS, which are FALSE where the kinds do not allow it. RUNS becomes VALUES,
 * whose arrays are lists. */
void arbor_series_to_truths (const ArborSeries *from, ArborScope *scope, ArborSeries *to);
gboolean arbor_series_to_words (const ArborSeries *from, ArborScope *scope, ArborSeries *to);
gboolean arbor_series_to_strings (const ArborSeries *from, ArborScope *scope, ArborSeries *to);
void arbor_series_to_values (const ArborSeries *from, ArborScope *scope, ArborSeries *to);

/* Places @indices of @from, as many as @n; an index past the end is a MISSING one. */
void arbor_series_gather (const ArborSeries *from, const guint32 *indices, guint32 n,
                          ArborScope *scope, ArborSeries *to);

G_END_DECLS
