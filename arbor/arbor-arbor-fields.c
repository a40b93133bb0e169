/* ArborArbor: new trees out of the fields of old ones (query/make/arbor-fields.h). They are computed as
 * far as somebody reads, once, and kept in memory.
 */

#include "arbor-arbor-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "arbor-expr-private.h"
#include "base/arbor-error.h"
#include "query/make/arbor-fields.h"

gboolean
arbor_check_n_names (const char *const *names, gsize n, GError **error)
{
  gsize n_names = g_strv_length ((char **) names);

  if (n_names == n)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
               _("Expected as many names as values, found %" PRIu64 " names for %" PRIu64
                 " values"),
               (guint64) n_names, (guint64) n);
  return FALSE;
}

ArborArbor *
arbor_arbor_leave_with (ArborArbor *self, ArborAccess *access, ArborSource *source, GError **error)
{
  ArborArbor *computed;

  arbor_access_end (access, error);
  computed =
      arbor_arbor_new_computed (source, self->token != NULL ? g_object_ref (self->token) : NULL);
  if (computed != NULL)
    computed->is_strict = self->is_strict;
  return computed;
}

typedef ArborSource *(*MakeFunc) (ArborSource *source, ArborSelection *selection,
                                  const char *const *names, ArborNode *const *nodes, gsize n,
                                  GError **error);

static ArborArbor *
compute_fields (ArborArbor *self, MakeFunc make, const char *const *names, ArborExpr **exprs,
                gsize n, GError **error)
{
  g_autofree ArborNode **nodes = arbor_exprs_get_nodes (exprs, n);
  ArborSource *source = NULL;
  gboolean is_good;
  ArborAccess access;

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  is_good = arbor_check_n_names (names, n, error);
  for (gsize i = 0; i < n && is_good; i++)
    is_good = arbor_node_check_row (nodes[i], error);
  if (is_good && arbor_arbor_check_nodes (self, &access, nodes, n, error))
    source = make (self->source, self->selection, names, nodes, n, error);
  return arbor_arbor_leave_with (self, &access, source, error);
}

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
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  return compute_fields (self, arbor_fields_select, names, exprs, n_exprs, error);
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
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  return compute_fields (self, arbor_fields_add, names, exprs, n_exprs, error);
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
  ArborSource *source;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  source = arbor_fields_drop (self->source, self->selection, names,
                              g_strv_length ((char **) names), error);
  return arbor_arbor_leave_with (self, &access, source, error);
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
  ArborSource *source = NULL;
  ArborAccess access;
  gsize n;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (new_names != NULL, NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  n = g_strv_length ((char **) names);
  if (arbor_check_n_names (new_names, n, error))
    source = arbor_fields_rename (self->source, self->selection, names, new_names, n, error);
  return arbor_arbor_leave_with (self, &access, source, error);
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
  ArborSource *source = NULL;
  ArborAccess access;

  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  if (!arbor_arbor_enter (self, &access, error))
    return NULL;
  if (arbor_arbor_check_path (self, &access, path, error))
    source = arbor_fields_explode (self->source, self->selection, path, field, key, error);
  return arbor_arbor_leave_with (self, &access, source, error);
}
