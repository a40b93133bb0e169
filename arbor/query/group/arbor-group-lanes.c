/* Aggregates over lanes. See arbor-group-results.h; sums are in arbor-group-sums.c. What a loop
 * over a lane adds up or compares for each id of its rows goes to the accumulators of the ids'
 * groups behind the loop; results are those of adding value by value, so what depends on the order
 * of values is added in that order: doubles, and whatever has values of several kinds to compare
 * goes row by row.
 */

#include "query/group/arbor-group-lanes-private.h"

#include <math.h>

/* Bits of a table of what was seen. */
#define MAX_SEEN (1u << 20)

void
arbor_group_lanes_get_part (const ArborGroupLanes *self, guint i, ArborGroupPart *part)
{
  const ArborPart *values = &self->values.parts[i];
  const ArborGroupedRows *grouped = self->grouped;
  ArborIds ids = { .n_ids = grouped->n_ids };
  guint16 *of_values;

  *part = (ArborGroupPart){ values, &self->numbers[i], grouped->ids, grouped->counts };
  if (values->positions == NULL)
    return;
  of_values = arbor_scope_alloc (self->scope, (gsize)values->n * sizeof *of_values);
  for (guint32 j = 0; j < values->n; j++)
    of_values[j] = grouped->ids[values->positions[j]];
  part->ids = ids.ids = of_values;
  part->counts = arbor_ids_count (&ids, values->n, self->scope);
}

/* The value that @number of the part stands for. */
static void
get_value (const ArborGroupPart *part, guint64 number, ArborValue *value)
{
  const ArborNumbers one = { &number, sizeof number };

  arbor_part_get_value (part->part, &one, 0, value);
}

static gboolean
add_counts (const ArborGroupLanes *self)
{
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      ArborGroupPart part;

      arbor_group_lanes_get_part (self, i, &part);
      for (guint32 id = 0; id < self->grouped->n_ids; id++)
        if (part.counts[id] > 0)
          arbor_aggregate_count_to (self->aggregate, self->grouped->groups[id], part.counts[id]);
    }
  return TRUE;
}

/* Least and greatest */

#define FIND_ENDS(type)                                                                            \
  static void find_ends_##type (guint64 *ends, const guint16 *ids, const type *numbers, guint32 n, \
                                gboolean is_max)                                                   \
  {                                                                                                \
    for (guint32 i = 0; is_max && i < n; i++)                                                      \
      ends[ids[i]] = MAX (ends[ids[i]], numbers[i]);                                               \
    for (guint32 i = 0; !is_max && i < n; i++)                                                     \
      ends[ids[i]] = MIN (ends[ids[i]], numbers[i]);                                               \
  }

FIND_ENDS (guint8)
FIND_ENDS (guint16)
FIND_ENDS (guint32)
FIND_ENDS (guint64)

static void
find_ends (guint64 *ends, const ArborGroupPart *part, gboolean is_max)
{
  switch (part->numbers->width)
    {
    case 1:
      find_ends_guint8 (ends, part->ids, part->numbers->data, part->part->n, is_max);
      break;
    case 2:
      find_ends_guint16 (ends, part->ids, part->numbers->data, part->part->n, is_max);
      break;
    case 4:
      find_ends_guint32 (ends, part->ids, part->numbers->data, part->part->n, is_max);
      break;
    default:
      find_ends_guint64 (ends, part->ids, part->numbers->data, part->part->n, is_max);
      break;
    }
}

static void
add_end (const ArborGroupLanes *self, guint32 id, const ArborValue *value)
{
  arbor_aggregate_add_to (self->aggregate, self->grouped->groups[id], value, self->scope);
}

/* The lane's own, where all of it is meant. Of a zero it does not know the sign. */
static gboolean
get_end (const ArborGroupPart *part, gboolean is_max, ArborValue *value)
{
  const ArborLane *lane = part->part->lane;
  guint64 end = is_max ? lane->record->max : lane->record->min;

  if (part->part->indices != NULL || part->part->n != lane->count ||
      (part->part->is_computed && lane->kind == ARBOR_KIND_STRING))
    return FALSE;
  *value = (ArborValue){ .kind = lane->kind };
  switch (lane->kind)
    {
    case ARBOR_KIND_BOOL:
      value->boolean = end != 0;
      return TRUE;
    case ARBOR_KIND_STRING:
      value->text = arbor_lane_get_string (lane, (guint32)MIN (end, G_MAXUINT32), &value->length);
      return TRUE;
    case ARBOR_KIND_DOUBLE:
      value->uint64 = end;
      return isfinite (value->real) && value->real != 0;
    default:
      value->uint64 = end;
      return TRUE;
    }
}

/* In order: of equal zeros the first stays, whatever its sign. */
static void
add_real_ends (const ArborGroupLanes *self, const ArborGroupPart *part, gboolean is_max)
{
  const double *reals = part->numbers->data;
  ArborAggregate *aggregate = self->aggregate;

  for (guint32 i = 0; i < part->part->n; i++)
    {
      const ArborValue *best =
          arbor_aggregate_peek_best (aggregate, self->grouped->groups[part->ids[i]]);
      const ArborValue value = ARBOR_VALUE_DOUBLE (reals[i]);

      /* Of zeros it is noted that there are several. */
      if (best->kind != ARBOR_KIND_DOUBLE || (reals[i] == 0 && best->real == 0) ||
          (is_max ? reals[i] > best->real : reals[i] < best->real))
        add_end (self, part->ids[i], &value);
    }
}

static void
add_part_ends (const ArborGroupLanes *self, const ArborGroupPart *part, gboolean is_max)
{
  guint32 n_ids = self->grouped->n_ids;
  ArborValue value;
  guint64 *ends;

  if (n_ids == 1 && get_end (part, is_max, &value))
    {
      add_end (self, 0, &value);
      return;
    }
  if (part->part->lane->kind == ARBOR_KIND_DOUBLE)
    {
      add_real_ends (self, part, is_max);
      return;
    }
  ends = arbor_scope_alloc (self->scope, n_ids * sizeof *ends);
  memset (ends, is_max ? 0 : 0xFF, n_ids * sizeof *ends);
  find_ends (ends, part, is_max);
  for (guint32 id = 0; id < n_ids; id++)
    if (part->counts[id] > 0)
      {
        get_value (part, ends[id], &value);
        add_end (self, id, &value);
      }
}

/* 1 and 1.0 are equal, and the first of them stays, as it does of equal zeros: what does not tell by its
 * numbers which one that is goes value by value. */
static gboolean
add_ends (const ArborGroupLanes *self, gboolean is_max)
{
  ArborValue value;

  for (guint i = 0; i < self->values.n_parts; i++)
    {
      const ArborPart *part = &self->values.parts[i];
      gboolean is_whole = self->grouped->n_ids == 1 && self->values.n_parts == 1;
      guint8 kind = part->lane->kind;
      ArborGroupPart whole = { .part = part };

      if (kind == ARBOR_KIND_NUMBER || kind >= ARBOR_KIND_ARRAY ||
          (part->is_computed && kind == ARBOR_KIND_STRING))
        return FALSE;
      if (is_whole && get_end (&whole, is_max, &value))
        continue;
      if (self->values.n_parts > 1 || self->numbers[i].width == 0 ||
          (kind != ARBOR_KIND_DOUBLE && self->grouped->n_ids > part->n / 2))
        return FALSE;
    }
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      ArborGroupPart part;

      arbor_group_lanes_get_part (self, i, &part);
      add_part_ends (self, &part, is_max);
    }
  return TRUE;
}

/* Value by value */

/* Of each id every value once: for what counts different ones. */
static gboolean
add_different (const ArborGroupLanes *self)
{
  ArborValue *values;
  guint32 *groups;
  guint32 n = 0;
  guint64 n_numbers;
  guint64 *seen;
  ArborGroupPart part;

  if (self->values.n_parts != 1 || self->numbers[0].width == 0)
    return FALSE;
  n_numbers = arbor_numbers_get_max (&self->numbers[0], self->values.parts[0].n) + 1;
  if (n_numbers == 0 || n_numbers > MAX_SEEN / self->grouped->n_ids)
    return FALSE;
  arbor_group_lanes_get_part (self, 0, &part);
  seen = arbor_scope_alloc (self->scope, MAX_SEEN / 8);
  memset (seen, 0, MAX_SEEN / 8);
  groups = arbor_scope_alloc (self->scope, part.part->n * sizeof *groups);
  values = arbor_scope_alloc (self->scope, part.part->n * sizeof *values);
  for (guint32 i = 0; i < part.part->n; i++)
    {
      guint64 number = arbor_load_unsigned (part.numbers->data, part.numbers->width, i);
      gsize at = part.ids[i] * n_numbers + number;

      if (arbor_bits_test (seen, at))
        continue;
      arbor_bits_set (seen, at);
      groups[n] = self->grouped->groups[part.ids[i]];
      get_value (&part, number, &values[n]);
      /* What was met in a batch before is in the table. */
      n += values[n].kind != ARBOR_KIND_INT64 ||
           !arbor_aggregate_has_met (self->aggregate, groups[n], values[n].int64,
                                     (gint64)part.part->lane->record->min,
                                     (gint64)part.part->lane->record->max);
    }
  arbor_aggregate_add_values (self->aggregate, groups, values, n, self->scope);
  return TRUE;
}

static guint32 *
list_groups (const ArborGroupLanes *self)
{
  guint32 n = self->grouped->rows->n;
  guint32 *groups = arbor_scope_alloc (self->scope, n * sizeof *groups);

  for (guint32 i = 0; i < n; i++)
    groups[i] = arbor_grouped_rows_get (self->grouped, i);
  return groups;
}

/* What counts different values looks them up. */
static gboolean
add_keys (const ArborGroupLanes *self)
{
  guint32 n = self->grouped->rows->n;
  ArborGroupKey *keys = arbor_scope_alloc (self->scope, n * sizeof *keys);

  if (!arbor_path_rows_get_keys (&self->values, self->scope, keys, 1))
    return FALSE;
  arbor_aggregate_keep_unique_keys (self->aggregate, list_groups (self), keys, n, self->scope);
  return TRUE;
}

/* For any() and all(): of each id once what is true, and once what is not. */
static gboolean
add_truths (const ArborGroupLanes *self)
{
  gsize n_ids = self->grouped->n_ids;
  guint8 *seen = arbor_scope_alloc (self->scope, 2 * n_ids);

  memset (seen, FALSE, 2 * n_ids);
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      gboolean is_bool = self->values.parts[i].lane->kind == ARBOR_KIND_BOOL;
      ArborGroupPart part = { .part = &self->values.parts[i], .numbers = &self->numbers[i] };

      if (is_bool && part.numbers->width != 1)
        return FALSE;
      if (n_ids == 1)
        {
          guint64 n_true = is_bool ? arbor_group_part_sum (&part) : 0;

          seen[0] |= n_true < part.part->n;
          seen[1] |= n_true > 0;
          continue;
        }
      arbor_group_lanes_get_part (self, i, &part);
      for (guint32 j = 0; j < part.part->n; j++)
        seen[2 * part.ids[j] + (is_bool ? ((const guint8 *) part.numbers->data)[j] : 0)] = TRUE;
    }
  for (gsize j = 0; j < 2 * n_ids; j++)
    if (seen[j])
      {
        ArborValue value = ARBOR_VALUE_BOOL (j % 2 != 0);

        arbor_aggregate_add_to (self->aggregate, self->grouped->groups[(guint32) (j / 2)], &value,
                                self->scope);
      }
  return TRUE;
}

static gboolean
add_each (const ArborGroupLanes *self)
{
  const ArborGroupedRows *grouped = self->grouped;
  guint32 n = grouped->rows->n;
  ArborValue *values = arbor_scope_alloc (self->scope, n * sizeof *values);
  guint32 *groups;

  if (!arbor_path_rows_get_values (&self->values, self->scope, values, 1))
    return FALSE;
  groups = list_groups (self);
  arbor_aggregate_add_values (self->aggregate, groups, values, n, self->scope);
  return TRUE;
}

/* Numbers of each part that has some; FALSE where one has what reads as null. */
static gboolean
get_numbers (ArborGroupLanes *self)
{
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      const ArborPart *part = &self->values.parts[i];

      if (!arbor_part_get_numbers (part, self->scope, &self->numbers[i]))
        self->numbers[i] = (ArborNumbers){ NULL, 0 };
      else if (part->lane->kind == ARBOR_KIND_DOUBLE &&
               !arbor_bits_are_finite (self->numbers[i].data, part->n))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_group_results_add_lanes (ArborGroupResults *self, guint slot, const ArborGroupedRows *grouped,
                               ArborScope *scope)
{
  const ArborGroupSlotPlan *plan = arbor_group_plan_get_slot (self->plan, slot);
  ArborGroupLanes lanes = { .aggregate = &self->aggregates[slot],
                            .grouped = grouped,
                            .scope = scope };
  ArborAggregateKind kind = (ArborAggregateKind)plan->function->aggregate;

  if (!arbor_series_reader_get_parts (plan->argument, grouped->rows, scope, &lanes.values))
    return FALSE;
  if (kind == ARBOR_AGGREGATE_COUNT)
    return add_counts (&lanes);
  if (!get_numbers (&lanes))
    return FALSE;
  switch (kind)
    {
    case ARBOR_AGGREGATE_SUM:
    case ARBOR_AGGREGATE_MEAN:
      return arbor_group_lanes_add_sums (&lanes) || add_each (&lanes);
    case ARBOR_AGGREGATE_STD:
    case ARBOR_AGGREGATE_VAR:
      return arbor_group_lanes_add_spread (&lanes) || add_each (&lanes);
    case ARBOR_AGGREGATE_MIN:
    case ARBOR_AGGREGATE_MAX:
      return add_ends (&lanes, kind == ARBOR_AGGREGATE_MAX) || add_each (&lanes);
    case ARBOR_AGGREGATE_N_UNIQUE:
      return add_different (&lanes) || add_keys (&lanes);
    case ARBOR_AGGREGATE_ANY:
    case ARBOR_AGGREGATE_ALL:
      return add_truths (&lanes) || add_each (&lanes);
    default:
      return add_each (&lanes);
    }
}
