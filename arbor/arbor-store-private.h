/* What the files of ArborStore share. */

#pragma once

#include <pthread.h>

#include "arbor-store.h"
#include "json/arbor-json-reader.h"
#include "query/view/arbor-source.h"
#include "storage/arbor-staging.h"

G_BEGIN_DECLS

struct _ArborStore
{
  GObject parent_instance;

  ArborSession *session; /* NULL when never opened */
  ArborCloseToken *token;
  gboolean is_pinned; /* ARBOR_STALENESS_PINNED */

  GMainContext *context; /* of the thread that opened it: where `changed` is told */
  guint64 opener;        /* that thread, see arbor_thread_get_number */

  pthread_mutex_t watch_mutex; /* guards what follows */
  GSource *watch;              /* NULL: off */
  guint watch_closed_id;
  GSource *late;         /* NULL, or what will tell late_names */
  GPtrArray *late_names; /* no two alike */
  gboolean is_auto_refresh; /* atomic */
};

/* The gate of a store: CLOSED for one that was never opened. */
gboolean arbor_store_enter (ArborStore *self, ArborAccess *access, GError **error);

/* Watching: arbor-store-watch.c. */
void arbor_store_switch_watch (ArborStore *self, gboolean is_on);
void arbor_store_emit_committed (ArborStore *self);

/* Properties: arbor-store-properties.c. */
void arbor_store_install_properties (GObjectClass *klass);
gboolean arbor_store_has_observer (ArborStore *self, const char *property);
void arbor_store_observe_closing (ArborStore *self); /* once, when it is open */

/* Telling of changed names: arbor-store-changed.c. Announcing comes last in a call, outside the gate where
 * that can be: handlers may do anything, closing included. */
void arbor_store_set_opener (ArborStore *self, GMainContext *context, guint64 opener);
void arbor_store_drop_late (ArborStore *self);
gboolean arbor_store_has_listener (ArborStore *self);
void arbor_store_emit_changed (ArborStore *self, char **names);
void arbor_store_announce (ArborStore *self, char **names);
/* Adds what is not there yet to *@changed, which is NULL or a list. */
void arbor_store_add_changed (char ***changed, char **names);
/* Commits; to *@changed, which is freed by the caller, comes what is then to be announced. */
gboolean arbor_store_commit (ArborStore *self, ArborStaging *staging, char ***changed,
                             GCancellable *cancellable, GError **error);

/* Reads all batches into @staging; CLOSED when @gate is closed. */
gboolean arbor_store_stage_stream (ArborStaging *staging, GInputStream *stream,
                                   ArborJsonReadOptions *options, ArborGate *gate,
                                   ArborJsonReport *report, GCancellable *cancellable,
                                   GError **error);

/* Opens for the thread and the context that made the asynchronous call. */
ArborStore *arbor_store_open_in_task (GTask *task, const char *path, ArborStoreOptions *options,
                                      GCancellable *cancellable, GError **error);
ArborStore *arbor_store_open_gfile_in_task (GTask *task, GFile *file, ArborStoreOptions *options,
                                            GCancellable *cancellable, GError **error);
/* The queue of asynchronous calls that write the store's file, one after the other, since it has one
 * writer: so a hundred imports need one thread, and reading goes on beside them. NULL where none is open. */
const char *arbor_store_get_queue (ArborStore *self);

G_END_DECLS
