/* Batches of the trees of a selection. See arbor-trees.h. They are the source's own where all of it
 * is meant and it is not derived, else made anew; trees and their order are the same.
 */

#include "query/view/arbor-trees.h"

#include "query/view/arbor-rebuild.h"

typedef struct
{
  ArborBatchBuilder *builder;
  ArborBatchFunc sink;
  gpointer data;
} Rebuild;

static gboolean
flush_batch (gpointer data, GError **error)
{
  Rebuild *self = data;
  g_autoptr (GBytes) batch = arbor_batch_builder_finish (self->builder, error);

  return batch != NULL && self->sink (batch, self->data, error);
}

gboolean
arbor_trees_are_whole (ArborSelection *selection, ArborSource *source)
{
  return arbor_selection_is_all (selection) && !arbor_source_is_derived (source) &&
         !arbor_source_has_mends (source);
}

gboolean
arbor_trees_write_batches (ArborSelection *selection, ArborAccess *access, ArborBatchFunc sink,
                           gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = NULL;
  g_autoptr (ArborRebuild) trees = NULL;
  Rebuild rebuild = { .sink = sink, .data = data };

  if (arbor_trees_are_whole (selection, access->source))
    {
      for (guint32 i = 0; i < arbor_source_get_n_batches (access->source); i++)
        {
          g_autoptr (GBytes) batch = NULL;

          if (!arbor_access_check (access, cancellable, error))
            return FALSE;
          batch = arbor_access_verify_batch (access, i, error)
                      ? arbor_access_get_bytes (access, i, error)
                      : NULL;
          if (batch == NULL || !sink (batch, data, error))
            return FALSE;
        }
      return TRUE;
    }

  rebuild.builder = builder = arbor_batch_builder_new ();
  trees = arbor_rebuild_new (builder, flush_batch, &rebuild);
  return arbor_rebuild_add_selection (trees, selection, access, cancellable, error) &&
         (arbor_batch_builder_get_n_trees (builder) == 0 || flush_batch (&rebuild, error));
}

typedef struct
{
  GPtrArray *batches;
  gboolean must_copy; /* they lie in the map */
} Collect;

static gboolean
collect_batch (GBytes *batch, gpointer data, GError **error)
{
  Collect *self = data;
  gsize size;
  gconstpointer bytes = g_bytes_get_data (batch, &size);
  GBytes *copy = self->must_copy ? arbor_batch_try_copy_bytes (bytes, size, error)
                                 : g_bytes_ref (batch);

  if (copy != NULL)
    g_ptr_array_add (self->batches, copy);
  return copy != NULL;
}

GPtrArray *
arbor_trees_copy_batches (ArborSelection *selection, ArborAccess *access, GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GPtrArray) batches =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  Collect collect = { batches, access->session != NULL &&
                                   arbor_trees_are_whole (selection, access->source) };

  if (!arbor_trees_write_batches (selection, access, collect_batch, &collect, cancellable, error))
    return NULL;
  return g_steal_pointer (&batches);
}
