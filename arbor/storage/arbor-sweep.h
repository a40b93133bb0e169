/* Deleting the batches that no name lists: those that a commit left for later, and those of stagings
 * whose process has died. A slice in each transaction, so that nobody waits long for it.
 */

#pragma once

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

typedef struct
{
  guint n_deleted; /* batches, by this slice */
  gboolean is_done;
} ArborSweep;

/* One slice; an ArborWriteFunc of an ArborSweep. */
gboolean arbor_sweep_slice (ArborTxn txn, gpointer data, GError **error);

G_END_DECLS
