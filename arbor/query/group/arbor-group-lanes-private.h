/* What the loops of aggregates over lanes share (arbor-group-lanes.c, arbor-group-sums.c). Whatever
 * adds returns FALSE before it has added anything, or adds all values.
 */

#pragma once

#include "query/group/arbor-group-results.h"

G_BEGIN_DECLS

typedef struct
{
  ArborAggregate *aggregate;
  const ArborGroupedRows *grouped;
  ArborScope *scope;
  ArborPathRows values;
  ArborNumbers numbers[ARBOR_N_LANE_KINDS]; /* of each part; width 0: none */
} ArborGroupLanes;

/* One part of it. */
typedef struct
{
  const ArborPart *part;
  const ArborNumbers *numbers;
  const guint16 *ids;    /* of its values */
  const guint32 *counts; /* of its values, for each id */
} ArborGroupPart;

void arbor_group_lanes_get_part (const ArborGroupLanes *self, guint i, ArborGroupPart *part);
/* Of all its numbers, which are distances or truths. */
guint64 arbor_group_part_sum (const ArborGroupPart *self);

gboolean arbor_group_lanes_add_sums (const ArborGroupLanes *self);
/* Sums, and those of squares. */
gboolean arbor_group_lanes_add_spread (const ArborGroupLanes *self);

G_END_DECLS
