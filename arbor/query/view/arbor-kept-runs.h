/* Trees for those who keep what they read, such as the matches of a query: of mended entries neither spliced nor
 * gathered batches, which end before, but rows of the base and of patches, which stay as long as the snapshot.
 */

#pragma once

#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

/* As arbor_trees_read_runs. Of rows of several batches arbor_rows_locate knows nothing: a single tree is found by
 * arbor_access_find_tree. */
gboolean arbor_trees_read_kept_runs (ArborSelection *selection, ArborAccess *access,
                                     ArborRowsFunc func, gpointer data, GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
