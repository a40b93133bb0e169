/* Snapshots: refcounted read transactions. Batches read through one are valid while the caller is inside
 * the session's gate and holds a reference to it; after the gate's teardown a reference only keeps the
 * struct.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "storage/arbor-record.h"

G_BEGIN_DECLS

typedef struct _ArborSnapshot ArborSnapshot;

ArborSnapshot *arbor_snapshot_ref (ArborSnapshot *self);
void arbor_snapshot_unref (ArborSnapshot *self);
guint64 arbor_snapshot_get_epoch (ArborSnapshot *self);

/* ARBOR_ERROR_NOT_FOUND (or INVALID_NAME) when there is none. */
ArborRecord *arbor_snapshot_lookup (ArborSnapshot *self, const char *name, GError **error);
/* The generation of @name, 0 when there is none; no record is decoded. */
gboolean arbor_snapshot_get_generation (ArborSnapshot *self, const char *name, guint64 *generation,
                                        GError **error);
char **arbor_snapshot_list_names (ArborSnapshot *self, GError **error); /* by bytes */
gboolean arbor_snapshot_get_n_arbors (ArborSnapshot *self, guint64 *n, GError **error);
/* All names, by bytes and terminated by NULL, and the generation of each. */
gboolean arbor_snapshot_list_generations (ArborSnapshot *self, char ***names, guint64 **generations,
                                          GError **error);

/* The opened batch; owned by the snapshot, cached. Any thread. */
const ArborBatch *arbor_snapshot_get_batch (ArborSnapshot *self, const ArborRecord *record,
                                            guint32 index, GError **error);
/* Its bytes, in the map. */
gboolean arbor_snapshot_get_bytes (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                                   const guint8 **data, gsize *length, GError **error);
/* CORRUPT unless the bytes of the batch have their digest. Whoever writes what he reads from stored
 * batches asks first, or damage would get a fresh digest and be right from then on. Computed once a
 * batch in a process. */
gboolean arbor_snapshot_verify_batch (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSnapshot, arbor_snapshot_unref)

G_END_DECLS
