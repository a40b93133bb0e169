/* What this process knows of the bytes of batches, by their ids, which are never used again: which
 * batches had their digests as a whole, what is known of the columns of those that are open, and what was
 * found damaged. Shared by all sessions on a file; any thread. */

#pragma once

#include "batch/arbor-batch.h"

G_BEGIN_DECLS

typedef struct _ArborKnown ArborKnown;

ArborKnown *arbor_known_new (void);
void arbor_known_free (ArborKnown *self);

gboolean arbor_known_is_verified (ArborKnown *self, guint64 id);
void arbor_known_note_verified (ArborKnown *self, guint64 id);

/* All readers of batch @id get the same checks. */
void arbor_known_set_checks (ArborKnown *self, guint64 id, ArborBatch *batch);

/* Whether anything was found damaged: one atomic load. Whoever was told MISSING for that is told TRUE. */
gboolean arbor_known_has_damage (ArborKnown *self);
/* The path of a damaged column of batch @id, NULL where nothing is known. */
char *arbor_known_dup_damage (ArborKnown *self, guint64 id);

G_END_DECLS
