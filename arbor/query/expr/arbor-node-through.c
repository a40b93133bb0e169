/* See arbor-node-through.h.
 *
 * Only paths look at a tree, so an expression is read through the map path by path. What a path finds
 * after the map:
 *
 *  - select: trees are objects of the selected fields. The first key says which; the rest goes on in
 *    its value.
 *  - add: the same for the added ones; but a tree that is no object passes unchanged, and there a first
 *    key finds nothing, so that only a path that begins with a key may stand for the field, or what says
 *    that it is a field of objects.
 *  - drop, rename: what they do not name is where it was.
 *
 * A field whose expression is a vector becomes an array, which a vector is not: those stay.
 */

#include "query/expr/arbor-node-through.h"

#include "query/expr/arbor-function.h"

/* Nothing grows beyond so many nodes by fields that are put in. */
#define MAX_NODES 2000u

typedef struct
{
  const ArborFieldsMap *map;
  ArborThrough how;
  GHashTable *used; /* of ONCE: set of ArborNode */
} Substitution;

/* n_names when it is none. */
static guint
find_name (char **names, const ArborStep *step)
{
  guint i = 0;

  while (names[i] != NULL &&
         (strlen (names[i]) != step->length || memcmp (names[i], step->key, step->length) != 0))
    i++;
  return i;
}

static void
copy_steps (const ArborPath *path, guint from, GArray *steps)
{
  for (guint i = from; i < path->n_steps; i++)
    {
      ArborStep step = path->steps[i];

      if (step.kind == ARBOR_STEP_KEY)
        {
          step.key = g_malloc ((gsize) step.length + 1);
          memcpy (step.key, path->steps[i].key, (gsize) step.length + 1);
        }
      g_array_append_val (steps, step);
    }
}

/* The path @head, gone on by all but the first step of @path. */
static ArborNode *
join_paths (const ArborPath *head, const ArborPath *path)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (ArborStep));
  guint n;

  copy_steps (head, 0, steps);
  copy_steps (path, 1, steps);
  n = steps->len;
  return arbor_node_new_path_take (
      arbor_path_new_take ((ArborStep *) (gpointer) g_array_free (steps, FALSE), n));
}

/* What stands for a path whose first key the map gives the value @value. */
static ArborNode *
replace_field (Substitution *self, ArborNode *value, const ArborPath *path)
{
  if (value->is_vector)
    return NULL;
  if (value->kind == ARBOR_NODE_PATH)
    {
      if (self->map->kind == ARBOR_FIELDS_MAP_ADD &&
          (value->path->n_steps == 0 || value->path->steps[0].kind != ARBOR_STEP_KEY))
        return NULL;
      return join_paths (value->path, path);
    }
  if (path->n_steps != 1)
    return NULL;
  if (self->how == ARBOR_THROUGH_FIELDS)
    return arbor_node_new_field (value, self->map->kind == ARBOR_FIELDS_MAP_ADD);
  if (self->map->kind != ARBOR_FIELDS_MAP_SELECT || self->how == ARBOR_THROUGH_PATHS ||
      !g_hash_table_add (self->used, value))
    return NULL;
  return arbor_node_ref (value);
}

/* NULL: cannot be said. */
static ArborNode *
replace_path (Substitution *self, ArborNode *node)
{
  const ArborFieldsMap *map = self->map;
  const ArborPath *path = node->path;
  guint i;

  if (path->n_steps == 0)
    return NULL;
  if (path->steps[0].kind != ARBOR_STEP_KEY)
    return map->kind == ARBOR_FIELDS_MAP_SELECT ? NULL : arbor_node_ref (node);

  i = find_name (map->names, &path->steps[0]);
  switch (map->kind)
    {
    case ARBOR_FIELDS_MAP_SELECT:
      return map->names[i] != NULL ? replace_field (self, map->nodes[i], path) : NULL;
    case ARBOR_FIELDS_MAP_ADD:
      return map->names[i] != NULL ? replace_field (self, map->nodes[i], path)
                                   : arbor_node_ref (node);
    case ARBOR_FIELDS_MAP_RENAME:
      if (map->new_names[find_name (map->new_names, &path->steps[0])] != NULL)
        return NULL;
      break;
    default:
      break;
    }
  return map->names[i] == NULL ? arbor_node_ref (node) : NULL;
}

/* A call whose arguments are being replaced. */
typedef struct
{
  ArborNode *node;
  ArborNode **arguments; /* those that are */
  guint n_done;
} Frame;

static void
clear_frame (gpointer data)
{
  Frame *frame = data;

  for (guint i = 0; i < frame->n_done; i++)
    arbor_node_unref (frame->arguments[i]);
  g_free (frame->arguments);
}

/* A call again, of other arguments. Behind a select all trees are objects, whatever was before it. */
static ArborNode *
remake_call (Substitution *self, const ArborNode *of, ArborNode **arguments)
{
  ArborNode *node = arbor_node_new_call_of (of->function, arguments, of->n_arguments, NULL);

  if (node != NULL)
    node->field = of->field & (self->map->kind == ARBOR_FIELDS_MAP_SELECT
                                   ? (guint8) ~ARBOR_NODE_FIELD_OF_OBJECT
                                   : (guint8) ~0u);
  return node;
}

static ArborNode *
replace_leaf (Substitution *self, ArborNode *node)
{
  return node->kind == ARBOR_NODE_PATH ? replace_path (self, node) : arbor_node_ref (node);
}

static void
push (GArray *frames, ArborNode *node)
{
  Frame frame = { .node = node, .arguments = g_new (ArborNode *, node->n_arguments + 1) };

  g_array_append_val (frames, frame);
}

/* NULL: cannot be said, or would be too large. */
static ArborNode *
replace_node (Substitution *self, ArborNode *node)
{
  g_autoptr (GArray) frames = NULL;

  if (node->kind != ARBOR_NODE_CALL)
    return replace_leaf (self, node);
  frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  g_array_set_clear_func (frames, clear_frame);
  push (frames, node);
  while (TRUE)
    {
      Frame *top = &g_array_index (frames, Frame, frames->len - 1);
      ArborNode *done;

      if (top->n_done < top->node->n_arguments &&
          top->node->arguments[top->n_done]->kind == ARBOR_NODE_CALL)
        {
          push (frames, top->node->arguments[top->n_done]);
          continue;
        }
      if (top->n_done < top->node->n_arguments)
        {
          done = replace_leaf (self, top->node->arguments[top->n_done]);
        }
      else
        {
          done = remake_call (self, top->node, top->arguments);
          g_array_set_size (frames, frames->len - 1);
          if (frames->len == 0)
            return done;
          top = &g_array_index (frames, Frame, frames->len - 1);
        }
      if (done == NULL)
        return NULL;
      top->arguments[top->n_done++] = done;
    }
}

ArborNode *
arbor_node_read_through (ArborNode *self, const ArborFieldsMap *map, ArborThrough how,
                         GHashTable *used)
{
  Substitution substitution = { map, how, used };
  ArborNode *node = replace_node (&substitution, self);

  if (node != NULL && how == ARBOR_THROUGH_FIELDS && node->n_nodes > MAX (MAX_NODES, self->n_nodes))
    g_clear_pointer (&node, arbor_node_unref);
  return node;
}
