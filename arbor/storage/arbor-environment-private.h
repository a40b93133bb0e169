/* What the files of an environment share. */

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

/* Checks everything and opens LMDB and its tables. *@is_replaced, and no error: the path names another file
 * now than the descriptor, for it was exchanged in between. */
gboolean arbor_environment_open (ArborEnvironment *self, const ArborSessionOptions *options,
                                 gboolean *is_replaced, GCancellable *cancellable, GError **error);
/* The part of it that follows the check of the header. */
gboolean arbor_environment_open_checked (ArborEnvironment *self, const ArborSessionOptions *options,
                                         guint64 map_size, GError **error);

/* After an exchange: fd and the locks become those of the new file. With the registry's mutex and mutex held. */
gboolean arbor_environment_follow (ArborEnvironment *self, guint busy_timeout, GError **error);

/* Has all clients let go of what they do not use, with clients_mutex held. */
void arbor_environment_drop_idle (ArborEnvironment *self);

/* Nobody opens or closes a file meanwhile; comes first in the order of locks. */
void arbor_environment_lock_registry (void);
gboolean arbor_environment_try_lock_registry (void);
void arbor_environment_unlock_registry (void);

G_END_DECLS
