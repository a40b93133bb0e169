/* A store that gets its name when it is whole: it is made beside its place under a passing name, which begins
 * with `.arbor-`, and given up when it is not finished. There must be nothing at its place.
 */

#pragma once

#include "storage/arbor-session.h"

G_BEGIN_DECLS

/* A session that nobody else knows of, with options as they are by default; and its end, which waits until the
 * file is closed. */
ArborSession *arbor_session_open_own (const char *path, gboolean create, GCancellable *cancellable,
                                      GError **error);
void arbor_session_close_own (ArborSession *session);

typedef struct _ArborNewStore ArborNewStore;

/* Before any work is done. */
gboolean arbor_new_store_check_place (const char *path, GError **error);

/* Inside the gate of its session until it is finished. G_IO_ERROR_EXISTS where there is something. */
ArborNewStore *arbor_new_store_begin (const char *path, GCancellable *cancellable, GError **error);
ArborSession *arbor_new_store_get_session (ArborNewStore *self); /* (transfer none) */
/* Closes it and puts it in its place. */
gboolean arbor_new_store_finish (ArborNewStore *self, GError **error);
void arbor_new_store_free (ArborNewStore *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborNewStore, arbor_new_store_free)

G_END_DECLS
