/* Writing columns out as a batch. See arbor-batch-format.h for the bytes.
 *
 * Columns are numbered breadth first with siblings sorted by key, keys by first use in that order,
 * shapes by column and first encounter: everything follows from the trees alone.
 */

#include "batch/arbor-batch-builder-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

typedef struct
{
  ArborBatchBuilder *builder;
  ArborBuffer *out;
  guint32 n_columns;
  guint32 *order;     /* builder's column of each column */
  guint32 *number;    /* the reverse */
  guint32 n_keys;
  guint32 *key_order;  /* builder's key of each key */
  guint32 *key_number; /* the reverse, ARBOR_NO_COLUMN for keys not used */
  guint32 *shape_number; /* of the builder's shapes, within their column */
  gsize columns_at;
  gsize lanes_at;
  guint32 n_lanes;
} Encoder;

static gboolean
set_too_large (GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("A tree is too large: its batch would pass %u MiB; split the document"),
               ARBOR_BATCH_MAX_BYTES / (1024 * 1024));
  return FALSE;
}

static ArborColumnRecord *
get_column (Encoder *self, guint32 column)
{
  return (ArborColumnRecord *) (self->out->data + self->columns_at) + column;
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
number_columns (Encoder *self)
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

/* Appends @size zero bytes, @alignment counted from where the batch will lie; returns where. */
static guint32
reserve (Encoder *self, gsize size, gsize alignment)
{
  ArborBuffer *out = self->out;
  gsize phase = (out->length + ARBOR_BATCH_PHASE) % alignment;
  gsize padding = phase == 0 ? 0 : alignment - phase;
  gsize at = out->length + padding;

  memset (arbor_buffer_reserve (out, padding + size), 0, padding + size);
  out->length = at + size;
  return (guint32) at;
}

static guint32
write_bytes (Encoder *self, gconstpointer bytes, gsize size)
{
  guint32 at;

  if (size == 0)
    return 0;
  at = reserve (self, size, ARBOR_BATCH_ALIGNMENT);
  memcpy (self->out->data + at, bytes, size);
  return at;
}

/* @n unsigned numbers of @width bytes. */
static void
store_unsigned (guint8 *at, guint width, guint32 index, guint64 number)
{
  memcpy (at + (gsize) index * width, &number, width);
}

static void
write_frame (Encoder *self, ArborLaneRecord *lane, const guint64 *numbers, gboolean is_signed)
{
  const gint64 *ints = (const gint64 *) numbers;
  guint64 low = numbers[0], high = numbers[0];
  gboolean is_sorted = TRUE;
  guint8 *at;

  for (guint32 i = 1; i < lane->count; i++)
    {
      gboolean descends =
          is_signed ? ints[i] < ints[i - 1] : numbers[i] < numbers[i - 1];

      is_sorted &= !descends;
      if (is_signed ? ints[i] < (gint64) low : numbers[i] < low)
        low = numbers[i];
      if (is_signed ? ints[i] > (gint64) high : numbers[i] > high)
        high = numbers[i];
    }
  lane->encoding = ARBOR_ENCODING_FRAME;
  lane->width = (guint8) arbor_unsigned_width (high - low);
  lane->min = low;
  lane->max = high;
  lane->flags = is_sorted ? ARBOR_LANE_SORTED : 0;
  lane->size_a = lane->count * lane->width;
  if (lane->width == 0)
    return;
  lane->offset_a = reserve (self, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  at = self->out->data + lane->offset_a;
  for (guint32 i = 0; i < lane->count; i++)
    store_unsigned (at, lane->width, i, numbers[i] - low);
}

static void
write_doubles (Encoder *self, ArborLaneRecord *lane, const double *numbers)
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
  lane->offset_a = write_bytes (self, numbers, lane->size_a);
}

static void
write_bools (Encoder *self, ArborLaneRecord *lane, const guint8 *bools)
{
  guint8 *at;

  lane->encoding = ARBOR_ENCODING_BITS;
  lane->min = 1;
  lane->size_a = (guint32) arbor_bitmap_words_size (lane->count);
  lane->offset_a = reserve (self, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  at = self->out->data + lane->offset_a;
  for (guint32 i = 0; i < lane->count; i++)
    {
      at[i / 8] |= (guint8) (bools[i] << (i % 8));
      lane->min &= bools[i];
      lane->max |= bools[i];
    }
}

static void
write_spans (Encoder *self, ArborLaneRecord *lane, const guint32 *lengths, guint32 count)
{
  guint32 longest = 0;
  guint64 start = 0;
  gsize anchors;
  guint8 *at;

  for (guint32 i = 0; i < count; i++)
    longest = MAX (longest, lengths[i]);
  lane->span_width = longest <= G_MAXUINT8 ? 1 : longest <= G_MAXUINT16 ? 2 : 4;
  lane->size_b = (guint32) arbor_spans_size (count, lane->span_width);
  lane->offset_b = reserve (self, lane->size_b, ARBOR_BATCH_ALIGNMENT);
  at = self->out->data + lane->offset_b;
  anchors = arbor_spans_anchors (count, lane->span_width);
  for (guint32 i = 0; i < count; i++)
    {
      if (lane->span_width == 4)
        store_unsigned (at, 4, i, start);
      else
        store_unsigned (at, lane->span_width, i, lengths[i]);
      if (lane->span_width != 4 && i % ARBOR_SPANS_STRIDE == 0)
        store_unsigned (at + anchors, 4, i / ARBOR_SPANS_STRIDE, start);
      start += lengths[i];
    }
  if (lane->span_width == 4)
    store_unsigned (at, 4, count, start);
}

static int
compare_text (const char *a, guint32 m, const char *b, guint32 n)
{
  int order = memcmp (a, b, MIN (m, n));

  return order != 0 ? order : m < n ? -1 : m > n;
}

static void
write_text (Encoder *self, ArborLaneRecord *lane, const ArborTextLane *text)
{
  lane->encoding = ARBOR_ENCODING_SPANS;
  lane->size_a = (guint32) text->bytes.length;
  lane->offset_a = write_bytes (self, text->bytes.data, text->bytes.length);
  write_spans (self, lane, (const guint32 *) text->lengths.data, lane->count);
}

static void
write_strings (Encoder *self, ArborLaneRecord *lane, const ArborTextLane *strings)
{
  const char *bytes = (const char *) strings->bytes.data;
  const guint32 *lengths = (const guint32 *) strings->lengths.data;
  gboolean is_sorted = TRUE;
  gsize low = 0, high = 0, previous = 0, at = 0;
  guint32 low_index = 0, high_index = 0;

  write_text (self, lane, strings);
  for (guint32 i = 0; i < lane->count; previous = at, at += lengths[i], i++)
    {
      if (i == 0)
        continue;
      if (compare_text (bytes + at, lengths[i], bytes + high, lengths[high_index]) > 0)
        {
          high = at;
          high_index = i;
        }
      else if (is_sorted &&
               compare_text (bytes + at, lengths[i], bytes + previous, lengths[i - 1]) < 0)
        {
          is_sorted = FALSE;
        }
      if (!is_sorted && compare_text (bytes + at, lengths[i], bytes + low, lengths[low_index]) < 0)
        {
          low = at;
          low_index = i;
        }
    }
  lane->flags = is_sorted ? ARBOR_LANE_SORTED : 0;
  lane->min = low_index;
  lane->max = high_index;
}

typedef struct
{
  const char *bytes;
  const guint32 *starts;
  const guint32 *lengths;
} Distinct;

static int
compare_codes (gconstpointer a, gconstpointer b, gpointer data)
{
  const Distinct *distinct = data;
  guint32 i = *(const guint32 *) a;
  guint32 j = *(const guint32 *) b;

  return compare_text (distinct->bytes + distinct->starts[i], distinct->lengths[i],
                       distinct->bytes + distinct->starts[j], distinct->lengths[j]);
}

static void
write_dictionary (Encoder *self, ArborLaneRecord *lane, ArborColumnBuilder *column)
{
  guint32 n = (guint32) (column->starts.length / 4);
  g_autofree guint32 *sorted = g_new (guint32, n);
  g_autofree guint32 *rank = g_new (guint32, n);
  g_autofree guint32 *lengths = g_new (guint32, n);
  const guint32 *codes = (const guint32 *) column->codes.data;
  Distinct distinct = { (const char *) column->strings.bytes.data,
                        (const guint32 *) column->starts.data,
                        (const guint32 *) column->strings.lengths.data };
  gsize end;
  guint8 *at;

  for (guint32 i = 0; i < n; i++)
    sorted[i] = i;
  g_qsort_with_data (sorted, (gint) n, sizeof (guint32), compare_codes, &distinct);
  for (guint32 i = 0; i < n; i++)
    {
      rank[sorted[i]] = i;
      lengths[i] = distinct.lengths[sorted[i]];
    }

  lane->encoding = ARBOR_ENCODING_DICTIONARY;
  lane->n_distinct = n;
  lane->min = 0;
  lane->max = n - 1;
  lane->flags = ARBOR_LANE_SORTED;
  for (guint32 i = 1; i < lane->count; i++)
    if (rank[codes[i]] < rank[codes[i - 1]])
      lane->flags = 0;
  lane->width = (guint8) arbor_unsigned_width (n - 1);
  lane->size_a = lane->count * lane->width;
  if (lane->size_a > 0)
    {
      lane->offset_a = reserve (self, lane->size_a, ARBOR_BATCH_ALIGNMENT);
      at = self->out->data + lane->offset_a;
      for (guint32 i = 0; i < lane->count; i++)
        store_unsigned (at, lane->width, i, rank[codes[i]]);
    }
  write_spans (self, lane, lengths, n);
  lane->size_c = (guint32) column->strings.bytes.length;
  if (lane->size_c == 0)
    return;
  lane->offset_c = reserve (self, lane->size_c, ARBOR_BATCH_ALIGNMENT);
  end = lane->offset_c;
  for (guint32 i = 0; i < n; i++)
    {
      memcpy (self->out->data + end, distinct.bytes + distinct.starts[sorted[i]], lengths[i]);
      end += lengths[i];
    }
}

/* Whether codes and distinct strings take fewer bytes than all strings one after the other. */
static gboolean
dictionary_is_smaller (ArborColumnBuilder *column)
{
  gsize n = column->n_kind[ARBOR_KIND_STRING];
  gsize n_distinct = column->starts.length / 4;

  return n * arbor_unsigned_width (n_distinct - 1) + column->strings.bytes.length + n_distinct <
         column->n_string_bytes + n;
}

static void
write_shapes (Encoder *self, ArborLaneRecord *lane, ArborColumnRecord record,
              const guint32 *shapes)
{
  guint8 *at;

  lane->encoding = ARBOR_ENCODING_SHAPES;
  lane->width = (guint8) arbor_unsigned_width (record.n_shapes - 1);
  lane->size_a = lane->count * lane->width;
  if (lane->width == 0)
    return;
  lane->offset_a = reserve (self, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  at = self->out->data + lane->offset_a;
  for (guint32 i = 0; i < lane->count; i++)
    store_unsigned (at, lane->width, i, self->shape_number[shapes[i]]);
}

static void
write_slots (Encoder *self, ArborLaneRecord *lane, const ArborColumnBuilder *column)
{
  guint8 *at;

  if (lane->count == column->n_values)
    return;
  lane->slots_offset =
      reserve (self, arbor_bitmap_size (column->n_values), ARBOR_BATCH_ALIGNMENT);
  at = self->out->data + lane->slots_offset;
  for (guint32 i = 0; i < column->n_values; i++)
    if (column->tags.data[i] == lane->kind)
      at[i / 8] |= (guint8) (1u << (i % 8));
  arbor_bitmap_write_ranks (at, column->n_values);
}

static void
write_lane (Encoder *self, ArborColumnBuilder *column, const ArborColumnRecord *record,
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
      write_frame (self, &lane, (const guint64 *) column->ints.data, TRUE);
      break;
    case ARBOR_KIND_UINT64:
      write_frame (self, &lane, (const guint64 *) column->uints.data, FALSE);
      break;
    case ARBOR_KIND_DOUBLE:
      write_doubles (self, &lane, (const double *) column->doubles.data);
      break;
    case ARBOR_KIND_NUMBER:
      write_text (self, &lane, &column->numbers);
      break;
    case ARBOR_LANE_OVERFLOW:
      write_text (self, &lane, &column->overflow);
      break;
    case ARBOR_KIND_ARRAY:
      lane.encoding = ARBOR_ENCODING_RUNS;
      lane.size_a = column->n_elements;
      write_spans (self, &lane, (const guint32 *) column->arrays.data, lane.count);
      break;
    case ARBOR_KIND_OBJECT:
      write_shapes (self, &lane, *record, (const guint32 *) column->shapes.data);
      break;
    default: /* ARBOR_KIND_STRING */
      if (!column->has_left_dictionary && !dictionary_is_smaller (column))
        arbor_column_builder_leave_dictionary (column);
      if (column->has_left_dictionary)
        write_strings (self, &lane, &column->strings);
      else
        write_dictionary (self, &lane, column);
      break;
    }
  memcpy (self->out->data + self->lanes_at + self->n_lanes * sizeof lane, &lane, sizeof lane);
  self->n_lanes++;
}

static void
write_presence (Encoder *self, ArborColumnBuilder *column, ArborColumnRecord *record)
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
  record->presence_offset = reserve (self, MIN (rows, bitmap), ARBOR_BATCH_ALIGNMENT);
  at = self->out->data + record->presence_offset;
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
write_lanes (Encoder *self, ArborColumnBuilder *column, const ArborColumnRecord *record)
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
write_column (Encoder *self, guint32 index)
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
write_family (Encoder *self, guint32 index, guint32 *next_child, guint32 *next_shape,
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
write_keys (Encoder *self)
{
  gsize at = reserve (self, ((gsize) self->n_keys + 1) * 4, 1);
  guint32 end = 0;

  for (guint32 i = 0; i < self->n_keys; i++)
    {
      guint32 length;
      const char *key = arbor_batch_builder_get_key (self->builder, self->key_order[i], &length);

      store_unsigned (self->out->data + at, 4, i, end);
      arbor_buffer_append (self->out, key, length);
      end += length;
    }
  store_unsigned (self->out->data + at, 4, self->n_keys, end);
}

static void
write_shape_table (Encoder *self, guint32 *shapes_offset, guint32 n_shapes)
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

  *shapes_offset = reserve (self, ((gsize) n_shapes + 1) * 4, 8);
  for (guint32 i = 0; i < n_shapes; i++)
    {
      guint32 end = shapes[i] + 1 < n_shapes ? starts[shapes[i] + 1] : n_total;

      store_unsigned (self->out->data + *shapes_offset, 4, i, n_fields);
      for (guint32 j = starts[shapes[i]]; j < end; j++, n_fields++)
        arbor_column_builder_add_u32 (self->out, self->number[fields[j]]);
    }
  store_unsigned (self->out->data + *shapes_offset, 4, n_shapes, n_fields);
}

static void
encode (Encoder *self, ArborBatchHeader *header)
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

  arbor_buffer_clear (self->out);
  memset (arbor_buffer_reserve (self->out, sizeof *header), 0, sizeof *header);
  self->out->length = self->columns_at = sizeof *header;
  self->lanes_at = self->columns_at + self->n_columns * sizeof (ArborColumnRecord);
  reserve (self, self->n_columns * sizeof (ArborColumnRecord), 1);
  reserve (self, header->n_lanes * sizeof (ArborLaneRecord), 1);
  for (guint32 i = 0; i < self->n_columns; i++)
    write_family (self, i, &next_child, &next_shape, n_column_shapes);

  header->keys_offset = (guint32) self->out->length;
  write_keys (self);
  write_shape_table (self, &header->shapes_offset, n_shapes);
  header->data_offset = reserve (self, 0, ARBOR_BATCH_ALIGNMENT);
  for (guint32 i = 0; i < self->n_columns; i++)
    write_column (self, i);

  if (self->out->length < ARBOR_BATCH_MIN_BYTES)
    reserve (self, ARBOR_BATCH_MIN_BYTES - self->out->length, 1);
  reserve (self, 0, ARBOR_BATCH_ALIGNMENT);
  header->n_trees = builder->n_trees;
  header->n_columns = self->n_columns;
  header->n_keys = self->n_keys;
  header->n_shapes = n_shapes;
  header->n_bytes = self->out->length;
}

/* What is checked before anything is written: counts and sizes then fit 32 bits. */
static gboolean
check_limits (ArborBatchBuilder *self, GError **error)
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
  return arbor_batch_builder_measure (self) <= ARBOR_BATCH_MAX_BYTES || set_too_large (error);
}

gboolean
arbor_batch_builder_encode (ArborBatchBuilder *builder, GError **error)
{
  ArborBatchHeader header = { .magic = ARBOR_BATCH_MAGIC, .version = ARBOR_BATCH_VERSION };
  Encoder self = { .builder = builder, .out = &builder->out };
  gboolean fits = check_limits (builder, error);

  if (fits)
    {
      self.shape_number = g_new0 (guint32, builder->shape_starts.length / 4 + 1);
      number_columns (&self);
      encode (&self, &header);
      fits = self.out->length <= ARBOR_BATCH_MAX_BYTES || set_too_large (error);
    }
  if (fits)
    {
      memcpy (self.out->data, &header, sizeof header);
      header.digest = arbor_batch_compute_digest (self.out->data, self.out->length);
      memcpy (self.out->data, &header, sizeof header);
    }
  g_free (self.order);
  g_free (self.number);
  g_free (self.key_order);
  g_free (self.key_number);
  g_free (self.shape_number);
  return fits;
}
