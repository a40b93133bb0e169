/* See arbor-csv-column.h. */

#include "json/arbor-csv-column.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-number.h"
#include "base/arbor-text.h"

#define MAX_SHOWN 40u /* bytes of a cell that is told of */

void
arbor_csv_column_clear (ArborCsvColumn *self)
{
  g_free (self->name);
  g_free (self->cut.text);
  g_free (self->culprit.text);
  g_free (self->written);
  *self = (ArborCsvColumn){ NULL };
}

char *
arbor_csv_show (const char *text, gsize length)
{
  gsize shown = MIN (length, MAX_SHOWN);
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) shown);
  GString *line = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_isprint (g_utf8_get_char (at)))
      g_string_append_unichar (line, g_utf8_get_char (at));
    else
      g_string_append_printf (line, "\\u%04x", g_utf8_get_char (at));
  if (shown < length)
    g_string_append (line, "…");
  return g_string_free (line, FALSE);
}

static gboolean
become_text (ArborCsvColumn *self, ArborCsvWhy why, const char *text, gsize length, guint64 tree)
{
  self->is_text = TRUE;
  self->why = why;
  self->culprit.text = arbor_csv_show (text, length);
  self->first_text = tree;
  return FALSE;
}

/* Blanks around it, a plus and zeros before it: what somebody who says that these are numbers may
 * write. */
static gboolean
parse_told (const char *text, gsize length, ArborValue *value)
{
  while (length > 0 && (*text == ' ' || *text == '\t'))
    text++, length--;
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
    length--;
  if (length > 1 && *text == '+' && g_ascii_isdigit (text[1]))
    text++, length--;
  while (length > 1 && *text == '0' && g_ascii_isdigit (text[1]))
    text++, length--;
  return arbor_number_parse (text, length, value);
}

gboolean
arbor_csv_column_accepts (const ArborCsvColumn *self, const char *text, gsize length)
{
  ArborValue value;

  return self->told != ARBOR_CSV_TYPE_NUMBER || length == 0 || parse_told (text, length, &value);
}

/* The text that is written for a double. */
static void
write_double (double number, ArborBuffer *out)
{
  arbor_buffer_clear (out);
  arbor_text_append_double (out, number);
}

/* Digits behind the point of a decimal that is written without an exponent and comes back but for
 * zeros at its end; 0 when it is none. */
static guint32
count_digits (const char *text, gsize length, const ArborBuffer *written)
{
  const char *point = memchr (text, '.', length);

  if (point == NULL || length < written->length || memchr (text, 'e', length) != NULL ||
      memcmp (text, written->data, written->length) != 0 ||
      memchr (written->data, '.', written->length) == NULL)
    return 0;
  for (gsize i = written->length; i < length; i++)
    if (text[i] != '0')
      return 0;
  return (guint32) (length - (gsize) (point - text) - 1);
}

/* A number: whether the column is numbers still. */
static gboolean
take_number (ArborCsvColumn *self, const char *text, gsize length, guint64 tree,
             ArborBuffer *scratch, const ArborValue *value)
{
  gboolean is_same = TRUE;
  guint32 digits = 0;
  gboolean is_changed, is_mixed;

  if (value->kind == ARBOR_KIND_DOUBLE)
    {
      write_double (value->real, scratch);
      is_same = scratch->length == length && memcmp (scratch->data, text, length) == 0;
      digits = count_digits (text, length, scratch);
    }
  else if (value->kind == ARBOR_KIND_INT64 && value->int64 == 0)
    is_same = length == 1; /* -0 is written as 0 */

  is_changed = self->is_changed || !is_same;
  is_mixed = self->is_mixed || digits == 0 || (self->n_numbers > 0 && digits != self->digits);
  if (is_changed && is_mixed)
    {
      if (!is_same && digits == 0)
        self->written = value->kind == ARBOR_KIND_DOUBLE
                            ? g_strndup ((const char *) scratch->data, scratch->length)
                            : g_strdup ("0");
      return become_text (self, self->written != NULL ? ARBOR_CSV_WHY_CHANGED : ARBOR_CSV_WHY_DIGITS,
                          text, length, tree);
    }
  self->is_changed = is_changed;
  self->is_mixed = is_mixed;
  if (self->n_numbers++ == 0)
    self->digits = digits;
  if (!is_same && self->n_cut++ == 0)
    self->cut.text = arbor_csv_show (text, length);
  return TRUE;
}

static gboolean
take_guess (ArborCsvColumn *self, const char *text, gsize length, gboolean is_quoted, guint64 tree,
            ArborBuffer *scratch, ArborValue *value)
{
  if (is_quoted)
    return become_text (self, ARBOR_CSV_WHY_QUOTED, text, length, tree);
  if (!arbor_number_parse (text, length, value))
    return become_text (self, ARBOR_CSV_WHY_NO_NUMBER, text, length, tree);
  return take_number (self, text, length, tree, scratch, value);
}

gboolean
arbor_csv_column_take (ArborCsvColumn *self, const char *text, gsize length, gboolean is_quoted,
                       guint64 tree, ArborBuffer *scratch, ArborValue *value)
{
  if (length == 0 && (!is_quoted || self->told == ARBOR_CSV_TYPE_NUMBER))
    {
      *value = ARBOR_VALUE_NULL;
      return TRUE;
    }
  if (self->told == ARBOR_CSV_TYPE_NUMBER)
    {
      self->n_numbers++;
      return parse_told (text, length, value);
    }
  if (self->told == ARBOR_CSV_TYPE_AUTO && !self->is_text &&
      take_guess (self, text, length, is_quoted, tree, scratch, value))
    return TRUE;
  self->n_texts++;
  *value = ARBOR_VALUE_STRING (text, (guint32)length);
  return TRUE;
}

void
arbor_csv_column_note_line (ArborCsvColumn *self, guint64 line)
{
  if (self->cut.text != NULL && self->cut.line == 0)
    self->cut.line = line;
  if (self->culprit.text != NULL && self->culprit.line == 0)
    self->culprit.line = line;
}

/* What numbers were. */

gboolean
arbor_csv_column_needs_recode (const ArborCsvColumn *self)
{
  return self->is_text && self->n_numbers > 0;
}

void
arbor_csv_column_restore (const ArborCsvColumn *self, const ArborValue *number, ArborBuffer *text)
{
  const guint8 *point;

  arbor_buffer_clear (text);
  switch (number->kind)
    {
    case ARBOR_KIND_INT64:
      arbor_text_append_int64 (text, number->int64);
      break;
    case ARBOR_KIND_UINT64:
      arbor_text_append_uint64 (text, number->uint64);
      break;
    case ARBOR_KIND_NUMBER:
      arbor_buffer_append (text, number->text, number->length);
      break;
    default:
      arbor_text_append_double (text, number->real);
      break;
    }
  /* Zeros are added only where some were there: then all cells are such decimals. */
  if (!self->is_changed)
    return;
  point = memchr (text->data, '.', text->length);
  for (gsize n = (gsize) (text->data + text->length - point) - 1; n < self->digits; n++)
    arbor_buffer_append_byte (text, '0');
}

/* What to say. */

const char *
arbor_csv_column_get_type_name (const ArborCsvColumn *self)
{
  if (self->n_numbers + self->n_texts == 0)
    return "empty";
  if (self->is_text || self->told == ARBOR_CSV_TYPE_TEXT)
    return "text";
  return self->n_cut > 0 ? "decimal" : "number";
}

/* Digits alone, with a point or comma in them at most: numbers to whoever sees the file. */
static gboolean
looks_like_number (const ArborCsvColumn *self)
{
  const char *text = self->culprit.text;

  const char *rest;

  text += *text == '+' || *text == '-';
  rest = text + strspn (text, "0123456789");
  rest += *rest == '.' || *rest == ',';
  rest += strspn (rest, "0123456789");
  return *rest == '\0' && strpbrk (text, "0123456789") != NULL;
}

static char *
describe_text (const ArborCsvColumn *self)
{
  const ArborCsvSample *cell = &self->culprit;

  switch (self->why)
    {
    case ARBOR_CSV_WHY_QUOTED:
      return g_strdup_printf (_("text: the cell '%s' (line %" PRIu64 ") is quoted"), cell->text,
                              cell->line);
    case ARBOR_CSV_WHY_CHANGED:
      return g_strdup_printf (_("text: as a number the cell '%s' (line %" PRIu64
                                ") would be written as %s"),
                              cell->text, cell->line, self->written);
    case ARBOR_CSV_WHY_DIGITS:
      return g_strdup_printf (_("text: the number '%s' (line %" PRIu64
                                ") has not as many digits behind the point as those before it, so "
                                "that zeros at the end would be lost"),
                              cell->text, cell->line);
    default:
      return g_strdup_printf (
          looks_like_number (self)
              ? _("text: the cell '%s' (line %" PRIu64 ") is not written as JSON writes numbers")
              : _("text: the cell '%s' (line %" PRIu64 ") is not a number"),
          cell->text, cell->line);
    }
}

char *
arbor_csv_column_describe (const ArborCsvColumn *self, gboolean *deserves_word)
{
  gboolean unwanted;

  if (deserves_word == NULL)
    deserves_word = &unwanted;
  *deserves_word = FALSE;
  if (self->told == ARBOR_CSV_TYPE_TEXT)
    return g_strdup (_("text, as the options say"));
  if (self->told == ARBOR_CSV_TYPE_NUMBER)
    return g_strdup (_("numbers, as the options say"));
  if (self->is_text)
    {
      *deserves_word = self->n_numbers > 0 || self->why == ARBOR_CSV_WHY_CHANGED ||
                       looks_like_number (self);
      return describe_text (self);
    }
  if (self->n_numbers == 0)
    return g_strdup (_("empty: no cell has a value"));
  if (self->n_cut == 0)
    return g_strdup (_("numbers"));
  *deserves_word = TRUE;
  return g_strdup_printf (_("numbers: zeros at the end, as in '%s' (line %" PRIu64
                            "), will not be written again"),
                          self->cut.text, self->cut.line);
}
