/* Where trees lie. See arbor-source.h. */

#include "query/view/arbor-source-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-memory.h"

ArborBatchList *
arbor_batch_list_new (guint32 capacity)
{
  ArborBatchList *self = g_new0 (ArborBatchList, 1);

  self->capacity = capacity;
  self->places = g_new0 (ArborBatchPlace, (gsize) capacity + 1);
  self->first_tree = g_new0 (guint64, (gsize) capacity + 1);
  return self;
}

void
arbor_batch_list_free (ArborBatchList *self)
{
  g_free (self->places);
  g_free (self->first_tree);
  g_free (self);
}

ArborSource *
arbor_source_alloc (void)
{
  ArborSource *self = g_new0 (ArborSource, 1);

  /* What is computed from it takes large blocks again and again. */
  arbor_memory_keep_blocks ();
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

ArborSource *
arbor_source_new_memory (GPtrArray *batches, GError **error)
{
  g_autoptr (ArborSource) self = arbor_source_alloc ();
  g_autoptr (GPtrArray) taken = batches;

  self->list = arbor_batch_list_new (taken->len);
  for (guint i = 0; i < taken->len; i++)
    {
      GBytes *bytes = g_ptr_array_index (taken, i);
      gsize size;
      const guint8 *data = g_bytes_get_data (bytes, &size);
      ArborBatch *batch = arbor_batch_open (data, size, error);

      if (batch == NULL)
        return NULL;
      self->list->places[i].batch = batch;
      self->list->places[i].bytes = g_bytes_ref (bytes);
      self->n_batches = i + 1;
      self->n_trees += arbor_batch_get_n_trees (batch);
      self->n_bytes += size;
      self->list->first_tree[i + 1] = self->n_trees;
    }
  if (self->n_trees > ARBOR_MAX_TREES)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("An arbor holds at most %" PRIu64 " trees, not %" PRIu64),
                   ARBOR_MAX_TREES, self->n_trees);
      return NULL;
    }
  return g_steal_pointer (&self);
}

ArborSource *
arbor_source_new_single (GBytes *batch, ArborValue *tree, GError **error)
{
  GPtrArray *batches;
  ArborSource *self;

  if (batch == NULL)
    return NULL;
  batches = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (batches, batch);
  self = arbor_source_new_memory (batches, error);
  if (self != NULL)
    arbor_batch_get_tree (self->list->places[0].batch, 0, tree);
  return self;
}

ArborSource *
arbor_source_new_stored (ArborSession *session, ArborRecord *record, ArborSnapshot *current,
                         ArborSnapshot *pinned)
{
  ArborSource *self = arbor_source_alloc ();

  self->session = arbor_session_ref (session);
  self->record = arbor_record_ref (record);
  self->has_mends = arbor_record_has_mends (record);
  self->n_trees = record->n_trees;
  self->n_bytes = record->n_bytes;
  self->n_batches = record->n_batches;
  self->epoch = arbor_snapshot_get_epoch (current);
  if (pinned != NULL)
    self->pinned = arbor_snapshot_ref (pinned);
  return self;
}

ArborSource *
arbor_source_ref (ArborSource *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_source_unref (ArborSource *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint32 i = 0; self->list != NULL && i < self->n_batches; i++)
    {
      g_clear_pointer (&self->list->places[i].batch, arbor_batch_free);
      g_clear_pointer (&self->list->places[i].bytes, g_bytes_unref);
    }
  g_clear_pointer (&self->list, arbor_batch_list_free);
  g_clear_pointer (&self->derived, arbor_derived_free);
  for (guint i = 0; i < self->n_leaves; i++)
    arbor_source_unref (self->leaves[i]);
  g_free (self->leaves);
  g_clear_pointer (&self->gate, arbor_gate_unref);
  g_clear_pointer (&self->pieces, g_ptr_array_unref);
  g_clear_pointer (&self->patches, g_hash_table_unref);
  g_free (self->name);
  g_clear_pointer (&self->pinned, arbor_snapshot_unref);
  g_clear_pointer (&self->record, arbor_record_unref);
  g_clear_pointer (&self->session, arbor_session_unref);
  g_free (self);
}

guint64
arbor_source_get_n_trees (ArborSource *self)
{
  return __atomic_load_n (&self->n_trees, __ATOMIC_ACQUIRE);
}

guint64
arbor_source_get_n_bytes (ArborSource *self)
{
  return __atomic_load_n (&self->n_bytes, __ATOMIC_ACQUIRE);
}

guint32
arbor_source_get_n_batches (ArborSource *self)
{
  return __atomic_load_n (&self->n_batches, __ATOMIC_ACQUIRE);
}

gboolean
arbor_source_is_derived (ArborSource *self)
{
  return self->derived != NULL;
}

/* The list is loaded after the number of batches that it must have at least. */
static const guint64 *
get_first_trees (ArborSource *self)
{
  if (self->record != NULL)
    return self->record->first_tree;
  return __atomic_load_n (&self->list, __ATOMIC_ACQUIRE)->first_tree;
}

guint64
arbor_source_get_first_tree (ArborSource *self, guint32 batch)
{
  return get_first_trees (self)[batch];
}

ArborSession *
arbor_source_get_session (ArborSource *self)
{
  return self->session;
}

const char *
arbor_source_get_name (ArborSource *self)
{
  if (self->name != NULL)
    return self->name;
  return self->record != NULL ? self->record->name : NULL;
}

guint64
arbor_source_get_generation (ArborSource *self)
{
  return self->record != NULL && self->pieces == NULL ? self->record->generation : 0;
}

ArborRecord *
arbor_source_get_record (ArborSource *self)
{
  return self->record;
}

ArborMend *
arbor_source_get_mend (ArborSource *self, guint32 batch)
{
  return self->record != NULL ? self->record->batches[batch].mend : NULL;
}

gboolean
arbor_source_has_mends (ArborSource *self)
{
  return self->has_mends;
}

guint
arbor_source_get_n_leaves (ArborSource *self)
{
  return self->session != NULL ? 1 : self->n_leaves;
}

ArborSource *
arbor_source_get_leaf (ArborSource *self, guint leaf)
{
  return self->session != NULL ? self : self->leaves[leaf];
}

guint32
arbor_source_find_batch (ArborSource *self, guint64 tree)
{
  guint32 low = 0;
  guint32 high = arbor_source_get_n_batches (self) - 1;
  const guint64 *first_tree = get_first_trees (self);

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (first_tree[middle + 1] <= tree)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}
