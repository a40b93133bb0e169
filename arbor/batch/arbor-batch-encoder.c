/* Writing columns out as a batch. See arbor-batch-format.h for the bytes.
 *
 * Columns are numbered breadth first with siblings sorted by key, keys by first use in that order,
 * shapes by column and first encounter: everything follows from the trees alone.
 */

#include "batch/arbor-batch-encoder-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-memory.h"
#include "batch/arbor-batch-pack.h"

static gboolean
set_too_large (GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("A tree is too large: its batch would pass %u MiB; split the document"),
               ARBOR_BATCH_MAX_BYTES / (1024 * 1024));
  return FALSE;
}

static ArborColumnRecord *
get_column (ArborBatchEncoder *self, guint32 column)
{
  return (ArborColumnRecord *) (self->out.data + self->columns_at) + column;
}

static int
compare_fields (gconstpointer a, gconstpointer b, gpointer data)
{
  ArborBatchBuilder *builder = data;
  guint32 m, n;
  const char *left =
      arbor_batch_builder_get_key (builder, builder->columns[*(const guint32 *) a].key, &m);
  const char *right =
      arbor_batch_builder_get_key (builder, builder->columns[*(const guint32 *) b].key, &n);
  int order = memcmp (left, right, MIN (m, n));

  return order != 0 ? order : m < n ? -1 : m > n;
}

/* Numbers columns and keys. */
static void
number_columns (ArborBatchEncoder *self)
{
  ArborBatchBuilder *builder = self->builder;
  guint32 n = 1;

  self->n_columns = builder->n_columns;
  self->order = g_new0 (guint32, self->n_columns);
  self->number = g_new0 (guint32, self->n_columns);
  self->key_order = g_new0 (guint32, builder->key_starts.length / 4 + 1);
  self->key_number = g_new0 (guint32, builder->key_starts.length / 4 + 1);
  memset (self->key_number, 0xff, builder->key_starts.length);

  for (guint32 i = 0; i < n; i++)
    {
      const ArborColumnBuilder *column = &builder->columns[self->order[i]];
      guint32 first = n;

      self->number[self->order[i]] = i;
      if (column->key != ARBOR_NO_COLUMN && self->key_number[column->key] == ARBOR_NO_COLUMN)
        {
          self->key_order[self->n_keys] = column->key;
          self->key_number[column->key] = self->n_keys++;
        }
      for (guint32 field = column->first_field; field != ARBOR_NO_COLUMN;
           field = builder->columns[field].next_field)
        self->order[n++] = field;
      if (n - first > 1)
        g_qsort_with_data (self->order + first, (gint) (n - first), sizeof (guint32),
                           compare_fields, builder);
      if (column->elements != ARBOR_NO_COLUMN)
        self->order[n++] = column->elements;
    }
  g_assert (n == self->n_columns);
}

static guint
count_lanes (const ArborColumnBuilder *column)
{
  guint n = 0;

  for (guint kind = ARBOR_KIND_BOOL; kind < ARBOR_N_LANE_KINDS; kind++)
    n += column->n_kind[kind] > 0;
  return n;
}

void
arbor_batch_encoder_make_room (ArborBatchEncoder *self, gsize extra)
{
  ArborBuffer *out = &self->out;
  gsize room = out->length + extra + out->length / 2 + 1;
  guint8 *data;

  if (out->capacity - out->length > extra)
    return;
  data = arbor_batch_allocate (&room);
  if (out->length > 0)
    memcpy (data, out->data, out->length);
  if (out->data != NULL)
    arbor_batch_deallocate (out->data);
  *out = (ArborBuffer){ data, out->length, room };
}

guint32
arbor_batch_encoder_reserve_unset (ArborBatchEncoder *self, gsize size, gsize alignment)
{
  ArborBuffer *out = &self->out;
  gsize phase = (out->length + ARBOR_BATCH_PHASE) % alignment;
  gsize padding = phase == 0 ? 0 : alignment - phase;
  gsize at = out->length + padding;

  arbor_batch_encoder_make_room (self, padding + size);
  memset (out->data + out->length, 0, padding);
  out->length = at + size;
  return (guint32) at;
}

guint32
arbor_batch_encoder_reserve (ArborBatchEncoder *self, gsize size, gsize alignment)
{
  guint32 at = arbor_batch_encoder_reserve_unset (self, size, alignment);

  memset (self->out.data + at, 0, size);
  return at;
}

guint32
arbor_batch_encoder_write (ArborBatchEncoder *self, gconstpointer bytes, gsize size)
{
  guint32 at;

  if (size == 0)
    return 0;
  at = arbor_batch_encoder_reserve_unset (self, size, ARBOR_BATCH_ALIGNMENT);
  memcpy (self->out.data + at, bytes, size);
  return at;
}

/* @n unsigned numbers of @width bytes. */
static void
store_unsigned (guint8 *at, guint width, guint32 index, guint64 number)
{
  memcpy (at + (gsize) index * width, &number, width);
}

static void
write_frame (ArborBatchEncoder *self, ArborLaneRecord *lane, guint64 low, guint64 high,
             gboolean is_sorted, const guint64 *numbers)
{
  lane->encoding = ARBOR_ENCODING_FRAME;
  lane->width = (guint8) arbor_unsigned_width (high - low);
  lane->min = low;
  lane->max = high;
  lane->flags = is_sorted ? ARBOR_LANE_SORTED : 0;
  lane->size_a = lane->count * lane->width;
  if (lane->width == 0)
    return;
  lane->offset_a = arbor_batch_encoder_reserve (self, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  arbor_pack_words (self->out.data + lane->offset_a, lane->width, numbers, lane->count, low);
}

static void
write_ints (ArborBatchEncoder *self, ArborLaneRecord *lane, const ArborBuffer *numbers)
{
  gint64 low, high;
  gboolean is_sorted =
      arbor_pack_range_signed ((const gint64 *) numbers->data, lane->count, &low, &high);

  write_frame (self, lane, (guint64) low, (guint64) high, is_sorted,
               (const guint64 *) numbers->data);
}

static void
write_uints (ArborBatchEncoder *self, ArborLaneRecord *lane, const ArborBuffer *numbers)
{
  guint64 low, high;
  gboolean is_sorted =
      arbor_pack_range_unsigned ((const guint64 *) numbers->data, lane->count, &low, &high);

  write_frame (self, lane, low, high, is_sorted, (const guint64 *) numbers->data);
}

static void
write_doubles (ArborBatchEncoder *self, ArborLaneRecord *lane, const double *numbers)
{
  double low = numbers[0], high = numbers[0];
  gboolean is_sorted = TRUE;

  for (guint32 i = 1; i < lane->count; i++)
    {
      is_sorted &= numbers[i] >= numbers[i - 1];
      low = MIN (low, numbers[i]);
      high = MAX (high, numbers[i]);
    }
  lane->encoding = ARBOR_ENCODING_RAW;
  lane->width = 8;
  memcpy (&lane->min, &low, 8);
  memcpy (&lane->max, &high, 8);
  lane->flags = is_sorted ? ARBOR_LANE_SORTED : 0;
  lane->size_a = lane->count * 8;
  lane->offset_a = arbor_batch_encoder_write (self, numbers, lane->size_a);
}

static void
write_bools (ArborBatchEncoder *self, ArborLaneRecord *lane, const guint8 *bools)
{
  lane->encoding = ARBOR_ENCODING_BITS;
  lane->min = memchr (bools, 0, lane->count) == NULL;
  lane->max = memchr (bools, 1, lane->count) != NULL;
  lane->size_a = (guint32) arbor_bitmap_words_size (lane->count);
  lane->offset_a = arbor_batch_encoder_reserve (self, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  arbor_pack_bits (self->out.data + lane->offset_a, bools, lane->count, 1);
}

static void
write_shapes (ArborBatchEncoder *self, ArborLaneRecord *lane, ArborColumnRecord record,
              const guint32 *shapes)
{
  guint8 *at;

  lane->encoding = ARBOR_ENCODING_SHAPES;
  lane->width = (guint8) arbor_unsigned_width (record.n_shapes - 1);
  lane->size_a = lane->count * lane->width;
  if (lane->width == 0)
    return;
  lane->offset_a = arbor_batch_encoder_reserve (self, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  at = self->out.data + lane->offset_a;
  for (guint32 i = 0; i < lane->count; i++)
    store_unsigned (at, lane->width, i, self->shape_number[shapes[i]]);
}

static void
write_slots (ArborBatchEncoder *self, ArborLaneRecord *lane, const ArborColumnBuilder *column)
{
  guint8 *at;

  if (lane->count == column->n_values)
    return;
  lane->slots_offset =
      arbor_batch_encoder_reserve (self, arbor_bitmap_size (column->n_values), ARBOR_BATCH_ALIGNMENT);
  at = self->out.data + lane->slots_offset;
  arbor_pack_bits (at, column->tags.data, column->n_values, lane->kind);
  arbor_bitmap_write_ranks (at, column->n_values);
}

static void
write_lane (ArborBatchEncoder *self, ArborColumnBuilder *column, const ArborColumnRecord *record,
            guint8 kind)
{
  ArborLaneRecord lane = { .kind = kind, .count = column->n_kind[kind] };

  write_slots (self, &lane, column);
  switch (kind)
    {
    case ARBOR_KIND_BOOL:
      write_bools (self, &lane, column->bools.data);
      break;
    case ARBOR_KIND_INT64:
      write_ints (self, &lane, &column->ints);
      break;
    case ARBOR_KIND_UINT64:
      write_uints (self, &lane, &column->uints);
      break;
    case ARBOR_KIND_DOUBLE:
      write_doubles (self, &lane, (const double *) column->doubles.data);
      break;
    case ARBOR_KIND_NUMBER:
      arbor_batch_encoder_write_text (self, &lane, &column->numbers);
      break;
    case ARBOR_LANE_OVERFLOW:
      arbor_batch_encoder_write_text (self, &lane, &column->overflow);
      break;
    case ARBOR_KIND_ARRAY:
      lane.encoding = ARBOR_ENCODING_RUNS;
      lane.size_a = column->n_elements;
      arbor_batch_encoder_write_spans (self, &lane, (const guint32 *) column->arrays.data, lane.count);
      break;
    case ARBOR_KIND_OBJECT:
      write_shapes (self, &lane, *record, (const guint32 *) column->shapes.data);
      break;
    default: /* ARBOR_KIND_STRING */
      arbor_batch_encoder_write_strings (self, &lane, column);
      break;
    }
  memcpy (self->out.data + self->lanes_at + self->n_lanes * sizeof lane, &lane, sizeof lane);
  self->n_lanes++;
}

static void
write_presence (ArborBatchEncoder *self, ArborColumnBuilder *column, ArborColumnRecord *record)
{
  gsize bitmap = arbor_bitmap_size (record->n_rows);
  gsize rows = (gsize) record->n_values * 4;
  const ArborPresenceWord *words;
  gsize n_words;
  guint8 *at;
  guint32 n = 0;

  if (record->n_values == record->n_rows)
    return;
  if (!column->has_gaps)
    arbor_column_builder_add_gap (column, column->last_row);
  record->presence = rows < bitmap ? ARBOR_PRESENCE_ROWS : ARBOR_PRESENCE_BITMAP;
  record->presence_offset = arbor_batch_encoder_reserve (self, MIN (rows, bitmap), ARBOR_BATCH_ALIGNMENT);
  at = self->out.data + record->presence_offset;
  words = (const ArborPresenceWord *) (gconstpointer) column->presence.data;
  n_words = column->presence.length / sizeof *words;
  if (record->presence == ARBOR_PRESENCE_BITMAP)
    {
      for (gsize i = 0; i < n_words; i++)
        memcpy (at + words[i].index * 8, &words[i].bits, 8);
      arbor_bitmap_write_ranks (at, record->n_rows);
      return;
    }
  for (gsize i = 0; i < n_words; i++)
    for (guint64 bits = words[i].bits; bits != 0; bits &= bits - 1)
      store_unsigned (at, 4, n++, words[i].index * 64 + (guint) __builtin_ctzll (bits));
}

/* The lanes of a column, fullest first: that is the order in which a reader tries them. */
static void
write_lanes (ArborBatchEncoder *self, ArborColumnBuilder *column, const ArborColumnRecord *record)
{
  gboolean is_written[ARBOR_N_LANE_KINDS] = { FALSE };

  for (guint i = 0; i < record->n_lanes; i++)
    {
      guint8 best = 0;

      for (guint8 kind = ARBOR_KIND_BOOL; kind < ARBOR_N_LANE_KINDS; kind++)
        if (!is_written[kind] && column->n_kind[kind] > (best == 0 ? 0 : column->n_kind[best]))
          best = kind;
      is_written[best] = TRUE;
      write_lane (self, column, record, best);
    }
}

static void
write_column (ArborBatchEncoder *self, guint32 index)
{
  ArborColumnBuilder *column = &self->builder->columns[self->order[index]];
  ArborColumnRecord record = *get_column (self, index);

  record.n_values = column->n_values;
  record.n_nulls = column->n_kind[ARBOR_KIND_NULL];
  record.first_lane = self->n_lanes;
  record.n_lanes = (guint16) count_lanes (column);
  write_presence (self, column, &record);
  write_lanes (self, column, &record);
  *get_column (self, index) = record;
}

/* Everything in the records that is known before the values are written. */
static void
write_family (ArborBatchEncoder *self, guint32 index, guint32 *next_child, guint32 *next_shape,
              const guint32 *n_shapes)
{
  const ArborColumnBuilder *column = &self->builder->columns[self->order[index]];
  ArborColumnRecord *record = get_column (self, index);

  record->key = column->key == ARBOR_NO_COLUMN ? ARBOR_NO_COLUMN : self->key_number[column->key];
  record->n_fields = column->n_fields;
  record->has_elements = column->elements != ARBOR_NO_COLUMN;
  record->n_shapes = n_shapes[self->order[index]];
  if (record->n_shapes > 0)
    record->first_shape = *next_shape;
  *next_shape += record->n_shapes;
  if (index == 0)
    {
      record->parent = ARBOR_NO_COLUMN;
      record->n_rows = self->builder->n_trees;
    }
  if (record->n_fields + record->has_elements == 0)
    return;

  record->first_child = *next_child;
  for (guint32 i = 0; i < record->n_fields + record->has_elements; i++)
    {
      ArborColumnRecord *child = get_column (self, *next_child + i);

      child->parent = index;
      child->n_rows = i < record->n_fields ? column->n_kind[ARBOR_KIND_OBJECT] : column->n_elements;
    }
  *next_child += record->n_fields + record->has_elements;
}

static void
write_keys (ArborBatchEncoder *self)
{
  gsize at = arbor_batch_encoder_reserve (self, ((gsize) self->n_keys + 1) * 4, 1);
  guint32 end = 0;

  for (guint32 i = 0; i < self->n_keys; i++)
    {
      guint32 length;
      const char *key = arbor_batch_builder_get_key (self->builder, self->key_order[i], &length);

      store_unsigned (self->out.data + at, 4, i, end);
      arbor_batch_encoder_make_room (self, length);
      arbor_buffer_append (&self->out, key, length);
      end += length;
    }
  store_unsigned (self->out.data + at, 4, self->n_keys, end);
}

static void
write_shape_table (ArborBatchEncoder *self, guint32 *shapes_offset, guint32 n_shapes)
{
  ArborBatchBuilder *builder = self->builder;
  const guint32 *owners = (const guint32 *) builder->shape_owners.data;
  const guint32 *starts = (const guint32 *) builder->shape_starts.data;
  const guint32 *fields = (const guint32 *) builder->shape_columns.data;
  guint32 n_total = (guint32) (builder->shape_columns.length / 4);
  g_autofree guint32 *shapes = g_new (guint32, n_shapes + 1);
  guint32 n_fields = 0;

  for (guint32 i = 0; i < n_shapes; i++)
    shapes[get_column (self, self->number[owners[i]])->first_shape + self->shape_number[i]] = i;

  *shapes_offset = arbor_batch_encoder_reserve (self, ((gsize) n_shapes + 1) * 4, 8);
  for (guint32 i = 0; i < n_shapes; i++)
    {
      guint32 end = shapes[i] + 1 < n_shapes ? starts[shapes[i] + 1] : n_total;

      arbor_batch_encoder_make_room (self, ((gsize) end - starts[shapes[i]]) * 4);
      store_unsigned (self->out.data + *shapes_offset, 4, i, n_fields);
      for (guint32 j = starts[shapes[i]]; j < end; j++, n_fields++)
        arbor_column_builder_add_u32 (&self->out, self->number[fields[j]]);
    }
  store_unsigned (self->out.data + *shapes_offset, 4, n_shapes, n_fields);
}

static void
encode (ArborBatchEncoder *self, ArborBatchHeader *header)
{
  ArborBatchBuilder *builder = self->builder;
  guint32 n_shapes = (guint32) (builder->shape_starts.length / 4);
  g_autofree guint32 *n_column_shapes = g_new0 (guint32, self->n_columns);
  guint32 next_child = 1;
  guint32 next_shape = 0;

  for (guint32 i = 0; i < n_shapes; i++)
    self->shape_number[i] = n_column_shapes[((const guint32 *) builder->shape_owners.data)[i]]++;
  for (guint32 i = 0; i < self->n_columns; i++)
    header->n_lanes += count_lanes (&builder->columns[i]);

  arbor_batch_encoder_reserve (self, sizeof *header, 1);
  self->columns_at = sizeof *header;
  self->lanes_at = self->columns_at + self->n_columns * sizeof (ArborColumnRecord);
  arbor_batch_encoder_reserve (self, self->n_columns * sizeof (ArborColumnRecord), 1);
  arbor_batch_encoder_reserve (self, header->n_lanes * sizeof (ArborLaneRecord), 1);
  for (guint32 i = 0; i < self->n_columns; i++)
    write_family (self, i, &next_child, &next_shape, n_column_shapes);

  header->keys_offset = (guint32) self->out.length;
  write_keys (self);
  write_shape_table (self, &header->shapes_offset, n_shapes);
  header->data_offset = arbor_batch_encoder_reserve (self, 0, ARBOR_BATCH_ALIGNMENT);
  for (guint32 i = 0; i < self->n_columns; i++)
    write_column (self, i);

  if (self->out.length < ARBOR_BATCH_MIN_BYTES)
    arbor_batch_encoder_reserve (self, ARBOR_BATCH_MIN_BYTES - self->out.length, 1);
  arbor_batch_encoder_reserve (self, 0, ARBOR_BATCH_ALIGNMENT);
  arbor_batch_header_set_n_trees (header, builder->n_trees);
  header->n_columns = self->n_columns;
  header->n_keys = self->n_keys;
  header->n_shapes = n_shapes;
  header->n_bytes = self->out.length;
}

/* What is checked before anything is written: counts and sizes then fit 32 bits. @measured becomes
 * about how many bytes there will be. */
static gboolean
check_limits (ArborBatchBuilder *self, gsize *measured, GError **error)
{
  guint64 n_values = 0;

  for (guint32 i = 0; i < self->n_columns; i++)
    n_values += self->columns[i].n_values;
  if (n_values > ARBOR_BATCH_MAX_VALUES)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("A tree is too large: its batch would pass %u values; split the document"),
                   ARBOR_BATCH_MAX_VALUES);
      return FALSE;
    }
  *measured = arbor_batch_builder_measure (self);
  if (*measured > ARBOR_BATCH_MAX_BYTES)
    return set_too_large (error);
  /* The batch, and a copy of it without what is left over. */
  return arbor_memory_check (2 * (guint64) *measured, error);
}

/* The batch lies in the block that it was written to, unless much of that is left over. */
static GBytes *
take_out (ArborBatchEncoder *self)
{
  gsize size = self->out.length;
  GBytes *bytes;

  if (size >= self->out.capacity / 4 * 3)
    return arbor_batch_take_bytes (self->out.data, size);
  bytes = arbor_batch_copy_bytes (self->out.data, size);
  arbor_batch_deallocate (self->out.data);
  return bytes;
}

GBytes *
arbor_batch_builder_encode (ArborBatchBuilder *builder, GError **error)
{
  ArborBatchHeader header = { .magic = ARBOR_BATCH_MAGIC, .version = ARBOR_BATCH_VERSION,
                              .flags = ARBOR_BATCH_HAS_DIGESTS };
  ArborBatchEncoder self = { .builder = builder };
  GBytes *bytes = NULL;
  gsize measured;

  if (!check_limits (builder, &measured, error))
    return NULL;
  self.shape_number = g_new0 (guint32, builder->shape_starts.length / 4 + 1);
  number_columns (&self);
  arbor_batch_encoder_make_room (&self, measured + measured / 16 + ARBOR_BATCH_MIN_BYTES);
  encode (&self, &header);
  if (self.out.length <= ARBOR_BATCH_MAX_BYTES)
    {
      memcpy (self.out.data, &header, sizeof header);
      arbor_batch_seal (self.out.data, self.out.length);
      bytes = take_out (&self);
    }
  else
    {
      set_too_large (error);
      arbor_batch_deallocate (self.out.data);
    }
  g_free (self.order);
  g_free (self.number);
  g_free (self.key_order);
  g_free (self.key_number);
  g_free (self.shape_number);
  return bytes;
}
