/* Changing some of the trees of a content, wherever they lie, and appending others: one walk over
 * the pieces. A piece of which no tree changes is kept by its id. Neighbouring pieces that change
 * are built anew in one run, cut where a builder cuts, so that a content all of whose pieces change
 * comes to lie as if it were put; small ones behind a run, and those that an append pulls in, join
 * it.
 */

#include "query/content/arbor-content-private.h"

#include "batch/arbor-batch-builder.h"
#include "query/view/arbor-rebuild.h"

typedef struct
{
  ArborContent *content;
  ArborAccess *access;
  const ArborContentChange *change;
  const ArborContentSink *sink;
  GCancellable *cancellable;
  ArborBatchBuilder *builder; /* has the run so far */
  ArborRebuild *rebuild;      /* into it */
  ArborScope *scope;
  gboolean in_run; /* the piece before was built anew */
  guint next;      /* of the trees to change */
} Walk;

gboolean
arbor_content_for_each_piece (ArborContent *self, ArborAccess *access, ArborContentPieceFunc func,
                              gpointer data, GCancellable *cancellable, GError **error)
{
  for (guint32 i = 0; i < arbor_content_get_n_pieces (self); i++)
    {
      const ArborBatch *batch;

      if (!arbor_access_check (access, cancellable, error))
        return FALSE;
      batch = arbor_content_get_piece (self, access, i, error);
      if (batch == NULL || !func (batch, self->record->first_tree[i], data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
flush (gpointer data, GError **error)
{
  Walk *self = data;
  g_autoptr (GBytes) batch = arbor_batch_builder_finish (self->builder, error);

  return batch != NULL && self->sink->add (batch, self->sink->data, error);
}

static gboolean
flush_if_full (Walk *self, GError **error)
{
  return !arbor_batch_builder_is_full (self->builder) || flush (self, error);
}

static gboolean
end_run (Walk *self, GError **error)
{
  self->in_run = FALSE;
  if (arbor_batch_builder_get_n_trees (self->builder) > 0 && !flush (self, error))
    return FALSE;
  arbor_batch_builder_reset (self->builder);
  return TRUE;
}

static guint64
get_next_tree (Walk *self)
{
  const GArray *trees = self->change->trees;

  return self->next < trees->len ? g_array_index (trees, guint32, self->next) : G_MAXUINT64;
}

/* What comes instead of the next tree that changes, row @row of @batch. */
static gboolean
add_changed (Walk *self, const ArborBatch *batch, guint32 row, GError **error)
{
  if (self->change->write != NULL &&
      !self->change->write (self->next, batch, row, self->scope, self->builder, self->change->data,
                            error))
    return FALSE;
  self->next++;
  if (!arbor_scope_check (self->scope, error))
    return FALSE;
  arbor_scope_reset (self->scope);
  return flush_if_full (self, error);
}

static gboolean
rebuild_piece (Walk *self, guint32 piece, GError **error)
{
  const ArborRecord *record = self->content->record;
  const ArborBatch *batch = arbor_content_get_piece (self->content, self->access, piece, error);
  guint64 first = record->first_tree[piece];
  guint32 n_trees = record->batches[piece].n_trees;
  guint32 end;

  if (batch == NULL)
    return FALSE;
  arbor_rebuild_set_batch (self->rebuild, batch);
  for (guint32 row = 0; row < n_trees; row = end + 1)
    {
      end = (guint32) MIN (n_trees, get_next_tree (self) - first);
      if (!arbor_access_check (self->access, self->cancellable, error) ||
          !arbor_rebuild_add_range (self->rebuild, row, end - row, error) ||
          (end < n_trees && !add_changed (self, batch, end, error)))
        return FALSE;
    }
  self->in_run = TRUE;
  return TRUE;
}

static gboolean
walk_piece (Walk *self, guint32 piece, guint32 tail, GError **error)
{
  if (piece >= tail || get_next_tree (self) < self->content->record->first_tree[piece + 1] ||
      (self->in_run && arbor_content_is_small (self->content, piece)))
    return rebuild_piece (self, piece, error);
  return end_run (self, error) && self->sink->keep (piece, self->sink->data, error);
}

gboolean
arbor_content_change (ArborContent *self, ArborAccess *access, const ArborContentChange *change,
                      const ArborContentSink *sink, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborRebuild) rebuild = NULL;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Walk walk = { .content = self,
                .access = access,
                .change = change,
                .sink = sink,
                .cancellable = cancellable,
                .builder = builder,
                .scope = scope };
  guint64 n_new = 0;
  guint32 tail;

  if (change->appended != NULL &&
      (!arbor_selection_get_count (change->appended, change->appended_access, cancellable, &n_new,
                                   error) ||
       !arbor_content_check_n_trees (arbor_content_get_n_trees (self), n_new, error)))
    return FALSE;
  walk.rebuild = rebuild = arbor_rebuild_new (builder, flush, &walk);
  tail = arbor_content_find_tail (self, n_new);
  for (guint32 i = 0; i < arbor_content_get_n_pieces (self); i++)
    if (!walk_piece (&walk, i, tail, error))
      return FALSE;
  return (n_new == 0 ||
          arbor_rebuild_add_selection (rebuild, change->appended, change->appended_access,
                                       cancellable, error)) &&
         end_run (&walk, error);
}
