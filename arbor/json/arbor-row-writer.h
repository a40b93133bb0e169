/* Trees of batches as JSON text, byte for byte what arbor_value_write_json writes. For whoever
 * writes many: keys are escaped once a batch, and rows that follow each other are read by cursors
 * that go on where they were. Few rows of a batch are written by arbor_value_write_json itself, so
 * any order of rows and batches costs at most what it costs there. Not thread-safe.
 */

#pragma once

#include "base/arbor-buffer.h"
#include "batch/arbor-batch.h"
#include "batch/arbor-scope.h"

G_BEGIN_DECLS

typedef struct _ArborRowWriter ArborRowWriter;

ArborRowWriter *arbor_row_writer_new (void);
void arbor_row_writer_free (ArborRowWriter *self);

/* Appends the text of tree @row of @batch. A batch that has been written from must live as long
 * as the writer is used, for it is known by its address. Damage is reported through @scope. */
void arbor_row_writer_write (ArborRowWriter *self, const ArborBatch *batch, guint32 row,
                             ArborScope *scope, ArborBuffer *out);
/* Before batches go away. */
void arbor_row_writer_forget (ArborRowWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborRowWriter, arbor_row_writer_free)

G_END_DECLS
