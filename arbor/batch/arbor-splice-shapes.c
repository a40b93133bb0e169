/* Which members the objects of a spliced column have: of each shape of each batch, its shape in the new
 * one.
 */

#include "batch/arbor-splice-private.h"

/* Shapes of the objects of a column: with more, they are gathered. */
#define MAX_SHAPES 65536u

typedef struct
{
  guint32 **numbers; /* of each shape of each batch: its number and one; 0: not met */
  guint32 *targets;  /* of the columns of the batch at hand: theirs, or ARBOR_NO_COLUMN */
  GHashTable *known; /* GBytes -> number and one */
} Shapes;

/* Which of the new columns each field of the batch is. */
static guint32 *
list_targets (ArborSplicing *self, const ArborSpliceColumn *column, guint batch)
{
  guint32 first, n = arbor_batch_get_fields (self->base.batches[batch], column->of[batch], &first);
  guint32 *targets = arbor_scope_alloc (self->base.scope, ((gsize) n + 1) * sizeof *targets);

  for (guint32 i = 0; i < n; i++)
    targets[i] = ARBOR_NO_COLUMN;
  for (guint32 i = 0; i < column->n_fields; i++)
    {
      guint32 of = arbor_splicing_get_column (self, column->first_child + i)->of[batch];

      if (of != ARBOR_NO_COLUMN)
        targets[of - first] = column->first_child + i;
    }
  return targets;
}

static guint32
find_shape (ArborSplicing *self, const ArborSpliceColumn *column, guint batch,
            const guint32 *targets, guint64 shape, GHashTable *known)
{
  const ArborBatch *from = self->base.batches[batch];
  const ArborColumnRecord *record = arbor_splicing_get_record (self, column, batch);
  const guint8 *offsets = from->shape_offsets + (record->first_shape + shape) * 4;
  guint32 at = arbor_load_u32 (offsets), end = arbor_load_u32 (offsets + 4);
  guint32 *fields = arbor_scope_alloc (self->base.scope, ((gsize) (end - at) + 1) * sizeof *fields);
  guint32 n = 0, number;
  GBytes *key;

  for (; at < end; at++)
    {
      guint32 field = arbor_load_u32 (from->shape_columns + (gsize) at * 4) - record->first_child;

      if (targets[field] != ARBOR_NO_COLUMN)
        fields[n++] = targets[field];
    }
  key = g_bytes_new_static (fields, n * sizeof *fields);
  number = GPOINTER_TO_UINT (g_hash_table_lookup (known, key));
  if (number > 0)
    {
      g_bytes_unref (key);
      return number;
    }
  number = g_hash_table_size (known) + 1;
  g_hash_table_insert (known, key, GUINT_TO_POINTER (number));
  n += self->shape_columns->len;
  g_array_append_vals (self->shape_columns, fields, n - self->shape_columns->len);
  g_array_append_val (self->shape_ends, n);
  return number;
}

static gboolean
map_piece (ArborSplicing *self, const ArborSpliceColumn *column, const ArborSplicePiece *piece,
           const ArborLaneRecord *from, Shapes *shapes, guint32 *out)
{
  const guint8 *numbers = arbor_splice_get_buffer (&self->base, piece->batch, from->offset_a);
  guint32 n_shapes = arbor_splicing_get_record (self, column, piece->batch)->n_shapes;
  guint32 *known = shapes->numbers[piece->batch];
  guint32 last_shape = n_shapes, last = 0;

  for (guint32 i = 0; i < piece->n; i++)
    {
      guint32 shape = (guint32) arbor_load_unsigned (numbers, from->width, piece->from + i);

      if (shape != last_shape)
        {
          if (shape >= n_shapes)
            return FALSE;
          if (known[shape] == 0)
            known[shape] = find_shape (self, column, piece->batch, shapes->targets, shape, shapes->known);
          last_shape = shape;
          last = known[shape] - 1;
        }
      out[i] = last;
    }
  return g_hash_table_size (shapes->known) <= MAX_SHAPES;
}

/* Whether each batch has one shape for its objects, and all of these are one. */
static gboolean
have_one_shape (ArborSplicing *self, const ArborSpliceColumn *column,
                const ArborSpliceLane *lane, GHashTable *known)
{
  for (guint i = 0; i < self->base.n_batches; i++)
    if (lane->of[i] != NULL &&
        (lane->of[i]->width != 0 ||
         !arbor_batch_shapes_are_good (self->base.batches[i], column->of[i])))
      return FALSE;
  for (guint i = 0; i < self->base.n_batches; i++)
    if (lane->of[i] != NULL)
      find_shape (self, column, i, list_targets (self, column, i), 0, known);
  return g_hash_table_size (known) == 1;
}

gboolean
arbor_splice_find_shapes (ArborSplicing *self, ArborSpliceColumn *column, ArborSpliceLane *lane)
{
  g_autoptr (GHashTable) known =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  guint32 **targets = arbor_splicing_alloc_zero (self, self->base.n_batches * sizeof *targets);
  Shapes shapes = { .known = known };
  guint32 at = 0;

  shapes.numbers = arbor_splicing_alloc_zero (self, self->base.n_batches * sizeof *shapes.numbers);
  column->first_shape = self->shape_ends->len - 1;
  lane->n_shapes = 1;
  if (have_one_shape (self, column, lane, known))
    return TRUE;
  lane->shapes =
      arbor_scope_alloc (self->base.scope, (gsize) lane->places.total * sizeof *lane->shapes);
  for (guint32 i = 0; i < lane->places.n; at += lane->places.list[i++].n)
    {
      const ArborSplicePiece *piece = &lane->places.list[i];
      guint batch = piece->batch;

      if (targets[batch] == NULL)
        {
          if (!arbor_batch_shapes_are_good (self->base.batches[batch], column->of[batch]))
            return FALSE;
          targets[batch] = list_targets (self, column, batch);
          shapes.numbers[batch] = arbor_splicing_alloc_zero (
              self, arbor_splicing_get_record (self, column, batch)->n_shapes * sizeof (guint32));
        }
      shapes.targets = targets[batch];
      if (!map_piece (self, column, piece, lane->of[batch], &shapes, lane->shapes + at))
        return FALSE;
    }
  lane->n_shapes = g_hash_table_size (known);
  return TRUE;
}
