/* Aggregates: many values in, one out. There is one accumulator of each, for the values of a vector
 * or an array inside of an expression, and for the trees of a group or of a whole arbor.
 *
 * Null and MISSING are skipped. A value of a kind that the aggregate cannot work on (text in a
 * sum) makes its result null inside of an expression; over the trees of a group or an arbor it is left
 * out and counted, and the result is null only where there are no others. Over nothing: count, sum and n_unique are 0, any is false, all is
 * true, everything else is null. The result depends on the values and their order alone, not on
 * how they come in batches; of sum, mean, var and std on the values alone: sums are exact, and rounded
 * once.
 */

#pragma once

#include "base/arbor-exact-sum.h"
#include "batch/arbor-scope.h"
#include "query/expr/arbor-function.h"

G_BEGIN_DECLS

/* A copy of a value that lives as long as it is kept. */
typedef struct
{
  ArborValue value;
  gpointer bytes;          /* of a string or a number text */
  ArborTapeWriter *writer; /* of a container */
  ArborTape *tape;
} ArborKept;

/* A number of 64 bits without loss. */
typedef struct
{
  double real;
  double rest; /* what it was rounded by */
} ArborSplit;

typedef struct
{
  const ArborFunction *function;
  gboolean borrows;   /* values added outlive this: nothing is copied */
  gboolean skips_others; /* values of the wrong kind are left out and counted */
  gboolean is_spoilt; /* by a value of the wrong kind */
  gboolean has_double;
  gboolean has_unsigned;
  gboolean has_rests;
  gboolean is_decided; /* any, all: no more values can change the result */
  guint64 n;           /* values that were neither null nor MISSING, nor left out */
  guint64 n_others;    /* those left out */
  __int128 integers;   /* their sum */
  ArborExactSum reals; /* the sum of the doubles */
  ArborExactSum *squares; /* var, std: that of all squares */
  double fraction;     /* quantile */
  ArborKept best;      /* min, max, first, last */
  ArborBuffer numbers; /* median, quantile: of double; with has_rests, of ArborSplit */
  ArborBuffer unique;  /* n_unique, collect, collect_unique: of ArborKept */
  ArborBuffer hashes;  /* of guint64, one for each of them */
  guint32 *slots;      /* open hash table over them, 0 is free, else the index and one */
  guint32 n_slots;     /* a power of two */
  gsize n_bytes;       /* of copies that are kept */
} ArborAggregate;

static inline gboolean
arbor_function_is_aggregate (const ArborFunction *function)
{
  return function->aggregate != ARBOR_AGGREGATE_NONE;
}

/* On the heap, or where the caller has room. @function is an aggregate. */
ArborAggregate *arbor_aggregate_new (const ArborFunction *function);
void arbor_aggregate_free (ArborAggregate *self);
void arbor_aggregate_init (ArborAggregate *self, const ArborFunction *function);
void arbor_aggregate_clear (ArborAggregate *self);

/* The second argument of quantile, any time before finish: a number from 0 to 1, or the result is
 * null. Other aggregates have none. */
void arbor_aggregate_set_parameter (ArborAggregate *self, const ArborValue *parameter);

/* Copies what it must keep of @value; @scope is for looking into it. FALSE: further values will not
 * change the result. */
gboolean arbor_aggregate_add (ArborAggregate *self, const ArborValue *value, ArborScope *scope);

/* Many values at once, for sum, mean and count: what adding them one by one would come to. Not for
 * an aggregate that is spoilt. */
static inline void
arbor_aggregate_add_integers (ArborAggregate *self, guint64 n, __int128 sum, gboolean is_unsigned)
{
  self->n += n;
  self->integers += sum;
  self->has_unsigned |= is_unsigned;
}

void arbor_aggregate_add_reals (ArborAggregate *self, const double *numbers, guint32 n);

/* The result, valid as long as @self. More values may be added, and finish called again. */
void arbor_aggregate_finish (ArborAggregate *self, ArborScope *scope, ArborValue *result);

/* Bytes that it keeps, itself included: for whoever has a budget. */
gsize arbor_aggregate_get_size (const ArborAggregate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborAggregate, arbor_aggregate_free)

G_END_DECLS
