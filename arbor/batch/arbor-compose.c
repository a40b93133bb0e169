/* See arbor-compose.h. Each field has a gatherer of its own, all of which add to the same builder. Where
 * not all trees have all fields, their shapes follow from which they have.
 */

#include "batch/arbor-compose-private.h"

#include "base/arbor-bits.h"

/* Fields that the pattern of a tree tells apart: those that not all trees have. */
#define MAX_PARTIAL 64u
#define MAX_FIELDS ARBOR_BATCH_MAX_OBJECT_FIELDS
/* Shapes of patterns that are remembered: a power of two. */
#define N_KNOWN 64u
/* Of all shapes: with more an order of all fields is not looked for. */
#define MAX_ENTRIES 4096u

ArborCompose *
arbor_compose_new (ArborBatchBuilder *builder)
{
  ArborCompose *self = g_new0 (ArborCompose, 1);

  self->builder = builder;
  self->fields = g_array_new (FALSE, TRUE, sizeof (ArborComposeField));
  self->scope = arbor_scope_new ();
  return self;
}

void
arbor_compose_free (ArborCompose *self)
{
  for (guint i = 0; i < self->fields->len; i++)
    arbor_gather_free (g_array_index (self->fields, ArborComposeField, i).gather);
  g_array_unref (self->fields);
  arbor_scope_free (self->scope);
  g_free (self);
}

void
arbor_compose_forget (ArborCompose *self)
{
  for (guint i = 0; i < self->fields->len; i++)
    g_array_index (self->fields, ArborComposeField, i).is_set = FALSE;
}

ArborComposeField *
arbor_compose_get_field (ArborCompose *self, guint i)
{
  while (self->fields->len <= i)
    {
      const ArborComposeField field = { .gather = arbor_gather_new (self->builder) };

      g_array_append_val (self->fields, field);
    }
  return &g_array_index (self->fields, ArborComposeField, i);
}

/* Planning */

/* @inner tells of the ones of @outer. */
static const guint64 *
spread (ArborCompose *self, const guint64 *inner, const guint64 *outer, guint32 n)
{
  guint64 *out;

  if (inner == NULL || outer == NULL)
    return inner == NULL ? outer : inner;
  out = arbor_scope_alloc (self->scope, arbor_bits_n_words (n) * 8);
  arbor_bits_spread (out, inner, outer, n);
  return out;
}

/* FALSE: there are arrays or objects. */
static gboolean
plan_values (ArborCompose *self, ArborComposeField *field, const ArborFieldRows *from, guint32 n_trees,
             guint64 *bound)
{
  guint64 *present = arbor_scope_alloc (self->scope, arbor_bits_n_words (n_trees) * 8);

  memset (present, 0, arbor_bits_n_words (n_trees) * 8);
  field->n_values = 0;
  for (guint32 i = 0; i < n_trees; i++)
    {
      const ArborValue *value = &from->values[i];

      if (value->kind >= ARBOR_KIND_ARRAY)
        return FALSE;
      if (value->kind == ARBOR_KIND_MISSING)
        continue;
      arbor_bits_set (present, i);
      field->n_values++;
      *bound += value->kind >= ARBOR_KIND_NUMBER ? (guint64) value->length + 4 : 8;
    }
  field->present = field->n_values < n_trees ? present : NULL;
  return TRUE;
}

/* Columns lie deeper than in their batch. */
#define MORE_LEVELS 2u

static gboolean
is_too_deep (const ArborBatch *batch, guint32 column)
{
  guint32 n = batch->header->n_columns;
  guint depth = 0;

  /* Those of the last column's level are the deepest. */
  for (guint32 i = n - 1; i != 0; i = batch->columns[i].parent)
    depth++;
  return column == 0 && depth + MORE_LEVELS >= ARBOR_BATCH_MAX_DEPTH;
}

/* All trees have an array. */
static void
plan_arrays (ArborComposeField *field, guint32 n_trees, guint64 *bound)
{
  field->present = NULL;
  field->n_values = n_trees;
  *bound += 2 * (guint64) n_trees;
}

/* Rows that follow each other are copied as one. */
static ArborPlaces
make_places (const guint32 *rows, guint32 n)
{
  guint32 n_others = 0;

  for (guint32 i = 0; i < n; i++)
    n_others += rows[i] - rows[0] != i;
  return n_others == 0 && n > 0 ? (ArborPlaces){ .n = n, .from = rows[0] }
                                : (ArborPlaces){ .n = n, .list = rows };
}

static gboolean
plan_field (ArborCompose *self, ArborComposeField *field, const ArborFieldRows *from, guint32 n_trees,
            guint64 *bound)
{
  ArborGather *gather = field->gather;
  const ArborPlaces rows = make_places (from->rows, from->n_rows);
  const guint64 *present;

  if (from->lengths != NULL)
    plan_arrays (field, n_trees, bound);
  if (from->lengths != NULL && from->n_rows == 0)
    return TRUE;
  if (from->values != NULL)
    return plan_values (self, field, from, n_trees, bound);
  if (!field->is_set || gather->batch != from->batch || field->column != from->column ||
      field->of != from->of || field->arrays != from->arrays)
    {
      arbor_gather_set_batch (gather, from->batch);
      field->is_set = FALSE;
    }
  gather->exploded = from->elements != NULL ? from->arrays : 0;
  gather->elements = from->elements;
  if (!arbor_gather_prepare (gather, from->column) || is_too_deep (from->batch, from->column))
    return FALSE;
  if (!field->is_set && from->of != NULL && from->of->below != NULL)
    {
      ArborWantedField of = *from->of;

      of.is_list &= from->lengths == NULL;
      arbor_gather_leave_out (gather, from->column, &of);
    }
  if (!field->is_set && from->arrays != 0 && from->elements == NULL)
    arbor_gather_leave_out_column (gather, from->arrays);
  field->is_set = TRUE;
  field->arrays = from->arrays;
  field->column = from->column;
  field->of = from->of;
  if (!arbor_gather_plan_column (gather, from->column, &rows))
    return FALSE;
  *bound += arbor_gather_bound (gather);
  if (from->lengths != NULL)
    return TRUE;
  present = gather->columns[from->column].present;
  field->present = spread (self, present, from->present, n_trees);
  field->n_values = from->n_rows > 0 ? gather->columns[from->column].slots.n : 0;
  return TRUE;
}

/* Order of fields */

gboolean
arbor_compose_has_objects_only (const ArborBatch *batch)
{
  return batch->columns[0].n_lanes == 1 && batch->columns[0].n_nulls == 0 &&
         arbor_batch_find_lane (batch, &batch->columns[0], ARBOR_KIND_OBJECT) != NULL;
}

/* Which fields come before each of the @n from the first on, in any shape. FALSE: too many to say. */
static gboolean
find_orders (const ArborBatch *batch, guint32 first, gsize n_words, guint64 *before, guint64 *seen)
{
  const ArborColumnRecord *root = &batch->columns[0];
  const guint8 *offsets = batch->shape_offsets + (gsize) root->first_shape * 4;

  if (!arbor_batch_shapes_are_good (batch, 0) ||
      arbor_load_u32 (offsets + (gsize) root->n_shapes * 4) - arbor_load_u32 (offsets) > MAX_ENTRIES)
    return FALSE;
  for (guint32 i = 0; i < root->n_shapes; i++)
    {
      guint32 end = arbor_load_u32 (offsets + ((gsize) i + 1) * 4);

      memset (seen, 0, n_words * 8);
      for (guint32 at = arbor_load_u32 (offsets + (gsize) i * 4); at < end; at++)
        {
          guint32 field = arbor_load_u32 (batch->shape_columns + (gsize) at * 4) - first;

          if (field >= root->n_fields)
            return FALSE;
          for (gsize word = 0; word < n_words; word++)
            before[field * n_words + word] |= seen[word];
          arbor_bits_set (seen, field);
        }
    }
  return TRUE;
}

static gboolean
is_subset (const guint64 *bits, const guint64 *of, gsize n_words)
{
  guint64 others = 0;

  for (gsize i = 0; i < n_words; i++)
    others |= bits[i] & ~of[i];
  return others == 0;
}

guint32
arbor_compose_list_fields (const ArborBatch *batch, ArborScope *scope, guint32 **columns)
{
  guint32 first, n = arbor_batch_get_fields (batch, 0, &first);
  gsize n_words = arbor_bits_n_words (n);
  guint64 *before, *done;

  if (!arbor_compose_has_objects_only (batch) || n > MAX_FIELDS)
    return ARBOR_NO_COLUMN;
  *columns = arbor_scope_alloc (scope, ((gsize) n + 1) * sizeof **columns);
  before = arbor_scope_alloc (scope, ((gsize) n + 2) * n_words * 8);
  memset (before, 0, ((gsize) n + 2) * n_words * 8);
  done = before + n * n_words;
  if (!find_orders (batch, first, n_words, before, done + n_words))
    return ARBOR_NO_COLUMN;
  for (guint32 i = 0; i < n; i++)
    {
      guint32 next = 0;

      while (next < n && (arbor_bits_test (done, next) ||
                          !is_subset (before + next * n_words, done, n_words)))
        next++;
      if (next == n)
        return ARBOR_NO_COLUMN;
      arbor_bits_set (done, next);
      (*columns)[i] = first + next;
    }
  return n;
}

/* Shapes */

guint64 *
arbor_compose_find_patterns (ArborCompose *self, guint n_fields, guint32 n_trees)
{
  guint64 *patterns = arbor_scope_alloc (self->scope, (gsize) n_trees * sizeof *patterns);
  guint bit = 0;

  memset (patterns, 0, (gsize) n_trees * sizeof *patterns);
  for (guint f = 0; f < n_fields; f++)
    {
      ArborComposeField *field = arbor_compose_get_field (self, f);

      if (field->n_values == 0 || field->present == NULL)
        continue;
      for (guint32 i = 0; i < n_trees; i++)
        patterns[i] |= (guint64) arbor_bits_test (field->present, i) << bit;
      bit++;
    }
  return patterns;
}

static guint32
make_shape (ArborCompose *self, guint n_fields, guint64 pattern)
{
  guint32 *targets = arbor_scope_alloc (self->scope, (gsize) n_fields * sizeof *targets);
  guint32 n = 0;

  for (guint f = 0; f < n_fields; f++)
    {
      const ArborComposeField *field = arbor_compose_get_field (self, f);
      gboolean is_partial = field->n_values > 0 && field->present != NULL;

      if (is_partial ? (pattern & 1) != 0 : field->n_values > 0)
        targets[n++] = field->target;
      pattern >>= is_partial;
    }
  return arbor_batch_builder_find_shape (self->builder, 0, targets, n);
}

/* All trees have the same fields. */
static void
add_one_shape (ArborCompose *self, guint n_fields, guint32 n_trees)
{
  guint32 shape = make_shape (self, n_fields, 0);
  ArborColumnBuilder *column;
  guint32 *out;

  column = &self->builder->columns[0];
  out = (guint32 *) (gpointer) arbor_buffer_reserve (&column->shapes, (gsize) n_trees * sizeof *out);
  column->shapes.length += (gsize) n_trees * sizeof *out;
  for (guint32 i = 0; i < n_trees; i++)
    out[i] = shape;
  column->has_shapes |= column->last_shape != ARBOR_NO_COLUMN && column->last_shape != shape;
  column->last_shape = shape;
}

static void
add_shapes (ArborCompose *self, guint n_fields, const guint64 *patterns, guint32 n_trees)
{
  struct
  {
    guint64 pattern;
    guint32 shape;
  } known[N_KNOWN];
  ArborBuffer *shapes = &self->builder->columns[0].shapes;
  guint32 last = self->builder->columns[0].last_shape;
  gboolean has_shapes = FALSE;
  guint32 *out;

  memset (known, 0xff, sizeof known);
  out = (guint32 *) (gpointer) arbor_buffer_reserve (shapes, (gsize) n_trees * sizeof *out);
  shapes->length += (gsize) n_trees * sizeof *out;
  for (guint32 i = 0; i < n_trees; i++)
    {
      guint at = (guint) ((patterns[i] * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 58) % N_KNOWN;

      if (known[at].shape == ARBOR_NO_COLUMN || known[at].pattern != patterns[i])
        {
          known[at].pattern = patterns[i];
          known[at].shape = make_shape (self, n_fields, patterns[i]);
        }
      out[i] = known[at].shape;
      has_shapes |= last != ARBOR_NO_COLUMN && last != out[i];
      last = out[i];
    }
  self->builder->columns[0].last_shape = last;
  self->builder->columns[0].has_shapes |= has_shapes;
}

/* Values */

static gsize
add_value (ArborColumnBuilder *column, const ArborValue *value)
{
  switch (value->kind)
    {
    case ARBOR_KIND_BOOL:
      arbor_buffer_append_byte (&column->bools, value->boolean);
      return 1;
    case ARBOR_KIND_INT64:
      arbor_column_builder_add_word (&column->ints, value->uint64);
      return 8;
    case ARBOR_KIND_UINT64:
      arbor_column_builder_add_word (&column->uints, value->uint64);
      return 8;
    case ARBOR_KIND_DOUBLE:
      arbor_column_builder_add_word (&column->doubles, value->uint64);
      return 8;
    case ARBOR_KIND_NUMBER:
      arbor_text_lane_add (&column->numbers, value->text, value->length);
      return (gsize) value->length + 4;
    case ARBOR_KIND_STRING:
      return arbor_column_builder_add_string (column, value->text, value->length);
    default: /* ARBOR_KIND_NULL */
      return 1;
    }
}

static void
add_values (ArborCompose *self, const ArborComposeField *field, const ArborValue *values, guint32 first,
            guint32 n_trees)
{
  ArborColumnBuilder *column = &self->builder->columns[field->target];
  guint8 *tags = arbor_scope_alloc (self->scope, field->n_values);
  gboolean is_mixed = FALSE;
  guint32 n = 0;

  for (guint32 i = 0; i < n_trees; i++)
    if (values[i].kind != ARBOR_KIND_MISSING)
      {
        tags[n] = values[i].kind;
        is_mixed |= tags[n] != tags[0];
        n++;
      }
  arbor_column_builder_begin_values (column, first, n_trees, field->present, n, tags[0],
                                     is_mixed ? tags : NULL);
  for (guint32 i = 0; i < n_trees; i++)
    if (values[i].kind != ARBOR_KIND_MISSING)
      self->builder->raw_size += add_value (column, &values[i]);
}

static void
add_arrays (ArborCompose *self, const ArborComposeField *field, const ArborFieldRows *from, guint32 first,
            guint32 n_trees)
{
  ArborColumnBuilder *column = &self->builder->columns[field->target];
  guint32 first_element = column->n_elements;
  guint32 elements;

  arbor_column_builder_begin_values (column, first, n_trees, NULL, n_trees, ARBOR_KIND_ARRAY, NULL);
  arbor_buffer_append (&column->arrays, from->lengths, (gsize) n_trees * sizeof (guint32));
  column->n_elements += from->n_rows;
  self->builder->raw_size += 2 * (gsize) n_trees;
  if (from->n_rows == 0)
    return;
  elements = arbor_batch_builder_make_elements (self->builder, field->target);
  arbor_gather_commit_column (field->gather, elements, first_element, from->n_rows,
                              field->gather->columns[from->column].present);
}

gboolean
arbor_compose_plan (ArborCompose *self, const ArborFieldRows *fields, guint n_fields, guint32 n_trees,
                    guint *n_partial)
{
  guint64 bound = 0;

  *n_partial = 0;
  arbor_scope_reset (self->scope);
  if (n_fields > MAX_FIELDS)
    return FALSE;
  for (guint f = 0; f < n_fields; f++)
    {
      ArborComposeField *field = arbor_compose_get_field (self, f);

      if (!plan_field (self, field, &fields[f], n_trees, &bound))
        return FALSE;
      *n_partial += field->n_values > 0 && field->present != NULL;
    }
  return bound <= ARBOR_BATCH_MAX_RAW_BYTES && *n_partial <= MAX_PARTIAL;
}

gboolean
arbor_compose_add (ArborCompose *self, const ArborFieldRows *fields, guint n_fields,
                   guint32 n_trees)
{
  ArborBatchBuilder *builder = self->builder;
  guint n_partial;
  guint32 first;

  if (!arbor_compose_plan (self, fields, n_fields, n_trees, &n_partial))
    return FALSE;
  for (guint f = 0; f < n_fields; f++)
    if (arbor_compose_get_field (self, f)->n_values > 0)
      arbor_compose_get_field (self, f)->target =
          arbor_batch_builder_make_field (builder, 0, fields[f].key, fields[f].length);
  first = builder->columns[0].n_kind[ARBOR_KIND_OBJECT];
  arbor_column_builder_begin_values (&builder->columns[0], builder->n_trees, n_trees, NULL, n_trees,
                                     ARBOR_KIND_OBJECT, NULL);
  if (n_partial == 0)
    add_one_shape (self, n_fields, n_trees);
  else
    add_shapes (self, n_fields, arbor_compose_find_patterns (self, n_fields, n_trees), n_trees);
  builder->raw_size += 2 * (gsize) n_trees;
  for (guint f = 0; f < n_fields; f++)
    {
      const ArborComposeField *field = arbor_compose_get_field (self, f);

      if (fields[f].lengths != NULL)
        add_arrays (self, field, &fields[f], first, n_trees);
      else if (field->n_values > 0 && fields[f].values != NULL)
        add_values (self, field, fields[f].values, first, n_trees);
      else if (field->n_values > 0)
        arbor_gather_commit_column (field->gather, field->target, first, n_trees, field->present);
    }
  arbor_batch_builder_end_trees (builder, n_trees);
  return TRUE;
}
