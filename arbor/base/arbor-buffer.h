/* A growable run of bytes. Cleared, it keeps its memory, for a fresh page costs more than a
 * parsed kilobyte: every loop that makes bytes reuses its buffers. length <= capacity always.
 */

#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

typedef struct
{
  guint8 *data;
  gsize length;
  gsize capacity;
} ArborBuffer;

void arbor_buffer_grow (ArborBuffer *self, gsize extra);
/* A hint that @extra bytes more are about to come: room for them is made at once where there is
 * memory. */
void arbor_buffer_expect (ArborBuffer *self, gsize extra);
void arbor_buffer_free (ArborBuffer *self); /* frees the bytes, not the struct; then empty */

/* Makes room for @extra bytes more and returns where they go, never NULL; the caller adds to
 * length. */
static inline guint8 *
arbor_buffer_reserve (ArborBuffer *self, gsize extra)
{
  if (G_UNLIKELY (self->capacity - self->length <= extra))
    arbor_buffer_grow (self, extra);
  return self->data + self->length;
}

static inline void
arbor_buffer_append (ArborBuffer *self, gconstpointer bytes, gsize n)
{
  guint8 *end = arbor_buffer_reserve (self, n);

  if (n > 0)
    memcpy (end, bytes, n);
  self->length += n;
}

static inline void
arbor_buffer_append_byte (ArborBuffer *self, guint8 byte)
{
  *arbor_buffer_reserve (self, 1) = byte;
  self->length++;
}

static inline void
arbor_buffer_append_literal (ArborBuffer *self, const char *text)
{
  arbor_buffer_append (self, text, strlen (text));
}

static inline void
arbor_buffer_clear (ArborBuffer *self)
{
  self->length = 0;
}

G_END_DECLS
