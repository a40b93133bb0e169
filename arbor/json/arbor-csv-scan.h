/* Where the cells of a record of CSV lie. A record is looked at once, as its bytes come in: a scan
 * notes each cell as offsets from the start of the record, which filling the buffer does not change.
 *
 * Records end with LF, CRLF or CR. A cell that begins with a quote ends with one, has doubled quotes
 * for quotes, and may hold delimiters and line ends; a quote later in a cell is an ordinary character.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes from the start of the record to the text of a cell, without its quotes. */
typedef struct
{
  gsize start;
  gsize length;
  gboolean is_quoted;
  gboolean has_doubled; /* quotes */
} ArborCsvCell;

typedef enum
{
  ARBOR_CSV_AT_CELL,     /* a cell begins */
  ARBOR_CSV_IN_PLAIN,    /* in a cell without quotes */
  ARBOR_CSV_IN_QUOTED,   /* between quotes */
  ARBOR_CSV_AFTER_QUOTE, /* behind a quote that may end the cell */
  ARBOR_CSV_AT_END,      /* behind the last cell */
  ARBOR_CSV_BROKEN,      /* the quotes are wrong */
} ArborCsvState;

typedef struct
{
  char delimiter;
  GArray *cells; /* of ArborCsvCell: those that are complete */
  ArborCsvState state;
  gsize position;
  ArborCsvCell cell;  /* the one being read */
  gsize mistake;      /* BROKEN: where */
  const char *reason; /* BROKEN: why */
} ArborCsvScan;

/* Begins a record; @cells is emptied. */
void arbor_csv_scan_begin (ArborCsvScan *self, char delimiter, GArray *cells);
/* Goes on over what is there of the record: @length bytes from its start. TRUE when it is AT_END or
 * BROKEN; what ends the record, at the position, is not consumed. */
gboolean arbor_csv_scan_available (ArborCsvScan *self, const char *text, gsize length);
/* There is no more input. */
void arbor_csv_scan_end (ArborCsvScan *self);

/* An empty line. */
gboolean arbor_csv_scan_is_blank (const ArborCsvScan *self);

G_END_DECLS
