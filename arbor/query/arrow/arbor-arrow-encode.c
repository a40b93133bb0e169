/* See arbor-arrow-encode.h. Fields are nested as deep as ARBOR_ARROW_MAX_DEPTH at most, so what follows
 * them calls itself.
 */

#include "query/arrow/arbor-arrow-encode.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "batch/arbor-lane-items.h"
#include "batch/arbor-value-access.h"
#include "query/arrow/arbor-arrow-text.h"

typedef struct
{
  const ArborBatch *batch;
  GBytes *holder; /* NULL: nothing may be part of it */
  ArborScope *scope;
  ArborBuffer text; /* of JSON columns */
  ArborStep steps[ARBOR_ARROW_MAX_DEPTH + 2];
} Encoder;

/* Where a field lies: at steps [first, end) from the rows of a domain. */
typedef struct
{
  guint32 domain; /* a column, whose rows these are; ARBOR_NO_COLUMN: there are none */
  guint32 n_rows;
  guint first, end;
} Place;

static gboolean encode_field (Encoder *self, const ArborArrowField *field, const Place *place,
                              struct ArrowArray *out, GError **error);

static const char *
get_name (const ArborArrowField *field)
{
  return field->key != NULL ? field->key : "item";
}

static const guint64 *
make_none (Encoder *self, guint32 n_rows)
{
  gsize size = (arbor_bits_n_words (n_rows) + 1) * sizeof (guint64);
  guint64 *bits = arbor_scope_alloc (self->scope, size);

  memset (bits, 0, size);
  return bits;
}

/* The rows with a value in one of two lanes, of which there may be none; NULL: all. */
static const guint64 *
join_rows (Encoder *self, const ArborLane *a, const ArborLane *b, guint32 n_rows)
{
  guint64 *rows;

  if ((a != NULL && a->rows == NULL) || (b != NULL && b->rows == NULL))
    return NULL;
  if (a == NULL || b == NULL)
    return a != NULL ? a->rows : b != NULL ? b->rows : make_none (self, n_rows);
  rows = arbor_scope_alloc (self->scope, (arbor_bits_n_words (n_rows) + 1) * sizeof *rows);
  arbor_bits_or (rows, a->rows, b->rows, n_rows);
  return rows;
}

/* Rows without a value */

/* Nothing but what rows without a value have. */
static gboolean
encode_blank (struct ArrowArray *out, guint buffer, gsize size, GError **error)
{
  gpointer data = arbor_arrow_array_alloc (out, buffer, size, error);

  if (data != NULL)
    memset (data, 0, size);
  return data != NULL;
}

static gboolean
encode_bools (Encoder *self, const ArborLanes *lanes, struct ArrowArray *out, GError **error)
{
  const ArborLane *lane = arbor_lanes_find (lanes, ARBOR_KIND_BOOL);
  gsize size = arbor_bits_n_words (lanes->n_rows) * sizeof (guint64);
  guint64 *bits;

  if (!arbor_arrow_array_set_valid (out, join_rows (self, lane, NULL, lanes->n_rows), error))
    return FALSE;
  if (lane == NULL)
    return encode_blank (out, 1, size, error);
  if (lane->rows == NULL && self->holder != NULL)
    {
      arbor_arrow_array_view (out, 1, lane->a, self->holder);
      return TRUE;
    }
  bits = arbor_arrow_array_alloc (out, 1, size, error);
  if (bits == NULL)
    return FALSE;
  if (lane->rows == NULL)
    memcpy (bits, lane->a, size);
  else
    arbor_lane_spread (lane, (gconstpointer) lane->a, lanes->n_rows, bits);
  return TRUE;
}

/* One lane of numbers into 64 bits each. */
static void
put_numbers (Encoder *self, const ArborLane *lane, gboolean is_real, guint32 n_rows, gpointer out)
{
  gsize n = lane->count;
  guint64 *items = lane->rows == NULL ? out : arbor_scope_alloc (self->scope, (n + 1) * sizeof *items);

  if (lane->kind == ARBOR_KIND_DOUBLE)
    memcpy (items, lane->a, n * sizeof *items);
  else
    arbor_lane_widen (lane, (gint64 *) items);
  if (is_real && lane->kind != ARBOR_KIND_DOUBLE)
    arbor_items_to_reals ((double *) items, (const gint64 *) items, n);
  if (lane->rows != NULL)
    arbor_items_scatter_64 (out, items, lane->rows, n_rows);
}

/* Of two kinds: one that is of the type, and one that is made so. */
static gboolean
encode_numbers (Encoder *self, const ArborLanes *lanes, ArborKind kind, struct ArrowArray *out,
                GError **error)
{
  const ArborLane *own = arbor_lanes_find (lanes, kind);
  const ArborLane *other =
      kind != ARBOR_KIND_INT64 ? arbor_lanes_find (lanes, ARBOR_KIND_INT64) : NULL;
  const guint64 *rows = join_rows (self, own, other, lanes->n_rows);
  gsize size = (gsize) lanes->n_rows * sizeof (guint64);
  gboolean is_real = kind == ARBOR_KIND_DOUBLE;
  gpointer items;

  if (!arbor_arrow_array_set_valid (out, rows, error))
    return FALSE;
  if (is_real && own != NULL && own->rows == NULL && self->holder != NULL)
    {
      arbor_arrow_array_view (out, 1, own->a, self->holder);
      return TRUE;
    }
  items = arbor_arrow_array_alloc (out, 1, size, error);
  if (items == NULL)
    return FALSE;
  if ((own == NULL || own->rows != NULL) && (other == NULL || other->rows != NULL))
    memset (items, 0, size);
  if (own != NULL)
    put_numbers (self, own, is_real, lanes->n_rows, items);
  if (other != NULL)
    put_numbers (self, other, is_real, lanes->n_rows, items);
  return TRUE;
}

/* Text */

static gboolean
encode_no_text (const ArborArrowField *field, struct ArrowArray *out, GError **error)
{
  gsize width = field->is_large ? sizeof (gint64) : sizeof (gint32);

  return encode_blank (out, 1, ((gsize) out->length + 1) * width, error) &&
         encode_blank (out, 2, 0, error);
}

static gboolean
encode_codes (Encoder *self, const ArborArrowField *field, const ArborLane *lane,
              struct ArrowArray *out, GError **error)
{
  struct ArrowArray *strings = arbor_arrow_array_add_dictionary (out);

  arbor_arrow_array_init (strings, lane != NULL ? arbor_lane_get_n_strings (lane) : 0, 3, 0);
  if (lane == NULL)
    return encode_blank (out, 1, (gsize) out->length * sizeof (gint32), error) &&
           encode_no_text (field, strings, error);
  return arbor_arrow_text_add_codes (out, lane, error) &&
         arbor_arrow_text_add_distinct (strings, lane, field->is_large, self->holder,
                                        get_name (field), self->scope, error);
}

static gboolean
encode_strings (Encoder *self, const ArborArrowField *field, const ArborLanes *lanes,
                struct ArrowArray *out, GError **error)
{
  const ArborLane *lane = arbor_lanes_find (lanes, ARBOR_KIND_STRING);

  if (!arbor_arrow_array_set_valid (out, join_rows (self, lane, NULL, lanes->n_rows), error))
    return FALSE;
  if (field->is_dictionary)
    return encode_codes (self, field, lane, out, error);
  if (lane == NULL)
    return encode_no_text (field, out, error);
  return arbor_arrow_text_add_lane (out, lane, field->is_large, self->holder, get_name (field),
                                    self->scope, error);
}

static void
get_value (Encoder *self, const Place *place, guint32 row, ArborValue *value)
{
  arbor_batch_get_value (self->batch, place->domain, row, value);
  for (guint i = place->first; i < place->end; i++)
    arbor_value_get_member (value, self->steps[i].key, self->steps[i].length, self->scope, value);
}

static gboolean
encode_json (Encoder *self, const ArborArrowField *field, const Place *place,
             struct ArrowArray *out, GError **error)
{
  gsize n_words = arbor_bits_n_words (place->n_rows) + 1;
  guint64 *valid = arbor_scope_alloc (self->scope, n_words * sizeof *valid);
  guint64 *ends = arbor_scope_alloc (self->scope, ((gsize) place->n_rows + 1) * sizeof *ends);

  memset (valid, 0, n_words * sizeof *valid);
  arbor_buffer_clear (&self->text);
  for (guint32 i = 0; i < place->n_rows; i++)
    {
      ArborScopeMark mark = arbor_scope_mark (self->scope);
      ArborValue value;

      get_value (self, place, i, &value);
      if (!arbor_value_is_null (&value))
        {
          arbor_bits_set (valid, i);
          arbor_value_write_json (&value, self->scope, &self->text);
        }
      ends[i] = self->text.length;
      arbor_scope_release (self->scope, mark);
      if (!arbor_scope_check (self->scope, error))
        return FALSE;
    }
  return arbor_arrow_array_set_valid (out, valid, error) &&
         arbor_arrow_text_add_written (out, ends, self->text.data, field->is_large,
                                       get_name (field), error);
}

/* Containers */

static gboolean
encode_struct (Encoder *self, const ArborArrowField *field, const ArborLanes *lanes,
               const Place *place, struct ArrowArray *out, GError **error)
{
  const ArborLane *lane = arbor_lanes_find (lanes, ARBOR_KIND_OBJECT);

  if (!arbor_arrow_array_set_valid (out, join_rows (self, lane, NULL, lanes->n_rows), error))
    return FALSE;
  for (guint i = 0; i < field->n_children; i++)
    {
      ArborArrowField *child = field->children[i];
      Place inner = *place;

      self->steps[inner.end++] = (ArborStep){ .kind = ARBOR_STEP_KEY,
                                              .key = child->key,
                                              .length = (guint32) strlen (child->key) };
      if (!encode_field (self, child, &inner, out->children[i], error))
        return FALSE;
    }
  return TRUE;
}

/* Elements of the arrays lie one after the other: offsets are where each array ends. */
static gboolean
put_ends (Encoder *self, const ArborLanes *lanes, const ArborLane *lane, gint32 *offsets,
          guint32 n_elements, GError **error)
{
  guint32 end = 0, next = 0;

  offsets[0] = 0;
  for (guint32 i = 0; i < lanes->n_rows; i++)
    {
      guint32 start;

      if (lane != NULL && (lane->rows == NULL || arbor_bits_test (lane->rows, i)))
        {
          guint32 before = end;

          arbor_batch_get_array (self->batch, lanes->column, next++, &start, &end);
          if (start != before || end < start || end > n_elements)
            {
              g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CORRUPT,
                           _("Arrow column: its arrays are damaged"));
              return FALSE;
            }
        }
      offsets[i + 1] = (gint32) end;
    }
  return TRUE;
}

static gboolean
encode_list (Encoder *self, const ArborArrowField *field, const ArborLanes *lanes,
             const Place *place, struct ArrowArray *out, GError **error)
{
  const ArborLane *lane = arbor_lanes_find (lanes, ARBOR_KIND_ARRAY);
  Place inner = { .domain = ARBOR_NO_COLUMN, .first = place->end, .end = place->end };
  gint32 *offsets;

  if (lane != NULL)
    inner.domain = arbor_batch_find_elements (self->batch, lanes->column);
  if (inner.domain != ARBOR_NO_COLUMN)
    inner.n_rows = self->batch->columns[inner.domain].n_rows;
  if (!arbor_arrow_array_set_valid (out, join_rows (self, lane, NULL, lanes->n_rows), error))
    return FALSE;
  offsets = arbor_arrow_array_alloc (out, 1, ((gsize) lanes->n_rows + 1) * sizeof *offsets, error);
  return offsets != NULL && put_ends (self, lanes, lane, offsets, inner.n_rows, error) &&
         encode_field (self, field->children[0], &inner, out->children[0], error);
}

static void
init_array (struct ArrowArray *out, const ArborArrowField *field, guint32 n_rows)
{
  static const guint8 n_buffers[] = {
    [ARBOR_ARROW_NULL] = 0,   [ARBOR_ARROW_BOOL] = 2,   [ARBOR_ARROW_INT64] = 2,
    [ARBOR_ARROW_UINT64] = 2, [ARBOR_ARROW_DOUBLE] = 2, [ARBOR_ARROW_STRING] = 3,
    [ARBOR_ARROW_JSON] = 3,   [ARBOR_ARROW_STRUCT] = 1, [ARBOR_ARROW_LIST] = 2,
  };

  arbor_arrow_array_init (out, n_rows, field->is_dictionary ? 2 : n_buffers[field->type],
                          field->n_children);
}

static gboolean
encode_rows (Encoder *self, const ArborArrowField *field, const ArborLanes *lanes,
             const Place *place, struct ArrowArray *out, GError **error)
{
  switch (field->type)
    {
    case ARBOR_ARROW_NULL:
      out->null_count = out->length;
      return TRUE;
    case ARBOR_ARROW_BOOL:
      return encode_bools (self, lanes, out, error);
    case ARBOR_ARROW_INT64:
      return encode_numbers (self, lanes, ARBOR_KIND_INT64, out, error);
    case ARBOR_ARROW_UINT64:
      return encode_numbers (self, lanes, ARBOR_KIND_UINT64, out, error);
    case ARBOR_ARROW_DOUBLE:
      return encode_numbers (self, lanes, ARBOR_KIND_DOUBLE, out, error);
    case ARBOR_ARROW_STRING:
      return encode_strings (self, field, lanes, out, error);
    case ARBOR_ARROW_STRUCT:
      return encode_struct (self, field, lanes, place, out, error);
    case ARBOR_ARROW_LIST:
      return encode_list (self, field, lanes, place, out, error);
    default:
      return encode_json (self, field, place, out, error);
    }
}

static gboolean
encode_field (Encoder *self, const ArborArrowField *field, const Place *place,
              struct ArrowArray *out, GError **error)
{
  ArborScopeMark mark = arbor_scope_mark (self->scope);
  ArborLanes lanes = { .column = ARBOR_NO_COLUMN };
  gboolean is_done;

  init_array (out, field, place->n_rows);
  if (place->domain != ARBOR_NO_COLUMN && field->type != ARBOR_ARROW_JSON)
    arbor_lanes_init (&lanes, self->batch, place->domain, self->steps + place->first,
                      place->end - place->first, self->scope);
  is_done = encode_rows (self, field, &lanes, place, out, error);
  arbor_scope_release (self->scope, mark);
  return is_done;
}

static gboolean
encode_columns (Encoder *self, const ArborArrowTable *table, struct ArrowArray *out, GError **error)
{
  Place place = { .n_rows = arbor_batch_get_n_trees (self->batch) };

  init_array (out, table->root, place.n_rows);
  for (guint i = 0; i < table->root->n_children; i++)
    {
      ArborArrowField *column = table->root->children[i];

      if (!table->is_values)
        {
          self->steps[0] = (ArborStep){ .kind = ARBOR_STEP_KEY,
                                        .key = column->key,
                                        .length = (guint32) strlen (column->key) };
          place.end = 1;
        }
      if (!encode_field (self, column, &place, out->children[i], error))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_arrow_encode_batch (const ArborArrowTable *table, const ArborBatch *batch, GBytes *holder,
                          struct ArrowArray *out, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  /* A batch that was not aligned is read from a copy that goes with its reader. */
  Encoder encoder = { .batch = batch,
                      .holder = batch->own_copy == NULL ? holder : NULL,
                      .scope = scope };
  gboolean is_done = encode_columns (&encoder, table, out, error);

  arbor_buffer_free (&encoder.text);
  if (!is_done)
    arbor_arrow_array_clear (out);
  return is_done;
}
