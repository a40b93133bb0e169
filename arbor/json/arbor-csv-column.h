/* What a column of CSV is: numbers or text, decided for the whole column.
 *
 * A column is numbers as long as each of its cells comes back as it was: when every number is
 * written as the very text of its cell, or when all cells are plain decimals with as many digits
 * behind the point, so that only zeros at their end are not written (9.90, 12.00). The first cell
 * with which neither holds, or that is quoted or no number of JSON, makes it text. What came before
 * has been handed on as numbers by then: their texts are known, for they are the numbers' own, or
 * these with zeros up to the digits of the column; arbor-csv-recode.h puts them in.
 *
 * An empty cell is null in either kind of column; a quoted one with nothing in it is a text.
 */

#pragma once

#include "base/arbor-buffer.h"
#include "base/arbor-value.h"
#include "json/arbor-json-reader.h"

G_BEGIN_DECLS

/* What made a column text. */
typedef enum
{
  ARBOR_CSV_WHY_NOTHING,
  ARBOR_CSV_WHY_QUOTED,
  ARBOR_CSV_WHY_NO_NUMBER,
  ARBOR_CSV_WHY_CHANGED, /* the number would be written otherwise */
  ARBOR_CSV_WHY_DIGITS,  /* zeros at the end, and another number of digits than before */
} ArborCsvWhy;

/* A cell that is told of: the beginning of its text, and where it is. */
typedef struct
{
  char *text; /* UTF-8, what cannot be printed escaped */
  guint64 line;
} ArborCsvSample;

typedef struct
{
  char *name; /* not terminated */
  guint32 name_length;
  ArborCsvType told;
  gboolean is_text;

  gboolean is_changed; /* not every number is written as its cell */
  gboolean is_mixed;   /* not all are plain decimals of as many digits */
  guint32 digits;      /* behind the point, of the first number */
  guint64 n_numbers;   /* cells handed on as numbers */
  guint64 n_texts;
  guint64 n_cut;      /* numbers with zeros at their end that are not written */
  ArborCsvSample cut; /* the first of them */

  ArborCsvWhy why;
  ArborCsvSample culprit; /* the cell that made it text */
  char *written;          /* CHANGED: what would have been written for it */
  guint64 first_text;     /* its tree: numbers lie before it alone */
} ArborCsvColumn;

void arbor_csv_column_clear (ArborCsvColumn *self);

/* A cell that is not quoted, or a quoted one, of tree @tree; a STRING or NUMBER points to @text.
 * FALSE where the column was told to be numbers and this is none. */
gboolean arbor_csv_column_take (ArborCsvColumn *self, const char *text, gsize length,
                                gboolean is_quoted, guint64 tree, ArborBuffer *scratch,
                                ArborValue *value);
/* Whether the last cell is one to be told of, and @line not known yet. */
void arbor_csv_column_note_line (ArborCsvColumn *self, guint64 line);

/* Whether a column that was told to be numbers takes the cell. */
gboolean arbor_csv_column_accepts (const ArborCsvColumn *self, const char *text, gsize length);

/* Whether some of a text column was handed on as numbers. */
gboolean arbor_csv_column_needs_recode (const ArborCsvColumn *self);
/* The text of the cell that @number, handed on before, was. */
void arbor_csv_column_restore (const ArborCsvColumn *self, const ArborValue *number,
                               ArborBuffer *text);

/* Text to show: one line of it, shortened, UTF-8 whatever it is. */
char *arbor_csv_show (const char *text, gsize length);

/* "number", "decimal" (numbers, zeros at whose end are not written), "text", "empty" */
const char *arbor_csv_column_get_type_name (const ArborCsvColumn *self);
/* What the column became and why, in a sentence to show; @deserves_word (may be NULL): it is
 * something that the user may not expect. */
char *arbor_csv_column_describe (const ArborCsvColumn *self, gboolean *deserves_word);

G_END_DECLS
