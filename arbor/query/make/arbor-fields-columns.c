/* Trees with other fields, made by columns. See arbor-fields-private.h. What comes out of many rows is
 * listed first, field by field: a column of the batch that is copied as it lies, or values that were
 * computed. The fields of a tree lie in one order then, so that fields of the trees that stay must
 * have one, too, in all shapes that there are. What does not go so is left to who makes trees one by
 * one: arrays and objects that were computed, trees that are no objects or lie as text, fields by
 * which errors depend on the tree, and trouble, which he meets after that of the rows before.
 */

#include "query/make/arbor-fields-private.h"

#include "batch/arbor-batch-format.h"

typedef struct
{
  ArborFields *of;
  const ArborRows *rows;
  const guint32 *list; /* of the rows */
  ArborScope *scope;
  ArborFieldRows *fields;
  guint n_fields;
} Made;

void
arbor_fields_clear_columns (ArborFields *self)
{
  for (gsize i = 0; i < self->n && self->readers != NULL; i++)
    g_clear_pointer (&self->readers[i], arbor_series_reader_free);
  g_clear_pointer (&self->readers, g_free);
  g_clear_pointer (&self->compose, arbor_compose_free);
}

/* Sources of fields */

static ArborFieldRows *
add_field (Made *self, const char *key, gsize length)
{
  ArborFieldRows *field = &self->fields[self->n_fields++];

  *field = (ArborFieldRows){ .key = key,
                             .length = (guint32) length,
                             .of = self->of->wanted != NULL
                                       ? arbor_wanted_find (self->of->wanted, key, length)
                                       : NULL,
                             .batch = self->rows->batch,
                             .rows = self->list,
                             .n_rows = self->rows->n };
  return field;
}

/* A field of the trees; nothing where the batch has none of that name. */
static void
add_column (Made *self, const char *key, gsize length, const char *old_key, gsize old_length)
{
  guint32 column = arbor_batch_find_field (self->rows->batch, 0, old_key, (guint32) old_length);

  if (column != ARBOR_NO_COLUMN)
    add_field (self, key, length)->column = column;
}

static ArborSeriesReader *
get_reader (ArborFields *self, gsize i)
{
  if (self->readers == NULL)
    self->readers = g_new0 (ArborSeriesReader *, self->n + 1);
  if (self->readers[i] == NULL)
    self->readers[i] = arbor_series_reader_new (self->nodes[i]);
  return self->readers[i];
}

/* FALSE: not by columns. */
static gboolean
compute (Made *self, ArborSeriesReader *reader, ArborValue *values)
{
  ArborSeries chunk;
  guint32 n = 0;

  arbor_series_reader_begin (reader, self->rows);
  while (n < self->rows->n && arbor_series_reader_next (reader, &chunk) > 0)
    for (guint32 i = 0; i < chunk.n; i++, n++)
      {
        arbor_series_get (&chunk, i, &values[n]);
        if (values[n].kind >= ARBOR_KIND_ARRAY)
          return FALSE;
        /* Texts go away with the next chunk. */
        if (values[n].kind == ARBOR_KIND_STRING || values[n].kind == ARBOR_KIND_NUMBER)
          values[n].text = arbor_scope_copy (self->scope, values[n].text, values[n].length);
      }
  return !arbor_series_reader_take_trouble (reader);
}

/* The value of an expression. */
static gboolean
add_value (Made *self, gsize i)
{
  const ArborNode *node = self->of->nodes[i];
  const char *name = self->of->names[i];
  const ArborPath *path = arbor_node_get_key_path (node);
  ArborValue *values;

  if (path != NULL && path->n_steps == 1 && arbor_compose_has_objects_only (self->rows->batch))
    {
      add_column (self, name, strlen (name), path->steps[0].key, path->steps[0].length);
      return TRUE;
    }
  values = arbor_scope_alloc (self->scope, (gsize) self->rows->n * sizeof *values);
  add_field (self, name, strlen (name))->values = values;
  return compute (self, get_reader (self->of, i), values);
}

/* A field that stays, is renamed, is left out, or gets another value. */
static gboolean
add_kept (Made *self, guint32 column, gboolean *is_set)
{
  ArborFields *of = self->of;
  guint32 length;
  const char *key = arbor_batch_get_key (self->rows->batch, column, &length);
  gsize i = arbor_fields_find_name (of->names, of->n, key, length);

  if (i == of->n)
    {
      /* A name that may be taken is told of the tree that has it. */
      if (of->new_names != NULL &&
          arbor_fields_find_name (of->new_names, of->n, key, length) < of->n)
        return FALSE;
      add_field (self, key, length)->column = column;
    }
  else if (of->new_names != NULL)
    {
      add_field (self, of->new_names[i], strlen (of->new_names[i]))->column = column;
    }
  else if (of->nodes != NULL)
    {
      /* A tree without it has it at its end. */
      if (self->rows->batch->columns[column].presence != ARBOR_PRESENCE_ALL)
        return FALSE;
      is_set[i] = TRUE;
      return add_value (self, i);
    }
  return TRUE;
}

static gboolean
list_all_kept (Made *self)
{
  ArborFields *of = self->of;
  gboolean *is_set = arbor_scope_alloc (self->scope, (of->n + 1) * sizeof *is_set);
  guint32 *columns;
  guint32 n = arbor_compose_list_fields (self->rows->batch, self->scope, &columns);

  if (n == ARBOR_NO_COLUMN)
    return FALSE;
  self->fields = arbor_scope_alloc (self->scope, (n + of->n + 1) * sizeof *self->fields);
  memset (is_set, 0, (of->n + 1) * sizeof *is_set);
  for (guint32 i = 0; i < n; i++)
    if (!add_kept (self, columns[i], is_set))
      return FALSE;
  for (gsize i = 0; i < of->n && of->nodes != NULL; i++)
    if (!is_set[i] && !add_value (self, i))
      return FALSE;
  return TRUE;
}

static gboolean
list_selected (Made *self)
{
  self->fields = arbor_scope_alloc (self->scope, (self->of->n + 1) * sizeof *self->fields);
  for (gsize i = 0; i < self->of->n; i++)
    if (!add_value (self, i))
      return FALSE;
  return TRUE;
}

/* Some of the fields, in any order. */
static gboolean
list_wanted (Made *self)
{
  ArborFields *of = self->of;

  self->fields = arbor_scope_alloc (self->scope, (of->wanted->n + 1) * sizeof *self->fields);
  for (guint i = 0; i < of->wanted->n; i++)
    {
      guint32 length;
      const char *key = arbor_wanted_get (of->wanted, i, &length);
      gsize at = arbor_fields_find_name (of->names, of->n, key, length);

      if (at < of->n && of->nodes != NULL)
        {
          if (!add_value (self, at))
            return FALSE;
        }
      else if (at == of->n && of->keeps)
        add_column (self, key, length, key, length);
    }
  return TRUE;
}

static gboolean
list_fields (Made *self)
{
  if (self->of->keeps && !arbor_compose_has_objects_only (self->rows->batch))
    return FALSE;
  if (self->of->wanted != NULL)
    return list_wanted (self);
  return self->of->keeps ? list_all_kept (self) : list_selected (self);
}

gboolean
arbor_fields_map_rows (gpointer data, const ArborRows *rows, ArborScope *scope, ArborOutput *output,
                       gboolean *is_done, GError **error)
{
  ArborFields *self = data;
  ArborBatchBuilder *builder = arbor_output_get_builder (output);
  guint32 *list = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *list);
  Made made = { .of = self, .rows = rows, .list = list, .scope = scope };

  for (guint32 i = 0; i < rows->n; i++)
    list[i] = arbor_rows_get (rows, i);
  /* The batch of the call before may be gone. */
  for (gsize i = 0; i < self->n && self->readers != NULL; i++)
    if (self->readers[i] != NULL)
      arbor_series_reader_forget (self->readers[i]);
  if (rows->n > arbor_batch_builder_get_room (builder) || !list_fields (&made))
    return TRUE;
  if (self->compose == NULL)
    self->compose = arbor_compose_new (builder);
  arbor_compose_forget (self->compose);
  *is_done = arbor_compose_add (self->compose, made.fields, made.n_fields, rows->n);
  return !*is_done || arbor_output_end_block (output, error);
}
