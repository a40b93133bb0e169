/* Making the file of a session smaller, and copying it: see arbor-shrink.h, arbor-exchange.h and arbor-copy.h. */

#include "storage/arbor-session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-error.h"
#include "base/arbor-gate.h"
#include "storage/arbor-copy.h"
#include "storage/arbor-exchange.h"
#include "storage/arbor-shrink.h"
#include "storage/arbor-sweep.h"

static gboolean
run (ArborSession *self, ArborWriteFunc func, gpointer data, GCancellable *cancellable,
     GError **error)
{
  return arbor_gate_check (self->gate, error) &&
         arbor_writer_run (self->environment, func, data, &self->write_options, cancellable, error);
}

static gboolean
sweep (ArborSession *self, GCancellable *cancellable, GError **error)
{
  ArborSweep slice = { 0 };

  while (!slice.is_done)
    if (!run (self, arbor_sweep_slice, &slice, cancellable, error))
      return FALSE;
  return TRUE;
}

typedef struct
{
  ArborSession *session;
  ArborSessionProgressFunc progress;
  gpointer data;
} Telling;

/* Whoever is told may close the store. */
static gboolean
tell (guint64 done, guint64 total, gpointer data, GError **error)
{
  const Telling *self = data;

  if (self->progress != NULL)
    self->progress (done, total, self->data);
  return arbor_gate_check (self->session->gate, error);
}

static gboolean
punch (ArborSession *self, Telling *telling, GCancellable *cancellable, GError **error)
{
  guint64 page_size = self->environment->page_size;
  ArborShrink slice = { .is_thorough = TRUE };

  while (!slice.is_done)
    if (!run (self, arbor_shrink_punch, &slice, cancellable, error) ||
        !tell (slice.next_page * page_size, slice.n_pages * page_size, telling, error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_session_compact (ArborSession *self, gboolean is_full, ArborSessionProgressFunc progress,
                       gpointer progress_data, GCancellable *cancellable, GError **error)
{
  Telling telling = { self, progress, progress_data };

  if (self->read_only)
    {
      arbor_session_set_read_only_error (self, error);
      return FALSE;
    }
  if (!sweep (self, cancellable, error))
    return FALSE;
  if (is_full)
    return arbor_environment_exchange (self->environment, &self->write_options, tell, &telling,
                                       cancellable, error);
  return run (self, arbor_shrink_age, NULL, cancellable, error) &&
         punch (self, &telling, cancellable, error);
}

typedef struct
{
  ArborSession *session;
  ArborSessionTakeFunc func;
  gpointer data;
} Taking;

static gboolean
take (const guint8 *data, gsize n, gpointer data_of_func, GError **error)
{
  const Taking *self = data_of_func;

  return arbor_gate_check (self->session->gate, error) && self->func (data, n, self->data, error);
}

gboolean
arbor_session_copy (ArborSession *self, gboolean is_compact, ArborSessionTakeFunc func, gpointer data,
                    GCancellable *cancellable, GError **error)
{
  Taking taking = { self, func, data };

  return arbor_environment_copy (self->environment, is_compact, take, &taking, cancellable, error);
}

#define POLL 2000u

/* Whether somebody has the file open as a store. Who has just closed it in this process is waited for: whether
 * one leaves is asked before the lock, which goes together with him. */
static gboolean
is_in_use (const char *path, const struct stat *info, guint timeout)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) timeout * 1000;

  while (TRUE)
    {
      gboolean leaves = arbor_environment_is_leaving (info);
      gboolean is_locked;
      struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = ARBOR_LOCK_OPEN,
                            .l_len = ARBOR_LOCK_OPEN_LENGTH };
      int fd;

      arbor_descriptors_hold ();
      fd = open (path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
      arbor_descriptors_release ();
      if (fd < 0)
        return FALSE;
      is_locked = fcntl (fd, F_OFD_SETLK, &lock) != 0 && (errno == EAGAIN || errno == EACCES);
      close (fd);
      if (!is_locked || !leaves || g_get_monotonic_time () >= deadline)
        return is_locked;
      g_usleep (POLL);
    }
}

/* A file that somebody has open as a store must not be replaced under him. */
gboolean
arbor_session_check_target (ArborSession *self, const char *path, GError **error)
{
  const char *store_path = arbor_session_get_path (self);
  g_autofree char *lock_path = g_strconcat (store_path, "-lock", NULL);
  struct stat target, store;

  if (stat (path, &target) != 0 || !S_ISREG (target.st_mode))
    return TRUE;
  if ((stat (store_path, &store) == 0 && store.st_dev == target.st_dev && store.st_ino == target.st_ino) ||
      (stat (lock_path, &store) == 0 && store.st_dev == target.st_dev && store.st_ino == target.st_ino))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                   _("'%s' is the store itself: choose another file"), path);
      return FALSE;
    }
  if (!is_in_use (path, &target, self->write_options.busy_timeout))
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
               _("'%s' is a store that is open: close it, or choose another file"), path);
  return FALSE;
}
