/* What the files of a session share: arbor-session.c (opening, snapshots, closing),
 * arbor-session-stats.c (figures), arbor-session-watch.c (noticing what others commit).
 */

#pragma once

#include "storage/arbor-snapshot-private.h"

G_BEGIN_DECLS

/* A commit of this session: it took the counter of generations from one value to another. */
typedef struct
{
  gconstpointer key; /* whose commit it is */
  guint64 before;
  guint64 after;
} ArborOwnCommit;

struct _ArborSession
{
  ArborClient client; /* of environment */
  gint ref_count;
  gint holds;
  ArborGate *gate;
  char *path;
  guint process;
  gboolean read_only;
  gboolean verify_checksums;
  ArborWriteOptions write_options;
  guint64 epoch; /* atomic; changed under mutex */
  ArborGatheredCache *gathered;
  ArborSplicedCache *spliced;

  pthread_mutex_t mutex;         /* guards what follows */
  ArborEnvironment *environment; /* NULL once torn down; inside the gate it is not */
  ArborEnvironment *left;        /* what it was, for the teardown alone */
  ArborSnapshot *current;        /* NULL: to be begun */
  ArborListing dropped;          /* what current listed when it was dropped as idle */
  GQueue snapshots;              /* all that live, by their links */
  GArray *stagings;              /* guint64: ids of stagings under way */

  /* What this session has written. */
  guint64 n_written; /* batches, by all commits */
  guint64 n_skipped;
  guint64 bytes_written;
  guint64 catalog_bytes_written;
  guint64 n_last_written; /* by the last one */
  guint64 n_last_skipped;

  /* Watching: see arbor-session-watch.c. */
  gboolean is_watching;
  guint64 seen_txnid;
  guint64 known_generation;
  GArray *own_commits; /* ArborOwnCommit */
};

/* With the mutex held: what the current snapshot has is known from now on. */
void arbor_session_know_current (ArborSession *self);

G_END_DECLS
