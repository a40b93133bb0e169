/* What the files of composing share: arbor-compose.c adds trees to a builder,
 * arbor-compose-encode.c makes a batch of them without it, lane by lane (arbor-compose-lane.c).
 */

#pragma once

#include "batch/arbor-batch-encoder-private.h"
#include "batch/arbor-compose.h"
#include "batch/arbor-gather-private.h"

G_BEGIN_DECLS

typedef struct
{
  ArborGather *gather;
  gboolean is_set;        /* the batch of the gatherer is still there, and these are what was set: */
  guint32 column, arrays;
  const ArborWantedField *of;
  guint32 target;
  const guint64 *present; /* of the block: the trees that have the field; NULL: all */
  guint32 n_values;
} ArborComposeField;

struct _ArborCompose
{
  ArborBatchBuilder *builder;
  GArray *fields; /* of ArborComposeField */
  ArborScope *scope;
};

ArborComposeField *arbor_compose_get_field (ArborCompose *self, guint i);
/* Finds where the values of all fields lie, and how many of these not all trees have. FALSE: something of
 * them does not go by columns, or there is much of it. What is found goes with the next plan. */
gboolean arbor_compose_plan (ArborCompose *self, const ArborFieldRows *fields, guint n_fields,
                             guint32 n_trees, guint *n_partial);
/* Which fields each tree has of those that not all have, a bit each. After plan. */
guint64 *arbor_compose_find_patterns (ArborCompose *self, guint n_fields, guint32 n_trees);

/* Values of a lane of a batch. */
typedef struct
{
  const guint8 *data; /* of the batch */
  const ArborLaneRecord *from;
  const ArborPlaces *places;
  const guint32 *lengths; /* of the strings at these places, where they lie in spans */
} ArborComposeLane;

/* Of strings that lie in spans; all lengths together. */
guint64 arbor_compose_lane_list_lengths (const ArborComposeLane *self, guint32 *lengths);
/* Appends the values, of which there are some; sets what @lane says of its encoding, buffers and range. */
void arbor_compose_lane_write (const ArborComposeLane *self, ArborBatchEncoder *encoder,
                               ArborScope *scope, ArborLaneRecord *lane);

G_END_DECLS
