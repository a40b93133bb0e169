/* Definitions of pwrite, writev, fdatasync, fsync, ftruncate and fstatvfs. See write-hooks.h. */

#include "write-hooks.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

WriteHooks hooks;

static gboolean
concerns (int fd)
{
  struct stat a, b;

  return hooks.path != NULL && fstat (fd, &a) == 0 && stat (hooks.path, &b) == 0 &&
         a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Counts a call. TRUE when it is to fail. */
static gboolean
count_call (int fd, gboolean *kill_halfway)
{
  gint n;

  *kill_halfway = FALSE;
  if (!concerns (fd))
    return FALSE;
  n = __atomic_add_fetch (&hooks.n_calls, 1, __ATOMIC_SEQ_CST);
  if (n == hooks.kill_at && !hooks.halfway)
    raise (SIGKILL);
  *kill_halfway = n == hooks.kill_at;
  if (n != hooks.fail_at)
    return FALSE;
  errno = hooks.fail_errno != 0 ? hooks.fail_errno : EIO;
  return TRUE;
}

/* How many of @size bytes at @offset the disk takes; -1 when it is full. */
static ssize_t
limit (int fd, size_t size, off_t offset)
{
  if (hooks.disk_size == 0 || !concerns (fd) || offset + (off_t) size <= hooks.disk_size)
    return (ssize_t) size;
  if (hooks.is_short && offset < hooks.disk_size)
    return (ssize_t) (hooks.disk_size - offset);
  errno = ENOSPC;
  return -1;
}

/* Under the names that programs with and without large file offsets link to. */
ssize_t hook_pwrite (int fd, const void *data, size_t size, off_t offset) __asm__ ("pwrite");
ssize_t hook_pwrite64 (int fd, const void *data, size_t size, off_t offset) __asm__ ("pwrite64");
ssize_t hook_writev (int fd, const struct iovec *parts, int n) __asm__ ("writev");
int hook_fdatasync (int fd) __asm__ ("fdatasync");
int hook_fsync (int fd) __asm__ ("fsync");
int hook_ftruncate (int fd, off_t size) __asm__ ("ftruncate");
int hook_ftruncate64 (int fd, off_t size) __asm__ ("ftruncate64");
int hook_fstatvfs (int fd, struct statvfs *info) __asm__ ("fstatvfs");
int hook_fstatvfs64 (int fd, struct statvfs *info) __asm__ ("fstatvfs64");

ssize_t
hook_pwrite (int fd, const void *data, size_t size, off_t offset)
{
  gboolean halfway;
  ssize_t allowed;

  if (count_call (fd, &halfway))
    return -1;
  if (halfway)
    {
      syscall (SYS_pwrite64, fd, data, size / 2, offset);
      raise (SIGKILL);
    }
  allowed = limit (fd, size, offset);
  return allowed < 0 ? -1 : syscall (SYS_pwrite64, fd, data, (size_t) allowed, offset);
}

ssize_t
hook_writev (int fd, const struct iovec *parts, int n)
{
  gboolean halfway;
  size_t size = 0;
  ssize_t allowed;

  if (count_call (fd, &halfway))
    return -1;
  if (halfway)
    {
      syscall (SYS_writev, fd, parts, n / 2);
      raise (SIGKILL);
    }
  for (int i = 0; i < n; i++)
    size += parts[i].iov_len;
  allowed = hooks.disk_size == 0 ? (ssize_t) size : limit (fd, size, lseek (fd, 0, SEEK_CUR));
  if (allowed < 0)
    return -1;
  if ((size_t) allowed == size)
    return syscall (SYS_writev, fd, parts, n);
  return syscall (SYS_write, fd, parts[0].iov_base, MIN ((size_t) allowed, parts[0].iov_len));
}

ssize_t
hook_pwrite64 (int fd, const void *data, size_t size, off_t offset)
{
  return hook_pwrite (fd, data, size, offset);
}

int
hook_fdatasync (int fd)
{
  gboolean halfway;

  if (count_call (fd, &halfway))
    return -1;
  if (halfway)
    raise (SIGKILL);
  return (int) syscall (SYS_fdatasync, fd);
}

int
hook_fsync (int fd)
{
  gboolean halfway;

  if (count_call (fd, &halfway))
    return -1;
  if (halfway)
    raise (SIGKILL);
  return (int) syscall (SYS_fsync, fd);
}

int
hook_ftruncate (int fd, off_t size)
{
  gboolean halfway;

  if (count_call (fd, &halfway))
    return -1;
  if (halfway)
    raise (SIGKILL);
  return (int) syscall (SYS_ftruncate, fd, size);
}

int
hook_ftruncate64 (int fd, off_t size)
{
  return hook_ftruncate (fd, size);
}

int
hook_fstatvfs (int fd, struct statvfs *info)
{
  *info = (struct statvfs){ .f_bsize = 4096, .f_frsize = 4096, .f_bavail = 1000000 };
  if (hooks.disk_size != 0)
    info->f_bavail = 0;
  return 0;
}

int
hook_fstatvfs64 (int fd, struct statvfs *info)
{
  return hook_fstatvfs (fd, info);
}
