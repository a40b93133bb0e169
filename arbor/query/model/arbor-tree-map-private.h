/* What the files of ArborTreeMap share. */

#pragma once

#include "query/model/arbor-tree-map.h"

G_BEGIN_DECLS

/* Trees of one state, in order: those of some of its batches. */
typedef struct
{
  ArborAccess *access;
  GArray *batches; /* guint32 */
} ArborTreeStretch;

/* Pairs the trees of @old and @fresh by digests, which writes into the trees of @self. */
gboolean arbor_tree_map_pair_rows (ArborTreeMap *self, const ArborTreeStretch *old,
                                   const ArborTreeStretch *fresh, ArborCharge *charge,
                                   GCancellable *cancellable, GError **error);

G_END_DECLS
