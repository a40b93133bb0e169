/* A batch: up to 20,480 consecutive trees in columns, one immutable block of bytes read where it
 * lies (docs/dev/format.md gives every byte). An ArborBatch is the reader: a small struct beside
 * the bytes, made by a complete check of header and directory; after that every access is
 * bounded by what was checked, so a damaged batch gives wrong values or ARBOR_ERROR_CORRUPT, never
 * a crash. The reader is immutable: any thread may use it as long as the bytes live.
 */

#pragma once

#include "base/arbor-bitmap.h"
#include "base/arbor-value.h"

G_BEGIN_DECLS

/* What a batch holds at most, and where one ends that is built: what comes in between afterwards finds room. */
#define ARBOR_BATCH_MAX_TREES 20480u
#define ARBOR_BATCH_CUT_TREES 16384u
#define ARBOR_BATCH_TARGET_BYTES (1024u * 1024u)
/* Before encoding: values that need next to no bytes must not pile up in a builder's memory. */
#define ARBOR_BATCH_MAX_RAW_BYTES (32u * 1024u * 1024u)
#define ARBOR_BATCH_MAX_VALUES (256u * 1024u * 1024u) /* of all columns together */
#define ARBOR_BATCH_MAX_BYTES (256u * 1024u * 1024u)
#define ARBOR_BATCH_MIN_BYTES 2048u /* past LMDB's inline limit for 4 KiB pages */
#define ARBOR_BATCH_ALIGNMENT 64u
#define ARBOR_BATCH_PHASE 16u /* address of the first byte modulo ARBOR_BATCH_ALIGNMENT */
#define ARBOR_NO_COLUMN G_MAXUINT32

typedef struct _ArborBatch ArborBatch;
typedef struct _ArborBatchChecks ArborBatchChecks;

/* Checks header and directory of the @length bytes at @data, which the reader does not own. */
ArborBatch *arbor_batch_open (const guint8 *data, gsize length, GError **error);
void arbor_batch_free (ArborBatch *self);
/* Before others use it: the bytes lie in a mapped file, and are brought in column by column. */
void arbor_batch_set_mapped (ArborBatch *self);

/* What is known of the columns of a batch in a file, which all of its readers share: each column is
 * checked at its first use in the process, its bytes against their digest. Refcounted, any thread. */
typedef void (*ArborBatchTell) (gpointer data, guint64 id, const char *column);

/* @tell: called for a column that is damaged, by its path, before anybody reads it as MISSING, from any
 * thread and maybe twice. */
ArborBatchChecks *arbor_batch_checks_new (const ArborBatch *of, guint64 id, ArborBatchTell tell,
                                          gpointer data);
ArborBatchChecks *arbor_batch_checks_ref (ArborBatchChecks *self);
void arbor_batch_checks_unref (ArborBatchChecks *self);
/* Whether nobody else has it. */
gboolean arbor_batch_checks_is_last (ArborBatchChecks *self);
/* Before others use the batch. FALSE: they are those of another one. */
gboolean arbor_batch_set_checks (ArborBatch *self, ArborBatchChecks *checks);

guint32 arbor_batch_get_n_trees (const ArborBatch *self);
guint32 arbor_batch_get_n_columns (const ArborBatch *self);
gsize arbor_batch_get_size (const ArborBatch *self);
guint64 arbor_batch_get_digest (const ArborBatch *self); /* as the header says; XXH3-64, of all by way of
                                                            the columns' digests */

/* Whether all bytes are those that were written. */
gboolean arbor_batch_check_bytes (const ArborBatch *self, GError **error);
/* Reads everything: digests, structure, UTF-8, counts, the text in overflow lanes. */
gboolean arbor_batch_verify (const ArborBatch *self, GError **error);

/* The digest in the header of a finished batch, without opening it; 0 when @length is too small. */
guint64 arbor_batch_peek_digest (const guint8 *data, gsize length);
guint32 arbor_batch_peek_n_trees (const guint8 *data, gsize length);

/* The value of @column at @row of its parent (a tree index for column 0, the index in the object
 * lane for a field, the index of an element). MISSING where the row does not have it.
 */
void arbor_batch_get_value (const ArborBatch *self, guint32 column, guint32 row, ArborValue *value);

static inline void
arbor_batch_get_tree (const ArborBatch *self, guint32 row, ArborValue *value)
{
  arbor_batch_get_value (self, 0, row, value);
}

/* The column of the field @key below @column, ARBOR_NO_COLUMN when no tree of the batch has it. */
guint32 arbor_batch_find_field (const ArborBatch *self, guint32 column, const char *key,
                                gsize length);
/* The columns of all fields below @column: so many from *@first on, by bytes of their keys. */
guint32 arbor_batch_get_fields (const ArborBatch *self, guint32 column, guint32 *first);
/* The column of the elements of the arrays of @column. */
guint32 arbor_batch_find_elements (const ArborBatch *self, guint32 column);
/* Whether any value of @column lies as text in the overflow lane: paths below it are then not
 * answered by columns alone. */
gboolean arbor_batch_has_overflow (const ArborBatch *self, guint32 column);
/* Whether any value of @column can hold others: arrays, objects, overflow text. */
gboolean arbor_batch_may_nest (const ArborBatch *self, guint32 column);

/* One column as a schema sees it. */
typedef struct
{
  guint32 parent;     /* ARBOR_NO_COLUMN for the root */
  gboolean is_element;
  const char *key;    /* not terminated; NULL for the root and elements */
  guint32 key_length;
  guint32 n_rows;
  guint32 n_values;   /* rows that have it, null included */
  guint32 n_kind[ARBOR_N_KINDS]; /* values of each kind; overflow values count as the kind they are */
} ArborColumnInfo;

void arbor_batch_get_column_info (const ArborBatch *self, guint32 column, ArborColumnInfo *info);

/* Elements [*start, *end) of the array at @index in the array lane of @column. */
void arbor_batch_get_array (const ArborBatch *self, guint32 column, guint32 index, guint32 *start,
                            guint32 *end);

/* The fields of the object at @index in the object lane of @column, in key order kept:
 * n columns, read with arbor_batch_get_shape_field. */
guint32 arbor_batch_get_shape (const ArborBatch *self, guint32 column, guint32 index,
                               guint32 *first);
guint32 arbor_batch_get_shape_field (const ArborBatch *self, guint32 column, guint32 position);
const char *arbor_batch_get_key (const ArborBatch *self, guint32 column, guint32 *length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborBatch, arbor_batch_free)

G_END_DECLS
