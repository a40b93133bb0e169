/* See arbor-source.h. */

#include "query/arbor-source.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"

struct _ArborSource
{
  gatomicrefcount ref_count;
  guint64 n_trees;
  guint64 n_bytes;
  guint32 n_batches;

  /* In memory. */
  GPtrArray *bytes; /* of GBytes */
  ArborBatch **batches;
  guint64 *first_tree; /* n_batches + 1 entries */

  /* Stored. */
  ArborSession *session;
  ArborRecord *record;
  ArborSnapshot *pinned;
  guint64 epoch; /* atomic: of the last snapshot that had the record's generation */
};

static ArborSource *
source_new (void)
{
  ArborSource *self = g_new0 (ArborSource, 1);

  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

ArborSource *
arbor_source_new_memory (GPtrArray *batches, GError **error)
{
  g_autoptr (ArborSource) self = source_new ();

  self->bytes = batches;
  self->n_batches = batches->len;
  self->batches = g_new0 (ArborBatch *, batches->len);
  self->first_tree = g_new0 (guint64, (gsize) batches->len + 1);
  for (guint i = 0; i < batches->len; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (g_ptr_array_index (batches, i), &size);

      self->batches[i] = arbor_batch_open (data, size, error);
      if (self->batches[i] == NULL)
        return NULL;
      self->n_trees += arbor_batch_get_n_trees (self->batches[i]);
      self->n_bytes += size;
      self->first_tree[i + 1] = self->n_trees;
    }
  if (self->n_trees > ARBOR_MAX_TREES)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("An arbor holds at most %" PRIu64 " trees, not %" PRIu64),
                   ARBOR_MAX_TREES, self->n_trees);
      return NULL;
    }
  return g_steal_pointer (&self);
}

ArborSource *
arbor_source_new_stored (ArborSession *session, ArborRecord *record, ArborSnapshot *current,
                         ArborSnapshot *pinned)
{
  ArborSource *self = source_new ();

  self->session = arbor_session_ref (session);
  self->record = arbor_record_ref (record);
  self->n_trees = record->n_trees;
  self->n_bytes = record->n_bytes;
  self->n_batches = record->n_batches;
  self->epoch = arbor_snapshot_get_epoch (current);
  if (pinned != NULL)
    self->pinned = arbor_snapshot_ref (pinned);
  return self;
}

ArborSource *
arbor_source_ref (ArborSource *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_source_unref (ArborSource *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint32 i = 0; self->batches != NULL && i < self->n_batches; i++)
    g_clear_pointer (&self->batches[i], arbor_batch_free);
  g_clear_pointer (&self->bytes, g_ptr_array_unref);
  g_clear_pointer (&self->pinned, arbor_snapshot_unref);
  g_clear_pointer (&self->record, arbor_record_unref);
  g_clear_pointer (&self->session, arbor_session_unref);
  g_free (self->batches);
  g_free (self->first_tree);
  g_free (self);
}

guint64
arbor_source_get_n_trees (ArborSource *self)
{
  return self->n_trees;
}

guint64
arbor_source_get_n_bytes (ArborSource *self)
{
  return self->n_bytes;
}

guint32
arbor_source_get_n_batches (ArborSource *self)
{
  return self->n_batches;
}

guint64
arbor_source_get_first_tree (ArborSource *self, guint32 batch)
{
  return self->record != NULL ? self->record->first_tree[batch] : self->first_tree[batch];
}

ArborSession *
arbor_source_get_session (ArborSource *self)
{
  return self->session;
}

const char *
arbor_source_get_name (ArborSource *self)
{
  return self->record != NULL ? self->record->name : NULL;
}

guint64
arbor_source_get_generation (ArborSource *self)
{
  return self->record != NULL ? self->record->generation : 0;
}

guint32
arbor_source_find_batch (ArborSource *self, guint64 tree)
{
  guint32 low = 0;
  guint32 high = self->n_batches - 1;

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (arbor_source_get_first_tree (self, middle + 1) <= tree)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* One atomic compare while the epoch has not moved; otherwise the catalogue is asked. */
static gboolean
check_fresh (ArborSource *self, ArborSnapshot *snapshot, GError **error)
{
  const ArborRecord *record = self->record;
  guint64 epoch = arbor_snapshot_get_epoch (snapshot);
  guint64 current;

  if (__atomic_load_n (&self->epoch, __ATOMIC_ACQUIRE) == epoch)
    return TRUE;
  if (!arbor_snapshot_get_generation (snapshot, record->name, &current, error))
    return FALSE;
  if (current == record->generation)
    {
      __atomic_store_n (&self->epoch, epoch, __ATOMIC_RELEASE);
      return TRUE;
    }

  if (current == 0)
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE,
                 _("Stored arbor '%s' was deleted (expected generation %" PRIu64 ")"),
                 record->name, record->generation);
  else
    g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_STALE,
                 _("Stored arbor '%s' was updated (expected generation %" PRIu64
                   ", current %" PRIu64 ")"),
                 record->name, record->generation, current);
  return FALSE;
}

gboolean
arbor_access_begin_session (ArborAccess *self, ArborSession *session, GError **error)
{
  *self = (ArborAccess){ .stripe = -1 };
  if (!arbor_session_check_process (session, error))
    return FALSE;
  self->stripe = arbor_gate_enter (arbor_session_get_gate (session));
  if (self->stripe < 0)
    {
      arbor_gate_set_closed_error (error);
      return FALSE;
    }
  self->session = session;
  return TRUE;
}

gboolean
arbor_access_begin (ArborAccess *self, ArborSource *source, ArborSnapshot *pinned, GError **error)
{
  *self = (ArborAccess){ .stripe = -1 };
  if (source->session != NULL && !arbor_access_begin_session (self, source->session, error))
    return FALSE;
  self->source = source;
  if (source->session == NULL)
    return TRUE;

  if (pinned == NULL)
    pinned = source->pinned;
  if (pinned != NULL)
    {
      self->snapshot = arbor_snapshot_ref (pinned);
      return TRUE;
    }
  self->snapshot = arbor_session_dup_snapshot (source->session, error);
  if (self->snapshot != NULL && check_fresh (source, self->snapshot, error))
    return TRUE;
  arbor_access_end (self, error);
  return FALSE;
}

void
arbor_access_end (ArborAccess *self, GError **error)
{
  ArborGate *gate;

  if (self->session == NULL)
    return;
  gate = arbor_session_get_gate (self->session);
  if (error != NULL && g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
      arbor_gate_is_closed (gate))
    {
      g_clear_error (error);
      arbor_gate_set_closed_error (error);
    }
  g_clear_pointer (&self->snapshot, arbor_snapshot_unref);
  self->session = NULL;
  arbor_gate_leave (gate, self->stripe);
}

const ArborBatch *
arbor_access_get_batch (ArborAccess *self, guint32 batch, GError **error)
{
  if (self->snapshot != NULL)
    return arbor_snapshot_get_batch (self->snapshot, self->source->record, batch, error);
  return self->source->batches[batch];
}

GBytes *
arbor_access_get_bytes (ArborAccess *self, guint32 batch, GError **error)
{
  const guint8 *data;
  gsize size;

  if (self->snapshot == NULL)
    return g_bytes_ref (g_ptr_array_index (self->source->bytes, batch));
  if (!arbor_snapshot_get_bytes (self->snapshot, self->source->record, batch, &data, &size, error))
    return NULL;
  return g_bytes_new_static (data, size);
}

gboolean
arbor_access_check (ArborAccess *self, GCancellable *cancellable, GError **error)
{
  if (self->session != NULL && !arbor_gate_check (arbor_session_get_gate (self->session), error))
    return FALSE;
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
