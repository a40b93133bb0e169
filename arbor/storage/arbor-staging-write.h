/* What one transaction of a staging does: shared by arbor-staging-write.c, which runs it, and
 * arbor-staging-switch.c, which lets names list what was staged. For arbor/storage alone.
 */

#pragma once

#include "storage/arbor-catalog.h"
#include "storage/arbor-staging-private.h"

G_BEGIN_DECLS

/* What a name is switched from and to. */
typedef struct
{
  ArborRecord *current;
  ArborRecord *fresh; /* NULL: none, it is deleted */
  guint64 seal;       /* of fresh once it is written, else 0 */
} ArborStagingSwitch;

/* What one transaction does, apart from the staging so that it can run again from the start. */
typedef struct
{
  ArborStaging *staging;
  ArborCounters counters;
  gboolean counters_changed;
  GArray *ids;           /* guint64: of the batches that this transaction wrote, in order */
  guint64 new_staging;   /* a staging id drawn by it */
  guint32 next_piece;
  GArray *switches;      /* ArborStagingSwitch: a name each, in the order of the staging */
  GHashTable *listed;    /* guint64 * -> StagedArbor: every batch that the new content lists */
  GHashTable *mended;    /* guint64 *: those that are bases of mended entries */
  GArray *dead;          /* guint64: batches that nobody lists any more */
  gboolean sweep;        /* dead ones are left for later */
  guint n_changed;       /* names */
  guint64 catalog_bytes; /* keys and values put into the catalogue */
  guint64 first_generation; /* the counter as it was found, */
  guint64 first_batch;      /* and that of batches: what has such ids lies in the transaction alone */
} ArborStagingWrite;

/* Lets go of an ArborStagingSwitch. */
void arbor_staging_clear_switch (gpointer data);

/* The commit: what is staged last counts; one transaction (an ArborWriteFunc that gets the write, and may run
 * again); and what follows of it, but that the session moves on. */
void arbor_staging_write_begin (ArborStagingWrite *write, ArborStaging *staging);
gboolean arbor_staging_write_commit (ArborTxn txn, gpointer write, GError **error);
void arbor_staging_write_end (ArborStagingWrite *write, gboolean is_committed);
void arbor_staging_write_clear (ArborStagingWrite *write);

/* Writes a batch under a fresh id. */
gboolean arbor_staging_write_bytes (ArborStagingWrite *write, ArborTxn txn, const guint8 *data,
                                    gsize length, guint64 *id, GError **error);

/* Before anything is listed: no tree has an array or object for a key (TYPE), and where keys are unique none that
 * another tree has (EXISTS). Writes tables that are missing. arbor-staging-keys.c. */
gboolean arbor_staging_check_keys (ArborStagingWrite *write, ArborTxn txn, GError **error);

/* Whether the name has nothing else than before. */
gboolean arbor_staging_is_unchanged (const ArborRecord *current, const ArborRecord *fresh);

/* All names of the staging, of which what was in memory is written. */
gboolean arbor_staging_switch_all (ArborStagingWrite *write, ArborTxn txn, GError **error);
/* After the commit: what was written need not be read. */
void arbor_staging_note_records (ArborStaging *self, const ArborStagingWrite *write);

G_END_DECLS
