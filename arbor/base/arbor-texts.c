/* See arbor-texts.h. A text longer than a chunk has a chunk of its own. */

#include "base/arbor-texts.h"

#include <string.h>

#define FIRST_CHUNK (1024u)
#define LAST_CHUNK  (1024u * 1024u)

static gboolean
add_chunk (ArborTexts *self, gsize length, ArborCharge *charge, GError **error)
{
  gsize size = MAX (length, self->size == 0 ? FIRST_CHUNK : MIN (2 * self->size, LAST_CHUNK));
  gpointer chunk = arbor_charge_alloc (charge, size, 1, error);

  if (chunk == NULL)
    return FALSE;
  if (self->chunks == NULL)
    self->chunks = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->chunks, chunk);
  self->size = size;
  self->n_bytes += size;
  self->used = 0;
  return TRUE;
}

gboolean
arbor_texts_copy (ArborTexts *self, gconstpointer bytes, gsize length, ArborCharge *charge,
                  const char **copy, GError **error)
{
  char *chunk;

  if ((self->chunks == NULL || self->size - self->used < length) &&
      !add_chunk (self, length, charge, error))
    return FALSE;
  chunk = g_ptr_array_index (self->chunks, self->chunks->len - 1);
  *copy = chunk + self->used;
  if (length > 0)
    memcpy (chunk + self->used, bytes, length);
  self->used += length;
  return TRUE;
}

gboolean
arbor_texts_take (ArborTexts *self, ArborTexts *other, ArborCharge *charge, ArborCharge *other_charge,
                  GError **error)
{
  if (other->chunks == NULL)
    return TRUE;
  if (!arbor_charge_add (charge, other->n_bytes, error))
    return FALSE;
  arbor_charge_subtract (other_charge, other->n_bytes);
  if (self->chunks == NULL)
    {
      *self = *other;
    }
  else
    {
      /* The last one goes on being filled. */
      for (guint i = 0; i < other->chunks->len; i++)
        g_ptr_array_insert (self->chunks, 0, other->chunks->pdata[i]);
      self->n_bytes += other->n_bytes;
      g_ptr_array_set_free_func (other->chunks, NULL);
      g_ptr_array_unref (other->chunks);
    }
  *other = (ArborTexts){ NULL };
  return TRUE;
}

void
arbor_texts_clear (ArborTexts *self)
{
  g_clear_pointer (&self->chunks, g_ptr_array_unref);
  self->used = self->size = self->n_bytes = 0;
}
