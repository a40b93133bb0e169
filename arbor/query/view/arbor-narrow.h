/* Narrow sources. Who reads a derived source often looks at a few fields of its trees; then only these are
 * made. A narrow source has the trees of a derived one, in number and order, but where they are objects
 * only some of their fields. It stands beside the full one, which keeps it, reads the same inputs and ends
 * with them; so an access to the one is as good for the other. Indices mean the same in both; batches are
 * cut in other places.
 *
 * Whoever evaluates expressions narrows the access that he was given to them: an access that is narrow
 * already is narrowed anew, from the full source.
 */

#pragma once

#include "query/expr/arbor-node.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

/* Fields of the trees themselves, by their keys. Immutable. */
typedef struct
{
  guint n;
  GBytes **keys;
} ArborWanted;

/* Those that the expressions look at; NULL where one looks at trees as wholes. */
ArborWanted *arbor_wanted_new (ArborNode *const *nodes, guint n);
ArborWanted *arbor_wanted_copy (const ArborWanted *self);
void arbor_wanted_free (ArborWanted *self);

/* With NULL, all keys are wanted. */
gboolean arbor_wanted_has (const ArborWanted *self, const char *key, gsize length);
gboolean arbor_wanted_covers (const ArborWanted *self, const ArborWanted *other);

/* Paths of a field, or of all that are wanted, to @nodes, which owns them. */
void arbor_nodes_add_field (GPtrArray *nodes, const char *key, guint32 length);
void arbor_nodes_add_wanted (GPtrArray *nodes, const ArborWanted *wanted);

static inline const char *
arbor_wanted_get (const ArborWanted *self, guint i, guint32 *length)
{
  gsize size;
  const char *key = g_bytes_get_data (self->keys[i], &size);

  *length = (guint32) size;
  return size > 0 ? key : "";
}

/* An access to what of @access's source the expressions look at; valid as long as that one, and not
 * ended. With @kept, the source is remembered there (a reference), and used the next time: for those
 * who go on where they stopped. */
void arbor_access_narrow (ArborAccess *self, const ArborAccess *access, ArborNode *const *nodes,
                          guint n, ArborSource **kept);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborWanted, arbor_wanted_free)

G_END_DECLS
