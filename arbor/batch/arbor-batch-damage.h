/* What is left of a batch whose bytes are damaged in part. A column is sound when its bytes have their digest;
 * a tree is, when none of its values lies in a column that is not. Which those are tell the shapes of the
 * objects above, which lie in other columns: a tree that has no value there is whole.
 *
 * Batches without digests of columns are sound or damaged as a whole.
 */

#pragma once

#include "batch/arbor-batch.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 n_trees;
  guint32 n_sound;  /* of these */
  guint64 *touched; /* a bit for each tree; NULL: all are sound */
  guint32 n_columns; /* that are damaged */
  char **columns;   /* their paths, NULL-terminated */
} ArborBatchDamage;

/* Reads all of a batch that could be opened. A batch all of whose bytes are those that were written, and which
 * is not what it should be nevertheless, is damaged as a whole. */
ArborBatchDamage *arbor_batch_damage_find (const ArborBatch *batch);
void arbor_batch_damage_free (ArborBatchDamage *self);

static inline gboolean
arbor_batch_damage_touches (const ArborBatchDamage *self, guint32 tree)
{
  return self->touched != NULL && (self->touched[tree / 64] >> (tree % 64) & 1) != 0;
}

/* From now on the damaged columns of a batch read as MISSING, as they do in a store. */
void arbor_batch_damage_shield (ArborBatch *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborBatchDamage, arbor_batch_damage_free)

G_END_DECLS
