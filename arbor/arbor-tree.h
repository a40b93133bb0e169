/* One JSON document of an arbor, or a part of one. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_TREE (arbor_tree_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborTree, arbor_tree, ARBOR, TREE, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_new_from_json (const char *json, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_new_from_variant (GVariant *value, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_get (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_get_member (ArborTree *self, const char *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_get_element (ArborTree *self, gint64 index, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_tree_contains (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborKind arbor_tree_get_kind (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_tree_get_boolean (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
gint64 arbor_tree_get_int64 (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_tree_get_uint64 (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
double arbor_tree_get_double (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_tree_dup_string (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
GBytes *arbor_tree_dup_bytes (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_tree_dup_number_text (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_tree_get_length (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_tree_dup_keys (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_tree_to_json (ArborTree *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
GVariant *arbor_tree_to_variant (ArborTree *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborMatches *arbor_tree_query (ArborTree *self, const char *jsonpath, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_materialize (ArborTree *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_set_value (ArborTree *self, const char *path, ArborTree *value,
                                 GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_insert (ArborTree *self, const char *path, ArborTree *value, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_remove (ArborTree *self, const char *path, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_patch (ArborTree *self, ArborTree *patch, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_merge_patch (ArborTree *self, ArborTree *patch, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_tree_diff (ArborTree *self, ArborTree *to, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_tree_dup_notes (ArborTree *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_tree_is_closed (ArborTree *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_tree_dup_close_token (ArborTree *self);

G_END_DECLS
