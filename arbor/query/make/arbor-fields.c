/* Select, add, drop, rename. See arbor-fields.h. */

#include "query/make/arbor-fields-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-node-through.h"

static ArborFields *
fields_new (const char *verb, const char *const *names, gsize n)
{
  ArborFields *self = g_new0 (ArborFields, 1);

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
  ArborFields *self = data;

  for (gsize i = 0; i < self->n && self->nodes != NULL; i++)
    {
      arbor_evaluator_free (self->evaluators[i]);
      arbor_node_unref (self->nodes[i]);
    }
  arbor_fields_clear_columns (self);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  g_free (self->evaluators);
  g_free (self->nodes);
  g_strfreev (self->names);
  g_strfreev (self->new_names);
  g_free (self);
}

static void
take_nodes (ArborFields *self, ArborNode *const *nodes)
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
  ArborFields *self = data;

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
  ArborFields *self = data;

  for (gsize i = 0; i < self->n; i++)
    arbor_evaluator_set_batch (self->evaluators[i], batch, first);
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
  ArborFields *self = data;
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
  ArborFields *self = data;
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
      gsize i = arbor_fields_find_name (self->names, self->n, key, length);

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
  ArborFields *self = data;
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
    if (arbor_fields_find_name (self->names, self->n, key, length) == self->n)
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
is_taken (ArborFields *self, const ArborValue *tree, const char *key, gsize length, ArborScope *scope)
{
  gsize i = arbor_fields_find_name (self->new_names, self->n, key, length);
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
  ArborFields *self = data;
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
      gsize i = arbor_fields_find_name (self->names, self->n, key, length);

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

static gpointer
fields_narrow (gpointer data, const ArborWanted *wanted)
{
  const ArborFields *self = data;
  ArborFields *copy = fields_new (self->verb, (const char *const *) self->names, self->n);

  copy->keeps = self->keeps;
  wanted = wanted != NULL ? wanted : self->wanted;
  copy->wanted = wanted != NULL ? arbor_wanted_copy (wanted) : NULL;
  if (self->nodes != NULL)
    take_nodes (copy, self->nodes);
  return copy;
}

static void
take_new_names (ArborFields *self, const char *const *new_names)
{
  self->new_names = g_new0 (char *, self->n + 1);
  for (gsize i = 0; i < self->n; i++)
    self->new_names[i] = g_strdup (new_names[i]);
}

/* Whether a tree is refused depends on all of its fields. */
static gpointer
renamed_narrow (gpointer data, const ArborWanted *wanted)
{
  const ArborFields *self = data;
  ArborFields *copy;

  if (wanted != NULL)
    return NULL;
  copy = fields_narrow (data, NULL);
  take_new_names (copy, (const char *const *) self->new_names);
  return copy;
}

/* Which keys come out */

static void
list_selected (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  ArborFields *self = data;

  arbor_key_search_ask_fields (search, 0, self->names, self->nodes, self->n, steps, n_steps);
}

static gboolean
begins_with (char *const *names, const ArborStep *steps, guint n_steps)
{
  gsize n = g_strv_length ((char **)names);

  return n_steps > 0 && steps->kind == ARBOR_STEP_KEY &&
         arbor_fields_find_name ((char **)names, n, steps->key, steps->length) < n;
}

static void
list_added (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  ArborFields *self = data;

  arbor_key_search_ask_fields (search, 0, self->names, self->nodes, self->n, steps, n_steps);
  if (!begins_with (self->names, steps, n_steps))
    arbor_key_search_ask (search, 0, steps, n_steps, NULL);
}

static void
list_not_dropped (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  ArborFields *self = data;

  if (!begins_with (self->names, steps, n_steps))
    arbor_key_search_ask (search, 0, steps, n_steps, n_steps == 0 ? self->names : NULL);
}

static void
list_renamed (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  ArborFields *self = data;
  g_autofree ArborStep *old = g_memdup2 (steps, n_steps * sizeof (ArborStep));

  for (gsize i = 0; i < self->n && n_steps == 0; i++)
    arbor_key_search_add (search, self->new_names[i]);
  if (begins_with (self->new_names, steps, n_steps))
    {
      gsize i = arbor_fields_find_name (self->new_names, self->n, steps->key, steps->length);

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
  ArborFields *self = data;

  for (gsize i = 0; i < self->n && self->nodes != NULL; i++)
    if (arbor_wanted_has (self->wanted, self->names[i], strlen (self->names[i])))
      g_ptr_array_add (nodes, arbor_node_ref (self->nodes[i]));
}

/* FALSE: trees as wholes. */
static gboolean
want_value (ArborWanted *all, ArborNode *node, const ArborWantedField *field)
{
  const ArborPath *path = arbor_node_get_key_path (node);

  return path != NULL && field != NULL
             ? arbor_wanted_add (all, path->steps, path->n_steps, field->below, field->is_list)
             : arbor_wanted_add_node (all, node);
}

static ArborWanted *
want_fields (gpointer data)
{
  const ArborFields *self = data;
  g_autoptr (ArborWanted) all = arbor_wanted_new ();

  if (self->wanted == NULL && self->keeps)
    return NULL;
  for (gsize i = 0; i < self->n && self->nodes != NULL; i++)
    {
      gsize length = strlen (self->names[i]);
      const ArborWantedField *field =
          self->wanted != NULL ? arbor_wanted_find (self->wanted, self->names[i], length) : NULL;

      if (arbor_wanted_has (self->wanted, self->names[i], length) &&
          !want_value (all, self->nodes[i], field))
        return NULL;
    }
  for (guint i = 0; self->keeps && i < self->wanted->n; i++)
    {
      const ArborWantedField *field = &self->wanted->fields[i];

      if (arbor_fields_find_name (self->names, self->n, field->key, field->length) == self->n)
        arbor_wanted_add_field (all, field);
    }
  return g_steal_pointer (&all);
}

/* What the fields are, read through. */
static ArborNode *
trace_through (const ArborFields *self, ArborFieldsMapKind kind, ArborNode *node)
{
  const ArborFieldsMap map = { kind, self->names, NULL, self->nodes };

  return arbor_node_read_through (node, &map, ARBOR_THROUGH_FIELDS, NULL);
}

static ArborNode *
trace_select (gpointer data, ArborNode *node)
{
  return trace_through (data, ARBOR_FIELDS_MAP_SELECT, node);
}

static ArborNode *
trace_add (gpointer data, ArborNode *node)
{
  return trace_through (data, ARBOR_FIELDS_MAP_ADD, node);
}

static ArborNode *
trace_drop (gpointer data, ArborNode *node)
{
  return trace_through (data, ARBOR_FIELDS_MAP_DROP, node);
}

static ArborSource *
make (const ArborMapping *mapping, ArborFields *fields, ArborSource *source, ArborSelection *selection,
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
                                        .map_rows = arbor_fields_map_rows,
                                        .is_one_to_one = TRUE,
                                        .narrow = fields_narrow,
                                        .trace = trace_select,
                                        .want = want_fields,
                                        .set_batch = fields_set_batch,
                                        .describe = fields_describe,
                                        .free = fields_free,
                                        .keys = list_selected,
                                        .nodes = list_nodes };
  ArborFields *fields = fields_new ("select", names, n);

  take_nodes (fields, nodes);
  return make (&mapping, fields, source, selection, error);
}

ArborSource *
arbor_fields_add (ArborSource *source, ArborSelection *selection, const char *const *names,
                  ArborNode *const *nodes, gsize n, GError **error)
{
  static const ArborMapping mapping = { .map = map_add,
                                        .map_rows = arbor_fields_map_rows,
                                        .is_one_to_one = TRUE,
                                        .narrow = fields_narrow,
                                        .trace = trace_add,
                                        .want = want_fields,
                                        .set_batch = fields_set_batch,
                                        .describe = fields_describe,
                                        .free = fields_free,
                                        .keys = list_added,
                                        .nodes = list_nodes };
  ArborFields *fields = fields_new ("add fields", names, n);

  fields->keeps = TRUE;
  take_nodes (fields, nodes);
  return make (&mapping, fields, source, selection, error);
}

ArborSource *
arbor_fields_drop (ArborSource *source, ArborSelection *selection, const char *const *names,
                   gsize n, GError **error)
{
  static const ArborMapping mapping = { .map = map_drop,
                                        .map_rows = arbor_fields_map_rows,
                                        .is_one_to_one = TRUE,
                                        .narrow = fields_narrow,
                                        .trace = trace_drop,
                                        .want = want_fields,
                                        .describe = fields_describe,
                                        .free = fields_free,
                                        .keys = list_not_dropped,
                                        .nodes = list_nodes };

  ArborFields *fields = fields_new ("drop fields", names, n);

  fields->keeps = TRUE;
  return make (&mapping, fields, source, selection, error);
}

ArborSource *
arbor_fields_rename (ArborSource *source, ArborSelection *selection, const char *const *names,
                     const char *const *new_names, gsize n, GError **error)
{
  static const ArborMapping mapping = { .map = map_rename,
                                        .map_rows = arbor_fields_map_rows,
                                        .is_one_each = TRUE,
                                        .narrow = renamed_narrow,
                                        .describe = fields_describe,
                                        .free = fields_free,
                                        .keys = list_renamed };
  ArborFields *fields = fields_new ("rename fields", names, n);

  fields->keeps = TRUE;
  take_new_names (fields, new_names);
  return make (&mapping, fields, source, selection, error);
}
