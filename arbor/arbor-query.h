/* Operations on an arbor, collected first and run as a whole. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>
#include "arbor-sort-flags.h"

G_BEGIN_DECLS

#define ARBOR_TYPE_QUERY (arbor_query_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborQuery, arbor_query, ARBOR, QUERY, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_new (ArborArbor *arbor, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_filter (ArborQuery *self, ArborExpr *predicate, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_head (ArborQuery *self, guint64 n_trees, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_tail (ArborQuery *self, guint64 n_trees, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_slice (ArborQuery *self, guint64 start, guint64 n_trees, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_reverse (ArborQuery *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_sort_by (ArborQuery *self, ArborExpr **keys, gsize n_keys,
                                 ArborSortOptions *options, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_top_k (ArborQuery *self, guint64 k, ArborExpr **keys, gsize n_keys,
                               ArborSortOptions *options, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_unique_by (ArborQuery *self, ArborExpr **keys, gsize n_keys,
                                   GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_sample (ArborQuery *self, guint64 n_trees, gint64 seed, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_shuffle (ArborQuery *self, gint64 seed, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_select (ArborQuery *self, const char *const *names, ArborExpr **exprs,
                                gsize n_exprs, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_add_fields (ArborQuery *self, const char *const *names, ArborExpr **exprs,
                                    gsize n_exprs, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_drop_fields (ArborQuery *self, const char *const *names, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_rename_fields (ArborQuery *self, const char *const *names,
                                       const char *const *new_names, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_explode (ArborQuery *self, const char *path, const char *field,
                                 const char *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_append (ArborQuery *self, ArborArbor *other, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_group_by (ArborQuery *self, const char *const *names, ArborExpr **keys,
                                  gsize n_keys, const char *const *new_names, ArborExpr **exprs,
                                  gsize n_exprs, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_nest (ArborQuery *self, ArborArbor *other, ArborExpr **keys, gsize n_keys,
                              const char *field, ArborNestOptions *options, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborQuery *arbor_query_join (ArborQuery *self, ArborArbor *other, ArborExpr **keys, gsize n_keys,
                              ArborJoinOptions *options, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_query_execute (ArborQuery *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_query_execute_as_written (ArborQuery *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_query_explain (ArborQuery *self);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_query_is_closed (ArborQuery *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_query_dup_close_token (ArborQuery *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_query_to_string (ArborQuery *self);

G_END_DECLS
