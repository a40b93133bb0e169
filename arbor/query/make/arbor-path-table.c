/* See arbor-path-table.h. */

#include "query/make/arbor-path-table.h"

#include <xxhash.h>

#include "base/arbor-path.h"
#include "batch/arbor-value-access.h"

static guint
node_hash (gconstpointer data)
{
  const ArborPathNode *node = data;
  guint64 seed = (guint64)node->parent << 2 | (guint64)node->is_any << 1 | (guint64)node->is_element;

  return (guint)XXH3_64bits_withSeed (node->key, node->key_length, seed);
}

static gboolean
node_equal (gconstpointer a, gconstpointer b)
{
  const ArborPathNode *x = a, *y = b;

  return x->parent == y->parent && x->is_element == y->is_element && x->is_any == y->is_any &&
         x->key_length == y->key_length && memcmp (x->key, y->key, x->key_length) == 0;
}

static ArborPathNode *
append_node (ArborPathTable *self, const ArborPathNode *probe)
{
  ArborPathNode *node = g_new (ArborPathNode, 1);

  *node = *probe;
  node->index = self->nodes->len;
  node->key = g_string_chunk_insert_len (self->keys, probe->key, probe->key_length);
  g_ptr_array_add (self->nodes, node);
  return node;
}

void
arbor_path_table_init (ArborPathTable *self)
{
  const ArborPathNode root = { .parent = ARBOR_NO_PARENT, .key = "" };

  self->nodes = g_ptr_array_new_with_free_func (g_free);
  self->by_key = g_hash_table_new (node_hash, node_equal);
  self->keys = g_string_chunk_new (1024);
  append_node (self, &root);
}

void
arbor_path_table_clear (ArborPathTable *self)
{
  g_clear_pointer (&self->by_key, g_hash_table_unref);
  g_clear_pointer (&self->nodes, g_ptr_array_unref);
  g_clear_pointer (&self->keys, g_string_chunk_free);
}

static ArborPathNode *
ensure_node (ArborPathTable *self, const ArborPathNode *probe)
{
  ArborPathNode *node = g_hash_table_lookup (self->by_key, probe);

  if (node == NULL)
    {
      node = append_node (self, probe);
      g_hash_table_add (self->by_key, node);
    }
  return node;
}

ArborPathNode *
arbor_path_table_ensure (ArborPathTable *self, const ArborPathNode *parent, const char *key,
                         guint32 length)
{
  gboolean is_any = key != NULL && parent->is_dictionary;
  gboolean has_key = key != NULL && !is_any;
  const ArborPathNode probe = {
    .parent = parent->index,
    .is_element = key == NULL,
    .is_any = is_any,
    .key = has_key ? key : "",
    .key_length = has_key ? length : 0,
  };

  return ensure_node (self, &probe);
}

void
arbor_path_table_reset_counts (ArborPathTable *self)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      ArborPathNode *node = arbor_path_table_get (self, i);

      memset (node->n_kind, 0, sizeof node->n_kind);
    }
}

/* Values that lie as text have no columns below them: they are walked. */
static void
add_overflow (ArborPathTable *self, const ArborPathNode *node, const ArborBatch *batch,
              guint32 column, guint32 n_rows, ArborScope *scope)
{
  for (guint32 row = 0; row < n_rows; row++)
    {
      ArborValue value;

      arbor_batch_get_value (batch, column, row, &value);
      if (value.kind >= ARBOR_KIND_ARRAY && value.holder_kind == ARBOR_HOLDER_TEXT)
        arbor_path_table_add_children (self, node, &value, scope, NULL, NULL, NULL);
    }
}

void
arbor_path_table_add_batch (ArborPathTable *self, const ArborBatch *batch, ArborScope *scope)
{
  guint32 n_columns = arbor_batch_get_n_columns (batch);
  g_autofree ArborPathNode **nodes = g_new (ArborPathNode *, n_columns);

  for (guint32 column = 0; column < n_columns; column++)
    {
      ArborColumnInfo info;

      arbor_batch_get_column_info (batch, column, &info);
      if (column == 0)
        nodes[column] = arbor_path_table_get (self, 0);
      else
        nodes[column] = arbor_path_table_ensure (self, nodes[info.parent],
                                                 info.is_element ? NULL : info.key,
                                                 info.key_length);
      for (guint kind = ARBOR_KIND_NULL; kind < ARBOR_N_KINDS; kind++)
        nodes[column]->n_kind[kind] += info.n_kind[kind];
      if (arbor_batch_has_overflow (batch, column))
        add_overflow (self, nodes[column], batch, column, info.n_rows, scope);
    }
}

typedef struct
{
  ArborValueIter iter;
  const ArborPathNode *node;
} WalkLevel;

static void
push_level (GArray *stack, const ArborValue *container, const ArborPathNode *node, ArborScope *scope)
{
  WalkLevel level = { .node = node };

  arbor_value_iter_init (&level.iter, container, scope);
  g_array_append_val (stack, level);
}

gboolean
arbor_path_table_add_children (ArborPathTable *self, const ArborPathNode *node,
                               const ArborValue *container, ArborScope *scope, ArborPathFunc func,
                               gpointer data, GError **error)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (WalkLevel));

  push_level (stack, container, node, scope);
  while (stack->len > 0)
    {
      WalkLevel *level = &g_array_index (stack, WalkLevel, stack->len - 1);
      gboolean is_array = level->iter.container.kind == ARBOR_KIND_ARRAY;
      const char *key = NULL;
      guint32 length = 0;
      ArborValue value;
      ArborPathNode *child;

      if (!arbor_value_iter_next (&level->iter, &key, &length, &value))
        {
          g_array_set_size (stack, stack->len - 1);
          continue;
        }
      child = arbor_path_table_ensure (self, level->node, is_array ? NULL : key, length);
      child->n_kind[value.kind]++;
      if (func != NULL && !func (child, &value, scope, data, error))
        return FALSE;
      if (value.kind >= ARBOR_KIND_ARRAY)
        push_level (stack, &value, child, scope);
    }
  return TRUE;
}

gboolean
arbor_path_table_add_tree (ArborPathTable *self, const ArborValue *tree, ArborScope *scope,
                           ArborPathFunc func, gpointer data, GError **error)
{
  ArborPathNode *root = arbor_path_table_get (self, 0);

  root->n_kind[tree->kind]++;
  if (func != NULL && !func (root, tree, scope, data, error))
    return FALSE;
  return tree->kind < ARBOR_KIND_ARRAY ||
         arbor_path_table_add_children (self, root, tree, scope, func, data, error);
}

guint64
arbor_path_node_count_values (const ArborPathNode *node)
{
  guint64 n_values = 0;

  for (guint kind = ARBOR_KIND_NULL; kind < ARBOR_N_KINDS; kind++)
    n_values += node->n_kind[kind];
  return n_values;
}

guint64
arbor_path_table_count_places (const ArborPathTable *self, const ArborPathNode *node)
{
  if (node->parent == ARBOR_NO_PARENT || node->is_element || node->is_any)
    return arbor_path_node_count_values (node);
  return arbor_path_table_get (self, node->parent)->n_kind[ARBOR_KIND_OBJECT];
}

/* By parent, then elements before keys, any key before single ones, then keys by bytes. */
static int
compare_siblings (gconstpointer a, gconstpointer b)
{
  const ArborPathNode *x = *(const ArborPathNode *const *)a, *y = *(const ArborPathNode *const *)b;
  int order;

  if (x->parent != y->parent)
    return x->parent < y->parent ? -1 : 1;
  if (x->is_element != y->is_element)
    return x->is_element ? -1 : 1;
  if (x->is_any != y->is_any)
    return x->is_any ? -1 : 1;
  order = memcmp (x->key, y->key, MIN (x->key_length, y->key_length));
  if (order != 0)
    return order;
  return (x->key_length > y->key_length) - (x->key_length < y->key_length);
}

/* Where the children of each node begin among @sorted, whose first is the root's first child; the
 * entry after the last node's is the end. */
static guint32 *
find_children (const ArborPathNode **sorted, guint32 n_nodes)
{
  guint32 *starts = g_new0 (guint32, n_nodes + 1);
  guint32 at = 0;

  for (guint32 node = 0; node < n_nodes; node++)
    {
      starts[node] = at;
      while (at < n_nodes - 1 && sorted[at]->parent == node)
        at++;
    }
  starts[n_nodes] = at;
  return starts;
}

/* A batch may have a column for the elements of arrays that are all empty: no field. */
static gboolean
is_field (const ArborPathNode *node)
{
  if (node->parent == ARBOR_NO_PARENT)
    return arbor_path_node_count_values (node) > node->n_kind[ARBOR_KIND_OBJECT];
  return arbor_path_node_count_values (node) > 0;
}

const ArborPathNode **
arbor_path_table_order (const ArborPathTable *self, guint *n_fields)
{
  guint32 n_nodes = self->nodes->len;
  const ArborPathNode *root = arbor_path_table_get (self, 0);
  g_autofree const ArborPathNode **sorted = g_new (const ArborPathNode *, n_nodes);
  g_autofree const ArborPathNode **stack = g_new (const ArborPathNode *, n_nodes);
  g_autofree guint32 *starts = NULL;
  const ArborPathNode **fields = g_new (const ArborPathNode *, n_nodes);
  guint32 depth = 0;
  guint n = 0;

  for (guint32 i = 1; i < n_nodes; i++)
    sorted[i - 1] = arbor_path_table_get (self, i);
  qsort (sorted, n_nodes - 1, sizeof (ArborPathNode *), compare_siblings);
  starts = find_children (sorted, n_nodes);

  stack[depth++] = root;
  while (depth > 0)
    {
      const ArborPathNode *node = stack[--depth];

      if (is_field (node))
        fields[n++] = node;
      for (guint32 i = starts[node->index + 1]; i > starts[node->index]; i--)
        stack[depth++] = sorted[i - 1];
    }
  *n_fields = n;
  return fields;
}

guint
arbor_path_table_get_depth (const ArborPathTable *self, const ArborPathNode *node)
{
  guint depth = 0;

  for (; node->parent != ARBOR_NO_PARENT; node = arbor_path_table_get (self, node->parent))
    depth++;
  return depth;
}

char *
arbor_path_table_dup_path (const ArborPathTable *self, const ArborPathNode *node)
{
  g_autoptr (ArborPath) path = NULL;
  guint n_steps = arbor_path_table_get_depth (self, node);
  ArborStep *steps = g_new0 (ArborStep, n_steps);

  for (guint i = n_steps; i > 0; i--)
    {
      ArborStep *step = &steps[i - 1];

      step->kind = node->is_element ? ARBOR_STEP_EACH
                   : node->is_any   ? ARBOR_STEP_ANY
                                    : ARBOR_STEP_KEY;
      if (step->kind == ARBOR_STEP_KEY)
        {
          step->length = node->key_length;
          step->key = g_malloc (node->key_length + 1);
          memcpy (step->key, node->key, node->key_length);
          step->key[node->key_length] = '\0';
        }
      node = arbor_path_table_get (self, node->parent);
    }
  path = arbor_path_new_take (steps, n_steps);
  return arbor_path_to_string (path);
}
