/* Files of GIO, for the forms of functions that take one where others take a path: what is on this machine
 * goes the ways of paths; the rest can be read as a stream, and nothing else. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Its path, or NULL and ARBOR_ERROR_NOT_SUPPORTED, which says what to do @instead. */
char *arbor_gfile_dup_path (GFile *file, const char *instead, GError **error);
/* What is said of it, and whose ending tells a format: its path, else its URI. */
char *arbor_gfile_dup_name (GFile *file);
/* Its contents: of @file, unless that is NULL or on this machine, else of @path. */
GInputStream *arbor_gfile_read (GFile *file, const char *path, GCancellable *cancellable,
                                GError **error);

G_END_DECLS
