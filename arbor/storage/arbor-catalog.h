/* The records of the tables info, catalog and staging: what they are in memory, and reading and
 * writing them inside a transaction. The bytes are told at the top of arbor-catalog.c.
 */

#pragma once

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

#define ARBOR_FORMAT_VERSION 1u
#define ARBOR_NAME_MAX       255u

typedef struct
{
  guint64 next_batch;
  guint64 next_generation;
  guint64 next_staging;
} ArborCounters;

extern const char *const arbor_table_names[ARBOR_N_TABLES + 1];

/* Makes the tables and the records of info in a file that has none. */
int arbor_catalog_initialise (MDB_txn *txn);

/* VERSION for a newer format, NOT_A_STORE or CORRUPT for anything else. */
gboolean arbor_catalog_check_format (ArborTxn txn, GError **error);

gboolean arbor_catalog_read_counters (ArborTxn txn, ArborCounters *counters,
                                      GError **error);
gboolean arbor_catalog_write_counters (ArborTxn txn,
                                       const ArborCounters *counters, GError **error);

/* An empty record, one reference. */
ArborRecord *arbor_record_new (const char *name);
/* Sets n_batches, n_trees, n_bytes and first_tree from @batches, which are copied. */
void arbor_record_set_batches (ArborRecord *self, const ArborBatchEntry *batches, guint32 n);

/* TRUE with a NULL @record when there is none. */
gboolean arbor_catalog_read_record (ArborTxn txn, const char *name,
                                    ArborRecord **record, GError **error);
gboolean arbor_catalog_read_generation (ArborTxn txn, const char *name,
                                        guint64 *generation, GError **error);
gboolean arbor_catalog_write_record (ArborTxn txn, const ArborRecord *record,
                                     GError **error);
gboolean arbor_catalog_delete_record (ArborTxn txn, const char *name,
                                      GError **error);

/* Names in order of their bytes, each with its generation (@generations may be NULL). */
gboolean arbor_catalog_list (ArborTxn txn, GPtrArray *names,
                             GArray *generations, GError **error);

/* Staging entries: lists of batches that no record lists, in pieces. */

typedef enum
{
  ARBOR_STAGING_LIVE = 1, /* somebody is staging them */
  ARBOR_STAGING_DEAD = 2, /* to be deleted */
} ArborStagingState;

#define ARBOR_STAGING_PIECE 128u

/* Appends pieces to the entry @id, from @piece on; returns the next piece. */
gboolean arbor_catalog_write_staging (ArborTxn txn, guint64 id,
                                      guint32 *piece, ArborStagingState state,
                                      const guint64 *batches, guint n, GError **error);
gboolean arbor_catalog_delete_staging (ArborTxn txn, guint64 id,
                                       GError **error);
/* How many batches are listed as dead, and as staged. */
gboolean arbor_catalog_count_staged (ArborTxn txn, guint64 *n_dead,
                                     guint64 *n_live, GError **error);
/* The first piece of the entries from @id on. TRUE with 0 in @found when there is none. */
gboolean arbor_catalog_find_staging (ArborTxn txn, guint64 id,
                                     guint64 *found, guint32 *piece, ArborStagingState *state,
                                     GArray *batches, GError **error);
gboolean arbor_catalog_delete_staging_piece (ArborTxn txn, guint64 id,
                                             guint32 piece, GError **error);

/* Batches. */

gboolean arbor_catalog_write_batch (ArborTxn txn, guint64 id,
                                    const guint8 *data, gsize length, GError **error);
/* NULL with error when there is no such batch, or its pages are damaged. */
const guint8 *arbor_catalog_read_batch (ArborTxn txn, guint64 id,
                                        gsize *length, GError **error);
gboolean arbor_catalog_delete_batch (ArborTxn txn, guint64 id,
                                     GError **error);

G_END_DECLS
