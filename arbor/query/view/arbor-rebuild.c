/* See arbor-rebuild.h. */

#include "query/view/arbor-rebuild.h"

#include "base/arbor-stop.h"
#include "query/view/arbor-pick.h"

/* So many trees in a row of one batch, on the average, and each batch is gathered from in turn. */
#define FEW 16u
/* So few trees are not worth being gathered twice. */
#define SMALL 64u

struct _ArborRebuild
{
  ArborGather *gather;
  ArborGatherFlush flush;
  gpointer data;

  /* For trees in any order. */
  ArborBatchBuilder *sorted_builder;
  ArborGather *sorted_gather;
  guint32 *indices;   /* ARBOR_BATCH_MAX_TREES of these: by batch */
  guint32 *positions; /* of each tree among them */
  guint32 *batches;   /* of each tree */
  guint32 *starts;    /* of each batch of the source, among the indices */
  guint32 n_starts;
};

ArborRebuild *
arbor_rebuild_new (ArborBatchBuilder *builder, ArborGatherFlush flush, gpointer data)
{
  ArborRebuild *self = g_new0 (ArborRebuild, 1);

  self->gather = arbor_gather_new (builder);
  self->flush = flush;
  self->data = data;
  return self;
}

void
arbor_rebuild_free (ArborRebuild *self)
{
  arbor_gather_free (self->gather);
  g_clear_pointer (&self->sorted_gather, arbor_gather_free);
  g_clear_pointer (&self->sorted_builder, arbor_batch_builder_free);
  g_free (self->indices);
  g_free (self->positions);
  g_free (self->batches);
  g_free (self->starts);
  g_free (self);
}

void
arbor_rebuild_set_cut (ArborRebuild *self, guint32 n_trees)
{
  arbor_gather_set_cut (self->gather, n_trees);
}

void
arbor_rebuild_set_batch (ArborRebuild *self, const ArborBatch *batch)
{
  arbor_gather_set_batch (self->gather, batch);
}

gboolean
arbor_rebuild_add_range (ArborRebuild *self, guint32 from, guint32 n, GError **error)
{
  return arbor_gather_add_all (self->gather, from, n, self->flush, self->data, error);
}

gboolean
arbor_rebuild_add_rows (ArborRebuild *self, const ArborRows *rows, GError **error)
{
  return arbor_gather_add_rows (self->gather, rows, self->flush, self->data, error);
}

static gboolean
add_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  return arbor_rebuild_add_rows (data, rows, error);
}

/* Any order */

static void
make_room (ArborRebuild *self, guint32 n_batches)
{
  if (self->sorted_builder == NULL)
    {
      self->sorted_builder = arbor_batch_builder_new ();
      arbor_batch_builder_set_one_batch (self->sorted_builder);
      self->sorted_gather = arbor_gather_new (self->sorted_builder);
      self->indices = g_new (guint32, ARBOR_BATCH_MAX_TREES);
      self->positions = g_new (guint32, ARBOR_BATCH_MAX_TREES);
      self->batches = g_new (guint32, ARBOR_BATCH_MAX_TREES);
    }
  if (self->n_starts < n_batches + 1)
    {
      self->n_starts = n_batches + 1;
      self->starts = g_renew (guint32, self->starts, self->n_starts);
    }
}

/* Puts the trees in order of their batches. */
static void
sort_by_batch (ArborRebuild *self, ArborSource *source, const guint32 *indices, guint32 n)
{
  guint32 n_batches = arbor_source_get_n_batches (source);
  guint64 first = 0, next = 0;
  guint32 batch = 0, at = 0;

  make_room (self, n_batches);
  memset (self->starts, 0, ((gsize) n_batches + 1) * sizeof *self->starts);
  for (guint32 i = 0; i < n; i++)
    {
      if (indices[i] < first || indices[i] >= next)
        {
          batch = arbor_source_find_batch (source, indices[i]);
          first = arbor_source_get_first_tree (source, batch);
          next = arbor_source_get_first_tree (source, batch + 1);
        }
      self->batches[i] = batch;
      self->starts[batch]++;
    }
  for (guint32 i = 0; i <= n_batches; i++)
    {
      guint32 n_here = self->starts[i];

      self->starts[i] = at;
      at += n_here;
    }
  for (guint32 i = 0; i < n; i++)
    {
      self->positions[i] = self->starts[self->batches[i]]++;
      self->indices[self->positions[i]] = indices[i];
    }
}

static gboolean
gather_sorted (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  ArborRebuild *self = data;
  guint32 n_added;

  arbor_gather_set_batch (self->sorted_gather, rows->batch);
  /* Where not all of them find room, who asked sees it by their number. */
  return arbor_batch_builder_is_full (self->sorted_builder) ||
         (rows->rows != NULL ? arbor_gather_add_list (self->sorted_gather, rows->rows, rows->n,
                                                      &n_added, error)
                             : arbor_gather_add (self->sorted_gather, 0, rows->n, &n_added, error));
}

/* Some of the trees: fewer where these are too large for one batch. */
static gboolean
add_scattered (ArborRebuild *self, ArborAccess *access, const guint32 *indices, guint32 *n,
               ArborScope *scope, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ArborBatch) batch = NULL;
  ArborRows rows = { .n = *n };
  gsize size;
  const guint8 *data;

  sort_by_batch (self, access->source, indices, *n);
  arbor_batch_builder_reset (self->sorted_builder);
  if (!arbor_trees_visit_batches (access, self->indices, *n, scope, gather_sorted, self, error))
    return FALSE;
  if (arbor_batch_builder_get_n_trees (self->sorted_builder) < *n)
    {
      *n = 0;
      return TRUE;
    }
  bytes = arbor_batch_builder_finish (self->sorted_builder, error);
  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  rows.batch = batch = arbor_batch_open (data, size, error);
  rows.rows = self->positions;
  return batch != NULL && arbor_rebuild_add_rows (self, &rows, error);
}

static guint32
count_stretches (ArborSource *source, const guint32 *indices, guint32 n)
{
  guint64 first = 0, next = 0;
  guint32 n_stretches = 0;

  for (guint32 i = 0; i < n; i++)
    if (indices[i] < first || indices[i] >= next)
      {
        guint32 batch = arbor_source_find_batch (source, indices[i]);

        first = arbor_source_get_first_tree (source, batch);
        next = arbor_source_get_first_tree (source, batch + 1);
        n_stretches++;
      }
  return n_stretches;
}

static gboolean
add_indices (ArborRebuild *self, ArborAccess *access, guint32 *indices, guint32 n, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint32 most = ARBOR_BATCH_MAX_TREES;

  while (n > 0)
    {
      guint32 n_here = MIN (n, most);

      if (n_here > SMALL &&
          count_stretches (access->source, indices, n_here) > n_here / FEW)
        {
          if (!add_scattered (self, access, indices, &n_here, scope, error))
            return FALSE;
          most = n_here > 0 ? most : most / 2;
        }
      else if (!arbor_trees_visit_batches (access, indices, n_here, scope, add_rows, self, error))
        {
          return FALSE;
        }
      indices += n_here;
      n -= n_here;
    }
  return TRUE;
}

gboolean
arbor_rebuild_add_indices (ArborRebuild *self, ArborAccess *access, const guint32 *indices,
                           guint32 n, GError **error)
{
  g_autofree guint32 *copy = g_memdup2 (indices, n * sizeof *indices);
  g_auto (ArborPicked) picked = { .source = NULL };

  return n == 0 || (arbor_picked_init (&picked, access, copy, n, NULL, error) &&
                    add_indices (self, &picked.access, copy, n, error));
}

gboolean
arbor_rebuild_add_positions (ArborRebuild *self, ArborSelection *selection, ArborAccess *access,
                             guint64 position, guint32 max, guint32 *n_read,
                             GCancellable *cancellable, GError **error)
{
  g_autofree guint32 *indices = g_new (guint32, MIN (max, ARBOR_BATCH_MAX_TREES));
  guint32 n_wanted, n;

  *n_read = 0;
  do
    {
      n_wanted = MIN (max - *n_read, ARBOR_BATCH_MAX_TREES);
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (selection, access, position + *n_read, n_wanted, indices, &n,
                                 cancellable, error) ||
          !arbor_rebuild_add_indices (self, access, indices, n, error))
        return FALSE;
      *n_read += n;
    }
  while (n == n_wanted && *n_read < max);
  return TRUE;
}

gboolean
arbor_rebuild_add_selection (ArborRebuild *self, ArborSelection *selection, ArborAccess *access,
                             GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  guint32 n_read;

  arbor_stop_begin (&stop, cancellable);
  if (arbor_selection_is_all (selection))
    return arbor_trees_read_batches (selection, access, add_rows, self, cancellable, error);
  return arbor_rebuild_add_positions (self, selection, access, 0, G_MAXUINT32, &n_read, cancellable,
                                      error);
}
