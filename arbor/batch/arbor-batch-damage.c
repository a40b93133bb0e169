/* See arbor-batch-damage.h.
 *
 * Columns are numbered from the root down, so going from the last to the first each one meets what became of
 * those below it. Rows of a column are objects or elements of its parent: what is touched of them is noted by
 * these, and then by the rows of the parent that have them.
 */

#include "batch/arbor-batch-damage.h"

#include "batch/arbor-batch-format.h"

typedef struct
{
  const ArborBatch *batch;
  gboolean *bad;      /* a truth value for each column */
  guint64 **objects;  /* for each column, a bit for each of its objects that is touched; NULL: none */
  guint64 **elements; /* and for each element of its arrays */
} Search;

static void
set_bit (guint64 **bits, guint32 n, guint32 i)
{
  if (*bits == NULL)
    *bits = g_new0 (guint64, n / 64 + 1);
  (*bits)[i / 64] |= G_GUINT64_CONSTANT (1) << (i % 64);
}

static gboolean
has_bit (const guint64 *bits, guint32 i)
{
  return bits != NULL && (bits[i / 64] >> (i % 64) & 1) != 0;
}

static gboolean
has_any (const guint64 *bits, guint32 from, guint32 to)
{
  for (guint32 i = from; bits != NULL && i < to; i++)
    if (has_bit (bits, i))
      return TRUE;
  return FALSE;
}

static gboolean
shape_has (const ArborBatch *batch, guint32 parent, guint32 object, guint32 column)
{
  guint32 first;
  guint32 n = arbor_batch_get_shape (batch, parent, object, &first);

  for (guint32 i = first; i < first + n; i++)
    if (arbor_batch_get_shape_field (batch, parent, i) == column)
      return TRUE;
  return FALSE;
}

/* A damaged column below one that is not: who has a value there. */
static void
touch_owners (Search *self, guint32 column)
{
  const ArborColumnRecord *record = &self->batch->columns[column];
  gboolean is_element = record->key == ARBOR_NO_COLUMN;

  for (guint32 row = 0; row < record->n_rows; row++)
    if (is_element)
      set_bit (&self->elements[record->parent], record->n_rows, row);
    else if (shape_has (self->batch, record->parent, row, column))
      set_bit (&self->objects[record->parent], record->n_rows, row);
}

static gboolean
is_row_touched (Search *self, guint32 column, guint32 row)
{
  guint32 start, end;
  ArborValue value;

  arbor_batch_get_value (self->batch, column, row, &value);
  if (value.holder_kind != ARBOR_HOLDER_BATCH)
    return FALSE;
  if (value.kind == ARBOR_KIND_OBJECT)
    return has_bit (self->objects[column], value.index);
  if (value.kind != ARBOR_KIND_ARRAY)
    return FALSE;
  arbor_batch_get_array (self->batch, column, value.index, &start, &end);
  return has_any (self->elements[column], start, end);
}

/* What is touched below a column that is sound. */
static void
lift (Search *self, guint32 column, guint64 **trees)
{
  const ArborColumnRecord *record = &self->batch->columns[column];

  if (self->objects[column] == NULL && self->elements[column] == NULL)
    return;
  for (guint32 row = 0; row < record->n_rows; row++)
    if (is_row_touched (self, column, row))
      {
        if (column == 0)
          set_bit (trees, record->n_rows, row);
        else if (record->key == ARBOR_NO_COLUMN)
          set_bit (&self->elements[record->parent], record->n_rows, row);
        else
          set_bit (&self->objects[record->parent], record->n_rows, row);
      }
}

static guint64 *
find_touched (Search *self, guint32 n_columns)
{
  guint64 *trees = NULL;

  self->objects = g_new0 (guint64 *, n_columns);
  self->elements = g_new0 (guint64 *, n_columns);
  for (guint32 column = n_columns; column-- > 1;)
    {
      if (!self->bad[column])
        lift (self, column, &trees);
      else if (!self->bad[self->batch->columns[column].parent])
        touch_owners (self, column);
    }
  lift (self, 0, &trees);
  for (guint32 column = 0; column < n_columns; column++)
    {
      g_free (self->objects[column]);
      g_free (self->elements[column]);
    }
  g_free (self->objects);
  g_free (self->elements);
  return trees;
}

/* All of it. */
static void
touch_all (ArborBatchDamage *self)
{
  g_free (self->touched);
  self->touched = g_new (guint64, self->n_trees / 64 + 1);
  memset (self->touched, 0xff, (self->n_trees / 64 + 1) * sizeof *self->touched);
}

static void
count_sound (ArborBatchDamage *self)
{
  self->n_sound = 0;
  for (guint32 i = 0; i < self->n_trees; i++)
    self->n_sound += !arbor_batch_damage_touches (self, i);
}

/* Which columns do not have their digest. */
static GPtrArray *
find_bad (const ArborBatch *batch, gboolean *bad)
{
  GPtrArray *paths = g_ptr_array_new ();

  for (guint32 i = 0; i < batch->header->n_columns; i++)
    {
      bad[i] = !arbor_batch_column_has_digest (batch, i);
      if (bad[i])
        g_ptr_array_add (paths, arbor_batch_dup_path (batch, i));
    }
  return paths;
}

ArborBatchDamage *
arbor_batch_damage_find (const ArborBatch *batch)
{
  ArborBatchDamage *self = g_new0 (ArborBatchDamage, 1);
  guint32 n_columns = batch->header->n_columns;
  g_autofree gboolean *bad = g_new0 (gboolean, n_columns);
  gboolean has_digests = (batch->header->flags & ARBOR_BATCH_HAS_DIGESTS) != 0;
  g_autoptr (GPtrArray) paths = NULL;

  self->n_trees = batch->header->n_trees;
  if (has_digests)
    paths = find_bad (batch, bad);
  else
    paths = g_ptr_array_new ();
  self->n_columns = paths->len;
  g_ptr_array_add (paths, NULL);
  self->columns = (char **) g_ptr_array_free (g_steal_pointer (&paths), FALSE);
  if (self->n_columns == 0 ? !arbor_batch_verify (batch, NULL) : bad[0])
    touch_all (self);
  else if (self->n_columns > 0)
    {
      Search search = { .batch = batch, .bad = bad };

      self->touched = find_touched (&search, n_columns);
    }
  count_sound (self);
  return self;
}

void
arbor_batch_damage_free (ArborBatchDamage *self)
{
  g_free (self->touched);
  g_strfreev (self->columns);
  g_free (self);
}

static void
tell_nobody (gpointer data, guint64 id, const char *column)
{
}

void
arbor_batch_damage_shield (ArborBatch *batch)
{
  ArborBatchChecks *checks = arbor_batch_checks_new (batch, 0, tell_nobody, NULL);

  arbor_batch_set_checks (batch, checks);
  arbor_batch_checks_unref (checks);
}
