/* What the files of the encoder share: arbor-batch-encoder.c writes columns out,
 * arbor-batch-encode-text.c the lanes of text.
 */

#pragma once

#include "batch/arbor-batch-builder-private.h"

G_BEGIN_DECLS

typedef struct
{
  ArborBatchBuilder *builder;
  ArborBuffer out; /* of arbor_batch_allocate: only arbor_batch_encoder_make_room makes it grow */
  guint32 n_columns;
  guint32 *order;     /* builder's column of each column */
  guint32 *number;    /* the reverse */
  guint32 n_keys;
  guint32 *key_order;  /* builder's key of each key */
  guint32 *key_number; /* the reverse, ARBOR_NO_COLUMN for keys not used */
  guint32 *shape_number; /* of the builder's shapes, within their column */
  gsize columns_at;
  gsize lanes_at;
  guint32 n_lanes;
} ArborBatchEncoder;

/* Sees to it that @extra bytes more, and one, fit into what is written. */
void arbor_batch_encoder_make_room (ArborBatchEncoder *self, gsize extra);
/* Appends @size zero bytes, @alignment counted from where the batch will lie; returns where. */
guint32 arbor_batch_encoder_reserve (ArborBatchEncoder *self, gsize size, gsize alignment);
/* The same, but only what comes before them is zero. */
guint32 arbor_batch_encoder_reserve_unset (ArborBatchEncoder *self, gsize size, gsize alignment);
/* Appends a buffer; 0 when it has no bytes. */
guint32 arbor_batch_encoder_write (ArborBatchEncoder *self, gconstpointer bytes, gsize size);

/* Buffer b: @count spans of these lengths. */
void arbor_batch_encoder_write_spans (ArborBatchEncoder *self, ArborLaneRecord *lane,
                                      const guint32 *lengths, guint32 count);
/* NUMBER and overflow. */
void arbor_batch_encoder_write_text (ArborBatchEncoder *self, ArborLaneRecord *lane,
                                     const ArborTextLane *text);
/* STRING: in a dictionary where that is smaller. */
void arbor_batch_encoder_write_strings (ArborBatchEncoder *self, ArborLaneRecord *lane,
                                        ArborColumnBuilder *column);

G_END_DECLS
