/* What sessions and stagings know of snapshots. For arbor/storage alone. */

#pragma once

#include "storage/arbor-catalog.h"
#include "storage/arbor-gathered.h"

G_BEGIN_DECLS

struct _ArborSnapshot
{
  gint ref_count; /* the session holds one while the snapshot is its current one */
  ArborSession *session;     /* kept in memory */
  GList link;                /* in the session's list, guarded by the session's mutex */
  guint64 epoch;
  guint64 txnid;

  pthread_mutex_t mutex; /* guards what follows: one look-up at a time, as LMDB asks */
  MDB_txn *txn;          /* NULL once the snapshot has ended */
  GHashTable *batches;   /* guint64 id -> OpenBatch */
  GHashTable *gathered;  /* ArborGathered, of those that were given out */
  guint serial;          /* counts the transactions that this snapshot has been */
  guint64 checked_id;    /* the batch before whose use the length of the file was looked at last */
  guint64 checked_tick;  /* and when */
};

/* Takes over @txn, one reference, epoch 0. */
ArborSnapshot *arbor_snapshot_new (ArborSession *session, MDB_txn *txn);

/* The struct without its transaction. */
void arbor_snapshot_free (ArborSnapshot *self);

/* After the transaction was renewed: what is cached is confirmed anew at its next use. */
void arbor_snapshot_renewed (ArborSnapshot *self);

/* Locks the mutex; FALSE and CLOSED, unlocked, when the snapshot has ended. */
gboolean arbor_snapshot_lock (ArborSnapshot *self, ArborEnvironment **env, GError **error);

/* Says which batch of which arbor an error is about. */
void arbor_snapshot_prefix_error (GError **error, ArborSession *session, const ArborRecord *record,
                                  guint32 index);

/* A mended entry, as a batch that this snapshot keeps; @bytes (may be NULL) are not a reference. */
const ArborBatch *arbor_snapshot_gather_entry (ArborSnapshot *self, const ArborRecord *record,
                                               guint32 index, GBytes **bytes, GError **error);

/* Names and generations, by bytes. */
typedef struct
{
  GPtrArray *names;
  GArray *generations; /* guint64 */
} ArborListing;

void arbor_listing_clear (ArborListing *self);
gboolean arbor_snapshot_list (ArborSnapshot *self, ArborListing *listing, GError **error);
/* What differs, sorted; an empty one has no arrays. */
char **arbor_listing_compare (const ArborListing *before, const ArborListing *after);

/* Which store it is of, copies included, and how far that had come. */
gboolean arbor_snapshot_get_origin (ArborSnapshot *self, guint8 *uuid, ArborCounters *counters,
                                    GError **error);

/* The bytes of a batch by its id. */
const guint8 *arbor_snapshot_find_bytes (ArborSnapshot *self, guint64 id, gsize *length,
                                         GError **error);

/* What a session shows of itself to the rest of the layer. */

ArborEnvironment *arbor_session_get_environment (ArborSession *self); /* inside the gate */
const ArborWriteOptions *arbor_session_get_write_options (ArborSession *self);
gboolean arbor_session_verifies_checksums (ArborSession *self);
ArborGatheredCache *arbor_session_get_gathered (ArborSession *self); /* as long as it is held */

/* References to the struct alone: they do not keep the session open. */
ArborSession *arbor_session_hold (ArborSession *self);
void arbor_session_release (ArborSession *self);

/* Ends @snapshot, to which there are no references any more, and frees it. */
void arbor_session_end_snapshot (ArborSession *self, ArborSnapshot *snapshot);

/* Moves to the newest snapshot after a commit of our own; @changed (may be NULL) gets the names that
 * differ when it did. */
void arbor_session_move_on (ArborSession *self, char ***changed);

/* Notes what a commit of this session did. */
void arbor_session_note_written (ArborSession *self, guint64 n_written, guint64 n_skipped,
                                 guint64 n_bytes, guint64 n_catalog_bytes);
/* Tells, before it is committed, a commit of this session from those of others; should it fail it is
 * forgotten. */
void arbor_session_note_own (ArborSession *self, gconstpointer key, guint64 before, guint64 after);
void arbor_session_forget_own (ArborSession *self, gconstpointer key);

/* The ids of the session's stagings: forgotten with the session. */
gboolean arbor_session_add_staging (ArborSession *self, guint64 id, GError **error);
void arbor_session_remove_staging (ArborSession *self, guint64 id);

G_END_DECLS
