/* A table is made in two passes over the trees: the first finds the columns and how wide their
 * cells are, the second prints. Nothing of the trees is kept in between, so that the memory is that
 * of the columns. A tree that is no object is a cell of the column "$", the tree itself.
 *
 * On a terminal the widest columns give way until all fit, each down to 8; columns for which there
 * is still no room are left out, and an ellipsis stands for them. Elsewhere nothing is cut.
 */

#include "arbor-cli-table.h"

#include "arbor-cli-cell.h"
#include "arbor-cli-pager.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GAP         2u  /* between two columns */
#define LEAST_WIDTH 8u  /* of a column that gives way */
#define WIDEST_PADDED 60u /* wider cells of a page stick out */
#define WHOLE_TREE  "$" /* the column of trees that are no objects */

typedef struct
{
  char *key;
  char *title;   /* the key, clean */
  guint64 width; /* of the widest cell, or as far as there is room */
  gboolean has_numbers;
  gboolean has_others; /* neither numbers nor null */
} Column;

typedef struct
{
  GPtrArray *columns;
  GHashTable *numbers; /* of a key: its column's index + 1 */
  gboolean is_fixed;   /* other fields are not shown */
  guint n_shown;       /* columns from the first on */
  guint64 n_rows;
  gboolean is_coloured;
  gboolean is_page;    /* of Markdown, where a bar in a cell is escaped */
} Table;

static void
column_free (Column *column)
{
  g_free (column->key);
  g_free (column->title);
  g_free (column);
}

static void
table_clear (Table *self)
{
  g_clear_pointer (&self->numbers, g_hash_table_unref);
  g_clear_pointer (&self->columns, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

gboolean
arbor_cli_is_terminal (void)
{
  return isatty (STDOUT_FILENO) == 1;
}

/* How wide the terminal is: COLUMNS, or what it says itself. */
static guint64
get_terminal_width (void)
{
  const char *columns = g_getenv ("COLUMNS");
  struct winsize size = { 0 };
  guint64 width = 0;

  if (columns == NULL || !g_ascii_string_to_unsigned (columns, 10, 1, G_MAXUINT16, &width, NULL))
    width = ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
  return width > 0 ? width : 80;
}

static gboolean
wants_colours (void)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return arbor_cli_is_terminal () && (no_color == NULL || no_color[0] == '\0') &&
         g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

static void
add_column (Table *self, const char *key)
{
  Column *column;

  if (g_hash_table_contains (self->numbers, key))
    return;
  column = g_new0 (Column, 1);
  column->key = g_strdup (key);
  column->title = arbor_cli_cell_clean (key);
  column->width = MAX (arbor_cli_cell_measure (column->title), 1);
  g_ptr_array_add (self->columns, column);
  g_hash_table_insert (self->numbers, column->key, GUINT_TO_POINTER (self->columns->len));
}

static Column *
find_column (Table *self, const char *key, guint *index)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, key));

  *index = number - 1;
  return number > 0 ? self->columns->pdata[*index] : NULL;
}

/* The keys of @tree; NULL without an error where it is shown as a whole. */
static char **
get_keys (ArborTree *tree, GError **error)
{
  g_autoptr (GError) failure = NULL;
  ArborKind kind = arbor_tree_get_kind (tree, NULL, &failure);
  char **keys = NULL;

  if (failure == NULL && kind == ARBOR_KIND_OBJECT)
    keys = arbor_tree_dup_keys (tree, NULL, &failure);
  /* A key with U+0000 in it is no C string. */
  if (failure != NULL && !g_error_matches (failure, ARBOR_ERROR, ARBOR_ERROR_TYPE))
    g_propagate_error (error, g_steal_pointer (&failure));
  return keys;
}

typedef struct
{
  char *text; /* owned; NULL where there is nothing */
  gboolean is_number;
  gboolean is_null;
} Cell;

static void
cell_clear (Cell *cell)
{
  g_free (cell->text);
}

static gboolean
read_cell (ArborTree *value, Cell *cell, GError **error)
{
  g_autoptr (GError) failure = NULL;
  ArborKind kind = arbor_tree_get_kind (value, NULL, &failure);

  if (failure == NULL)
    {
      g_free (cell->text);
      cell->text = arbor_cli_cell_format (value, kind, &failure);
      cell->is_number = kind >= ARBOR_KIND_INT64 && kind <= ARBOR_KIND_NUMBER;
      cell->is_null = kind == ARBOR_KIND_NULL;
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* The cells of @tree, an array of Cell with one for each column that there is now; finds new
 * columns while these are not known. */
static GArray *
read_cells (Table *self, ArborTree *tree, GError **error)
{
  g_autoptr (GArray) cells = g_array_new (FALSE, TRUE, sizeof (Cell));
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) keys = get_keys (tree, &failure);
  const char *const whole[] = { WHOLE_TREE, NULL };
  const char *const *names = keys != NULL ? (const char *const *)keys : whole;

  g_array_set_clear_func (cells, (GDestroyNotify) cell_clear);
  for (guint i = 0; failure == NULL && names[i] != NULL && !self->is_fixed; i++)
    add_column (self, names[i]);
  g_array_set_size (cells, self->columns->len);
  for (guint i = 0; failure == NULL && names[i] != NULL; i++)
    {
      g_autoptr (ArborTree) value = NULL;
      guint index;

      if (find_column (self, names[i], &index) == NULL)
        continue;
      value = keys != NULL ? arbor_tree_get_member (tree, names[i], &failure) : g_object_ref (tree);
      if (value == NULL || !read_cell (value, &g_array_index (cells, Cell, index), &failure))
        break;
    }
  if (failure == NULL)
    return g_steal_pointer (&cells);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

typedef gboolean (*CellsFunc) (Table *self, GArray *cells, GOutputStream *output, GError **error);

static gboolean
for_each_row (Table *self, ArborArbor *trees, CellsFunc func, GOutputStream *output, GError **error)
{
  g_autoptr (ArborIter) iter = arbor_arbor_iterator (trees, error);
  g_autoptr (GError) failure = NULL;

  if (iter == NULL)
    return FALSE;
  while (TRUE)
    {
      g_autoptr (ArborTree) tree = arbor_iter_next_value (iter, &failure);
      g_autoptr (GArray) cells = tree != NULL ? read_cells (self, tree, &failure) : NULL;

      if (cells == NULL || !func (self, cells, output, &failure))
        break;
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static guint64
count_bars (const char *text)
{
  guint64 n = 0;

  for (; *text != '\0'; text++)
    n += *text == '|';
  return n;
}

static gboolean
measure_row (Table *self, GArray *cells, G_GNUC_UNUSED GOutputStream *output,
             G_GNUC_UNUSED GError **error)
{
  self->n_rows++;
  for (guint i = 0; i < cells->len; i++)
    {
      Column *column = self->columns->pdata[i];
      const Cell *cell = &g_array_index (cells, Cell, i);

      if (cell->text == NULL)
        continue;
      column->width = MAX (column->width, arbor_cli_cell_measure (cell->text) +
                                              (self->is_page ? count_bars (cell->text) : 0));
      column->has_numbers |= cell->is_number;
      column->has_others |= !cell->is_number && !cell->is_null;
    }
  return TRUE;
}

/* How wide the table is when no column is wider than @most. */
static guint64
add_widths (const Table *self, guint64 most)
{
  guint64 width = 0;

  for (guint i = 0; i < self->columns->len; i++)
    width += MIN (((const Column *)self->columns->pdata[i])->width, most) + (i > 0 ? GAP : 0);
  return width;
}

static void
fit_columns (Table *self, guint64 room)
{
  guint64 least = MIN (LEAST_WIDTH, MAX (room, 4) - GAP - 1);
  guint64 most = room;
  guint64 used = 0;
  gboolean is_cut;

  if (add_widths (self, G_MAXUINT64) <= room)
    return;
  /* The greatest width for which all have room: not found below @least. */
  for (guint64 low = least; low < most;)
    {
      guint64 middle = low + (most - low + 1) / 2;

      if (add_widths (self, middle) <= room)
        low = middle;
      else
        most = middle - 1;
    }
  is_cut = add_widths (self, most) > room;
  for (guint i = 0; i < self->n_shown; i++)
    {
      Column *column = self->columns->pdata[i];

      column->width = MIN (column->width, most);
      used += column->width + (i > 0 ? GAP : 0);
      if (is_cut && i > 0 && used + GAP + 1 > room)
        self->n_shown = i;
    }
}

/* Adds a cell to a line in which @blanks are still to be written; nothing stands at a line's end.
 */
static void
append_cell (GString *line, guint64 *blanks, const Column *column, const char *text, gboolean right,
             const char *style)
{
  g_autofree char *shown = arbor_cli_cell_cut (text, column->width);
  guint64 width = arbor_cli_cell_measure (shown);
  guint64 padding = column->width - MIN (width, column->width);

  if (right)
    *blanks += padding;
  if (width > 0)
    {
      for (; *blanks > 0; --*blanks)
        g_string_append_c (line, ' ');
      g_string_append (line, style);
      g_string_append (line, shown);
      g_string_append (line, style[0] != '\0' ? "\033[0m" : "");
    }
  *blanks += (right ? 0 : padding) + GAP;
}

static gboolean
print_line (const Table *self, GString *line, guint64 blanks, GOutputStream *output, GError **error)
{
  if (self->n_shown < self->columns->len)
    {
      for (; blanks > 0; blanks--)
        g_string_append_c (line, ' ');
      g_string_append (line, "…");
    }
  g_string_append_c (line, '\n');
  return g_output_stream_write_all (output, line->str, line->len, NULL, NULL, error);
}

/* A cell of a page; a bar in it would begin another. */
static void
append_page_cell (GString *line, const Column *column, const char *text, gboolean right)
{
  g_autoptr (GString) shown = g_string_new (text);
  guint64 padding;

  g_string_replace (shown, "|", "\\|", 0);
  padding = column->width - MIN (arbor_cli_cell_measure (shown->str), column->width);
  g_string_append_printf (line, "| %*s%s%*s ", right ? (int) padding : 0, "", shown->str,
                          right ? 0 : (int) padding, "");
}

static gboolean
print_page_line (GString *line, GOutputStream *output, GError **error)
{
  g_string_append (line, "|\n");
  return g_output_stream_write_all (output, line->str, line->len, NULL, NULL, error);
}

/* And the rule below them, which tells on which side cells stand. */
static gboolean
print_page_titles (const Table *self, GOutputStream *output, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GString) rule = g_string_new (NULL);

  for (guint i = 0; i < self->columns->len; i++)
    {
      Column *column = self->columns->pdata[i];
      gboolean right = column->has_numbers && !column->has_others;
      g_autofree char *dashes = NULL;

      column->width = MIN (MAX (column->width, 3), WIDEST_PADDED);
      dashes = g_strnfill (column->width - (right ? 1 : 0), '-');
      append_page_cell (line, column, column->title, right);
      g_string_append_printf (rule, "| %s%s ", dashes, right ? ":" : "");
    }
  return print_page_line (line, output, error) && print_page_line (rule, output, error);
}

static gboolean
print_page_row (Table *self, GArray *cells, GOutputStream *output, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < self->columns->len; i++)
    {
      const Cell *cell = &g_array_index (cells, Cell, i);

      append_page_cell (line, self->columns->pdata[i], cell->text != NULL ? cell->text : "",
                        cell->is_number);
    }
  return print_page_line (line, output, error);
}

static gboolean
print_titles (const Table *self, GOutputStream *output, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  guint64 blanks = 0;

  for (guint i = 0; i < self->n_shown; i++)
    {
      const Column *column = self->columns->pdata[i];

      append_cell (line, &blanks, column, column->title, column->has_numbers && !column->has_others,
                   self->is_coloured ? "\033[1m" : "");
    }
  return print_line (self, line, blanks, output, error);
}

static gboolean
print_row (Table *self, GArray *cells, GOutputStream *output, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);
  guint64 blanks = 0;

  for (guint i = 0; i < self->n_shown; i++)
    {
      const Cell *cell = &g_array_index (cells, Cell, i);

      append_cell (line, &blanks, self->columns->pdata[i], cell->text != NULL ? cell->text : "",
                   cell->is_number, cell->is_null && self->is_coloured ? "\033[2m" : "");
    }
  return print_line (self, line, blanks, output, error);
}

static gboolean
print_all (Table *self, ArborArbor *trees, GOutputStream *output, GError **error)
{
  if (self->is_page)
    return print_page_titles (self, output, error) &&
           for_each_row (self, trees, print_page_row, output, error);
  return print_titles (self, output, error) && for_each_row (self, trees, print_row, output, error);
}

gboolean
arbor_cli_print_table (ArborArbor *trees, const char *const *columns, ArborCliTable style,
                       GOutputStream *output, GError **error)
{
  g_auto (Table) table = { .columns = g_ptr_array_new_with_free_func ((GDestroyNotify) column_free),
                           .numbers = g_hash_table_new (g_str_hash, g_str_equal),
                           .is_coloured = wants_colours (),
                           .is_page = style == ARBOR_CLI_TABLE_MARKDOWN };
  GOutputStream *pager;
  gboolean is_printed;

  for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
    add_column (&table, columns[i]);
  table.is_fixed = columns != NULL;
  if (!for_each_row (&table, trees, measure_row, output, error))
    return FALSE;
  if (table.columns->len == 0)
    return TRUE;
  table.n_shown = table.columns->len;
  table.is_fixed = TRUE;
  if (arbor_cli_is_terminal ())
    fit_columns (&table, get_terminal_width ());
  pager = arbor_cli_pager_begin (table.n_rows + 1);
  is_printed = print_all (&table, trees, pager != NULL ? pager : output, error);
  if (pager != NULL)
    arbor_cli_pager_end (pager);
  return is_printed;
}

gboolean
arbor_cli_print_trees (ArborArbor *trees, const char *const *columns, ArborFormat format,
                       ArborCliTable table, GOutputStream *output, GError **error)
{
  if (table != ARBOR_CLI_TABLE_NONE || (format == ARBOR_FORMAT_AUTO && arbor_cli_is_terminal ()))
    return arbor_cli_print_table (trees, columns, table, output, error);
  if (format == ARBOR_FORMAT_CSV)
    return arbor_arbor_save_csv (trees, output, columns, NULL, NULL, error);
  return arbor_arbor_save (trees, output, format, NULL, error);
}
