/* How trees are made, and how their values are reached. */

#pragma once

#include "arbor-tree.h"
#include "batch/arbor-scope.h"
#include "query/arbor-source.h"

G_BEGIN_DECLS

/* A tree that lies in @source (read through @snapshot, NULL in memory) or, where it was computed, in
 * @memory, an in-memory source; @source still says which store it belongs to. */
ArborTree *arbor_tree_new (ArborSource *source, ArborSnapshot *snapshot, ArborCloseToken *token,
                           ArborSource *memory, const ArborValue *value);
/* A tree that carries @token and nothing else: what a closed model hands out. */
ArborTree *arbor_tree_new_closed (ArborSource *source, ArborCloseToken *token);

/* Enters; the value is valid until arbor_access_end. */
gboolean arbor_tree_enter (ArborTree *self, ArborAccess *access, ArborValue *value, GError **error);

G_END_DECLS
