/* Drafts: sources that a transaction has staged. A draft is a stored source whose record no catalogue
 * has: it lists batches of one name at one generation by their ids, and others, of provisional ids, that lie in
 * memory as pieces; patches likewise. A draft that was made of what is stored is stale when that is, even if no batch
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
  self->id = arbor_mend_draw_id ();
  self->bytes = g_bytes_ref (batch);
  self->batch = reader;
  return self;
}

guint64
arbor_piece_get_id (ArborPiece *self)
{
  return self->id;
}

void
arbor_piece_set_id (ArborPiece *self, guint64 id)
{
  self->id = id;
}

GHashTable *
arbor_piece_new_set (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                (GDestroyNotify) arbor_piece_unref);
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
                        GPtrArray *pieces, GHashTable *patches)
{
  ArborSource *self = arbor_source_alloc ();

  g_assert (pieces->len == record->n_batches);

  self->session = arbor_session_ref (session);
  self->name = g_strdup (name);
  self->record = arbor_record_ref (record);
  self->has_mends = arbor_record_has_mends (record);
  self->pieces = pieces;
  self->patches = patches;
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
  return arbor_source_copy_pinned_in (self, self->session, snapshot);
}

ArborSource *
arbor_source_copy_pinned_in (ArborSource *self, ArborSession *session, ArborSnapshot *snapshot)
{
  ArborSource *copy;

  if (self->pieces == NULL)
    return arbor_source_new_stored (session, self->record, snapshot, snapshot);
  copy = arbor_source_new_draft (session, self->name, self->record,
                                 g_ptr_array_ref (self->pieces), g_hash_table_ref (self->patches));
  copy->pinned = arbor_snapshot_ref (snapshot);
  return copy;
}

ArborPiece *
arbor_source_get_patch_piece (ArborSource *self, guint64 id)
{
  return self->patches != NULL ? g_hash_table_lookup (self->patches, &id) : NULL;
}

ArborPiece *
arbor_source_get_piece (ArborSource *self, guint32 batch)
{
  return self->pieces != NULL ? g_ptr_array_index (self->pieces, batch) : NULL;
}
