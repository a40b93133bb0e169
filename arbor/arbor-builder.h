/* Makes an in-memory arbor out of trees, one by one. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_BUILDER (arbor_builder_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborBuilder, arbor_builder, ARBOR, BUILDER, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborBuilder *arbor_builder_new (void);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_builder_add_json (ArborBuilder *self, const char *json, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_builder_add_variant (ArborBuilder *self, GVariant *value, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_builder_add_tree (ArborBuilder *self, ArborTree *tree, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_builder_get_n_trees (ArborBuilder *self);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_builder_finish (ArborBuilder *self, GError **error);

G_END_DECLS
