/* See arbor-together.h. */

#include "query/view/arbor-together.h"

#include "batch/arbor-batch-format.h"

static void
drop_batch (ArborTogether *self)
{
  g_clear_pointer (&self->batch, arbor_batch_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
}

void
arbor_together_clear (ArborTogether *self)
{
  drop_batch (self);
  g_clear_pointer (&self->compose, arbor_compose_free);
  g_clear_pointer (&self->builder, arbor_batch_builder_free);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
}

/* FALSE: not in columns, or in no one order. */
static gboolean
add_stretch (ArborTogether *self, const ArborStretch *stretch, ArborScope *scope)
{
  guint32 *columns = NULL;
  guint32 n = 0;
  ArborFieldRows *fields;

  if (!arbor_compose_has_objects_only (stretch->batch))
    return FALSE;
  if (self->wanted == NULL)
    n = arbor_compose_list_fields (stretch->batch, scope, &columns);
  else
    columns = arbor_scope_alloc (scope, ((gsize) self->wanted->n + 1) * sizeof *columns);
  for (guint i = 0; self->wanted != NULL && i < self->wanted->n; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (self->wanted, i, &length);

      columns[n] = arbor_batch_find_field (stretch->batch, 0, key, length);
      n += columns[n] != ARBOR_NO_COLUMN;
    }
  if (n == ARBOR_NO_COLUMN)
    return FALSE;
  fields = arbor_scope_alloc (scope, ((gsize) n + 1) * sizeof *fields);
  for (guint32 i = 0; i < n; i++)
    {
      fields[i] = (ArborFieldRows){ .batch = stretch->batch,
                                    .column = columns[i],
                                    .rows = stretch->rows,
                                    .n_rows = stretch->n };
      fields[i].key = arbor_batch_get_key (stretch->batch, columns[i], &fields[i].length);
      if (self->wanted != NULL)
        fields[i].of = arbor_wanted_find (self->wanted, fields[i].key, fields[i].length);
    }
  return arbor_compose_add (self->compose, fields, n, stretch->n);
}

/* @rows[i] becomes the row of place i. */
static gboolean
put_together (ArborTogether *self, const ArborRows *run, guint32 *rows, ArborScope *scope,
              gboolean *is_done, GError **error)
{
  /* As long as the new one is not there: whoever remembers the address of the last one sees another. */
  g_autoptr (ArborBatch) old = g_steal_pointer (&self->batch);
  g_autoptr (GBytes) old_bytes = g_steal_pointer (&self->bytes);
  guint32 first = 0;
  gsize size;
  const guint8 *data;

  *is_done = FALSE;
  if (self->builder == NULL)
    {
      self->builder = arbor_batch_builder_new ();
      arbor_batch_builder_set_one_batch (self->builder);
      self->compose = arbor_compose_new (self->builder);
    }
  arbor_batch_builder_reset (self->builder);
  arbor_compose_forget (self->compose);
  for (guint32 i = 0; i < run->n_stretches; i++)
    if (!add_stretch (self, &run->stretches[i], scope))
      return TRUE;
  for (guint32 i = 0; i < run->n_stretches; first += run->stretches[i++].n)
    for (guint32 j = 0; j < run->stretches[i].n; j++)
      rows[run->stretches[i].places[j]] = first + j;
  self->bytes = arbor_batch_builder_finish (self->builder, error);
  if (self->bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (self->bytes, &size);
  self->batch = arbor_batch_open (data, size, error);
  *is_done = TRUE;
  return self->batch != NULL;
}

gboolean
arbor_together_put (ArborTogether *self, const ArborRows *rows, ArborScope *scope,
                    ArborRows *together, gboolean *is_done, GError **error)
{
  guint32 *list = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *list);

  if (!put_together (self, rows, list, scope, is_done, error))
    return FALSE;
  *together = (ArborRows){ .batch = self->batch, .n = rows->n, .rows = list };
  return TRUE;
}

gboolean
arbor_together_find (ArborTogether *self, ArborAccess *access, guint32 *indices, guint32 n,
                     ArborScope *scope, const ArborBatch **batch, gboolean *is_done,
                     GError **error)
{
  gboolean is_one = TRUE;
  guint64 first, next;
  guint32 number;

  *is_done = TRUE;
  if (!arbor_trees_ensure (access, indices, n, NULL, error))
    return FALSE;
  number = arbor_source_find_batch (access->source, indices[0]);
  first = arbor_source_get_first_tree (access->source, number);
  next = arbor_source_get_first_tree (access->source, number + 1);
  for (guint32 i = 0; i < n; i++)
    is_one &= indices[i] >= first && indices[i] < next;
  if (!is_one)
    {
      ArborRows run;

      if (!arbor_trees_make_run (access, indices, n, scope, &run, error) ||
          !put_together (self, &run, indices, scope, is_done, error))
        return FALSE;
      *batch = self->batch;
      return TRUE;
    }
  drop_batch (self);
  for (guint32 i = 0; i < n; i++)
    indices[i] = (guint32) (indices[i] - first);
  *batch = arbor_access_get_batch (access, number, error);
  return *batch != NULL;
}
