/* Taking trees apart into columns. See arbor-batch-builder.h for the rules, and
 * arbor-batch-encoder.c for how the columns become bytes.
 *
 * A tree is walked over its tape with a stack of open arrays and objects. Before an object's
 * values are added, its keys are resolved to columns into a plan: each field remembers which one
 * followed it last time, so objects of a known shape cost one comparison a key and no hashing;
 * duplicate keys are settled there too. An object or array that would go past the limits on
 * columns goes as JSON text into the overflow lane, whole, before anything of it was added.
 */

#include "batch/arbor-batch-builder-private.h"

#include "base/arbor-text.h"
#include "batch/arbor-value-access.h"

/* Times the limit. */
#define FILLED 16u

ArborBatchBuilder *
arbor_batch_builder_new (void)
{
  ArborBatchBuilder *self = g_new0 (ArborBatchBuilder, 1);

  self->frames = g_array_new (FALSE, FALSE, sizeof (ArborOpenContainer));
  self->plan = g_array_sized_new (FALSE, FALSE, sizeof (ArborPair), 64);
  self->writer = arbor_tape_writer_new ();
  arbor_buffer_reserve (&self->shape_columns, 0); /* an empty shape is a place in it */
  arbor_buffer_reserve (&self->fields, 0);
  self->max_raw = ARBOR_BATCH_MAX_RAW_BYTES;
  self->group = ARBOR_BATCH_CUT_TREES;
  arbor_batch_builder_reset (self);
  return self;
}

void
arbor_batch_builder_free (ArborBatchBuilder *self)
{
  for (guint32 i = 0; i < self->n_allocated; i++)
    arbor_column_builder_clear (&self->columns[i]);
  g_free (self->columns);
  arbor_buffer_free (&self->key_bytes);
  arbor_buffer_free (&self->key_starts);
  arbor_buffer_free (&self->key_ends);
  arbor_buffer_free (&self->shape_columns);
  arbor_buffer_free (&self->shape_starts);
  arbor_buffer_free (&self->shape_owners);
  arbor_buffer_free (&self->fields);
  arbor_buffer_free (&self->out);
  g_free (self->key_slots);
  g_free (self->field_slots);
  g_free (self->field_columns);
  g_free (self->shape_slots);
  g_array_unref (self->frames);
  g_array_unref (self->plan);
  arbor_tape_writer_free (self->writer);
  g_free (self);
}

/* Begins the next batch of the same arbor. */
static void
begin_batch (ArborBatchBuilder *self)
{
  self->batch_serial++;
  self->n_columns = 0;
  self->n_trees = 0;
  self->raw_size = 0;
  self->next_measure = self->is_one_batch ? G_MAXSIZE : ARBOR_BATCH_TARGET_BYTES;
  self->is_full = FALSE;
  arbor_buffer_clear (&self->key_bytes);
  arbor_buffer_clear (&self->key_starts);
  arbor_buffer_clear (&self->key_ends);
  arbor_buffer_clear (&self->shape_columns);
  arbor_buffer_clear (&self->shape_starts);
  arbor_buffer_clear (&self->shape_owners);
  if (self->key_slots != NULL)
    memset (self->key_slots, 0, (gsize) self->n_key_slots * sizeof *self->key_slots);
  if (self->field_columns != NULL)
    memset (self->field_columns, 0xff, (gsize) self->n_field_slots * sizeof *self->field_columns);
  if (self->shape_slots != NULL)
    memset (self->shape_slots, 0, (gsize) self->n_shape_slots * sizeof *self->shape_slots);
  g_array_set_size (self->frames, 0);
  g_array_set_size (self->plan, 0);
  arbor_batch_builder_add_column (self, ARBOR_NO_COLUMN, 0);
}

void
arbor_batch_builder_reset (ArborBatchBuilder *self)
{
  self->group_position = 0;
  begin_batch (self);
}

void
arbor_batch_builder_set_one_batch (ArborBatchBuilder *self)
{
  self->is_one_batch = TRUE;
  self->group = ARBOR_BATCH_MAX_TREES;
  arbor_batch_builder_reset (self);
}

void
arbor_batch_builder_set_filled (ArborBatchBuilder *self)
{
  self->max_raw = FILLED * ARBOR_BATCH_MAX_RAW_BYTES;
  arbor_batch_builder_set_one_batch (self);
}

void
arbor_batch_builder_set_group (ArborBatchBuilder *self, guint32 n_trees)
{
  self->group = n_trees;
  arbor_batch_builder_reset (self);
}

/* The field that @text names, which most often is the one that came next last time. */
static guint32
follow_field (ArborBatchBuilder *self, guint32 parent, guint32 previous, const char *text,
              guint32 length)
{
  guint32 guess = previous == ARBOR_NO_COLUMN ? self->columns[parent].opener
                                              : self->columns[previous].follower;
  guint32 n;

  if (guess != ARBOR_NO_COLUMN)
    {
      const char *key = arbor_batch_builder_get_key (self, self->columns[guess].key, &n);

      if (n == length && (n == 0 || memcmp (key, text, n) == 0))
        return guess;
    }
  guess = arbor_batch_builder_make_field (self, parent, text, length);
  if (previous == ARBOR_NO_COLUMN)
    self->columns[parent].opener = guess;
  else
    self->columns[previous].follower = guess;
  return guess;
}

/* Values. */

/* Whether the limits on columns leave room for the fields of the object at @index. */
static gboolean
has_room (ArborBatchBuilder *self, const ArborTape *tape, guint32 index, guint32 column)
{
  guint32 n_pairs = (guint32) (arbor_tape_payload (tape, index) >> 32);
  guint32 end = (guint32) arbor_tape_payload (tape, index) - 1;
  guint32 n_new = 0;

  if (n_pairs > ARBOR_BATCH_MAX_OBJECT_FIELDS ||
      (n_pairs > 0 && self->columns[column].depth + 1 >= ARBOR_BATCH_MAX_DEPTH))
    return FALSE;
  if (self->n_columns + n_pairs <= ARBOR_BATCH_MAX_COLUMNS)
    return TRUE;

  for (guint32 at = index + 1; at < end; at = arbor_tape_next (tape, at + 1))
    {
      guint32 length;
      const char *key = arbor_tape_string (tape, at, &length);

      if (arbor_batch_builder_find_field (self, column, key, length) == ARBOR_NO_COLUMN)
        n_new++;
    }
  return self->n_columns + n_new <= ARBOR_BATCH_MAX_COLUMNS;
}

static void
begin_object (ArborBatchBuilder *self, const ArborTape *tape, guint32 index, guint32 column,
              guint32 row)
{
  guint32 end = (guint32) arbor_tape_payload (tape, index) - 1;
  guint64 serial = ++self->serial;
  guint32 plan = self->plan->len;
  guint32 previous = ARBOR_NO_COLUMN;
  ArborOpenContainer frame;

  arbor_buffer_clear (&self->fields);
  for (guint32 at = index + 1; at < end; at = arbor_tape_next (tape, at + 1))
    {
      guint32 length;
      const char *key = arbor_tape_string (tape, at, &length);
      guint32 field = follow_field (self, column, previous, key, length);
      ArborPair pair = { .column = field, .value = at + 1 };

      if (G_UNLIKELY (self->columns[field].stamp == serial))
        {
          guint32 i = plan;

          while (g_array_index (self->plan, ArborPair, i).column != field)
            i++;
          g_array_index (self->plan, ArborPair, i).value = at + 1;
          self->n_repeated++;
          continue;
        }
      self->columns[field].stamp = serial;
      g_array_append_val (self->plan, pair);
      arbor_column_builder_add_u32 (&self->fields, field);
      previous = field;
    }

  arbor_batch_builder_add_shape (self, column, (const guint32 *) self->fields.data,
                                 self->plan->len - plan);
  frame = (ArborOpenContainer){ .column = column,
                        .row = self->columns[column].n_kind[ARBOR_KIND_OBJECT],
                        .position = plan,
                        .end = self->plan->len,
                        .plan = plan,
                        .is_object = TRUE };
  arbor_column_builder_begin_value (&self->columns[column], row, ARBOR_KIND_OBJECT);
  g_array_append_val (self->frames, frame);
  self->raw_size += 2;
}

static void
begin_array (ArborBatchBuilder *self, const ArborTape *tape, guint32 index, guint32 column,
             guint32 row)
{
  ArborOpenContainer frame = { .row = self->columns[column].n_elements,
                       .position = index + 1,
                       .end = (guint32) arbor_tape_payload (tape, index) - 1 };

  if (frame.position < frame.end)
    arbor_batch_builder_make_elements (self, column);
  frame.column = column;
  arbor_column_builder_begin_value (&self->columns[column], row, ARBOR_KIND_ARRAY);
  g_array_append_val (self->frames, frame);
  self->raw_size += 2;
}

static void
add_overflow (ArborBatchBuilder *self, const ArborTape *tape, guint32 index, guint32 column,
              guint32 row)
{
  ArborColumnBuilder *target = &self->columns[column];

  arbor_buffer_clear (&self->out);
  self->n_repeated += arbor_tape_write_json (tape, index, &self->out);
  arbor_column_builder_begin_value (target, row, ARBOR_LANE_OVERFLOW);
  arbor_text_lane_add (&target->overflow, (const char *) self->out.data,
                       (guint32) self->out.length);
  self->raw_size += self->out.length + 4;
}

static void
add_scalar (ArborBatchBuilder *self, const ArborTape *tape, guint32 index, char tag,
            ArborColumnBuilder *column, guint32 row)
{
  guint32 length;
  const char *text;

  switch (tag)
    {
    case '"':
      text = arbor_tape_string (tape, index, &length);
      arbor_column_builder_begin_value (column, row, ARBOR_KIND_STRING);
      self->raw_size += arbor_column_builder_add_string (column, text, length);
      break;
    case 'l':
      arbor_column_builder_begin_value (column, row, ARBOR_KIND_INT64);
      arbor_column_builder_add_word (&column->ints, tape->words[index + 1]);
      self->raw_size += 8;
      break;
    case 'u':
      arbor_column_builder_begin_value (column, row, ARBOR_KIND_UINT64);
      arbor_column_builder_add_word (&column->uints, tape->words[index + 1]);
      self->raw_size += 8;
      break;
    case 'd':
      arbor_column_builder_begin_value (column, row, ARBOR_KIND_DOUBLE);
      arbor_column_builder_add_word (&column->doubles, tape->words[index + 1]);
      self->raw_size += 8;
      break;
    case 't':
    case 'f':
      arbor_column_builder_begin_value (column, row, ARBOR_KIND_BOOL);
      arbor_buffer_append_byte (&column->bools, tag == 't');
      self->raw_size += 1;
      break;
    case 'N':
      text = arbor_tape_string (tape, index, &length);
      arbor_column_builder_begin_value (column, row, ARBOR_KIND_NUMBER);
      arbor_text_lane_add (&column->numbers, text, length);
      self->raw_size += length + 4;
      break;
    default:
      arbor_column_builder_begin_value (column, row, ARBOR_KIND_NULL);
      self->raw_size += 1;
      break;
    }
}

static void
add_value (ArborBatchBuilder *self, const ArborTape *tape, guint32 index, guint32 column,
           guint32 row)
{
  char tag = arbor_tape_tag (tape, index);

  if (tag == '{')
    {
      if (has_room (self, tape, index, column))
        begin_object (self, tape, index, column, row);
      else
        add_overflow (self, tape, index, column, row);
    }
  else if (tag == '[')
    {
      if (self->columns[column].elements != ARBOR_NO_COLUMN ||
          (self->n_columns < ARBOR_BATCH_MAX_COLUMNS &&
           self->columns[column].depth + 1 < ARBOR_BATCH_MAX_DEPTH))
        begin_array (self, tape, index, column, row);
      else
        add_overflow (self, tape, index, column, row);
    }
  else
    {
      add_scalar (self, tape, index, tag, &self->columns[column], row);
    }
}

/* One step into the array or object on top of the stack. */
static void
add_next_child (ArborBatchBuilder *self, const ArborTape *tape)
{
  ArborOpenContainer *frame = &g_array_index (self->frames, ArborOpenContainer, self->frames->len - 1);
  ArborColumnBuilder *column = &self->columns[frame->column];

  if (frame->is_object && frame->position < frame->end)
    {
      ArborPair pair = g_array_index (self->plan, ArborPair, frame->position);

      frame->position++;
      add_value (self, tape, pair.value, pair.column, frame->row);
    }
  else if (!frame->is_object && frame->position < frame->end)
    {
      guint32 at = frame->position;

      frame->position = arbor_tape_next (tape, at);
      add_value (self, tape, at, column->elements, column->n_elements++);
    }
  else
    {
      if (frame->is_object)
        g_array_set_size (self->plan, frame->plan);
      else
        arbor_column_builder_add_u32 (&column->arrays, column->n_elements - frame->row);
      g_array_set_size (self->frames, self->frames->len - 1);
    }
}

gsize
arbor_batch_builder_measure (ArborBatchBuilder *self)
{
  gsize size = self->key_bytes.length + self->shape_columns.length +
               (gsize) self->n_columns * ARBOR_BUILDER_COLUMN_BYTES;

  for (guint32 i = 0; i < self->n_columns; i++)
    size += arbor_column_builder_measure (&self->columns[i]);
  return size;
}

static void
check_full (ArborBatchBuilder *self)
{
  gsize size;

  if (self->group_position == self->group || self->raw_size >= self->max_raw)
    self->is_full = TRUE;
  if (self->is_full || self->raw_size < self->next_measure)
    return;

  size = arbor_batch_builder_measure (self);
  if (size >= ARBOR_BATCH_TARGET_BYTES)
    self->is_full = TRUE;
  else
    self->next_measure =
        self->raw_size + MAX (ARBOR_BATCH_TARGET_BYTES / 16, ARBOR_BATCH_TARGET_BYTES - size);
}

void
arbor_batch_builder_end_trees (ArborBatchBuilder *self, guint32 n)
{
  self->n_trees += n;
  self->group_position += n;
  check_full (self);
}

void
arbor_batch_builder_add_tape (ArborBatchBuilder *self, const ArborTape *tape, guint32 index)
{
  add_value (self, tape, index, 0, self->n_trees);
  while (self->frames->len > 0)
    add_next_child (self, tape);
  arbor_batch_builder_end_trees (self, 1);
}

void
arbor_batch_builder_add_value (ArborBatchBuilder *self, const ArborValue *value, ArborScope *scope)
{
  ArborTape tape;

  arbor_tape_writer_reset (self->writer);
  arbor_value_write_tape (value, scope, self->writer);
  arbor_tape_writer_finish (self->writer, &tape);
  arbor_batch_builder_add_tape (self, &tape, ARBOR_TAPE_ROOT);
}

guint32
arbor_batch_builder_get_n_trees (ArborBatchBuilder *self)
{
  return self->n_trees;
}

guint32
arbor_batch_builder_get_room (ArborBatchBuilder *self)
{
  return self->group - self->group_position;
}

guint64
arbor_batch_builder_take_n_repeated (ArborBatchBuilder *self)
{
  guint64 n = self->n_repeated;

  self->n_repeated = 0;
  return n;
}

gboolean
arbor_batch_builder_is_full (ArborBatchBuilder *self)
{
  return self->is_full;
}

GBytes *
arbor_batch_builder_finish (ArborBatchBuilder *self, GError **error)
{
  GBytes *bytes = arbor_batch_builder_encode (self, error);

  if (self->group_position >= self->group)
    self->group_position = 0;
  begin_batch (self);
  return bytes;
}

GBytes *
arbor_batch_new_of_value (const ArborValue *value, ArborScope *scope, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();

  arbor_batch_builder_add_value (builder, value, scope);
  return arbor_batch_builder_finish (builder, error);
}

GBytes *
arbor_batch_new_of_tape (const ArborTape *tape, GError **error)
{
  g_autoptr (ArborBatchBuilder) builder = arbor_batch_builder_new ();

  arbor_batch_builder_add_tape (builder, tape, ARBOR_TAPE_ROOT);
  return arbor_batch_builder_finish (builder, error);
}
