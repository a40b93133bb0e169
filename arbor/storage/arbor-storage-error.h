/* From what LMDB and the system say to what a caller can do about it. */

#pragma once

#include <gio/gio.h>

#include "base/arbor-error.h"

G_BEGIN_DECLS

/* Sets @error from @code, an LMDB code or an errno value, met while working on the store at @path.
 * @fd, its data file or -1, tells a full disk from a broken one. Always FALSE. */
gboolean arbor_storage_set_error (GError **error, int code, const char *path, int fd);

/* That LMDB gave up its environment (MDB_PANIC) after a write that failed with @write_failure, an errno
 * value or 0, and that somebody still reads. FULL or an error of GIO's domain: the file is as good as
 * it was. Always FALSE. */
gboolean arbor_storage_set_broken (GError **error, int write_failure, const char *path, int fd);

/* An error of the file itself, in GIO's domain. Always FALSE. */
gboolean arbor_storage_set_file_error (GError **error, int saved_errno, const char *path);

/* ARBOR_ERROR_CORRUPT for the store at @path; @detail is a whole sentence or clause. Always FALSE.
 */
gboolean arbor_storage_set_damaged (GError **error, const char *path, const char *detail);

G_END_DECLS
