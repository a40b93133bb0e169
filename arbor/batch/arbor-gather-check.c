/* Which batches can be gathered by columns. See arbor-gather-private.h. Copying whole lanes trusts
 * what reading value by value tests each time: codes, spans, members. This is one pass over them, once
 * for each reader of a batch.
 */

#include "batch/arbor-gather-private.h"

#include "base/arbor-bits.h"
#include "base/arbor-simd.h"

/* Of the batch as a whole, behind the states of its columns. */
enum
{
  PLAIN = 1,
  NOT_PLAIN = 2
};

static gboolean
offsets_ascend (const guint8 *offsets, guint32 count, guint32 size)
{
  guint32 last = arbor_load_u32 (offsets);
  gboolean is_good = TRUE;

  for (guint32 i = 1; i <= count; i++)
    {
      guint32 next = arbor_load_u32 (offsets + (gsize) i * 4);

      is_good &= next >= last;
      last = next;
    }
  return is_good && last <= size;
}

/* Texts follow each other and end inside. */
static gboolean
spans_are_good (const guint8 *spans, guint32 count, guint width, guint32 size)
{
  const guint8 *anchors = spans + arbor_spans_anchors (count, width);
  gboolean is_good = TRUE;
  guint64 at = 0;

  if (width == 4)
    return offsets_ascend (spans, count, size);
  for (guint32 i = 0; i < count; i += ARBOR_SPANS_STRIDE, anchors += 4)
    {
      guint32 end = MIN (count, i + ARBOR_SPANS_STRIDE);

      is_good &= arbor_load_u32 (anchors) == at;
      for (guint32 j = i; j < end; j++)
        at += arbor_load_unsigned (spans, width, j);
    }
  return is_good && at <= size;
}

ARBOR_TARGET_CLONES
static gboolean
bytes_are_below (const guint8 *codes, gsize n, guint32 limit)
{
  guint8 most = 0;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, codes[i]);
  return most < limit;
}

static gboolean
codes_are_good (const ArborBatch *batch, const ArborLaneRecord *lane)
{
  const guint8 *codes = batch->data + lane->offset_a;
  gboolean is_good = TRUE;

  if (lane->width == 1)
    return bytes_are_below (codes, lane->count, lane->n_distinct);
  for (guint32 i = 0; i < lane->count; i++)
    is_good &= arbor_load_unsigned (codes, lane->width, i) < lane->n_distinct;
  return is_good;
}

ARBOR_TARGET_CLONES
static gboolean
are_finite (const guint8 *doubles, gsize n)
{
  const guint64 exponent = G_GUINT64_CONSTANT (0x7FF0000000000000);
  guint64 n_bad = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint64 word;

      memcpy (&word, doubles + i * 8, 8);
      n_bad += (word & exponent) == exponent;
    }
  return n_bad == 0;
}

static gboolean
lane_is_good (const ArborBatch *batch, const ArborLaneRecord *lane)
{
  const guint8 *spans = batch->data + lane->offset_b;

  switch (lane->encoding)
    {
    case ARBOR_ENCODING_RAW:
      return are_finite (batch->data + lane->offset_a, lane->count);
    case ARBOR_ENCODING_SPANS:
      return spans_are_good (spans, lane->count, lane->span_width, lane->size_a);
    case ARBOR_ENCODING_DICTIONARY:
      return spans_are_good (spans, lane->n_distinct, lane->span_width, lane->size_c) &&
             codes_are_good (batch, lane);
    default: /* all numbers are good; runs and shapes were looked at by who asks */
      return TRUE;
    }
}

/* No slot is in two lanes. */
static gboolean
slots_are_disjoint (const ArborBatch *batch, const ArborColumnRecord *column)
{
  gsize n_words = arbor_bits_n_words (column->n_values);
  guint64 overlap = 0;

  for (gsize word = 0; word < n_words && column->n_lanes > 1; word++)
    {
      guint64 seen = 0;

      for (guint i = 0; i < column->n_lanes; i++)
        {
          const ArborLaneRecord *lane = &batch->lanes[column->first_lane + i];
          guint64 bits;

          memcpy (&bits, batch->data + lane->slots_offset + word * 8, 8);
          overlap |= seen & bits;
          seen |= bits;
        }
    }
  return overlap == 0;
}

/* No key twice. */
static gboolean
keys_ascend (const ArborBatch *batch, const ArborColumnRecord *column)
{
  for (guint32 i = 1; i < column->n_fields; i++)
    {
      guint32 m, n;
      const char *a = arbor_batch_get_key (batch, column->first_child + i - 1, &m);
      const char *b = arbor_batch_get_key (batch, column->first_child + i, &n);
      int order = memcmp (a, b, MIN (m, n));

      if (order > 0 || (order == 0 && m >= n))
        return FALSE;
    }
  return TRUE;
}

/* None has so many members that it would be overflow. */
static gboolean
shapes_are_small (const ArborBatch *batch)
{
  for (guint32 i = 0; i < batch->header->n_shapes; i++)
    if (arbor_load_u32 (batch->shape_offsets + (gsize) i * 4 + 4) -
            arbor_load_u32 (batch->shape_offsets + (gsize) i * 4) >
        ARBOR_BATCH_MAX_OBJECT_FIELDS)
      return FALSE;
  return TRUE;
}

/* With one shape, each object has all fields; with several, their members are counted: see
 * arbor_batch_check_shapes. */
static gboolean
members_are_good (const ArborBatch *batch, guint32 index)
{
  const ArborColumnRecord *column = &batch->columns[index];

  if (arbor_batch_find_lane (batch, column, ARBOR_KIND_OBJECT) == NULL)
    return TRUE;
  if (!arbor_batch_shapes_are_good (batch, index))
    return FALSE;
  for (guint32 i = 0; i < column->n_fields && column->n_shapes == 1; i++)
    if (batch->columns[column->first_child + i].presence != ARBOR_PRESENCE_ALL)
      return FALSE;
  return TRUE;
}

/* An array of elements that would lie too deep is overflow, though it is empty. */
static gboolean
is_too_deep (const ArborBatch *batch, guint32 index)
{
  guint depth = 1;

  if (batch->columns[index].has_elements ||
      arbor_batch_find_lane (batch, &batch->columns[index], ARBOR_KIND_ARRAY) == NULL)
    return FALSE;
  for (; index != 0; index = batch->columns[index].parent)
    depth++;
  return depth >= ARBOR_BATCH_MAX_DEPTH;
}

static gboolean
lanes_are_good (const ArborBatch *self, const ArborColumnRecord *column)
{
  for (guint j = 0; j < column->n_lanes; j++)
    if (!lane_is_good (self, &self->lanes[column->first_lane + j]))
      return FALSE;
  return TRUE;
}

static gboolean
check (const ArborBatch *self)
{
  for (guint32 i = 0; i < self->header->n_columns; i++)
    {
      const ArborColumnRecord *column = &self->columns[i];

      if (!arbor_batch_column_is_good (self, i) || !members_are_good (self, i) ||
          is_too_deep (self, i) || !keys_ascend (self, column) || !slots_are_disjoint (self, column))
        return FALSE;
      if (!lanes_are_good (self, column))
        return FALSE;
    }
  return shapes_are_small (self);
}

static gboolean
is_known_plain (const ArborBatch *self)
{
  return __atomic_load_n (&self->column_states[self->header->n_columns], __ATOMIC_RELAXED) == PLAIN;
}

gboolean
arbor_batch_column_is_plain (const ArborBatch *self, guint32 index)
{
  const ArborColumnRecord *column = &self->columns[index];

  /* What nests is looked at with all that there is. */
  if (is_known_plain (self) || arbor_batch_may_nest (self, index))
    return arbor_batch_is_plain (self);
  return arbor_batch_column_is_good (self, index) && slots_are_disjoint (self, column) &&
         lanes_are_good (self, column);
}

gboolean
arbor_batch_is_plain (const ArborBatch *self)
{
  guint8 *state = &self->column_states[self->header->n_columns];
  guint8 plain = __atomic_load_n (state, __ATOMIC_RELAXED);

  if (plain == 0)
    {
      plain = check (self) ? PLAIN : NOT_PLAIN;
      __atomic_store_n (state, plain, __ATOMIC_RELAXED);
    }
  return plain == PLAIN;
}
