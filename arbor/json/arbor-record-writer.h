/* Trees of batches as records of CSV: a cell for each of some columns, which are fields of the trees. As in
 * arbor-row-writer.h, rows that follow each other are read by cursors that go on where they were, and few
 * rows of a batch are written value by value, to the same text. Not thread-safe.
 */

#pragma once

#include "base/arbor-buffer.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

typedef struct _ArborRecordWriter ArborRecordWriter;

ArborRecordWriter *arbor_record_writer_new (char delimiter);
void arbor_record_writer_free (ArborRecordWriter *self);

/* FALSE: there is one of this name. */
gboolean arbor_record_writer_add_column (ArborRecordWriter *self, const char *name, gsize length);
guint arbor_record_writer_get_n_columns (ArborRecordWriter *self);
/* Whether no number and no truth value has the delimiter, so that they need no quotes. */
gboolean arbor_record_writer_has_plain_delimiter (ArborRecordWriter *self);

/* Adds the fields of a tree that are no columns yet, in order; *@n_fields is how many it has. FALSE: it is
 * no object. Batches live as long as this is called. */
gboolean arbor_record_writer_collect (ArborRecordWriter *self, const ArborBatch *batch, guint32 row,
                                      ArborScope *scope, guint32 *n_fields);

/* Before batches go away. */
void arbor_record_writer_forget (ArborRecordWriter *self);
/* One that writes the same columns. */
ArborRecordWriter *arbor_record_writer_copy (ArborRecordWriter *self);

void arbor_record_writer_write_header (ArborRecordWriter *self, ArborBuffer *out);
/* Appends a record with its line end. FALSE, with nothing appended: the tree is no object. After the
 * first call no column is added. Batches live as long as this is called. Damage is reported through
 * @scope. */
gboolean arbor_record_writer_write (ArborRecordWriter *self, const ArborBatch *batch, guint32 row,
                                    ArborScope *scope, ArborBuffer *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborRecordWriter, arbor_record_writer_free)

G_END_DECLS
