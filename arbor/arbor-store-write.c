/* ArborStore: putting, deleting and importing. Everything that is written goes through a staging of
 * the storage layer: batches first, then one commit that switches names to them, so a call that
 * fails leaves the store as it was.
 */

#include "arbor-store-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-arbor-private.h"
#include "arbor-gfile.h"
#include "arbor-load-private.h"
#include "arbor-task-private.h"
#include "base/arbor-error.h"
#include "base/arbor-profile.h"
#include "json/arbor-csv-recode.h"
#include "query/plan/arbor-plan.h"
#include "storage/arbor-staging-queue.h"

typedef struct
{
  ArborStaging *staging;
  ArborGate *gate;
  GCancellable *cancellable;
} Put;

static gboolean
put_batch (GBytes *batch, gpointer data, GError **error)
{
  Put *put = data;

  return arbor_gate_check (put->gate, error) &&
         arbor_staging_add_batch (put->staging, batch, put->cancellable, error);
}

static gboolean
put_arbor (Put *put, const char *name, ArborArbor *arbor, ArborAccess *access, GError **error)
{
  return arbor_access_verify (access, put->cancellable, error) &&
         arbor_staging_begin_arbor (put->staging, name, error) &&
         arbor_trees_write_batches (arbor->view->selection, access, put_batch, put, put->cancellable, error);
}

static gboolean
check_names (const char *const *names, gsize n, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < n; i++)
    if (!arbor_name_check (names[i], error))
      {
        return FALSE;
      }
    else if (!g_hash_table_add (seen, (gpointer) names[i]))
      {
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                     _("Name '%s' is given twice in one put"), names[i]);
        return FALSE;
      }
  return TRUE;
}

/* Inside: the arbors' own stores are entered until the commit, since their batches are read from
 * their maps. */
static gboolean
put_all (ArborStore *self, const char *const *names, ArborArbor **arbors, gsize n,
         char ***changed, GCancellable *cancellable, GError **error)
{
  g_autofree ArborAccess *accesses = g_new0 (ArborAccess, n + 1);
  g_autoptr (ArborStaging) staging = NULL;
  Put put = { .gate = arbor_session_get_gate (self->session), .cancellable = cancellable };
  gboolean is_good = TRUE;
  gsize entered;

  for (entered = 0; entered < n && is_good; entered++)
    is_good = arbor_arbor_enter (arbors[entered], &accesses[entered], error);
  is_good = is_good && arbor_plan_check_names (names, n, error) && check_names (names, n, error) &&
            (staging = arbor_staging_new (self->session, cancellable, error)) != NULL;
  put.staging = staging;
  for (gsize i = 0; i < n && is_good; i++)
    is_good = put_arbor (&put, names[i], arbors[i], &accesses[i], error);
  is_good = is_good && arbor_store_commit (self, staging, changed, cancellable, error);
  while (entered > 0)
    arbor_access_leave (&accesses[--entered], error);
  return is_good;
}

/**
 * arbor_store_put_many:
 * @self: a store
 * @names: (array zero-terminated=1): the names
 * @arbors: (array length=n_arbors): the arbors, in the same order, as many
 * @n_arbors: how many
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Stores several arbors in one commit: all or nothing. Names that exist are replaced. The arbors
 * may be views and may come from other stores. Batches that a name has already are not written
 * again; where nothing changes, nothing is written and handles stay fresh.
 *
 * Errors: %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_INVALID_ARGUMENT for a name given twice and another
 * number of names than of arbors,
 * %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY when another process writes for longer than the busy
 * time-out, %ARBOR_ERROR_FULL, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE for an arbor,
 * %G_IO_ERROR_CANCELLED. After an error the store is as it was. Any thread may call this.
 *
 * Returns: whether all were stored
 *
 * Since: 1.0
 */
gboolean
arbor_store_put_many (ArborStore *self, const char *const *names, ArborArbor **arbors,
                      gsize n_arbors, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) changed = NULL;
  ArborAccess access;
  gboolean is_done;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (names != NULL, FALSE);
  g_return_val_if_fail (arbor_task_are_objects (arbors, n_arbors, ARBOR_TYPE_ARBOR), FALSE);

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  is_done = put_all (self, names, arbors, n_arbors, &changed, cancellable, error);
  arbor_access_leave (&access, error);
  arbor_store_announce (self, changed);
  return is_done;
}

/**
 * arbor_store_put:
 * @self: a store
 * @name: the name
 * @arbor: the arbor: in memory, stored here or elsewhere, or a view
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Stores an arbor under a name, and replaces what was there: see [method@Arbor.Store.put_many].
 *
 * Errors: those of [method@Arbor.Store.put_many]. Any thread may call this.
 *
 * Returns: whether it was stored
 *
 * Since: 1.0
 */
gboolean
arbor_store_put (ArborStore *self, const char *name, ArborArbor *arbor, GCancellable *cancellable,
                 GError **error)
{
  const char *names[] = { name, NULL };

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), FALSE);

  return arbor_store_put_many (self, names, &arbor, 1, cancellable, error);
}

/**
 * arbor_store_delete:
 * @self: a store
 * @name: the name of an arbor
 * @cancellable: (nullable): to stop waiting
 * @error: where to put an error
 *
 * Deletes an arbor.
 *
 * Errors: %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY,
 * %ARBOR_ERROR_FULL, %ARBOR_ERROR_CLOSED, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: %TRUE when it was deleted; %FALSE without error when there was none of that name
 *
 * Since: 1.0
 */
gboolean
arbor_store_delete (ArborStore *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborStaging) staging = NULL;
  g_auto (GStrv) changed = NULL;
  ArborAccess access;
  gboolean is_done = FALSE;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  if (arbor_name_check (name, error))
    staging = arbor_staging_new (self->session, cancellable, error);
  if (staging != NULL && arbor_staging_delete_arbor (staging, name, error) &&
      arbor_store_commit (self, staging, &changed, cancellable, error))
    is_done = arbor_staging_get_n_changed (staging) > 0;
  g_clear_pointer (&staging, arbor_staging_free);
  arbor_access_leave (&access, error);
  arbor_store_announce (self, changed);
  return is_done;
}

/* Importing. */

typedef struct
{
  ArborStagingQueue *queue;
  ArborGate *gate;
} Import;

static gboolean
import_batch (GBytes *batch, guint32 n_trees, gpointer data, GError **error)
{
  Import *import = data;

  return arbor_gate_check (import->gate, error) &&
         arbor_staging_queue_add (import->queue, batch, error);
}

gboolean
arbor_store_stage_stream (ArborStaging *staging, GInputStream *stream,
                          ArborJsonReadOptions *options, ArborGate *gate, ArborJsonReport *report,
                          GCancellable *cancellable, GError **error)
{
  Import import = { .queue = arbor_staging_queue_new (staging, cancellable), .gate = gate };
  gboolean is_read;

  options->sink = import_batch;
  options->sink_data = &import;
  is_read = arbor_json_read_stream (stream, options, report, cancellable, error);
  return arbor_staging_queue_finish (import.queue, is_read ? error : NULL) && is_read &&
         arbor_gate_check (gate, error);
}

static GBytes *
take_aside (guint32 index, gpointer data, GError **error)
{
  Put *put = data;

  return arbor_gate_check (put->gate, error) ? arbor_staging_take_aside (put->staging, index, error)
                                             : NULL;
}

static gboolean
keep_aside (guint32 index, gpointer data, GError **error)
{
  arbor_staging_keep_aside (((Put *) data)->staging, index);
  return TRUE;
}

static gboolean
put_again (GBytes *batch, guint32 n_trees, gpointer data, GError **error)
{
  return put_batch (batch, data, error);
}

/* Columns of CSV that became text late. */
static gboolean
recode (ArborStaging *staging, ArborGate *gate, ArborJsonReport *report, GCancellable *cancellable,
        GError **error)
{
  Put put = { .staging = staging, .gate = gate, .cancellable = cancellable };
  const ArborCsvBatches batches = {
    .get = take_aside, .keep = keep_aside, .add = put_again, .data = &put
  };

  if (!arbor_csv_needs_recode (report))
    return TRUE;
  arbor_staging_set_aside (staging);
  return arbor_csv_recode (report, &batches, cancellable, error);
}

/* Those that the options declare. */
static gboolean
set_keys (ArborStaging *staging, ArborLoadOptions *options, GError **error)
{
  g_autoptr (ArborKeys) keys = NULL;

  if (options == NULL || options->keys == NULL)
    return TRUE;
  if (options->keys[0] != NULL)
    {
      keys = arbor_keys_new ((const char *const *) options->keys, options->keys_unique, error);
      if (keys == NULL)
        return FALSE;
    }
  arbor_staging_set_keys (staging, keys);
  return TRUE;
}

/* Inside. */
static ArborLoadReport *
import (ArborStore *self, const char *name, GInputStream *stream, const char *path,
        ArborLoadOptions *options, ArborJsonReadOptions read_options, char ***changed,
        GCancellable *cancellable, GError **error)
{
  ArborGate *gate = arbor_session_get_gate (self->session);
  g_autoptr (ArborStaging) staging = NULL;
  ArborLoadReport *result = NULL;
  ArborJsonReport report = { 0 };
  gint64 began = arbor_profile_begin ();
  guint64 n_written, n_skipped;

  if (!arbor_load_options_fill (options, path, &read_options, error))
    return NULL;
  staging = arbor_staging_new (self->session, cancellable, error);
  if (staging == NULL || !arbor_staging_begin_arbor (staging, name, error) ||
      !set_keys (staging, options, error))
    return NULL;

  if (arbor_store_stage_stream (staging, stream, &read_options, gate, &report, cancellable, error) &&
      recode (staging, gate, &report, cancellable, error) &&
      arbor_store_commit (self, staging, changed, cancellable, error))
    {
      arbor_staging_get_counts (staging, &n_written, &n_skipped);
      result = arbor_load_report_new_take (&report, n_written, n_skipped);
      arbor_profile_end (began, "import", name);
    }
  arbor_json_report_clear (&report);
  return result;
}

/**
 * arbor_store_import_stream:
 * @self: a store
 * @name: the name to store under
 * @stream: JSON text; not closed
 * @options: (nullable): how to read it, %NULL for the defaults
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Stores the trees that a stream of JSON text holds: see [method@Arbor.Store.import_file].
 *
 * Errors: those of [method@Arbor.Store.import_file], and those of the stream. Any thread may call
 * this.
 *
 * Returns: (transfer full): what was read and written
 *
 * Since: 1.0
 */
ArborLoadReport *
arbor_store_import_stream (ArborStore *self, const char *name, GInputStream *stream,
                           ArborLoadOptions *options, ArborProgressFunc progress,
                           gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) changed = NULL;
  ArborLoadReport *report = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (G_IS_INPUT_STREAM (stream), NULL);

  if (!arbor_store_enter (self, &access, error))
    return NULL;
  if (arbor_name_check (name, error))
    report = import (self, name, stream, NULL, options,
                     (ArborJsonReadOptions){ .progress = progress, .progress_data = progress_data },
                     &changed, cancellable, error);
  arbor_access_leave (&access, error);
  arbor_store_announce (self, changed);
  return report;
}

/* Of @path; or of @file, whose name that is then. */
static ArborLoadReport *
import_from (ArborStore *self, const char *name, const char *path, GFile *file,
             ArborLoadOptions *options, ArborJsonReadOptions read_options, GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GFileInfo) info = NULL;
  g_auto (GStrv) changed = NULL;
  ArborLoadReport *report = NULL;
  ArborAccess access;

  if (!arbor_store_enter (self, &access, error))
    return NULL;
  if (arbor_name_check (name, error))
    stream = arbor_gfile_read (file, path, cancellable, error);
  if (stream != NULL)
    {
      read_options.name = path;
      read_options.any_thread = TRUE;
      if (G_IS_FILE_INPUT_STREAM (stream))
        info = g_file_input_stream_query_info (G_FILE_INPUT_STREAM (stream),
                                               G_FILE_ATTRIBUTE_STANDARD_SIZE, NULL, NULL);
      if (info != NULL)
        read_options.total = (guint64) g_file_info_get_size (info);
      report = import (self, name, stream, path, options, read_options, &changed, cancellable,
                       error);
    }
  arbor_access_leave (&access, error);
  arbor_store_announce (self, changed);
  return report;
}

/**
 * arbor_store_import_file:
 * @self: a store
 * @name: the name to store under
 * @path: (type filename): a file of JSON text
 * @options: (nullable): how to read it, %NULL for the defaults
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Stores the trees that a file of JSON text holds, and replaces what the name had. JSON Lines are
 * read in pieces, so memory does not grow with the file; batches are written as they are made, in
 * short commits, and the name gets them all in the last one. Until then, and after an error, it
 * has what it had.
 *
 * Errors: %ARBOR_ERROR_PARSE naming line, byte and tree, %ARBOR_ERROR_INVALID_OPTIONS,
 * %ARBOR_ERROR_INVALID_NAME, %ARBOR_ERROR_NOT_FOUND when there is nothing at the option's path,
 * %ARBOR_ERROR_LIMIT, %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY, %ARBOR_ERROR_FULL,
 * %ARBOR_ERROR_CLOSED, %G_IO_ERROR_CANCELLED, and those of GIO for files. Any thread may call this.
 *
 * Returns: (transfer full): what was read and written
 *
 * Since: 1.0
 */
ArborLoadReport *
arbor_store_import_file (ArborStore *self, const char *name, const char *path,
                         ArborLoadOptions *options, ArborProgressFunc progress,
                         gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return import_from (
      self, name, path, NULL, options,
      (ArborJsonReadOptions){ .progress = progress, .progress_data = progress_data }, cancellable,
      error);
}

/**
 * arbor_store_import_gfile:
 * @self: a store
 * @name: the name to store under
 * @file: a file of JSON text
 * @options: (nullable): how to read it, %NULL for the defaults
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * [method@Arbor.Store.import_file] with a file of GIO, which may be anywhere that GIO reads.
 *
 * Errors: those of [method@Arbor.Store.import_file]. Any thread may call this.
 *
 * Returns: (transfer full): what was read and written
 *
 * Since: 1.0
 */
ArborLoadReport *
arbor_store_import_gfile (ArborStore *self, const char *name, GFile *file,
                          ArborLoadOptions *options, ArborProgressFunc progress,
                          gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  path = arbor_gfile_dup_name (file);
  return import_from (
      self, name, path, file, options,
      (ArborJsonReadOptions){ .progress = progress, .progress_data = progress_data }, cancellable,
      error);
}
