/* A growing list of tree indices, charged to the query memory while it grows. */

#pragma once

#include "base/arbor-budget.h"

G_BEGIN_DECLS

/* All zero but for the charge's operation: empty. */
typedef struct
{
  guint32 *indices;
  gsize n;
  gsize capacity;
  ArborCharge charge;
} ArborIndices;

/* Room for @n in all. */
static inline gboolean
arbor_indices_make_room (ArborIndices *self, gsize n, GError **error)
{
  return arbor_charge_grow (&self->charge, &self->indices, &self->capacity, n, sizeof (guint32),
                            error);
}

gboolean arbor_indices_append (ArborIndices *self, const guint32 *indices, gsize n, GError **error);
/* Empty; the memory stays. */
void arbor_indices_reset (ArborIndices *self);
/* Nothing more comes: gives back the room that is left, and the charge. */
void arbor_indices_finish (ArborIndices *self);
void arbor_indices_clear (ArborIndices *self);

G_END_DECLS
