/* One row of an array as a tape. See arbor-arrow-take.h. Each offset, index and length is compared with
 * what there is before it is followed; what a row may hold in all is bounded, for lists may lie on each
 * other.
 */

#include "query/arrow/arbor-arrow-read-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-text.h"

static gboolean read_value (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row,
                            GError **error);

ArborArrowReader *
arbor_arrow_reader_new (void)
{
  ArborArrowReader *self = g_new0 (ArborArrowReader, 1);

  self->writer = arbor_tape_writer_new ();
  self->parser = arbor_parser_new ();
  return self;
}

void
arbor_arrow_reader_free (ArborArrowReader *self)
{
  arbor_tape_writer_free (self->writer);
  arbor_parser_free (self->parser);
  arbor_buffer_free (&self->text);
  arbor_buffer_free (&self->padded);
  g_free (self);
}

static gboolean
write_json (ArborArrowReader *self, const ArborArrowColumn *column, const guint8 *bytes,
            gsize length, GError **error)
{
  const char *reason;
  gsize position;
  ArborTape tape;

  arbor_buffer_clear (&self->padded);
  arbor_buffer_append (&self->padded, bytes, length);
  arbor_buffer_reserve (&self->padded, ARBOR_PARSER_PADDING);
  if (!arbor_parser_parse (self->parser, (const char *) self->padded.data, length, &tape, &position,
                           &reason))
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_PARSE, _("Arrow column '%s': byte %zu: %s"),
                   column->plan->path, position, reason);
      return FALSE;
    }
  arbor_tape_writer_copy (self->writer, &tape, ARBOR_TAPE_ROOT);
  return TRUE;
}

static gboolean
write_json_text (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  const char *text;
  gsize n;

  return arbor_arrow_reader_get_text (self, column, slot, &text, &n, error) &&
         write_json (self, column, (const guint8 *) text, n, error);
}

/* Containers */

/* A value of a child, by its place. */
static gboolean
read_child (ArborArrowReader *self, const ArborArrowColumn *parent, const ArborArrowColumn *child,
            gint64 place, GError **error)
{
  if (place < 0 || (guint64) place >= child->length)
    return arbor_arrow_reader_set_damaged (parent, "indices", error);
  return read_value (self, child, (guint64) place, error);
}

static gboolean
write_struct (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  arbor_tape_writer_begin_object (self->writer);
  for (gint64 i = 0; i < column->n_children; i++)
    {
      const ArborArrowColumn *child = column->children[i];
      const char *key = child->plan->key;

      arbor_tape_writer_key (self->writer, key, strlen (key));
      if (!read_child (self, column, child, (gint64) slot, error))
        return FALSE;
    }
  arbor_tape_writer_end_object (self->writer);
  return TRUE;
}

/* Which values of the child a slot has. */
static gboolean
find_elements (const ArborArrowColumn *column, guint64 slot, gint64 *start, gint64 *n,
               GError **error)
{
  const ArborArrowPlan *plan = column->plan;

  switch (plan->read)
    {
    case ARBOR_ARROW_READ_FIXED_LIST:
      *n = plan->n_fixed;
      *start = (gint64) slot * *n;
      break;
    case ARBOR_ARROW_READ_LIST_VIEW:
      *start = arbor_arrow_load_signed (column->items, plan->width, slot);
      *n = arbor_arrow_load_signed (column->others, plan->width, slot);
      break;
    default:
      *start = arbor_arrow_load_signed (column->items, plan->width, slot);
      if (__builtin_sub_overflow (arbor_arrow_load_signed (column->items, plan->width, slot + 1), *start, n))
        *n = -1;
      break;
    }
  return (*start >= 0 && *n >= 0 && (guint64) *start <= column->children[0]->length &&
          (guint64) *n <= column->children[0]->length - (guint64) *start) ||
         arbor_arrow_reader_set_damaged (column, "offsets", error);
}

static gboolean
write_list (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  gint64 start, n;

  if (!find_elements (column, slot, &start, &n, error))
    return FALSE;
  arbor_tape_writer_begin_array (self->writer);
  for (gint64 i = start; i < start + n; i++)
    if (!read_child (self, column, column->children[0], i, error))
      return FALSE;
  arbor_tape_writer_end_array (self->writer);
  return TRUE;
}

static gboolean
write_key (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row, GError **error)
{
  guint64 slot = column->offset + row;
  ArborValue value;
  const char *text;
  gsize n;

  if (row >= column->length)
    return arbor_arrow_reader_set_damaged (column, "indices", error);
  if (arbor_arrow_is_null (column, slot))
    return arbor_arrow_reader_set_damaged (column, "null keys", error);
  if (column->plan->read == ARBOR_ARROW_READ_BOOL)
    {
      text = arbor_arrow_test_bit (column->items, slot) ? "true" : "false";
      arbor_tape_writer_key (self->writer, text, strlen (text));
      return TRUE;
    }
  if (column->plan->read != ARBOR_ARROW_READ_INTEGER)
    {
      if (!arbor_arrow_reader_get_text (self, column, slot, &text, &n, error))
        return FALSE;
      arbor_tape_writer_key (self->writer, text, n);
      return TRUE;
    }
  arbor_arrow_load_integer (column, slot, &value);
  if (column->dictionary != NULL)
    return value.kind == ARBOR_KIND_INT64 && value.int64 >= 0
               ? write_key (self, column->dictionary, (guint64) value.int64, error)
               : arbor_arrow_reader_set_damaged (column, "indices", error);
  arbor_buffer_clear (&self->text);
  if (value.kind == ARBOR_KIND_INT64)
    arbor_text_append_int64 (&self->text, value.int64);
  else
    arbor_text_append_uint64 (&self->text, value.uint64);
  arbor_tape_writer_key (self->writer, (const char *) self->text.data, self->text.length);
  return TRUE;
}

static gboolean
write_map (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  const ArborArrowColumn *entries = column->children[0];
  gint64 start, n;

  if (!find_elements (column, slot, &start, &n, error))
    return FALSE;
  arbor_tape_writer_begin_object (self->writer);
  for (gint64 i = start; i < start + n; i++)
    {
      guint64 place = entries->offset + (guint64) i;

      if (!write_key (self, entries->children[0], place, error) ||
          !read_child (self, column, entries->children[1], (gint64) place, error))
        return FALSE;
    }
  arbor_tape_writer_end_object (self->writer);
  return TRUE;
}

static gboolean
write_union (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  gint64 id = arbor_arrow_load_signed (column->items, 1, slot);
  int child = id >= 0 ? column->plan->children_of_ids[id] : -1;
  gint64 place = column->plan->read == ARBOR_ARROW_READ_DENSE_UNION
                     ? arbor_arrow_load_signed (column->others, 4, slot)
                     : (gint64) slot;

  if (child < 0)
    return arbor_arrow_reader_set_damaged (column, "types of a union", error);
  return read_child (self, column, column->children[child], place, error);
}

/* The first run that ends behind the slot. */
static gboolean
write_run (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  const ArborArrowColumn *ends = column->children[0];
  guint64 low = 0, high = ends->length;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (arbor_arrow_load_signed (ends->items, ends->plan->width, ends->offset + middle) > (gint64) slot)
        high = middle;
      else
        low = middle + 1;
    }
  if (low == ends->length)
    return arbor_arrow_reader_set_damaged (column, "runs", error);
  return read_child (self, column, column->children[1], (gint64) low, error);
}

/* Values */

static gboolean
write_scalar (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  ArborValue value;

  if (!arbor_arrow_reader_get_scalar (self, column, slot, &value, error))
    return FALSE;
  if (column->dictionary != NULL)
    return value.kind == ARBOR_KIND_INT64
               ? read_child (self, column, column->dictionary, value.int64, error)
               : arbor_arrow_reader_set_damaged (column, "indices", error);
  arbor_tape_writer_scalar (self->writer, &value);
  return TRUE;
}

static gboolean
write_slot (ArborArrowReader *self, const ArborArrowColumn *column, guint64 slot, GError **error)
{
  switch (column->plan->read)
    {
    case ARBOR_ARROW_READ_STRUCT:
      return write_struct (self, column, slot, error);
    case ARBOR_ARROW_READ_LIST:
    case ARBOR_ARROW_READ_LIST_VIEW:
    case ARBOR_ARROW_READ_FIXED_LIST:
      return write_list (self, column, slot, error);
    case ARBOR_ARROW_READ_MAP:
      return write_map (self, column, slot, error);
    case ARBOR_ARROW_READ_SPARSE_UNION:
    case ARBOR_ARROW_READ_DENSE_UNION:
      return write_union (self, column, slot, error);
    case ARBOR_ARROW_READ_RUNS:
      return write_run (self, column, slot, error);
    default:
      return column->plan->is_json ? write_json_text (self, column, slot, error)
                                   : write_scalar (self, column, slot, error);
    }
}

/* @row is below the length. */
static gboolean
read_value (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row, GError **error)
{
  guint64 slot = column->offset + row;

  if (++self->n_values > ARBOR_ARROW_MAX_VALUES)
    return arbor_arrow_reader_set_limit (column, error);
  if (!arbor_arrow_is_null (column, slot))
    return write_slot (self, column, slot, error);
  arbor_tape_writer_scalar (self->writer, &ARBOR_VALUE_NULL);
  return TRUE;
}

gboolean
arbor_arrow_reader_read (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row,
                         ArborTape *tape, GError **error)
{
  arbor_tape_writer_reset (self->writer);
  self->n_values = 0;
  self->n_bytes = 0;
  if (!read_value (self, column, row, error))
    return FALSE;
  arbor_tape_writer_finish (self->writer, tape);
  return TRUE;
}

/* A plain value; through a dictionary that is plain. */
static gboolean
get_plain (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row, ArborValue *value,
           GError **error)
{
  guint64 slot = column->offset + row;

  *value = ARBOR_VALUE_NULL;
  if (arbor_arrow_is_null (column, slot))
    return TRUE;
  if (!arbor_arrow_reader_get_scalar (self, column, slot, value, error))
    return FALSE;
  if (column->dictionary == NULL)
    return TRUE;
  if (value->kind != ARBOR_KIND_INT64 || value->int64 < 0 ||
      (guint64) value->int64 >= column->dictionary->length)
    return arbor_arrow_reader_set_damaged (column, "indices", error);
  return get_plain (self, column->dictionary, (guint64) value->int64, value, error);
}

gboolean
arbor_arrow_reader_read_plain (ArborArrowReader *self, const ArborArrowColumn *column, guint64 row,
                               ArborScope *scope, ArborValue *values, GError **error)
{
  self->n_bytes = 0;
  for (gint64 i = 0; i < column->n_children; i++)
    {
      ArborValue *value = &values[i];

      if (!get_plain (self, column->children[i], column->offset + row, value, error))
        return FALSE;
      if ((value->kind == ARBOR_KIND_STRING || value->kind == ARBOR_KIND_NUMBER) &&
          value->text == (const char *) self->text.data)
        value->text = arbor_scope_copy (scope, value->text, value->length);
    }
  return TRUE;
}
