/* A staging's transactions: flushes of what lies in memory, and the commit. The commit writes what
 * is still in memory, lets the catalogue list the batches, forgets the staging and marks dead what
 * no name lists any more.
 *
 * A batch belongs to one name, that which lists it, or it would be marked dead with one name while
 * another still has it. A renamed arbor takes its batches along; new content of its former name
 * that has an equal batch gets a copy.
 */

#include "storage/arbor-staging-private.h"

#include <inttypes.h>
#include <string.h>
#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "storage/arbor-catalog.h"

#define DELETE_AT_ONCE 16u

/* What a name is switched from and to. */
typedef struct
{
  ArborRecord *current;
  ArborBatchEntry *entries;
} Switch;

static void
clear_switch (gpointer data)
{
  Switch *self = data;

  g_clear_pointer (&self->current, arbor_record_unref);
  g_free (self->entries);
}

/* What one transaction does, apart from the staging so that it can run again from the start. */
typedef struct
{
  ArborStaging *staging;
  ArborCounters counters;
  gboolean counters_changed;
  GArray *ids;           /* guint64: of the batches that this transaction wrote, in order */
  guint64 new_staging;   /* a staging id drawn by it */
  guint32 next_piece;
  GArray *switches;      /* Switch: a name each, in the order of the staging */
  GHashTable *listed;    /* guint64 * -> StagedArbor: every batch that the new content lists */
  GArray *dead;          /* guint64: batches that nobody lists any more */
  gboolean sweep;        /* dead ones are left for later */
  guint n_changed;       /* names */
  guint64 first_generation; /* the counter as it was found */
} Write;

static void
write_clear (Write *write)
{
  g_clear_pointer (&write->ids, g_array_unref);
  g_clear_pointer (&write->dead, g_array_unref);
  g_clear_pointer (&write->listed, g_hash_table_unref);
  g_clear_pointer (&write->switches, g_array_unref);
}

static gboolean
write_start (Write *write, ArborTxn txn, GError **error)
{
  write_clear (write);
  write->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  write->dead = g_array_new (FALSE, FALSE, sizeof (guint64));
  write->listed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  write->switches = g_array_new (FALSE, TRUE, sizeof (Switch));
  g_array_set_clear_func (write->switches, clear_switch);
  write->counters_changed = FALSE;
  write->n_changed = 0;
  write->sweep = FALSE;
  write->next_piece = write->staging->next_piece;
  if (!arbor_catalog_read_counters (txn, &write->counters, error))
    return FALSE;
  write->first_generation = write->counters.next_generation;
  return TRUE;
}

static gboolean
write_finish (Write *write, ArborTxn txn, GError **error)
{
  return !write->counters_changed ||
         arbor_catalog_write_counters (txn, &write->counters, error);
}

static gboolean
write_bytes (Write *write, ArborTxn txn, const guint8 *data, gsize length,
             guint64 *id, GError **error)
{
  *id = write->counters.next_batch++;
  write->counters_changed = TRUE;
  return arbor_catalog_write_batch (txn, *id, data, length, error);
}

/* Writes each batch that is still in memory; their ids go to write->ids, in order. */
static gboolean
write_pending (Write *write, ArborTxn txn, GError **error)
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
          if (!write_bytes (write, txn, data, length, &id, error))
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
flush_job (ArborTxn txn, gpointer data, GError **error)
{
  Write *write = data;

  return write_start (write, txn, error) && ensure_staging_id (write, error) &&
         write_pending (write, txn, error) &&
         arbor_catalog_write_staging (
             txn, write->staging->id != 0 ? write->staging->id : write->new_staging,
             &write->next_piece, ARBOR_STAGING_LIVE, (const guint64 *) write->ids->data,
             write->ids->len, error) &&
         write_finish (write, txn, error);
}

static gboolean
run (ArborStaging *self, ArborWriteFunc func, Write *write, GCancellable *cancellable,
     GError **error)
{
  return arbor_writer_run (arbor_session_get_environment (self->session), func, write,
                           arbor_session_get_write_options (self->session), cancellable, error);
}

gboolean
arbor_staging_flush (ArborStaging *self, GCancellable *cancellable, GError **error)
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
check_expectations (Write *write, ArborTxn txn, GError **error)
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

/* The switch */

static gboolean
lists_batch (const ArborRecord *record, guint64 id)
{
  for (guint32 i = 0; record != NULL && i < record->n_batches; i++)
    if (record->batches[i].id == id)
      return TRUE;
  return FALSE;
}

static void
note_listed (Write *write, guint64 id, const StagedArbor *arbor)
{
  g_hash_table_insert (write->listed, g_memdup2 (&id, sizeof id), (gpointer) arbor);
}

/* What the name lists now, and the batches that its new content takes over unseen. */
static gboolean
begin_switch (Write *write, ArborTxn txn, const StagedArbor *arbor,
              GError **error)
{
  Switch fresh = { 0 };

  if (!arbor_catalog_read_record (txn, arbor->name, &fresh.current, error))
    return FALSE;
  fresh.entries = g_new (ArborBatchEntry, arbor->batches->len);
  g_array_append_val (write->switches, fresh);
  for (guint i = 0; i < arbor->batches->len; i++)
    {
      const StagedBatch *batch = &g_array_index (arbor->batches, StagedBatch, i);

      if (batch->is_based)
        note_listed (write, batch->entry.id, arbor);
    }
  return TRUE;
}

/* A compared batch whose name lists it no more, or which another name takes along. */
static gboolean
is_lost (const Write *write, const StagedArbor *arbor, const ArborRecord *current, guint64 id)
{
  const StagedArbor *owner = g_hash_table_lookup (write->listed, &id);
  gboolean is_same = current != NULL && arbor->old != NULL &&
                     current->generation == arbor->old->generation;

  return (owner != NULL && owner != arbor) || (!is_same && !lists_batch (current, id));
}

/* The ids of the new content of @arbor. Pending batches take theirs from write->ids, which
 * @next_pending walks; a compared one that is lost is written again from the snapshot. */
static gboolean
collect_entries (Write *write, ArborTxn txn, const StagedArbor *arbor,
                 Switch *self, guint *next_pending, GError **error)
{
  for (guint i = 0; i < arbor->batches->len; i++)
    {
      const StagedBatch *batch = &g_array_index (arbor->batches, StagedBatch, i);
      ArborBatchEntry *entry = &self->entries[i];

      *entry = batch->entry;
      if (batch->bytes != NULL)
        entry->id = g_array_index (write->ids, guint64, (*next_pending)++);
      else if (batch->is_kept && is_lost (write, arbor, self->current, entry->id))
        {
          gsize length;
          const guint8 *data = arbor_snapshot_find_bytes (write->staging->snapshot, entry->id,
                                                          &length, error);

          if (data == NULL || !write_bytes (write, txn, data, length, &entry->id, error))
            return FALSE;
        }
      note_listed (write, entry->id, arbor);
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

/* Batches of @current that the new content does not list. */
static void
note_dead (Write *write, const ArborRecord *current)
{
  for (guint32 i = 0; current != NULL && i < current->n_batches; i++)
    if (!g_hash_table_contains (write->listed, &current->batches[i].id))
      g_array_append_val (write->dead, current->batches[i].id);
}

static gboolean
switch_arbor (Write *write, ArborTxn txn, const StagedArbor *arbor,
              const Switch *self, GError **error)
{
  g_autoptr (ArborRecord) fresh = NULL;

  if (arbor->is_delete ? self->current == NULL
                       : is_unchanged (self->current, self->entries, arbor->batches->len))
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
  fresh = arbor_record_new (arbor->name);
  arbor_record_set_batches (fresh, self->entries, arbor->batches->len);
  fresh->generation = write->counters.next_generation++;
  fresh->modified = g_get_real_time ();
  return arbor_catalog_write_record (txn, fresh, error);
}

/* All names: first what the new contents list, since only then is known what is dead. */
static gboolean
switch_all (Write *write, ArborTxn txn, GError **error)
{
  const GPtrArray *arbors = write->staging->arbors;
  guint next_pending = 0;

  for (guint i = 0; i < arbors->len; i++)
    if (!begin_switch (write, txn, g_ptr_array_index (arbors, i), error))
      return FALSE;
  for (guint i = 0; i < arbors->len; i++)
    if (!collect_entries (write, txn, g_ptr_array_index (arbors, i),
                          &g_array_index (write->switches, Switch, i), &next_pending, error))
      return FALSE;
  for (guint i = 0; i < arbors->len; i++)
    if (!switch_arbor (write, txn, g_ptr_array_index (arbors, i),
                       &g_array_index (write->switches, Switch, i), error))
      return FALSE;
  return TRUE;
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
bury (Write *write, ArborTxn txn, GError **error)
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

static gboolean
commit_job (ArborTxn txn, gpointer data, GError **error)
{
  Write *write = data;
  ArborStaging *self = write->staging;

  if (!write_start (write, txn, error) || !check_expectations (write, txn, error) ||
      !write_pending (write, txn, error) || !switch_all (write, txn, error))
    return FALSE;
  note_unused (write);
  arbor_session_note_own (self->session, self, write->first_generation,
                          write->counters.next_generation);
  if (self->id != 0 && !arbor_catalog_delete_staging (txn, self->id, error))
    return FALSE;
  return bury (write, txn, error) && write_finish (write, txn, error);
}

gboolean
arbor_staging_commit_listing (ArborStaging *self, char ***changed, GCancellable *cancellable,
                              GError **error)
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
      arbor_session_note_written (self->session, self->n_written, self->n_skipped,
                                  self->bytes_written);
      if (self->id != 0)
        arbor_session_remove_staging (self->session, self->id);
      self->id = 0;
      g_clear_pointer (&self->snapshot, arbor_snapshot_unref);
      arbor_session_move_on (self->session, changed);
      if (write.sweep)
        arbor_writer_request_sweep (arbor_session_get_environment (self->session));
    }
  else
    arbor_session_forget_own (self->session, self);
  write_clear (&write);
  return is_good;
}

gboolean
arbor_staging_commit (ArborStaging *self, GCancellable *cancellable, GError **error)
{
  return arbor_staging_commit_listing (self, NULL, cancellable, error);
}
