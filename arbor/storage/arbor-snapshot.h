/* Snapshots: refcounted read transactions. Batches read through one are valid while the caller is inside
 * the session's gate and holds a reference to it; after the gate's teardown a reference only keeps the
 * struct.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "batch/arbor-key-table.h"
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

/* The opened batch; owned by the snapshot, cached. Any thread. A mended entry is one batch of its trees,
 * gathered in memory: right for whoever does not care, and dear. */
const ArborBatch *arbor_snapshot_get_batch (ArborSnapshot *self, const ArborRecord *record,
                                            guint32 index, GError **error);
/* The batches that a mended entry is made of, as they lie there with their dead rows; the base of one
 * that is whole. */
const ArborBatch *arbor_snapshot_get_base (ArborSnapshot *self, const ArborRecord *record,
                                           guint32 index, GError **error);
const ArborBatch *arbor_snapshot_get_patch (ArborSnapshot *self, const ArborRecord *record,
                                            guint64 id, GError **error);
/* What a mend comes to, of the base with the id @base and whatever batches it names: a batch that is
 * kept, like those above. */
const ArborBatch *arbor_snapshot_gather (ArborSnapshot *self, guint64 base, ArborMend *mend,
                                         const ArborBatch *const *batches, GBytes **bytes,
                                         GError **error);
/* The table of keys of base @place of the record, which has keys declared, or, from n_batches on, of a patch.
 * The one that lies beside the batch, or, where there is none or it is damaged, one made of the batch. (transfer
 * full) */
ArborKeyTable *arbor_snapshot_dup_key_table (ArborSnapshot *self, const ArborRecord *record,
                                             guint32 place, GError **error);
/* The same of a batch in memory, whose id is provisional. */
ArborKeyTable *arbor_snapshot_dup_key_table_of (ArborSnapshot *self, const ArborKeys *keys, guint64 id,
                                                const ArborBatch *batch, GError **error);
/* Its bytes, in the map or gathered. */
gboolean arbor_snapshot_get_bytes (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                                   const guint8 **data, gsize *length, GError **error);
/* CORRUPT unless the bytes of the batch, and of the patches of its mend, have their digest. Whoever writes what he reads from stored
 * batches asks first, or damage would get a fresh digest and be right from then on. Computed once a
 * batch in a process. */
gboolean arbor_snapshot_verify_batch (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                                      GError **error);
/* The same of the base alone, and of a patch. */
gboolean arbor_snapshot_verify_base (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                                     GError **error);
gboolean arbor_snapshot_verify_patch (ArborSnapshot *self, const ArborRecord *record, guint64 id,
                                      GError **error);
/* CORRUPT when a batch that the record lists is known to be damaged: what was read from it, by anybody, is
 * MISSING where it was something else. For whoever is done reading. */
gboolean arbor_snapshot_check_damage (ArborSnapshot *self, const ArborRecord *record,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSnapshot, arbor_snapshot_unref)

G_END_DECLS
