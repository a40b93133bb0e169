/* How many bytes a planned block adds to the builder at most: what tells whether it fits, before anything
 * of the builder changes. See arbor-gather-private.h.
 */

#include "batch/arbor-gather-private.h"

#include "base/arbor-bits.h"

static guint64
measure_texts (ArborGather *self, const ArborLaneRecord *lane, const ArborPlaces *places)
{
  const guint8 *spans = self->batch->data + lane->offset_b;
  guint64 start, end, last, size = 0;

  if (places->list == NULL)
    {
      arbor_spans_get (spans, lane->count, lane->span_width, places->from, &start, &end);
      arbor_spans_get (spans, lane->count, lane->span_width, places->from + places->n - 1, &last,
                       &end);
      return end - start;
    }
  for (guint32 i = 0; i < places->n; i++)
    {
      arbor_spans_get (spans, lane->count, lane->span_width, places->list[i], &start, &end);
      size += end - start;
    }
  return size;
}

/* So many bytes a string at most, and it does not matter which were met. */
#define FEW_BYTES 16u

static guint64
measure_new (const ArborLaneRecord *lane, const guint8 *codes, const ArborPlaces *places,
             const ArborStringTable *strings)
{
  guint64 size = 0;

  for (guint32 i = 0; i < places->n; i++)
    {
      guint64 code = arbor_load_unsigned (codes, lane->width, arbor_places_get (places, i));

      if (strings->codes[code] == ARBOR_NO_COLUMN)
        size += (guint64) strings->starts[code + 1] - strings->starts[code] + 2;
    }
  return size;
}

/* Strings that were met cost a byte each, as long as the column has a dictionary. */
static guint64
bound_codes (ArborGather *self, guint32 index, guint32 target)
{
  const ArborLaneRecord *lane = &self->batch->lanes[index];
  const ArborPlaces *places = &self->lanes[index];
  const ArborStringTable *strings = arbor_gather_get_strings (self, index);
  const guint8 *codes = self->batch->data + lane->offset_a;
  const ArborColumnBuilder *column =
      target != ARBOR_NO_COLUMN ? &self->builder->columns[target] : NULL;
  guint64 size = 0;

  if (column == NULL ? places->n < ARBOR_DICTIONARY_TRIAL
                     : arbor_column_builder_keeps_dictionary (column, places->n))
    return places->n + (strings->n_new_bytes > (guint64) places->n * FEW_BYTES
                            ? MIN (measure_new (lane, codes, places, strings), strings->n_new_bytes)
                            : strings->n_new_bytes);
  for (guint32 i = 0; i < places->n; i++)
    {
      guint64 code = arbor_load_unsigned (codes, lane->width, arbor_places_get (places, i));

      size += strings->starts[code + 1] - strings->starts[code];
    }
  return size + 3 * (guint64) places->n;
}

/* What a shape costs that the builder may not have, and the columns that it may have to make. */
static guint64
bound_shape (ArborGather *self, guint32 shape)
{
  guint32 at = arbor_load_u32 (self->batch->shape_offsets + (gsize) shape * 4);
  guint32 end = arbor_load_u32 (self->batch->shape_offsets + (gsize) shape * 4 + 4);
  guint64 size = 4 * (guint64) (end - at);

  for (; at < end; at++)
    {
      guint32 field = arbor_batch_get_shape_field (self->batch, 0, at);
      guint32 length;

      if (self->targets[field] != ARBOR_NO_COLUMN ||
          (self->left_out != NULL && self->left_out[field]))
        continue;
      arbor_batch_get_key (self->batch, field, &length);
      size += ARBOR_BUILDER_COLUMN_BYTES + length;
    }
  return size;
}

static guint64
bound_shapes (ArborGather *self, const ArborColumnRecord *record, const ArborLaneRecord *lane,
              const ArborPlaces *places)
{
  const guint8 *ids = self->batch->data + lane->offset_a;
  guint64 *seen = NULL; /* of the column's shapes */
  guint64 size = 0;

  for (guint32 i = 0; i < (lane->width == 0 ? 1 : places->n); i++)
    {
      guint32 shape = (guint32) arbor_load_unsigned (ids, lane->width, arbor_places_get (places, i));

      if (self->shapes[record->first_shape + shape] != ARBOR_NO_COLUMN)
        continue;
      if (seen == NULL)
        seen = arbor_gather_new_bits (self, record->n_shapes);
      if (!arbor_bits_test (seen, shape))
        size += bound_shape (self, record->first_shape + shape);
      arbor_bits_set (seen, shape);
    }
  return size;
}

static guint64
bound_lane (ArborGather *self, const ArborColumnRecord *record, guint32 index, guint32 target)
{
  const ArborLaneRecord *lane = &self->batch->lanes[index];
  const ArborPlaces *places = &self->lanes[index];
  guint64 n = places->n;

  switch (lane->kind)
    {
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
    case ARBOR_KIND_DOUBLE:
      return 8 * n;
    case ARBOR_KIND_NUMBER:
      return measure_texts (self, lane, places) + 4 * n;
    case ARBOR_KIND_STRING:
      return lane->encoding == ARBOR_ENCODING_DICTIONARY
                 ? bound_codes (self, index, target)
                 : measure_texts (self, lane, places) + 3 * n;
    case ARBOR_KIND_OBJECT:
      return 2 * n + bound_shapes (self, record, lane, places);
    case ARBOR_KIND_ARRAY:
      return 2 * n;
    default: /* BOOL */
      return n;
    }
}

guint64
arbor_gather_bound (ArborGather *self)
{
  guint64 size = 0;

  for (guint32 k = 0; k < self->n_planned; k++)
    {
      guint32 i = self->planned[k];
      const ArborColumnRecord *record = &self->batch->columns[i];
      const ArborGatherColumn *column = &self->columns[i];
      guint32 n_nulls;

      if (column->n_rows == 0 || column->slots.n == 0)
        continue;
      n_nulls = column->slots.n;
      for (guint32 j = record->first_lane; j < record->first_lane + record->n_lanes; j++)
        if (self->lanes[j].n > 0)
          {
            size += bound_lane (self, record, j, self->targets[i]);
            n_nulls -= self->lanes[j].n;
          }
      size += n_nulls;
    }
  return size;
}
