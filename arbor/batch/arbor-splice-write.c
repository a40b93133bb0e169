/* Writing a spliced batch, once its columns are found: the tables, the records, and the lanes one after the other. See
 * arbor-splice-private.h.
 */

#include "batch/arbor-splice-private.h"

static void
write_keys (ArborSplicing *self)
{
  ArborBatchEncoder *encoder = &self->base.encoder;
  g_autoptr (GHashTable) known =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  guint32 end = 0;
  gsize at;

  for (guint i = 0; i < self->columns->len; i++)
    {
      ArborSpliceColumn *column = arbor_splicing_get_column (self, i);
      GBytes *key;

      column->key_number = ARBOR_NO_COLUMN;
      if (column->key == NULL)
        continue;
      key = g_bytes_new_static (column->key, column->key_length);
      column->key_number = GPOINTER_TO_UINT (g_hash_table_lookup (known, key));
      if (column->key_number-- > 0)
        {
          g_bytes_unref (key);
          continue;
        }
      g_ptr_array_add (keys, column);
      column->key_number = keys->len - 1;
      g_hash_table_insert (known, key, GUINT_TO_POINTER (keys->len));
    }
  encoder->n_keys = keys->len;
  at = arbor_batch_encoder_reserve (encoder, ((gsize) keys->len + 1) * 4, 1);
  for (guint i = 0; i < keys->len; i++)
    {
      const ArborSpliceColumn *column = g_ptr_array_index (keys, i);

      arbor_batch_encoder_make_room (encoder, column->key_length);
      arbor_buffer_append (&encoder->out, column->key, column->key_length);
      end += column->key_length;
      memcpy (encoder->out.data + at + ((gsize) i + 1) * 4, &end, 4);
    }
}

static void
write_array (ArborBatchEncoder *encoder, const GArray *array)
{
  arbor_batch_encoder_make_room (encoder, array->len * sizeof (guint32));
  arbor_buffer_append (&encoder->out, array->data, array->len * sizeof (guint32));
}

static guint32
write_bitmap (ArborBatchEncoder *encoder, const guint64 *bits, guint32 n)
{
  guint32 offset = arbor_batch_encoder_reserve (encoder, arbor_bitmap_size (n), ARBOR_BATCH_ALIGNMENT);

  memcpy (encoder->out.data + offset, bits, arbor_bitmap_words_size (n));
  arbor_bitmap_write_ranks (encoder->out.data + offset, n);
  return offset;
}

static gboolean
write_column (ArborSplicing *self, guint32 number)
{
  ArborBatchEncoder *encoder = &self->base.encoder;
  const ArborSpliceColumn *column = arbor_splicing_get_column (self, number);
  ArborColumnRecord record = { .parent = column->parent,
                               .key = column->key_number,
                               .first_child = column->first_child,
                               .n_fields = column->n_fields,
                               .first_lane = encoder->n_lanes,
                               .n_lanes = (guint16) column->n_lanes,
                               .has_elements = column->has_elements,
                               .n_rows = column->rows->total,
                               .n_values = column->slots.total,
                               .n_nulls = column->n_nulls,
                               .first_shape = column->first_shape };

  if (column->present != NULL)
    {
      record.presence = ARBOR_PRESENCE_BITMAP;
      record.presence_offset = write_bitmap (encoder, column->present, record.n_rows);
    }
  for (guint i = 0; i < column->n_lanes; i++)
    {
      const ArborSpliceLane *lane = &column->lanes[i];
      ArborLaneRecord out = { .kind = lane->kind, .count = lane->places.total };

      if (lane->kind == ARBOR_KIND_OBJECT)
        record.n_shapes = lane->n_shapes;
      if (lane->slots != NULL)
        out.slots_offset = write_bitmap (encoder, lane->slots, record.n_values);
      if (!arbor_splice_write_lane (&self->base, lane, &out) ||
          encoder->out.length > ARBOR_BATCH_MAX_BYTES / 2)
        return FALSE;
      memcpy (encoder->out.data + encoder->lanes_at + encoder->n_lanes++ * sizeof out, &out, sizeof out);
    }
  memcpy (encoder->out.data + encoder->columns_at + number * sizeof record, &record, sizeof record);
  return TRUE;
}

static gboolean
write_all (ArborSplicing *self)
{
  ArborBatchEncoder *encoder = &self->base.encoder;
  ArborBuffer *out = &encoder->out;
  ArborBatchHeader header = { .magic = ARBOR_BATCH_MAGIC,
                              .version = ARBOR_BATCH_VERSION,
                              .n_columns = self->columns->len,
                              .n_lanes = self->n_lanes,
                              .n_shapes = self->shape_ends->len - 1 };

  arbor_batch_header_set_n_trees (&header, self->trees.total);
  arbor_batch_encoder_reserve (encoder, sizeof header, 1);
  encoder->columns_at =
      arbor_batch_encoder_reserve (encoder, self->columns->len * sizeof (ArborColumnRecord), 1);
  encoder->lanes_at = arbor_batch_encoder_reserve (encoder, self->n_lanes * sizeof (ArborLaneRecord), 1);
  header.keys_offset = (guint32) out->length;
  write_keys (self);
  header.n_keys = encoder->n_keys;
  arbor_batch_encoder_reserve (encoder, 0, 8);
  header.shapes_offset = (guint32) out->length;
  write_array (encoder, self->shape_ends);
  write_array (encoder, self->shape_columns);
  arbor_batch_encoder_reserve (encoder, 0, ARBOR_BATCH_ALIGNMENT);
  header.data_offset = (guint32) out->length;
  for (guint i = 0; i < self->columns->len; i++)
    if (!write_column (self, i))
      return FALSE;
  arbor_batch_encoder_reserve (encoder, 0, ARBOR_BATCH_ALIGNMENT);
  header.n_bytes = out->length;
  memcpy (out->data, &header, sizeof header);
  return TRUE;
}

/* How long the batch becomes, about: of each column what the batch has that most of its values come from, as
 * far as can be said without a look. */
static gsize
estimate (const ArborSplicing *self)
{
  gsize size = ARBOR_BATCH_MIN_BYTES;

  for (guint i = 0; i < self->columns->len; i++)
    {
      const ArborSpliceColumn *column = arbor_splicing_get_column (self, i);

      for (guint j = 0; j < column->n_lanes; j++)
        {
          const ArborSpliceLane *lane = &column->lanes[j];
          gsize most = 0;

          for (guint k = 0; k < self->base.n_batches; k++)
            if (lane->of[k] != NULL)
              most = MAX (most, (gsize) (lane->kind == ARBOR_KIND_ARRAY ? 0 : lane->of[k]->size_a) +
                                    lane->of[k]->size_b + lane->of[k]->size_c);
          size += most + most / 8 + 1024;
        }
    }
  return size;
}

GBytes *
arbor_splicing_write (ArborSplicing *self)
{
  ArborBuffer *out = &self->base.encoder.out;

  arbor_batch_encoder_make_room (&self->base.encoder, estimate (self));
  if (write_all (self))
    return arbor_batch_take_bytes (out->data, out->length);
  if (out->data != NULL)
    arbor_batch_deallocate (out->data);
  return NULL;
}
