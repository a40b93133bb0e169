/* See arbor-arrow-shared.h. */

#include "query/arrow/arbor-arrow-shared.h"

#include "query/arrow/arbor-arrow-array.h"
#include "query/arrow/arbor-arrow-field.h"

static const ArborArrowType types[] = {
  [ARBOR_DATA_LAYOUT_NONE] = ARBOR_ARROW_NULL,     [ARBOR_DATA_LAYOUT_BOOL] = ARBOR_ARROW_BOOL,
  [ARBOR_DATA_LAYOUT_INT64] = ARBOR_ARROW_INT64,   [ARBOR_DATA_LAYOUT_UINT64] = ARBOR_ARROW_UINT64,
  [ARBOR_DATA_LAYOUT_DOUBLE] = ARBOR_ARROW_DOUBLE, [ARBOR_DATA_LAYOUT_STRING] = ARBOR_ARROW_STRING,
  [ARBOR_DATA_LAYOUT_MIXED] = ARBOR_ARROW_JSON,
};

typedef struct
{
  const ArborColumnData *data;
  gsize n;
  const gint32 *codes;
} ColumnTexts;

static const char *
get_text (const ColumnTexts *self, gsize i, guint32 *length)
{
  gint32 code = self->codes != NULL ? self->codes[i] : (gint32) i;

  return code >= 0 ? arbor_column_data_get_text (self->data, (guint32) code, length) : NULL;
}

static gboolean
copy_bytes (struct ArrowArray *array, guint buffer, GBytes *bytes, GError **error)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  gpointer copy = arbor_arrow_array_alloc (array, buffer, size, error);

  if (copy != NULL && size > 0)
    memcpy (copy, data, size);
  return copy != NULL;
}

/* Bytes 0 and 1 as bits. */
static gboolean
add_bools (const ArborColumnData *data, struct ArrowArray *array, GError **error)
{
  gsize size = (data->n_rows + 7) / 8;
  const guint8 *items = data->items;
  guint8 *bits = arbor_arrow_array_alloc (array, 1, size, error);

  if (bits == NULL)
    return FALSE;
  memset (bits, 0, size);
  for (gsize i = 0; i < data->n_rows; i++)
    bits[i / 8] |= (guint8) (items[i] << (i % 8));
  return TRUE;
}

/* Texts with offsets of 64 bits: those of @codes, of which -1 is none; NULL: each that there is, in turn. */
static gboolean
add_texts (const ColumnTexts *texts, struct ArrowArray *array, GError **error)
{
  gint64 *offsets =
      arbor_arrow_array_alloc (array, 1, ((gsize) texts->n + 1) * sizeof *offsets, error);
  guint8 *bytes;

  if (offsets == NULL)
    return FALSE;
  offsets[0] = 0;
  for (gsize i = 0; i < texts->n; i++)
    {
      guint32 length = 0;

      get_text (texts, i, &length);
      offsets[i + 1] = offsets[i] + length;
    }
  bytes = arbor_arrow_array_alloc (array, 2, (gsize) offsets[texts->n], error);
  for (gsize i = 0; bytes != NULL && i < texts->n; i++)
    {
      guint32 length = 0;
      const char *text = get_text (texts, i, &length);

      if (length > 0)
        memcpy (bytes + offsets[i], text, length);
    }
  return bytes != NULL;
}

static gboolean
add_dictionary (const ArborColumnData *data, struct ArrowArray *array, GError **error)
{
  const ColumnTexts texts = { data, data->texts.n_groups, NULL };
  struct ArrowArray *strings = arbor_arrow_array_add_dictionary (array);

  arbor_arrow_array_init (strings, texts.n, 3, 0);
  return add_texts (&texts, strings, error);
}

/* Rows without a value have -1, which not everybody skips. */
static gboolean
add_codes (const ArborColumnData *data, struct ArrowArray *array, GError **error)
{
  gint32 *codes;

  if (array->null_count == 0)
    {
      arbor_arrow_array_view (array, 1, g_bytes_get_data (data->items_bytes, NULL), data->items_bytes);
      return TRUE;
    }
  if (!copy_bytes (array, 1, data->items_bytes, error))
    return FALSE;
  codes = (gint32 *) array->buffers[1];
  for (gsize i = 0; i < data->n_rows; i++)
    codes[i] = MAX (codes[i], 0);
  return TRUE;
}

static gboolean
fill (const ArborColumnData *data, struct ArrowArray *array, GError **error)
{
  g_autoptr (GBytes) valid = NULL;

  array->null_count =
      (gint64) (data->n_kind[ARBOR_KIND_MISSING] + data->n_kind[ARBOR_KIND_NULL]);
  if (data->layout == ARBOR_DATA_LAYOUT_NONE)
    return TRUE;
  valid = arbor_column_data_to_bits (data, ARBOR_KIND_NULL);
  if (array->null_count > 0 && !copy_bytes (array, 0, valid, error))
    return FALSE;
  if (data->layout == ARBOR_DATA_LAYOUT_BOOL)
    return add_bools (data, array, error);
  if (data->layout == ARBOR_DATA_LAYOUT_MIXED)
    return add_texts (&(ColumnTexts){ data, data->n_rows, data->items }, array, error);
  if (data->layout == ARBOR_DATA_LAYOUT_STRING)
    return add_codes (data, array, error) && add_dictionary (data, array, error);
  arbor_arrow_array_view (array, 1, g_bytes_get_data (data->items_bytes, NULL), data->items_bytes);
  return TRUE;
}

gboolean
arbor_arrow_export_column (const ArborColumnData *data, const char *name,
                           struct ArrowSchema *schema, struct ArrowArray *array, GError **error)
{
  g_autoptr (ArborArrowField) field = arbor_arrow_field_new (types[data->layout], name);

  field->is_dictionary = data->layout == ARBOR_DATA_LAYOUT_STRING;
  field->is_large = data->layout >= ARBOR_DATA_LAYOUT_STRING;
  arbor_arrow_array_init (array, (gint64) data->n_rows,
                          data->layout == ARBOR_DATA_LAYOUT_NONE    ? 0
                          : data->layout == ARBOR_DATA_LAYOUT_MIXED ? 3
                                                                    : 2,
                          0);
  if (!fill (data, array, error))
    {
      arbor_arrow_array_clear (array);
      return FALSE;
    }
  arbor_arrow_field_export (field, schema);
  return TRUE;
}
