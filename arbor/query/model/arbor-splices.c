/* See arbor-splices.h. */

#include "query/model/arbor-splices.h"

#include "base/arbor-bits.h"

typedef struct
{
  const ArborListing *before;
  const ArborTreeMap *map;
  const ArborListing *after;
  guint64 *was_listed; /* of the trees of the state after: whether the listing before has it */
  guint64 *is_listed;
} Pair;

/* The tree at @position before, as it is numbered after; ARBOR_NO_TREE where it is not listed. */
static guint32
get_staying (const Pair *self, guint32 position)
{
  guint32 tree = arbor_tree_map_get (self->map, self->before->trees[position]);

  return tree != ARBOR_NO_TREE && arbor_bits_test (self->is_listed, tree) ? tree : ARBOR_NO_TREE;
}

static GArray *
find_span (const Pair *self)
{
  GArray *splices = g_array_new (FALSE, FALSE, sizeof (ArborSplice));
  guint32 n_old = self->before->n, n_new = self->after->n, most = MIN (n_old, n_new);
  guint32 head = 0, tail = 0;
  ArborSplice splice;

  while (head < most && get_staying (self, head) == self->after->trees[head])
    head++;
  while (tail < most - head &&
         get_staying (self, n_old - 1 - tail) == self->after->trees[n_new - 1 - tail])
    tail++;
  splice = (ArborSplice){ head, n_old - head - tail, head, n_new - head - tail };
  if (splice.n_removed > 0 || splice.n_added > 0)
    g_array_append_val (splices, splice);
  return splices;
}

/* FALSE: one span is to be told. */
static gboolean
find_gaps (const Pair *self, guint max, GArray *splices)
{
  guint32 old = 0, fresh = 0;

  for (;;)
    {
      ArborSplice splice = { .old_start = old, .new_start = fresh };

      while (old < self->before->n && get_staying (self, old) == ARBOR_NO_TREE)
        old++;
      while (fresh < self->after->n &&
             !arbor_bits_test (self->was_listed, self->after->trees[fresh]))
        fresh++;
      splice.n_removed = old - splice.old_start;
      splice.n_added = fresh - splice.new_start;
      if (splice.n_removed > 0 || splice.n_added > 0)
        g_array_append_val (splices, splice);
      if (splices->len > max)
        return FALSE;
      if (old == self->before->n || fresh == self->after->n)
        return old == self->before->n && fresh == self->after->n;
      if (get_staying (self, old) != self->after->trees[fresh])
        return FALSE;
      old++;
      fresh++;
    }
}

GArray *
arbor_splices_find (const ArborListing *before, const ArborTreeMap *map, const ArborListing *after,
                    guint max)
{
  GArray *splices = g_array_new (FALSE, FALSE, sizeof (ArborSplice));
  gsize n_words = arbor_bits_n_words (map->n_new) + 1;
  g_autofree guint64 *was_listed = g_new0 (guint64, n_words);
  g_autofree guint64 *is_listed = g_new0 (guint64, n_words);
  Pair self = { before, map, after, was_listed, is_listed };

  for (guint32 i = 0; i < before->n; i++)
    {
      guint32 tree = arbor_tree_map_get (map, before->trees[i]);

      if (tree != ARBOR_NO_TREE)
        arbor_bits_set (was_listed, tree);
    }
  for (guint32 i = 0; i < after->n; i++)
    arbor_bits_set (is_listed, after->trees[i]);
  if (find_gaps (&self, max, splices))
    return splices;
  g_array_unref (splices);
  return find_span (&self);
}
