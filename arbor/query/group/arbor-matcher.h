/* A matcher finds for many rows at once which key of a key index each has. Keys of few values are looked
 * up once for each of these, others together. One thread at a time.
 */

#pragma once

#include "batch/arbor-group-table.h"
#include "query/group/arbor-key-index.h"

G_BEGIN_DECLS

typedef struct _ArborMatcher ArborMatcher;

/* @index outlives it; the keys are those of the rows, as many as it has. */
ArborMatcher *arbor_matcher_new (ArborKeyIndex *index, ArborNode *const *keys, gsize n);
void arbor_matcher_free (ArborMatcher *self);

/* Before rows of another access. */
void arbor_matcher_forget (ArborMatcher *self);

/* The group of each row (arbor_key_index_get_matches); ARBOR_NO_GROUP where the key is missing, or not in
 * the index. @access is that to the index's source. */
gboolean arbor_matcher_find (ArborMatcher *self, ArborAccess *access, const ArborRows *rows,
                             ArborScope *scope, guint32 *groups, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborMatcher, arbor_matcher_free)

G_END_DECLS
