/* ArborSchema: what kinds of values stand at which paths.
 *
 * A node is a path: its parent's node and a key, or the elements of its parent. Nodes lie in an
 * array in order of first encounter (parents always before children), the root first, and in a
 * hash set by parent and key. A node counts the values of each kind that stand at its path; that
 * something is missing there is not counted but follows from its parent, which knows how many
 * objects it has. So batches and trees, whose fields come in different orders, add up to the same.
 *
 * Fields are the nodes in the order that readers see: parents before children, elements before
 * keys, keys by bytes. The order is made when it is first asked for, under the lock; until then the
 * schema has one owner, who adds to it.
 */

#include "arbor-schema-private.h"

#include <pthread.h>
#include <xxhash.h>

#include "base/arbor-path.h"
#include "batch/arbor-value-access.h"

#define NO_PARENT G_MAXUINT32
/* Wider texts stand out of their column instead of widening it for all. */
#define MAX_PATH_WIDTH  48
#define MAX_KINDS_WIDTH 24

typedef struct
{
  guint32 index;  /* in nodes */
  guint32 parent; /* NO_PARENT for the root */
  gboolean is_element;
  guint32 key_length;
  const char *key; /* in keys; not terminated */
  guint64 n_kind[ARBOR_N_KINDS];
} SchemaNode;

/**
 * ArborSchema:
 *
 * The shape of an arbor's trees: which fields they have, and how many values of which kind stand
 * there.
 *
 * A field is a path with at least one value: `name`, `birth.year`, `tags[*]`. Fields are ordered so
 * that a container comes before what it contains, elements before keys, and keys by their bytes.
 * When some tree is not an object, the first field has the empty path and describes the trees
 * themselves.
 *
 * A schema is a plain value: it stays as it is whatever becomes of the arbor, also when its store
 * is closed. Any thread may use it.
 *
 * Since: 1.0
 */
struct _ArborSchema
{
  GObject parent_instance;

  GPtrArray *nodes;   /* of SchemaNode; owned; 0 is the root */
  GHashTable *by_key; /* set of SchemaNode */
  GStringChunk *keys;

  pthread_mutex_t lock;      /* guards fields being made */
  const SchemaNode **fields; /* NULL until it is made */
  guint n_fields;
};

G_DEFINE_FINAL_TYPE (ArborSchema, arbor_schema, G_TYPE_OBJECT)

static guint
node_hash (gconstpointer data)
{
  const SchemaNode *node = data;
  guint64 seed = (guint64)node->parent << 1 | (guint64)node->is_element;

  return (guint)XXH3_64bits_withSeed (node->key, node->key_length, seed);
}

static gboolean
node_equal (gconstpointer a, gconstpointer b)
{
  const SchemaNode *x = a, *y = b;

  return x->parent == y->parent && x->is_element == y->is_element &&
         x->key_length == y->key_length && memcmp (x->key, y->key, x->key_length) == 0;
}

static SchemaNode *
append_node (ArborSchema *self, const SchemaNode *probe)
{
  SchemaNode *node = g_new (SchemaNode, 1);

  *node = *probe;
  node->index = self->nodes->len;
  node->key = g_string_chunk_insert_len (self->keys, probe->key, probe->key_length);
  g_ptr_array_add (self->nodes, node);
  return node;
}

/* The node of a key below @parent, or of its elements when @key is NULL. */
static SchemaNode *
ensure_child (ArborSchema *self, const SchemaNode *parent, const char *key, guint32 length)
{
  SchemaNode probe = {
    .parent = parent->index,
    .is_element = key == NULL,
    .key = key != NULL ? key : "",
    .key_length = key != NULL ? length : 0,
  };
  SchemaNode *node = g_hash_table_lookup (self->by_key, &probe);

  if (node == NULL)
    {
      node = append_node (self, &probe);
      g_hash_table_add (self->by_key, node);
    }
  return node;
}

static SchemaNode *
get_node (ArborSchema *self, guint32 index)
{
  return self->nodes->pdata[index];
}

static void
arbor_schema_finalize (GObject *object)
{
  ArborSchema *self = ARBOR_SCHEMA (object);

  g_free (self->fields);
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->nodes);
  g_string_chunk_free (self->keys);
  pthread_mutex_destroy (&self->lock);

  G_OBJECT_CLASS (arbor_schema_parent_class)->finalize (object);
}

static void
arbor_schema_class_init (ArborSchemaClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_schema_finalize;
}

static void
arbor_schema_init (ArborSchema *self)
{
  const SchemaNode root = { .parent = NO_PARENT, .key = "" };

  self->nodes = g_ptr_array_new_with_free_func (g_free);
  self->by_key = g_hash_table_new (node_hash, node_equal);
  self->keys = g_string_chunk_new (1024);
  pthread_mutex_init (&self->lock, NULL);
  append_node (self, &root);
}

ArborSchema *
arbor_schema_new (void)
{
  return g_object_new (ARBOR_TYPE_SCHEMA, NULL);
}

typedef struct
{
  ArborValueIter iter;
  const SchemaNode *node;
} WalkLevel;

static void
push_level (GArray *stack, const ArborValue *container, const SchemaNode *node, ArborScope *scope)
{
  WalkLevel level = { .node = node };

  arbor_value_iter_init (&level.iter, container, scope);
  g_array_append_val (stack, level);
}

static gboolean
is_container (const ArborValue *value)
{
  return value->kind == ARBOR_KIND_ARRAY || value->kind == ARBOR_KIND_OBJECT;
}

/* Counts all that lies below @container, which stands at @node and is counted already. */
static void
add_children (ArborSchema *self, const SchemaNode *node, const ArborValue *container,
              ArborScope *scope)
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
      SchemaNode *child;

      if (!arbor_value_iter_next (&level->iter, &key, &length, &value))
        {
          g_array_set_size (stack, stack->len - 1);
          continue;
        }
      child = ensure_child (self, level->node, is_array ? NULL : key, length);
      child->n_kind[value.kind]++;
      if (is_container (&value))
        push_level (stack, &value, child, scope);
    }
}

void
arbor_schema_add_tree (ArborSchema *self, const ArborValue *tree, ArborScope *scope)
{
  SchemaNode *root = get_node (self, 0);

  root->n_kind[tree->kind]++;
  if (is_container (tree))
    add_children (self, root, tree, scope);
}

/* Values that lie as text have no columns below them: they are walked. */
static void
add_overflow (ArborSchema *self, const SchemaNode *node, const ArborBatch *batch, guint32 column,
              guint32 n_rows, ArborScope *scope)
{
  for (guint32 row = 0; row < n_rows; row++)
    {
      ArborValue value;

      arbor_batch_get_value (batch, column, row, &value);
      if (is_container (&value) && value.holder_kind == ARBOR_HOLDER_TEXT)
        add_children (self, node, &value, scope);
    }
}

void
arbor_schema_add_batch (ArborSchema *self, const ArborBatch *batch, ArborScope *scope)
{
  guint32 n_columns = arbor_batch_get_n_columns (batch);
  g_autofree SchemaNode **nodes = g_new (SchemaNode *, n_columns);

  for (guint32 column = 0; column < n_columns; column++)
    {
      ArborColumnInfo info;

      arbor_batch_get_column_info (batch, column, &info);
      if (column == 0)
        nodes[column] = get_node (self, 0);
      else
        nodes[column] = ensure_child (self, nodes[info.parent], info.is_element ? NULL : info.key,
                                      info.key_length);
      for (guint kind = ARBOR_KIND_NULL; kind < ARBOR_N_KINDS; kind++)
        nodes[column]->n_kind[kind] += info.n_kind[kind];
      if (arbor_batch_has_overflow (batch, column))
        add_overflow (self, nodes[column], batch, column, info.n_rows, scope);
    }
}

static guint64
count_values (const SchemaNode *node)
{
  guint64 n_values = 0;

  for (guint kind = ARBOR_KIND_NULL; kind < ARBOR_N_KINDS; kind++)
    n_values += node->n_kind[kind];
  return n_values;
}

/* How many values there could be: the objects that might have the key. */
static guint64
count_places (ArborSchema *self, const SchemaNode *node)
{
  if (node->parent == NO_PARENT || node->is_element)
    return count_values (node);
  return get_node (self, node->parent)->n_kind[ARBOR_KIND_OBJECT];
}

/* By parent, then elements before keys, then keys by bytes. */
static int
compare_siblings (gconstpointer a, gconstpointer b)
{
  const SchemaNode *x = *(const SchemaNode *const *)a, *y = *(const SchemaNode *const *)b;
  int order;

  if (x->parent != y->parent)
    return x->parent < y->parent ? -1 : 1;
  if (x->is_element != y->is_element)
    return x->is_element ? -1 : 1;
  order = memcmp (x->key, y->key, MIN (x->key_length, y->key_length));
  if (order != 0)
    return order;
  return (x->key_length > y->key_length) - (x->key_length < y->key_length);
}

/* Where the children of each node begin among @sorted, whose first is the root's first child; the
 * entry after the last node's is the end. */
static guint32 *
find_children (const SchemaNode **sorted, guint32 n_nodes)
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
is_field (const SchemaNode *node)
{
  if (node->parent == NO_PARENT)
    return count_values (node) > node->n_kind[ARBOR_KIND_OBJECT];
  return count_values (node) > 0;
}

static void
order_fields (ArborSchema *self)
{
  guint32 n_nodes = self->nodes->len;
  const SchemaNode *root = get_node (self, 0);
  g_autofree const SchemaNode **sorted = g_new (const SchemaNode *, n_nodes);
  g_autofree const SchemaNode **stack = g_new (const SchemaNode *, n_nodes);
  g_autofree guint32 *starts = NULL;
  guint32 depth = 0;

  for (guint32 i = 1; i < n_nodes; i++)
    sorted[i - 1] = get_node (self, i);
  qsort (sorted, n_nodes - 1, sizeof (SchemaNode *), compare_siblings);
  starts = find_children (sorted, n_nodes);

  self->fields = g_new (const SchemaNode *, n_nodes);
  stack[depth++] = root;
  while (depth > 0)
    {
      const SchemaNode *node = stack[--depth];

      if (is_field (node))
        self->fields[self->n_fields++] = node;
      for (guint32 i = starts[node->index + 1]; i > starts[node->index]; i--)
        stack[depth++] = sorted[i - 1];
    }
}

static void
ensure_fields (ArborSchema *self)
{
  pthread_mutex_lock (&self->lock);
  if (self->fields == NULL)
    order_fields (self);
  pthread_mutex_unlock (&self->lock);
}

/**
 * arbor_schema_get_n_fields:
 * @self: a schema
 *
 * Counts the fields. Any thread may call this.
 *
 * Returns: how many fields there are
 *
 * Since: 1.0
 */
guint
arbor_schema_get_n_fields (ArborSchema *self)
{
  g_return_val_if_fail (ARBOR_IS_SCHEMA (self), 0);

  ensure_fields (self);
  return self->n_fields;
}

/**
 * arbor_schema_get_n_trees:
 * @self: a schema
 *
 * Counts the trees that the schema was inferred from. Any thread may call this.
 *
 * Returns: how many trees were seen
 *
 * Since: 1.0
 */
guint64
arbor_schema_get_n_trees (ArborSchema *self)
{
  g_return_val_if_fail (ARBOR_IS_SCHEMA (self), 0);

  return count_values (get_node (self, 0));
}

static char *
make_path (ArborSchema *self, const SchemaNode *node)
{
  g_autoptr (ArborPath) path = NULL;
  ArborStep *steps;
  guint n_steps = 0;

  for (const SchemaNode *at = node; at->parent != NO_PARENT; at = get_node (self, at->parent))
    n_steps++;
  steps = g_new0 (ArborStep, n_steps);
  for (guint i = n_steps; i > 0; i--)
    {
      ArborStep *step = &steps[i - 1];

      step->kind = node->is_element ? ARBOR_STEP_EACH : ARBOR_STEP_KEY;
      if (!node->is_element)
        {
          step->length = node->key_length;
          step->key = g_malloc (node->key_length + 1);
          memcpy (step->key, node->key, node->key_length);
          step->key[node->key_length] = '\0';
        }
      node = get_node (self, node->parent);
    }
  path = arbor_path_new_take (steps, n_steps);
  return arbor_path_to_string (path);
}

/**
 * arbor_schema_dup_path:
 * @self: a schema
 * @field: a field, from 0 to [method@Arbor.Schema.get_n_fields] - 1
 *
 * Gets the path of a field, as it is written in expressions: elements of arrays are `[*]`, and keys
 * that are no identifiers are quoted. Any thread may call this.
 *
 * Returns: (transfer full): the path
 *
 * Since: 1.0
 */
char *
arbor_schema_dup_path (ArborSchema *self, guint field)
{
  g_return_val_if_fail (ARBOR_IS_SCHEMA (self), NULL);

  ensure_fields (self);
  g_return_val_if_fail (field < self->n_fields, NULL);

  return make_path (self, self->fields[field]);
}

/**
 * arbor_schema_get_count:
 * @self: a schema
 * @field: a field, from 0 to [method@Arbor.Schema.get_n_fields] - 1
 * @kind: a kind
 *
 * Counts the values of one kind that stand at a field's path, in all trees together. For
 * %ARBOR_KIND_MISSING these are the objects that could have the field and do not; objects that are
 * missing themselves do not count. Any thread may call this.
 *
 * Returns: how many values of that kind were seen
 *
 * Since: 1.0
 */
guint64
arbor_schema_get_count (ArborSchema *self, guint field, ArborKind kind)
{
  const SchemaNode *node;

  g_return_val_if_fail (ARBOR_IS_SCHEMA (self), 0);
  g_return_val_if_fail ((guint)kind < ARBOR_N_KINDS, 0);

  ensure_fields (self);
  g_return_val_if_fail (field < self->n_fields, 0);

  node = self->fields[field];
  if (kind == ARBOR_KIND_MISSING)
    return count_places (self, node) - count_values (node);
  return node->n_kind[kind];
}

/**
 * arbor_schema_is_optional:
 * @self: a schema
 * @field: a field, from 0 to [method@Arbor.Schema.get_n_fields] - 1
 *
 * Tells whether some object lacks the field. Null is a value: a field that is always there and
 * sometimes null is not optional. Any thread may call this.
 *
 * Returns: %TRUE when the field is not always there
 *
 * Since: 1.0
 */
gboolean
arbor_schema_is_optional (ArborSchema *self, guint field)
{
  return arbor_schema_get_count (self, field, ARBOR_KIND_MISSING) > 0;
}

static char *
describe_kinds (ArborSchema *self, const SchemaNode *node)
{
  GString *text = g_string_new (NULL);

  for (guint kind = ARBOR_KIND_BOOL; kind < ARBOR_N_KINDS; kind++)
    if (node->n_kind[kind] > 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "|" : "",
                              arbor_kind_to_string ((ArborKind)kind));
  if (node->n_kind[ARBOR_KIND_NULL] > 0)
    g_string_append (text, text->len > 0 ? "|null" : "null");
  if (count_values (node) < count_places (self, node))
    g_string_append_c (text, '?');
  return g_string_free (text, FALSE);
}

static void
append_padded (GString *out, const char *text, glong width)
{
  glong length = g_utf8_strlen (text, -1);

  g_string_append (out, text);
  for (glong i = length; i < width; i++)
    g_string_append_c (out, ' ');
  g_string_append (out, "   ");
}

static glong
column_width (GPtrArray *texts, glong limit)
{
  glong width = 0;

  for (guint i = 0; i < texts->len; i++)
    {
      glong length = g_utf8_strlen (texts->pdata[i], -1);

      if (length <= limit)
        width = MAX (width, length);
    }
  return width;
}

static void
append_count (GString *out, guint64 n_values, guint64 n_places)
{
  g_string_append_printf (out, "%" G_GUINT64_FORMAT, n_values);
  if (n_values < n_places)
    g_string_append_printf (out, " of %" G_GUINT64_FORMAT, n_places);
  g_string_append_c (out, '\n');
}

/**
 * arbor_schema_to_string:
 * @self: a schema
 *
 * Describes the schema for people: a line for each field with its path (`$` for the trees
 * themselves), the kinds seen with `?` when the field is optional, and how many values there are,
 * of how many places when the field is optional:
 *
 * ```
 * alpha_2   string?   184 of 7910
 * name      string    7910
 * ```
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the description; empty when there are no fields
 *
 * Since: 1.0
 */
char *
arbor_schema_to_string (ArborSchema *self)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) kinds = g_ptr_array_new_with_free_func (g_free);
  glong path_width, kinds_width;
  GString *out;

  g_return_val_if_fail (ARBOR_IS_SCHEMA (self), NULL);

  ensure_fields (self);
  for (guint i = 0; i < self->n_fields; i++)
    {
      gboolean is_root = self->fields[i]->parent == NO_PARENT;

      g_ptr_array_add (paths, is_root ? g_strdup ("$") : make_path (self, self->fields[i]));
      g_ptr_array_add (kinds, describe_kinds (self, self->fields[i]));
    }
  path_width = column_width (paths, MAX_PATH_WIDTH);
  kinds_width = column_width (kinds, MAX_KINDS_WIDTH);

  out = g_string_new (NULL);
  for (guint i = 0; i < self->n_fields; i++)
    {
      append_padded (out, paths->pdata[i], path_width);
      append_padded (out, kinds->pdata[i], kinds_width);
      append_count (out, count_values (self->fields[i]), count_places (self, self->fields[i]));
    }
  return g_string_free (out, FALSE);
}
