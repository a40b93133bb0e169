/* Lines of JSON Lines straight into a batch builder, by prediction: a line whose keys are all
 * fields of the batch already, most often in the order of the line before, is read in one pass into
 * cells (batch/arbor-batch-cells.h), without a tape. Keys are compared with the expected ones where
 * they lie in the text.
 *
 * It reads what it is sure of and refuses all else: new keys, repeated ones, numbers that fit no 64
 * bits, errors. The parser then has the last word. So what is accepted here is JSON, and gives the
 * values that the parser would give.
 */

#pragma once

#include "batch/arbor-batch-builder.h"

G_BEGIN_DECLS

typedef struct _ArborJsonDirect ArborJsonDirect;

/* @builder stays the caller's. */
ArborJsonDirect *arbor_json_direct_new (ArborBatchBuilder *builder);
void arbor_json_direct_free (ArborJsonDirect *self);

/* Adds the line at @text as one tree; returns its length with its newline. 0 when it refuses, or
 * when the line is longer than @max_length: then nothing was added. The text must be valid UTF-8 up
 * to a newline at its end, with ARBOR_PARSER_PADDING readable bytes after that.
 */
gsize arbor_json_direct_read (ArborJsonDirect *self, const char *text, gsize max_length);

G_END_DECLS
