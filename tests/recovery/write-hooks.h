/* What the kernel would do to writes at the worst moment. The functions of libc that LMDB and the
 * storage layer write with are defined in the test program itself, so that the dynamic linker
 * gives them to liblmdb too; the library under test knows nothing of it. Only what concerns the
 * file at hooks.path counts.
 */

#pragma once

#include <glib.h>

typedef struct
{
  const char *path;
  gint kill_at;     /* 0: never; n: the process is killed before the n-th write or sync */
  gboolean halfway; /* killed after half of the write instead */
  gint n_calls;     /* so far */
  gint64 disk_size; /* 0: no limit; writes past it find the disk full */
  gboolean is_short; /* a write that crosses the limit comes out short first */
  gint fail_at;     /* 0: never; n: the n-th write or sync fails, the disk not full */
  int fail_errno;   /* with this; 0: EIO */
} WriteHooks;

extern WriteHooks hooks;
