/* How keys order trees. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_SORT_OPTIONS (arbor_sort_options_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborSortOptions, arbor_sort_options, ARBOR, SORT_OPTIONS, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborSortOptions *arbor_sort_options_new (void);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_sort_options_get_descending (ArborSortOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_sort_options_set_descending (ArborSortOptions *self, gboolean descending);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_sort_options_get_nulls_first (ArborSortOptions *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_sort_options_set_nulls_first (ArborSortOptions *self, gboolean nulls_first);
ARBOR_AVAILABLE_IN_1_0
ArborSortFlags *arbor_sort_options_dup_flags (ArborSortOptions *self, gsize *n_flags);
ARBOR_AVAILABLE_IN_1_0
void arbor_sort_options_set_flags (ArborSortOptions *self, const ArborSortFlags *flags,
                                   gsize n_flags);

G_END_DECLS
