/* Filling the buffer of an input. See arbor-json-input.h. */

#include "json/arbor-json-input.h"

#include "base/arbor-tape.h"

void
arbor_json_input_reserve (ArborJsonInput *self, gsize size)
{
  gsize length = arbor_json_input_length (self);

  if (self->start > 0)
    memmove (self->buffer.data, self->buffer.data + self->start, length);
  self->start = 0;
  self->buffer.length = length;
  if (size > length)
    arbor_buffer_reserve (&self->buffer, size - length + ARBOR_PARSER_PADDING);
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

  /* A part that does not fit any more is doubled: what is read again and again stays linear. */
  if (self->start > 0 || self->buffer.capacity - self->buffer.length <= ARBOR_PARSER_PADDING)
    arbor_json_input_reserve (self, length < ARBOR_JSON_PIECE ? ARBOR_JSON_PIECE : 2 * length);

  room = self->buffer.capacity - self->buffer.length - ARBOR_PARSER_PADDING;
  n = read_some (self, self->buffer.data + self->buffer.length, room, error);
  if (n < 0)
    return FALSE;
  self->buffer.length += (gsize) n;
  self->is_at_end = n == 0;
  return TRUE;
}

void
arbor_json_input_clear (ArborJsonInput *self)
{
  arbor_buffer_free (&self->buffer);
  self->start = 0;
}
