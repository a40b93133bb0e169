/* ArborArbor: groups of trees, and what is computed over all trees (query/group/arbor-group.h).
 */

#include "arbor-arbor-private.h"

#include "arbor-expr-private.h"
#include "arbor-groups-private.h"
#include "arbor-tree-private.h"
#include "query/make/arbor-summary.h"
#include "query/make/arbor-view-notes.h"

/**
 * arbor_arbor_group_by:
 * @self: an arbor
 * @names: (array zero-terminated=1): the fields of the groups' keys, as many as there are keys
 * @keys: (array length=n_keys): what trees of one group have in common
 * @n_keys: how many; without keys, all trees are one group
 * @error: where to put an error
 *
 * The groups that the trees fall into by the values of @keys. They are found when somebody first asks.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a key that gives several values,
 * %ARBOR_ERROR_INVALID_ARGUMENT when a name comes twice or the numbers differ, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the groups
 *
 * Since: 1.0
 */
ArborGroups *
arbor_arbor_group_by (ArborArbor *self, const char *const *names, ArborExpr **keys, gsize n_keys,
                      GError **error)
{
  g_autofree ArborNode **nodes = NULL;
  g_autoptr (ArborGrouping) grouping = NULL;
  g_autoptr (ArborArbor) of_keys = NULL;
  const char *none[] = { NULL };
  ArborSource *source = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);

  nodes = arbor_exprs_get_nodes (keys, n_keys);
  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (arbor_plan_check_names (names, n_keys, error) &&
      arbor_view_check_nodes (self->view, &access, nodes, n_keys, error))
    grouping =
        arbor_grouping_new (self->view->source, self->view->selection, names, nodes, n_keys, error);
  if (grouping != NULL)
    source = arbor_grouping_aggregate (grouping, none, NULL, 0, error);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&source, arbor_source_unref);
  of_keys = arbor_arbor_new_take (arbor_view_compute (self->view, source), self->token);
  if (of_keys == NULL)
    return NULL;
  return arbor_groups_new_take (g_steal_pointer (&grouping), self, of_keys);
}

/**
 * arbor_arbor_aggregate:
 * @self: an arbor
 * @names: (array zero-terminated=1): the fields of the tree, as many as there are expressions
 * @exprs: (array length=n_exprs): their values
 * @n_exprs: how many
 * @cancellable: (nullable): to stop it
 * @error: where to put an error
 *
 * One tree of what is computed over all trees: `count()`, `mean(height)`,
 * `max(height) - min(height)`. [method@Arbor.Groups.aggregate] says what the expressions mean. Of an
 * empty arbor counts and sums are 0, `any` is false, `all` is true and other aggregates are null.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a path outside of every aggregate,
 * %ARBOR_ERROR_INVALID_ARGUMENT when a name comes twice or the numbers differ, %ARBOR_ERROR_LIMIT
 * when the query memory is too small, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE,
 * %ARBOR_ERROR_CORRUPT, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: (transfer full): the tree
 *
 * Since: 1.0
 */
ArborTree *
arbor_arbor_aggregate (ArborArbor *self, const char *const *names, ArborExpr **exprs, gsize n_exprs,
                       GCancellable *cancellable, GError **error)
{
  g_autofree ArborNode **nodes = NULL;
  g_auto (GStrv) notes = NULL;
  GBytes *batch = NULL;
  ArborTree *tree = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  nodes = arbor_exprs_get_nodes (exprs, n_exprs);
  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (arbor_plan_check_names (names, n_exprs, error) &&
      arbor_view_check_nodes (self->view, &access, nodes, n_exprs, error))
    batch = arbor_group_aggregate_all (self->view->selection, &access, names, nodes, n_exprs, &notes,
                                       cancellable, error);
  tree = arbor_tree_new_take_batch (self->view->source, NULL, self->token, batch, error);
  if (tree != NULL)
    arbor_tree_take_notes (tree, g_steal_pointer (&notes));
  if (!arbor_access_end (&access, error))
    g_clear_object (&tree);
  return tree;
}

/**
 * arbor_arbor_describe:
 * @self: an arbor
 * @cancellable: (nullable): to stop it
 * @error: where to put an error
 *
 * Figures of each path that has values: an arbor of one tree a path, in the order of the fields of
 * [method@Arbor.Arbor.infer_schema]. Each has the fields:
 *
 *  - `path`: as in expressions; elements are `[*]`, the keys of a dictionary ([class@Arbor.Schema] says
 *    what is one) together `*`, the trees themselves (where not all are objects) `$`
 *  - `count`, `nulls`: values that are not null, and those that are
 *  - `missing`: objects that could have the key and do not
 *  - `kinds`: an object of how many values of each kind there are, without null
 *  - `min`, `max`: the least and the greatest value, in the one order of sorting, of those that are
 *    neither arrays nor objects; else null
 *  - `mean`: of the numbers, or null
 *  - `not_numbers`: how many values the mean leaves out, where there are numbers and others
 *  - `distinct`: how many different values there are, arrays and objects apart. Exact up to 1,024;
 *    beyond, an estimate (HyperLogLog with 16,384 registers, standard error 0.8 %)
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_CORRUPT, %ARBOR_ERROR_LIMIT when the
 * query memory is too small for the paths, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: (transfer full): the figures
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_describe (ArborArbor *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborArbor) figures = NULL;
  gboolean is_computed;
  ArborSource *source;
  ArborAccess access;
  guint64 n_paths;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  source = arbor_summary_describe (self->view->source, self->view->selection, error);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&source, arbor_source_unref);
  figures = arbor_arbor_new_take (arbor_view_compute (self->view, source), self->token);
  if (figures == NULL || !arbor_arbor_enter (figures, &access, error))
    return NULL;
  is_computed = arbor_access_count_trees (&access, G_MAXUINT64, cancellable, &n_paths, error);
  is_computed = arbor_access_end (&access, error) && is_computed;
  return is_computed ? g_steal_pointer (&figures) : NULL;
}

/**
 * arbor_arbor_value_counts:
 * @self: an arbor
 * @expr: what to count
 * @error: where to put an error
 *
 * How often each value of an expression comes: an arbor of `{"value", "count"}`, the most frequent
 * value first, those of one count in the order of their first encounter. Values are equal as in
 * [method@Arbor.Arbor.group_by]; of an expression that gives several values each one counts. Null
 * is counted, and so are missing values, together, without a `value`. It is computed when the first
 * tree is read.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION, %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE; what reads the new
 * arbor reports %ARBOR_ERROR_LIMIT when the query memory is too small for the values. Any thread may
 * call this.
 *
 * Returns: (transfer full): the counts
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_value_counts (ArborArbor *self, ArborExpr *expr, GError **error)
{
  ArborSource *source = NULL;
  ArborNode *node;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (expr), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  node = arbor_expr_get_node (expr);
  if (arbor_view_check_nodes (self->view, &access, &node, 1, error))
    source = arbor_summary_value_counts (self->view->source, self->view->selection, node, error);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&source, arbor_source_unref);
  return arbor_arbor_new_take (arbor_view_compute (self->view, source), self->token);
}

/**
 * arbor_arbor_histogram:
 * @self: an arbor
 * @expr: an expression that gives numbers
 * @n_bins: how many bins, 1 to 1,000,000
 * @error: where to put an error
 *
 * How numbers are spread: an arbor of `{"from", "to", "count"}`, one tree for each of @n_bins bins of
 * equal width between the least and the greatest number. A number counts where it is not less than
 * `from` and less than `to`; the last bin has its `to` as well. Numbers are taken as doubles; what
 * is no number, or past all doubles, does not count, and without numbers there are no bins. When all
 * numbers are equal, the bins go from half below to half above (further where doubles are further
 * apart). Of an expression that gives
 * several values each one counts. It is computed when the first tree is read.
 *
 * Errors: %ARBOR_ERROR_INVALID_ARGUMENT for another number of bins, %ARBOR_ERROR_EXPRESSION,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the bins
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_histogram (ArborArbor *self, ArborExpr *expr, guint n_bins, GError **error)
{
  ArborSource *source = NULL;
  ArborNode *node;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (expr), NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  node = arbor_expr_get_node (expr);
  if (arbor_view_check_nodes (self->view, &access, &node, 1, error))
    source = arbor_summary_histogram (self->view->source, self->view->selection, node, n_bins, error);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&source, arbor_source_unref);
  return arbor_arbor_new_take (arbor_view_compute (self->view, source), self->token);
}
