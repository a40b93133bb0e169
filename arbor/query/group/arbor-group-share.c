/* See arbor-group-share.h. A part is read into a grouping like the one that asks. */

#include "query/group/arbor-group-share.h"

#include "query/view/arbor-narrow.h"
#include "query/view/arbor-share.h"

/* When one of so many trees begins a group, there is much to merge; and where every second does, a thread that
 * reads all keys for its part of them takes as long as it does for all. */
#define MANY 16u

typedef struct
{
  ArborGrouping *grouping; /* NULL: one group */
  ArborGroupResults *results;
  ArborScope *scope; /* for merging */
} Share;

typedef struct
{
  ArborGroupRun run; /* its grouping may be NULL */
  ArborGroupPlan *plan;
  ArborGroupResults results;
} State;

static gboolean
add_grouped (const ArborGroupedRows *grouped, ArborScope *scope, gpointer data, GError **error)
{
  State *self = data;

  return arbor_group_results_ensure (&self->results, self->run.grouping->table.n_groups, error) &&
         arbor_group_results_add (&self->results, grouped, scope, error);
}

static gpointer
new_state (gpointer data)
{
  const Share *share = data;
  State *self = g_new0 (State, 1);

  self->plan = arbor_group_plan_copy (share->results->plan);
  self->run = (ArborGroupRun){ .func = add_grouped, .data = self, .scope = arbor_scope_new () };
  if (share->grouping != NULL)
    self->run.grouping = arbor_grouping_copy (share->grouping);
  arbor_group_results_init (&self->results, self->plan);
  return self;
}

static void
free_state (gpointer state)
{
  State *self = state;

  arbor_group_results_clear (&self->results);
  arbor_group_plan_free (self->plan);
  arbor_grouping_unref (self->run.grouping);
  arbor_scope_free (self->run.scope);
  g_free (self);
}

static gboolean
visit (const ArborRows *rows, ArborScope *scope, gpointer state, GError **error)
{
  State *self = state;

  return self->run.grouping != NULL
             ? arbor_group_run_visit (rows, scope, &self->run, error)
             : arbor_group_results_add_one_group (&self->results, rows, scope, error);
}

/* *@map: the group of each of the part's groups. */
static gboolean
merge_groups (const Share *share, const State *state, guint32 **map, GError **error)
{
  const ArborGroupTable *from = &state->run.grouping->table;
  ArborGroupTable *table = &share->grouping->table;
  g_autofree ArborValue *values = g_new (ArborValue, from->n_keys + 1);

  *map = arbor_charge_alloc (&share->results->charge, from->n_groups, sizeof **map, error);
  if (*map == NULL)
    return FALSE;
  if (arbor_group_table_is_plain (from))
    return arbor_group_table_add_keys (table, from->keys, from->n_groups, *map, error);
  for (guint32 i = 0; i < from->n_groups; i++)
    {
      for (gsize key = 0; key < from->n_keys; key++)
        arbor_group_table_get_value (from, i, key, &values[key]);
      if (!arbor_group_table_add (table, values, share->scope, &(*map)[i], error))
        return FALSE;
      arbor_scope_reset (share->scope);
    }
  return TRUE;
}

static gboolean
merge (gpointer data, gpointer state, GError **error)
{
  static const guint32 one_group[1];
  const Share *share = data;
  State *part = state;
  ArborGrouping *grouping = part->run.grouping;
  guint32 *map = NULL;
  gboolean is_good;

  arbor_scope_reset (share->scope);
  is_good = (grouping == NULL || merge_groups (share, part, &map, error)) &&
            arbor_group_results_merge (share->results, &part->results,
                                       grouping != NULL ? map : one_group,
                                       grouping != NULL ? share->grouping->table.n_groups : 1,
                                       share->scope, error);
  if (map != NULL)
    arbor_charge_subtract (&share->results->charge, MAX (grouping->table.n_groups, 1) * sizeof *map);
  g_free (map);

  arbor_group_results_clear (&part->results);
  arbor_group_results_init (&part->results, part->plan);
  if (grouping != NULL)
    {
      arbor_group_table_clear (&grouping->table);
      arbor_group_table_init (&grouping->table, grouping->n_keys, "group_by");
      arbor_grouping_forget (grouping);
    }
  return is_good;
}

void
arbor_group_narrow (ArborAccess *self, const ArborAccess *access, const ArborGroupPlan *plan)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();

  for (gsize i = 0; i < plan->n_keys; i++)
    g_ptr_array_add (nodes, plan->keys[i]);
  for (gsize i = 0; i < plan->n; i++)
    g_ptr_array_add (nodes, plan->nodes[i]);
  arbor_access_narrow (self, access, (ArborNode *const *)nodes->pdata, nodes->len, NULL);
}

static gboolean
has_different (const ArborGroupPlan *plan)
{
  for (guint i = 0; i < plan->slots->len; i++)
    {
      guint8 kind = (guint8)arbor_group_plan_get_slot (plan, i)->function->aggregate;

      if (kind == ARBOR_AGGREGATE_N_UNIQUE || kind == ARBOR_AGGREGATE_COLLECT_UNIQUE)
        return TRUE;
    }
  return FALSE;
}

ArborGroupWay
arbor_group_choose_way (ArborGrouping *grouping, const ArborGroupPlan *plan,
                        ArborSelection *selection, ArborAccess *access, guint64 *n_expected,
                        GCancellable *cancellable)
{
  g_autoptr (ArborGrouping) first = NULL;
  g_autoptr (ArborScope) scope = NULL;
  ArborGroupRun run = { 0 };
  ArborAccess narrow;
  guint64 n_trees;
  guint32 n_read;

  arbor_group_narrow (&narrow, access, plan);
  if (!arbor_trees_can_share (selection, &narrow, &n_trees, cancellable))
    return ARBOR_GROUP_WAY_ALONE;
  /* What is different in each part is different once more in all of them. */
  if (grouping == NULL)
    return has_different (plan) ? ARBOR_GROUP_WAY_ALONE : ARBOR_GROUP_WAY_BY_TREES;
  run.grouping = first = arbor_grouping_copy (grouping);
  run.scope = scope = arbor_scope_new ();
  if (!arbor_trees_read_some (selection, &narrow, 0, arbor_share_get_sample (),
                              arbor_group_run_visit, &run, &n_read, cancellable, NULL))
    return ARBOR_GROUP_WAY_ALONE;
  *n_expected = arbor_group_table_estimate (&first->table, n_read, n_trees);
  if (first->table.n_groups > n_read / MANY)
    return *n_expected > n_trees / 2 ? ARBOR_GROUP_WAY_ALONE : ARBOR_GROUP_WAY_BY_KEYS;
  return has_different (plan) ? ARBOR_GROUP_WAY_ALONE : ARBOR_GROUP_WAY_BY_TREES;
}

gboolean
arbor_group_share (ArborGrouping *grouping, ArborGroupResults *results, ArborSelection *selection,
                   ArborAccess *access, GCancellable *cancellable)
{
  static const ArborShareVerbs verbs = { new_state, visit, merge, free_state };
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Share share = { grouping, results, scope };
  ArborAccess narrow;

  arbor_group_narrow (&narrow, access, results->plan);
  return arbor_trees_share (selection, &narrow, &verbs, &share, cancellable);
}
