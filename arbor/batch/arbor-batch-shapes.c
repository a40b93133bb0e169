/* The shapes of a batch under construction: the members of an object in their order. They are
 * found by a hash over the columns of the members; most objects have the shape of the one before.
 */

#include "batch/arbor-batch-builder-private.h"

#define NO_SHAPE ARBOR_NO_COLUMN

static guint32
get_n_shapes (ArborBatchBuilder *self)
{
  return (guint32) (self->shape_starts.length / 4);
}

static void
get_shape (ArborBatchBuilder *self, guint32 shape, const guint32 **fields, guint32 *n)
{
  const guint32 *starts = (const guint32 *) self->shape_starts.data;
  guint32 end = shape + 1 < get_n_shapes (self) ? starts[shape + 1]
                                                : (guint32) (self->shape_columns.length / 4);

  *fields = (const guint32 *) self->shape_columns.data + starts[shape];
  *n = end - starts[shape];
}

static gboolean
shape_matches (ArborBatchBuilder *self, guint32 shape, const guint32 *fields, guint32 n_fields)
{
  const guint32 *others;
  guint32 n;
  guint32 difference = 0;

  get_shape (self, shape, &others, &n);
  if (n != n_fields)
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    difference |= others[i] ^ fields[i];
  return difference == 0;
}

static guint32
hash_fields (guint32 owner, const guint32 *fields, guint32 n)
{
  guint32 hash = owner;

  for (guint32 i = 0; i < n; i++)
    hash = (hash ^ fields[i]) * 0x01000193u;
  return hash;
}

static void
grow_slots (ArborBatchBuilder *self)
{
  guint32 n_shapes = get_n_shapes (self);

  self->n_shape_slots = MAX (64, self->n_shape_slots * 2);
  self->shape_slots = g_renew (guint32, self->shape_slots, self->n_shape_slots);
  memset (self->shape_slots, 0, (gsize) self->n_shape_slots * sizeof *self->shape_slots);
  for (guint32 shape = 0; shape < n_shapes; shape++)
    {
      const guint32 *fields;
      guint32 n;
      guint32 hash;

      get_shape (self, shape, &fields, &n);
      hash = hash_fields (((const guint32 *) self->shape_owners.data)[shape], fields, n);
      while (self->shape_slots[hash & (self->n_shape_slots - 1)] != 0)
        hash++;
      self->shape_slots[hash & (self->n_shape_slots - 1)] = shape + 1;
    }
}

guint32
arbor_batch_builder_find_shape (ArborBatchBuilder *self, guint32 column, const guint32 *fields,
                                guint32 n_fields)
{
  guint32 n_shapes = get_n_shapes (self);
  guint32 hash;

  if ((n_shapes + 1) * 2 > self->n_shape_slots)
    grow_slots (self);
  for (hash = hash_fields (column, fields, n_fields);; hash++)
    {
      guint32 shape = self->shape_slots[hash & (self->n_shape_slots - 1)];

      if (shape == 0)
        break;
      if (((const guint32 *) self->shape_owners.data)[shape - 1] == column &&
          shape_matches (self, shape - 1, fields, n_fields))
        return shape - 1;
    }

  self->shape_slots[hash & (self->n_shape_slots - 1)] = n_shapes + 1;
  arbor_column_builder_add_u32 (&self->shape_starts, (guint32) (self->shape_columns.length / 4));
  arbor_column_builder_add_u32 (&self->shape_owners, column);
  arbor_buffer_append (&self->shape_columns, fields, (gsize) n_fields * 4);
  self->raw_size += (gsize) n_fields * 4;
  return n_shapes;
}

void
arbor_batch_builder_add_shape (ArborBatchBuilder *self, guint32 column, const guint32 *fields,
                               guint32 n_fields)
{
  guint32 last = self->columns[column].last_shape;

  if (last == NO_SHAPE || !shape_matches (self, last, fields, n_fields))
    {
      guint32 shape = arbor_batch_builder_find_shape (self, column, fields, n_fields);

      self->columns[column].has_shapes |= last != NO_SHAPE && last != shape;
      self->columns[column].last_shape = last = shape;
    }
  arbor_column_builder_add_u32 (&self->columns[column].shapes, last);
}
