/* See arbor-inspect-file.h. */

#include "storage/arbor-inspect-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-descriptors.h"
#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "storage/arbor-environment-private.h"
#include "storage/arbor-session-private.h"
#include "storage/arbor-snapshot-private.h"
#include "storage/arbor-storage-error.h"

#define MOST_WALKS    1000u
#define BUSY_TIMEOUT  (5 * G_TIME_SPAN_SECOND)
#define POLL          (10 * G_TIME_SPAN_MILLISECOND)
#define MAX_READERS   1024u

/* What could not be read was found to be damaged; whoever reads of that shall know. */
static void
tell_failure (ArborInspection *inspection, const ArborInspector *inspector)
{
  int failure = arbor_inspection_get_failure (inspection);
  g_autofree char *message = NULL;

  if (failure == 0)
    return;
  message = g_strdup_printf (_("some of it could not be read (%s), and was taken for damaged"), g_strerror (failure));
  inspector->find (inspector->data, &(ArborFindingInfo){ .kind = ARBOR_FINDING_FILE, .message = message });
}

static gboolean
check_and_use (ArborInspection *inspection, const ArborInspector *inspector, ArborInspectionFunc func,
               gpointer data, GError **error)
{
  if (!arbor_inspection_check (inspection, error))
    return FALSE;
  tell_failure (inspection, inspector);
  return (func == NULL || func (inspection, data, error));
}

/* Nothing is told before the walk of a state that stays: a walk that began too late is made anew. */
typedef struct
{
  const ArborInspector *inspector;
  GPtrArray *findings; /* of the walk: ArborFindingInfo, whose messages are copies */
} Held;

static void
held_free (gpointer data)
{
  ArborFindingInfo *finding = data;

  g_free ((char *) finding->message);
  g_free (finding);
}

static void
hold (gpointer data, const ArborFindingInfo *finding)
{
  Held *self = data;
  ArborFindingInfo *copy;

  if (self->findings == NULL)
    {
      self->inspector->find (self->inspector->data, finding);
      return;
    }
  copy = g_memdup2 (finding, sizeof *finding);
  copy->message = g_strdup (finding->message);
  g_ptr_array_add (self->findings, copy);
}

static gboolean
tell_through (gpointer data, guint64 done, guint64 total, GError **error)
{
  Held *self = data;

  return self->inspector->tell == NULL ||
         self->inspector->tell (self->inspector->data, done, total, error);
}

static void
let_go (Held *self)
{
  g_autoptr (GPtrArray) findings = g_steal_pointer (&self->findings);

  for (guint i = 0; findings != NULL && i < findings->len; i++)
    self->inspector->find (self->inspector->data, g_ptr_array_index (findings, i));
}

/* FALSE without error: begin again. */
static gboolean
inspect_once (ArborEnvironment *environment, const ArborInspector *inspector,
              ArborInspectionFunc func, gpointer data, GCancellable *cancellable, GError **error)
{
  Held held = { inspector, g_ptr_array_new_with_free_func (held_free) };
  const ArborInspector through = { hold, tell_through, &held };
  g_autoptr (ArborInspection) inspection =
      arbor_inspection_new (environment->fd, environment->path, &through, cancellable);
  gboolean is_good = FALSE;
  MDB_txn *txn;

  if (arbor_environment_begin_read (environment, &txn, error) == 0)
    {
      is_good = arbor_inspection_walk (inspection, mdb_txn_id (txn), error);
      if (is_good)
        {
          let_go (&held);
          is_good = check_and_use (inspection, inspector, func, data, error);
        }
      arbor_environment_end_read (environment, txn);
    }
  g_clear_pointer (&held.findings, g_ptr_array_unref);
  return is_good;
}

static gboolean
inspect_environment (ArborEnvironment *environment, const ArborInspector *inspector,
                     ArborInspectionFunc func, gpointer data, GCancellable *cancellable,
                     GError **error)
{
  for (guint i = 0; i < MOST_WALKS; i++)
    {
      g_autoptr (GError) local_error = NULL;

      if (!arbor_environment_read_file_size (environment, error))
        return FALSE;
      if (inspect_once (environment, inspector, func, data, cancellable, &local_error))
        return TRUE;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
  return arbor_storage_set_damaged (error, environment->path,
                                    _("its meta pages contradict each other"));
}

gboolean
arbor_session_inspect (ArborSession *self, const ArborInspector *inspector, ArborInspectionFunc func,
                       gpointer data, GCancellable *cancellable, GError **error)
{
  return inspect_environment (arbor_session_get_environment (self), inspector, func, data, cancellable,
                              error);
}

static void
keep_first (gpointer data, const ArborFindingInfo *finding)
{
  char **message = data;

  if (*message == NULL && finding->kind != ARBOR_FINDING_LOST_PAGES)
    *message = g_strdup (finding->message);
}

static gboolean
refuse_unread (ArborInspection *inspection, gpointer data, GError **error)
{
  ArborSession *self = data;
  int failure = arbor_inspection_get_failure (inspection);

  return failure == 0 || arbor_storage_set_error (error, failure, arbor_session_get_path (self), -1);
}

gboolean
arbor_session_check_all (ArborSession *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *message = NULL;
  const ArborInspector inspector = { .find = keep_first, .data = &message };

  if (!arbor_session_inspect (self, &inspector, refuse_unread, self, cancellable, error))
    return FALSE;
  return message == NULL || arbor_storage_set_damaged (error, arbor_session_get_path (self), message);
}

/* Files that cannot be opened */

/* A shared lock on the byte that whoever writes locks. Where there are no locks, nobody writes either: no store
 * can be opened there. */
static gboolean
keep_writers_out (int fd, const char *path, GCancellable *cancellable, GError **error)
{
  struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = ARBOR_LOCK_WRITER, .l_len = 1 };
  gint64 deadline = g_get_monotonic_time () + BUSY_TIMEOUT;

  while (fcntl (fd, F_OFD_SETLK, &lock) != 0)
    {
      if (errno != EAGAIN && errno != EACCES && errno != EINTR)
        return TRUE;
      if (!arbor_stop_check (cancellable, error))
        return FALSE;
      if (g_get_monotonic_time () > deadline)
        {
          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
                       _("File '%s' is being written by another process"), path);
          return FALSE;
        }
      g_usleep (POLL);
    }
  return TRUE;
}

static int
open_to_read (const char *path, GError **error)
{
  struct stat info;
  int fd;

  arbor_descriptors_hold ();
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  arbor_descriptors_release ();
  if (fd < 0 || fstat (fd, &info) != 0)
    arbor_storage_set_file_error (error, errno, path);
  else if (S_ISDIR (info.st_mode))
    arbor_storage_set_file_error (error, EISDIR, path);
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                 _("Store '%s' cannot be opened: it is not a regular file"), path);
  else
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
inspect_unopened (const char *path, const GError *why, const ArborInspector *inspector,
                  ArborInspectionFunc func, gpointer data, GCancellable *cancellable, GError **error)
{
  const ArborFindingInfo finding = { .kind = ARBOR_FINDING_FILE, .message = why->message };
  g_autoptr (ArborInspection) inspection = NULL;
  gboolean is_good;
  int fd = open_to_read (path, error);

  if (fd < 0)
    return FALSE;
  inspection = arbor_inspection_new (fd, path, inspector, cancellable);
  is_good = keep_writers_out (fd, path, cancellable, error);
  if (is_good && !g_error_matches (why, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY))
    inspector->find (inspector->data, &finding);
  is_good = is_good && arbor_inspection_walk (inspection, G_MAXUINT64, error) &&
            check_and_use (inspection, inspector, func, data, error);
  close (fd);
  return is_good;
}

gboolean
arbor_inspect_file (const char *path, const ArborInspector *inspector, ArborInspectionFunc func,
                    gpointer data, GCancellable *cancellable, GError **error)
{
  const ArborSessionOptions options = { .read_only = TRUE,
                                        .max_readers = MAX_READERS,
                                        .busy_timeout = BUSY_TIMEOUT / G_TIME_SPAN_MILLISECOND };
  g_autoptr (GError) local_error = NULL;
  ArborEnvironment *environment = arbor_environment_acquire (path, &options, cancellable, &local_error);
  gboolean is_good;

  if (environment == NULL)
    {
      if (!g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_VERSION) &&
          !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
          !g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_BUSY))
        return inspect_unopened (path, local_error, inspector, func, data, cancellable, error);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  is_good = inspect_environment (environment, inspector, func, data, cancellable, error);
  arbor_environment_release (environment, TRUE);
  return is_good;
}
