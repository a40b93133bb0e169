/* What reading JSON and reading CSV share. The input lies in one buffer (arbor-json-input.h);
 * `line` is the number of the line at its unconsumed start. A tree is added to the builder as soon
 * as it is read, so the number of trees is also the index of the next one.
 */

#pragma once

#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "json/arbor-json-direct.h"
#include "json/arbor-json-input.h"
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
  ArborParser *parser;
  ArborBatchBuilder *builder;
  ArborJsonDirect *direct; /* into builder */
  gsize n_checked;         /* bytes of whole lines at the start of the input that were looked at */
  gboolean is_valid;       /* they are UTF-8 */
} ArborJsonReader;

/* Fills the input, unless the line, record or document in it is too long already. */
gboolean arbor_json_reader_fill (ArborJsonReader *self, GError **error);
/* Reads until the line at the start of the input is there. Sets *@length to its length with its
 * newline, 0 at the end of the input. */
gboolean arbor_json_reader_find_line (ArborJsonReader *self, gsize *length, GError **error);
gboolean arbor_json_reader_read_lines (ArborJsonReader *self, GError **error);
/* Adds one tree; hands the batch on when it is full. */
gboolean arbor_json_reader_add_tree (ArborJsonReader *self, const ArborTape *tape, guint32 index,
                                     GError **error);
/* After a tree came into the builder: the same. */
gboolean arbor_json_reader_end_tree (ArborJsonReader *self, GError **error);
/* Sets an error that names the place; returns FALSE. */
gboolean arbor_json_reader_fail (ArborJsonReader *self, ArborError code, guint64 line,
                                 guint64 offset, const char *reason, GError **error);
/* Lists a bad line where they are to be skipped; else fails with PARSE. */
gboolean arbor_json_reader_refuse (ArborJsonReader *self, guint64 line, guint64 offset,
                                   const char *reason, GError **error);

static inline void
arbor_json_reader_consume_line (ArborJsonReader *self, gsize length)
{
  arbor_json_input_consume (&self->input, length);
  self->line++;
}

/* The length of a line without what ends it. */
static inline gsize
arbor_json_trim_line (const char *line, gsize length)
{
  if (length > 0 && line[length - 1] == '\n')
    length--;
  if (length > 0 && line[length - 1] == '\r')
    length--;
  return length;
}

/* The length of a text without the blanks at its end. */
static inline gsize
arbor_json_trim_blank (const char *text, gsize length)
{
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t' ||
                        text[length - 1] == '\r' || text[length - 1] == '\n'))
    length--;
  return length;
}

static inline gboolean
arbor_json_is_blank (const char *text, gsize length)
{
  return arbor_json_trim_blank (text, length) == 0;
}

G_END_DECLS
