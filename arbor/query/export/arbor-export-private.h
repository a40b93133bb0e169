/* What the formats share: how rows become text. */

#pragma once

#include "batch/arbor-scope.h"
#include "query/export/arbor-export-fields.h"

G_BEGIN_DECLS

typedef struct
{
  /* Appends the text of a tree, which is the @n-th; they do not come in this order. */
  gboolean (*write) (gpointer data, const ArborBatch *batch, guint32 row, guint64 n,
                     ArborScope *scope, ArborBuffer *out, GError **error);
  gpointer data;
  const char *first;   /* stands before the first one */
  const char *between; /* and before any other */
  gpointer (*copy) (gpointer data);  /* for another thread */
  void (*forget) (gpointer data);    /* batches that were written from may be gone */
  void (*free) (gpointer data);      /* of a copy */
  /* NULL, or what the trees consist of, which then is written as far as that goes; not owned */
  const ArborExportFields *fields;
  ArborFieldFormat format;           /* of these */
} ArborRowText;

/* Hands the text to the stream once there is as much as is worth a call; all of it with @is_end. */
gboolean arbor_export_flush (ArborExport *self, gboolean is_end, GCancellable *cancellable,
                             GError **error);

/* All of the view, in its order; @n_rows gets how many were written. */
gboolean arbor_export_write_rows (ArborExport *self, const ArborView *view, ArborAccess *access,
                                  const ArborRowText *text, guint64 *n_rows,
                                  GCancellable *cancellable, GError **error);

G_END_DECLS
