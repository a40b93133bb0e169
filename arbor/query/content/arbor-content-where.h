/* Edits by content: which trees change is decided by looking at all of them. First the trees that
 * change are listed, then arbor_content_change rewrites the pieces that hold one. A tree that would
 * come out as it is (kinds, key order and the text of numbers included) does not change, so where
 * nothing changes all pieces are kept.
 *
 * All read inside @access, and say in @n_changed how many trees were changed, deleted or appended.
 * The expressions are not vectors.
 */

#pragma once

#include "query/content/arbor-content.h"
#include "query/expr/arbor-node.h"

G_BEGIN_DECLS

/* Deletes the trees for which @predicate is true. */
gboolean arbor_content_delete_where (ArborContent *self, ArborAccess *access, ArborNode *predicate,
                                     const ArborContentSink *sink, guint64 *n_changed,
                                     GCancellable *cancellable, GError **error);

/* Fields of the root object and what they are set to; MISSING removes. No two names are equal. */
typedef struct
{
  const char *const *names;
  ArborNode *const *values;
  gsize n;
} ArborContentFields;

/* Sets fields of the trees for which @predicate is true and that are objects: each to the value of
 * its expression for the tree as it was. LIMIT for a tree that becomes too deep. */
gboolean arbor_content_update_where (ArborContent *self, ArborAccess *access, ArborNode *predicate,
                                     const ArborContentFields *fields,
                                     const ArborContentSink *sink, guint64 *n_changed,
                                     GCancellable *cancellable, GError **error);

/* Each tree of @trees, which are read inside @trees_access, comes instead of those whose @keys (@n, at most
 * ARBOR_KEYS_MAX_PATHS) have equal values; where there are none, it is appended. Of several in @trees that have equal keys the
 * last counts, at the first one's place. CARDINALITY for a tree of @trees without key. */
gboolean arbor_content_upsert (ArborContent *self, ArborAccess *access, ArborNode *const *keys, guint n,
                               ArborSelection *trees, ArborAccess *trees_access,
                               const ArborContentSink *sink, guint64 *n_changed,
                               GCancellable *cancellable, GError **error);

G_END_DECLS
