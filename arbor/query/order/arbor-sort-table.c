/* Filling tables. See arbor-sort-table.h; ordering is in arbor-sort.c. */

#include "query/order/arbor-sort-table.h"

#include "batch/arbor-batch-format.h"
#include "batch/arbor-value-access.h"

ArborSortTable *
arbor_sort_table_new (ArborSortKeys *keys, const char *operation)
{
  ArborSortTable *self = g_new0 (ArborSortTable, 1);

  self->keys = arbor_sort_keys_ref (keys);
  self->charge.operation = operation;
  self->columns = g_new0 (ArborSortColumn, keys->n);
  self->evaluators = g_new0 (ArborEvaluator *, keys->n);
  self->readers = g_new0 (ArborSeriesReader *, keys->n);
  self->values = g_new0 (ArborValue, keys->n);
  self->scope = arbor_scope_new ();
  for (guint32 i = 0; i < keys->n; i++)
    {
      self->evaluators[i] = arbor_evaluator_new (keys->nodes[i]);
      self->readers[i] = arbor_series_reader_new (keys->nodes[i]);
    }
  return self;
}

static void
clear_columns (ArborSortColumn *columns, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    arbor_sort_column_clear (&columns[i]);
  g_free (columns);
}

void
arbor_sort_table_free (ArborSortTable *self)
{
  if (self == NULL)
    return;
  clear_columns (self->columns, self->keys->n);
  for (guint32 i = 0; i < self->keys->n; i++)
    {
      arbor_evaluator_free (self->evaluators[i]);
      arbor_series_reader_free (self->readers[i]);
    }
  g_free (self->evaluators);
  g_free (self->readers);
  g_free (self->values);
  g_free (self->indices);
  arbor_scope_free (self->scope);
  arbor_charge_release (&self->charge);
  arbor_sort_keys_unref (self->keys);
  g_free (self);
}

static void
leave (ArborSortTable *self)
{
  self->batch = NULL;
  self->first = self->next = 0;
  for (guint32 i = 0; i < self->keys->n; i++)
    arbor_series_reader_forget (self->readers[i]);
  self->stable = (ArborSortStable){ NULL, NULL };
}

static gboolean
set_batch (ArborSortTable *self, ArborAccess *access, GError **error)
{
  guint32 batch = arbor_source_find_batch (access->source, self->index);

  self->batch = arbor_access_get_batch (access, batch, error);
  if (self->batch == NULL)
    return FALSE;
  self->first = arbor_source_get_first_tree (access->source, batch);
  self->next = arbor_source_get_first_tree (access->source, batch + 1);
  for (guint32 i = 0; i < self->keys->n; i++)
    arbor_evaluator_set_batch (self->evaluators[i], self->batch, self->first);
  self->stable.start = (gconstpointer) self->batch->data;
  self->stable.end = self->stable.start + self->batch->size;
  return TRUE;
}

gboolean
arbor_sort_table_expect (ArborSortTable *self, guint64 n, GError **error)
{
  for (guint32 i = 0; i < self->keys->n; i++)
    self->columns[i].n_expected = n;
  return arbor_charge_grow (&self->charge, &self->indices, &self->capacity, n, sizeof (guint32),
                            error);
}

gboolean
arbor_sort_table_seek (ArborSortTable *self, ArborAccess *access, guint32 index, GError **error)
{
  arbor_scope_reset (self->scope);
  self->index = index;
  if ((index < self->first || index >= self->next) && !set_batch (self, access, error))
    {
      leave (self);
      return FALSE;
    }
  self->row = (guint32)(index - self->first);
  return TRUE;
}

gboolean
arbor_sort_table_evaluate (ArborSortTable *self, guint32 key, GError **error)
{
  arbor_evaluator_get_value (self->evaluators[key], self->row, self->scope, &self->values[key]);
  return arbor_scope_check (self->scope, error);
}

gboolean
arbor_sort_table_append (ArborSortTable *self, GError **error)
{
  gboolean is_added = TRUE;

  if (!arbor_charge_grow (&self->charge, &self->indices, &self->capacity, self->n_rows + 1,
                          sizeof (guint32), error))
    return FALSE;
  self->indices[self->n_rows] = self->index;
  for (guint32 i = 0; is_added && i < self->keys->n; i++)
    is_added = arbor_sort_column_append (&self->columns[i], &self->values[i],
                                         &self->stable, self->scope,
                                         &self->charge, error);
  if (is_added && arbor_scope_check (self->scope, error))
    {
      self->n_rows++;
      return TRUE;
    }
  for (guint32 i = 0; i < self->keys->n; i++)
    self->columns[i].n_rows = self->n_rows;
  return FALSE;
}

/* What lies in batches may stay where it is; all else is copied once more. */
static gboolean
copy_rows (ArborSortTable *self, guint32 key, const guint32 *rows, gsize n, ArborSortColumn *column,
           ArborCharge *charge, GError **error)
{
  static const ArborSortStable nothing = { NULL, NULL };

  for (gsize i = 0; i < n; i++)
    {
      ArborValue value;

      arbor_sort_column_get (&self->columns[key], rows[i], &value);
      arbor_scope_reset (self->scope);
      if (!arbor_sort_column_append (column, &value, &nothing, self->scope,
                                     charge, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_sort_table_compact (ArborSortTable *self, const guint32 *rows, gsize n, GError **error)
{
  ArborSortColumn *columns = g_new0 (ArborSortColumn, self->keys->n);
  ArborCharge charge = { .operation = self->charge.operation };
  guint32 *indices = arbor_charge_alloc (&charge, n, sizeof (guint32), error);
  gboolean is_copied = indices != NULL;

  for (guint32 i = 0; is_copied && i < self->keys->n; i++)
    is_copied = copy_rows (self, i, rows, n, &columns[i], &charge, error);
  if (!is_copied)
    {
      clear_columns (columns, self->keys->n);
      g_free (indices);
      arbor_charge_release (&charge);
      return FALSE;
    }

  for (gsize i = 0; i < n; i++)
    indices[i] = self->indices[rows[i]];
  clear_columns (self->columns, self->keys->n);
  g_free (self->indices);
  arbor_charge_release (&self->charge);
  self->columns = columns;
  self->indices = indices;
  self->capacity = MAX (n, 1);
  self->n_rows = n;
  self->charge = charge;
  return TRUE;
}

static void
clear_rows (ArborSortTable *self)
{
  for (guint32 i = 0; i < self->keys->n; i++)
    arbor_sort_column_clear (&self->columns[i]);
  g_clear_pointer (&self->indices, g_free);
  self->capacity = self->n_rows = 0;
  arbor_charge_release (&self->charge);
}

gboolean
arbor_sort_table_take (ArborSortTable *self, ArborSortTable *other, GError **error)
{
  if (!arbor_charge_grow (&self->charge, &self->indices, &self->capacity,
                          self->n_rows + other->n_rows, sizeof (guint32), error))
    return FALSE;
  memcpy (self->indices + self->n_rows, other->indices, other->n_rows * sizeof (guint32));
  for (guint32 i = 0; i < self->keys->n; i++)
    if (!arbor_sort_column_take (&self->columns[i], &other->columns[i], &self->charge,
                                 &other->charge, error))
      return FALSE;
  self->n_rows += other->n_rows;
  clear_rows (other);
  return TRUE;
}

/* With its flags; of null and MISSING only the rank counts. */
static int
compare_ranks (ArborSortRank a, ArborSortRank b, ArborSortFlags flags)
{
  if ((flags & ARBOR_SORT_NULLS_FIRST) != 0 &&
      (a == ARBOR_SORT_RANK_VALUE) != (b == ARBOR_SORT_RANK_VALUE))
    return a == ARBOR_SORT_RANK_VALUE ? 1 : -1;
  return (a > b) - (a < b);
}

int
arbor_sort_table_compare (const ArborSortTable *self, guint32 key, gsize a, gsize b)
{
  int order = 0;

  for (guint32 i = key; order == 0 && i < self->keys->n; i++)
    {
      const ArborSortColumn *column = &self->columns[i];
      ArborSortFlags flags = self->keys->flags[i];
      ArborSortRank rank = arbor_sort_column_get_rank (column, a);

      order = compare_ranks (rank, arbor_sort_column_get_rank (column, b), flags);
      if (order != 0 || rank != ARBOR_SORT_RANK_VALUE)
        continue;
      order = arbor_sort_column_compare (column, a, b);
      if ((flags & ARBOR_SORT_DESCENDING) != 0)
        order = -order;
    }
  return order;
}

int
arbor_sort_table_compare_at_hand (const ArborSortTable *self, guint32 key, gsize row)
{
  const ArborValue *value = &self->values[key];
  const ArborSortColumn *column = &self->columns[key];
  ArborSortFlags flags = self->keys->flags[key];
  ArborSortRank rank = value->kind == ARBOR_KIND_MISSING ? ARBOR_SORT_RANK_MISSING
                       : value->kind == ARBOR_KIND_NULL  ? ARBOR_SORT_RANK_NULL
                                                         : ARBOR_SORT_RANK_VALUE;
  int order = compare_ranks (rank, arbor_sort_column_get_rank (column, row), flags);
  ArborValue other;

  if (order != 0 || rank != ARBOR_SORT_RANK_VALUE)
    return order;
  arbor_sort_column_get (column, row, &other);
  order = arbor_value_compare (value, &other, self->scope);
  return (flags & ARBOR_SORT_DESCENDING) != 0 ? -order : order;
}
