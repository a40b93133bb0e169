/* Scanning a record of CSV. See arbor-csv-scan.h. */

#include "json/arbor-csv-scan.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
arbor_csv_scan_begin (ArborCsvScan *self, char delimiter, GArray *cells)
{
  g_array_set_size (cells, 0);
  *self = (ArborCsvScan){ .delimiter = delimiter, .cells = cells, .state = ARBOR_CSV_AT_CELL };
}

gboolean
arbor_csv_scan_is_blank (const ArborCsvScan *self)
{
  const ArborCsvCell *first = &g_array_index (self->cells, ArborCsvCell, 0);

  return self->cells->len == 1 && first->length == 0 && !first->is_quoted;
}

static void
end_cell (ArborCsvScan *self, gsize end)
{
  self->cell.length = end - self->cell.start;
  g_array_append_val (self->cells, self->cell);
}

static void
break_off (ArborCsvScan *self, gsize mistake, const char *reason)
{
  self->state = ARBOR_CSV_BROKEN;
  self->mistake = mistake;
  self->reason = reason;
}

/* Behind a cell: the delimiter, or what ends the record, which is not consumed. */
static void
pass_delimiter (ArborCsvScan *self, char c)
{
  if (c == self->delimiter)
    {
      self->state = ARBOR_CSV_AT_CELL;
      self->position++;
    }
  else
    self->state = ARBOR_CSV_AT_END;
}

static void
scan_plain (ArborCsvScan *self, const char *text, gsize length)
{
  const char delimiter = self->delimiter;
  gsize at = self->position;

  while (at < length && text[at] != delimiter && text[at] != '\n' && text[at] != '\r')
    at++;
  self->position = at;
  if (at == length)
    return;
  end_cell (self, at);
  pass_delimiter (self, text[at]);
}

static void
scan_quoted (ArborCsvScan *self, const char *text, gsize length)
{
  const char *quote = memchr (text + self->position, '"', length - self->position);

  if (quote == NULL)
    {
      self->position = length;
      return;
    }
  self->position = (gsize) (quote - text) + 1;
  self->state = ARBOR_CSV_AFTER_QUOTE;
}

static void
scan_after_quote (ArborCsvScan *self, char c)
{
  if (c == '"')
    {
      self->cell.has_doubled = TRUE;
      self->state = ARBOR_CSV_IN_QUOTED;
      self->position++;
    }
  else if (c == self->delimiter || c == '\n' || c == '\r')
    {
      end_cell (self, self->position - 1);
      pass_delimiter (self, c);
    }
  else
    break_off (self, self->position, _("expected the end of the cell after its closing quote"));
}

static void
begin_cell (ArborCsvScan *self, char c)
{
  self->cell = (ArborCsvCell){ .start = self->position };
  self->state = ARBOR_CSV_IN_PLAIN;
  if (c != '"')
    return;
  self->cell.is_quoted = TRUE;
  self->cell.start = ++self->position;
  self->state = ARBOR_CSV_IN_QUOTED;
}

gboolean
arbor_csv_scan_available (ArborCsvScan *self, const char *text, gsize length)
{
  while (self->position < length)
    switch (self->state)
      {
      case ARBOR_CSV_AT_CELL:
        begin_cell (self, text[self->position]);
        break;
      case ARBOR_CSV_IN_PLAIN:
        scan_plain (self, text, length);
        break;
      case ARBOR_CSV_IN_QUOTED:
        scan_quoted (self, text, length);
        break;
      case ARBOR_CSV_AFTER_QUOTE:
        scan_after_quote (self, text[self->position]);
        break;
      case ARBOR_CSV_AT_END:
      case ARBOR_CSV_BROKEN:
        return TRUE;
      }
  return self->state == ARBOR_CSV_AT_END || self->state == ARBOR_CSV_BROKEN;
}

void
arbor_csv_scan_end (ArborCsvScan *self)
{
  if (self->state == ARBOR_CSV_IN_QUOTED)
    break_off (self, self->cell.start - 1, _("the quote that begins this cell is never closed"));
  if (self->state == ARBOR_CSV_BROKEN || self->state == ARBOR_CSV_AT_END)
    return;
  if (self->state == ARBOR_CSV_AT_CELL)
    begin_cell (self, '\0');
  end_cell (self, self->state == ARBOR_CSV_AFTER_QUOTE ? self->position - 1 : self->position);
  self->state = ARBOR_CSV_AT_END;
}
