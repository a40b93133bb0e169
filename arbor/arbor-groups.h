/* The groups that an arbor's trees fall into by the values of some expressions. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_GROUPS (arbor_groups_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborGroups, arbor_groups, ARBOR, GROUPS, GObject)

ARBOR_AVAILABLE_IN_1_0
guint64 arbor_groups_get_n_groups (ArborGroups *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_groups_get_key (ArborGroups *self, guint64 index, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_groups_get_members (ArborGroups *self, guint64 index, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_groups_find (ArborGroups *self, ArborTree *key, guint64 *index, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_groups_aggregate (ArborGroups *self, const char *const *names, ArborExpr **exprs,
                                    gsize n_exprs, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_groups_is_closed (ArborGroups *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_groups_dup_close_token (ArborGroups *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_groups_to_string (ArborGroups *self);

G_END_DECLS
