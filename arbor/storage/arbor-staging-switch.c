/* The switch: what the names of a staging are to list. See arbor-staging-write.c.
 *
 * A batch belongs to one name, that which lists it, or it would be marked dead with one name while
 * another still has it. A renamed arbor takes its batches along; new content of its former name
 * that has an equal batch gets a copy. A base that is mended is listed once.
 */

#include "storage/arbor-staging-write.h"

#include "base/arbor-error.h"

void
arbor_staging_clear_switch (gpointer data)
{
  ArborStagingSwitch *self = data;

  g_clear_pointer (&self->current, arbor_record_unref);
  g_clear_pointer (&self->fresh, arbor_record_unref);
}

static gboolean
lists_batch (const ArborRecord *record, guint64 id)
{
  for (guint32 i = 0; record != NULL && i < record->n_batches; i++)
    if (record->batches[i].id == id)
      return TRUE;
  return FALSE;
}

static void
note_listed (ArborStagingWrite *write, guint64 id, const StagedArbor *arbor)
{
  g_hash_table_insert (write->listed, g_memdup2 (&id, sizeof id), (gpointer) arbor);
}

/* What the name lists now, and the batches that its new content takes over unseen. */
static gboolean
begin_switch (ArborStagingWrite *write, ArborTxn txn, const StagedArbor *arbor,
              GError **error)
{
  ArborStagingSwitch fresh = { 0 };

  if (!arbor_catalog_read_record (txn, arbor->name, &fresh.current, error))
    return FALSE;
  g_array_append_val (write->switches, fresh);
  for (guint i = 0; i < arbor->batches->len; i++)
    {
      StagedBatch *batch = &g_array_index (arbor->batches, StagedBatch, i);

      if (batch->is_based)
        note_listed (write, batch->entry.id, arbor);
      if (batch->is_based && batch->entry.mend != NULL)
        g_hash_table_add (write->mended, &batch->entry.id);
    }
  return TRUE;
}

/* A compared batch whose name lists it no more, which another name takes along, or of which the content
 * has another mend. */
static gboolean
is_lost (const ArborStagingWrite *write, const StagedArbor *arbor, const ArborRecord *current, guint64 id)
{
  const StagedArbor *owner = g_hash_table_lookup (write->listed, &id);
  gboolean is_same = current != NULL && arbor->old != NULL &&
                     current->generation == arbor->old->generation;

  return (owner != NULL && owner != arbor) || g_hash_table_contains (write->mended, &id) ||
         (!is_same && !lists_batch (current, id));
}

/* The id that the mends of the content know as @id. */
static guint64
resolve_patch (const StagedArbor *arbor, const ArborBatchEntry *patches, guint64 id)
{
  if ((id & ARBOR_PROVISIONAL) == 0)
    return id;
  for (guint i = 0; i < arbor->patches->len; i++)
    if (g_array_index (arbor->patches, StagedBatch, i).provisional == id)
      return patches[i].id;
  g_assert_not_reached ();
}

/* With the ids that its patches have by now. */
static ArborMend *
resolve_mend (const StagedArbor *arbor, const ArborBatchEntry *patches, ArborMend *mend)
{
  g_autofree guint64 *ids = NULL;
  gboolean is_settled = TRUE;

  for (guint32 i = 0; i < mend->n_patches; i++)
    is_settled &= (mend->patches[i] & ARBOR_PROVISIONAL) == 0;
  if (is_settled)
    return arbor_mend_ref (mend);
  ids = g_new (guint64, mend->n_patches);
  for (guint32 i = 0; i < mend->n_patches; i++)
    ids[i] = resolve_patch (arbor, patches, mend->patches[i]);
  return arbor_mend_new (mend->parts, mend->n_parts, ids, mend->n_patches);
}

/* The ids of the new content of @arbor. Pending batches take theirs from write->ids, which
 * @next_pending walks; a compared one that is lost is written again from the snapshot. */
static gboolean
collect_ids (ArborStagingWrite *write, ArborTxn txn, const StagedArbor *arbor, const ArborStagingSwitch *self,
             ArborBatchEntry *entries, guint *next_pending, GError **error)
{
  for (guint i = 0; i < arbor->batches->len; i++)
    {
      StagedBatch *batch = &g_array_index (arbor->batches, StagedBatch, i);
      ArborBatchEntry *entry = &entries[i];

      *entry = batch->entry;
      if (batch->bytes != NULL)
        entry->id = g_array_index (write->ids, guint64, (*next_pending)++);
      else if (batch->is_kept && is_lost (write, arbor, self->current, entry->id))
        {
          gsize length;
          const guint8 *data = arbor_snapshot_find_bytes (write->staging->snapshot, entry->id,
                                                          &length, error);

          if (data == NULL || !arbor_staging_write_bytes (write, txn, data, length, &entry->id, error))
            return FALSE;
        }
      batch->resolved = entry->id;
      note_listed (write, entry->id, arbor);
    }
  return TRUE;
}

/* All patches that mends may name: those of the records that batches are kept of, and new ones first. */
static GArray *
collect_patches (ArborStagingWrite *write, const StagedArbor *arbor, guint *next_pending)
{
  GArray *patches = g_array_new (FALSE, FALSE, sizeof (ArborBatchEntry));

  for (guint i = 0; i < arbor->patches->len; i++)
    {
      StagedBatch *batch = &g_array_index (arbor->patches, StagedBatch, i);
      ArborBatchEntry entry = batch->entry;

      if (batch->bytes != NULL)
        entry.id = g_array_index (write->ids, guint64, (*next_pending)++);
      batch->resolved = entry.id;
      g_array_append_val (patches, entry);
    }
  for (guint i = 0; i < arbor->bases->len; i++)
    {
      const ArborRecord *record = g_ptr_array_index (arbor->bases, i);

      if (record->n_patches > 0)
        g_array_append_vals (patches, record->patches, record->n_patches);
    }
  return patches;
}

static ArborKeys *
choose_keys (const StagedArbor *arbor, const ArborRecord *current)
{
  ArborKeys *keys = arbor->set_keys ? arbor->keys : current != NULL ? current->keys : NULL;

  return keys != NULL ? arbor_keys_ref (keys) : NULL;
}

/* What the name is to list. */
static gboolean
make_fresh (ArborStagingWrite *write, ArborTxn txn, const StagedArbor *arbor, ArborStagingSwitch *self, guint *next_pending,
            GError **error)
{
  g_autofree ArborBatchEntry *entries = g_new (ArborBatchEntry, arbor->batches->len);
  g_autoptr (GArray) patches = NULL;
  const ArborBatchEntry *listed;
  guint32 n = arbor->batches->len;

  if (!collect_ids (write, txn, arbor, self, entries, next_pending, error))
    return FALSE;
  patches = collect_patches (write, arbor, next_pending);
  listed = (const ArborBatchEntry *) (gconstpointer) patches->data;
  for (guint32 i = 0; i < n; i++)
    if (entries[i].mend != NULL)
      entries[i].mend = resolve_mend (arbor, listed, entries[i].mend);
  self->fresh = arbor_record_new (arbor->name);
  arbor_record_set_batches (self->fresh, entries, n);
  arbor_record_set_patches (self->fresh, listed, patches->len);
  self->fresh->keys = choose_keys (arbor, self->current);
  for (guint32 i = 0; i < n; i++)
    g_clear_pointer (&entries[i].mend, arbor_mend_unref);
  for (guint32 i = 0; i < self->fresh->n_patches; i++)
    note_listed (write, self->fresh->patches[i].id, arbor);
  return TRUE;
}

gboolean
arbor_staging_is_unchanged (const ArborRecord *current, const ArborRecord *fresh)
{
  if (current == NULL || current->n_batches != fresh->n_batches ||
      !arbor_keys_equal (current->keys, fresh->keys))
    return FALSE;
  for (guint32 i = 0; i < fresh->n_batches; i++)
    if (current->batches[i].id != fresh->batches[i].id ||
        !arbor_mend_equal (current->batches[i].mend, fresh->batches[i].mend))
      return FALSE;
  return TRUE;
}

static void
note_dead_of (ArborStagingWrite *write, const ArborBatchEntry *entries, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    if (!g_hash_table_contains (write->listed, &entries[i].id))
      g_array_append_val (write->dead, entries[i].id);
}

/* Batches and patches of @current that the new content does not list. */
static void
note_dead (ArborStagingWrite *write, const ArborRecord *current)
{
  if (current == NULL)
    return;
  note_dead_of (write, current->batches, current->n_batches);
  note_dead_of (write, current->patches, current->n_patches);
}

static gboolean
switch_arbor (ArborStagingWrite *write, ArborTxn txn, const StagedArbor *arbor, ArborStagingSwitch *self, GError **error)
{
  ArborRecord *fresh = self->fresh;

  if (arbor->is_delete ? self->current == NULL : arbor_staging_is_unchanged (self->current, fresh))
    return TRUE;

  note_dead (write, self->current);
  write->n_changed++;
  write->counters_changed = TRUE;
  if (arbor->is_delete)
    {
      /* Drawn for nobody: it tells that the catalogue changed. */
      write->counters.next_generation++;
      return arbor_catalog_delete_record (txn, arbor->name, error);
    }
  write->counters.next_generation += MAX (1, arbor->n_steps);
  fresh->generation = write->counters.next_generation - 1;
  fresh->modified = g_get_real_time ();
  return arbor_catalog_write_record (txn, fresh, error) &&
         arbor_catalog_get_seal (txn, arbor->name, &self->seal);
}

/* Mends belong to bases, whichever name has these. */

typedef struct
{
  GHashTable *old, *fresh;       /* guint64 * -> ArborBatchEntry, mended ones */
  GHashTable *old_patches, *fresh_patches; /* the same, patches */
} Mends;

static void
list_mends (GHashTable *mended, GHashTable *patches, const ArborRecord *record)
{
  for (guint32 i = 0; record != NULL && i < record->n_batches; i++)
    if (record->batches[i].mend != NULL)
      g_hash_table_insert (mended, &record->batches[i].id, &record->batches[i]);
  for (guint32 i = 0; record != NULL && i < record->n_patches; i++)
    g_hash_table_insert (patches, &record->patches[i].id, &record->patches[i]);
}

static gboolean
write_mends (const Mends *mends, ArborTxn txn, GError **error)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, mends->fresh);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const ArborBatchEntry *entry = value;
      const ArborBatchEntry *old = g_hash_table_lookup (mends->old, id);

      if ((old == NULL || !arbor_mend_equal (old->mend, entry->mend)) &&
          !arbor_mend_table_write (txn, entry->id, entry->n_rows, entry->mend, error))
        return FALSE;
    }
  g_hash_table_iter_init (&iter, mends->old);
  while (g_hash_table_iter_next (&iter, &id, &value))
    if (!g_hash_table_contains (mends->fresh, id) &&
        !arbor_mend_table_delete (txn, *(guint64 *) id, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_patches (const Mends *mends, ArborTxn txn, GError **error)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, mends->fresh_patches);
  while (g_hash_table_iter_next (&iter, &id, &value))
    if (!g_hash_table_contains (mends->old_patches, id) &&
        !arbor_mend_table_write_patch (txn, value, error))
      return FALSE;
  g_hash_table_iter_init (&iter, mends->old_patches);
  while (g_hash_table_iter_next (&iter, &id, &value))
    if (!g_hash_table_contains (mends->fresh_patches, id) &&
        !arbor_mend_table_delete_patch (txn, *(guint64 *) id, error))
      return FALSE;
  return TRUE;
}

static gboolean
switch_mends (ArborStagingWrite *write, ArborTxn txn, GError **error)
{
  g_autoptr (GHashTable) old = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autoptr (GHashTable) fresh = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autoptr (GHashTable) old_patches = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autoptr (GHashTable) fresh_patches = g_hash_table_new (g_int64_hash, g_int64_equal);
  const Mends mends = { old, fresh, old_patches, fresh_patches };

  for (guint i = 0; i < write->switches->len; i++)
    {
      const ArborStagingSwitch *self = &g_array_index (write->switches, ArborStagingSwitch, i);

      list_mends (old, old_patches, self->current);
      list_mends (fresh, fresh_patches, self->fresh);
    }
  return write_mends (&mends, txn, error) && write_patches (&mends, txn, error);
}

/* All names: first what the new contents list, since only then is known what is dead. */
gboolean
arbor_staging_switch_all (ArborStagingWrite *write, ArborTxn txn, GError **error)
{
  const GPtrArray *arbors = write->staging->arbors;
  guint next_pending = 0;

  for (guint i = 0; i < arbors->len; i++)
    if (!begin_switch (write, txn, g_ptr_array_index (arbors, i), error))
      return FALSE;
  for (guint i = 0; i < arbors->len; i++)
    {
      const StagedArbor *arbor = g_ptr_array_index (arbors, i);

      if (!arbor->is_delete &&
          !make_fresh (write, txn, arbor, &g_array_index (write->switches, ArborStagingSwitch, i),
                       &next_pending, error))
        return FALSE;
    }
  if (!arbor_staging_check_keys (write, txn, error))
    return FALSE;
  for (guint i = 0; i < arbors->len; i++)
    if (!switch_arbor (write, txn, g_ptr_array_index (arbors, i),
                       &g_array_index (write->switches, ArborStagingSwitch, i), error))
      return FALSE;
  return write->n_changed == 0 || switch_mends (write, txn, error);
}

void
arbor_staging_note_records (ArborStaging *self, const ArborStagingWrite *write)
{
  ArborEnvironment *environment = arbor_session_get_environment (self->session);

  for (guint i = 0; i < write->switches->len; i++)
    {
      const ArborStagingSwitch *done = &g_array_index (write->switches, ArborStagingSwitch, i);

      if (done->seal != 0)
        arbor_environment_note_record (environment, done->seal, done->fresh);
    }
}
