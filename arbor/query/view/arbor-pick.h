/* A few trees of a derived source without those before them. Where an operator can, it makes just these
 * (ArborOperator.pick), as a source of their own, which stands beside the one that was asked. Readers of the
 * values of trees, to whom it is all the same which index a tree has, pick the ones that they are about to
 * read: where these follow what has been made already, the source itself is made so far; where they lie far
 * behind it, or apart from each other, they are picked. Who picks more than making all of it would have
 * cost has it made.
 *
 * No error comes of picking: where something goes wrong the source is made in order, and tells its own.
 */

#pragma once

#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

/* Lives on the access that was picked from. */
typedef struct
{
  ArborAccess access;  /* to a source that has the trees */
  ArborSource *source; /* the same, a reference, where it is another one; NULL */
} ArborPicked;

/* The trees at @indices of @access's source become those at @indices of the one in @self. */
gboolean arbor_picked_init (ArborPicked *self, const ArborAccess *access, guint32 *indices, guint32 n,
                            GCancellable *cancellable, GError **error);
void arbor_picked_clear (ArborPicked *self);
/* Where one of them lies. */
gboolean arbor_picked_find (ArborPicked *self, guint32 index, ArborPlace *place, GError **error);
/* One of them. */
gboolean arbor_picked_get (ArborPicked *self, guint32 index, ArborValue *tree, GError **error);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ArborPicked, arbor_picked_clear)

/* How many trees the source has, no more than up to @max from @position on, for who picks them: where they
 * lie far behind what has been made, they are not made for that. */
gboolean arbor_access_reach (ArborAccess *self, guint64 position, guint32 max,
                             GCancellable *cancellable, guint64 *count, GError **error);
/* The same up to @limit, and none is made where the operator knows without. */
gboolean arbor_access_tell_up_to (ArborAccess *self, guint64 limit, GCancellable *cancellable,
                                  guint64 *count, GError **error);

/* For operators: positions that do not descend become indices in the source, without the ones past the end.
 * FALSE: an error, which is not told. */
gboolean arbor_pick_positions (ArborSelection *selection, ArborAccess *access, guint32 *positions,
                               guint32 *n, GCancellable *cancellable);

/* What of it is kept for those who read single trees. */
typedef struct
{
  guint32 first, n;
  ArborSource *source;
} ArborPage;

G_END_DECLS
