/* Filling the buffer of an input. See arbor-json-input.h. */

#include "json/arbor-json-input.h"

#include "base/arbor-tape.h"

/* Makes room for @size bytes more, and the padding. */
static void
make_room (ArborBuffer *buffer, gsize size)
{
  if (buffer->capacity - buffer->length > size + ARBOR_PARSER_PADDING)
    return;
  if (buffer->length == 0)
    arbor_buffer_free (buffer); /* there is nothing to take along */
  arbor_buffer_expect (buffer, size + ARBOR_PARSER_PADDING + 1);
  arbor_buffer_reserve (buffer, size + ARBOR_PARSER_PADDING);
}

void
arbor_json_input_reserve (ArborJsonInput *self, gsize size)
{
  gsize length = arbor_json_input_length (self);

  if (self->start > 0)
    memmove (self->buffer.data, self->buffer.data + self->start, length);
  self->start = 0;
  self->buffer.length = length;
  if (size > length)
    make_room (&self->buffer, size - length);
}

static gssize
read_some (ArborJsonInput *self, guint8 *out, gsize room, GError **error)
{
  gsize n = MIN (room, self->n_bytes);

  if (self->stream != NULL)
    return g_input_stream_read (self->stream, out, room, self->cancellable, error);
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return -1;
  if (n > 0)
    memcpy (out, self->bytes, n);
  self->bytes += n;
  self->n_bytes -= n;
  return (gssize) n;
}

gboolean
arbor_json_input_fill (ArborJsonInput *self, GError **error)
{
  gsize length = arbor_json_input_length (self);
  gsize room;
  gssize n;

  if (self->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->failure));
      return FALSE;
    }
  /* A part that does not fit any more is doubled: what is read again and again stays linear. */
  if (self->start > 0 || self->buffer.capacity - self->buffer.length <= ARBOR_PARSER_PADDING)
    arbor_json_input_reserve (self, length < ARBOR_JSON_PIECE ? ARBOR_JSON_PIECE : 2 * length);

  room = self->buffer.capacity - self->buffer.length - ARBOR_PARSER_PADDING;
  n = read_some (self, self->buffer.data + self->buffer.length, MIN (room, ARBOR_JSON_READ), error);
  if (n < 0)
    return FALSE;
  self->buffer.length += (gsize) n;
  self->is_at_end = n == 0;
  return TRUE;
}

void
arbor_json_input_take (ArborJsonInput *self, gsize n, ArborBuffer *buffer, gsize *start)
{
  ArborBuffer taken = self->buffer;
  gsize rest = arbor_json_input_length (self) - n;

  *start = self->start;
  arbor_json_input_consume (self, n);
  arbor_buffer_clear (buffer);
  make_room (buffer, taken.length + ARBOR_JSON_READ); /* as much will come again */
  arbor_buffer_append (buffer, taken.data + self->start, rest);
  self->buffer = *buffer;
  self->start = 0;
  *buffer = taken;
}

void
arbor_json_input_put_back (ArborJsonInput *self, ArborBuffer *bytes)
{
  self->offset -= bytes->length;
  make_room (bytes, arbor_json_input_length (self));
  arbor_buffer_append (bytes, arbor_json_input_text (self), arbor_json_input_length (self));
  arbor_buffer_free (&self->buffer);
  self->buffer = *bytes;
  self->start = 0;
}

void
arbor_json_input_clear (ArborJsonInput *self)
{
  arbor_buffer_free (&self->buffer);
  g_clear_error (&self->failure);
  self->start = 0;
}
