/* JSON Lines: each line by prediction (arbor-json-direct.h) where that is possible, by the parser
 * else. Prediction needs whole lines of valid UTF-8: those that lie in the input are looked at all
 * at once.
 */

#include "json/arbor-json-reader-private.h"

#include "base/arbor-simdjson.h"

/* Reads and consumes the line of @length bytes at the start of the input. */
static gboolean
read_line (ArborJsonReader *self, gsize length, GError **error)
{
  const char *text = arbor_json_input_text (&self->input);
  guint64 offset = self->input.offset;
  ArborTape tape;
  gsize error_offset;
  const char *reason;
  gboolean success;

  self->n_checked -= MIN (length, self->n_checked);
  if (arbor_parser_parse (self->parser, text, arbor_json_trim_line (text, length), &tape,
                          &error_offset, &reason))
    {
      /* Consumed first, for add_tree may report progress. */
      arbor_json_reader_consume_line (self, length);
      return arbor_json_reader_add_tree (self, &tape, ARBOR_TAPE_ROOT, error);
    }
  success = arbor_json_is_blank (text, length) ||
            arbor_json_reader_refuse (self, self->line, offset + error_offset, reason, error);
  arbor_json_reader_consume_line (self, length);
  return success;
}

/* Looks at the whole lines in the input, when all of those looked at before are consumed. */
static void
check_lines (ArborJsonReader *self)
{
  const char *text = arbor_json_input_text (&self->input);
  gsize length = arbor_json_input_length (&self->input);
  const char *last = length > 0 ? memrchr (text, '\n', length) : NULL;

  if (last == NULL)
    return;
  self->n_checked = (gsize) (last - text) + 1;
  self->is_valid = arbor_cxx_validate_utf8 (text, self->n_checked);
}

/* Reads and consumes lines as long as they can be predicted. */
static gboolean
read_predicted (ArborJsonReader *self, GError **error)
{
  for (;;)
    {
      gsize length;

      if (self->n_checked == 0)
        check_lines (self);
      if (self->n_checked == 0 || !self->is_valid)
        return TRUE;
      length = arbor_json_direct_read (self->direct, arbor_json_input_text (&self->input),
                                       self->max_text);
      if (length == 0)
        return TRUE;
      self->n_checked -= length;
      arbor_json_reader_consume_line (self, length);
      if (!arbor_json_reader_end_tree (self, error))
        return FALSE;
    }
}

gboolean
arbor_json_reader_read_lines (ArborJsonReader *self, GError **error)
{
  gsize length;

  do
    {
      if (!read_predicted (self, error) || !arbor_json_reader_find_line (self, &length, error) ||
          (length > 0 && !read_line (self, length, error)))
        return FALSE;
    }
  while (length > 0);
  return TRUE;
}
