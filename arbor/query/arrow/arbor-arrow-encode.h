/* A batch of trees as an ArrowArray, by columns. What lies in memory as Arrow has it (doubles, truth
 * values and the bytes of strings, where @holder has the batch) is part of the array; all else is
 * copied, lane by lane. Texts of JSON are written row by row.
 *
 * Rows are trees, or elements of one array column, here called a domain: a struct has the rows of what
 * it lies in, and a list begins a new domain.
 */

#pragma once

#include "query/arrow/arbor-arrow-array.h"
#include "query/arrow/arbor-arrow-field.h"

G_BEGIN_DECLS

/* @holder: the bytes of the batch, which stay where they are as long as it is held; NULL: they do not.
 * LIMIT where a column has more text than 32 bits count, CORRUPT for a damaged batch; then @out is as
 * if released. */
gboolean arbor_arrow_encode_batch (const ArborArrowTable *table, const ArborBatch *batch,
                                   GBytes *holder, struct ArrowArray *out, GError **error);

G_END_DECLS
