/* Reading JSON into batches. See arbor-json-reader.h. The input lies in one buffer
 * (arbor-json-input.h); `line` is the number of the line at its unconsumed start. A tree is added
 * to the builder as soon as it is parsed, so the number of trees is also the index of the next one.
 */

#include "json/arbor-json-reader-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "batch/arbor-batch-format.h"
#include "json/arbor-csv.h"
#include "json/arbor-json-at.h"
#include "json/arbor-json-groups.h"

#define BOM "\xef\xbb\xbf"

static void
clear_bad_line (gpointer bad)
{
  g_free (((ArborBadLine *)bad)->message);
}

void
arbor_json_report_clear (ArborJsonReport *report)
{
  g_clear_pointer (&report->bad_lines, g_array_unref);
  *report = (ArborJsonReport){ 0 };
}

/* "people.jsonl: line 3, byte 57 (tree 2): expected ':' after key in object" */
static char *
describe_error (ArborJsonReader *self, guint64 line, guint64 offset, const char *reason)
{
  if (self->options->name != NULL)
    return g_strdup_printf (_ ("%s: line %" PRIu64 ", byte %" PRIu64 " (tree %" PRIu64 "): %s"),
                            self->options->name, line, offset, self->report->n_trees, reason);
  return g_strdup_printf (_ ("line %" PRIu64 ", byte %" PRIu64 " (tree %" PRIu64 "): %s"), line,
                          offset, self->report->n_trees, reason);
}

gboolean
arbor_json_reader_fail (ArborJsonReader *self, ArborError code, guint64 line, guint64 offset,
                        const char *reason, GError **error)
{
  g_autofree char *message = describe_error (self, line, offset, reason);

  g_set_error_literal (error, ARBOR_ERROR, code, message);
  return FALSE;
}

gboolean
arbor_json_reader_emit (ArborJsonReader *self, GBytes *batch, guint32 n_trees, guint64 offset,
                        GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) ||
      !self->options->sink (batch, n_trees, self->options->sink_data, error))
    return FALSE;
  self->report->n_batches++;
  if (self->options->progress != NULL)
    self->options->progress (offset, self->options->total, self->options->progress_data);
  return TRUE;
}

/* Hands the trees added so far to the sink, as one batch. */
static gboolean
flush (ArborJsonReader *self, GError **error)
{
  g_autoptr (GBytes) batch = NULL;
  guint32 n_trees = arbor_batch_builder_get_n_trees (self->lines->builder);

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  batch = arbor_batch_builder_finish (self->lines->builder, error);
  return batch != NULL &&
         arbor_json_reader_emit (self, batch, n_trees, self->input.offset, error);
}

static gboolean
end_tree (ArborJsonReader *self, GError **error)
{
  self->report->n_trees++;
  return !arbor_batch_builder_is_full (self->lines->builder) || flush (self, error);
}

gboolean
arbor_json_reader_add_tree (ArborJsonReader *self, const ArborTape *tape, guint32 index,
                            GError **error)
{
  arbor_batch_builder_add_tape (self->lines->builder, tape, index);
  return end_tree (self, error);
}

/* Fills the input, unless the line or document in it is too long already. */
gboolean
arbor_json_reader_fill (ArborJsonReader *self, GError **error)
{
  g_autofree char *reason = NULL;

  if (arbor_json_input_length (&self->input) <= self->max_text)
    return arbor_json_input_fill (&self->input, error);

  reason = g_strdup_printf (_ ("text of more than %zu bytes, the limit for one line of JSON Lines, "
                               "for one record of CSV and for one JSON document"),
                            self->max_text);
  return arbor_json_reader_fail (self, ARBOR_ERROR_LIMIT, self->line, self->input.offset, reason,
                                 error);
}

/* Skips one BOM, which can only be the first three bytes of the input. */
static gboolean
skip_bom (ArborJsonReader *self, GError **error)
{
  while (arbor_json_input_length (&self->input) < 3 && !self->input.is_at_end)
    if (!arbor_json_reader_fill (self, error))
      return FALSE;
  if (arbor_json_input_length (&self->input) >= 3 &&
      memcmp (arbor_json_input_text (&self->input), BOM, 3) == 0)
    arbor_json_input_consume (&self->input, 3);
  return TRUE;
}

/* JSON Lines */

/* Reads until the line at the start of the input is there. Sets *@length to its length with its
 * newline, 0 at the end of the input. */
static gboolean
find_line (ArborJsonReader *self, gsize *length, GError **error)
{
  gsize scanned = 0;

  for (;;)
    {
      const char *text = arbor_json_input_text (&self->input);
      gsize available = arbor_json_input_length (&self->input);
      const char *newline =
          scanned < available ? memchr (text + scanned, '\n', available - scanned) : NULL;

      *length = newline != NULL ? (gsize)(newline - text) + 1 : available;
      if (*length <= self->max_text && (newline != NULL || self->input.is_at_end))
        return TRUE;
      scanned = available;
      if (!arbor_json_reader_fill (self, error))
        return FALSE;
    }
}

static void
consume_line (ArborJsonReader *self, gsize length)
{
  arbor_json_input_consume (&self->input, length);
  self->line++;
}

gboolean
arbor_json_reader_refuse (ArborJsonReader *self, guint64 line, guint64 offset, const char *reason,
                          GError **error)
{
  ArborBadLine bad = { self->line, offset, NULL };

  if (!self->options->skip_bad)
    return arbor_json_reader_fail (self, ARBOR_ERROR_PARSE, line, offset, reason, error);

  if (self->report->bad_lines == NULL)
    {
      self->report->bad_lines = g_array_new (FALSE, FALSE, sizeof (ArborBadLine));
      g_array_set_clear_func (self->report->bad_lines, clear_bad_line);
    }
  if (self->report->bad_lines->len < ARBOR_JSON_MAX_BAD_LINES)
    {
      bad.message = describe_error (self, line, offset, reason);
      g_array_append_val (self->report->bad_lines, bad);
    }
  self->report->n_bad++;
  return TRUE;
}

/* Reads and consumes the line of @length bytes at the start of the input. */
static gboolean
read_line (ArborJsonReader *self, gsize length, GError **error)
{
  const char *text = arbor_json_input_text (&self->input);
  guint64 offset = self->input.offset;
  gboolean success;

  if (arbor_json_lines_parse (self->lines, text, length))
    {
      /* Consumed first, for end_tree may report progress. */
      consume_line (self, length);
      return end_tree (self, error);
    }
  success = arbor_json_is_blank (text, length) ||
            arbor_json_reader_refuse (self, self->line, offset + self->lines->error_offset,
                                      self->lines->reason, error);
  consume_line (self, length);
  return success;
}

/* Reads the next line, or finds the end of the input. */
static gboolean
read_next_line (ArborJsonReader *self, gboolean *is_at_end, GError **error)
{
  gsize length;

  if (self->lines->n_checked == 0)
    arbor_json_lines_check (self->lines, arbor_json_input_text (&self->input),
                            arbor_json_input_length (&self->input));
  length = arbor_json_lines_predict (self->lines, arbor_json_input_text (&self->input),
                                     self->max_text);
  if (length > 0)
    {
      consume_line (self, length);
      return end_tree (self, error);
    }
  if (!find_line (self, &length, error))
    return FALSE;
  *is_at_end = length == 0;
  return length == 0 || read_line (self, length, error);
}

/* Groups in parallel where they are plain. Where they are not, this thread reads one, and each time
 * twice as many, before that is tried again. */
static gboolean
read_lines (ArborJsonReader *self, GError **error)
{
  guint64 n_alone = 1;
  guint64 next = 0; /* when to try, in trees */
  gboolean is_at_end = FALSE;

  while (!is_at_end)
    {
      guint64 n_trees = self->report->n_trees;

      if (n_trees == next)
        {
          self->lines->n_checked = 0;
          if (!arbor_json_groups_read (self, error))
            return FALSE;
          if (self->report->n_trees - n_trees > 16 * n_alone * ARBOR_BATCH_MAX_TREES)
            n_alone = 1;
          next = self->report->n_trees + n_alone * ARBOR_BATCH_MAX_TREES;
          n_alone *= 2;
        }
      if (!read_next_line (self, &is_at_end, error))
        return FALSE;
    }
  return TRUE;
}

/* One document */

static gboolean
refuse_document (ArborJsonReader *self, gsize error_offset, const char *reason, GError **error)
{
  const char *text = arbor_json_input_text (&self->input);
  guint64 line = self->line;

  for (gsize i = 0; i < error_offset; i++)
    line += text[i] == '\n';
  return arbor_json_reader_fail (self, ARBOR_ERROR_PARSE, line, self->input.offset + error_offset,
                                 reason, error);
}

static gboolean
add_elements (ArborJsonReader *self, const ArborTape *tape, const ArborPath *at, GError **error)
{
  guint32 index;
  guint32 end;

  if (!arbor_json_at_find (tape, at, self->options->name, &index, error))
    return FALSE;
  end = arbor_tape_next (tape, index) - 1;
  for (index++; index < end; index = arbor_tape_next (tape, index))
    if (!arbor_json_reader_add_tree (self, tape, index, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_document (ArborJsonReader *self, const ArborPath *at, GError **error)
{
  guint64 expected = self->input.stream != NULL
                         ? self->options->total
                         : arbor_json_input_length (&self->input) + self->input.n_bytes;
  gsize length;
  ArborTape tape;
  gsize error_offset;
  const char *reason;

  arbor_json_input_reserve (&self->input, (gsize)MIN (expected, self->max_text) + 1);
  while (!self->input.is_at_end)
    if (!arbor_json_reader_fill (self, error))
      return FALSE;

  length = arbor_json_input_length (&self->input);
  if (!arbor_parser_parse (self->lines->parser, arbor_json_input_text (&self->input),
                           arbor_json_trim_blank (arbor_json_input_text (&self->input), length), &tape,
                           &error_offset, &reason))
    return refuse_document (self, error_offset, reason, error);

  /* The tape holds all that is needed: the text can go before batches come. */
  arbor_json_input_consume (&self->input, length);
  arbor_json_input_clear (&self->input);
  return at != NULL ? add_elements (self, &tape, at, error)
                    : arbor_json_reader_add_tree (self, &tape, ARBOR_TAPE_ROOT, error);
}

/* Telling the two apart
 *
 * The first line that is not blank decides. A document by itself: JSON Lines. No beginning of a
 * document either: JSON Lines whose first line is bad. Otherwise it goes on over its end, as
 * indented documents do, but as a line of JSON Lines that was cut off does, too. Then the lines of
 * the first piece are read as one document. The cut line gives itself away by an error right at the
 * start of a later line which is a whole object or array: that is the next tree.
 */

/* Whether @text is one JSON value; sets *@end to where it stops being one. */
static gboolean
is_json (ArborJsonReader *self, const char *text, gsize length, gsize *end, const char **reason)
{
  ArborTape tape;

  return arbor_parser_parse (self->lines->parser, text, length, &tape, end, reason);
}

static gboolean
is_only_brackets (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (strchr ("[{ \t\r\n", text[i]) == NULL || text[i] == '\0')
      return FALSE;
  return TRUE;
}

/* Whether the error at @offset, after the first line, is there because a tree begins. */
static gboolean
is_at_next_tree (ArborJsonReader *self, const char *text, gsize length, gsize first_length,
                 gsize offset)
{
  gsize begin = offset;
  const char *newline = memchr (text + offset, '\n', length - offset);
  gsize end = newline != NULL ? (gsize)(newline - text) : length;
  gsize stop;
  const char *reason;

  while (begin > 0 && text[begin - 1] != '\n')
    begin--;
  return begin >= first_length && arbor_json_is_blank (text + begin, offset - begin) &&
         (text[offset] == '{' || text[offset] == '[') && !is_only_brackets (text, first_length) &&
         is_json (self, text + offset, end - offset, &stop, &reason);
}

/* Looks at a first line of @first_length bytes that goes on over its end. */
static gboolean
decide_by_first_piece (ArborJsonReader *self, gsize first_length, ArborJsonFormat *format,
                       GError **error)
{
  const char *text;
  gsize length;
  gsize end;
  const char *reason;

  while (!self->input.is_at_end &&
         arbor_json_input_length (&self->input) < MIN (ARBOR_JSON_PIECE, self->max_text))
    if (!arbor_json_reader_fill (self, error))
      return FALSE;

  text = arbor_json_input_text (&self->input);
  length = arbor_json_input_length (&self->input);
  while (!self->input.is_at_end && text[length - 1] != '\n')
    length--;

  *format = ARBOR_JSON_LINES;
  if (self->input.is_at_end && arbor_json_is_blank (text + first_length, length - first_length))
    return TRUE;
  *format = ARBOR_JSON_DOCUMENT;
  if (is_json (self, text, length, &end, &reason) || end == length)
    return TRUE;
  if (!is_at_next_tree (self, text, length, first_length, end))
    return refuse_document (self, end, reason, error);
  *format = ARBOR_JSON_LINES;
  return TRUE;
}

static gboolean
decide_format (ArborJsonReader *self, ArborJsonFormat *format, GError **error)
{
  gsize length;
  gsize end;
  const char *text;
  const char *reason;

  *format = ARBOR_JSON_LINES;
  for (;;)
    {
      if (!find_line (self, &length, error))
        return FALSE;
      text = arbor_json_input_text (&self->input);
      if (length == 0 || !arbor_json_is_blank (text, length))
        break;
      consume_line (self, length);
    }

  if (length == 0 || text[length - 1] != '\n' || is_json (self, text, length, &end, &reason) ||
      end < length)
    return TRUE;
  return decide_by_first_piece (self, length, format, error);
}

static gboolean
read_format (ArborJsonReader *self, ArborJsonFormat format, const ArborPath *at, GError **error)
{
  switch (format)
    {
    case ARBOR_JSON_DOCUMENT:
      return read_document (self, at, error);
    case ARBOR_JSON_CSV:
      return arbor_csv_read (self, error);
    default:
      return read_lines (self, error);
    }
}

static gboolean
read_all (ArborJsonReader *self, GError **error)
{
  g_autoptr (ArborPath) at = NULL;
  ArborJsonFormat format = self->options->format;

  if (self->options->at != NULL)
    {
      format = ARBOR_JSON_DOCUMENT;
      at = arbor_json_at_parse (self->options->at, error);
      if (at == NULL)
        return FALSE;
    }
  if (!skip_bom (self, error))
    return FALSE;
  if (format == ARBOR_JSON_AUTO && !decide_format (self, &format, error))
    return FALSE;
  if (!read_format (self, format, at, error))
    return FALSE;
  if (arbor_batch_builder_get_n_trees (self->lines->builder) > 0)
    return flush (self, error);
  if (self->options->progress != NULL)
    self->options->progress (self->input.offset, self->options->total,
                             self->options->progress_data);
  return TRUE;
}

static gboolean
read_input (const ArborJsonInput *input, const ArborJsonReadOptions *options,
            ArborJsonReport *report, GCancellable *cancellable, GError **error)
{
  ArborJsonReport unwanted = { 0 };
  ArborJsonReader self = {
    .options = options,
    .report = report != NULL ? report : &unwanted,
    .cancellable = cancellable,
    .input = *input,
    .line = 1,
    .max_text = options->max_text != 0 ? options->max_text : ARBOR_JSON_MAX_TEXT,
    .lines = arbor_json_lines_new (),
  };
  gboolean success;

  *self.report = (ArborJsonReport){ 0 };
  success = read_all (&self, error);
  self.report->n_bytes = self.input.offset;
  arbor_json_input_clear (&self.input);
  arbor_json_lines_free (self.lines);
  arbor_json_report_clear (&unwanted);
  return success;
}

gboolean
arbor_json_read_stream (GInputStream *stream, const ArborJsonReadOptions *options,
                        ArborJsonReport *report, GCancellable *cancellable, GError **error)
{
  ArborJsonInput input = { .stream = stream, .cancellable = cancellable };

  return read_input (&input, options, report, cancellable, error);
}

gboolean
arbor_json_read_bytes (const char *text, gsize length, const ArborJsonReadOptions *options,
                       ArborJsonReport *report, GCancellable *cancellable, GError **error)
{
  ArborJsonInput input = { .bytes = text, .n_bytes = length, .cancellable = cancellable };

  return read_input (&input, options, report, cancellable, error);
}
