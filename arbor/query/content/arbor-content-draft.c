/* See arbor-content-draft.h. */

#include "query/content/arbor-content-draft.h"

#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "query/view/arbor-trees.h"

struct _ArborDraft
{
  ArborSession *session; /* not a reference */
  char *name;
  ArborSource *old; /* what pieces are kept of, or NULL */
  GArray *entries;  /* ArborBatchEntry */
  GPtrArray *pieces;
  GHashTable *patches; /* ArborPiece by id */
  GArray *new_patches; /* ArborBatchEntry, of these */
  ArborKeys *keys;    /* not a reference: what is declared, and whether by the draft */
  gboolean sets_keys;
  gboolean must_copy; /* batches that come in lie in the map */
  guint32 n_kept;     /* pieces of old, as they are */
  guint64 n_bytes;    /* of batches that came in, */
  guint64 most_bytes; /* of which there may be so many */
};

static void
free_piece (gpointer data)
{
  if (data != NULL)
    arbor_piece_unref (data);
}

static void
clear_entry (gpointer data)
{
  g_clear_pointer (&((ArborBatchEntry *) data)->mend, arbor_mend_unref);
}

/* Whether the batches that @view gives out are valid only inside an access. */
static gboolean
lies_in_map (const ArborView *view)
{
  return arbor_source_get_n_leaves (view->source) > 0 &&
         arbor_trees_are_whole (view->selection, view->source);
}

ArborDraft *
arbor_draft_begin (ArborSession *session, const char *name, ArborSource *old, const ArborView *incoming)
{
  ArborDraft *self = g_new0 (ArborDraft, 1);

  self->session = session;
  self->name = g_strdup (name);
  self->old = old != NULL ? arbor_source_ref (old) : NULL;
  self->must_copy = incoming != NULL && lies_in_map (incoming);
  self->most_bytes = G_MAXUINT64;
  if (old != NULL)
    {
      self->keys = arbor_source_get_record (old)->keys;
      self->sets_keys = arbor_source_get_record (old)->sets_keys;
    }
  self->entries = g_array_new (FALSE, FALSE, sizeof (ArborBatchEntry));
  g_array_set_clear_func (self->entries, clear_entry);
  self->pieces = g_ptr_array_new_with_free_func (free_piece);
  self->patches = arbor_piece_new_set ();
  self->new_patches = g_array_new (FALSE, FALSE, sizeof (ArborBatchEntry));
  return self;
}

void
arbor_draft_free (ArborDraft *self)
{
  g_array_unref (self->entries);
  g_clear_pointer (&self->pieces, g_ptr_array_unref);
  g_clear_pointer (&self->patches, g_hash_table_unref);
  g_array_unref (self->new_patches);
  g_clear_pointer (&self->old, arbor_source_unref);
  g_free (self->name);
  g_free (self);
}

/* All patches that mends may name. Those in memory that none names any more are dropped. */
static void
set_patches (ArborDraft *self, ArborRecord *record, const ArborRecord *base)
{
  GHashTableIter iter;
  gpointer id, piece;

  if (base != NULL && base->n_patches > 0)
    g_array_append_vals (self->new_patches, base->patches, base->n_patches);
  arbor_record_set_patches (record,
                            (const ArborBatchEntry *) (gconstpointer) self->new_patches->data,
                            self->new_patches->len);
  for (guint32 i = 0; i < record->n_patches; i++)
    {
      piece = self->old != NULL ? arbor_source_get_patch_piece (self->old, record->patches[i].id)
                                : NULL;
      if (piece != NULL)
        g_hash_table_replace (self->patches, g_memdup2 (&record->patches[i].id, sizeof (guint64)),
                              arbor_piece_ref (piece));
    }
  g_hash_table_iter_init (&iter, self->patches);
  while (g_hash_table_iter_next (&iter, &id, &piece))
    if (arbor_record_find_patch (record, *(guint64 *) id) == NULL)
      g_hash_table_iter_remove (&iter);
}

ArborSource *
arbor_draft_finish (ArborDraft *self)
{
  const ArborRecord *base = self->old != NULL ? arbor_source_get_record (self->old) : NULL;
  g_autoptr (ArborRecord) record =
      arbor_record_new_draft (base != NULL ? base->name : self->name,
                              base != NULL ? base->generation : 0,
                              (const ArborBatchEntry *) (gconstpointer) self->entries->data,
                              self->entries->len);

  set_patches (self, record, base);
  record->keys = self->keys != NULL ? arbor_keys_ref (self->keys) : NULL;
  record->sets_keys = self->sets_keys;
  return arbor_source_new_draft (self->session, self->name, record,
                                 g_steal_pointer (&self->pieces), g_steal_pointer (&self->patches));
}

/* The pieces that are kept; and those that get another mend. */
static void
take_piece (ArborDraft *self, guint32 index, ArborMend *mend)
{
  ArborPiece *piece = arbor_source_get_piece (self->old, index);
  ArborBatchEntry entry = arbor_source_get_record (self->old)->batches[index];

  entry.mend = mend != NULL ? arbor_mend_ref (mend) : NULL;
  entry.n_trees = mend != NULL ? mend->n_trees : entry.n_rows;
  g_array_append_val (self->entries, entry);
  g_ptr_array_add (self->pieces, piece != NULL ? arbor_piece_ref (piece) : NULL);
}

static gboolean
mend_piece (guint32 index, ArborMend *mend, gpointer data, GError **error)
{
  take_piece (data, index, mend);
  return TRUE;
}

static gboolean
keep_piece (guint32 index, gpointer data, GError **error)
{
  ArborDraft *self = data;

  self->n_kept++;
  take_piece (self, index, arbor_source_get_record (self->old)->batches[index].mend);
  return TRUE;
}

/* A batch comes in. */
static gboolean
check_room (ArborDraft *self, GBytes *batch, GError **error)
{
  self->n_bytes += g_bytes_get_size (batch);
  if (!arbor_draft_is_over (self))
    return TRUE;
  g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                       "More than this draft may hold in memory");
  return FALSE;
}

static gboolean
add_patch (GBytes *batch, guint64 id, gpointer data, GError **error)
{
  ArborDraft *self = data;
  ArborBatchEntry entry = { .id = id, .n_bytes = g_bytes_get_size (batch) };
  ArborPiece *piece = check_room (self, batch, error) ? arbor_piece_new (batch, error) : NULL;

  if (piece == NULL)
    return FALSE;
  arbor_piece_set_id (piece, id);
  g_hash_table_insert (self->patches, g_memdup2 (&id, sizeof id), piece);
  entry.n_trees = entry.n_rows =
      arbor_batch_peek_n_trees (g_bytes_get_data (batch, NULL), g_bytes_get_size (batch));
  g_array_append_val (self->new_patches, entry);
  return TRUE;
}

static gboolean
add_batch (GBytes *batch, gpointer data, GError **error)
{
  ArborDraft *self = data;
  g_autoptr (GBytes) bytes = NULL;
  ArborBatchEntry entry = { 0 };
  ArborPiece *piece;
  gsize size;
  gconstpointer start = g_bytes_get_data (batch, &size);

  if (!check_room (self, batch, error))
    return FALSE;
  bytes = self->must_copy ? arbor_batch_try_copy_bytes (start, size, error) : g_bytes_ref (batch);
  piece = bytes != NULL ? arbor_piece_new (bytes, error) : NULL;
  if (piece == NULL)
    return FALSE;
  entry.id = arbor_piece_get_id (piece);
  entry.n_bytes = size;
  entry.n_trees = entry.n_rows = arbor_batch_peek_n_trees (g_bytes_get_data (bytes, NULL), size);
  g_array_append_val (self->entries, entry);
  g_ptr_array_add (self->pieces, piece);
  return TRUE;
}

ArborContentSink
arbor_draft_get_sink (ArborDraft *self)
{
  return (ArborContentSink){
    .keep = keep_piece, .mend = mend_piece, .patch = add_patch, .add = add_batch, .data = self
  };
}

void
arbor_draft_limit (ArborDraft *self, guint64 most_bytes)
{
  self->most_bytes = most_bytes;
}

gboolean
arbor_draft_is_over (ArborDraft *self)
{
  return self->n_bytes > self->most_bytes;
}

guint64
arbor_draft_get_n_bytes (ArborDraft *self)
{
  return self->n_bytes;
}

gboolean
arbor_draft_is_changed (ArborDraft *self)
{
  return self->old == NULL || self->n_kept != arbor_source_get_n_batches (self->old) ||
         self->n_kept != self->entries->len;
}

ArborSource *
arbor_draft_put (ArborSession *session, const char *name, ArborKeys *keys, gboolean sets_keys,
                 const ArborView *view, ArborAccess *access, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (ArborDraft) draft = arbor_draft_begin (session, name, NULL, view);

  draft->keys = keys;
  draft->sets_keys = sets_keys;
  if (!arbor_name_check (name, error) || !arbor_access_verify (access, cancellable, error) ||
      !arbor_trees_write_batches (view->selection, access, add_batch, draft, cancellable, error))
    return NULL;
  return arbor_draft_finish (draft);
}

ArborSource *
arbor_draft_replace (ArborSession *session, const char *name, ArborSource *old,
                     ArborAccess *access, guint64 start, guint64 n_trees, const ArborView *view,
                     ArborAccess *view_access, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborContent) content =
      arbor_content_new (old != NULL ? arbor_source_get_record (old) : NULL);
  g_autoptr (ArborDraft) draft = arbor_draft_begin (session, name, old, view);
  const ArborContentSink sink = arbor_draft_get_sink (draft);

  if (start == ARBOR_CONTENT_END)
    start = arbor_content_get_n_trees (content);
  if (!arbor_content_replace (content, access, start, n_trees,
                              view != NULL ? view->selection : NULL, view_access, &sink,
                              cancellable, error))
    return NULL;
  return arbor_draft_finish (draft);
}

ArborSource *
arbor_draft_set_keys (ArborSession *session, const char *name, ArborSource *old, ArborKeys *keys)
{
  g_autoptr (ArborDraft) draft = arbor_draft_begin (session, name, old, NULL);

  draft->keys = keys;
  draft->sets_keys = TRUE;
  for (guint32 i = 0; i < arbor_source_get_n_batches (old); i++)
    keep_piece (i, draft, NULL);
  return arbor_draft_finish (draft);
}

ArborSource *
arbor_draft_rename (ArborSession *session, const char *name, ArborSource *old)
{
  g_autoptr (ArborDraft) draft = arbor_draft_begin (session, name, old, NULL);

  draft->sets_keys = TRUE;
  for (guint32 i = 0; i < arbor_source_get_n_batches (old); i++)
    keep_piece (i, draft, NULL);
  return arbor_draft_finish (draft);
}

static gboolean
stage_patches (ArborStaging *staging, ArborSource *draft, GCancellable *cancellable, GError **error)
{
  const ArborRecord *record = arbor_source_get_record (draft);

  for (guint32 i = 0; i < record->n_patches; i++)
    {
      ArborPiece *piece = arbor_source_get_patch_piece (draft, record->patches[i].id);

      if (piece != NULL && !arbor_staging_add_patch (staging, arbor_piece_get_bytes (piece),
                                                     record->patches[i].id, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_draft_stage (ArborSource *draft, const char *name, ArborStaging *staging,
                   GCancellable *cancellable, GError **error)
{
  const ArborRecord *record = arbor_source_get_record (draft);

  if (!arbor_staging_begin_arbor (staging, name, error))
    return FALSE;
  if (record->sets_keys)
    arbor_staging_set_keys (staging, record->keys);
  for (guint32 i = 0; i < record->n_batches; i++)
    {
      ArborPiece *piece = arbor_source_get_piece (draft, i);
      ArborMend *mend = record->batches[i].mend;

      if (piece == NULL)
        arbor_staging_keep_batch (staging, record, i);
      else if (!(mend != NULL
                     ? arbor_staging_add_mended_batch (staging, arbor_piece_get_bytes (piece), mend,
                                                       cancellable, error)
                     : arbor_staging_add_batch (staging, arbor_piece_get_bytes (piece),
                                                cancellable, error)))
        return FALSE;
    }
  return stage_patches (staging, draft, cancellable, error);
}
