/* A staging: what a put, an import or a delete is about to make of the catalogue.
 *
 * Batches gather in memory up to about 10 MB, then a transaction writes them under fresh ids and
 * lists them under the staging's own id, whose byte is locked: a sweep that finds the list but not
 * the lock knows that its writer is dead. The commit is one transaction: it writes what is still in
 * memory, lets the catalogue list the batches, forgets the staging and marks dead what no name
 * lists any more. A small put is that one transaction alone.
 *
 * A batch that the name lists already (digest, length and bytes agree) is kept by its id. The
 * snapshot that it was compared in stays pinned until the end: should another writer have replaced
 * it before our commit, its bytes are still there and are written again.
 */

#include "storage/arbor-session.h"

#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-snapshot.h"

#define FLUSH_BYTES  (10u * 1024u * 1024u)
#define DELETE_AT_ONCE 16u

/* A batch of a name's new content. */
typedef struct
{
  ArborBatchEntry entry; /* id 0: not written yet */
  gboolean is_kept;      /* id is one that the name's record listed */
  GBytes *bytes;         /* until written */
} StagedBatch;

typedef struct
{
  char *name;
  gboolean is_delete;
  ArborRecord *old;  /* what the name listed when the content was begun, or NULL */
  GHashTable *known; /* guint64 digest -> index in old + 1, made at the first batch */
  GArray *batches;   /* StagedBatch */
} StagedArbor;

struct _ArborStaging
{
  ArborSession *session;   /* a hold: a staging keeps no session open */
  ArborSnapshot *snapshot; /* that old content was compared in */
  GPtrArray *arbors;       /* StagedArbor *, in the order they were begun */
  guint64 id;              /* 0: nothing written yet */
  guint32 next_piece;
  GArray *written; /* guint64: ids written so far, in transactions that were committed */
  gsize pending_bytes;
  guint64 n_written;
  guint64 n_skipped;
  guint n_changed;  /* names that the commit changed */
  gboolean is_done; /* committed, or failed at it */
};

static void
clear_batch (gpointer data)
{
  StagedBatch *batch = data;

  g_clear_pointer (&batch->bytes, g_bytes_unref);
}

static void
free_arbor (gpointer data)
{
  StagedArbor *arbor = data;

  g_clear_pointer (&arbor->old, arbor_record_unref);
  g_clear_pointer (&arbor->known, g_hash_table_unref);
  g_array_unref (arbor->batches);
  g_free (arbor->name);
  g_free (arbor);
}

ArborStaging *
arbor_staging_new (ArborSession *session, GCancellable *cancellable, GError **error)
{
  ArborStaging *self;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (arbor_session_is_read_only (session))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_READ_ONLY,
                   _ ("Store '%s' was opened as read-only and cannot be changed"),
                   arbor_session_get_path (session));
      return NULL;
    }
  self = g_new0 (ArborStaging, 1);
  self->session = arbor_session_hold (session);
  self->arbors = g_ptr_array_new_with_free_func (free_arbor);
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

/* As long as no batch is kept nothing needs the snapshot, and a long import does not keep the
 * pages that others free from being used again. */
static void
unpin (ArborStaging *self)
{
  if (self->n_skipped == 0)
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
  g_array_set_clear_func (arbor->batches, clear_batch);
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

/* Writing */

/* What one transaction does, apart from the staging so that it can run again from the start. */
typedef struct
{
  ArborStaging *staging;
  ArborCounters counters;
  gboolean counters_changed;
  GArray *ids;           /* guint64: of the batches that this transaction wrote, in order */
  guint64 new_staging;   /* a staging id drawn by it */
  guint32 next_piece;
  GHashTable *listed;    /* guint64 *: every batch that the new content lists */
  GArray *dead;          /* guint64: batches that nobody lists any more */
  gboolean sweep;        /* dead ones are left for later */
  guint n_changed;       /* names */
} Write;

static void
write_clear (Write *write)
{
  g_clear_pointer (&write->ids, g_array_unref);
  g_clear_pointer (&write->dead, g_array_unref);
  g_clear_pointer (&write->listed, g_hash_table_unref);
}

static gboolean
write_start (Write *write, ArborEnvironment *env, MDB_txn *txn, GError **error)
{
  write_clear (write);
  write->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  write->dead = g_array_new (FALSE, FALSE, sizeof (guint64));
  write->listed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  write->counters_changed = FALSE;
  write->sweep = FALSE;
  write->next_piece = write->staging->next_piece;
  return arbor_catalog_read_counters (env, txn, &write->counters, error);
}

static gboolean
write_finish (Write *write, ArborEnvironment *env, MDB_txn *txn, GError **error)
{
  return !write->counters_changed ||
         arbor_catalog_write_counters (env, txn, &write->counters, error);
}

static gboolean
write_bytes (Write *write, ArborEnvironment *env, MDB_txn *txn, const guint8 *data, gsize length,
             guint64 *id, GError **error)
{
  *id = write->counters.next_batch++;
  write->counters_changed = TRUE;
  return arbor_catalog_write_batch (env, txn, *id, data, length, error);
}

/* Writes each batch that is still in memory; their ids go to write->ids, in order. */
static gboolean
write_pending (Write *write, ArborEnvironment *env, MDB_txn *txn, GError **error)
{
  GPtrArray *arbors = write->staging->arbors;

  for (guint a = 0; a < arbors->len; a++)
    {
      StagedArbor *arbor = g_ptr_array_index (arbors, a);

      for (guint i = 0; i < arbor->batches->len; i++)
        {
          StagedBatch *batch = &g_array_index (arbor->batches, StagedBatch, i);
          gsize length;
          const guint8 *data;
          guint64 id;

          if (batch->bytes == NULL)
            continue;
          data = g_bytes_get_data (batch->bytes, &length);
          if (!write_bytes (write, env, txn, data, length, &id, error))
            return FALSE;
          g_array_append_val (write->ids, id);
        }
    }
  return TRUE;
}

/* After the transaction was committed: what it wrote is in memory no more. */
static void
settle_pending (ArborStaging *self, const Write *write)
{
  guint next = 0;

  for (guint a = 0; a < self->arbors->len; a++)
    {
      StagedArbor *arbor = g_ptr_array_index (self->arbors, a);

      for (guint i = 0; i < arbor->batches->len; i++)
        {
          StagedBatch *batch = &g_array_index (arbor->batches, StagedBatch, i);

          if (batch->bytes == NULL)
            continue;
          batch->entry.id = g_array_index (write->ids, guint64, next++);
          g_clear_pointer (&batch->bytes, g_bytes_unref);
        }
    }
  g_assert (next == write->ids->len);
  self->pending_bytes = 0;
}

/* The lock is taken while the writer's byte is ours: no sweep sees the list without it. A second
 * run of this transaction uses the id of the first. */
static gboolean
ensure_staging_id (Write *write, GError **error)
{
  ArborStaging *self = write->staging;

  if (self->id != 0)
    return TRUE;
  if (write->new_staging == 0)
    {
      guint64 id = write->counters.next_staging;

      if (!arbor_session_add_staging (self->session, id, error))
        return FALSE;
      write->new_staging = id;
    }
  write->counters.next_staging = MAX (write->counters.next_staging, write->new_staging + 1);
  write->counters_changed = TRUE;
  return TRUE;
}

static gboolean
flush_job (ArborEnvironment *env, MDB_txn *txn, gpointer data, GError **error)
{
  Write *write = data;

  return write_start (write, env, txn, error) && ensure_staging_id (write, error) &&
         write_pending (write, env, txn, error) &&
         arbor_catalog_write_staging (
             env, txn, write->staging->id != 0 ? write->staging->id : write->new_staging,
             &write->next_piece, ARBOR_STAGING_LIVE, (const guint64 *) write->ids->data,
             write->ids->len, error) &&
         write_finish (write, env, txn, error);
}

static gboolean
run (ArborStaging *self, ArborWriteFunc func, Write *write, GCancellable *cancellable,
     GError **error)
{
  return arbor_writer_run (arbor_session_get_environment (self->session), func, write,
                           arbor_session_get_write_options (self->session), cancellable, error);
}

static gboolean
flush (ArborStaging *self, GCancellable *cancellable, GError **error)
{
  Write write = { .staging = self };
  gboolean is_good = run (self, flush_job, &write, cancellable, error);

  if (is_good)
    {
      if (self->id == 0)
        self->id = write.new_staging;
      self->next_piece = write.next_piece;
      g_array_append_vals (self->written, write.ids->data, write.ids->len);
      settle_pending (self, &write);
    }
  else if (write.new_staging != 0)
    arbor_session_remove_staging (self->session, write.new_staging);
  write_clear (&write);
  return is_good;
}

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

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !look_up_old (self, arbor, error))
    return FALSE;
  staged.entry.digest = arbor_batch_peek_digest (data, length);
  staged.entry.n_trees = arbor_batch_peek_n_trees (data, length);
  staged.entry.n_bytes = length;
  staged.entry.id = find_same (self, arbor, &staged.entry, data);
  staged.is_kept = staged.entry.id != 0;
  if (staged.is_kept)
    self->n_skipped++;
  else
    {
      staged.bytes = g_bytes_ref (batch);
      self->pending_bytes += length;
      self->n_written++;
    }
  g_array_append_val (arbor->batches, staged);
  unpin (self);
  return self->pending_bytes < FLUSH_BYTES || flush (self, cancellable, error);
}

/* The switch */

static gboolean
lists_batch (const ArborRecord *record, guint64 id)
{
  for (guint32 i = 0; record != NULL && i < record->n_batches; i++)
    if (record->batches[i].id == id)
      return TRUE;
  return FALSE;
}

/* The ids of the new content of @arbor. Pending batches take theirs from write->ids, which
 * @next_pending walks; a kept one that is gone is written again from the snapshot. */
static gboolean
collect_entries (Write *write, ArborEnvironment *env, MDB_txn *txn, const StagedArbor *arbor,
                 const ArborRecord *current, ArborBatchEntry *entries, guint *next_pending,
                 GError **error)
{
  gboolean is_same = current != NULL && arbor->old != NULL &&
                     current->generation == arbor->old->generation;

  for (guint i = 0; i < arbor->batches->len; i++)
    {
      const StagedBatch *batch = &g_array_index (arbor->batches, StagedBatch, i);

      entries[i] = batch->entry;
      if (batch->bytes != NULL)
        entries[i].id = g_array_index (write->ids, guint64, (*next_pending)++);
      else if (batch->is_kept && !is_same && !lists_batch (current, batch->entry.id))
        {
          gsize length;
          const guint8 *data = arbor_snapshot_find_bytes (write->staging->snapshot,
                                                          batch->entry.id, &length, error);

          if (data == NULL ||
              !write_bytes (write, env, txn, data, length, &entries[i].id, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
is_unchanged (const ArborRecord *current, const ArborBatchEntry *entries, guint n)
{
  if (current == NULL || current->n_batches != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (current->batches[i].id != entries[i].id)
      return FALSE;
  return TRUE;
}

static void
note_listed (Write *write, const ArborBatchEntry *entries, guint n)
{
  for (guint i = 0; i < n; i++)
    g_hash_table_add (write->listed, g_memdup2 (&entries[i].id, sizeof entries[i].id));
}

/* Batches of @current that the new content does not list. */
static void
note_dead (Write *write, const ArborRecord *current)
{
  for (guint32 i = 0; current != NULL && i < current->n_batches; i++)
    if (!g_hash_table_contains (write->listed, &current->batches[i].id))
      g_array_append_val (write->dead, current->batches[i].id);
}

static gboolean
switch_arbor (Write *write, ArborEnvironment *env, MDB_txn *txn, const StagedArbor *arbor,
              guint *next_pending, GError **error)
{
  g_autoptr (ArborRecord) current = NULL;
  g_autoptr (ArborRecord) fresh = NULL;
  g_autofree ArborBatchEntry *entries = g_new (ArborBatchEntry, arbor->batches->len);

  if (!arbor_catalog_read_record (env, txn, arbor->name, &current, error) ||
      !collect_entries (write, env, txn, arbor, current, entries, next_pending, error))
    return FALSE;
  note_listed (write, entries, arbor->batches->len);
  if (arbor->is_delete)
    {
      if (current == NULL)
        return TRUE;
      note_dead (write, current);
      write->n_changed++;
      /* Drawn for nobody: it tells that the catalogue changed. */
      write->counters.next_generation++;
      write->counters_changed = TRUE;
      return arbor_catalog_delete_record (env, txn, arbor->name, error);
    }
  if (is_unchanged (current, entries, arbor->batches->len))
    return TRUE;

  note_dead (write, current);
  write->n_changed++;
  fresh = arbor_record_new (arbor->name);
  arbor_record_set_batches (fresh, entries, arbor->batches->len);
  fresh->generation = write->counters.next_generation++;
  fresh->modified = g_get_real_time ();
  write->counters_changed = TRUE;
  return arbor_catalog_write_record (env, txn, fresh, error);
}

/* Drops what will not be listed: contents that a later one of the same name replaces. */
static void
drop_superseded (ArborStaging *self)
{
  g_autoptr (GHashTable) later = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = self->arbors->len; i-- > 0;)
    {
      const StagedArbor *arbor = g_ptr_array_index (self->arbors, i);

      if (g_hash_table_contains (later, arbor->name))
        g_ptr_array_remove_index (self->arbors, i);
      else
        g_hash_table_add (later, arbor->name);
    }
}

/* What was staged in earlier transactions and is listed by no name now. */
static void
note_unused (Write *write)
{
  const GArray *written = write->staging->written;

  for (guint i = 0; i < written->len; i++)
    {
      guint64 id = g_array_index (written, guint64, i);

      if (!g_hash_table_contains (write->listed, &id))
        g_array_append_val (write->dead, id);
    }
}

/* A few dead batches are deleted at once, many are listed for the sweep. */
static gboolean
bury (Write *write, ArborEnvironment *env, MDB_txn *txn, GError **error)
{
  const guint64 *dead = (const guint64 *) write->dead->data;
  guint32 piece = 0;

  if (write->dead->len > DELETE_AT_ONCE)
    {
      write->sweep = TRUE;
      write->counters_changed = TRUE;
      return arbor_catalog_write_staging (env, txn, write->counters.next_staging++, &piece,
                                          ARBOR_STAGING_DEAD, dead, write->dead->len, error);
    }
  for (guint i = 0; i < write->dead->len; i++)
    if (!arbor_catalog_delete_batch (env, txn, dead[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
commit_job (ArborEnvironment *env, MDB_txn *txn, gpointer data, GError **error)
{
  Write *write = data;
  ArborStaging *self = write->staging;
  guint next_pending = 0;

  if (!write_start (write, env, txn, error) || !write_pending (write, env, txn, error))
    return FALSE;
  for (guint i = 0; i < self->arbors->len; i++)
    if (!switch_arbor (write, env, txn, g_ptr_array_index (self->arbors, i), &next_pending, error))
      return FALSE;
  note_unused (write);
  if (self->id != 0 && !arbor_catalog_delete_staging (env, txn, self->id, error))
    return FALSE;
  return bury (write, env, txn, error) && write_finish (write, env, txn, error);
}

gboolean
arbor_staging_commit (ArborStaging *self, GCancellable *cancellable, GError **error)
{
  Write write = { .staging = self };
  gboolean is_good;

  g_assert (!self->is_done);

  drop_superseded (self);
  is_good = run (self, commit_job, &write, cancellable, error);
  self->is_done = is_good;
  if (is_good)
    {
      settle_pending (self, &write);
      self->n_changed = write.n_changed;
      if (self->id != 0)
        arbor_session_remove_staging (self->session, self->id);
      self->id = 0;
      g_clear_pointer (&self->snapshot, arbor_snapshot_unref);
      arbor_session_move_on (self->session);
      if (write.sweep)
        arbor_writer_request_sweep (arbor_session_get_environment (self->session));
    }
  write_clear (&write);
  return is_good;
}

guint
arbor_staging_get_n_changed (ArborStaging *self)
{
  return self->n_changed;
}
