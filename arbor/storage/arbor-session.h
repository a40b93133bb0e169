/* The storage layer as the layers above see it: sessions, snapshots, records, staging. Nothing
 * above this header knows LMDB.
 *
 * A session is one opened store: a reference to the file's one environment in this process, a gate,
 * and the current snapshot. A snapshot is a refcounted read transaction; batches read through it
 * are valid while the caller is inside the gate and holds a reference to it. When the gate's
 * teardown runs, all snapshots of the session end, referenced or not: a reference only keeps the
 * struct. The epoch counts how often the session moved to another snapshot.
 *
 * Every function here that touches data is called inside the gate, except open, ref, unref.
 */

#pragma once

#include <gio/gio.h>

#include "base/arbor-gate.h"
#include "batch/arbor-batch.h"

G_BEGIN_DECLS

typedef struct _ArborSession ArborSession;
typedef struct _ArborSnapshot ArborSnapshot;
typedef struct _ArborStaging ArborStaging;

typedef struct
{
  gboolean create;
  gboolean read_only;
  gboolean immutable;      /* no locks: nobody writes the file */
  guint64 map_size;        /* bytes of address space; 0: 1 TiB, halved on ENOMEM */
  guint max_readers;
  guint mode;              /* of a file that is made; 0: 0600 */
  gboolean no_meta_sync;   /* durability */
  gboolean verify_checksums;
  guint busy_timeout;      /* milliseconds */
} ArborSessionOptions;

ArborSession *arbor_session_open (const char *path, const ArborSessionOptions *options,
                                  GCancellable *cancellable, GError **error);
ArborSession *arbor_session_ref (ArborSession *self);
/* The last unref of a session that was never closed ends it as close does, silently. */
void arbor_session_unref (ArborSession *self);

ArborGate *arbor_session_get_gate (ArborSession *self);       /* (transfer none) */
const char *arbor_session_get_path (ArborSession *self);      /* real path */
gboolean arbor_session_is_read_only (ArborSession *self);
guint64 arbor_session_get_epoch (ArborSession *self);          /* one atomic load */

/* ARBOR_ERROR_WRONG_PROCESS after a fork. Called by the gate's callers before anything else. */
gboolean arbor_session_check_process (ArborSession *self, GError **error);

/* One stored arbor as the catalogue lists it: immutable, refcounted, holds no map memory. */
typedef struct
{
  guint64 id;
  guint64 digest;
  guint32 n_trees;
  guint64 n_bytes;
} ArborBatchEntry;

typedef struct
{
  gatomicrefcount ref_count;
  char *name;
  guint64 generation;
  guint64 n_trees;
  guint64 n_bytes;      /* encoded bytes of all batches */
  gint64 modified;      /* microseconds since 1970, UTC */
  guint32 n_batches;
  ArborBatchEntry *batches;
  guint64 *first_tree;  /* n_batches + 1 entries, the last is n_trees */
} ArborRecord;

ArborRecord *arbor_record_ref (ArborRecord *self);
void arbor_record_unref (ArborRecord *self);
/* A record that no catalogue has: of batches of @name at @generation, and of others, whose id is 0
 * and which the caller has elsewhere. */
ArborRecord *arbor_record_new_draft (const char *name, guint64 generation,
                                     const ArborBatchEntry *batches, guint32 n);

/* The current snapshot; TOO_MANY_READERS and the like when one had to be begun and could not. */
ArborSnapshot *arbor_session_dup_snapshot (ArborSession *self, GError **error);
ArborSnapshot *arbor_snapshot_ref (ArborSnapshot *self);
void arbor_snapshot_unref (ArborSnapshot *self);
guint64 arbor_snapshot_get_epoch (ArborSnapshot *self);

void arbor_session_set_read_only_error (ArborSession *self, GError **error);
void arbor_session_set_not_found_error (ArborSession *session, const char *name, GError **error);

/* ARBOR_ERROR_NOT_FOUND (or INVALID_NAME) when there is none. */
ArborRecord *arbor_snapshot_lookup (ArborSnapshot *self, const char *name, GError **error);
/* The generation of @name, 0 when there is none; no record is decoded. */
gboolean arbor_snapshot_get_generation (ArborSnapshot *self, const char *name, guint64 *generation,
                                        GError **error);
char **arbor_snapshot_list_names (ArborSnapshot *self, GError **error); /* by bytes */
gboolean arbor_snapshot_get_n_arbors (ArborSnapshot *self, guint64 *n, GError **error);
/* All names, by bytes and terminated by NULL, and the generation of each. */
gboolean arbor_snapshot_list_generations (ArborSnapshot *self, char ***names, guint64 **generations,
                                          GError **error);

/* The opened batch; owned by the snapshot, cached. Any thread. */
const ArborBatch *arbor_snapshot_get_batch (ArborSnapshot *self, const ArborRecord *record,
                                            guint32 index, GError **error);
/* Its bytes, in the map. */
gboolean arbor_snapshot_get_bytes (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                                   const guint8 **data, gsize *length, GError **error);
/* CORRUPT unless the bytes of the batch have their digest. Whoever writes what he reads from stored
 * batches asks first, or damage would get a fresh digest and be right from then on. Computed once a
 * batch in a process. */
gboolean arbor_snapshot_verify_batch (ArborSnapshot *self, const ArborRecord *record, guint32 index,
                                      GError **error);

/* Moves the session to the newest snapshot, if there is a newer one. @changed (may be NULL) gets
 * the names whose generation differs, or that came or went, sorted by bytes. */
gboolean arbor_session_refresh (ArborSession *self, char ***changed, GError **error);

/* Turns of those who change a part of an arbor: see arbor-turn.c. Waits at most @wait microseconds;
 * FALSE: somebody else has it still. */
gboolean arbor_session_take_turn (ArborSession *self, gint64 wait, GCancellable *cancellable);
void arbor_session_give_turn (ArborSession *self);

/* Writing. A staging collects the batches of one or more names, writes them in short transactions
 * of about 10 MB as they come, and lets the catalogue list them in one last short transaction.
 * Freed without commit, what it wrote is swept. Batches that the name's current record has already
 * (same digest and size) are not written again but listed by their old id.
 */
ArborStaging *arbor_staging_new (ArborSession *session, GCancellable *cancellable, GError **error);
void arbor_staging_free (ArborStaging *self);

/* What follows is the new content of @name, until the next begin. Checks the name. */
gboolean arbor_staging_begin_arbor (ArborStaging *self, const char *name, GError **error);
gboolean arbor_staging_add_batch (ArborStaging *self, GBytes *batch, GCancellable *cancellable,
                                  GError **error);
/* What was staged for the name so far is set aside: it is looked through again, in order, each batch
 * once. Its bytes are asked for, and then it is gone, or it is kept as it is; what takes the place of
 * those that are gone is added as ever. */
void arbor_staging_set_aside (ArborStaging *self);
GBytes *arbor_staging_take_aside (ArborStaging *self, guint32 index, GError **error);
void arbor_staging_keep_aside (ArborStaging *self, guint32 index);

/* The new content goes on with batch @index of @record, by its id: nothing is read or written, but
 * the commit expects the record's name to have the record's generation. A batch belongs to one
 * name: content with batches of another name's record goes with that name's deletion or with new
 * content for it. */
void arbor_staging_keep_batch (ArborStaging *self, const ArborRecord *record, guint32 index);
/* @name is to be deleted. */
gboolean arbor_staging_delete_arbor (ArborStaging *self, const char *name, GError **error);
/* @name is to be called @new_name: both as they are stored, not as they are staged. NOT_FOUND,
 * EXISTS; the staging is then good for nothing but to be freed. */
gboolean arbor_staging_rename_arbor (ArborStaging *self, const char *name, const char *new_name,
                                     GError **error);
/* The commit changes nothing and fails with ARBOR_ERROR_CONFLICT, which names each such name,
 * unless @name has @generation then; 0: there must be none. */
gboolean arbor_staging_expect (ArborStaging *self, const char *name, guint64 generation,
                               GError **error);
/* All or nothing; afterwards the session's snapshot holds it (as after refresh). A commit that changes
 * nothing commits nothing and keeps generations. */
gboolean arbor_staging_commit (ArborStaging *self, GCancellable *cancellable, GError **error);
/* The same. Where the session has moved, @changed (may be NULL) gets the names that differ between its
 * last snapshot and the new one, as by a refresh; else it is left alone. */
gboolean arbor_staging_commit_listing (ArborStaging *self, char ***changed,
                                       GCancellable *cancellable, GError **error);
/* Batches written and skipped so far. */
void arbor_staging_get_counts (ArborStaging *self, guint64 *written, guint64 *skipped);
guint64 arbor_staging_get_bytes_written (ArborStaging *self); /* of batches */

/* How many names the commit changed: replaced, made or deleted. */
guint arbor_staging_get_n_changed (ArborStaging *self);

gboolean arbor_name_check (const char *name, GError **error); /* ARBOR_ERROR_INVALID_NAME */

/* Figures. Pages are those of LMDB. */
typedef struct
{
  guint64 file_bytes;
  guint64 map_bytes;
  guint64 page_size;
  guint64 free_pages;     /* of the file, those of held_pages included */
  guint32 n_readers;      /* read transactions of all processes */
  guint32 max_readers;
  guint64 oldest_age;     /* commits since the oldest of them began, 0 when there is none */
  guint64 held_pages;     /* freed since, which cannot be used again before it ends */
  guint64 dead_batches;   /* replaced, waiting to be deleted */
  guint64 staged_batches; /* of writes under way, and of those that died */
  guint32 n_snapshots;    /* of this session, that live */
  guint32 n_pinned;       /* of these, held by more than the session itself */
  guint64 n_written;      /* batches that this session's commits wrote and did not need to write */
  guint64 n_skipped;
  guint64 bytes_written;  /* of the batches written */
  guint64 n_last_written; /* by the last of them */
  guint64 n_last_skipped;
} ArborSessionStats;

gboolean arbor_session_get_stats (ArborSession *self, ArborSessionStats *stats, GError **error);

/* Watching: whether others have committed something that changed the catalogue, which this session
 * has neither found before nor moved to by a refresh. Costs nothing when nothing was committed. */
void arbor_session_set_watching (ArborSession *self, gboolean is_watching);
gboolean arbor_session_find_news (ArborSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSession, arbor_session_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSnapshot, arbor_snapshot_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborRecord, arbor_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborStaging, arbor_staging_free)

G_END_DECLS
