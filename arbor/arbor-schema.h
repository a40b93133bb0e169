/* The shape of an arbor's trees, inferred from their columns: a plain value, never closed. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_SCHEMA (arbor_schema_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborSchema, arbor_schema, ARBOR, SCHEMA, GObject)

ARBOR_AVAILABLE_IN_1_0
guint arbor_schema_get_n_fields (ArborSchema *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_schema_get_n_trees (ArborSchema *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_schema_dup_path (ArborSchema *self, guint field);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_schema_get_count (ArborSchema *self, guint field, ArborKind kind);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_schema_is_optional (ArborSchema *self, guint field);
ARBOR_AVAILABLE_IN_1_0
ArborSchema *arbor_schema_expand (ArborSchema *self);
ARBOR_AVAILABLE_IN_1_0
ArborSchema *arbor_schema_limit_depth (ArborSchema *self, guint depth);
ARBOR_AVAILABLE_IN_1_0
char *arbor_schema_to_string (ArborSchema *self);

G_END_DECLS
