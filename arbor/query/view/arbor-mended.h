/* Deciding mended entries as they lie: their base and each patch are decided as whole batches, without
 * the rows that are dead, and what was found is put in the order of the parts. A patch, which has trees of many
 * entries, is decided once.
 */

#pragma once

#include "query/series/arbor-decider.h"
#include "query/view/arbor-source.h"

G_BEGIN_DECLS

typedef struct _ArborMended ArborMended;

/* NULL where no entry of the source is mended. */
ArborMended *arbor_mended_new (ArborAccess *access);
void arbor_mended_free (ArborMended *self);

/* Decides all patches: then several threads may decide entries, each with a decider of its own. */
gboolean arbor_mended_prepare (ArborMended *self, ArborAccess *access, ArborDecider *decider,
                               GError **error);
/* @bits, of which none is set, gets those of the trees that are kept. *@is_done FALSE: the entry is whole, or
 * has something that is to be told of as if it were. @decider keeps nothing of it. */
gboolean arbor_mended_decide (ArborMended *self, ArborAccess *access, guint32 entry,
                              ArborDecider *decider, guint64 *bits, guint32 *n_kept,
                              gboolean *is_done, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborMended, arbor_mended_free)

G_END_DECLS
