/* See arbor-trees.h. Trees are read in runs of indices; the gate is tested at each run. What lies
 * strewn is put together by arbor-trees-run.c, and batches are made by arbor-trees-write.c.
 */

#include "query/view/arbor-trees.h"

#include "base/arbor-bits.h"
#include "base/arbor-stop.h"
#include "query/view/arbor-pick.h"

#define RUN 1024u

gboolean
arbor_trees_ensure (ArborAccess *access, const guint32 *indices, guint32 n,
                    GCancellable *cancellable, GError **error)
{
  guint32 last = 0;
  guint64 count;

  if (n == 0 || arbor_source_is_computed (access->source))
    return TRUE;
  for (guint32 i = 0; i < n; i++)
    last = MAX (last, indices[i]);
  return arbor_access_count_trees (access, (guint64) last + 1, cancellable, &count, error);
}

/* The rows at @indices, of which the first @n count. What @indices says is lost. */
static gboolean
walk_rows (ArborAccess *access, guint32 *indices, guint32 n, const ArborRowSink *sink,
           ArborScope *scope, GError **error)
{
  g_auto (ArborPicked) picked = { .source = NULL };
  ArborPlace place = { .batch = NULL };

  if (!arbor_picked_init (&picked, access, indices, n, NULL, error))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    {
      gboolean is_new = !arbor_place_has (&place, indices[i]);

      if (is_new && !arbor_picked_find (&picked, indices[i], &place, error))
        return FALSE;
      if (!sink->row (place.batch, arbor_place_get_row (&place, indices[i]), is_new, scope, sink->data,
                      error))
        return FALSE;
      if (!arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  return TRUE;
}

gboolean
arbor_trees_read_rows (ArborSelection *selection, ArborAccess *access, guint64 position,
                       guint32 max, const ArborRowSink *sink, guint32 *n_read,
                       GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint32 *indices = g_new (guint32, MIN (max, RUN));
  guint32 n_done = 0;
  guint32 n_wanted, n;

  arbor_stop_begin (&stop, cancellable);
  do
    {
      n_wanted = MIN (max - n_done, RUN);
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (selection, access, position + n_done, n_wanted, indices, &n,
                                 cancellable, error) ||
          !walk_rows (access, indices, n, sink, scope, error))
        return FALSE;
      n_done += n;
    }
  while (n == n_wanted && n_done < max);
  *n_read = n_done;
  return TRUE;
}

/* Whole batches, or what a selection has of them */

static gboolean
visit_batch (ArborAccess *access, guint32 batch, guint32 n, const guint32 *indices,
             ArborScope *scope, ArborRowsFunc func, gpointer data, GError **error)
{
  ArborRows rows = { .first = arbor_source_get_first_tree (access->source, batch),
                     .n = n,
                     .rows = indices };
  gboolean is_good;

  rows.batch = arbor_access_get_batch (access, batch, error);
  if (rows.batch == NULL)
    return FALSE;
  is_good = func (&rows, scope, data, error) && arbor_scope_check (scope, error);
  arbor_scope_reset (scope);
  return is_good;
}

gboolean
arbor_trees_visit_batch (ArborAccess *access, guint32 batch, ArborScope *scope, ArborRowsFunc func,
                         gpointer data, GError **error)
{
  guint64 n = arbor_source_get_first_tree (access->source, batch + 1) -
              arbor_source_get_first_tree (access->source, batch);

  return visit_batch (access, batch, (guint32) n, NULL, scope, func, data, error);
}

gboolean
arbor_trees_visit_batches (ArborAccess *access, guint32 *indices, guint32 n, ArborScope *scope,
                           ArborRowsFunc func, gpointer data, GError **error)
{
  guint32 end;

  if (!arbor_trees_ensure (access, indices, n, NULL, error))
    return FALSE;
  for (guint32 start = 0; start < n; start = end)
    {
      guint32 batch = arbor_source_find_batch (access->source, indices[start]);
      guint64 first = arbor_source_get_first_tree (access->source, batch);
      guint64 next = arbor_source_get_first_tree (access->source, batch + 1);

      for (end = start; end < n && indices[end] >= first && indices[end] < next; end++)
        indices[end] = (guint32) (indices[end] - first);
      if (!visit_batch (access, batch, end - start, indices + start, scope, func, data, error))
        return FALSE;
    }
  return TRUE;
}

/* A derived source has batches as far as they were asked for. */
static gboolean
read_all_batches (ArborAccess *access, ArborScope *scope, ArborRowsFunc func, gpointer data,
                  GCancellable *cancellable, GError **error)
{
  guint64 position = 0;

  while (TRUE)
    {
      guint64 count, next;
      guint32 batch;

      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_access_count_trees (access, position + 1, cancellable, &count, error))
        return FALSE;
      if (count <= position)
        return TRUE;
      batch = arbor_source_find_batch (access->source, position);
      next = arbor_source_get_first_tree (access->source, batch + 1);
      if (!visit_batch (access, batch, (guint32) (next - position), NULL, scope, func, data, error))
        return FALSE;
      position = next;
    }
}

/* Up to @max trees of all of a source, from @position on: of one batch, which is read as a whole where it is
 * one. */
static gboolean
read_some_of_all (ArborAccess *access, guint64 position, guint32 max, guint32 *indices,
                  ArborScope *scope, ArborRowsFunc func, gpointer data, guint32 *n_read,
                  GCancellable *cancellable, GError **error)
{
  guint64 count, first, next;
  guint32 batch;

  *n_read = 0;
  if (!arbor_access_count_trees (access, position + 1, cancellable, &count, error))
    return FALSE;
  if (count <= position)
    return TRUE;
  batch = arbor_source_find_batch (access->source, position);
  first = arbor_source_get_first_tree (access->source, batch);
  next = arbor_source_get_first_tree (access->source, batch + 1);
  *n_read = (guint32) MIN (max, next - position);
  if (*n_read == next - first)
    return visit_batch (access, batch, *n_read, NULL, scope, func, data, error);
  for (guint32 i = 0; i < *n_read; i++)
    indices[i] = (guint32) (position - first) + i;
  return visit_batch (access, batch, *n_read, indices, scope, func, data, error);
}

gboolean
arbor_trees_read_some (ArborSelection *selection, ArborAccess *access, guint64 position,
                       guint32 max, ArborRowsFunc func, gpointer data, guint32 *n_read,
                       GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint32 *indices = g_new (guint32, MIN (max, ARBOR_BATCH_MAX_TREES));
  gboolean is_all = arbor_selection_is_all (selection);
  gboolean is_good = TRUE, at_end = FALSE;

  arbor_stop_begin (&stop, cancellable);
  *n_read = 0;
  while (is_good && !at_end && *n_read < max)
    {
      guint32 n_wanted = MIN (max - *n_read, ARBOR_BATCH_MAX_TREES);
      guint32 n = 0;

      is_good = arbor_access_check (access, cancellable, error);
      if (is_good && is_all)
        is_good = read_some_of_all (access, position + *n_read, n_wanted, indices, scope, func, data,
                                    &n, cancellable, error);
      else if (is_good)
        is_good = arbor_selection_read (selection, access, position + *n_read, n_wanted, indices, &n,
                                        cancellable, error) &&
                  arbor_trees_visit_batches (access, indices, n, scope, func, data, error);
      *n_read += n;
      at_end = is_all ? n == 0 : n < n_wanted;
    }
  return is_good;
}

/* Of trees that need not be those of the source. */
static gboolean
visit_contents (ArborAccess *access, guint32 *indices, guint32 n, gboolean takes_runs,
                ArborScope *scope, ArborRowsFunc func, gpointer data, GCancellable *cancellable,
                GError **error)
{
  g_auto (ArborPicked) picked = { .source = NULL };

  return arbor_picked_init (&picked, access, indices, n, cancellable, error) &&
         (takes_runs ? arbor_trees_visit_run : arbor_trees_visit_batches) (&picked.access, indices,
                                                                           n, scope, func, data,
                                                                           error);
}

static gboolean
read_contents (ArborSelection *selection, ArborAccess *access, guint64 position, guint32 max,
               gboolean takes_runs, ArborRowsFunc func, gpointer data, guint32 *n_read,
               GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint32 *indices = g_new (guint32, MIN (max, ARBOR_BATCH_MAX_TREES));
  guint32 n_wanted, n;

  arbor_stop_begin (&stop, cancellable);
  *n_read = 0;
  do
    {
      n_wanted = MIN (max - *n_read, ARBOR_BATCH_MAX_TREES);
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (selection, access, position + *n_read, n_wanted, indices, &n,
                                 cancellable, error) ||
          !visit_contents (access, indices, n, takes_runs, scope, func, data, cancellable, error))
        return FALSE;
      *n_read += n;
    }
  while (n == n_wanted && *n_read < max);
  return TRUE;
}

gboolean
arbor_trees_read_contents (ArborSelection *selection, ArborAccess *access, guint64 position,
                           guint32 max, ArborRowsFunc func, gpointer data, guint32 *n_read,
                           GCancellable *cancellable, GError **error)
{
  return read_contents (selection, access, position, max, FALSE, func, data, n_read, cancellable,
                        error);
}

gboolean
arbor_trees_read_content_runs (ArborSelection *selection, ArborAccess *access, guint64 position,
                               guint32 max, ArborRowsFunc func, gpointer data, guint32 *n_read,
                               GCancellable *cancellable, GError **error)
{
  return position == 0 && max == G_MAXUINT32 && arbor_selection_is_all (selection)
             ? arbor_trees_read_runs (selection, access, func, data, cancellable, error)
             : read_contents (selection, access, position, max, TRUE, func, data, n_read,
                              cancellable, error);
}

static gboolean
read_batches (ArborSelection *selection, ArborAccess *access, gboolean takes_runs,
              ArborRowsFunc func, gpointer data, GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint32 *indices = NULL;
  guint64 position = 0;
  guint32 n;

  arbor_stop_begin (&stop, cancellable);
  if (arbor_selection_is_all (selection))
    return read_all_batches (access, scope, func, data, cancellable, error);
  indices = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  do
    {
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (selection, access, position, ARBOR_BATCH_MAX_TREES, indices, &n,
                                 cancellable, error) ||
          !(takes_runs ? arbor_trees_visit_run : arbor_trees_visit_batches) (access, indices, n,
                                                                             scope, func, data,
                                                                             error))
        return FALSE;
      position += n;
    }
  while (n == ARBOR_BATCH_MAX_TREES);
  return TRUE;
}

gboolean
arbor_trees_read_batches (ArborSelection *selection, ArborAccess *access, ArborRowsFunc func,
                          gpointer data, GCancellable *cancellable, GError **error)
{
  return read_batches (selection, access, FALSE, func, data, cancellable, error);
}

gboolean
arbor_trees_read_runs (ArborSelection *selection, ArborAccess *access, ArborRowsFunc func,
                       gpointer data, GCancellable *cancellable, GError **error)
{
  return read_batches (selection, access, TRUE, func, data, cancellable, error);
}

/* In the order in which they lie */

static gboolean
visit_bits (ArborAccess *access, const guint64 *bits, guint64 n_selected, ArborRowsFunc func,
            gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint32 *rows = g_new (guint32, ARBOR_BATCH_MAX_TREES);

  for (guint32 i = 0; n_selected > 0 && i < arbor_source_get_n_batches (access->source); i++)
    {
      guint64 first = arbor_source_get_first_tree (access->source, i);
      guint32 n_here = (guint32) (arbor_source_get_first_tree (access->source, i + 1) - first);
      guint32 n = arbor_bits_list (bits, (guint32) first, (guint32) first + n_here,
                                   (guint32) -first, n_here, rows);

      n_selected -= n;
      if (!arbor_access_check (access, cancellable, error) ||
          (n > 0 && !visit_batch (access, i, n, n < n_here ? rows : NULL, scope, func, data, error)))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_trees_read_as_they_lie (ArborSelection *selection, ArborAccess *access, ArborRowsFunc func,
                              gpointer data, gboolean *is_done, GCancellable *cancellable,
                              GError **error)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborSelection) set = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree guint64 *bits = NULL;
  guint64 n, n_bits;

  arbor_stop_begin (&stop, cancellable);
  set = arbor_selection_dup_set (selection);
  *is_done = set != NULL && set != selection;
  if (set == selection)
    return TRUE;
  if (set != NULL)
    return arbor_trees_read_batches (set, access, func, data, cancellable, error);
  bits = arbor_selection_list_bits (selection, access, &n_bits, &n, cancellable, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  *is_done = bits != NULL;
  return bits == NULL || visit_bits (access, bits, n, func, data, cancellable, error);
}

typedef struct
{
  ArborTreeFunc func;
  gpointer data;
} ForEach;

static gboolean
visit_row (const ArborBatch *batch, guint32 row, gboolean is_new, ArborScope *scope, gpointer data,
           GError **error)
{
  ForEach *self = data;
  ArborValue tree;

  arbor_batch_get_tree (batch, row, &tree);
  return self->func (&tree, scope, self->data, error);
}

gboolean
arbor_trees_for_each (ArborSelection *selection, ArborAccess *access, ArborTreeFunc func,
                      gpointer data, GCancellable *cancellable, GError **error)
{
  ForEach each = { func, data };
  const ArborRowSink sink = { .row = visit_row, .data = &each };
  guint32 n_read;

  return arbor_trees_read_rows (selection, access, 0, G_MAXUINT32, &sink, &n_read, cancellable,
                                error);
}
