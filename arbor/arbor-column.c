/* ArborColumn: finished column data (query/column/arbor-column-data.h) under the path that it was read
 * from, which never changes. It knows no source and no token: a plain value.
 */

#include "arbor-column-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "arbor-arbor-private.h"
#include "arbor-enum-types.h"
#include "arbor-tree-private.h"
#include "arbor-typed-private.h"
#include "base/arbor-error.h"
#include "batch/arbor-batch-builder.h"
#include "batch/arbor-value-access.h"

/**
 * ArborColumn:
 *
 * The values of one path, or of an expression, over an arbor: a row for each tree, copied once into
 * typed memory. [method@Arbor.Arbor.get_column] makes one.
 *
 * All values of a column lie in one layout, [method@Arbor.Column.get_layout]. Getters give them as
 * one type, in the byte order of the machine, whatever the layout, as long as each value is exactly
 * one of that type; integers beyond 2^53 that no double holds make
 * [method@Arbor.Column.dup_doubles] fail rather than be rounded. Rows that have nothing, or null,
 * have a filler there: 0 for integers, false, NaN for doubles, -1 for codes;
 * [method@Arbor.Column.dup_validity] and [method@Arbor.Column.dup_presence] tell which these are.
 *
 * Bitmaps and strings lie as Apache Arrow has them: bits from the lowest on, and offsets of 64 bits
 * into bytes (`large_utf8`), or codes of 32 bits into a dictionary.
 *
 * A column is a plain value: it stays as it is whatever becomes of the arbor, also when its store
 * is closed. Bytes that it hands out may be its own memory, which costs nothing: they must not be
 * written to. Any thread may use it.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (ArborColumn, arbor_column, G_TYPE_OBJECT)

#define SAME(name)                                                                                 \
  G_STATIC_ASSERT ((int) ARBOR_COLUMN_LAYOUT_##name == (int) ARBOR_DATA_LAYOUT_##name)
SAME (NONE);
SAME (BOOL);
SAME (INT64);
SAME (UINT64);
SAME (DOUBLE);
SAME (STRING);
SAME (MIXED);

static void
arbor_column_finalize (GObject *object)
{
  ArborColumn *self = ARBOR_COLUMN (object);

  g_free (self->path);
  arbor_column_data_free (self->data);

  G_OBJECT_CLASS (arbor_column_parent_class)->finalize (object);
}

static void
arbor_column_class_init (ArborColumnClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_column_finalize;
}

/* Without rows, until it is given some. */
static void
arbor_column_init (ArborColumn *self)
{
  self->path = g_strdup ("");
  self->data = arbor_column_data_new ();
  arbor_column_data_finish (self->data);
}

ArborColumn *
arbor_column_new (char *path, ArborColumnData *data)
{
  ArborColumn *self = g_object_new (ARBOR_TYPE_COLUMN, NULL);

  g_free (self->path);
  arbor_column_data_free (self->data);
  self->path = path;
  self->data = data;
  return self;
}

/**
 * arbor_column_get_n_rows:
 * @self: a column
 *
 * Counts the rows, which are the trees of the arbor that the column was read from. Any thread may
 * call this.
 *
 * Returns: how many rows there are
 *
 * Since: 1.0
 */
gsize
arbor_column_get_n_rows (ArborColumn *self)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), 0);

  return self->data->n_rows;
}

/**
 * arbor_column_get_layout:
 * @self: a column
 *
 * How the values are kept. Any thread may call this.
 *
 * Returns: the layout
 *
 * Since: 1.0
 */
ArborColumnLayout
arbor_column_get_layout (ArborColumn *self)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), ARBOR_COLUMN_LAYOUT_NONE);

  return (ArborColumnLayout) self->data->layout;
}

/**
 * arbor_column_get_count:
 * @self: a column
 * @kind: a kind
 *
 * Counts the rows whose value is of one kind: %ARBOR_KIND_MISSING are those that have nothing,
 * %ARBOR_KIND_NULL those that have null. Any thread may call this.
 *
 * Returns: how many rows there are
 *
 * Since: 1.0
 */
guint64
arbor_column_get_count (ArborColumn *self, ArborKind kind)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), 0);
  g_return_val_if_fail ((guint) kind < ARBOR_N_KINDS, 0);

  return self->data->n_kind[kind];
}

/**
 * arbor_column_dup_path:
 * @self: a column
 *
 * The path, or the text of the expression, that was read. Any thread may call this.
 *
 * Returns: (transfer full): the path
 *
 * Since: 1.0
 */
char *
arbor_column_dup_path (ArborColumn *self)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  return g_strdup (self->path);
}

GBytes *
arbor_column_set_bad_row (ArborColumn *self, gsize row, const char *type, const char *expected,
                          GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborValue value;

  arbor_column_data_get (self->data, row, scope, &value);
  if (type != NULL)
    arbor_typed_set_no_number (self->path, type, &value, error);
  else
    arbor_tree_set_wrong_kind (self->path, expected, &value, error);
  return NULL;
}

/**
 * arbor_column_dup_booleans:
 * @self: a column
 * @error: where to put an error
 *
 * The values as bytes, 0 for false and 1 for true; 0 where a row has no value.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is neither true nor false. Any thread may call this.
 *
 * Returns: (transfer full): a byte a row
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_booleans (ArborColumn *self, GError **error)
{
  GBytes *bytes;
  gsize row;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  bytes = arbor_column_data_to_bools (self->data, &row);
  return bytes != NULL
             ? bytes
             : arbor_column_set_bad_row (self, row, NULL, _("true or false"), error);
}

/**
 * arbor_column_dup_int64s:
 * @self: a column
 * @error: where to put an error
 *
 * The values as #gint64; 0 where a row has no value. `2.0` is 2.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no number, %ARBOR_ERROR_OUT_OF_RANGE when one is
 * not exactly a #gint64. Any thread may call this.
 *
 * Returns: (transfer full): 8 bytes a row
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_int64s (ArborColumn *self, GError **error)
{
  GBytes *bytes;
  gsize row;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  bytes = arbor_column_data_to_int64s (self->data, &row);
  return bytes != NULL ? bytes : arbor_column_set_bad_row (self, row, "gint64", NULL, error);
}

/**
 * arbor_column_dup_uint64s:
 * @self: a column
 * @error: where to put an error
 *
 * The values as #guint64; 0 where a row has no value.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no number, %ARBOR_ERROR_OUT_OF_RANGE when one is
 * not exactly a #guint64. Any thread may call this.
 *
 * Returns: (transfer full): 8 bytes a row
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_uint64s (ArborColumn *self, GError **error)
{
  GBytes *bytes;
  gsize row;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  bytes = arbor_column_data_to_uint64s (self->data, &row);
  return bytes != NULL ? bytes : arbor_column_set_bad_row (self, row, "guint64", NULL, error);
}

/**
 * arbor_column_dup_doubles:
 * @self: a column
 * @error: where to put an error
 *
 * The values as doubles; NaN where a row has no value, and nowhere else. Every integer from -2^53
 * to 2^53 is exactly a double; beyond, only some are. A column of `real * 1.0`
 * ([method@Arbor.Arbor.get_column_of]) has them rounded.
 *
 * Errors: %ARBOR_ERROR_TYPE when some value is no number, %ARBOR_ERROR_OUT_OF_RANGE when one is
 * not exactly a double. Any thread may call this.
 *
 * Returns: (transfer full): 8 bytes a row
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_doubles (ArborColumn *self, GError **error)
{
  GBytes *bytes;
  gsize row;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  bytes = arbor_column_data_to_doubles (self->data, &row);
  return bytes != NULL ? bytes : arbor_column_set_bad_row (self, row, "double", NULL, error);
}

/**
 * arbor_column_dup_kinds:
 * @self: a column
 *
 * The kind of each row's value, a number of [enum@Arbor.Kind]: 0 where the row has nothing, 1 where
 * it has null, more where it has a value. Any thread may call this.
 *
 * Returns: (transfer full): a byte a row
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_kinds (ArborColumn *self)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  return g_bytes_ref (self->data->kinds_bytes);
}

/**
 * arbor_column_dup_presence:
 * @self: a column
 *
 * Which rows have something, null included. Row i is bit i mod 8, counted from the lowest, of byte
 * i / 8; the bits after the last row are 0. Any thread may call this.
 *
 * Returns: (transfer full): a bit a row, in (n_rows + 7) / 8 bytes
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_presence (ArborColumn *self)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  return arbor_column_data_to_bits (self->data, ARBOR_KIND_MISSING);
}

/**
 * arbor_column_dup_validity:
 * @self: a column
 *
 * Which rows have a value that is not null: the validity bitmap of Apache Arrow. Bits lie as those
 * of [method@Arbor.Column.dup_presence]. Any thread may call this.
 *
 * Returns: (transfer full): a bit a row, in (n_rows + 7) / 8 bytes
 *
 * Since: 1.0
 */
GBytes *
arbor_column_dup_validity (ArborColumn *self)
{
  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  return arbor_column_data_to_bits (self->data, ARBOR_KIND_NULL);
}

/**
 * arbor_column_dup_json:
 * @self: a column
 * @row: a row, from 0
 * @error: where to put an error
 *
 * The value of a row as JSON text, exactly as it was read.
 *
 * Errors: %ARBOR_ERROR_OUT_OF_RANGE when there is no such row. Any thread may call this.
 *
 * Returns: (transfer full) (nullable): the text; %NULL without error where the row has nothing
 *
 * Since: 1.0
 */
char *
arbor_column_dup_json (ArborColumn *self, gsize row, GError **error)
{
  g_autoptr (ArborScope) scope = NULL;
  ArborBuffer text = { NULL };
  ArborValue value;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  if (row >= self->data->n_rows)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_OUT_OF_RANGE,
                   _("Row %zu is out of range: the column has %zu rows"), row,
                   self->data->n_rows);
      return NULL;
    }
  scope = arbor_scope_new ();
  arbor_column_data_get (self->data, row, scope, &value);
  if (value.kind == ARBOR_KIND_MISSING)
    return NULL;
  arbor_value_write_json (&value, scope, &text);
  arbor_buffer_append_byte (&text, '\0');
  return (char *) text.data;
}

/**
 * arbor_column_to_json:
 * @self: a column
 *
 * All values as one JSON array, exactly as they were read; null also where a row has nothing. Any
 * thread may call this.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
arbor_column_to_json (ArborColumn *self)
{
  ArborBuffer text = { NULL };

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  arbor_column_data_write_json (self->data, &text);
  arbor_buffer_append_byte (&text, '\0');
  return (char *) text.data;
}

static ArborTree *
make_tree (const ArborTape *tape, GError **error)
{
  return arbor_tree_new_take_batch (NULL, NULL, NULL, arbor_batch_new_of_tape (tape, error), error);
}

/**
 * arbor_column_get_statistics:
 * @self: a column
 * @error: where to put an error
 *
 * Figures of the values, as a tree in memory: `count` (values that are neither missing nor null),
 * `nulls`, `missing`, `distinct` (how many different values, exactly), and `min`, `max`, `sum`
 * and `mean`, each as the aggregate of that name over trees says: null where there is none; and
 * `not_numbers`, how many values `sum` and `mean` leave out, where there are numbers and others. They are computed
 * at each call.
 *
 * Errors: %ARBOR_ERROR_LIMIT when the query memory is too small to count different values.
 * Any thread may call this.
 *
 * Returns: (transfer full): the figures
 *
 * Since: 1.0
 */
ArborTree *
arbor_column_get_statistics (ArborColumn *self, GError **error)
{
  g_autoptr (ArborTapeWriter) writer = NULL;
  ArborTape tape;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  writer = arbor_tape_writer_new ();
  if (!arbor_column_data_write_statistics (self->data, writer, error))
    return NULL;
  arbor_tape_writer_finish (writer, &tape);
  return make_tree (&tape, error);
}

/**
 * arbor_column_to_string:
 * @self: a column
 *
 * Describes the column for people: `ArborColumn 'height', int64, 20676 rows`. Any thread may call
 * this.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
arbor_column_to_string (ArborColumn *self)
{
  g_autoptr (GEnumClass) layouts = NULL;
  const char *layout;

  g_return_val_if_fail (ARBOR_IS_COLUMN (self), NULL);

  layouts = g_type_class_ref (ARBOR_TYPE_COLUMN_LAYOUT);
  layout = g_enum_get_value (layouts, self->data->layout)->value_nick;
  return g_strdup_printf ("ArborColumn '%s', %s, %zu rows", self->path, layout,
                          self->data->n_rows);
}
