/* ArborStore: all of a store as text that people can read, and back.
 *
 * A dump is JSON Lines. The first says what it is: {"arbor_dump":1,"arbors":2}. Then comes for each arbor a line
 * that tells its name, how many trees it has and what is declared of it, and the trees, a line each, in their
 * order; and in the end {"end":true,"trees":N}, so that one that was cut off is told from one that is whole.
 *
 * Numbers are written so that they read back as they are, with decimals read exactly: those that are kept as
 * text come back as text.
 */

#include "arbor-store-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "arbor-arbor.h"
#include "arbor-close-token.h"
#include "arbor-gfile.h"
#include "arbor-store-options.h"
#include "base/arbor-buffer.h"
#include "base/arbor-error.h"
#include "base/arbor-new-file.h"
#include "base/arbor-packing.h"
#include "base/arbor-text.h"

typedef struct
{
  ArborStore *view; /* another store of the same file, whose snapshot nobody else moves */
  GOutputStream *stream;
  ArborProgressFunc progress;
  gpointer progress_data;
  guint64 done, total; /* trees */
} Dump;

static gboolean
write_line (GOutputStream *stream, const ArborBuffer *line, GCancellable *cancellable, GError **error)
{
  return g_output_stream_write_all (stream, line->data, line->length, NULL, cancellable, error);
}

static void
append (ArborBuffer *line, const char *text)
{
  arbor_buffer_append (line, text, strlen (text));
}

static void
append_quoted (ArborBuffer *line, const char *text)
{
  arbor_text_append_string (line, text, strlen (text));
}

static void
append_keys (ArborBuffer *line, const ArborKeys *keys)
{
  append (line, ",\"keys\":[");
  for (guint i = 0; i < keys->n_paths; i++)
    {
      append (line, i > 0 ? "," : "");
      append_quoted (line, keys->texts[i]);
    }
  append (line, keys->is_unique ? "],\"unique\":true" : "],\"unique\":false");
}

static gboolean
append_record (ArborStore *view, const char *name, ArborBuffer *line, guint64 *n_trees, GError **error)
{
  g_autoptr (ArborSnapshot) snapshot = NULL;
  g_autoptr (ArborRecord) record = NULL;
  ArborAccess access;

  if (!arbor_store_enter (view, &access, error))
    return FALSE;
  snapshot = arbor_session_dup_snapshot (view->session, error);
  if (snapshot != NULL)
    record = arbor_snapshot_lookup (snapshot, name, error);
  if (record != NULL)
    {
      *n_trees = record->n_trees;
      append (line, "{\"arbor\":");
      append_quoted (line, name);
      append (line, ",\"trees\":");
      arbor_text_append_uint64 (line, record->n_trees);
      if (record->keys != NULL)
        append_keys (line, record->keys);
      append (line, "}\n");
    }
  g_clear_pointer (&snapshot, arbor_snapshot_unref);
  if (record == NULL)
    return arbor_access_fail (&access, error);
  arbor_access_leave (&access, error);
  return TRUE;
}

static gboolean
dump_arbor (Dump *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborArbor) arbor = arbor_store_get (self->view, name, error);
  ArborBuffer line = { 0 };
  guint64 n_trees = 0;
  gboolean is_good = arbor != NULL && append_record (self->view, name, &line, &n_trees, error) &&
                     write_line (self->stream, &line, cancellable, error) &&
                     arbor_arbor_save (arbor, self->stream, ARBOR_FORMAT_JSONL, cancellable, error);

  arbor_buffer_free (&line);
  self->done += n_trees;
  if (is_good && self->progress != NULL)
    self->progress (self->done, self->total, self->progress_data);
  return is_good;
}

static gboolean
count_trees (ArborStore *view, char **names, guint64 *total, GError **error)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (ArborArbor) arbor = arbor_store_get (view, names[i], error);

      if (arbor == NULL)
        return FALSE;
      *total += arbor_arbor_get_n_trees (arbor, NULL);
    }
  return TRUE;
}

static gboolean
dump_all (Dump *self, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) names = arbor_store_list_names (self->view, error);
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  if (names == NULL || !count_trees (self->view, names, &self->total, error))
    return FALSE;
  first = g_strdup_printf ("{\"arbor_dump\":1,\"arbors\":%u}\n", g_strv_length (names));
  if (!g_output_stream_write_all (self->stream, first, strlen (first), NULL, cancellable, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!dump_arbor (self, names[i], cancellable, error))
      return FALSE;
  last = g_strdup_printf ("{\"end\":true,\"trees\":%" PRIu64 "}\n", self->done);
  return g_output_stream_write_all (self->stream, last, strlen (last), NULL, cancellable, error);
}

static void
close_view (ArborCloseToken *token, gpointer data)
{
  arbor_store_close (data);
}

/* Inside. Ends with CLOSED when @self is closed. */
static gboolean
dump (ArborStore *self, GOutputStream *stream, ArborProgressFunc progress, gpointer progress_data,
      GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborStoreOptions) options = arbor_store_options_new ();
  Dump state = { .stream = stream, .progress = progress, .progress_data = progress_data };
  g_autoptr (ArborStore) view = NULL;
  gboolean is_good;
  guint id;

  arbor_store_options_set_create (options, FALSE);
  arbor_store_options_set_read_only (options, TRUE);
  arbor_store_options_set_immutable (options, arbor_session_is_immutable (self->session));
  arbor_store_options_set_staleness (options, ARBOR_STALENESS_PINNED);
  view = arbor_store_open (arbor_session_get_path (self->session), options, cancellable, error);
  if (view == NULL)
    return FALSE;
  state.view = view;
  id = arbor_close_token_add_closed_func (self->token, close_view, g_object_ref (view), g_object_unref);
  is_good = dump_all (&state, cancellable, error) &&
            arbor_gate_check (arbor_session_get_gate (self->session), error);
  arbor_close_token_remove_closed_func (self->token, id);
  arbor_store_close (view);
  return is_good;
}

/**
 * arbor_store_dump_stream:
 * @self: a store
 * @stream: where to write it; not closed
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in trees
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Writes all of a store into a stream, as text: see [method@Arbor.Store.dump].
 *
 * Errors: those of [method@Arbor.Store.dump], those of the stream. Any thread may call this.
 *
 * Returns: whether all was written
 *
 * Since: 1.0
 */
gboolean
arbor_store_dump_stream (ArborStore *self, GOutputStream *stream, ArborProgressFunc progress,
                         gpointer progress_data, GCancellable *cancellable, GError **error)
{
  gboolean is_done;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  is_done = dump (self, stream, progress, progress_data, cancellable, error);
  if (!is_done)
    return arbor_access_fail (&access, error);
  return arbor_access_end (&access, error);
}

/* Inside. */
static gboolean
dump_packed (ArborStore *self, const char *path, GOutputStream *stream, ArborProgressFunc progress,
             gpointer progress_data, GCancellable *cancellable, GError **error)
{
  const ArborPacking *packing = arbor_packing_of_name (path);
  g_autoptr (GOutputStream) packed = NULL;

  if (packing == NULL)
    return dump (self, stream, progress, progress_data, cancellable, error);
  packed = arbor_packing_new_stream (packing, stream);
  return dump (self, packed, progress, progress_data, cancellable, error) &&
         g_output_stream_close (packed, cancellable, error);
}

/**
 * arbor_store_dump:
 * @self: a store
 * @path: (type filename): a file, which is replaced as a whole; compressed where its name ends with `.gz` or
 *   `.zst`
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in trees
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; a file that was there stays then
 * @error: where to put an error
 *
 * Writes all of a store as text: JSON Lines, which people can read and [method@Arbor.Store.load] reads back as
 * it was. There is a line for each tree, in order, and before those of an arbor one with its name, the number
 * of its trees and what is declared of it. All are of one moment; others may write meanwhile.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_INVALID_ARGUMENT when @path is the store
 * itself, those of GIO for files, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: whether all was written
 *
 * Since: 1.0
 */
gboolean
arbor_store_dump (ArborStore *self, const char *path, ArborProgressFunc progress,
                  gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborNewFile) file = NULL;
  gboolean is_done = FALSE;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  if (arbor_session_check_target (self->session, path, error))
    file = arbor_new_file_open (path, cancellable, error);
  is_done = file != NULL &&
            dump_packed (self, path, arbor_new_file_get_stream (file), progress, progress_data,
                         cancellable, error) &&
            arbor_new_file_finish (file, cancellable, error);
  if (!is_done)
    return arbor_access_fail (&access, error);
  return arbor_access_end (&access, error);
}

/**
 * arbor_store_dump_gfile:
 * @self: a store
 * @file: a file, which is replaced as a whole; compressed where its name ends with `.gz` or `.zst`
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in trees
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; a file that was there stays then
 * @error: where to put an error
 *
 * [method@Arbor.Store.dump] with a file of GIO, which must be on this machine.
 *
 * Errors: those of [method@Arbor.Store.dump], %ARBOR_ERROR_NOT_SUPPORTED when the file has no path on this
 * machine. Any thread may call this.
 *
 * Returns: whether all was written
 *
 * Since: 1.0
 */
gboolean
arbor_store_dump_gfile (ArborStore *self, GFile *file, ArborProgressFunc progress,
                        gpointer progress_data, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  /* Closed is told before anything about arguments. */
  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  arbor_access_leave (&access, error);
  path = arbor_gfile_dup_path (file, _("write into a stream of it with dump_stream"), error);
  return path != NULL && arbor_store_dump (self, path, progress, progress_data, cancellable, error);
}
