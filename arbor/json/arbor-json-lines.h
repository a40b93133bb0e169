/* Lines of JSON Lines into a batch builder: by prediction where that is possible, by the parser
 * else.
 */

#pragma once

#include "base/arbor-tape.h"
#include "json/arbor-json-direct.h"

G_BEGIN_DECLS

typedef struct
{
  ArborParser *parser;
  ArborBatchBuilder *builder;
  ArborJsonDirect *direct; /* into builder */
  gsize n_checked;         /* bytes of whole lines from the next one on that were looked at */
  gboolean is_valid;       /* they are UTF-8 */
  gboolean is_exact;       /* every digit is kept: nothing is predicted */

  /* Of the line refused last. */
  gsize error_offset;
  const char *reason;
} ArborJsonLines;

ArborJsonLines *arbor_json_lines_new (gboolean is_exact);
void arbor_json_lines_free (ArborJsonLines *self);

/* Looks at whole lines of a text, of which the next ones are about to be read. */
void arbor_json_lines_check (ArborJsonLines *self, const char *text, gsize length);

/* Reads one line by prediction; 0 when that is not possible. */
gsize arbor_json_lines_predict (ArborJsonLines *self, const char *text, gsize max_length);

/* Reads a line of @length bytes, its newline included, by the parser. FALSE when it does not parse:
 * then the above is set. */
gboolean arbor_json_lines_parse (ArborJsonLines *self, const char *text, gsize length);

/* Reads the line at the start of @length bytes that end with a newline; returns its length. A blank
 * line adds no tree. 0 when the line is bad or longer than @max_length. */
gsize arbor_json_lines_read (ArborJsonLines *self, const char *text, gsize length,
                             gsize max_length);

G_END_DECLS
