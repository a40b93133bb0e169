/* See arbor-content.h. */

#include "query/content/arbor-content-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "batch/arbor-batch-builder.h"
#include "query/content/arbor-content-mend.h"
#include "query/expr/arbor-same.h"
#include "query/view/arbor-rebuild.h"

/* A neighbour this small costs next to nothing to rewrite. */
#define SMALL_TREES (ARBOR_BATCH_CUT_TREES / 16)
#define SMALL_BYTES (ARBOR_BATCH_TARGET_BYTES / 16)
/* A batch that has no room for so many trees more is not written. */
#define ROOM_TREES 512u
/* What a large piece that is written anew takes along from beside it, and leaves there. */
#define TAIL_TREES (ARBOR_BATCH_CUT_TREES / 4)
#define TAIL_BYTES (ARBOR_BATCH_TARGET_BYTES / 4)
/* Cuts of other kinds than the two that is_full knows must not make an append rewrite all. */
#define MOST_PULLED (2 * ARBOR_BATCH_CUT_TREES)

ArborContent *
arbor_content_new (ArborRecord *record)
{
  ArborContent *self = g_new0 (ArborContent, 1);

  if (record != NULL)
    self->record = arbor_record_ref (record);
  return self;
}

void
arbor_content_free (ArborContent *self)
{
  g_clear_pointer (&self->record, arbor_record_unref);
  g_free (self);
}

guint64
arbor_content_get_n_trees (ArborContent *self)
{
  return self->record != NULL ? self->record->n_trees : 0;
}

ArborRecord *
arbor_content_get_record (ArborContent *self)
{
  return self->record;
}

static guint32
get_n_pieces (ArborContent *self)
{
  return arbor_content_get_n_pieces (self);
}

static gboolean
is_full (ArborContent *self, guint32 piece)
{
  return self->record->batches[piece].n_trees >= ARBOR_BATCH_CUT_TREES ||
         self->record->batches[piece].n_bytes >= ARBOR_BATCH_TARGET_BYTES;
}

gboolean
arbor_content_is_small (ArborContent *self, guint32 piece)
{
  return self->record->batches[piece].n_trees < SMALL_TREES &&
         self->record->batches[piece].n_bytes < SMALL_BYTES;
}

/* Which piece holds @tree, which is below n_trees. */
static guint32
find_piece (ArborContent *self, guint64 tree)
{
  guint32 low = 0;
  guint32 high = get_n_pieces (self) - 1;

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (self->record->first_tree[middle + 1] <= tree)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* A replacement under way. */
typedef struct
{
  ArborContent *content;
  ArborAccess *access;
  const ArborContentSink *sink;
  GCancellable *cancellable;
  guint64 start, end; /* the trees that go */
  ArborSelection *trees;
  ArborAccess *trees_access;
  guint64 n_new;
  guint32 first, last; /* the pieces concerned are first .. last - 1 */
  ArborBatchBuilder *builder;
  ArborRebuild *rebuild; /* into it */
  guint32 cut; /* trees of a new batch at most */
} Replace;

/* Size tiers: see the top of the header. */
guint32
arbor_content_find_tail (ArborContent *self, guint64 n_new)
{
  guint32 first = get_n_pieces (self);
  guint64 n_pulled = 0;

  while (n_new > 0 && first > 0 && !is_full (self, first - 1) &&
         self->record->batches[first - 1].n_trees < 2 * (n_new + n_pulled) &&
         n_pulled < MOST_PULLED)
    n_pulled += self->record->batches[--first].n_trees;
  return first;
}

/* An insertion point between two pieces belongs to the smaller one. */
static guint32
choose_piece (Replace *self)
{
  const ArborRecord *record = self->content->record;
  guint32 piece = find_piece (self->content, self->start);

  if (piece > 0 && record->first_tree[piece] == self->start &&
      record->batches[piece - 1].n_trees < record->batches[piece].n_trees)
    return piece - 1;
  return piece;
}

/* Whether a piece is taken along where its neighbour @of is written anew: it costs next to nothing, or little beside
 * that one. */
static gboolean
is_taken_along (Replace *self, guint32 piece, guint32 of)
{
  const ArborBatchEntry *batches = self->content->record->batches;

  return arbor_content_is_small (self->content, piece) ||
         (batches[of].n_trees > 2 * TAIL_TREES && batches[piece].n_trees < TAIL_TREES &&
          batches[piece].n_bytes < TAIL_BYTES);
}

static void
choose_pieces (Replace *self)
{
  guint32 n_pieces = get_n_pieces (self->content);

  if (self->start == self->end && (self->start == arbor_content_get_n_trees (self->content) ||
                                   self->n_new == 0))
    {
      self->first = arbor_content_find_tail (self->content, self->n_new);
      self->last = n_pieces;
      return;
    }
  if (self->start == self->end)
    {
      self->first = choose_piece (self);
      self->last = self->first + 1;
    }
  else
    {
      self->first = find_piece (self->content, self->start);
      self->last = find_piece (self->content, self->end - 1) + 1;
    }
  if (self->last < n_pieces && is_taken_along (self, self->last, self->last - 1))
    self->last++;
  if (self->first > 0 && is_taken_along (self, self->first - 1, self->first))
    self->first--;
}

/* How many of the trees of @piece come before the range, and how many after it. */
static void
split_piece (Replace *self, guint32 piece, guint32 *n_before, guint32 *n_after)
{
  guint64 first = self->content->record->first_tree[piece];
  guint64 next = self->content->record->first_tree[piece + 1];

  *n_before = (guint32) (CLAMP (self->start, first, next) - first);
  *n_after = (guint32) (next - CLAMP (self->end, first, next));
}

/* Where new batches are cut: in the middle not at all, where one of them takes all and has room for more, for each
 * batch is one that all readers have to look at; or evenly, so that the next insertion finds room in each; as late
 * as possible at the end, where appending goes on. */
static void
choose_cut (Replace *self, guint64 n_kept)
{
  const ArborRecord *record = self->content->record;
  guint64 n_trees = n_kept + self->n_new;
  guint64 n_bytes = 0;
  guint64 n_batches;

  self->cut = ARBOR_BATCH_CUT_TREES;
  if (self->last == get_n_pieces (self->content))
    return;
  for (guint32 i = self->first; i < self->last; i++)
    {
      guint32 n_before, n_after;

      split_piece (self, i, &n_before, &n_after);
      n_bytes += record->batches[i].n_bytes / record->batches[i].n_trees *
                 (n_before + n_after);
    }
  if (self->n_new > 0)
    n_bytes += arbor_source_get_n_bytes (self->trees_access->source) /
               arbor_source_get_n_trees (self->trees_access->source) * self->n_new;
  n_batches = (n_bytes + ARBOR_BATCH_TARGET_BYTES - 1) / ARBOR_BATCH_TARGET_BYTES;
  if (n_trees > ARBOR_BATCH_MAX_TREES - ROOM_TREES)
    n_batches = MAX (n_batches, (n_trees + ARBOR_BATCH_CUT_TREES - 1) / ARBOR_BATCH_CUT_TREES);
  n_batches = MAX (n_batches, 1);
  self->cut = (guint32) MAX (1, (n_trees + n_batches - 1) / n_batches);
}

static gboolean
flush (gpointer data, GError **error)
{
  Replace *self = data;
  g_autoptr (GBytes) batch = arbor_batch_builder_finish (self->builder, error);

  /* Groups count from here: a cut of ours must not be followed by one of the builder's. */
  arbor_batch_builder_reset (self->builder);
  return batch != NULL && self->sink->add (batch, self->sink->data, error);
}

/* The trees @from .. @to - 1 of a piece. */
static gboolean
add_rows (Replace *self, guint32 piece, guint32 from, guint32 to, GError **error)
{
  const ArborBatch *batch;

  if (from == to)
    return TRUE;
  batch = arbor_content_get_piece (self->content, self->access, piece, error);
  if (batch == NULL)
    return FALSE;
  arbor_rebuild_set_batch (self->rebuild, batch);
  return arbor_access_check (self->access, self->cancellable, error) &&
         arbor_rebuild_add_range (self->rebuild, from, to - from, error);
}

/* The trees of the pieces concerned that stay: those before the range, or those after it. */
static gboolean
add_kept (Replace *self, gboolean is_before, GError **error)
{
  for (guint32 i = self->first; i < self->last; i++)
    {
      guint32 n_trees = self->content->record->batches[i].n_trees;
      guint32 n_before, n_after;

      split_piece (self, i, &n_before, &n_after);
      if (!add_rows (self, i, is_before ? 0 : n_trees - n_after, is_before ? n_before : n_trees,
                     error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
rebuild (Replace *self, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborRebuild) trees = arbor_rebuild_new (builder, flush, self);

  self->builder = builder;
  self->rebuild = trees;
  arbor_batch_builder_set_group (builder, ARBOR_BATCH_MAX_TREES);
  arbor_rebuild_set_cut (trees, self->cut);
  return add_kept (self, TRUE, error) &&
         (self->n_new == 0 ||
          arbor_rebuild_add_selection (trees, self->trees, self->trees_access, self->cancellable,
                                       error)) &&
         add_kept (self, FALSE, error) &&
         (arbor_batch_builder_get_n_trees (builder) == 0 || flush (self, error));
}

/* What comes instead of the pieces concerned. Where none of their trees stays, the batches of the
 * trees that come in are taken as they are. */
static gboolean
write_middle (Replace *self, GError **error)
{
  guint64 n_kept = 0;

  for (guint32 i = self->first; i < self->last; i++)
    {
      guint32 n_before, n_after;

      split_piece (self, i, &n_before, &n_after);
      n_kept += n_before + n_after;
    }
  if (n_kept > 0)
    {
      choose_cut (self, n_kept);
      return rebuild (self, error);
    }
  return self->n_new == 0 ||
         arbor_trees_write_batches (self->trees, self->trees_access, self->sink->add,
                                    self->sink->data, self->cancellable, error);
}

static gboolean
keep_pieces (Replace *self, guint32 from, guint32 to, GError **error)
{
  for (guint32 i = from; i < to; i++)
    if (!self->sink->keep (i, self->sink->data, error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_content_check_n_trees (guint64 n_left, guint64 n_new, GError **error)
{
  if (n_new <= ARBOR_MAX_TREES - n_left)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _ ("An arbor holds at most %" PRIu64 " trees, not %" PRIu64), ARBOR_MAX_TREES,
               n_left + n_new);
  return FALSE;
}

static gboolean
check_range (ArborContent *self, guint64 start, guint64 n_trees, guint64 n_new, GError **error)
{
  guint64 n_old = arbor_content_get_n_trees (self);

  if (start > n_old || n_trees > n_old - start)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                   _ ("A range of %" PRIu64 " trees from index %" PRIu64
                      " on is out of range: the arbor has %" PRIu64 " trees"),
                   n_trees, start, n_old);
      return FALSE;
    }
  return arbor_content_check_n_trees (n_old - n_trees, n_new, error);
}

/* By mends */

/* Of more trees the pieces are written anew. */
#define MOST_MENDED 512u

/* Where trees come in, or go, is mended where one piece takes all that comes. */
static gboolean
is_to_be_mended (Replace *self, guint32 *piece)
{
  const ArborRecord *record = self->content->record;
  guint32 last;

  if (self->sink->mend == NULL || record == NULL || self->n_new > MOST_MENDED ||
      self->end - self->start > ARBOR_BATCH_MAX_TREES || self->start == record->n_trees ||
      (self->n_new > 0 &&
       arbor_source_get_n_bytes (self->trees_access->source) /
               MAX (1, arbor_source_get_n_trees (self->trees_access->source)) * self->n_new >
           ARBOR_MENDER_MOST_BYTES))
    return FALSE;
  *piece = self->start == self->end ? choose_piece (self) : find_piece (self->content, self->start);
  last = self->start == self->end ? *piece : find_piece (self->content, self->end - 1);
  for (guint32 i = *piece; i <= last; i++)
    {
      guint64 first = record->first_tree[i], next = record->first_tree[i + 1];
      guint32 n_gone = (guint32) (CLAMP (self->end, first, next) - CLAMP (self->start, first, next));
      guint32 n_new = i == *piece ? (guint32) self->n_new : 0;

      if ((n_gone < next - first || n_new > 0) &&
          !arbor_mender_is_worth_it (record, i, n_gone, n_new, 1))
        return FALSE;
    }
  return TRUE;
}

/* Where the tree at @index lies. */
static gboolean
find_tree (Replace *self, guint64 index, ArborValue *tree, GError **error)
{
  const ArborRecord *record = self->content->record;
  guint32 piece = find_piece (self->content, index);
  const ArborMend *mend = record->batches[piece].mend;
  guint32 row = (guint32) (index - record->first_tree[piece]);
  const ArborMendPart *part = mend != NULL ? mend->parts : NULL;
  const ArborBatch *batch;

  for (; part != NULL && row >= part->n_rows; part++)
    row -= part->n_rows;
  if (part == NULL || part->batch == 0)
    batch = arbor_content_get_base (self->content, self->access, piece, FALSE, error);
  else
    batch = arbor_content_get_patch (self->content, self->access, mend->patches[part->batch - 1],
                                     FALSE, error);
  if (batch != NULL)
    arbor_batch_get_tree (batch, row + (part != NULL ? part->first_row : 0), tree);
  return batch != NULL;
}

/* The tree at an index of what comes in. */
static gboolean
find_incoming (Replace *self, guint32 index, ArborValue *tree, GError **error)
{
  ArborSource *source = self->trees_access->source;
  guint32 number = arbor_source_find_batch (source, index);
  const ArborBatch *batch = arbor_access_get_batch (self->trees_access, number, error);

  if (batch != NULL)
    arbor_batch_get_tree (batch, index - (guint32) arbor_source_get_first_tree (source, number),
                          tree);
  return batch != NULL;
}

/* Whether the trees that come in are those that go: then nothing changes. */
static gboolean
comes_out_as_it_is (Replace *self, gboolean *is_same, GError **error)
{
  guint32 indices[MOST_MENDED];
  g_autoptr (ArborScope) scope = NULL;
  g_autoptr (ArborSame) same = NULL;
  guint32 n;

  *is_same = FALSE;
  if (self->n_new == 0 || self->end - self->start != self->n_new)
    return TRUE;
  if (!arbor_selection_read (self->trees, self->trees_access, 0, (guint32) self->n_new, indices, &n,
                             self->cancellable, error) ||
      !arbor_trees_ensure (self->trees_access, indices, n, self->cancellable, error))
    return FALSE;
  scope = arbor_scope_new ();
  same = arbor_same_new ();
  *is_same = n == self->n_new;
  for (guint32 i = 0; i < n && *is_same; i++)
    {
      ArborValue old_tree, new_tree;

      if (!find_tree (self, self->start + i, &old_tree, error) ||
          !find_incoming (self, indices[i], &new_tree, error))
        return FALSE;
      *is_same = arbor_same_is (same, &old_tree, &new_tree, scope);
      arbor_scope_reset (scope);
    }
  return arbor_scope_check (scope, error);
}

static gboolean
mend (Replace *self, guint32 piece, GError **error)
{
  g_autoptr (GArray) trees = g_array_new (FALSE, FALSE, sizeof (guint32));
  const ArborContentChange change = { .trees = trees,
                                      .inserted = self->n_new > 0 ? self->trees : NULL,
                                      .inserted_access = self->trees_access,
                                      .n_inserted = (guint32) self->n_new,
                                      .insert_piece = piece,
                                      .insert_at = self->start };
  gboolean is_same;

  if (!comes_out_as_it_is (self, &is_same, error))
    return FALSE;
  if (is_same)
    return keep_pieces (self, 0, get_n_pieces (self->content), error);
  for (guint64 tree = self->start; tree < self->end; tree++)
    {
      guint32 index = (guint32) tree;

      g_array_append_val (trees, index);
    }
  return arbor_content_change (self->content, self->access, &change, self->sink, self->cancellable,
                               error);
}

gboolean
arbor_content_replace (ArborContent *self, ArborAccess *access, guint64 start, guint64 n_trees,
                       ArborSelection *trees, ArborAccess *trees_access,
                       const ArborContentSink *sink, GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  Replace replace = {
    .content = self,
    .access = access,
    .sink = sink,
    .cancellable = cancellable,
    .trees = trees,
    .trees_access = trees_access,
    .start = start,
  };
  guint32 piece;

  arbor_stop_begin (&stop, cancellable);
  if ((trees != NULL &&
       (!arbor_access_verify (trees_access, cancellable, error) ||
        !arbor_selection_get_count (trees, trees_access, cancellable, &replace.n_new, error))) ||
      !check_range (self, start, n_trees, replace.n_new, error))
    return FALSE;
  replace.end = start + n_trees;
  if (is_to_be_mended (&replace, &piece))
    return mend (&replace, piece, error);
  choose_pieces (&replace);
  return keep_pieces (&replace, 0, replace.first, error) && write_middle (&replace, error) &&
         keep_pieces (&replace, replace.last, get_n_pieces (self), error);
}
