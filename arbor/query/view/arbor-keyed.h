/* Trees of a stored source found by their key (storage/arbor-key-set.h), and conditions that ask for keys:
 * these are decided by a look-up for each key, and a look at the trees that were found. Nothing that is told
 * comes of it: where anything goes wrong the caller looks at all trees, as if there were no keys.
 */

#pragma once

#include "query/expr/arbor-node.h"
#include "query/view/arbor-source.h"
#include "storage/arbor-key-set.h"

G_BEGIN_DECLS

/* What is declared of the trees that an access reads: of a stored source or a draft; else NULL. */
const ArborKeys *arbor_access_get_keys (const ArborAccess *self);

/* All of the following read inside @access, whose source is that of @record, a draft of it, or NULL. The record
 * has keys declared. */

/* Appends to @places (ArborKeyPlace) the trees with this key, of as many values as there are paths, none null:
 * in their order. What is read lies in @scope until then. */
gboolean arbor_keyed_find (ArborAccess *access, ArborRecord *record, const ArborValue *key,
                           ArborScope *scope, GArray *places, GError **error);
/* The trees that may have a key of one of these hashes, which differ: indices in ascending order, each once, to be
 * freed. NULL without error: more than @limit may. */
guint32 *arbor_keyed_find_hashes (ArborAccess *access, ArborRecord *record, const guint64 *hashes, gsize n,
                                  guint64 limit, guint64 *n_found, GError **error);
const ArborBatch *arbor_keyed_get_batch (ArborAccess *access, ArborRecord *record,
                                         const ArborKeyPlace *place, GError **error);

/* The trees for which all of @predicates are true, where these ask for few keys, to @places, each once and
 * in their order. FALSE: not so, and nothing was said. */
gboolean arbor_keyed_decide (ArborAccess *access, ArborRecord *record, ArborNode *const *predicates,
                             guint n, GArray *places);
/* Whether it would, which computes nothing. */
gboolean arbor_keyed_would_decide (const ArborRecord *record, ArborNode *const *predicates, guint n);

/* Whether a value can be a key, or a part of one. */
static inline gboolean
arbor_value_is_key (const ArborValue *self)
{
  return self->kind == ARBOR_KIND_BOOL || self->kind == ARBOR_KIND_STRING ||
         arbor_kind_is_number ((ArborKind) self->kind);
}

G_END_DECLS
