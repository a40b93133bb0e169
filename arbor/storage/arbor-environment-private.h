/* What arbor-environment.c and arbor-environment-open.c share. */

#pragma once

#include <sys/stat.h>

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

/* The descriptor of the file, for writing when the file permits it; -1 with error. */
int arbor_environment_open_file (const char *path, const ArborSessionOptions *options,
                                 gboolean *writable, gboolean *created, GError **error);

/* Whether it is a file that can be a store, with one name. */
gboolean arbor_environment_check_kind (const char *path, const struct stat *info, GError **error);

/* Whether it is the lock file of an environment of this process. With the registry's mutex. */
gboolean arbor_environment_has_lock_file (const struct stat *info);

/* Checks everything and opens LMDB and its tables. */
gboolean arbor_environment_open (ArborEnvironment *self, const ArborSessionOptions *options,
                                 GCancellable *cancellable, GError **error);
/* The part of it that follows the check of the header. */
gboolean arbor_environment_open_checked (ArborEnvironment *self, const ArborSessionOptions *options,
                                         guint64 map_size, GError **error);

G_END_DECLS
