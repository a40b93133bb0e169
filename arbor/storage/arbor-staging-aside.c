/* A staging whose batches are looked through again before the commit. What was written of them and
 * takes no part any more is listed by the staging, and the commit buries it with it.
 */

#include "storage/arbor-staging-private.h"

#include <string.h>

#include "batch/arbor-batch-builder.h"
#include "storage/arbor-catalog.h"

static StagedArbor *
get_last_arbor (ArborStaging *self)
{
  g_assert (self->arbors->len > 0);
  return g_ptr_array_index (self->arbors, self->arbors->len - 1);
}

/* Leaves the staging's account of what lies in memory. */
static void
forget_pending (ArborStaging *self, const StagedBatch *batch)
{
  if (batch->bytes != NULL)
    self->pending_bytes -= g_bytes_get_size (batch->bytes);
}

void
arbor_staging_set_aside (ArborStaging *self)
{
  StagedArbor *arbor = get_last_arbor (self);
  GArray *fresh = g_array_new (FALSE, FALSE, sizeof (StagedBatch));

  g_assert (!self->is_done && arbor->aside == NULL);

  arbor->aside = arbor->batches;
  arbor->batches = fresh;
  g_array_set_clear_func (fresh, arbor_staging_clear_batch);
  for (guint i = 0; i < arbor->aside->len; i++)
    forget_pending (self, &g_array_index (arbor->aside, StagedBatch, i));
}

/* A copy of what this staging has written: no snapshot of the session need see it. */
static GBytes *
read_written (ArborStaging *self, guint64 id, GError **error)
{
  ArborEnvironment *environment = arbor_session_get_environment (self->session);
  const guint8 *data;
  GBytes *bytes;
  MDB_txn *txn;
  gsize length;

  if (arbor_environment_begin_read (environment, &txn, error) != 0)
    return NULL;
  data = arbor_catalog_read_batch ((ArborTxn){ .env = environment, .mdb = txn }, id, &length, error);
  bytes = data != NULL ? arbor_batch_try_copy_bytes (data, length, error) : NULL;
  arbor_environment_end_read (environment, txn);
  return bytes;
}

GBytes *
arbor_staging_take_aside (ArborStaging *self, guint32 index, GError **error)
{
  StagedBatch *batch = &g_array_index (get_last_arbor (self)->aside, StagedBatch, index);
  const guint8 *data;
  gsize length;

  if (batch->is_kept)
    {
      data = arbor_snapshot_find_bytes (self->snapshot, batch->entry.id, &length, error);
      self->n_skipped--;
      return data != NULL ? arbor_batch_try_copy_bytes (data, length, error) : NULL;
    }
  self->n_written--;
  if (batch->bytes != NULL)
    return g_steal_pointer (&batch->bytes);
  return read_written (self, batch->entry.id, error);
}

void
arbor_staging_keep_aside (ArborStaging *self, guint32 index)
{
  StagedArbor *arbor = get_last_arbor (self);
  StagedBatch *batch = &g_array_index (arbor->aside, StagedBatch, index);

  if (batch->bytes != NULL)
    self->pending_bytes += g_bytes_get_size (batch->bytes);
  g_array_append_val (arbor->batches, *batch);
  memset (batch, 0, sizeof *batch);
}
