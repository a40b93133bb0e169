/* See arbor-group-results.h. */

#include "query/group/arbor-group-results.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-jobs.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"

/* What aggregates keep of values is charged in steps of so many bytes. */
#define CHARGE_STEP (64u * 1024u)
/* Accumulators that are cleared, or groups that are gone over, before it is asked whether to stop. */
#define ASK_EVERY 65536u

void
arbor_group_results_init (ArborGroupResults *self, const ArborGroupPlan *plan)
{
  *self = (ArborGroupResults){ .plan = plan, .charge = { .operation = "aggregate" } };
}

/* Accumulators that nobody reads any more, and what they were charged. */
typedef struct
{
  ArborAggregate *aggregates;
  gsize first; /* those before are cleared */
  gsize n;
  ArborCharge charge;
} Leftover;

static void
clear_until (Leftover *self, gsize end)
{
  for (; self->first < end; self->first++)
    arbor_aggregate_clear (&self->aggregates[self->first]);
}

static void
leftover_free (gpointer data, gpointer unused)
{
  Leftover *self = data;

  clear_until (self, self->n);
  g_free (self->aggregates);
  arbor_charge_release (&self->charge);
  g_free (self);
}

/* Those of millions of groups take a second: for that no one waits who wants to end. */
static void
clear (ArborGroupResults *self, gboolean is_abandoned)
{
  Leftover *leftover = g_new (Leftover, 1);

  *leftover = (Leftover){ .aggregates = self->aggregates,
                          .n = (gsize)self->n_groups * self->plan->slots->len,
                          .charge = self->charge };
  g_free (self->counts);
  g_clear_pointer (&self->of_row, arbor_scope_free);
  arbor_group_results_init (self, self->plan);

  do
    clear_until (leftover, leftover->first + MIN (leftover->n - leftover->first, ASK_EVERY));
  while (leftover->first < leftover->n && !is_abandoned && !arbor_stop_is_asked (NULL));
  if (leftover->first == leftover->n || !arbor_jobs_push (NULL, leftover_free, leftover))
    leftover_free (leftover, NULL);
}

void
arbor_group_results_clear (ArborGroupResults *self)
{
  clear (self, FALSE);
}

void
arbor_group_results_abandon (ArborGroupResults *self)
{
  clear (self, TRUE);
}

gboolean
arbor_group_results_ensure (ArborGroupResults *self, guint32 n, GError **error)
{
  guint n_slots = self->plan->slots->len;

  if (n <= self->n_groups)
    return TRUE;
  if (!arbor_charge_grow (&self->charge, &self->counts, &self->counts_capacity, n, sizeof (guint64),
                          error) ||
      !arbor_charge_grow (&self->charge, &self->aggregates, &self->capacity, (gsize)n * n_slots,
                          sizeof (ArborAggregate), error))
    return FALSE;
  for (; self->n_groups < n; self->n_groups++)
    {
      self->counts[self->n_groups] = 0;
      for (guint i = 0; i < n_slots; i++)
        {
          ArborAggregate *aggregate = arbor_group_results_get (self, self->n_groups, i);

          arbor_aggregate_init (aggregate, arbor_group_plan_get_slot (self->plan, i)->function);
          aggregate->skips_others = TRUE;
        }
    }
  return TRUE;
}

gboolean
arbor_group_results_is_settled (const ArborAggregate *aggregate)
{
  return aggregate->is_spoilt || aggregate->is_decided ||
         (aggregate->n > 0 && aggregate->function->aggregate == ARBOR_AGGREGATE_FIRST);
}

static gboolean
keeps_values (const ArborAggregate *aggregate)
{
  switch ((ArborAggregateKind)aggregate->function->aggregate)
    {
    case ARBOR_AGGREGATE_MIN:
    case ARBOR_AGGREGATE_MAX:
    case ARBOR_AGGREGATE_FIRST:
    case ARBOR_AGGREGATE_LAST:
    case ARBOR_AGGREGATE_MEDIAN:
    case ARBOR_AGGREGATE_QUANTILE:
    case ARBOR_AGGREGATE_N_UNIQUE:
    case ARBOR_AGGREGATE_COLLECT:
    case ARBOR_AGGREGATE_COLLECT_UNIQUE:
    case ARBOR_AGGREGATE_SUM:
    case ARBOR_AGGREGATE_MEAN:
    case ARBOR_AGGREGATE_STD:
    case ARBOR_AGGREGATE_VAR:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
add_values (const ArborGroupSlotPlan *slot, ArborAggregate *aggregate, const ArborValue *value,
            ArborScope *scope)
{
  const ArborValue *values = value->holder;

  if (!slot->is_vector)
    {
      arbor_aggregate_add (aggregate, value, scope);
      return;
    }
  for (guint32 i = 0; value->kind == ARBOR_KIND_ARRAY && i < value->index; i++)
    if (!arbor_aggregate_add (aggregate, &values[i], scope))
      return;
}

static gboolean
charge_kept (ArborGroupResults *self, GError **error)
{
  guint64 n_bytes;

  if (self->n_kept <= self->n_charged)
    return TRUE;
  n_bytes = MAX (self->n_kept - self->n_charged, CHARGE_STEP);
  self->n_charged += n_bytes;
  if (arbor_charge_add (&self->charge, n_bytes, error))
    return TRUE;
  self->n_charged -= n_bytes;
  return FALSE;
}

void
arbor_group_results_add_value (ArborGroupResults *self, ArborAggregate *aggregate,
                               const ArborValue *value, ArborScope *scope)
{
  gboolean keeps = keeps_values (aggregate);

  if (keeps)
    self->n_kept -= arbor_aggregate_get_size (aggregate);
  arbor_aggregate_add (aggregate, value, scope);
  if (keeps)
    self->n_kept += arbor_aggregate_get_size (aggregate);
}

/* One slot, row by row. */
static gboolean
add_rows (ArborGroupResults *self, guint at, const ArborGroupedRows *grouped, GError **error)
{
  const ArborGroupSlotPlan *slot = arbor_group_plan_get_slot (self->plan, at);
  ArborScope *scope;

  if (self->of_row == NULL)
    self->of_row = arbor_scope_new ();
  scope = self->of_row;
  arbor_series_reader_begin (slot->argument, grouped->rows);
  for (guint32 i = 0; i < grouped->rows->n; i++)
    {
      ArborAggregate *aggregate =
          arbor_group_results_get (self, arbor_grouped_rows_get (grouped, i), at);
      gboolean keeps = keeps_values (aggregate);
      ArborValue value;

      arbor_series_reader_next_value (slot->argument, &value);
      if (arbor_group_results_is_settled (aggregate))
        continue;
      if (keeps)
        self->n_kept -= arbor_aggregate_get_size (aggregate);
      add_values (slot, aggregate, &value, scope);
      if (keeps)
        self->n_kept += arbor_aggregate_get_size (aggregate);
      if (!charge_kept (self, error) || !arbor_series_reader_check (slot->argument, error) ||
          !arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  return TRUE;
}

gboolean
arbor_group_results_add (ArborGroupResults *self, const ArborGroupedRows *grouped,
                         ArborScope *scope, GError **error)
{
  for (guint32 i = 0; i < grouped->n_ids; i++)
    if (grouped->counts[i] > 0)
      self->counts[grouped->groups[i]] += grouped->counts[i];

  for (guint i = 0; i < self->plan->slots->len; i++)
    {
      if (arbor_group_plan_get_slot (self->plan, i)->argument == NULL)
        continue;
      if (!arbor_group_results_add_lanes (self, i, grouped, scope) &&
          !add_rows (self, i, grouped, error))
        return FALSE;
      if (!charge_kept (self, error) ||
          !arbor_series_reader_check (arbor_group_plan_get_slot (self->plan, i)->argument, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
count_others (const ArborGroupResults *self, guint slot, guint64 *n, guint64 *n_others,
              GError **error)
{
  *n = *n_others = 0;
  for (guint32 group = 0; group < self->n_groups; group++)
    {
      const ArborAggregate *aggregate = arbor_group_results_get (self, group, slot);

      if (group % ASK_EVERY == ASK_EVERY - 1 && !arbor_stop_check (NULL, error))
        return FALSE;
      *n += aggregate->n;
      *n_others += aggregate->n_others;
    }
  return TRUE;
}

char **
arbor_group_results_dup_notes (const ArborGroupResults *self, GError **error)
{
  g_autoptr (GStrvBuilder) notes = g_strv_builder_new ();

  for (guint i = 0; i < self->plan->slots->len; i++)
    {
      g_autofree char *call = arbor_node_to_string (arbor_group_plan_get_slot (self->plan, i)->call);
      g_autofree char *note = NULL;
      guint64 n, n_others;

      if (!count_others (self, i, &n, &n_others, error))
        return NULL;
      if (n_others == 0)
        continue;
      note = g_strdup_printf (_ ("%s: %" PRIu64 " of %" PRIu64
                                 " values were no numbers and were left out"),
                              call, n_others, n + n_others);
      g_strv_builder_add (notes, note);
    }
  return g_strv_builder_end (notes);
}

static void
write_field (ArborTapeWriter *out, const char *name, const ArborValue *value, ArborScope *scope)
{
  if (value->kind == ARBOR_KIND_MISSING)
    return;
  arbor_tape_writer_key (out, name, strlen (name));
  arbor_value_write_tape (value, scope, out);
}

void
arbor_group_results_write (ArborGroupResults *self, guint32 group, const ArborValue *keys,
                           ArborScope *scope, ArborTapeWriter *out)
{
  const ArborGroupPlan *plan = self->plan;
  guint n_slots = plan->slots->len;
  gsize n = plan->n_keys + n_slots;
  ArborValue *values = arbor_scope_alloc (scope, MAX (n, 1) * sizeof (ArborValue));
  ArborValue list = { .kind = ARBOR_KIND_ARRAY,
                      .holder_kind = ARBOR_HOLDER_LIST,
                      .index = (guint32)plan->n_keys,
                      .holder = values };

  for (gsize i = 0; i < plan->n_keys; i++)
    values[i] = keys[i];
  for (guint i = 0; i < n_slots; i++)
    {
      const ArborGroupSlotPlan *slot = arbor_group_plan_get_slot (plan, i);
      ArborAggregate *aggregate = &self->aggregates[(gsize)group * n_slots + i];
      ArborValue *result = &values[plan->n_keys + i];

      if (slot->parameter != NULL)
        {
          arbor_evaluator_get_value_of (slot->parameter, &list, scope, result);
          arbor_aggregate_set_parameter (aggregate, result);
        }
      if (slot->argument == NULL)
        *result = ARBOR_VALUE_INT64 ((gint64)self->counts[group]);
      else
        arbor_aggregate_finish (aggregate, scope, result);
    }

  list.index = (guint32)n;
  arbor_tape_writer_begin_object (out);
  for (gsize i = 0; i < plan->n_keys; i++)
    write_field (out, plan->key_names[i], &keys[i], scope);
  for (gsize i = 0; i < plan->n; i++)
    {
      ArborValue value;

      arbor_evaluator_get_value_of (plan->evaluators[i], &list, scope, &value);
      write_field (out, plan->names[i], &value, scope);
    }
  arbor_tape_writer_end_object (out);
}
