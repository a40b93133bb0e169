/* See arbor-tree-map.h. Batches are paired first. Those that are not lie in stretches between pairs, and
 * only trees of one stretch are paired with each other, so that what did not move is told to be where
 * it was. Where batches have changed their order there is one stretch of all that are left.
 */

#include "query/model/arbor-tree-map-private.h"

static ArborTreeMap *
map_new (guint32 n_old, guint32 n_new)
{
  ArborTreeMap *self = g_new0 (ArborTreeMap, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->n_old = n_old;
  self->n_new = n_new;
  self->is_ascending = TRUE;
  return self;
}

ArborTreeMap *
arbor_tree_map_new_disjoint (guint32 n_old, guint32 n_new)
{
  return map_new (n_old, n_new);
}

ArborTreeMap *
arbor_tree_map_ref (ArborTreeMap *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_tree_map_unref (ArborTreeMap *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->trees);
  g_free (self);
}

/* A batch of a record, for sorting by id. */
typedef struct
{
  guint64 id;
  guint32 index;
} Listed;

static int
compare_listed (gconstpointer a, gconstpointer b)
{
  const Listed *left = a, *right = b;

  if (left->id != right->id)
    return left->id < right->id ? -1 : 1;
  return (left->index > right->index) - (left->index < right->index);
}

static Listed *
list_by_id (const ArborRecord *record)
{
  Listed *listed = g_new (Listed, record->n_batches);

  for (guint32 i = 0; i < record->n_batches; i++)
    listed[i] = (Listed){ record->batches[i].id, i };
  /* There is no array of none, which qsort wants. */
  if (record->n_batches > 0)
    qsort (listed, record->n_batches, sizeof *listed, compare_listed);
  return listed;
}

/* For each batch of @old the one of @fresh that it is, or G_MAXUINT32. One that is listed several times
 * is paired as often, the first with the first. */
static guint32 *
pair_batches (const ArborRecord *old, const ArborRecord *fresh)
{
  g_autofree Listed *left = list_by_id (old);
  g_autofree Listed *right = list_by_id (fresh);
  guint32 *pairs = g_new (guint32, old->n_batches);
  guint32 at = 0;

  for (guint32 i = 0; i < old->n_batches; i++)
    {
      const ArborBatchEntry *entry = &old->batches[left[i].index];

      while (at < fresh->n_batches && right[at].id < entry->id)
        at++;
      pairs[left[i].index] = G_MAXUINT32;
      if (at < fresh->n_batches && right[at].id == entry->id &&
          fresh->batches[right[at].index].digest == entry->digest &&
          arbor_mend_equal (fresh->batches[right[at].index].mend, entry->mend))
        pairs[left[i].index] = right[at++].index;
    }
  return pairs;
}

static gboolean
are_ascending (const guint32 *pairs, guint32 n)
{
  guint32 least = 0;

  for (guint32 i = 0; i < n; i++)
    if (pairs[i] != G_MAXUINT32)
      {
        if (pairs[i] < least)
          return FALSE;
        least = pairs[i] + 1;
      }
  return TRUE;
}

static void
map_batch (ArborTreeMap *self, const ArborRecord *old, guint32 batch, const ArborRecord *fresh,
           guint32 pair)
{
  for (guint64 tree = old->first_tree[batch]; tree < old->first_tree[batch + 1]; tree++)
    self->trees[tree] = (guint32) (tree - old->first_tree[batch] + fresh->first_tree[pair]);
}

/* The walk over both lists of batches. */
typedef struct
{
  ArborTreeMap *map;
  ArborTreeStretch old, fresh;
  guint32 next; /* batch of the fresh one */
  guint8 *is_paired; /* of each fresh batch */
  ArborCharge *charge;
  GCancellable *cancellable;
} Walk;

/* Fresh batches up to @end join the stretch, and it ends. */
static gboolean
end_stretch (Walk *self, guint32 end, GError **error)
{
  gboolean is_good;

  for (; self->next < end; self->next++)
    if (!self->is_paired[self->next])
      g_array_append_val (self->fresh.batches, self->next);
  is_good = arbor_tree_map_pair_rows (self->map, &self->old, &self->fresh, self->charge,
                                      self->cancellable, error);
  arbor_charge_release (self->charge);
  g_array_set_size (self->old.batches, 0);
  g_array_set_size (self->fresh.batches, 0);
  return is_good;
}

static gboolean
walk (Walk *self, const guint32 *pairs, GError **error)
{
  const ArborRecord *old = arbor_source_get_record (self->old.access->source);
  const ArborRecord *fresh = arbor_source_get_record (self->fresh.access->source);
  gboolean is_ascending = are_ascending (pairs, old->n_batches);

  for (guint32 i = 0; i < old->n_batches; i++)
    if (pairs[i] != G_MAXUINT32)
      self->is_paired[pairs[i]] = TRUE;
  for (guint32 i = 0; i < old->n_batches; i++)
    {
      if (pairs[i] == G_MAXUINT32)
        {
          g_array_append_val (self->old.batches, i);
          continue;
        }
      map_batch (self->map, old, i, fresh, pairs[i]);
      if (is_ascending && !end_stretch (self, pairs[i], error))
        return FALSE;
    }
  return end_stretch (self, fresh->n_batches, error);
}

static void
note_order (ArborTreeMap *self)
{
  guint32 least = 0;

  for (guint32 i = 0; i < self->n_old && self->is_ascending; i++)
    if (self->trees[i] != ARBOR_NO_TREE)
      {
        self->is_ascending = self->trees[i] >= least;
        least = self->trees[i] + 1;
      }
}

ArborTreeMap *
arbor_tree_map_new (ArborAccess *old, ArborAccess *fresh, GCancellable *cancellable, GError **error)
{
  const ArborRecord *before = arbor_source_get_record (old->source);
  const ArborRecord *after = arbor_source_get_record (fresh->source);
  g_autoptr (ArborTreeMap) self = map_new ((guint32) before->n_trees, (guint32) after->n_trees);
  g_auto (ArborCharge) charge = { .operation = "model" };
  g_autofree guint32 *pairs = NULL;
  g_autofree guint8 *is_paired = NULL;
  g_autoptr (GArray) old_batches = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) new_batches = g_array_new (FALSE, FALSE, sizeof (guint32));
  Walk state = { .map = self, .old = { old, old_batches }, .fresh = { fresh, new_batches },
                 .charge = &charge, .cancellable = cancellable };

  /* Generations are drawn once. */
  if (before->generation == after->generation && strcmp (before->name, after->name) == 0)
    {
      self->is_identity = TRUE;
      return g_steal_pointer (&self);
    }
  self->trees = arbor_charge_alloc (&charge, self->n_old, sizeof (guint32), error);
  if (self->trees == NULL)
    return NULL;
  memset (self->trees, 0xff, self->n_old * sizeof (guint32));
  pairs = pair_batches (before, after);
  state.is_paired = is_paired = g_new0 (guint8, after->n_batches + 1);
  if (!walk (&state, pairs, error))
    return NULL;
  note_order (self);
  return g_steal_pointer (&self);
}
