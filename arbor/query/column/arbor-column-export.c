/* What a finished column hands out. See arbor-column-data.h. Where the layout is what is asked for,
 * that is the column's own memory; everything else is made value by value.
 */

#include "query/column/arbor-column-data.h"

#include <math.h>

#include "base/arbor-number.h"
#include "base/arbor-simd.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-aggregate.h"

/* A row's value as an item of one type, FALSE when it does not fit. */
typedef gboolean (*ConvertFunc) (const ArborValue *value, gpointer item);

static gboolean
convert_bool (const ArborValue *value, gpointer item)
{
  *(guint8 *)item = (guint8)!!value->boolean;
  return value->kind == ARBOR_KIND_BOOL;
}

/* A double that is an integer in [@low, @high). */
static gboolean
is_integral (const ArborValue *value, double low, double high)
{
  return value->kind == ARBOR_KIND_DOUBLE && value->real >= low && value->real < high &&
         trunc (value->real) == value->real;
}

static gboolean
convert_int64 (const ArborValue *value, gpointer item)
{
  gint64 *integer = item;

  if (value->kind == ARBOR_KIND_INT64)
    *integer = value->int64;
  else if (is_integral (value, -0x1p63, 0x1p63))
    *integer = (gint64)value->real;
  else
    return FALSE;
  return TRUE;
}

static gboolean
convert_uint64 (const ArborValue *value, gpointer item)
{
  guint64 *integer = item;

  if (value->kind == ARBOR_KIND_UINT64 || (value->kind == ARBOR_KIND_INT64 && value->int64 >= 0))
    *integer = value->uint64;
  else if (is_integral (value, 0, 0x1p64))
    *integer = (guint64)value->real;
  else
    return FALSE;
  return TRUE;
}

static gboolean
convert_double (const ArborValue *value, gpointer item)
{
  double *real = item;
  ArborValue converted;

  if (!arbor_kind_is_number ((ArborKind)value->kind))
    return FALSE;
  *real = arbor_number_to_double (value);
  converted = ARBOR_VALUE_DOUBLE (*real);
  return isfinite (*real) && arbor_number_compare (value, &converted) == 0;
}

/* @blank is what rows without a value get. */
static GBytes *
convert_rows (const ArborColumnData *self, ConvertFunc convert, gsize size, gconstpointer blank,
              gsize *bad_row)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree guint8 *items = arbor_column_data_alloc (self->n_rows, size);

  for (gsize i = 0; i < self->n_rows; i++)
    {
      ArborValue value;

      if (self->kinds[i] <= ARBOR_KIND_NULL)
        {
          memcpy (items + i * size, blank, size);
          continue;
        }
      arbor_column_data_get (self, i, scope, &value);
      if (!convert (&value, items + i * size))
        {
          *bad_row = i;
          return NULL;
        }
      arbor_scope_reset (scope);
    }
  return g_bytes_new_take (g_steal_pointer (&items), self->n_rows * size);
}

GBytes *
arbor_column_data_to_bools (const ArborColumnData *self, gsize *bad_row)
{
  const guint8 blank = 0;

  if (self->layout == ARBOR_DATA_LAYOUT_BOOL)
    return g_bytes_ref (self->items_bytes);
  return convert_rows (self, convert_bool, sizeof blank, &blank, bad_row);
}

GBytes *
arbor_column_data_to_int64s (const ArborColumnData *self, gsize *bad_row)
{
  const gint64 blank = 0;

  if (self->layout == ARBOR_DATA_LAYOUT_INT64)
    return g_bytes_ref (self->items_bytes);
  return convert_rows (self, convert_int64, sizeof blank, &blank, bad_row);
}

GBytes *
arbor_column_data_to_uint64s (const ArborColumnData *self, gsize *bad_row)
{
  const guint64 blank = 0;

  if (self->layout == ARBOR_DATA_LAYOUT_UINT64 ||
      (self->layout == ARBOR_DATA_LAYOUT_INT64 && !self->has_negative))
    return g_bytes_ref (self->items_bytes);
  return convert_rows (self, convert_uint64, sizeof blank, &blank, bad_row);
}

/* Integers that are all exactly doubles. */
ARBOR_TARGET_CLONES
static void
integers_to_reals (double *out, const gint64 *integers, const guint8 *kinds, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = kinds[i] > ARBOR_KIND_NULL ? (double)integers[i] : (double)NAN;
}

GBytes *
arbor_column_data_to_doubles (const ArborColumnData *self, gsize *bad_row)
{
  const double blank = NAN;
  double *reals;

  if (self->layout == ARBOR_DATA_LAYOUT_DOUBLE)
    return g_bytes_ref (self->items_bytes);
  if (self->layout != ARBOR_DATA_LAYOUT_INT64 || self->has_large)
    return convert_rows (self, convert_double, sizeof blank, &blank, bad_row);

  reals = arbor_column_data_alloc (self->n_rows, sizeof (double));
  integers_to_reals (reals, self->items, self->kinds, self->n_rows);
  return g_bytes_new_take (reals, self->n_rows * sizeof (double));
}

/* Strings */

/* FALSE: row *@bad_row has something else than a string. */
static gboolean
check_strings (const ArborColumnData *self, gsize *bad_row)
{
  if (self->layout == ARBOR_DATA_LAYOUT_STRING)
    return TRUE;
  for (gsize i = 0; i < self->n_rows; i++)
    if (self->kinds[i] > ARBOR_KIND_NULL && self->kinds[i] != ARBOR_KIND_STRING)
      {
        *bad_row = i;
        return FALSE;
      }
  return TRUE; /* no values */
}

GBytes *
arbor_column_data_to_codes (const ArborColumnData *self, gsize *bad_row)
{
  gsize size = self->n_rows * sizeof (gint32);
  gint32 *none;

  if (!check_strings (self, bad_row))
    return NULL;
  if (self->layout == ARBOR_DATA_LAYOUT_STRING)
    return g_bytes_ref (self->items_bytes);
  none = g_malloc (MAX (size, 1));
  memset (none, 0xFF, size);
  return g_bytes_new_take (none, size);
}

/* String @i of the rows, or of the different ones. */
static void
get_string (const ArborColumnData *self, gboolean is_dictionary, gsize i, const char **text,
            guint32 *length)
{
  const gint32 *codes = self->items;
  gint32 code = is_dictionary ? (gint32)i : self->layout == ARBOR_DATA_LAYOUT_NONE ? -1 : codes[i];

  *text = "";
  *length = 0;
  if (code >= 0)
    *text = arbor_column_data_get_text (self, (guint32)code, length);
}

GBytes *
arbor_column_data_to_offsets (const ArborColumnData *self, gboolean is_dictionary, gsize *bad_row)
{
  gsize n = is_dictionary ? self->texts.n_groups : self->n_rows;
  gint64 *offsets;

  if (!check_strings (self, bad_row))
    return NULL;
  offsets = arbor_column_data_alloc (n + 1, sizeof (gint64));
  offsets[0] = 0;
  for (gsize i = 0; i < n; i++)
    {
      const char *text;
      guint32 length;

      get_string (self, is_dictionary, i, &text, &length);
      offsets[i + 1] = offsets[i] + length;
    }
  return g_bytes_new_take (offsets, (n + 1) * sizeof (gint64));
}

GBytes *
arbor_column_data_to_bytes (const ArborColumnData *self, gboolean is_dictionary, gsize *bad_row)
{
  gsize n = is_dictionary ? self->texts.n_groups : self->n_rows;
  ArborBuffer bytes = { 0 };

  if (!check_strings (self, bad_row))
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      const char *text;
      guint32 length;

      get_string (self, is_dictionary, i, &text, &length);
      arbor_buffer_append (&bytes, text, length);
    }
  return g_bytes_new_take (bytes.data, bytes.length);
}

/* Everything */

GBytes *
arbor_column_data_to_bits (const ArborColumnData *self, ArborKind kind)
{
  gsize n_bytes = (self->n_rows + 7) / 8;
  guint8 *bits = g_malloc0 (MAX (n_bytes, 1));

  for (gsize i = 0; i < self->n_rows; i++)
    bits[i / 8] |= (guint8)((self->kinds[i] > kind) << (i % 8));
  return g_bytes_new_take (bits, n_bytes);
}

void
arbor_column_data_write_json (const ArborColumnData *self, ArborBuffer *out)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();

  arbor_buffer_append_byte (out, '[');
  for (gsize i = 0; i < self->n_rows; i++)
    {
      ArborValue value;

      if (i > 0)
        arbor_buffer_append_byte (out, ',');
      if (self->layout == ARBOR_DATA_LAYOUT_MIXED && self->kinds[i] > ARBOR_KIND_NULL)
        {
          const char *text;
          guint32 length;

          get_string (self, FALSE, i, &text, &length);
          arbor_buffer_append (out, text, length);
          continue;
        }
      arbor_column_data_get (self, i, scope, &value);
      arbor_value_write_json (&value, scope, out);
    }
  arbor_buffer_append_byte (out, ']');
}

/* Statistics */

static gboolean
count_different (const ArborColumnData *self, guint64 *n, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  gboolean is_done = TRUE;
  ArborGroupTable table;

  if (self->layout == ARBOR_DATA_LAYOUT_STRING)
    {
      *n = self->texts.n_groups;
      return TRUE;
    }
  arbor_group_table_init (&table, 1, "get_statistics");
  for (gsize i = 0; is_done && i < self->n_rows; i++)
    if (self->kinds[i] > ARBOR_KIND_NULL)
      {
        ArborValue value;
        guint32 group;

        arbor_column_data_get (self, i, scope, &value);
        is_done = arbor_group_table_add (&table, &value, scope, &group, error);
        arbor_scope_reset (scope);
      }
  *n = table.n_groups;
  arbor_group_table_clear (&table);
  return is_done;
}

static void
write_field (ArborTapeWriter *out, const char *key, const ArborValue *value, ArborScope *scope)
{
  arbor_tape_writer_key (out, key, strlen (key));
  arbor_value_write_tape (value, scope, out);
}

static void
write_aggregate (const ArborColumnData *self, const char *name, ArborScope *scope,
                 ArborTapeWriter *out)
{
  g_autoptr (ArborAggregate) aggregate = arbor_aggregate_new (arbor_function_find (name));
  ArborValue result;

  aggregate->skips_others = TRUE;
  for (gsize i = 0; i < self->n_rows; i++)
    {
      ArborValue value;

      arbor_column_data_get (self, i, scope, &value);
      if (!arbor_aggregate_add (aggregate, &value, scope))
        break;
      arbor_scope_reset (scope);
    }
  arbor_aggregate_finish (aggregate, scope, &result);
  write_field (out, name, &result, scope);
}

gboolean
arbor_column_data_write_statistics (const ArborColumnData *self, ArborTapeWriter *out,
                                    GError **error)
{
  static const char *const aggregates[] = { "min", "max", "sum", "mean" };
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  guint64 n_nulls = self->n_kind[ARBOR_KIND_NULL], n_missing = self->n_kind[ARBOR_KIND_MISSING];
  guint64 n_numbers = self->n_kind[ARBOR_KIND_INT64] + self->n_kind[ARBOR_KIND_UINT64] +
                      self->n_kind[ARBOR_KIND_DOUBLE] + self->n_kind[ARBOR_KIND_NUMBER];
  guint64 n_different;

  if (!count_different (self, &n_different, error))
    return FALSE;
  arbor_tape_writer_begin_object (out);
  write_field (out, "count",
               &ARBOR_VALUE_INT64 ((gint64)(self->n_rows - n_nulls - n_missing)), scope);
  write_field (out, "nulls", &ARBOR_VALUE_INT64 ((gint64)n_nulls), scope);
  write_field (out, "missing", &ARBOR_VALUE_INT64 ((gint64)n_missing), scope);
  write_field (out, "distinct", &ARBOR_VALUE_INT64 ((gint64)n_different), scope);
  for (guint i = 0; i < G_N_ELEMENTS (aggregates); i++)
    write_aggregate (self, aggregates[i], scope, out);
  /* What sum and mean leave out. */
  if (n_numbers > 0 && n_numbers + n_nulls + n_missing < self->n_rows)
    write_field (out, "not_numbers",
                 &ARBOR_VALUE_INT64 ((gint64)(self->n_rows - n_nulls - n_missing - n_numbers)), scope);
  arbor_tape_writer_end_object (out);
  return TRUE;
}
