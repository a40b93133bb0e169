/* What a JSONPath query selected. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_MATCHES (arbor_matches_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborMatches, arbor_matches, ARBOR, MATCHES, GObject)

ARBOR_AVAILABLE_IN_1_0
guint64 arbor_matches_get_n_matches (ArborMatches *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_matches_get_match (ArborMatches *self, guint64 index, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_matches_dup_path (ArborMatches *self, guint64 index, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_matches_get_index (ArborMatches *self, guint64 index, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_matches_dup_paths (ArborMatches *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_matches_to_json (ArborMatches *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_matches_is_closed (ArborMatches *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_matches_dup_close_token (ArborMatches *self);

G_END_DECLS
