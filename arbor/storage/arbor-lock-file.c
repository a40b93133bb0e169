/* The lock file before LMDB gets it. LMDB would follow a symbolic link at its name and overwrite what
 * is there; it makes the file sparse and maps it, so that its first touch on a full disk is SIGBUS, also
 * in a program that only reads; and when the file was removed under a reader it makes another, whose
 * table knows nothing of the reader, so that a writer overwrites pages that are being read.
 *
 * So the file is looked at and its blocks are reserved here. A new one is made without a name, and gets
 * it when it is complete: nobody sees it half made. And each environment holds a shared OFD lock on that
 * byte of the data file, in a region past its end, that the number of its lock file's inode gives: who
 * takes one and finds another byte of the region locked locks by another file than somebody else, and
 * is refused. An exclusive lock on the region is for whoever must be alone with the file
 * (arbor-exchange.h).
 *
 * A descriptor of the lock file is open here only while LMDB has none of it in this process: closing it
 * drops LMDB's locks.
 */

#include "storage/arbor-lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "storage/arbor-environment-private.h"
#include "storage/arbor-storage-error.h"

#define MAX_TRIES  100u
#define CACHE_LINE 64u
#define POLL       (5 * G_TIME_SPAN_MILLISECOND)

/* As mdb.c has them: what precedes the table fills whole cache lines, and so does a slot. */
typedef struct
{
  guint32 magic;
  guint32 format;
  pthread_mutex_t mutex;
  gsize txnid;
  unsigned n_readers;
} LockHeader;

#define ROUND_UP(size) (((size) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE)

gsize
arbor_lock_file_get_size (guint max_readers)
{
  return ROUND_UP (sizeof (LockHeader)) + ROUND_UP (sizeof (pthread_mutex_t)) +
         (gsize) max_readers * CACHE_LINE;
}

static gboolean
set_error (ArborEnvironment *self, int failed, GError **error)
{
  if (failed == ENOSPC || failed == EDQUOT || failed == EFBIG)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_FULL,
                 _("Store '%s' cannot be opened: the disk is full (%s) and has no room for the lock "
                   "file '%s'; if nobody writes the store, open it as immutable to read it"),
                 self->path, g_strerror (failed), self->lock_path);
  else
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY,
                 _("Store '%s' cannot be opened: its lock file '%s' cannot be written (%s); if nobody "
                   "writes the store, open it as immutable"),
                 self->path, self->lock_path, g_strerror (failed));
  return FALSE;
}

static gboolean
check_kind (ArborEnvironment *self, const struct stat *info, GError **error)
{
  if (S_ISREG (info->st_mode) && info->st_nlink <= 1)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
               S_ISLNK (info->st_mode)
                   ? _("Store '%s' cannot be opened: its lock file '%s' is a symbolic link, and what "
                       "it names would be overwritten; remove it")
               : S_ISREG (info->st_mode)
                   ? _("Store '%s' cannot be opened: its lock file '%s' has another name, too (a hard "
                       "link), and what that names would be overwritten; remove it")
                   : _("Store '%s' cannot be opened: its lock file '%s' is not a regular file"),
               self->path, self->lock_path);
  return FALSE;
}

static gboolean
set_other_lock_file (ArborEnvironment *self, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
               _("Store '%s' cannot be opened: another process has it open with another lock file "
                 "than '%s', which was removed or replaced meanwhile, or the store was renamed; end "
                 "that process first"),
               self->path, self->lock_path);
  return FALSE;
}

/* Which byte tells of a lock file. */
static gint64
get_byte (ino_t inode)
{
  return ARBOR_LOCK_OPEN + (gint64) (inode % ARBOR_LOCK_OPEN_LENGTH);
}

/* Whether others have the store open with a lock file but that of @inode; 0: any at all. */
static gboolean
has_others (ArborEnvironment *self, ino_t inode)
{
  gint64 end = ARBOR_LOCK_OPEN + ARBOR_LOCK_OPEN_LENGTH;
  gint64 byte = inode != 0 ? get_byte (inode) : end;

  return arbor_environment_is_locked (self, ARBOR_LOCK_OPEN, byte - ARBOR_LOCK_OPEN) ||
         arbor_environment_is_locked (self, byte + 1, end - byte - 1);
}

/* 0, or why not: EOPNOTSUPP where the file system knows no reserving. Bytes and length of the file stay
 * as they are, so that this may be done beside other processes. */
static int
reserve (int fd, gsize size)
{
  int failed;

  do
    failed = fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, (off_t) size) != 0 ? errno : 0;
  while (failed == EINTR);
  return failed == ENOSYS || failed == EINVAL ? EOPNOTSUPP : failed;
}

/* Where reserving is unknown: 0 when nothing is missing, or there is room for it now, which is all that
 * can be said of a file that others may have mapped. */
static int
look_for_room (int fd, gsize size)
{
  struct stat info;
  struct statvfs disk;

  if (fstat (fd, &info) != 0 || fstatvfs (fd, &disk) != 0)
    return errno;
  return (gsize) info.st_blocks * 512 >= size || disk.f_bavail * disk.f_frsize >= size ? 0 : ENOSPC;
}

/* In a file that nobody else can have. */
static int
write_zeros (int fd, gsize size)
{
  static const guint8 zeros[4096];
  gsize at = 0;

  while (at < size)
    {
      gssize n = pwrite (fd, zeros, MIN (size - at, sizeof zeros), (off_t) at);

      if (n < 0 && errno != EINTR)
        return errno;
      at += (gsize) MAX (n, 0);
    }
  return 0;
}

/* Who may have the data file may have the lock file. Where its group cannot be given, no group is. */
static void
take_rights (ArborEnvironment *self, int fd)
{
  struct stat data;
  mode_t mode = 0600;

  if (fstat (self->fd, &data) != 0)
    return;
  mode |= data.st_mode & 0666;
  if (fchown (fd, (uid_t) -1, data.st_gid) != 0)
    mode &= ~(mode_t) 0060;
  (void) fchmod (fd, mode);
}

/* A file without a name, complete, that then gets one. */
static int
make_whole (ArborEnvironment *self, const char *folder)
{
  gsize size = arbor_lock_file_get_size (self->max_readers);
  char link[64];
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  int failed;

  if (fd < 0)
    return errno;
  take_rights (self, fd);
  failed = reserve (fd, size);
  if (failed == EOPNOTSUPP)
    failed = write_zeros (fd, size);
  g_snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  if (failed == 0 && linkat (AT_FDCWD, link, AT_FDCWD, self->lock_path, AT_SYMLINK_FOLLOW) != 0)
    failed = errno == ENOENT ? EOPNOTSUPP : errno;
  close (fd);
  return failed;
}

/* Where files without a name are unknown. */
static int
make_plain (ArborEnvironment *self)
{
  int fd = open (self->lock_path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    return errno;
  take_rights (self, fd);
  close (fd);
  return 0;
}

static gboolean
make_lock_file (ArborEnvironment *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  struct stat info;
  int failed;

  /* Unless somebody has just made one. */
  if (has_others (self, 0))
    return lstat (self->lock_path, &info) == 0 || set_other_lock_file (self, error);
  failed = make_whole (self, folder);
  if (failed == EOPNOTSUPP || failed == EISDIR || failed == EINVAL)
    failed = make_plain (self);
  /* Somebody else has just made one. */
  return failed == 0 || failed == EEXIST || set_error (self, failed, error);
}

/* Reserves the blocks of the file that @info tells of. */
static gboolean
reserve_blocks (ArborEnvironment *self, const struct stat *info, GError **error)
{
  gsize size = MAX (arbor_lock_file_get_size (self->max_readers), (gsize) info->st_size);
  int fd, failed;

  if (arbor_environment_has_lock_file (info))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
                   _("Store '%s' cannot be opened: this process has the file open that was here before it "
                     "was replaced; close that store first"),
                   self->path);
      return FALSE;
    }
  fd = open (self->lock_path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return set_error (self, errno, error);
  failed = reserve (fd, size);
  if (failed == EOPNOTSUPP)
    failed = look_for_room (fd, size);
  close (fd);
  return failed == 0 || set_error (self, failed, error);
}

/* A shared lock meets an exclusive one only where a process is alone with the file, which ends. */
static gboolean
lock_shared (ArborEnvironment *self, gint64 byte, gint64 deadline, GCancellable *cancellable,
             GError **error)
{
  int failed;

  while ((failed = arbor_environment_try_lock_shared (self, byte)) == EAGAIN)
    {
      if (!arbor_stop_check (cancellable, error))
        return FALSE;
      if (g_get_monotonic_time () > deadline)
        {
          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
                       _("Store '%s' cannot be opened: another process is compacting it; try again, or "
                         "open it with a longer busy-timeout"),
                       self->path);
          return FALSE;
        }
      g_usleep (POLL);
    }
  return failed == 0 || arbor_environment_fail (self, failed, error);
}

/* Says by which lock file this environment locks, and hears of others. */
static gboolean
announce (ArborEnvironment *self, const struct stat *info, gint64 deadline,
          GCancellable *cancellable, GError **error)
{
  gboolean is_good = TRUE;

  if (self->lock_inode != 0 && self->lock_inode != info->st_ino)
    arbor_environment_unlock (self, get_byte (self->lock_inode));
  if (self->lock_inode != info->st_ino)
    is_good = lock_shared (self, get_byte (info->st_ino), deadline, cancellable, error);
  if (!is_good)
    {
      self->lock_inode = 0;
      return FALSE;
    }
  self->lock_device = info->st_dev;
  self->lock_inode = info->st_ino;
  return !has_others (self, self->lock_inode) || set_other_lock_file (self, error);
}

gboolean
arbor_lock_file_prepare (ArborEnvironment *self, guint timeout, GCancellable *cancellable,
                         GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) timeout * 1000;

  for (guint i = 0; i < MAX_TRIES; i++)
    {
      struct stat info, again;

      if (lstat (self->lock_path, &info) != 0)
        {
          if (errno != ENOENT)
            return set_error (self, errno, error);
          if (!make_lock_file (self, error))
            return FALSE;
          continue;
        }
      if (!check_kind (self, &info, error) || !reserve_blocks (self, &info, error) ||
          !announce (self, &info, deadline, cancellable, error))
        return FALSE;
      /* Whoever removes it from now on lets nobody make another. */
      if (lstat (self->lock_path, &again) == 0 && again.st_ino == info.st_ino &&
          again.st_dev == info.st_dev)
        return TRUE;
    }
  return set_other_lock_file (self, error);
}

gboolean
arbor_lock_file_check (ArborEnvironment *self, gboolean is_needed, GError **error)
{
  struct stat info;

  if (self->immutable)
    return TRUE;
  if (lstat (self->lock_path, &info) == 0
          ? info.st_ino == self->lock_inode && info.st_dev == self->lock_device
          : !is_needed)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
               _("Store '%s' cannot be used: its lock file '%s' was replaced while it was open, so "
                 "that others may write what is read here; close the store and open it again"),
               self->path, self->lock_path);
  return FALSE;
}

/* Processes that read are known to LMDB, by their slots; who has only opened the store is not. */
static int
note_process (const char *line, void *data)
{
  GString *text = data;
  long process;

  if (sscanf (line, "%ld", &process) == 1 && process != (long) getpid ())
    {
      g_autofree char *word = g_strdup_printf (text->len > 0 ? ", %ld" : "%ld", process);

      if (strstr (text->str, word) == NULL)
        g_string_append (text, word);
    }
  return 0;
}

gboolean
arbor_lock_file_take_alone (ArborEnvironment *self, GError **error)
{
  g_autoptr (GString) processes = g_string_new (NULL);
  int failed =
      arbor_environment_try_lock_range (self, ARBOR_LOCK_OPEN, ARBOR_LOCK_OPEN_LENGTH);

  if (failed == 0)
    return TRUE;
  if (failed != EAGAIN)
    return arbor_environment_fail (self, failed, error);
  pthread_mutex_lock (&self->mutex);
  if (self->env != NULL)
    mdb_reader_list (self->env, note_process, processes);
  pthread_mutex_unlock (&self->mutex);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_BUSY,
               _("Store '%s' is open in other processes (%s), and its file can be exchanged only when "
                 "nobody else has it open; end these first, or compact in place"),
               self->path, processes->len > 0 ? processes->str : _("which read nothing now"));
  return FALSE;
}

/* The own byte stays shared throughout. */
void
arbor_lock_file_leave_alone (ArborEnvironment *self)
{
  gint64 byte = get_byte (self->lock_inode);
  gint64 end = ARBOR_LOCK_OPEN + ARBOR_LOCK_OPEN_LENGTH;

  arbor_environment_try_lock_shared (self, byte);
  if (byte > ARBOR_LOCK_OPEN)
    arbor_environment_unlock_range (self, ARBOR_LOCK_OPEN, byte - ARBOR_LOCK_OPEN);
  if (byte + 1 < end)
    arbor_environment_unlock_range (self, byte + 1, end - byte - 1);
}
