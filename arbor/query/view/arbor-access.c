/* Being inside: gates, snapshots, freshness. See arbor-source.h.
 *
 * An access to a stored source stands for itself. One to a derived source holds an access to each
 * of its leaves; all gates are entered before the first snapshot is asked for, so that a closed
 * store is told before a stale name.
 */

#include "query/view/arbor-source-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-profile.h"
#include "base/arbor-stop.h"

struct _ArborPin
{
  gatomicrefcount ref_count;
  guint n;
  ArborSnapshot *snapshots[]; /* one a leaf, in the order of the source's leaves */
};

ArborPin *
arbor_pin_ref (ArborPin *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_pin_unref (ArborPin *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n; i++)
    arbor_snapshot_unref (self->snapshots[i]);
  g_free (self);
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
  /* A draft of nothing that is stored. */
  if (record->generation == 0)
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
arbor_access_begin_gate (ArborAccess *self, ArborSource *source, GError **error)
{
  *self = (ArborAccess){ .stripe = -1 };
  if (source->session != NULL)
    {
      if (!arbor_access_begin_session (self, source->session, error))
        return FALSE;
      self->source = source;
      return TRUE;
    }

  self->source = source;
  if (source->gate != NULL && !arbor_gate_check (source->gate, error))
    return FALSE;
  if (source->n_leaves > 0)
    self->leaves = g_new (ArborAccess, source->n_leaves);
  for (guint i = 0; i < source->n_leaves; i++)
    {
      if (!arbor_access_begin_gate (&self->leaves[i], source->leaves[i], error))
        {
          arbor_access_leave (self, error);
          return FALSE;
        }
      self->n_leaves++;
    }
  return TRUE;
}

/* The snapshot of an access to a stored source. */
static gboolean
take_snapshot (ArborAccess *self, ArborSnapshot *pinned, GError **error)
{
  if (pinned == NULL)
    pinned = self->source->pinned;
  if (pinned != NULL)
    {
      self->snapshot = arbor_snapshot_ref (pinned);
      return TRUE;
    }
  self->snapshot = arbor_session_dup_snapshot (self->session, error);
  return self->snapshot != NULL && check_fresh (self->source, self->snapshot, error);
}

static void
hold_mended (ArborAccess *self)
{
  gboolean has_mends = arbor_source_has_mends (self->source);

  for (guint i = 0; i < self->n_leaves; i++)
    {
      hold_mended (&self->leaves[i]);
      has_mends |= self->leaves[i].held != NULL;
    }
  if (has_mends)
    self->held = arbor_held_new ();
}

gboolean
arbor_access_begin (ArborAccess *self, ArborSource *source, ArborPin *pin, GError **error)
{
  gboolean is_good = TRUE;
  gint64 began = arbor_profile_begin ();

  if (!arbor_access_begin_gate (self, source, error))
    return FALSE;
  self->began = began;
  if (self->session != NULL)
    is_good = take_snapshot (self, pin != NULL ? pin->snapshots[0] : NULL, error);
  for (guint i = 0; is_good && i < self->n_leaves; i++)
    is_good = take_snapshot (&self->leaves[i], pin != NULL ? pin->snapshots[i] : NULL, error);
  if (is_good)
    hold_mended (self);
  else
    arbor_access_leave (self, error);
  return is_good;
}

void
arbor_access_borrow (ArborAccess *self, const ArborAccess *of, ArborSource *source)
{
  *self = (ArborAccess){ .source = source,
                         .stripe = -1,
                         .leaves = of->leaves,
                         .n_leaves = of->n_leaves,
                         .held = of->held,
                         .is_borrowed = TRUE };
  if (source->session == NULL)
    return;
  if (of->source == source)
    {
      self->session = of->session;
      self->snapshot = of->snapshot;
      return;
    }
  for (guint i = 0; i < of->n_leaves; i++)
    if (of->leaves[i].source == source)
      {
        self->session = of->leaves[i].session;
        self->snapshot = of->leaves[i].snapshot;
        self->held = of->leaves[i].held;
        return;
      }
  g_assert_not_reached ();
}

static void
set_closed_if_cancelled (ArborGate *gate, GError **error)
{
  if (error == NULL || !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      !arbor_gate_is_closed (gate))
    return;
  g_clear_error (error);
  arbor_gate_set_closed_error (error);
}

gboolean
arbor_access_check_damage (const ArborAccess *self, GError **error)
{
  if (self->snapshot != NULL && self->source != NULL && self->source->record != NULL &&
      !arbor_snapshot_check_damage (self->snapshot, self->source->record, error))
    return FALSE;
  for (guint i = 0; i < self->n_leaves; i++)
    if (!arbor_access_check_damage (&self->leaves[i], error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_pin_check_damage (const ArborPin *self, ArborSource *source, GError **error)
{
  if (source->session != NULL)
    return arbor_snapshot_check_damage (self->snapshots[0], source->record, error);
  for (guint i = 0; i < self->n; i++)
    if (!arbor_snapshot_check_damage (self->snapshots[i], source->leaves[i]->record, error))
      return FALSE;
  return TRUE;
}

void
arbor_access_leave (ArborAccess *self, GError **error)
{
  if (self->is_borrowed)
    return;
  g_clear_pointer (&self->held, arbor_held_free);
  if (self->session != NULL)
    {
      ArborGate *gate = arbor_session_get_gate (self->session);

      set_closed_if_cancelled (gate, error);
      g_clear_pointer (&self->snapshot, arbor_snapshot_unref);
      self->session = NULL;
      arbor_gate_leave (gate, self->stripe);
    }
  if (self->source != NULL && self->source->gate != NULL)
    set_closed_if_cancelled (self->source->gate, error);
  while (self->n_leaves > 0)
    arbor_access_leave (&self->leaves[--self->n_leaves], error);
  g_clear_pointer (&self->leaves, g_free);
}

/* Any other error may come of what read as MISSING. */
static gboolean
is_of_the_way (const GError *error)
{
  return g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED) ||
         g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

gboolean
arbor_access_end (ArborAccess *self, GError **error)
{
  g_autoptr (GError) damage = NULL;

  if (!self->is_borrowed && (error == NULL || *error == NULL || !is_of_the_way (*error)) &&
      !arbor_access_check_damage (self, &damage) && error != NULL)
    {
      g_clear_error (error);
      *error = g_error_copy (damage);
    }
  arbor_profile_end (self->began, "read", self->source != NULL ? self->source->name : NULL);
  arbor_access_leave (self, error);
  return damage == NULL && (error == NULL || *error == NULL);
}

gboolean
arbor_access_fail (ArborAccess *self, GError **error)
{
  gboolean is_good = arbor_access_end (self, error);

  return is_good && FALSE;
}

ArborPin *
arbor_access_dup_pin (const ArborAccess *self)
{
  guint n = self->session != NULL ? 1 : self->n_leaves;
  ArborPin *pin;

  if (n == 0)
    return NULL;
  pin = g_malloc (sizeof *pin + n * sizeof (ArborSnapshot *));
  g_atomic_ref_count_init (&pin->ref_count);
  pin->n = n;
  for (guint i = 0; i < n; i++)
    pin->snapshots[i] =
        arbor_snapshot_ref (self->session != NULL ? self->snapshot : self->leaves[i].snapshot);
  return pin;
}

/* A mended entry of a draft, some of whose batches lie in memory. */
static const ArborBatch *
gather_of_draft (ArborAccess *self, guint32 batch, GBytes **bytes, GError **error)
{
  const ArborBatchEntry *entry = &self->source->record->batches[batch];
  g_autofree const ArborBatch **batches = g_new (const ArborBatch *, entry->mend->n_patches + 1);

  batches[0] = arbor_access_get_base (self, batch, error);
  if (batches[0] == NULL)
    return NULL;
  for (guint32 i = 0; i < entry->mend->n_patches; i++)
    {
      batches[i + 1] = arbor_access_get_patch (self, entry->mend->patches[i], error);
      if (batches[i + 1] == NULL)
        return NULL;
    }
  return arbor_snapshot_gather (self->snapshot, entry->id, entry->mend, batches, bytes, error);
}

/* Whether it is such an entry. */
static gboolean
is_mended_draft (ArborAccess *self, guint32 batch)
{
  return self->source->pieces != NULL && arbor_source_get_mend (self->source, batch) != NULL;
}

const ArborBatch *
arbor_access_get_batch (ArborAccess *self, guint32 batch, GError **error)
{
  ArborPiece *piece = arbor_source_get_piece (self->source, batch);
  const ArborBatchPlace *place;
  ArborAccess origin;

  if (is_mended_draft (self, batch))
    return gather_of_draft (self, batch, NULL, error);
  if (piece != NULL)
    return piece->batch;
  if (self->snapshot != NULL)
    return self->wanted != NULL && arbor_record_is_mended (self->source->record, batch)
               ? arbor_access_splice (self, batch, error)
               : arbor_snapshot_get_batch (self->snapshot, self->source->record, batch, error);
  place = &__atomic_load_n (&self->source->list, __ATOMIC_ACQUIRE)->places[batch];
  if (place->batch != NULL)
    return place->batch;
  arbor_access_borrow (&origin, self, place->origin);
  origin.wanted = self->wanted;
  return arbor_access_get_batch (&origin, place->index, error);
}

const ArborBatch *
arbor_access_get_base (ArborAccess *self, guint32 batch, GError **error)
{
  ArborPiece *piece = arbor_source_get_piece (self->source, batch);

  return piece != NULL
             ? piece->batch
             : arbor_snapshot_get_base (self->snapshot, self->source->record, batch, error);
}

const ArborBatch *
arbor_access_get_patch (ArborAccess *self, guint64 id, GError **error)
{
  ArborPiece *piece = arbor_source_get_patch_piece (self->source, id);

  return piece != NULL ? piece->batch
                       : arbor_snapshot_get_patch (self->snapshot, self->source->record, id, error);
}

GBytes *
arbor_access_get_bytes (ArborAccess *self, guint32 batch, GError **error)
{
  ArborPiece *piece = arbor_source_get_piece (self->source, batch);
  const ArborBatchPlace *place;
  const guint8 *data;
  ArborAccess origin;
  GBytes *bytes;
  gsize size;

  if (is_mended_draft (self, batch))
    return gather_of_draft (self, batch, &bytes, error) != NULL ? g_bytes_ref (bytes) : NULL;
  if (piece != NULL)
    return g_bytes_ref (piece->bytes);
  if (self->snapshot == NULL)
    {
      place = &__atomic_load_n (&self->source->list, __ATOMIC_ACQUIRE)->places[batch];
      if (place->bytes != NULL)
        return g_bytes_ref (place->bytes);
      arbor_access_borrow (&origin, self, place->origin);
      return arbor_access_get_bytes (&origin, place->index, error);
    }
  if (!arbor_snapshot_get_bytes (self->snapshot, self->source->record, batch, &data, &size, error))
    return NULL;
  return g_bytes_new_static (data, size);
}

gboolean
arbor_access_verify_base (ArborAccess *self, guint32 batch, GError **error)
{
  return self->snapshot == NULL || arbor_source_get_piece (self->source, batch) != NULL ||
         arbor_snapshot_verify_base (self->snapshot, self->source->record, batch, error);
}

gboolean
arbor_access_verify_patch (ArborAccess *self, guint64 id, GError **error)
{
  return arbor_source_get_patch_piece (self->source, id) != NULL ||
         arbor_snapshot_verify_patch (self->snapshot, self->source->record, id, error);
}

/* Of a stored source, or a draft. */
static gboolean
verify_entry (ArborAccess *self, guint32 batch, GError **error)
{
  const ArborMend *mend = arbor_source_get_mend (self->source, batch);

  if (!arbor_access_verify_base (self, batch, error))
    return FALSE;
  for (guint32 i = 0; mend != NULL && i < mend->n_patches; i++)
    if (!arbor_access_verify_patch (self, mend->patches[i], error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_access_verify_batch (ArborAccess *self, guint32 batch, GError **error)
{
  const ArborBatchPlace *place;
  ArborAccess origin;

  if (self->snapshot != NULL)
    return verify_entry (self, batch, error);
  place = &__atomic_load_n (&self->source->list, __ATOMIC_ACQUIRE)->places[batch];
  if (place->batch != NULL)
    return TRUE;
  arbor_access_borrow (&origin, self, place->origin);
  return arbor_access_verify_batch (&origin, place->index, error);
}

gboolean
arbor_access_verify (ArborAccess *self, GCancellable *cancellable, GError **error)
{
  guint32 n_batches = self->snapshot != NULL ? self->source->record->n_batches : 0;

  for (guint32 i = 0; i < n_batches; i++)
    if (!arbor_access_check (self, cancellable, error) ||
        !arbor_access_verify_batch (self, i, error))
      return FALSE;
  for (guint i = 0; i < self->n_leaves; i++)
    if (!arbor_access_verify (&self->leaves[i], cancellable, error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_access_check (ArborAccess *self, GCancellable *cancellable, GError **error)
{
  if (self->session != NULL && !arbor_gate_check (arbor_session_get_gate (self->session), error))
    return FALSE;
  if (self->source != NULL && self->source->gate != NULL &&
      !arbor_gate_check (self->source->gate, error))
    return FALSE;
  for (guint i = 0; i < self->n_leaves; i++)
    if (!arbor_gate_check (arbor_session_get_gate (self->leaves[i].session), error))
      return FALSE;
  return arbor_stop_check (cancellable, error) && arbor_access_check_damage (self, error);
}
