/* Pairing trees by digests of their texts: 128 bits of XXH3 with a seed that nobody can foresee, so
 * data cannot be made to collide. Texts are exact (kinds, order of keys, digits of numbers), as
 * edits by content see them.
 *
 * What most edits leave is paired without a table: the trees at both ends that are the same. In
 * between, equal trees are chained in their order, and each of the new ones takes the first that is left.
 */

#include "query/model/arbor-tree-map-private.h"

#include <pthread.h>
#include <xxhash.h>

#include "base/arbor-pool.h"
#include "base/arbor-random.h"
#include "base/arbor-stop.h"
#include "json/arbor-row-writer.h"

typedef struct
{
  const ArborTreeStretch *stretch;
  guint32 n;
  guint32 *first; /* of each batch: the place of its first tree among the n */
  XXH128_hash_t *digests;
  guint64 seed;
  const ArborStop *stop;
  GCancellable *cancellable;
  pthread_mutex_t mutex; /* guards error */
  GError *error;
} Digests;

static void
fail (Digests *self, GError *error)
{
  pthread_mutex_lock (&self->mutex);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  pthread_mutex_unlock (&self->mutex);
  g_clear_error (&error);
}

/* The digests of one batch. */
static gboolean
digest_batch (Digests *self, guint32 task, GError **error)
{
  ArborAccess *access = self->stretch->access;
  guint32 index = g_array_index (self->stretch->batches, guint32, task);
  const ArborBatch *batch = arbor_access_get_batch (access, index, error);
  g_autoptr (ArborRowWriter) writer = arbor_row_writer_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBuffer text = { 0 };
  gboolean is_good = batch != NULL;
  guint32 n = is_good ? arbor_batch_get_n_trees (batch) : 0;

  for (guint32 row = 0; row < n && is_good; row++)
    {
      if (row % 1024 == 0)
        is_good = arbor_access_check (access, self->cancellable, error);
      arbor_buffer_clear (&text);
      arbor_row_writer_write (writer, batch, row, scope, &text);
      self->digests[self->first[task] + row] =
          XXH3_128bits_withSeed (text.data, text.length, self->seed);
      arbor_scope_reset (scope);
    }
  arbor_buffer_free (&text);
  return is_good && arbor_scope_check (scope, error);
}

static void
digest_in_pool (guint32 task, gpointer data)
{
  Digests *self = data;
  const ArborStop *before = arbor_stop_adopt (self->stop);
  GError *error = NULL;

  if (!digest_batch (self, task, &error))
    fail (self, error);
  arbor_stop_adopt (before);
}

static guint32
count_trees (const ArborTreeStretch *stretch)
{
  guint32 n = 0;

  for (guint i = 0; i < stretch->batches->len; i++)
    {
      guint32 batch = g_array_index (stretch->batches, guint32, i);
      ArborSource *source = stretch->access->source;

      n += (guint32) (arbor_source_get_first_tree (source, batch + 1) -
                      arbor_source_get_first_tree (source, batch));
    }
  return n;
}

/* @trees gets the index in the source of each place. */
static gboolean
read_digests (Digests *self, const ArborTreeStretch *stretch, guint32 *trees, ArborCharge *charge,
              GError **error)
{
  ArborStop stop;
  guint32 n_batches = stretch->batches->len;
  guint32 at = 0;

  self->stretch = stretch;
  self->first = g_new (guint32, n_batches);
  self->digests = arbor_charge_alloc (charge, self->n, sizeof *self->digests, error);
  if (self->digests == NULL)
    return FALSE;
  for (guint32 i = 0; i < n_batches; i++)
    {
      guint32 batch = g_array_index (stretch->batches, guint32, i);
      guint64 first = arbor_source_get_first_tree (stretch->access->source, batch);
      guint64 next = arbor_source_get_first_tree (stretch->access->source, batch + 1);

      self->first[i] = at;
      for (guint64 tree = first; tree < next; tree++)
        trees[at++] = (guint32) tree;
    }
  arbor_stop_capture (&stop);
  self->stop = &stop;
  arbor_pool_run (n_batches, digest_in_pool, self);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

static void
digests_clear (Digests *self)
{
  g_free (self->first);
  g_free (self->digests);
  g_clear_error (&self->error);
  pthread_mutex_destroy (&self->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Digests, digests_clear)

/* Pairs what lies between the ends that are the same: old places [from, to), new ones [from, new_to). A
 * table of chains: the first old place of a digest, and of each place the next one. */
static gboolean
pair_between (ArborTreeMap *self, const Digests *old, const guint32 *old_trees, const Digests *fresh,
              const guint32 *new_trees, guint32 from, guint32 to, guint32 new_to, ArborCharge *charge,
              GError **error)
{
  guint32 n = to - from;
  gsize n_slots = 16;
  g_autofree guint32 *slots = NULL;
  g_autofree guint32 *next = NULL;

  if (n == 0 || new_to == from)
    return TRUE;
  while (n_slots < 2 * (gsize) n)
    n_slots *= 2;
  slots = arbor_charge_alloc (charge, n_slots, sizeof *slots, error);
  next = slots != NULL ? arbor_charge_alloc (charge, n, sizeof *next, error) : NULL;
  if (next == NULL)
    return FALSE;
  memset (slots, 0xff, n_slots * sizeof *slots);

  /* From the last one: the chain of a slot begins with the first. */
  for (guint32 place = to; place-- > from;)
    {
      guint32 *slot = &slots[old->digests[place].low64 & (n_slots - 1)];

      next[place - from] = *slot;
      *slot = place;
    }
  for (guint32 place = from; place < new_to; place++)
    {
      guint32 *link = &slots[fresh->digests[place].low64 & (n_slots - 1)];

      while (*link != G_MAXUINT32 &&
             !XXH128_isEqual (old->digests[*link], fresh->digests[place]))
        link = &next[*link - from];
      if (*link == G_MAXUINT32)
        continue;
      self->trees[old_trees[*link]] = new_trees[place];
      *link = next[*link - from];
    }
  return TRUE;
}

gboolean
arbor_tree_map_pair_rows (ArborTreeMap *self, const ArborTreeStretch *old,
                          const ArborTreeStretch *fresh, ArborCharge *charge,
                          GCancellable *cancellable, GError **error)
{
  guint64 seed = arbor_random_draw_seed ();
  g_auto (Digests) before = { .n = count_trees (old), .seed = seed, .cancellable = cancellable };
  g_auto (Digests) after = { .n = count_trees (fresh), .seed = seed, .cancellable = cancellable };
  g_autofree guint32 *old_trees = NULL;
  g_autofree guint32 *new_trees = NULL;
  guint32 n_head = 0, n_tail = 0, most = MIN (before.n, after.n);

  pthread_mutex_init (&before.mutex, NULL);
  pthread_mutex_init (&after.mutex, NULL);
  if (most == 0)
    return TRUE;
  old_trees = arbor_charge_alloc (charge, before.n, sizeof *old_trees, error);
  new_trees = old_trees != NULL ? arbor_charge_alloc (charge, after.n, sizeof *new_trees, error) : NULL;
  if (new_trees == NULL || !read_digests (&before, old, old_trees, charge, error) ||
      !read_digests (&after, fresh, new_trees, charge, error))
    return FALSE;

  while (n_head < most && XXH128_isEqual (before.digests[n_head], after.digests[n_head]))
    {
      self->trees[old_trees[n_head]] = new_trees[n_head];
      n_head++;
    }
  while (n_tail < most - n_head && XXH128_isEqual (before.digests[before.n - 1 - n_tail],
                                                   after.digests[after.n - 1 - n_tail]))
    {
      n_tail++;
      self->trees[old_trees[before.n - n_tail]] = new_trees[after.n - n_tail];
    }
  return pair_between (self, &before, old_trees, &after, new_trees, n_head, before.n - n_tail,
                       after.n - n_tail, charge, error);
}
