/* Reading values from a batch. See arbor-batch.h for the promise, and arbor-batch-format.h for the
 * bytes. Reading trusts what opening checked (arbor-batch-open.c) and tests what it did not: slots,
 * codes, spans, ids.
 */

#include "batch/arbor-batch-format.h"

#include <math.h>

#include "base/arbor-memory.h"

/* Of one column at its first use: more may never be read. */
#define MAX_BROUGHT_IN (512u * 1024u)

void
arbor_batch_free (ArborBatch *self)
{
  if (self->checks == NULL)
    g_free (self->column_states);
  g_clear_pointer (&self->checks, arbor_batch_checks_unref);
  g_free (self->own_copy);
  g_free (self);
}

void
arbor_batch_set_mapped (ArborBatch *self)
{
  self->is_mapped = self->own_copy == NULL;
}

guint32
arbor_batch_get_n_trees (const ArborBatch *self)
{
  return self->header->n_trees;
}

guint32
arbor_batch_get_n_columns (const ArborBatch *self)
{
  return self->header->n_columns;
}

gsize
arbor_batch_get_size (const ArborBatch *self)
{
  return self->size;
}

guint64
arbor_batch_get_digest (const ArborBatch *self)
{
  return self->header->digest;
}

guint64
arbor_batch_peek_digest (const guint8 *data, gsize length)
{
  ArborBatchHeader header;

  if (length < sizeof header)
    return 0;
  memcpy (&header, data, sizeof header);
  return header.digest;
}

guint32
arbor_batch_peek_n_trees (const guint8 *data, gsize length)
{
  ArborBatchHeader header;

  if (length < sizeof header)
    return 0;
  memcpy (&header, data, sizeof header);
  return header.n_trees;
}

const ArborLaneRecord *
arbor_batch_find_lane (const ArborBatch *self, const ArborColumnRecord *column, guint8 kind)
{
  for (guint i = 0; i < column->n_lanes; i++)
    if (self->lanes[column->first_lane + i].kind == kind)
      return &self->lanes[column->first_lane + i];
  return NULL;
}

/* Runs follow each other: none overlaps another, and the last ends where the elements do. */
static gboolean
check_runs (const ArborBatch *self, const ArborLaneRecord *lane)
{
  guint64 at = 0;

  for (guint32 i = 0; i < lane->count; i++)
    {
      guint64 start, end;

      arbor_spans_get (self->data + lane->offset_b, lane->count, lane->span_width, i, &start, &end);
      if (start != at || end < start)
        return FALSE;
      at = end;
    }
  return at == lane->size_a;
}

/* No bit past the last: who counts ones by words relies on that. */
static gboolean
check_bits (const ArborBatch *self, const ArborLaneRecord *lane)
{
  guint64 last;

  memcpy (&last, self->data + lane->offset_a + lane->size_a - 8, 8);
  return lane->count % 64 == 0 || last >> (lane->count % 64) == 0;
}

/* Rows of a row list ascend and stay below the parent's. */
static gboolean
check_row_list (const ArborBatch *self, const ArborColumnRecord *column)
{
  const guint8 *rows = self->data + column->presence_offset;
  guint32 next = 0;

  for (guint32 i = 0; i < column->n_values; i++)
    {
      guint32 row = arbor_load_u32 (rows + (gsize) i * 4);

      if (row < next || row >= column->n_rows)
        return FALSE;
      next = row + 1;
    }
  return TRUE;
}

gboolean
arbor_batch_check_column (const ArborBatch *self, const ArborColumnRecord *column)
{
  ArborBitmap bitmap;

  if (column->presence == ARBOR_PRESENCE_ROWS && !check_row_list (self, column))
    return FALSE;

  if (column->presence == ARBOR_PRESENCE_BITMAP)
    {
      arbor_bitmap_init (&bitmap, self->data + column->presence_offset, column->n_rows);
      if (!arbor_bitmap_check (&bitmap, column->n_values))
        return FALSE;
    }
  for (guint i = 0; i < column->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &self->lanes[column->first_lane + i];

      if (lane->slots_offset != 0)
        {
          arbor_bitmap_init (&bitmap, self->data + lane->slots_offset, column->n_values);
          if (!arbor_bitmap_check (&bitmap, lane->count))
            return FALSE;
        }
      if ((lane->kind == ARBOR_KIND_ARRAY && !check_runs (self, lane)) ||
          (lane->kind == ARBOR_KIND_BOOL && !check_bits (self, lane)))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_batch_check_shapes (const ArborBatch *self, const ArborColumnRecord *column)
{
  const ArborLaneRecord *lane = arbor_batch_find_lane (self, column, ARBOR_KIND_OBJECT);
  guint64 n_members = 0;

  if (lane == NULL)
    return TRUE;
  /* All of them have the first shape, of which there is one, as opening has found. */
  for (guint32 i = 0; i < (lane->width == 0 ? 1 : lane->count); i++)
    {
      guint64 shape = arbor_load_unsigned (self->data + lane->offset_a, lane->width, i);
      const guint8 *offsets = self->shape_offsets + (column->first_shape + shape) * 4;

      if (shape >= column->n_shapes)
        return FALSE;
      n_members += arbor_load_u32 (offsets + 4) - arbor_load_u32 (offsets);
    }
  if (lane->width == 0)
    n_members *= lane->count;
  for (guint32 i = 0; i < column->n_fields; i++)
    n_members -= self->columns[column->first_child + i].n_values;
  return n_members == 0;
}

/* Where the batch is mapped, the buffers of a column are brought in before the first of them is read. */
static void
bring_in (const ArborBatch *self, guint32 column)
{
  guint32 start, end;

  if (arbor_batch_get_extent (self, column, &start, &end))
    arbor_memory_bring_in (self->data + start, MIN (end - start, MAX_BROUGHT_IN));
}

static gboolean
column_is_good (const ArborBatch *self, guint32 column)
{
  return (self->checks == NULL || arbor_batch_column_has_digest (self, column)) &&
         arbor_batch_check_column (self, &self->columns[column]);
}

/* A column that reads as MISSING has shapes that read as empty. */
static gboolean
shapes_are_good (const ArborBatch *self, guint32 column)
{
  return arbor_batch_column_is_good (self, column) &&
         arbor_batch_check_shapes (self, &self->columns[column]);
}

/* A check of a column at its first use; two threads may both make it, with one result. Whoever reads
 * that a column is damaged knows that it was told: see arbor_access_end. */
static gboolean
passes (const ArborBatch *self, guint32 column, ArborColumnState good, ArborColumnState bad,
        gboolean (*check) (const ArborBatch *, guint32))
{
  guint8 state = __atomic_load_n (&self->column_states[column], __ATOMIC_RELAXED);

  if (G_UNLIKELY ((state & (good | bad)) == 0))
    {
      if (self->is_mapped && state == 0)
        bring_in (self, column);
      state = (guint8) (check (self, column) ? good : bad);
      if (state == bad)
        arbor_batch_tell (self, column);
      __atomic_fetch_or (&self->column_states[column], state, __ATOMIC_RELEASE);
    }
  return (state & good) != 0;
}

gboolean
arbor_batch_column_is_good (const ArborBatch *self, guint32 column)
{
  return passes (self, column, ARBOR_COLUMN_GOOD, ARBOR_COLUMN_BAD, column_is_good);
}

gboolean
arbor_batch_shapes_are_good (const ArborBatch *self, guint32 column)
{
  return passes (self, column, ARBOR_COLUMN_SHAPES_GOOD, ARBOR_COLUMN_SHAPES_BAD, shapes_are_good);
}

/* The slot of @row among the values of the column; FALSE where the row does not have it. */
static gboolean
find_slot (const ArborBatch *self, const ArborColumnRecord *column, guint32 row, guint32 *slot)
{
  const guint8 *presence = self->data + column->presence_offset;
  guint32 low = 0;
  guint32 high = column->n_values;
  ArborBitmap bitmap;

  if (row >= column->n_rows)
    return FALSE;

  switch (column->presence)
    {
    case ARBOR_PRESENCE_ALL:
      *slot = row;
      return TRUE;
    case ARBOR_PRESENCE_BITMAP:
      arbor_bitmap_init (&bitmap, presence, column->n_rows);
      if (!arbor_bitmap_test (&bitmap, row))
        return FALSE;
      *slot = arbor_bitmap_rank (&bitmap, row);
      return TRUE;
    default:
      while (low < high)
        {
          guint32 middle = low + (high - low) / 2;

          if (arbor_load_u32 (presence + (gsize) middle * 4) < row)
            low = middle + 1;
          else
            high = middle;
        }
      *slot = low;
      return low < column->n_values && arbor_load_u32 (presence + (gsize) low * 4) == row;
    }
}

/* Bytes [*start, *end) of run @index of spans that must end within @size. */
static gboolean
get_span (const ArborBatch *self, const ArborLaneRecord *lane, guint32 count, guint32 index,
          guint32 size, guint64 *start, guint64 *end)
{
  arbor_spans_get (self->data + lane->offset_b, count, lane->span_width, index, start, end);
  return *start <= *end && *end <= size;
}

static void
get_text (const ArborBatch *self, const ArborLaneRecord *lane, guint32 index, ArborValue *value)
{
  gboolean is_dictionary = lane->encoding == ARBOR_ENCODING_DICTIONARY;
  guint32 count = is_dictionary ? lane->n_distinct : lane->count;
  guint32 size = is_dictionary ? lane->size_c : lane->size_a;
  guint64 start, end;

  if (is_dictionary)
    index = (guint32) arbor_load_unsigned (self->data + lane->offset_a, lane->width, index);
  value->text = (const char *) self->data + (is_dictionary ? lane->offset_c : lane->offset_a);
  if (index >= count || !get_span (self, lane, count, index, size, &start, &end))
    return;
  value->text += start;
  value->length = (guint32) (end - start);
}

static void
get_lane_value (const ArborBatch *self, guint32 column, const ArborLaneRecord *lane, guint32 index,
                ArborValue *value)
{
  const guint8 *a = self->data + lane->offset_a;

  *value = (ArborValue){ .kind = lane->kind };
  if (index >= lane->count)
    {
      *value = ARBOR_VALUE_MISSING;
      return;
    }
  switch (lane->kind)
    {
    case ARBOR_KIND_BOOL:
      value->boolean = (a[index / 8] >> (index % 8)) & 1;
      break;
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
      value->uint64 = lane->min + arbor_load_unsigned (a, lane->width, index);
      break;
    case ARBOR_KIND_DOUBLE:
      value->uint64 = arbor_load_unsigned (a, 8, index);
      if (!isfinite (value->real))
        *value = ARBOR_VALUE_NULL;
      break;
    case ARBOR_KIND_ARRAY:
    case ARBOR_KIND_OBJECT:
      value->holder_kind = ARBOR_HOLDER_BATCH;
      value->holder = self;
      value->column = column;
      value->index = index;
      break;
    case ARBOR_LANE_OVERFLOW:
      get_text (self, lane, index, value);
      value->holder_kind = ARBOR_HOLDER_TEXT;
      value->kind =
          value->length > 0 && value->text[0] == '[' ? ARBOR_KIND_ARRAY : ARBOR_KIND_OBJECT;
      break;
    default:
      get_text (self, lane, index, value);
      break;
    }
}

void
arbor_batch_get_value (const ArborBatch *self, guint32 column, guint32 row, ArborValue *value)
{
  const ArborColumnRecord *record = &self->columns[column];
  guint32 slot;

  if (!arbor_batch_column_is_good (self, column) || !find_slot (self, record, row, &slot))
    {
      *value = ARBOR_VALUE_MISSING;
      return;
    }
  for (guint i = 0; i < record->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &self->lanes[record->first_lane + i];
      ArborBitmap bitmap;

      if (lane->slots_offset == 0)
        {
          get_lane_value (self, column, lane, slot, value);
          return;
        }
      arbor_bitmap_init (&bitmap, self->data + lane->slots_offset, record->n_values);
      if (arbor_bitmap_test (&bitmap, slot))
        {
          get_lane_value (self, column, lane, arbor_bitmap_rank (&bitmap, slot), value);
          return;
        }
    }
  *value = ARBOR_VALUE_NULL;
}

const char *
arbor_batch_get_key (const ArborBatch *self, guint32 column, guint32 *length)
{
  guint32 key = self->columns[column].key;
  guint32 start;

  if (key == ARBOR_NO_COLUMN)
    {
      *length = 0;
      return NULL;
    }
  start = arbor_load_u32 (self->key_offsets + (gsize) key * 4);
  *length = arbor_load_u32 (self->key_offsets + (gsize) key * 4 + 4) - start;
  return (const char *) self->key_bytes + start;
}

guint32
arbor_batch_find_field (const ArborBatch *self, guint32 column, const char *key, gsize length)
{
  const ArborColumnRecord *record = &self->columns[column];
  guint32 low = record->first_child;
  guint32 high = record->first_child + record->n_fields;

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;
      guint32 n;
      const char *other = arbor_batch_get_key (self, middle, &n);
      int order = memcmp (other, key, MIN (n, length));

      if (order == 0)
        order = n < length ? -1 : n > length;
      if (order == 0)
        return middle;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return ARBOR_NO_COLUMN;
}

guint32
arbor_batch_get_fields (const ArborBatch *self, guint32 column, guint32 *first)
{
  *first = self->columns[column].first_child;
  return self->columns[column].n_fields;
}

guint32
arbor_batch_find_elements (const ArborBatch *self, guint32 column)
{
  const ArborColumnRecord *record = &self->columns[column];

  return record->has_elements ? record->first_child + record->n_fields : ARBOR_NO_COLUMN;
}

gboolean
arbor_batch_has_overflow (const ArborBatch *self, guint32 column)
{
  return arbor_batch_find_lane (self, &self->columns[column], ARBOR_LANE_OVERFLOW) != NULL;
}

gboolean
arbor_batch_may_nest (const ArborBatch *self, guint32 column)
{
  const ArborColumnRecord *record = &self->columns[column];

  for (guint i = 0; i < record->n_lanes; i++)
    if (self->lanes[record->first_lane + i].kind >= ARBOR_KIND_ARRAY)
      return TRUE;
  return FALSE;
}

void
arbor_batch_get_array (const ArborBatch *self, guint32 column, guint32 index, guint32 *start,
                       guint32 *end)
{
  const ArborLaneRecord *lane =
      arbor_batch_find_lane (self, &self->columns[column], ARBOR_KIND_ARRAY);
  guint64 first, last;

  *start = *end = 0;
  if (lane == NULL || index >= lane->count || !self->columns[column].has_elements ||
      !arbor_batch_column_is_good (self, column) ||
      !get_span (self, lane, lane->count, index, lane->size_a, &first, &last))
    return;
  *start = (guint32) first;
  *end = (guint32) last;
}

guint32
arbor_batch_get_shape (const ArborBatch *self, guint32 column, guint32 index, guint32 *first)
{
  const ArborColumnRecord *record = &self->columns[column];
  const ArborLaneRecord *lane = arbor_batch_find_lane (self, record, ARBOR_KIND_OBJECT);
  guint64 shape;

  *first = 0;
  if (lane == NULL || index >= lane->count || !arbor_batch_shapes_are_good (self, column))
    return 0;
  shape = arbor_load_unsigned (self->data + lane->offset_a, lane->width, index);
  shape += record->first_shape;
  *first = arbor_load_u32 (self->shape_offsets + shape * 4);
  return arbor_load_u32 (self->shape_offsets + shape * 4 + 4) - *first;
}

guint32
arbor_batch_get_shape_field (const ArborBatch *self, guint32 column, guint32 position)
{
  return arbor_load_u32 (self->shape_columns + (gsize) position * 4);
}

void
arbor_batch_get_column_info (const ArborBatch *self, guint32 column, ArborColumnInfo *info)
{
  const ArborColumnRecord *record = &self->columns[column];

  *info = (ArborColumnInfo){
    .parent = record->parent,
    .is_element = column != 0 && record->key == ARBOR_NO_COLUMN,
    .n_rows = record->n_rows,
    .n_values = record->n_values,
  };
  info->key = arbor_batch_get_key (self, column, &info->key_length);
  info->n_kind[ARBOR_KIND_MISSING] = record->n_rows - record->n_values;
  info->n_kind[ARBOR_KIND_NULL] = record->n_nulls;
  for (guint i = 0; i < record->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &self->lanes[record->first_lane + i];

      if (lane->kind != ARBOR_LANE_OVERFLOW)
        {
          info->n_kind[lane->kind] += lane->count;
          continue;
        }
      if (!arbor_batch_column_is_good (self, column))
        continue;
      for (guint32 j = 0; j < lane->count; j++)
        {
          ArborValue value;

          get_lane_value (self, column, lane, j, &value);
          info->n_kind[value.kind]++;
        }
    }
}
