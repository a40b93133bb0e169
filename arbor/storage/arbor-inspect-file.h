/* Inspecting a store: one that is open, in a read transaction while others write, or a file that cannot even be
 * opened, while nobody writes it.
 */

#pragma once

#include "storage/arbor-inspection.h"
#include "storage/arbor-session.h"

G_BEGIN_DECLS

/* Uses what was inspected, which stays as it is until it returns. */
typedef gboolean (*ArborInspectionFunc) (ArborInspection *inspection, gpointer data, GError **error);

/* @func may be NULL. */
gboolean arbor_session_inspect (ArborSession *self, const ArborInspector *inspector,
                                ArborInspectionFunc func, gpointer data, GCancellable *cancellable,
                                GError **error);
/* CORRUPT, with what is wrong first, unless all of it is sound. */
gboolean arbor_session_check_all (ArborSession *self, GCancellable *cancellable, GError **error);
/* Opens it first; where that fails, that is the first finding. Never writes the file. */
gboolean arbor_inspect_file (const char *path, const ArborInspector *inspector,
                             ArborInspectionFunc func, gpointer data, GCancellable *cancellable,
                             GError **error);

G_END_DECLS
