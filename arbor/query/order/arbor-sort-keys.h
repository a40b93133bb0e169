/* What trees are ordered, or told apart, by: expressions, each with its flags. Immutable,
 * refcounted. Never empty: without expressions the key is the tree itself.
 */

#pragma once

#include "base/arbor-sort-flags.h"
#include "query/expr/arbor-node.h"
#include "query/view/arbor-selection.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  guint32 n;
  ArborNode **nodes;
  ArborSortFlags *flags;
} ArborSortKeys;

/* @flags: none, one for all or one for each of the @n nodes. EXPRESSION for a vector,
 * INVALID_ARGUMENT for another number of flags, or for unknown ones. */
ArborSortKeys *arbor_sort_keys_new (ArborNode *const *nodes, gsize n, const ArborSortFlags *flags,
                                    gsize n_flags, GError **error);
ArborSortKeys *arbor_sort_keys_ref (ArborSortKeys *self);
void arbor_sort_keys_unref (ArborSortKeys *self);

/* The same keys of the trees that @parent's are made of where they are made (arbor-trace.h), and an access to
 * these, of @of, narrow. */
ArborSortKeys *arbor_sort_keys_enter (ArborSortKeys *self, ArborSelection *parent,
                                      const ArborAccess *of, ArborAccess *access);

/* "height descending, name.last nulls first"; parse reads it, and EXPRESSION says what it cannot read. */
void arbor_sort_keys_describe (const ArborSortKeys *self, GString *out);
ArborSortKeys *arbor_sort_keys_parse (const char *text, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSortKeys, arbor_sort_keys_unref)

G_END_DECLS
