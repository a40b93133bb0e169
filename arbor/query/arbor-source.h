/* A source: where trees lie. An ordered list of batches, either in memory (GBytes, opened once) or
 * stored (a record of the catalogue; batches come from a snapshot). Immutable but for the epoch at
 * which a stored source was last found fresh; refcounted; any thread.
 *
 * An access is one stay inside: it enters the gate, holds the snapshot that it reads from, and for
 * a stored source has tested that the name still has the generation that the source remembers.
 * Batches and values got through an access are valid until it ends. The order of tests is that of
 * semantics.md section 7.4: process, closed, stale.
 */

#pragma once

#include "storage/arbor-session.h"

G_BEGIN_DECLS

/* Tree indices are 32-bit inside selections. */
#define ARBOR_MAX_TREES ((guint64) G_MAXUINT32)

typedef struct _ArborSource ArborSource;

/* Checks and takes over @batches (GBytes). */
ArborSource *arbor_source_new_memory (GPtrArray *batches, GError **error);
/* With @pinned, the source reads from that snapshot for life and is never stale. */
ArborSource *arbor_source_new_stored (ArborSession *session, ArborRecord *record,
                                      ArborSnapshot *current, ArborSnapshot *pinned);
ArborSource *arbor_source_ref (ArborSource *self);
void arbor_source_unref (ArborSource *self);

guint64 arbor_source_get_n_trees (ArborSource *self);
guint64 arbor_source_get_n_bytes (ArborSource *self);
guint32 arbor_source_get_n_batches (ArborSource *self);
guint64 arbor_source_get_first_tree (ArborSource *self, guint32 batch); /* n_batches: n_trees */
ArborSession *arbor_source_get_session (ArborSource *self);             /* NULL in memory */
const char *arbor_source_get_name (ArborSource *self);                  /* NULL in memory */
guint64 arbor_source_get_generation (ArborSource *self);                /* 0 in memory */

/* Which batch holds @tree, which is below n_trees. */
guint32 arbor_source_find_batch (ArborSource *self, guint64 tree);

typedef struct
{
  ArborSource *source;
  ArborSession *session;   /* NULL in memory */
  ArborSnapshot *snapshot; /* NULL in memory */
  int stripe;
} ArborAccess;

/* @pinned: read from this snapshot, which the caller holds, without a test for staleness. */
gboolean arbor_access_begin (ArborAccess *self, ArborSource *source, ArborSnapshot *pinned,
                             GError **error);
/* Only enters: no source, no snapshot yet. */
gboolean arbor_access_begin_session (ArborAccess *self, ArborSession *session, GError **error);
/* Leaves. An error that says CANCELLED becomes CLOSED when the store was closed meanwhile. */
void arbor_access_end (ArborAccess *self, GError **error);

const ArborBatch *arbor_access_get_batch (ArborAccess *self, guint32 batch, GError **error);
/* The bytes of a batch, to be dropped before the access ends. */
GBytes *arbor_access_get_bytes (ArborAccess *self, guint32 batch, GError **error);
/* The test inside long loops: closed, then cancelled. */
gboolean arbor_access_check (ArborAccess *self, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSource, arbor_source_unref)

G_END_DECLS
