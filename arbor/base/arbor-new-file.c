/* See arbor-new-file.h. */

#include "base/arbor-new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "base/arbor-descriptors.h"

#define MAX_LINKS 40 /* as many as the kernel follows */
#define READER_INTERVAL 20 /* milliseconds between looks for the reader of a pipe */

struct _ArborNewFile
{
  char *path;      /* where it goes, links followed */
  char *temporary; /* its name until then; NULL: it is written as it is */
  int fd;          /* the stream's */
  GOutputStream *stream;
  gboolean lacks_reader; /* it is a pipe, to be opened again */
};

static gboolean
fail (const char *path, int reason, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (reason), _("Cannot write '%s': %s"),
               name, g_strerror (reason));
  return FALSE;
}

/* A descriptor by the name of a file: another file in its place would not be seen through it. */
static gboolean
is_descriptor (const char *path)
{
  return g_str_has_prefix (path, "/proc/") || g_str_has_prefix (path, "/dev/");
}

/* Follows the links that @path is. NULL where they lead in a circle. */
static char *
follow_links (const char *path, GError **error)
{
  g_autofree char *at = g_strdup (path);

  for (int i = 0; i < MAX_LINKS && !is_descriptor (at); i++)
    {
      g_autofree char *target = g_file_read_link (at, NULL);
      g_autofree char *folder = NULL;
      char *next;

      if (target == NULL)
        return g_steal_pointer (&at);
      folder = g_path_get_dirname (at);
      next = g_path_is_absolute (target) ? g_strdup (target)
                                         : g_build_filename (folder, target, NULL);
      g_free (at);
      at = next;
    }
  if (is_descriptor (at))
    return g_steal_pointer (&at);
  fail (path, ELOOP, error);
  return NULL;
}

/* Neither opening nor writing waits inside the kernel, where nothing could be cancelled: the stream
 * polls. FALSE without an error for a pipe that nobody reads yet. */
static gboolean
open_as_it_is (ArborNewFile *self, const GStatBuf *former, GError **error)
{
  self->fd = g_open (self->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
  self->lacks_reader = self->fd < 0 && errno == ENXIO && S_ISFIFO (former->st_mode);
  return self->fd >= 0 || (!self->lacks_reader && fail (self->path, errno, error));
}

/* Whoever may not write the file shall not replace it either. */
static gboolean
check_writable (const char *path, GError **error)
{
  return g_access (path, W_OK) == 0 || fail (path, errno, error);
}

static gboolean
open_beside (ArborNewFile *self, const GStatBuf *former, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *template = g_build_filename (folder, ".arbor-XXXXXX", NULL);

  if (former != NULL && !check_writable (self->path, error))
    return FALSE;
  /* The umask counts, as for any new file. */
  self->fd = g_mkstemp_full (template, O_WRONLY | O_CLOEXEC, 0666);
  if (self->fd < 0)
    {
      int reason = errno;
      g_autofree char *name = g_filename_display_name (self->path);

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (reason),
                   _("Cannot write a new file beside '%s', to take its place when it is whole: %s"),
                   name, g_strerror (reason));
      return FALSE;
    }
  self->temporary = g_steal_pointer (&template);
  if (former == NULL)
    return TRUE;
  /* Only root may give files away; giving them away drops mode bits, so the mode comes last. */
  if (fchown (self->fd, former->st_uid, former->st_gid) != 0 &&
      fchown (self->fd, (uid_t)-1, former->st_gid) != 0)
    g_debug ("%s: its owner and group were not kept", self->path);
  return fchmod (self->fd, former->st_mode & 07777) == 0 || fail (self->path, errno, error);
}

static gboolean
open_descriptor (ArborNewFile *self, GError **error)
{
  GStatBuf former;

  if (g_stat (self->path, &former) != 0)
    return errno == ENOENT ? open_beside (self, NULL, error) : fail (self->path, errno, error);
  if (S_ISDIR (former.st_mode))
    return fail (self->path, EISDIR, error);
  if (!S_ISREG (former.st_mode) || is_descriptor (self->path))
    return open_as_it_is (self, &former, error);
  return open_beside (self, &former, error);
}

static gboolean
try_to_open (ArborNewFile *self, GError **error)
{
  gboolean is_open;

  arbor_descriptors_hold ();
  is_open = open_descriptor (self, error);
  arbor_descriptors_release ();
  return is_open;
}

/* Whether to go on after a while. */
static gboolean
wait_for_reader (GCancellable *cancellable, GError **error)
{
  GPollFD poll_fd = { -1 };
  gboolean has_fd = cancellable != NULL && g_cancellable_make_pollfd (cancellable, &poll_fd);

  g_poll (&poll_fd, has_fd ? 1 : 0, READER_INTERVAL);
  if (has_fd)
    g_cancellable_release_fd (cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

ArborNewFile *
arbor_new_file_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborNewFile) self = g_new0 (ArborNewFile, 1);

  self->fd = -1;
  self->path = follow_links (path, error);
  if (self->path == NULL)
    return NULL;
  while (!try_to_open (self, error))
    if (!self->lacks_reader || !wait_for_reader (cancellable, error))
      return NULL;
  self->stream = g_unix_output_stream_new (self->fd, FALSE);
  return g_steal_pointer (&self);
}

GOutputStream *
arbor_new_file_get_stream (ArborNewFile *self)
{
  return self->stream;
}

static gboolean
close_descriptor (ArborNewFile *self, GError **error)
{
  int fd = self->fd;

  self->fd = -1;
  return close (fd) == 0 || fail (self->path, errno, error);
}

void
arbor_new_file_sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd;

  arbor_descriptors_hold ();
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  arbor_descriptors_release ();
  if (fd < 0)
    return;
  (void) fsync (fd);
  close (fd);
}

gboolean
arbor_new_file_finish (ArborNewFile *self, GCancellable *cancellable, GError **error)
{
  if (self->temporary == NULL)
    return close_descriptor (self, error);
  if (fsync (self->fd) != 0)
    return fail (self->path, errno, error);
  if (!close_descriptor (self, error) || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (g_rename (self->temporary, self->path) != 0)
    return fail (self->path, errno, error);
  g_clear_pointer (&self->temporary, g_free);
  arbor_new_file_sync_folder (self->path);
  return TRUE;
}

void
arbor_new_file_free (ArborNewFile *self)
{
  g_clear_object (&self->stream);
  if (self->fd >= 0)
    close (self->fd);
  if (self->temporary != NULL)
    g_unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
  g_free (self);
}
