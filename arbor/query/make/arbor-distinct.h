/* How many different hashes there were: exact up to ARBOR_DISTINCT_EXACT, then estimated in 16 KiB
 * with HyperLogLog of 2^14 registers (standard error 0.8 %) and Ertl's improved estimator, which needs no
 * correction for small or large numbers (O. Ertl, New cardinality estimation algorithms for HyperLogLog
 * sketches, 2017).
 */

#pragma once

#include "base/arbor-budget.h"

G_BEGIN_DECLS

#define ARBOR_DISTINCT_EXACT 1024u

/* All zero: none. */
typedef struct
{
  guint64 *slots;   /* open hash table of hashes, at most half full; 0 is free; or NULL */
  guint32 n_slots;  /* a power of two */
  guint32 n;        /* in slots */
  guint8 *registers; /* NULL while it is exact */
} ArborDistinct;

/* @hash need not be well mixed. LIMIT: it was not added. */
gboolean arbor_distinct_add (ArborDistinct *self, guint64 hash, ArborCharge *charge,
                             GError **error);
guint64 arbor_distinct_get_count (const ArborDistinct *self);
void arbor_distinct_clear (ArborDistinct *self);

G_END_DECLS
