/* What cells (arbor-aggregate.c), values that are kept (arbor-aggregate-kept.c), quantiles of these
 * (arbor-aggregate-quantile.c) and results (arbor-aggregate-result.c) share.
 */

#pragma once

#include "query/expr/arbor-aggregate.h"

G_BEGIN_DECLS

/* Lets *@value point to nothing that does not outlive the aggregate. FALSE: an error is set. */
gboolean arbor_aggregate_copy (ArborAggregate *self, ArborValue *value, ArborScope *scope);

static inline gpointer
arbor_aggregate_get_cell (const ArborAggregate *self, guint32 group)
{
  return self->cells != NULL ? (char *)self->cells + group * self->cell_size
                             : (gpointer)&self->only;
}

#define ARBOR_AGGREGATE_SIGN (G_GUINT64_CONSTANT (1) << 63)

/* The bits of a double in the order of doubles, -0.0 before 0.0, and back. */
static inline guint64
arbor_aggregate_encode (double number)
{
  guint64 bits;

  memcpy (&bits, &number, sizeof bits);
  return (bits & ARBOR_AGGREGATE_SIGN) != 0 ? ~bits : bits ^ ARBOR_AGGREGATE_SIGN;
}

static inline double
arbor_aggregate_decode (guint64 key)
{
  guint64 bits = (key & ARBOR_AGGREGATE_SIGN) != 0 ? key ^ ARBOR_AGGREGATE_SIGN : ~key;
  double number;

  memcpy (&number, &bits, sizeof number);
  return number;
}

void arbor_aggregate_keep_number (ArborAggregate *self, guint32 group, const ArborValue *value);
void arbor_aggregate_keep_value (ArborAggregate *self, guint32 group, const ArborValue *value,
                                 ArborScope *scope);
/* For n_unique and collect_unique. */
void arbor_aggregate_keep_unique (ArborAggregate *self, const guint32 *groups,
                                  const ArborValue *values, guint32 n, ArborScope *scope);
void arbor_aggregate_merge_kept (ArborAggregate *self, const ArborAggregate *other,
                                 const guint32 *map, ArborScope *scope);
void arbor_aggregate_clear_kept (ArborAggregate *self);

/* Which of the values that are kept are those of a group, once they are gathered. */
void arbor_aggregate_find_kept (const ArborAggregate *self, guint32 group, gsize *start, gsize *n);

/* Results. */
void arbor_aggregate_finish_quantile (ArborAggregate *self, guint32 group, ArborScope *scope,
                                      ArborValue *result);
void arbor_aggregate_finish_list (ArborAggregate *self, guint32 group, ArborScope *scope,
                                  ArborValue *result);

G_END_DECLS
