/* Filling the buffer of an input. See arbor-json-input.h. */

#include "json/arbor-json-input.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-memory.h"
#include "base/arbor-stop.h"
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

/* How many bytes of UTF-16 @n bytes were. */
static guint64
count_wide (const guint8 *bytes, gsize n)
{
  guint64 n_wide = 0;

  for (gsize i = 0; i < n; i++)
    if (bytes[i] == 0xff)
      n_wide += 1;
    else if (bytes[i] >= 0xf0)
      n_wide += 4;
    else if ((bytes[i] & 0xc0) != 0x80)
      n_wide += 2;
  return n_wide;
}

guint64
arbor_json_input_locate (const ArborJsonInput *self, guint64 offset)
{
  if (!self->is_wide)
    return offset;
  return self->n_wide_before +
         count_wide (self->buffer.data, (gsize) (offset + self->start - self->offset));
}

/* The bytes before what is not consumed are about to go. */
static void
note_dropped (ArborJsonInput *self)
{
  if (self->is_wide)
    self->n_wide_before += count_wide (self->buffer.data, self->start);
}

const char *
arbor_json_input_explain (const ArborJsonInput *self, guint64 offset, const char *reason)
{
  gsize at = (gsize) (offset + self->start - self->offset);
  const guint8 *bytes = self->buffer.data + at;

  if (at >= self->buffer.length)
    return reason;
  if (bytes[0] == 0xff)
    return _("UTF-16 that ends in the middle of a character");
  return at + 1 < self->buffer.length && bytes[0] == 0xed && bytes[1] >= 0xa0
             ? _("half of a surrogate pair, which is no character")
             : reason;
}

static guint
get_unit (const ArborJsonInput *self, gsize at)
{
  const guint8 *bytes = self->raw.data + at;

  return self->is_big_endian ? (guint) bytes[0] << 8 | bytes[1] : (guint) bytes[1] << 8 | bytes[0];
}

static void
append_character (ArborBuffer *out, gunichar c)
{
  char utf8[6];

  arbor_buffer_append (out, utf8, (gsize) g_unichar_to_utf8 (c, utf8));
}

/* Decodes what has come, but for a character that may go on: at the end there is none. */
static void
decode (ArborJsonInput *self, gboolean is_end)
{
  gsize at = 0;

  make_room (&self->buffer, self->raw.length * 2);
  for (; at + 2 <= self->raw.length; at += 2)
    {
      gunichar c = get_unit (self, at);

      if (c >= 0xd800 && c < 0xdc00)
        {
          guint low = at + 4 <= self->raw.length ? get_unit (self, at + 2) : 0;

          if (at + 4 > self->raw.length && !is_end)
            break;
          if (low >= 0xdc00 && low < 0xe000)
            {
              c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
              at += 2;
            }
        }
      append_character (&self->buffer, c);
    }
  if (is_end && at < self->raw.length)
    {
      arbor_buffer_append_byte (&self->buffer, 0xff);
      at++;
    }
  self->raw.length -= at;
  if (self->raw.length > 0)
    memmove (self->raw.data, self->raw.data + at, self->raw.length);
}

void
arbor_json_input_begin_wide (ArborJsonInput *self, gboolean is_big_endian)
{
  arbor_buffer_append (&self->raw, arbor_json_input_text (self), arbor_json_input_length (self));
  self->is_wide = TRUE;
  self->is_big_endian = is_big_endian;
  self->n_wide_before = self->offset;
  self->buffer.length = self->start = 0;
  decode (self, self->is_at_end);
}

void
arbor_json_input_reserve (ArborJsonInput *self, gsize size)
{
  gsize length = arbor_json_input_length (self);

  note_dropped (self);
  if (self->start > 0)
    memmove (self->buffer.data, self->buffer.data + self->start, length);
  self->start = 0;
  self->buffer.length = length;
  if (size > length)
    make_room (&self->buffer, size - length);
}

void
arbor_json_input_begin_packed (ArborJsonInput *self, const ArborPacking *packing)
{
  self->unpacker = arbor_unpacker_new (packing);
  arbor_buffer_append (&self->packed, arbor_json_input_text (self), arbor_json_input_length (self));
  self->n_packed = self->packed.length;
  self->is_packed_at_end = self->is_at_end;
  self->is_at_end = FALSE;
  self->buffer.length = self->start = 0;
}

guint64
arbor_json_input_get_progress (const ArborJsonInput *self, guint64 offset)
{
  return self->unpacker != NULL ? self->n_packed : arbor_json_input_locate (self, offset);
}

static gssize
read_raw (ArborJsonInput *self, guint8 *out, gsize room, GError **error)
{
  gsize n = MIN (room, self->n_bytes);

  if (self->stream != NULL)
    return g_input_stream_read (self->stream, out, room, arbor_stop_pick (self->cancellable), error);
  if (!arbor_stop_check (self->cancellable, error))
    return -1;
  if (n > 0)
    memcpy (out, self->bytes, n);
  self->bytes += n;
  self->n_bytes -= n;
  return (gssize) n;
}

static gboolean
read_packed (ArborJsonInput *self, GError **error)
{
  gssize n;

  self->packed.length = self->packed_start = 0;
  n = read_raw (self, arbor_buffer_reserve (&self->packed, ARBOR_JSON_READ), ARBOR_JSON_READ,
                error);
  if (n < 0)
    return FALSE;
  self->packed.length = (gsize)n;
  self->n_packed += (guint64)n;
  self->is_packed_at_end = n == 0;
  return TRUE;
}

static gssize
read_some (ArborJsonInput *self, guint8 *out, gsize room, GError **error)
{
  gboolean is_over = FALSE;
  gsize n_out = 0;

  if (self->unpacker == NULL)
    return read_raw (self, out, room, error);
  while (n_out == 0 && !is_over)
    {
      const guint8 *in;
      gsize n_in;

      if (self->packed_start == self->packed.length && !self->is_packed_at_end &&
          !read_packed (self, error))
        return -1;
      in = self->packed.data + self->packed_start;
      n_in = self->packed.length - self->packed_start;
      if (!arbor_unpacker_run (self->unpacker, &in, &n_in, self->is_packed_at_end, out, room,
                               &n_out, error))
        {
          if (self->name != NULL)
            g_prefix_error (error, "%s: ", self->name);
          return -1;
        }
      self->packed_start = self->packed.length - n_in;
      is_over = self->is_packed_at_end && n_in == 0;
    }
  return (gssize)n_out;
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
    {
      if (!arbor_memory_check (2 * (guint64) length, error))
        return FALSE;
      arbor_json_input_reserve (self, length < ARBOR_JSON_PIECE ? ARBOR_JSON_PIECE : 2 * length);
    }

  if (self->is_wide)
    {
      n = read_some (self, arbor_buffer_reserve (&self->raw, ARBOR_JSON_READ), ARBOR_JSON_READ, error);
      if (n < 0)
        return FALSE;
      self->raw.length += (gsize) n;
      self->is_at_end = n == 0;
      decode (self, self->is_at_end);
      return TRUE;
    }
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
  note_dropped (self);
  arbor_buffer_free (&self->buffer);
  arbor_buffer_free (&self->raw);
  arbor_buffer_free (&self->packed);
  g_clear_pointer (&self->unpacker, arbor_unpacker_free);
  g_clear_error (&self->failure);
  self->start = 0;
}
