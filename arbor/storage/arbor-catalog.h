/* The records of the tables info, catalog and staging: what they are in memory, and reading and
 * writing them inside a transaction. The bytes are told at the top of arbor-catalog.c.
 */

#pragma once

#include "storage/arbor-environment.h"

G_BEGIN_DECLS

#define ARBOR_FORMAT_VERSION 2u
/* Feature flags of the format record. */
#define ARBOR_FORMAT_LARGE 1u /* an entry has, or had, more than ARBOR_BATCH_CUT_TREES trees */
#define ARBOR_FORMAT_FLAGS ARBOR_FORMAT_LARGE /* those that this library knows */
#define ARBOR_NAME_MAX       255u
#define ARBOR_UUID_SIZE      16u

typedef struct
{
  guint64 next_batch;
  guint64 next_generation;
  guint64 next_staging;
} ArborCounters;

extern const char *const arbor_table_names[ARBOR_N_TABLES + 1];

/* Makes the tables and the records of info in a file that has none. */
int arbor_catalog_initialise (MDB_txn *txn);

/* Before a record is written: a file of version 1 becomes one of version 2, and says that it has @flags. */
gboolean arbor_catalog_raise_version (ArborTxn txn, guint32 flags, GError **error);

/* VERSION for a newer format, NOT_A_STORE or CORRUPT for anything else. */
gboolean arbor_catalog_check_format (ArborTxn txn, GError **error);

/* What a store has from the beginning, and every copy of its file. */
gboolean arbor_catalog_read_uuid (ArborTxn txn, guint8 *uuid, GError **error);
gboolean arbor_catalog_read_counters (ArborTxn txn, ArborCounters *counters,
                                      GError **error);
gboolean arbor_catalog_write_counters (ArborTxn txn,
                                       const ArborCounters *counters, GError **error);

/* The sum of the digests of all values of the catalogue, as counters has it; FALSE: it has none. */
gboolean arbor_catalog_get_sum (ArborTxn txn, guint64 *sum);
/* CORRUPT when a page of it is an older one: @found is the sum of what is there. */
gboolean arbor_catalog_check_sum (ArborTxn txn, guint64 found, GError **error);

/* An empty record, one reference. */
ArborRecord *arbor_record_new (const char *name);
/* Sets n_batches, n_trees, n_bytes and first_tree from @batches, which are copied. */
void arbor_record_set_batches (ArborRecord *self, const ArborBatchEntry *batches, guint32 n);

/* Records that this process knows, by the digest of the value of their name: see arbor-record-cache.c. */
GHashTable *arbor_environment_make_records (void);
ArborRecord *arbor_environment_find_record (ArborEnvironment *self, const char *name, guint64 seal);
void arbor_environment_note_record (ArborEnvironment *self, guint64 seal, ArborRecord *record);

/* The digest of the value of @name; FALSE when there is none. */
gboolean arbor_catalog_get_seal (ArborTxn txn, const char *name, guint64 *seal);
/* TRUE with a NULL @record when there is none. One that is known is not decoded again. */
gboolean arbor_catalog_read_record (ArborTxn txn, const char *name,
                                    ArborRecord **record, GError **error);
gboolean arbor_catalog_read_generation (ArborTxn txn, const char *name,
                                        guint64 *generation, GError **error);
gboolean arbor_catalog_write_record (ArborTxn txn, const ArborRecord *record,
                                     GError **error);
gboolean arbor_catalog_delete_record (ArborTxn txn, const char *name,
                                      GError **error);

/* What the bases that records list have of mends, which is written before or after them, and patches: see
 * arbor-mend-table.c. */
gboolean arbor_mend_table_write (ArborTxn txn, guint64 base, guint32 n_rows, const ArborMend *mend,
                                 GError **error);
gboolean arbor_mend_table_delete (ArborTxn txn, guint64 base, GError **error);
gboolean arbor_mend_table_write_patch (ArborTxn txn, const ArborBatchEntry *patch, GError **error);
gboolean arbor_mend_table_delete_patch (ArborTxn txn, guint64 id, GError **error);

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
/* What this write transaction has written itself: pages of its own, which nobody else could have damaged. */
const guint8 *arbor_catalog_read_own_batch (ArborTxn txn, guint64 id, gsize *length, GError **error);
/* With the table of keys that lies beside it. */
gboolean arbor_catalog_delete_batch (ArborTxn txn, guint64 id,
                                     GError **error);

/* The table of keys of a batch, as arbor-key-table.h has it. NULL: there is none that can be read. */
gboolean arbor_catalog_write_key_table (ArborTxn txn, guint64 id, GBytes *table, GError **error);
GBytes *arbor_catalog_read_key_table (ArborTxn txn, guint64 id);
gboolean arbor_catalog_delete_key_table (ArborTxn txn, guint64 id, GError **error);

G_END_DECLS
