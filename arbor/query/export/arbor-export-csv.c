/* Trees as CSV. See arbor-export.h. Trees are read twice: for the columns, in the order in which fields
 * are first met, and for the records. Between the two the view cannot change, for one access holds
 * its snapshot.
 */

#include "query/export/arbor-export-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "json/arbor-csv.h"
#include "json/arbor-record-writer.h"
#include "query/view/arbor-key-search.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-trees.h"

/* Trees that have few fields in common make a table of next to nothing but delimiters, which grows with
 * the square of their number: beyond so many columns, one cell in so many must have something. */
#define MANY_COLUMNS 4096u
#define MIN_FILLING  64u

typedef struct
{
  ArborRecordWriter *writer;
  char delimiter;
  guint64 n_trees;   /* read so far */
  guint64 n_members; /* of them */
} Table;

static gboolean
refuse_tree (guint64 n, GError **error)
{
  g_autofree char *index = g_strdup_printf ("%" G_GUINT64_FORMAT, n);

  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
               _("Tree %s: expected an object, whose fields are the columns of CSV, found another "
                  "value"),
               index);
  return FALSE;
}

static gboolean
refuse_columns (Table *self, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("Columns of CSV: expected at most %u, or cells of which one in %u has a value, found "
                  "%u different fields in %" PRIu64 " trees: name the columns to write, or write "
                  "JSON Lines"),
               MANY_COLUMNS, MIN_FILLING, arbor_record_writer_get_n_columns (self->writer),
               self->n_trees);
  return FALSE;
}

/* The columns, where none were named */

static gboolean
collect_tree (Table *self, const ArborBatch *batch, guint32 row, ArborScope *scope, GError **error)
{
  guint32 n_fields;

  if (!arbor_record_writer_collect (self->writer, batch, row, scope, &n_fields))
    return refuse_tree (self->n_trees, error);
  self->n_trees++;
  self->n_members += n_fields;
  return arbor_record_writer_get_n_columns (self->writer) <= ARBOR_CSV_MAX_COLUMNS ||
         refuse_columns (self, error);
}

static gboolean
collect_trees (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  for (guint32 i = 0; i < rows->n; i++)
    {
      ArborScopeMark mark = arbor_scope_mark (scope);

      if (!collect_tree (data, rows->batch, arbor_rows_get (rows, i), scope, error) ||
          !arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_release (scope, mark);
    }
  return TRUE;
}

/* Whether the table of the columns that were found is one that somebody may want. */
static gboolean
check_filling (Table *self, GError **error)
{
  guint n = arbor_record_writer_get_n_columns (self->writer);

  return n <= MANY_COLUMNS || self->n_members / n >= self->n_trees / MIN_FILLING ||
         refuse_columns (self, error);
}

/* Of trees that are not to be written: what is no object has no fields. */
static gboolean
collect_other_trees (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Table *self = data;
  guint32 n_fields;

  for (guint32 i = 0; i < rows->n; i++)
    {
      ArborScopeMark mark = arbor_scope_mark (scope);

      arbor_record_writer_collect (self->writer, rows->batch, arbor_rows_get (rows, i), scope,
                                   &n_fields);
      arbor_scope_release (scope, mark);
      if (arbor_record_writer_get_n_columns (self->writer) > ARBOR_CSV_MAX_COLUMNS)
        return refuse_columns (self, error);
    }
  return TRUE;
}

/* A table without any cell has the columns that its view says it has; one without any tree else those
 * of the trees that it was chosen from. */
static gboolean
collect_other_columns (Table *self, const ArborView *view, ArborAccess *access,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (ArborSelection) all = NULL;

  if (arbor_key_search_list_made (view->source, names))
    {
      for (guint i = 0; i < names->len; i++)
        arbor_record_writer_add_column (self->writer, names->pdata[i], strlen (names->pdata[i]));
      return TRUE;
    }
  if (self->n_trees > 0)
    return TRUE;
  all = arbor_selection_new_all ();
  return arbor_trees_read_batches (all, access, collect_other_trees, self, cancellable, error);
}

/* The columns of who named none. */
static gboolean
find_columns (Table *self, const ArborView *view, ArborAccess *access, GCancellable *cancellable,
              GError **error)
{
  return arbor_trees_read_batches (view->selection, access, collect_trees, self, cancellable,
                                   error) &&
         check_filling (self, error) &&
         (arbor_record_writer_get_n_columns (self->writer) > 0 ||
          collect_other_columns (self, view, access, cancellable, error));
}

static gboolean
take_columns (Table *self, const char *const *columns, GError **error)
{
  for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
    if (!arbor_record_writer_add_column (self->writer, columns[i], strlen (columns[i])))
      {
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                     _("Columns of CSV: expected each once, found '%s' twice"), columns[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_delimiter (const char *delimiter, GError **error)
{
  if (delimiter == NULL ||
      (delimiter[0] != '\0' && delimiter[1] == '\0' && arbor_csv_is_delimiter (delimiter[0])))
    return TRUE;
  g_set_error (
      error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
      _("Delimiter of CSV: expected one ASCII character other than a quote or a line end, "
         "found '%s'"),
      delimiter);
  return FALSE;
}

/* The records */

static gboolean
write_record (gpointer data, const ArborBatch *batch, guint32 row, guint64 n, ArborScope *scope,
              ArborBuffer *out, GError **error)
{
  return arbor_record_writer_write (data, batch, row, scope, out) || refuse_tree (n, error);
}

static gpointer
copy_writer (gpointer data)
{
  return arbor_record_writer_copy (data);
}

static void
forget_batches (gpointer data)
{
  arbor_record_writer_forget (data);
}

static void
free_writer (gpointer data)
{
  arbor_record_writer_free (data);
}

/* The fields that the trees of the view consist of, where these are to be written: columns of the table.
 * *@fields NULL: trees are written. */
static gboolean
find_fields (Table *table, const ArborView *view, ArborAccess *access, const char *const *columns,
             ArborExportFields **fields, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborExportFields) found = NULL;
  gboolean is_done = TRUE;

  *fields = NULL;
  if (columns != NULL && columns[0] == NULL)
    columns = NULL;
  if (!arbor_record_writer_has_plain_delimiter (table->writer))
    return TRUE;
  found = arbor_export_fields_new (view, access, columns);
  if (found == NULL || found->trace.n > MANY_COLUMNS)
    return TRUE;
  if (columns == NULL && !arbor_export_fields_keep_met (found, &is_done, cancellable, error))
    return FALSE;
  for (guint i = 0; is_done && columns == NULL && i < found->trace.n; i++)
    arbor_record_writer_add_column (table->writer, found->names[i], strlen (found->names[i]));
  if (is_done)
    *fields = g_steal_pointer (&found);
  return TRUE;
}

/* Writes everything; the columns are made where there are none. */
static gboolean
write_table (Table *table, ArborExport *out, const ArborView *view, ArborAccess *access,
             const ArborExportFields *fields, GCancellable *cancellable, GError **error)
{
  const ArborRowText text = { .write = write_record,
                              .data = table->writer,
                              .first = "",
                              .between = "",
                              .copy = copy_writer,
                              .forget = forget_batches,
                              .free = free_writer,
                              .fields = fields,
                              .format = { .delimiter = table->delimiter,
                                          .first = "",
                                          .between = "",
                                          .end = "\n" } };
  guint64 n_rows;

  if (arbor_record_writer_get_n_columns (table->writer) == 0 &&
      !find_columns (table, view, access, cancellable, error))
    return FALSE;
  if (arbor_record_writer_get_n_columns (table->writer) == 0)
    return TRUE;
  arbor_record_writer_write_header (table->writer, &out->text);
  return arbor_export_write_rows (out, view, access, &text, &n_rows, cancellable, error) &&
         arbor_export_flush (out, TRUE, cancellable, error);
}

gboolean
arbor_export_csv (ArborExport *self, const ArborView *view, ArborAccess *of,
                  const char *const *columns, const char *delimiter, GCancellable *cancellable,
                  GError **error)
{
  ArborAccess spliced;
  ArborAccess *access = arbor_access_splice_all (&spliced, of);
  g_autoptr (ArborRecordWriter) writer = NULL;
  g_autoptr (ArborExportFields) fields = NULL;
  Table table = { .delimiter = delimiter != NULL ? delimiter[0] : ',' };

  if (!check_delimiter (delimiter, error))
    return FALSE;
  table.writer = writer = arbor_record_writer_new (table.delimiter);
  return take_columns (&table, columns, error) &&
         find_fields (&table, view, access, columns, &fields, cancellable, error) &&
         write_table (&table, self, view, access, fields, cancellable, error);
}
