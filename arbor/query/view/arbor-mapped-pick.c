/* How many trees come out of which rows, and making a few of them. See arbor-derived.h. Where a tree does not
 * give just one, those that were counted are remembered for each piece of the view, so that the trees of a
 * place are found with a look at one piece.
 */

#include "query/view/arbor-mapped-private.h"

#include "query/view/arbor-pick.h"

#define PIECE ARBOR_MAPPED_PIECE

/* Counting */

typedef struct
{
  ArborMapped *mapped;
  gboolean is_known;
} Count;

static void
add_counts (ArborMapped *self, const guint32 *counts, guint32 n)
{
  for (guint32 i = 0, end; i < n; i = end)
    {
      if (self->n_counted % PIECE == 0)
        g_array_append_val (self->starts, self->n_found);
      end = (guint32) MIN (n, i + PIECE - self->n_counted % PIECE);
      self->n_counted += end - i;
      for (; i < end; i++)
        self->n_found += counts[i];
    }
}

static gboolean
count_batch (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Count *count = data;
  ArborMapped *self = count->mapped;
  guint32 *counts = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *counts);

  if (count->is_known &&
      !self->mapping->count (self->data, rows, scope, counts, &count->is_known, error))
    return FALSE;
  if (count->is_known)
    add_counts (self, counts, rows->n);
  return TRUE;
}

static void
forget_counts (ArborMapped *self)
{
  if (self->starts != NULL)
    g_array_set_size (self->starts, 0);
  self->n_counted = self->n_found = 0;
  self->is_counted = FALSE;
}

/* An access to what the count looks at. */
static gboolean
begin_counting (ArborMapped *self, ArborAccess *access, ArborAccess *narrow,
                GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);
  ArborAccess input;

  arbor_access_borrow (&input, access, self->source);
  if (self->mapping->nodes != NULL)
    self->mapping->nodes (self->data, 0, nodes);
  arbor_access_narrow (narrow, &input, (ArborNode *const *) nodes->pdata, nodes->len, NULL);
  if (self->starts == NULL)
    self->starts = g_array_new (FALSE, FALSE, sizeof (guint64));
  return arbor_mapped_prepare (self, access, cancellable, error);
}

/* All at once reads whole batches, which is quicker than some more and some more. */
static gboolean
count_rows (ArborMapped *self, ArborAccess *narrow, guint64 limit, Count *count,
            GCancellable *cancellable, GError **error)
{
  guint32 n_wanted, n_read;

  if (self->n_counted == 0 && limit == G_MAXUINT64)
    return arbor_trees_read_batches (self->selection, narrow, count_batch, count, cancellable,
                                     error);
  while (count->is_known && !self->is_counted && self->n_found < limit)
    {
      n_wanted = (guint32) CLAMP (limit - self->n_found, PIECE, ARBOR_BATCH_MAX_TREES);
      if (!arbor_trees_read_some (self->selection, narrow, self->n_counted, n_wanted, count_batch,
                                  count, &n_read, cancellable, error))
        return FALSE;
      self->is_counted = n_read < n_wanted;
    }
  return TRUE;
}

static gboolean
count_up_to (ArborMapped *self, ArborAccess *access, guint64 limit, GCancellable *cancellable,
             GError **error)
{
  Count count = { .mapped = self, .is_known = TRUE };
  ArborAccess narrow;

  if (self->is_counted || self->n_found >= limit)
    return TRUE;
  if (!begin_counting (self, access, &narrow, cancellable, error) ||
      !count_rows (self, &narrow, limit, &count, cancellable, error))
    {
      forget_counts (self);
      return FALSE;
    }
  self->is_counted |= limit == G_MAXUINT64;
  self->cannot_count = !count.is_known;
  if (self->cannot_count)
    forget_counts (self);
  return TRUE;
}

gboolean
arbor_mapped_count (gpointer data, ArborAccess *access, guint64 limit, guint64 *n,
                    gboolean *is_known, GCancellable *cancellable, GError **error)
{
  ArborMapped *self = data;
  ArborAccess input;

  arbor_access_borrow (&input, access, self->source);
  *is_known = TRUE;
  if (self->mapping->is_one_to_one || (self->mapping->is_one_each && limit < G_MAXUINT64))
    return arbor_selection_tell_up_to (self->selection, &input, limit, cancellable, n, error);
  *is_known = self->mapping->count != NULL && !self->cannot_count;
  if (!*is_known)
    return TRUE;
  if (!count_up_to (self, access, limit, cancellable, error))
    return FALSE;
  *n = self->n_found;
  *is_known = !self->cannot_count;
  return TRUE;
}

/* Picking */

/* Trees of the view that are read for those that are picked. */
typedef struct
{
  guint32 *positions;
  ArborWindow *windows; /* of each; NULL: all give one */
  guint32 n;
} Picks;

typedef struct
{
  ArborMapped *mapped;
  guint32 *counts; /* of the rows of a piece */
  guint32 n;
} PieceCounts;

static gboolean
count_piece (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  PieceCounts *self = data;
  gboolean is_known = TRUE;

  if (!self->mapped->mapping->count (self->mapped->data, rows, scope, self->counts + self->n,
                                     &is_known, error))
    return FALSE;
  self->n += rows->n;
  return is_known;
}

/* The last piece that begins with tree @index or before it. */
static guint
find_piece (const ArborMapped *self, guint64 index)
{
  guint low = 0, high = self->starts->len;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->starts, guint64, middle) <= index)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* Trees that follow each other, of one row, are one window. */
static void
add_pick (Picks *self, guint32 position, guint64 nth)
{
  ArborWindow *last = self->n > 0 ? &self->windows[self->n - 1] : NULL;

  if (last != NULL && self->positions[self->n - 1] == position && last->first + last->n == nth)
    {
      last->n++;
      return;
    }
  self->positions[self->n] = position;
  self->windows[self->n++] = (ArborWindow){ .first = (guint32) nth, .n = 1 };
}

/* Those of @indices that lie in one piece; returns how many. 0: an error. */
static guint32
find_in_piece (ArborMapped *self, ArborAccess *narrow, const guint32 *indices, guint32 n,
               Picks *picks, GCancellable *cancellable)
{
  guint piece = find_piece (self, indices[0]);
  guint64 start = g_array_index (self->starts, guint64, piece);
  guint32 counts[PIECE] = { 0 };
  PieceCounts read = { .mapped = self, .counts = counts };
  guint32 n_read, i = 0;

  if (!arbor_trees_read_some (self->selection, narrow, (guint64) piece * PIECE, PIECE, count_piece,
                              &read, &n_read, cancellable, NULL))
    return 0;
  for (guint32 row = 0; row < read.n; start += counts[row++])
    for (; i < n && indices[i] - start < counts[row]; i++)
      add_pick (picks, piece * PIECE + row, indices[i] - start);
  return i;
}

static gboolean
find_rows (ArborMapped *self, ArborAccess *access, const guint32 *indices, guint32 n, Picks *picks,
           GCancellable *cancellable)
{
  ArborAccess narrow;
  guint32 n_here;

  if (self->cannot_count ||
      !count_up_to (self, access, (guint64) indices[n - 1] + 1, cancellable, NULL) ||
      self->cannot_count ||
      !begin_counting (self, access, &narrow, cancellable, NULL))
    return FALSE;
  while (n > 0 && indices[n - 1] >= self->n_found)
    n--;
  picks->windows = g_new (ArborWindow, MAX (n, 1));
  for (guint32 i = 0; i < n; i += n_here)
    {
      n_here = find_in_piece (self, &narrow, indices + i, n - i, picks, cancellable);
      if (n_here == 0)
        return FALSE;
    }
  return TRUE;
}

gpointer
arbor_mapped_pick (gpointer data, ArborAccess *access, const guint32 *indices, guint32 n,
                   GCancellable *cancellable)
{
  ArborMapped *self = data;
  const ArborMapping *mapping = self->mapping;
  gboolean is_one = mapping->is_one_to_one || mapping->is_one_each;
  Picks picks = { .positions = g_memdup2 (indices, n * sizeof *indices), .n = is_one ? n : 0 };
  g_autoptr (ArborSelection) selection = NULL;
  gpointer copy = NULL;
  ArborMapped *picked;
  ArborAccess input;

  arbor_access_borrow (&input, access, self->source);
  if (mapping->narrow != NULL && (is_one || (mapping->count != NULL && mapping->get_windows != NULL)) &&
      (is_one || find_rows (self, access, indices, n, &picks, cancellable)) &&
      arbor_pick_positions (self->selection, &input, picks.positions, &picks.n, cancellable))
    copy = mapping->narrow (self->data, NULL);
  if (copy == NULL)
    {
      g_free (picks.positions);
      g_free (picks.windows);
      return NULL;
    }
  selection = arbor_selection_new_list (picks.positions, picks.n);
  picked = arbor_mapped_new (mapping, copy, self->source, selection);
  picked->windows = picks.windows;
  if (picks.windows != NULL)
    mapping->get_windows (copy)->list = picks.windows;
  return picked;
}
