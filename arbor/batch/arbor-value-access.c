/* Members, elements, iteration and writing of values. See arbor-value-access.h.
 *
 * Overflow text is turned into a tape first (resolve), so the rest knows three places: batch,
 * tape, list. A tape object may have duplicate keys: the last value counts, at the first one's
 * place. They are looked for once, when an iteration begins; only objects that have some get a
 * plan, the list of the members that count.
 */

#include "batch/arbor-value-access.h"

#include "base/arbor-text.h"
#include "batch/arbor-batch.h"

/* Sets @resolved to @container, text parsed; FALSE and MISSING when that is damaged. */
static gboolean
resolve (const ArborValue *container, ArborScope *scope, ArborValue *resolved)
{
  const ArborTape *tape;
  guint8 kind = container->kind;

  if (container->holder_kind != ARBOR_HOLDER_TEXT)
    {
      *resolved = *container;
      return TRUE;
    }

  tape = arbor_scope_parse (scope, container->text, container->length);
  if (tape != NULL)
    {
      arbor_tape_get_value (tape, ARBOR_TAPE_ROOT, resolved);
      if (resolved->kind == kind)
        return TRUE;
      arbor_scope_set_corrupt (scope);
    }
  *resolved = ARBOR_VALUE_MISSING;
  return FALSE;
}

static void
get_list_member (const ArborValue *object, const char *key, gsize length, ArborValue *member)
{
  const ArborValue *list = object->holder;

  for (guint32 i = 0; i < object->index; i++)
    if (list[(gsize) i * 2].length == length &&
        (length == 0 || memcmp (list[(gsize) i * 2].text, key, length) == 0))
      {
        *member = list[(gsize) i * 2 + 1];
        return;
      }
  *member = ARBOR_VALUE_MISSING;
}

void
arbor_value_get_member (const ArborValue *object, const char *key, gsize length,
                        ArborScope *scope, ArborValue *member)
{
  ArborValue self;

  if (object->kind != ARBOR_KIND_OBJECT || !resolve (object, scope, &self))
    {
      *member = ARBOR_VALUE_MISSING;
      return;
    }

  if (self.holder_kind == ARBOR_HOLDER_BATCH)
    {
      const ArborBatch *batch = self.holder;
      guint32 column = arbor_batch_find_field (batch, self.column, key, length);

      if (column == ARBOR_NO_COLUMN)
        *member = ARBOR_VALUE_MISSING;
      else
        arbor_batch_get_value (batch, column, self.index, member);
    }
  else if (self.holder_kind == ARBOR_HOLDER_LIST)
    {
      get_list_member (&self, key, length, member);
    }
  else
    {
      const ArborTape *tape = self.holder;
      guint32 end = arbor_tape_next (tape, self.index) - 1;
      guint32 found = 0;

      for (guint32 at = self.index + 1; at < end; at = arbor_tape_next (tape, at + 1))
        {
          guint32 n;
          const char *candidate = arbor_tape_string (tape, at, &n);

          if (n == length && memcmp (candidate, key, n) == 0)
            found = at + 1;
        }

      if (found == 0)
        *member = ARBOR_VALUE_MISSING;
      else
        arbor_tape_get_value (tape, found, member);
    }
}

static guint32
get_array_length (const ArborValue *self)
{
  if (self->holder_kind == ARBOR_HOLDER_LIST)
    return self->index;

  if (self->holder_kind == ARBOR_HOLDER_BATCH)
    {
      guint32 start, end;

      arbor_batch_get_array (self->holder, self->column, self->index, &start, &end);
      return end - start;
    }
  else
    {
      const ArborTape *tape = self->holder;
      guint32 end = arbor_tape_next (tape, self->index) - 1;
      guint32 count = (tape->words[self->index] >> 32) & 0xFFFFFF;

      if (count == 0xFFFFFF) /* saturated */
        {
          count = 0;
          for (guint32 at = self->index + 1; at < end; at = arbor_tape_next (tape, at))
            count++;
        }
      return count;
    }
}

void
arbor_value_get_element (const ArborValue *array, gint64 index, ArborScope *scope,
                         ArborValue *element)
{
  ArborValue self;
  guint32 length;

  if (array->kind != ARBOR_KIND_ARRAY || !resolve (array, scope, &self))
    {
      *element = ARBOR_VALUE_MISSING;
      return;
    }

  length = get_array_length (&self);
  if (index < 0)
    index += length;
  if (index < 0 || index >= length)
    {
      *element = ARBOR_VALUE_MISSING;
      return;
    }

  if (self.holder_kind == ARBOR_HOLDER_LIST)
    {
      *element = ((const ArborValue *) self.holder)[index];
    }
  else if (self.holder_kind == ARBOR_HOLDER_BATCH)
    {
      const ArborBatch *batch = self.holder;
      guint32 start, end;

      arbor_batch_get_array (batch, self.column, self.index, &start, &end);
      arbor_batch_get_value (batch, arbor_batch_find_elements (batch, self.column),
                             start + (guint32) index, element);
    }
  else
    {
      const ArborTape *tape = self.holder;
      guint32 at = self.index + 1;

      while (index-- > 0)
        at = arbor_tape_next (tape, at);
      arbor_tape_get_value (tape, at, element);
    }
}

/* The values that count of the object at @index, as indices into the tape; NULL when all do. */
static guint32 *
plan_members (const ArborTape *tape, guint32 index, ArborScope *scope, guint32 *n_planned)
{
  ArborBuffer *members = arbor_scope_get_scratch (scope);
  guint32 *plan;

  if (!arbor_tape_resolve_object (tape, index, members))
    return NULL;

  *n_planned = (guint32) (members->length / (2 * sizeof (guint32)));
  plan = arbor_scope_alloc (scope, *n_planned * sizeof (guint32));
  for (guint32 i = 0; i < *n_planned; i++)
    memcpy (&plan[i], members->data + ((gsize) i * 2 + 1) * sizeof (guint32), sizeof (guint32));
  return plan;
}

static void
iter_init_tape (ArborValueIter *iter, ArborScope *scope)
{
  const ArborTape *tape = iter->container.holder;

  iter->tape = *tape;
  iter->position = iter->container.index + 1;
  iter->end = arbor_tape_next (tape, iter->container.index) - 1;

  if (iter->container.kind == ARBOR_KIND_OBJECT)
    {
      guint32 n_planned;

      iter->plan = plan_members (tape, iter->container.index, scope, &n_planned);
      if (iter->plan != NULL)
        {
          iter->position = 0;
          iter->end = n_planned;
        }
    }
}

void
arbor_value_iter_init (ArborValueIter *iter, const ArborValue *container, ArborScope *scope)
{
  iter->position = 0;
  iter->end = 0;
  iter->column = ARBOR_NO_COLUMN;
  iter->plan = NULL;

  if (container->kind < ARBOR_KIND_ARRAY || !resolve (container, scope, &iter->container))
    {
      iter->container = ARBOR_VALUE_MISSING;
      return;
    }

  container = &iter->container;
  if (container->holder_kind == ARBOR_HOLDER_TAPE)
    {
      iter_init_tape (iter, scope);
    }
  else if (container->holder_kind == ARBOR_HOLDER_LIST)
    {
      iter->end = container->index;
    }
  else if (container->kind == ARBOR_KIND_ARRAY)
    {
      arbor_batch_get_array (container->holder, container->column, container->index,
                             &iter->position, &iter->end);
      iter->column = arbor_batch_find_elements (container->holder, container->column);
    }
  else
    {
      iter->end = arbor_batch_get_shape (container->holder, container->column, container->index,
                                         &iter->position);
      iter->end += iter->position;
    }
}

static gboolean
iter_next_tape (ArborValueIter *iter, const char **key, guint32 *length, ArborValue *child)
{
  guint32 at;

  if (iter->plan != NULL)
    {
      at = iter->plan[iter->position++];
    }
  else
    {
      at = iter->position + (iter->container.kind == ARBOR_KIND_OBJECT);
      iter->position = arbor_tape_next (&iter->tape, at);
    }

  if (key != NULL && iter->container.kind == ARBOR_KIND_OBJECT)
    *key = arbor_tape_string (&iter->tape, at - 1, length);
  arbor_tape_get_value (iter->container.holder, at, child);
  return TRUE;
}

gboolean
arbor_value_iter_next (ArborValueIter *iter, const char **key, guint32 *length, ArborValue *child)
{
  const ArborValue *container = &iter->container;

  if (iter->position >= iter->end)
    return FALSE;

  if (container->holder_kind == ARBOR_HOLDER_TAPE)
    return iter_next_tape (iter, key, length, child);

  if (container->holder_kind == ARBOR_HOLDER_LIST)
    {
      const ArborValue *list = container->holder;
      gsize at = iter->position++;

      if (container->kind == ARBOR_KIND_OBJECT)
        {
          at *= 2;
          if (key != NULL)
            {
              *key = list[at].text;
              *length = list[at].length;
            }
          at++;
        }
      *child = list[at];
    }
  else if (container->kind == ARBOR_KIND_ARRAY)
    {
      arbor_batch_get_value (container->holder, iter->column, iter->position++, child);
    }
  else
    {
      guint32 column = arbor_batch_get_shape_field (container->holder, container->column,
                                                    iter->position++);

      if (key != NULL)
        *key = arbor_batch_get_key (container->holder, column, length);
      arbor_batch_get_value (container->holder, column, container->index, child);
    }
  return TRUE;
}

static guint32
get_object_length (const ArborValue *self, ArborScope *scope)
{
  const ArborTape *tape = self->holder;
  ArborBuffer *members;
  guint32 end;
  guint32 n = 0;

  if (self->holder_kind == ARBOR_HOLDER_LIST)
    return self->index;
  if (self->holder_kind == ARBOR_HOLDER_BATCH)
    return arbor_batch_get_shape (self->holder, self->column, self->index, &n);

  members = arbor_scope_get_scratch (scope);
  if (arbor_tape_resolve_object (tape, self->index, members))
    return (guint32) (members->length / (2 * sizeof (guint32)));

  end = arbor_tape_next (tape, self->index) - 1;
  for (guint32 at = self->index + 1; at < end; at = arbor_tape_next (tape, at + 1))
    n++;
  return n;
}

guint32
arbor_value_get_length (const ArborValue *container, ArborScope *scope)
{
  ArborValue self;

  if (container->kind < ARBOR_KIND_ARRAY || !resolve (container, scope, &self))
    return 0;
  return self.kind == ARBOR_KIND_ARRAY ? get_array_length (&self)
                                       : get_object_length (&self, scope);
}

void
arbor_value_walk_init (ArborValueWalk *walk, const ArborValue *value, ArborScope *scope)
{
  *walk = (ArborValueWalk){ .scope = scope, .value = *value };
}

/* The frame of a container is made when its first child is asked for: whoever skips it pays
 * nothing. */
static void
push_frame (ArborValueWalk *walk)
{
  ArborScopeMark mark = arbor_scope_mark (walk->scope);
  ArborWalkFrame *frame = arbor_scope_alloc (walk->scope, sizeof (ArborWalkFrame));

  frame->parent = walk->top;
  frame->mark = mark;
  frame->n_children = 0;
  arbor_value_iter_init (&frame->iter, &walk->value, walk->scope);
  walk->top = frame;
  walk->is_opening = FALSE;
}

static void
pop_frame (ArborValueWalk *walk)
{
  ArborWalkFrame *frame = walk->top;

  walk->value = frame->iter.container;
  walk->top = frame->parent;
  arbor_scope_release (walk->scope, frame->mark);
}

void
arbor_value_walk_skip (ArborValueWalk *walk)
{
  walk->is_opening = FALSE;
}

ArborWalkEvent
arbor_value_walk_next (ArborValueWalk *walk)
{
  if (walk->is_opening)
    push_frame (walk);

  if (walk->is_begun)
    {
      if (walk->top == NULL)
        return ARBOR_WALK_END;

      if (!arbor_value_iter_next (&walk->top->iter, &walk->key, &walk->key_length, &walk->value))
        {
          pop_frame (walk);
          return ARBOR_WALK_CLOSE;
        }
      if (walk->top->iter.container.kind == ARBOR_KIND_ARRAY)
        walk->key = NULL;
      walk->position = walk->top->n_children++;
    }
  walk->is_begun = TRUE;

  if (walk->value.kind < ARBOR_KIND_ARRAY || !resolve (&walk->value, walk->scope, &walk->value))
    return ARBOR_WALK_SCALAR;

  walk->is_opening = TRUE;
  return ARBOR_WALK_OPEN;
}

static void
write_scalar (const ArborValue *value, ArborBuffer *out)
{
  switch (value->kind)
    {
    case ARBOR_KIND_BOOL:
      arbor_buffer_append_literal (out, value->boolean ? "true" : "false");
      break;
    case ARBOR_KIND_INT64:
      arbor_text_append_int64 (out, value->int64);
      break;
    case ARBOR_KIND_UINT64:
      arbor_text_append_uint64 (out, value->uint64);
      break;
    case ARBOR_KIND_DOUBLE:
      arbor_text_append_double (out, value->real);
      break;
    case ARBOR_KIND_NUMBER:
      arbor_buffer_append (out, value->text, value->length);
      break;
    case ARBOR_KIND_STRING:
      arbor_text_append_string (out, value->text, value->length);
      break;
    default:
      arbor_buffer_append (out, "null", 4);
      break;
    }
}

void
arbor_value_write_json (const ArborValue *value, ArborScope *scope, ArborBuffer *out)
{
  ArborValueWalk walk;
  ArborWalkEvent event;

  if (value->kind < ARBOR_KIND_ARRAY)
    {
      write_scalar (value, out);
      return;
    }

  arbor_value_walk_init (&walk, value, scope);
  while ((event = arbor_value_walk_next (&walk)) != ARBOR_WALK_END)
    {
      if (event == ARBOR_WALK_CLOSE)
        {
          arbor_buffer_append_byte (out, walk.value.kind == ARBOR_KIND_ARRAY ? ']' : '}');
          continue;
        }

      if (walk.position > 0)
        arbor_buffer_append_byte (out, ',');
      if (walk.key != NULL)
        {
          arbor_text_append_string (out, walk.key, walk.key_length);
          arbor_buffer_append_byte (out, ':');
        }

      if (event == ARBOR_WALK_SCALAR)
        {
          write_scalar (&walk.value, out);
        }
      else if (walk.value.holder_kind == ARBOR_HOLDER_TAPE)
        {
          arbor_tape_write_json (walk.value.holder, walk.value.index, out);
          arbor_value_walk_skip (&walk);
        }
      else
        {
          arbor_buffer_append_byte (out, walk.value.kind == ARBOR_KIND_ARRAY ? '[' : '{');
        }
    }
}

void
arbor_value_write_tape (const ArborValue *value, ArborScope *scope, ArborTapeWriter *out)
{
  ArborValueWalk walk;
  ArborWalkEvent event;

  arbor_value_walk_init (&walk, value, scope);
  while ((event = arbor_value_walk_next (&walk)) != ARBOR_WALK_END)
    {
      if (event == ARBOR_WALK_CLOSE)
        {
          if (walk.value.kind == ARBOR_KIND_ARRAY)
            arbor_tape_writer_end_array (out);
          else
            arbor_tape_writer_end_object (out);
          continue;
        }

      if (walk.key != NULL)
        arbor_tape_writer_key (out, walk.key, walk.key_length);

      if (event == ARBOR_WALK_SCALAR)
        {
          if (walk.value.kind == ARBOR_KIND_MISSING)
            walk.value = ARBOR_VALUE_NULL;
          arbor_tape_writer_scalar (out, &walk.value);
        }
      else if (walk.value.holder_kind == ARBOR_HOLDER_TAPE)
        {
          arbor_tape_writer_copy (out, walk.value.holder, walk.value.index);
          arbor_value_walk_skip (&walk);
        }
      else if (walk.value.kind == ARBOR_KIND_ARRAY)
        {
          arbor_tape_writer_begin_array (out);
        }
      else
        {
          arbor_tape_writer_begin_object (out);
        }
    }
}
