/* See arbor-path-notes.h. */

#include "query/make/arbor-path-notes.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-spelling.h"
#include "query/view/arbor-derived.h"
#include "query/expr/arbor-function.h"

/* Looking for a key at another place: so many batches tell enough. */
#define MAX_BATCHES 64u

typedef struct
{
  GPtrArray *notes;
  ArborSource *source;
  ArborAccess *access;
} Notes;

/* A part of an expression, and what its element is, if it has one. */
typedef struct
{
  const ArborNode *node;
  ArborPath *element; /* NULL: not known */
} Part;

static void
clear_part (gpointer data)
{
  g_clear_pointer (&((Part *)data)->element, arbor_path_free);
}

/* The key that @key may have been meant to be: owned by @names; NULL when none is near. */
static const char *
find_nearest (const char *key, GHashTable *names)
{
  glong length = g_utf8_strlen (key, -1);
  /* One letter is no mistake for another. */
  guint limit = length <= 2 ? 0 : (guint)MIN (length / 3, 3);
  const char *nearest = NULL;
  guint least = limit + 1;
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      guint distance;

      if (!g_utf8_validate (name, -1, NULL))
        continue;
      distance = arbor_spelling_get_distance (key, name, limit);
      if (distance < least ||
          (distance == least && nearest != NULL && strcmp (name, nearest) < 0))
        {
          nearest = name;
          least = distance;
        }
    }
  return nearest;
}

/* The path of @column. */
static char *
dup_column_path (const ArborBatch *batch, guint32 column)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (ArborPath) path = NULL;
  ArborColumnInfo info;
  ArborStep *steps;
  guint n = 0, i;

  for (guint32 at = column; at != 0; at = info.parent, n++)
    arbor_batch_get_column_info (batch, at, &info);
  steps = g_new0 (ArborStep, n + 1);
  i = n;
  for (guint32 at = column; at != 0; at = info.parent)
    {
      ArborStep *step = &steps[--i];

      arbor_batch_get_column_info (batch, at, &info);
      step->kind = info.is_element ? ARBOR_STEP_EACH : ARBOR_STEP_KEY;
      step->length = info.is_element ? 0 : info.key_length;
      step->key = info.is_element ? NULL : g_strndup (info.key, info.key_length);
    }
  path = arbor_path_new_take (steps, n);
  return arbor_path_to_string (path);
}

/* The first path that ends with @key, anywhere in the trees; NULL when there is none. */
static char *
find_elsewhere (Notes *self, const ArborStep *key, GError **error)
{
  guint32 n = arbor_source_is_derived (self->source) ? 0 : arbor_source_get_n_batches (self->source);

  for (guint32 i = 0; i < MIN (n, MAX_BATCHES); i++)
    {
      const ArborBatch *batch = arbor_access_get_batch (self->access, i, error);

      for (guint32 column = 1; batch != NULL && column < arbor_batch_get_n_columns (batch); column++)
        {
          ArborColumnInfo info;

          arbor_batch_get_column_info (batch, column, &info);
          if (!info.is_element && info.key_length == key->length &&
              memcmp (info.key, key->key, key->length) == 0)
            return dup_column_path (batch, column);
        }
      if (batch == NULL)
        return NULL;
    }
  return NULL;
}

/* Takes over @note. */
static void
add_note (Notes *self, char *note)
{
  if (g_ptr_array_find_with_equal_func (self->notes, note, g_str_equal, NULL))
    g_free (note);
  else
    g_ptr_array_add (self->notes, note);
}

/* The text of the first @n_steps of @path, the last of which is @key instead when that is given. */
static char *
dup_beginning (const ArborPath *path, guint n_steps, const char *key)
{
  ArborPath whole = { path->steps, n_steps, FALSE };
  g_autoptr (ArborPath) copy = arbor_path_copy (&whole);
  ArborStep *last = &copy->steps[n_steps - 1];

  if (key != NULL)
    {
      g_free (last->key);
      last->key = g_strdup (key);
      last->length = (guint32)strlen (key);
    }
  return arbor_path_to_string (copy);
}

/* Whether a path of one key was meant to be code: "n + 1". */
static gboolean
is_code (const ArborPath *path)
{
  g_autoptr (ArborNode) node = NULL;

  if (path->n_steps != 1 || strlen (path->steps->key) != path->steps->length)
    return FALSE;
  node = arbor_node_parse (path->steps->key, NULL);
  return node != NULL && node->kind == ARBOR_NODE_CALL;
}

/* The key at @at of @path, which no tree has. */
static gboolean
note_key (Notes *self, const ArborPath *path, guint at, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const ArborStep *step = &path->steps[at];
  g_autofree char *text = dup_beginning (path, at + 1, NULL);
  g_autofree char *other = NULL;
  g_autoptr (GError) local = NULL;
  ArborKeyAnswer answer;

  if (!arbor_key_search_run (self->source, self->access, path->steps, at, NULL, names, &answer, error))
    return FALSE;
  if (strlen (step->key) == step->length)
    {
      const char *nearest = find_nearest (step->key, names);

      other = nearest != NULL ? dup_beginning (path, at + 1, nearest)
                              : find_elsewhere (self, step, &local);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (other != NULL)
    add_note (self, g_strdup_printf (_("no tree has '%s'; there is '%s'"), text, other));
  else if (is_code (path))
    add_note (self, g_strdup_printf (_("no tree has '%s', which was taken for a path: give an "
                                       "expression to have it computed"),
                                     text));
  else
    add_note (self, g_strdup_printf (_("no tree has '%s'"), text));
  return TRUE;
}

static gboolean
check_path (Notes *self, const ArborPath *path, GError **error)
{
  for (guint i = 0; i < path->n_steps; i++)
    {
      ArborKeyAnswer answer;

      if (path->steps[i].kind != ARBOR_STEP_KEY)
        continue;
      if (!arbor_key_search_run (self->source, self->access, path->steps, i, &path->steps[i], NULL,
                                 &answer, error))
        return FALSE;
      if (answer.is_found)
        continue;
      return answer.is_open || note_key (self, path, i, error);
    }
  return TRUE;
}

static ArborPath *
join_paths (const ArborPath *a, const ArborPath *b)
{
  g_autoptr (ArborPath) first = arbor_path_copy (a);
  g_autoptr (ArborPath) second = arbor_path_copy (b);
  ArborStep *steps = g_new0 (ArborStep, a->n_steps + b->n_steps + 1);

  if (a->n_steps > 0)
    memcpy (steps, first->steps, a->n_steps * sizeof (ArborStep));
  if (b->n_steps > 0)
    memcpy (steps + a->n_steps, second->steps, b->n_steps * sizeof (ArborStep));
  /* The keys belong to the new one. */
  first->n_steps = second->n_steps = 0;
  return arbor_path_new_take (steps, a->n_steps + b->n_steps);
}

/* What @ is in the second argument of a call that walks an array. */
static ArborPath *
find_element (const ArborNode *call, const ArborPath *outer)
{
  static ArborStep each[] = { { .kind = ARBOR_STEP_EACH } };
  static const ArborPath elements = { each, 1, TRUE };
  const ArborNode *array = call->arguments[0];
  g_autoptr (ArborPath) whole = NULL;

  if (array->kind == ARBOR_NODE_PATH)
    whole = arbor_path_copy (array->path);
  else if (array->kind == ARBOR_NODE_ELEMENT && outer != NULL)
    whole = join_paths (outer, array->path);
  return whole != NULL ? join_paths (whole, &elements) : NULL;
}

static void
add_arguments (GArray *parts, const ArborNode *call, const ArborPath *element)
{
  const char *name = call->function->name;
  gboolean asks = g_str_equal (name, "exists") || g_str_equal (name, "is_missing");

  for (guint i = call->n_arguments; i > 0; i--)
    {
      const ArborNode *argument = call->arguments[i - 1];
      Part part = { .node = argument };

      if (asks && argument->kind != ARBOR_NODE_CALL)
        continue;
      if (i == 2 && call->function->walks)
        part.element = find_element (call, element);
      else if (element != NULL)
        part.element = arbor_path_copy (element);
      g_array_append_val (parts, part);
    }
}

/* A part of which nothing is left to do but its arguments. */
static gboolean
check_part (Notes *self, const Part *part, GError **error)
{
  g_autoptr (ArborPath) whole = NULL;

  if (part->node->kind == ARBOR_NODE_PATH)
    return check_path (self, part->node->path, error);
  if (part->node->kind != ARBOR_NODE_ELEMENT || part->element == NULL)
    return TRUE;
  whole = join_paths (part->element, part->node->path);
  return check_path (self, whole, error);
}

/* Whether there can be trees at all. */
static gboolean
has_trees (ArborSource *source)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();

  g_ptr_array_add (sources, source);
  while (sources->len > 0)
    {
      ArborSource *at = g_ptr_array_steal_index (sources, sources->len - 1);

      if (arbor_source_get_n_batches (at) > 0)
        return TRUE;
      for (guint i = 0; i < arbor_source_get_n_inputs (at); i++)
        g_ptr_array_add (sources, arbor_source_get_input (at, i));
    }
  return FALSE;
}

gboolean
arbor_path_notes_add (GPtrArray *notes, ArborSource *source, ArborAccess *access,
                      const ArborNode *node, GError **error)
{
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  Notes self = { notes, source, access };
  Part root = { .node = node };

  if (!has_trees (source))
    return TRUE;
  g_array_set_clear_func (parts, clear_part);
  g_array_append_val (parts, root);
  while (parts->len > 0)
    {
      Part part = g_array_index (parts, Part, parts->len - 1);
      g_autoptr (ArborPath) element = part.element;

      g_array_index (parts, Part, parts->len - 1).element = NULL;
      g_array_set_size (parts, parts->len - 1);
      if (part.node->kind == ARBOR_NODE_CALL)
        add_arguments (parts, part.node, element);
      else if (!check_part (&self, &part, error))
        return FALSE;
    }
  return TRUE;
}
