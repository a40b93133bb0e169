/* Operators that make new trees out of the fields of old ones, row by row: select, add, drop,
 * rename, and explode, which makes a tree for each element of an array. Each gives a derived source
 * over one view. Names are keys of the tree itself, not paths; strings are copied.
 *
 * A tree that is no object passes through add, drop and rename as it is.
 */

#pragma once

#include "query/view/arbor-derived.h"

G_BEGIN_DECLS

/* Objects of these fields only, in this order; a value that is missing leaves its field out, a
 * vector gives an array. INVALID_ARGUMENT when a name comes twice. */
ArborSource *arbor_fields_select (ArborSource *source, ArborSelection *selection,
                                  const char *const *names, ArborNode *const *nodes, gsize n,
                                  GError **error);
/* The old fields with these replaced, where they stand, or added at the end. All values are those of
 * the old tree. A value that is missing takes its field away. */
ArborSource *arbor_fields_add (ArborSource *source, ArborSelection *selection,
                               const char *const *names, ArborNode *const *nodes, gsize n,
                               GError **error);
ArborSource *arbor_fields_drop (ArborSource *source, ArborSelection *selection,
                                const char *const *names, gsize n, GError **error);
/* All at once, so that names can be exchanged. A renamed field stays where it stands; where another
 * one has its new name already, reading the tree fails with EXISTS. */
ArborSource *arbor_fields_rename (ArborSource *source, ArborSelection *selection,
                                  const char *const *names, const char *const *new_names, gsize n,
                                  GError **error);
/* Where keys of members go, when nobody names the field. */
#define ARBOR_FIELDS_KEY "key"

/* The array at @path gives way to one of its elements in each tree; with @as the array is left out
 * and the element stands under that name at the end. An object gives way to one of its members, whose
 * key stands in the field @key (NULL: ARBOR_FIELDS_KEY) at the end, before @as; where the tree is the
 * object, the member is the tree and has the key in front. No element: no tree. Neither: the tree as
 * it is. CARDINALITY for a path with [*], INVALID_ARGUMENT for an @as that holds the array somewhere
 * below; where the tree has another field @as or @key, reading fails with EXISTS, where it is an array
 * of which the exploded one is a part with TYPE. */
ArborSource *arbor_fields_explode (ArborSource *source, ArborSelection *selection, const char *path,
                                   const char *as, const char *key, GError **error);

/* For operators that move a value to a name: it may not cost the one that is there. FALSE. */
gboolean arbor_fields_set_taken_error (const char *name, gsize length, GError **error);

G_END_DECLS
