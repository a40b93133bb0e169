/* A filter: which trees of a source some predicates keep, found batch by batch and only as far as
 * somebody asks. What it keeps is a bit a tree: counting adds up words, and no list of indices is
 * made for trees that nobody reads. When all of it is wanted, batches are shared out to the thread
 * pool. One thread at a time.
 */

#pragma once

#include "query/series/arbor-kernel.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

typedef struct _ArborFilter ArborFilter;

ArborFilter *arbor_filter_new (ArborNode *const *predicates, guint n);
void arbor_filter_free (ArborFilter *self);

/* Goes on until @wanted trees are found, or all are decided. After an error what was found is
 * still right, and finding can go on. */
gboolean arbor_filter_find (ArborFilter *self, ArborAccess *access, guint64 wanted,
                            GCancellable *cancellable, GError **error);
guint64 arbor_filter_get_n_found (const ArborFilter *self);
gboolean arbor_filter_is_complete (const ArborFilter *self);

/* The indices in the source of up to @max found trees from @position on; returns how many. */
guint32 arbor_filter_read (const ArborFilter *self, guint64 position, guint32 max,
                           guint32 *indices);

/* What was done so far. */
void arbor_filter_get_counters (const ArborFilter *self, ArborKernelCounters *counters);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborFilter, arbor_filter_free)

G_END_DECLS
