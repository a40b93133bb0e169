/* A consistent copy of a store file, with its free pages or without, as a stream of bytes. It is what one read
 * transaction sees: others may write meanwhile.
 */

#pragma once

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

/* Takes the next bytes of the copy, in the thread that asked for it. */
typedef gboolean (*ArborCopyFunc) (const guint8 *data, gsize n, gpointer data_of_func,
                                   GError **error);

gboolean arbor_environment_copy (ArborEnvironment *self, gboolean is_compact, ArborCopyFunc func, gpointer data,
                                 GCancellable *cancellable, GError **error);

G_END_DECLS
