/* Opening a batch: the complete check of header, tables and records, each against the batch's size
 * and its parent. What passes can be read by arbor-batch.c without leaving the bytes; the values
 * themselves are not looked at. See arbor-batch-format.h for the bytes.
 */

#include "batch/arbor-batch-format.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

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

  if (column->n_values == 0 || !check_presence (self, column) || column->zero != 0 ||
      (column->digest != 0 && (self->header->flags & ARBOR_BATCH_HAS_DIGESTS) == 0))
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

/* The digest of the header is of what has been read here; of an older batch it is of all bytes, which
 * are left alone. */
static gboolean
check_digest (const ArborBatch *self, GError **error)
{
  if ((self->header->flags & ARBOR_BATCH_HAS_DIGESTS) == 0)
    return TRUE;
  if (!arbor_batch_check_order (self))
    return set_corrupt (error, _("its buffers do not follow each other"));
  return arbor_batch_compute_digest (self) == self->header->digest ||
         set_corrupt (error, _("its directory does not have the digest that its header gives"));
}

static gboolean
check_directory (ArborBatch *self, GError **error)
{
  const ArborBatchHeader *header = self->header;
  guint64 directory_end;
  gboolean is_large;

  if (memcmp (header->magic, ARBOR_BATCH_MAGIC, 8) != 0)
    return set_corrupt (error, _("it does not begin with the mark of a batch"));
  if (header->version != ARBOR_BATCH_VERSION)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_VERSION,
                   _("Batch format %u is newer than this library, which reads %u"), header->version,
                   ARBOR_BATCH_VERSION);
      return FALSE;
    }
  if ((header->flags & ~ARBOR_BATCH_FLAGS) != 0)
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
  is_large = (header->flags & ARBOR_BATCH_IS_LARGE) != 0;
  if (header->n_trees == 0 || header->n_trees > ARBOR_BATCH_MAX_TREES ||
      is_large != (header->n_trees > ARBOR_BATCH_CUT_TREES) || header->n_columns == 0 ||
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
arbor_batch_open_unsealed (const guint8 *data, gsize length, GError **error)
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
  self->column_states = g_new0 (guint8, (gsize) self->header->n_columns + 1);
  return g_steal_pointer (&self);
}

ArborBatch *
arbor_batch_open (const guint8 *data, gsize length, GError **error)
{
  g_autoptr (ArborBatch) self = arbor_batch_open_unsealed (data, length, error);

  return self != NULL && check_digest (self, error) ? g_steal_pointer (&self) : NULL;
}
