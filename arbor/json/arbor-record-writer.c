/* See arbor-record-writer.h. In a batch that is ready to be written from, each column is a column of the
 * batch or none; what is not a truth value, number or string is written as JSON first, which then is the
 * text of the cell. Trees that lie as text, and those of a batch that is not worth it, are looked
 * through field by field.
 */

#include "json/arbor-record-writer.h"

#include "base/arbor-text.h"
#include "batch/arbor-value-access.h"
#include "json/arbor-csv.h"
#include "json/arbor-row-writer-private.h"

struct _ArborRecordWriter
{
  GPtrArray *names;   /* of GBytes */
  GHashTable *places; /* the same, to their places among the names */
  ArborRowWriter *writer;
  gboolean has_plain_delimiter; /* which no number and no truth value has */
  guint32 *columns;             /* of the batch: of each name, or ARBOR_NO_COLUMN */
  const ArborBatch *batch;      /* that columns tells of */
  ArborValue *row;              /* cells of a tree; MISSING in between */
  ArborBuffer cell;

  /* Of collecting. */
  GHashTable *seen;          /* of batches: guint8 for each shape of the trees, whether it was met */
  const ArborBatch *at;      /* the last one */
  guint8 *at_seen;           /* NULL: its shapes do not tell */
};

ArborRecordWriter *
arbor_record_writer_new (char delimiter)
{
  ArborRecordWriter *self = g_new0 (ArborRecordWriter, 1);

  self->names = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->places = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  self->seen = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->writer = arbor_row_writer_new ();
  self->writer->delimiter = delimiter;
  self->has_plain_delimiter = !g_ascii_isalnum (delimiter) && strchr ("+-.", delimiter) == NULL;
  return self;
}

void
arbor_record_writer_free (ArborRecordWriter *self)
{
  g_hash_table_unref (self->places);
  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->seen);
  arbor_row_writer_free (self->writer);
  arbor_buffer_free (&self->cell);
  g_free (self->columns);
  g_free (self->row);
  g_free (self);
}

void
arbor_record_writer_forget (ArborRecordWriter *self)
{
  arbor_row_writer_forget (self->writer);
  g_hash_table_remove_all (self->seen);
  self->batch = self->at = NULL;
  self->at_seen = NULL;
}

ArborRecordWriter *
arbor_record_writer_copy (ArborRecordWriter *self)
{
  ArborRecordWriter *copy = arbor_record_writer_new (self->writer->delimiter);

  for (guint i = 0; i < self->names->len; i++)
    {
      gsize length;
      const char *name = g_bytes_get_data (self->names->pdata[i], &length);

      arbor_record_writer_add_column (copy, name, length);
    }
  return copy;
}

/* Columns */

static gboolean
find_column (ArborRecordWriter *self, const char *key, gsize length, guint *place)
{
  g_autoptr (GBytes) name = g_bytes_new_static (key, length);
  gpointer value;

  if (!g_hash_table_lookup_extended (self->places, name, NULL, &value))
    return FALSE;
  *place = GPOINTER_TO_UINT (value);
  return TRUE;
}

gboolean
arbor_record_writer_add_column (ArborRecordWriter *self, const char *name, gsize length)
{
  GBytes *copy;
  guint place;

  if (find_column (self, name, length, &place))
    return FALSE;
  copy = g_bytes_new (name, length);
  g_hash_table_insert (self->places, copy, GUINT_TO_POINTER (self->names->len));
  g_ptr_array_add (self->names, copy);
  return TRUE;
}

guint
arbor_record_writer_get_n_columns (ArborRecordWriter *self)
{
  return self->names->len;
}

gboolean
arbor_record_writer_has_plain_delimiter (ArborRecordWriter *self)
{
  return self->has_plain_delimiter;
}

/* Trees tend to have their fields in one order: the column after the last one is tried first. */
static gboolean
look_up (ArborRecordWriter *self, guint *next, const char *key, guint32 length, guint *place)
{
  if (*next < self->names->len)
    {
      gsize n;
      const char *name = g_bytes_get_data (self->names->pdata[*next], &n);

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

/* Collecting */

static void
set_collected (ArborRecordWriter *self, const ArborBatch *batch)
{
  const ArborColumnRecord *root = &batch->columns[0];

  if (self->at == batch)
    return;
  self->at = batch;
  self->at_seen = NULL;
  if (!arbor_batch_shapes_are_good (batch, 0))
    return;
  self->at_seen = g_hash_table_lookup (self->seen, batch);
  if (self->at_seen != NULL)
    return;
  self->at_seen = g_malloc0 ((gsize) root->n_shapes + 1);
  g_hash_table_insert (self->seen, (gpointer) batch, self->at_seen);
}

/* Whether all of the tree's fields were met, for another one has the same; then how many these are. */
static gboolean
was_met (ArborRecordWriter *self, const ArborBatch *batch, const ArborValue *tree, guint32 *n_fields)
{
  const ArborColumnRecord *root = &batch->columns[0];
  const ArborLaneRecord *lane = arbor_batch_find_lane (batch, root, ARBOR_KIND_OBJECT);
  const guint8 *offsets = batch->shape_offsets;
  guint64 shape;
  gboolean is_met;

  set_collected (self, batch);
  if (self->at_seen == NULL || lane == NULL || tree->holder_kind != ARBOR_HOLDER_BATCH ||
      tree->index >= lane->count)
    return FALSE;
  shape = arbor_load_unsigned (batch->data + lane->offset_a, lane->width, tree->index);
  if (shape >= root->n_shapes)
    return FALSE;
  is_met = self->at_seen[shape];
  self->at_seen[shape] = TRUE;
  offsets += (root->first_shape + shape) * 4;
  *n_fields = arbor_load_u32 (offsets + 4) - arbor_load_u32 (offsets);
  return is_met;
}

gboolean
arbor_record_writer_collect (ArborRecordWriter *self, const ArborBatch *batch, guint32 row,
                             ArborScope *scope, guint32 *n_fields)
{
  ArborValue tree, member;
  ArborValueIter iter;
  const char *key;
  guint32 length;
  guint next = 0, place;

  arbor_batch_get_tree (batch, row, &tree);
  if (tree.kind != ARBOR_KIND_OBJECT)
    return FALSE;
  if (was_met (self, batch, &tree, n_fields))
    return TRUE;
  *n_fields = 0;
  arbor_value_iter_init (&iter, &tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    {
      ++*n_fields;
      if (look_up (self, &next, key, length, &place))
        continue;
      next = self->names->len + 1;
      arbor_record_writer_add_column (self, key, length);
      if (self->names->len > ARBOR_CSV_MAX_COLUMNS)
        break;
    }
  return TRUE;
}

/* Cells */

static void
append_cell (ArborRecordWriter *self, const char *text, gsize length, ArborBuffer *out)
{
  arbor_csv_append_cell (out, text, length, self->writer->delimiter, self->names->len == 1);
}

static void
append_value (ArborRecordWriter *self, const ArborValue *value, ArborScope *scope, ArborBuffer *out)
{
  if (arbor_value_is_null (value))
    append_cell (self, NULL, 0, out);
  else if (value->kind == ARBOR_KIND_STRING)
    append_cell (self, value->text, value->length, out);
  else
    {
      arbor_buffer_clear (&self->cell);
      arbor_value_write_json (value, scope, &self->cell);
      append_cell (self, (const char *) self->cell.data, self->cell.length, out);
    }
}

void
arbor_record_writer_write_header (ArborRecordWriter *self, ArborBuffer *out)
{
  for (guint i = 0; i < self->names->len; i++)
    {
      gsize length;
      const char *name = g_bytes_get_data (self->names->pdata[i], &length);

      if (i > 0)
        arbor_buffer_append_byte (out, (guint8) self->writer->delimiter);
      append_cell (self, length > 0 ? name : NULL, length, out);
    }
  arbor_buffer_append_byte (out, '\n');
}

/* Field by field. */
static void
write_fields (ArborRecordWriter *self, const ArborValue *tree, ArborScope *scope, ArborBuffer *out)
{
  ArborValueIter iter;
  ArborValue member;
  const char *key;
  guint32 length;
  guint next = 0, place;

  if (self->row == NULL)
    {
      self->row = g_new (ArborValue, self->names->len + 1);
      for (guint i = 0; i < self->names->len; i++)
        self->row[i] = ARBOR_VALUE_MISSING;
    }
  arbor_value_iter_init (&iter, tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    if (look_up (self, &next, key, length, &place))
      self->row[place] = member;
  for (guint i = 0; i < self->names->len; i++)
    {
      if (i > 0)
        arbor_buffer_append_byte (out, (guint8) self->writer->delimiter);
      append_value (self, &self->row[i], scope, out);
      self->row[i] = ARBOR_VALUE_MISSING;
    }
}

/* By columns */

static void
find_columns (ArborRecordWriter *self, const ArborBatch *batch)
{
  if (self->columns == NULL)
    self->columns = g_new (guint32, self->names->len + 1);
  for (guint i = 0; i < self->names->len; i++)
    {
      gsize length;
      const char *name = g_bytes_get_data (self->names->pdata[i], &length);

      self->columns[i] = arbor_batch_find_field (batch, 0, length > 0 ? name : "", (guint32) length);
    }
  self->batch = batch;
}

/* Arrays, objects, numbers that are kept as text, null, and what is damaged. */
static void
write_other (ArborRecordWriter *self, guint32 column, guint32 row, ArborBuffer *out)
{
  ArborValue value;

  arbor_batch_get_value (self->batch, column, row, &value);
  if (value.kind < ARBOR_KIND_ARRAY || value.holder_kind != ARBOR_HOLDER_BATCH)
    {
      append_value (self, &value, self->writer->scope, out);
      return;
    }
  arbor_buffer_clear (&self->cell);
  self->writer->out = &self->cell;
  arbor_row_writer_write_value (self->writer, column, row);
  self->writer->out = out;
  append_cell (self, (const char *) self->cell.data, self->cell.length, out);
}

static inline void
write_cell (ArborRecordWriter *self, guint32 column, guint32 row, ArborBuffer *out)
{
  if (column == ARBOR_NO_COLUMN)
    append_cell (self, NULL, 0, out);
  else if (!arbor_row_writer_write_scalar (self->writer, column, row))
    write_other (self, column, row, out);
}

gboolean
arbor_record_writer_write (ArborRecordWriter *self, const ArborBatch *batch, guint32 row,
                           ArborScope *scope, ArborBuffer *out)
{
  ArborValue tree;

  arbor_batch_get_tree (batch, row, &tree);
  if (tree.kind != ARBOR_KIND_OBJECT)
    return FALSE;
  self->writer->scope = scope;
  self->writer->out = out;
  if (!arbor_row_writer_prepare (self->writer, batch) || !self->has_plain_delimiter ||
      tree.holder_kind != ARBOR_HOLDER_BATCH)
    {
      write_fields (self, &tree, scope, out);
      arbor_buffer_append_byte (out, '\n');
      return TRUE;
    }
  if (self->batch != batch)
    find_columns (self, batch);
  for (guint i = 0; i < self->names->len; i++)
    {
      if (i > 0)
        arbor_buffer_append_byte (out, (guint8) self->writer->delimiter);
      write_cell (self, self->columns[i], tree.index, out);
    }
  arbor_buffer_append_byte (out, '\n');
  return TRUE;
}
