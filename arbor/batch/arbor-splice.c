/* See arbor-splice.h. Columns are found breadth first, as they are numbered: of each one which column of each
 * batch it is, and from the pieces of its rows those of its values in each lane, from which follow the rows
 * of the columns below. Writing them is arbor-splice-write.c's.
 */

#include "batch/arbor-splice-private.h"

static void
add_piece (ArborPieces *self, guint32 batch, guint32 from, guint32 n)
{
  ArborSplicePiece *last = self->n > 0 ? &self->list[self->n - 1] : NULL;

  if (n == 0)
    return;
  self->total += n;
  if (last != NULL && last->batch == batch && last->from + last->n == from)
    last->n += n;
  else
    self->list[self->n++] = (ArborSplicePiece){ batch, from, n };
}

/* From rows to slots */

static guint32
find_row (const guint8 *rows, guint32 n, guint32 row)
{
  guint32 low = 0;

  while (low < n)
    {
      guint32 middle = low + (n - low) / 2;

      if (arbor_load_u32 (rows + (gsize) middle * 4) < row)
        low = middle + 1;
      else
        n = middle;
    }
  return low;
}

static guint32
count_before (const guint8 *bits, guint32 n_bits, guint32 n_ones, guint32 bit)
{
  ArborBitmap bitmap;

  if (bit >= n_bits)
    return n_ones;
  arbor_bitmap_init (&bitmap, bits, n_bits);
  return arbor_bitmap_rank (&bitmap, bit);
}

/* How many of the rows before @row have a value. */
static guint32
count_slots (const ArborBatch *batch, const ArborColumnRecord *record, guint32 row)
{
  const guint8 *presence = batch->data + record->presence_offset;

  switch (record->presence)
    {
    case ARBOR_PRESENCE_ALL:
      return row;
    case ARBOR_PRESENCE_BITMAP:
      return count_before (presence, record->n_rows, record->n_values, row);
    default:
      return find_row (presence, record->n_values, row);
    }
}

static void
copy_presence (const ArborBatch *batch, const ArborColumnRecord *record, const ArborSplicePiece *rows,
               guint32 first_slot, guint32 n_slots, guint64 *out, gsize at)
{
  const guint8 *presence = batch->data + record->presence_offset;

  if (record->presence != ARBOR_PRESENCE_ROWS)
    {
      arbor_bits_copy (out, at, record->presence == ARBOR_PRESENCE_ALL ? NULL : presence,
                              rows->from, rows->n);
      return;
    }
  for (guint32 i = first_slot; i < first_slot + n_slots; i++)
    arbor_bits_set (out, at + arbor_load_u32 (presence + (gsize) i * 4) - rows->from);
}

static void
find_slots (ArborSplicing *self, ArborSpliceColumn *column)
{
  const ArborPieces *rows = column->rows;
  gboolean is_all = TRUE;
  gsize at = 0;

  for (guint i = 0; i < self->base.n_batches; i++)
    is_all &= column->of[i] != ARBOR_NO_COLUMN &&
              arbor_splicing_get_record (self, column, i)->presence == ARBOR_PRESENCE_ALL;
  if (is_all)
    {
      column->slots = *rows;
      return;
    }
  column->slots.list =
      arbor_scope_alloc (self->base.scope, (gsize) rows->n * sizeof *column->slots.list);
  column->present = arbor_splicing_alloc_zero (self, (arbor_bits_n_words (rows->total) + 1) * 8);
  for (guint32 i = 0; i < rows->n; at += rows->list[i++].n)
    {
      const ArborSplicePiece *piece = &rows->list[i];
      const ArborBatch *batch = self->base.batches[piece->batch];
      const ArborColumnRecord *record;
      guint32 from, n;

      if (column->of[piece->batch] == ARBOR_NO_COLUMN)
        continue;
      record = arbor_splicing_get_record (self, column, piece->batch);
      from = count_slots (batch, record, piece->from);
      n = count_slots (batch, record, piece->from + piece->n) - from;
      add_piece (&column->slots, piece->batch, from, n);
      copy_presence (batch, record, piece, from, n, column->present, at);
    }
  if (column->slots.total == rows->total)
    column->present = NULL;
}

/* From slots to places in lanes */

static void
add_lane (ArborSplicing *self, ArborSpliceColumn *column, guint8 kind)
{
  const ArborPieces *slots = &column->slots;
  ArborSpliceLane *lane = &column->lanes[column->n_lanes];
  gboolean is_all = TRUE;
  gsize at = 0;

  *lane = (ArborSpliceLane){ .kind = kind };
  lane->of = arbor_splicing_alloc_zero (self, self->base.n_batches * sizeof *lane->of);
  for (guint i = 0; i < self->base.n_batches; i++)
    {
      if (column->of[i] != ARBOR_NO_COLUMN)
        lane->of[i] =
            arbor_batch_find_lane (self->base.batches[i], arbor_splicing_get_record (self, column, i), kind);
      is_all &= lane->of[i] != NULL && lane->of[i]->slots_offset == 0;
    }
  if (is_all)
    {
      lane->places = *slots;
      column->n_lanes++;
      return;
    }
  lane->places.list = arbor_scope_alloc (self->base.scope, (gsize) slots->n * sizeof *slots->list);
  lane->slots = arbor_splicing_alloc_zero (self, (arbor_bits_n_words (slots->total) + 1) * 8);
  for (guint32 i = 0; i < slots->n; at += slots->list[i++].n)
    {
      const ArborSplicePiece *piece = &slots->list[i];
      const ArborLaneRecord *of = lane->of[piece->batch];
      const guint8 *bits;
      guint32 from, end, n_values;

      if (of == NULL)
        continue;
      bits = of->slots_offset != 0
                 ? arbor_splice_get_buffer (&self->base, piece->batch, of->slots_offset)
                 : NULL;
      n_values = arbor_splicing_get_record (self, column, piece->batch)->n_values;
      from = bits != NULL ? count_before (bits, n_values, of->count, piece->from) : piece->from;
      end = bits != NULL ? count_before (bits, n_values, of->count, piece->from + piece->n)
                         : piece->from + piece->n;
      add_piece (&lane->places, piece->batch, from, end - from);
      arbor_bits_copy (lane->slots, at, bits, piece->from, piece->n);
    }
  if (lane->places.total == slots->total)
    lane->slots = NULL;
  column->n_lanes += lane->places.total > 0;
}

static int
compare_lanes (gconstpointer a, gconstpointer b)
{
  const ArborSpliceLane *x = a, *y = b;

  if (x->places.total != y->places.total)
    return x->places.total > y->places.total ? -1 : 1;
  return x->kind - y->kind;
}

/* A bit for each. */
static guint32
list_kinds (const ArborSplicing *self, const ArborSpliceColumn *column, guint32 batch)
{
  const ArborColumnRecord *record = arbor_splicing_get_record (self, column, batch);
  guint32 kinds = 0;

  for (guint i = 0; i < record->n_lanes; i++)
    kinds |= 1u << self->base.batches[batch]->lanes[record->first_lane + i].kind;
  return kinds;
}

static gboolean
find_lanes (ArborSplicing *self, ArborSpliceColumn *column)
{
  guint32 kinds = 0;

  for (guint i = 0; i < self->base.n_batches; i++)
    kinds |= column->of[i] != ARBOR_NO_COLUMN ? list_kinds (self, column, i) : 0;
  for (guint8 kind = ARBOR_KIND_BOOL; kind < ARBOR_N_LANE_KINDS; kind++)
    if ((kinds >> kind & 1) != 0)
      add_lane (self, column, kind);
  column->n_nulls = column->slots.total;
  for (guint i = 0; i < column->n_lanes; i++)
    {
      /* Damaged: a slot that is in two lanes. */
      if (column->lanes[i].places.total > column->n_nulls)
        return FALSE;
      column->n_nulls -= column->lanes[i].places.total;
    }
  if (column->n_lanes > 1)
    qsort (column->lanes, column->n_lanes, sizeof *column->lanes, compare_lanes);
  return TRUE;
}

/* Columns below */

static ArborSpliceColumn *
new_column (ArborSplicing *self, guint32 parent)
{
  ArborSpliceColumn *column = arbor_splicing_alloc_zero (self, sizeof *column);

  column->parent = parent;
  column->of = arbor_scope_alloc (self->base.scope, self->base.n_batches * sizeof *column->of);
  for (guint i = 0; i < self->base.n_batches; i++)
    column->of[i] = ARBOR_NO_COLUMN;
  return column;
}

/* FALSE: damaged, or too many. A column without values is not added. */
static gboolean
add_column (ArborSplicing *self, ArborSpliceColumn *column, const ArborPieces *rows)
{
  column->rows = rows;
  for (guint i = 0; i < self->base.n_batches; i++)
    if (column->of[i] != ARBOR_NO_COLUMN &&
        !arbor_batch_column_is_good (self->base.batches[i], column->of[i]))
      return FALSE;
  find_slots (self, column);
  if (column->slots.total == 0)
    return !column->is_element;
  if ((column->is_element && column->present != NULL) ||
      self->columns->len >= ARBOR_BATCH_MAX_COLUMNS || !find_lanes (self, column))
    return FALSE;
  self->n_lanes += column->n_lanes;
  g_ptr_array_add (self->columns, column);
  return TRUE;
}

static int
compare_keys (const char *a, guint32 m, const char *b, guint32 n)
{
  int order = memcmp (a, b, MIN (m, n));

  return order != 0 ? order : m < n ? -1 : m > n;
}

/* The fields of the objects in all batches, by their keys: each batch has them in that order. */
static gboolean
add_fields (ArborSplicing *self, guint32 parent, const ArborPieces *rows, const gboolean *has_objects)
{
  ArborSpliceColumn *of = arbor_splicing_get_column (self, parent);
  guint32 *next = arbor_splicing_alloc_zero (self, self->base.n_batches * sizeof *next);
  ArborSpliceColumn *column = NULL;

  of->first_child = self->columns->len;
  while (TRUE)
    {
      if (column == NULL)
        column = new_column (self, parent);
      for (guint i = 0; i < self->base.n_batches; i++)
        {
          guint32 first, length, n;
          const char *key;
          int order;

          if (!has_objects[i])
            continue;
          n = arbor_batch_get_fields (self->base.batches[i], of->of[i], &first);
          if (next[i] == n)
            continue;
          key = arbor_batch_get_key (self->base.batches[i], first + next[i], &length);
          order = column->key == NULL
                      ? -1
                      : compare_keys (key, length, column->key, column->key_length);
          if (order < 0)
            {
              for (guint j = 0; j < i; j++)
                column->of[j] = ARBOR_NO_COLUMN;
              column->key = key;
              column->key_length = length;
            }
          if (order <= 0)
            column->of[i] = first + next[i];
        }
      if (column->key == NULL)
        break;
      for (guint i = 0; i < self->base.n_batches; i++)
        next[i] += column->of[i] != ARBOR_NO_COLUMN;
      if (parent > 0 || self->wanted == NULL ||
          arbor_wanted_has (self->wanted, column->key, column->key_length))
        {
          if (!add_column (self, column, rows))
            return FALSE;
          column = NULL;
          continue;
        }
      /* The next field takes its place. */
      column->key = NULL;
      for (guint i = 0; i < self->base.n_batches; i++)
        column->of[i] = ARBOR_NO_COLUMN;
    }
  of->n_fields = self->columns->len - of->first_child;
  return TRUE;
}

static gboolean
add_elements (ArborSplicing *self, guint32 parent, ArborSpliceLane *lane)
{
  ArborSpliceColumn *of = arbor_splicing_get_column (self, parent);
  ArborSpliceColumn *column = new_column (self, parent);
  ArborPieces *rows = arbor_splicing_alloc_zero (self, sizeof *rows);

  rows->list = arbor_scope_alloc (self->base.scope, (gsize) lane->places.n * sizeof *rows->list);
  for (guint32 i = 0; i < lane->places.n; i++)
    {
      const ArborSplicePiece *piece = &lane->places.list[i];
      const ArborLaneRecord *from = lane->of[piece->batch];
      const guint8 *spans = arbor_splice_get_buffer (&self->base, piece->batch, from->offset_b);
      guint64 start, end, unused;

      arbor_spans_get (spans, from->count, from->span_width, piece->from, &start, &unused);
      arbor_spans_get (spans, from->count, from->span_width, piece->from + piece->n - 1, &unused, &end);
      if (start > end || end > from->size_a)
        return FALSE;
      add_piece (rows, piece->batch, (guint32) start, (guint32) (end - start));
    }
  lane->n_elements = rows->total;
  if (rows->total == 0)
    return TRUE;
  column->is_element = TRUE;
  for (guint i = 0; i < self->base.n_batches; i++)
    if (lane->of[i] != NULL)
      column->of[i] = arbor_batch_find_elements (self->base.batches[i], of->of[i]);
  if (of->n_fields == 0)
    of->first_child = self->columns->len;
  of->has_elements = TRUE;
  return add_column (self, column, rows);
}

static gboolean
add_children (ArborSplicing *self, guint32 number)
{
  ArborSpliceColumn *column = arbor_splicing_get_column (self, number);
  gboolean *has_objects = arbor_splicing_alloc_zero (self, self->base.n_batches * sizeof *has_objects);
  ArborSpliceLane *objects = NULL, *arrays = NULL;

  for (guint i = 0; i < column->n_lanes; i++)
    {
      if (column->lanes[i].kind == ARBOR_KIND_OBJECT)
        objects = &column->lanes[i];
      if (column->lanes[i].kind == ARBOR_KIND_ARRAY)
        arrays = &column->lanes[i];
    }
  for (guint i = 0; objects != NULL && i < self->base.n_batches; i++)
    has_objects[i] = objects->of[i] != NULL;
  if ((objects != NULL && !add_fields (self, number, &objects->places, has_objects)) ||
      (arrays != NULL && !add_elements (self, number, arrays)))
    return FALSE;
  if (column->n_fields == 0 && !column->has_elements)
    column->first_child = 0;
  return TRUE;
}

/* All of them */

static gboolean
find_columns (ArborSplicing *self)
{
  ArborSpliceColumn *root = new_column (self, ARBOR_NO_COLUMN);

  root->is_element = TRUE;
  for (guint i = 0; i < self->base.n_batches; i++)
    root->of[i] = 0;
  if (!add_column (self, root, &self->trees))
    return FALSE;
  for (guint32 i = 0; i < self->columns->len; i++)
    if (!add_children (self, i))
      return FALSE;
  for (guint32 i = 0; i < self->columns->len; i++)
    for (guint j = 0; j < arbor_splicing_get_column (self, i)->n_lanes; j++)
      if (arbor_splicing_get_column (self, i)->lanes[j].kind == ARBOR_KIND_OBJECT &&
          !arbor_splice_find_shapes (self, arbor_splicing_get_column (self, i),
                                     &arbor_splicing_get_column (self, i)->lanes[j]))
        return FALSE;
  return TRUE;
}

G_STATIC_ASSERT (sizeof (ArborMendPart) == sizeof (ArborSplicePiece) &&
                 offsetof (ArborMendPart, batch) == offsetof (ArborSplicePiece, batch) &&
                 offsetof (ArborMendPart, first_row) == offsetof (ArborSplicePiece, from) &&
                 offsetof (ArborMendPart, n_rows) == offsetof (ArborSplicePiece, n));

/* The pieces are the parts. Of the batches that no part lies in nothing is looked at: they are left out. */
static void
list_trees (ArborSplicing *self, const ArborBatch *const *batches, guint n_batches, const ArborMendPart *parts,
            guint32 n_parts)
{
  const ArborBatch **used =
      arbor_scope_alloc (self->base.scope, (gsize) n_batches * sizeof *used);
  guint32 *numbers = arbor_scope_alloc (self->base.scope, (gsize) n_batches * sizeof *numbers);
  ArborSplicePiece *list = arbor_scope_alloc (self->base.scope, (gsize) n_parts * sizeof *list);

  memset (numbers, 0, (gsize) n_batches * sizeof *numbers);
  memcpy (list, parts, (gsize) n_parts * sizeof *list);
  for (guint32 i = 0; i < n_parts; i++)
    {
      numbers[list[i].batch] = 1;
      self->trees.total += list[i].n;
    }
  for (guint i = 0; i < n_batches; i++)
    if (numbers[i] != 0)
      {
        numbers[i] = self->base.n_batches;
        used[self->base.n_batches++] = batches[i];
      }
  for (guint32 i = 0; self->base.n_batches < n_batches && i < n_parts; i++)
    list[i].batch = numbers[list[i].batch];
  self->trees.list = list;
  self->trees.n = n_parts;
  self->base.batches = used;
}

GBytes *
arbor_splice (const ArborBatch *const *batches, guint n_batches, const ArborMendPart *parts,
              guint32 n_parts, const ArborWanted *wanted)
{
  static const guint32 zero = 0;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autoptr (GPtrArray) columns = g_ptr_array_new ();
  g_autoptr (GArray) shape_ends = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) shape_columns = g_array_new (FALSE, FALSE, sizeof (guint32));
  ArborSplicing self = { .base = { .scope = scope },
                  .wanted = wanted,
                  .columns = columns,
                  .shape_ends = shape_ends,
                  .shape_columns = shape_columns };

  g_array_append_val (shape_ends, zero);
  list_trees (&self, batches, n_batches, parts, n_parts);
  if (self.trees.total == 0 || self.trees.total > ARBOR_BATCH_MAX_TREES)
    return NULL;
  return find_columns (&self) ? arbor_splicing_write (&self) : NULL;
}
