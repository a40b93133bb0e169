/* ArborStore: copies of the file, and writing an older format anew. */

#include "arbor-store-private.h"

#include <errno.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arbor-gfile.h"
#include "base/arbor-error.h"
#include "base/arbor-new-file.h"

typedef struct
{
  GOutputStream *stream;
  guint64 done, total;
  ArborProgressFunc progress;
  gpointer progress_data;
  GCancellable *cancellable;
} Backup;

static gboolean
take (const guint8 *data, gsize n, gpointer data_of_func, GError **error)
{
  Backup *self = data_of_func;

  if (!g_output_stream_write_all (self->stream, data, n, NULL, self->cancellable, error))
    return FALSE;
  self->done += n;
  if (self->progress != NULL)
    self->progress (self->done, MAX (self->done, self->total), self->progress_data);
  return TRUE;
}

/* Inside. */
static gboolean
copy (ArborStore *self, ArborBackupFlags flags, Backup *backup, GError **error)
{
  gboolean is_compact = (flags & ARBOR_BACKUP_COMPACT) != 0;
  ArborSessionStats stats = { 0 };

  if (!arbor_session_get_stats (self->session, &stats, error))
    return FALSE;
  backup->total = stats.file_bytes - (is_compact ? stats.free_pages * stats.page_size : 0);
  return arbor_session_copy (self->session, is_compact, take, backup, backup->cancellable, error) &&
         arbor_gate_check (arbor_session_get_gate (self->session), error);
}

/**
 * arbor_store_backup_stream:
 * @self: a store
 * @stream: where to write it; not closed
 * @flags: how
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Writes a copy of the store into a stream: a store file with all arbors as they were in one moment. Others may
 * write meanwhile. After an error the stream has a part of it.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT when pages of the file are damaged, those of the stream,
 * %ARBOR_ERROR_INVALID_ARGUMENT with %ARBOR_BACKUP_UPDATE, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: whether all was written
 *
 * Since: 1.0
 */
gboolean
arbor_store_backup_stream (ArborStore *self, GOutputStream *stream, ArborBackupFlags flags,
                           ArborProgressFunc progress, gpointer progress_data,
                           GCancellable *cancellable, GError **error)
{
  Backup backup = { .stream = stream, .progress = progress, .progress_data = progress_data,
                    .cancellable = cancellable };
  gboolean is_done;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  if ((flags & ARBOR_BACKUP_UPDATE) != 0)
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                           _("A stream has no older copy that could be updated: name a file"));
      is_done = FALSE;
    }
  else
    {
      is_done = copy (self, flags, &backup, error);
    }
  if (!is_done)
    return arbor_access_fail (&access, error);
  return arbor_access_end (&access, error);
}

/* Who may not read the store shall not read its copy; and it is on the disk before it has its name. */
static gboolean
settle (ArborStore *self, GOutputStream *stream, gboolean is_new, GError **error)
{
  struct stat store;
  int fd;

  if (!G_IS_UNIX_OUTPUT_STREAM (stream))
    return TRUE;
  fd = g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (stream));
  if (is_new && stat (arbor_session_get_path (self->session), &store) == 0)
    (void) fchmod (fd, store.st_mode & 0777);
  if (fdatasync (fd) == 0 || errno == EINVAL || errno == EROFS)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s", g_strerror (errno));
  return FALSE;
}

/* Inside; a file beside its place, which gets its name when it is whole. */
static gboolean
write_whole (ArborStore *self, const char *path, ArborBackupFlags flags, Backup *backup, GError **error)
{
  gboolean is_new = !g_file_test (path, G_FILE_TEST_EXISTS);
  g_autoptr (ArborNewFile) file = arbor_new_file_open (path, backup->cancellable, error);

  if (file == NULL)
    return FALSE;
  backup->stream = arbor_new_file_get_stream (file);
  return copy (self, flags, backup, error) && settle (self, backup->stream, is_new, error) &&
         arbor_new_file_finish (file, backup->cancellable, error);
}

/**
 * arbor_store_backup:
 * @self: a store
 * @path: (type filename): a file, which is replaced as a whole, or updated
 * @flags: how
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; a file that was there stays then
 * @error: where to put an error
 *
 * Writes a copy of the store into a file: a store with all arbors as they were in one moment. Others may write
 * meanwhile. It is written beside its place, synced, and gets its name when it is whole; a new file gets the
 * permissions of the store's.
 *
 * With %ARBOR_BACKUP_UPDATE a file that is there must be an older copy of the store. It becomes what the store is in
 * one commit, and stays what it was until then: what it has of each arbor, told by digests, is neither read nor
 * written again, so that costs what was changed. Arbors keep generations and times of change of their own in
 * it. What it has is believed; [method@Arbor.Store.verify] reads all of it.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_CORRUPT when pages of the file are damaged,
 * %ARBOR_ERROR_INVALID_ARGUMENT when @path is the store itself, or is to be updated and is a copy of another
 * store or a newer one, %ARBOR_ERROR_NOT_A_STORE when it is none, %ARBOR_ERROR_BUSY when it is a store that
 * somebody has open, those of GIO for files, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: whether it was done
 *
 * Since: 1.0
 */
gboolean
arbor_store_backup (ArborStore *self, const char *path, ArborBackupFlags flags,
                    ArborProgressFunc progress, gpointer progress_data, GCancellable *cancellable,
                    GError **error)
{
  Backup backup = { .progress = progress, .progress_data = progress_data, .cancellable = cancellable };
  gboolean is_done;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  if (!arbor_session_check_target (self->session, path, error))
    is_done = FALSE;
  else if ((flags & ARBOR_BACKUP_UPDATE) != 0 && g_file_test (path, G_FILE_TEST_EXISTS))
    is_done = arbor_session_update_backup (self->session, path, progress, progress_data, cancellable,
                                           error);
  else
    is_done = write_whole (self, path, flags, &backup, error);
  if (!is_done)
    return arbor_access_fail (&access, error);
  return arbor_access_end (&access, error);
}

/**
 * arbor_store_backup_gfile:
 * @self: a store
 * @file: a file, which is replaced as a whole
 * @flags: how
 * @progress: (nullable) (scope call) (closure progress_data): told how far it has come, in bytes
 * @progress_data: for @progress
 * @cancellable: (nullable): to stop; a file that was there stays then
 * @error: where to put an error
 *
 * [method@Arbor.Store.backup] with a file of GIO, which must be on this machine.
 *
 * Errors: those of [method@Arbor.Store.backup], %ARBOR_ERROR_NOT_SUPPORTED when the file has no path on this
 * machine. Any thread may call this.
 *
 * Returns: whether it was done
 *
 * Since: 1.0
 */
gboolean
arbor_store_backup_gfile (ArborStore *self, GFile *file, ArborBackupFlags flags,
                          ArborProgressFunc progress, gpointer progress_data,
                          GCancellable *cancellable, GError **error)
{
  g_autofree char *path = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  /* Closed is told before anything about arguments. */
  if (!arbor_store_enter (self, &access, error))
    return FALSE;
  arbor_access_leave (&access, error);
  path = arbor_gfile_dup_path (file, _("write into a stream of it with backup_stream"), error);
  return path != NULL &&
         arbor_store_backup (self, path, flags, progress, progress_data, cancellable, error);
}

/**
 * arbor_store_upgrade:
 * @self: a store
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Writes what is of an older format anew, in place: records of arbors, and blocks of data without checksums of
 * columns, which are read and compared with what they have before. Reading does not need it; afterwards
 * older versions of the library cannot open the store, and damage is found column by column everywhere.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_READ_ONLY, %ARBOR_ERROR_BUSY, %ARBOR_ERROR_FULL,
 * %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_CONFLICT when an arbor was written meanwhile, %G_IO_ERROR_CANCELLED. Any
 * thread may call this.
 *
 * Returns: of how many arbors something was written; 0 with @error set on failure
 *
 * Since: 1.0
 */
guint64
arbor_store_upgrade (ArborStore *self, GCancellable *cancellable, GError **error)
{
  guint64 n_names = 0;
  gboolean is_done;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_STORE (self), 0);

  if (!arbor_store_enter (self, &access, error))
    return 0;
  is_done = arbor_session_upgrade (self->session, &n_names, cancellable, error);
  if (!is_done)
    return arbor_access_fail (&access, error);
  return arbor_access_end (&access, error) ? n_names : 0;
}
