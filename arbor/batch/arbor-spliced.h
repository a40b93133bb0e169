/* Spliced batches (arbor-splice.h) that are kept for the next one who reads: of a base and its mend, for what
 * is wanted. Refcounted, immutable; any thread.
 */

#pragma once

#include "batch/arbor-mend.h"
#include "batch/arbor-wanted.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  guint64 base; /* id */
  ArborMend *mend;
  ArborWanted *wanted; /* NULL: all */
  GBytes *bytes;
  ArborBatch *batch;
} ArborSpliced;

/* @batches: the base, then the patches of @mend. NULL: it cannot be (arbor-splice.h). */
ArborSpliced *arbor_spliced_new (guint64 base, ArborMend *mend, const ArborBatch *const *batches,
                                 const ArborWanted *wanted);
/* The same of @parts, which are of other batches and have the trees of @mend. */
ArborSpliced *arbor_spliced_new_parts (guint64 base, ArborMend *mend, const ArborBatch *const *batches,
                                       guint n_batches, const ArborMendPart *parts, guint32 n_parts,
                                       const ArborWanted *wanted);
ArborSpliced *arbor_spliced_ref (ArborSpliced *self);
void arbor_spliced_unref (ArborSpliced *self);

/* A bounded list; the one that was used longest ago makes room. */
typedef struct _ArborSplicedCache ArborSplicedCache;

ArborSplicedCache *arbor_spliced_cache_new (void);
void arbor_spliced_cache_free (ArborSplicedCache *self);
/* A reference to one that has all that is wanted; NULL: there is none. */
ArborSpliced *arbor_spliced_cache_find (ArborSplicedCache *self, guint64 base, ArborMend *mend,
                                        const ArborWanted *wanted);
void arbor_spliced_cache_add (ArborSplicedCache *self, ArborSpliced *spliced);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSpliced, arbor_spliced_unref)

G_END_DECLS
