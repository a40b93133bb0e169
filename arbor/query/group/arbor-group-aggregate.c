/* One tree for each group. See arbor-group.h. The first step reads all trees of the view; then the
 * groups are written as far as somebody reads, and their accumulators dropped after the last.
 */

#include "query/group/arbor-group-private.h"

#include "batch/arbor-batch-cells.h"
#include "query/group/arbor-group-results.h"

typedef struct
{
  ArborGrouping *grouping; /* NULL after the last group */
  ArborGroupPlan *plan;
  ArborGroupResults results;
  GString *by; /* for describing */
  char **notes; /* atomic: NULL until all trees were read */
  gboolean is_computed;
  guint32 position; /* the next group to write */
  guint32 end;      /* of the step under way */
  gboolean at_end;
} Groups;

static gboolean
add_grouped (const ArborGroupedRows *grouped, ArborScope *scope, gpointer data, GError **error)
{
  Groups *self = data;

  return arbor_group_results_ensure (&self->results, self->grouping->table.n_groups, error) &&
         arbor_group_results_add (&self->results, grouped, scope, error);
}

static gboolean
compute (Groups *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  ArborGrouping *grouping = self->grouping;
  guint32 n_groups;
  gboolean is_good;

  if (self->is_computed)
    return TRUE;
  /* Without aggregates the keys are all. */
  if (self->plan->slots->len == 0)
    return self->is_computed =
               arbor_grouping_get_n_groups (grouping, access, cancellable, &n_groups, error);
  pthread_mutex_lock (&grouping->mutex);
  is_good = arbor_grouping_run (grouping, access, self->plan->nodes, self->plan->n, add_grouped, self,
                                cancellable, error) &&
            arbor_group_results_gather (&self->results, error);
  pthread_mutex_unlock (&grouping->mutex);
  if (is_good)
    {
      g_atomic_pointer_set (&self->notes, arbor_group_results_dup_notes (&self->results));
    }
  else
    {
      /* The next call begins anew. */
      arbor_group_results_clear (&self->results);
      arbor_group_results_init (&self->results, self->plan);
    }
  return self->is_computed = is_good;
}

static gboolean
step (gpointer data, ArborAccess *access, guint32 n_trees, ArborOutput *output, gboolean *at_end,
      GCancellable *cancellable, GError **error)
{
  Groups *self = data;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  gsize n_fields = self->plan->n_keys + self->plan->n;
  g_autofree ArborValue *fields = g_new (ArborValue, n_fields + 1);
  const ArborGroupTable *table;
  ArborAccess input;

  if (self->grouping == NULL)
    return *at_end = TRUE;
  table = &self->grouping->table;
  arbor_access_borrow (&input, access, self->grouping->source);
  if (!compute (self, &input, cancellable, error))
    return FALSE;

  /* The table is complete: nobody writes to it any more. */
  self->end = self->position + MIN (n_trees, table->n_groups - self->position);
  for (guint32 group = self->position; group < self->end; group++)
    {
      if (group % 1024 == 1023 && !arbor_access_check (access, cancellable, error))
        return FALSE;
      arbor_group_results_get_fields (&self->results, group,
                                      arbor_group_table_get_key (table, group), scope, fields);
      if (!arbor_output_add_fields (output, self->plan->field_names, fields, n_fields, scope,
                                    error) ||
          !arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  self->at_end = *at_end = self->end == table->n_groups;
  return TRUE;
}

static void
commit (gpointer data)
{
  Groups *self = data;

  self->position = self->end;
  if (!self->at_end)
    return;
  arbor_group_results_clear (&self->results);
  g_clear_pointer (&self->grouping, arbor_grouping_unref);
}

static void
describe (gpointer data, GString *text)
{
  Groups *self = data;

  g_string_append_printf (text, "group by %s", self->by->str);
  if (self->plan->n > 0)
    {
      g_string_append (text, ": ");
      arbor_group_plan_describe (self->plan, text);
    }
}

static void
groups_free (gpointer data)
{
  Groups *self = data;

  arbor_group_results_clear (&self->results);
  arbor_group_plan_free (self->plan);
  arbor_grouping_unref (self->grouping);
  g_string_free (self->by, TRUE);
  g_strfreev (self->notes);
  g_free (self);
}

static void
list_keys (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  ArborGroupPlan *plan = ((Groups *)data)->plan;

  arbor_key_search_ask_fields (search, 0, plan->key_names, plan->keys, plan->n_keys, steps, n_steps);
  /* What aggregates give: first (address) has the keys of an address, and more is not known. */
  for (gsize i = 0; i < plan->n; i++)
    if (n_steps == 0)
      arbor_key_search_add (search, plan->names[i]);
    else if (arbor_step_is_key (steps, plan->names[i]))
      arbor_key_search_set_open (search);
}

static void
list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  ArborGroupPlan *plan = ((Groups *)data)->plan;

  for (gsize i = 0; i < plan->n_keys; i++)
    g_ptr_array_add (nodes, arbor_node_ref (plan->keys[i]));
  for (gsize i = 0; i < plan->n; i++)
    g_ptr_array_add (nodes, arbor_node_ref (plan->nodes[i]));
}

static void
list_notes (gpointer data, GPtrArray *notes)
{
  char **given = g_atomic_pointer_get (&((Groups *)data)->notes);

  for (guint i = 0; given != NULL && given[i] != NULL; i++)
    g_ptr_array_add (notes, g_strdup (given[i]));
}

ArborSource *
arbor_grouping_aggregate (ArborGrouping *self, const char *const *names, ArborNode *const *nodes,
                          gsize n, GError **error)
{
  static const ArborOperator op = { "group_by",  step,      commit,    describe,
                                    groups_free, list_keys, list_nodes, list_notes };
  ArborGroupPlan *plan =
      arbor_group_plan_new (self->names, self->keys, self->n_keys, names, nodes, n, error);
  ArborSource *source;
  Groups *groups;

  if (plan == NULL)
    return NULL;
  groups = g_new0 (Groups, 1);
  groups->grouping = arbor_grouping_ref (self);
  groups->plan = plan;
  arbor_group_results_init (&groups->results, plan);
  groups->by = g_string_new (NULL);
  arbor_grouping_describe (self, groups->by);
  source = arbor_source_new_derived (&op, groups, &self->source, 1, NULL, error);
  if (source != NULL)
    arbor_source_set_input_selection (source, 0, self->selection);
  return source;
}

/* All trees as one group */

static gboolean
add_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  static const guint16 ids[ARBOR_BATCH_MAX_TREES];
  static const guint32 groups[1];
  const ArborGroupedRows grouped = { rows, ids, 1, groups, &rows->n };

  return arbor_group_results_ensure (data, 1, error) &&
         arbor_group_results_add (data, &grouped, scope, error);
}

static GBytes *
write_tree (ArborGroupResults *results, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree ArborValue *fields = g_new (ArborValue, results->plan->n + 1);

  arbor_group_results_get_fields (results, 0, NULL, scope, fields);
  arbor_batch_builder_add_fields (builder, results->plan->field_names, fields, results->plan->n,
                                  scope);
  if (!arbor_scope_check (scope, error))
    return NULL;
  return arbor_batch_builder_finish (builder, error);
}

GBytes *
arbor_group_aggregate_all (ArborSelection *selection, ArborAccess *access, const char *const *names,
                           ArborNode *const *nodes, gsize n, char ***notes,
                           GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborGroupPlan) plan = arbor_group_plan_new (NULL, NULL, 0, names, nodes, n, error);
  ArborGroupResults results;
  ArborAccess narrow;
  GBytes *batch = NULL;

  if (plan == NULL)
    return NULL;
  arbor_group_results_init (&results, plan);
  arbor_access_narrow (&narrow, access, nodes, (guint) n, NULL);
  if (arbor_group_results_ensure (&results, 1, error) &&
      (plan->slots->len == 0 ||
       arbor_trees_read_runs (selection, &narrow, add_rows, &results, cancellable, error)))
    batch = write_tree (&results, error);
  *notes = batch != NULL ? arbor_group_results_dup_notes (&results) : NULL;
  arbor_group_results_clear (&results);
  return batch;
}
