/* See arbor-gathered.h. */

#include "storage/arbor-gathered.h"

#include <pthread.h>

/* Of the batches that a cache keeps; those that snapshots have as well cost nothing. */
#define MOST_BYTES (64u * 1024u * 1024u)

struct _ArborGatheredCache
{
  pthread_mutex_t mutex; /* guards what follows */
  GHashTable *set;
  GQueue order; /* ArborGathered *, the one that was used last at the tail */
  gsize n_bytes;
};

ArborGathered *
arbor_gathered_new (guint64 base, ArborMend *mend, const ArborBatch *const *batches,
                    GError **error)
{
  g_autoptr (GBytes) bytes = arbor_mend_gather (mend, batches, error);
  ArborGathered *self;
  ArborBatch *batch;
  gsize size;
  const guint8 *data;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  batch = arbor_batch_open (data, size, error);
  if (batch == NULL)
    return NULL;
  self = g_new0 (ArborGathered, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->base = base;
  self->mend = arbor_mend_ref (mend);
  self->bytes = g_steal_pointer (&bytes);
  self->batch = batch;
  return self;
}

ArborGathered *
arbor_gathered_ref (ArborGathered *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_gathered_unref (ArborGathered *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  arbor_batch_free (self->batch);
  g_bytes_unref (self->bytes);
  arbor_mend_unref (self->mend);
  g_free (self);
}

static guint
hash_gathered (gconstpointer key)
{
  const ArborGathered *self = key;

  return arbor_mend_hash (self->mend, self->base);
}

static gboolean
equal_gathered (gconstpointer a, gconstpointer b)
{
  const ArborGathered *left = a, *right = b;

  return left->base == right->base && arbor_mend_equal (left->mend, right->mend);
}

GHashTable *
arbor_gathered_set_new (void)
{
  return g_hash_table_new_full (hash_gathered, equal_gathered, NULL,
                                (GDestroyNotify) arbor_gathered_unref);
}

ArborGatheredCache *
arbor_gathered_cache_new (void)
{
  ArborGatheredCache *self = g_new0 (ArborGatheredCache, 1);

  pthread_mutex_init (&self->mutex, NULL);
  self->set = arbor_gathered_set_new ();
  g_queue_init (&self->order);
  return self;
}

void
arbor_gathered_cache_free (ArborGatheredCache *self)
{
  g_queue_clear (&self->order);
  g_hash_table_unref (self->set);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

ArborGathered *
arbor_gathered_cache_find (ArborGatheredCache *self, guint64 base, ArborMend *mend)
{
  const ArborGathered key = { .base = base, .mend = mend };
  ArborGathered *found;

  pthread_mutex_lock (&self->mutex);
  found = g_hash_table_lookup (self->set, &key);
  if (found != NULL)
    {
      g_queue_remove (&self->order, found);
      g_queue_push_tail (&self->order, found);
      arbor_gathered_ref (found);
    }
  pthread_mutex_unlock (&self->mutex);
  return found;
}

static void
drop (ArborGatheredCache *self, ArborGathered *gathered)
{
  g_queue_remove (&self->order, gathered);
  self->n_bytes -= g_bytes_get_size (gathered->bytes);
  g_hash_table_remove (self->set, gathered);
}

/* Those that were used longest ago make room. */
static void
drop_oldest (ArborGatheredCache *self)
{
  while (self->n_bytes > MOST_BYTES && self->order.length > 1)
    drop (self, self->order.head->data);
}

/* What a base came to with another mend is of no use once it is changed. */
static void
drop_same_base (ArborGatheredCache *self, guint64 base)
{
  for (GList *link = self->order.head, *next; link != NULL; link = next)
    {
      ArborGathered *known = link->data;

      next = link->next;
      if (known->base == base)
        drop (self, known);
    }
}

void
arbor_gathered_cache_add (ArborGatheredCache *self, ArborGathered *gathered)
{
  pthread_mutex_lock (&self->mutex);
  if (!g_hash_table_contains (self->set, gathered))
    {
      drop_same_base (self, gathered->base);
      g_hash_table_add (self->set, arbor_gathered_ref (gathered));
      g_queue_push_tail (&self->order, gathered);
      self->n_bytes += g_bytes_get_size (gathered->bytes);
      drop_oldest (self);
    }
  pthread_mutex_unlock (&self->mutex);
}
