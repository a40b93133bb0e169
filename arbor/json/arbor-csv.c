/* Reading CSV, and writing a cell. See arbor-csv.h.
 *
 * A record is looked at once, as its bytes come in: Scan notes where each cell lies, as offsets
 * from the start of the record, which filling the buffer does not change. Only then are cells that
 * have doubled quotes copied without them.
 */

#include "json/arbor-csv.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-number.h"

/* Bytes from the start of the record to the text of a cell, without its quotes. */
typedef struct
{
  gsize start;
  gsize length;
  gboolean is_quoted;
  gboolean has_doubled; /* quotes */
} Cell;

typedef enum
{
  AT_CELL,     /* a cell begins */
  IN_PLAIN,    /* in a cell without quotes */
  IN_QUOTED,   /* between quotes */
  AFTER_QUOTE, /* behind a quote that may end the cell */
  AT_END,      /* behind the last cell */
  BROKEN,      /* the quotes are wrong */
} ScanState;

typedef struct
{
  ScanState state;
  gsize position;
  Cell cell;          /* the one being read */
  gsize mistake;      /* BROKEN: where */
  const char *reason; /* BROKEN: why */
} Scan;

typedef struct
{
  ArborJsonReader *reader;
  char delimiter;
  GArray *cells;    /* of Cell: those of the record at hand */
  GPtrArray *names; /* of GBytes: the columns; NULL before the first record */
  ArborTapeWriter *writer;
  ArborBuffer scratch; /* a cell without its doubled quotes */
} Csv;

gboolean
arbor_csv_is_delimiter (char delimiter)
{
  return delimiter > 0 && strchr ("\"\r\n", delimiter) == NULL;
}

/* Scanning a record. */

static void
end_cell (Csv *self, Scan *scan, gsize end)
{
  scan->cell.length = end - scan->cell.start;
  g_array_append_val (self->cells, scan->cell);
}

static void
break_off (Scan *scan, gsize mistake, const char *reason)
{
  scan->state = BROKEN;
  scan->mistake = mistake;
  scan->reason = reason;
}

/* Behind a cell: the delimiter, or what ends the record, which is not consumed. */
static void
pass_delimiter (Csv *self, Scan *scan, char c)
{
  if (c == self->delimiter)
    {
      scan->state = AT_CELL;
      scan->position++;
    }
  else
    scan->state = AT_END;
}

static void
scan_plain (Csv *self, Scan *scan, const char *text, gsize length)
{
  const char delimiter = self->delimiter;
  gsize at = scan->position;

  while (at < length && text[at] != delimiter && text[at] != '\n' && text[at] != '\r')
    at++;
  scan->position = at;
  if (at == length)
    return;
  end_cell (self, scan, at);
  pass_delimiter (self, scan, text[at]);
}

static void
scan_quoted (Scan *scan, const char *text, gsize length)
{
  const char *quote = memchr (text + scan->position, '"', length - scan->position);

  if (quote == NULL)
    {
      scan->position = length;
      return;
    }
  scan->position = (gsize)(quote - text) + 1;
  scan->state = AFTER_QUOTE;
}

static void
scan_after_quote (Csv *self, Scan *scan, char c)
{
  if (c == '"')
    {
      scan->cell.has_doubled = TRUE;
      scan->state = IN_QUOTED;
      scan->position++;
    }
  else if (c == self->delimiter || c == '\n' || c == '\r')
    {
      end_cell (self, scan, scan->position - 1);
      pass_delimiter (self, scan, c);
    }
  else
    break_off (scan, scan->position, _ ("expected the end of the cell after its closing quote"));
}

static void
begin_cell (Scan *scan, char c)
{
  scan->cell = (Cell){ .start = scan->position };
  scan->state = IN_PLAIN;
  if (c != '"')
    return;
  scan->cell.is_quoted = TRUE;
  scan->cell.start = ++scan->position;
  scan->state = IN_QUOTED;
}

/* Goes on over the bytes that are there. */
static void
scan_available (Csv *self, Scan *scan, const char *text, gsize length)
{
  while (scan->position < length)
    switch (scan->state)
      {
      case AT_CELL:
        begin_cell (scan, text[scan->position]);
        break;
      case IN_PLAIN:
        scan_plain (self, scan, text, length);
        break;
      case IN_QUOTED:
        scan_quoted (scan, text, length);
        break;
      case AFTER_QUOTE:
        scan_after_quote (self, scan, text[scan->position]);
        break;
      case AT_END:
      case BROKEN:
        return;
      }
}

/* There is no more input. */
static void
scan_end (Csv *self, Scan *scan)
{
  if (scan->state == IN_QUOTED)
    break_off (scan, scan->cell.start - 1, _ ("the quote that begins this cell is never closed"));
  if (scan->state == BROKEN || scan->state == AT_END)
    return;
  if (scan->state == AT_CELL)
    begin_cell (scan, '\0');
  end_cell (self, scan, scan->state == AFTER_QUOTE ? scan->position - 1 : scan->position);
  scan->state = AT_END;
}

/* Reads until the record at the start of the input is there, or a mistake in it. */
static gboolean
scan_record (Csv *self, Scan *scan, GError **error)
{
  ArborJsonReader *reader = self->reader;

  g_array_set_size (self->cells, 0);
  *scan = (Scan){ .state = AT_CELL };
  for (;;)
    {
      scan_available (self, scan, arbor_json_input_text (&reader->input),
                      arbor_json_input_length (&reader->input));
      if (reader->input.is_at_end)
        scan_end (self, scan);
      if ((scan->state == AT_END || scan->state == BROKEN) && scan->position <= reader->max_text)
        return TRUE;
      if (!arbor_json_reader_fill (reader, error))
        return FALSE;
    }
}

/* Consuming it. */

/* Consumes the bytes before @end and the line end at it, counting lines. */
static gboolean
consume (Csv *self, gsize end, GError **error)
{
  ArborJsonReader *reader = self->reader;
  const char *text;
  gsize length;

  /* A CR at the end of what has been read may be half of a CRLF. */
  while (!reader->input.is_at_end && arbor_json_input_length (&reader->input) < end + 2)
    if (!arbor_json_input_fill (&reader->input, error))
      return FALSE;
  text = arbor_json_input_text (&reader->input);
  length = arbor_json_input_length (&reader->input);
  if (end < length)
    end += text[end] == '\r' && end + 1 < length && text[end + 1] == '\n' ? 2 : 1;

  for (gsize i = 0; i < end; i++)
    reader->line +=
        text[i] == '\n' || (text[i] == '\r' && (i + 1 == length || text[i + 1] != '\n'));
  arbor_json_input_consume (&reader->input, end);
  return TRUE;
}

/* Where the first line ends, in bytes. */
static gboolean
find_line_end (Csv *self, gsize *end, GError **error)
{
  ArborJsonReader *reader = self->reader;
  gsize at = 0;

  for (;;)
    {
      const char *text = arbor_json_input_text (&reader->input);
      gsize length = arbor_json_input_length (&reader->input);

      while (at < length && text[at] != '\n' && text[at] != '\r')
        at++;
      *end = at;
      if (at < length || reader->input.is_at_end)
        return TRUE;
      if (!arbor_json_reader_fill (reader, error))
        return FALSE;
    }
}

/* The line of the byte at @offset from the start of the record. */
static guint64
get_line_at (Csv *self, gsize offset)
{
  const char *text = arbor_json_input_text (&self->reader->input);
  guint64 line = self->reader->line;

  for (gsize i = 0; i < offset; i++)
    line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
  return line;
}

/* A mistake at @offset from the start of the record. */
static gboolean
refuse (Csv *self, gsize offset, const char *reason, GError **error)
{
  ArborJsonReader *reader = self->reader;
  guint64 line = get_line_at (self, offset);

  /* Without names there is nothing to go on with. */
  if (self->names == NULL && !reader->options->no_header)
    return arbor_json_reader_fail (reader, ARBOR_ERROR_PARSE, line, reader->input.offset + offset,
                                   reason, error);
  return arbor_json_reader_refuse (reader, line, reader->input.offset + offset, reason, error);
}

/* Cells. */

/* g_utf8_validate stops at a NUL, which is a character as any other. */
static gboolean
is_utf8 (const char *text, gsize length, gsize *mistake)
{
  const char *at = text;
  const char *end = text + length;

  while (!g_utf8_validate_len (at, (gsize)(end - at), &at))
    {
      if (*at != '\0')
        {
          *mistake = (gsize)(at - text);
          return FALSE;
        }
      at++;
    }
  return TRUE;
}

/* The text of a cell; valid until the next call. */
static const char *
get_text (Csv *self, const Cell *cell, gsize *length)
{
  const char *text = arbor_json_input_text (&self->reader->input) + cell->start;
  const char *end = text + cell->length;

  *length = cell->length;
  if (!cell->has_doubled)
    return text;
  arbor_buffer_clear (&self->scratch);
  while (text < end)
    {
      const char *quote = memchr (text, '"', (gsize)(end - text));
      const char *stop = quote != NULL ? quote + 1 : end;

      arbor_buffer_append (&self->scratch, text, (gsize)(stop - text));
      text = quote != NULL ? stop + 1 : end;
    }
  *length = self->scratch.length;
  return (const char *)self->scratch.data;
}

static gboolean
name_columns (Csv *self, GPtrArray *names, GError **error)
{
  g_autoptr (GHashTable) places = g_hash_table_new (g_bytes_hash, g_bytes_equal);

  for (guint i = 0; i < self->cells->len; i++)
    {
      const Cell *cell = &g_array_index (self->cells, Cell, i);
      gsize length;
      const char *text = get_text (self, cell, &length);
      GBytes *name = g_bytes_new (text, length);

      g_ptr_array_add (names, name);
      if (!g_hash_table_insert (places, name, GUINT_TO_POINTER (i + 1)))
        {
          g_autofree char *shown = g_utf8_make_valid (text, (gssize)length);
          g_autofree char *reason = g_strdup_printf (
              _ ("expected a name of its own for each column, found '%s' again in column %u"),
              shown, i + 1);

          return refuse (self, cell->start, reason, error);
        }
    }
  return TRUE;
}

static void
number_columns (Csv *self, GPtrArray *names)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      char *name = g_strdup_printf ("column%u", i + 1);

      g_ptr_array_add (names, g_bytes_new_take (name, strlen (name)));
    }
}

static void
write_cell (Csv *self, guint column)
{
  const Cell *cell = &g_array_index (self->cells, Cell, column);
  ArborValue value;
  const char *name;
  const char *text;
  gsize name_length;
  gsize length;

  if (cell->length == 0)
    return;
  name = g_bytes_get_data (self->names->pdata[column], &name_length);
  arbor_tape_writer_key (self->writer, name != NULL ? name : "", name_length);
  text = get_text (self, cell, &length);
  if (self->reader->options->text_only || !arbor_number_parse (text, length, &value))
    value = ARBOR_VALUE_STRING (text, (guint32)length);
  arbor_tape_writer_scalar (self->writer, &value);
}

static gboolean
add_record (Csv *self, gsize end, GError **error)
{
  ArborTape tape;

  arbor_tape_writer_reset (self->writer);
  arbor_tape_writer_begin_object (self->writer);
  for (guint i = 0; i < self->cells->len; i++)
    write_cell (self, i);
  arbor_tape_writer_end_object (self->writer);
  arbor_tape_writer_finish (self->writer, &tape);
  /* Consumed first, for add_tree may report progress. */
  return consume (self, end, error) &&
         arbor_json_reader_add_tree (self->reader, &tape, ARBOR_TAPE_ROOT, error);
}

/* Records. */

static gboolean
is_blank (Csv *self)
{
  const Cell *first = &g_array_index (self->cells, Cell, 0);

  return self->cells->len == 1 && first->length == 0 && !first->is_quoted;
}

static gboolean
refuse_broken (Csv *self, const Scan *scan, GError **error)
{
  gsize end;

  return refuse (self, scan->mistake, scan->reason, error) && find_line_end (self, &end, error) &&
         consume (self, end, error);
}

static gboolean
check_record (Csv *self, gsize end, gboolean *is_good, GError **error)
{
  const char *text = arbor_json_input_text (&self->reader->input);
  guint n_columns = self->names != NULL ? self->names->len : self->cells->len;
  g_autofree char *reason = NULL;
  gsize mistake = 0;

  *is_good = FALSE;
  if (!is_utf8 (text, end, &mistake))
    return refuse (self, mistake, _ ("invalid UTF-8"), error);
  if (self->cells->len != n_columns)
    {
      reason = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "expected %u cell, found %u",
                                             "expected %u cells, found %u", n_columns),
                                n_columns, self->cells->len);
      return refuse (self, 0, reason, error);
    }
  *is_good = TRUE;
  return TRUE;
}

/* Reads and consumes one record, whose cells are known. */
static gboolean
read_record (Csv *self, gsize end, GError **error)
{
  gboolean is_good;

  if (is_blank (self))
    return consume (self, end, error);
  if (!check_record (self, end, &is_good, error))
    return FALSE;
  if (!is_good)
    return consume (self, end, error);
  if (self->names == NULL)
    {
      g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);

      if (self->reader->options->no_header)
        number_columns (self, names);
      else if (!name_columns (self, names, error))
        return FALSE;
      self->names = g_steal_pointer (&names);
      if (!self->reader->options->no_header)
        return consume (self, end, error);
    }
  return add_record (self, end, error);
}

static gboolean
read_records (Csv *self, GError **error)
{
  ArborJsonInput *input = &self->reader->input;

  for (;;)
    {
      Scan scan;

      while (arbor_json_input_length (input) == 0 && !input->is_at_end)
        if (!arbor_json_reader_fill (self->reader, error))
          return FALSE;
      if (arbor_json_input_length (input) == 0)
        return TRUE;
      if (!scan_record (self, &scan, error))
        return FALSE;
      if (!(scan.state == BROKEN ? refuse_broken (self, &scan, error)
                                 : read_record (self, scan.position, error)))
        return FALSE;
    }
}

gboolean
arbor_csv_read (ArborJsonReader *reader, GError **error)
{
  Csv self = {
    .reader = reader,
    .delimiter = reader->options->delimiter != '\0' ? reader->options->delimiter : ',',
    .cells = g_array_new (FALSE, FALSE, sizeof (Cell)),
    .writer = arbor_tape_writer_new (),
  };
  gboolean success = read_records (&self, error);

  g_array_unref (self.cells);
  g_clear_pointer (&self.names, g_ptr_array_unref);
  arbor_tape_writer_free (self.writer);
  arbor_buffer_free (&self.scratch);
  return success;
}

/* Writing. */

static gboolean
needs_quotes (const char *text, gsize length, char delimiter, gboolean is_alone)
{
  if (length == 0)
    return is_alone;
  for (gsize i = 0; i < length; i++)
    if (text[i] == delimiter || text[i] == '"' || text[i] == '\n' || text[i] == '\r')
      return TRUE;
  /* As the first cell of all it would be taken for a byte order mark. */
  return length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0;
}

void
arbor_csv_append_cell (ArborBuffer *out, const char *text, gsize length, char delimiter,
                       gboolean is_alone)
{
  if (!needs_quotes (text, length, delimiter, is_alone))
    {
      arbor_buffer_append (out, text, length);
      return;
    }
  arbor_buffer_append_byte (out, '"');
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '"')
        arbor_buffer_append_byte (out, '"');
      arbor_buffer_append_byte (out, (guint8)text[i]);
    }
  arbor_buffer_append_byte (out, '"');
}
