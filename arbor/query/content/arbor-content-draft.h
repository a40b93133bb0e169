/* Making drafts (arbor_source_new_draft): what a name has in a transaction, of what it had and of what
 * comes in. Batches that are kept are shared, others are held in memory.
 */

#pragma once

#include "query/content/arbor-content.h"
#include "query/view/arbor-view.h"
#include "storage/arbor-staging.h"

G_BEGIN_DECLS

#define ARBOR_CONTENT_END G_MAXUINT64

/* The trees of @view, inside @access, which are verified. @keys are declared of the name (NULL: none), by the draft
 * if it @sets_keys. */
ArborSource *arbor_draft_put (ArborSession *session, const char *name, ArborKeys *keys,
                              gboolean sets_keys, const ArborView *view,
                              ArborAccess *access, GCancellable *cancellable, GError **error);
/* @old, which may be NULL for no trees, with @n_trees from @start, or ARBOR_CONTENT_END, replaced by
 * those of @view, which may be NULL. OUT_OF_RANGE, LIMIT. */
ArborSource *arbor_draft_replace (ArborSession *session, const char *name, ArborSource *old,
                                  ArborAccess *access, guint64 start, guint64 n_trees,
                                  const ArborView *view, ArborAccess *view_access,
                                  GCancellable *cancellable, GError **error);
/* @old with other keys, NULL: none. */
ArborSource *arbor_draft_set_keys (ArborSession *session, const char *name, ArborSource *old,
                                   ArborKeys *keys);
/* @old, under another name. */
ArborSource *arbor_draft_rename (ArborSession *session, const char *name, ArborSource *old);

/* One in the making, for who changes @old, which may be NULL, in another way: what goes into the sink is the new
 * content, all trees of @incoming (may be NULL) that come in included. */
typedef struct _ArborDraft ArborDraft;

ArborDraft *arbor_draft_begin (ArborSession *session, const char *name, ArborSource *old,
                               const ArborView *incoming);
ArborContentSink arbor_draft_get_sink (ArborDraft *self);
/* The sink fails where more bytes of batches come in; then the draft is over. */
void arbor_draft_limit (ArborDraft *self, guint64 most_bytes);
gboolean arbor_draft_is_over (ArborDraft *self);
/* FALSE: all of @old was kept, and nothing came in. */
gboolean arbor_draft_is_changed (ArborDraft *self);
guint64 arbor_draft_get_n_bytes (ArborDraft *self); /* that came in */
ArborSource *arbor_draft_finish (ArborDraft *self);
void arbor_draft_free (ArborDraft *self);

/* @name is to have what the draft lists. */
gboolean arbor_draft_stage (ArborSource *draft, const char *name, ArborStaging *staging,
                            GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborDraft, arbor_draft_free)

G_END_DECLS
