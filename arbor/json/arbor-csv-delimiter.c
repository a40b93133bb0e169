/* See arbor-csv-delimiter.h. */

#include "json/arbor-csv-delimiter.h"

#include <string.h>

#include "json/arbor-csv-scan.h"

#define MAX_RECORDS 1000u

/* What the sample is like with one delimiter. */
typedef struct
{
  char delimiter;
  guint n_cells; /* of the first record */
  guint n_alike; /* records with as many */
  guint n_records;
  gboolean is_in_numbers; /* it always stands between two digits */
} Trial;

static void
note_record (Trial *self, const ArborCsvScan *scan, const char *text, gsize length)
{
  if (scan->state == ARBOR_CSV_BROKEN)
    {
      self->n_records++;
      return;
    }
  if (arbor_csv_scan_is_blank (scan))
    return;
  if (self->n_records++ == 0)
    self->n_cells = scan->cells->len;
  if (scan->cells->len != self->n_cells)
    return;
  self->n_alike++;
  for (guint i = 1; i < scan->cells->len && self->is_in_numbers; i++)
    {
      gsize start = g_array_index (scan->cells, ArborCsvCell, i).start;

      self->is_in_numbers = start >= 2 && start < length && g_ascii_isdigit (text[start - 2]) &&
                            g_ascii_isdigit (text[start]);
    }
}

/* Behind a record: the line end at its end, or the first one in it where it is broken. */
static const char *
pass_record (const ArborCsvScan *scan, const char *text, const char *end)
{
  if (scan->state != ARBOR_CSV_BROKEN)
    text += scan->position;
  while (text < end && *text != '\n' && *text != '\r')
    text++;
  if (text < end && *text++ == '\r' && text < end && *text == '\n')
    text++;
  return text;
}

static void
try_delimiter (Trial *self, const char *text, gsize length, gboolean is_all)
{
  g_autoptr (GArray) cells = g_array_new (FALSE, FALSE, sizeof (ArborCsvCell));
  const char *end = text + length;

  self->is_in_numbers = TRUE;
  while (text < end && self->n_records < MAX_RECORDS)
    {
      ArborCsvScan scan;

      arbor_csv_scan_begin (&scan, self->delimiter, cells);
      if (!arbor_csv_scan_available (&scan, text, (gsize) (end - text)))
        {
          /* The rest of it lies behind the sample: it counts where it is all there is. */
          if (!is_all && self->n_records > 0)
            return;
          arbor_csv_scan_end (&scan);
        }
      note_record (self, &scan, text, (gsize) (end - text));
      text = pass_record (&scan, text, end);
    }
}

/* Whether @a is the better one; @b comes first in the list. */
static gboolean
is_better (const Trial *a, const Trial *b)
{
  if (a->n_cells < 2 || a->n_alike == 0)
    return FALSE;
  if (b->n_cells < 2 || b->n_alike == 0)
    return TRUE;
  /* The numbers of records can differ, for quotes hold lines together: shares do not. */
  if ((guint64) a->n_alike * b->n_records != (guint64) b->n_alike * a->n_records)
    return (guint64) a->n_alike * b->n_records > (guint64) b->n_alike * a->n_records;
  if (b->delimiter == ',' && b->is_in_numbers)
    return TRUE;
  return a->n_cells > b->n_cells;
}

char
arbor_csv_find_delimiter (const char *text, gsize length, gboolean is_all)
{
  Trial best = { .delimiter = ',' };

  if (length > ARBOR_CSV_SAMPLE)
    {
      length = ARBOR_CSV_SAMPLE;
      is_all = FALSE;
    }
  try_delimiter (&best, text, length, is_all);
  for (const char *at = ";\t|"; *at != '\0'; at++)
    {
      Trial trial = { .delimiter = *at };

      try_delimiter (&trial, text, length, is_all);
      if (is_better (&trial, &best))
        best = trial;
    }
  return best.delimiter;
}
