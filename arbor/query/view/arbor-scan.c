/* Deciding a predicate over a selection. See arbor-selection.h.
 *
 * Each step reads a piece of indices, cuts it where the batch changes, and has the rows of each cut
 * decided; the gate is tested at each cut. Of all trees of a source no indices are read: a step
 * decides rows of one batch.
 */

#include "query/view/arbor-trees.h"
#include "query/view/arbor-selection.h"

#include "base/arbor-stop.h"
#include "query/series/arbor-decider.h"
#include "query/view/arbor-keyed.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-trace.h"
#include "query/view/arbor-trees.h"

#define FIRST_PIECE 64u
#define LARGEST_PIECE ARBOR_BATCH_MAX_TREES
/* Trees in an order of their own: so many of each batch that all of it may as well be decided. */
#define LARGEST_STREWN (256u * 1024u)
#define DENSE 4u /* one tree in so many of a batch */

struct _ArborScan
{
  ArborSelection *selection;
  ArborNode **predicates;
  guint n;
  ArborSource *narrow; /* whose batches are read; NULL before the first step */
  ArborDecider *decider;
  guint64 position; /* of the next tree to decide */
  guint32 piece;    /* trees in the next step */
  guint32 largest;  /* trees in a step */
  guint32 capacity; /* of the arrays below */
  guint32 *indices;
  guint32 *rows;
  guint32 *kept;
  guint64 *positions;
  guint64 *bits; /* of all trees: those of a batch */
};

ArborScan *
arbor_scan_new (ArborSelection *selection, ArborNode *predicate)
{
  return arbor_scan_new_all (selection, &predicate, 1);
}

ArborScan *
arbor_scan_new_all (ArborSelection *selection, ArborNode *const *predicates, guint n)
{
  ArborScan *self = g_new0 (ArborScan, 1);

  self->selection = arbor_selection_ref (selection);
  self->n = n;
  self->largest = LARGEST_PIECE;
  self->predicates = g_new (ArborNode *, n + 1);
  for (guint i = 0; i < n; i++)
    self->predicates[i] = arbor_node_ref (predicates[i]);
  self->decider = arbor_decider_new (predicates, n);
  self->piece = arbor_decider_is_fast (self->decider) && arbor_selection_is_all (selection)
                    ? LARGEST_PIECE
                    : FIRST_PIECE;
  return self;
}

void
arbor_scan_free (ArborScan *self)
{
  arbor_selection_unref (self->selection);
  arbor_decider_free (self->decider);
  for (guint i = 0; i < self->n; i++)
    arbor_node_unref (self->predicates[i]);
  g_free (self->predicates);
  g_clear_pointer (&self->narrow, arbor_source_unref);
  g_free (self->indices);
  g_free (self->rows);
  g_free (self->kept);
  g_free (self->positions);
  g_free (self->bits);
  g_free (self);
}

const ArborKernelCounters *
arbor_scan_get_counters (ArborScan *self)
{
  return arbor_decider_get_counters (self->decider);
}

ArborSelection *
arbor_scan_get_selection (ArborScan *self)
{
  return self->selection;
}

guint64
arbor_scan_get_position (ArborScan *self)
{
  return self->position;
}

/* The trees that are read, and the predicates of these: the same ones in each step. */
void
arbor_scan_narrow (ArborScan *self, const ArborAccess *of, ArborAccess *access)
{
  ArborSource *about = arbor_access_get_about (of);

  *access = *of;
  if (self->narrow == NULL)
    {
      g_auto (ArborTrace) trace;

      arbor_trace_init (&trace, about, self->selection, self->predicates, self->n,
                        ARBOR_TRACE_INDICES);
      arbor_trace_enter (&trace, of, access);
      arbor_access_narrow (access, access, trace.nodes, trace.n, &self->narrow);
      if (trace.is_traced)
        {
          for (guint i = 0; i < self->n; i++)
            {
              arbor_node_unref (self->predicates[i]);
              self->predicates[i] = arbor_node_ref (trace.nodes[i]);
            }
          arbor_decider_free (self->decider);
          self->decider = arbor_decider_new (self->predicates, self->n);
        }
    }
  arbor_access_narrow (access, access, self->predicates, self->n, &self->narrow);
  access->about = about;
}

static void
make_room (ArborScan *self)
{
  if (self->piece <= self->capacity)
    return;
  self->capacity = self->piece;
  self->indices = g_renew (guint32, self->indices, self->capacity);
  self->rows = g_renew (guint32, self->rows, self->capacity);
  self->kept = g_renew (guint32, self->kept, self->capacity);
  self->positions = g_renew (guint64, self->positions, self->capacity);
}

/* Decides indices [start, end), all of one batch that begins at @first. Kept ones move to
 * @n_kept and after, with their positions. */
static guint32
decide_cut (ArborScan *self, guint32 start, guint32 end, guint64 first, guint32 n_kept)
{
  guint32 n = end - start;
  guint32 n_rows;

  for (guint32 i = 0; i < n; i++)
    self->rows[i] = (guint32) (self->indices[start + i] - first);
  n_rows = arbor_decider_decide_rows (self->decider, self->rows, n, self->kept);

  /* The same row is decided alike each time, so walking along both finds the positions. */
  for (guint32 i = 0, k = 0; k < n_rows; i++)
    if (self->indices[start + i] - first == self->kept[k])
      {
        self->positions[n_kept] = self->position + start + i;
        self->indices[n_kept] = self->indices[start + i];
        n_kept++;
        k++;
      }
  return n_kept;
}

/* The batch at @index, ready to be decided. */
static gboolean
set_batch (ArborScan *self, ArborAccess *access, guint32 index, GCancellable *cancellable,
           GError **error)
{
  const ArborBatch *reader;

  if (!arbor_access_check (access, cancellable, error))
    return FALSE;
  reader = arbor_access_get_batch (access, index, error);
  if (reader == NULL)
    return FALSE;
  arbor_decider_set_batch (self->decider, reader,
                           arbor_source_get_first_tree (access->source, index));
  return TRUE;
}

static gboolean
decide_stretch (ArborScan *self, ArborAccess *access, const ArborStretch *stretch, guint8 *is_kept,
                GCancellable *cancellable, GError **error)
{
  guint32 n_trees = arbor_batch_get_n_trees (stretch->batch);
  guint32 n_rows;

  if (!arbor_access_check (access, cancellable, error))
    return FALSE;
  arbor_decider_set_batch (self->decider, stretch->batch, stretch->first);
  if (stretch->n > n_trees / DENSE)
    {
      if (self->bits == NULL)
        self->bits = g_new (guint64, ARBOR_BATCH_MAX_TREES / 64);
      memset (self->bits, 0, ARBOR_BATCH_MAX_TREES / 8);
      arbor_decider_decide (self->decider, 0, n_trees, self->bits);
      for (guint32 i = 0; i < stretch->n; i++)
        is_kept[stretch->places[i]] = arbor_bits_test (self->bits, stretch->rows[i]);
      return arbor_decider_check (self->decider, error);
    }
  n_rows = arbor_decider_decide_rows (self->decider, stretch->rows, stretch->n, self->kept);
  for (guint32 j = 0, k = 0; k < n_rows; j++)
    if (stretch->rows[j] == self->kept[k])
      {
        is_kept[stretch->places[j]] = TRUE;
        k++;
      }
  return arbor_decider_check (self->decider, error);
}

/* The same for trees that are strewn over batches: batch by batch, whatever their order, which those
 * that are kept have in the end. */
static gboolean
decide_strewn (ArborScan *self, ArborAccess *access, guint32 n, GCancellable *cancellable,
               guint32 *n_kept, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint8 *is_kept = g_new0 (guint8, n);
  ArborRows run;

  if (!arbor_trees_make_run (access, self->indices, n, scope, &run, error))
    return FALSE;
  for (guint32 i = 0; i < run.n_stretches; i++)
    if (!decide_stretch (self, access, &run.stretches[i], is_kept, cancellable, error))
      return FALSE;
  for (guint32 i = 0; i < n; i++)
    if (is_kept[i])
      {
        self->positions[*n_kept] = self->position + i;
        self->indices[(*n_kept)++] = self->indices[i];
      }
  return TRUE;
}

static gboolean
step_selection (ArborScan *self, ArborAccess *access, GCancellable *cancellable, guint32 *n_read,
                guint32 *n_kept, GError **error)
{
  if (!arbor_selection_read (self->selection, access, self->position, self->piece, self->indices,
                             n_read, cancellable, error) ||
      !arbor_trees_ensure (access, self->indices, *n_read, cancellable, error))
    return FALSE;
  if (arbor_trees_are_strewn (access, self->indices, *n_read))
    {
      self->largest = LARGEST_STREWN;
      if (decide_strewn (self, access, *n_read, cancellable, n_kept, NULL))
        return TRUE;
      /* What is told is told of the first tree in order, and of none that is not asked for. */
      *n_kept = 0;
    }

  for (guint32 start = 0, end; start < *n_read; start = end)
    {
      guint32 batch = arbor_source_find_batch (access->source, self->indices[start]);
      guint64 first = arbor_source_get_first_tree (access->source, batch);
      guint64 next = arbor_source_get_first_tree (access->source, batch + 1);

      for (end = start + 1;
           end < *n_read && self->indices[end] >= first && self->indices[end] < next;)
        end++;
      if (!set_batch (self, access, batch, cancellable, error))
        return FALSE;
      *n_kept = decide_cut (self, start, end, first, *n_kept);
      if (!arbor_decider_check (self->decider, error))
        return FALSE;
    }
  return TRUE;
}

/* Rows of the batch that has the tree at position. */
static gboolean
step_all (ArborScan *self, ArborAccess *access, GCancellable *cancellable, guint32 *n_read,
          guint32 *n_kept, GError **error)
{
  guint32 batch, from, to;
  guint64 first, next, count;

  if (!arbor_access_count_trees (access, self->position + 1, cancellable, &count, error))
    return FALSE;
  *n_read = 0;
  if (count <= self->position)
    return TRUE;
  batch = arbor_source_find_batch (access->source, self->position);
  first = arbor_source_get_first_tree (access->source, batch);
  next = arbor_source_get_first_tree (access->source, batch + 1);
  from = (guint32) (self->position - first);
  to = (guint32) (MIN (self->position + self->piece, next) - first);
  if (!set_batch (self, access, batch, cancellable, error))
    return FALSE;

  if (self->bits == NULL)
    self->bits = g_new (guint64, ARBOR_BATCH_MAX_TREES / 64);
  memset (self->bits, 0, ARBOR_BATCH_MAX_TREES / 8);
  if (arbor_decider_decide (self->decider, from, to, self->bits) > 0)
    *n_kept = arbor_bits_list (self->bits, from, to, (guint32) first, to - from, self->indices);
  for (guint32 i = 0; i < *n_kept; i++)
    self->positions[i] = self->indices[i];
  *n_read = to - from;
  return arbor_decider_check (self->decider, error);
}

/* All of it at once, where keys are asked for: trees of the source are at their indices. */
static gboolean
step_by_keys (ArborScan *self, ArborAccess *access, guint32 *n_kept)
{
  g_autoptr (GArray) places = NULL;
  ArborRecord *record;

  if (self->position > 0 || arbor_access_get_keys (access) == NULL)
    return FALSE;
  record = arbor_source_get_record (access->source);
  places = g_array_new (FALSE, FALSE, sizeof (ArborKeyPlace));
  if (!arbor_keyed_decide (access, record, self->predicates, self->n, places))
    return FALSE;
  self->piece = MAX (self->piece, places->len);
  make_room (self);
  for (guint i = 0; i < places->len; i++)
    self->positions[i] = self->indices[i] = g_array_index (places, ArborKeyPlace, i).tree;
  *n_kept = places->len;
  self->position = record->n_trees;
  return TRUE;
}

gboolean
arbor_scan_step (ArborScan *self, ArborAccess *access, GCancellable *cancellable,
                 const guint64 **positions, const guint32 **indices, guint32 *n_kept,
                 guint64 *n_seen, gboolean *at_end, GError **error)
{
  g_auto (ArborStop) stop;
  gboolean is_all = arbor_selection_is_all (self->selection);
  ArborAccess narrow;
  guint32 n_read;
  guint32 kept = 0;

  arbor_stop_begin (&stop, cancellable);
  *at_end = is_all && step_by_keys (self, access, &kept);
  if (*at_end)
    {
      *positions = self->positions;
      *indices = self->indices;
      *n_kept = kept;
      if (n_seen != NULL)
        *n_seen = self->position;
      return TRUE;
    }
  make_room (self);
  /* Another access may have another reader at the same address. */
  arbor_decider_set_batch (self->decider, NULL, 0);
  arbor_scan_narrow (self, access, &narrow);
  if (!(is_all ? step_all (self, &narrow, cancellable, &n_read, &kept, error)
               : step_selection (self, &narrow, cancellable, &n_read, &kept, error)))
    return FALSE;

  *at_end = is_all ? n_read == 0 : n_read < self->piece;
  self->position += n_read;
  self->piece = MIN (self->piece * 4, self->largest);
  *positions = self->positions;
  *indices = self->indices;
  *n_kept = kept;
  if (n_seen != NULL)
    *n_seen = self->position;
  return TRUE;
}

/* The first tree of some in another order, or that others were left out of. How many were seen is not known then. */
static gboolean
find_by_keys (ArborSelection *selection, ArborNode *predicate, ArborFound *found, ArborAccess *access)
{
  g_autofree guint32 *indices = NULL;
  guint32 n;

  if (found->positions != NULL || arbor_selection_is_all (selection) ||
      !arbor_selection_decide_by_keys (selection, access, &predicate, 1, &indices, &n))
    return FALSE;
  if (n > 0)
    found->first = indices[0];
  found->n_kept = n;
  return TRUE;
}

gboolean
arbor_scan_run (ArborSelection *selection, ArborNode *predicate, ArborScanEnd end,
                ArborFound *found, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborScan) scan = arbor_scan_new (selection, predicate);
  gboolean at_end = end == ARBOR_SCAN_UNTIL_KEPT && find_by_keys (selection, predicate, found, access);

  while (!at_end)
    {
      const guint64 *positions;
      const guint32 *indices;
      guint32 n;

      if (!arbor_scan_step (scan, access, cancellable, &positions, &indices, &n, &found->n_seen,
                            &at_end, error))
        return FALSE;
      if (n > 0 && found->n_kept == 0)
        found->first = indices[0];
      if (found->positions != NULL)
        g_array_append_vals (found->positions, positions, n);
      found->n_kept += n;
      at_end |= (end == ARBOR_SCAN_UNTIL_KEPT && found->n_kept > 0) ||
                (end == ARBOR_SCAN_UNTIL_REJECTED && found->n_kept < found->n_seen);
    }
  return TRUE;
}
