/* See arbor-group-results.h. */

#include "query/group/arbor-group-results.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-jobs.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"

void
arbor_group_results_init (ArborGroupResults *self, const ArborGroupPlan *plan)
{
  *self = (ArborGroupResults){ .plan = plan, .charge = { .operation = "aggregate" } };
  self->aggregates = g_new0 (ArborAggregate, plan->slots->len + 1);
  for (guint i = 0; i < plan->slots->len; i++)
    {
      const ArborGroupSlotPlan *slot = arbor_group_plan_get_slot (plan, i);

      arbor_aggregate_init_for_trees (&self->aggregates[i], slot->function, "aggregate",
                                      plan->n_keys > 0);
      self->has_counts |= slot->argument == NULL;
      /* What an earlier reading had at hand may be gone. */
      if (slot->argument != NULL)
        arbor_series_reader_forget (slot->argument);
    }
}

/* Aggregates that nobody reads any more. */
typedef struct
{
  ArborAggregate *aggregates;
  guint n;
} Leftover;

static void
leftover_free (gpointer data, gpointer unused)
{
  Leftover *self = data;

  for (guint i = 0; i < self->n; i++)
    arbor_aggregate_clear (&self->aggregates[i]);
  g_free (self->aggregates);
  g_free (self);
}

void
arbor_group_results_clear (ArborGroupResults *self)
{
  Leftover *leftover = g_new (Leftover, 1);

  *leftover = (Leftover){ self->aggregates, self->plan->slots->len };
  self->aggregates = NULL;
  self->n_groups = 0;
  g_clear_pointer (&self->counts, g_free);
  self->counts_capacity = 0;
  g_clear_pointer (&self->of_row, arbor_scope_free);
  g_clear_pointer (&self->passes, g_free);
  g_clear_pointer (&self->order, g_free);
  arbor_charge_release (&self->charge);
  /* What millions of groups have may take a while: for that no one waits who wants to end. */
  if (leftover->aggregates == NULL || !arbor_stop_is_asked (NULL) ||
      !arbor_jobs_push (NULL, leftover_free, leftover))
    {
      leftover->n = leftover->aggregates != NULL ? leftover->n : 0;
      leftover_free (leftover, NULL);
    }
}

gboolean
arbor_group_results_ensure (ArborGroupResults *self, guint32 n, GError **error)
{
  for (guint i = 0; i < self->plan->slots->len; i++)
    if (arbor_group_plan_get_slot (self->plan, i)->argument != NULL &&
        !arbor_aggregate_ensure (&self->aggregates[i], n, error))
      return FALSE;
  if (n <= self->n_groups || !self->has_counts)
    return TRUE;
  if (!arbor_charge_grow (&self->charge, &self->counts, &self->counts_capacity, n, sizeof (guint64),
                          error))
    return FALSE;
  memset (self->counts + self->n_groups, 0, (n - self->n_groups) * sizeof (guint64));
  self->n_groups = n;
  return TRUE;
}

void
arbor_group_results_expect (ArborGroupResults *self, guint64 n)
{
  self->n_expected = n;
  for (guint i = 0; i < self->plan->slots->len; i++)
    if (arbor_group_plan_get_slot (self->plan, i)->argument != NULL)
      arbor_aggregate_expect (&self->aggregates[i], n);
  if (self->has_counts && n <= G_MAXUINT32)
    arbor_charge_grow (&self->charge, &self->counts, &self->counts_capacity, n, sizeof (guint64),
                       NULL);
}

static void
add_vector (ArborAggregate *aggregate, guint32 group, const ArborValue *vector, ArborScope *scope)
{
  const ArborValue *values = vector->holder;

  for (guint32 i = 0; vector->kind == ARBOR_KIND_ARRAY && i < vector->index; i++)
    if (!arbor_aggregate_add_to (aggregate, group, &values[i], scope))
      return;
}

/* One slot, row by row. */
static gboolean
add_rows (ArborGroupResults *self, guint at, const ArborGroupedRows *grouped, GError **error)
{
  const ArborGroupSlotPlan *slot = arbor_group_plan_get_slot (self->plan, at);
  ArborAggregate *aggregate = &self->aggregates[at];
  ArborScope *scope;

  if (self->of_row == NULL)
    self->of_row = arbor_scope_new ();
  scope = self->of_row;
  arbor_series_reader_begin (slot->argument, grouped->rows);
  for (guint32 i = 0; i < grouped->rows->n; i++)
    {
      guint32 group = arbor_grouped_rows_get (grouped, i);
      ArborValue value;

      arbor_series_reader_next_value (slot->argument, &value);
      if (arbor_aggregate_is_settled (aggregate, group))
        continue;
      if (slot->is_vector)
        add_vector (aggregate, group, &value, scope);
      else
        arbor_aggregate_add_to (aggregate, group, &value, scope);
      if (!arbor_aggregate_check (aggregate, error) ||
          !arbor_series_reader_check (slot->argument, error) || !arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  return TRUE;
}

gboolean
arbor_group_results_add (ArborGroupResults *self, const ArborGroupedRows *grouped,
                         ArborScope *scope, GError **error)
{
  gboolean has_counts = self->has_counts && self->pass == ARBOR_GROUP_PASS_ANY_ORDER;

  for (guint32 i = 0; has_counts && i < grouped->n_ids; i++)
    if (grouped->counts[i] > 0)
      self->counts[grouped->groups[i]] += grouped->counts[i];

  for (guint i = 0; i < self->plan->slots->len; i++)
    {
      if (arbor_group_plan_get_slot (self->plan, i)->argument == NULL ||
          (self->passes != NULL && self->passes[i] != self->pass))
        continue;
      if (!arbor_group_results_add_lanes (self, i, grouped, scope) &&
          !add_rows (self, i, grouped, error))
        return FALSE;
      if (!arbor_aggregate_check (&self->aggregates[i], error) ||
          !arbor_series_reader_check (arbor_group_plan_get_slot (self->plan, i)->argument, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_group_results_add_one_group (ArborGroupResults *self, const ArborRows *rows, ArborScope *scope,
                                   GError **error)
{
  static const guint16 ids[ARBOR_BATCH_MAX_TREES];
  static const guint32 groups[1];
  const ArborGroupedRows grouped = { rows, ids, 1, groups, &rows->n };

  return arbor_group_results_ensure (self, 1, error) &&
         arbor_group_results_add (self, &grouped, scope, error);
}

gboolean
arbor_group_results_merge (ArborGroupResults *self, const ArborGroupResults *other,
                           const guint32 *map, guint32 n, ArborScope *scope, GError **error)
{
  if (!arbor_group_results_ensure (self, n, error))
    return FALSE;
  for (guint32 i = 0; other->has_counts && i < other->n_groups; i++)
    self->counts[map[i]] += other->counts[i];
  for (guint i = 0; i < self->plan->slots->len; i++)
    if (arbor_group_plan_get_slot (self->plan, i)->argument != NULL &&
        !arbor_aggregate_merge (&self->aggregates[i], &other->aggregates[i], map, scope, error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_group_results_gather (ArborGroupResults *self, GError **error)
{
  for (guint i = 0; i < self->plan->slots->len; i++)
    if (!arbor_aggregate_gather (&self->aggregates[i], error))
      return FALSE;
  return TRUE;
}

gboolean
arbor_group_results_set_order (ArborGroupResults *self, const guint32 *groups, guint32 n)
{
  self->order = arbor_charge_alloc (&self->charge, n, sizeof *self->order, NULL);
  if (self->order != NULL)
    memcpy (self->order, groups, n * sizeof *groups);
  return self->order != NULL;
}

gboolean
arbor_group_results_are_tied (const ArborGroupResults *self)
{
  for (guint i = 0; i < self->plan->slots->len; i++)
    if (self->aggregates[i].is_tied)
      return TRUE;
  return FALSE;
}

char **
arbor_group_results_dup_notes (const ArborGroupResults *self)
{
  g_autoptr (GStrvBuilder) notes = g_strv_builder_new ();

  for (guint i = 0; i < self->plan->slots->len; i++)
    {
      const ArborAggregate *aggregate = &self->aggregates[i];
      g_autofree char *call = NULL, *note = NULL;

      if (aggregate->n_others == 0)
        continue;
      call = arbor_node_to_string (arbor_group_plan_get_slot (self->plan, i)->call);
      note = g_strdup_printf (_ ("%s: %" PRIu64 " of %" PRIu64
                                 " values were no numbers and were left out"),
                              call, aggregate->n_others, aggregate->n + aggregate->n_others);
      g_strv_builder_add (notes, note);
    }
  return g_strv_builder_end (notes);
}

/* The result of a slot; @list has the keys. */
static void
get_result (ArborGroupResults *self, guint at, guint32 group, const ArborValue *list,
            ArborScope *scope, ArborValue *result)
{
  const ArborGroupSlotPlan *slot = arbor_group_plan_get_slot (self->plan, at);
  guint32 added = self->order != NULL ? self->order[group] : group;

  if (slot->parameter != NULL)
    {
      arbor_evaluator_get_value_of (slot->parameter, list, scope, result);
      arbor_aggregate_set_parameter (&self->aggregates[at], result);
    }
  if (slot->argument == NULL)
    *result = ARBOR_VALUE_INT64 ((gint64)self->counts[added]);
  else
    arbor_aggregate_finish_group (&self->aggregates[at], added, scope, result);
}

/* The keys, and room for the results behind them. */
static void
begin_list (const ArborGroupResults *self, const ArborGroupTable *keys, guint32 group,
            ArborScope *scope, ArborValue *list)
{
  const ArborGroupPlan *plan = self->plan;
  ArborValue *values =
      arbor_scope_alloc (scope, (plan->n_keys + plan->slots->len + 1) * sizeof *values);

  for (gsize i = 0; i < plan->n_keys; i++)
    arbor_group_table_get_value (keys, group, i, &values[i]);
  *list = (ArborValue){ .kind = ARBOR_KIND_ARRAY,
                        .holder_kind = ARBOR_HOLDER_LIST,
                        .index = (guint32)plan->n_keys,
                        .holder = values };
}

void
arbor_group_results_get_fields (ArborGroupResults *self, const ArborGroupTable *keys, guint32 group,
                                ArborScope *scope, ArborValue *fields)
{
  const ArborGroupPlan *plan = self->plan;
  ArborValue *values;
  ArborValue list;

  begin_list (self, keys, group, scope, &list);
  values = (ArborValue *)list.holder;
  if (plan->n_keys > 0)
    memcpy (fields, values, plan->n_keys * sizeof *fields);
  for (guint i = 0; i < plan->slots->len; i++)
    get_result (self, i, group, &list, scope, &values[plan->n_keys + i]);

  list.index = (guint32)(plan->n_keys + plan->slots->len);
  for (gsize i = 0; i < plan->n; i++)
    if (plan->places[i] >= 0)
      fields[plan->n_keys + i] = values[plan->places[i]];
    else
      arbor_evaluator_get_value_of (plan->evaluators[i], &list, scope, &fields[plan->n_keys + i]);
}

static gboolean
may_be_container (const ArborGroupSlotPlan *slot)
{
  return slot->function->aggregate == ARBOR_AGGREGATE_COLLECT ||
         slot->function->aggregate == ARBOR_AGGREGATE_COLLECT_UNIQUE;
}

gboolean
arbor_group_places_get_column (const ArborGroupPlace *places, guint32 n, gsize field,
                               ArborScope *scope, ArborValue *values)
{
  const ArborGroupPlan *plan = places->results->plan;
  gint64 place = field < plan->n_keys ? (gint64)field : plan->places[field - plan->n_keys];
  ArborValue *all;

  if (place >= 0 && (gsize)place < plan->n_keys)
    {
      for (guint32 i = 0; i < n; i++)
        arbor_group_table_get_value (places[i].keys, places[i].group, (gsize)place, &values[i]);
      return TRUE;
    }
  if (place >= 0)
    {
      guint slot = (guint)((gsize)place - plan->n_keys);
      gboolean has_parameter = arbor_group_plan_get_slot (plan, slot)->parameter != NULL;

      if (may_be_container (arbor_group_plan_get_slot (plan, slot)))
        return FALSE;
      for (guint32 i = 0; i < n; i++)
        {
          ArborValue list = ARBOR_VALUE_NULL;

          if (has_parameter)
            begin_list (places[i].results, places[i].keys, places[i].group, scope, &list);
          get_result (places[i].results, slot, places[i].group, &list, scope, &values[i]);
        }
      return TRUE;
    }
  for (guint i = 0; i < plan->slots->len; i++)
    if (may_be_container (arbor_group_plan_get_slot (plan, i)))
      return FALSE;
  all = arbor_scope_alloc (scope, (plan->n_keys + plan->n + 1) * sizeof *all);
  for (guint32 i = 0; i < n; i++)
    {
      arbor_group_results_get_fields (places[i].results, places[i].keys, places[i].group, scope,
                                      all);
      values[i] = all[field];
    }
  return TRUE;
}
