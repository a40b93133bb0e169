/* What the left trees of a join ask for among the right ones: where these are those of a stored arbor with declared
 * keys, or of a view of it, and the join is by these keys, few left trees need not have all right ones read. Their
 * keys are looked up in the tables (view/arbor-keyed.h), and what may have one of them takes the place of the
 * right trees. It may be more than match, never less. Nothing that is told comes of it: where anything goes
 * wrong all right trees are read, as if there were no keys.
 */

#pragma once

#include "query/group/arbor-join.h"

G_BEGIN_DECLS

typedef struct _ArborAsked ArborAsked;

/* NULL: keys do not help there. */
ArborAsked *arbor_asked_new (const ArborJoinSide *left, const ArborJoinSide *right);
void arbor_asked_free (ArborAsked *self);

/* The right trees that may match, in the order of their view. NULL: read all. @access is to the right source, of
 * one that has both. */
ArborSelection *arbor_asked_find (ArborAsked *self, ArborAccess *access, GCancellable *cancellable);

/* " | key index: id, batches asked: 62", or that it would be asked. */
void arbor_asked_describe (const ArborAsked *self, gboolean was_asked, GString *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborAsked, arbor_asked_free)

G_END_DECLS
