/* ArborArbor: trees of another arbor found by their keys: index_by, nest, join. What comes of two
 * arbors carries the close tokens of both.
 */

#include "arbor-arbor-private.h"

#include "arbor-close-token.h"
#include "arbor-expr-private.h"
#include "arbor-index-options.h"
#include "arbor-index-private.h"
#include "arbor-join-options-private.h"
#include "arbor-nest-options-private.h"
#include "query/make/arbor-view-notes.h"

/**
 * arbor_arbor_index_by:
 * @self: an arbor
 * @keys: (array length=n_keys): what trees are found by
 * @n_keys: how many, at least one
 * @options: (nullable): what to do with a key that several trees have, or %NULL for an error
 * @cancellable: (nullable): to stop
 * @error: where to put an error
 *
 * Indexes the trees by a key, or by several together. A tree with a null or missing key is not in the
 * index. Keys are equal as values are: `1` equals `1.0` and differs from `"1"`.
 *
 * Errors: %ARBOR_ERROR_CARDINALITY naming a key that comes twice, with %ARBOR_DUPLICATES_ERROR,
 * %ARBOR_ERROR_EXPRESSION for a key that gives several values, %ARBOR_ERROR_INVALID_ARGUMENT without
 * keys, %ARBOR_ERROR_LIMIT when the query memory is too small, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_STALE, %G_IO_ERROR_CANCELLED. Any thread may call this.
 *
 * Returns: (transfer full): the index
 *
 * Since: 1.0
 */
ArborIndex *
arbor_arbor_index_by (ArborArbor *self, ArborExpr **keys, gsize n_keys,
                      ArborIndexOptions *options, GCancellable *cancellable, GError **error)
{
  g_autofree ArborNode **nodes = NULL;
  g_autoptr (ArborKeyIndex) index = NULL;
  ArborDuplicates duplicates = ARBOR_DUPLICATES_ERROR;
  gboolean is_good = FALSE;
  ArborAccess access;
  guint32 n;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_INDEX_OPTIONS (options), NULL);

  if (options != NULL)
    duplicates = arbor_index_options_get_duplicates (options);
  nodes = arbor_exprs_get_nodes (keys, n_keys);
  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (arbor_view_check_nodes (self->view, &access, nodes, n_keys, error))
    index = arbor_key_index_new (self->view->source, self->view->selection, nodes, n_keys, error);
  if (index != NULL)
    is_good = arbor_key_index_get_n_keys (index, &access, cancellable, &n, error) &&
              (duplicates != ARBOR_DUPLICATES_ERROR ||
               arbor_key_index_check_unique (index, &access, error));
  is_good = arbor_access_end (&access, error) && is_good;
  return is_good ? arbor_index_new_take (g_steal_pointer (&index), self, duplicates) : NULL;
}

/**
 * arbor_arbor_nest:
 * @self: an arbor
 * @other: the arbor to look for matches in, or the same
 * @keys: (array length=n_keys): what trees of @self are matched by
 * @n_keys: how many, at least one
 * @field: the field that gets the matches
 * @options: (nullable): what else to do, or %NULL for an array of all matches
 * @error: where to put an error
 *
 * An arbor of new trees: those of @self with the trees of @other that have the same key. The field is
 * set: one that is there keeps its place and loses its value, except that %ARBOR_NEST_KIND_ONE without a
 * match leaves the tree as it is. A null or missing key matches nothing; a tree that is no object stays as
 * it is. Trees are computed when they are first read.
 *
 * Errors: %ARBOR_ERROR_INVALID_ARGUMENT without keys or for other numbers of them,
 * %ARBOR_ERROR_EXPRESSION for a key that gives several values, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_STALE; what reads the new arbor reports %ARBOR_ERROR_CARDINALITY for several matches
 * with %ARBOR_NEST_KIND_ONE, and %ARBOR_ERROR_LIMIT. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor, which ends when the store of one of them is closed
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_nest (ArborArbor *self, ArborArbor *other, ArborExpr **keys, gsize n_keys,
                  const char *field, ArborNestOptions *options, GError **error)
{
  g_autoptr (ArborCloseToken) token = NULL;
  g_autoptr (ArborPlanStep) step = NULL;
  ArborGate *gate;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (field != NULL, NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_NEST_OPTIONS (options), NULL);

  token = arbor_join_tokens (self->token, other->token, &gate);
  step = arbor_nest_options_plan (options, other->view, gate, keys, n_keys, field);
  return arbor_arbor_new_take (arbor_plan_step_apply (step, self->view, error), token);
}

/**
 * arbor_arbor_join:
 * @self: an arbor
 * @other: the arbor to look for matches in, or the same
 * @keys: (array length=n_keys): what trees of @self are matched by
 * @n_keys: how many, at least one
 * @options: (nullable): which trees to give and the like, or %NULL for those that match
 * @error: where to put an error
 *
 * An arbor of new trees: the fields of a tree of @self, then those of a tree of @other that has the
 * same key, in the order of @self and then of @other. A key of @other that is a plain field is not
 * repeated when that of @self is a path, where the value stands already. Where @self has a field of the same name, that of @other gets the suffix
 * behind it, once or as often as it takes, until neither tree has the name and no other field was
 * given it: no value is lost and no name comes twice. A null or missing key matches nothing. Of trees that are no objects the one of @self is
 * taken as it is. Trees are computed when they are first read.
 *
 * Errors: %ARBOR_ERROR_INVALID_ARGUMENT without keys, for other numbers of them or an empty suffix,
 * %ARBOR_ERROR_EXPRESSION for a key that gives several values, %ARBOR_ERROR_CLOSED,
 * %ARBOR_ERROR_STALE; what reads the new arbor reports %ARBOR_ERROR_LIMIT. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor, which ends when the store of one of them is closed
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_join (ArborArbor *self, ArborArbor *other, ArborExpr **keys, gsize n_keys,
                  ArborJoinOptions *options, GError **error)
{
  g_autoptr (ArborCloseToken) token = NULL;
  g_autoptr (ArborPlanStep) step = NULL;
  ArborGate *gate;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (ARBOR_IS_ARBOR (other), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (options == NULL || ARBOR_IS_JOIN_OPTIONS (options), NULL);

  token = arbor_join_tokens (self->token, other->token, &gate);
  step = arbor_join_options_plan (options, other->view, gate, keys, n_keys);
  return arbor_arbor_new_take (arbor_plan_step_apply (step, self->view, error), token);
}
