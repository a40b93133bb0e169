/* ArborArbor: new trees out of the fields of old ones (query/make/arbor-fields.h). They are computed as
 * far as somebody reads, once, and kept in memory.
 */

#include "arbor-arbor-private.h"

#include "arbor-expr-private.h"

/**
 * arbor_arbor_select:
 * @self: an arbor
 * @names: (array zero-terminated=1): the fields of the new trees, as many as there are expressions
 * @exprs: (array length=n_exprs): their values
 * @n_exprs: how many
 * @error: where to put an error
 *
 * An arbor of new trees: objects of these fields, in this order. A value that is missing leaves its
 * field out, an expression that gives several values gives an array. Trees are computed when they
 * are first read.
 *
 * Errors: %ARBOR_ERROR_INVALID_ARGUMENT when a name comes twice or the numbers differ,
 * %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE; what reads the new arbor reports %ARBOR_ERROR_LIMIT when
 * there is too little memory for it. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_select (ArborArbor *self, const char *const *names, ArborExpr **exprs, gsize n_exprs,
                    GError **error)
{
  g_autofree ArborNode **nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  nodes = arbor_exprs_get_nodes (exprs, n_exprs);
  return arbor_arbor_apply (self, arbor_plan_select (names, nodes, n_exprs), error);
}

/**
 * arbor_arbor_add_fields:
 * @self: an arbor
 * @names: (array zero-terminated=1): the fields to set, as many as there are expressions
 * @exprs: (array length=n_exprs): their values, computed from the old tree
 * @n_exprs: how many
 * @error: where to put an error
 *
 * An arbor of new trees: the old ones with fields set. A field that is there keeps its place, others
 * come at the end; a value that is missing takes its field away. A tree that is no object stays as
 * it is. Trees are computed when they are first read.
 *
 * Errors: those of [method@Arbor.Arbor.select]. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_add_fields (ArborArbor *self, const char *const *names, ArborExpr **exprs,
                        gsize n_exprs, GError **error)
{
  g_autofree ArborNode **nodes = NULL;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  nodes = arbor_exprs_get_nodes (exprs, n_exprs);
  return arbor_arbor_apply (self, arbor_plan_add_fields (names, nodes, n_exprs), error);
}

/**
 * arbor_arbor_drop_fields:
 * @self: an arbor
 * @names: (array zero-terminated=1): the fields that go
 * @error: where to put an error
 *
 * An arbor of new trees: the old ones without these fields. Fields that are not there do not matter,
 * and a tree that is no object stays as it is. Trees are computed when they are first read.
 *
 * Errors: those of [method@Arbor.Arbor.select]. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_drop_fields (ArborArbor *self, const char *const *names, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);

  return arbor_arbor_apply (self, arbor_plan_drop_fields (names), error);
}

/**
 * arbor_arbor_rename_fields:
 * @self: an arbor
 * @names: (array zero-terminated=1): the fields to rename
 * @new_names: (array zero-terminated=1): their new names, as many
 * @error: where to put an error
 *
 * An arbor of new trees: the old ones with fields renamed, all at once, so that two can exchange
 * their names. A renamed field keeps its place. A tree that is no object stays as it is. Trees are
 * computed when they are first read.
 *
 * Errors: those of [method@Arbor.Arbor.select]; what reads the new arbor reports
 * %ARBOR_ERROR_EXISTS for a tree with another field of a new name, whose value would be lost. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_rename_fields (ArborArbor *self, const char *const *names,
                           const char *const *new_names, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (new_names != NULL, NULL);

  return arbor_arbor_apply (self, arbor_plan_rename_fields (names, new_names), error);
}

/**
 * arbor_arbor_explode:
 * @self: an arbor
 * @path: the path of an array, or of an object
 * @field: (nullable): the field that gets the element; %NULL for the array's own place
 * @key: (nullable): the field that gets the key of a member; %NULL for `key`
 * @error: where to put an error
 *
 * An arbor with one tree for each element of an array: the old tree with the element in place of
 * the array. With @field the array is left out and the element becomes that field of the tree, at
 * its end. Where there is an object, its members are the elements, and each tree has the field @key
 * besides, at its end but before @field: data keyed by id become trees with their id. Where the
 * object is the tree itself and there is no @field, its members are the trees, each with its key in
 * front; one that is no object becomes the field `value` beside it. An empty array or object gives no
 * tree; where there is neither, the tree stays as it is. Trees are computed when they are first read.
 * No value is lost but those of the array itself.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a malformed path, %ARBOR_ERROR_CARDINALITY for one with `[*]`,
 * %ARBOR_ERROR_INVALID_ARGUMENT for a @field that holds the array somewhere below, and those of
 * [method@Arbor.Arbor.select]; what reads the new arbor reports %ARBOR_ERROR_EXISTS for a tree that
 * has another @field or @key already, and %ARBOR_ERROR_TYPE for one that is an array with other
 * elements beside the exploded one. Any thread may call this.
 *
 * Returns: (transfer full): the new arbor
 *
 * Since: 1.0
 */
ArborArbor *
arbor_arbor_explode (ArborArbor *self, const char *path, const char *field, const char *key,
                     GError **error)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return arbor_arbor_apply (self, arbor_plan_explode (path, field, key), error);
}
