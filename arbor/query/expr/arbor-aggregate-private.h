/* What cells (arbor-aggregate.c) share with values that are kept (arbor-aggregate-kept.c). */

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

void arbor_aggregate_keep_number (ArborAggregate *self, guint32 group, const ArborValue *value);
void arbor_aggregate_keep_value (ArborAggregate *self, guint32 group, const ArborValue *value,
                                 ArborScope *scope);
/* For n_unique and collect_unique. */
void arbor_aggregate_keep_unique (ArborAggregate *self, const guint32 *groups,
                                  const ArborValue *values, guint32 n, ArborScope *scope);
void arbor_aggregate_merge_kept (ArborAggregate *self, const ArborAggregate *other,
                                 const guint32 *map, ArborScope *scope);
void arbor_aggregate_clear_kept (ArborAggregate *self);

/* Results. */
void arbor_aggregate_finish_quantile (ArborAggregate *self, guint32 group, ArborScope *scope,
                                      ArborValue *result);
void arbor_aggregate_finish_list (ArborAggregate *self, guint32 group, ArborScope *scope,
                                  ArborValue *result);

G_END_DECLS
