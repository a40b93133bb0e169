/* Pull iteration over the trees of an arbor. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_ITER (arbor_iter_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborIter, arbor_iter, ARBOR, ITER, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_iter_next_value (ArborIter *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree **arbor_iter_next_many (ArborIter *self, gsize max_trees, gsize *n_trees, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborIter *arbor_iter_iterator (ArborIter *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_iter_get_n_ready (ArborIter *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_iter_close (ArborIter *self);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_iter_dup_arbor (ArborIter *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_iter_get_position (ArborIter *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_iter_is_closed (ArborIter *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_iter_dup_close_token (ArborIter *self);

G_END_DECLS
