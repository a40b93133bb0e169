/* What the files of content share: arbor-content.c (replacing a range), arbor-content-change.c
 * (changing some trees and appending others), and those that find the trees to change.
 */

#pragma once

#include "batch/arbor-batch-builder.h"
#include "batch/arbor-rows.h"
#include "query/content/arbor-content.h"

G_BEGIN_DECLS

struct _ArborContent
{
  ArborRecord *record; /* NULL: no pieces */
};

static inline guint32
arbor_content_get_n_pieces (ArborContent *self)
{
  return self->record != NULL ? self->record->n_batches : 0;
}

/* A batch whose digest is right, for its trees are written again. */
const ArborBatch *arbor_content_get_piece (ArborContent *self, ArborAccess *access, guint32 piece,
                                           GError **error);

/* What a piece is made of: its base, and a patch of its mend. Verified where trees of it are written. */
const ArborBatch *arbor_content_get_base (ArborContent *self, ArborAccess *access, guint32 piece,
                                          gboolean verify, GError **error);
const ArborBatch *arbor_content_get_patch (ArborContent *self, ArborAccess *access, guint64 id,
                                           gboolean verify, GError **error);

/* Rewriting it with a neighbour costs next to nothing. */
gboolean arbor_content_is_small (ArborContent *self, guint32 piece);

/* The first of the pieces that appending @n_new trees pulls in. */
guint32 arbor_content_find_tail (ArborContent *self, guint64 n_new);

/* LIMIT where @n_left and @n_new trees are too many. */
gboolean arbor_content_check_n_trees (guint64 n_left, guint64 n_new, GError **error);

/* Changes the @trees (guint32 indices, ascending), and appends those of @appended (NULL: none).
 * @write adds one tree to @builder, which comes instead of the nth of @trees; that is row @row of
 * @batch, which is NULL unless the function reads it. It may be asked for the same tree again. NULL
 * deletes. The trees of @inserted come before tree @insert_at of piece @insert_piece, which the caller knows to
 * be mended. */
typedef gboolean (*ArborContentWriteFunc) (guint n, const ArborBatch *batch, guint32 row,
                                           ArborScope *scope, ArborBatchBuilder *builder,
                                           gpointer data, GError **error);

typedef struct
{
  GArray *trees;
  ArborContentWriteFunc write;
  gpointer data;
  gboolean reads_old; /* write does */
  ArborSelection *appended;
  ArborAccess *appended_access;
  ArborSelection *inserted;
  ArborAccess *inserted_access;
  guint32 n_inserted;
  guint32 insert_piece;
  guint64 insert_at;
} ArborContentChange;

gboolean arbor_content_change (ArborContent *self, ArborAccess *access,
                               const ArborContentChange *change, const ArborContentSink *sink,
                               GCancellable *cancellable, GError **error);

/* Calls @func with all trees, inside @access, batch by batch as they lie: a piece as it is, or first what lies in
 * its base and then what lies in each of its patches. @trees is NULL, or has the index of each of the rows,
 * as many as @rows has; else row 0 is the tree @rows->first. */
typedef gboolean (*ArborContentRowsFunc) (const ArborRows *rows, const guint32 *trees, gpointer data,
                                          GError **error);
gboolean arbor_content_for_each_batch (ArborContent *self, ArborAccess *access,
                                       ArborContentRowsFunc func, gpointer data,
                                       GCancellable *cancellable, GError **error);

static inline guint32
arbor_content_get_tree (const ArborRows *rows, const guint32 *trees, guint32 i)
{
  return trees != NULL ? trees[i] : (guint32) arbor_rows_get_tree (rows, i);
}

G_END_DECLS
