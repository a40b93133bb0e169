/* Aggregates over lanes. See arbor-group-results.h. What a loop over a lane adds up or compares for
 * each id of its rows goes to the accumulators of the ids' groups behind the loop; results are
 * those of adding value by value, so what depends on the order of values is added in that order:
 * doubles, and whatever has values of several kinds to compare goes row by row.
 */

#include "query/group/arbor-group-results.h"

#include <math.h>

#include "base/arbor-simd.h"

/* Sums of numbers up to this of a batch fit into 64 bits. */
#define MAX_SUMMED (G_GUINT64_CONSTANT (1) << 49)
/* So many of an id on average are worth putting them together. */
#define MANY 8u
/* Squares of numbers up to this of a batch fit into 64 bits together. */
#define MAX_SQUARED (1u << 24)
/* Bits of a table of what was seen. */
#define MAX_SEEN (1u << 20)

typedef struct
{
  ArborGroupResults *results;
  guint slot;
  const ArborGroupedRows *grouped;
  ArborScope *scope;
  ArborPathRows values;
  ArborNumbers numbers[ARBOR_N_LANE_KINDS]; /* of each part; width 0: none */
} Lanes;

/* One part of it. */
typedef struct
{
  const ArborPart *part;
  const ArborNumbers *numbers;
  const guint16 *ids;    /* of its values */
  const guint32 *counts; /* of its values, for each id */
} Part;

static ArborAggregate *
get_aggregate (const Lanes *self)
{
  return &self->results->aggregates[self->slot];
}

static guint32
get_group (const Lanes *self, guint32 id)
{
  return self->grouped->groups[id];
}

static void
get_part (const Lanes *self, guint i, Part *part)
{
  const ArborPart *values = &self->values.parts[i];
  const ArborGroupedRows *grouped = self->grouped;
  ArborIds ids = { .n_ids = grouped->n_ids };
  guint16 *of_values;

  *part = (Part){ values, &self->numbers[i], grouped->ids, grouped->counts };
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
get_value (const Part *part, guint64 number, ArborValue *value)
{
  const ArborNumbers one = { &number, sizeof number };

  arbor_part_get_value (part->part, &one, 0, value);
}

/* Sums */

#define ADD_UP(type)                                                                               \
  static void add_up_##type (guint64 *sums, const guint16 *ids, const type *numbers, guint32 n,    \
                             gsize stride)                                                         \
  {                                                                                                \
    guint32 i = 0;                                                                                 \
                                                                                                   \
    for (; i + 4 <= n; i += 4)                                                                     \
      {                                                                                            \
        sums[ids[i]] += numbers[i];                                                                \
        sums[stride + ids[i + 1]] += numbers[i + 1];                                               \
        sums[2 * stride + ids[i + 2]] += numbers[i + 2];                                           \
        sums[3 * stride + ids[i + 3]] += numbers[i + 3];                                           \
      }                                                                                            \
    for (; i < n; i++)                                                                             \
      sums[ids[i]] += numbers[i];                                                                  \
  }

ADD_UP (guint8)
ADD_UP (guint16)
ADD_UP (guint32)
ADD_UP (guint64)

/* Of up to ARBOR_BATCH_MAX_TREES numbers. */
#define SUM(type, sum_type)                                                                        \
  ARBOR_TARGET_CLONES static guint64 sum_##type (const type *numbers, guint32 n)                   \
  {                                                                                                \
    sum_type sum = 0;                                                                              \
                                                                                                   \
    for (guint32 i = 0; i < n; i++)                                                                \
      sum += numbers[i];                                                                           \
    return sum;                                                                                    \
  }

SUM (guint8, guint32)
SUM (guint16, guint32)
SUM (guint32, guint64)
SUM (guint64, guint64)

static guint64
sum_all (const ArborNumbers *numbers, guint32 n)
{
  switch (numbers->width)
    {
    case 1:
      return sum_guint8 (numbers->data, n);
    case 2:
      return sum_guint16 (numbers->data, n);
    case 4:
      return sum_guint32 (numbers->data, n);
    default:
      return sum_guint64 (numbers->data, n);
    }
}

/* Rows with one id often follow each other, and adding to what was just written waits for it: where
 * the sums are few, four tables of them take turns. */
static guint64 *
sum_by_id (const Lanes *self, const Part *part)
{
  guint32 n = part->part->n;
  gsize n_ids = self->grouped->n_ids;
  gsize stride = n_ids <= n / 16 ? n_ids : 0;
  guint64 *sums = arbor_scope_alloc (self->scope, MAX (4 * stride, n_ids) * sizeof *sums);

  memset (sums, 0, MAX (4 * stride, n_ids) * sizeof *sums);
  switch (part->numbers->width)
    {
    case 1:
      add_up_guint8 (sums, part->ids, part->numbers->data, n, stride);
      break;
    case 2:
      add_up_guint16 (sums, part->ids, part->numbers->data, n, stride);
      break;
    case 4:
      add_up_guint32 (sums, part->ids, part->numbers->data, n, stride);
      break;
    default:
      add_up_guint64 (sums, part->ids, part->numbers->data, n, stride);
      break;
    }
  for (gsize i = 0; i < stride; i++)
    sums[i] += sums[stride + i] + sums[2 * stride + i] + sums[3 * stride + i];
  return sums;
}

static void
add_integers (const Lanes *self, const Part *part)
{
  const ArborLane *lane = part->part->lane;
  gboolean is_unsigned = lane->kind == ARBOR_KIND_UINT64;
  __int128 min = is_unsigned ? (__int128)lane->record->min : (gint64)lane->record->min;
  guint32 n_ids = self->grouped->n_ids;
  guint64 *sums;
  guint64 sum;

  if (n_ids == 1)
    {
      sum = sum_all (part->numbers, part->part->n);
      sums = &sum;
    }
  else
    {
      sums = sum_by_id (self, part);
    }
  for (guint32 id = 0; id < n_ids; id++)
    {
      if (part->counts[id] > 0)
        arbor_aggregate_add_integers_to (get_aggregate (self), get_group (self, id),
                                         part->counts[id], min * part->counts[id] + sums[id],
                                         is_unsigned);
    }
}

/* Those of each id behind each other, in their order. */
static void
add_reals_together (const Lanes *self, const Part *part)
{
  const double *reals = part->numbers->data;
  guint32 n = part->part->n, n_ids = self->grouped->n_ids, start = 0;
  guint32 *ends = arbor_scope_alloc (self->scope, n_ids * sizeof *ends);
  double *sorted = arbor_scope_alloc (self->scope, n * sizeof *sorted);

  for (guint32 id = 0; id < n_ids; id++)
    {
      ends[id] = start;
      start += part->counts[id];
    }
  for (guint32 i = 0; i < n; i++)
    sorted[ends[part->ids[i]]++] = reals[i];
  for (guint32 id = 0; id < n_ids; id++)
    if (part->counts[id] > 0)
      arbor_aggregate_add_reals_to (get_aggregate (self), get_group (self, id),
                                    sorted + ends[id] - part->counts[id], part->counts[id]);
}

static void
add_reals (const Lanes *self, const Part *part)
{
  const double *reals = part->numbers->data;

  if (self->grouped->n_ids == 1)
    {
      arbor_aggregate_add_reals_to (get_aggregate (self), get_group (self, 0), reals,
                                    part->part->n);
      return;
    }
  if (self->grouped->n_ids <= part->part->n / MANY)
    {
      add_reals_together (self, part);
      return;
    }
  for (guint32 i = 0; i < part->part->n; i++)
    arbor_aggregate_add_reals_to (get_aggregate (self), get_group (self, part->ids[i]), &reals[i],
                                  1);
}

/* No numbers. */
static void
leave_out (const Lanes *self, const Part *part)
{
  for (guint32 id = 0; id < self->grouped->n_ids; id++)
    if (part->counts[id] > 0)
      arbor_aggregate_leave_out (get_aggregate (self), get_group (self, id), part->counts[id]);
}

static gboolean
can_be_summed (const Lanes *self)
{
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      guint8 kind = self->values.parts[i].lane->kind;

      if (kind == ARBOR_KIND_NUMBER)
        return FALSE;
      if ((kind == ARBOR_KIND_INT64 || kind == ARBOR_KIND_UINT64) &&
          self->numbers[i].width == 8 &&
          arbor_numbers_get_max (&self->numbers[i], self->values.parts[i].n) > MAX_SUMMED)
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_sums (const Lanes *self)
{
  if (!can_be_summed (self))
    return FALSE;
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      Part part;

      get_part (self, i, &part);
      if (part.part->lane->kind == ARBOR_KIND_DOUBLE)
        add_reals (self, &part);
      else if (arbor_kind_is_number ((ArborKind)part.part->lane->kind))
        add_integers (self, &part);
      else
        leave_out (self, &part);
    }
  return TRUE;
}

/* Squares */

static gboolean
can_be_squared (const Lanes *self)
{
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      const ArborPart *part = &self->values.parts[i];
      guint64 max;
      gint64 least, most;

      if (part->lane->kind == ARBOR_KIND_UINT64)
        return FALSE;
      if (part->lane->kind != ARBOR_KIND_INT64)
        continue;
      least = (gint64)part->lane->record->min;
      max = arbor_numbers_get_max (&self->numbers[i], part->n);
      if (max > MAX_SQUARED || __builtin_add_overflow (least, (gint64)max, &most) ||
          least < -(gint64)MAX_SQUARED || most > (gint64)MAX_SQUARED)
        return FALSE;
    }
  return TRUE;
}

static void
add_integer_squares (const Lanes *self, const Part *part)
{
  gint64 min = (gint64)part->part->lane->record->min;
  guint32 n_ids = self->grouped->n_ids;
  guint64 *sums = arbor_scope_alloc (self->scope, n_ids * sizeof *sums);

  memset (sums, 0, n_ids * sizeof *sums);
  for (guint32 i = 0; i < part->part->n; i++)
    {
      gint64 number =
          min + (gint64)arbor_load_unsigned (part->numbers->data, part->numbers->width, i);

      sums[n_ids > 1 ? part->ids[i] : 0] += (guint64)(number * number);
    }
  for (guint32 id = 0; id < n_ids; id++)
    if (part->counts[id] > 0)
      arbor_aggregate_add_integer_squares_to (get_aggregate (self), get_group (self, id),
                                              part->counts[id], sums[id]);
}

/* Sums, and those of squares. */
static gboolean
add_spread (const Lanes *self)
{
  if (!can_be_squared (self) || !add_sums (self))
    return FALSE;
  for (guint i = 0; i < self->values.n_parts; i++)
    if (self->values.parts[i].lane->kind == ARBOR_KIND_INT64)
      {
        Part part;

        get_part (self, i, &part);
        add_integer_squares (self, &part);
      }
  return TRUE;
}

static gboolean
add_counts (const Lanes *self)
{
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      Part part;

      get_part (self, i, &part);
      for (guint32 id = 0; id < self->grouped->n_ids; id++)
        if (part.counts[id] > 0)
          arbor_aggregate_count_to (get_aggregate (self), get_group (self, id), part.counts[id]);
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
find_ends (guint64 *ends, const Part *part, gboolean is_max)
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
add_end (const Lanes *self, guint32 id, const ArborValue *value)
{
  arbor_aggregate_add_to (get_aggregate (self), get_group (self, id), value, self->scope);
}

/* The lane's own, where all of it is meant. Of a zero it does not know the sign. */
static gboolean
get_end (const Part *part, gboolean is_max, ArborValue *value)
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
add_real_ends (const Lanes *self, const Part *part, gboolean is_max)
{
  const double *reals = part->numbers->data;
  ArborAggregate *aggregate = get_aggregate (self);

  for (guint32 i = 0; i < part->part->n; i++)
    {
      const ArborValue *best =
          arbor_aggregate_peek_best (aggregate, get_group (self, part->ids[i]));
      const ArborValue value = ARBOR_VALUE_DOUBLE (reals[i]);

      /* Of zeros it is noted that there are several. */
      if (best->kind != ARBOR_KIND_DOUBLE || (reals[i] == 0 && best->real == 0) ||
          (is_max ? reals[i] > best->real : reals[i] < best->real))
        add_end (self, part->ids[i], &value);
    }
}

static void
add_part_ends (const Lanes *self, const Part *part, gboolean is_max)
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
add_ends (const Lanes *self, gboolean is_max)
{
  ArborValue value;

  for (guint i = 0; i < self->values.n_parts; i++)
    {
      const ArborPart *part = &self->values.parts[i];
      gboolean is_whole = self->grouped->n_ids == 1 && self->values.n_parts == 1;
      guint8 kind = part->lane->kind;
      Part whole = { .part = part };

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
      Part part;

      get_part (self, i, &part);
      add_part_ends (self, &part, is_max);
    }
  return TRUE;
}

/* Value by value */

/* Of each id every value once: for what counts different ones. */
static gboolean
add_different (const Lanes *self)
{
  ArborValue *values;
  guint32 *groups;
  guint32 n = 0;
  guint64 n_numbers;
  guint64 *seen;
  Part part;

  if (self->values.n_parts != 1 || self->numbers[0].width == 0)
    return FALSE;
  n_numbers = arbor_numbers_get_max (&self->numbers[0], self->values.parts[0].n) + 1;
  if (n_numbers == 0 || n_numbers > MAX_SEEN / self->grouped->n_ids)
    return FALSE;
  get_part (self, 0, &part);
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
      groups[n] = get_group (self, part.ids[i]);
      get_value (&part, number, &values[n]);
      /* What was met in a batch before is in the table. */
      n += values[n].kind != ARBOR_KIND_INT64 ||
           !arbor_aggregate_has_met (get_aggregate (self), groups[n], values[n].int64,
                                     (gint64)part.part->lane->record->min,
                                     (gint64)part.part->lane->record->max);
    }
  arbor_aggregate_add_values (get_aggregate (self), groups, values, n, self->scope);
  return TRUE;
}

static guint32 *
list_groups (const Lanes *self)
{
  guint32 n = self->grouped->rows->n;
  guint32 *groups = arbor_scope_alloc (self->scope, n * sizeof *groups);

  for (guint32 i = 0; i < n; i++)
    groups[i] = arbor_grouped_rows_get (self->grouped, i);
  return groups;
}

/* What counts different values looks them up. */
static gboolean
add_keys (const Lanes *self)
{
  guint32 n = self->grouped->rows->n;
  ArborGroupKey *keys = arbor_scope_alloc (self->scope, n * sizeof *keys);

  if (!arbor_path_rows_get_keys (&self->values, self->scope, keys, 1))
    return FALSE;
  arbor_aggregate_keep_unique_keys (get_aggregate (self), list_groups (self), keys, n, self->scope);
  return TRUE;
}

/* For any() and all(): of each id once what is true, and once what is not. */
static gboolean
add_truths (const Lanes *self)
{
  gsize n_ids = self->grouped->n_ids;
  guint8 *seen = arbor_scope_alloc (self->scope, 2 * n_ids);

  memset (seen, FALSE, 2 * n_ids);
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      gboolean is_bool = self->values.parts[i].lane->kind == ARBOR_KIND_BOOL;
      Part part = { .part = &self->values.parts[i], .numbers = &self->numbers[i] };

      if (is_bool && part.numbers->width != 1)
        return FALSE;
      if (n_ids == 1)
        {
          guint64 n_true = is_bool ? sum_all (part.numbers, part.part->n) : 0;

          seen[0] |= n_true < part.part->n;
          seen[1] |= n_true > 0;
          continue;
        }
      get_part (self, i, &part);
      for (guint32 j = 0; j < part.part->n; j++)
        seen[2 * part.ids[j] + (is_bool ? ((const guint8 *) part.numbers->data)[j] : 0)] = TRUE;
    }
  for (gsize j = 0; j < 2 * n_ids; j++)
    if (seen[j])
      {
        ArborValue value = ARBOR_VALUE_BOOL (j % 2 != 0);

        arbor_aggregate_add_to (get_aggregate (self), get_group (self, (guint32) (j / 2)), &value,
                                self->scope);
      }
  return TRUE;
}

static gboolean
add_each (const Lanes *self)
{
  const ArborGroupedRows *grouped = self->grouped;
  guint32 n = grouped->rows->n;
  ArborValue *values = arbor_scope_alloc (self->scope, n * sizeof *values);
  guint32 *groups;

  if (!arbor_path_rows_get_values (&self->values, self->scope, values, 1))
    return FALSE;
  groups = list_groups (self);
  arbor_aggregate_add_values (get_aggregate (self), groups, values, n, self->scope);
  return TRUE;
}

/* Numbers of each part that has some; FALSE where one has what reads as null. */
static gboolean
get_numbers (Lanes *self)
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
  Lanes lanes = { .results = self, .slot = slot, .grouped = grouped, .scope = scope };
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
      return add_sums (&lanes) || add_each (&lanes);
    case ARBOR_AGGREGATE_STD:
    case ARBOR_AGGREGATE_VAR:
      return add_spread (&lanes) || add_each (&lanes);
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
