/* See arbor-exchange.h. */

#include "storage/arbor-exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-error.h"
#include "base/arbor-new-file.h"
#include "base/arbor-stop.h"
#include "storage/arbor-copy.h"
#include "storage/arbor-environment-private.h"
#include "storage/arbor-lock-file.h"
#include "storage/arbor-storage-error.h"

#define POLL (5 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  ArborEnvironment *environment;
  GOutputStream *stream;
  guint64 done, total;
  ArborExchangeFunc progress;
  gpointer data;
  GCancellable *cancellable;
} Copying;

static gboolean
write_piece (const guint8 *data, gsize n, gpointer data_of_func, GError **error)
{
  Copying *self = data_of_func;
  g_autoptr (GError) local_error = NULL;

  if (!g_output_stream_write_all (self->stream, data, n, NULL, self->cancellable, &local_error))
    {
      if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
        return arbor_environment_fail (self->environment, ENOSPC, error);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  self->done += n;
  return self->progress (self->done, MAX (self->done, self->total), self->data, error);
}

/* Before anybody waits for the exchange. */
static gboolean
sync_copy (ArborEnvironment *self, GOutputStream *stream, GError **error)
{
  int fd = g_unix_output_stream_get_fd (G_UNIX_OUTPUT_STREAM (stream));

  return fdatasync (fd) == 0 || arbor_environment_fail (self, errno, error);
}

static gboolean
set_in_use (ArborEnvironment *self, guint n, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
               g_dngettext (GETTEXT_PACKAGE,
                            "Store '%s' is being read in this process (%u snapshot in use): its file "
                            "cannot be exchanged; drop iterators, trees and models first, or compact "
                            "in place",
                            "Store '%s' is being read in this process (%u snapshots in use): its file "
                            "cannot be exchanged; drop iterators, trees and models first, or compact "
                            "in place",
                            n),
               self->path, n);
  return FALSE;
}

/* The descriptor of ours becomes one of the new file. Its locks go with the old file, so whoever waited
 * for them goes on, and finds the new one. */
static gboolean
follow (ArborEnvironment *self, GError **error)
{
  int fd = open (self->path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat info;
  int failed = 0;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      arbor_storage_set_file_error (error, errno, self->path);
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  /* Whoever looks at the length meanwhile has loaded the old one, and sees that it is another. */
  __atomic_store_n (&self->file_size, 0, __ATOMIC_SEQ_CST);
  if (dup3 (fd, self->fd, O_CLOEXEC) < 0)
    failed = errno;
  close (fd);
  if (failed != 0)
    return arbor_storage_set_file_error (error, failed, self->path);
  self->device = info.st_dev;
  self->inode = info.st_ino;
  self->lock_inode = 0;
  return TRUE;
}

gboolean
arbor_environment_follow (ArborEnvironment *self, guint busy_timeout, GError **error)
{
  if (!follow (self, error) || !arbor_lock_file_prepare (self, busy_timeout, NULL, error))
    return FALSE;
  g_atomic_int_set (&self->is_behind, FALSE);
  return TRUE;
}

/* With all locks held and no transaction left. */
static gboolean
exchange_locked (ArborEnvironment *self, ArborNewFile *file, const ArborWriteOptions *options,
                 GError **error)
{
  const ArborSessionOptions reopening = { .create = FALSE };
  g_autoptr (GError) local_error = NULL;
  gboolean is_good;

  g_clear_pointer (&self->env, mdb_env_close);
  arbor_descriptors_hold ();
  is_good = arbor_new_file_finish (file, NULL, &local_error);
  if (is_good)
    {
      g_atomic_int_set (&self->is_behind, TRUE);
      is_good = arbor_environment_follow (self, options->busy_timeout, &local_error);
    }
  /* In any case it is opened again, the old one or the new; where that fails, whoever needs it tries once more. */
  if (!arbor_environment_open_checked (self, &reopening, self->map_size,
                                       is_good ? &local_error : NULL))
    {
      g_clear_pointer (&self->env, mdb_env_close);
      is_good = FALSE;
    }
  arbor_descriptors_release ();
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return is_good;
}

/* *@n_left: transactions that are in the way, and nothing was done. */
static gboolean
try_exchange (ArborEnvironment *self, ArborNewFile *file, const ArborWriteOptions *options,
              guint *n_left, GError **error)
{
  gboolean is_good = FALSE;

  arbor_environment_lock_registry ();
  pthread_mutex_lock (&self->clients_mutex);
  arbor_environment_drop_idle (self);
  pthread_mutex_lock (&self->mutex);
  *n_left = self->n_transactions;
  if (*n_left == 0)
    is_good = exchange_locked (self, file, options, error);
  pthread_mutex_unlock (&self->mutex);
  pthread_mutex_unlock (&self->clients_mutex);
  arbor_environment_unlock_registry ();
  return is_good;
}

/* Who reads for a moment is waited for. */
static gboolean
exchange (ArborEnvironment *self, ArborNewFile *file, const ArborWriteOptions *options,
          GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) options->busy_timeout * 1000;
  guint n_left;

  for (;;)
    {
      gboolean is_done = try_exchange (self, file, options, &n_left, error);

      if (n_left == 0)
        return is_done;
      if (g_get_monotonic_time () > deadline)
        return set_in_use (self, n_left, error);
      if (!arbor_stop_check (cancellable, error))
        return FALSE;
      g_usleep (POLL);
    }
}

static gboolean
copy_and_exchange (ArborEnvironment *self, const ArborWriteOptions *options, Copying *copying,
                   GError **error)
{
  ArborSessionStats stats = { 0 };
  g_autoptr (ArborNewFile) file = NULL;

  if (!arbor_environment_get_stats (self, &stats, error))
    return FALSE;
  copying->total = stats.file_bytes - stats.free_pages * self->page_size;
  file = arbor_new_file_open (self->path, copying->cancellable, error);
  if (file == NULL)
    return FALSE;
  copying->stream = arbor_new_file_get_stream (file);
  return arbor_environment_copy (self, TRUE, write_piece, copying, copying->cancellable, error) &&
         sync_copy (self, copying->stream, error) && exchange (self, file, options, copying->cancellable, error);
}

static gboolean
exchange_alone (ArborEnvironment *self, const ArborWriteOptions *options, Copying *copying,
                GError **error)
{
  guint64 inode = self->inode;
  gboolean is_good;

  if (arbor_writer_has_stagings (self))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
                   _("Store '%s' is being written in this process: its file cannot be exchanged before "
                     "that has ended"),
                   self->path);
      return FALSE;
    }
  if (!arbor_lock_file_take_alone (self, error))
    return FALSE;
  is_good = copy_and_exchange (self, options, copying, error);
  if (self->inode == inode)
    arbor_lock_file_leave_alone (self);
  return is_good;
}

gboolean
arbor_environment_exchange (ArborEnvironment *self, const ArborWriteOptions *options,
                            ArborExchangeFunc progress, gpointer data, GCancellable *cancellable,
                            GError **error)
{
  Copying copying = { .environment = self, .progress = progress, .data = data, .cancellable = cancellable };
  gboolean is_good;

  if (!arbor_writer_pause (self, options, cancellable, error))
    return FALSE;
  is_good = arbor_environment_check_file (self, error) &&
            exchange_alone (self, options, &copying, error);
  arbor_writer_resume (self);
  return is_good;
}
