/* A key index: which trees of a view have which key. It is a grouping (arbor-group.h) of those trees
 * whose key has neither null nor missing in it, so these match nothing, and looking up is that of
 * the group table. Refcounted; any thread.
 */

#pragma once

#include "query/group/arbor-group.h"

G_BEGIN_DECLS

typedef struct _ArborKeyIndex ArborKeyIndex;
typedef struct _ArborAsked ArborAsked; /* arbor-asked.h */

/* INVALID_ARGUMENT without keys, EXPRESSION for a vector. */
ArborKeyIndex *arbor_key_index_new (ArborSource *source, ArborSelection *selection,
                                    ArborNode *const *keys, gsize n, GError **error);
ArborKeyIndex *arbor_key_index_ref (ArborKeyIndex *self);
void arbor_key_index_unref (ArborKeyIndex *self);

/* Before anybody asks: nothing but @asked (taken over; or NULL) will be looked up, so trees that have no such key need
 * not be in it. */
void arbor_key_index_expect (ArborKeyIndex *self, ArborAsked *asked);

gsize arbor_key_index_get_n_values (ArborKeyIndex *self); /* of a key */
void arbor_key_index_describe (ArborKeyIndex *self, GString *text);

/* The following need an access to the source. */
gboolean arbor_key_index_get_n_keys (ArborKeyIndex *self, ArborAccess *access,
                                     GCancellable *cancellable, guint32 *n_keys, GError **error);
/* The trees with these values: indices in the source, in the view's order, to be freed; none when a
 * value is null or missing. The values are changed to what they are compared as. */
guint32 *arbor_key_index_look_up (ArborKeyIndex *self, ArborAccess *access, ArborValue *values,
                                  ArborScope *scope, guint64 *n, GError **error);
/* The same for @n rows of values at once, one row after the other, as numbers of keys; ARBOR_NO_GROUP: none. */
gboolean arbor_key_index_find (ArborKeyIndex *self, ArborAccess *access, ArborValue *values,
                               guint32 n, ArborScope *scope, guint32 *groups, GError **error);
gboolean arbor_key_index_find_keys (ArborKeyIndex *self, ArborAccess *access,
                                    const ArborGroupKey *keys, guint32 n, guint32 *groups,
                                    GError **error);
/* The trees with the key of each number: (*members)[(*starts)[number]] to before (*starts)[number + 1];
 * they stay as long as the index. */
gboolean arbor_key_index_get_matches (ArborKeyIndex *self, ArborAccess *access,
                                      const guint32 **members, const guint64 **starts,
                                      GError **error);
/* CARDINALITY, naming it, when a key belongs to several trees. */
gboolean arbor_key_index_check_unique (ArborKeyIndex *self, ArborAccess *access, GError **error);


G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborKeyIndex, arbor_key_index_unref)

G_END_DECLS
