/* Reading JSON into batches. See arbor-json-reader.h. The input lies in one buffer
 * (arbor-json-input.h); `line` is the number of the line at its unconsumed start. A tree is added
 * to the builder as soon as it is parsed, so the number of trees is also the index of the next one.
 */

#include "json/arbor-json-reader-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-memory.h"
#include "base/arbor-budget.h"
#include "base/arbor-stop.h"
#include "batch/arbor-batch-format.h"
#include "json/arbor-csv.h"
#include "json/arbor-json-at.h"
#include "json/arbor-json-cost.h"
#include "json/arbor-json-groups.h"
#include "json/arbor-json-sniff.h"
#include "json/arbor-json-values.h"

/* What reading a tree may take in any case. */
#define LEAST_MEMORY (32u * 1024u * 1024u)
/* With less than this, lines are not read by several threads. */
#define MEMORY_FOR_THREADS (256u * 1024u * 1024u)
/* An estimate is at least this much for a byte of text. */
#define LEAST_COST_OF_A_BYTE 6u

#define DEFAULT_KEY_FIELD "key"

static void
clear_bad_line (gpointer bad)
{
  g_free (((ArborBadLine *) bad)->message);
}

void
arbor_json_report_clear (ArborJsonReport *report)
{
  g_clear_pointer (&report->bad_lines, g_array_unref);
  g_clear_pointer (&report->columns, g_array_unref);
  *report = (ArborJsonReport){ 0 };
}

/* "people.jsonl: line 3, byte 57 (tree 2): expected ':' after key in object" */
static char *
describe_error (ArborJsonReader *self, guint64 line, guint64 offset, const char *reason)
{
  if (self->input.is_wide)
    reason = arbor_json_input_explain (&self->input, offset, reason);
  offset = arbor_json_input_locate (&self->input, offset);
  if (self->options->name != NULL)
    return g_strdup_printf (_("%s: line %" PRIu64 ", byte %" PRIu64 " (tree %" PRIu64 "): %s"),
                            self->options->name, line, offset, self->report->n_trees, reason);
  return g_strdup_printf (_("line %" PRIu64 ", byte %" PRIu64 " (tree %" PRIu64 "): %s"), line,
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

/* Whoever the reader was given, or else whoever asked for it with the call. */
static void
tell (ArborJsonReader *self, guint64 offset)
{
  guint64 done = arbor_json_input_get_progress (&self->input, offset);

  if (self->options->progress != NULL)
    self->options->progress (done, self->options->total, self->options->progress_data);
  else
    arbor_stop_tell (done, self->options->total);
}

gboolean
arbor_json_reader_emit (ArborJsonReader *self, GBytes *batch, guint32 n_trees, guint64 offset,
                        GError **error)
{
  if (!arbor_stop_check (self->cancellable, error) ||
      !self->options->sink (batch, n_trees, self->options->sink_data, error))
    return FALSE;
  self->report->n_batches++;
  tell (self, offset);
  return TRUE;
}

/* Hands the trees added so far to the sink, as one batch. */
static gboolean
flush (ArborJsonReader *self, GError **error)
{
  g_autoptr (GBytes) batch = NULL;
  guint32 n_trees = arbor_batch_builder_get_n_trees (self->lines->builder);

  if (!arbor_stop_check (self->cancellable, error))
    return FALSE;
  self->report->n_repeated += arbor_batch_builder_take_n_repeated (self->lines->builder);
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

static gboolean
fail_costly (ArborJsonReader *self, guint64 n_bytes, GError **error)
{
  g_autofree char *reason =
      g_strdup_printf (_("reading this tree takes about %" PRIu64 " bytes of memory or more, of "
                         "which %" PRIu64 " are allowed; the load option 'memory-limit' raises that"),
                       n_bytes, self->memory);

  return arbor_json_reader_fail (self, ARBOR_ERROR_LIMIT, self->line, self->input.offset, reason,
                                 error);
}

gboolean
arbor_json_reader_fail_too_long (ArborJsonReader *self, GError **error)
{
  g_autofree char *reason = NULL;

  if (self->max_text == self->memory / LEAST_COST_OF_A_BYTE)
    return fail_costly (self, self->memory + 1, error);
  reason = g_strdup_printf (_("text of more than %zu bytes, the limit for one line of JSON Lines, "
                              "for one record of CSV and for one JSON document"),
                            self->max_text);
  return arbor_json_reader_fail (self, ARBOR_ERROR_LIMIT, self->line, self->input.offset, reason,
                                 error);
}

/* Fills the input, unless the line or document in it is too long already. */
gboolean
arbor_json_reader_fill (ArborJsonReader *self, GError **error)
{
  if (arbor_json_input_length (&self->input) > self->max_text)
    return arbor_json_reader_fail_too_long (self, error);
  return arbor_json_input_fill (&self->input, error);
}

/* Whether the system has as much, said with the place. */
static gboolean
check_memory (ArborJsonReader *self, guint64 n_bytes, GError **error)
{
  g_autoptr (GError) refusal = NULL;

  return arbor_memory_check (n_bytes, &refusal) ||
         arbor_json_reader_fail (self, ARBOR_ERROR_LIMIT, self->line, self->input.offset,
                                 refusal->message, error);
}

gboolean
arbor_json_reader_check_cost (ArborJsonReader *self, const char *text, gsize length, GError **error)
{
  g_autofree char *reason = NULL;
  ArborJsonCost cost;

  if (G_LIKELY (length <= ARBOR_JSON_CHEAP))
    return TRUE;
  arbor_json_estimate (text, length, &cost);
  if (cost.n_bytes > self->memory)
    return fail_costly (self, cost.n_bytes, error);
  if (!check_memory (self, cost.n_bytes, error))
    return FALSE;
  if (cost.n_values <= ARBOR_BATCH_MAX_VALUES)
    return TRUE;
  reason = g_strdup_printf (_("a tree of more than %u values"), ARBOR_BATCH_MAX_VALUES);
  return arbor_json_reader_fail (self, ARBOR_ERROR_LIMIT, self->line, self->input.offset, reason,
                                 error);
}

/* JSON Lines */

/* Reads until the line at the start of the input is there. Sets *@length to its length with its
 * newline, 0 at the end of the input. */
static gboolean
find_line (ArborJsonReader *self, gsize *length, GError **error)
{
  gsize scanned = 0;
  gsize next_check = ARBOR_JSON_PIECE;

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
      if (available >= next_check)
        {
          if (!arbor_json_reader_check_cost (self, text, available, error))
            return FALSE;
          next_check = 2 * available;
        }
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

/* Reads one document, wherever it begins and ends; lines go on behind one that was a line. */
static gboolean
read_loose (ArborJsonReader *self, gboolean *is_at_end, GError **error)
{
  gboolean is_line;

  self->lines->n_checked = 0;
  if (!arbor_json_values_read_document (self, is_at_end, &is_line, error))
    return FALSE;
  self->is_loose = !is_line;
  return TRUE;
}

/* Reads and consumes the line of @length bytes at the start of the input. */
static gboolean
read_line (ArborJsonReader *self, gsize length, GError **error)
{
  const char *text = arbor_json_input_text (&self->input);
  guint64 offset = self->input.offset;
  gboolean is_at_end;
  gboolean success;

  if (!arbor_json_reader_check_cost (self, text, length, error))
    return FALSE;
  if (arbor_json_lines_parse (self->lines, text, length))
    {
      /* Consumed first, for end_tree may report progress. */
      consume_line (self, length);
      return end_tree (self, error);
    }
  if (self->takes_documents && !arbor_json_is_blank (text, length))
    return read_loose (self, &is_at_end, error);
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

  if (G_UNLIKELY (self->is_loose))
    return read_loose (self, is_at_end, error);
  if (self->lines->n_checked == 0)
    arbor_json_lines_check (self->lines, arbor_json_input_text (&self->input),
                            arbor_json_input_length (&self->input));
  length = arbor_json_lines_predict (self->lines, arbor_json_input_text (&self->input),
                                     MIN (self->max_text, ARBOR_JSON_CHEAP));
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

      if (n_trees >= next && n_trees % ARBOR_BATCH_CUT_TREES == 0 && !self->is_loose)
        {
          self->lines->n_checked = 0;
          if (self->memory >= MEMORY_FOR_THREADS && !arbor_json_groups_read (self, error))
            return FALSE;
          if (self->report->n_trees - n_trees > 16 * n_alone * ARBOR_BATCH_CUT_TREES)
            n_alone = 1;
          next = self->report->n_trees + n_alone * ARBOR_BATCH_CUT_TREES;
          n_alone *= 2;
        }
      if (!read_next_line (self, &is_at_end, error))
        return FALSE;
    }
  return TRUE;
}

/* One document */

gboolean
arbor_json_reader_refuse_at (ArborJsonReader *self, gsize offset, const char *reason,
                             GError **error)
{
  const char *text = arbor_json_input_text (&self->input);
  guint64 line = self->line;

  for (gsize i = 0; i < offset; i++)
    line += text[i] == '\n';
  return arbor_json_reader_fail (self, ARBOR_ERROR_PARSE, line, self->input.offset + offset, reason,
                                 error);
}

static gboolean
add_members (ArborJsonReader *self, const ArborTape *tape, guint32 index, GError **error)
{
  guint32 end = arbor_tape_next (tape, index) - 1;

  for (guint32 at = index + 1; at < end; at = arbor_tape_next (tape, at + 1))
    {
      guint32 length;
      const char *key = arbor_tape_string (tape, at, &length);

      if (!arbor_json_values_add_member (self, key, length, tape, at + 1, error))
        return FALSE;
    }
  return TRUE;
}

/* Adds what is at @at: its elements, its members, or all of it. */
static gboolean
add_parts (ArborJsonReader *self, const ArborTape *tape, const ArborPath *at, GError **error)
{
  guint32 index;
  guint32 end;
  char tag;

  if (!arbor_json_at_find (tape, at, self->options->name, &index, &self->report->n_repeated, error))
    return FALSE;
  tag = arbor_tape_tag (tape, index);
  if (self->options->whole)
    return arbor_json_reader_add_tree (self, tape, index, error);
  if (tag == '{')
    return add_members (self, tape, index, error);
  if (tag != '[' || self->options->as_object != NULL)
    return arbor_json_at_fail (tape, at, self->options->name, index,
                               self->options->as_object != NULL, error);
  end = arbor_tape_next (tape, index) - 1;
  for (index++; index < end; index = arbor_tape_next (tape, index))
    if (!arbor_json_reader_add_tree (self, tape, index, error))
      return FALSE;
  return TRUE;
}

/* Reads all that there is, looking at it each time it has doubled. */
static gboolean
read_text (ArborJsonReader *self, GError **error)
{
  guint64 expected = self->input.stream != NULL
                         ? self->options->total
                         : arbor_json_input_length (&self->input) + self->input.n_bytes;
  gsize next_check = ARBOR_JSON_PIECE;

  expected = MIN (expected, self->max_text) + 1;
  if (!check_memory (self, expected, error))
    return FALSE;
  arbor_json_input_reserve (&self->input, (gsize) expected);
  while (!self->input.is_at_end)
    {
      gsize length = arbor_json_input_length (&self->input);

      if (length >= next_check)
        {
          if (!arbor_json_reader_check_cost (self, arbor_json_input_text (&self->input), length,
                                             error))
            return FALSE;
          next_check = 2 * length;
        }
      if (!arbor_json_reader_fill (self, error))
        return FALSE;
    }
  return arbor_json_reader_check_cost (self, arbor_json_input_text (&self->input),
                                       arbor_json_input_length (&self->input), error);
}

static gboolean
read_document (ArborJsonReader *self, const ArborPath *at, GError **error)
{
  gsize length;
  ArborTape tape;
  gsize error_offset;
  const char *reason;

  if (!read_text (self, error))
    return FALSE;
  length = arbor_json_input_length (&self->input);
  if (!arbor_parser_parse (self->lines->parser, arbor_json_input_text (&self->input),
                           arbor_json_trim_blank (arbor_json_input_text (&self->input), length), &tape,
                           &error_offset, &reason))
    return arbor_json_reader_refuse_at (self, error_offset, reason, error);

  /* The tape holds all that is needed: the text can go before batches come. */
  arbor_json_input_consume (&self->input, length);
  arbor_json_input_clear (&self->input);
  return at != NULL ? add_parts (self, &tape, at, error)
                    : arbor_json_reader_add_tree (self, &tape, ARBOR_TAPE_ROOT, error);
}

/* The parts of the root need not be there all at once; where something else than what is asked for
 * is there, the document says what. */
static gboolean
read_parts (ArborJsonReader *self, const ArborPath *at, GError **error)
{
  gboolean is_root = at->n_steps == 0 && !self->options->whole;
  int byte;

  if (is_root && !arbor_json_values_skip_blank (self, &byte, error))
    return FALSE;
  if (is_root && byte == '{')
    return arbor_json_values_read_members (self, error);
  if (is_root && byte == '[' && self->options->as_object == NULL)
    return arbor_json_values_read_elements (self, error);
  return read_document (self, at, error);
}

/* An array that is all of the input is taken apart. Everything else is read as lines as long as each
 * line is a document, and document by document where they are not. Who wants bad lines left out means
 * lines, unless the first document goes on over the end of its own. */
static gboolean
read_any (ArborJsonReader *self, GError **error)
{
  gboolean is_only;
  gboolean goes_on;
  int byte;

  if (!arbor_json_values_skip_blank (self, &byte, error))
    return FALSE;
  if (byte < 0)
    return TRUE;
  if (!arbor_json_values_look_ahead (self, &is_only, &goes_on, error))
    return FALSE;
  if (is_only && !self->options->whole)
    return arbor_json_values_read_elements (self, error);
  self->takes_documents = !self->options->skip_bad || goes_on;
  return read_lines (self, error);
}

static gboolean
read_format (ArborJsonReader *self, const ArborPath *at, GError **error)
{
  if (at != NULL)
    return read_parts (self, at, error);
  switch (self->options->format)
    {
    case ARBOR_JSON_DOCUMENT:
      return read_document (self, NULL, error);
    case ARBOR_JSON_CSV:
      return arbor_csv_read (self, error);
    case ARBOR_JSON_LINES:
      return read_lines (self, error);
    case ARBOR_JSON_AUTO:
    default:
      return read_any (self, error);
    }
}

static gboolean
read_all (ArborJsonReader *self, GError **error)
{
  g_autoptr (ArborPath) at = NULL;

  if (self->options->at != NULL || self->options->as_object != NULL)
    {
      at = arbor_json_at_parse (self->options->at != NULL ? self->options->at : "", error);
      if (at == NULL)
        return FALSE;
    }
  if (!arbor_json_sniff (self, error) || !read_format (self, at, error))
    return FALSE;
  if (arbor_batch_builder_get_n_trees (self->lines->builder) > 0)
    return flush (self, error);
  tell (self, self->input.offset);
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
    .line = 1 + options->n_lines_before,
    .max_text = options->max_text != 0 ? options->max_text : ARBOR_JSON_MAX_TEXT,
    .memory = MAX (options->memory != 0 ? options->memory : arbor_budget_get_limit (), LEAST_MEMORY),
    .lines = arbor_json_lines_new (options->exact),
    .as_object = options->as_object != NULL ? options->as_object : DEFAULT_KEY_FIELD,
    .writer = arbor_tape_writer_new (),
  };
  gboolean success;

  self.max_text = (gsize) MIN (self.max_text, self.memory / LEAST_COST_OF_A_BYTE);
  self.input.name = options->name;

  *self.report = (ArborJsonReport){ 0 };
  success = read_all (&self, error);
  self.report->n_repeated += arbor_batch_builder_take_n_repeated (self.lines->builder);
  self.report->n_bytes = arbor_json_input_locate (&self.input, self.input.offset);
  arbor_json_input_clear (&self.input);
  arbor_json_lines_free (self.lines);
  arbor_tape_writer_free (self.writer);
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
