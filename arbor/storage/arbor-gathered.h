/* Gathered batches: what a mended entry comes to, as one batch in memory, for whoever reads whole batches.
 * A session keeps some, those that were asked for last, by base and mend, so that one snapshot after
 * the other has them; and each snapshot has a reference to those that it gave out.
 */

#pragma once

#include "batch/arbor-mend.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  guint64 base;
  ArborMend *mend;
  GBytes *bytes;
  ArborBatch *batch;
} ArborGathered;

ArborGathered *arbor_gathered_new (guint64 base, ArborMend *mend, const ArborBatch *const *batches,
                                   GError **error);
ArborGathered *arbor_gathered_ref (ArborGathered *self);
void arbor_gathered_unref (ArborGathered *self);

/* Sets of such, by base and mend; a key is one whose base and mend are set. They own what they have. */
GHashTable *arbor_gathered_set_new (void);

/* A bounded list, used by any thread. */
typedef struct _ArborGatheredCache ArborGatheredCache;

ArborGatheredCache *arbor_gathered_cache_new (void);
void arbor_gathered_cache_free (ArborGatheredCache *self);
/* A reference, or NULL. */
ArborGathered *arbor_gathered_cache_find (ArborGatheredCache *self, guint64 base, ArborMend *mend);
void arbor_gathered_cache_add (ArborGatheredCache *self, ArborGathered *gathered);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborGathered, arbor_gathered_unref)

G_END_DECLS
