/* See arbor-kept-runs.h. */

#include "query/view/arbor-kept-runs.h"

#include "base/arbor-stop.h"

/* Where the trees of a run lie. */
typedef struct
{
  GHashTable *numbers; /* ArborBatch * -> number and one */
  GPtrArray *batches;
  guint32 *number; /* of each tree */
  guint32 *row;
} Places;

static guint32
number_batch (Places *self, const ArborBatch *batch)
{
  guint32 number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, batch));

  if (number > 0)
    return number - 1;
  g_ptr_array_add (self->batches, (gpointer) batch);
  g_hash_table_insert (self->numbers, (gpointer) batch, GUINT_TO_POINTER (self->batches->len));
  return self->batches->len - 1;
}

static gboolean
find_places (Places *self, ArborAccess *access, const guint32 *indices, guint32 n, GError **error)
{
  ArborPlace place = { 0 };
  guint32 number = 0;

  for (guint32 i = 0; i < n; i++)
    {
      if (!arbor_place_has (&place, indices[i]))
        {
          if (!arbor_access_find_tree (access, indices[i], &place, error))
            return FALSE;
          number = number_batch (self, place.batch);
        }
      self->number[i] = number;
      self->row[i] = arbor_place_get_row (&place, indices[i]);
    }
  return TRUE;
}

/* Each batch once, with its rows in the order of the trees. */
static void
make_run (const Places *places, const guint32 *indices, guint32 n, ArborScope *scope, ArborRows *run)
{
  guint32 n_batches = places->batches->len, start = 0;
  ArborStretch *stretches = arbor_scope_alloc (scope, (gsize) n_batches * sizeof *stretches);
  guint32 *ends = arbor_scope_alloc (scope, ((gsize) n_batches + 1) * sizeof *ends);
  guint32 *rows = arbor_scope_alloc (scope, (gsize) n * sizeof *rows);
  guint32 *order = arbor_scope_alloc (scope, (gsize) n * sizeof *order);

  memset (ends, 0, ((gsize) n_batches + 1) * sizeof *ends);
  for (guint32 i = 0; i < n; i++)
    ends[places->number[i] + 1]++;
  for (guint32 i = 0; i < n_batches; i++)
    ends[i + 1] += ends[i];
  for (guint32 i = 0; i < n; i++)
    {
      guint32 at = ends[places->number[i]]++;

      rows[at] = places->row[i];
      order[at] = i;
    }
  for (guint32 i = 0; i < n_batches; start = ends[i++])
    stretches[i] = (ArborStretch){ .batch = places->batches->pdata[i],
                                   .n = ends[i] - start,
                                   .rows = rows + start,
                                   .places = order + start };
  *run = (ArborRows){ .n = n, .n_stretches = n_batches, .stretches = stretches, .trees = indices };
}

static gboolean
visit (ArborAccess *access, const guint32 *indices, guint32 n, ArborScope *scope, ArborRowsFunc func,
       gpointer data, GError **error)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) batches = g_ptr_array_new ();
  Places places = { numbers, batches, NULL, NULL };
  ArborRows run;
  gboolean is_good;

  places.number = arbor_scope_alloc (scope, (gsize) n * sizeof *places.number);
  places.row = arbor_scope_alloc (scope, (gsize) n * sizeof *places.row);
  if (!find_places (&places, access, indices, n, error))
    return FALSE;
  make_run (&places, indices, n, scope, &run);
  is_good = func (&run, scope, data, error) && arbor_scope_check (scope, error);
  arbor_scope_reset (scope);
  return is_good;
}

static gboolean
read_mended (ArborSelection *selection, ArborAccess *access, ArborRowsFunc func, gpointer data,
             GCancellable *cancellable, GError **error)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint32 *indices = NULL;
  guint64 position = 0;
  guint32 n;

  arbor_stop_begin (&stop, cancellable);
  indices = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  do
    {
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (selection, access, position, ARBOR_BATCH_MAX_TREES, indices, &n,
                                 cancellable, error) ||
          (n > 0 && !visit (access, indices, n, scope, func, data, error)))
        return FALSE;
      position += n;
    }
  while (n == ARBOR_BATCH_MAX_TREES);
  return TRUE;
}

gboolean
arbor_trees_read_kept_runs (ArborSelection *selection, ArborAccess *access, ArborRowsFunc func,
                            gpointer data, GCancellable *cancellable, GError **error)
{
  gboolean has_mends = access->held != NULL && arbor_source_has_mends (access->source);

  return (has_mends ? read_mended : arbor_trees_read_runs) (selection, access, func, data, cancellable,
                                                            error);
}
