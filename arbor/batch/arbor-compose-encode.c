/* Composed trees as a batch, without a builder. See arbor-compose.h. Only plain values: each lane
 * of a field becomes a lane of the batch (arbor-compose-lane.c), in the encoding that it has, with
 * the values that were planned.
 */

#include "batch/arbor-compose-private.h"

#include "base/arbor-bits.h"
#include "base/arbor-memory.h"
#include "batch/arbor-batch-pack.h"

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

static ArborComposeLane
get_lane (const Source *source, guint i)
{
  guint lane = source->record->first_lane + i;
  const ArborBatch *batch = source->from->batch;

  return (ArborComposeLane){ .data = batch->data,
                             .from = &batch->lanes[lane],
                             .places = &source->field->gather->lanes[lane],
                             .lengths = source->lengths };
}

/* What can be so */

static gboolean
lane_is_simple (const ArborComposeLane *lane)
{
  const ArborLaneRecord *from = lane->from;

  if (lane->places->n == 0)
    return TRUE;
  return from->kind < ARBOR_KIND_NUMBER ||
         (from->kind == ARBOR_KIND_STRING && (from->encoding != ARBOR_ENCODING_DICTIONARY ||
                                              from->n_distinct <= lane->places->n));
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
      const ArborComposeLane lane = get_lane (source, i);

      if (!lane_is_simple (&lane))
        return FALSE;
      source->n_lanes += lane.places->n > 0;
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

/* Columns */

static void
put_lane (Encode *self, const ArborLaneRecord *lane)
{
  memcpy (self->encoder.out.data + self->encoder.lanes_at + self->encoder.n_lanes++ * sizeof *lane,
          lane, sizeof *lane);
}

static void
write_lane (Encode *self, const Source *source, const ArborComposeLane *values)
{
  const ArborGatherColumn *column = &source->field->gather->columns[source->from->column];
  ArborLaneRecord lane = { .kind = values->from->kind, .count = values->places->n };

  if (values->places->n < source->field->n_values)
    {
      guint8 *at;

      lane.slots_offset = arbor_batch_encoder_reserve (
          &self->encoder, arbor_bitmap_size (source->field->n_values), ARBOR_BATCH_ALIGNMENT);
      at = self->encoder.out.data + lane.slots_offset;
      arbor_pack_bits (at, column->tags, source->field->n_values, lane.kind);
      arbor_bitmap_write_ranks (at, source->field->n_values);
    }
  arbor_compose_lane_write (values, &self->encoder, self->compose->scope, &lane);
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
    {
      const ArborComposeLane lane = get_lane (source, i);

      if (lane.places->n == 0)
        continue;
      record.n_nulls -= lane.places->n;
      write_lane (self, source, &lane);
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
          const ArborComposeLane lane = get_lane (source, j);
          guint32 n = lane.places->n;

          if (n == 0)
            continue;
          size += (guint64) n * lane.from->width;
          if (lane.from->encoding == ARBOR_ENCODING_DICTIONARY)
            size += (guint64) lane.from->size_b + lane.from->size_c;
          else if (lane.from->encoding == ARBOR_ENCODING_SPANS)
            {
              source->lengths = arbor_scope_alloc (self->compose->scope, n * sizeof (guint32));
              size += arbor_compose_lane_list_lengths (&lane, source->lengths) + (guint64) n * 5;
            }
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
  arbor_batch_header_set_n_trees (header, self->n_trees);
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
  ArborBatchHeader header = { .magic = ARBOR_BATCH_MAGIC, .version = ARBOR_BATCH_VERSION,
                              .flags = ARBOR_BATCH_HAS_DIGESTS };
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
  arbor_batch_seal (out->data, out->length);
  if (out->length >= out->capacity / 4 * 3)
    return arbor_batch_take_bytes (out->data, out->length);
  bytes = arbor_batch_copy_bytes (out->data, out->length);
  arbor_batch_deallocate (out->data);
  return bytes;
}
