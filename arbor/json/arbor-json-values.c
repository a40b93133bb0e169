/* See arbor-json-values.h. */

#include "json/arbor-json-values.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-json-scan.h"
#include "base/arbor-simd.h"

/* An error so near the end of what has come may be there only because a character goes on. */
#define CUT_CHARACTER 16u

/* How far a value goes, found in as many steps as its text takes to come. */
typedef struct
{
  gsize from;
  gsize at;
  guint depth;
  gboolean in_string;
  gboolean is_escaped;
} Extent;

typedef enum
{
  BYTE_PLAIN,
  BYTE_QUOTE,
  BYTE_BACKSLASH,
  BYTE_CONTROL,
  BYTE_OPEN,
  BYTE_CLOSE,
  BYTE_BETWEEN, /* blanks, commas, colons */
} ByteClass;

static const guint8 classes[256] = {
  [0 ... 0x1f] = BYTE_CONTROL, ['"'] = BYTE_QUOTE, ['\\'] = BYTE_BACKSLASH,
  ['{'] = BYTE_OPEN,           ['['] = BYTE_OPEN,  ['}'] = BYTE_CLOSE,
  [']'] = BYTE_CLOSE,          [','] = BYTE_BETWEEN, [':'] = BYTE_BETWEEN,
  [' '] = BYTE_BETWEEN,
};

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Goes on in a string; TRUE when it ended, by its quote or by what cannot be in it. */
static gboolean
pass_string (Extent *self, const char *text, gsize length)
{
  for (; self->at < length; self->at++)
    {
      guint8 class = classes[(guint8) text[self->at]];

      if (self->is_escaped)
        self->is_escaped = FALSE;
      else if (class == BYTE_BACKSLASH)
        self->is_escaped = TRUE;
      else if (class == BYTE_QUOTE || class == BYTE_CONTROL)
        {
          self->in_string = FALSE;
          self->at++;
          return TRUE;
        }
    }
  return FALSE;
}

/* Goes on in arrays and objects; TRUE when the outermost ended, or cannot. */
static gboolean
pass_containers (Extent *self, const char *text, gsize length)
{
  while (self->at < length)
    {
      guint8 class;

      if (self->in_string)
        {
          if (!pass_string (self, text, length))
            return FALSE;
          if ((guint8) text[self->at - 1] < 0x20)
            return TRUE;
          continue;
        }
      while (self->at < length && classes[(guint8) text[self->at]] == BYTE_PLAIN)
        self->at++;
      if (self->at == length)
        return FALSE;
      class = classes[(guint8) text[self->at++]];
      if (class == BYTE_QUOTE)
        self->in_string = TRUE;
      else if (class == BYTE_OPEN && ++self->depth > ARBOR_TAPE_MAX_DEPTH)
        return TRUE;
      else if (class == BYTE_CLOSE && --self->depth == 0)
        return TRUE;
    }
  return FALSE;
}

/* Goes on to the end of the value that begins at @from; TRUE when it is there. */
static gboolean
pass_value (Extent *self, const char *text, gsize length)
{
  guint8 first = classes[(guint8) text[self->from]];

  if (self->at == self->from)
    {
      self->in_string = first == BYTE_QUOTE;
      self->depth = first == BYTE_OPEN;
      self->at++;
      if (first != BYTE_QUOTE && first != BYTE_OPEN && first != BYTE_PLAIN)
        return TRUE; /* no value: the parser says so */
    }
  if (first == BYTE_OPEN)
    return pass_containers (self, text, length);
  if (first == BYTE_QUOTE)
    return pass_string (self, text, length);
  while (self->at < length && classes[(guint8) text[self->at]] == BYTE_PLAIN)
    self->at++;
  return self->at < length;
}

/* Errors. */

static gboolean
is_only_brackets (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (strchr ("[{ \t\r\n", text[i]) == NULL || text[i] == '\0')
      return FALSE;
  return TRUE;
}

static gboolean
is_json (const char *text, gsize length, gsize *end, const char **reason)
{
  if (length <= G_MAXUINT32 && arbor_json_scan (text, length, FALSE, NULL, end, reason))
    return TRUE;
  *reason = _ (*reason);
  return FALSE;
}

/* Whether the error at @offset, after the line of @line_length bytes, is there because a tree
 * begins. */
static gboolean
is_at_next_tree (const char *text, gsize length, gsize line_length, gsize offset)
{
  gsize begin = offset;
  const char *newline = offset < length ? memchr (text + offset, '\n', length - offset) : NULL;
  gsize end = newline != NULL ? (gsize) (newline - text) : length;
  gsize stop;
  const char *reason;

  while (begin > 0 && text[begin - 1] != '\n')
    begin--;
  return begin >= line_length && offset < length &&
         arbor_json_is_blank (text + begin, offset - begin) &&
         (text[offset] == '{' || text[offset] == '[') && !is_only_brackets (text, line_length) &&
         is_json (text + offset, end - offset, &stop, &reason);
}

/* The value at @from stops being JSON at @offset. A document that goes on over the end of its line
 * may be a line of JSON Lines that was cut off: that gives itself away by an error right at the start
 * of a later line which is a whole object or array, the next tree. Then the mistake is in the first
 * line. */
static gboolean
refuse_value (ArborJsonReader *self, gsize from, gsize offset, const char *reason,
              gboolean is_document, GError **error)
{
  const char *text = arbor_json_input_text (&self->input) + from;
  gsize length = arbor_json_input_length (&self->input) - from;
  const char *newline = memchr (text, '\n', length);
  gsize line_length = newline != NULL ? (gsize) (newline - text) + 1 : length;
  gsize stop = offset;
  const char *other = reason;

  if (is_document && newline != NULL &&
      (offset < line_length || is_at_next_tree (text, length, line_length, offset)) &&
      !is_json (text, arbor_json_trim_line (text, line_length), &stop, &other))
    {
      offset = stop;
      reason = other;
    }
  return arbor_json_reader_refuse_at (self, from + offset, reason, error);
}

/* Finding and parsing values. */

/* Looks at the unfinished value at @from, which has become long: what can be told of it by now. */
static gboolean
check_unfinished (ArborJsonReader *self, gsize from, gboolean is_document, GError **error)
{
  const char *text = arbor_json_input_text (&self->input) + from;
  gsize length = arbor_json_input_length (&self->input) - from;
  const char *reason;
  gsize stop;

  if (!arbor_json_reader_check_cost (self, text, length, error))
    return FALSE;
  return length > G_MAXUINT32 || is_json (text, length, &stop, &reason) ||
         stop + CUT_CHARACTER > length ||
         refuse_value (self, from, stop, reason, is_document, error);
}

/* Reads until the value at @from, of which one byte is there, is there as a whole. */
static gboolean
find_value (ArborJsonReader *self, gsize from, gboolean is_document, gsize *end, GError **error)
{
  Extent extent = { .from = from, .at = from };
  gsize next_check = ARBOR_JSON_PIECE;

  while (!pass_value (&extent, arbor_json_input_text (&self->input),
                      arbor_json_input_length (&self->input)))
    {
      if (self->input.is_at_end)
        break;
      if (extent.at - from >= next_check)
        {
          if (!check_unfinished (self, from, is_document, error))
            return FALSE;
          next_check = 2 * (extent.at - from);
        }
      if (!arbor_json_reader_fill (self, error))
        return FALSE;
    }
  *end = extent.at;
  return extent.at - from <= self->max_text || arbor_json_reader_fail_too_long (self, error);
}

static gboolean
parse_value (ArborJsonReader *self, gsize from, gboolean is_document, ArborTape *tape, gsize *end,
             GError **error)
{
  const char *text;
  const char *reason;
  gsize offset;
  gsize length;

  if (!find_value (self, from, is_document, end, error))
    return FALSE;
  text = arbor_json_input_text (&self->input) + from;
  length = arbor_json_trim_blank (text, *end - from); /* of what was never finished */
  if (!arbor_json_reader_check_cost (self, text, length, error))
    return FALSE;
  return arbor_parser_parse (self->lines->parser, text, length, tape, &offset, &reason) ||
         refuse_value (self, from, offset, reason, is_document, error);
}

ARBOR_TARGET_CLONES
static guint
count_newlines (const char *text, gsize n)
{
  guint newlines = 0;

  for (gsize i = 0; i < n; i++)
    newlines += text[i] == '\n';
  return newlines;
}

static void
consume (ArborJsonReader *self, gsize n)
{
  self->line += count_newlines (arbor_json_input_text (&self->input), n);
  arbor_json_input_consume (&self->input, n);
}

gboolean
arbor_json_values_skip_blank (ArborJsonReader *self, int *byte, GError **error)
{
  for (;;)
    {
      const char *text = arbor_json_input_text (&self->input);
      gsize length = arbor_json_input_length (&self->input);
      gsize n = 0;

      while (n < length && is_blank (text[n]))
        n++;
      *byte = n < length ? (guint8)text[n] : -1;
      consume (self, n);
      if (n < length || self->input.is_at_end)
        return TRUE;
      if (!arbor_json_reader_fill (self, error))
        return FALSE;
    }
}

gboolean
arbor_json_values_read_document (ArborJsonReader *self, gboolean *is_at_end, gboolean *is_line,
                                 GError **error)
{
  const char *text;
  ArborTape tape;
  gsize end;
  int byte;

  *is_line = FALSE;
  if (!arbor_json_values_skip_blank (self, &byte, error))
    return FALSE;
  *is_at_end = byte < 0;
  if (*is_at_end)
    return TRUE;
  if (!parse_value (self, 0, TRUE, &tape, &end, error))
    return FALSE;

  text = arbor_json_input_text (&self->input);
  *is_line = memchr (text, '\n', end) == NULL;
  while (end < arbor_json_input_length (&self->input) && is_blank (text[end]) && text[end] != '\n')
    end++;
  *is_line = *is_line && end < arbor_json_input_length (&self->input) && text[end] == '\n';
  consume (self, end + *is_line);
  return arbor_json_reader_add_tree (self, &tape, ARBOR_TAPE_ROOT, error);
}

/* What may come after @byte, which follows a value or the opening bracket: TRUE with *@is_at_end
 * behind the closing one, or up to the next value. */
static gboolean
pass_comma (ArborJsonReader *self, gboolean is_first, char closing, gboolean *is_at_end,
            GError **error)
{
  int byte;

  if (!arbor_json_values_skip_blank (self, &byte, error))
    return FALSE;
  *is_at_end = byte == closing;
  if (*is_at_end)
    {
      consume (self, 1);
      return TRUE;
    }
  if (!is_first)
    {
      if (byte != ',')
        return arbor_json_reader_refuse_at (self, 0,
                                            closing == '}' ? _("expected ',' or '}' in object")
                                                           : _("expected ',' or ']' in array"),
                                            error);
      consume (self, 1);
      if (!arbor_json_values_skip_blank (self, &byte, error))
        return FALSE;
    }
  if (closing == '}' && byte != '"')
    return arbor_json_reader_refuse_at (self, 0,
                                        is_first
                                            ? _("expected a key in quotes or '}' in object")
                                            : _("expected a key in quotes after ',' in object"),
                                        error);
  return byte >= 0 ||
         arbor_json_reader_refuse_at (self, 0, _("expected a value, found the end of the text"),
                                      error);
}

static gboolean
pass_end (ArborJsonReader *self, GError **error)
{
  int byte;

  return arbor_json_values_skip_blank (self, &byte, error) &&
         (byte < 0 ||
          arbor_json_reader_refuse_at (
              self, 0,
              _("expected the end of the text after the array or object that is taken apart; "
                "several documents are read as a tree each with the option 'whole', or as JSON Lines"),
              error));
}

gboolean
arbor_json_values_read_elements (ArborJsonReader *self, GError **error)
{
  gboolean is_at_end;
  ArborTape tape;
  gsize end;

  consume (self, 1);
  for (gboolean is_first = TRUE;; is_first = FALSE)
    {
      if (!pass_comma (self, is_first, ']', &is_at_end, error))
        return FALSE;
      if (is_at_end)
        return pass_end (self, error);
      if (!parse_value (self, 0, FALSE, &tape, &end, error))
        return FALSE;
      /* Consumed first, for add_tree may report progress. */
      consume (self, end);
      if (!arbor_json_reader_add_tree (self, &tape, ARBOR_TAPE_ROOT, error))
        return FALSE;
    }
}

/* Members. */

static guint32
find_field (const ArborTape *tape, guint32 index, const char *name)
{
  guint32 end = arbor_tape_next (tape, index) - 1;
  guint32 n = (guint32) strlen (name);
  guint32 found = 0;

  for (guint32 at = index + 1; at < end; at = arbor_tape_next (tape, at + 1))
    {
      guint32 length;
      const char *text = arbor_tape_string (tape, at, &length);

      if (length == n && memcmp (text, name, n) == 0)
        found = at + 1;
    }
  return found;
}

static gboolean
is_string (const ArborTape *tape, guint32 index, const char *text, guint32 length)
{
  guint32 n;
  const char *other;

  if (arbor_tape_tag (tape, index) != '"')
    return FALSE;
  other = arbor_tape_string (tape, index, &n);
  return n == length && memcmp (other, text, n) == 0;
}

static gboolean
fail_taken (ArborJsonReader *self, const char *key, guint32 length, GError **error)
{
  g_autofree char *shown = g_utf8_make_valid (key, MIN (length, 100));
  g_autofree char *reason = g_strdup_printf (
      _("the member '%s' has another value in '%s', where its key is to go: give the option "
        "'as-object' another name"),
      shown, self->as_object);

  return arbor_json_reader_fail (self, ARBOR_ERROR_INVALID_OPTIONS, self->line, self->input.offset,
                                 reason, error);
}

gboolean
arbor_json_values_add_member (ArborJsonReader *self, const char *key, guint32 length,
                              const ArborTape *tape, guint32 index, GError **error)
{
  gboolean is_object = arbor_tape_tag (tape, index) == '{';
  guint32 taken = is_object ? find_field (tape, index, self->as_object) : 0;
  ArborTapeWriter *writer = self->writer;
  ArborValue key_value = ARBOR_VALUE_STRING (key, length);
  ArborTape tree;

  if (taken != 0 && is_string (tape, taken, key, length))
    return arbor_json_reader_add_tree (self, tape, index, error);
  if (taken != 0 || (!is_object && g_str_equal (self->as_object, "value")))
    return fail_taken (self, key, length, error);

  arbor_tape_writer_reset (writer);
  arbor_tape_writer_begin_object (writer);
  arbor_tape_writer_key (writer, self->as_object, strlen (self->as_object));
  arbor_tape_writer_scalar (writer, &key_value);
  if (is_object)
    for (guint32 at = index + 1, end = arbor_tape_next (tape, index) - 1; at < end;
         at = arbor_tape_next (tape, at + 1))
      {
        guint32 n;
        const char *name = arbor_tape_string (tape, at, &n);

        arbor_tape_writer_key (writer, name, n);
        arbor_tape_writer_copy (writer, tape, at + 1);
      }
  else
    {
      arbor_tape_writer_key (writer, "value", strlen ("value"));
      arbor_tape_writer_copy (writer, tape, index);
    }
  arbor_tape_writer_end_object (writer);
  arbor_tape_writer_finish (writer, &tree);
  return arbor_json_reader_add_tree (self, &tree, ARBOR_TAPE_ROOT, error);
}

/* The key at the start of the input and its colon, up to the value. */
static gboolean
read_key (ArborJsonReader *self, ArborBuffer *key, GError **error)
{
  const char *text;
  guint32 length;
  ArborTape tape;
  gsize end;
  int byte;

  if (!parse_value (self, 0, FALSE, &tape, &end, error))
    return FALSE;
  text = arbor_tape_string (&tape, ARBOR_TAPE_ROOT, &length);
  arbor_buffer_clear (key);
  arbor_buffer_append (key, text, length);
  consume (self, end);
  if (!arbor_json_values_skip_blank (self, &byte, error))
    return FALSE;
  if (byte != ':')
    return arbor_json_reader_refuse_at (self, 0, _("expected ':' after key in object"), error);
  consume (self, 1);
  return arbor_json_values_skip_blank (self, &byte, error) &&
         (byte >= 0 ||
          arbor_json_reader_refuse_at (self, 0, _("expected a value, found the end of the text"),
                                       error));
}

gboolean
arbor_json_values_read_members (ArborJsonReader *self, GError **error)
{
  ArborBuffer key = { NULL };
  gboolean is_at_end = FALSE;
  gboolean is_good = TRUE;

  consume (self, 1);
  for (gboolean is_first = TRUE; is_good && !is_at_end; is_first = FALSE)
    {
      ArborTape tape;
      gsize end;

      is_good = pass_comma (self, is_first, '}', &is_at_end, error);
      if (!is_good || is_at_end)
        break;
      is_good = read_key (self, &key, error) && parse_value (self, 0, FALSE, &tape, &end, error);
      if (!is_good)
        break;
      consume (self, end);
      is_good = arbor_json_values_add_member (self, (const char *) key.data, (guint32) key.length,
                                              &tape, ARBOR_TAPE_ROOT, error);
    }
  arbor_buffer_free (&key);
  return is_good && pass_end (self, error);
}

/* Whether what there is of a value is JSON: of an unfinished one as far as it goes. */
static gboolean
is_json_so_far (const char *text, gsize length, gboolean is_finished)
{
  const char *reason;
  gsize stop;

  return is_json (text, length, &stop, &reason) || (!is_finished && stop + CUT_CHARACTER > length);
}

/* Reads on until there is something else than blanks from @at on, or more than a piece of them. */
static gboolean
find_other (ArborJsonReader *self, gsize at, gboolean *is_found, GError **error)
{
  for (;; at++)
    {
      while (at == arbor_json_input_length (&self->input))
        {
          *is_found = FALSE;
          if (self->input.is_at_end || at >= MIN (ARBOR_JSON_PIECE, self->max_text))
            return TRUE;
          if (!arbor_json_reader_fill (self, error))
            return FALSE;
        }
      *is_found = !is_blank (arbor_json_input_text (&self->input)[at]);
      if (*is_found)
        return TRUE;
    }
}

gboolean
arbor_json_values_look_ahead (ArborJsonReader *self, gboolean *is_only, gboolean *goes_on,
                              GError **error)
{
  Extent extent = { 0 };
  gboolean is_finished;
  gboolean is_followed = FALSE;

  while (!(is_finished = pass_value (&extent, arbor_json_input_text (&self->input),
                                     arbor_json_input_length (&self->input))) &&
         extent.at < MIN (ARBOR_JSON_PIECE, self->max_text) && !self->input.is_at_end)
    if (!arbor_json_reader_fill (self, error))
      return FALSE;
  is_finished = is_finished || self->input.is_at_end;

  *is_only = *arbor_json_input_text (&self->input) == '[';
  *goes_on = memchr (arbor_json_input_text (&self->input), '\n', extent.at) != NULL;
  if (!*is_only && !*goes_on)
    return TRUE;
  if (!is_json_so_far (arbor_json_input_text (&self->input), extent.at, is_finished))
    *is_only = *goes_on = FALSE;
  if (*is_only && is_finished && !find_other (self, extent.at, &is_followed, error))
    return FALSE;
  *is_only = *is_only && !is_followed;
  return TRUE;
}
