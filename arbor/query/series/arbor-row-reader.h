/* A row reader gives what an expression is for single trees of a batch, in any order. Binding it to
 * a batch finds the quickest way there: a plain path whose values are one lane of all trees is read
 * out of that lane; another path of fields goes from column to column; everything else is left to
 * the row evaluator, which says what the value is in any case. One thread at a time.
 */

#pragma once

#include "batch/arbor-batch-format.h"
#include "query/expr/arbor-evaluator.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_ROW_WAY_NONE,     /* no tree of the batch has it */
  ARBOR_ROW_WAY_INTEGERS, /* INT64 of all trees */
  ARBOR_ROW_WAY_REALS,    /* DOUBLE of all trees */
  ARBOR_ROW_WAY_COLUMNS,
  ARBOR_ROW_WAY_EVALUATE,
} ArborRowWay;

typedef struct
{
  ArborEvaluator *evaluator;
  const ArborPath *path; /* of the evaluator's node when it is one of keys alone, else NULL */

  /* Of the batch. */
  const ArborBatch *batch;
  guint8 way; /* ArborRowWay */
  guint8 width;
  const guint8 *a;
  guint64 min;
  guint32 column; /* COLUMNS: where the path ends */
  guint n_hops;
  guint32 *hops;  /* COLUMNS: those on the way whose objects are not simply the rows */
} ArborRowReader;

/* @node is scalar. */
ArborRowReader *arbor_row_reader_new (ArborNode *node);
void arbor_row_reader_free (ArborRowReader *self);

void arbor_row_reader_set_batch (ArborRowReader *self, const ArborBatch *batch, guint64 first);

/* Where the value does not lie in a lane of all trees. */
void arbor_row_reader_get_slowly (ArborRowReader *self, guint32 row, ArborScope *scope,
                                  ArborValue *value);

/* The value for tree @row of the batch, valid until the scope is reset. */
static inline void
arbor_row_reader_get (ArborRowReader *self, guint32 row, ArborScope *scope, ArborValue *value)
{
  if (self->way == ARBOR_ROW_WAY_INTEGERS)
    {
      value->kind = ARBOR_KIND_INT64;
      value->holder_kind = ARBOR_HOLDER_NONE;
      value->uint64 = self->min + arbor_load_unsigned (self->a, self->width, row);
    }
  else
    {
      arbor_row_reader_get_slowly (self, row, scope, value);
    }
}

/* Whether values may lie in the scope, or have been parsed there. */
static inline gboolean
arbor_row_reader_uses_scope (const ArborRowReader *self)
{
  return self->way == ARBOR_ROW_WAY_EVALUATE;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborRowReader, arbor_row_reader_free)

G_END_DECLS
