/* What the files of a staging share: arbor-staging.c (what was staged) and arbor-staging-write.c
 * (the transactions that write it). For arbor/storage alone.
 */

#pragma once

#include "storage/arbor-snapshot-private.h"
#include "storage/arbor-staging.h"

G_BEGIN_DECLS

/* A batch of a name's new content. */
typedef struct
{
  ArborBatchEntry entry; /* id 0: not written yet */
  gboolean is_kept;      /* id is one that the name's record listed, whose bytes were compared */
  gboolean is_based;     /* id is one of a record whose generation is expected */
  guint64 provisional;   /* of a patch: its id in the mends of the staging */
  GBytes *bytes;         /* until written */
  guint64 resolved;      /* its id as of the commit that is being run */
  GBytes *table;         /* of keys, until written; NULL: none */
  gboolean has_table;    /* of StagedArbor.prepared, written or not */
  gboolean is_keyed;     /* no row has an array or object for a key of these */
} StagedBatch;

typedef struct
{
  char *name;
  gboolean is_delete;
  ArborRecord *old;  /* what the name listed when the content was begun, or NULL */
  GHashTable *known; /* guint64 digest -> index in old + 1, made at the first batch */
  GArray *batches;   /* StagedBatch */
  GArray *patches;   /* StagedBatch: new ones, that mends of the batches name */
  GPtrArray *bases;  /* ArborRecord *: that batches are kept of, with patches */
  ArborKeys *keys;   /* what is to be declared, if set_keys */
  ArborKeys *prepared; /* that the tables of new batches are of, or NULL */
  GHashTable *tables; /* guint64 * -> GBytes *: of batches that are kept, or NULL */
  GArray *hashes;     /* guint64: of the keys of n_hashed batches, where these are to be unique; or NULL */
  guint n_hashed;
  gboolean is_distinct; /* somebody has found that no key of prepared comes twice, and none is an array or object */
  gboolean set_keys;
  guint n_steps;     /* generations that the change takes: as many as changes one after the other */
  GArray *aside;     /* the same, set aside while they are looked through again; else NULL */
} StagedArbor;

/* At the commit @name must have @generation, or not exist when that is 0. */
typedef struct
{
  char *name;
  guint64 generation;
} StagedExpectation;

struct _ArborStaging
{
  ArborSession *session;   /* a hold: a staging keeps no session open */
  ArborSnapshot *snapshot; /* that old content was compared in */
  GPtrArray *arbors;       /* StagedArbor *, in the order they were begun */
  GArray *expectations;    /* StagedExpectation, no two alike */
  guint64 id;              /* 0: nothing written yet */
  guint32 next_piece;
  GArray *written; /* guint64: ids written so far, in transactions that were committed */
  gsize pending_bytes;
  guint64 n_written;
  guint64 n_skipped;
  guint64 n_compared; /* of the skipped ones: kept because their bytes were found in snapshot */
  guint64 bytes_written;
  guint n_changed;  /* names that the commit changed */
  gboolean is_done; /* committed, or failed at it */
};

/* Lets go of a StagedBatch. */
void arbor_staging_clear_batch (gpointer batch);

/* arbor-staging-prepare.c: what of keys can be done before the commit. Of a batch that comes in, and all of whose
 * rows are trees of the content or not. */
gboolean arbor_staging_prepare_keys (StagedArbor *arbor, StagedBatch *staged, GBytes *batch,
                                     gboolean is_whole, GError **error);
/* Sets is_distinct where the hashes of all batches differ. */
void arbor_staging_compare_hashes (StagedArbor *arbor);

/* Writes the batches that are in memory, in a transaction of their own. */
gboolean arbor_staging_flush (ArborStaging *self, GCancellable *cancellable, GError **error);

G_END_DECLS
