/* ArborQuery: the operations (arbor-query-steps.c), each a step of a plan (query/plan/arbor-plan.h), and the run.
 *
 * A query is an arbor and a plan, and never changes: each operation makes a new query with one more
 * step. A step is made by writing it down and trying it on an arbor without trees, so that mistakes
 * are found where they are made, by the very code that will run. Running applies the rewritten
 * steps to the arbor, one after the other; nothing is computed by that, either.
 */

#include "arbor-query-private.h"

#include "arbor-arbor-private.h"
#include "arbor-close-token-private.h"
#include "arbor-expr-private.h"
#include "arbor-groups.h"
#include "query/plan/arbor-plan.h"

/**
 * ArborQuery:
 *
 * Operations on an arbor, collected first and run as a whole.
 *
 * The operations are those of [class@Arbor.Arbor], and give the same trees. An arbor's own
 * operations are done in the order in which they are called; a query may do the same in another
 * order, or several at once, where that gives the same result: conditions before sorting, limits
 * before new trees are made, a sort and a limit as one, fields that nobody looks at not at all.
 * [method@Arbor.Query.explain] tells.
 *
 * A query is immutable: each operation gives a new one, and a query can be gone on with in several
 * ways and executed any number of times. It ends with the stores that it reads, as arbors do. Any
 * thread may use it.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (ArborQuery, arbor_query, G_TYPE_OBJECT)

static void
arbor_query_finalize (GObject *object)
{
  ArborQuery *self = ARBOR_QUERY (object);

  g_clear_object (&self->arbor);
  g_clear_object (&self->token);
  g_ptr_array_unref (self->plan);

  G_OBJECT_CLASS (arbor_query_parent_class)->finalize (object);
}

static void
arbor_query_class_init (ArborQueryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_query_finalize;
}

static void
arbor_query_init (ArborQuery *self)
{
  self->plan = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_plan_step_unref);
}

/* Running */

static ArborExpr **
wrap_nodes (ArborNode *const *nodes, guint n)
{
  ArborExpr **exprs = g_new0 (ArborExpr *, n + 1);

  for (guint i = 0; i < n; i++)
    exprs[i] = arbor_expr_new_take (arbor_node_ref (nodes[i]));
  return exprs;
}

static void
unwrap (ArborExpr **exprs)
{
  for (guint i = 0; exprs[i] != NULL; i++)
    g_object_unref (exprs[i]);
  g_free (exprs);
}

static ArborArbor *
apply_group (const ArborPlanStep *step, ArborArbor *to, ArborExpr **keys, ArborExpr **exprs,
             GError **error)
{
  g_autoptr (ArborGroups) groups = arbor_arbor_group_by (
      to, (const char *const *) step->names, keys, step->n_nodes, error);

  if (groups == NULL)
    return NULL;
  return arbor_groups_aggregate (groups, (const char *const *) step->new_names, exprs,
                                 step->n_other_nodes, error);
}

static ArborArbor *
apply_with (const ArborPlanStep *step, ArborArbor *to, ArborExpr **exprs, ArborExpr **others,
            GError **error)
{
  const char *const *names = (const char *const *) step->names;
  const char *const *new_names = (const char *const *) step->new_names;
  guint n = step->n_nodes;
  guint n_flags = step->flags != NULL ? n : 0;

  switch (step->kind)
    {
    case ARBOR_PLAN_FILTER:
      return arbor_arbor_filter (to, exprs[0], error);
    case ARBOR_PLAN_SORT:
      return arbor_arbor_sort_by (to, exprs, n, step->flags, n_flags, error);
    case ARBOR_PLAN_TOP_K:
      return arbor_arbor_top_k (to, step->n_trees, exprs, n, step->flags, n_flags, error);
    case ARBOR_PLAN_UNIQUE:
      return arbor_arbor_unique_by (to, exprs, n, error);
    case ARBOR_PLAN_SLICE:
      return arbor_arbor_slice (to, step->start, step->n_trees, error);
    case ARBOR_PLAN_TAIL:
      return arbor_arbor_tail (to, step->n_trees, error);
    case ARBOR_PLAN_REVERSE:
      return arbor_arbor_reverse (to, error);
    case ARBOR_PLAN_SAMPLE:
      return arbor_arbor_sample (to, step->n_trees, step->seed, error);
    case ARBOR_PLAN_SHUFFLE:
      return arbor_arbor_shuffle (to, step->seed, error);
    case ARBOR_PLAN_SELECT:
      return arbor_arbor_select (to, names, exprs, n, error);
    case ARBOR_PLAN_ADD_FIELDS:
      return arbor_arbor_add_fields (to, names, exprs, n, error);
    case ARBOR_PLAN_DROP_FIELDS:
      return arbor_arbor_drop_fields (to, names, error);
    case ARBOR_PLAN_RENAME_FIELDS:
      return arbor_arbor_rename_fields (to, names, new_names, error);
    case ARBOR_PLAN_EXPLODE:
      return arbor_arbor_explode (to, names[0], new_names != NULL ? new_names[0] : NULL, step->key,
                                  error);
    case ARBOR_PLAN_APPEND:
      return arbor_arbor_append (to, ARBOR_ARBOR (step->object), error);
    case ARBOR_PLAN_GROUP:
      return apply_group (step, to, exprs, others, error);
    case ARBOR_PLAN_NEST:
      return arbor_arbor_nest (to, ARBOR_ARBOR (step->object), exprs, n, others,
                               step->n_other_nodes, names[0], (ArborNest) step->option, error);
    case ARBOR_PLAN_JOIN:
      return arbor_arbor_join (to, ARBOR_ARBOR (step->object), exprs, n, others,
                               step->n_other_nodes, (ArborJoin) step->option, names[0], error);
    }
  g_assert_not_reached ();
}

static ArborArbor *
apply (const ArborPlanStep *step, ArborArbor *to, GError **error)
{
  ArborExpr **exprs = wrap_nodes (step->nodes, step->n_nodes);
  ArborExpr **others = wrap_nodes (step->other_nodes, step->n_other_nodes);
  ArborArbor *result = apply_with (step, to, exprs, others, error);

  unwrap (exprs);
  unwrap (others);
  return result;
}

static ArborArbor *
apply_all (ArborQuery *self, GPtrArray *plan, GError **error)
{
  g_autoptr (ArborArbor) arbor = g_object_ref (self->arbor);

  for (guint i = 0; i < plan->len; i++)
    {
      g_autoptr (ArborArbor) before = g_steal_pointer (&arbor);

      arbor = apply (plan->pdata[i], before, error);
      if (arbor == NULL)
        return NULL;
    }
  return g_steal_pointer (&arbor);
}

/* Making */

gboolean
arbor_query_check (ArborQuery *self, GError **error)
{
  ArborAccess access;

  if (self->arbor == NULL)
    {
      arbor_set_not_opened_error (error);
      return FALSE;
    }
  if (self->token != NULL && !arbor_close_token_check (self->token, error))
    return FALSE;
  if (!arbor_arbor_enter (self->arbor, &access, error))
    return FALSE;
  arbor_access_end (&access, error);
  return TRUE;
}

ArborQuery *
arbor_query_go_on (ArborQuery *self, ArborPlanStep *step, GError **error)
{
  g_autoptr (ArborPlanStep) taken = step;
  g_autoptr (ArborArbor) nothing = NULL;
  g_autoptr (ArborArbor) trial = NULL;
  ArborQuery *next;

  if (!arbor_query_check (self, error))
    return NULL;
  nothing = arbor_arbor_new_take_batches (g_ptr_array_new (), error);
  trial = nothing != NULL ? apply (step, nothing, error) : NULL;
  if (trial == NULL)
    return NULL;

  next = g_object_new (ARBOR_TYPE_QUERY, NULL);
  next->arbor = g_object_ref (self->arbor);
  next->token = arbor_close_token_join (self->token, trial->token);
  for (guint i = 0; i < self->plan->len; i++)
    g_ptr_array_add (next->plan, arbor_plan_step_ref (self->plan->pdata[i]));
  g_ptr_array_add (next->plan, g_steal_pointer (&taken));
  return next;
}

/**
 * arbor_query_new:
 * @arbor: an arbor: stored, in memory or a view
 * @error: where to put an error
 *
 * A query without operations yet.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE. Any thread may call this.
 *
 * Returns: (transfer full): the query
 *
 * Since: 1.0
 */
ArborQuery *
arbor_query_new (ArborArbor *arbor, GError **error)
{
  g_autoptr (ArborQuery) self = NULL;

  g_return_val_if_fail (ARBOR_IS_ARBOR (arbor), NULL);

  self = g_object_new (ARBOR_TYPE_QUERY, NULL);
  self->arbor = g_object_ref (arbor);
  g_set_object (&self->token, arbor->token);
  return arbor_query_check (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * arbor_query_execute:
 * @self: a query
 * @error: where to put an error
 *
 * Runs the operations, rewritten where that is less work. The arbor that comes out is like any
 * other: its trees are computed when somebody reads them, once, and only as far as needed.
 *
 * Errors: %ARBOR_ERROR_CLOSED, %ARBOR_ERROR_STALE, %ARBOR_ERROR_LIMIT for too many operations. Any
 * thread may call this.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
ArborArbor *
arbor_query_execute (ArborQuery *self, GError **error)
{
  g_autoptr (GPtrArray) plan = NULL;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  if (!arbor_query_check (self, error))
    return NULL;
  plan = arbor_plan_optimise (self->plan, NULL);
  return apply_all (self, plan, error);
}

/**
 * arbor_query_execute_as_written:
 * @self: a query
 * @error: where to put an error
 *
 * Runs the operations one by one in the order in which they were given, which gives the same trees
 * as [method@Arbor.Query.execute]: for comparing.
 *
 * Errors: those of [method@Arbor.Query.execute]. Any thread may call this.
 *
 * Returns: (transfer full): the result
 *
 * Since: 1.0
 */
ArborArbor *
arbor_query_execute_as_written (ArborQuery *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  return arbor_query_check (self, error) ? apply_all (self, self->plan, error) : NULL;
}

static void
append_plan (GPtrArray *plan, GString *text)
{
  for (guint i = 0; i < plan->len; i++)
    {
      g_string_append (text, "  ");
      arbor_plan_step_describe (plan->pdata[i], text);
      g_string_append_c (text, '\n');
    }
}

/**
 * arbor_query_explain:
 * @self: a query
 *
 * What the query reads, its operations as written, and as they will be run, with the rewrites that
 * led there, for people. Computes nothing and never fails. Programs must not rely on its words. Any
 * thread may call this, at any time.
 *
 * Returns: (transfer full): the lines
 *
 * Since: 1.0
 */
char *
arbor_query_explain (ArborQuery *self)
{
  g_autoptr (GPtrArray) applied = g_ptr_array_new ();
  g_autoptr (GPtrArray) plan = NULL;
  g_autofree char *source = NULL;
  GString *text;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  if (self->arbor == NULL)
    return g_strdup ("not opened\n");
  source = arbor_arbor_explain (self->arbor);
  plan = arbor_plan_optimise (self->plan, applied);
  text = g_string_new (source);
  g_string_append (text, "as written:\n");
  append_plan (self->plan, text);
  g_string_append (text, "as run:\n");
  append_plan (plan, text);
  if (applied->len > 0)
    g_string_append (text, "because of:\n");
  for (guint i = 0; i < applied->len; i++)
    g_string_append_printf (text, "  %s\n", (const char *) applied->pdata[i]);
  return g_string_free (text, FALSE);
}

/**
 * arbor_query_is_closed:
 * @self: a query
 *
 * Whether a store that the query reads has been closed. Any thread may call this, at any time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_query_is_closed (ArborQuery *self)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), TRUE);

  if (self->arbor == NULL)
    return TRUE;
  return self->token != NULL && arbor_close_token_is_closed (self->token);
}

/**
 * arbor_query_dup_close_token:
 * @self: a query
 *
 * The close token of the stores that the query reads. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL when it reads no store
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_query_dup_close_token (ArborQuery *self)
{
  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  return self->token != NULL ? g_object_ref (self->token) : NULL;
}

/**
 * arbor_query_to_string:
 * @self: a query
 *
 * A description for people who debug, which never fails. Any thread may call this, at any time.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
arbor_query_to_string (ArborQuery *self)
{
  g_autofree char *arbor = NULL;

  g_return_val_if_fail (ARBOR_IS_QUERY (self), NULL);

  if (self->arbor == NULL)
    return g_strdup ("ArborQuery (not opened)");
  arbor = arbor_arbor_to_string (self->arbor);
  return g_strdup_printf ("ArborQuery (%u operations on %s)", self->plan->len, arbor);
}
