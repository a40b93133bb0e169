/* See arbor-unique.h. The keys seen are the groups of a group table, and the list has the first tree of
 * each, so that a tree is new when its group is the one that comes next in the list: also after an
 * error, which may leave the table ahead of the list. Where keys are paths of fields, most trees are
 * known by a small number for their key (arbor-key-ids.h).
 */

#include "query/order/arbor-unique.h"

#include "batch/arbor-group-table.h"
#include "query/expr/arbor-evaluator.h"
#include "query/series/arbor-key-ids.h"
#include "query/view/arbor-trees.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-trace.h"

#define FIRST_PIECE   64u
#define LARGEST_PIECE ARBOR_BATCH_MAX_TREES

struct _ArborUnique
{
  ArborSelection *parent;
  ArborSortKeys *keys;
  ArborTrace trace; /* nodes: as the keys are evaluated; NULL before the first run */
  ArborEvaluator **evaluators;
  ArborValue *values; /* of the tree at hand */
  ArborScope *scope;  /* what they lie in */
  ArborGroupTable table;
  ArborKeyIds *ids; /* or NULL; tags of what was seen are 0 */
  guint64 position; /* of the next tree of the parent */
  guint32 piece;    /* trees in the next step */
};

ArborUnique *
arbor_unique_new (ArborSelection *parent, ArborSortKeys *keys)
{
  ArborUnique *self = g_new0 (ArborUnique, 1);

  self->parent = arbor_selection_ref (parent);
  self->keys = arbor_sort_keys_ref (keys);
  self->evaluators = g_new0 (ArborEvaluator *, keys->n + 1);
  self->values = g_new (ArborValue, keys->n + 1);
  self->scope = arbor_scope_new ();
  arbor_group_table_init (&self->table, keys->n, "unique_by");
  self->piece = FIRST_PIECE;
  return self;
}

void
arbor_unique_free (ArborUnique *self)
{
  for (guint32 i = 0; i < self->keys->n; i++)
    arbor_evaluator_free (self->evaluators[i]);
  g_free (self->evaluators);
  g_free (self->values);
  arbor_scope_free (self->scope);
  arbor_group_table_clear (&self->table);
  arbor_key_ids_free (self->ids);
  arbor_sort_keys_unref (self->keys);
  arbor_trace_clear (&self->trace);
  arbor_selection_unref (self->parent);
  g_free (self);
}

typedef struct
{
  ArborUnique *unique;
  ArborIndices *list;
} Visit;

/* Adds the tree to the list if its group is new. */
static gboolean
add_tree (ArborIndices *list, const ArborRows *rows, guint32 i, guint32 group, GError **error)
{
  if (group != list->n)
    return TRUE;
  if (!arbor_indices_make_room (list, list->n + 1, error))
    return FALSE;
  list->indices[list->n++] = (guint32)(rows->first + arbor_rows_get (rows, i));
  return TRUE;
}

static gboolean
visit_row (const Visit *visit, const ArborRows *rows, guint32 i, GError **error)
{
  ArborUnique *self = visit->unique;
  guint32 group;

  arbor_scope_reset (self->scope);
  for (guint32 key = 0; key < self->keys->n; key++)
    arbor_evaluator_get_value (self->evaluators[key], arbor_rows_get (rows, i), self->scope,
                               &self->values[key]);
  return arbor_scope_check (self->scope, error) &&
         arbor_group_table_add (&self->table, self->values, self->scope, &group, error) &&
         arbor_scope_check (self->scope, error) && add_tree (visit->list, rows, i, group, error);
}

/* Position by position: after an error the next call goes on with the tree that had it. */
static gboolean
visit_each (const Visit *visit, const ArborRows *rows, const ArborIds *ids, GError **error)
{
  ArborUnique *self = visit->unique;

  for (guint32 i = 0; i < rows->n; i++, self->position++)
    {
      if (ids != NULL && ids->tags[ids->ids[i]] != ARBOR_NO_TAG)
        continue;
      if (!visit_row (visit, rows, i, error))
        return FALSE;
      if (ids != NULL)
        ids->tags[ids->ids[i]] = 0;
    }
  return TRUE;
}

static gboolean
visit_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Visit *visit = data;
  ArborUnique *self = visit->unique;
  ArborGroupKey *keys;
  guint32 *groups;
  ArborIds ids;

  for (guint32 i = 0; i < self->keys->n; i++)
    arbor_evaluator_set_batch (self->evaluators[i], rows->batch, rows->first);
  if (self->ids == NULL)
    return visit_each (visit, rows, NULL, error);
  if (arbor_key_ids_find (self->ids, rows, scope, &ids))
    return visit_each (visit, rows, &ids, error);
  keys = arbor_key_ids_get_keys (self->ids, rows, scope);
  if (keys == NULL)
    return visit_each (visit, rows, NULL, error);

  groups = arbor_scope_alloc (scope, rows->n * sizeof *groups);
  if (!arbor_group_table_add_keys (&self->table, keys, rows->n, groups, error))
    return FALSE;
  for (guint32 i = 0; i < rows->n; i++, self->position++)
    if (!add_tree (visit->list, rows, i, groups[i], error))
      return FALSE;
  return TRUE;
}

/* The trees that are read: the same ones in each run. */
static void
enter (ArborUnique *self, const ArborAccess *of, ArborAccess *access)
{
  if (self->trace.nodes == NULL)
    {
      arbor_trace_init (&self->trace, arbor_access_get_about (of), self->parent, self->keys->nodes,
                        self->keys->n, ARBOR_TRACE_INDICES);
      for (guint32 i = 0; i < self->keys->n; i++)
        self->evaluators[i] = arbor_evaluator_new (self->trace.nodes[i]);
      self->ids = arbor_key_ids_new (self->trace.nodes, self->keys->n);
    }
  arbor_trace_enter (&self->trace, of, access);
  arbor_access_narrow (access, access, self->trace.nodes, self->trace.n, NULL);
}

gboolean
arbor_unique_run (ArborUnique *self, ArborAccess *access, guint64 n_wanted, ArborIndices *list,
                  gboolean *is_complete, GCancellable *cancellable, GError **error)
{
  g_autofree guint32 *piece = g_new (guint32, LARGEST_PIECE);
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Visit visit = { self, list };
  ArborAccess narrow;

  enter (self, access, &narrow);
  access = &narrow;
  if (self->ids != NULL)
    arbor_key_ids_forget (self->ids);
  while (!*is_complete && list->n < n_wanted)
    {
      guint32 n_read;

      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (self->parent, access, self->position, self->piece, piece, &n_read,
                                 cancellable, error) ||
          !arbor_trees_visit_batches (access, piece, n_read, scope, visit_rows, &visit, error))
        return FALSE;
      *is_complete = n_read < self->piece;
      self->piece = MIN (self->piece * 4, LARGEST_PIECE);
    }
  return TRUE;
}
