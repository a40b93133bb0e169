/* Trees found by their keys. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_INDEX (arbor_index_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborIndex, arbor_index, ARBOR, INDEX, GObject)

ARBOR_AVAILABLE_IN_1_0
guint64 arbor_index_get_n_keys (ArborIndex *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_index_look_up (ArborIndex *self, ArborTree *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_index_look_up_string (ArborIndex *self, const char *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_index_look_up_int64 (ArborIndex *self, gint64 key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_index_look_up_all (ArborIndex *self, ArborTree *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_index_contains (ArborIndex *self, ArborTree *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_index_is_closed (ArborIndex *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_index_dup_close_token (ArborIndex *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_index_to_string (ArborIndex *self);

G_END_DECLS
