/* A guard is the root folder, opened as a mere place (O_PATH): it cannot be read or written, so for
 * the rest of the program a number that a guard has is as good as closed, and no device file need be
 * there. When the last hold ends the guards are closed, but for those whose number somebody else has
 * meanwhile given to something of his own. See arbor-descriptors.h.
 */

#include "base/arbor-descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_STANDARD 3

static struct
{
  pthread_mutex_t mutex; /* guards what follows */
  guint n_holds;
  gboolean is_guarded[N_STANDARD];
} guards = {
  .mutex = PTHREAD_MUTEX_INITIALIZER,
};

static gboolean
is_guard (int fd)
{
  int flags = fcntl (fd, F_GETFL);

  return flags >= 0 && (flags & O_PATH) != 0 && (fcntl (fd, F_GETFD) & FD_CLOEXEC) != 0;
}

static void
close_guards (void)
{
  for (int fd = 0; fd < N_STANDARD; fd++)
    {
      if (guards.is_guarded[fd] && is_guard (fd))
        close (fd);
      guards.is_guarded[fd] = FALSE;
    }
}

/* The lowest free number is always the next, so the first that is beyond says that none is left. When
 * nothing can be opened, neither can that which is to be guarded. */
static void
open_guards (void)
{
  int fd;

  while ((fd = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) >= 0 && fd < N_STANDARD)
    guards.is_guarded[fd] = TRUE;
  if (fd >= 0)
    close (fd);
}

static void
lock_for_fork (void)
{
  pthread_mutex_lock (&guards.mutex);
}

static void
unlock_in_parent (void)
{
  pthread_mutex_unlock (&guards.mutex);
}

/* Whoever held them is not there any more. */
static void
clear_in_child (void)
{
  pthread_mutex_init (&guards.mutex, NULL);
  close_guards ();
  guards.n_holds = 0;
}

static void
install (void)
{
  if (pthread_atfork (lock_for_fork, unlock_in_parent, clear_in_child) != 0)
    g_error ("out of memory: no room for a fork handler");
}

void
arbor_descriptors_hold (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  int saved_errno = errno;

  pthread_once (&once, install);
  pthread_mutex_lock (&guards.mutex);
  guards.n_holds++;
  open_guards ();
  pthread_mutex_unlock (&guards.mutex);
  errno = saved_errno;
}

void
arbor_descriptors_release (void)
{
  int saved_errno = errno;

  pthread_mutex_lock (&guards.mutex);
  /* None: they were those of the parent process. */
  if (guards.n_holds > 0 && --guards.n_holds == 0)
    close_guards ();
  pthread_mutex_unlock (&guards.mutex);
  errno = saved_errno;
}

/* GIO would wait for whoever writes, to open as well as to read, and not hear of cancelling. NULL: it is
 * no pipe, or cannot be opened. */
static GInputStream *
open_pipe (const char *path)
{
  struct stat status;
  int fd;

  if (stat (path, &status) != 0 || !S_ISFIFO (status.st_mode))
    return NULL;
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  return fd >= 0 ? g_unix_input_stream_new (fd, TRUE) : NULL;
}

GInputStream *
arbor_descriptors_read_file (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GInputStream *stream;

  arbor_descriptors_hold ();
  stream = open_pipe (path);
  if (stream == NULL)
    stream = (GInputStream *) g_file_read (file, cancellable, error);
  arbor_descriptors_release ();
  return stream;
}
