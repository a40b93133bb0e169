#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-row.h>
#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_LIST_MODEL (arbor_list_model_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborListModel, arbor_list_model, ARBOR, LIST_MODEL, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborListModel *arbor_list_model_new (ArborStore *store, const char *name);

ARBOR_AVAILABLE_IN_1_0
ArborStore *arbor_list_model_dup_store (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_list_model_set_store (ArborListModel *self, ArborStore *store);
ARBOR_AVAILABLE_IN_1_0
char *arbor_list_model_dup_name (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_list_model_set_name (ArborListModel *self, const char *name);
ARBOR_AVAILABLE_IN_1_0
ArborExpr *arbor_list_model_dup_filter (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_list_model_set_filter (ArborListModel *self, ArborExpr *filter);
ARBOR_AVAILABLE_IN_1_0
char *arbor_list_model_dup_search (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_list_model_set_search (ArborListModel *self, const char *search);
ARBOR_AVAILABLE_IN_1_0
char **arbor_list_model_dup_search_paths (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_list_model_set_search_paths (ArborListModel *self, const char *const *paths);
ARBOR_AVAILABLE_IN_1_0
char *arbor_list_model_dup_sort (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_list_model_set_sort (ArborListModel *self, const char *sort);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_list_model_sort_by (ArborListModel *self, ArborExpr **keys, gsize n_keys,
                                   ArborSortOptions *options, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_list_model_get_reversed (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_list_model_set_reversed (ArborListModel *self, gboolean reversed);
ARBOR_AVAILABLE_IN_1_0
guint arbor_list_model_get_pending (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
GError *arbor_list_model_dup_error (ArborListModel *self);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_list_model_set_columns (ArborListModel *self, const char *const *names,
                                       ArborExpr **exprs, gsize n_exprs, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_list_model_dup_column_property (ArborListModel *self, const char *name);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_list_model_find (ArborListModel *self, ArborRow *row, guint *position);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_list_model_is_closed (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_list_model_dup_close_token (ArborListModel *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_list_model_to_string (ArborListModel *self);

G_END_DECLS
