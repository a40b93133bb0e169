/* See arbor-group-plan.h. Expressions are rewritten from the leaves up on an explicit stack. */

#include "query/group/arbor-group-plan.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "query/expr/arbor-aggregate.h"

typedef struct
{
  ArborNode *node;
  guint32 n_done; /* arguments rewritten: the last so many of the results */
} Pending;

typedef struct
{
  ArborGroupPlan *plan;
  gboolean is_parameter; /* no aggregates */
  GArray *pending;       /* of Pending */
  GPtrArray *results;    /* of ArborNode, owned */
} Rewriter;

static ArborNode *rewrite (ArborGroupPlan *plan, ArborNode *node, gboolean is_parameter,
                           GError **error);

gboolean
arbor_group_check_names (char *const *names, gsize n, char *const *more, gsize n_more,
                         GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < n + n_more; i++)
    {
      char *name = i < n ? names[i] : more[i - n];

      if (!g_hash_table_add (seen, name))
        {
          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                       _("Field name '%s' is given twice"), name);
          return FALSE;
        }
    }
  return TRUE;
}

/* The element of the list that stands for a key or a slot. */
static ArborNode *
new_place (gsize i)
{
  ArborStep *step = g_new0 (ArborStep, 1);

  step->kind = ARBOR_STEP_INDEX;
  step->index = (gint64)i;
  return arbor_node_new_path_take (arbor_path_new_take (step, 1));
}

static gint64
get_place (const ArborNode *node)
{
  gboolean is_place = node->kind == ARBOR_NODE_PATH && node->path->n_steps == 1 &&
                      node->path->steps[0].kind == ARBOR_STEP_INDEX;

  return is_place ? node->path->steps[0].index : -1;
}

static gboolean
is_over_trees (const ArborNode *node)
{
  /* With a free element it belongs to the array that is walked around it. */
  return node->kind == ARBOR_NODE_CALL && arbor_function_is_aggregate (node->function) &&
         !node->has_element;
}

static gboolean
add_slot (ArborGroupPlan *plan, ArborNode *call, gsize *place, GError **error)
{
  ArborGroupSlotPlan slot = { .call = call, .function = call->function };

  for (guint i = 0; i < plan->slots->len; i++)
    if (arbor_node_equal (arbor_group_plan_get_slot (plan, i)->call, call))
      {
        *place = plan->n_keys + i;
        return TRUE;
      }
  for (guint i = 0; i < call->n_arguments; i++)
    if (!arbor_node_check_row (call->arguments[i], error))
      return FALSE;
  if (call->n_arguments > 1)
    {
      g_autoptr (ArborNode) parameter = rewrite (plan, call->arguments[1], TRUE, error);

      if (parameter == NULL)
        return FALSE;
      slot.parameter = arbor_evaluator_new (parameter);
    }
  if (call->n_arguments > 0)
    {
      slot.argument = arbor_series_reader_new (call->arguments[0]);
      slot.is_vector = call->arguments[0]->is_vector;
    }
  g_array_append_val (plan->slots, slot);
  *place = plan->n_keys + plan->slots->len - 1;
  return TRUE;
}

static gboolean
set_outside_error (const ArborNode *node, GError **error)
{
  g_autofree char *text = arbor_node_to_string (node);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _("'%s' has a value for each tree, and one is needed for all of them: use an "
                 "aggregate, such as first(%s), or group by it"),
               text, text);
  return FALSE;
}

static gboolean
set_parameter_error (const ArborNode *node, GError **error)
{
  g_autofree char *text = arbor_node_to_string (node);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXPRESSION,
               _("'%s' differs from tree to tree: the second argument of an aggregate is a literal "
                 "or made of group keys"),
               text);
  return FALSE;
}

/* *@result stays NULL where the arguments come first. */
static gboolean
rewrite_leaf (Rewriter *self, ArborNode *node, ArborNode **result, GError **error)
{
  ArborGroupPlan *plan = self->plan;
  gsize place;

  *result = NULL;
  if (is_over_trees (node))
    {
      if (self->is_parameter)
        return set_parameter_error (node, error);
      if (!add_slot (plan, node, &place, error))
        return FALSE;
      *result = new_place (place);
      return TRUE;
    }
  for (gsize i = 0; i < plan->n_keys; i++)
    if (arbor_node_equal (plan->keys[i], node))
      {
        *result = new_place (i);
        return TRUE;
      }
  if (node->kind == ARBOR_NODE_PATH)
    return self->is_parameter ? set_parameter_error (node, error)
                              : set_outside_error (node, error);
  if (node->kind != ARBOR_NODE_CALL)
    *result = arbor_node_ref (node);
  return TRUE;
}

static gboolean
rewrite_step (Rewriter *self, GError **error)
{
  Pending *top = &g_array_index (self->pending, Pending, self->pending->len - 1);
  ArborNode *node = top->node;
  ArborNode *result = NULL;

  if (top->n_done == 0 && !rewrite_leaf (self, node, &result, error))
    return FALSE;
  if (result == NULL && top->n_done < node->n_arguments)
    {
      Pending next = { .node = node->arguments[top->n_done++] };

      g_array_append_val (self->pending, next);
      return TRUE;
    }
  if (result == NULL)
    {
      guint first = self->results->len - node->n_arguments;

      result = arbor_node_new_call_of (node->function,
                                       (ArborNode **)self->results->pdata + first,
                                       node->n_arguments, error);
      if (result == NULL)
        return FALSE;
      g_ptr_array_set_size (self->results, (int)first);
    }
  g_ptr_array_add (self->results, result);
  g_array_set_size (self->pending, self->pending->len - 1);
  return TRUE;
}

static ArborNode *
rewrite (ArborGroupPlan *plan, ArborNode *node, gboolean is_parameter, GError **error)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (Pending));
  g_autoptr (GPtrArray) results =
      g_ptr_array_new_with_free_func ((GDestroyNotify)arbor_node_unref);
  Rewriter rewriter = { plan, is_parameter, pending, results };
  Pending root = { .node = node };

  g_array_append_val (pending, root);
  while (pending->len > 0)
    if (!rewrite_step (&rewriter, error))
      return NULL;
  return arbor_node_ref (g_ptr_array_index (results, 0));
}

static void
clear_slot (gpointer data)
{
  ArborGroupSlotPlan *slot = data;

  arbor_series_reader_free (slot->argument);
  arbor_evaluator_free (slot->parameter);
}

static void
copy_fields (char *const *names, ArborNode *const *nodes, gsize n, char ***new_names,
             ArborNode ***new_nodes)
{
  *new_names = g_new0 (char *, n + 1);
  *new_nodes = g_new (ArborNode *, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      (*new_names)[i] = g_strdup (names[i]);
      (*new_nodes)[i] = arbor_node_ref (nodes[i]);
    }
}

ArborGroupPlan *
arbor_group_plan_new (char *const *key_names, ArborNode *const *keys, gsize n_keys,
                      const char *const *names, ArborNode *const *nodes, gsize n, GError **error)
{
  g_autoptr (ArborGroupPlan) self = g_new0 (ArborGroupPlan, 1);

  self->n_keys = n_keys;
  self->n = n;
  copy_fields (key_names, keys, n_keys, &self->key_names, &self->keys);
  copy_fields ((char *const *)names, nodes, n, &self->names, &self->nodes);
  self->evaluators = g_new0 (ArborEvaluator *, n + 1);
  self->places = g_new (gint64, n + 1);
  self->field_names = g_new (const char *, n_keys + n + 1);
  for (gsize i = 0; i < n_keys + n; i++)
    self->field_names[i] = i < n_keys ? self->key_names[i] : self->names[i - n_keys];
  self->slots = g_array_new (FALSE, FALSE, sizeof (ArborGroupSlotPlan));
  g_array_set_clear_func (self->slots, clear_slot);

  if (!arbor_group_check_names (self->key_names, n_keys, self->names, n, error))
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (ArborNode) rewritten = NULL;

      if (!arbor_node_check_whole (nodes[i], error))
        return NULL;
      rewritten = rewrite (self, nodes[i], FALSE, error);
      if (rewritten == NULL)
        return NULL;
      self->evaluators[i] = arbor_evaluator_new (rewritten);
      self->places[i] = get_place (rewritten);
    }
  return g_steal_pointer (&self);
}

ArborGroupPlan *
arbor_group_plan_copy (const ArborGroupPlan *self)
{
  /* What could be wrong was told when the first one was made. */
  return arbor_group_plan_new (self->key_names, self->keys, self->n_keys,
                               (const char *const *)self->names, self->nodes, self->n, NULL);
}

void
arbor_group_plan_free (ArborGroupPlan *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->slots);
  for (gsize i = 0; i < self->n_keys; i++)
    arbor_node_unref (self->keys[i]);
  for (gsize i = 0; i < self->n; i++)
    {
      arbor_evaluator_free (self->evaluators[i]);
      arbor_node_unref (self->nodes[i]);
    }
  g_strfreev (self->key_names);
  g_strfreev (self->names);
  g_free (self->keys);
  g_free (self->nodes);
  g_free (self->evaluators);
  g_free (self->places);
  g_free (self->field_names);
  g_free (self);
}

void
arbor_group_plan_describe (const ArborGroupPlan *self, GString *text)
{
  for (gsize i = 0; i < self->n; i++)
    {
      g_autofree char *node = arbor_node_to_string (self->nodes[i]);

      g_string_append_printf (text, "%s%s = %s", i > 0 ? ", " : "", self->names[i], node);
    }
}
