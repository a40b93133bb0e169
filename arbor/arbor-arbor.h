/* An immutable ordered collection of trees: in memory, stored, or a view of one. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_ARBOR (arbor_arbor_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborArbor, arbor_arbor, ARBOR, ARBOR, GObject)

ARBOR_AVAILABLE_IN_1_0
guint64 arbor_arbor_get_n_trees (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_arbor_get (ArborArbor *self, guint64 index, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborIter *arbor_arbor_iterator (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborIter *arbor_arbor_pick (ArborArbor *self, const char *const *paths, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_filter (ArborArbor *self, ArborExpr *predicate, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 *arbor_arbor_matching_indices (ArborArbor *self, ArborExpr *predicate, gsize *n_indices,
                                       GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_arbor_dup_keys (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_get_keys_unique (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_arbor_find (ArborArbor *self, ArborTree *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_arbor_find_string (ArborArbor *self, const char *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_arbor_find_int64 (ArborArbor *self, gint64 key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_arbor_find_one (ArborArbor *self, ArborExpr *predicate, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_arbor_find_one_or_error (ArborArbor *self, ArborExpr *predicate, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_arbor_count_matches (ArborArbor *self, ArborExpr *predicate,
                                   GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_any_of (ArborArbor *self, ArborExpr *predicate, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_all_of (ArborArbor *self, ArborExpr *predicate, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborMatches *arbor_arbor_query (ArborArbor *self, const char *jsonpath,
                                 GCancellable *cancellable, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_head (ArborArbor *self, guint64 n_trees, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_tail (ArborArbor *self, guint64 n_trees, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_slice (ArborArbor *self, guint64 start, guint64 n_trees, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_take (ArborArbor *self, const guint64 *indices, gsize n_indices,
                              GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_reverse (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_sort_by (ArborArbor *self, ArborExpr **keys, gsize n_keys,
                                 ArborSortOptions *options, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_top_k (ArborArbor *self, guint64 k, ArborExpr **keys, gsize n_keys,
                               ArborSortOptions *options, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_unique_by (ArborArbor *self, ArborExpr **keys, gsize n_keys,
                                   GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_sample (ArborArbor *self, guint64 n_trees, gint64 seed, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_shuffle (ArborArbor *self, gint64 seed, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_select (ArborArbor *self, const char *const *names, ArborExpr **exprs,
                                gsize n_exprs, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_add_fields (ArborArbor *self, const char *const *names, ArborExpr **exprs,
                                    gsize n_exprs, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_drop_fields (ArborArbor *self, const char *const *names, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_rename_fields (ArborArbor *self, const char *const *names,
                                       const char *const *new_names, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_explode (ArborArbor *self, const char *path, const char *field,
                                 const char *key, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_append (ArborArbor *self, ArborArbor *other, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_concat (ArborArbor **arbors, gsize n_arbors, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborGroups *arbor_arbor_group_by (ArborArbor *self, const char *const *names, ArborExpr **keys,
                                   gsize n_keys, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborTree *arbor_arbor_aggregate (ArborArbor *self, const char *const *names, ArborExpr **exprs,
                                  gsize n_exprs, GCancellable *cancellable, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_describe (ArborArbor *self, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_value_counts (ArborArbor *self, ArborExpr *expr, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_histogram (ArborArbor *self, ArborExpr *expr, guint n_bins, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborIndex *arbor_arbor_index_by (ArborArbor *self, ArborExpr **keys, gsize n_keys,
                                  ArborIndexOptions *options, GCancellable *cancellable,
                                  GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_nest (ArborArbor *self, ArborArbor *other, ArborExpr **keys, gsize n_keys,
                              const char *field, ArborNestOptions *options, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_join (ArborArbor *self, ArborArbor *other, ArborExpr **keys, gsize n_keys,
                              ArborJoinOptions *options, GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_compute (ArborArbor *self, ArborProgressFunc progress, gpointer progress_data,
                              GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_materialize (ArborArbor *self, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborColumn *arbor_arbor_get_column (ArborArbor *self, const char *path, GCancellable *cancellable,
                                     GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborColumn *arbor_arbor_get_column_of (ArborArbor *self, ArborExpr *expr,
                                        GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_arbor_to_jsonl (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_arbor_to_json (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_save (ArborArbor *self, GOutputStream *stream, ArborFormat format,
                           GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_save_file (ArborArbor *self, const char *path, ArborFormat format,
                                const char *const *columns, const char *delimiter,
                                GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_save_gfile (ArborArbor *self, GFile *file, ArborFormat format,
                                 const char *const *columns, const char *delimiter,
                                 GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_arbor_to_csv (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_save_csv (ArborArbor *self, GOutputStream *stream, const char *const *columns,
                               const char *delimiter, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborSchema *arbor_arbor_infer_schema (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_arbor_get_n_bytes (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_arbor_get_n_batches (ArborArbor *self, GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_is_computed (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_is_closed (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_arbor_dup_close_token (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
ArborStore *arbor_arbor_dup_store (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_arbor_dup_name (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_arbor_get_is_view (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_arbor_get_generation (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_arbor_to_string (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_arbor_explain (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
char **arbor_arbor_check_paths (ArborArbor *self, ArborExpr **exprs, gsize n_exprs, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_arbor_dup_notes (ArborArbor *self);
ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_arbor_strict (ArborArbor *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
char *arbor_arbor_explain_analyze (ArborArbor *self, GCancellable *cancellable, GError **error);

G_END_DECLS
