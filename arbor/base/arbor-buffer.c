/* Growing and freeing buffers. See arbor-buffer.h. */

#include "base/arbor-buffer.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LARGE_PAGE (2u * 1024u * 1024u)

void
arbor_buffer_grow (ArborBuffer *self, gsize extra)
{
  gsize needed;
  gsize spare;

  if (!g_size_checked_add (&needed, self->length, extra) || needed > G_MAXSSIZE)
    g_error ("out of memory: a buffer of %" G_GSIZE_FORMAT " bytes cannot grow by %" G_GSIZE_FORMAT,
             self->length, extra);

  /* A small one is doubled: bringing pages in costs more than having a few too many. */
  spare = self->capacity < LARGE_PAGE ? self->capacity : self->capacity / 2;
  self->capacity = MAX (MAX (needed, self->capacity + spare), 64);
  self->data = g_realloc (self->data, self->capacity);
}

/* Memory that is written once, from one end to the other, costs more to get page by page than to
 * fill. */
static void
ask_for_large_pages (guint8 *data, gsize size)
{
#ifdef MADV_HUGEPAGE
  guintptr start = ((guintptr) data + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
  guintptr end = ((guintptr) data + size) / LARGE_PAGE * LARGE_PAGE;

  if (start < end)
    madvise ((gpointer) start, end - start, MADV_HUGEPAGE);
#endif
}

void
arbor_buffer_expect (ArborBuffer *self, gsize extra)
{
  gsize needed;
  guint8 *data;

  if (!g_size_checked_add (&needed, self->length, extra) || needed > G_MAXSSIZE - LARGE_PAGE ||
      needed <= self->capacity)
    return;
  if (self->length == 0 && needed >= 2 * LARGE_PAGE)
    {
      /* Nothing to take along: all of it can be large pages. */
      arbor_buffer_free (self);
      needed = (needed + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
      data = aligned_alloc (LARGE_PAGE, needed);
    }
  else
    data = g_try_realloc (self->data, needed);
  if (data == NULL)
    return;
  ask_for_large_pages (data, needed);
  self->data = data;
  self->capacity = needed;
}

void
arbor_buffer_free (ArborBuffer *self)
{
  g_clear_pointer (&self->data, g_free);
  self->length = 0;
  self->capacity = 0;
}
