/* Trees from Arrow: batches of what an ArrowArrayStream, or one array, has. Each row is a tree: an
 * object where it is a struct, otherwise the value itself. Null is null; NaN and infinities, which JSON
 * has not, are null; text must be UTF-8; text of the extension type arrow.json is what it says.
 */

#pragma once

#include "batch/arbor-scope.h"
#include "query/arrow/arbor-arrow-plan.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads the columns of one array, row by row, into a tape. */
typedef struct _ArborArrowReader ArborArrowReader;

ArborArrowReader *arbor_arrow_reader_new (void);
void arbor_arrow_reader_free (ArborArrowReader *self);
/* The tape is valid until the next call. PARSE, SCHEMA, OUT_OF_RANGE, LIMIT: the column is named. */
gboolean arbor_arrow_reader_read (ArborArrowReader *self, const ArborArrowColumn *column,
                                  guint64 row, ArborTape *tape, GError **error);

/* The fields of a row of a struct of plain columns, which is not null. Text is valid as long as the
 * array and @scope. */
gboolean arbor_arrow_reader_read_plain (ArborArrowReader *self, const ArborArrowColumn *column,
                                        guint64 row, ArborScope *scope, ArborValue *values,
                                        GError **error);

/* The trees, as batches (GBytes). Both take over what they are given, and release it in any case.
 * Errors of the stream come in GIO's domain. */
GPtrArray *arbor_arrow_take_stream (struct ArrowArrayStream *stream, GCancellable *cancellable,
                                    GError **error);
GPtrArray *arbor_arrow_take_array (struct ArrowSchema *schema, struct ArrowArray *array,
                                   GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborArrowReader, arbor_arrow_reader_free)

G_END_DECLS
