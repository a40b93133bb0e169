/* Reading CSV, and writing a cell. See arbor-csv.h.
 *
 * A record is scanned as its bytes come in (arbor-csv-scan.h), then each column takes its cell
 * (arbor-csv-column.h). Only then are cells that have doubled quotes copied without them.
 */

#include "json/arbor-csv.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "json/arbor-csv-column.h"
#include "json/arbor-csv-delimiter.h"
#include "json/arbor-csv-scan.h"

typedef struct
{
  ArborJsonReader *reader;
  char delimiter;
  GArray *cells;   /* of ArborCsvCell: those of the record at hand */
  GArray *columns; /* of ArborCsvColumn, the report's; NULL before the first record */
  gboolean has_told; /* columns that are to be numbers: their cells are looked at beforehand */
  ArborTapeWriter *writer;
  ArborBuffer scratch; /* a cell without its doubled quotes */
  ArborBuffer number;  /* the text that is written for one */
} Csv;

gboolean
arbor_csv_is_delimiter (char delimiter)
{
  return delimiter > 0 && strchr ("\"\r\n", delimiter) == NULL;
}

/* Reads until the record at the start of the input is there, or a mistake in it. */
static gboolean
scan_record (Csv *self, ArborCsvScan *scan, GError **error)
{
  ArborJsonReader *reader = self->reader;
  g_autofree char *reason = NULL;

  arbor_csv_scan_begin (scan, self->delimiter, self->cells);
  for (;;)
    {
      gboolean is_done =
          arbor_csv_scan_available (scan, arbor_json_input_text (&reader->input),
                                    arbor_json_input_length (&reader->input));

      if (!is_done && reader->input.is_at_end)
        arbor_csv_scan_end (scan);
      if (self->cells->len > ARBOR_CSV_MAX_COLUMNS)
        break;
      if ((is_done || reader->input.is_at_end) && scan->position <= reader->max_text)
        return TRUE;
      if (!arbor_json_reader_fill (reader, error))
        return FALSE;
    }
  reason = g_strdup_printf (_("expected at most %u cells in a record, found more"),
                            ARBOR_CSV_MAX_COLUMNS);
  return arbor_json_reader_fail (reader, ARBOR_ERROR_LIMIT, reader->line, reader->input.offset,
                                 reason, error);
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
  if (self->columns == NULL && !reader->options->no_header)
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

  while (!g_utf8_validate_len (at, (gsize) (end - at), &at))
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
get_text (Csv *self, const ArborCsvCell *cell, gsize *length)
{
  const char *text = arbor_json_input_text (&self->reader->input) + cell->start;
  const char *end = text + cell->length;

  *length = cell->length;
  if (!cell->has_doubled)
    return text;
  arbor_buffer_clear (&self->scratch);
  while (text < end)
    {
      const char *quote = memchr (text, '"', (gsize) (end - text));
      const char *stop = quote != NULL ? quote + 1 : end;

      arbor_buffer_append (&self->scratch, text, (gsize) (stop - text));
      text = quote != NULL ? stop + 1 : end;
    }
  *length = self->scratch.length;
  return (const char *) self->scratch.data;
}

/* Columns. */

static ArborCsvColumn *
get_column (Csv *self, guint column)
{
  return &g_array_index (self->columns, ArborCsvColumn, column);
}

static void
add_column (GArray *columns, char *name, gsize length, gboolean text_only)
{
  ArborCsvColumn column = { .name = name,
                            .name_length = (guint32) length,
                            .told = text_only ? ARBOR_CSV_TYPE_TEXT : ARBOR_CSV_TYPE_AUTO };

  g_array_append_val (columns, column);
}

static gboolean
name_columns (Csv *self, GArray *columns, GError **error)
{
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);

  for (guint i = 0; i < self->cells->len; i++)
    {
      const ArborCsvCell *cell = &g_array_index (self->cells, ArborCsvCell, i);
      gsize length;
      const char *text = get_text (self, cell, &length);

      if (!g_hash_table_add (seen, g_bytes_new (text, length)))
        {
          g_autofree char *shown = arbor_csv_show (text, length);
          g_autofree char *reason = g_strdup_printf (
              _("expected a name of its own for each column, found '%s' again in column %u: give "
                "it another name, or read the names as data (has-header off)"),
              shown, i + 1);

          return refuse (self, cell->start, reason, error);
        }
      add_column (columns, g_strndup (text, length), length, self->reader->options->text_only);
    }
  return TRUE;
}

static void
number_columns (Csv *self, GArray *columns)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      char *name = g_strdup_printf ("column%u", i + 1);

      add_column (columns, name, strlen (name), self->reader->options->text_only);
    }
}

/* What the options say of columns. */
static gboolean
tell_columns (Csv *self, GArray *columns, GError **error)
{
  const GArray *types = self->reader->options->types;

  for (guint i = 0; types != NULL && i < types->len; i++)
    {
      const ArborCsvTypeOption *type = &g_array_index (types, ArborCsvTypeOption, i);
      g_autofree char *reason = NULL;
      guint at = 0;

      while (at < columns->len && strcmp (g_array_index (columns, ArborCsvColumn, at).name,
                                          type->name) != 0)
        at++;
      if (at < columns->len)
        {
          g_array_index (columns, ArborCsvColumn, at).told = type->type;
          self->has_told = self->has_told || type->type == ARBOR_CSV_TYPE_NUMBER;
          continue;
        }
      reason = g_strdup_printf (_("load option 'types': expected the name of a column, found '%s'"),
                                type->name);
      return arbor_json_reader_fail (self->reader, ARBOR_ERROR_INVALID_OPTIONS,
                                     self->reader->line, self->reader->input.offset, reason, error);
    }
  return TRUE;
}

static gboolean
make_columns (Csv *self, GError **error)
{
  g_autoptr (GArray) columns = g_array_new (FALSE, FALSE, sizeof (ArborCsvColumn));

  g_array_set_clear_func (columns, (GDestroyNotify) arbor_csv_column_clear);
  if (self->reader->options->no_header)
    number_columns (self, columns);
  else if (!name_columns (self, columns, error))
    return FALSE;
  if (!tell_columns (self, columns, error))
    return FALSE;
  self->columns = columns;
  self->reader->report->columns = g_steal_pointer (&columns);
  return TRUE;
}

static void
write_cell (Csv *self, guint at)
{
  const ArborCsvCell *cell = &g_array_index (self->cells, ArborCsvCell, at);
  ArborCsvColumn *column = get_column (self, at);
  ArborValue value;
  gsize length;
  const char *text = get_text (self, cell, &length);

  arbor_csv_column_take (column, text, length, cell->is_quoted, self->reader->report->n_trees,
                         &self->number, &value);
  if ((column->culprit.text != NULL && column->culprit.line == 0) ||
      (column->cut.text != NULL && column->cut.line == 0))
    arbor_csv_column_note_line (column, get_line_at (self, cell->start));
  arbor_tape_writer_key (self->writer, column->name, column->name_length);
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
refuse_broken (Csv *self, const ArborCsvScan *scan, GError **error)
{
  gsize end;

  return refuse (self, scan->mistake, scan->reason, error) && find_line_end (self, &end, error) &&
         consume (self, end, error);
}

/* The first cell that is no number where the options say so. */
static gboolean
find_untrue (Csv *self, gsize *mistake, char **reason)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      const ArborCsvCell *cell = &g_array_index (self->cells, ArborCsvCell, i);
      g_autofree char *shown = NULL;
      gsize length;
      const char *text;

      if (get_column (self, i)->told != ARBOR_CSV_TYPE_NUMBER)
        continue;
      text = get_text (self, cell, &length);
      if (arbor_csv_column_accepts (get_column (self, i), text, length))
        continue;
      shown = arbor_csv_show (text, length);
      *mistake = cell->start;
      *reason = g_strdup_printf (
          _("expected a number in column '%s', which the options say it is, found '%s'"),
          get_column (self, i)->name, shown);
      return TRUE;
    }
  return FALSE;
}

static gboolean
check_record (Csv *self, gsize end, gboolean *is_good, GError **error)
{
  const char *text = arbor_json_input_text (&self->reader->input);
  guint n_columns = self->columns != NULL ? self->columns->len : self->cells->len;
  g_autofree char *reason = NULL;
  gsize mistake = 0;

  *is_good = FALSE;
  if (!is_utf8 (text, end, &mistake))
    return refuse (self, mistake, _("invalid UTF-8"), error);
  if (self->cells->len != n_columns)
    {
      reason = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "expected %u cell, found %u",
                                             "expected %u cells, found %u", n_columns),
                                n_columns, self->cells->len);
      return refuse (self, 0, reason, error);
    }
  if (self->has_told && find_untrue (self, &mistake, &reason))
    return refuse (self, mistake, reason, error);
  *is_good = TRUE;
  return TRUE;
}

/* Reads and consumes one record, whose cells are known. */
static gboolean
read_record (Csv *self, const ArborCsvScan *scan, GError **error)
{
  gboolean is_good;

  if (arbor_csv_scan_is_blank (scan))
    return consume (self, scan->position, error);
  if (self->columns == NULL)
    {
      if (!check_record (self, scan->position, &is_good, error))
        return FALSE;
      if (is_good && !make_columns (self, error))
        return FALSE;
      if (!is_good || !self->reader->options->no_header)
        return consume (self, scan->position, error);
    }
  if (!check_record (self, scan->position, &is_good, error))
    return FALSE;
  return is_good ? add_record (self, scan->position, error)
                 : consume (self, scan->position, error);
}

static gboolean
read_records (Csv *self, GError **error)
{
  ArborJsonInput *input = &self->reader->input;

  for (;;)
    {
      ArborCsvScan scan;

      while (arbor_json_input_length (input) == 0 && !input->is_at_end)
        if (!arbor_json_reader_fill (self->reader, error))
          return FALSE;
      if (arbor_json_input_length (input) == 0)
        return TRUE;
      if (!scan_record (self, &scan, error))
        return FALSE;
      if (!(scan.state == ARBOR_CSV_BROKEN ? refuse_broken (self, &scan, error)
                                           : read_record (self, &scan, error)))
        return FALSE;
    }
}

/* The delimiter that is asked for, or found in the beginning of the input. */
static gboolean
choose_delimiter (Csv *self, GError **error)
{
  ArborJsonReader *reader = self->reader;
  ArborJsonInput *input = &reader->input;

  self->delimiter = reader->options->delimiter;
  reader->report->is_delimiter_found = self->delimiter == '\0';
  if (reader->report->is_delimiter_found)
    {
      while (!input->is_at_end &&
             arbor_json_input_length (input) < MIN (ARBOR_CSV_SAMPLE, reader->max_text))
        if (!arbor_json_reader_fill (reader, error))
          return FALSE;
      self->delimiter =
          arbor_csv_find_delimiter (arbor_json_input_text (input), arbor_json_input_length (input),
                                    input->is_at_end);
    }
  reader->report->delimiter = self->delimiter;
  return TRUE;
}

gboolean
arbor_csv_read (ArborJsonReader *reader, GError **error)
{
  Csv self = {
    .reader = reader,
    .cells = g_array_new (FALSE, FALSE, sizeof (ArborCsvCell)),
    .writer = arbor_tape_writer_new (),
  };
  gboolean success = choose_delimiter (&self, error) && read_records (&self, error);

  g_array_unref (self.cells);
  arbor_tape_writer_free (self.writer);
  arbor_buffer_free (&self.scratch);
  arbor_buffer_free (&self.number);
  return success;
}

/* Writing. */

#define ONES  G_GUINT64_CONSTANT (0x0101010101010101)
#define HIGHS G_GUINT64_CONSTANT (0x8080808080808080)

/* Not zero where one of the eight bytes is @byte. */
static inline guint64
word_has (guint64 word, guint8 byte)
{
  word ^= ONES * byte;
  return (word - ONES) & ~word & HIGHS;
}

static inline gboolean
parts_cells (char c, char delimiter)
{
  return c == delimiter || c == '"' || c == '\n' || c == '\r';
}

static gboolean
needs_quotes (const char *text, gsize length, char delimiter, gboolean is_alone)
{
  gsize i = 0;

  if (length == 0)
    return text != NULL || is_alone;
  for (; i + 8 <= length; i += 8)
    {
      guint64 word;

      memcpy (&word, text + i, 8);
      if ((word_has (word, (guint8) delimiter) | word_has (word, '"') | word_has (word, '\n') |
           word_has (word, '\r')) != 0)
        return TRUE;
    }
  for (; i < length; i++)
    if (parts_cells (text[i], delimiter))
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
      arbor_buffer_append_byte (out, (guint8) text[i]);
    }
  arbor_buffer_append_byte (out, '"');
}
