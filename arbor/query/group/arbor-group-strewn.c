/* See arbor-group-strewn.h. While trees are read, it is noted to which group each of them belongs; with that,
 * going through the indices in their order tells which group is met first, without a look at any tree. It goes
 * on only until all groups are met.
 */

#include "query/group/arbor-group-strewn.h"

#include "base/arbor-stop.h"
#include "query/group/arbor-group-share.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-trees.h"

#define NONE G_MAXUINT32
/* One tree of the source in so many at least is selected: notes are as many as these. */
#define FEWEST_OF 16u

typedef struct
{
  ArborGrouping *grouping; /* numbers groups in the order of the source; NULL: there is one group */
  ArborGroupResults *results;
  ArborSelection *selection;
  ArborAccess *access; /* narrow */
  GCancellable *cancellable;
  guint64 n_selected;
  guint32 n_groups;

  guint32 *of_tree; /* of each tree of the source: its group, or NONE; NULL where there is one */
  gsize n_trees;
  gsize capacity;
  guint8 **is_absent; /* of each slot for the ends: NULL, or of each tree, whether it has no value there */
  gsize *absent_capacities;
  ArborCharge charge;
} Strewn;

static guint8
get_pass (const ArborFunction *function)
{
  switch (function->aggregate)
    {
    case ARBOR_AGGREGATE_FIRST:
    case ARBOR_AGGREGATE_LAST:
      return ARBOR_GROUP_PASS_ENDS;
    case ARBOR_AGGREGATE_COLLECT:
    case ARBOR_AGGREGATE_COLLECT_UNIQUE:
      return ARBOR_GROUP_PASS_IN_ORDER;
    default:
      return ARBOR_GROUP_PASS_ANY_ORDER;
    }
}

gboolean
arbor_group_plan_ignores_order (const ArborGroupPlan *plan)
{
  for (guint i = 0; i < plan->slots->len; i++)
    if (get_pass (arbor_group_plan_get_slot (plan, i)->function) != ARBOR_GROUP_PASS_ANY_ORDER)
      return FALSE;
  return TRUE;
}

/* As they lie */

/* Says of all trees so far whether they have no value for the slot: that they have one, until it is known. */
static gboolean
reach_absent (Strewn *self, guint slot)
{
  gsize n_before = self->absent_capacities[slot];

  if (!arbor_charge_grow (&self->charge, &self->is_absent[slot], &self->absent_capacities[slot],
                          self->n_trees, 1, NULL))
    return FALSE;
  memset (self->is_absent[slot] + n_before, FALSE, self->absent_capacities[slot] - n_before);
  return TRUE;
}

/* Which of the rows have a value for the slot. FALSE: lanes do not tell. */
static gboolean
note_absent (Strewn *self, guint slot, const ArborRows *rows, ArborScope *scope)
{
  const ArborGroupSlotPlan *plan = arbor_group_plan_get_slot (self->results->plan, slot);
  ArborPathRows values;
  guint8 *is_absent;

  if (plan->is_vector ||
      !arbor_series_reader_get_parts (plan->argument, rows, scope, &values))
    return FALSE;
  for (guint i = 0; i < values.n_parts; i++)
    {
      ArborNumbers numbers;

      if (values.parts[i].lane->kind == ARBOR_KIND_DOUBLE &&
          (!arbor_part_get_numbers (&values.parts[i], scope, &numbers) ||
           !arbor_bits_are_finite (numbers.data, values.parts[i].n)))
        return FALSE;
    }
  if (values.n_nulls + values.n_missing == 0)
    return TRUE;
  if (!reach_absent (self, slot))
    return FALSE;
  is_absent = self->is_absent[slot] + rows->first;
  for (guint32 i = 0; values.n_missing > 0 && i < rows->n; i++)
    is_absent[arbor_rows_get (rows, i)] = TRUE;
  for (guint i = 0; values.n_missing > 0 && i < values.n_parts; i++)
    for (guint32 j = 0; j < values.parts[i].n; j++)
      is_absent[arbor_rows_get (rows, values.parts[i].positions[j])] = FALSE;
  for (guint32 i = 0; i < values.n_nulls; i++)
    is_absent[arbor_rows_get (rows, values.nulls[i])] = TRUE;
  return TRUE;
}

static gboolean
note_groups (Strewn *self, const ArborGroupedRows *grouped)
{
  const ArborRows *rows = grouped->rows;
  gsize n_before = self->capacity;
  guint32 *of_row;

  if (!arbor_charge_grow (&self->charge, &self->of_tree, &self->capacity, self->n_trees,
                          sizeof *self->of_tree, NULL))
    return FALSE;
  memset (self->of_tree + n_before, 0xFF, (self->capacity - n_before) * sizeof *self->of_tree);
  of_row = self->of_tree + rows->first;
  if (rows->rows == NULL)
    for (guint32 i = 0; i < rows->n; i++)
      of_row[i] = arbor_grouped_rows_get (grouped, i);
  else
    for (guint32 i = 0; i < rows->n; i++)
      of_row[rows->rows[i]] = arbor_grouped_rows_get (grouped, i);
  return TRUE;
}

static gboolean
note_rows (Strewn *self, const ArborRows *rows, ArborScope *scope)
{
  const guint8 *passes = self->results->passes;
  guint32 n_of_batch = arbor_batch_get_n_trees (rows->batch);

  self->n_trees = MAX (self->n_trees, rows->first + n_of_batch);
  for (guint i = 0; passes != NULL && i < self->results->plan->slots->len; i++)
    if (passes[i] == ARBOR_GROUP_PASS_ENDS && !note_absent (self, i, rows, scope))
      return FALSE;
  return TRUE;
}

static gboolean
add_grouped (const ArborGroupedRows *grouped, ArborScope *scope, gpointer data, GError **error)
{
  Strewn *self = data;

  if (self->results->n_expected < self->grouping->n_expected)
    arbor_group_results_expect (self->results, self->grouping->n_expected);
  return note_rows (self, grouped->rows, scope) && note_groups (self, grouped) &&
         arbor_group_results_ensure (self->results, self->grouping->table.n_groups, error) &&
         arbor_group_results_add (self->results, grouped, scope, error);
}

static gboolean
add_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Strewn *self = data;

  return note_rows (self, rows, scope) &&
         arbor_group_results_add_one_group (self->results, rows, scope, error);
}

static gboolean
read_set (Strewn *self, ArborSelection *set)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborGroupRun run = { self->grouping, add_grouped, self, scope, 0 };

  if (self->grouping == NULL)
    {
      self->n_groups = 1;
      return arbor_group_results_ensure (self->results, 1, NULL) &&
             arbor_trees_read_batches (set, self->access, add_rows, self, self->cancellable, NULL);
    }
  run.n_trees = self->n_selected;
  if (!arbor_trees_read_batches (set, self->access, arbor_group_run_visit, &run, self->cancellable,
                                 NULL))
    return FALSE;
  self->n_groups = self->grouping->table.n_groups;
  return TRUE;
}

/* The ends */

/* One that each group is to have. */
typedef struct
{
  guint32 *trees;  /* of each group, or NONE; in the order in which they are met, */
  guint32 *groups; /* with which group it is, as many as: */
  guint32 n;
} Met;

static void
meet (const Strewn *self, const guint8 *is_absent, const guint32 *indices, guint32 n,
      gboolean is_backwards, Met *met, guint8 *is_met)
{
  for (guint32 i = 0; i < n && met->n < self->n_groups; i++)
    {
      guint32 tree = indices[is_backwards ? n - 1 - i : i];
      guint32 group = self->of_tree != NULL ? self->of_tree[tree] : 0;

      if (is_met[group] || (is_absent != NULL && is_absent[tree]))
        continue;
      is_met[group] = TRUE;
      met->trees[met->n] = tree;
      met->groups[met->n++] = group;
    }
}

static void
met_clear (Strewn *self, Met *met)
{
  if (met->trees != NULL)
    arbor_charge_subtract (&self->charge, MAX (self->n_groups, 1) * sizeof (guint32));
  if (met->groups != NULL)
    arbor_charge_subtract (&self->charge, MAX (self->n_groups, 1) * sizeof (guint32));
  g_clear_pointer (&met->trees, g_free);
  g_clear_pointer (&met->groups, g_free);
}

/* The first tree of each group, or its last one, of those that are not absent. */
static gboolean
find_ends (Strewn *self, const guint8 *is_absent, gboolean is_backwards, Met *met)
{
  g_autofree guint32 *indices = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  g_autofree guint8 *is_met = g_new0 (guint8, MAX (self->n_groups, 1));
  guint64 n_left = self->n_selected;
  guint32 n;

  *met = (Met){ .n = 0 };
  met->trees = arbor_charge_alloc (&self->charge, self->n_groups, sizeof (guint32), NULL);
  met->groups = arbor_charge_alloc (&self->charge, self->n_groups, sizeof (guint32), NULL);
  if (met->trees == NULL || met->groups == NULL)
    return FALSE;
  for (; n_left > 0 && met->n < self->n_groups; n_left -= n)
    {
      guint32 n_wanted = (guint32) MIN (n_left, ARBOR_BATCH_MAX_TREES);
      guint64 position = is_backwards ? n_left - n_wanted : self->n_selected - n_left;

      if (!arbor_access_check (self->access, self->cancellable, NULL) ||
          !arbor_selection_read (self->selection, self->access, position, n_wanted, indices, &n,
                                 self->cancellable, NULL) ||
          n < n_wanted)
        return FALSE;
      meet (self, is_absent, indices, n, is_backwards, met, is_met);
    }
  return TRUE;
}

/* Tells @func of the trees, in this order. */
static gboolean
visit_trees (Strewn *self, const guint32 *trees, guint32 n, ArborRowsFunc func, gpointer data)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint32 *indices = g_new (guint32, ARBOR_BATCH_MAX_TREES);

  for (guint32 i = 0; i < n; i += ARBOR_BATCH_MAX_TREES)
    {
      guint32 n_here = MIN (n - i, ARBOR_BATCH_MAX_TREES);

      memcpy (indices, trees + i, n_here * sizeof *indices);
      if (!arbor_access_check (self->access, self->cancellable, NULL) ||
          !arbor_trees_visit_run (self->access, indices, n_here, scope, func, data, NULL))
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  Strewn *strewn;
  guint slot;
  const guint32 *groups; /* of the next row */
} Ends;

static gboolean
add_ends (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Ends *ends = data;
  ArborGroupResults *results = ends->strewn->results;
  ArborSeriesReader *reader = arbor_group_plan_get_slot (results->plan, ends->slot)->argument;
  ArborAggregate *aggregate = &results->aggregates[ends->slot];

  arbor_series_reader_begin (reader, rows);
  for (guint32 i = 0; i < rows->n; i++)
    {
      ArborValue value;

      arbor_series_reader_next_value (reader, &value);
      arbor_aggregate_add_to (aggregate, *ends->groups++, &value, scope);
      if (!arbor_series_reader_check (reader, error) || !arbor_aggregate_check (aggregate, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_ends (Strewn *self, guint slot)
{
  const ArborGroupSlotPlan *plan = arbor_group_plan_get_slot (self->results->plan, slot);
  gboolean is_last = plan->function->aggregate == ARBOR_AGGREGATE_LAST;
  gboolean is_good;
  Met met;
  Ends ends;

  arbor_series_reader_forget (plan->argument);
  /* The last batches may have had nothing to note. */
  if (self->is_absent[slot] != NULL && !reach_absent (self, slot))
    return FALSE;
  is_good = find_ends (self, self->is_absent[slot], is_last, &met);
  ends = (Ends){ self, slot, met.groups };
  is_good = is_good && visit_trees (self, met.trees, met.n, add_ends, &ends);
  met_clear (self, &met);
  return is_good;
}

/* In order */

static gboolean
add_listed (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Strewn *self = data;
  guint32 *groups = arbor_scope_alloc (scope, rows->n * sizeof *groups);
  ArborGroupedRows grouped;

  for (guint32 i = 0; i < rows->n; i++)
    groups[i] = self->of_tree != NULL ? self->of_tree[arbor_rows_get_tree (rows, i)] : 0;
  arbor_grouped_rows_set_each (&grouped, rows, groups, scope);
  return arbor_group_results_add (self->results, &grouped, scope, error);
}

static gboolean
read_in_order (Strewn *self)
{
  gboolean is_good;

  for (guint i = 0; i < self->results->plan->slots->len; i++)
    if (self->results->passes[i] == ARBOR_GROUP_PASS_IN_ORDER)
      arbor_series_reader_forget (arbor_group_plan_get_slot (self->results->plan, i)->argument);
  self->results->pass = ARBOR_GROUP_PASS_IN_ORDER;
  is_good = arbor_trees_read_runs (self->selection, self->access, add_listed, self,
                                   self->cancellable, NULL);
  self->results->pass = ARBOR_GROUP_PASS_ANY_ORDER;
  return is_good;
}

/* Numbering */

/* Adds the groups to the table of @grouping, in the order of their first trees. */
static gboolean
number_groups (Strewn *self, ArborGrouping *grouping)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborGroupRun run = { grouping, NULL, NULL, scope, 0 };
  gboolean is_good;
  Met met;

  arbor_grouping_forget (grouping);
  arbor_group_table_expect (&grouping->table, self->n_groups);
  is_good = find_ends (self, NULL, FALSE, &met) && met.n == self->n_groups &&
            visit_trees (self, met.trees, met.n, arbor_group_run_visit, &run) &&
            grouping->table.n_groups == self->n_groups &&
            arbor_group_results_set_order (self->results, met.groups, self->n_groups);
  met_clear (self, &met);
  arbor_grouping_forget (grouping);
  return is_good;
}

static gboolean
read_all (Strewn *self, ArborGrouping *grouping, ArborSelection *set)
{
  const ArborGroupPlan *plan = self->results->plan;
  gboolean is_in_order = FALSE;

  if (!arbor_group_plan_ignores_order (plan))
    self->results->passes = g_new0 (guint8, plan->slots->len + 1);
  for (guint i = 0; self->results->passes != NULL && i < plan->slots->len; i++)
    {
      self->results->passes[i] = get_pass (arbor_group_plan_get_slot (plan, i)->function);
      is_in_order |= self->results->passes[i] == ARBOR_GROUP_PASS_IN_ORDER;
    }
  if (!read_set (self, set) || arbor_group_results_are_tied (self->results) ||
      (grouping != NULL && !number_groups (self, grouping)))
    return FALSE;
  for (guint i = 0; self->results->passes != NULL && i < plan->slots->len; i++)
    if (self->results->passes[i] == ARBOR_GROUP_PASS_ENDS && !read_ends (self, i))
      return FALSE;
  return !is_in_order || read_in_order (self);
}

static void
strewn_clear (Strewn *self)
{
  for (guint i = 0; i < self->results->plan->slots->len; i++)
    g_free (self->is_absent[i]);
  g_free (self->is_absent);
  g_free (self->absent_capacities);
  g_free (self->of_tree);
  arbor_grouping_unref (self->grouping);
  arbor_charge_release (&self->charge);
}

gboolean
arbor_group_read_strewn (ArborGrouping *grouping, ArborGroupResults *results,
                         ArborSelection *selection, ArborAccess *access, GCancellable *cancellable)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborSelection) set = arbor_selection_dup_set (selection);
  guint n_slots = results->plan->slots->len;
  gboolean is_done;
  ArborAccess narrow;
  Strewn self = { .results = results,
                  .selection = selection,
                  .access = &narrow,
                  .cancellable = cancellable,
                  .charge = { .operation = "group_by" } };

  arbor_stop_begin (&stop, cancellable);
  if (set == NULL || set == selection)
    return FALSE;
  arbor_group_narrow (&narrow, access, results->plan);
  if (!arbor_selection_get_count (set, &narrow, cancellable, &self.n_selected, NULL) ||
      self.n_selected == 0 ||
      arbor_source_get_n_trees (narrow.source) / FEWEST_OF > self.n_selected)
    return FALSE;
  if (grouping != NULL)
    self.grouping = arbor_grouping_copy (grouping);
  self.is_absent = g_new0 (guint8 *, n_slots + 1);
  self.absent_capacities = g_new0 (gsize, n_slots + 1);
  is_done = read_all (&self, grouping, set);
  g_clear_pointer (&results->passes, g_free);
  strewn_clear (&self);
  return is_done;
}

gboolean
arbor_group_count_strewn (ArborSource *source, ArborSelection *selection, ArborNode *node,
                          ArborAccess *access, ArborGroupTable *table, guint64 **counts,
                          GCancellable *cancellable)
{
  static const char *const key_names[] = { "value" };
  static const char *const names[] = { "count" };
  g_autoptr (ArborNode) count = arbor_node_new_call ("count", NULL, 0, NULL);
  g_autoptr (ArborGrouping) grouping = arbor_grouping_new (source, selection, key_names, &node, 1, NULL);
  g_autoptr (ArborGroupPlan) plan =
      arbor_group_plan_new ((char *const *) key_names, &node, 1, names, &count, 1, NULL);
  ArborGroupResults results;
  gboolean is_done;

  if (grouping == NULL || plan == NULL)
    return FALSE;
  arbor_group_results_init (&results, plan);
  is_done = arbor_group_read_strewn (grouping, &results, selection, access, cancellable);
  if (is_done)
    {
      ArborGroupTable empty = *table;

      *counts = g_new (guint64, grouping->table.n_groups + 1);
      for (guint32 i = 0; i < grouping->table.n_groups; i++)
        (*counts)[i] = results.counts[results.order[i]];
      *table = grouping->table;
      table->charge.operation = empty.charge.operation;
      grouping->table = empty;
    }
  arbor_group_results_clear (&results);
  return is_done;
}
