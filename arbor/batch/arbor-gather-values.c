/* Copying the values of a block, column by column, lane by lane. See arbor-gather-private.h. Objects
 * come before their fields and arrays before their elements, so that the columns of these are there
 * when their turn comes, and rows are numbered on from what the column above had before.
 */

#include "batch/arbor-gather-private.h"

#include "base/arbor-simd.h"

ArborStringTable *
arbor_gather_get_strings (ArborGather *self, guint32 index)
{
  ArborStringTable *table = &self->strings[index];
  const ArborLaneRecord *lane = &self->batch->lanes[index];
  const guint8 *spans = self->batch->data + lane->offset_b;
  guint64 start, end = 0;

  if (table->starts != NULL)
    return table;
  table->text = (const char *) self->batch->data + lane->offset_c;
  table->starts = g_new (guint32, (gsize) lane->n_distinct + 1);
  table->codes = g_new (guint32, lane->n_distinct);
  for (guint32 i = 0; i < lane->n_distinct; i++)
    {
      arbor_spans_get (spans, lane->n_distinct, lane->span_width, i, &start, &end);
      table->starts[i] = (guint32) start;
      table->codes[i] = ARBOR_NO_COLUMN;
    }
  table->starts[lane->n_distinct] = (guint32) end;
  table->n_new_bytes = (guint64) end - table->starts[0] + 2 * (guint64) lane->n_distinct;
  return table;
}

/* Numbers */

#define IMPLEMENT_WIDEN(name, type, wide)                                                          \
  ARBOR_TARGET_CLONES                                                                              \
  static void name (wide *restrict out, const guint8 *restrict numbers, gsize n, wide low)         \
  {                                                                                                \
    for (gsize i = 0; i < n; i++)                                                                  \
      {                                                                                            \
        type number;                                                                               \
                                                                                                   \
        memcpy (&number, numbers + i * sizeof number, sizeof number);                              \
        out[i] = low + number;                                                                     \
      }                                                                                            \
  }

IMPLEMENT_WIDEN (widen_1, guint8, guint64)
IMPLEMENT_WIDEN (widen_2, guint16, guint64)
IMPLEMENT_WIDEN (widen_4, guint32, guint64)
IMPLEMENT_WIDEN (widen_8, guint64, guint64)
IMPLEMENT_WIDEN (widen_1_u32, guint8, guint32)
IMPLEMENT_WIDEN (widen_2_u32, guint16, guint32)
IMPLEMENT_WIDEN (widen_4_u32, guint32, guint32)

#define IMPLEMENT_PICK(name, type, wide)                                                           \
  static void name (wide *restrict out, const guint8 *restrict numbers,                            \
                    const guint32 *restrict list, gsize n, wide low)                               \
  {                                                                                                \
    for (gsize i = 0; i < n; i++)                                                                  \
      {                                                                                            \
        type number;                                                                               \
                                                                                                   \
        memcpy (&number, numbers + (gsize) list[i] * sizeof number, sizeof number);                \
        out[i] = low + number;                                                                     \
      }                                                                                            \
  }

IMPLEMENT_PICK (pick_1, guint8, guint64)
IMPLEMENT_PICK (pick_2, guint16, guint64)
IMPLEMENT_PICK (pick_4, guint32, guint64)
IMPLEMENT_PICK (pick_8, guint64, guint64)
IMPLEMENT_PICK (pick_1_u32, guint8, guint32)
IMPLEMENT_PICK (pick_2_u32, guint16, guint32)
IMPLEMENT_PICK (pick_4_u32, guint32, guint32)

static void
get_words (const guint8 *numbers, guint width, const ArborPlaces *places, guint64 low, guint64 *out)
{
  static void (*const widen[9]) (guint64 *, const guint8 *, gsize, guint64) = {
    [1] = widen_1, [2] = widen_2, [4] = widen_4, [8] = widen_8
  };
  static void (*const pick[9]) (guint64 *, const guint8 *, const guint32 *, gsize, guint64) = {
    [1] = pick_1, [2] = pick_2, [4] = pick_4, [8] = pick_8
  };

  if (width == 0)
    for (guint32 i = 0; i < places->n; i++)
      out[i] = low;
  else if (places->list != NULL)
    pick[width](out, numbers, places->list, places->n, low);
  else
    widen[width](out, numbers + (gsize) places->from * width, places->n, low);
}

/* Codes, and numbers of shapes, of at most four bytes. */
static const guint32 *
get_numbers (ArborGather *self, const ArborLaneRecord *lane, const ArborPlaces *places)
{
  static void (*const widen[5]) (guint32 *, const guint8 *, gsize, guint32) = {
    [1] = widen_1_u32, [2] = widen_2_u32, [4] = widen_4_u32
  };
  static void (*const pick[5]) (guint32 *, const guint8 *, const guint32 *, gsize, guint32) = {
    [1] = pick_1_u32, [2] = pick_2_u32, [4] = pick_4_u32
  };
  const guint8 *numbers = self->batch->data + lane->offset_a;
  guint32 *out;

  arbor_buffer_clear (&self->numbers);
  out = (guint32 *) (gpointer) arbor_buffer_reserve (&self->numbers, (gsize) places->n * 4);
  if (lane->width == 0)
    memset (out, 0, (gsize) places->n * 4);
  else if (places->list != NULL)
    pick[lane->width](out, numbers, places->list, places->n, 0);
  else
    widen[lane->width](out, numbers + (gsize) places->from * lane->width, places->n, 0);
  return out;
}

static void
add_words (ArborBuffer *buffer, const guint8 *numbers, guint width, const ArborPlaces *places,
           guint64 low)
{
  guint64 *out = (guint64 *) (gpointer) arbor_buffer_reserve (buffer, (gsize) places->n * 8);

  get_words (numbers, width, places, low, out);
  buffer->length += (gsize) places->n * 8;
}

static void
add_bools (ArborBuffer *buffer, const guint8 *bits, const ArborPlaces *places)
{
  guint8 *out = arbor_buffer_reserve (buffer, places->n);

  for (guint32 i = 0; i < places->n; i++)
    {
      guint32 index = arbor_places_get (places, i);

      out[i] = (bits[index / 8] >> (index % 8)) & 1;
    }
  buffer->length += places->n;
}

/* Texts */

/* The lengths of consecutive runs. */
static void
get_lengths (const guint8 *spans, guint width, guint32 from, guint32 n, guint32 *out)
{
  if (width == 1)
    widen_1_u32 (out, spans + from, n, 0);
  else if (width == 2)
    widen_2_u32 (out, spans + (gsize) from * 2, n, 0);
  else
    for (guint32 i = 0; i < n; i++)
      out[i] = arbor_load_u32 (spans + (gsize) (from + i) * 4 + 4) -
               arbor_load_u32 (spans + (gsize) (from + i) * 4);
}

static const guint32 *
list_lengths (ArborGather *self, const ArborLaneRecord *lane, const ArborPlaces *places)
{
  const guint8 *spans = self->batch->data + lane->offset_b;
  guint32 *out;

  arbor_buffer_clear (&self->numbers);
  out = (guint32 *) (gpointer) arbor_buffer_reserve (&self->numbers, (gsize) places->n * 4);
  if (places->list == NULL)
    {
      get_lengths (spans, lane->span_width, places->from, places->n, out);
      return out;
    }
  for (guint32 i = 0; i < places->n; i++)
    {
      guint64 start, end;

      arbor_spans_get (spans, lane->count, lane->span_width, places->list[i], &start, &end);
      out[i] = (guint32) (end - start);
    }
  return out;
}

static const char *
get_text (ArborGather *self, const ArborLaneRecord *lane, guint32 index, guint32 *length)
{
  guint64 start, end;

  arbor_spans_get (self->batch->data + lane->offset_b, lane->count, lane->span_width, index, &start,
                   &end);
  *length = (guint32) (end - start);
  return (const char *) self->batch->data + lane->offset_a + start;
}

static gsize
add_strings (ArborGather *self, const ArborLaneRecord *lane, const ArborPlaces *places,
             ArborColumnBuilder *column)
{
  gsize size = 0;
  const char *text;
  guint32 length;

  if (places->list == NULL)
    {
      text = get_text (self, lane, places->from, &length);
      return arbor_column_builder_add_strings (column, text, list_lengths (self, lane, places),
                                               places->n);
    }
  for (guint32 i = 0; i < places->n; i++)
    {
      text = get_text (self, lane, places->list[i], &length);
      size += arbor_column_builder_add_string (column, text, length);
    }
  return size;
}

static gsize
add_numbers (ArborGather *self, const ArborLaneRecord *lane, const ArborPlaces *places,
             ArborColumnBuilder *column)
{
  gsize size = 0;

  for (guint32 i = 0; i < places->n; i++)
    {
      guint32 length;
      const char *text = get_text (self, lane, arbor_places_get (places, i), &length);

      arbor_text_lane_add (&column->numbers, text, length);
      size += (gsize) length + 4;
    }
  return size;
}

/* Containers */

/* The builder's shape for that of the batch; makes its columns. */
static guint32
map_shape (ArborGather *self, guint32 shape, guint32 target)
{
  const ArborBatch *batch = self->batch;
  guint32 at = arbor_load_u32 (batch->shape_offsets + (gsize) shape * 4);
  guint32 n = arbor_load_u32 (batch->shape_offsets + (gsize) shape * 4 + 4) - at;
  guint32 fields[ARBOR_BATCH_MAX_OBJECT_FIELDS];
  guint32 n_fields = 0;

  if (self->shapes[shape] != ARBOR_NO_COLUMN)
    return self->shapes[shape];
  for (guint32 i = 0; i < n; i++)
    {
      guint32 field = arbor_batch_get_shape_field (batch, 0, at + i);
      guint32 length;
      const char *key = arbor_batch_get_key (batch, field, &length);

      if (self->left_out != NULL && self->left_out[field])
        continue;
      if (self->targets[field] == ARBOR_NO_COLUMN)
        self->targets[field] = arbor_batch_builder_make_field (self->builder, target, key, length);
      fields[n_fields++] = self->targets[field];
    }
  self->shapes[shape] = arbor_batch_builder_find_shape (self->builder, target, fields, n_fields);
  return self->shapes[shape];
}

static void
add_objects (ArborGather *self, const ArborColumnRecord *record, const ArborLaneRecord *lane,
             const ArborPlaces *places, guint32 target)
{
  const guint32 *numbers = get_numbers (self, lane, places);
  ArborBuffer *shapes = &self->builder->columns[target].shapes;
  guint32 *out = (guint32 *) (gpointer) arbor_buffer_reserve (shapes, (gsize) places->n * 4);
  guint32 last = self->builder->columns[target].last_shape;
  gboolean has_shapes = FALSE;

  shapes->length += (gsize) places->n * 4;
  for (guint32 i = 0; i < places->n; i++)
    {
      guint32 shape = self->shapes[record->first_shape + numbers[i]];

      if (G_UNLIKELY (shape == ARBOR_NO_COLUMN))
        shape = map_shape (self, record->first_shape + numbers[i], target);
      has_shapes |= last != ARBOR_NO_COLUMN && last != shape;
      last = out[i] = shape;
    }
  /* Columns may have moved. */
  self->builder->columns[target].last_shape = last;
  self->builder->columns[target].has_shapes |= has_shapes;
}

static void
add_arrays (ArborGather *self, guint32 index, const ArborLaneRecord *lane,
            const ArborPlaces *places, guint32 target)
{
  const guint32 *lengths = list_lengths (self, lane, places);
  ArborColumnBuilder *column = &self->builder->columns[target];
  guint32 n_elements = self->columns[index].elements.n;

  arbor_buffer_append (&column->arrays, lengths, (gsize) places->n * 4);
  column->n_elements += n_elements;
  if (n_elements > 0)
    self->targets[arbor_batch_find_elements (self->batch, index)] =
        arbor_batch_builder_make_elements (self->builder, target);
}

/* Columns */

static void
add_lane (ArborGather *self, guint32 index, guint32 lane_index, guint32 target)
{
  const ArborColumnRecord *record = &self->batch->columns[index];
  const ArborLaneRecord *lane = &self->batch->lanes[lane_index];
  const ArborPlaces *places = &self->lanes[lane_index];
  const guint8 *a = self->batch->data + lane->offset_a;
  ArborColumnBuilder *column = &self->builder->columns[target];
  gsize size = 8 * (gsize) places->n;

  switch (lane->kind)
    {
    case ARBOR_KIND_INT64:
      add_words (&column->ints, a, lane->width, places, lane->min);
      break;
    case ARBOR_KIND_UINT64:
      add_words (&column->uints, a, lane->width, places, lane->min);
      break;
    case ARBOR_KIND_DOUBLE:
      add_words (&column->doubles, a, 8, places, 0);
      break;
    case ARBOR_KIND_NUMBER:
      size = add_numbers (self, lane, places, column);
      break;
    case ARBOR_KIND_STRING:
      size = lane->encoding == ARBOR_ENCODING_DICTIONARY
                 ? arbor_column_builder_add_numbered (column, get_numbers (self, lane, places),
                                                      places->n,
                                                      arbor_gather_get_strings (self, lane_index))
                 : add_strings (self, lane, places, column);
      break;
    case ARBOR_KIND_ARRAY:
      add_arrays (self, index, lane, places, target);
      size = 2 * (gsize) places->n;
      break;
    case ARBOR_KIND_OBJECT:
      add_objects (self, record, lane, places, target);
      size = 2 * (gsize) places->n;
      break;
    default: /* ARBOR_KIND_BOOL */
      add_bools (&column->bools, a, places);
      size = places->n;
      break;
    }
  self->builder->raw_size += size;
}

static guint32
get_first_row (ArborGather *self, guint32 index)
{
  const ArborColumnRecord *record = &self->batch->columns[index];
  const ArborGatherColumn *above;

  if (index == 0)
    return self->builder->n_trees;
  above = &self->columns[record->parent];
  return record->key == ARBOR_NO_COLUMN ? above->first_element : above->first_object;
}

static void
commit_column (ArborGather *self, guint32 index, guint32 first_row, guint32 n_rows,
               const guint64 *present)
{
  const ArborColumnRecord *record = &self->batch->columns[index];
  ArborGatherColumn *column = &self->columns[index];
  guint32 target = self->targets[index];
  ArborColumnBuilder *out = &self->builder->columns[target];
  guint32 n_nulls = column->slots.n;

  column->first_object = out->n_kind[ARBOR_KIND_OBJECT];
  column->first_element = out->n_elements;
  arbor_column_builder_begin_values (out, first_row, n_rows, present, column->slots.n, column->kind,
                                     column->tags);
  for (guint32 i = record->first_lane; i < record->first_lane + record->n_lanes; i++)
    if (self->lanes[i].n > 0)
      {
        add_lane (self, index, i, target);
        n_nulls -= self->lanes[i].n;
      }
  self->builder->raw_size += n_nulls;
}

/* Elements that stand for the arrays of the column above: they are its values. */
static void
commit_exploded (ArborGather *self, guint32 index)
{
  guint32 arrays = self->batch->columns[index].parent;
  const ArborGatherColumn *above = &self->columns[arrays];

  self->targets[index] = self->targets[arrays];
  if (self->targets[index] != ARBOR_NO_COLUMN)
    commit_column (self, index, get_first_row (self, arrays), above->n_rows, above->present);
  /* It is not where elements of arrays lie. */
  self->targets[index] = ARBOR_NO_COLUMN;
}

static gboolean
is_exploded (const ArborGather *self, guint32 index)
{
  return self->exploded != 0 && index != 0 &&
         self->batch->columns[index].parent == self->exploded &&
         self->batch->columns[index].key == ARBOR_NO_COLUMN;
}

/* The planned columns from the @first one on. */
static void
commit_columns (ArborGather *self, guint32 first)
{
  for (guint32 k = first; k < self->n_planned; k++)
    {
      guint32 i = self->planned[k];
      const ArborGatherColumn *column = &self->columns[i];

      /* A field that no shape has is none: the batch is damaged. */
      if (column->n_rows == 0 || column->slots.n == 0 || (i == self->exploded && i != 0))
        continue;
      if (is_exploded (self, i))
        commit_exploded (self, i);
      else if (self->targets[i] != ARBOR_NO_COLUMN)
        commit_column (self, i, get_first_row (self, i), column->n_rows, column->present);
    }
}

void
arbor_gather_commit (ArborGather *self)
{
  guint32 n_trees = self->columns[0].n_rows;

  commit_columns (self, 0);
  arbor_batch_builder_end_trees (self->builder, n_trees);
}

void
arbor_gather_commit_column (ArborGather *self, guint32 target, guint32 first_row, guint32 n_rows,
                            const guint64 *present)
{
  self->targets[self->planned[0]] = target;
  commit_column (self, self->planned[0], first_row, n_rows, present);
  commit_columns (self, 1);
}
