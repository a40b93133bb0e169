/* Steps for people. See arbor-plan.h. */

#include "query/plan/arbor-plan.h"

static gboolean
is_matching (const ArborPlanStep *self)
{
  return self->kind == ARBOR_PLAN_NEST || self->kind == ARBOR_PLAN_JOIN;
}

static void
append_nodes (const ArborPlanStep *self, GString *text)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_autofree char *node = arbor_node_to_string (self->nodes[i]);

      g_string_append (text, i > 0 ? ", " : " ");
      if (self->names != NULL && !is_matching (self))
        g_string_append_printf (text, "%s = ", self->names[i]);
      g_string_append (text, node);
      if (self->flags != NULL && (self->flags[i] & ARBOR_SORT_DESCENDING))
        g_string_append (text, " descending");
      if (self->flags != NULL && (self->flags[i] & ARBOR_SORT_NULLS_FIRST))
        g_string_append (text, " nulls first");
    }
}

static void
append_names (const ArborPlanStep *self, GString *text)
{
  for (guint i = 0; self->names[i] != NULL; i++)
    {
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : " ", self->names[i]);
      if (self->new_names != NULL && self->new_names[i] != NULL)
        g_string_append_printf (text, " as %s", self->new_names[i]);
    }
}

static void
append_number (const char *what, guint64 number, GString *text)
{
  if (number == G_MAXUINT64)
    g_string_append_printf (text, " %sall", what);
  else
    g_string_append_printf (text, " %s%" G_GUINT64_FORMAT, what, number);
}

void
arbor_plan_step_describe (const ArborPlanStep *self, GString *text)
{
  static const char *const verbs[] = { "filter",  "sort_by", "top_k",      "unique_by",
                                       "slice",   "tail",    "reverse",    "sample",
                                       "shuffle", "select",  "add_fields", "drop_fields",
                                       "rename_fields", "explode", "append",     "group_by",
                                       "nest",    "join" };

  if (self->kind == ARBOR_PLAN_SLICE && self->start == 0)
    g_string_append (text, "head");
  else
    g_string_append (text, verbs[self->kind]);
  if (self->kind == ARBOR_PLAN_SLICE && self->start > 0)
    append_number ("from ", self->start, text);
  if (self->kind == ARBOR_PLAN_TOP_K || self->kind == ARBOR_PLAN_SLICE ||
      self->kind == ARBOR_PLAN_TAIL || self->kind == ARBOR_PLAN_SAMPLE)
    append_number ("", self->n_trees, text);
  if (self->kind == ARBOR_PLAN_SAMPLE || self->kind == ARBOR_PLAN_SHUFFLE)
    g_string_append_printf (text, " seed %" G_GUINT64_FORMAT, self->seed);
  if (self->kind == ARBOR_PLAN_TOP_K)
    g_string_append (text, " by");
  if (self->n_nodes > 0)
    append_nodes (self, text);
  else if (self->names != NULL)
    append_names (self, text);
  if (self->key != NULL)
    g_string_append_printf (text, ", keys as %s", self->key);
  for (guint i = 0; i < self->n_other_nodes; i++)
    {
      g_autofree char *node = arbor_node_to_string (self->other_nodes[i]);

      if (is_matching (self))
        g_string_append_printf (text, "%s%s", i == 0 ? " with " : ", ", node);
      else
        g_string_append_printf (text, "; %s = %s", self->new_names[i], node);
    }
}
