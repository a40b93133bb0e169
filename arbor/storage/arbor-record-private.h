/* What the files of records share: arbor-record.c (in memory), arbor-record-read.c, arbor-record-write.c
 * and arbor-mend-table.c (as the table catalog has them). The bytes are told in docs/dev/storage.md.
 *
 *   catalog / name     0 digest u64, 8 generation u64, 16 trees u64, 24 bytes of all batches u64,
 *                      32 time of change i64 (microseconds since 1970 UTC), 40 batches u32, 44 version
 *                      u32 (2), 48 bytes of what is declared of keys u32, 52 reserved u32 (0), then that
 *                      declaration, then, when there are at most 4 batches, an entry for each
 *   catalog / name 0 piece (u32 BE)
 *                      when there are more: 0 digest u64, 8 first batch u32, 12 batches u32, then
 *                      up to 32 entries. Names have no control characters, so the zero byte puts
 *                      the pieces behind their name and before the next.
 *   entry              0 batch id u64, 8 digest of the batch u64, 16 bytes u32 (the highest bit: there is a
 *                      mend), 20 rows u32
 *
 * Version 1 has 0 for the version, entries from 48 on, up to 64 of them in the value and in each piece, and
 * no mends. A reader of version 1 finds each value of version 2 to be of the wrong size.
 */

#pragma once

#include "storage/arbor-catalog-private.h"

G_BEGIN_DECLS

#define RECORD_SIZE          56u
#define RECORD_SIZE_1        48u
#define RECORD_VERSION       2u
#define PIECE_SIZE           16u
#define ENTRY_SIZE           24u
#define ENTRIES_INLINE       4u
#define ENTRIES_PER_PIECE    32u
#define ENTRIES_PER_PIECE_1  64u
#define RECORD_MAX           (RECORD_SIZE + ARBOR_KEYS_MAX + ENTRIES_INLINE * ENTRY_SIZE)
#define PIECE_KEY_MAX        (ARBOR_NAME_MAX + 5u)
#define IS_MENDED            (1u << 31)

/* Inside a leaf page of 4 KiB. */
G_STATIC_ASSERT (RECORD_MAX + PIECE_KEY_MAX + 8 <= 2038);
G_STATIC_ASSERT (PIECE_SIZE + ENTRIES_PER_PIECE_1 * ENTRY_SIZE + PIECE_KEY_MAX + 8 <= 2038);

gsize arbor_record_put_piece_key (guint8 *key, const char *name, guint32 piece);

/* Writes a value of the catalogue unless the same lies there already; an LMDB code. */
int arbor_catalog_put (ArborTxn txn, MDB_val *key, guint8 *bytes, gsize size);
/* Deletes one. No other way leads to the catalogue: both keep the sum of its digests. */
int arbor_catalog_del (ArborTxn txn, MDB_val *key);

/* A value of the catalogue for whoever decodes it, in a transaction or found without; FALSE: there is none, or
 * it is damaged or shorter than @least. */
gboolean arbor_catalog_look (ArborTxn txn, const MDB_val *key, gsize least, MDB_val *value);

/* What can be read of a record where not all of it can. */
typedef struct
{
  ArborRecord *record; /* of the entries that are left */
  guint32 *places;     /* the number of each of them among all that are listed */
  gboolean is_known;   /* the value of the name could be read */
  gboolean is_whole;   /* and all else */
  guint64 n_trees;     /* that the record counts */
  guint32 n_lost_entries; /* in pieces that are damaged */
  guint32 n_lost_mends;   /* entries that are mended, and it is not wholly known how */
  guint64 n_lost_trees;   /* rows of these that are lost by it */
} ArborSalvage;

void arbor_record_salvage (ArborTxn txn, const char *name, ArborSalvage *salvage);
void arbor_salvage_clear (ArborSalvage *self);

/* Mends and patches: arbor-mend-table.c. */

/* What the table has of the base @base of @n_rows rows: appends to @parts and @patches (ids, each
 * once), which are emptied before. FALSE: damaged, or there is none. */
gboolean arbor_mend_table_read (ArborTxn txn, guint64 base, guint32 n_rows, GArray *parts,
                                GArray *patches);
/* The same where some of the values that were found (@txn has no others) are damaged: what these would decide is left
 * out, and *@n_lost tells of how many rows of the base nobody knows. FALSE: one is not there, so that others may be of
 * another time. */
gboolean arbor_mend_table_salvage (ArborTxn txn, guint64 base, guint32 n_rows, GArray *parts, GArray *patches,
                                   guint32 *n_lost);
/* One value at a position, and the base as it is behind it; its digest is not looked at. For tests. */
gboolean arbor_mend_table_parse (const guint8 *bytes, gsize size, guint64 position, guint32 n_rows,
                                 GArray *parts, GArray *patches);
/* FALSE: damaged, or not there. */
gboolean arbor_mend_table_read_patch (ArborTxn txn, guint64 id, ArborBatchEntry *patch);

G_END_DECLS
