/* The lock file of a store, which is LMDB's: its name is that of the store and `-lock`. See
 * arbor-lock-file.c for what can go wrong with it before LMDB sees it, and beside LMDB.
 */

#pragma once

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

/* Finds the lock file or makes it, reserves its blocks, and tells other processes by which file this
 * one locks; waits up to @timeout milliseconds for one that is alone with the store. Called with the
 * registry's mutex, before LMDB gets the file. */
gboolean arbor_lock_file_prepare (ArborEnvironment *self, guint timeout, GCancellable *cancellable,
                                  GError **error);
/* Makes this environment the only one that has the store open, in any process, or BUSY; and gives that up
 * again. */
gboolean arbor_lock_file_take_alone (ArborEnvironment *self, GError **error);
void arbor_lock_file_leave_alone (ArborEnvironment *self);
/* Whether the name still has the file that was prepared. One that was removed does no harm unless
 * LMDB is to open it, which @is_needed says. One system call. */
gboolean arbor_lock_file_check (ArborEnvironment *self, gboolean is_needed, GError **error);

/* The bytes that LMDB makes a lock file with room for @max_readers readers. */
gsize arbor_lock_file_get_size (guint max_readers);

G_END_DECLS
