/* Adding rows block by block. See arbor-gather.h.
 *
 * Whether a batch is full is asked after each tree. A block is therefore never larger than what
 * stays below the next raw size at which it would be measured, or full; so near one, blocks become
 * single trees. How much a block adds is known before only within a bound, since strings that are
 * there already cost less.
 */

#include "batch/arbor-gather-private.h"

#include "base/arbor-stop.h"

/* Consecutive rows of a list, so many at least, are worth a block of their own. */
#define STRETCH 48u
/* What a tree costs by tape, counted in columns that are looked at in vain, a value. */
#define TAPE_COST 8u

ArborGather *
arbor_gather_new (ArborBatchBuilder *builder)
{
  ArborGather *self = g_new0 (ArborGather, 1);

  self->builder = builder;
  self->cut = ARBOR_BATCH_MAX_TREES;
  self->scope = arbor_scope_new ();
  return self;
}

static void
clear_batch (ArborGather *self)
{
  /* The batch may be gone. */
  for (guint32 i = 0; self->strings != NULL && i < self->n_lanes; i++)
    {
      g_free (self->strings[i].starts);
      g_free (self->strings[i].codes);
    }
  g_clear_pointer (&self->targets, g_free);
  g_clear_pointer (&self->shapes, g_free);
  g_clear_pointer (&self->left_out, g_free);
  g_clear_pointer (&self->strings, g_free);
  g_clear_pointer (&self->columns, g_free);
  g_clear_pointer (&self->lanes, g_free);
  g_clear_pointer (&self->planned, g_free);
}

void
arbor_gather_free (ArborGather *self)
{
  clear_batch (self);
  arbor_scope_free (self->scope);
  arbor_buffer_free (&self->numbers);
  g_free (self);
}

void
arbor_gather_set_cut (ArborGather *self, guint32 n_trees)
{
  self->cut = n_trees;
}

static gboolean
is_full (ArborGather *self)
{
  return self->builder->is_full || self->builder->n_trees >= self->cut;
}

guint64
arbor_gather_get_n_by_tape (ArborGather *self)
{
  return self->n_by_tape;
}

void
arbor_gather_set_batch (ArborGather *self, const ArborBatch *batch)
{
  clear_batch (self);
  self->batch = batch;
  self->n_lanes = batch->header->n_lanes;
  self->step = ARBOR_BATCH_MAX_TREES;
}

/* What is known of the columns of the batch that is under construction: nothing. */
static void
forget_targets (ArborGather *self)
{
  const ArborBatchHeader *header = self->batch->header;

  memset (self->targets, 0xff, header->n_columns * sizeof *self->targets);
  memset (self->shapes, 0xff, header->n_shapes * sizeof *self->shapes);
  for (guint32 i = 0; i < header->n_lanes; i++)
    {
      ArborStringTable *table = &self->strings[i];
      guint32 n = self->batch->lanes[i].n_distinct;

      if (table->starts == NULL)
        continue;
      memset (table->codes, 0xff, n * sizeof *table->codes);
      table->n_new_bytes = (guint64) table->starts[n] - table->starts[0] + 2 * (guint64) n;
    }
  self->targets[0] = 0;
  self->serial = self->builder->batch_serial;
}

/* Looks at the batch when the first row of it goes by columns. */
static void
prepare (ArborGather *self, guint32 column)
{
  const ArborBatchHeader *header = self->batch->header;

  if (self->targets == NULL)
    {
      self->is_plain = arbor_batch_column_is_plain (self->batch, column);
      self->targets = g_new (guint32, header->n_columns);
      self->shapes = g_new (guint32, header->n_shapes + 1);
      self->strings = g_new0 (ArborStringTable, header->n_lanes + 1);
      self->columns = g_new0 (ArborGatherColumn, header->n_columns);
      self->lanes = g_new0 (ArborPlaces, header->n_lanes + 1);
      self->planned = g_new (guint32, header->n_columns);
      forget_targets (self);
    }
  else if (self->serial != self->builder->batch_serial)
    {
      forget_targets (self);
    }
}

/* So few rows, out of so many columns, that looking at all of these would cost more. */
static gboolean
is_too_thin (ArborGather *self, guint32 n)
{
  const ArborBatchHeader *header = self->batch->header;
  guint64 n_values = 0;

  if ((guint64) n * TAPE_COST >= header->n_columns)
    return FALSE;
  for (guint32 i = 0; i < header->n_columns; i++)
    n_values += self->batch->columns[i].n_values;
  return n * TAPE_COST * (n_values / header->n_trees + 1) < header->n_columns;
}

static gboolean
add_by_tape (ArborGather *self, const ArborPlaces *rows, GError **error)
{
  gboolean is_good = TRUE;

  for (guint32 i = 0; i < rows->n && is_good; i++)
    {
      ArborValue tree;

      arbor_scope_reset (self->scope);
      arbor_batch_get_tree (self->batch, arbor_places_get (rows, i), &tree);
      arbor_batch_builder_add_value (self->builder, &tree, self->scope);
      self->n_by_tape++;
      is_good = arbor_scope_check (self->scope, error);
    }
  return is_good;
}

static guint32
shrink (guint32 n, guint64 room, guint64 bound)
{
  guint64 fitting = bound > 0 ? (guint64) n * room / bound : n / 2;

  return (guint32) CLAMP (fitting - fitting / 64, 1, n - 1);
}

/* Whether all columns of the batch find room in the builder's, and one more: then nothing of it goes
 * into overflow text there. */
static gboolean
has_room (ArborGather *self)
{
  guint32 n = self->batch->header->n_columns;
  guint32 n_missing = 0;

  if (self->builder->n_columns + n < ARBOR_BATCH_MAX_COLUMNS)
    return TRUE;
  for (guint32 i = 0; i < n; i++)
    n_missing += self->targets[i] == ARBOR_NO_COLUMN;
  return self->builder->n_columns + n_missing < ARBOR_BATCH_MAX_COLUMNS;
}

gboolean
arbor_gather_prepare (ArborGather *self, guint32 column)
{
  prepare (self, column);
  arbor_scope_reset (self->scope);
  return self->is_plain && has_room (self);
}

/* Plans the first of the rows: as many as are known not to matter before the last of them. FALSE: one
 * that does not go by columns. */
static gboolean
plan_block (ArborGather *self, const ArborPlaces *rows, ArborPlaces *block)
{
  ArborBatchBuilder *builder = self->builder;
  guint64 limit = MIN (builder->next_measure, builder->max_raw);
  guint64 room = limit - MIN (limit, builder->raw_size);

  *block = *rows;
  block->n = MIN (rows->n, builder->group - builder->group_position);
  block->n = MIN (block->n, self->cut - builder->n_trees);
  block->n = MIN (block->n, self->step);
  while (block->n > 1)
    {
      gboolean is_planned;
      guint64 bound;

      arbor_scope_reset (self->scope);
      is_planned = arbor_gather_plan (self, block);
      bound = is_planned ? arbor_gather_bound (self) : 0;
      if (is_planned && bound < room)
        return TRUE;
      block->n = shrink (block->n, room, bound);
      if (!is_planned)
        self->step = block->n;
    }
  /* One row is consecutive. */
  *block = (ArborPlaces){ .n = 1, .from = arbor_places_get (rows, 0) };
  arbor_scope_reset (self->scope);
  return arbor_gather_plan (self, block);
}

static gboolean
add_block (ArborGather *self, const ArborPlaces *rows, guint32 *n_added, GError **error)
{
  ArborPlaces block;

  if (!has_room (self))
    {
      block = (ArborPlaces){ .n = 1, .from = arbor_places_get (rows, 0) };
      *n_added = 1;
      return add_by_tape (self, &block, error);
    }
  if (!plan_block (self, rows, &block))
    {
      *n_added = 1;
      self->step = 1;
      return add_by_tape (self, &block, error);
    }
  arbor_gather_commit (self);
  *n_added = block.n;
  self->step = MIN (self->step * 2, ARBOR_BATCH_MAX_TREES);
  return arbor_scope_check (self->scope, error);
}

static gboolean
goes_by_columns (ArborGather *self, guint32 n)
{
  if (is_too_thin (self, n))
    return FALSE;
  prepare (self, 0);
  return self->is_plain;
}

static gboolean
add (ArborGather *self, const ArborPlaces *rows, guint32 *n_added, GError **error)
{
  gboolean by_columns = goes_by_columns (self, rows->n);

  *n_added = 0;
  while (*n_added < rows->n && !is_full (self))
    {
      ArborPlaces rest = { .n = rows->n - *n_added, .from = rows->from + *n_added };
      guint32 n_here = 1;
      gboolean is_good;

      if (rows->list != NULL)
        rest.list = rows->list + *n_added;
      if (by_columns)
        is_good = add_block (self, &rest, &n_here, error);
      else
        {
          rest = (ArborPlaces){ .n = 1, .from = arbor_places_get (&rest, 0) };
          is_good = add_by_tape (self, &rest, error);
        }
      if (!is_good)
        return FALSE;
      *n_added += n_here;
    }
  return TRUE;
}

gboolean
arbor_gather_add (ArborGather *self, guint32 from, guint32 n, guint32 *n_added, GError **error)
{
  const ArborPlaces rows = { .n = n, .from = from };

  return add (self, &rows, n_added, error);
}

/* How many rows follow each other from the first on. */
static guint32
count_stretch (const guint32 *rows, guint32 n)
{
  guint32 i = 1;

  while (i < n && rows[i] == rows[0] + i)
    i++;
  return i;
}

/* The first of the rows: consecutive ones, or those before the next stretch of such. */
static ArborPlaces
cut_list (const guint32 *rows, guint32 n)
{
  guint32 n_listed = 0;

  while (n_listed < n)
    {
      guint32 stretch = count_stretch (rows + n_listed, n - n_listed);

      if (stretch >= STRETCH || stretch == n)
        break;
      n_listed += stretch;
    }
  if (n_listed > 0)
    return (ArborPlaces){ .n = n_listed, .list = rows };
  return (ArborPlaces){ .n = count_stretch (rows, n), .from = rows[0] };
}

gboolean
arbor_gather_add_list (ArborGather *self, const guint32 *rows, guint32 n, guint32 *n_added,
                       GError **error)
{
  *n_added = 0;
  while (*n_added < n && !is_full (self))
    {
      ArborPlaces places = cut_list (rows + *n_added, n - *n_added);
      guint32 n_here;

      if (!add (self, &places, &n_here, error))
        return FALSE;
      *n_added += n_here;
    }
  return TRUE;
}

gboolean
arbor_gather_add_exploded (ArborGather *self, const guint32 *rows, guint32 n, guint32 arrays,
                           const guint32 *elements)
{
  const ArborPlaces places = { .n = n, .list = rows };
  gboolean is_good;

  self->exploded = arrays;
  self->elements = elements;
  is_good = arbor_gather_prepare (self, 0) && arbor_gather_plan (self, &places) &&
            arbor_gather_bound (self) < ARBOR_BATCH_MAX_RAW_BYTES;
  if (is_good)
    arbor_gather_commit (self);
  self->exploded = 0;
  return is_good;
}

gboolean
arbor_gather_add_all (ArborGather *self, guint32 from, guint32 n, ArborGatherFlush flush,
                      gpointer data, GError **error)
{
  guint32 n_here;

  for (; n > 0; from += n_here, n -= n_here)
    if (!arbor_gather_add (self, from, n, &n_here, error) ||
        (is_full (self) && !flush (data, error)))
      return FALSE;
  return TRUE;
}

gboolean
arbor_gather_add_rows (ArborGather *self, const ArborRows *rows, ArborGatherFlush flush,
                       gpointer data, GError **error)
{
  guint32 n_here;

  arbor_gather_set_batch (self, rows->batch);
  if (rows->rows == NULL)
    return arbor_gather_add_all (self, 0, rows->n, flush, data, error);
  for (guint32 i = 0; i < rows->n; i += n_here)
    if (!arbor_gather_add_list (self, rows->rows + i, rows->n - i, &n_here, error) ||
        (is_full (self) && !flush (data, error)))
      return FALSE;
  return TRUE;
}
