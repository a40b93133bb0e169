/* Definitions of the calls of libc that may be refused. See faults.h. A call counts by where it comes from: the
 * ranges of the libraries are looked up once, before anything is armed. Nothing of GLib is used, since this is
 * loaded before it.
 */

#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define N_RANGES 16
#define LARGE    65536 /* what is smaller and not tried ends the program, as with GLib */

enum
{
  ARBOR = 1 << 0,
  LMDB = 1 << 1,
  OURS = ARBOR | LMDB,
  GIO = 1 << 2,
  GLIB = 1 << 3,
};

typedef struct
{
  uintptr_t start, end;
  int origin;
} Range;

static Range ranges[N_RANGES];
static int n_ranges;
static atomic_int armed_call = -1;
static int armed_at, armed_sticky, armed_reason;
static atomic_int counted, refused;

static int
look_at_library (struct dl_phdr_info *info, size_t size, void *data)
{
  static const struct { const char *name; int origin; } known[] = {
    { "libarbor", ARBOR }, { "liblmdb", LMDB }, { "libgio-2", GIO }, { "libglib-2", GLIB },
  };
  const char *base = strrchr (info->dlpi_name, '/');
  Range range = { UINTPTR_MAX, 0, 0 };

  base = base != NULL ? base + 1 : info->dlpi_name;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strncmp (base, known[i].name, strlen (known[i].name)) == 0 && strncmp (base, "libarbor-faults", 15) != 0)
      range.origin = known[i].origin;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD)
      {
        uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, end = start + info->dlpi_phdr[i].p_memsz;

        range.start = start < range.start ? start : range.start;
        range.end = end > range.end ? end : range.end;
      }
  if (range.origin != 0 && n_ranges < N_RANGES)
    ranges[n_ranges++] = range;
  return 0;
}

__attribute__ ((constructor)) static void
begin (void)
{
  const char *fault = getenv ("ARBOR_FAULT");
  int call, n, is_sticky, reason;

  dl_iterate_phdr (look_at_library, NULL);
  if (fault != NULL && sscanf (fault, "%d:%d:%d:%d", &call, &n, &is_sticky, &reason) == 4)
    faults_arm ((FaultCall) call, n, is_sticky, reason);
}

void
faults_arm (FaultCall call, int n, int is_sticky, int reason)
{
  armed_at = n;
  armed_sticky = is_sticky;
  armed_reason = reason;
  counted = 0;
  refused = 0;
  armed_call = (int) call;
}

void
faults_disarm (int *n_calls, int *n_refused)
{
  armed_call = -1;
  *n_calls = counted;
  *n_refused = refused;
}

static void
tell (void)
{
  const char *path = getenv ("ARBOR_FAULT_TOLD");

  if (path != NULL)
    close ((int) syscall (SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* Whether this call is to fail; errno is set then. */
static int
refuses (FaultCall call, void *caller, int origins)
{
  uintptr_t at = (uintptr_t) caller;
  int origin = 0, n;

  if (armed_call != (int) call)
    return 0;
  for (int i = 0; i < n_ranges; i++)
    if (at >= ranges[i].start && at < ranges[i].end)
      origin = ranges[i].origin;
  if ((origin & origins) == 0)
    return 0;
  n = ++counted;
  if (armed_at == 0 || (armed_sticky ? n < armed_at : n != armed_at))
    return 0;
  if (++refused == 1)
    tell ();
  errno = armed_reason;
  return 1;
}

/* The function of that name which the program would have without this one. */
#define NEXT(name)                                                                                 \
  static __typeof__ (&name) next_##name;                                                           \
  if (next_##name == NULL)                                                                         \
    next_##name = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name)

#define REFUSES(call, origins) refuses (call, __builtin_return_address (0), origins)

/* Memory. What GLib declares is declared here. */

void *g_try_malloc (size_t size);
void *g_try_malloc0 (size_t size);
void *g_try_realloc (void *memory, size_t size);

void *
g_try_malloc (size_t size)
{
  NEXT (g_try_malloc);
  return REFUSES (FAULT_ALLOC, OURS) ? NULL : next_g_try_malloc (size);
}

void *
g_try_malloc0 (size_t size)
{
  NEXT (g_try_malloc0);
  return REFUSES (FAULT_ALLOC, OURS) ? NULL : next_g_try_malloc0 (size);
}

void *
g_try_realloc (void *memory, size_t size)
{
  NEXT (g_try_realloc);
  return REFUSES (FAULT_ALLOC, OURS) ? NULL : next_g_try_realloc (memory, size);
}

int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  NEXT (posix_memalign);
  return size >= LARGE && REFUSES (FAULT_ALLOC, OURS) ? ENOMEM : next_posix_memalign (memory, alignment, size);
}

/* A sanitizer's own must stay where it is. */
#ifndef __SANITIZE_ADDRESS__
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);

void *
malloc (size_t size)
{
  return REFUSES (FAULT_ALLOC, LMDB) ? NULL : __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  return REFUSES (FAULT_ALLOC, LMDB) ? NULL : __libc_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  return REFUSES (FAULT_ALLOC, LMDB) ? NULL : __libc_realloc (memory, size);
}

#endif

/* Files. Each under the names that programs with and without large file offsets link to. */

#define TWICE(type, name, ...)                                                                     \
  type fault_##name (__VA_ARGS__) __asm__ (#name);                                                 \
  type fault_##name##64 (__VA_ARGS__) __asm__ (#name "64");

TWICE (int, open, const char *path, int flags, ...)
TWICE (int, openat, int folder, const char *path, int flags, ...)
TWICE (ssize_t, pread, int fd, void *data, size_t size, off_t offset)
TWICE (ssize_t, pwrite, int fd, const void *data, size_t size, off_t offset)
TWICE (int, ftruncate, int fd, off_t size)
TWICE (int, fallocate, int fd, int mode, off_t offset, off_t size)
TWICE (void *, mmap, void *at, size_t size, int protection, int flags, int fd, off_t offset)
TWICE (int, fcntl, int fd, int command, ...)
TWICE (int, fstat, int fd, struct stat *info)

#define OPEN_BODY(folder)                                                                          \
  mode_t mode = 0;                                                                                 \
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)                                  \
    {                                                                                              \
      va_list list;                                                                                \
      va_start (list, flags);                                                                      \
      mode = va_arg (list, mode_t);                                                                \
      va_end (list);                                                                               \
    }                                                                                              \
  if (REFUSES (FAULT_OPEN, OURS | GIO | GLIB))                                                     \
    return -1;                                                                                     \
  return (int) syscall (SYS_openat, folder, path, flags, mode);

int fault_open (const char *path, int flags, ...) { OPEN_BODY (AT_FDCWD) }
int fault_open64 (const char *path, int flags, ...) { OPEN_BODY (AT_FDCWD) }
int fault_openat (int folder, const char *path, int flags, ...) { OPEN_BODY (folder) }
int fault_openat64 (int folder, const char *path, int flags, ...) { OPEN_BODY (folder) }

#define BOTH(type, name, parameters, call, origins, failure, result)                               \
  type fault_##name parameters { return REFUSES (call, origins) ? (failure) : (result); }          \
  type fault_##name##64 parameters { return REFUSES (call, origins) ? (failure) : (result); }

BOTH (ssize_t, pread, (int fd, void *data, size_t size, off_t offset), FAULT_PREAD, OURS | GIO, -1,
      syscall (SYS_pread64, fd, data, size, offset))
BOTH (ssize_t, pwrite, (int fd, const void *data, size_t size, off_t offset), FAULT_PWRITE, OURS | GIO, -1,
      syscall (SYS_pwrite64, fd, data, size, offset))
BOTH (int, ftruncate, (int fd, off_t size), FAULT_FTRUNCATE, OURS | GIO, -1,
      (int) syscall (SYS_ftruncate, fd, size))
BOTH (int, fallocate, (int fd, int mode, off_t offset, off_t size), FAULT_FALLOCATE, OURS | GIO, -1,
      (int) syscall (SYS_fallocate, fd, mode, offset, size))
BOTH (void *, mmap, (void *at, size_t size, int protection, int flags, int fd, off_t offset), FAULT_MMAP,
      OURS, MAP_FAILED, (void *) syscall (SYS_mmap, at, size, protection, flags, fd, offset))
BOTH (int, fstat, (int fd, struct stat *info), FAULT_FSTAT, OURS | GIO, -1,
      (int) syscall (SYS_newfstatat, fd, "", info, AT_EMPTY_PATH))

#define FCNTL_BODY                                                                                 \
  va_list list;                                                                                    \
  long argument;                                                                                   \
  va_start (list, command);                                                                        \
  argument = va_arg (list, long);                                                                  \
  va_end (list);                                                                                   \
  return REFUSES (FAULT_FCNTL, OURS) ? -1 : (int) syscall (SYS_fcntl, fd, command, argument);

int fault_fcntl (int fd, int command, ...) { FCNTL_BODY }
int fault_fcntl64 (int fd, int command, ...) { FCNTL_BODY }

ssize_t
read (int fd, void *data, size_t size)
{
  return REFUSES (FAULT_READ, OURS | GIO) ? -1 : syscall (SYS_read, fd, data, size);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  return REFUSES (FAULT_WRITE, OURS | GIO) ? -1 : syscall (SYS_write, fd, data, size);
}

ssize_t
writev (int fd, const struct iovec *parts, int n)
{
  return REFUSES (FAULT_WRITEV, OURS | GIO) ? -1 : syscall (SYS_writev, fd, parts, n);
}

/* What was written need not reach a disk here: nothing takes the power away. */
int
fdatasync (int fd)
{
  return REFUSES (FAULT_SYNC, OURS | GIO | GLIB) ? -1 : 0;
}

int
fsync (int fd)
{
  return REFUSES (FAULT_SYNC, OURS | GIO | GLIB) ? -1 : 0;
}

int
poll (struct pollfd *fds, nfds_t n, int timeout)
{
  struct timespec time = { timeout / 1000, timeout % 1000 * 1000000L };

  if (REFUSES (FAULT_POLL, OURS | GIO | GLIB))
    return -1;
  return (int) syscall (SYS_ppoll, fds, n, timeout < 0 ? NULL : &time, NULL, 0);
}

int
rename (const char *from, const char *to)
{
  return REFUSES (FAULT_RENAME, OURS | GIO | GLIB) ? -1
                                                   : (int) syscall (SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat2 (int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
  return REFUSES (FAULT_RENAME, OURS) ? -1
                                      : (int) syscall (SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int
linkat (int from_folder, const char *from, int to_folder, const char *to, int flags)
{
  return REFUSES (FAULT_RENAME, OURS) ? -1 : (int) syscall (SYS_linkat, from_folder, from, to_folder, to, flags);
}

int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*run) (void *), void *data)
{
  NEXT (pthread_create);
  return REFUSES (FAULT_THREAD, OURS) ? armed_reason : next_pthread_create (thread, attributes, run, data);
}
