/* Reading the trees of a selection by several threads (base/arbor-pool.h). The trees are cut into parts
 * of many; each part is read in order, into a state of its own, and states are merged in the order of
 * the parts. So what comes out is what reading all of them in order would: how many threads there
 * are, and which of them did what, cannot be seen.
 *
 * Where anything goes wrong, nothing of it counts, and nothing is told: the caller begins anew and reads in
 * order (arbor_trees_read_runs), which tells the error of the first tree that has one. So no error, and
 * no limit, depends on threads, either.
 */

#pragma once

#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

typedef struct
{
  gpointer (*new_state) (gpointer data); /* in any thread, several at once */
  /* All of its own trees, in order. */
  gboolean (*visit) (const ArborRows *rows, ArborScope *scope, gpointer state, GError **error);
  /* One at a time, in order; afterwards @state is as if it were new. */
  gboolean (*merge) (gpointer data, gpointer state, GError **error);
  void (*free_state) (gpointer state);
} ArborShareVerbs;

/* Whether there are enough trees and threads: then it is known how many trees there are. */
gboolean arbor_trees_can_share (ArborSelection *selection, ArborAccess *access, guint64 *n_trees,
                                GCancellable *cancellable);
/* Trees that are enough to see what there is. */
guint32 arbor_share_get_sample (void);

/* FALSE: too few trees or threads, or something went wrong. Then part of the trees may have been merged. */
gboolean arbor_trees_share (ArborSelection *selection, ArborAccess *access,
                            const ArborShareVerbs *verbs, gpointer data,
                            GCancellable *cancellable);

/* Of how many trees a part has at least; 0: the default. For tests. */
void arbor_share_set_part (guint32 n_trees);

G_END_DECLS
