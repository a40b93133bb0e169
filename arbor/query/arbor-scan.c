/* Deciding a predicate over a selection. See arbor-selection.h.
 *
 * Each step reads a piece of indices, cuts it where the batch changes, and lets the evaluator
 * decide the rows of each cut; the gate is tested at each cut.
 */

#include "query/arbor-selection.h"

#include "query/arbor-evaluator.h"

#define FIRST_PIECE 64u
#define LARGEST_PIECE ARBOR_BATCH_MAX_TREES

struct _ArborScan
{
  ArborSelection *selection;
  ArborEvaluator **evaluators; /* one a predicate */
  guint n_evaluators;
  const ArborBatch *batch; /* to which they are bound */
  ArborScope *scope;
  guint64 position; /* of the next tree to decide */
  guint32 piece;    /* trees in the next step */
  guint32 capacity; /* of the arrays below */
  guint32 *indices;
  guint32 *rows;
  guint32 *kept;
  guint64 *positions;
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
  self->n_evaluators = n;
  self->evaluators = g_new (ArborEvaluator *, n);
  for (guint i = 0; i < n; i++)
    self->evaluators[i] = arbor_evaluator_new (predicates[i]);
  self->scope = arbor_scope_new ();
  self->piece = FIRST_PIECE;
  return self;
}

void
arbor_scan_free (ArborScan *self)
{
  arbor_selection_unref (self->selection);
  for (guint i = 0; i < self->n_evaluators; i++)
    arbor_evaluator_free (self->evaluators[i]);
  g_free (self->evaluators);
  arbor_scope_free (self->scope);
  g_free (self->indices);
  g_free (self->rows);
  g_free (self->kept);
  g_free (self->positions);
  g_free (self);
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
  /* Each predicate sees what the ones before it kept. */
  n_rows = arbor_evaluator_filter (self->evaluators[0], self->rows, n, self->scope, self->kept);
  for (guint i = 1; i < self->n_evaluators && n_rows > 0; i++)
    n_rows = arbor_evaluator_filter (self->evaluators[i], self->kept, n_rows, self->scope,
                                     self->kept);

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

gboolean
arbor_scan_step (ArborScan *self, ArborAccess *access, GCancellable *cancellable,
                 const guint64 **positions, const guint32 **indices, guint32 *n_kept,
                 guint64 *n_seen, gboolean *at_end, GError **error)
{
  guint32 n_read;
  guint32 kept = 0;

  make_room (self);
  self->batch = NULL; /* another access may have another reader at the same address */
  if (!arbor_selection_read (self->selection, access, self->position, self->piece, self->indices,
                             &n_read, cancellable, error))
    return FALSE;

  for (guint32 start = 0, end; start < n_read; start = end)
    {
      guint32 batch = arbor_source_find_batch (access->source, self->indices[start]);
      guint64 first = arbor_source_get_first_tree (access->source, batch);
      guint64 next = arbor_source_get_first_tree (access->source, batch + 1);
      const ArborBatch *reader;

      for (end = start + 1;
           end < n_read && self->indices[end] >= first && self->indices[end] < next;)
        end++;
      if (!arbor_access_check (access, cancellable, error))
        return FALSE;
      reader = arbor_access_get_batch (access, batch, error);
      if (reader == NULL)
        return FALSE;
      for (guint i = 0; reader != self->batch && i < self->n_evaluators; i++)
        arbor_evaluator_set_batch (self->evaluators[i], reader);
      self->batch = reader;
      kept = decide_cut (self, start, end, first, kept);
      if (!arbor_scope_check (self->scope, error))
        return FALSE;
    }

  *at_end = n_read < self->piece;
  self->position += n_read;
  self->piece = MIN (self->piece * 4, LARGEST_PIECE);
  *positions = self->positions;
  *indices = self->indices;
  *n_kept = kept;
  if (n_seen != NULL)
    *n_seen = self->position;
  return TRUE;
}
