/* ArborArbor: views in another order, and with one tree of each kind. */

#include "arbor-arbor-private.h"

#include "arbor-expr-private.h"
#include "arbor-sort-options-private.h"

/**
 * arbor_arbor_sort_by:
 * @self: an arbor
 * @keys: (array length=n_keys) (nullable): what to order by, the most significant first; none means
 *   the trees themselves
 * @n_keys: how many keys
 * @options: (nullable): how the keys order, or %NULL for ascending, null last
 * @error: where to put an error
 *
 * A view of all trees in the order of some keys. Trees whose keys are equal stay in the order that
 * they have. Values of any kinds have an order: `false < true < numbers < strings < arrays <
 * objects`, numbers by exact value, strings by bytes. Trees for which a key is null come behind all
 * others, and behind those the ones that lack it, also when the order descends, unless the key has
 * %ARBOR_SORT_NULLS_FIRST.
 *
 * The order is computed when it is first needed, once, and never all of it for
 * [method@Arbor.Arbor.head] of the view alone. What is computed must fit in the query memory
 * ([func@Arbor.set_query_memory]): %ARBOR_ERROR_LIMIT otherwise, from the call that needed it.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a key that gives several values,
 * %ARBOR_ERROR_INVALID_ARGUMENT for options with another number of flags or unknown ones,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_sort_by (ArborArbor *self, ArborExpr **keys, gsize n_keys, ArborSortOptions *options,
                     GError **error)
{
  g_autofree ArborSortFlags *flags = NULL;
  g_autofree ArborNode **nodes = NULL;
  gsize n_flags;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_SORT_OPTIONS (options), NULL);

  nodes = arbor_exprs_get_nodes (keys, n_keys);
  flags = arbor_sort_options_make_flags (options, &n_flags);
  return arbor_arbor_apply (self, arbor_plan_sort (nodes, n_keys, flags, n_flags), error);
}

/**
 * arbor_arbor_top_k:
 * @self: an arbor
 * @k: how many trees; more than there are means all
 * @keys: (array length=n_keys) (nullable): what to order by; none means the trees themselves
 * @n_keys: how many keys
 * @options: (nullable): how the keys order, or %NULL for ascending, null last
 * @error: where to put an error
 *
 * A view of the first trees in the order of some keys: the same trees in the same order as
 * [method@Arbor.Arbor.sort_by] and [method@Arbor.Arbor.head] give, in memory for @k trees. The
 * *largest* values come first with %ARBOR_SORT_DESCENDING.
 *
 * Errors: those of [method@Arbor.Arbor.sort_by]. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_top_k (ArborArbor *self, guint64 k, ArborExpr **keys, gsize n_keys,
                   ArborSortOptions *options, GError **error)
{
  g_autofree ArborSortFlags *flags = NULL;
  g_autofree ArborNode **nodes = NULL;
  gsize n_flags;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_SORT_OPTIONS (options), NULL);

  nodes = arbor_exprs_get_nodes (keys, n_keys);
  flags = arbor_sort_options_make_flags (options, &n_flags);
  return arbor_arbor_apply (self, arbor_plan_top_k (k, nodes, n_keys, flags, n_flags), error);
}

/**
 * arbor_arbor_unique_by:
 * @self: an arbor
 * @keys: (array length=n_keys) (nullable): what trees are told apart by; none means the trees
 *   themselves
 * @n_keys: how many keys
 * @error: where to put an error
 *
 * A view of the first tree for each value of the keys, in the order that the trees have. `1` and
 * `1.0` are equal, and so are objects that differ in the order of their members only; null differs
 * from a key that is not there.
 *
 * Of the view only as much is computed as is read. What has been seen must fit in the query memory
 * ([func@Arbor.set_query_memory]): %ARBOR_ERROR_LIMIT otherwise, from the call that needed it.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a key that gives several values, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_unique_by (ArborArbor *self, ArborExpr **keys, gsize n_keys, GError **error)
{
  g_autofree ArborNode **nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);

  nodes = arbor_exprs_get_nodes (keys, n_keys);
  return arbor_arbor_apply (self, arbor_plan_unique (nodes, n_keys), error);
}

/**
 * arbor_arbor_sample:
 * @self: an arbor
 * @n_trees: how many trees; more than there are means all
 * @seed: a number, 0 or more, that decides which trees; a negative one draws a seed now
 * @error: where to put an error
 *
 * A view of some trees taken by chance, none twice, in the order that they have. Every set of
 * @n_trees trees is equally likely. The same seed on the same trees takes the same ones, on every
 * machine and in every version. For a sample in random order, shuffle it.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_sample (ArborArbor *self, guint64 n_trees, gint64 seed, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return arbor_arbor_apply (self, arbor_plan_sample (n_trees, seed), error);
}

/**
 * arbor_arbor_shuffle:
 * @self: an arbor
 * @seed: a number, 0 or more, that decides the order; a negative one draws a seed now
 * @error: where to put an error
 *
 * A view of all trees in random order; every order is equally likely. The same seed on the same
 * trees gives the same order, on every machine and in every version.
 * [method@Arbor.Arbor.explain] tells the seed that was drawn.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the view
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_shuffle (ArborArbor *self, gint64 seed, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return arbor_arbor_apply (self, arbor_plan_shuffle (seed), error);
}
