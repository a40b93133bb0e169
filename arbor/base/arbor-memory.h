/* Memory by the page: large blocks that are allocated and freed again and again (batches, LMDB's pages
 * of them, arrays of computations), and parts of the map that are read for the first time.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lets malloc keep blocks of up to ARBOR_MEMORY_BLOCK bytes that are freed, for the next ones. */
#define ARBOR_MEMORY_BLOCK (16u * 1024u * 1024u)

void arbor_memory_keep_blocks (void);

/* Whether the system would give @n_bytes more now: ARBOR_ERROR_LIMIT if not. For whoever is about to
 * allocate, in however many pieces, what the size of somebody's data asks for: the pieces themselves
 * abort, as everything of GLib does. Nothing is kept, so other threads may be quicker. */
gboolean arbor_memory_check (guint64 n_bytes, GError **error);

/* Has the pages of a fresh block brought in at once, and not one by one as they are written. */
void arbor_memory_populate (gpointer block, gsize size);

/* Has the pages of a part of a mapped file that is about to be read brought in by one call: a page
 * fault costs several times as much as a page. Nothing is said where that fails: reading tells. */
void arbor_memory_bring_in (gconstpointer data, gsize size);

G_END_DECLS
