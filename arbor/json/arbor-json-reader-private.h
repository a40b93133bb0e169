/* What reading JSON and reading CSV share. The input lies in one buffer (arbor-json-input.h);
 * `line` is the number of the line at its unconsumed start. A tree is added to the builder as soon
 * as it is read, so the number of trees is also the index of the next one.
 */

#pragma once

#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "json/arbor-json-blank.h"
#include "json/arbor-json-input.h"
#include "json/arbor-json-lines.h"
#include "json/arbor-json-reader.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborJsonReadOptions *options;
  ArborJsonReport *report;
  GCancellable *cancellable;
  ArborJsonInput input;
  guint64 line;
  gsize max_text;
  guint64 memory; /* bytes that reading one tree may take */
  ArborJsonLines *lines;
  gboolean takes_documents; /* what is no line is a document */
  gboolean is_loose;        /* reading documents, maybe in the middle of a line */
  const char *as_object;    /* the field for the keys of members */
  ArborTapeWriter *writer;  /* of such trees */
} ArborJsonReader;

/* Fills the input, unless the line, record or document in it is too long already. */
gboolean arbor_json_reader_fill (ArborJsonReader *self, GError **error);
/* LIMIT where reading the text as one tree would take too much memory, or has too many values. */
gboolean arbor_json_reader_check_cost (ArborJsonReader *self, const char *text, gsize length,
                                       GError **error);
gboolean arbor_json_reader_fail_too_long (ArborJsonReader *self, GError **error);
/* Adds one tree; hands the batch on when it is full. */
gboolean arbor_json_reader_add_tree (ArborJsonReader *self, const ArborTape *tape, guint32 index,
                                     GError **error);
/* Hands a batch on, when the input was read up to @offset. */
gboolean arbor_json_reader_emit (ArborJsonReader *self, GBytes *batch, guint32 n_trees,
                                 guint64 offset, GError **error);
/* Sets an error that names the place; returns FALSE. */
gboolean arbor_json_reader_fail (ArborJsonReader *self, ArborError code, guint64 line,
                                 guint64 offset, const char *reason, GError **error);
/* Sets PARSE for the byte at @offset from the unconsumed start, counting lines up to it; FALSE. */
gboolean arbor_json_reader_refuse_at (ArborJsonReader *self, gsize offset, const char *reason,
                                      GError **error);
/* Lists a bad line where they are to be skipped; else fails with PARSE. */
gboolean arbor_json_reader_refuse (ArborJsonReader *self, guint64 line, guint64 offset,
                                   const char *reason, GError **error);

G_END_DECLS
