/* ArborLoadReport: what became of the columns of CSV. */

#include "arbor-load-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "json/arbor-csv-column.h"

static guint
count_columns (const ArborJsonReport *counts)
{
  return counts->columns != NULL ? counts->columns->len : 0;
}

static const ArborCsvColumn *
get_column (const ArborJsonReport *counts, guint i)
{
  return &g_array_index (counts->columns, ArborCsvColumn, i);
}

typedef char *(*Describe) (const ArborCsvColumn *column);

static char **
describe_all (ArborLoadReport *self, Describe describe)
{
  const ArborJsonReport *counts = arbor_load_report_get_counts (self);
  guint n = count_columns (counts);
  char **texts = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    texts[i] = describe (get_column (counts, i));
  return texts;
}

static char *
get_name (const ArborCsvColumn *column)
{
  return g_strdup (column->name);
}

static char *
get_type (const ArborCsvColumn *column)
{
  return g_strdup (arbor_csv_column_get_type_name (column));
}

static char *
get_reason (const ArborCsvColumn *column)
{
  return arbor_csv_column_describe (column, NULL);
}

/**
 * arbor_load_report_dup_delimiter:
 * @self: a report
 *
 * Gets what stood between the cells of CSV: [property@Arbor.LoadOptions:delimiter], or what was
 * found. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): one character; %NULL when the text was no CSV
 *
 * Since: 1.0
 */
char *
arbor_load_report_dup_delimiter (ArborLoadReport *self)
{
  char delimiter;

  g_return_val_if_fail (self != NULL, NULL);

  delimiter = arbor_load_report_get_counts (self)->delimiter;
  return delimiter != '\0' ? g_strndup (&delimiter, 1) : NULL;
}

/**
 * arbor_load_report_dup_columns:
 * @self: a report
 *
 * Gets the names of the columns of CSV, in order. Any thread may call this.
 *
 * Returns: (array zero-terminated=1) (transfer full): the names; none when the text was no CSV
 *
 * Since: 1.0
 */
char **
arbor_load_report_dup_columns (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return describe_all (self, get_name);
}

/**
 * arbor_load_report_dup_column_types:
 * @self: a report
 *
 * Gets what each of [method@Arbor.LoadReport.dup_columns] became, in the same order: `number`;
 * `decimal`, which is numbers with zeros at their end that are not written again; `text`; or `empty`,
 * when no cell has a value. Any thread may call this.
 *
 * Returns: (array zero-terminated=1) (transfer full): the types
 *
 * Since: 1.0
 */
char **
arbor_load_report_dup_column_types (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return describe_all (self, get_type);
}

/**
 * arbor_load_report_dup_column_reasons:
 * @self: a report
 *
 * Gets why each of [method@Arbor.LoadReport.dup_columns] became what it is, in the same order, as
 * text to show: the first cell that made it text, with its line, or one whose zeros are not written
 * again. Any thread may call this.
 *
 * Returns: (array zero-terminated=1) (transfer full): the reasons
 *
 * Since: 1.0
 */
char **
arbor_load_report_dup_column_reasons (ArborLoadReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return describe_all (self, get_reason);
}

/* Of the delimiter: another one than the comma was found, or there may be one that was not. */
static char *
note_delimiter (const ArborJsonReport *counts)
{
  g_autofree char *name = NULL;

  if (!counts->is_delimiter_found || count_columns (counts) == 0)
    return NULL;
  if (counts->delimiter == '\t')
    return g_strdup (_("cells are parted by tabs"));
  if (counts->delimiter != ',')
    return g_strdup_printf (_("cells are parted by '%c'"), counts->delimiter);
  name = g_strdup (get_column (counts, 0)->name);
  if (count_columns (counts) > 1 || strpbrk (name, ":^~#\x1f\x01;|\t") == NULL)
    return NULL;
  return g_strdup_printf (_("there is one column, '%s': if these are several, say what stands "
                            "between cells (delimiter)"),
                          name);
}

/**
 * arbor_load_report_dup_notes:
 * @self: a report
 *
 * Gets what somebody who reads this text for the first time should know, as lines to show: which
 * columns of CSV that look like numbers are text, and why, zeros at the end of decimals that will
 * not be written again, a delimiter that is not the comma. Any thread may call this.
 *
 * Returns: (array zero-terminated=1) (transfer full): the notes
 *
 * Since: 1.0
 */
char **
arbor_load_report_dup_notes (ArborLoadReport *self)
{
  g_autoptr (GStrvBuilder) notes = NULL;
  g_autofree char *delimiter = NULL;
  const ArborJsonReport *counts;

  g_return_val_if_fail (self != NULL, NULL);

  notes = g_strv_builder_new ();
  counts = arbor_load_report_get_counts (self);
  delimiter = note_delimiter (counts);
  if (delimiter != NULL)
    g_strv_builder_add (notes, delimiter);
  for (guint i = 0; i < count_columns (counts); i++)
    {
      const ArborCsvColumn *column = get_column (counts, i);
      gboolean deserves_word;
      g_autofree char *reason = arbor_csv_column_describe (column, &deserves_word);
      g_autofree char *note = NULL;

      if (!deserves_word)
        continue;
      note = g_strdup_printf (_("column '%s' is %s"), column->name, reason);
      g_strv_builder_add (notes, note);
    }
  return g_strv_builder_end (notes);
}
