/* Writing a whole file: a regular one is written beside its place, under a name of its own, and put
 * there when all of it is on the disk. Until then, and when the writing fails or is given up, what was
 * there stays, and where nothing was there is nothing. Its mode is that of the file which it replaces,
 * and so is its owner where that is allowed. Symbolic links are followed. What is no regular file, a
 * pipe or a device, is written as it is, as are files reached through descriptors (/dev/stdout).
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _ArborNewFile ArborNewFile;

/* Waits for the reader of a pipe. Errors: those of GIO, whose messages name the file. */
ArborNewFile *arbor_new_file_open (const char *path, GCancellable *cancellable, GError **error);
GOutputStream *arbor_new_file_get_stream (ArborNewFile *self); /* (transfer none) */
/* Puts the file in its place. */
gboolean arbor_new_file_finish (ArborNewFile *self, GCancellable *cancellable, GError **error);
/* So that the name of @path, which was given or taken away, stays so. There are file systems that cannot, about which
 * nothing can be done. */
void arbor_new_file_sync_folder (const char *path);
/* Gives up what was not finished. */
void arbor_new_file_free (ArborNewFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborNewFile, arbor_new_file_free)

G_END_DECLS
