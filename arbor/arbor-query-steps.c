/* ArborQuery: its operations. Each is a step of its plan. */

#include "arbor-query-private.h"

#include "arbor-arbor-private.h"
#include "arbor-expr-private.h"
#include "arbor-sort-options-private.h"

/**
 * arbor_query_filter:
 * @self: a query
 * @predicate: a condition
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.filter], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.filter]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_filter (ArborQuery *self, ArborExpr *predicate, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), NULL);

  return arbor_query_go_on (self, arbor_plan_filter (arbor_expr_get_node (predicate)), self->token,
                            error);
}

/**
 * arbor_query_head:
 * @self: a query
 * @n_trees: how many trees; more than there are means all
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.head], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.head]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_head (ArborQuery *self, guint64 n_trees, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  return arbor_query_go_on (self, arbor_plan_slice (0, n_trees), self->token, error);
}

/**
 * arbor_query_tail:
 * @self: a query
 * @n_trees: how many trees; more than there are means all
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.tail], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.tail]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_tail (ArborQuery *self, guint64 n_trees, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  return arbor_query_go_on (self, arbor_plan_tail (n_trees), self->token, error);
}

/**
 * arbor_query_slice:
 * @self: a query
 * @start: the first position
 * @n_trees: how many trees; more than there are means all
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.slice], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.slice]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_slice (ArborQuery *self, guint64 start, guint64 n_trees, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  return arbor_query_go_on (self, arbor_plan_slice (start, n_trees), self->token, error);
}

/**
 * arbor_query_reverse:
 * @self: a query
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.reverse], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.reverse]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_reverse (ArborQuery *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  return arbor_query_go_on (self, arbor_plan_reverse (), self->token, error);
}

/**
 * arbor_query_sort_by:
 * @self: a query
 * @keys: (array length=n_keys) (nullable): what to order by; none means the trees themselves
 * @n_keys: how many keys
 * @options: (nullable): how the keys order, or %NULL for ascending, null last
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.sort_by], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.sort_by]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_sort_by (ArborQuery *self, ArborExpr **keys, gsize n_keys, ArborSortOptions *options,
                     GError **error)
{
  g_autofree ArborSortFlags *flags = NULL;
  g_autofree ArborNode **nodes = NULL;
  gsize n_flags;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_SORT_OPTIONS (options), NULL);

  nodes = arbor_exprs_get_nodes (keys, n_keys);
  flags = arbor_sort_options_make_flags (options, &n_flags);
  return arbor_query_go_on (self, arbor_plan_sort (nodes, n_keys, flags, n_flags), self->token,
                            error);
}

/**
 * arbor_query_top_k:
 * @self: a query
 * @k: how many trees; more than there are means all
 * @keys: (array length=n_keys) (nullable): what to order by; none means the trees themselves
 * @n_keys: how many keys
 * @options: (nullable): how the keys order, or %NULL for ascending, null last
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.top_k], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.top_k]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_top_k (ArborQuery *self, guint64 k, ArborExpr **keys, gsize n_keys,
                   ArborSortOptions *options, GError **error)
{
  g_autofree ArborSortFlags *flags = NULL;
  g_autofree ArborNode **nodes = NULL;
  gsize n_flags;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_SORT_OPTIONS (options), NULL);

  nodes = arbor_exprs_get_nodes (keys, n_keys);
  flags = arbor_sort_options_make_flags (options, &n_flags);
  return arbor_query_go_on (self, arbor_plan_top_k (k, nodes, n_keys, flags, n_flags), self->token,
                            error);
}

/**
 * arbor_query_unique_by:
 * @self: a query
 * @keys: (array length=n_keys) (nullable): what trees are told apart by; none means the trees
 *   themselves
 * @n_keys: how many keys
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.unique_by], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.unique_by]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_unique_by (ArborQuery *self, ArborExpr **keys, gsize n_keys, GError **error)
{
  g_autofree ArborNode **nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);

  nodes = arbor_exprs_get_nodes (keys, n_keys);
  return arbor_query_go_on (self, arbor_plan_unique (nodes, n_keys), self->token, error);
}

/**
 * arbor_query_sample:
 * @self: a query
 * @n_trees: how many trees; more than there are means all
 * @seed: 0 or more for the same choice each time; a negative one draws it, once, here
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.sample], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.sample]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_sample (ArborQuery *self, guint64 n_trees, gint64 seed, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  return arbor_query_go_on (self, arbor_plan_sample (n_trees, seed), self->token, error);
}

/**
 * arbor_query_shuffle:
 * @self: a query
 * @seed: 0 or more for the same choice each time; a negative one draws it, once, here
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.shuffle], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.shuffle]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_shuffle (ArborQuery *self, gint64 seed, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  return arbor_query_go_on (self, arbor_plan_shuffle (seed), self->token, error);
}

/**
 * arbor_query_select:
 * @self: a query
 * @names: (array zero-terminated=1): the fields of the new trees
 * @exprs: (array length=n_exprs): their values
 * @n_exprs: how many
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.select], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.select]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_select (ArborQuery *self, const char *const *names, ArborExpr **exprs, gsize n_exprs,
                    GError **error)
{
  g_autofree ArborNode **nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  nodes = arbor_exprs_get_nodes (exprs, n_exprs);
  return arbor_query_go_on (self, arbor_plan_select (names, nodes, n_exprs), self->token, error);
}

/**
 * arbor_query_add_fields:
 * @self: a query
 * @names: (array zero-terminated=1): the fields to set
 * @exprs: (array length=n_exprs): their values
 * @n_exprs: how many
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.add_fields], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.add_fields]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_add_fields (ArborQuery *self, const char *const *names, ArborExpr **exprs,
                        gsize n_exprs, GError **error)
{
  g_autofree ArborNode **nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  nodes = arbor_exprs_get_nodes (exprs, n_exprs);
  return arbor_query_go_on (self, arbor_plan_add_fields (names, nodes, n_exprs), self->token,
                            error);
}

/**
 * arbor_query_drop_fields:
 * @self: a query
 * @names: (array zero-terminated=1): the fields that go
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.drop_fields], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.drop_fields]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_drop_fields (ArborQuery *self, const char *const *names, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);

  return arbor_query_go_on (self, arbor_plan_drop_fields (names), self->token, error);
}

/**
 * arbor_query_rename_fields:
 * @self: a query
 * @names: (array zero-terminated=1): the fields to rename
 * @new_names: (array zero-terminated=1): their new names, as many
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.rename_fields], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.rename_fields]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_rename_fields (ArborQuery *self, const char *const *names,
                           const char *const *new_names, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (new_names != NULL, NULL);

  return arbor_query_go_on (self, arbor_plan_rename_fields (names, new_names), self->token, error);
}

/**
 * arbor_query_explode:
 * @self: a query
 * @path: the path of an array, or of an object
 * @field: (nullable): the field that gets the element; %NULL for the array's own place
 * @key: (nullable): the field that gets the key of a member; %NULL for `key`
 * @error: where to put an error
 *
 * [method@Arbor.Arbor.explode], as one more operation.
 *
 * Errors: those of [method@Arbor.Arbor.explode]. Any thread may call this.
 *
 * Returns: (transfer full): the query with it
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_explode (ArborQuery *self, const char *path, const char *field, const char *key,
                     GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return arbor_query_go_on (self, arbor_plan_explode (path, field, key), self->token, error);
}
