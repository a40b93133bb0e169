/* Narrow sources. Who reads a derived source often looks at a few fields of its trees; then only these are
 * made. A narrow source has the trees of a derived one, in number and order, but where they are objects
 * only some of their fields, and of the values of these again only some. It stands beside the full one, which keeps it, reads the same inputs and ends
 * with them; so an access to the one is as good for the other. Indices mean the same in both; batches are
 * cut in other places.
 *
 * Whoever evaluates expressions narrows the access that he was given to them: an access that is narrow
 * already is narrowed anew, from the full source.
 */

#pragma once

#include "batch/arbor-wanted.h"
#include "query/expr/arbor-node.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

/* What the expressions look at of trees; NULL where one looks at trees as wholes. */
ArborWanted *arbor_wanted_new_nodes (ArborNode *const *nodes, guint n);
/* The same, added. FALSE: trees as wholes. */
gboolean arbor_wanted_add_node (ArborWanted *self, ArborNode *node);

/* An access to what of @access's source the expressions look at; valid as long as that one, and not
 * ended. With @kept, the source is remembered there (a reference), and used the next time: for those
 * who go on where they stopped. */
void arbor_access_narrow (ArborAccess *self, const ArborAccess *access, ArborNode *const *nodes,
                          guint n, ArborSource **kept);
void arbor_access_narrow_to (ArborAccess *self, const ArborAccess *access,
                             const ArborWanted *wanted, ArborSource **kept);


/* @access, or where it has mended entries @self, which reads whole trees of them as batches that end with it: for
 * those who keep nothing of what they read. */
ArborAccess *arbor_access_splice_all (ArborAccess *self, ArborAccess *access);

G_END_DECLS
