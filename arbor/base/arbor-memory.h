/* Large blocks that are allocated and freed again and again: batches, and LMDB's pages of them.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lets malloc keep blocks of up to ARBOR_MEMORY_BLOCK bytes that are freed, for the next ones. */
#define ARBOR_MEMORY_BLOCK (16u * 1024u * 1024u)

void arbor_memory_keep_blocks (void);

/* Has the pages of a fresh block brought in at once, and not one by one as they are written. */
void arbor_memory_populate (gpointer block, gsize size);

G_END_DECLS
