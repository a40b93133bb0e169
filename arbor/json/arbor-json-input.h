/* Bytes to read from, in one reused buffer: from a stream, or from memory. What is compressed is
 * expanded and UTF-16 becomes UTF-8 as it comes in: of the latter half a surrogate pair becomes the three bytes that it would have, and a byte left over at
 * the end 0xff, so that whoever reads it finds no UTF-8 just there. What has been read and not
 * yet consumed lies at arbor_json_input_text, followed by at least ARBOR_PARSER_PADDING readable
 * bytes; it moves with each fill.
 */

#pragma once

#include <gio/gio.h>

#include "base/arbor-buffer.h"
#include "base/arbor-packing.h"

G_BEGIN_DECLS

#define ARBOR_JSON_PIECE (1024u * 1024u)
/* So much is read at once: it stays in the processor's cache until it is parsed. */
#define ARBOR_JSON_READ (256u * 1024u)

typedef struct
{
  GInputStream *stream; /* or NULL: then these bytes */
  const char *bytes;
  gsize n_bytes;
  GCancellable *cancellable;
  ArborBuffer buffer;
  gsize start;    /* of what is not consumed, in the buffer */
  guint64 offset; /* of the same, in the input */
  gboolean is_at_end;
  GError *failure; /* what the next fill is to say, or NULL */

  const char *name;        /* for errors of what is compressed, or NULL */
  ArborUnpacker *unpacker; /* or NULL */
  ArborBuffer packed;      /* what it has not taken yet, from packed_start on */
  gsize packed_start;
  guint64 n_packed; /* bytes that were read, all in all */
  gboolean is_packed_at_end;

  gboolean is_wide; /* UTF-16 */
  gboolean is_big_endian;
  ArborBuffer raw;       /* UTF-16 that waits for its other half */
  guint64 n_wide_before; /* bytes of the input before the first one in the buffer */
} ArborJsonInput;

/* Makes room for @size bytes at once, where they are known to come. */
void arbor_json_input_reserve (ArborJsonInput *self, gsize size);
/* Reads more, or finds the end. Errors are GIO's. */
gboolean arbor_json_input_fill (ArborJsonInput *self, GError **error);
/* Consumes @n bytes and gives them away where they lie: @buffer, whose memory the input gets in
 * exchange, holds them from *@start on, followed by as many readable bytes as in the input. */
void arbor_json_input_take (ArborJsonInput *self, gsize n, ArborBuffer *buffer, gsize *start);
/* Puts bytes that were taken before what is not consumed; takes the memory of @bytes. */
void arbor_json_input_put_back (ArborJsonInput *self, ArborBuffer *bytes);
void arbor_json_input_clear (ArborJsonInput *self);

/* What is not consumed, and all after it, is compressed. */
void arbor_json_input_begin_packed (ArborJsonInput *self, const ArborPacking *packing);
/* What is not consumed, and all after it, is UTF-16. */
void arbor_json_input_begin_wide (ArborJsonInput *self, gboolean is_big_endian);
/* Where in the input the byte is that has @offset, which is in the buffer, as the input came; of a
 * compressed one, as it was expanded. */
guint64 arbor_json_input_locate (const ArborJsonInput *self, guint64 offset);
/* How far the input is read when the byte at @offset is: in bytes as they came, compressed or not. */
guint64 arbor_json_input_get_progress (const ArborJsonInput *self, guint64 offset);
/* What is wrong with UTF-16 at the same byte, where that is why it was refused; else @reason. */
const char *arbor_json_input_explain (const ArborJsonInput *self, guint64 offset,
                                      const char *reason);

static inline const char *
arbor_json_input_text (const ArborJsonInput *self)
{
  return (const char *) self->buffer.data + self->start;
}

static inline gsize
arbor_json_input_length (const ArborJsonInput *self)
{
  return self->buffer.length - self->start;
}

static inline void
arbor_json_input_consume (ArborJsonInput *self, gsize n)
{
  self->start += n;
  self->offset += n;
}

G_END_DECLS
