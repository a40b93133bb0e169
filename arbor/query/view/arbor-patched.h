/* The patches of an arbor one behind the other, for whoever reads many of its mended entries: their trees, with
 * what is wanted of them, are spliced once into few batches. Of these and its base alone an entry is spliced
 * then, rather than of dozens of patches that have a few of its trees each. Immutable; any thread.
 */

#pragma once

#include "batch/arbor-spliced.h"
#include "storage/arbor-record.h"

G_BEGIN_DECLS

typedef struct _ArborPatched ArborPatched;

/* @batches are the patches of @record, with which they have to stay. NULL: it cannot be (arbor-splice.h), and entries
 * have to be tried by themselves. */
ArborPatched *arbor_patched_new (const ArborRecord *record, const ArborBatch *const *batches,
                                 const ArborWanted *wanted, ArborSplicedCache *cache);
void arbor_patched_free (ArborPatched *self);

/* An entry of the record, as arbor_spliced_new. */
ArborSpliced *arbor_patched_splice (const ArborPatched *self, const ArborRecord *record, guint32 entry,
                                    const ArborBatch *base);

G_END_DECLS
