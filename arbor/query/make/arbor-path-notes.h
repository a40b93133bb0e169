/* What people are told about the paths of an expression that no tree has: "no tree has 'nmae'; there
 * is 'name'". Nothing is said of a path that a tree may have (arbor-key-search.h), nor where there
 * are no trees.
 */

#pragma once

#include "query/expr/arbor-node.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

/* Adds notes (char *), each once, to @notes. Arguments of exists and is_missing ask themselves and
 * give none. FALSE: closed or damaged. */
gboolean arbor_path_notes_add (GPtrArray *notes, ArborSource *source, ArborAccess *access,
                               const ArborNode *node, GError **error);

G_END_DECLS
