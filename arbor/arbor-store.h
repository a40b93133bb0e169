/* An open file of named arbors. */

#pragma once

#if !defined(__ARBOR_INSIDE__) && !defined(ARBOR_COMPILATION)
#error "Only <arbor/arbor.h> can be included directly."
#endif

#include <arbor/arbor-types.h>

G_BEGIN_DECLS

#define ARBOR_TYPE_STORE (arbor_store_get_type ())

ARBOR_AVAILABLE_IN_1_0
_ARBOR_DECLARE_FINAL_TYPE (ArborStore, arbor_store, ARBOR, STORE, GObject)

ARBOR_AVAILABLE_IN_1_0
ArborStore *arbor_store_open (const char *path, ArborStoreOptions *options,
                              GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborStore *arbor_store_open_gfile (GFile *file, ArborStoreOptions *options,
                                    GCancellable *cancellable, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborArbor *arbor_store_get (ArborStore *self, const char *name, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_contains (ArborStore *self, const char *name, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_store_list_names (ArborStore *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_store_get_n_arbors (ArborStore *self, GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_put (ArborStore *self, const char *name, ArborArbor *arbor,
                          GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_put_many (ArborStore *self, const char *const *names, ArborArbor **arbors,
                               gsize n_arbors, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_delete (ArborStore *self, const char *name, GCancellable *cancellable,
                             GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_append (ArborStore *self, const char *name, ArborArbor *arbor,
                             GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_replace (ArborStore *self, const char *name, guint64 start, guint64 n_trees,
                              ArborArbor *arbor, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_store_delete_where (ArborStore *self, const char *name, ArborExpr *predicate,
                                  GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_store_update_where (ArborStore *self, const char *name, ArborExpr *predicate,
                                  const char *const *fields, ArborExpr **values, gsize n_values,
                                  GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_store_upsert (ArborStore *self, const char *name, const char *key, ArborArbor *arbor,
                            GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_rename (ArborStore *self, const char *name, const char *new_name,
                             GCancellable *cancellable, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborTransaction *arbor_store_begin_transaction (ArborStore *self, GError **error);

ARBOR_AVAILABLE_IN_1_0
ArborLoadReport *arbor_store_import_gfile (ArborStore *self, const char *name, GFile *file,
                                           ArborLoadOptions *options, ArborProgressFunc progress,
                                           gpointer progress_data, GCancellable *cancellable,
                                           GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborLoadReport *arbor_store_import_file (ArborStore *self, const char *name, const char *path,
                                          ArborLoadOptions *options, ArborProgressFunc progress,
                                          gpointer progress_data, GCancellable *cancellable,
                                          GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborLoadReport *arbor_store_import_stream (ArborStore *self, const char *name,
                                            GInputStream *stream, ArborLoadOptions *options,
                                            ArborProgressFunc progress, gpointer progress_data,
                                            GCancellable *cancellable, GError **error);

ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_set_keys (ArborStore *self, const char *name, const char *const *paths,
                               ArborKeyFlags flags, ArborProgressFunc progress,
                               gpointer progress_data, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_compact (ArborStore *self, ArborCompactFlags flags, ArborProgressFunc progress,
                              gpointer progress_data, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborReport *arbor_store_verify (ArborStore *self, ArborProgressFunc progress, gpointer progress_data,
                                 GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_backup (ArborStore *self, const char *path, ArborBackupFlags flags,
                             ArborProgressFunc progress, gpointer progress_data,
                             GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_backup_gfile (ArborStore *self, GFile *file, ArborBackupFlags flags,
                                   ArborProgressFunc progress, gpointer progress_data,
                                   GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_backup_stream (ArborStore *self, GOutputStream *stream, ArborBackupFlags flags,
                                    ArborProgressFunc progress, gpointer progress_data,
                                    GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_dump (ArborStore *self, const char *path,
                           ArborProgressFunc progress, gpointer progress_data,
                           GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_dump_gfile (ArborStore *self, GFile *file,
                                 ArborProgressFunc progress, gpointer progress_data,
                                 GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_dump_stream (ArborStore *self, GOutputStream *stream,
                                  ArborProgressFunc progress, gpointer progress_data,
                                  GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_load (ArborStore *self, const char *path,
                           ArborProgressFunc progress, gpointer progress_data,
                           GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_load_gfile (ArborStore *self, GFile *file,
                                 ArborProgressFunc progress, gpointer progress_data,
                                 GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_load_stream (ArborStore *self, GInputStream *stream,
                                  ArborProgressFunc progress, gpointer progress_data,
                                  GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
guint64 arbor_store_upgrade (ArborStore *self, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborStats *arbor_store_get_stats (ArborStore *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
char **arbor_store_refresh (ArborStore *self, GError **error);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_tell_changed (ArborStore *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_close (ArborStore *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_close_async (ArborStore *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_close_finish (ArborStore *self, GAsyncResult *result, GError **error);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_is_closed (ArborStore *self);
ARBOR_AVAILABLE_IN_1_0
ArborCloseToken *arbor_store_dup_close_token (ArborStore *self);
ARBOR_AVAILABLE_IN_1_0
char *arbor_store_dup_path (ArborStore *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_is_read_only (ArborStore *self);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_get_watch (ArborStore *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_set_watch (ArborStore *self, gboolean watch);
ARBOR_AVAILABLE_IN_1_0
gboolean arbor_store_get_auto_refresh (ArborStore *self);
ARBOR_AVAILABLE_IN_1_0
void arbor_store_set_auto_refresh (ArborStore *self, gboolean auto_refresh);
ARBOR_AVAILABLE_IN_1_0
char *arbor_store_to_string (ArborStore *self);

/* Files that nobody needs to have open, or can. */
ARBOR_AVAILABLE_IN_1_0
ArborReport *arbor_verify_file (const char *path, ArborProgressFunc progress, gpointer progress_data,
                                GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborReport *arbor_verify_gfile (GFile *file, ArborProgressFunc progress, gpointer progress_data,
                                 GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborReport *arbor_recover_file (const char *path, const char *new_path, ArborProgressFunc progress,
                                 gpointer progress_data, GCancellable *cancellable, GError **error);
ARBOR_AVAILABLE_IN_1_0
ArborReport *arbor_recover_gfile (GFile *file, GFile *new_file, ArborProgressFunc progress,
                                  gpointer progress_data, GCancellable *cancellable, GError **error);

G_END_DECLS
