/* Adding all rows of a batch at once. See arbor-column-data.h.
 *
 * Each lane is decoded as a whole, by loops that the compiler vectorises: straight into the column
 * where every row has a value in it, otherwise into working memory, from where the items go to
 * their rows. Codes of a dictionary are mapped to those of the column once a batch.
 */

#include "query/column/arbor-column-data.h"

#include <math.h>

#include "batch/arbor-lane-items.h"
#include "query/series/arbor-path-rows.h"

/* Eight bits as eight bytes, 0 or 1. */
static inline guint64
bits_to_bytes (guint8 bits)
{
  guint64 spread =
      (bits * G_GUINT64_CONSTANT (0x0101010101010101)) & G_GUINT64_CONSTANT (0x8040201008040201);

  return ((spread + G_GUINT64_CONSTANT (0x7F7F7F7F7F7F7F7F)) >> 7) &
         G_GUINT64_CONSTANT (0x0101010101010101);
}

/* The first @n bits, which need no alignment, each as a byte: @one where it is set. */
static void
unpack_bits (guint8 *out, const guint8 *bits, gsize n, guint8 one)
{
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    {
      guint64 bytes = bits_to_bytes (bits[i / 8]) * one;

      memcpy (out + i, &bytes, 8);
    }
  for (; i < n; i++)
    out[i] = (bits[i / 8] >> (i % 8)) & 1 ? one : 0;
}

/* The same, leaving other bytes as they are. Lanes of a damaged batch may name a row twice: the
 * last one counts, here and for the items. */
static void
set_bits (guint8 *out, const guint64 *bits, gsize n, guint8 one)
{
  const guint8 *bytes_of_bits = (const guint8 *)bits;
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    {
      guint64 ones = bits_to_bytes (bytes_of_bits[i / 8]);
      guint64 bytes;

      memcpy (&bytes, out + i, 8);
      bytes = (bytes & ~(ones * 0xFF)) | ones * one;
      memcpy (out + i, &bytes, 8);
    }
  for (; i < n; i++)
    if (arbor_bits_test (bits, i))
      out[i] = one;
}

/* Strings that are told apart once a batch. */
static gboolean
decode_codes (ArborColumnData *self, const ArborLane *lane, ArborScope *scope, gint32 *out,
              GError **error)
{
  gboolean is_dictionary = lane->record->encoding == ARBOR_ENCODING_DICTIONARY;
  guint32 n_strings = arbor_lane_get_n_strings (lane);
  gsize size = ((gsize)n_strings + 1) * sizeof (gint32);
  gint32 *codes = arbor_scope_alloc (scope, size); /* of each string; one more for damaged ones */

  memset (codes, 0xFF, size);
  for (guint32 i = 0; i < lane->count; i++)
    {
      guint64 local = is_dictionary ? arbor_load_unsigned (lane->a, lane->record->width, i) : i;
      gint32 *code = &codes[MIN (local, n_strings)];

      if (G_UNLIKELY (*code < 0))
        {
          guint32 length;
          const char *text =
              arbor_lane_get_string (lane, (guint32)MIN (local, n_strings), &length);

          if (!arbor_column_data_add_text (self, text, length, scope, code, error))
            return FALSE;
        }
      out[i] = *code;
    }
  return TRUE;
}

/* The items of a lane, one after the other. */
static gboolean
decode (ArborColumnData *self, const ArborLane *lane, ArborScope *scope, gpointer out,
        GError **error)
{
  switch (lane->kind)
    {
    case ARBOR_KIND_BOOL:
      unpack_bits (out, lane->a, lane->count, 1);
      return TRUE;
    case ARBOR_KIND_DOUBLE:
      memcpy (out, lane->a, (gsize)lane->count * sizeof (double));
      return TRUE;
    case ARBOR_KIND_STRING:
      return decode_codes (self, lane, scope, out, error);
    default:
      arbor_lane_widen (lane, out);
      /* In place: each is read before it is written. */
      if (self->layout == ARBOR_DATA_LAYOUT_DOUBLE)
        arbor_items_to_reals (out, out, lane->count);
      return TRUE;
    }
}

static gboolean
add_lane (ArborColumnData *self, const ArborLanes *lanes, const ArborLane *lane, ArborScope *scope,
          GError **error)
{
  gsize size = arbor_data_layout_get_size ((ArborDataLayout)self->layout);
  gpointer out = (guint8 *)self->items + self->n_rows * size;
  gpointer items;

  if (arbor_lane_is_full (lane))
    return decode (self, lane, scope, out, error);

  items = arbor_scope_alloc (scope, (gsize)lane->count * size);
  if (!decode (self, lane, scope, items, error))
    return FALSE;
  if (size == 1)
    arbor_items_scatter_8 (out, items, lane->rows, lanes->n_rows);
  else if (size == sizeof (gint32))
    arbor_items_scatter_32 (out, items, lane->rows, lanes->n_rows);
  else
    arbor_items_scatter_64 (out, items, lane->rows, lanes->n_rows);
  return TRUE;
}

/* What the column has to be to take these lanes; MIXED also where they cannot be taken at once. */
static ArborDataLayout
join_lanes (const ArborColumnData *self, const ArborLanes *lanes, gboolean *has_negative,
            gboolean *has_large)
{
  ArborColumnData joined = { .layout = self->layout,
                             .has_negative = self->has_negative,
                             .has_large = self->has_large };

  for (guint i = 0; i < lanes->n_lanes; i++)
    {
      const ArborLane *lane = &lanes->lanes[i];
      gint64 min = (gint64)lane->record->min, max = (gint64)lane->record->max;

      if (lane->kind == ARBOR_LANE_OVERFLOW || lane->kind == ARBOR_KIND_ARRAY ||
          lane->kind == ARBOR_KIND_OBJECT ||
          (lane->kind == ARBOR_KIND_DOUBLE &&
           !arbor_bits_are_finite ((gconstpointer)lane->a, lane->count)))
        return ARBOR_DATA_LAYOUT_MIXED;
      if (lane->kind == ARBOR_KIND_INT64)
        {
          joined.has_negative |= min < 0;
          joined.has_large |= arbor_data_is_large (min) || arbor_data_is_large (max);
        }
      joined.layout =
          (guint8)arbor_column_data_join (&joined, (ArborKind)lane->kind, FALSE, FALSE);
    }
  *has_negative = joined.has_negative;
  *has_large = joined.has_large;
  return (ArborDataLayout)joined.layout;
}

/* The kind of each row. */
static void
add_kinds (ArborColumnData *self, const ArborLanes *lanes)
{
  guint8 *kinds = self->kinds + self->n_rows;
  gsize n_others = lanes->n_rows;
  gsize n_nulls = lanes->nulls != NULL ? arbor_bits_count (lanes->nulls, lanes->n_rows) : 0;

  memset (kinds, ARBOR_KIND_MISSING, lanes->n_rows);
  for (guint i = 0; i < lanes->n_lanes; i++)
    {
      const ArborLane *lane = &lanes->lanes[i];

      if (arbor_lane_is_full (lane))
        memset (kinds, lane->kind, lanes->n_rows);
      else
        set_bits (kinds, lane->rows, lanes->n_rows, lane->kind);
      self->n_kind[lane->kind] += lane->count;
      n_others -= lane->count;
    }
  if (n_nulls > 0)
    set_bits (kinds, lanes->nulls, lanes->n_rows, ARBOR_KIND_NULL);
  self->n_kind[ARBOR_KIND_NULL] += n_nulls;
  self->n_kind[ARBOR_KIND_MISSING] += n_others - n_nulls;
}

gboolean
arbor_column_data_append_lanes (ArborColumnData *self, const ArborLanes *lanes, ArborScope *scope,
                                gboolean *is_done, GError **error)
{
  gboolean has_negative, has_large;
  gboolean has_gaps = TRUE;
  ArborDataLayout layout;

  *is_done = FALSE;
  if (lanes->hidden != NULL && arbor_bits_any (lanes->hidden, lanes->n_rows))
    return TRUE;
  layout = join_lanes (self, lanes, &has_negative, &has_large);
  if (layout == ARBOR_DATA_LAYOUT_MIXED)
    return TRUE;

  if (!arbor_column_data_set_layout (self, layout, scope, error) ||
      !arbor_column_data_reserve (self, self->n_rows + lanes->n_rows, error))
    return FALSE;
  for (guint i = 0; i < lanes->n_lanes; i++)
    has_gaps &= !arbor_lane_is_full (&lanes->lanes[i]);
  if (has_gaps)
    arbor_column_data_blank (self, self->n_rows, self->n_rows + lanes->n_rows);
  for (guint i = 0; i < lanes->n_lanes; i++)
    if (!add_lane (self, lanes, &lanes->lanes[i], scope, error))
      return FALSE;
  add_kinds (self, lanes);
  self->has_negative = has_negative;
  self->has_large = has_large;
  self->n_rows += lanes->n_rows;
  *is_done = TRUE;
  return TRUE;
}
