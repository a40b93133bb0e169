/* The storage layer as the layers above see it: sessions (here), snapshots, records, stagings, each in
 * a header of its own. Nothing above these knows LMDB.
 *
 * A session is one opened store: a reference to the file's one environment in this process, a gate,
 * and the current snapshot. When the gate's teardown runs, all snapshots of the session end. The
 * epoch counts how often the session moved to another snapshot.
 *
 * Every function of the layer that touches data is called inside the gate, except open, ref, unref.
 */

#pragma once

#include <gio/gio.h>

#include "base/arbor-gate.h"
#include "batch/arbor-spliced.h"
#include "storage/arbor-snapshot.h"

G_BEGIN_DECLS

typedef struct _ArborSession ArborSession;

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
  gboolean untrusted;      /* all is verified before it is used */
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
gboolean arbor_session_is_immutable (ArborSession *self); /* inside the gate */
guint64 arbor_session_get_epoch (ArborSession *self);          /* one atomic load */
/* What readers of mended entries keep for each other. */
ArborSplicedCache *arbor_session_get_spliced (ArborSession *self);

/* ARBOR_ERROR_WRONG_PROCESS after a fork. Called by the gate's callers before anything else. */
gboolean arbor_session_check_process (ArborSession *self, GError **error);

/* The current snapshot; TOO_MANY_READERS and the like when one had to be begun and could not. */
ArborSnapshot *arbor_session_dup_snapshot (ArborSession *self, GError **error);
void arbor_session_set_read_only_error (ArborSession *self, GError **error);
void arbor_session_set_not_found_error (ArborSession *session, const char *name, GError **error);

/* Moves the session to the newest snapshot, if there is a newer one. @changed (may be NULL) gets
 * the names whose generation differs, or that came or went, sorted by bytes. */
gboolean arbor_session_refresh (ArborSession *self, char ***changed, GError **error);

/* Turns of those who change a part of an arbor: see arbor-turn.c. Waits at most @wait microseconds;
 * FALSE: somebody else has it still. */
gboolean arbor_session_take_turn (ArborSession *self, gint64 wait, GCancellable *cancellable);
void arbor_session_give_turn (ArborSession *self);
/* Until nobody has it, but no longer. */
void arbor_session_await_turn (ArborSession *self, gint64 wait, GCancellable *cancellable);

/* Figures. Pages are those of LMDB. */
typedef struct
{
  guint64 file_bytes;
  guint64 disk_bytes;        /* blocks of the file */
  guint64 reclaimable_bytes; /* of these, of free pages that nobody holds */
  gboolean can_shrink;       /* they can be given back */
  guint64 map_bytes;
  guint64 page_size;
  guint64 free_pages;     /* of the file, those of held_pages included */
  guint32 n_readers;      /* read transactions of all processes */
  guint32 max_readers;
  guint64 oldest_age;     /* commits since the oldest of them began, 0 when there is none */
  guint64 held_pages;     /* freed since, which cannot be used again before it ends */
  guint64 dead_batches;   /* replaced, waiting to be deleted */
  guint64 staged_batches; /* of writes under way, and of those that died */
  guint64 mended_entries; /* of all names: entries that are mended, */
  guint64 patches;        /* the patches that they name, */
  guint64 dead_rows;      /* and rows of both that no arbor has any more */
  guint32 n_snapshots;    /* of this session, that live */
  guint32 n_pinned;       /* of these, held by more than the session itself */
  guint64 n_written;      /* batches that this session's commits wrote and did not need to write */
  guint64 n_skipped;
  guint64 bytes_written;  /* of the batches written */
  guint64 catalog_bytes_written; /* keys and values put into the catalogue */
  guint64 n_last_written; /* by the last of them */
  guint64 n_last_skipped;
} ArborSessionStats;

gboolean arbor_session_get_stats (ArborSession *self, ArborSessionStats *stats, GError **error);

/* Gives free pages of the file back to the file system, those of dead batches first; or, with @is_full,
 * puts a compact copy in its place, which needs that nobody else has the store open. @progress may be
 * NULL; it is told in bytes, in this thread. */
typedef void (*ArborSessionProgressFunc) (guint64 done, guint64 total, gpointer data);
gboolean arbor_session_compact (ArborSession *self, gboolean is_full,
                                ArborSessionProgressFunc progress, gpointer progress_data,
                                GCancellable *cancellable, GError **error);

/* The bytes of a copy of the file, as one read transaction sees it, one after the other. */
typedef gboolean (*ArborSessionTakeFunc) (const guint8 *data, gsize n, gpointer data_of_func,
                                          GError **error);
gboolean arbor_session_copy (ArborSession *self, gboolean is_compact, ArborSessionTakeFunc func,
                             gpointer data, GCancellable *cancellable, GError **error);

/* Makes an older copy of the file, at @path, what the newest is, in one commit: batches that it lacks are
 * written, and nothing else of them read. INVALID_ARGUMENT where it is none, or newer. Told in bytes. */
gboolean arbor_session_update_backup (ArborSession *self, const char *path,
                                      ArborSessionProgressFunc progress, gpointer progress_data,
                                      GCancellable *cancellable, GError **error);

/* Whether a copy may take the place of what is at @path: INVALID_ARGUMENT for the store itself and its lock file,
 * BUSY for a store that somebody has open. */
gboolean arbor_session_check_target (ArborSession *self, const char *path, GError **error);

/* Writes what is of an older format anew, in place; *@n_names: of so many arbors. */
gboolean arbor_session_upgrade (ArborSession *self, guint64 *n_names, GCancellable *cancellable,
                                GError **error);

/* Watching: whether others have committed something that changed the catalogue, which this session
 * has neither found before nor moved to by a refresh. Costs nothing when nothing was committed. */
void arbor_session_set_watching (ArborSession *self, gboolean is_watching);
gboolean arbor_session_find_news (ArborSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSession, arbor_session_unref)

G_END_DECLS
