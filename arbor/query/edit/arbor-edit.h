/* Editing: a value as a structure that can be changed. Nodes begin whole: what lies below them is
 * the value as it was read. A node is opened when something below it is looked for: then its
 * children are nodes too, elements in an array of pointers, members in a list in their order, with
 * a table of keys beside it. So an edit costs what lies beside its path, not the whole tree, and
 * what was never looked at is never copied.
 *
 * Nodes, values and keys live as long as the scope, and point into what was read: whoever edits stays
 * inside. Nothing of the origin changes; dropping an edit undoes it. One thread at a time.
 */

#pragma once

#include "base/arbor-path.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

typedef struct _ArborEdit ArborEdit;
typedef struct _ArborEditNode ArborEditNode;

/* Where a node is, or would be. */
typedef struct
{
  ArborEditNode *parent; /* an array or object; NULL for the root */
  const char *key;       /* in an object; not terminated */
  guint32 length;        /* of key, bytes */
  guint32 index;         /* in an array, at most its length */
} ArborEditPlace;

ArborEdit *arbor_edit_new (const ArborValue *root, ArborScope *scope);
void arbor_edit_free (ArborEdit *self);

ArborEditNode *arbor_edit_new_node (ArborEdit *self, const ArborValue *value);
ArborKind arbor_edit_get_kind (ArborEditNode *node);
guint32 arbor_edit_get_length (ArborEdit *self, ArborEditNode *container);

/* NULL where nothing is. */
ArborEditNode *arbor_edit_get (ArborEdit *self, const ArborEditPlace *place);
/* In place of what is there; what is new comes last in its object or array. @node is nowhere else. */
void arbor_edit_put (ArborEdit *self, const ArborEditPlace *place, ArborEditNode *node);
/* Before the element that is there, for a place in an array; otherwise as put. */
void arbor_edit_insert (ArborEdit *self, const ArborEditPlace *place, ArborEditNode *node);
/* Takes out what is there, which must be something and not the root. */
ArborEditNode *arbor_edit_take (ArborEdit *self, const ArborEditPlace *place);

/* The node as a value, which later edits do not change. */
void arbor_edit_freeze (ArborEdit *self, ArborEditNode *node, ArborValue *value);
/* A copy of a node. LIMIT when all copies together become larger than a tree can be. */
ArborEditNode *arbor_edit_copy (ArborEdit *self, ArborEditNode *node, GError **error);
/* The edited value. LIMIT when it nests too deep for a tree. */
gboolean arbor_edit_finish (ArborEdit *self, ArborValue *value, GError **error);

/* One edit at a path without [*]. */
typedef enum
{
  ARBOR_EDIT_SET,
  ARBOR_EDIT_INSERT,
  ARBOR_EDIT_REMOVE,
} ArborEditAction;

/* NOT_FOUND, OUT_OF_RANGE, TYPE, EXISTS or INVALID_ARGUMENT where the place cannot be. @value is
 * NULL for REMOVE. */
gboolean arbor_edit_apply (ArborEdit *self, ArborEditAction action, const ArborPath *path,
                           const ArborValue *value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborEdit, arbor_edit_free)

G_END_DECLS
