/* Trees as CSV. See arbor-export.h. Trees are read twice: for the columns, in the order in which fields
 * are first met, and for the cells. Between the two the view cannot change, for one access holds
 * its snapshot.
 */

#include "query/export/arbor-export.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "base/arbor-text.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-csv.h"
#include "query/view/arbor-trees.h"

/* Trees that have few fields in common make a table of next to nothing but delimiters, which grows with
 * the square of their number: beyond so many columns, one cell in so many must have something. */
#define MANY_COLUMNS 4096u
#define MIN_FILLING  64u

typedef struct
{
  GPtrArray *columns; /* of GBytes: names */
  GHashTable *places; /* the same, to their places in columns */
  ArborValue *row;    /* the cells of a tree; MISSING in between */
  guint64 n_trees;    /* read so far */
  guint64 n_members;  /* of them */
  char delimiter;
  ArborBuffer cell;
  ArborExport *out;
  GCancellable *cancellable;
} Table;

static void
table_init (Table *self)
{
  self->columns = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->places = g_hash_table_new (g_bytes_hash, g_bytes_equal);
}

static void
table_clear (Table *self)
{
  g_ptr_array_unref (self->columns);
  g_hash_table_unref (self->places);
  g_free (self->row);
  arbor_buffer_free (&self->cell);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

/* FALSE when there is no such column. */
static gboolean
find_column (Table *self, const char *key, guint32 length, guint *place)
{
  g_autoptr (GBytes) name = g_bytes_new_static (key, length);
  gpointer value;

  if (!g_hash_table_lookup_extended (self->places, name, NULL, &value))
    return FALSE;
  *place = GPOINTER_TO_UINT (value);
  return TRUE;
}

static void
add_column (Table *self, const char *key, gsize length)
{
  GBytes *name = g_bytes_new (key, length);

  g_hash_table_insert (self->places, name, GUINT_TO_POINTER (self->columns->len));
  g_ptr_array_add (self->columns, name);
}

/* Trees tend to have their fields in one order: the column after the last one is tried first. */
static gboolean
look_up (Table *self, guint *next, const char *key, guint32 length, guint *place)
{
  if (*next < self->columns->len)
    {
      gsize n;
      const char *name = g_bytes_get_data (self->columns->pdata[*next], &n);

      if (n == length && (n == 0 || memcmp (name, key, n) == 0))
        {
          *place = (*next)++;
          return TRUE;
        }
    }
  if (!find_column (self, key, length, place))
    return FALSE;
  *next = *place + 1;
  return TRUE;
}

static gboolean
check_tree (Table *self, const ArborValue *tree, GError **error)
{
  g_autofree char *index = NULL;

  if (tree->kind == ARBOR_KIND_OBJECT)
    return TRUE;
  index = g_strdup_printf ("%" G_GUINT64_FORMAT, self->n_trees);
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
               MANY_COLUMNS, MIN_FILLING, self->columns->len, self->n_trees);
  return FALSE;
}

static gboolean
add_columns (const ArborValue *tree, ArborScope *scope, gpointer data, GError **error)
{
  Table *self = data;
  ArborValueIter iter;
  ArborValue member;
  const char *key;
  guint32 length;
  guint next = 0, place;

  if (!check_tree (self, tree, error))
    return FALSE;
  self->n_trees++;
  arbor_value_iter_init (&iter, tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    {
      self->n_members++;
      if (look_up (self, &next, key, length, &place))
        continue;
      next = self->columns->len + 1;
      add_column (self, key, length);
      if (self->columns->len > ARBOR_CSV_MAX_COLUMNS)
        return refuse_columns (self, error);
    }
  return TRUE;
}

/* Whether the table of the columns that were found is one that somebody may want. */
static gboolean
check_filling (Table *self, GError **error)
{
  return self->columns->len <= MANY_COLUMNS ||
         self->n_members / self->columns->len >= self->n_trees / MIN_FILLING ||
         refuse_columns (self, error);
}

static void
append_cell (Table *self, guint column, const char *text, gsize length)
{
  if (column > 0)
    arbor_buffer_append_byte (&self->out->text, (guint8) self->delimiter);
  arbor_csv_append_cell (&self->out->text, text, length, self->delimiter, self->columns->len == 1);
}

static void
append_value (Table *self, guint column, const ArborValue *value, ArborScope *scope)
{
  if (arbor_value_is_null (value))
    append_cell (self, column, NULL, 0);
  else if (value->kind == ARBOR_KIND_STRING)
    append_cell (self, column, value->text, value->length);
  else
    {
      arbor_buffer_clear (&self->cell);
      if (value->kind == ARBOR_KIND_DOUBLE)
        arbor_text_append_decimal (&self->cell, value->real);
      else
        arbor_value_write_json (value, scope, &self->cell);
      append_cell (self, column, (const char *) self->cell.data, self->cell.length);
    }
}

static gboolean
add_row (const ArborValue *tree, ArborScope *scope, gpointer data, GError **error)
{
  Table *self = data;
  ArborValueIter iter;
  ArborValue member;
  const char *key;
  guint32 length;
  guint next = 0, place;

  if (!check_tree (self, tree, error))
    return FALSE;
  self->n_trees++;
  arbor_value_iter_init (&iter, tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    if (look_up (self, &next, key, length, &place))
      self->row[place] = member;
  for (guint i = 0; i < self->columns->len; i++)
    {
      append_value (self, i, &self->row[i], scope);
      self->row[i] = ARBOR_VALUE_MISSING;
    }
  arbor_buffer_append_byte (&self->out->text, '\n');
  return arbor_export_flush (self->out, FALSE, self->cancellable, error);
}

static void
add_header (Table *self)
{
  for (guint i = 0; i < self->columns->len; i++)
    {
      gsize length;
      const char *name = g_bytes_get_data (self->columns->pdata[i], &length);

      append_cell (self, i, length > 0 ? name : NULL, length);
    }
  arbor_buffer_append_byte (&self->out->text, '\n');
}

static gboolean
take_columns (Table *self, const char *const *columns, GError **error)
{
  guint place;

  for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
    {
      gsize length = strlen (columns[i]);

      if (find_column (self, columns[i], (guint32) length, &place))
        {
          g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                       _("Columns of CSV: expected each once, found '%s' twice"), columns[i]);
          return FALSE;
        }
      add_column (self, columns[i], length);
    }
  return TRUE;
}

static gboolean
take_delimiter (Table *self, const char *delimiter, GError **error)
{
  self->delimiter = delimiter != NULL ? delimiter[0] : ',';
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

/* Writes everything; the columns are made where there are none. */
static gboolean
write_rows (Table *table, const ArborView *view, ArborAccess *access, GError **error)
{
  if (table->columns->len == 0 &&
      (!arbor_trees_for_each (view->selection, access, add_columns, table, table->cancellable, error) ||
       !check_filling (table, error)))
    return FALSE;
  if (table->columns->len == 0)
    return TRUE;
  table->n_trees = 0;
  table->row = g_new0 (ArborValue, table->columns->len);
  for (guint i = 0; i < table->columns->len; i++)
    table->row[i] = ARBOR_VALUE_MISSING;
  add_header (table);
  return arbor_trees_for_each (view->selection, access, add_row, table, table->cancellable, error) &&
         arbor_export_flush (table->out, TRUE, table->cancellable, error);
}

gboolean
arbor_export_csv (ArborExport *self, const ArborView *view, ArborAccess *access,
                  const char *const *columns, const char *delimiter, GCancellable *cancellable,
                  GError **error)
{
  g_auto (Table) table = { .out = self, .cancellable = cancellable };

  table_init (&table);
  return take_delimiter (&table, delimiter, error) && take_columns (&table, columns, error) &&
         write_rows (&table, view, access, error);
}
