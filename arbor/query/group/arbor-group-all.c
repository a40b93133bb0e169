/* All trees as one group: one tree of figures. Trees of a view in an order of their own are read as they lie
 * where the figures need no order; after an error or a tie they are read in order, so that error and figures
 * are those of the order.
 */

#include "query/group/arbor-group-private.h"

#include "batch/arbor-batch-cells.h"
#include "query/group/arbor-group-results.h"
#include "query/group/arbor-group-share.h"
#include "query/group/arbor-group-strewn.h"
#include "query/view/arbor-trace.h"

static gboolean
add_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  return arbor_group_results_add_one_group (data, rows, scope, error);
}

/* An error is that of the first tree in order. */
static gboolean
read_trees (ArborGroupResults *results, ArborSelection *selection, ArborAccess *access,
            ArborNode *const *nodes, gsize n, GCancellable *cancellable, GError **error)
{
  const ArborGroupPlan *plan = results->plan;
  g_autoptr (ArborSelection) set = NULL;
  guint64 n_expected;
  ArborAccess narrow;

  if (plan->slots->len == 0)
    return arbor_group_results_ensure (results, 1, error);
  if (arbor_group_plan_ignores_order (plan))
    set = arbor_selection_dup_set (selection);
  if (arbor_group_choose_way (NULL, plan, set != NULL ? set : selection, access, &n_expected,
                              cancellable) == ARBOR_GROUP_WAY_BY_TREES &&
      arbor_group_share (NULL, results, set != NULL ? set : selection, access, cancellable) &&
      (set == NULL || set == selection || !arbor_group_results_are_tied (results)))
    return TRUE;
  arbor_group_results_clear (results);
  arbor_group_results_init (results, plan);
  arbor_access_narrow (&narrow, access, nodes, (guint) n, NULL);
  if (arbor_group_read_strewn (NULL, results, selection, access, cancellable))
    return TRUE;
  arbor_group_results_clear (results);
  arbor_group_results_init (results, plan);
  return arbor_group_results_ensure (results, 1, error) &&
         arbor_trees_read_runs (selection, &narrow, add_rows, results, cancellable, error);
}

/* The same of computed trees, in the order in which they are sooner made, where none is needed. FALSE: not
 * so, or something went wrong: then in their order. */
static gboolean
read_unordered (ArborGroupResults *results, ArborSelection *selection, ArborAccess *access,
                ArborNode *const *nodes, gsize n, GCancellable *cancellable)
{
  g_autoptr (ArborSource) source = NULL;
  ArborAccess unordered;

  if (results->plan->slots->len == 0 || !arbor_group_plan_ignores_order (results->plan) ||
      !arbor_selection_is_all (selection))
    return FALSE;
  source = arbor_source_dup_unordered (access->source);
  if (source == NULL)
    return FALSE;
  arbor_access_borrow (&unordered, access, source);
  if (read_trees (results, selection, &unordered, nodes, n, cancellable, NULL) &&
      !arbor_group_results_are_tied (results))
    return TRUE;
  arbor_group_results_clear (results);
  arbor_group_results_init (results, results->plan);
  return FALSE;
}

static GBytes *
write_tree (ArborGroupResults *results, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree ArborValue *fields = g_new (ArborValue, results->plan->n + 1);

  arbor_group_results_get_fields (results, NULL, 0, scope, fields);
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
  g_auto (ArborTrace) trace = { 0 };
  ArborGroupResults results;
  ArborAccess traced;
  GBytes *batch = NULL;

  if (plan == NULL)
    return NULL;
  if (arbor_trace_init (&trace, access->source, selection, nodes, (guint)n, ARBOR_TRACE_VALUES))
    {
      ArborGroupPlan *of_trace =
          arbor_group_plan_new (NULL, NULL, 0, names, trace.nodes, n, NULL);

      if (of_trace != NULL)
        {
          arbor_group_plan_free (plan);
          plan = of_trace;
          arbor_trace_enter (&trace, access, &traced);
          access = &traced;
          selection = trace.selection;
          nodes = trace.nodes;
        }
    }
  arbor_group_results_init (&results, plan);
  if (read_unordered (&results, selection, access, nodes, n, cancellable) ||
      read_trees (&results, selection, access, nodes, n, cancellable, error))
    batch = write_tree (&results, error);
  *notes = batch != NULL ? arbor_group_results_dup_notes (&results) : NULL;
  arbor_group_results_clear (&results);
  return batch;
}
