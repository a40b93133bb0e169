/* One lane and one part of a predicate. See arbor-kernel-private.h. What the statistics decide is
 * not read.
 */

#include "query/series/arbor-kernel-private.h"

#include "batch/arbor-value-access.h"

/* What a comparison with a literal of another class gives. */
static ArborLaneSays
weigh_other_class (const ArborKernelPart *part)
{
  if (part->kind != ARBOR_KERNEL_COMPARE)
    return ARBOR_LANE_SAYS_NULL;
  if (part->comparison == ARBOR_COMPARISON_EQ)
    return ARBOR_LANE_SAYS_FALSE;
  return part->comparison == ARBOR_COMPARISON_NE ? ARBOR_LANE_SAYS_TRUE : ARBOR_LANE_SAYS_NULL;
}

static ArborLaneSays
negate (ArborLaneSays says)
{
  if (says == ARBOR_LANE_SAYS_TRUE)
    return ARBOR_LANE_SAYS_FALSE;
  return says == ARBOR_LANE_SAYS_FALSE ? ARBOR_LANE_SAYS_TRUE : says;
}

/* Numbers */

static ArborLaneSays
weigh_numbers (const ArborKernelPart *part, const ArborLane *lane)
{
  const ArborBounds *bounds = &part->bounds[lane->kind];
  guint64 least = arbor_key_from_bits ((ArborKind) lane->kind, lane->record->min);
  guint64 most = arbor_key_from_bits ((ArborKind) lane->kind, lane->record->max);
  ArborLaneSays says = ARBOR_LANE_SAYS_BITS;

  if (bounds->is_empty || bounds->last < least || bounds->first > most)
    says = ARBOR_LANE_SAYS_FALSE;
  else if (bounds->first <= least && most <= bounds->last)
    says = ARBOR_LANE_SAYS_TRUE;
  return part->comparison == ARBOR_COMPARISON_NE ? negate (says) : says;
}

static void
read_numbers (const ArborKernelPart *part, const ArborLane *lane, guint64 *bits)
{
  const ArborBounds *bounds = &part->bounds[lane->kind];
  guint64 least = arbor_key_from_bits ((ArborKind) lane->kind, lane->record->min);
  guint64 most = arbor_key_from_bits ((ArborKind) lane->kind, lane->record->max);

  if (lane->kind == ARBOR_KIND_DOUBLE)
    {
      arbor_loop_doubles (lane->a, lane->count, arbor_key_to_double (bounds->first),
                          arbor_key_to_double (bounds->last), bits);
    }
  else
    {
      guint64 first = MAX (bounds->first, least);

      /* Numbers in the lane are counted from the least one. Width 0 has only that, so it was
       * decided already, unless the batch is damaged. */
      if (lane->record->width == 0)
        memset (bits, 0, arbor_bits_n_words (lane->count) * 8);
      else
        arbor_loop_range (lane->a, lane->record->width, lane->count, first - least,
                          MIN (bounds->last, most) - first, bits);
    }
  if (part->comparison == ARBOR_COMPARISON_NE)
    arbor_bits_not (bits, bits, lane->count);
}

/* Truth values */

/* What false (or true) gives. */
static ArborLaneSays
weigh_truth (const ArborKernelPart *part, gboolean truth)
{
  int order = !!truth - !!part->literal->boolean;

  return arbor_comparison_test ((ArborComparison) part->comparison, order) ? ARBOR_LANE_SAYS_TRUE
                                                                           : ARBOR_LANE_SAYS_FALSE;
}

static ArborLaneSays
weigh_bools (const ArborKernelPart *part, const ArborLane *lane)
{
  ArborLaneSays low, high;

  if (part->kind == ARBOR_KERNEL_TRUTH)
    {
      low = lane->record->min != 0 ? ARBOR_LANE_SAYS_TRUE : ARBOR_LANE_SAYS_FALSE;
      high = lane->record->max != 0 ? ARBOR_LANE_SAYS_TRUE : ARBOR_LANE_SAYS_FALSE;
    }
  else
    {
      low = weigh_truth (part, lane->record->min != 0);
      high = weigh_truth (part, lane->record->max != 0);
    }
  return low == high ? low : ARBOR_LANE_SAYS_BITS;
}

static void
read_bools (const ArborKernelPart *part, const ArborLane *lane, guint64 *bits)
{
  gsize n_words = arbor_bits_n_words (lane->count);

  memcpy (bits, lane->a, n_words * 8);
  if (part->kind == ARBOR_KERNEL_COMPARE && weigh_truth (part, TRUE) == ARBOR_LANE_SAYS_FALSE)
    arbor_bits_not (bits, bits, lane->count);
}

/* All of them */

ArborLaneSays
arbor_kernel_weigh_lane (ArborKernelPart *part, const ArborLane *lane)
{
  ArborKind kind = part->literal != NULL ? (ArborKind) part->literal->kind : ARBOR_KIND_MISSING;

  if (part->kind == ARBOR_KERNEL_TRUTH)
    {
      if (lane->kind == ARBOR_KIND_BOOL)
        return weigh_bools (part, lane);
      /* Among the values of a vector it would spoil the whole. */
      return part->in_vector ? ARBOR_LANE_SAYS_NOTHING : ARBOR_LANE_SAYS_NULL;
    }

  switch (lane->kind)
    {
    case ARBOR_KIND_BOOL:
      return kind == ARBOR_KIND_BOOL && part->kind == ARBOR_KERNEL_COMPARE
                 ? weigh_bools (part, lane)
                 : weigh_other_class (part);
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
    case ARBOR_KIND_DOUBLE:
      return arbor_kind_is_number (kind) ? weigh_numbers (part, lane) : weigh_other_class (part);
    case ARBOR_KIND_NUMBER:
      return arbor_kind_is_number (kind) ? ARBOR_LANE_SAYS_NOTHING : weigh_other_class (part);
    case ARBOR_KIND_STRING:
      return kind == ARBOR_KIND_STRING ? arbor_kernel_weigh_strings (part, lane)
                                       : weigh_other_class (part);
    default:
      /* Arrays and objects, maybe as text; arrays may contain the literal. */
      return kind == ARBOR_KIND_ARRAY || kind == ARBOR_KIND_OBJECT ||
                     part->kind == ARBOR_KERNEL_CONTAINS
                 ? ARBOR_LANE_SAYS_NOTHING
                 : weigh_other_class (part);
    }
}

ArborLaneSays
arbor_kernel_read_lane (ArborKernelPart *part, const ArborLane *lane, ArborScope *scope,
                        ArborKernelCounters *counters, guint64 *bits)
{
  ArborLaneSays says = arbor_kernel_weigh_lane (part, lane);

  if (says != ARBOR_LANE_SAYS_BITS)
    return says;
  if (lane->kind == ARBOR_KIND_STRING)
    return arbor_kernel_read_strings (part, lane, scope, counters, bits);
  counters->n_bytes += lane->record->size_a;
  if (lane->kind == ARBOR_KIND_BOOL)
    read_bools (part, lane, bits);
  else
    read_numbers (part, lane, bits);
  return ARBOR_LANE_SAYS_BITS;
}
