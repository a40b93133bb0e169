/* What people are told about a view: paths in its steps that no tree has, and what aggregates left out;
 * and refusing such paths where the view is strict.
 */

#pragma once

#include "query/view/arbor-view.h"

G_BEGIN_DECLS

/* Of a strict view, inside: SCHEMA for a path that no tree has. */
gboolean arbor_view_check_nodes (const ArborView *self, ArborAccess *access,
                                 ArborNode *const *nodes, gsize n, GError **error);
gboolean arbor_view_check_path (const ArborView *self, ArborAccess *access, const char *path,
                                GError **error);

/* A line for each. */
void arbor_view_notes_describe (ArborView *self, GString *out);
/* What aggregates left out in what was computed so far, to @notes, which owns them. */
void arbor_view_notes_list (const ArborView *self, GPtrArray *notes);

G_END_DECLS
