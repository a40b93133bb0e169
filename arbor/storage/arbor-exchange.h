/* Putting a compact copy in the place of a store file, for whoever is alone with it: no other process has
 * it open, and nobody in this one reads. LMDB 0.9 knows a lock file by its path, and the lock file says
 * which meta page is the newer one, so a file must not be exchanged under anybody.
 *
 * The copy is written beside the file, synced, and renamed: a crash leaves one or the other, and maybe an
 * unfinished file beside it. Who opens the store meanwhile waits for the lock, and then looks whether the
 * path still names the file that it has.
 */

#pragma once

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

/* Told how many of the bytes of the copy there are, in the thread that asked; FALSE with error ends it. */
typedef gboolean (*ArborExchangeFunc) (guint64 done, guint64 total, gpointer data, GError **error);

gboolean arbor_environment_exchange (ArborEnvironment *self, const ArborWriteOptions *options,
                                     ArborExchangeFunc progress, gpointer data,
                                     GCancellable *cancellable, GError **error);

G_END_DECLS
