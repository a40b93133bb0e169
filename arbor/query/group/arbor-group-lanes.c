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
get_aggregate (const Lanes *self, guint32 id)
{
  return arbor_group_results_get (self->results, self->grouped->groups[id], self->slot);
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
      ArborAggregate *aggregate;

      if (part->counts[id] == 0)
        continue;
      aggregate = get_aggregate (self, id);
      arbor_aggregate_add_integers (aggregate, part->counts[id], min * part->counts[id] + sums[id],
                                    is_unsigned);
    }
}

static void
add_reals (const Lanes *self, const Part *part)
{
  const double *reals = part->numbers->data;

  if (self->grouped->n_ids == 1)
    {
      arbor_aggregate_add_reals (get_aggregate (self, 0), reals, part->part->n);
      return;
    }
  for (guint32 i = 0; i < part->part->n; i++)
    arbor_aggregate_add_reals (get_aggregate (self, part->ids[i]), &reals[i], 1);
}

/* No numbers. */
static void
leave_out (const Lanes *self, const Part *part)
{
  for (guint32 id = 0; id < self->grouped->n_ids; id++)
    if (part->counts[id] > 0)
      get_aggregate (self, id)->n_others += part->counts[id];
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

static gboolean
add_counts (const Lanes *self)
{
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      Part part;

      get_part (self, i, &part);
      for (guint32 id = 0; id < self->grouped->n_ids; id++)
        if (part.counts[id] > 0)
          get_aggregate (self, id)->n += part.counts[id];
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

/* @value stands for @n of them. */
static void
add_end (const Lanes *self, guint32 id, const ArborValue *value, guint32 n)
{
  ArborAggregate *aggregate = get_aggregate (self, id);

  arbor_group_results_add_value (self->results, aggregate, value, self->scope);
  aggregate->n += n - 1;
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

  for (guint32 i = 0; i < part->part->n; i++)
    {
      ArborAggregate *aggregate = get_aggregate (self, part->ids[i]);
      const ArborValue *best = &aggregate->best.value;
      const ArborValue value = ARBOR_VALUE_DOUBLE (reals[i]);

      if (aggregate->n > 0 && best->kind == ARBOR_KIND_DOUBLE &&
          (is_max ? reals[i] <= best->real : reals[i] >= best->real))
        aggregate->n++;
      else
        arbor_group_results_add_value (self->results, aggregate, &value, self->scope);
    }
}

static void
add_strings (const Lanes *self, const Part *part)
{
  const ArborString *strings = arbor_part_get_strings (part->part, self->scope);

  for (guint32 i = 0; i < part->part->n; i++)
    {
      const ArborValue value = ARBOR_VALUE_STRING (strings[i].bytes, strings[i].length);
      ArborAggregate *aggregate = get_aggregate (self, part->ids[i]);

      if (!arbor_group_results_is_settled (aggregate))
        arbor_group_results_add_value (self->results, aggregate, &value, self->scope);
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
      add_end (self, 0, &value, part->part->n);
      return;
    }
  if (part->part->lane->kind == ARBOR_KIND_DOUBLE)
    {
      add_real_ends (self, part, is_max);
      return;
    }
  if (part->numbers->width == 0)
    {
      add_strings (self, part);
      return;
    }
  ends = arbor_scope_alloc (self->scope, n_ids * sizeof *ends);
  memset (ends, is_max ? 0 : 0xFF, n_ids * sizeof *ends);
  find_ends (ends, part, is_max);
  for (guint32 id = 0; id < n_ids; id++)
    if (part->counts[id] > 0)
      {
        get_value (part, ends[id], &value);
        add_end (self, id, &value, part->counts[id]);
      }
}

/* 1 and 1.0 are equal, and the first of them stays: two lanes of numbers do not tell which. */
static gboolean
add_ends (const Lanes *self, gboolean is_max)
{
  guint n_of_numbers = 0;

  for (guint i = 0; i < self->values.n_parts; i++)
    {
      guint8 kind = self->values.parts[i].lane->kind;

      n_of_numbers += arbor_kind_is_number ((ArborKind)kind);
      if (kind == ARBOR_KIND_NUMBER || kind >= ARBOR_KIND_ARRAY)
        return FALSE;
    }
  if (n_of_numbers > 1)
    return FALSE;
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
add_different (const Lanes *self, const Part *part)
{
  guint32 n = part->part->n;
  guint64 n_numbers = arbor_numbers_get_max (part->numbers, n) + 1;
  guint64 *seen;

  if (n_numbers == 0 || n_numbers > MAX_SEEN / self->grouped->n_ids)
    return FALSE;
  seen = arbor_scope_alloc (self->scope, MAX_SEEN / 8);
  memset (seen, 0, MAX_SEEN / 8);
  for (guint32 i = 0; i < n; i++)
    {
      guint64 number = arbor_load_unsigned (part->numbers->data, part->numbers->width, i);
      gsize at = part->ids[i] * n_numbers + number;
      ArborValue value;

      if (arbor_bits_test (seen, at))
        continue;
      arbor_bits_set (seen, at);
      get_value (part, number, &value);
      arbor_group_results_add_value (self->results, get_aggregate (self, part->ids[i]), &value,
                                     self->scope);
    }
  return TRUE;
}

static gboolean
add_each (const Lanes *self, ArborAggregateKind kind)
{
  const ArborPart *single = arbor_path_rows_get_single (&self->values);
  Part part;

  if (self->values.n_parts == 0)
    return TRUE;
  if (single == NULL || single->lane->kind >= ARBOR_KIND_ARRAY ||
      single->lane->kind == ARBOR_KIND_NUMBER)
    return FALSE;
  get_part (self, 0, &part);
  if (part.numbers->width == 0)
    {
      add_strings (self, &part);
      return TRUE;
    }
  if (kind == ARBOR_AGGREGATE_N_UNIQUE && add_different (self, &part))
    return TRUE;
  for (guint32 i = 0; i < part.part->n; i++)
    {
      ArborAggregate *aggregate = get_aggregate (self, part.ids[i]);
      ArborValue value;

      if (arbor_group_results_is_settled (aggregate))
        continue;
      arbor_part_get_value (part.part, part.numbers, i, &value);
      arbor_group_results_add_value (self->results, aggregate, &value, self->scope);
    }
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
      return add_sums (&lanes);
    case ARBOR_AGGREGATE_MIN:
      return add_ends (&lanes, FALSE);
    case ARBOR_AGGREGATE_MAX:
      return add_ends (&lanes, TRUE);
    default:
      return add_each (&lanes, kind);
    }
}
