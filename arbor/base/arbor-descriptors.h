/* Descriptors 0, 1 and 2 of a program that has closed them. The next file to be opened would get one
 * of these numbers, and what the program, or a library of it, then prints would be written into that
 * file. So whoever opens a file holds them while it does, and the file gets 3 or more.
 *
 * Holds are counted, cost two system calls, and may be held by many threads at once and while opening
 * blocks. Whatever opens a descriptor in this library is inside of one, or tests/house/
 * check-descriptors.py complains.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Both leave errno as it is. */
void arbor_descriptors_hold (void);
void arbor_descriptors_release (void);

/* g_file_read (), held; of a named pipe, a stream whose waiting can be cancelled. */
GInputStream *arbor_descriptors_read_file (const char *path, GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
