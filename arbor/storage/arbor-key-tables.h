/* Tables of keys that this process has at hand, by batch and by the paths that are declared. Batches never
 * change and ids are never used again, so a table is right for good; what nobody uses is forgotten when there
 * is much of it. Shared by all sessions on a file; any thread.
 */

#pragma once

#include "batch/arbor-key-table.h"
#include "storage/arbor-keys.h"

G_BEGIN_DECLS

/* Batches of fewer rows have no stored table: making one takes less than reading it. */
#define ARBOR_KEY_TABLE_LEAST_ROWS 1024u

typedef struct _ArborKeyTables ArborKeyTables;

ArborKeyTables *arbor_key_tables_new (void);
void arbor_key_tables_free (ArborKeyTables *self);

/* (transfer full), NULL: none is known. */
ArborKeyTable *arbor_key_tables_find (ArborKeyTables *self, guint64 batch, const ArborKeys *keys);
/* Of a batch that is committed, or whose id is provisional. */
void arbor_key_tables_note (ArborKeyTables *self, guint64 batch, const ArborKeys *keys,
                            ArborKeyTable *table);

/* A table of a batch that is open; CORRUPT where it cannot be read. */
ArborKeyTable *arbor_key_tables_make (const ArborBatch *batch, const ArborKeys *keys, GError **error);

G_END_DECLS
