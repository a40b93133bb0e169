/* See arbor-indices.h. */

#include "query/view/arbor-indices.h"

#include <string.h>

gboolean
arbor_indices_append (ArborIndices *self, const guint32 *indices, gsize n, GError **error)
{
  if (!arbor_indices_make_room (self, self->n + n, error))
    return FALSE;
  if (n > 0)
    memcpy (self->indices + self->n, indices, n * sizeof (guint32));
  self->n += n;
  return TRUE;
}

void
arbor_indices_reset (ArborIndices *self)
{
  self->n = 0;
}

void
arbor_indices_finish (ArborIndices *self)
{
  guint32 *fitted;

  arbor_charge_release (&self->charge);
  if (self->n == self->capacity)
    return;
  fitted = g_try_realloc (self->indices, MAX (self->n, 1) * sizeof (guint32));
  if (fitted != NULL)
    self->indices = fitted;
  self->capacity = MAX (self->n, 1);
}

void
arbor_indices_clear (ArborIndices *self)
{
  g_clear_pointer (&self->indices, g_free);
  self->n = self->capacity = 0;
  arbor_charge_release (&self->charge);
}
