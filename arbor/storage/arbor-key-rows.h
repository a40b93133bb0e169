/* The rows of a record beside those of the one before it: which trees are new to the name, and what
 * the keys of any row are. For the commit (arbor-staging-keys.c), inside its transaction.
 *
 * A place is a batch of the record, by number: bases first, then patches. Places are opened and
 * hashed when they are asked for, and bases that were gone through are let go.
 */

#pragma once

#include "batch/arbor-batch.h"
#include "batch/arbor-value-access.h"
#include "storage/arbor-catalog.h"
#include "storage/arbor-keys.h"
#include "storage/arbor-record.h"

G_BEGIN_DECLS

typedef struct
{
  ArborBatch *batch; /* NULL: not opened */
  GBytes *bytes;     /* what it reads, where that is a copy */
  guint64 *hashes;   /* of all rows, or NULL */
  guint8 *has_key;
  guint32 n_wanted;  /* rows of it to be looked at */
  gboolean is_known; /* the name listed it before */
} ArborKeyRowsPlace;

/* Rows that follow each other, and so do their trees. */
typedef struct
{
  guint32 place;
  guint32 row;
  guint32 n;
  guint32 tree;
} ArborKeyRowsRun;

typedef struct
{
  ArborTxn txn;
  guint64 first_own; /* batches with ids from here on are the transaction's own */
  const ArborRecord *fresh;
  const ArborRecord *base; /* whose trees have been looked at, or NULL */
  const ArborKeys *keys;
  guint32 n_places;
  ArborKeyRowsPlace *places;
  guint32 last_base;   /* that was read last */
  GHashTable *of_base; /* guint64 * -> index of its bases + 1 */
  GArray *runs;        /* ArborKeyRowsRun: of what is new; after list_all of everything */
  ArborScope *scope;
} ArborKeyRows;

/* Lists what is new in @fresh, which declares keys. Everything stays the caller's, and has to stay.
 */
void arbor_key_rows_init (ArborKeyRows *self, ArborTxn txn, guint64 first_own,
                          const ArborRecord *fresh, const ArborRecord *base);
void arbor_key_rows_clear (ArborKeyRows *self);
/* Lists all rows in the place of those that are new. */
void arbor_key_rows_list_all (ArborKeyRows *self);

const ArborBatchEntry *arbor_key_rows_get_listed (const ArborKeyRows *self, guint32 place);
/* The place of a patch of the record. */
guint32 arbor_key_rows_find_patch (const ArborKeyRows *self, guint64 patch);

/* The batch is at the place then; so are the hashes of its rows. */
gboolean arbor_key_rows_open (ArborKeyRows *self, guint32 place, GError **error);
gboolean arbor_key_rows_hash_all (ArborKeyRows *self, guint32 place, GError **error);
void arbor_key_rows_forget (ArborKeyRows *self, guint32 place);
/* The hash of a row's key, and whether it has one (ARBOR_ROW_KEY, ...). */
gboolean arbor_key_rows_hash (ArborKeyRows *self, guint32 place, guint32 row, guint64 *hash,
                              guint8 *has_key, GError **error);

G_END_DECLS
