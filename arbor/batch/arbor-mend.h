/* Mends: which rows of which batches an entry of an arbor has instead of its base batch as it is. A list of
 * parts in the order of the trees, each of rows that follow each other in the base batch or in a patch
 * batch. Rows of the base come in ascending order, each once. What no part has is dead.
 *
 * Immutable, refcounted; any thread. A mend is canonical: parts that continue each other are one, patches
 * ascend by id, and there are none that no part is of. So equal ones are the same bytes.
 */

#pragma once

#include "batch/arbor-batch.h"

G_BEGIN_DECLS

/* Ids of patches, and of bases, that no file has yet: unlike all others in this process. */
#define ARBOR_PROVISIONAL (G_GUINT64_CONSTANT (1) << 63)
guint64 arbor_mend_draw_id (void);

typedef struct
{
  guint32 batch; /* 0: the base, else patches[batch - 1] */
  guint32 first_row;
  guint32 n_rows;
} ArborMendPart;

typedef struct
{
  gatomicrefcount ref_count;
  guint32 n_trees;
  guint32 n_base; /* trees that lie in the base */
  guint32 n_parts;
  ArborMendPart *parts;
  guint32 *starts; /* the first tree of each part, and n_trees */
  guint32 n_patches;
  guint64 *patches; /* ids */
  guint64 digest;   /* of parts and patches: tells mends of one base apart */
} ArborMend;

/* Of parts as they come: empty ones, neighbours that are one, patches that no part is of or that come in any
 * order, each id once. NULL where these have no tree, or more than ARBOR_BATCH_MAX_TREES. */
ArborMend *arbor_mend_new (const ArborMendPart *parts, guint32 n_parts, const guint64 *patches,
                           guint32 n_patches);
ArborMend *arbor_mend_ref (ArborMend *self);
void arbor_mend_unref (ArborMend *self);

/* Which part has a tree, which is below n_trees. */
guint32 arbor_mend_find_part (const ArborMend *self, guint32 tree);

/* Whether all parts lie in batches of so many rows, and those of the base ascend. @n_patch_rows has one for
 * each patch. */
gboolean arbor_mend_check (const ArborMend *self, guint32 n_base_rows, const guint32 *n_patch_rows);
/* Whether it is the base as it is. */
gboolean arbor_mend_is_whole (const ArborMend *self, guint32 n_base_rows);
gboolean arbor_mend_equal (const ArborMend *a, const ArborMend *b);
/* Of the batch that is number @base, mended so. */
guint arbor_mend_hash (const ArborMend *self, guint64 base);

/* One batch of the trees: the builder's bytes for them. @batches has the base and then the patches, as many
 * as there are, which the mend was checked with. */
GBytes *arbor_mend_gather (const ArborMend *self, const ArborBatch *const *batches, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborMend, arbor_mend_unref)

G_END_DECLS
