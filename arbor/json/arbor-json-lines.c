/* See arbor-json-lines.h. Prediction needs whole lines of valid UTF-8: those that are there are
 * looked at all at once.
 */

#include "json/arbor-json-lines.h"

#include "base/arbor-simdjson.h"
#include "json/arbor-json-blank.h"

/* So much text is looked at at once: it is still in the processor's cache when it is read. */
#define WINDOW (128u * 1024u)

ArborJsonLines *
arbor_json_lines_new (gboolean is_exact)
{
  ArborJsonLines *self = g_new0 (ArborJsonLines, 1);

  self->parser = arbor_parser_new ();
  self->builder = arbor_batch_builder_new ();
  self->direct = arbor_json_direct_new (self->builder);
  self->is_exact = is_exact;
  arbor_parser_set_exact (self->parser, is_exact);
  return self;
}

void
arbor_json_lines_free (ArborJsonLines *self)
{
  arbor_json_direct_free (self->direct);
  arbor_batch_builder_free (self->builder);
  arbor_parser_free (self->parser);
  g_free (self);
}

void
arbor_json_lines_check (ArborJsonLines *self, const char *text, gsize length)
{
  const char *last = length > 0 ? memrchr (text, '\n', MIN (length, WINDOW)) : NULL;

  if (last == NULL && length > WINDOW)
    last = memchr (text + WINDOW, '\n', length - WINDOW);
  self->n_checked = last != NULL ? (gsize) (last - text) + 1 : 0;
  self->is_valid = !self->is_exact && arbor_cxx_validate_utf8 (text, self->n_checked);
}

gsize
arbor_json_lines_predict (ArborJsonLines *self, const char *text, gsize max_length)
{
  gsize length = self->n_checked > 0 && self->is_valid
                     ? arbor_json_direct_read (self->direct, text, max_length)
                     : 0;

  self->n_checked -= length;
  return length;
}

gboolean
arbor_json_lines_parse (ArborJsonLines *self, const char *text, gsize length)
{
  ArborTape tape;

  self->n_checked -= MIN (length, self->n_checked);
  if (!arbor_parser_parse (self->parser, text, arbor_json_trim_line (text, length), &tape,
                           &self->error_offset, &self->reason))
    return FALSE;
  arbor_batch_builder_add_tape (self->builder, &tape, ARBOR_TAPE_ROOT);
  return TRUE;
}

gsize
arbor_json_lines_read (ArborJsonLines *self, const char *text, gsize length, gsize max_length)
{
  const char *newline;
  gsize n;

  if (self->n_checked == 0)
    arbor_json_lines_check (self, text, length);
  n = arbor_json_lines_predict (self, text, max_length);
  if (n > 0)
    return n;
  newline = memchr (text, '\n', length);
  n = newline != NULL ? (gsize) (newline - text) + 1 : length;
  if (n > max_length ||
      (!arbor_json_lines_parse (self, text, n) && !arbor_json_is_blank (text, n)))
    return 0;
  return n;
}
