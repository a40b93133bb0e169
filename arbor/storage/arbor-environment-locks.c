/* The locks of an environment that are ours: OFD locks on bytes past the end of the data file, by the
 * descriptor that the environment has for them. They belong to that descriptor, not to the process.
 */

#include "storage/arbor-environment.h"

#include <errno.h>
#include <fcntl.h>

static int
call_lock (int fd, int command, gint64 byte, gint64 n, short type, short *found)
{
  struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = n };
  int failed;

  do
    failed = fcntl (fd, command, &lock) != 0 ? errno : 0;
  while (failed == EINTR);
  if (found != NULL)
    *found = lock.l_type;
  return failed == EACCES ? EAGAIN : failed;
}

int
arbor_environment_try_lock (ArborEnvironment *self, gint64 byte)
{
  return call_lock (self->fd, F_OFD_SETLK, byte, 1, F_WRLCK, NULL);
}

int
arbor_environment_try_lock_shared (ArborEnvironment *self, gint64 byte)
{
  return call_lock (self->fd, F_OFD_SETLK, byte, 1, F_RDLCK, NULL);
}

void
arbor_environment_unlock (ArborEnvironment *self, gint64 byte)
{
  call_lock (self->fd, F_OFD_SETLK, byte, 1, F_UNLCK, NULL);
}

int
arbor_environment_try_lock_range (ArborEnvironment *self, gint64 byte, gint64 n)
{
  return call_lock (self->fd, F_OFD_SETLK, byte, n, F_WRLCK, NULL);
}

void
arbor_environment_unlock_range (ArborEnvironment *self, gint64 byte, gint64 n)
{
  call_lock (self->fd, F_OFD_SETLK, byte, n, F_UNLCK, NULL);
}

gboolean
arbor_environment_is_locked (ArborEnvironment *self, gint64 byte, gint64 n)
{
  short found = F_UNLCK;

  if (n <= 0)
    return FALSE;
  return call_lock (self->fd, F_OFD_GETLK, byte, n, F_WRLCK, &found) != 0 || found != F_UNLCK;
}
