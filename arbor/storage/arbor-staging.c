/* A staging: what a put, an edit, an import or a delete is about to make of the catalogue.
 *
 * Batches gather in memory up to about 5 MB, then a transaction writes them under fresh ids and
 * lists them under the staging's own id, whose byte is locked: a sweep that finds the list but not
 * the lock knows that its writer is dead. The commit is one transaction: arbor-staging-write.c.
 *
 * A batch is not written again in two cases. One that the name lists already (digest, length and
 * bytes agree) is kept by its id. The snapshot that it was compared in stays pinned until the end:
 * should another writer have replaced it before our commit, its bytes are still there and are
 * written again. And one of a record that the caller has read is kept by its id unseen; that the
 * record is still the current one is then an expectation of the commit.
 */

#include "storage/arbor-staging-private.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"

#define FLUSH_BYTES (5u * 1024u * 1024u)

void
arbor_staging_clear_batch (gpointer data)
{
  StagedBatch *batch = data;

  g_clear_pointer (&batch->bytes, g_bytes_unref);
  g_clear_pointer (&batch->table, g_bytes_unref);
  g_clear_pointer (&batch->entry.mend, arbor_mend_unref);
}

static void
clear_expectation (gpointer data)
{
  g_free (((StagedExpectation *) data)->name);
}

static void
free_arbor (gpointer data)
{
  StagedArbor *arbor = data;

  g_clear_pointer (&arbor->old, arbor_record_unref);
  g_clear_pointer (&arbor->known, g_hash_table_unref);
  g_array_unref (arbor->batches);
  g_clear_pointer (&arbor->aside, g_array_unref);
  g_array_unref (arbor->patches);
  g_ptr_array_unref (arbor->bases);
  g_clear_pointer (&arbor->keys, arbor_keys_unref);
  g_clear_pointer (&arbor->prepared, arbor_keys_unref);
  g_clear_pointer (&arbor->tables, g_hash_table_unref);
  g_clear_pointer (&arbor->hashes, g_array_unref);
  g_free (arbor->name);
  g_free (arbor);
}

void
arbor_session_set_read_only_error (ArborSession *self, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY,
               _("Store '%s' was opened as read-only and cannot be changed"),
               arbor_session_get_path (self));
}

ArborStaging *
arbor_staging_new (ArborSession *session, GCancellable *cancellable, GError **error)
{
  ArborStaging *self;

  if (!arbor_stop_check (cancellable, error))
    return NULL;
  if (arbor_session_is_read_only (session))
    {
      arbor_session_set_read_only_error (session, error);
      return NULL;
    }
  self = g_new0 (ArborStaging, 1);
  self->session = arbor_session_hold (session);
  self->arbors = g_ptr_array_new_with_free_func (free_arbor);
  self->expectations = g_array_new (FALSE, FALSE, sizeof (StagedExpectation));
  g_array_set_clear_func (self->expectations, clear_expectation);
  self->written = g_array_new (FALSE, FALSE, sizeof (guint64));
  return self;
}

void
arbor_staging_free (ArborStaging *self)
{
  if (self->id != 0)
    arbor_session_remove_staging (self->session, self->id);
  g_clear_pointer (&self->snapshot, arbor_snapshot_unref);
  g_ptr_array_unref (self->arbors);
  g_array_unref (self->expectations);
  g_array_unref (self->written);
  arbor_session_release (self->session);
  g_free (self);
}

void
arbor_staging_get_counts (ArborStaging *self, guint64 *written, guint64 *skipped)
{
  *written = self->n_written;
  *skipped = self->n_skipped;
}

static StagedArbor *
get_last_arbor (ArborStaging *self)
{
  g_assert (self->arbors->len > 0);
  return g_ptr_array_index (self->arbors, self->arbors->len - 1);
}

/* Pins a snapshot, unless one is pinned, and sees to it that the old content of @arbor is the one
 * that lies there. */
static gboolean
look_up_old (ArborStaging *self, StagedArbor *arbor, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  guint64 generation;

  if (self->snapshot == NULL)
    self->snapshot = arbor_session_dup_snapshot (self->session, error);
  if (self->snapshot == NULL ||
      !arbor_snapshot_get_generation (self->snapshot, arbor->name, &generation, error))
    return FALSE;
  if (generation == (arbor->old != NULL ? arbor->old->generation : 0))
    return TRUE;

  g_clear_pointer (&arbor->old, arbor_record_unref);
  g_clear_pointer (&arbor->known, g_hash_table_unref);
  arbor->old = arbor_snapshot_lookup (self->snapshot, arbor->name, &local_error);
  if (arbor->old != NULL || g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/* As long as no batch was compared and kept nothing needs the snapshot, and a long import does not keep the
 * pages that others free from being used again. */
static void
unpin (ArborStaging *self)
{
  if (self->n_compared == 0)
    g_clear_pointer (&self->snapshot, arbor_snapshot_unref);
}

static gboolean
begin (ArborStaging *self, const char *name, gboolean is_delete, GError **error)
{
  StagedArbor *arbor;
  gboolean is_good;

  g_assert (!self->is_done);

  if (!arbor_name_check (name, error))
    return FALSE;
  arbor = g_new0 (StagedArbor, 1);
  arbor->name = g_strdup (name);
  arbor->is_delete = is_delete;
  arbor->batches = g_array_new (FALSE, FALSE, sizeof (StagedBatch));
  g_array_set_clear_func (arbor->batches, arbor_staging_clear_batch);
  arbor->patches = g_array_new (FALSE, FALSE, sizeof (StagedBatch));
  g_array_set_clear_func (arbor->patches, arbor_staging_clear_batch);
  arbor->bases = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_record_unref);
  is_good = look_up_old (self, arbor, error);
  unpin (self);
  if (is_good)
    g_ptr_array_add (self->arbors, arbor);
  else
    free_arbor (arbor);
  return is_good;
}

gboolean
arbor_staging_begin_arbor (ArborStaging *self, const char *name, GError **error)
{
  return begin (self, name, FALSE, error);
}

gboolean
arbor_staging_delete_arbor (ArborStaging *self, const char *name, GError **error)
{
  return begin (self, name, TRUE, error);
}

/* Old batches by digest. */
static GHashTable *
index_old_batches (const ArborRecord *old)
{
  GHashTable *known = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint32 i = 0; old != NULL && i < old->n_batches; i++)
    g_hash_table_insert (known, &old->batches[i].digest, GUINT_TO_POINTER (i + 1));
  return known;
}

/* The position in the old content, plus one, of a batch with this digest: the same position before
 * any other, so that equal batches stay where they are. */
static guint32
find_position (StagedArbor *arbor, const ArborBatchEntry *entry)
{
  guint32 here = arbor->batches->len;

  if (arbor->old != NULL && here < arbor->old->n_batches &&
      arbor->old->batches[here].digest == entry->digest)
    return here + 1;
  if (arbor->known == NULL)
    arbor->known = index_old_batches (arbor->old);
  return GPOINTER_TO_UINT (g_hash_table_lookup (arbor->known, &entry->digest));
}

/* The id of the old batch that has the same bytes, 0 when there is none. One that cannot be read
 * is not the same. */
static guint64
find_same (ArborStaging *self, StagedArbor *arbor, const ArborBatchEntry *entry, const guint8 *data)
{
  guint32 position = find_position (arbor, entry);
  const guint8 *old_data;
  gsize length;
  guint64 id;

  if (position == 0 || arbor->old->batches[position - 1].n_bytes != entry->n_bytes)
    return 0;
  id = arbor->old->batches[position - 1].id;
  old_data = arbor_snapshot_find_bytes (self->snapshot, id, &length, NULL);
  if (old_data == NULL || length != entry->n_bytes || memcmp (old_data, data, length) != 0)
    return 0;
  return id;
}

/* Expectations */

static void
expect (ArborStaging *self, const char *name, guint64 generation)
{
  StagedExpectation fresh = { .generation = generation };

  for (guint i = 0; i < self->expectations->len; i++)
    {
      const StagedExpectation *known =
          &g_array_index (self->expectations, StagedExpectation, i);

      if (known->generation == generation && strcmp (known->name, name) == 0)
        return;
    }
  fresh.name = g_strdup (name);
  g_array_append_val (self->expectations, fresh);
}

gboolean
arbor_staging_expect (ArborStaging *self, const char *name, guint64 generation, GError **error)
{
  g_assert (!self->is_done);

  if (!arbor_name_check (name, error))
    return FALSE;
  expect (self, name, generation);
  return TRUE;
}

/* Content */

gboolean
arbor_staging_add_batch (ArborStaging *self, GBytes *batch, GCancellable *cancellable,
                         GError **error)
{
  StagedArbor *arbor = get_last_arbor (self);
  StagedBatch staged = { 0 };
  gsize length;
  const guint8 *data = g_bytes_get_data (batch, &length);

  g_assert (!self->is_done && !arbor->is_delete);
  g_assert (length >= ARBOR_BATCH_MIN_BYTES && length <= ARBOR_BATCH_MAX_BYTES);

  if (!arbor_stop_check (cancellable, error) ||
      !look_up_old (self, arbor, error))
    return FALSE;
  staged.entry.digest = arbor_batch_peek_digest (data, length);
  staged.entry.n_trees = staged.entry.n_rows = arbor_batch_peek_n_trees (data, length);
  staged.entry.n_bytes = length;
  staged.entry.id = find_same (self, arbor, &staged.entry, data);
  staged.is_kept = staged.entry.id != 0;
  if (staged.is_kept)
    {
      self->n_skipped++;
      self->n_compared++;
    }
  else
    {
      if (!arbor_staging_prepare_keys (arbor, &staged, batch, TRUE, error))
        return FALSE;
      staged.bytes = g_bytes_ref (batch);
      self->pending_bytes += length;
      self->n_written++;
      self->bytes_written += length;
    }
  g_array_append_val (arbor->batches, staged);
  unpin (self);
  return self->pending_bytes < FLUSH_BYTES ||
         arbor_staging_flush (self, cancellable, error);
}

/* What is to be written, without a look at what the name has. */
static gboolean
add_pending (ArborStaging *self, GArray *to, StagedBatch *staged, GBytes *batch,
             GCancellable *cancellable, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (batch, &length);

  g_assert (length >= ARBOR_BATCH_MIN_BYTES && length <= ARBOR_BATCH_MAX_BYTES);

  staged->entry.digest = arbor_batch_peek_digest (data, length);
  staged->entry.n_rows = arbor_batch_peek_n_trees (data, length);
  staged->entry.n_trees = staged->entry.mend != NULL ? staged->entry.mend->n_trees
                                                     : staged->entry.n_rows;
  staged->entry.n_bytes = length;
  if (!arbor_staging_prepare_keys (get_last_arbor (self), staged, batch, FALSE, error))
    return FALSE;
  staged->bytes = g_bytes_ref (batch);
  g_array_append_vals (to, staged, 1);
  self->pending_bytes += length;
  self->n_written++;
  self->bytes_written += length;
  return arbor_stop_check (cancellable, error) &&
         (self->pending_bytes < FLUSH_BYTES || arbor_staging_flush (self, cancellable, error));
}

gboolean
arbor_staging_add_mended_batch (ArborStaging *self, GBytes *batch, ArborMend *mend,
                                GCancellable *cancellable, GError **error)
{
  StagedBatch staged = { .entry.mend = arbor_mend_ref (mend) };

  return add_pending (self, get_last_arbor (self)->batches, &staged, batch, cancellable, error);
}

gboolean
arbor_staging_add_patch (ArborStaging *self, GBytes *batch, guint64 id, GCancellable *cancellable,
                         GError **error)
{
  StagedBatch staged = { .provisional = id };

  return add_pending (self, get_last_arbor (self)->patches, &staged, batch, cancellable, error);
}

/* The record has the patches that mends name. */
static void
note_base (ArborStaging *self, StagedArbor *arbor, const ArborRecord *record)
{
  for (guint i = 0; i < arbor->bases->len; i++)
    if (g_ptr_array_index (arbor->bases, i) == record)
      return;
  g_ptr_array_add (arbor->bases, arbor_record_ref ((ArborRecord *) record));
  expect (self, record->name, record->generation);
}

void
arbor_staging_mend_batch (ArborStaging *self, const ArborRecord *record, guint32 index,
                          ArborMend *mend)
{
  StagedArbor *arbor = get_last_arbor (self);
  StagedBatch staged = { .is_based = TRUE };

  g_assert (!self->is_done && !arbor->is_delete);
  g_assert (index < record->n_batches);

  staged.entry = record->batches[index];
  staged.entry.mend = mend != NULL ? arbor_mend_ref (mend) : NULL;
  staged.entry.n_trees = mend != NULL ? mend->n_trees : staged.entry.n_rows;
  g_array_append_val (arbor->batches, staged);
  self->n_skipped++;
  note_base (self, arbor, record);
}

void
arbor_staging_keep_batch (ArborStaging *self, const ArborRecord *record, guint32 index)
{
  arbor_staging_mend_batch (self, record, index, record->batches[index].mend);
}

void
arbor_staging_set_keys (ArborStaging *self, ArborKeys *keys)
{
  StagedArbor *arbor = get_last_arbor (self);

  g_clear_pointer (&arbor->keys, arbor_keys_unref);
  arbor->keys = keys != NULL ? arbor_keys_ref (keys) : NULL;
  arbor->set_keys = TRUE;
}

void
arbor_staging_set_steps (ArborStaging *self, guint n)
{
  get_last_arbor (self)->n_steps = n;
}

void
arbor_staging_add_key_table (ArborStaging *self, guint64 id, ArborKeyTable *table)
{
  StagedArbor *arbor = get_last_arbor (self);

  if (arbor->tables == NULL)
    arbor->tables = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                           (GDestroyNotify) g_bytes_unref);
  g_hash_table_replace (arbor->tables, g_memdup2 (&id, sizeof id),
                        g_bytes_ref (arbor_key_table_get_bytes (table)));
}

void
arbor_staging_set_distinct (ArborStaging *self)
{
  StagedArbor *arbor = get_last_arbor (self);

  g_assert (arbor->set_keys && arbor->keys != NULL);

  g_clear_pointer (&arbor->prepared, arbor_keys_unref);
  arbor->prepared = arbor_keys_ref (arbor->keys);
  arbor->is_distinct = TRUE;
}

gboolean
arbor_staging_rename_arbor (ArborStaging *self, const char *name, const char *new_name,
                            GError **error)
{
  const ArborRecord *record;

  if (!begin (self, name, TRUE, error))
    return FALSE;
  record = get_last_arbor (self)->old;
  if (record == NULL)
    {
      arbor_session_set_not_found_error (self->session, name, error);
      return FALSE;
    }
  if (!begin (self, new_name, FALSE, error))
    return FALSE;
  if (get_last_arbor (self)->old != NULL)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXISTS,
                   _("Arbor '%s' cannot be renamed to '%s': there is an arbor of that name"),
                   name, new_name);
      return FALSE;
    }
  for (guint32 i = 0; i < record->n_batches; i++)
    arbor_staging_keep_batch (self, record, i);
  arbor_staging_set_keys (self, record->keys);
  expect (self, name, record->generation);
  expect (self, new_name, 0);
  return TRUE;
}

guint64
arbor_staging_get_bytes_written (ArborStaging *self)
{
  return self->bytes_written;
}

guint
arbor_staging_get_n_changed (ArborStaging *self)
{
  return self->n_changed;
}
