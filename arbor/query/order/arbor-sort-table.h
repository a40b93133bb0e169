/* Trees and their keys, in columns: what sorting and telling apart work on. A table is filled
 * inside one access; its values may point into that access's batches, and it must
 * be gone, or no longer looked at, when the access ends. One thread.
 *
 * Rows are numbered in the order in which they were added; so is everything equal when sorted.
 */

#pragma once

#include "query/expr/arbor-evaluator.h"
#include "query/order/arbor-sort-column.h"
#include "query/order/arbor-sort-keys.h"
#include "query/series/arbor-series-reader.h"
#include "query/view/arbor-source.h"
#include "query/view/arbor-trees.h"

G_BEGIN_DECLS

typedef struct
{
  ArborSortKeys *keys;
  ArborSortColumn *columns; /* one a key */
  gsize n_rows;
  guint32 *indices; /* the tree of each row: its index in the source */
  gsize capacity;
  ArborCharge charge; /* of all of it */

  /* The tree at hand. */
  ArborEvaluator **evaluators;
  ArborSeriesReader **readers; /* for many trees */
  ArborScope *scope;
  ArborValue *values; /* of its keys */
  guint32 index;
  guint32 row;
  const ArborBatch *batch;
  guint64 first, next; /* the batch has trees first .. next - 1 of the source */
  ArborSortStable stable;
} ArborSortTable;

/* @operation, for messages, lives as long as the program. */
ArborSortTable *arbor_sort_table_new (ArborSortKeys *keys, const char *operation);
void arbor_sort_table_free (ArborSortTable *self);

/* Goes to the tree at @index of the source. */
gboolean arbor_sort_table_seek (ArborSortTable *self, ArborAccess *access, guint32 index,
                                GError **error);
/* Key @key of the tree at hand, in values[key]: each at most once. */
gboolean arbor_sort_table_evaluate (ArborSortTable *self, guint32 key, GError **error);
/* Adds the tree at hand as a row; all its keys have been evaluated. */
gboolean arbor_sort_table_append (ArborSortTable *self, GError **error);
/* Before rows are added: @n of them will be, so that nothing needs to grow. */
gboolean arbor_sort_table_expect (ArborSortTable *self, guint64 n, GError **error);
/* The three together for all of @rows, from lanes where they tell. After an error the table is of no use. */
gboolean arbor_sort_table_add_rows (ArborSortTable *self, ArborAccess *access,
                                    const ArborRows *rows, GError **error);
/* Adds all rows of @other, which has the same keys and is empty afterwards. FALSE: it cannot, or LIMIT; then the
 * table is of no use. */
gboolean arbor_sort_table_take (ArborSortTable *self, ArborSortTable *other, GError **error);
/* Keeps only @rows, numbered anew in this order. */
gboolean arbor_sort_table_compact (ArborSortTable *self, const guint32 *rows, gsize n,
                                   GError **error);

/* By all keys from @key on, flags included; 0 for equal rows. */
int arbor_sort_table_compare (const ArborSortTable *self, guint32 key, gsize a, gsize b);
/* The tree at hand with a row, by one key. */
int arbor_sort_table_compare_at_hand (const ArborSortTable *self, guint32 key, gsize row);

/* All rows, in order: @rows has room for n_rows. Stable. */
gboolean arbor_sort_table_order (ArborSortTable *self, ArborAccess *access,
                                 GCancellable *cancellable, guint32 *rows, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborSortTable, arbor_sort_table_free)

G_END_DECLS
