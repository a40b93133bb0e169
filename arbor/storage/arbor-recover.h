/* Copying what is sound of a store into a new one. */

#pragma once

#include "storage/arbor-inspection.h"

G_BEGIN_DECLS

/* All that was inspected and is sound goes into a new store at @path: batches as they are where all of them is,
 * else their sound trees, written anew. @tell is as that of an inspector. */
gboolean arbor_recover (ArborInspection *inspection, const char *path, const ArborInspector *inspector,
                        GCancellable *cancellable, GError **error);

G_END_DECLS
