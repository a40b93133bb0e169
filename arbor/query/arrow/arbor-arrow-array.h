/* An ArrowArray under construction, and its memory: buffers of its own, which begin at multiples of 64
 * bytes and end with zeros up to one, and parts of a batch in memory, which it holds. Children and the
 * dictionary are arrays of their own, whose consumer may take them out. What is made here depends on
 * nothing else: it may be released at any time, in any thread.
 */

#pragma once

#include "base/arbor-arrow-abi.h"

#include <glib.h>

G_BEGIN_DECLS

/* Buffers and children are to be set; arbor_arrow_array_clear works from now on. */
void arbor_arrow_array_init (struct ArrowArray *self, gint64 length, guint n_buffers,
                             guint n_children);
/* Releases it, unless that was done. */
void arbor_arrow_array_clear (struct ArrowArray *self);

/* A buffer of its own; what lies behind @size is zero. NULL and LIMIT where there is no memory. */
gpointer arbor_arrow_array_alloc (struct ArrowArray *self, guint buffer, gsize size,
                                  GError **error);
/* A buffer that is part of @holder, of which it takes a reference. */
void arbor_arrow_array_view (struct ArrowArray *self, guint buffer, gconstpointer data,
                             GBytes *holder);
/* The first buffer: a bit for each row that has a value. NULL: all have one. */
gboolean arbor_arrow_array_set_valid (struct ArrowArray *self, const guint64 *rows, GError **error);
/* A dictionary, to be made. */
struct ArrowArray *arbor_arrow_array_add_dictionary (struct ArrowArray *self);

G_END_DECLS
