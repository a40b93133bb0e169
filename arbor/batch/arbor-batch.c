/* Opening a batch and reading values from it. See arbor-batch.h for the promise, and
 * arbor-batch-format.h for the bytes. Opening checks each record against the batch's size and its
 * parent; reading trusts what was checked and tests what was not: slots, codes, spans, ids.
 */

#include "batch/arbor-batch-format.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <xxhash.h>

#include "base/arbor-error.h"

G_GNUC_PRINTF (2, 3)
static gboolean
set_corrupt (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *detail = NULL;

  va_start (args, format);
  detail = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT, _("Damaged batch: %s"), detail);
  return FALSE;
}

guint64
arbor_batch_compute_digest (const guint8 *data, gsize size)
{
  XXH64_hash_t seed = XXH3_64bits (data, ARBOR_BATCH_DIGEST_OFFSET);

  return XXH3_64bits_withSeed (data + sizeof (ArborBatchHeader), size - sizeof (ArborBatchHeader),
                               seed);
}

/* Whether @size bytes from @offset are a buffer: where nothing is, the offset is zero. */
static gboolean
buffer_fits (const ArborBatch *self, guint32 offset, guint64 size)
{
  if (size == 0)
    return offset == 0;
  return offset >= self->header->data_offset && offset <= self->size &&
         size <= self->size - offset &&
         ((guint64) offset + ARBOR_BATCH_PHASE) % ARBOR_BATCH_ALIGNMENT == 0;
}

static gboolean
check_lane (const ArborBatch *self, const ArborColumnRecord *column, const ArborLaneRecord *lane)
{
  static const guint32 allowed[ARBOR_N_LANE_KINDS] = {
    [ARBOR_KIND_BOOL] = 1u << ARBOR_ENCODING_BITS,
    [ARBOR_KIND_INT64] = 1u << ARBOR_ENCODING_FRAME,
    [ARBOR_KIND_UINT64] = 1u << ARBOR_ENCODING_FRAME,
    [ARBOR_KIND_DOUBLE] = 1u << ARBOR_ENCODING_RAW,
    [ARBOR_KIND_NUMBER] = 1u << ARBOR_ENCODING_SPANS,
    [ARBOR_KIND_STRING] = 1u << ARBOR_ENCODING_SPANS | 1u << ARBOR_ENCODING_DICTIONARY,
    [ARBOR_KIND_ARRAY] = 1u << ARBOR_ENCODING_RUNS,
    [ARBOR_KIND_OBJECT] = 1u << ARBOR_ENCODING_SHAPES,
    [ARBOR_LANE_OVERFLOW] = 1u << ARBOR_ENCODING_SPANS,
  };
  gboolean known_width = lane->width <= 2 || lane->width == 4 || lane->width == 8;
  gboolean known_span = lane->span_width == 1 || lane->span_width == 2 || lane->span_width == 4;
  guint64 count = lane->count;

  if (lane->kind >= ARBOR_N_LANE_KINDS || lane->encoding > 31 || !known_width ||
      (allowed[lane->kind] & (1u << lane->encoding)) == 0 || count == 0 ||
      count > column->n_values || (lane->flags & ~ARBOR_LANE_SORTED) != 0 || lane->zero != 0)
    return FALSE;
  if (lane->slots_offset == 0 ? count != column->n_values
                              : !buffer_fits (self, lane->slots_offset,
                                              arbor_bitmap_size (column->n_values)))
    return FALSE;

  switch (lane->encoding)
    {
    case ARBOR_ENCODING_BITS:
      return lane->size_a == arbor_bitmap_words_size (count) &&
             buffer_fits (self, lane->offset_a, lane->size_a);
    case ARBOR_ENCODING_FRAME:
    case ARBOR_ENCODING_RAW:
      return (lane->encoding == ARBOR_ENCODING_FRAME || lane->width == 8) &&
             lane->size_a == count * lane->width &&
             buffer_fits (self, lane->offset_a, lane->size_a);
    case ARBOR_ENCODING_SHAPES:
      return lane->width != 8 && lane->size_a == count * lane->width && column->n_shapes > 0 &&
             buffer_fits (self, lane->offset_a, lane->size_a);
    case ARBOR_ENCODING_SPANS:
      return known_span && lane->size_b == arbor_spans_size (count, lane->span_width) &&
             buffer_fits (self, lane->offset_b, lane->size_b) &&
             buffer_fits (self, lane->offset_a, lane->size_a);
    case ARBOR_ENCODING_RUNS:
      return known_span && (lane->size_a > 0) == (column->has_elements > 0) && lane->size_b == arbor_spans_size (count, lane->span_width) &&
             buffer_fits (self, lane->offset_b, lane->size_b);
    default: /* ARBOR_ENCODING_DICTIONARY */
      return known_span && lane->width != 8 && lane->n_distinct > 0 &&
             lane->n_distinct <= count && lane->size_a == count * lane->width &&
             lane->size_b == arbor_spans_size (lane->n_distinct, lane->span_width) &&
             buffer_fits (self, lane->offset_a, lane->size_a) &&
             buffer_fits (self, lane->offset_b, lane->size_b) &&
             buffer_fits (self, lane->offset_c, lane->size_c);
    }
}

/* Rows of a column: what its parent has to hang it on. */
static gboolean
check_parent (const ArborBatch *self, guint32 index)
{
  const ArborColumnRecord *column = &self->columns[index];
  const ArborColumnRecord *parent;
  const ArborLaneRecord *lane;
  gboolean is_element = column->key == ARBOR_NO_COLUMN;

  if (is_element && column->n_values != column->n_rows)
    return FALSE;
  if (index == 0)
    return column->parent == ARBOR_NO_COLUMN && is_element &&
           column->n_rows == self->header->n_trees;
  if (column->parent >= index || (!is_element && column->key >= self->header->n_keys))
    return FALSE;

  parent = &self->columns[column->parent];
  if (index < parent->first_child ||
      index - parent->first_child >= parent->n_fields + (guint32) parent->has_elements ||
      is_element != (index - parent->first_child == parent->n_fields))
    return FALSE;
  lane = arbor_batch_find_lane (self, parent, is_element ? ARBOR_KIND_ARRAY : ARBOR_KIND_OBJECT);
  return lane != NULL && column->n_rows == (is_element ? lane->size_a : lane->count);
}

static gboolean
check_presence (const ArborBatch *self, const ArborColumnRecord *column)
{
  switch (column->presence)
    {
    case ARBOR_PRESENCE_ALL:
      return column->n_values == column->n_rows && column->presence_offset == 0;
    case ARBOR_PRESENCE_BITMAP:
      return column->n_values < column->n_rows &&
             buffer_fits (self, column->presence_offset, arbor_bitmap_size (column->n_rows));
    case ARBOR_PRESENCE_ROWS:
      return column->n_values < column->n_rows &&
             buffer_fits (self, column->presence_offset, (guint64) column->n_values * 4);
    default:
      return FALSE;
    }
}

/* What the columns before one have taken. Columns are numbered level by level, so the children,
 * lanes and shapes of each begin where those of the one before it end. This makes the columns a
 * tree: were children shared, reading would double at each level. */
typedef struct
{
  guint64 n_values;
  guint32 child;
  guint32 lane;
  guint32 shape;
  guint32 level;
  guint32 level_end;
} Taken;

static gboolean
check_family (const ArborBatch *self, guint32 index, Taken *taken)
{
  const ArborColumnRecord *column = &self->columns[index];
  guint64 n_children = (guint64) column->n_fields + column->has_elements;

  if (index == taken->level_end)
    {
      taken->level++;
      taken->level_end = taken->child;
    }
  if (taken->level >= ARBOR_BATCH_MAX_DEPTH || column->has_elements > 1 ||
      column->n_lanes >= ARBOR_N_LANE_KINDS || column->first_lane != taken->lane ||
      column->first_child != (n_children > 0 ? taken->child : 0) ||
      column->first_shape != (column->n_shapes > 0 ? taken->shape : 0) ||
      n_children > self->header->n_columns - taken->child ||
      column->n_lanes > self->header->n_lanes - taken->lane ||
      column->n_shapes > self->header->n_shapes - taken->shape)
    return FALSE;
  taken->child += (guint32) n_children;
  taken->lane += column->n_lanes;
  taken->shape += column->n_shapes;
  taken->n_values += column->n_values;
  return taken->n_values <= ARBOR_BATCH_MAX_VALUES;
}

static gboolean
check_column (const ArborBatch *self, guint32 index)
{
  const ArborColumnRecord *column = &self->columns[index];
  guint64 n_in_lanes = column->n_nulls;
  guint32 seen = 0;

  if (column->n_values == 0 || !check_presence (self, column) || column->zero[0] != 0 ||
      column->zero[1] != 0 || column->zero[2] != 0)
    return FALSE;
  for (guint i = 0; i < column->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &self->lanes[column->first_lane + i];

      if (!check_lane (self, column, lane) || (seen & (1u << lane->kind)) != 0)
        return FALSE;
      seen |= 1u << lane->kind;
      n_in_lanes += lane->count;
    }
  return n_in_lanes == column->n_values && check_parent (self, index);
}

static gboolean
check_columns (const ArborBatch *self, GError **error)
{
  const ArborBatchHeader *header = self->header;
  Taken taken = { .child = 1, .level_end = 1 };

  for (guint32 i = 0; i < header->n_columns; i++)
    if (!check_family (self, i, &taken) || !check_column (self, i))
      return set_corrupt (error, _("the record of column %u does not fit"), i);
  return (taken.child == header->n_columns && taken.lane == header->n_lanes &&
          taken.shape == header->n_shapes) ||
         set_corrupt (error, _("its columns do not take all lanes and shapes"));
}

/* Keys and shapes: offsets that ascend and end inside, columns that exist. */
static gboolean
check_tables (ArborBatch *self)
{
  const ArborBatchHeader *header = self->header;
  guint64 directory_end = sizeof *header + (guint64) header->n_columns * sizeof (ArborColumnRecord) +
                          (guint64) header->n_lanes * sizeof (ArborLaneRecord);
  guint64 keys_end = header->keys_offset + ((guint64) header->n_keys + 1) * 4;
  guint64 shapes_end = header->shapes_offset + ((guint64) header->n_shapes + 1) * 4;
  guint32 last = 0;

  if (header->keys_offset < directory_end || keys_end > header->shapes_offset ||
      shapes_end > header->data_offset || header->data_offset > self->size)
    return FALSE;

  self->key_offsets = self->data + header->keys_offset;
  self->key_bytes = self->data + keys_end;
  for (guint64 i = 0; i <= header->n_keys; i++)
    {
      guint32 offset = arbor_load_u32 (self->key_offsets + i * 4);

      if (offset < last || keys_end + offset > header->shapes_offset)
        return FALSE;
      last = offset;
    }

  self->shape_offsets = self->data + header->shapes_offset;
  self->shape_columns = self->data + shapes_end;
  last = 0;
  for (guint64 i = 0; i <= header->n_shapes; i++)
    {
      guint32 offset = arbor_load_u32 (self->shape_offsets + i * 4);

      if (offset < last || shapes_end + (guint64) offset * 4 > header->data_offset)
        return FALSE;
      last = offset;
    }
  return TRUE;
}

/* Each shape of a column names fields of that column, none twice. */
static gboolean
check_shapes (const ArborBatch *self)
{
  g_autofree guint32 *stamps = g_new0 (guint32, self->header->n_columns);
  guint32 stamp = 0;

  for (guint32 i = 0; i < self->header->n_columns; i++)
    {
      const ArborColumnRecord *column = &self->columns[i];

      for (guint32 j = column->first_shape; j < column->first_shape + column->n_shapes; j++)
        {
          guint32 at = arbor_load_u32 (self->shape_offsets + (gsize) j * 4);
          guint32 end = arbor_load_u32 (self->shape_offsets + (gsize) j * 4 + 4);

          for (stamp++; at < end; at++)
            {
              guint32 field = arbor_load_u32 (self->shape_columns + (gsize) at * 4);

              if (field < column->first_child || field - column->first_child >= column->n_fields ||
                  stamps[field] == stamp)
                return FALSE;
              stamps[field] = stamp;
            }
        }
    }
  return TRUE;
}

static gboolean
check_directory (ArborBatch *self, GError **error)
{
  const ArborBatchHeader *header = self->header;
  guint64 directory_end;

  if (memcmp (header->magic, ARBOR_BATCH_MAGIC, 8) != 0)
    return set_corrupt (error, _("it does not begin with the mark of a batch"));
  if (header->version != ARBOR_BATCH_VERSION)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
                   _("Batch format %u is newer than this library, which reads %u"), header->version,
                   ARBOR_BATCH_VERSION);
      return FALSE;
    }
  if (header->flags != 0)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
                   _("A batch uses features (%#x) that came after this library; read it with a "
                     "newer one"),
                   header->flags);
      return FALSE;
    }
  if (header->n_bytes != self->size)
    return set_corrupt (error, _("it says %" PRIu64 " bytes and has %zu"),
                        header->n_bytes, self->size);
  directory_end = sizeof *header + (guint64) header->n_columns * sizeof (ArborColumnRecord) +
                  (guint64) header->n_lanes * sizeof (ArborLaneRecord);
  if (header->n_trees == 0 || header->n_trees > ARBOR_BATCH_MAX_TREES || header->n_columns == 0 ||
      header->n_columns > ARBOR_BATCH_MAX_COLUMNS || directory_end > self->size)
    return set_corrupt (error, _("its header counts %u trees and %u columns"), header->n_trees,
                        header->n_columns);

  self->columns = (const ArborColumnRecord *) (self->data + sizeof *header);
  self->lanes = (const ArborLaneRecord *) (self->columns + header->n_columns);
  if (!check_tables (self))
    return set_corrupt (error, _("its tables of keys and shapes do not fit"));
  return check_columns (self, error) &&
         (check_shapes (self) || set_corrupt (error, _("the shapes of its objects do not fit")));
}

ArborBatch *
arbor_batch_open (const guint8 *data, gsize length, GError **error)
{
  g_autoptr (ArborBatch) self = NULL;

  if (length < sizeof (ArborBatchHeader) || length > ARBOR_BATCH_MAX_BYTES ||
      (length + ARBOR_BATCH_PHASE) % ARBOR_BATCH_ALIGNMENT != 0)
    {
      set_corrupt (error, _("%zu bytes is no size of a batch"), length);
      return NULL;
    }

  self = g_new0 (ArborBatch, 1);
  self->data = data;
  self->size = length;
  if ((guintptr) data % 8 != 0)
    {
      self->own_copy = g_memdup2 (data, length);
      self->data = self->own_copy;
    }
  self->header = (const ArborBatchHeader *) self->data;
  if (!check_directory (self, error))
    return NULL;
  self->column_states = g_new0 (guint8, self->header->n_columns);
  return g_steal_pointer (&self);
}

void
arbor_batch_free (ArborBatch *self)
{
  g_free (self->column_states);
  g_free (self->own_copy);
  g_free (self);
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
  for (guint32 i = 0; i < lane->count; i++)
    {
      guint64 shape = arbor_load_unsigned (self->data + lane->offset_a, lane->width, i);
      const guint8 *offsets = self->shape_offsets + (column->first_shape + shape) * 4;

      if (shape >= column->n_shapes)
        return FALSE;
      n_members += arbor_load_u32 (offsets + 4) - arbor_load_u32 (offsets);
    }
  for (guint32 i = 0; i < column->n_fields; i++)
    n_members -= self->columns[column->first_child + i].n_values;
  return n_members == 0;
}

/* A check of a column at its first use; two threads may both make it, with one result. */
static gboolean
passes (const ArborBatch *self, guint32 column, ArborColumnState good, ArborColumnState bad,
        gboolean (*check) (const ArborBatch *, const ArborColumnRecord *))
{
  guint8 state = __atomic_load_n (&self->column_states[column], __ATOMIC_RELAXED);

  if (G_UNLIKELY ((state & (good | bad)) == 0))
    {
      state = (guint8) (check (self, &self->columns[column]) ? good : bad);
      __atomic_fetch_or (&self->column_states[column], state, __ATOMIC_RELAXED);
    }
  return (state & good) != 0;
}

static gboolean
column_is_good (const ArborBatch *self, guint32 column)
{
  return passes (self, column, ARBOR_COLUMN_GOOD, ARBOR_COLUMN_BAD, arbor_batch_check_column);
}

static gboolean
shapes_are_good (const ArborBatch *self, guint32 column)
{
  return passes (self, column, ARBOR_COLUMN_SHAPES_GOOD, ARBOR_COLUMN_SHAPES_BAD,
                 arbor_batch_check_shapes);
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

  if (!column_is_good (self, column) || !find_slot (self, record, row, &slot))
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

void
arbor_batch_get_array (const ArborBatch *self, guint32 column, guint32 index, guint32 *start,
                       guint32 *end)
{
  const ArborLaneRecord *lane =
      arbor_batch_find_lane (self, &self->columns[column], ARBOR_KIND_ARRAY);
  guint64 first, last;

  *start = *end = 0;
  if (lane == NULL || index >= lane->count || !self->columns[column].has_elements ||
      !column_is_good (self, column) ||
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
  if (lane == NULL || index >= lane->count || !shapes_are_good (self, column))
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
      for (guint32 j = 0; j < lane->count; j++)
        {
          ArborValue value;

          get_lane_value (self, column, lane, j, &value);
          info->n_kind[value.kind]++;
        }
    }
}
