/* ArborQuery: its operations. Each writes down a step; whether it can be done is found by trying it.
 */

#include "arbor-query-private.h"

#include "arbor-arbor-private.h"
#include "arbor-expr-private.h"
#include "base/arbor-random.h"

void
arbor_query_set_exprs (ArborPlanStep *step, ArborExpr **exprs, gsize n)
{
  g_autofree ArborNode **nodes = arbor_exprs_get_nodes (exprs, n);

  arbor_plan_step_set_nodes (step, nodes, (guint) n);
}

static ArborPlanStep *
new_counted (ArborPlanKind kind, guint64 start, guint64 n_trees)
{
  ArborPlanStep *step = arbor_plan_step_new (kind);

  step->start = start;
  step->n_trees = n_trees;
  return step;
}

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
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (ARBOR_IS_EXPR (predicate), NULL);

  step = arbor_plan_step_new (ARBOR_PLAN_FILTER);
  arbor_query_set_exprs (step, &predicate, 1);
  return arbor_query_go_on (self, step, error);
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

  return arbor_query_go_on (self, new_counted (ARBOR_PLAN_SLICE, 0, n_trees), error);
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

  return arbor_query_go_on (self, new_counted (ARBOR_PLAN_TAIL, 0, n_trees), error);
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

  return arbor_query_go_on (self, new_counted (ARBOR_PLAN_SLICE, start, n_trees), error);
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

  return arbor_query_go_on (self, arbor_plan_step_new (ARBOR_PLAN_REVERSE), error);
}

/* TRUE, or the number of flags is wrong: then the trial finds it. */
static gboolean
set_keys (ArborPlanStep *step, ArborExpr **keys, gsize n_keys, const ArborSortFlags *flags,
          gsize n_flags)
{
  arbor_query_set_exprs (step, keys, n_keys);
  if (n_flags == 0)
    return TRUE;
  if (n_flags != 1 && n_flags != n_keys)
    return FALSE;
  step->flags = g_new (ArborSortFlags, n_keys + 1);
  for (gsize i = 0; i < n_keys; i++)
    step->flags[i] = flags[n_flags == 1 ? 0 : i];
  return TRUE;
}

/* Takes over @step, which is a sort or top_k. */
static ArborQuery *
go_on_sorted (ArborQuery *self, ArborPlanStep *step, ArborExpr **keys, gsize n_keys,
              const ArborSortFlags *flags, gsize n_flags, GError **error)
{
  g_autoptr (ArborPlanStep) taken = step;
  g_autoptr (ArborArbor) trial = NULL;

  if (set_keys (step, keys, n_keys, flags, n_flags))
    return arbor_query_go_on (self, g_steal_pointer (&taken), error);
  if (arbor_query_check (self, error))
    trial = arbor_arbor_sort_by (self->arbor, keys, n_keys, flags, n_flags, error);
  return NULL;
}

/**
 * arbor_query_sort_by:
 * @self: a query
 * @keys: (array length=n_keys) (nullable): what to order by; none means the trees themselves
 * @n_keys: how many keys
 * @flags: (array length=n_flags) (nullable): none, one for all keys, or one for each
 * @n_flags: how many flags
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
arbor_query_sort_by (ArborQuery *self, ArborExpr **keys, gsize n_keys, const ArborSortFlags *flags,
                     gsize n_flags, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (flags != NULL || n_flags == 0, NULL);

  return go_on_sorted (self, arbor_plan_step_new (ARBOR_PLAN_SORT), keys, n_keys, flags, n_flags,
                       error);
}

/**
 * arbor_query_top_k:
 * @self: a query
 * @k: how many trees; more than there are means all
 * @keys: (array length=n_keys) (nullable): what to order by; none means the trees themselves
 * @n_keys: how many keys
 * @flags: (array length=n_flags) (nullable): none, one for all keys, or one for each
 * @n_flags: how many flags
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
                   const ArborSortFlags *flags, gsize n_flags, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);
  g_return_val_if_fail (flags != NULL || n_flags == 0, NULL);

  return go_on_sorted (self, new_counted (ARBOR_PLAN_TOP_K, 0, k), keys, n_keys, flags, n_flags,
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
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), NULL);

  step = arbor_plan_step_new (ARBOR_PLAN_UNIQUE);
  arbor_query_set_exprs (step, keys, n_keys);
  return arbor_query_go_on (self, step, error);
}

/* Takes over @step. The seed is drawn here: an execution is like the other. */
static ArborQuery *
go_on_random (ArborQuery *self, ArborPlanStep *step, gint64 seed, GError **error)
{
  step->seed = seed >= 0 ? seed : (gint64) (arbor_random_draw_seed () >> 1);
  return arbor_query_go_on (self, step, error);
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

  return go_on_random (self, new_counted (ARBOR_PLAN_SAMPLE, 0, n_trees), seed, error);
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

  return go_on_random (self, arbor_plan_step_new (ARBOR_PLAN_SHUFFLE), seed, error);
}

/* Names and values in step with each other; otherwise the error that the eager operation gives. */
static ArborQuery *
go_on_fields (ArborQuery *self, ArborPlanKind kind, const char *const *names, ArborExpr **exprs,
              gsize n_exprs, GError **error)
{
  ArborPlanStep *step;
  g_autoptr (ArborArbor) trial = NULL;

  if (g_strv_length ((char **) names) != n_exprs)
    {
      if (arbor_query_check (self, error))
        trial = arbor_arbor_select (self->arbor, names, exprs, n_exprs, error);
      return NULL;
    }
  step = arbor_plan_step_new (kind);
  step->names = g_strdupv ((char **) names);
  arbor_query_set_exprs (step, exprs, n_exprs);
  return arbor_query_go_on (self, step, error);
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
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  return go_on_fields (self, ARBOR_PLAN_SELECT, names, exprs, n_exprs, error);
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
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (arbor_are_exprs (exprs, n_exprs), NULL);

  return go_on_fields (self, ARBOR_PLAN_ADD_FIELDS, names, exprs, n_exprs, error);
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
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);

  step = arbor_plan_step_new (ARBOR_PLAN_DROP_FIELDS);
  step->names = g_strdupv ((char **) names);
  return arbor_query_go_on (self, step, error);
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
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (new_names != NULL, NULL);

  step = arbor_plan_step_new (ARBOR_PLAN_RENAME_FIELDS);
  step->names = g_strdupv ((char **) names);
  step->new_names = g_strdupv ((char **) new_names);
  return arbor_query_go_on (self, step, error);
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
  const char *names[] = { path, NULL };
  const char *new_names[] = { field, NULL };
  ArborPlanStep *step;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  step = arbor_plan_step_new (ARBOR_PLAN_EXPLODE);
  step->key = g_strdup (key);
  step->names = g_strdupv ((char **) names);
  if (field != NULL)
    step->new_names = g_strdupv ((char **) new_names);
  return arbor_query_go_on (self, step, error);
}
