/* What a step of a derived source writes, and making it part of the source. Readers take batches without a
 * lock: entries first, then the list, then the numbers.
 */

#include "query/view/arbor-derived-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "batch/arbor-batch-cells.h"

void
arbor_output_clear_pending (gpointer data)
{
  ArborPendingBatch *self = data;

  g_clear_pointer (&self->place.batch, arbor_batch_free);
  g_clear_pointer (&self->place.bytes, g_bytes_unref);
}

ArborTapeWriter *
arbor_output_begin_tree (ArborOutput *self)
{
  arbor_tape_writer_reset (self->writer);
  return self->writer;
}

/* Takes over @bytes. */
static gboolean
add_pending (ArborOutput *self, GBytes *bytes, GError **error)
{
  ArborPendingBatch pending = { .place = { .bytes = bytes } };
  const guint8 *data;
  gsize size;

  data = g_bytes_get_data (bytes, &size);
  pending.place.batch = arbor_batch_open (data, size, error);
  if (pending.place.batch == NULL || !arbor_charge_add (&self->charge, size, error))
    {
      arbor_output_clear_pending (&pending);
      return FALSE;
    }
  pending.n_trees = arbor_batch_get_n_trees (pending.place.batch);
  pending.n_bytes = size;
  g_array_append_val (self->pending, pending);
  return TRUE;
}

gboolean
arbor_output_flush (gpointer user_data, GError **error)
{
  ArborOutput *self = user_data;
  GBytes *bytes;

  if (arbor_batch_builder_get_n_trees (self->builder) == 0)
    return TRUE;
  bytes = arbor_batch_builder_finish (self->builder, error);
  return bytes != NULL && add_pending (self, bytes, error);
}

gboolean
arbor_output_add_bytes (ArborOutput *self, GBytes *bytes, GError **error)
{
  return arbor_output_flush (self, error) && add_pending (self, g_bytes_ref (bytes), error);
}

ArborBatchBuilder *
arbor_output_get_builder (ArborOutput *self)
{
  return self->builder;
}

gboolean
arbor_output_end_block (ArborOutput *self, GError **error)
{
  return !arbor_batch_builder_is_full (self->builder) || arbor_output_flush (self, error);
}

ArborRebuild *
arbor_output_get_rebuild (ArborOutput *self)
{
  if (self->rebuild == NULL)
    self->rebuild = arbor_rebuild_new (self->builder, arbor_output_flush, self);
  return self->rebuild;
}

gboolean
arbor_output_add_batches (ArborOutput *self, ArborSource *input, guint32 first, guint32 end,
                          GError **error)
{
  if (!arbor_output_flush (self, error))
    return FALSE;
  for (guint32 i = first; i < end; i++)
    {
      ArborPendingBatch pending = { .place = { .origin = input, .index = i },
                          .n_trees = arbor_source_get_first_tree (input, i + 1) -
                                     arbor_source_get_first_tree (input, i) };

      g_array_append_val (self->pending, pending);
    }
  return TRUE;
}

gboolean
arbor_output_end_tree (ArborOutput *self, GError **error)
{
  ArborTape tape;

  arbor_tape_writer_finish (self->writer, &tape);
  arbor_batch_builder_add_tape (self->builder, &tape, ARBOR_TAPE_ROOT);
  return !arbor_batch_builder_is_full (self->builder) || arbor_output_flush (self, error);
}

gboolean
arbor_output_add_tree (ArborOutput *self, const ArborValue *tree, ArborScope *scope, GError **error)
{
  arbor_batch_builder_add_value (self->builder, tree, scope);
  return !arbor_batch_builder_is_full (self->builder) || arbor_output_flush (self, error);
}

gboolean
arbor_output_add_fields (ArborOutput *self, const char *const *names, const ArborValue *values,
                         gsize n, ArborScope *scope, GError **error)
{
  arbor_batch_builder_add_fields (self->builder, names, values, n, scope);
  return !arbor_batch_builder_is_full (self->builder) || arbor_output_flush (self, error);
}

void
arbor_output_drop (ArborOutput *self)
{
  for (guint i = 0; i < self->pending->len; i++)
    arbor_charge_subtract (&self->charge, g_array_index (self->pending, ArborPendingBatch, i).n_bytes);
  g_array_set_size (self->pending, 0);
  arbor_batch_builder_reset (self->builder);
}

/* Publishing: entries first, then the list, then the numbers. */

static ArborBatchList *
make_room (ArborDerived *self, guint32 n_more)
{
  ArborSource *source = self->source;
  ArborBatchList *old = source->list;
  guint32 n = source->n_batches;
  ArborBatchList *list;

  if (n_more <= old->capacity - n)
    return old;
  list = arbor_batch_list_new (MAX (2 * old->capacity, n + n_more));
  memcpy (list->places, old->places, n * sizeof *list->places);
  memcpy (list->first_tree, old->first_tree, (n + 1) * sizeof *list->first_tree);
  g_ptr_array_add (self->retired, old);
  __atomic_store_n (&source->list, list, __ATOMIC_RELEASE);
  return list;
}

gboolean
arbor_derived_check_n_trees (guint64 n_trees, GError **error)
{
  if (n_trees <= ARBOR_MAX_TREES)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("An arbor holds at most %" PRIu64 " trees, not %" PRIu64), ARBOR_MAX_TREES,
               n_trees);
  return FALSE;
}

gboolean
arbor_derived_publish (ArborDerived *self, GError **error)
{
  ArborSource *source = self->source;
  GArray *pending = self->output.pending;
  ArborBatchList *list = make_room (self, pending->len);
  guint32 n_batches = source->n_batches;
  guint64 n_bytes = source->n_bytes;
  guint64 n_trees = source->n_trees;

  for (guint i = 0; i < pending->len; i++)
    {
      list->first_tree[n_batches + i] = n_trees;
      n_trees += g_array_index (pending, ArborPendingBatch, i).n_trees;
      n_bytes += g_array_index (pending, ArborPendingBatch, i).n_bytes;
    }
  if (!arbor_derived_check_n_trees (n_trees, error))
    return FALSE;

  for (guint i = 0; i < pending->len; i++)
    {
      ArborPendingBatch *item = &g_array_index (pending, ArborPendingBatch, i);

      list->places[n_batches++] = item->place;
      *item = (ArborPendingBatch){ { NULL } };
    }
  list->first_tree[n_batches] = n_trees;
  __atomic_store_n (&source->n_bytes, n_bytes, __ATOMIC_RELEASE);
  __atomic_store_n (&source->n_batches, n_batches, __ATOMIC_RELEASE);
  __atomic_store_n (&source->n_trees, n_trees, __ATOMIC_RELEASE);
  return TRUE;
}
