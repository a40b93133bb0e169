/* Rows as a live model has them. A row is a tree of a listing; the listing and the index change as the
 * model moves to other states of its store, guarded by the mutex of the model's rows
 * (arbor-list-rows-private.h). One whose tree is gone keeps a copy of it, so that it holds no snapshot.
 */

#pragma once

#include <pthread.h>

#include "arbor-row.h"
#include "query/expr/arbor-node.h"
#include "query/model/arbor-listing.h"

G_BEGIN_DECLS

/* The columns of rows, as properties of a class. Immutable, refcounted. */
typedef struct
{
  gatomicrefcount ref_count;
  GType type; /* ARBOR_TYPE_ROW where there are none */
  guint n;
  char **names;      /* as they were given */
  char **properties; /* the names of their properties */
  GType *types;
  ArborNode **nodes;
} ArborRowColumns;

/* LIMIT when there are too many classes of rows. @types: of @n nodes. */
ArborRowColumns *arbor_row_columns_new (const char *const *names, ArborNode *const *nodes,
                                        const GType *types, guint n, GError **error);
ArborRowColumns *arbor_row_columns_ref (ArborRowColumns *self);
void arbor_row_columns_unref (ArborRowColumns *self);
/* The class that has these columns; 0 when there are too many. */
GType arbor_row_class_get (const ArborRowColumns *columns);

/* What a row is locked with, and lives beyond the model. */
typedef struct
{
  gatomicrefcount ref_count;
  pthread_mutex_t mutex;
} ArborRowLock;

ArborRowLock *arbor_row_lock_new (void);
ArborRowLock *arbor_row_lock_ref (ArborRowLock *self);
void arbor_row_lock_unref (ArborRowLock *self);

ArborRow *arbor_row_new (ArborRowColumns *columns, ArborRowLock *lock, ArborCloseToken *token,
                         ArborListing *listing, guint32 tree);
/* Under the lock. */
void arbor_row_move (ArborRow *self, ArborListing *listing, guint32 tree);
/* Where the tree of a row of @lock is in @listing; FALSE for a row of another, and for one whose tree is gone. */
gboolean arbor_row_find_tree (ArborRow *self, ArborRowLock *lock, const ArborListing *listing,
                              guint32 *tree);
/* Not under the lock: the tree is copied, and the listing let go. */
void arbor_row_detach (ArborRow *self);

/* Column @column, in a value of its type, which is all zero. */
void arbor_row_read (ArborRow *self, guint column, GValue *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborRowColumns, arbor_row_columns_unref)

G_END_DECLS
