/* See recorder.h. A call is done first and noted then, under one lock, so the order is that of the log. */

#include "recorder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_NAMES 32

static struct
{
  pthread_mutex_t mutex;
  char folder[256];
  dev_t device;
  ino_t folder_inode;
  FILE *log;
  RecordName names[MOST_NAMES];
  guint n_names;
} recorder = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void
note (RecordKind kind, gboolean is_durable, guint64 inode, guint64 offset, guint64 size, const void *bytes)
{
  RecordHead head = { kind, (guint32) is_durable, inode, offset, size };

  g_assert (fwrite (&head, sizeof head, 1, recorder.log) == 1);
  if (bytes != NULL && size > 0)
    g_assert (fwrite (bytes, size, 1, recorder.log) == 1);
}

static gboolean
is_left_out (const char *name)
{
  return name[0] == '.' || g_str_has_suffix (name, "-lock");
}

static void
note_names (void)
{
  RecordName names[MOST_NAMES];
  guint n = 0;
  DIR *dir = opendir (recorder.folder);
  struct dirent *entry;

  memset (names, 0, sizeof names);
  g_assert (dir != NULL);
  while ((entry = readdir (dir)) != NULL)
    {
      struct stat info;

      if (is_left_out (entry->d_name) || fstatat (dirfd (dir), entry->d_name, &info, 0) != 0)
        continue;
      g_assert (n < MOST_NAMES && strlen (entry->d_name) < sizeof names[n].name);
      strcpy (names[n].name, entry->d_name);
      names[n++].inode = info.st_ino;
    }
  closedir (dir);
  if (n == recorder.n_names && memcmp (names, recorder.names, n * sizeof *names) == 0)
    return;
  memcpy (recorder.names, names, sizeof names);
  recorder.n_names = n;
  note (RECORD_NAMES, FALSE, 0, 0, n * sizeof *names, names);
}

/* The inode of a file that may lie in the folder, 0: it does not. */
static guint64
get_inode (int fd)
{
  struct stat info;

  if (recorder.log == NULL || fstat (fd, &info) != 0 || info.st_dev != recorder.device)
    return 0;
  return S_ISREG (info.st_mode) || info.st_ino == recorder.folder_inode ? info.st_ino : 0;
}

static void
note_call (RecordKind kind, int fd, guint64 offset, guint64 size, const void *bytes)
{
  guint64 inode;

  pthread_mutex_lock (&recorder.mutex);
  inode = get_inode (fd);
  if (inode != 0 && recorder.log != NULL)
    {
      note_names ();
      if (inode == recorder.folder_inode)
        kind = RECORD_SYNC_FOLDER;
      note (kind, kind == RECORD_WRITE && (fcntl (fd, F_GETFL) & O_DSYNC) != 0, inode, offset, size, bytes);
    }
  pthread_mutex_unlock (&recorder.mutex);
}

void
recorder_begin (const char *folder, const char *log)
{
  struct stat info;

  g_assert (stat (folder, &info) == 0);
  g_strlcpy (recorder.folder, folder, sizeof recorder.folder);
  recorder.device = info.st_dev;
  recorder.folder_inode = info.st_ino;
  recorder.n_names = 0;
  recorder.log = fopen (log, "wb");
  g_assert (recorder.log != NULL);
  note_names ();
}

void
recorder_mark (void)
{
  pthread_mutex_lock (&recorder.mutex);
  note_names ();
  note (RECORD_MARK, FALSE, 0, 0, 0, NULL);
  pthread_mutex_unlock (&recorder.mutex);
}

void
recorder_end (void)
{
  pthread_mutex_lock (&recorder.mutex);
  g_assert (fclose (recorder.log) == 0);
  recorder.log = NULL;
  pthread_mutex_unlock (&recorder.mutex);
}

/* Under the names that programs with and without large file offsets link to. */
ssize_t record_pwrite (int fd, const void *data, size_t size, off_t offset) __asm__ ("pwrite");
ssize_t record_pwrite64 (int fd, const void *data, size_t size, off_t offset) __asm__ ("pwrite64");
ssize_t record_write (int fd, const void *data, size_t size) __asm__ ("write");
ssize_t record_writev (int fd, const struct iovec *parts, int n) __asm__ ("writev");
int record_fdatasync (int fd) __asm__ ("fdatasync");
int record_fsync (int fd) __asm__ ("fsync");
int record_ftruncate (int fd, off_t size) __asm__ ("ftruncate");
int record_ftruncate64 (int fd, off_t size) __asm__ ("ftruncate64");
int record_fallocate (int fd, int mode, off_t offset, off_t size) __asm__ ("fallocate");
int record_fallocate64 (int fd, int mode, off_t offset, off_t size) __asm__ ("fallocate64");

ssize_t
record_pwrite (int fd, const void *data, size_t size, off_t offset)
{
  ssize_t n = syscall (SYS_pwrite64, fd, data, size, offset);

  if (n > 0)
    note_call (RECORD_WRITE, fd, (guint64) offset, (guint64) n, data);
  return n;
}

ssize_t
record_pwrite64 (int fd, const void *data, size_t size, off_t offset)
{
  return record_pwrite (fd, data, size, offset);
}

ssize_t
record_write (int fd, const void *data, size_t size)
{
  ssize_t n = syscall (SYS_write, fd, data, size);

  if (n > 0 && get_inode (fd) != 0)
    note_call (RECORD_WRITE, fd, (guint64) lseek (fd, 0, SEEK_CUR) - (guint64) n, (guint64) n, data);
  return n;
}

ssize_t
record_writev (int fd, const struct iovec *parts, int n)
{
  ssize_t done = syscall (SYS_writev, fd, parts, n);
  guint64 offset, left;

  if (done <= 0 || get_inode (fd) == 0)
    return done;
  offset = (guint64) lseek (fd, 0, SEEK_CUR) - (guint64) done;
  left = (guint64) done;
  for (int i = 0; i < n && left > 0; i++)
    {
      guint64 size = MIN (left, parts[i].iov_len);

      note_call (RECORD_WRITE, fd, offset, size, parts[i].iov_base);
      offset += size;
      left -= size;
    }
  return done;
}

/* Nothing takes the power away here. */
int
record_fdatasync (int fd)
{
  note_call (RECORD_SYNC, fd, 0, 0, NULL);
  return 0;
}

int
record_fsync (int fd)
{
  return record_fdatasync (fd);
}

int
record_ftruncate (int fd, off_t size)
{
  int result = (int) syscall (SYS_ftruncate, fd, size);

  if (result == 0)
    note_call (RECORD_TRUNCATE, fd, (guint64) size, 0, NULL);
  return result;
}

int
record_ftruncate64 (int fd, off_t size)
{
  return record_ftruncate (fd, size);
}

int
record_fallocate (int fd, int mode, off_t offset, off_t size)
{
  int result = (int) syscall (SYS_fallocate, fd, mode, offset, size);

  if (result == 0 && (mode & FALLOC_FL_PUNCH_HOLE) != 0)
    note_call (RECORD_PUNCH, fd, (guint64) offset, (guint64) size, NULL);
  return result;
}

int
record_fallocate64 (int fd, int mode, off_t offset, off_t size)
{
  return record_fallocate (fd, mode, offset, size);
}
