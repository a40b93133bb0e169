/* What a snapshot gives of mended entries to those who read whole batches. See arbor-gathered.h. It is
 * gathered outside the snapshot's mutex: two threads that want the same may do it twice.
 */

#include "storage/arbor-snapshot-private.h"

/* One that this snapshot has, or the session; NULL without an error where there is none. */
static const ArborGathered *
find_gathered (ArborSnapshot *self, guint64 base, ArborMend *mend, GError **error)
{
  const ArborGathered key = { .base = base, .mend = mend };
  ArborGathered *found;
  ArborEnvironment *env;

  if (!arbor_snapshot_lock (self, &env, error))
    return NULL;
  found = g_hash_table_lookup (self->gathered, &key);
  if (found == NULL)
    {
      found = arbor_gathered_cache_find (arbor_session_get_gathered (self->session), base, mend);
      if (found != NULL)
        g_hash_table_add (self->gathered, found);
    }
  pthread_mutex_unlock (&self->mutex);
  return found;
}

/* The snapshot has it from now on, or another that was as fast. */
static const ArborGathered *
take_gathered (ArborSnapshot *self, ArborGathered *fresh, GError **error)
{
  ArborGathered *found;
  ArborEnvironment *env;

  if (!arbor_snapshot_lock (self, &env, error))
    {
      arbor_gathered_unref (fresh);
      return NULL;
    }
  found = g_hash_table_lookup (self->gathered, fresh);
  if (found == NULL)
    {
      arbor_gathered_cache_add (arbor_session_get_gathered (self->session), fresh);
      g_hash_table_add (self->gathered, fresh);
      found = fresh;
    }
  else
    arbor_gathered_unref (fresh);
  pthread_mutex_unlock (&self->mutex);
  return found;
}

const ArborBatch *
arbor_snapshot_gather (ArborSnapshot *self, guint64 base, ArborMend *mend,
                       const ArborBatch *const *batches, GBytes **bytes, GError **error)
{
  const ArborGathered *gathered;
  g_autoptr (GError) local_error = NULL;
  ArborGathered *fresh;

  gathered = find_gathered (self, base, mend, &local_error);
  if (gathered == NULL && local_error == NULL)
    {
      fresh = arbor_gathered_new (base, mend, batches, &local_error);
      gathered = fresh != NULL ? take_gathered (self, fresh, &local_error) : NULL;
    }
  if (gathered == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (bytes != NULL)
    *bytes = gathered->bytes;
  return gathered->batch;
}

const ArborBatch *
arbor_snapshot_gather_entry (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                             GBytes **bytes, GError **error)
{
  const ArborBatchEntry *listed = &record->batches[index];
  g_autofree const ArborBatch **batches = g_new (const ArborBatch *, listed->mend->n_patches + 1);
  const ArborBatch *batch;

  batches[0] = arbor_snapshot_get_base (self, record, index, error);
  if (batches[0] == NULL)
    return NULL;
  for (guint32 i = 0; i < listed->mend->n_patches; i++)
    {
      batches[i + 1] = arbor_snapshot_get_patch (self, record, listed->mend->patches[i], error);
      if (batches[i + 1] == NULL)
        return NULL;
    }
  batch = arbor_snapshot_gather (self, listed->id, listed->mend, batches, bytes, error);
  if (batch == NULL)
    arbor_snapshot_prefix_error (error, self->session, record, index);
  return batch;
}
