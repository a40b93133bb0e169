/* See arbor-arrow-array.h. */

#include "query/arrow/arbor-arrow-array.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "base/arbor-bits.h"
#include "base/arbor-error.h"

#define ALIGNMENT 64u
#define MAX_BUFFERS 3u

typedef struct
{
  const void *buffers[MAX_BUFFERS];
  gpointer owned[MAX_BUFFERS];
  GBytes *holders[MAX_BUFFERS];
} Memory;

static void
release_child (struct ArrowArray *child)
{
  if (child->release != NULL)
    child->release (child);
  g_free (child);
}

static void
release_array (struct ArrowArray *self)
{
  Memory *memory = self->private_data;

  for (gint64 i = 0; i < self->n_children; i++)
    release_child (self->children[i]);
  g_free (self->children);
  if (self->dictionary != NULL)
    release_child (self->dictionary);
  for (guint i = 0; i < MAX_BUFFERS; i++)
    {
      free (memory->owned[i]);
      g_clear_pointer (&memory->holders[i], g_bytes_unref);
    }
  g_free (memory);
  self->release = NULL;
}

void
arbor_arrow_array_init (struct ArrowArray *self, gint64 length, guint n_buffers, guint n_children)
{
  Memory *memory = g_new0 (Memory, 1);

  *self = (struct ArrowArray){ .length = length,
                               .n_buffers = n_buffers,
                               .n_children = n_children,
                               .buffers = memory->buffers,
                               .children = g_new (struct ArrowArray *, n_children),
                               .release = release_array,
                               .private_data = memory };
  for (guint i = 0; i < n_children; i++)
    self->children[i] = g_new0 (struct ArrowArray, 1);
}

void
arbor_arrow_array_clear (struct ArrowArray *self)
{
  if (self->release != NULL)
    self->release (self);
}

gpointer
arbor_arrow_array_alloc (struct ArrowArray *self, guint buffer, gsize size, GError **error)
{
  Memory *memory = self->private_data;
  gsize padded = size / ALIGNMENT * ALIGNMENT + ALIGNMENT;
  gpointer data = NULL;

  if (padded < size || posix_memalign (&data, ALIGNMENT, padded) != 0)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
                   _("Arrow array: expected memory for %zu bytes, found none"), size);
      return NULL;
    }
  memset ((guint8 *) data + size, 0, padded - size);
  memory->buffers[buffer] = memory->owned[buffer] = data;
  return data;
}

void
arbor_arrow_array_view (struct ArrowArray *self, guint buffer, gconstpointer data, GBytes *holder)
{
  Memory *memory = self->private_data;

  memory->buffers[buffer] = data;
  memory->holders[buffer] = g_bytes_ref (holder);
}

gboolean
arbor_arrow_array_set_valid (struct ArrowArray *self, const guint64 *rows, GError **error)
{
  gsize size = arbor_bits_n_words ((gsize) self->length) * sizeof *rows;
  guint64 *bits;

  self->null_count =
      rows != NULL ? self->length - (gint64) arbor_bits_count (rows, (gsize) self->length) : 0;
  if (self->null_count == 0)
    return TRUE;
  bits = arbor_arrow_array_alloc (self, 0, size, error);
  if (bits == NULL)
    return FALSE;
  memcpy (bits, rows, size);
  return TRUE;
}

struct ArrowArray *
arbor_arrow_array_add_dictionary (struct ArrowArray *self)
{
  self->dictionary = g_new0 (struct ArrowArray, 1);
  return self->dictionary;
}
