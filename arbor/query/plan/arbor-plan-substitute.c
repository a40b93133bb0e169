/* See arbor-plan-substitute.h. */

#include "query/plan/arbor-plan-substitute.h"

#include "query/expr/arbor-node-through.h"

static ArborPlanStep *
copy_step (ArborPlanStep *step)
{
  ArborPlanStep *copy = arbor_plan_step_new (step->kind);

  if (step->flags != NULL)
    copy->flags = g_memdup2 (step->flags, step->n_flags * sizeof *step->flags);
  copy->n_flags = step->n_flags;
  copy->names = g_strdupv (step->names);
  copy->start = step->start;
  copy->n_trees = step->n_trees;
  copy->seed = step->seed;
  return copy;
}

/* Without keys, the trees themselves are the key. */
static gboolean
looks_at_whole (const ArborPlanStep *step)
{
  return step->kind == ARBOR_PLAN_SORT || step->kind == ARBOR_PLAN_TOP_K ||
         step->kind == ARBOR_PLAN_UNIQUE;
}

static ArborFieldsMapKind
get_kind (const ArborPlanStep *map)
{
  switch (map->kind)
    {
    case ARBOR_PLAN_SELECT:
      return ARBOR_FIELDS_MAP_SELECT;
    case ARBOR_PLAN_ADD_FIELDS:
      return ARBOR_FIELDS_MAP_ADD;
    case ARBOR_PLAN_RENAME_FIELDS:
      return ARBOR_FIELDS_MAP_RENAME;
    default:
      return ARBOR_FIELDS_MAP_DROP;
    }
}

ArborPlanStep *
arbor_plan_substitute (const ArborPlanStep *map, ArborPlanStep *step, gboolean computed)
{
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);
  const ArborFieldsMap through = { get_kind (map), map->names, map->new_names, map->nodes };
  g_autoptr (ArborPlanStep) copy = NULL;

  if (step->n_nodes == 0)
    return looks_at_whole (step) ? NULL : arbor_plan_step_ref (step);
  copy = copy_step (step);
  copy->nodes = g_new0 (ArborNode *, step->n_nodes + 1);
  for (guint i = 0; i < step->n_nodes; i++)
    {
      copy->nodes[i] = arbor_node_read_through (
          step->nodes[i], &through, computed ? ARBOR_THROUGH_ONCE : ARBOR_THROUGH_PATHS, used);
      if (copy->nodes[i] == NULL)
        return NULL;
      copy->n_nodes = i + 1;
    }
  return g_steal_pointer (&copy);
}
