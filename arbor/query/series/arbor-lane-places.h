/* From rows of a batch to values of a lane: the index in the lane for each row that it has a value of, or
 * none, and the kinds of the places that it fills. A stretch is rows in a row, which go without a list.
 */

#pragma once

#include "query/series/arbor-series-lanes.h"

G_BEGIN_DECLS

/* The index of a place that the lane has no value for: all ones. */
#define ARBOR_LANE_NONE G_MAXUINT32

/* Whether @rows, of which there are some, are a stretch. */
gboolean arbor_lane_places_are_stretch (const guint32 *rows, guint32 n);
/* A byte of 0 or 1 for each of @n bits from @from on. */
void arbor_lane_places_expand_bits (const guint64 *bits, guint32 from, guint32 n, guint8 *out);
/* The index in lane number @lane of the value of each row: those at @rows, or from @from on where that is
 * NULL. */
void arbor_lane_places_find_indices (const ArborLaneReader *self, guint lane, const guint32 *rows,
                                     guint32 from, guint32 n, ArborScope *scope, guint32 *indices);
/* The places that a lane has get its kind: by their indices, or by bytes of 0 and 1. */
void arbor_lane_places_set_kind (const guint32 *indices, guint8 of, guint32 n, guint8 *kind);
void arbor_lane_places_set_kind_where (const guint8 *is_there, guint8 of, guint32 n, guint8 *kind);
/* The kinds of places that no lane has. */
void arbor_lane_places_set_others (const ArborLaneReader *self, const guint32 *rows, guint32 from,
                                   guint32 n, ArborScope *scope, guint8 *kind);

G_END_DECLS
