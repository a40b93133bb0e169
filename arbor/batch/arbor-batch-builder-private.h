/* What the parts of the batch builder share: arbor-batch-builder.c takes trees apart into columns,
 * arbor-batch-fields.c finds and makes these, arbor-batch-encoder.c writes them out.
 */

#pragma once

#include "batch/arbor-batch-builder.h"
#include "batch/arbor-column-builder.h"

G_BEGIN_DECLS

#define ARBOR_KEY_SLACK 8u

/* A column's share of the directory: its record, a lane's, and padding. */
#define ARBOR_BUILDER_COLUMN_BYTES 160u

/* An open array or object during the walk over a tape. */
typedef struct
{
  guint32 column;     /* whose fields or elements these are */
  guint32 row;        /* object: its index; array: of the next element */
  guint32 position;   /* object: of the next pair in the plan; array: tape index of the next element */
  guint32 end;
  guint32 plan;       /* object: where its pairs begin in the plan */
  gboolean is_object;
} ArborOpenContainer;

/* A pair of an object: which column takes it, and where its value lies on the tape. */
typedef struct
{
  guint32 column;
  guint32 value;
} ArborPair;

struct _ArborBatchBuilder
{
  ArborColumnBuilder *columns; /* n_columns are in use; the rest keep their buffers */
  guint32 n_columns;
  guint32 n_allocated;

  guint64 batch_serial; /* of the batch under construction: what is known of its columns goes with it */
  guint32 n_trees;
  guint32 group;          /* trees */
  guint32 group_position; /* of the next tree in its group */
  gsize raw_size;         /* a rough size that is cheap to keep */
  gsize next_measure;     /* raw_size at which to measure again */
  gsize max_raw;          /* raw_size at which it is full */
  gboolean is_full;
  gboolean is_one_batch; /* it is not measured */

  ArborBuffer key_bytes;  /* ARBOR_KEY_SLACK bytes after them can be read */
  ArborBuffer key_starts; /* guint32, n_keys */
  ArborBuffer key_ends;
  guint32 *key_slots; /* open addressing: key + 1 */
  guint32 n_key_slots;
  guint64 *field_slots; /* open addressing: column of (parent, key): parent << 32 | key */
  guint32 *field_columns;
  guint32 n_field_slots;

  ArborBuffer shape_columns; /* guint32: the fields of all shapes, in order */
  ArborBuffer shape_starts;  /* guint32, one a shape; the end is the next one's start */
  ArborBuffer shape_owners;  /* guint32: the object column of each shape */
  guint32 *shape_slots;      /* open addressing: shape + 1 */
  guint32 n_shape_slots;

  GArray *frames; /* of ArborOpenContainer */
  GArray *plan;   /* of ArborPair, a stack */
  ArborBuffer fields; /* guint32: columns of the members of the object at hand; of all open ones in
                         arbor-batch-cells.c */
  guint64 serial; /* of objects: stamps fields */
  guint64 n_repeated; /* keys, since they were taken */
  ArborBuffer out; /* JSON text of a tree that overflows */
  ArborTapeWriter *writer; /* for add_value */
};

static inline const char *
arbor_batch_builder_get_key (ArborBatchBuilder *self, guint32 key, guint32 *length)
{
  guint32 start = ((const guint32 *) self->key_starts.data)[key];

  *length = ((const guint32 *) self->key_ends.data)[key] - start;
  return (const char *) self->key_bytes.data + start;
}

/* A new column, of @key or, for elements and the trees themselves, ARBOR_NO_COLUMN. */
guint32 arbor_batch_builder_add_column (ArborBatchBuilder *self, guint32 key, guint32 depth);

/* A field of @parent, ARBOR_NO_COLUMN when there is none; creates nothing. */
guint32 arbor_batch_builder_find_field (ArborBatchBuilder *self, guint32 parent, const char *text,
                                        guint32 length);

/* The same; a new one where there is none. */
guint32 arbor_batch_builder_make_field (ArborBatchBuilder *self, guint32 parent, const char *text,
                                        guint32 length);
guint32 arbor_batch_builder_make_elements (ArborBatchBuilder *self, guint32 parent);

/* The number of the shape that has just these fields in this order. */
guint32 arbor_batch_builder_find_shape (ArborBatchBuilder *self, guint32 column,
                                        const guint32 *fields, guint32 n_fields);
/* Gives the next object of @column its shape: just these fields in this order. */
void arbor_batch_builder_add_shape (ArborBatchBuilder *self, guint32 column, const guint32 *fields,
                                    guint32 n_fields);

/* After the values of @n trees were added. Whether the batch is full counts after each: several at
 * once stay below what would fill it, or have it measured, until the last. */
void arbor_batch_builder_end_trees (ArborBatchBuilder *self, guint32 n);

/* About how many bytes the batch will take, encoded. */
gsize arbor_batch_builder_measure (ArborBatchBuilder *self);

/* Writes all columns out as a batch; NULL and LIMIT past the limits. */
GBytes *arbor_batch_builder_encode (ArborBatchBuilder *self, GError **error);

/* Room for a batch of at least @size bytes, at ARBOR_BATCH_PHASE; @size becomes what there is. It
 * is for arbor_batch_deallocate, or for arbor_batch_take_bytes when it is filled. */
guint8 *arbor_batch_allocate (gsize *size);
void arbor_batch_deallocate (guint8 *data);
GBytes *arbor_batch_take_bytes (guint8 *data, gsize size);

G_END_DECLS
