/* What the row evaluator says of trees that are given as texts, one after the other: no columns, no
 * batches, no views. It is what every other way of computing is held against.
 */

#pragma once

#include "query/expr/arbor-evaluator.h"

G_BEGIN_DECLS

typedef struct _Reference Reference;

/* The trees of @lines, JSON Lines; they are numbered as @numbers says, or from 0 where it is NULL. */
Reference *reference_new (const char *lines, const guint64 *numbers);
void reference_free (Reference *self);
guint reference_get_n_trees (const Reference *self);
const char *reference_get_line (const Reference *self, guint i);

/* The values of an expression for all trees, and the errors of those that give one; both live until
 * the next call. The value of these is true for a condition that is so whatever its parts with errors
 * are, else null. */
void reference_evaluate (Reference *self, ArborNode *node, const ArborValue **values,
                         GError *const **errors);
/* Whether a condition is true for a tree, or is not, whatever its parts are that give an error there:
 * a filter need not look at these. */
gboolean reference_is_excused (Reference *self, const ArborNode *condition, guint i);
void reference_get_tree (const Reference *self, guint i, ArborValue *tree);
/* The scope that values of the last call lie in, for comparing them. */
ArborScope *reference_get_scope (Reference *self);
/* As JSON; of a MISSING one NULL. */
char *reference_write (Reference *self, const ArborValue *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reference, reference_free)

G_END_DECLS
