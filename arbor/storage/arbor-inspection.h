/* All that is in a store file, read without LMDB and without trusting a byte: pages are walked (arbor-pages.h),
 * records decoded from what the walk found, batches read and compared with their digests. What verifying tells
 * and recovering copies comes of the same inspection.
 *
 * It reads with pread, what does not change: a read transaction of an open store, which the caller holds, or a
 * file that nobody writes. One thread.
 */

#pragma once

#include "base/arbor-finding-kind.h"
#include "batch/arbor-batch-damage.h"
#include "storage/arbor-record.h"

G_BEGIN_DECLS

/* What is wrong. Numbers of pages and batches begin at 1; 0: it is about none. */
typedef struct
{
  ArborFindingKind kind;
  const char *name;   /* of the arbor that it touches; NULL: of none, or nobody knows */
  const char *column; /* its path; NULL: none */
  guint64 page;
  guint64 batch;
  guint64 first_tree; /* the first tree of the arbor that is touched, */
  guint64 n_trees;    /* and how many are, from there on but not always one after the other */
  const char *message;
} ArborFindingInfo;

typedef struct
{
  void (*find) (gpointer data, const ArborFindingInfo *finding);
  /* In bytes of batches; FALSE with error ends it. */
  gboolean (*tell) (gpointer data, guint64 done, guint64 total, GError **error);
  gpointer data;
} ArborInspector;

/* One arbor. */
typedef struct
{
  char *name;
  ArborRecord *record;  /* of the entries that could be read; a stray one has no name in the file */
  guint64 n_trees;      /* that it had, as far as anybody knows */
  guint64 n_sound;      /* of these */
  gboolean is_sound;    /* nothing of it is damaged */
  gboolean is_stray;    /* batches that no name lists */
} ArborInspectedArbor;

typedef struct
{
  guint64 n_pages, n_free_pages, n_lost_pages, page_size;
  guint64 n_batches; /* that arbors have, patches too */
  guint32 version;   /* of the format; 0: not known */
} ArborInspectionCounts;

typedef struct _ArborInspection ArborInspection;

/* @fd stays the caller's. */
ArborInspection *arbor_inspection_new (int fd, const char *path, const ArborInspector *inspector,
                                       GCancellable *cancellable);
void arbor_inspection_free (ArborInspection *self);

/* Finds what there is, in what the transaction @txnid sees, or where that is G_MAXUINT64 in what is left of the
 * newest. FALSE without error: the transaction's meta page was overwritten, begin a newer one. NOT_A_STORE
 * where there is nothing of a store, VERSION where there is one of a newer format. */
gboolean arbor_inspection_walk (ArborInspection *self, guint64 txnid, GError **error);
/* Then reads all of it. */
gboolean arbor_inspection_check (ArborInspection *self, GError **error);

/* Why something could not be read, an errno; 0: all could. What could not is found to be damaged. */
int arbor_inspection_get_failure (ArborInspection *self);
const ArborInspectionCounts *arbor_inspection_get_counts (ArborInspection *self);
/* Of all batches that were read. */
guint64 arbor_inspection_get_n_bytes (ArborInspection *self);
/* ArborInspectedArbor, by name. */
const GPtrArray *arbor_inspection_get_arbors (ArborInspection *self);

/* The bytes of what @entry, an entry or patch of a record, lists; NULL without error: they cannot be used.
 * @damage: what of it is damaged, NULL: nothing; it is the inspection's. */
GBytes *arbor_inspection_load (ArborInspection *self, const ArborBatchEntry *entry,
                               const ArborBatchDamage **damage, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborInspection, arbor_inspection_free)

G_END_DECLS
