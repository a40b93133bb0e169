/* A grouping: which groups the trees of a view fall into by the values of some expressions, found once,
 * when somebody first asks. Refcounted; any thread. Members of groups are listed when they are first asked
 * for; until then, and for aggregates alone, only the groups' keys are kept.
 *
 * Under a grouping's mutex trees are read: whoever derives from it locks itself first.
 */

#pragma once

#include "batch/arbor-group-key.h"
#include "query/view/arbor-derived.h"

G_BEGIN_DECLS

typedef struct _ArborGrouping ArborGrouping;

/* INVALID_ARGUMENT when a name comes twice, EXPRESSION for a key that has several values for a tree.
 * Without keys, all trees are one group. */
ArborGrouping *arbor_grouping_new (ArborSource *source, ArborSelection *selection,
                                   const char *const *names, ArborNode *const *keys, gsize n,
                                   GError **error);
/* Another one of the same keys and trees, which have not been read. */
ArborGrouping *arbor_grouping_copy (ArborGrouping *self);
ArborGrouping *arbor_grouping_ref (ArborGrouping *self);
void arbor_grouping_unref (ArborGrouping *self);

/* Before anybody asks: members will be asked for, so they are listed when groups are found. */
void arbor_grouping_expect_members (ArborGrouping *self);

/* "country, decade = year div 10" */
void arbor_grouping_describe (ArborGrouping *self, GString *text);
/* FALSE while they have not been found. */
gboolean arbor_grouping_peek_n_groups (ArborGrouping *self, guint32 *n_groups);

/* The following need an access to the source. */
gboolean arbor_grouping_get_n_groups (ArborGrouping *self, ArborAccess *access,
                                      GCancellable *cancellable, guint32 *n_groups, GError **error);
/* The trees of a group that there is: indices in the source, in the view's order, to be freed. */
guint32 *arbor_grouping_dup_members (ArborGrouping *self, ArborAccess *access, guint32 group,
                                     guint64 *n, GError **error);
/* Those of all groups, one after the other, and where each group's begin and end. They stay as long as
 * the grouping. */
gboolean arbor_grouping_get_members (ArborGrouping *self, ArborAccess *access,
                                     const guint32 **members, const guint64 **starts,
                                     GError **error);
/* The groups of @n rows of values of the keys, one row after the other; ARBOR_NO_GROUP where there is
 * none. The values are changed to what they are compared as. */
gboolean arbor_grouping_find_rows (ArborGrouping *self, ArborAccess *access, ArborValue *values,
                                   guint32 n, ArborScope *scope, guint32 *groups, GError **error);
/* The same for keys that were made of values already. */
gboolean arbor_grouping_find_keys (ArborGrouping *self, ArborAccess *access,
                                   const ArborGroupKey *keys, guint32 n, guint32 *groups,
                                   GError **error);
/* The key of a group that was found, as JSON texts, for messages. */
char *arbor_grouping_dup_key_text (ArborGrouping *self, guint32 group);
/* The group whose key has the fields of the object @key. *@is_found: whether there is one. */
gboolean arbor_grouping_find (ArborGrouping *self, ArborAccess *access, const ArborValue *key,
                              ArborScope *scope, gboolean *is_found, guint32 *group,
                              GError **error);

/* The same for values of all keys, which are changed to what they are compared as. */
gboolean arbor_grouping_find_values (ArborGrouping *self, ArborAccess *access, ArborValue *values,
                                     ArborScope *scope, gboolean *is_found, guint32 *group,
                                     GError **error);

/* A tree for each group: the fields of its key, then those of the aggregates. */
ArborSource *arbor_grouping_aggregate (ArborGrouping *self, const char *const *names,
                                       ArborNode *const *nodes, gsize n, GError **error);

/* One tree for all trees of a view, inside: a finished batch. *@notes: for people, which values were
 * left out; NULL after an error. */
GBytes *arbor_group_aggregate_all (ArborSelection *selection, ArborAccess *access,
                                   const char *const *names, ArborNode *const *nodes, gsize n,
                                   char ***notes, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborGrouping, arbor_grouping_unref)

G_END_DECLS
