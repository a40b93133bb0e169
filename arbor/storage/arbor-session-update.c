/* An older backup brought up to date: one staging in it, whose commit makes it what this session has in one
 * moment. A batch that the backup has under the same name (digest, rows and length agree) is kept there
 * unread, be it a base or a patch; what it lacks is checked and copied. Mends go over as they are.
 */

#include "storage/arbor-snapshot-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-new-store.h"
#include "storage/arbor-staging.h"

typedef struct
{
  ArborSession *session;
  ArborSnapshot *snapshot; /* of the session */
  ArborSnapshot *backup;   /* as it is before */
  ArborStaging *staging;   /* in it */
  guint64 done, total;     /* bytes of batches */
  ArborSessionProgressFunc progress;
  gpointer progress_data;
  GCancellable *cancellable;
} Update;

/* One name. */
typedef struct
{
  ArborRecord *record;
  ArborRecord *old;    /* of the backup; NULL: it has none */
  GHashTable *bases;   /* digest -> place in old, plus one */
  GHashTable *patches; /* digest -> entry of old */
  GHashTable *ids;     /* id of a patch of the record -> its id in the backup */
  gboolean *is_taken;  /* bases of old: none is listed twice */
} Arbor;

static void
arbor_clear (Arbor *self)
{
  g_clear_pointer (&self->record, arbor_record_unref);
  g_clear_pointer (&self->old, arbor_record_unref);
  g_clear_pointer (&self->bases, g_hash_table_unref);
  g_clear_pointer (&self->patches, g_hash_table_unref);
  g_clear_pointer (&self->ids, g_hash_table_unref);
  g_clear_pointer (&self->is_taken, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arbor, arbor_clear)

static gboolean
is_same (const ArborBatchEntry *a, const ArborBatchEntry *b)
{
  return a->digest == b->digest && a->n_rows == b->n_rows && a->n_bytes == b->n_bytes;
}

static gboolean
arbor_init (Arbor *self, const Update *update, const char *name, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  self->record = arbor_snapshot_lookup (update->snapshot, name, error);
  if (self->record == NULL)
    return FALSE;
  self->old = arbor_snapshot_lookup (update->backup, name, &local_error);
  if (self->old == NULL && !g_error_matches (local_error, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  self->bases = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->patches = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->ids = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  if (self->old == NULL)
    return TRUE;
  self->is_taken = g_new0 (gboolean, self->old->n_batches);
  for (guint32 i = 0; i < self->old->n_batches; i++)
    g_hash_table_insert (self->bases, &self->old->batches[i].digest, GUINT_TO_POINTER (i + 1));
  for (guint32 i = 0; i < self->old->n_patches; i++)
    g_hash_table_insert (self->patches, &self->old->patches[i].digest, &self->old->patches[i]);
  return TRUE;
}

/* The place in the old record of a base that is the same, plus one: the same place before any other. */
static guint32
find_base (Arbor *self, guint32 index)
{
  const ArborBatchEntry *entry = &self->record->batches[index];
  guint32 place;

  if (self->old == NULL)
    return 0;
  if (index < self->old->n_batches && is_same (&self->old->batches[index], entry))
    place = index + 1;
  else
    place = GPOINTER_TO_UINT (g_hash_table_lookup (self->bases, &entry->digest));
  if (place == 0 || self->is_taken[place - 1] || !is_same (&self->old->batches[place - 1], entry))
    return 0;
  self->is_taken[place - 1] = TRUE;
  return place;
}

/* The bytes of a batch that was checked; they lie in the map. */
static GBytes *
peek_bytes (const Update *update, const ArborBatchEntry *entry, GError **error)
{
  gsize length;
  const guint8 *data = arbor_snapshot_find_bytes (update->snapshot, entry->id, &length, error);

  return data != NULL ? g_bytes_new_static (data, length) : NULL;
}

static gboolean
tell (Update *update, guint64 n, GError **error)
{
  update->done += n;
  if (update->progress != NULL)
    update->progress (update->done, MAX (update->done, update->total), update->progress_data);
  return arbor_gate_check (arbor_session_get_gate (update->session), error) &&
         arbor_stop_check (update->cancellable, error);
}

static gboolean
copy_patches (Update *update, Arbor *arbor, GError **error)
{
  for (guint32 i = 0; i < arbor->record->n_patches; i++)
    {
      const ArborBatchEntry *patch = &arbor->record->patches[i];
      const ArborBatchEntry *old = g_hash_table_lookup (arbor->patches, &patch->digest);
      gboolean has_it = old != NULL && is_same (old, patch);
      guint64 id = has_it ? old->id : arbor_mend_draw_id ();

      g_hash_table_insert (arbor->ids, (gpointer) &patch->id, g_memdup2 (&id, sizeof id));
      if (!has_it)
        {
          g_autoptr (GBytes) bytes = NULL;

          if (!arbor_snapshot_verify_patch (update->snapshot, arbor->record, patch->id, error) ||
              (bytes = peek_bytes (update, patch, error)) == NULL ||
              !arbor_staging_add_patch (update->staging, bytes, id, update->cancellable, error))
            return FALSE;
        }
      if (!tell (update, patch->n_bytes, error))
        return FALSE;
    }
  return TRUE;
}

/* The same of patches by their ids in the backup; NULL: of NULL. */
static ArborMend *
translate (const Arbor *arbor, const ArborMend *mend)
{
  g_autofree guint64 *ids = NULL;

  if (mend == NULL)
    return NULL;
  ids = g_new (guint64, (gsize) mend->n_patches + 1);
  for (guint32 i = 0; i < mend->n_patches; i++)
    ids[i] = *(const guint64 *) g_hash_table_lookup (arbor->ids, &mend->patches[i]);
  return arbor_mend_new (mend->parts, mend->n_parts, ids, mend->n_patches);
}

static gboolean
copy_base (Update *update, Arbor *arbor, guint32 index, GError **error)
{
  const ArborBatchEntry *entry = &arbor->record->batches[index];
  g_autoptr (ArborMend) mend = translate (arbor, entry->mend);
  guint32 place = find_base (arbor, index);
  g_autoptr (GBytes) bytes = NULL;

  if (place > 0)
    {
      arbor_staging_mend_batch (update->staging, arbor->old, place - 1, mend);
      return tell (update, entry->n_bytes, error);
    }
  if (!arbor_snapshot_verify_base (update->snapshot, arbor->record, index, error) ||
      (bytes = peek_bytes (update, entry, error)) == NULL)
    return FALSE;
  return (mend != NULL
              ? arbor_staging_add_mended_batch (update->staging, bytes, mend, update->cancellable, error)
              : arbor_staging_add_batch (update->staging, bytes, update->cancellable, error)) &&
         tell (update, entry->n_bytes, error);
}

static gboolean
copy_arbor (Update *update, const char *name, GError **error)
{
  g_auto (Arbor) arbor = { 0 };

  if (!arbor_init (&arbor, update, name, error) ||
      !arbor_staging_begin_arbor (update->staging, name, error))
    return FALSE;
  arbor_staging_set_keys (update->staging, arbor.record->keys);
  if (!copy_patches (update, &arbor, error))
    return FALSE;
  for (guint32 i = 0; i < arbor.record->n_batches; i++)
    if (!copy_base (update, &arbor, i, error))
      return FALSE;
  return TRUE;
}

/* Those that the session has no more are deleted, the others made equal. Both lists are in order. */
static gboolean
copy_all (Update *update, GError **error)
{
  g_auto (GStrv) names = arbor_snapshot_list_names (update->snapshot, error);
  g_auto (GStrv) old = names != NULL ? arbor_snapshot_list_names (update->backup, error) : NULL;

  if (old == NULL)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (ArborRecord) record = arbor_snapshot_lookup (update->snapshot, names[i], error);

      if (record == NULL)
        return FALSE;
      update->total += record->n_bytes;
    }
  for (guint i = 0; old[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) names, old[i]) &&
        !arbor_staging_delete_arbor (update->staging, old[i], error))
      return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!copy_arbor (update, names[i], error))
      return FALSE;
  return arbor_staging_commit (update->staging, update->cancellable, error);
}

/* A copy has the identity of its store, and counts no more changes than that has seen. */
static gboolean
check_origin (const Update *update, const char *path, GError **error)
{
  guint8 mine[ARBOR_UUID_SIZE], its[ARBOR_UUID_SIZE];
  ArborCounters my_counters, its_counters;

  if (!arbor_snapshot_get_origin (update->snapshot, mine, &my_counters, error) ||
      !arbor_snapshot_get_origin (update->backup, its, &its_counters, error))
    return FALSE;
  if (memcmp (mine, its, sizeof mine) == 0 &&
      its_counters.next_generation <= my_counters.next_generation)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
               memcmp (mine, its, sizeof mine) == 0
                   ? _("'%s' is newer than store '%s', or was changed since it was copied: choose another file")
                   : _("'%s' is no copy of store '%s': choose another file"),
               path, arbor_session_get_path (update->session));
  return FALSE;
}

gboolean
arbor_session_update_backup (ArborSession *self, const char *path, ArborSessionProgressFunc progress,
                             gpointer progress_data, GCancellable *cancellable, GError **error)
{
  Update update = { .session = self, .progress = progress, .progress_data = progress_data,
                    .cancellable = cancellable };
  ArborSession *backup = arbor_session_open_own (path, FALSE, cancellable, error);
  gboolean is_done;

  if (backup == NULL)
    return FALSE;
  update.snapshot = arbor_session_dup_snapshot (self, error);
  if (update.snapshot != NULL)
    update.backup = arbor_session_dup_snapshot (backup, error);
  if (update.backup != NULL && check_origin (&update, path, error))
    update.staging = arbor_staging_new (backup, cancellable, error);
  is_done = update.staging != NULL && copy_all (&update, error);
  g_clear_pointer (&update.staging, arbor_staging_free);
  g_clear_pointer (&update.backup, arbor_snapshot_unref);
  g_clear_pointer (&update.snapshot, arbor_snapshot_unref);
  arbor_session_close_own (backup);
  return is_done;
}
