/* See arbor-content-draft.h. */

#include "query/content/arbor-content-draft.h"

#include "batch/arbor-batch-builder.h"
#include "query/view/arbor-trees.h"

/* A draft in the making. */
typedef struct
{
  ArborSession *session;
  const char *name;
  ArborSource *old; /* what pieces are kept of, or NULL */
  GArray *entries;  /* ArborBatchEntry */
  GPtrArray *pieces;
  gboolean must_copy; /* batches that come in lie in the map */
} Draft;

static void
free_piece (gpointer data)
{
  if (data != NULL)
    arbor_piece_unref (data);
}

static void
draft_init (Draft *self, ArborSession *session, const char *name, ArborSource *old)
{
  *self = (Draft){ .session = session, .name = name, .old = old };
  self->entries = g_array_new (FALSE, FALSE, sizeof (ArborBatchEntry));
  self->pieces = g_ptr_array_new_with_free_func (free_piece);
}

static void
draft_clear (Draft *self)
{
  g_array_unref (self->entries);
  g_clear_pointer (&self->pieces, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Draft, draft_clear)

static ArborSource *
draft_finish (Draft *self)
{
  const ArborRecord *base = self->old != NULL ? arbor_source_get_record (self->old) : NULL;
  g_autoptr (ArborRecord) record =
      arbor_record_new_draft (base != NULL ? base->name : self->name,
                              base != NULL ? base->generation : 0,
                              (const ArborBatchEntry *) (gconstpointer) self->entries->data,
                              self->entries->len);

  return arbor_source_new_draft (self->session, self->name, record,
                                 g_steal_pointer (&self->pieces));
}

static gboolean
keep_piece (guint32 index, gpointer data, GError **error)
{
  Draft *self = data;
  ArborPiece *piece = arbor_source_get_piece (self->old, index);

  g_array_append_val (self->entries, arbor_source_get_record (self->old)->batches[index]);
  g_ptr_array_add (self->pieces, piece != NULL ? arbor_piece_ref (piece) : NULL);
  return TRUE;
}

static gboolean
add_batch (GBytes *batch, gpointer data, GError **error)
{
  Draft *self = data;
  g_autoptr (GBytes) bytes = NULL;
  ArborBatchEntry entry = { 0 };
  ArborPiece *piece;
  gsize size;
  gconstpointer start = g_bytes_get_data (batch, &size);

  bytes = self->must_copy ? arbor_batch_try_copy_bytes (start, size, error) : g_bytes_ref (batch);
  piece = bytes != NULL ? arbor_piece_new (bytes, error) : NULL;
  if (piece == NULL)
    return FALSE;
  entry.n_bytes = size;
  entry.n_trees = arbor_batch_peek_n_trees (g_bytes_get_data (bytes, NULL), size);
  g_array_append_val (self->entries, entry);
  g_ptr_array_add (self->pieces, piece);
  return TRUE;
}

/* Whether the batches that @view gives out are valid only inside an access. */
static gboolean
lies_in_map (const ArborView *view)
{
  return arbor_source_get_n_leaves (view->source) > 0 &&
         arbor_trees_are_whole (view->selection, view->source);
}

ArborSource *
arbor_draft_put (ArborSession *session, const char *name, const ArborView *view,
                 ArborAccess *access, GCancellable *cancellable, GError **error)
{
  g_auto (Draft) draft = { NULL };

  draft_init (&draft, session, name, NULL);
  draft.must_copy = lies_in_map (view);
  if (!arbor_name_check (name, error) || !arbor_access_verify (access, cancellable, error) ||
      !arbor_trees_write_batches (view->selection, access, add_batch, &draft, cancellable, error))
    return NULL;
  return draft_finish (&draft);
}

ArborSource *
arbor_draft_replace (ArborSession *session, const char *name, ArborSource *old,
                     ArborAccess *access, guint64 start, guint64 n_trees, const ArborView *view,
                     ArborAccess *view_access, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborContent) content =
      arbor_content_new (old != NULL ? arbor_source_get_record (old) : NULL);
  g_auto (Draft) draft = { NULL };
  const ArborContentSink sink = { .keep = keep_piece, .add = add_batch, .data = &draft };

  draft_init (&draft, session, name, old);
  draft.must_copy = view != NULL && lies_in_map (view);
  if (start == ARBOR_CONTENT_END)
    start = arbor_content_get_n_trees (content);
  if (!arbor_content_replace (content, access, start, n_trees,
                              view != NULL ? view->selection : NULL, view_access, &sink,
                              cancellable, error))
    return NULL;
  return draft_finish (&draft);
}

ArborSource *
arbor_draft_rename (ArborSession *session, const char *name, ArborSource *old)
{
  g_auto (Draft) draft = { NULL };

  draft_init (&draft, session, name, old);
  for (guint32 i = 0; i < arbor_source_get_n_batches (old); i++)
    keep_piece (i, &draft, NULL);
  return draft_finish (&draft);
}
