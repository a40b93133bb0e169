/* Making drafts (arbor_source_new_draft): what a name has in a transaction, of what it had and of what
 * comes in. Batches that are kept are shared, others are held in memory.
 */

#pragma once

#include "query/content/arbor-content.h"
#include "query/view/arbor-view.h"

G_BEGIN_DECLS

#define ARBOR_CONTENT_END G_MAXUINT64

/* The trees of @view, inside @access, which are verified. */
ArborSource *arbor_draft_put (ArborSession *session, const char *name, const ArborView *view,
                              ArborAccess *access, GCancellable *cancellable, GError **error);
/* @old, which may be NULL for no trees, with @n_trees from @start, or ARBOR_CONTENT_END, replaced by
 * those of @view, which may be NULL. OUT_OF_RANGE, LIMIT. */
ArborSource *arbor_draft_replace (ArborSession *session, const char *name, ArborSource *old,
                                  ArborAccess *access, guint64 start, guint64 n_trees,
                                  const ArborView *view, ArborAccess *view_access,
                                  GCancellable *cancellable, GError **error);
/* @old, under another name. */
ArborSource *arbor_draft_rename (ArborSession *session, const char *name, ArborSource *old);

G_END_DECLS
