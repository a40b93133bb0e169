/* Changing some of the trees of a content, wherever they lie, and appending others: one walk over
 * the pieces. A piece of which no tree changes is kept by its id, and one of which few change is mended: what
 * comes in goes to a patch, together with what is left of older patches that become one with it. Neighbouring
 * pieces of which much changes are built anew in one run, cut where a builder cuts, so that a content
 * all of whose pieces change comes to lie as if it were put; small ones behind a run, and those that an append
 * pulls in, join it.
 */

#include "query/content/arbor-content-private.h"

#include "batch/arbor-batch-builder.h"
#include "query/content/arbor-content-mend.h"
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

  /* Mending. */
  ArborMender mender;
  ArborBatchBuilder *patch; /* has the rows so far of the patch with this id, which is 0 where there are none */
  guint64 patch_id;
  guint32 n_told;        /* rows of it that were told to the mender */
  guint n_flushed;       /* patches so far */
  ArborRebuild *inserting; /* into it */
  GHashTable *merging;   /* patches of the record that become one with it, or NULL */
  GHashTable *gathers;   /* guint64 * -> ArborGather, of each of these */
} Walk;

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
  arbor_batch_builder_set_group (self->builder, ARBOR_BATCH_CUT_TREES);
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

static guint
count_changing (Walk *self, guint32 piece)
{
  guint64 end = self->content->record->first_tree[piece + 1];
  const GArray *trees = self->change->trees;
  guint low = self->next, high = trees->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (trees, guint32, middle) < end)
        low = middle + 1;
      else
        high = middle;
    }
  return low - self->next;
}

/* A run of one piece that has more trees than a builder puts into a batch: it stays one. */
static void
keep_together (Walk *self, guint32 piece)
{
  const ArborRecord *record = self->content->record;
  guint32 n_trees = record->batches[piece].n_trees;

  if (n_trees > ARBOR_BATCH_CUT_TREES && piece + 1 < record->n_batches &&
      count_changing (self, piece) == count_changing (self, piece + 1))
    arbor_batch_builder_set_group (self->builder, n_trees);
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
  if (!self->in_run)
    keep_together (self, piece);
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

/* Mending */

/* The rows that the patch has got since are the next trees. */
static void
tell_rows (Walk *self)
{
  guint32 n = arbor_batch_builder_get_n_trees (self->patch);

  if (n > self->n_told)
    arbor_mender_add (&self->mender, self->patch_id, self->n_told, n - self->n_told);
  self->n_told = n;
}

static void
begin_patch (Walk *self)
{
  if (self->patch_id == 0)
    self->patch_id = arbor_mend_draw_id ();
}

static gboolean
flush_patch (gpointer data, GError **error)
{
  Walk *self = data;
  g_autoptr (GBytes) batch = NULL;

  tell_rows (self);
  batch = arbor_batch_builder_finish (self->patch, error);
  if (batch == NULL || !self->sink->patch (batch, self->patch_id, self->sink->data, error))
    return FALSE;
  self->n_told = 0;
  self->n_flushed++;
  self->patch_id = arbor_mend_draw_id ();
  return TRUE;
}

static gboolean
flush_patch_if_full (Walk *self, GError **error)
{
  tell_rows (self);
  return !arbor_batch_builder_is_full (self->patch) || flush_patch (self, error);
}

static gboolean
is_merging (Walk *self, guint64 patch)
{
  return self->merging != NULL && patch != 0 && g_hash_table_contains (self->merging, &patch);
}

/* Rows of a patch that becomes one with others. */
static gboolean
move_rows (Walk *self, guint64 patch, guint32 row, guint32 n, GError **error)
{
  ArborGather *gather = g_hash_table_lookup (self->gathers, &patch);

  if (gather == NULL)
    {
      const ArborBatch *batch =
          arbor_content_get_patch (self->content, self->access, patch, TRUE, error);

      if (batch == NULL)
        return FALSE;
      gather = arbor_gather_new (self->patch);
      arbor_gather_set_batch (gather, batch);
      g_hash_table_insert (self->gathers, g_memdup2 (&patch, sizeof patch), gather);
    }
  begin_patch (self);
  while (n > 0)
    {
      guint32 n_added;

      if (!arbor_gather_add (gather, row, n, &n_added, error) || !flush_patch_if_full (self, error))
        return FALSE;
      row += n_added;
      n -= n_added;
    }
  return TRUE;
}

static gboolean
keep_trees (Walk *self, guint32 n, GError **error)
{
  while (n > 0)
    {
      guint64 patch = 0;
      guint32 row = 0;
      guint32 n_here = MIN (n, arbor_mender_peek (&self->mender, &patch, &row));

      if (!is_merging (self, patch))
        arbor_mender_keep (&self->mender, n_here);
      else if (move_rows (self, patch, row, n_here, error))
        arbor_mender_skip (&self->mender, n_here);
      else
        return FALSE;
      n -= n_here;
    }
  return TRUE;
}

/* What comes instead of the next tree that changes. */
static gboolean
mend_tree (Walk *self, guint32 piece, GError **error)
{
  const ArborContentChange *change = self->change;
  const ArborBatch *batch = NULL;
  guint64 patch = 0;
  guint32 row = 0;

  arbor_mender_peek (&self->mender, &patch, &row);
  if (change->reads_old)
    {
      batch = patch == 0
                  ? arbor_content_get_base (self->content, self->access, piece, TRUE, error)
                  : arbor_content_get_patch (self->content, self->access, patch, TRUE, error);
      if (batch == NULL)
        return FALSE;
    }
  if (change->write != NULL)
    {
      begin_patch (self);
      if (!change->write (self->next, batch, row, self->scope, self->patch, change->data, error) ||
          !arbor_scope_check (self->scope, error) || !flush_patch_if_full (self, error))
        return FALSE;
      arbor_scope_reset (self->scope);
    }
  arbor_mender_skip (&self->mender, 1);
  self->next++;
  return TRUE;
}

static gboolean
insert_trees (Walk *self, GError **error)
{
  const ArborContentChange *change = self->change;

  begin_patch (self);
  return arbor_rebuild_add_selection (self->inserting, change->inserted, change->inserted_access,
                                      self->cancellable, error) &&
         flush_patch_if_full (self, error);
}

static gboolean
finish_mend (Walk *self, guint32 piece, GError **error)
{
  g_autoptr (ArborMend) mend = arbor_mender_finish (&self->mender);

  return self->sink->mend (piece, mend, self->sink->data, error);
}

/* What comes into one piece is not to be more than this many full patches: its trees must find room in one
 * batch in memory. */
#define MOST_FLUSHED 2u

/* *@is_done FALSE: it has become too much. */
static gboolean
mend_piece (Walk *self, guint32 piece, gboolean *is_done, GError **error)
{
  const ArborContentChange *change = self->change;
  const ArborRecord *record = self->content->record;
  guint64 tree = record->first_tree[piece];
  guint64 end = record->first_tree[piece + 1];
  guint64 insert_at =
      change->inserted != NULL && piece == change->insert_piece ? change->insert_at : G_MAXUINT64;
  guint first_next = self->next, first_flushed = self->n_flushed;

  *is_done = TRUE;
  /* What is damaged is not written on, in part either. */
  if (arbor_content_get_base (self->content, self->access, piece, TRUE, error) == NULL)
    return FALSE;
  arbor_mender_begin (&self->mender, &record->batches[piece]);
  while (TRUE)
    {
      guint64 next = MIN (MIN (end, get_next_tree (self)), MAX (insert_at, tree));

      if (!keep_trees (self, (guint32) (next - tree), error))
        return FALSE;
      tree = next;
      if (tree == insert_at)
        {
          if (!insert_trees (self, error))
            return FALSE;
          insert_at = G_MAXUINT64;
          continue;
        }
      if (tree == end)
        break;
      if (tree != get_next_tree (self))
        continue;
      if (!arbor_access_check (self->access, self->cancellable, error) ||
          !mend_tree (self, piece, error))
        return FALSE;
      if (change->write != NULL && self->n_flushed - first_flushed > MOST_FLUSHED)
        {
          self->next = first_next;
          *is_done = FALSE;
          return TRUE;
        }
      tree++;
    }
  return finish_mend (self, piece, error);
}

/* Whether a patch of the piece becomes one with others. */
static gboolean
has_merging (Walk *self, guint32 piece)
{
  const ArborMend *mend = self->content->record->batches[piece].mend;

  for (guint32 i = 0; mend != NULL && i < mend->n_patches; i++)
    if (is_merging (self, mend->patches[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_to_be_mended (Walk *self, guint32 piece)
{
  const ArborContentChange *change = self->change;
  guint n_gone = count_changing (self, piece);
  guint n_new = change->write != NULL ? n_gone : 0;
  guint n_places = n_gone;

  if (self->sink->mend == NULL)
    return FALSE;
  if (change->inserted != NULL)
    return n_gone > 0 || piece == change->insert_piece || has_merging (self, piece);
  if (n_gone == 0)
    return has_merging (self, piece);
  return arbor_mender_is_worth_it (self->content->record, piece, n_gone, n_new, n_places);
}

/* All trees of a piece go and none comes. */
static gboolean
drops_piece (Walk *self, guint32 piece)
{
  return self->change->write == NULL &&
         (self->change->inserted == NULL || piece != self->change->insert_piece) &&
         count_changing (self, piece) == self->content->record->batches[piece].n_trees;
}

static gboolean
walk_piece (Walk *self, guint32 piece, guint32 tail, GError **error)
{
  if (drops_piece (self, piece))
    {
      self->next += self->content->record->batches[piece].n_trees;
      return TRUE;
    }
  if (piece < tail && is_to_be_mended (self, piece))
    {
      gboolean is_done;

      if (!end_run (self, error) || !mend_piece (self, piece, &is_done, error))
        return FALSE;
      if (is_done)
        return TRUE;
    }
  if (piece >= tail || get_next_tree (self) < self->content->record->first_tree[piece + 1] ||
      (self->in_run && arbor_content_is_small (self->content, piece)))
    return rebuild_piece (self, piece, error);
  return end_run (self, error) && self->sink->keep (piece, self->sink->data, error);
}

static void
walk_init (Walk *self)
{
  guint n_new = (self->change->write != NULL ? self->change->trees->len : 0) +
                self->change->n_inserted;

  self->builder = arbor_batch_builder_new ();
  self->patch = arbor_batch_builder_new ();
  self->rebuild = arbor_rebuild_new (self->builder, flush, self);
  self->inserting = arbor_rebuild_new (self->patch, flush_patch, self);
  self->scope = arbor_scope_new ();
  arbor_mender_init (&self->mender);
  self->gathers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                         (GDestroyNotify) arbor_gather_free);
  if (self->sink->mend != NULL && self->content->record != NULL && n_new > 0)
    self->merging = arbor_mender_choose_patches (self->content->record, n_new);
}

static void
walk_clear (Walk *self)
{
  g_clear_pointer (&self->merging, g_hash_table_unref);
  g_hash_table_unref (self->gathers);
  arbor_mender_clear (&self->mender);
  arbor_scope_free (self->scope);
  arbor_rebuild_free (self->inserting);
  arbor_rebuild_free (self->rebuild);
  arbor_batch_builder_free (self->patch);
  arbor_batch_builder_free (self->builder);
}

static gboolean
walk_all (Walk *self, guint64 n_new, GError **error)
{
  const ArborContentChange *change = self->change;
  guint32 tail = arbor_content_find_tail (self->content, n_new);

  for (guint32 i = 0; i < arbor_content_get_n_pieces (self->content); i++)
    if (!walk_piece (self, i, tail, error))
      return FALSE;
  if (n_new > 0 && !arbor_rebuild_add_selection (self->rebuild, change->appended,
                                                 change->appended_access, self->cancellable, error))
    return FALSE;
  return end_run (self, error) &&
         (arbor_batch_builder_get_n_trees (self->patch) == 0 || flush_patch (self, error));
}

gboolean
arbor_content_change (ArborContent *self, ArborAccess *access, const ArborContentChange *change,
                      const ArborContentSink *sink, GCancellable *cancellable, GError **error)
{
  Walk walk = { .content = self,
                .access = access,
                .change = change,
                .sink = sink,
                .cancellable = cancellable };
  guint64 n_new = 0;
  gboolean is_good;

  if (change->appended != NULL &&
      (!arbor_selection_get_count (change->appended, change->appended_access, cancellable, &n_new,
                                   error) ||
       !arbor_content_check_n_trees (arbor_content_get_n_trees (self), n_new, error)))
    return FALSE;
  walk_init (&walk);
  is_good = walk_all (&walk, n_new, error);
  walk_clear (&walk);
  return is_good;
}
