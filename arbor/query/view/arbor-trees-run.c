/* Trees that lie strewn over a source, as rows of several batches. See arbor-trees.h. Each batch of
 * a run comes once, with all of its rows in the order in which they were asked for; their places
 * tell where these belong.
 */

#include "query/view/arbor-trees.h"

/* Trees that follow each other in one batch, on average, for which it is worth to visit batch by
 * batch. */
#define MIN_TOGETHER 128u

gboolean
arbor_trees_are_strewn (ArborAccess *access, const guint32 *indices, guint32 n)
{
  guint64 first = 0, next = 0;
  guint32 n_stretches = 0;

  for (guint32 i = 0; i < n; i++)
    if (indices[i] < first || indices[i] >= next)
      {
        guint32 batch = arbor_source_find_batch (access->source, indices[i]);

        first = arbor_source_get_first_tree (access->source, batch);
        next = arbor_source_get_first_tree (access->source, batch + 1);
        if (++n_stretches > 1 && n / n_stretches < MIN_TOGETHER)
          return TRUE;
      }
  return FALSE;
}

/* Finds the batch of a tree: that of the first tree of its span is known, and the next ones are tried
 * from there. */
#define N_SPANS 4096u

typedef struct
{
  guint64 *first_tree; /* of each batch, and behind the last one */
  guint32 *of_span;
  guint shift;
} BatchFinder;

static void
batch_finder_init (BatchFinder *self, ArborSource *source, ArborScope *scope)
{
  guint32 n_batches = arbor_source_get_n_batches (source);
  guint64 n_trees;
  guint32 batch = 0;

  self->first_tree = arbor_scope_alloc (scope, ((gsize) n_batches + 1) * sizeof (guint64));
  for (guint32 i = 0; i <= n_batches; i++)
    self->first_tree[i] = arbor_source_get_first_tree (source, i);
  n_trees = self->first_tree[n_batches];
  for (self->shift = 0; n_trees >> self->shift >= N_SPANS;)
    self->shift++;
  self->of_span = arbor_scope_alloc (scope, N_SPANS * sizeof (guint32));
  for (guint32 i = 0; i < N_SPANS && (guint64) i << self->shift < n_trees; i++)
    {
      while (self->first_tree[batch + 1] <= (guint64) i << self->shift)
        batch++;
      self->of_span[i] = batch;
    }
}

static inline guint32
find_batch (const BatchFinder *self, guint32 tree)
{
  guint32 batch = self->of_span[tree >> self->shift];

  while (self->first_tree[batch + 1] <= tree)
    batch++;
  return batch;
}

gboolean
arbor_trees_make_run (ArborAccess *access, const guint32 *indices, guint32 n, ArborScope *scope,
                      ArborRows *run, GError **error)
{
  guint32 n_batches = arbor_source_get_n_batches (access->source);
  guint32 *batches = arbor_scope_alloc (scope, n * sizeof *batches);
  guint32 *rows = arbor_scope_alloc (scope, n * sizeof *rows);
  guint32 *places = arbor_scope_alloc (scope, n * sizeof *places);
  guint32 *ends = arbor_scope_alloc (scope, ((gsize) n_batches + 1) * sizeof *ends);
  ArborStretch *stretches = arbor_scope_alloc (scope, MIN (n, n_batches) * sizeof *stretches);
  BatchFinder finder;
  guint32 start = 0;

  batch_finder_init (&finder, access->source, scope);
  memset (ends, 0, ((gsize) n_batches + 1) * sizeof *ends);
  for (guint32 i = 0; i < n; i++)
    {
      batches[i] = find_batch (&finder, indices[i]);
      ends[batches[i] + 1]++;
    }
  for (guint32 i = 0; i < n_batches; i++)
    ends[i + 1] += ends[i];
  for (guint32 i = 0; i < n; i++)
    {
      guint32 at = ends[batches[i]]++;

      rows[at] = (guint32) (indices[i] - finder.first_tree[batches[i]]);
      places[at] = i;
    }
  *run = (ArborRows){ .n = n, .stretches = stretches, .trees = indices };
  for (guint32 i = 0; i < n_batches; i++)
    {
      ArborStretch *stretch = &stretches[run->n_stretches];

      if (ends[i] == start)
        continue;
      *stretch = (ArborStretch){ .batch = arbor_access_get_batch (access, i, error),
                                 .first = arbor_source_get_first_tree (access->source, i),
                                 .n = ends[i] - start,
                                 .rows = rows + start,
                                 .places = places + start };
      if (stretch->batch == NULL)
        return FALSE;
      run->n_stretches++;
      start = ends[i];
    }
  return TRUE;
}

gboolean
arbor_trees_visit_run (ArborAccess *access, guint32 *indices, guint32 n, ArborScope *scope,
                       ArborRowsFunc func, gpointer data, GError **error)
{
  ArborRows run;
  gboolean is_good;

  if (!arbor_trees_ensure (access, indices, n, NULL, error))
    return FALSE;
  if (!arbor_trees_are_strewn (access, indices, n))
    return arbor_trees_visit_batches (access, indices, n, scope, func, data, error);
  is_good = arbor_trees_make_run (access, indices, n, scope, &run, error) &&
            func (&run, scope, data, error) && arbor_scope_check (scope, error);
  arbor_scope_reset (scope);
  return is_good;
}
