/* How trees are indexed. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_INDEX_OPTIONS (arbor_index_options_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborIndexOptions, arbor_index_options, ARBOR, INDEX_OPTIONS, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborIndexOptions *arbor_index_options_new (void);
ARBOR_AVAILABLE_IN_1_0
ArborDuplicates arbor_index_options_get_duplicates (ArborIndexOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_index_options_set_duplicates (ArborIndexOptions *self, ArborDuplicates duplicates);

G_END_DECLS
