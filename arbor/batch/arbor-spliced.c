/* See arbor-spliced.h. All that there is of one base and mend hangs together, the newest first; there are few,
 * for what was wanted once is wanted again.
 */

#include "batch/arbor-spliced.h"

#include <pthread.h>

#include "batch/arbor-splice.h"

#define MOST_BYTES (128u * 1024u * 1024u)

typedef struct
{
  ArborSpliced *spliced;
  GList link;   /* in order */
  gpointer next; /* Kept *, of the same base and mend */
} Kept;

struct _ArborSplicedCache
{
  pthread_mutex_t mutex; /* guards what follows */
  GHashTable *first;     /* ArborSpliced * -> Kept *, by base and mend */
  GQueue order;          /* Kept *, the one that was used last at the head */
  gsize n_bytes;
};

ArborSpliced *
arbor_spliced_new_parts (guint64 base, ArborMend *mend, const ArborBatch *const *batches,
                         guint n_batches, const ArborMendPart *parts, guint32 n_parts,
                         const ArborWanted *wanted)
{
  g_autoptr (GBytes) bytes = arbor_splice (batches, n_batches, parts, n_parts, wanted);
  ArborSpliced *self;
  ArborBatch *batch;
  gsize size;
  const guint8 *data;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  batch = arbor_batch_open (data, size, NULL);
  if (batch == NULL)
    return NULL;
  self = g_new0 (ArborSpliced, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->base = base;
  self->mend = arbor_mend_ref (mend);
  self->wanted = wanted != NULL ? arbor_wanted_copy (wanted) : NULL;
  self->bytes = g_steal_pointer (&bytes);
  self->batch = batch;
  return self;
}

ArborSpliced *
arbor_spliced_new (guint64 base, ArborMend *mend, const ArborBatch *const *batches,
                   const ArborWanted *wanted)
{
  return arbor_spliced_new_parts (base, mend, batches, mend->n_patches + 1, mend->parts,
                                  mend->n_parts, wanted);
}

ArborSpliced *
arbor_spliced_ref (ArborSpliced *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_spliced_unref (ArborSpliced *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  arbor_batch_free (self->batch);
  g_bytes_unref (self->bytes);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  arbor_mend_unref (self->mend);
  g_free (self);
}

/* The cache */

static guint
hash_spliced (gconstpointer key)
{
  const ArborSpliced *self = key;

  return arbor_mend_hash (self->mend, self->base);
}

static gboolean
equal_spliced (gconstpointer a, gconstpointer b)
{
  const ArborSpliced *left = a, *right = b;

  return left->base == right->base && arbor_mend_equal (left->mend, right->mend);
}

ArborSplicedCache *
arbor_spliced_cache_new (void)
{
  ArborSplicedCache *self = g_new0 (ArborSplicedCache, 1);

  pthread_mutex_init (&self->mutex, NULL);
  self->first = g_hash_table_new (hash_spliced, equal_spliced);
  g_queue_init (&self->order);
  return self;
}

static void
drop (ArborSplicedCache *self, Kept *kept)
{
  Kept *first = g_hash_table_lookup (self->first, kept->spliced);

  g_hash_table_remove (self->first, first->spliced);
  if (first == kept)
    first = kept->next;
  else
    for (Kept *at = first; at != NULL; at = at->next)
      if (at->next == kept)
        at->next = kept->next;
  if (first != NULL)
    g_hash_table_insert (self->first, first->spliced, first);
  g_queue_unlink (&self->order, &kept->link);
  self->n_bytes -= g_bytes_get_size (kept->spliced->bytes);
  arbor_spliced_unref (kept->spliced);
  g_free (kept);
}

void
arbor_spliced_cache_free (ArborSplicedCache *self)
{
  while (self->order.tail != NULL)
    drop (self, self->order.tail->data);
  g_hash_table_unref (self->first);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

static gboolean
has_all (const ArborSpliced *spliced, const ArborWanted *wanted)
{
  return spliced->wanted == NULL || (wanted != NULL && arbor_wanted_covers (spliced->wanted, wanted));
}

ArborSpliced *
arbor_spliced_cache_find (ArborSplicedCache *self, guint64 base, ArborMend *mend,
                          const ArborWanted *wanted)
{
  const ArborSpliced key = { .base = base, .mend = mend };
  ArborSpliced *found = NULL;

  pthread_mutex_lock (&self->mutex);
  for (Kept *kept = g_hash_table_lookup (self->first, &key); kept != NULL; kept = kept->next)
    if (has_all (kept->spliced, wanted))
      {
        g_queue_unlink (&self->order, &kept->link);
        g_queue_push_head_link (&self->order, &kept->link);
        found = arbor_spliced_ref (kept->spliced);
        break;
      }
  pthread_mutex_unlock (&self->mutex);
  return found;
}

void
arbor_spliced_cache_add (ArborSplicedCache *self, ArborSpliced *spliced)
{
  Kept *kept = g_new0 (Kept, 1);
  Kept *first;

  kept->spliced = arbor_spliced_ref (spliced);
  kept->link.data = kept;
  pthread_mutex_lock (&self->mutex);
  first = g_hash_table_lookup (self->first, spliced);
  if (first != NULL)
    g_hash_table_remove (self->first, spliced);
  kept->next = first;
  g_hash_table_insert (self->first, spliced, kept);
  g_queue_push_head_link (&self->order, &kept->link);
  self->n_bytes += g_bytes_get_size (spliced->bytes);
  while (self->n_bytes > MOST_BYTES && self->order.tail != &kept->link)
    drop (self, self->order.tail->data);
  pthread_mutex_unlock (&self->mutex);
}
