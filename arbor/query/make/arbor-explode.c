/* Explode: a tree for each element of an array, or for each member of an object, whose key is kept
 * in a field. See arbor-fields.h.
 */

#include "query/make/arbor-explode-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

/* For members that are no objects, where trees are made of them. */
#define VALUE_FIELD "value"

static void
explode_free (gpointer data)
{
  ArborExplode *self = data;

  g_clear_pointer (&self->path, arbor_path_free);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  g_clear_pointer (&self->compose, arbor_compose_free);
  g_clear_pointer (&self->gather, arbor_gather_free);
  g_free (self->text);
  g_free (self->as);
  g_free (self->key);
  g_free (self->frames);
  g_free (self);
}

static void
explode_describe (gpointer data, GString *text)
{
  ArborExplode *self = data;

  g_string_append_printf (text, "explode %s", self->text);
  if (self->as != NULL)
    g_string_append_printf (text, " as %s", self->as);
  if (!g_str_equal (self->key, ARBOR_FIELDS_KEY))
    g_string_append_printf (text, ", keys as %s", self->key);
}

static void
step_down (const ArborStep *step, const ArborValue *from, ArborScope *scope, ArborValue *to)
{
  if (step->kind == ARBOR_STEP_KEY)
    arbor_value_get_member (from, step->key, step->length, scope, to);
  else
    arbor_value_get_element (from, step->index, scope, to);
}

static void
open_frame (ArborExplode *self, guint level, const ArborValue *container, ArborScope *scope,
            ArborTapeWriter *out)
{
  const ArborStep *step = &self->path->steps[level];
  ArborExplodeFrame *frame = &self->frames[level];

  frame->is_object = container->kind == ARBOR_KIND_OBJECT;
  frame->position = 0;
  if (!frame->is_object)
    frame->target = (guint32) (step->index >= 0
                                   ? step->index
                                   : step->index + arbor_value_get_length (container, scope));
  arbor_value_iter_init (&frame->iter, container, scope);
  if (frame->is_object)
    arbor_tape_writer_begin_object (out);
  else
    arbor_tape_writer_begin_array (out);
}

static gboolean
is_on_the_way (ArborExplode *self, guint level, const char *key, guint32 length)
{
  const ArborStep *step = &self->path->steps[level];
  ArborExplodeFrame *frame = &self->frames[level];

  if (frame->is_object)
    return step->length == length && memcmp (step->key, key, length) == 0;
  return frame->position - 1 == frame->target;
}

/* Whether @element is an object that has its key where that is to go. */
static gboolean
has_own_key (ArborExplode *self, const ArborValue *element, ArborScope *scope)
{
  ArborValue own;

  if (element->kind != ARBOR_KIND_OBJECT)
    return FALSE;
  arbor_value_get_member (element, self->key, strlen (self->key), scope, &own);
  return own.kind == ARBOR_KIND_STRING && own.length == self->length &&
         (own.length == 0 || memcmp (own.text, self->member, own.length) == 0);
}

static void
write_key (ArborExplode *self, ArborTapeWriter *out)
{
  ArborValue key = ARBOR_VALUE_STRING (self->member, self->length);

  if (self->member == NULL)
    return;
  arbor_tape_writer_key (out, self->key, strlen (self->key));
  arbor_tape_writer_scalar (out, &key);
}

static void
close_frame (ArborExplode *self, guint level, const ArborValue *element, ArborScope *scope,
             ArborTapeWriter *out)
{
  if (level == 0)
    write_key (self, out);
  if (level == 0 && self->as != NULL)
    {
      arbor_tape_writer_key (out, self->as, strlen (self->as));
      arbor_value_write_tape (element, scope, out);
    }
  if (self->frames[level].is_object)
    arbor_tape_writer_end_object (out);
  else
    arbor_tape_writer_end_array (out);
}

/* The tree, whose path leads to an array, with @element. */
static void
write_tree (ArborExplode *self, const ArborValue *tree, const ArborValue *element, ArborScope *scope,
            ArborTapeWriter *out)
{
  guint level = 0;
  const char *key;
  guint32 length;
  ArborValue child;

  open_frame (self, 0, tree, scope, out);
  while (TRUE)
    {
      ArborExplodeFrame *frame = &self->frames[level];
      gboolean is_way;

      if (!arbor_value_iter_next (&frame->iter, &key, &length, &child))
        {
          close_frame (self, level, element, scope, out);
          if (level-- == 0)
            return;
          continue;
        }
      frame->position++;
      is_way = is_on_the_way (self, level, key, length);
      if (is_way && level + 1 == self->path->n_steps && self->as != NULL)
        continue;
      if (frame->is_object)
        arbor_tape_writer_key (out, key, length);
      if (!is_way)
        arbor_value_write_tape (&child, scope, out);
      else if (level + 1 == self->path->n_steps)
        arbor_value_write_tape (element, scope, out);
      else
        open_frame (self, ++level, &child, scope, out);
    }
}

/* The tree is the array or object: the element, or as import does it the member behind its key. */
static void
write_root (ArborExplode *self, const ArborValue *element, ArborScope *scope, ArborTapeWriter *out)
{
  ArborValueIter iter;
  const char *key;
  guint32 length;
  ArborValue value;

  if (self->member == NULL || has_own_key (self, element, scope))
    {
      arbor_value_write_tape (element, scope, out);
      return;
    }
  arbor_tape_writer_begin_object (out);
  write_key (self, out);
  if (element->kind != ARBOR_KIND_OBJECT)
    {
      arbor_tape_writer_key (out, VALUE_FIELD, strlen (VALUE_FIELD));
      arbor_value_write_tape (element, scope, out);
    }
  else
    {
      arbor_value_iter_init (&iter, element, scope);
      while (arbor_value_iter_next (&iter, &key, &length, &value))
        {
          arbor_tape_writer_key (out, key, length);
          arbor_value_write_tape (&value, scope, out);
        }
    }
  arbor_tape_writer_end_object (out);
}

void
arbor_explode_write_element (ArborExplode *self, const ArborValue *tree, const ArborValue *element, ArborScope *scope,
               ArborTapeWriter *out)
{
  if (self->path->n_steps > 0)
    {
      write_tree (self, tree, element, scope, out);
    }
  else if (self->as == NULL)
    {
      write_root (self, element, scope, out);
    }
  else
    {
      /* The tree is the array: an object is made of the field alone. */
      arbor_tape_writer_begin_object (out);
      write_key (self, out);
      arbor_tape_writer_key (out, self->as, strlen (self->as));
      arbor_value_write_tape (element, scope, out);
      arbor_tape_writer_end_object (out);
    }
}

/* Whether @tree has a place for the new field @name that costs no value. */
static gboolean
check_field_place (ArborExplode *self, const ArborValue *tree, const char *name, ArborScope *scope,
                   GError **error)
{
  ArborValue other;

  if (tree->kind != ARBOR_KIND_OBJECT)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_TYPE,
                   self->as != NULL
                       ? _("A tree is an array, and the field '%s' needs an object: explode '%s' "
                           "without a field")
                       : _("A tree is an array, and the field '%s' for keys of '%s' needs an object"),
                   name, self->text);
      return FALSE;
    }
  if (arbor_explode_is_own_name (self, name))
    return TRUE;
  arbor_value_get_member (tree, name, strlen (name), scope, &other);
  return other.kind == ARBOR_KIND_MISSING ||
         arbor_fields_set_taken_error (name, strlen (name), error);
}

/* The same for all fields of @tree, which has the array or (@has_keys) the object. */
static gboolean
check_place (ArborExplode *self, const ArborValue *tree, gboolean has_keys, ArborScope *scope,
             GError **error)
{
  if (has_keys && g_strcmp0 (self->as, self->key) == 0)
    return arbor_fields_set_taken_error (self->key, strlen (self->key), error);
  if (self->path->n_steps == 0)
    return TRUE;
  return (self->as == NULL || check_field_place (self, tree, self->as, scope, error)) &&
         (!has_keys || check_field_place (self, tree, self->key, scope, error));
}

/* The same for a member that becomes a tree of its own. */
static gboolean
check_member (ArborExplode *self, const ArborValue *element, ArborScope *scope, GError **error)
{
  ArborValue other = ARBOR_VALUE_MISSING;

  if (self->member == NULL || self->path->n_steps > 0 || self->as != NULL ||
      has_own_key (self, element, scope))
    return TRUE;
  if (element->kind == ARBOR_KIND_OBJECT)
    arbor_value_get_member (element, self->key, strlen (self->key), scope, &other);
  if (other.kind == ARBOR_KIND_MISSING &&
      (element->kind == ARBOR_KIND_OBJECT || !g_str_equal (self->key, VALUE_FIELD)))
    return TRUE;
  return arbor_fields_set_taken_error (self->key, strlen (self->key), error);
}

static gboolean
map_explode (gpointer data, const ArborBatch *batch, guint32 row, const ArborValue *tree,
             ArborScope *scope, ArborOutput *output, GError **error)
{
  ArborExplode *self = data;
  ArborValue array = *tree;
  guint64 start = 0, end = G_MAXUINT64;
  ArborValue element;
  ArborValueIter iter;
  gboolean has_keys;
  const char *key;

  arbor_windows_cut (&self->windows, &start, &end);
  for (guint i = 0; i < self->path->n_steps; i++)
    {
      ArborValue child;

      step_down (&self->path->steps[i], &array, scope, &child);
      array = child;
    }
  has_keys = array.kind == ARBOR_KIND_OBJECT;
  if (!has_keys && array.kind != ARBOR_KIND_ARRAY)
    return arbor_output_add_tree (output, tree, scope, error);
  if (!check_place (self, tree, has_keys, scope, error))
    return FALSE;

  arbor_value_iter_init (&iter, &array, scope);
  for (guint64 n = 0; n < end && arbor_value_iter_next (&iter, &key, &self->length, &element); n++)
    {
      ArborScopeMark mark = arbor_scope_mark (scope);

      if (n < start)
        continue;
      /* One tree may become millions. */
      self->member = has_keys ? key : NULL;
      if (!arbor_scope_check (scope, error) || !check_member (self, &element, scope, error))
        return FALSE;
      arbor_explode_write_element (self, tree, &element, scope, arbor_output_begin_tree (output));
      arbor_scope_release (scope, mark);
      if (!arbor_output_end_tree (output, error))
        return FALSE;
    }
  return TRUE;
}

static gpointer
explode_narrow (gpointer data, const ArborWanted *wanted)
{
  const ArborExplode *self = data;
  ArborExplode *copy = g_new0 (ArborExplode, 1);

  copy->text = g_strdup (self->text);
  copy->as = g_strdup (self->as);
  copy->key = g_strdup (self->key);
  copy->path = arbor_path_copy (self->path);
  copy->frames = g_new (ArborExplodeFrame, self->path->n_steps + 1);
  wanted = wanted != NULL ? wanted : self->wanted;
  copy->wanted = wanted != NULL ? arbor_wanted_copy (wanted) : NULL;
  return copy;
}

static ArborWindows *
get_windows (gpointer data)
{
  return &((ArborExplode *) data)->windows;
}

/* A place in the trees that come out, as a place in the old ones. */
static void
list_keys (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  static const ArborStepKind kinds[] = { ARBOR_STEP_EACH, ARBOR_STEP_ANY };
  ArborExplode *self = data;
  const ArborPath *path = self->path;
  gboolean is_field = self->as != NULL && n_steps > 0 && arbor_step_is_key (steps, self->as);
  g_autofree ArborStep *old = g_new (ArborStep, path->n_steps + n_steps + 1);
  guint n_skipped = is_field ? 1 : path->n_steps;
  guint n_same = 0;

  while (n_same < path->n_steps && n_same < n_steps &&
         arbor_step_equal (&path->steps[n_same], &steps[n_same]))
    n_same++;
  if (n_steps == 0 && self->as != NULL)
    arbor_key_search_add (search, self->as);
  if (n_steps == 0)
    arbor_key_search_add (search, self->key);
  if (path->n_steps == 0 && self->as == NULL && n_steps == 0)
    arbor_key_search_add (search, VALUE_FIELD);
  else if (path->n_steps == 0 && self->as == NULL && arbor_step_is_key (steps, VALUE_FIELD))
    arbor_key_search_set_open (search);
  /* What is neither stays, and so do the other elements of an array on the way. */
  if (path->n_steps > 0 || self->as == NULL)
    arbor_key_search_ask (search, 0, steps, n_steps, NULL);
  if (!is_field && (self->as != NULL || n_same < path->n_steps))
    return;
  if (path->n_steps > 0)
    memcpy (old, path->steps, path->n_steps * sizeof (ArborStep));
  if (n_steps > n_skipped)
    memcpy (old + path->n_steps + 1, steps + n_skipped, (n_steps - n_skipped) * sizeof (ArborStep));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      old[path->n_steps] = (ArborStep){ .kind = kinds[i] };
      arbor_key_search_ask (search, 0, old, path->n_steps + 1 + n_steps - n_skipped, NULL);
    }
}

static void
list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  ArborExplode *self = data;

  g_ptr_array_add (nodes, arbor_node_new_path_take (arbor_path_copy (self->path)));
}

/* What is wanted of elements that come out; NULL: all. @nothing where none is. */
static const ArborWanted *
want_element (ArborExplode *self, const ArborWanted *nothing)
{
  const ArborWanted *at = self->wanted;
  const ArborWantedField *field = NULL;

  if (self->as != NULL)
    {
      field = arbor_wanted_find (at, self->as, strlen (self->as));
      return field == NULL ? nothing : field->is_list ? NULL : field->below;
    }
  for (guint i = 0; i < self->path->n_steps && at != NULL; i++)
    if (self->path->steps[i].kind == ARBOR_STEP_KEY)
      {
        field = arbor_wanted_find (at, self->path->steps[i].key, self->path->steps[i].length);
        if (field == NULL)
          return nothing;
        at = field->is_list ? NULL : field->below;
      }
  return at;
}

static ArborWanted *
want_explode (gpointer data)
{
  ArborExplode *self = data;
  g_autoptr (ArborWanted) nothing = arbor_wanted_new ();
  g_autoptr (ArborWanted) all = NULL;

  if (self->wanted == NULL)
    return NULL;
  all = arbor_wanted_copy (self->wanted);
  /* A tree that has these is refused. */
  arbor_wanted_add_key (all, self->key, (guint32) strlen (self->key));
  if (self->as != NULL)
    arbor_wanted_add_key (all, self->as, (guint32) strlen (self->as));
  return arbor_wanted_add (all, self->path->steps, self->path->n_steps,
                           want_element (self, nothing), TRUE)
             ? g_steal_pointer (&all)
             : NULL;
}

/* A field that holds the array cannot be set to an element without losing what else it holds. */
static gboolean
check_field (const ArborPath *path, const char *text, const char *as, GError **error)
{
  const ArborStep *step = path->steps;

  if (as == NULL || path->n_steps < 2 || step->kind != ARBOR_STEP_KEY ||
      step->length != strlen (as) || memcmp (step->key, as, step->length) != 0)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
               _("Field '%s' holds the array at '%s' and would lose all else in it: give another "
                 "name"),
               as, text);
  return FALSE;
}

ArborSource *
arbor_fields_explode (ArborSource *source, ArborSelection *selection, const char *path,
                      const char *as, const char *key, GError **error)
{
  static const ArborMapping mapping = { .map = map_explode,
                                        .map_rows = arbor_explode_map_rows,
                                        .count = arbor_explode_count,
                                        .narrow = explode_narrow,
                                        .get_windows = get_windows,
                                        .want = want_explode,
                                        .describe = explode_describe,
                                        .free = explode_free,
                                        .keys = list_keys,
                                        .nodes = list_nodes };
  g_autoptr (ArborPath) parsed = arbor_path_parse (path, error);
  ArborExplode *self;

  if (parsed == NULL)
    return NULL;
  if (parsed->is_vector)
    {
      g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_CARDINALITY,
                   _ ("Path '%s' has [*], which gives several values, and one is needed here"),
                   path);
      return NULL;
    }
  if (!check_field (parsed, path, as, error))
    return NULL;
  self = g_new0 (ArborExplode, 1);
  self->text = g_strdup (path);
  self->as = g_strdup (as);
  self->key = g_strdup (key != NULL ? key : ARBOR_FIELDS_KEY);
  self->frames = g_new (ArborExplodeFrame, parsed->n_steps + 1);
  self->path = g_steal_pointer (&parsed);
  return arbor_source_new_mapped (&mapping, self, source, selection, NULL, 0, NULL, error);
}
