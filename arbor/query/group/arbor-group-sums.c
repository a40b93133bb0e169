/* Sums of lanes, and of their squares, for each id. Integers are summed as distances from the least
 * of their lane in 64 bits, and only where these cannot overflow; doubles of a group are added in
 * the order of their rows, so that sums are those of adding value by value.
 */

#include "query/group/arbor-group-lanes-private.h"

#include "base/arbor-simd.h"

/* Sums of numbers up to this of a batch fit into 64 bits. */
#define MAX_SUMMED (G_GUINT64_CONSTANT (1) << 49)
/* So many of an id on average are worth putting them together. */
#define MANY 8u
/* Squares of numbers up to this of a batch fit into 64 bits together. */
#define MAX_SQUARED (1u << 24)

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

guint64
arbor_group_part_sum (const ArborGroupPart *self)
{
  const ArborNumbers *numbers = self->numbers;
  guint32 n = self->part->n;

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
sum_by_id (const ArborGroupLanes *self, const ArborGroupPart *part)
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
add_integers (const ArborGroupLanes *self, const ArborGroupPart *part)
{
  const ArborLane *lane = part->part->lane;
  gboolean is_unsigned = lane->kind == ARBOR_KIND_UINT64;
  __int128 min = is_unsigned ? (__int128)lane->record->min : (gint64)lane->record->min;
  guint32 n_ids = self->grouped->n_ids;
  guint64 *sums;
  guint64 sum;

  if (n_ids == 1)
    {
      sum = arbor_group_part_sum (part);
      sums = &sum;
    }
  else
    {
      sums = sum_by_id (self, part);
    }
  for (guint32 id = 0; id < n_ids; id++)
    {
      if (part->counts[id] > 0)
        arbor_aggregate_add_integers_to (self->aggregate, self->grouped->groups[id],
                                         part->counts[id], min * part->counts[id] + sums[id],
                                         is_unsigned);
    }
}

/* Those of each id behind each other, in their order. */
static void
add_reals_together (const ArborGroupLanes *self, const ArborGroupPart *part)
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
      arbor_aggregate_add_reals_to (self->aggregate, self->grouped->groups[id],
                                    sorted + ends[id] - part->counts[id], part->counts[id]);
}

static void
add_reals (const ArborGroupLanes *self, const ArborGroupPart *part)
{
  const double *reals = part->numbers->data;

  if (self->grouped->n_ids == 1)
    {
      arbor_aggregate_add_reals_to (self->aggregate, self->grouped->groups[0], reals,
                                    part->part->n);
      return;
    }
  if (self->grouped->n_ids <= part->part->n / MANY)
    {
      add_reals_together (self, part);
      return;
    }
  for (guint32 i = 0; i < part->part->n; i++)
    arbor_aggregate_add_reals_to (self->aggregate, self->grouped->groups[part->ids[i]], &reals[i],
                                  1);
}

/* No numbers. */
static void
leave_out (const ArborGroupLanes *self, const ArborGroupPart *part)
{
  for (guint32 id = 0; id < self->grouped->n_ids; id++)
    if (part->counts[id] > 0)
      arbor_aggregate_leave_out (self->aggregate, self->grouped->groups[id], part->counts[id]);
}

static gboolean
can_be_summed (const ArborGroupLanes *self)
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

gboolean
arbor_group_lanes_add_sums (const ArborGroupLanes *self)
{
  if (!can_be_summed (self))
    return FALSE;
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      ArborGroupPart part;

      arbor_group_lanes_get_part (self, i, &part);
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
can_be_squared (const ArborGroupLanes *self)
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
add_integer_squares (const ArborGroupLanes *self, const ArborGroupPart *part)
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
      arbor_aggregate_add_integer_squares_to (self->aggregate, self->grouped->groups[id],
                                              part->counts[id], sums[id]);
}

/* Sums, and those of squares. */
gboolean
arbor_group_lanes_add_spread (const ArborGroupLanes *self)
{
  if (!can_be_squared (self) || !arbor_group_lanes_add_sums (self))
    return FALSE;
  for (guint i = 0; i < self->values.n_parts; i++)
    if (self->values.parts[i].lane->kind == ARBOR_KIND_INT64)
      {
        ArborGroupPart part;

        arbor_group_lanes_get_part (self, i, &part);
        add_integer_squares (self, &part);
      }
  return TRUE;
}
