/* How trees of two arbors are joined. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_JOIN_OPTIONS (arbor_join_options_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborJoinOptions, arbor_join_options, ARBOR, JOIN_OPTIONS, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborJoinOptions *arbor_join_options_new (void);
ARBOR_AVAILABLE_IN_1_0
ArborJoinKind arbor_join_options_get_kind (ArborJoinOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_join_options_set_kind (ArborJoinOptions *self, ArborJoinKind kind);
ARBOR_AVAILABLE_IN_1_0
char *arbor_join_options_dup_suffix (ArborJoinOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_join_options_set_suffix (ArborJoinOptions *self, const char *suffix);
ARBOR_AVAILABLE_IN_1_0
ArborExpr **arbor_join_options_dup_other_keys (ArborJoinOptions *self, gsize *n_other_keys);
ARBOR_AVAILABLE_IN_1_0
void arbor_join_options_set_other_keys (ArborJoinOptions *self, ArborExpr **other_keys,
                                        gsize n_other_keys);

G_END_DECLS
