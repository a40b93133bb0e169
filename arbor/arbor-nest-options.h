/* How trees of one arbor are put into those of another. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_NEST_OPTIONS (arbor_nest_options_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborNestOptions, arbor_nest_options, ARBOR, NEST_OPTIONS, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborNestOptions *arbor_nest_options_new (void);
ARBOR_AVAILABLE_IN_1_0
ArborNestKind arbor_nest_options_get_kind (ArborNestOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_nest_options_set_kind (ArborNestOptions *self, ArborNestKind kind);
ARBOR_AVAILABLE_IN_1_0
ArborExpr **arbor_nest_options_dup_other_keys (ArborNestOptions *self, gsize *n_other_keys);
ARBOR_AVAILABLE_IN_1_0
void arbor_nest_options_set_other_keys (ArborNestOptions *self, ArborExpr **other_keys,
                                        gsize n_other_keys);

G_END_DECLS
