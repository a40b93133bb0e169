/* Adding trees of cells: one loop over them, with a stack of the open arrays and objects. See
 * arbor-batch-cells.h. What it does to the columns, and to the raw size, is what
 * arbor-batch-builder.c does with the same tree on a tape.
 */

#include "batch/arbor-batch-cells.h"

#include "batch/arbor-value-access.h"

/* More fields are written to a tape. */
#define MAX_FIELDS 64u

typedef struct
{
  guint32 row;       /* of an object's members; an array's elements have that of their column */
  gboolean is_array;
} Open;

static inline guint32
add_scalar (ArborColumnBuilder *column, const ArborCell *cell, guint32 row)
{
  arbor_column_builder_begin_value (column, row, cell->kind);
  switch (cell->kind)
    {
    case ARBOR_KIND_STRING:
      return arbor_column_builder_add_string (column, cell->of.text, cell->length);
    case ARBOR_KIND_INT64:
      arbor_column_builder_add_word (&column->ints, cell->of.word);
      return 8;
    case ARBOR_KIND_DOUBLE:
      arbor_column_builder_add_word (&column->doubles, cell->of.word);
      return 8;
    case ARBOR_KIND_BOOL:
      arbor_buffer_append_byte (&column->bools, (guint8) cell->of.word);
      return 1;
    default: /* ARBOR_KIND_NULL */
      return 1;
    }
}

/* Notes the fields of the objects that are open, one after the other. */
static inline void
end_object (ArborBatchBuilder *self, const ArborCell *cell)
{
  gsize size = (gsize) cell->length * 4;

  self->fields.length -= size;
  arbor_batch_builder_add_shape (self, cell->column,
                                 (const guint32 *) (self->fields.data + self->fields.length),
                                 cell->length);
}

void
arbor_batch_builder_add_cells (ArborBatchBuilder *self, const ArborCell *cells, guint32 n)
{
  Open stack[ARBOR_CELL_MAX_DEPTH + 1];
  guint depth = 0;
  Open open = { .row = self->n_trees };
  gsize size = 0;

  arbor_buffer_clear (&self->fields);
  for (const ArborCell *cell = cells; cell < cells + n; cell++)
    {
      ArborColumnBuilder *column = &self->columns[cell->column];
      guint32 row = open.is_array ? column->n_values : open.row;

      if (cell->kind == ARBOR_CELL_END_OBJECT || cell->kind == ARBOR_CELL_END_ARRAY)
        {
          if (cell->kind == ARBOR_CELL_END_OBJECT)
            end_object (self, cell);
          else
            {
              column->n_elements += cell->length;
              arbor_column_builder_add_u32 (&column->arrays, cell->length);
            }
          open = stack[--depth];
          continue;
        }
      if (!open.is_array && depth > 0)
        arbor_column_builder_add_u32 (&self->fields, cell->column);
      if (cell->kind < ARBOR_KIND_ARRAY)
        {
          size += add_scalar (column, cell, row);
          continue;
        }
      stack[depth++] = open;
      open.row = column->n_kind[ARBOR_KIND_OBJECT];
      open.is_array = cell->kind == ARBOR_KIND_ARRAY;
      arbor_column_builder_begin_value (column, row, cell->kind);
      size += 2;
    }
  self->raw_size += size;
  arbor_batch_builder_end_trees (self, 1);
}

/* FALSE: the batch lacks a field, or a value is none of a cell. */
static gboolean
add_known_fields (ArborBatchBuilder *self, const char *const *names, const ArborValue *values,
                  gsize n)
{
  ArborCell cells[MAX_FIELDS + 2] = { { .kind = ARBOR_KIND_OBJECT } };
  guint32 n_cells = 1;

  if (self->n_trees == 0 || n > MAX_FIELDS)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      ArborCell *cell = &cells[n_cells];

      if (values[i].kind == ARBOR_KIND_MISSING)
        continue;
      if (values[i].kind == ARBOR_KIND_UINT64 || values[i].kind == ARBOR_KIND_NUMBER ||
          values[i].kind >= ARBOR_KIND_ARRAY)
        return FALSE;
      cell->column = arbor_batch_builder_find_field (self, 0, names[i], (guint32) strlen (names[i]));
      if (cell->column == ARBOR_NO_COLUMN)
        return FALSE;
      cell->kind = values[i].kind;
      cell->length = values[i].length;
      if (cell->kind == ARBOR_KIND_STRING)
        cell->of.text = values[i].text;
      else if (cell->kind == ARBOR_KIND_BOOL)
        cell->of.word = !!values[i].boolean;
      else
        cell->of.word = values[i].uint64;
      n_cells++;
    }
  cells[n_cells] = (ArborCell){ .kind = ARBOR_CELL_END_OBJECT, .length = n_cells - 1 };
  arbor_batch_builder_add_cells (self, cells, n_cells + 1);
  return TRUE;
}

void
arbor_batch_builder_add_fields (ArborBatchBuilder *self, const char *const *names,
                                const ArborValue *values, gsize n, ArborScope *scope)
{
  ArborTape tape;

  if (add_known_fields (self, names, values, n))
    return;
  arbor_tape_writer_reset (self->writer);
  arbor_tape_writer_begin_object (self->writer);
  for (gsize i = 0; i < n; i++)
    {
      if (values[i].kind == ARBOR_KIND_MISSING)
        continue;
      arbor_tape_writer_key (self->writer, names[i], strlen (names[i]));
      arbor_value_write_tape (&values[i], scope, self->writer);
    }
  arbor_tape_writer_end_object (self->writer);
  arbor_tape_writer_finish (self->writer, &tape);
  arbor_batch_builder_add_tape (self, &tape, ARBOR_TAPE_ROOT);
}
