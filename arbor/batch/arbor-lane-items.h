/* Whole lanes as plain items: integers widened to 64 bits, and items of any lane put at the rows that
 * have them. Loops that the compiler vectorises, for those who take all rows of a batch at once.
 */

#pragma once

#include "batch/arbor-lanes.h"

G_BEGIN_DECLS

/* All values of an INT64 or UINT64 lane. Buffers of a batch are aligned. */
void arbor_lane_widen (const ArborLane *self, gint64 *out);
void arbor_items_to_reals (double *out, const gint64 *integers, gsize n);

/* Items, as many as @rows has ones, to the places of these; what lies at others stays. */
void arbor_items_scatter_8 (guint8 *out, const guint8 *items, const guint64 *rows, gsize n_rows);
void arbor_items_scatter_32 (guint32 *out, const guint32 *items, const guint64 *rows, gsize n_rows);
void arbor_items_scatter_64 (guint64 *out, const guint64 *items, const guint64 *rows, gsize n_rows);

G_END_DECLS
