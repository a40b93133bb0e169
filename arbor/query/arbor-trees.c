/* See arbor-trees.h. Trees are read in runs of indices; the gate is tested at each run. */

#include "query/arbor-trees.h"

#include "batch/arbor-batch-builder.h"

#define RUN 1024u

gboolean
arbor_trees_for_each (ArborSelection *selection, ArborAccess *access, ArborTreeFunc func,
                      gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint32 indices[RUN];
  guint64 position = 0;
  const ArborBatch *reader = NULL;
  guint64 first = 0, next = 0;
  guint32 n_read;

  do
    {
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (selection, access, position, RUN, indices, &n_read,
                                 cancellable, error))
        return FALSE;
      for (guint32 i = 0; i < n_read; i++)
        {
          ArborValue tree;

          if (indices[i] < first || indices[i] >= next)
            {
              guint32 batch = arbor_source_find_batch (access->source, indices[i]);

              first = arbor_source_get_first_tree (access->source, batch);
              next = arbor_source_get_first_tree (access->source, batch + 1);
              reader = arbor_access_get_batch (access, batch, error);
              if (reader == NULL)
                return FALSE;
            }
          arbor_batch_get_tree (reader, (guint32) (indices[i] - first), &tree);
          if (!func (&tree, scope, data, error) || !arbor_scope_check (scope, error))
            return FALSE;
          arbor_scope_reset (scope);
        }
      position += n_read;
    }
  while (n_read == RUN);
  return TRUE;
}

/* Building batches out of a view. */

typedef struct
{
  ArborBatchBuilder *builder;
  ArborBatchFunc sink;
  gpointer data;
} Rebuild;

static gboolean
flush_batch (Rebuild *self, GError **error)
{
  g_autoptr (GBytes) batch = arbor_batch_builder_finish (self->builder, error);

  return batch != NULL && self->sink (batch, self->data, error);
}

static gboolean
rebuild_tree (const ArborValue *tree, ArborScope *scope, gpointer data, GError **error)
{
  Rebuild *self = data;

  arbor_batch_builder_add_value (self->builder, tree, scope);
  return !arbor_batch_builder_is_full (self->builder) || flush_batch (self, error);
}

gboolean
arbor_trees_write_batches (ArborSelection *selection, ArborAccess *access, ArborBatchFunc sink,
                           gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = NULL;
  Rebuild rebuild = { .sink = sink, .data = data };

  if (arbor_selection_is_all (selection))
    {
      for (guint32 i = 0; i < arbor_source_get_n_batches (access->source); i++)
        {
          g_autoptr (GBytes) batch = NULL;

          if (!arbor_access_check (access, cancellable, error))
            return FALSE;
          batch = arbor_access_get_bytes (access, i, error);
          if (batch == NULL || !sink (batch, data, error))
            return FALSE;
        }
      return TRUE;
    }

  rebuild.builder = builder = arbor_batch_builder_new ();
  return arbor_trees_for_each (selection, access, rebuild_tree, &rebuild, cancellable, error) &&
         (arbor_batch_builder_get_n_trees (builder) == 0 || flush_batch (&rebuild, error));
}
