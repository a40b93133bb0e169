/* Select, add, drop, rename. See arbor-fields.h. */

#include "query/make/arbor-fields.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"
#include "batch/arbor-batch-format.h"
#include "batch/arbor-compose.h"
#include "query/expr/arbor-evaluator.h"
#include "query/series/arbor-series-reader.h"

typedef struct
{
  const char *verb;
  gsize n;
  char **names;
  char **new_names;            /* of rename */
  ArborNode **nodes;           /* of select and add */
  ArborEvaluator **evaluators; /* of select and add */
  gboolean keeps;              /* fields that are not named stay: add, drop */

  /* Where only some fields are made. */
  ArborWanted *wanted;         /* NULL: all are */
  ArborSeriesReader **readers; /* of the nodes that are wanted; NULL the others */
  ArborCompose *compose;
} Fields;

static Fields *
fields_new (const char *verb, const char *const *names, gsize n)
{
  Fields *self = g_new0 (Fields, 1);

  self->verb = verb;
  self->n = n;
  self->names = g_new0 (char *, n + 1);
  for (gsize i = 0; i < n; i++)
    self->names[i] = g_strdup (names[i]);
  return self;
}

static void
fields_free (gpointer data)
{
  Fields *self = data;

  for (gsize i = 0; i < self->n && self->nodes != NULL; i++)
    {
      arbor_evaluator_free (self->evaluators[i]);
      arbor_node_unref (self->nodes[i]);
    }
  for (gsize i = 0; i < self->n && self->readers != NULL; i++)
    g_clear_pointer (&self->readers[i], arbor_series_reader_free);
  g_free (self->readers);
  g_clear_pointer (&self->compose, arbor_compose_free);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  g_free (self->evaluators);
  g_free (self->nodes);
  g_strfreev (self->names);
  g_strfreev (self->new_names);
  g_free (self);
}

static void
take_nodes (Fields *self, ArborNode *const *nodes)
{
  self->nodes = g_new (ArborNode *, self->n + 1);
  self->evaluators = g_new (ArborEvaluator *, self->n + 1);
  for (gsize i = 0; i < self->n; i++)
    {
      self->nodes[i] = arbor_node_ref (nodes[i]);
      self->evaluators[i] = arbor_evaluator_new (nodes[i]);
    }
}

static void
fields_describe (gpointer data, GString *text)
{
  Fields *self = data;

  g_string_append (text, self->verb);
  for (gsize i = 0; i < self->n; i++)
    {
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : " ", self->names[i]);
      if (self->new_names != NULL)
        g_string_append_printf (text, " as %s", self->new_names[i]);
      if (self->nodes != NULL)
        {
          g_autofree char *node = arbor_node_to_string (self->nodes[i]);

          g_string_append_printf (text, " = %s", node);
        }
    }
}

static void
fields_set_batch (gpointer data, const ArborBatch *batch, guint64 first)
{
  Fields *self = data;

  for (gsize i = 0; i < self->n; i++)
    arbor_evaluator_set_batch (self->evaluators[i], batch, first);
}

/* n when it is none of them. */
static gsize
find_name (char **names, gsize n, const char *key, gsize length)
{
  gsize i = 0;

  while (i < n && (strlen (names[i]) != length || memcmp (names[i], key, length) != 0))
    i++;
  return i;
}

static gboolean
check_distinct (char **names, gsize n, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < n; i++)
    if (!g_hash_table_add (seen, names[i]))
      {
        g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                     _ ("Field name '%s' is given twice"), names[i]);
        return FALSE;
      }
  return TRUE;
}

static void
write_field (ArborTapeWriter *out, const char *key, gsize length, const ArborValue *value,
             ArborScope *scope)
{
  if (value->kind == ARBOR_KIND_MISSING)
    return;
  arbor_tape_writer_key (out, key, length);
  arbor_value_write_tape (value, scope, out);
}

static gboolean
map_select (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
            ArborScope *scope, ArborOutput *output, GError **error)
{
  Fields *self = data;
  ArborTapeWriter *out = arbor_output_begin_tree (output);

  arbor_tape_writer_begin_object (out);
  for (gsize i = 0; i < self->n; i++)
    {
      ArborValue value;

      arbor_evaluator_get_value (self->evaluators[i], row, scope, &value);
      write_field (out, self->names[i], strlen (self->names[i]), &value, scope);
    }
  arbor_tape_writer_end_object (out);
  return arbor_output_end_tree (output, error);
}

static gboolean
map_add (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
         ArborScope *scope, ArborOutput *output, GError **error)
{
  Fields *self = data;
  ArborValue *values;
  gboolean *is_done;
  ArborTapeWriter *out;
  ArborValueIter iter;
  const char *key;
  guint32 length;
  ArborValue member;

  if (tree->kind != ARBOR_KIND_OBJECT)
    return arbor_output_add_tree (output, tree, scope, error);

  values = arbor_scope_alloc (scope, self->n * sizeof *values);
  is_done = arbor_scope_alloc (scope, self->n * sizeof *is_done);
  for (gsize i = 0; i < self->n; i++)
    {
      arbor_evaluator_get_value (self->evaluators[i], row, scope, &values[i]);
      is_done[i] = FALSE;
    }

  out = arbor_output_begin_tree (output);
  arbor_tape_writer_begin_object (out);
  arbor_value_iter_init (&iter, tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    {
      gsize i = find_name (self->names, self->n, key, length);

      write_field (out, key, length, i < self->n ? &values[i] : &member, scope);
      if (i < self->n)
        is_done[i] = TRUE;
    }
  for (gsize i = 0; i < self->n; i++)
    if (!is_done[i])
      write_field (out, self->names[i], strlen (self->names[i]), &values[i], scope);
  arbor_tape_writer_end_object (out);
  return arbor_output_end_tree (output, error);
}

static gboolean
map_drop (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
          ArborScope *scope, ArborOutput *output, GError **error)
{
  Fields *self = data;
  ArborTapeWriter *out;
  ArborValueIter iter;
  const char *key;
  guint32 length;
  ArborValue member;

  if (tree->kind != ARBOR_KIND_OBJECT)
    return arbor_output_add_tree (output, tree, scope, error);

  out = arbor_output_begin_tree (output);
  arbor_tape_writer_begin_object (out);
  arbor_value_iter_init (&iter, tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    if (find_name (self->names, self->n, key, length) == self->n)
      write_field (out, key, length, &member, scope);
  arbor_tape_writer_end_object (out);
  return arbor_output_end_tree (output, error);
}

gboolean
arbor_fields_set_taken_error (const char *name, gsize length, GError **error)
{
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_EXISTS,
               _("A tree has a field '%.*s' already, whose value would be lost: give another name, "
                 "or drop or rename that field first"),
               (int) length, name);
  return FALSE;
}

/* Whether a field of the tree is renamed to @key. */
static gboolean
is_taken (Fields *self, const ArborValue *tree, const char *key, gsize length, ArborScope *scope)
{
  gsize i = find_name (self->new_names, self->n, key, length);
  ArborValue member;

  if (i == self->n)
    return FALSE;
  arbor_value_get_member (tree, self->names[i], strlen (self->names[i]), scope, &member);
  return member.kind != ARBOR_KIND_MISSING;
}

static gboolean
map_rename (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
            ArborScope *scope, ArborOutput *output, GError **error)
{
  Fields *self = data;
  ArborTapeWriter *out;
  ArborValueIter iter;
  const char *key;
  guint32 length;
  ArborValue member;

  if (tree->kind != ARBOR_KIND_OBJECT)
    return arbor_output_add_tree (output, tree, scope, error);

  out = arbor_output_begin_tree (output);
  arbor_tape_writer_begin_object (out);
  arbor_value_iter_init (&iter, tree, scope);
  while (arbor_value_iter_next (&iter, &key, &length, &member))
    {
      gsize i = find_name (self->names, self->n, key, length);

      if (i < self->n)
        write_field (out, self->new_names[i], strlen (self->new_names[i]), &member, scope);
      else if (!is_taken (self, tree, key, length, scope))
        write_field (out, key, length, &member, scope);
      else
        return arbor_fields_set_taken_error (key, length, error);
    }
  arbor_tape_writer_end_object (out);
  return arbor_output_end_tree (output, error);
}

/* Some fields, by columns */

/* Values of an expression for the rows, in the scope. */
static gboolean
compute_field (ArborSeriesReader *reader, const ArborRows *rows, ArborScope *scope,
               ArborValue *values, GError **error)
{
  arbor_series_reader_begin (reader, rows);
  for (guint32 i = 0; i < rows->n; i++)
    {
      arbor_series_reader_next_value (reader, &values[i]);
      /* Texts go away with the next chunk. */
      if (values[i].kind == ARBOR_KIND_STRING || values[i].kind == ARBOR_KIND_NUMBER)
        values[i].text = arbor_scope_copy (scope, values[i].text, values[i].length);
      else if (values[i].kind >= ARBOR_KIND_ARRAY)
        values[i] = (ArborValue){ .kind = ARBOR_KIND_ARRAY };
    }
  return arbor_series_reader_check (reader, error);
}

/* Whether the trees of a batch are objects, all of them, and in columns. */
static gboolean
has_objects_only (const ArborBatch *batch)
{
  return batch->columns[0].n_lanes == 1 && batch->columns[0].n_nulls == 0 &&
         arbor_batch_find_lane (batch, &batch->columns[0], ARBOR_KIND_OBJECT) != NULL;
}

static gboolean
list_wanted (Fields *self, const ArborRows *rows, ArborScope *scope, ArborFieldRows *fields,
             guint *n_fields, GError **error)
{
  guint32 *list = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *list);

  for (guint32 i = 0; i < rows->n; i++)
    list[i] = arbor_rows_get (rows, i);
  for (guint i = 0; i < self->wanted->n; i++)
    {
      ArborFieldRows field = { .batch = rows->batch, .rows = list, .n_rows = rows->n };
      gsize at;

      field.key = arbor_wanted_get (self->wanted, i, &field.length);
      at = find_name (self->names, self->n, field.key, field.length);
      if (at < self->n && self->nodes != NULL)
        {
          ArborValue *values = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *values);

          if (!compute_field (self->readers[at], rows, scope, values, error))
            return FALSE;
          field.values = values;
        }
      else if (at < self->n || !self->keeps)
        {
          continue;
        }
      else
        {
          field.column = arbor_batch_find_field (rows->batch, 0, field.key, field.length);
          if (field.column == ARBOR_NO_COLUMN)
            continue;
        }
      fields[(*n_fields)++] = field;
    }
  return TRUE;
}

static gboolean
map_wanted (gpointer data, const ArborRows *rows, ArborScope *scope, ArborOutput *output,
            gboolean *is_done, GError **error)
{
  Fields *self = data;
  ArborBatchBuilder *builder = arbor_output_get_builder (output);
  ArborFieldRows *fields;
  guint n_fields = 0;

  if (self->wanted == NULL || rows->n > arbor_batch_builder_get_room (builder) ||
      (self->keeps && !has_objects_only (rows->batch)))
    return TRUE;
  fields = arbor_scope_alloc (scope, (self->wanted->n + 1) * sizeof *fields);
  if (!list_wanted (self, rows, scope, fields, &n_fields, error))
    return FALSE;
  if (self->compose == NULL)
    self->compose = arbor_compose_new (builder);
  /* The batch of the call before may be gone. */
  arbor_compose_forget (self->compose);
  *is_done = arbor_compose_add (self->compose, fields, n_fields, rows->n);
  return !*is_done || arbor_output_end_block (output, error);
}

static gpointer
fields_narrow (gpointer data, const ArborWanted *wanted)
{
  const Fields *self = data;
  Fields *copy = fields_new (self->verb, (const char *const *) self->names, self->n);

  copy->keeps = self->keeps;
  copy->wanted = arbor_wanted_copy (wanted);
  if (self->nodes == NULL)
    return copy;
  take_nodes (copy, self->nodes);
  copy->readers = g_new0 (ArborSeriesReader *, copy->n + 1);
  for (gsize i = 0; i < copy->n; i++)
    if (arbor_wanted_has (wanted, copy->names[i], strlen (copy->names[i])))
      copy->readers[i] = arbor_series_reader_new (copy->nodes[i]);
  return copy;
}

/* Which keys come out */

static void
list_selected (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Fields *self = data;

  arbor_key_search_ask_fields (search, 0, self->names, self->nodes, self->n, steps, n_steps);
}

static gboolean
begins_with (char *const *names, const ArborStep *steps, guint n_steps)
{
  gsize n = g_strv_length ((char **)names);

  return n_steps > 0 && steps->kind == ARBOR_STEP_KEY &&
         find_name ((char **)names, n, steps->key, steps->length) < n;
}

static void
list_added (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Fields *self = data;

  arbor_key_search_ask_fields (search, 0, self->names, self->nodes, self->n, steps, n_steps);
  if (!begins_with (self->names, steps, n_steps))
    arbor_key_search_ask (search, 0, steps, n_steps, NULL);
}

static void
list_not_dropped (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Fields *self = data;

  if (!begins_with (self->names, steps, n_steps))
    arbor_key_search_ask (search, 0, steps, n_steps, n_steps == 0 ? self->names : NULL);
}

static void
list_renamed (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  Fields *self = data;
  g_autofree ArborStep *old = g_memdup2 (steps, n_steps * sizeof (ArborStep));

  for (gsize i = 0; i < self->n && n_steps == 0; i++)
    arbor_key_search_add (search, self->new_names[i]);
  if (begins_with (self->new_names, steps, n_steps))
    {
      gsize i = find_name (self->new_names, self->n, steps->key, steps->length);

      old->key = self->names[i];
      old->length = (guint32)strlen (self->names[i]);
      arbor_key_search_ask (search, 0, old, n_steps, NULL);
    }
  if (!begins_with (self->names, steps, n_steps))
    arbor_key_search_ask (search, 0, steps, n_steps, n_steps == 0 ? self->names : NULL);
}

static void
list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  Fields *self = data;

  for (gsize i = 0; i < self->n && self->nodes != NULL; i++)
    if (arbor_wanted_has (self->wanted, self->names[i], strlen (self->names[i])))
      g_ptr_array_add (nodes, arbor_node_ref (self->nodes[i]));
  if (self->wanted != NULL && self->keeps)
    arbor_nodes_add_wanted (nodes, self->wanted);
}

static ArborSource *
make (const ArborMapping *mapping, Fields *fields, ArborSource *source, ArborSelection *selection,
      GError **error)
{
  if (!check_distinct (fields->names, fields->n, error) ||
      (fields->new_names != NULL && !check_distinct (fields->new_names, fields->n, error)))
    {
      fields_free (fields);
      return NULL;
    }
  return arbor_source_new_mapped (mapping, fields, source, selection, NULL, 0, NULL, error);
}

ArborSource *
arbor_fields_select (ArborSource *source, ArborSelection *selection, const char *const *names,
                     ArborNode *const *nodes, gsize n, GError **error)
{
  static const ArborMapping mapping = { .map = map_select,
                                        .map_rows = map_wanted,
                                        .is_one_to_one = TRUE,
                                        .narrow = fields_narrow,
                                        .narrows_input = TRUE,
                                        .reads_nodes_only = TRUE,
                                        .set_batch = fields_set_batch,
                                        .describe = fields_describe,
                                        .free = fields_free,
                                        .keys = list_selected,
                                        .nodes = list_nodes };
  Fields *fields = fields_new ("select", names, n);

  take_nodes (fields, nodes);
  return make (&mapping, fields, source, selection, error);
}

ArborSource *
arbor_fields_add (ArborSource *source, ArborSelection *selection, const char *const *names,
                  ArborNode *const *nodes, gsize n, GError **error)
{
  static const ArborMapping mapping = { .map = map_add,
                                        .map_rows = map_wanted,
                                        .is_one_to_one = TRUE,
                                        .narrow = fields_narrow,
                                        .narrows_input = TRUE,
                                        .set_batch = fields_set_batch,
                                        .describe = fields_describe,
                                        .free = fields_free,
                                        .keys = list_added,
                                        .nodes = list_nodes };
  Fields *fields = fields_new ("add fields", names, n);

  fields->keeps = TRUE;
  take_nodes (fields, nodes);
  return make (&mapping, fields, source, selection, error);
}

ArborSource *
arbor_fields_drop (ArborSource *source, ArborSelection *selection, const char *const *names,
                   gsize n, GError **error)
{
  static const ArborMapping mapping = { .map = map_drop,
                                        .map_rows = map_wanted,
                                        .is_one_to_one = TRUE,
                                        .narrow = fields_narrow,
                                        .narrows_input = TRUE,
                                        .describe = fields_describe,
                                        .free = fields_free,
                                        .keys = list_not_dropped,
                                        .nodes = list_nodes };

  Fields *fields = fields_new ("drop fields", names, n);

  fields->keeps = TRUE;
  return make (&mapping, fields, source, selection, error);
}

ArborSource *
arbor_fields_rename (ArborSource *source, ArborSelection *selection, const char *const *names,
                     const char *const *new_names, gsize n, GError **error)
{
  static const ArborMapping mapping = { .map = map_rename,
                                        .describe = fields_describe,
                                        .free = fields_free,
                                        .keys = list_renamed };
  Fields *fields = fields_new ("rename fields", names, n);

  fields->new_names = g_new0 (char *, n + 1);
  for (gsize i = 0; i < n; i++)
    fields->new_names[i] = g_strdup (new_names[i]);
  return make (&mapping, fields, source, selection, error);
}
