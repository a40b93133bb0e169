/* A staging's transactions: flushes of what lies in memory, and the commit. The commit writes what
 * is still in memory, lets the catalogue list the batches, forgets the staging and marks dead what
 * no name lists any more.
 *
 * A batch belongs to one name, that which lists it, or it would be marked dead with one name while
 * another still has it. A renamed arbor takes its batches along; new content of its former name
 * that has an equal batch gets a copy.
 */

#include "storage/arbor-staging-write.h"

#include <inttypes.h>
#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

#define DELETE_AT_ONCE 16u

void
arbor_staging_write_clear (ArborStagingWrite *write)
{
  g_clear_pointer (&write->ids, g_array_unref);
  g_clear_pointer (&write->dead, g_array_unref);
  g_clear_pointer (&write->listed, g_hash_table_unref);
  g_clear_pointer (&write->mended, g_hash_table_unref);
  g_clear_pointer (&write->switches, g_array_unref);
}

static gboolean
write_start (ArborStagingWrite *write, ArborTxn txn, GError **error)
{
  arbor_staging_write_clear (write);
  write->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  write->dead = g_array_new (FALSE, FALSE, sizeof (guint64));
  write->listed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  write->mended = g_hash_table_new (g_int64_hash, g_int64_equal);
  write->switches = g_array_new (FALSE, TRUE, sizeof (ArborStagingSwitch));
  g_array_set_clear_func (write->switches, arbor_staging_clear_switch);
  write->counters_changed = FALSE;
  write->n_changed = 0;
  write->sweep = FALSE;
  write->next_piece = write->staging->next_piece;
  if (!arbor_catalog_read_counters (txn, &write->counters, error))
    return FALSE;
  write->first_generation = write->counters.next_generation;
  write->first_batch = write->counters.next_batch;
  return TRUE;
}

static gboolean
write_finish (ArborStagingWrite *write, ArborTxn txn, GError **error)
{
  return !write->counters_changed ||
         arbor_catalog_write_counters (txn, &write->counters, error);
}

gboolean
arbor_staging_write_bytes (ArborStagingWrite *write, ArborTxn txn, const guint8 *data,
                           gsize length, guint64 *id, GError **error)
{
  *id = write->counters.next_batch++;
  write->counters_changed = TRUE;
  return arbor_catalog_write_batch (txn, *id, data, length, error);
}

typedef gboolean (*PendingFunc) (StagedBatch *batch, gpointer data, GError **error);

/* Each batch and each patch that is still in memory, always in the same order. */
static gboolean
for_each_pending (ArborStaging *self, PendingFunc func, gpointer data, GError **error)
{
  for (guint a = 0; a < self->arbors->len; a++)
    {
      StagedArbor *arbor = g_ptr_array_index (self->arbors, a);
      GArray *const lists[] = { arbor->batches, arbor->patches };

      for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
        for (guint i = 0; i < lists[l]->len; i++)
          {
            StagedBatch *batch = &g_array_index (lists[l], StagedBatch, i);

            if (batch->bytes != NULL && !func (batch, data, error))
              return FALSE;
          }
    }
  return TRUE;
}

typedef struct
{
  ArborStagingWrite *write;
  ArborTxn txn;
  guint next;
} Pending;

static gboolean
write_one (StagedBatch *batch, gpointer data, GError **error)
{
  Pending *self = data;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (batch->bytes, &length);
  guint64 id;

  if (!arbor_staging_write_bytes (self->write, self->txn, bytes, length, &id, error) ||
      (batch->table != NULL && !arbor_catalog_write_key_table (self->txn, id, batch->table, error)))
    return FALSE;
  g_array_append_val (self->write->ids, id);
  return TRUE;
}

static gboolean
settle_one (StagedBatch *batch, gpointer data, GError **error)
{
  Pending *self = data;

  batch->entry.id = g_array_index (self->write->ids, guint64, self->next++);
  g_clear_pointer (&batch->bytes, g_bytes_unref);
  g_clear_pointer (&batch->table, g_bytes_unref);
  return TRUE;
}

/* Writes what is still in memory; the ids go to write->ids, in order. */
static gboolean
write_pending (ArborStagingWrite *write, ArborTxn txn, GError **error)
{
  Pending pending = { .write = write, .txn = txn };

  return for_each_pending (write->staging, write_one, &pending, error);
}

/* After the transaction was committed: what it wrote is in memory no more. */
static void
settle_pending (ArborStaging *self, ArborStagingWrite *write)
{
  Pending pending = { .write = write };

  for_each_pending (self, settle_one, &pending, NULL);
  g_assert (pending.next == write->ids->len);
  self->pending_bytes = 0;
}

/* The lock is taken while the writer's byte is ours: no sweep sees the list without it. A second
 * run of this transaction uses the id of the first. */
static gboolean
ensure_staging_id (ArborStagingWrite *write, GError **error)
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
flush_job (ArborTxn txn, gpointer data, GError **error)
{
  ArborStagingWrite *write = data;

  return write_start (write, txn, error) && ensure_staging_id (write, error) &&
         write_pending (write, txn, error) &&
         arbor_catalog_write_staging (
             txn, write->staging->id != 0 ? write->staging->id : write->new_staging,
             &write->next_piece, ARBOR_STAGING_LIVE, (const guint64 *) write->ids->data,
             write->ids->len, error) &&
         write_finish (write, txn, error);
}

static gboolean
run (ArborStaging *self, ArborWriteFunc func, ArborStagingWrite *write, GCancellable *cancellable,
     GError **error)
{
  return arbor_writer_run (arbor_session_get_environment (self->session), func, write,
                           arbor_session_get_write_options (self->session), cancellable, error);
}

gboolean
arbor_staging_flush (ArborStaging *self, GCancellable *cancellable, GError **error)
{
  ArborStagingWrite write = { .staging = self };
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
  arbor_staging_write_clear (&write);
  return is_good;
}

/* Expectations */

static void
describe_conflict (GString *text, const StagedExpectation *expected, guint64 found)
{
  if (text->len > 0)
    g_string_append (text, ", ");
  if (expected->generation == 0)
    g_string_append_printf (text, _("'%s' (expected none, found generation %" PRIu64 ")"),
                            expected->name, found);
  else if (found == 0)
    g_string_append_printf (text, _("'%s' (expected generation %" PRIu64 ", found none)"),
                            expected->name, expected->generation);
  else
    g_string_append_printf (
        text, _("'%s' (expected generation %" PRIu64 ", found generation %" PRIu64 ")"),
        expected->name, expected->generation, found);
}

static gboolean
check_expectations (ArborStagingWrite *write, ArborTxn txn, GError **error)
{
  const GArray *expectations = write->staging->expectations;
  g_autoptr (GString) conflicts = g_string_new (NULL);

  for (guint i = 0; i < expectations->len; i++)
    {
      const StagedExpectation *expected = &g_array_index (expectations, StagedExpectation, i);
      guint64 found;

      if (!arbor_catalog_read_generation (txn, expected->name, &found, error))
        return FALSE;
      if (found != expected->generation)
        describe_conflict (conflicts, expected, found);
    }
  if (conflicts->len == 0)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CONFLICT,
               _("Nothing was changed, because stored arbors were changed in the meantime: %s"),
               conflicts->str);
  return FALSE;
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

/* Patches in memory that no mend of their content names. */
static void
drop_unnamed (ArborStaging *self)
{
  for (guint a = 0; a < self->arbors->len; a++)
    {
      const StagedArbor *arbor = g_ptr_array_index (self->arbors, a);
      g_autoptr (GHashTable) named = g_hash_table_new (g_int64_hash, g_int64_equal);

      if (arbor->patches->len == 0)
        continue;
      for (guint i = 0; i < arbor->batches->len; i++)
        {
          const ArborMend *mend = g_array_index (arbor->batches, StagedBatch, i).entry.mend;

          for (guint32 j = 0; mend != NULL && j < mend->n_patches; j++)
            g_hash_table_add (named, &mend->patches[j]);
        }
      for (guint i = arbor->patches->len; i-- > 0;)
        {
          const StagedBatch *patch = &g_array_index (arbor->patches, StagedBatch, i);

          if (patch->bytes != NULL && !g_hash_table_contains (named, &patch->provisional))
            g_array_remove_index (arbor->patches, i);
        }
    }
}

/* What was staged in earlier transactions and is listed by no name now. */
static void
note_unused (ArborStagingWrite *write)
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
bury (ArborStagingWrite *write, ArborTxn txn, GError **error)
{
  const guint64 *dead = (const guint64 *) write->dead->data;
  guint32 piece = 0;

  if (write->dead->len > DELETE_AT_ONCE)
    {
      write->sweep = TRUE;
      write->counters_changed = TRUE;
      return arbor_catalog_write_staging (txn, write->counters.next_staging++, &piece,
                                          ARBOR_STAGING_DEAD, dead, write->dead->len, error);
    }
  for (guint i = 0; i < write->dead->len; i++)
    if (!arbor_catalog_delete_batch (txn, dead[i], error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_staging_write_commit (ArborTxn txn, gpointer data, GError **error)
{
  ArborStagingWrite *write = data;
  ArborStaging *self = write->staging;
  guint64 catalog_bytes = txn.env->catalog_bytes;

  if (!write_start (write, txn, error) || !check_expectations (write, txn, error) ||
      !write_pending (write, txn, error) || !arbor_staging_switch_all (write, txn, error))
    return FALSE;
  write->catalog_bytes = txn.env->catalog_bytes - catalog_bytes;
  note_unused (write);
  arbor_session_note_own (self->session, self, write->first_generation,
                          write->counters.next_generation);
  if (self->id != 0 && !arbor_catalog_delete_staging (txn, self->id, error))
    return FALSE;
  return bury (write, txn, error) && write_finish (write, txn, error);
}

void
arbor_staging_write_begin (ArborStagingWrite *write, ArborStaging *self)
{
  *write = (ArborStagingWrite){ .staging = self };
  g_assert (!self->is_done);
  drop_superseded (self);
  drop_unnamed (self);
  for (guint i = 0; i < self->arbors->len; i++)
    arbor_staging_compare_hashes (g_ptr_array_index (self->arbors, i));
}

void
arbor_staging_write_end (ArborStagingWrite *write, gboolean is_committed)
{
  ArborStaging *self = write->staging;

  self->is_done = is_committed;
  if (is_committed)
    {
      arbor_staging_note_records (self, write);
      settle_pending (self, write);
      self->n_changed = write->n_changed;
      arbor_session_note_written (self->session, self->n_written, self->n_skipped,
                                  self->bytes_written, write->catalog_bytes);
      if (self->id != 0)
        arbor_session_remove_staging (self->session, self->id);
      self->id = 0;
      g_clear_pointer (&self->snapshot, arbor_snapshot_unref);
      if (write->sweep)
        arbor_writer_request_sweep (arbor_session_get_environment (self->session));
    }
  else
    arbor_session_forget_own (self->session, self);
  arbor_staging_write_clear (write);
}

gboolean
arbor_staging_commit_listing (ArborStaging *self, char ***changed, GCancellable *cancellable,
                              GError **error)
{
  ArborStagingWrite write;
  gboolean is_good;

  arbor_staging_write_begin (&write, self);
  is_good = run (self, arbor_staging_write_commit, &write, cancellable, error);
  arbor_staging_write_end (&write, is_good);
  if (is_good)
    arbor_session_move_on (self->session, changed);
  return is_good;
}

gboolean
arbor_staging_commit (ArborStaging *self, GCancellable *cancellable, GError **error)
{
  return arbor_staging_commit_listing (self, NULL, cancellable, error);
}
