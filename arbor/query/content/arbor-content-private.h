/* What the files of content share: arbor-content.c (replacing a range), arbor-content-change.c
 * (changing some trees and appending others), and those that find the trees to change.
 */

#pragma once

#include "batch/arbor-batch-builder.h"
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

/* Rewriting it with a neighbour costs next to nothing. */
gboolean arbor_content_is_small (ArborContent *self, guint32 piece);

/* The first of the pieces that appending @n_new trees pulls in. */
guint32 arbor_content_find_tail (ArborContent *self, guint64 n_new);

/* LIMIT where @n_left and @n_new trees are too many. */
gboolean arbor_content_check_n_trees (guint64 n_left, guint64 n_new, GError **error);

/* Changes the @trees (guint32 indices, ascending), and appends those of @appended (NULL: none).
 * @write adds what comes instead of the nth of @trees, which is row @row of @batch, to @builder:
 * one tree, or none. NULL deletes. */
typedef gboolean (*ArborContentWriteFunc) (guint n, const ArborBatch *batch, guint32 row,
                                           ArborScope *scope, ArborBatchBuilder *builder,
                                           gpointer data, GError **error);

typedef struct
{
  GArray *trees;
  ArborContentWriteFunc write;
  gpointer data;
  ArborSelection *appended;
  ArborAccess *appended_access;
} ArborContentChange;

gboolean arbor_content_change (ArborContent *self, ArborAccess *access,
                               const ArborContentChange *change, const ArborContentSink *sink,
                               GCancellable *cancellable, GError **error);

/* Calls @func for each piece, inside @access. */
typedef gboolean (*ArborContentPieceFunc) (const ArborBatch *batch, guint64 first_tree,
                                           gpointer data, GError **error);
gboolean arbor_content_for_each_piece (ArborContent *self, ArborAccess *access,
                                       ArborContentPieceFunc func, gpointer data,
                                       GCancellable *cancellable, GError **error);

G_END_DECLS
