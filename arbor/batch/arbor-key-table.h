/* Key tables: where in a batch a key is. One lies beside a batch, of one or several paths, and names for the
 * hash of a key the rows that may have it: whoever asks looks whether they do. docs/dev/format.md gives
 * every byte.
 *
 * A key is what the paths lead to, all of them: booleans, numbers, strings. A tree has no key where one of
 * them leads to null, an array, an object or nothing. Equal keys have equal hashes, 1 and 1.0 too.
 *
 * Immutable, refcounted: any thread may ask.
 */

#pragma once

#include "base/arbor-path.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

typedef struct _ArborKeyTable ArborKeyTable;

/* The hash of the key of @n values; FALSE where these are none. */
gboolean arbor_key_hash (const ArborValue *values, guint n, guint64 *hash);

/* What a row has: no key, one, or what can be none and was refused where it came in: an array or object. */
enum
{
  ARBOR_ROW_NO_KEY,
  ARBOR_ROW_KEY,
  ARBOR_ROW_CONTAINER,
};

/* The hash of the key of each row of the batch, and whether it has one. @paths, at least one, lead to one
 * value each: no [*]. CORRUPT when a column on the way is damaged. */
gboolean arbor_key_hash_rows (const ArborBatch *batch, ArborPath *const *paths, guint n_paths,
                              guint64 *hashes, guint8 *has_key, GError **error);

/* What the paths lead to in one row, to @values: valid as long as @scope and the batch. */
void arbor_key_read_row (const ArborBatch *batch, guint32 row, ArborPath *const *paths, guint n_paths,
                         ArborScope *scope, ArborValue *values);
/* Whether the row has this key. */
gboolean arbor_key_row_equals (const ArborBatch *batch, guint32 row, ArborPath *const *paths,
                               guint n_paths, const ArborValue *key, ArborScope *scope);

/* The table of a batch, of what arbor_key_hash_rows found. */
GBytes *arbor_key_table_build_of (const ArborBatch *batch, ArborPath *const *paths, guint n_paths,
                                  const guint64 *hashes, const guint8 *has_key);
GBytes *arbor_key_table_build (const ArborBatch *batch, ArborPath *const *paths, guint n_paths,
                               GError **error);
/* CORRUPT unless @bytes, whose address is a multiple of 2, are a table of the batch of this digest and so
 * many rows and of these paths, as it was built. */
ArborKeyTable *arbor_key_table_open (GBytes *bytes, guint64 batch_digest, guint32 n_rows,
                                     ArborPath *const *paths, guint n_paths, GError **error);
ArborKeyTable *arbor_key_table_ref (ArborKeyTable *self);
void arbor_key_table_unref (ArborKeyTable *self);
gboolean arbor_key_table_is_last (ArborKeyTable *self); /* nobody else has a reference */
gsize arbor_key_table_get_size (const ArborKeyTable *self);
GBytes *arbor_key_table_get_bytes (ArborKeyTable *self); /* (transfer none) */

guint32 arbor_key_table_get_n_keys (const ArborKeyTable *self);

/* The next row that may have a key of this hash, in ascending order. *@at is 0 before the first and is
 * moved on; FALSE: there are no more. */
gboolean arbor_key_table_next (const ArborKeyTable *self, guint64 hash, guint32 *at, guint32 *row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborKeyTable, arbor_key_table_unref)

G_END_DECLS
