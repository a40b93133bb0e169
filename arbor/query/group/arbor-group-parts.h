/* Groups of very many keys, found by several threads: each reads all trees, and takes those whose keys'
 * hashes are its own, so that no group has trees in two of the parts, and nothing has to be merged. Which
 * tree every group began with says how the groups of all parts are numbered. For as long as they are
 * read, results stay in the parts.
 *
 * As with arbor-share.h nothing is told where something goes wrong: then trees are read in order.
 */

#pragma once

#include "query/group/arbor-group-private.h"
#include "query/group/arbor-group-results.h"

G_BEGIN_DECLS

typedef struct _ArborGroupParts ArborGroupParts;

/* @n_expected: groups in all, about. NULL: there are few trees, few groups or one thread, a key is an array, or something went wrong. */
ArborGroupParts *arbor_group_parts_find (ArborGrouping *grouping, const ArborGroupPlan *plan,
                                         guint64 n_expected, ArborAccess *access,
                                         GCancellable *cancellable);
void arbor_group_parts_free (ArborGroupParts *self);

guint32 arbor_group_parts_get_n_groups (const ArborGroupParts *self);
void arbor_group_parts_locate (const ArborGroupParts *self, guint32 group, ArborGroupPlace *place);
/* Adds how many values counted, and how many were left out, to those of @results. */
void arbor_group_parts_add_figures (const ArborGroupParts *self, ArborGroupResults *results);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborGroupParts, arbor_group_parts_free)

G_END_DECLS
