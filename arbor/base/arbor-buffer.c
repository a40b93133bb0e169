/* Growing and freeing buffers. See arbor-buffer.h. */

#include "base/arbor-buffer.h"

void
arbor_buffer_grow (ArborBuffer *self, gsize extra)
{
  gsize needed;

  if (!g_size_checked_add (&needed, self->length, extra) || needed > G_MAXSSIZE)
    g_error ("out of memory: a buffer of %" G_GSIZE_FORMAT " bytes cannot grow by %" G_GSIZE_FORMAT,
             self->length, extra);

  self->capacity = MAX (MAX (needed, self->capacity + self->capacity / 2), 64);
  self->data = g_realloc (self->data, self->capacity);
}

void
arbor_buffer_free (ArborBuffer *self)
{
  g_clear_pointer (&self->data, g_free);
  self->length = 0;
  self->capacity = 0;
}
