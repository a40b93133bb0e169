/* Where the trees of one state of a name are in a later one. A batch that both states list is the same,
 * so its trees are known by batch id and row. Trees of the batches in between, which one state has
 * only, are paired by a digest of their text, the first with the first. No two trees come to be one, and
 * trees that are equal are as good as the same: a tree never changes.
 *
 * Immutable, refcounted.
 */

#pragma once

#include "base/arbor-budget.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

#define ARBOR_NO_TREE G_MAXUINT32

typedef struct
{
  gatomicrefcount ref_count;
  gboolean is_identity; /* the same trees: nothing is listed */
  gboolean is_ascending; /* no two trees have changed their order */
  guint32 n_old;
  guint32 n_new;
  guint32 *trees; /* NULL, or for each of the old ones: where it is, or ARBOR_NO_TREE */
} ArborTreeMap;

/* Reads inside both accesses, whose sources are stored. */
ArborTreeMap *arbor_tree_map_new (ArborAccess *old, ArborAccess *fresh, GCancellable *cancellable,
                                  GError **error);
/* Of trees none of which are among the others. */
ArborTreeMap *arbor_tree_map_new_disjoint (guint32 n_old, guint32 n_new);
ArborTreeMap *arbor_tree_map_ref (ArborTreeMap *self);
void arbor_tree_map_unref (ArborTreeMap *self);

static inline guint32
arbor_tree_map_get (const ArborTreeMap *self, guint32 tree)
{
  if (self->is_identity)
    return tree;
  return self->trees != NULL ? self->trees[tree] : ARBOR_NO_TREE;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborTreeMap, arbor_tree_map_unref)

G_END_DECLS
