/* ArborQuery: the operations that put trees together: append, group_by, nest, join. Nothing is moved
 * across them.
 */

#include "arbor-query-private.h"

#include "arbor-arbor-private.h"
#include "arbor-expr-private.h"

static void
set_others (ArborPlanStep *step, ArborExpr **exprs, gsize n)
{
  g_autofree ArborNode **nodes = g_new (ArborNode *, n + 1);

  for (gsize i = 0; i < n; i++)
    nodes[i] = arbor_expr_get_node (exprs[i]);
  arbor_plan_step_set_other_nodes (step, nodes, (guint) n);
}

/**
 * arbor_query_append:
 * @self: a query
 * @other: the arbor whose trees come after
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.append], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.append]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_append (ArborQuery *self, ArborArbor *other, GError **error)
{
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);

  step = arbor_plan_step_new (ARBOR_PLAN_APPEND);
  step->object = g_object_ref (G_OBJECT (other));
  return arbor_query_go_on (self, step, error);
}

/**
 * arbor_query_group_by:
 * @self: a query
 * @names: (array zero-terminated=1): the fields of the groups' keys, as many as there are keys
 * @keys: (array length=n_keys): what trees of one group have in common
 * @n_keys: how many
 * @new_names: (array zero-terminated=1): fields besides, as many as there are expressions
 * @exprs: (array length=n_exprs): their values, over the trees of a group
 * @n_exprs: how many; 0 for the keys alone
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.group_by] and [method@Arbor.Groups.aggregate], as one more operation: a tree for
 * each group.
 *
 * Errors: those of the two. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_group_by (ArborQuery *self, const char *const *names, ArborExpr **keys, gsize n_keys,
                      const char *const *new_names, ArborExpr **exprs, gsize n_exprs,
                      GError **error)
{
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL && new_names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  step = arbor_plan_step_new (ARBOR_PLAN_GROUP);
  step->names = g_strdupv ((char **) names);
  step->new_names = g_strdupv ((char **) new_names);
  arbor_query_set_exprs (step, keys, n_keys);
  set_others (step, exprs, n_exprs);
  return arbor_query_go_on (self, step, error);
}

static ArborPlanStep *
new_matching (ArborPlanKind kind, ArborArbor *other, ArborExpr **keys, gsize n_keys,
              ArborExpr **other_keys, gsize n_other_keys, const char *text, guint option)
{
  const char *names[] = { text, NULL };
  ArborPlanStep *step = arbor_plan_step_new (kind);

  step->object = g_object_ref (G_OBJECT (other));
  step->names = g_strdupv ((char **) names);
  step->option = option;
  arbor_query_set_exprs (step, keys, n_keys);
  set_others (step, other_keys, n_other_keys);
  return step;
}

/**
 * arbor_query_nest:
 * @self: a query
 * @other: the arbor to look for matches in
 * @keys: (array length=n_keys): what trees are matched by
 * @n_keys: how many, at least one
 * @other_keys: (array length=n_other_keys): what trees of @other are matched by, as many
 * @n_other_keys: how many
 * @field: the field that gets the matches
 * @nest: whether it gets an array of them or the one that there is
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.nest], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.nest]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_nest (ArborQuery *self, ArborArbor *other, ArborExpr **keys, gsize n_keys,
                  ArborExpr **other_keys, gsize n_other_keys, const char *field, ArborNest nest,
                  GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (arbor_are_exprs (other_keys, n_other_keys), NULL);
  g_return_val_if_fail (field != NULL, NULL);

  return arbor_query_go_on (self,
                            new_matching (ARBOR_PLAN_NEST, other, keys, n_keys, other_keys,
                                          n_other_keys, field, nest),
                            error);
}

/**
 * arbor_query_join:
 * @self: a query
 * @other: the arbor to look for matches in
 * @keys: (array length=n_keys): what trees are matched by
 * @n_keys: how many, at least one
 * @other_keys: (array length=n_other_keys): what trees of @other are matched by, as many
 * @n_other_keys: how many
 * @kind: which trees to give
 * @suffix: (nullable): what a field of @other gets behind a name that is taken; %NULL for `_right`
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.join], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.join]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_join (ArborQuery *self, ArborArbor *other, ArborExpr **keys, gsize n_keys,
                  ArborExpr **other_keys, gsize n_other_keys, ArborJoin kind, const char *suffix,
                  GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (arbor_are_exprs (other_keys, n_other_keys), NULL);

  return arbor_query_go_on (self,
                            new_matching (ARBOR_PLAN_JOIN, other, keys, n_keys, other_keys,
                                          n_other_keys, suffix, kind),
                            error);
}
