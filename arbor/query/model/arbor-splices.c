/* See arbor-splices.h. A piece is as many gaps, with what stays between them, as have room in it, so that
 * pieces meet only at trees that stay; a gap that is longer than a piece is by itself, and can be cut
 * anywhere. */

#include "query/model/arbor-splices.h"

#include "base/arbor-bits.h"

/* What is cut has so many rows, or somewhat fewer. */
#define PIECE 4096u

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

/* Whether @splice may have the gap from @old to @old_end, @fresh to @fresh_end, as well. */
static gboolean
has_room (const ArborSplice *splice, guint32 old_end, guint32 fresh_end)
{
  return old_end - splice->old_start <= PIECE && fresh_end - splice->new_start <= PIECE;
}

/* Adds what lies from where @gap begins to @old and @fresh: to the last one, if pieces are asked for and it
 * has room. */
static void
add_gap (GArray *splices, ArborSplice gap, guint32 old, guint32 fresh, gboolean in_pieces)
{
  ArborSplice *last = splices->len > 0 ? &g_array_index (splices, ArborSplice, splices->len - 1) : NULL;

  if (old == gap.old_start && fresh == gap.new_start)
    return;
  if (in_pieces && last != NULL && has_room (last, old, fresh))
    gap = *last;
  else
    g_array_set_size (splices, splices->len + 1);
  gap.n_removed = old - gap.old_start;
  gap.n_added = fresh - gap.new_start;
  g_array_index (splices, ArborSplice, splices->len - 1) = gap;
}

/* FALSE: trees that stay have changed their order, or there are more than @max. */
static gboolean
find_gaps (const Pair *self, guint max, gboolean in_pieces, GArray *splices)
{
  guint32 old = 0, fresh = 0;

  for (;;)
    {
      ArborSplice gap = { .old_start = old, .new_start = fresh };

      while (old < self->before->n && get_staying (self, old) == ARBOR_NO_TREE)
        old++;
      while (fresh < self->after->n &&
             !arbor_bits_test (self->was_listed, self->after->trees[fresh]))
        fresh++;
      add_gap (splices, gap, old, fresh, in_pieces);
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

static gboolean
is_long (const ArborSplice *splice)
{
  return splice->n_removed > 0 && splice->n_added > ARBOR_SPLICES_ROWS;
}

/* Cuts what is long, in which no tree stays: rows replace as many, and the rest comes or goes. */
static GArray *
cut (GArray *splices)
{
  GArray *pieces = g_array_sized_new (FALSE, FALSE, sizeof (ArborSplice), splices->len);

  for (guint i = 0; i < splices->len; i++)
    {
      ArborSplice rest = g_array_index (splices, ArborSplice, i);

      while (is_long (&rest))
        {
          guint32 n = MIN (PIECE, rest.n_removed);
          ArborSplice piece = { rest.old_start, n, rest.new_start, n };

          g_array_append_val (pieces, piece);
          rest = (ArborSplice){ rest.old_start + n, rest.n_removed - n, rest.new_start + n,
                                rest.n_added - n };
        }
      g_array_append_val (pieces, rest);
    }
  g_array_unref (splices);
  return pieces;
}

static GArray *
find (const Pair *self, guint max)
{
  GArray *splices = g_array_new (FALSE, FALSE, sizeof (ArborSplice));
  g_autoptr (GArray) span = NULL;

  if (find_gaps (self, max, FALSE, splices))
    return cut (splices);
  span = find_span (self);
  g_array_set_size (splices, 0);
  if (is_long (&g_array_index (span, ArborSplice, 0)) && find_gaps (self, G_MAXUINT, TRUE, splices))
    return cut (splices);
  g_array_unref (splices);
  return g_steal_pointer (&span);
}

GArray *
arbor_splices_find (const ArborListing *before, const ArborTreeMap *map, const ArborListing *after,
                    guint max)
{
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
  return find (&self, max);
}
