/* ArborSchema: what kinds of values stand at which paths.
 *
 * The paths are a table of nodes (query/make/arbor-path-table.h), each of which counts the values of each
 * kind that stand there; that something is missing there is not counted but follows from its parent,
 * which knows how many objects it has. So batches and trees, whose fields come in different orders,
 * add up to the same.
 *
 * Fields are the nodes in the order that readers see. The order is made when it is first asked for,
 * under the lock; until then the schema has one owner, who adds to it.
 */

#include "arbor-schema-private.h"

#include <pthread.h>

#include "batch/arbor-value-access.h"
#include "query/make/arbor-path-table.h"

/* Wider texts stand out of their column instead of widening it for all. */
#define MAX_PATH_WIDTH  48
#define MAX_KINDS_WIDTH 24

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
 * Where an object is a dictionary, data keyed by id and no record, all its keys are one path, with
 * `*` in place of the key: `people.*.name`, and `*` alone for trees that are dictionaries. That is
 * so where it has more than 100 different keys, nine of ten of which have arrays, or nine of ten
 * objects; or nine of ten values of one kind (or there are more than 1,000 keys, of whatever kinds)
 * while an object has half of the keys at most, or there is at most one object for each hundred
 * keys. A table of 300 columns of numbers is none. [method@Arbor.Schema.expand] gives every key.
 * Such a path is for people to read: as a path of an expression, `*` would be a key of that name.
 *
 * A schema is a plain value: it stays as it is whatever becomes of the arbor, also when its store
 * is closed. Any thread may use it.
 *
 * Since: 1.0
 */
struct _ArborSchema
{
  GObject parent_instance;

  ArborPathTable table;
  const ArborPathTable *paths; /* table, or that of owner */
  ArborSchema *owner;          /* or NULL */
  ArborSchema *every;          /* with every key of dictionaries; NULL where that is this one */
  guint max_depth;             /* of fields */

  pthread_mutex_t lock;      /* guards fields being made */
  const ArborPathNode **fields; /* NULL until it is made */
  guint n_fields;
};

G_DEFINE_FINAL_TYPE (ArborSchema, arbor_schema, G_TYPE_OBJECT)

static void
arbor_schema_finalize (GObject *object)
{
  ArborSchema *self = ARBOR_SCHEMA (object);

  g_free (self->fields);
  g_clear_object (&self->every);
  g_clear_object (&self->owner);
  arbor_path_table_clear (&self->table);
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
  arbor_path_table_init (&self->table);
  self->paths = &self->table;
  self->max_depth = G_MAXUINT;
  pthread_mutex_init (&self->lock, NULL);
}

ArborSchema *
arbor_schema_new (void)
{
  return g_object_new (ARBOR_TYPE_SCHEMA, NULL);
}

void
arbor_schema_add_tree (ArborSchema *self, const ArborValue *tree, ArborScope *scope)
{
  arbor_path_table_add_tree (&self->table, tree, scope, NULL, NULL, NULL);
}

void
arbor_schema_add_batch (ArborSchema *self, const ArborBatch *batch, ArborScope *scope)
{
  arbor_path_table_add_batch (&self->table, batch, scope);
}

/* The schema of some fields of @of. */
static ArborSchema *
derive (ArborSchema *of)
{
  ArborSchema *self = arbor_schema_new ();

  self->owner = g_object_ref (of->owner != NULL ? of->owner : of);
  self->paths = of->paths;
  self->every = of->every != NULL ? g_object_ref (of->every) : NULL;
  self->max_depth = of->max_depth;
  return self;
}

ArborSchema *
arbor_schema_collapse (ArborSchema *self)
{
  ArborSchema *collapsed = arbor_schema_new ();

  if (!arbor_path_table_collapse (&self->table, &collapsed->table))
    {
      g_object_unref (collapsed);
      return g_object_ref (self);
    }
  collapsed->every = g_object_ref (self);
  return collapsed;
}

static void
ensure_fields (ArborSchema *self)
{
  pthread_mutex_lock (&self->lock);
  if (self->fields == NULL)
    {
      guint n_kept = 0;

      self->fields = arbor_path_table_order (self->paths, &self->n_fields);
      for (guint i = 0; i < self->n_fields; i++)
        if (arbor_path_table_get_depth (self->paths, self->fields[i]) <= self->max_depth)
          self->fields[n_kept++] = self->fields[i];
      self->n_fields = n_kept;
    }
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

  return arbor_path_node_count_values (arbor_path_table_get (self->paths, 0));
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

  return arbor_path_table_dup_path (self->paths, self->fields[field]);
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
  const ArborPathNode *node;

  g_return_val_if_fail (ARBOR_IS_SCHEMA (self), 0);
  g_return_val_if_fail ((guint) kind < ARBOR_N_KINDS, 0);

  ensure_fields (self);
  g_return_val_if_fail (field < self->n_fields, 0);

  node = self->fields[field];
  if (kind == ARBOR_KIND_MISSING)
    return arbor_path_table_count_places (self->paths, node) - arbor_path_node_count_values (node);
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

/**
 * arbor_schema_expand:
 * @self: a schema
 *
 * The schema with every key of what was taken for a dictionary as a path of its own, and without a
 * limit of depth. Any thread may call this.
 *
 * Returns: (transfer full): a schema with every key
 *
 * Since: 1.0
 */
ArborSchema *
arbor_schema_expand (ArborSchema *self)
{
  g_return_val_if_fail (ARBOR_IS_SCHEMA (self), NULL);

  if (self->every != NULL)
    return g_object_ref (self->every);
  return g_object_ref (self->owner != NULL ? self->owner : self);
}

/**
 * arbor_schema_limit_depth:
 * @self: a schema
 * @depth: how many steps a path has at most
 *
 * The schema of the fields whose paths have at most @depth steps: `name` is one, `birth.year` and
 * `tags[*]` are two. Any thread may call this.
 *
 * Returns: (transfer full): a schema of these fields
 *
 * Since: 1.0
 */
ArborSchema *
arbor_schema_limit_depth (ArborSchema *self, guint depth)
{
  ArborSchema *limited;

  g_return_val_if_fail (ARBOR_IS_SCHEMA (self), NULL);

  limited = derive (self);
  limited->max_depth = MIN (depth, self->max_depth);
  return limited;
}

static char *
describe_kinds (ArborSchema *self, const ArborPathNode *node)
{
  GString *text = g_string_new (NULL);

  for (guint kind = ARBOR_KIND_BOOL; kind < ARBOR_N_KINDS; kind++)
    if (node->n_kind[kind] > 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "|" : "",
                              arbor_kind_to_string ((ArborKind) kind));
  if (node->n_kind[ARBOR_KIND_NULL] > 0)
    g_string_append (text, text->len > 0 ? "|null" : "null");
  if (arbor_path_node_count_values (node) < arbor_path_table_count_places (self->paths, node))
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
      gboolean is_root = self->fields[i]->parent == ARBOR_NO_PARENT;

      g_ptr_array_add (paths, is_root ? g_strdup ("$") : arbor_path_table_dup_path (self->paths, self->fields[i]));
      g_ptr_array_add (kinds, describe_kinds (self, self->fields[i]));
    }
  path_width = column_width (paths, MAX_PATH_WIDTH);
  kinds_width = column_width (kinds, MAX_KINDS_WIDTH);

  out = g_string_new (NULL);
  for (guint i = 0; i < self->n_fields; i++)
    {
      append_padded (out, paths->pdata[i], path_width);
      append_padded (out, kinds->pdata[i], kinds_width);
      append_count (out, arbor_path_node_count_values (self->fields[i]), arbor_path_table_count_places (self->paths, self->fields[i]));
    }
  return g_string_free (out, FALSE);
}
