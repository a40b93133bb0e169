/* ArborQuery: the operations that put trees together: append, group_by, nest, join. Nothing is moved
 * across them.
 */

#include "arbor-query-private.h"

#include "arbor-arbor-private.h"
#include "arbor-close-token.h"
#include "arbor-expr-private.h"
#include "arbor-join-options-private.h"
#include "arbor-nest-options-private.h"

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
  g_autoptr (ArborCloseToken) token = NULL;
  ArborGate *gate;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);

  token = arbor_join_tokens (self->token, other->token, &gate);
  return arbor_query_go_on (self, arbor_plan_append (&other->view, 1, gate), token, error);
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
  g_autofree ArborNode **key_nodes = NULL;
  g_autofree ArborNode **nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL && new_names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  key_nodes = arbor_exprs_get_nodes (keys, n_keys);
  nodes = arbor_exprs_get_nodes (exprs, n_exprs);
  return arbor_query_go_on (
      self, arbor_plan_group (names, key_nodes, n_keys, new_names, nodes, n_exprs), self->token,
      error);
}

/**
 * arbor_query_nest:
 * @self: a query
 * @other: the arbor to look for matches in
 * @keys: (array length=n_keys): what trees are matched by
 * @n_keys: how many, at least one
 * @field: the field that gets the matches
 * @options: (nullable): what else to do, or %NULL for an array of all matches
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
                  const char *field, ArborNestOptions *options, GError **error)
{
  g_autoptr (ArborCloseToken) token = NULL;
  ArborGate *gate;
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (field != NULL, NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_NEST_OPTIONS (options), NULL);

  token = arbor_join_tokens (self->token, other->token, &gate);
  step = arbor_nest_options_plan (options, other->view, gate, keys, n_keys, field);
  return arbor_query_go_on (self, step, token, error);
}

/**
 * arbor_query_join:
 * @self: a query
 * @other: the arbor to look for matches in
 * @keys: (array length=n_keys): what trees are matched by
 * @n_keys: how many, at least one
 * @options: (nullable): which trees to give and the like, or %NULL for those that match
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
                  ArborJoinOptions *options, GError **error)
{
  g_autoptr (ArborCloseToken) token = NULL;
  ArborGate *gate;
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_JOIN_OPTIONS (options), NULL);

  token = arbor_join_tokens (self->token, other->token, &gate);
  step = arbor_join_options_plan (options, other->view, gate, keys, n_keys);
  return arbor_query_go_on (self, step, token, error);
}
