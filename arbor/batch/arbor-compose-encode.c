/* Composed trees as a batch, without a builder. See arbor-compose.h. Only plain values: each lane of a field
 * becomes a lane of the batch, in the encoding that it has, with the values that were planned.
 */

#include "batch/arbor-compose-private.h"

#include "base/arbor-bits.h"
#include "base/arbor-memory.h"
#include "base/arbor-simd.h"
#include "batch/arbor-batch-encoder-private.h"
#include "batch/arbor-batch-pack.h"
#include "batch/arbor-group-key.h"

#define MAX_SHAPES 64u
/* What of a batch is not in its buffers, and what is lost between these. */
#define ROOM_OF_FIELD 1024u

typedef struct
{
  ArborComposeField *field;
  const ArborFieldRows *from;
  const ArborColumnRecord *record; /* of the column that it comes from */
  guint n_lanes;                   /* that have values */
  guint32 *lengths;                /* of the strings that are not in a dictionary */
} Source;

typedef struct
{
  ArborCompose *compose;
  ArborBatchEncoder encoder;
  Source *sources; /* by keys; those without a value are not among them */
  guint n_sources;
  guint *numbers;  /* of each field: its column, or 0 */
  guint n_fields;
  guint32 n_trees;
  guint8 *shapes;  /* of each tree; NULL: all have one */
  guint64 patterns[MAX_SHAPES]; /* of each shape */
  guint n_shapes;
  guint n_partial;
} Encode;

static const ArborLaneRecord *
get_lane (const Source *source, guint i)
{
  return &source->from->batch->lanes[source->record->first_lane + i];
}

static const ArborPlaces *
get_places (const Source *source, guint i)
{
  return &source->field->gather->lanes[source->record->first_lane + i];
}

/* What can be so */

static gboolean
lane_is_simple (const ArborLaneRecord *lane, const ArborPlaces *places)
{
  if (places->n == 0)
    return TRUE;
  return lane->kind < ARBOR_KIND_NUMBER ||
         (lane->kind == ARBOR_KIND_STRING && (lane->encoding != ARBOR_ENCODING_DICTIONARY ||
                                              lane->n_distinct <= places->n));
}

static gboolean
add_source (Encode *self, const ArborFieldRows *from, guint field)
{
  Source *source = &self->sources[self->n_sources];

  *source = (Source){ .field = arbor_compose_get_field (self->compose, field), .from = from };
  if (source->field->n_values == 0)
    return from->values == NULL;
  if (from->values != NULL || from->lengths != NULL || from->arrays != 0)
    return FALSE;
  source->record = &from->batch->columns[from->column];
  if (source->record->n_fields + source->record->has_elements > 0)
    return FALSE;
  for (guint i = 0; i < source->record->n_lanes; i++)
    {
      if (!lane_is_simple (get_lane (source, i), get_places (source, i)))
        return FALSE;
      source->n_lanes += get_places (source, i)->n > 0;
    }
  self->n_sources++;
  return TRUE;
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const ArborFieldRows *x = ((const Source *) a)->from, *y = ((const Source *) b)->from;
  guint32 n = MIN (x->length, y->length);
  int order = n > 0 ? memcmp (x->key, y->key, n) : 0;

  return order != 0 ? order : x->length < y->length ? -1 : x->length > y->length;
}

/* FALSE: trees of too many shapes. */
static gboolean
find_shapes (Encode *self)
{
  const guint64 *patterns;
  guint last = 0;

  self->n_shapes = 1;
  if (self->n_partial == 0)
    return TRUE;
  patterns = arbor_compose_find_patterns (self->compose, self->n_fields, self->n_trees);
  self->shapes = arbor_scope_alloc (self->compose->scope, self->n_trees);
  self->patterns[0] = patterns[0];
  for (guint32 i = 0; i < self->n_trees; i++)
    {
      for (guint j = 0; self->patterns[last] != patterns[i]; j++)
        {
          if (j == MAX_SHAPES)
            return FALSE;
          if (j == self->n_shapes)
            self->patterns[self->n_shapes++] = patterns[i];
          last = j;
        }
      self->shapes[i] = (guint8) last;
    }
  return TRUE;
}

/* Texts */

static guint64
list_lengths (Encode *self, Source *source, const ArborLaneRecord *lane, const ArborPlaces *places)
{
  const guint8 *spans = source->from->batch->data + lane->offset_b;
  guint64 total = 0;

  source->lengths = arbor_scope_alloc (self->compose->scope, places->n * sizeof (guint32));
  for (guint32 i = 0; i < places->n; i++)
    {
      guint32 index = arbor_places_get (places, i);

      source->lengths[i] =
          lane->span_width < 4
              ? (guint32) arbor_load_unsigned (spans, lane->span_width, index)
              : arbor_load_u32 (spans + (gsize) index * 4 + 4) -
                    arbor_load_u32 (spans + (gsize) index * 4);
      total += source->lengths[i];
    }
  return total;
}

typedef struct
{
  guint64 head; /* the first eight bytes as a number of the same order */
  const char *text;
  guint32 length;
} Text;

static inline Text
make_text (const char *text, guint32 length)
{
  guint64 head;

  if (length >= 8)
    memcpy (&head, text, 8);
  else
    head = arbor_group_key_load (text, length);
  return (Text){ GUINT64_FROM_BE (head), text, length };
}

static inline gboolean
is_before (const Text *a, const Text *b)
{
  int order;

  if (G_LIKELY (a->head != b->head))
    return a->head < b->head;
  order = memcmp (a->text, b->text, MIN (a->length, b->length));
  return order < 0 || (order == 0 && a->length < b->length);
}

typedef struct
{
  Text least, most;
  guint32 min, max; /* which they are */
} Range;

/* Strings from number @first on, which follow each other. */
static void
add_to_range (Range *self, const char *texts, const guint32 *lengths, guint32 first, guint32 n)
{
  for (guint32 i = first; i < first + n; texts += lengths[i++])
    {
      const Text text = make_text (texts, lengths[i]);

      if (i == 0 || is_before (&text, &self->least))
        {
          self->least = text;
          self->min = i;
        }
      if (i == 0 || is_before (&self->most, &text))
        {
          self->most = text;
          self->max = i;
        }
    }
}

/* How many places from @at on follow each other, and how long their strings are together. */
static guint32
count_stretch (const ArborPlaces *places, const guint32 *lengths, guint32 at, gsize *size)
{
  guint32 first = arbor_places_get (places, at);
  guint32 n = 0;

  *size = 0;
  while (at + n < places->n && arbor_places_get (places, at + n) == first + n)
    *size += lengths[at + n++];
  return n;
}

/* Without a call where there are few; no byte past them is read or written. */
static inline void
copy_bytes (guint8 *out, const char *from, gsize size)
{
  guint64 head, tail;

  if (size > 16)
    memcpy (out, from, size);
  else if (size >= 8)
    {
      memcpy (&head, from, 8);
      memcpy (&tail, from + size - 8, 8);
      memcpy (out, &head, 8);
      memcpy (out + size - 8, &tail, 8);
    }
  else
    for (gsize i = 0; i < size; i++)
      out[i] = (guint8) from[i];
}

static void
write_strings (Encode *self, Source *source, const ArborLaneRecord *from, const ArborPlaces *places,
               ArborLaneRecord *lane)
{
  const guint8 *data = source->from->batch->data;
  const guint32 *lengths = source->lengths;
  Range range = { { 0 } };
  gsize size = 0;
  guint8 *out = NULL;
  guint32 n;

  for (guint32 i = 0; i < places->n; i++)
    size += lengths[i];
  lane->encoding = ARBOR_ENCODING_SPANS;
  lane->size_a = (guint32) size;
  if (size > 0)
    {
      lane->offset_a =
          arbor_batch_encoder_reserve_unset (&self->encoder, size, ARBOR_BATCH_ALIGNMENT);
      out = self->encoder.out.data + lane->offset_a;
    }
  for (guint32 i = 0; i < places->n; i += n)
    {
      guint64 start, end;
      const char *texts;

      n = count_stretch (places, lengths, i, &size);
      arbor_spans_get (data + from->offset_b, from->count, from->span_width,
                       arbor_places_get (places, i), &start, &end);
      texts = (const char *) data + from->offset_a + start;
      copy_bytes (out, texts, size);
      out += size;
      add_to_range (&range, texts, lengths, i, n);
    }
  lane->min = range.min;
  lane->max = range.max;
  arbor_batch_encoder_write_spans (&self->encoder, lane, lengths, places->n);
}

/* Numbers */

#define COPY(type)                                                                                 \
  ARBOR_TARGET_CLONES static void get_range_##type (const type *numbers, guint32 n, guint64 *min,  \
                                                    guint64 *max)                                  \
  {                                                                                                \
    type least = numbers[0], most = numbers[0];                                                    \
                                                                                                   \
    for (guint32 i = 0; i < n; i++)                                                                \
      {                                                                                            \
        least = MIN (least, numbers[i]);                                                           \
        most = MAX (most, numbers[i]);                                                             \
      }                                                                                            \
    *min = least;                                                                                  \
    *max = most;                                                                                   \
  }                                                                                                \
                                                                                                   \
  ARBOR_TARGET_CLONES static void lower_##type (type *numbers, guint32 n, type by)                 \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      numbers[i] = (type) (numbers[i] - by);                                                       \
  }                                                                                                \
                                                                                                   \
  static void copy_##type (const guint8 *from, const ArborPlaces *places, guint8 *out)             \
  {                                                                                                \
    const type *numbers = (const type *) (gconstpointer) from;                                     \
    type *to = (type *) (gpointer) out;                                                            \
                                                                                                   \
    if (places->list == NULL)                                                                      \
      memcpy (to, numbers + places->from, places->n * sizeof (type));                              \
    else                                                                                           \
      for (guint32 i = 0; i < places->n; i++)                                                      \
        memcpy (&to[i], from + (gsize) places->list[i] * sizeof (type), sizeof (type));            \
  }

COPY (guint8)
COPY (guint16)
COPY (guint32)
COPY (guint64)

/* Copies numbers of @width bytes; their range. */
static void
copy_numbers (const guint8 *from, guint width, const ArborPlaces *places, guint8 *out, guint64 *min,
              guint64 *max)
{
  switch (width)
    {
    case 1:
      copy_guint8 (from, places, out);
      get_range_guint8 (out, places->n, min, max);
      break;
    case 2:
      copy_guint16 (from, places, out);
      get_range_guint16 ((gpointer) out, places->n, min, max);
      break;
    case 4:
      copy_guint32 (from, places, out);
      get_range_guint32 ((gpointer) out, places->n, min, max);
      break;
    default:
      copy_guint64 (from, places, out);
      get_range_guint64 ((gpointer) out, places->n, min, max);
      break;
    }
}

static void
lower (guint8 *numbers, guint width, guint32 n, guint64 by)
{
  switch (width)
    {
    case 1:
      lower_guint8 (numbers, n, (guint8) by);
      break;
    case 2:
      lower_guint16 ((gpointer) numbers, n, (guint16) by);
      break;
    case 4:
      lower_guint32 ((gpointer) numbers, n, (guint32) by);
      break;
    default:
      lower_guint64 ((gpointer) numbers, n, by);
      break;
    }
}

/* Buffer a; the range of what is in it. */
static void
write_numbers (Encode *self, const Source *source, const ArborLaneRecord *from,
               const ArborPlaces *places, ArborLaneRecord *lane, guint64 *min, guint64 *max)
{
  *min = *max = 0;
  lane->encoding = from->encoding;
  lane->width = from->width;
  lane->size_a = places->n * from->width;
  if (from->width == 0)
    return;
  lane->offset_a =
      arbor_batch_encoder_reserve_unset (&self->encoder, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  copy_numbers (source->from->batch->data + from->offset_a, from->width, places,
                self->encoder.out.data + lane->offset_a, min, max);
}

static void
write_frame (Encode *self, const Source *source, const ArborLaneRecord *from,
             const ArborPlaces *places, ArborLaneRecord *lane)
{
  guint64 min, max;

  write_numbers (self, source, from, places, lane, &min, &max);
  lane->min = from->min + min;
  lane->max = from->min + max;
  if (min > 0)
    lower (self->encoder.out.data + lane->offset_a, lane->width, places->n, min);
}

static void
write_reals (Encode *self, const Source *source, const ArborLaneRecord *from,
             const ArborPlaces *places, ArborLaneRecord *lane)
{
  const double *reals;
  double least[4], most[4];
  guint64 unused;

  write_numbers (self, source, from, places, lane, &unused, &unused);
  reals = (const double *) (gconstpointer) (self->encoder.out.data + lane->offset_a);
  for (guint j = 0; j < 4; j++)
    least[j] = most[j] = reals[0];
  for (guint32 i = 0; i < places->n; i++)
    {
      least[i % 4] = MIN (least[i % 4], reals[i]);
      most[i % 4] = MAX (most[i % 4], reals[i]);
    }
  for (guint j = 1; j < 4; j++)
    {
      least[0] = MIN (least[0], least[j]);
      most[0] = MAX (most[0], most[j]);
    }
  memcpy (&lane->min, &least[0], 8);
  memcpy (&lane->max, &most[0], 8);
}

static void
write_dictionary (Encode *self, const Source *source, const ArborLaneRecord *from,
                  const ArborPlaces *places, ArborLaneRecord *lane)
{
  const guint8 *data = source->from->batch->data;

  /* Entries ascend, so codes do. */
  write_numbers (self, source, from, places, lane, &lane->min, &lane->max);
  lane->n_distinct = from->n_distinct;
  lane->span_width = from->span_width;
  lane->size_b = from->size_b;
  lane->offset_b = arbor_batch_encoder_write (&self->encoder, data + from->offset_b, from->size_b);
  lane->size_c = from->size_c;
  lane->offset_c = arbor_batch_encoder_write (&self->encoder, data + from->offset_c, from->size_c);
}

static void
write_bools (Encode *self, const Source *source, const ArborLaneRecord *from,
             const ArborPlaces *places, ArborLaneRecord *lane)
{
  const guint8 *bits = source->from->batch->data + from->offset_a;
  guint8 *bools = arbor_scope_alloc (self->compose->scope, places->n);
  guint32 n_true = 0;

  for (guint32 i = 0; i < places->n; i++)
    {
      guint32 index = arbor_places_get (places, i);

      bools[i] = (bits[index / 8] >> (index % 8)) & 1;
      n_true += bools[i];
    }
  lane->encoding = ARBOR_ENCODING_BITS;
  lane->min = n_true == places->n;
  lane->max = n_true > 0;
  lane->size_a = (guint32) arbor_bitmap_words_size (places->n);
  lane->offset_a = arbor_batch_encoder_reserve (&self->encoder, lane->size_a, ARBOR_BATCH_ALIGNMENT);
  arbor_pack_bits (self->encoder.out.data + lane->offset_a, bools, places->n, 1);
}

/* Columns */

static void
put_lane (Encode *self, const ArborLaneRecord *lane)
{
  memcpy (self->encoder.out.data + self->encoder.lanes_at + self->encoder.n_lanes++ * sizeof *lane,
          lane, sizeof *lane);
}

static void
write_lane (Encode *self, Source *source, guint i)
{
  const ArborLaneRecord *from = get_lane (source, i);
  const ArborPlaces *places = get_places (source, i);
  const ArborGatherColumn *column = &source->field->gather->columns[source->from->column];
  ArborLaneRecord lane = { .kind = from->kind, .count = places->n };

  if (places->n < source->field->n_values)
    {
      guint8 *at;

      lane.slots_offset = arbor_batch_encoder_reserve (
          &self->encoder, arbor_bitmap_size (source->field->n_values), ARBOR_BATCH_ALIGNMENT);
      at = self->encoder.out.data + lane.slots_offset;
      arbor_pack_bits (at, column->tags, source->field->n_values, lane.kind);
      arbor_bitmap_write_ranks (at, source->field->n_values);
    }
  switch (from->encoding)
    {
    case ARBOR_ENCODING_BITS:
      write_bools (self, source, from, places, &lane);
      break;
    case ARBOR_ENCODING_FRAME:
      write_frame (self, source, from, places, &lane);
      break;
    case ARBOR_ENCODING_RAW:
      write_reals (self, source, from, places, &lane);
      break;
    case ARBOR_ENCODING_DICTIONARY:
      write_dictionary (self, source, from, places, &lane);
      break;
    default: /* ARBOR_ENCODING_SPANS */
      write_strings (self, source, from, places, &lane);
      break;
    }
  put_lane (self, &lane);
}

static void
write_presence (Encode *self, const Source *source, ArborColumnRecord *record)
{
  guint8 *at;

  if (record->n_values == record->n_rows)
    return;
  record->presence = ARBOR_PRESENCE_BITMAP;
  record->presence_offset = arbor_batch_encoder_reserve (
      &self->encoder, arbor_bitmap_size (record->n_rows), ARBOR_BATCH_ALIGNMENT);
  at = self->encoder.out.data + record->presence_offset;
  memcpy (at, source->field->present, arbor_bits_n_words (record->n_rows) * 8);
  arbor_bitmap_write_ranks (at, record->n_rows);
}

static void
write_column (Encode *self, guint number)
{
  Source *source = &self->sources[number - 1];
  ArborColumnRecord record = { .parent = 0,
                               .key = number - 1,
                               .first_lane = self->encoder.n_lanes,
                               .n_lanes = (guint16) source->n_lanes,
                               .n_rows = self->n_trees,
                               .n_values = source->field->n_values,
                               .n_nulls = source->field->n_values };

  write_presence (self, source, &record);
  for (guint i = 0; i < source->record->n_lanes; i++)
    if (get_places (source, i)->n > 0)
      {
        record.n_nulls -= get_places (source, i)->n;
        write_lane (self, source, i);
      }
  memcpy (self->encoder.out.data + self->encoder.columns_at + number * sizeof record, &record,
          sizeof record);
}

static void
write_root (Encode *self)
{
  ArborColumnRecord record = { .parent = ARBOR_NO_COLUMN,
                               .key = ARBOR_NO_COLUMN,
                               .first_child = self->n_sources > 0,
                               .n_fields = self->n_sources,
                               .n_lanes = 1,
                               .n_rows = self->n_trees,
                               .n_values = self->n_trees,
                               .n_shapes = self->n_shapes };
  ArborLaneRecord lane = { .kind = ARBOR_KIND_OBJECT,
                           .encoding = ARBOR_ENCODING_SHAPES,
                           .count = self->n_trees };

  if (self->n_shapes > 1)
    {
      lane.width = 1;
      lane.size_a = self->n_trees;
      lane.offset_a = arbor_batch_encoder_write (&self->encoder, self->shapes, self->n_trees);
    }
  put_lane (self, &lane);
  memcpy (self->encoder.out.data + self->encoder.columns_at, &record, sizeof record);
}

/* Tables */

static void
write_keys (Encode *self)
{
  ArborBuffer *out = &self->encoder.out;
  gsize at = arbor_batch_encoder_reserve (&self->encoder, ((gsize) self->n_sources + 1) * 4, 1);
  guint32 end = 0;

  for (guint i = 0; i < self->n_sources; i++)
    {
      const ArborFieldRows *from = self->sources[i].from;

      memcpy (out->data + at + (gsize) i * 4, &end, 4);
      arbor_batch_encoder_make_room (&self->encoder, from->length);
      arbor_buffer_append (out, from->key, from->length);
      end += from->length;
    }
  memcpy (out->data + at + (gsize) self->n_sources * 4, &end, 4);
}

/* Fields of a tree lie in the order in which they were given. */
static guint32
write_shape (Encode *self, guint64 pattern)
{
  guint32 n = 0;

  for (guint f = 0; f < self->n_fields; f++)
    {
      const ArborComposeField *field = arbor_compose_get_field (self->compose, f);
      gboolean is_partial = field->n_values > 0 && field->present != NULL;
      guint32 number = self->numbers[f];

      if (field->n_values > 0 && (!is_partial || (pattern & 1) != 0))
        {
          arbor_batch_encoder_make_room (&self->encoder, 4);
          arbor_buffer_append (&self->encoder.out, &number, 4);
          n++;
        }
      pattern >>= is_partial;
    }
  return n;
}

static void
write_shapes (Encode *self, guint32 *shapes_offset)
{
  guint32 end = 0;

  *shapes_offset =
      arbor_batch_encoder_reserve (&self->encoder, ((gsize) self->n_shapes + 1) * 4, 8);
  for (guint i = 0; i < self->n_shapes; i++)
    {
      memcpy (self->encoder.out.data + *shapes_offset + (gsize) i * 4, &end, 4);
      end += write_shape (self, self->patterns[i]);
    }
  memcpy (self->encoder.out.data + *shapes_offset + (gsize) self->n_shapes * 4, &end, 4);
}

/* About as many bytes as there will be. */
static guint64
measure (Encode *self)
{
  guint64 size = ARBOR_BATCH_MIN_BYTES + self->n_trees;

  for (guint i = 0; i < self->n_sources; i++)
    {
      Source *source = &self->sources[i];

      size += ROOM_OF_FIELD + (guint64) source->n_lanes * self->n_trees / 4;
      for (guint j = 0; j < source->record->n_lanes; j++)
        {
          const ArborLaneRecord *lane = get_lane (source, j);
          const ArborPlaces *places = get_places (source, j);

          if (places->n == 0)
            continue;
          size += (guint64) places->n * lane->width;
          if (lane->encoding == ARBOR_ENCODING_DICTIONARY)
            size += (guint64) lane->size_b + lane->size_c;
          else if (lane->encoding == ARBOR_ENCODING_SPANS)
            size += list_lengths (self, source, lane, places) + (guint64) places->n * 5;
        }
    }
  return size;
}

static void
encode (Encode *self, ArborBatchHeader *header)
{
  ArborBatchEncoder *encoder = &self->encoder;

  header->n_lanes = 1;
  for (guint i = 0; i < self->n_sources; i++)
    header->n_lanes += self->sources[i].n_lanes;
  header->n_trees = self->n_trees;
  header->n_columns = self->n_sources + 1;
  header->n_keys = self->n_sources;
  header->n_shapes = self->n_shapes;
  arbor_batch_encoder_reserve (encoder, sizeof *header, 1);
  encoder->columns_at = encoder->out.length;
  arbor_batch_encoder_reserve (encoder, header->n_columns * sizeof (ArborColumnRecord), 1);
  encoder->lanes_at = encoder->out.length;
  arbor_batch_encoder_reserve (encoder, header->n_lanes * sizeof (ArborLaneRecord), 1);
  header->keys_offset = (guint32) encoder->out.length;
  write_keys (self);
  write_shapes (self, &header->shapes_offset);
  header->data_offset = arbor_batch_encoder_reserve (encoder, 0, ARBOR_BATCH_ALIGNMENT);
  write_root (self);
  for (guint i = 1; i <= self->n_sources; i++)
    write_column (self, i);
  if (encoder->out.length < ARBOR_BATCH_MIN_BYTES)
    arbor_batch_encoder_reserve (encoder, ARBOR_BATCH_MIN_BYTES - encoder->out.length, 1);
  arbor_batch_encoder_reserve (encoder, 0, ARBOR_BATCH_ALIGNMENT);
  header->n_bytes = encoder->out.length;
}

/* Whether all of it goes so. */
static gboolean
prepare (Encode *self, const ArborFieldRows *fields)
{
  ArborScope *scope = self->compose->scope;

  if (!arbor_compose_plan (self->compose, fields, self->n_fields, self->n_trees, &self->n_partial))
    return FALSE;
  self->sources = arbor_scope_alloc (scope, ((gsize) self->n_fields + 1) * sizeof *self->sources);
  self->numbers = arbor_scope_alloc (scope, ((gsize) self->n_fields + 1) * sizeof *self->numbers);
  memset (self->numbers, 0, ((gsize) self->n_fields + 1) * sizeof *self->numbers);
  for (guint f = 0; f < self->n_fields; f++)
    if (!add_source (self, &fields[f], f))
      return FALSE;
  qsort (self->sources, self->n_sources, sizeof *self->sources, compare_keys);
  for (guint i = 0; i < self->n_sources; i++)
    self->numbers[self->sources[i].from - fields] = i + 1;
  return find_shapes (self);
}

GBytes *
arbor_compose_encode (ArborCompose *self, const ArborFieldRows *fields, guint n_fields,
                      guint32 n_trees, GError **error)
{
  ArborBatchHeader header = { .magic = ARBOR_BATCH_MAGIC, .version = ARBOR_BATCH_VERSION };
  Encode encoding = { .compose = self, .n_fields = n_fields, .n_trees = n_trees };
  ArborBuffer *out = &encoding.encoder.out;
  GBytes *bytes;
  guint64 size;

  if (!prepare (&encoding, fields))
    return NULL;
  size = measure (&encoding);
  if (size > ARBOR_BATCH_MAX_BYTES / 2 || !arbor_memory_check (2 * size, error))
    return NULL;
  arbor_batch_encoder_make_room (&encoding.encoder, size);
  encode (&encoding, &header);
  memcpy (out->data, &header, sizeof header);
  header.digest = arbor_batch_compute_digest (out->data, out->length);
  memcpy (out->data, &header, sizeof header);
  if (out->length >= out->capacity / 4 * 3)
    return arbor_batch_take_bytes (out->data, out->length);
  bytes = arbor_batch_copy_bytes (out->data, out->length);
  arbor_batch_deallocate (out->data);
  return bytes;
}
