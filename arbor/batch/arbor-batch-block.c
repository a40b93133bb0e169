/* The memory of finished batches. A block begins ARBOR_BATCH_PHASE bytes before its batch, at a
 * multiple of ARBOR_BATCH_ALIGNMENT, so that the lanes of the batch lie aligned.
 */

#include <stdlib.h>

#include "base/arbor-memory.h"
#include "batch/arbor-batch-builder-private.h"

guint8 *
arbor_batch_allocate (gsize *size)
{
  gsize room = (*size + ARBOR_BATCH_PHASE + ARBOR_BATCH_ALIGNMENT - 1) / ARBOR_BATCH_ALIGNMENT *
               ARBOR_BATCH_ALIGNMENT;
  guint8 *block = aligned_alloc (ARBOR_BATCH_ALIGNMENT, room);

  if (block == NULL)
    g_error ("out of memory: a batch of %" G_GSIZE_FORMAT " bytes", *size);
  arbor_memory_populate (block, room);
  *size = room - ARBOR_BATCH_PHASE;
  return block + ARBOR_BATCH_PHASE;
}

void
arbor_batch_deallocate (guint8 *data)
{
  free (data - ARBOR_BATCH_PHASE);
}

GBytes *
arbor_batch_take_bytes (guint8 *data, gsize size)
{
  return g_bytes_new_with_free_func (data, size, free, data - ARBOR_BATCH_PHASE);
}

GBytes *
arbor_batch_copy_bytes (gconstpointer data, gsize size)
{
  gsize room = size;
  guint8 *copy = arbor_batch_allocate (&room);

  memcpy (copy, data, size);
  return arbor_batch_take_bytes (copy, size);
}

GBytes *
arbor_batch_try_copy_bytes (gconstpointer data, gsize size, GError **error)
{
  return arbor_memory_check (size, error) ? arbor_batch_copy_bytes (data, size) : NULL;
}
