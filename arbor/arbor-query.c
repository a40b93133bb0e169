/* ArborQuery: the object, and its run. The operations are in arbor-query-steps.c.
 *
 * A query is an arbor and a plan (query/plan/arbor-plan.h), and never changes: each operation makes a
 * new query with one more step, which is checked, so that mistakes are found where they are made.
 * Running applies the rewritten steps to the arbor, one after the other; nothing is computed by that,
 * either.
 */

#include "arbor-query-private.h"

#include "arbor-arbor-private.h"
#include "arbor-close-token-private.h"

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

/* Making */

static gboolean
check (ArborQuery *self, GError **error)
{
  ArborAccess access;

  if (self->token != NULL && !arbor_close_token_check (self->token, error))
    return FALSE;
  if (!arbor_view_enter (self->arbor != NULL ? self->arbor->view : NULL, &access, error))
    return FALSE;
  arbor_access_leave (&access, error);
  return TRUE;
}

ArborQuery *
arbor_query_go_on (ArborQuery *self, ArborPlanStep *step, ArborCloseToken *token, GError **error)
{
  g_autoptr (ArborPlanStep) taken = step;
  ArborQuery *next;

  if (!check (self, error) || !arbor_plan_step_check (step, error))
    return NULL;
  next = g_object_new (ARBOR_TYPE_QUERY, NULL);
  next->arbor = g_object_ref (self->arbor);
  g_set_object (&next->token, token);
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
  return check (self, error) ? g_steal_pointer (&self) : NULL;
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

  if (!check (self, error))
    return NULL;
  plan = arbor_plan_optimise (self->plan, NULL);
  return arbor_arbor_new_take (arbor_plan_apply (plan, self->arbor->view, error), self->token);
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

  if (!check (self, error))
    return NULL;
  return arbor_arbor_new_take (arbor_plan_apply (self->plan, self->arbor->view, error),
                               self->token);
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
