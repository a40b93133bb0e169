/* The keys and columns of the batch that is being built: each key once, numbered, and each field, a
 * key in an object's column, one column. Both are found by hash tables that keep their memory from
 * batch to batch.
 */

#include "batch/arbor-batch-builder-private.h"

#include <xxhash.h>

guint32
arbor_batch_builder_add_column (ArborBatchBuilder *self, guint32 key, guint32 depth)
{
  if (self->n_columns == self->n_allocated)
    {
      guint32 n = MAX (16, self->n_allocated * 2);

      self->columns = g_renew (ArborColumnBuilder, self->columns, n);
      memset (self->columns + self->n_allocated, 0,
              (n - self->n_allocated) * sizeof (ArborColumnBuilder));
      self->n_allocated = n;
    }
  arbor_column_builder_reset (&self->columns[self->n_columns], key, depth);
  return self->n_columns++;
}

/* Keys. */

static guint32
find_key_slot (ArborBatchBuilder *self, const char *text, guint32 length)
{
  guint32 slot = (guint32) XXH3_64bits (text, length) & (self->n_key_slots - 1);

  while (self->key_slots[slot] != 0)
    {
      guint32 n;
      const char *other = arbor_batch_builder_get_key (self, self->key_slots[slot] - 1, &n);

      if (n == length && (n == 0 || memcmp (other, text, n) == 0))
        break;
      slot = (slot + 1) & (self->n_key_slots - 1);
    }
  return slot;
}

/* The number of a key: a new one, or ARBOR_NO_COLUMN when not to @create. */
static guint32
find_key (ArborBatchBuilder *self, const char *text, guint32 length, gboolean create)
{
  guint32 n_keys = (guint32) (self->key_starts.length / 4);
  guint32 slot;

  if ((n_keys + 1) * 2 > self->n_key_slots)
    {
      self->n_key_slots = MAX (128, self->n_key_slots * 2);
      self->key_slots = g_renew (guint32, self->key_slots, self->n_key_slots);
      memset (self->key_slots, 0, (gsize) self->n_key_slots * sizeof *self->key_slots);
      for (guint32 key = 0; key < n_keys; key++)
        {
          guint32 n;
          const char *other = arbor_batch_builder_get_key (self, key, &n);

          self->key_slots[find_key_slot (self, other, n)] = key + 1;
        }
    }
  slot = find_key_slot (self, text, length);
  if (self->key_slots[slot] != 0)
    return self->key_slots[slot] - 1;
  if (!create)
    return ARBOR_NO_COLUMN;

  self->key_slots[slot] = n_keys + 1;
  arbor_column_builder_add_u32 (&self->key_starts, (guint32) self->key_bytes.length);
  arbor_buffer_reserve (&self->key_bytes, (gsize) length + ARBOR_KEY_SLACK);
  arbor_buffer_append (&self->key_bytes, text, length);
  arbor_column_builder_add_u32 (&self->key_ends, (guint32) self->key_bytes.length);
  self->raw_size += length;
  return n_keys;
}

/* Fields. */

static guint32
find_field_slot (ArborBatchBuilder *self, guint64 field)
{
  guint32 slot =
      (guint32) ((field * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 32) & (self->n_field_slots - 1);

  while (self->field_columns[slot] != ARBOR_NO_COLUMN && self->field_slots[slot] != field)
    slot = (slot + 1) & (self->n_field_slots - 1);
  return slot;
}

static void
grow_field_slots (ArborBatchBuilder *self)
{
  g_autofree guint64 *old_slots = self->field_slots;
  g_autofree guint32 *old_columns = self->field_columns;
  guint32 n_old = self->n_field_slots;

  self->n_field_slots = MAX (128, n_old * 2);
  self->field_slots = g_new0 (guint64, self->n_field_slots);
  self->field_columns = g_new (guint32, self->n_field_slots);
  memset (self->field_columns, 0xff, (gsize) self->n_field_slots * sizeof *self->field_columns);
  for (guint32 i = 0; i < n_old; i++)
    if (old_columns[i] != ARBOR_NO_COLUMN)
      {
        guint32 slot = find_field_slot (self, old_slots[i]);

        self->field_slots[slot] = old_slots[i];
        self->field_columns[slot] = old_columns[i];
      }
}

/* Whether JSON text has the key as it is; it may have others so, too, but those are read the slow
 * way. */
static gboolean
is_plain (const char *text, guint32 length)
{
  for (guint32 i = 0; i < length; i++)
    if ((guint8) text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
      return FALSE;
  return TRUE;
}

static guint32
find_field (ArborBatchBuilder *self, guint32 parent, const char *text, guint32 length,
            gboolean create)
{
  guint32 key = find_key (self, text, length, create);
  guint64 field = (guint64) parent << 32 | key;
  guint32 slot, column, last;

  if (key == ARBOR_NO_COLUMN)
    return ARBOR_NO_COLUMN;
  if (self->n_columns * 2 > self->n_field_slots)
    grow_field_slots (self);
  slot = find_field_slot (self, field);
  if (self->field_columns[slot] != ARBOR_NO_COLUMN || !create)
    return self->field_columns[slot];

  column = arbor_batch_builder_add_column (self, key, self->columns[parent].depth + 1);
  self->columns[column].key_start = ((const guint32 *) self->key_starts.data)[key];
  if (is_plain (text, length))
    self->columns[column].plain_length = length;
  self->raw_size += ARBOR_BUILDER_COLUMN_BYTES;
  self->field_slots[slot] = field;
  self->field_columns[slot] = column;
  last = self->columns[parent].last_field;
  if (last == ARBOR_NO_COLUMN)
    self->columns[parent].first_field = column;
  else
    self->columns[last].next_field = column;
  self->columns[parent].last_field = column;
  self->columns[parent].n_fields++;
  return column;
}

guint32
arbor_batch_builder_find_field (ArborBatchBuilder *self, guint32 parent, const char *text,
                                guint32 length)
{
  return find_field (self, parent, text, length, FALSE);
}

guint32
arbor_batch_builder_make_field (ArborBatchBuilder *self, guint32 parent, const char *text,
                                guint32 length)
{
  return find_field (self, parent, text, length, TRUE);
}

guint32
arbor_batch_builder_make_elements (ArborBatchBuilder *self, guint32 parent)
{
  if (self->columns[parent].elements == ARBOR_NO_COLUMN)
    {
      guint32 elements = arbor_batch_builder_add_column (self, ARBOR_NO_COLUMN, self->columns[parent].depth + 1);

      self->columns[parent].elements = elements;
    }
  return self->columns[parent].elements;
}
