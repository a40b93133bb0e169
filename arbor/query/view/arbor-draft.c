/* Drafts: sources that a transaction has staged. A draft is a stored source whose record no catalogue
 * has: it lists batches of one name at one generation by their ids, and others, of id 0, that lie in
 * memory as pieces. A draft that was made of what is stored is stale when that is, even if no batch
 * of it was left; one that was made of nothing stored, whose record has generation 0, never is.
 */

#include "query/view/arbor-source-private.h"

ArborPiece *
arbor_piece_new (GBytes *batch, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (batch, &size);
  ArborBatch *reader = arbor_batch_open (data, size, error);
  ArborPiece *self;

  if (reader == NULL)
    return NULL;
  self = g_atomic_rc_box_new0 (ArborPiece);
  self->bytes = g_bytes_ref (batch);
  self->batch = reader;
  return self;
}

ArborPiece *
arbor_piece_ref (ArborPiece *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_piece (gpointer data)
{
  ArborPiece *self = data;

  arbor_batch_free (self->batch);
  g_bytes_unref (self->bytes);
}

void
arbor_piece_unref (ArborPiece *self)
{
  g_atomic_rc_box_release_full (self, clear_piece);
}

GBytes *
arbor_piece_get_bytes (ArborPiece *self)
{
  return self->bytes;
}

ArborSource *
arbor_source_new_draft (ArborSession *session, const char *name, ArborRecord *record,
                        GPtrArray *pieces)
{
  ArborSource *self = arbor_source_alloc ();

  g_assert (pieces->len == record->n_batches);

  self->session = arbor_session_ref (session);
  self->name = g_strdup (name);
  self->record = arbor_record_ref (record);
  self->pieces = pieces;
  self->n_trees = record->n_trees;
  self->n_bytes = record->n_bytes;
  self->n_batches = record->n_batches;
  /* No epoch is this one: the first use asks. */
  self->epoch = G_MAXUINT64;
  return self;
}

ArborSource *
arbor_source_copy_pinned (ArborSource *self, ArborSnapshot *snapshot)
{
  ArborSource *copy;

  if (self->pieces == NULL)
    return arbor_source_new_stored (self->session, self->record, snapshot, snapshot);
  copy = arbor_source_new_draft (self->session, self->name, self->record,
                                 g_ptr_array_ref (self->pieces));
  copy->pinned = arbor_snapshot_ref (snapshot);
  return copy;
}

ArborPiece *
arbor_source_get_piece (ArborSource *self, guint32 batch)
{
  return self->pieces != NULL ? g_ptr_array_index (self->pieces, batch) : NULL;
}
