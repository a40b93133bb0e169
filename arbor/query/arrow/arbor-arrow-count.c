/* Counting what trees are, by the directories of their batches alone. See arbor-arrow-field.h.
 *
 * Paths lie in a path table; beside each of its nodes is what decides about a type besides kinds. Fields
 * of an object come in the order in which the shapes of the first batch that has them say.
 */

#include "query/arrow/arbor-arrow-field.h"

#include "batch/arbor-batch-format.h"
#include "query/column/arbor-column-data.h"
#include "query/make/arbor-path-table.h"

typedef struct
{
  gboolean has_negative; /* of integers */
  gboolean has_large;    /* an integer beyond 2^53 on either side */
  gboolean has_overflow;
  guint depth;
} NodeFacts;

struct _ArborArrowCount
{
  ArborPathTable paths;
  GArray *facts; /* NodeFacts of each node */
  guint64 n_trees;
};

ArborArrowCount *
arbor_arrow_count_new (void)
{
  ArborArrowCount *self = g_new0 (ArborArrowCount, 1);

  arbor_path_table_init (&self->paths);
  self->facts = g_array_new (FALSE, TRUE, sizeof (NodeFacts));
  g_array_set_size (self->facts, 1);
  return self;
}

void
arbor_arrow_count_free (ArborArrowCount *self)
{
  arbor_path_table_clear (&self->paths);
  g_array_unref (self->facts);
  g_free (self);
}

static NodeFacts *
get_facts (ArborArrowCount *self, const ArborPathNode *node)
{
  return &g_array_index (self->facts, NodeFacts, node->index);
}

static ArborPathNode *
ensure_node (ArborArrowCount *self, const ArborPathNode *parent, const ArborColumnInfo *info)
{
  guint depth = get_facts (self, parent)->depth + 1;
  ArborPathNode *node = arbor_path_table_ensure (
      &self->paths, parent, info->is_element ? NULL : info->key, info->key_length);

  if (self->facts->len < self->paths.nodes->len)
    g_array_set_size (self->facts, self->paths.nodes->len);
  get_facts (self, node)->depth = depth;
  return node;
}

static void
count_column (ArborArrowCount *self, const ArborBatch *batch, guint32 column,
              const ArborColumnInfo *info, ArborPathNode *node)
{
  const ArborColumnRecord *record = &batch->columns[column];
  NodeFacts *facts = get_facts (self, node);

  for (guint kind = ARBOR_KIND_NULL; kind < ARBOR_N_KINDS; kind++)
    node->n_kind[kind] += info->n_kind[kind];
  for (guint i = 0; i < record->n_lanes; i++)
    {
      const ArborLaneRecord *lane = &batch->lanes[record->first_lane + i];
      gint64 min = (gint64) lane->min, max = (gint64) lane->max;

      facts->has_overflow |= lane->kind == ARBOR_LANE_OVERFLOW;
      if (lane->kind != ARBOR_KIND_INT64)
        continue;
      facts->has_negative |= min < 0;
      facts->has_large |= arbor_data_is_large (min) || arbor_data_is_large (max);
    }
}

/* Makes nodes of the fields of an object in its order. */
static void
order_fields (ArborArrowCount *self, const ArborBatch *batch, guint32 column,
              const ArborPathNode *node, ArborPathNode **nodes)
{
  const ArborColumnRecord *record = &batch->columns[column];
  const guint8 *offsets = batch->shape_offsets + (gsize) record->first_shape * 4;
  guint32 end = arbor_load_u32 (offsets + (gsize) record->n_shapes * 4);
  guint32 n_left = record->n_fields;

  for (guint32 i = arbor_load_u32 (offsets); i < end && n_left > 0; i++)
    {
      guint32 field = arbor_batch_get_shape_field (batch, column, i);
      ArborColumnInfo info;

      if (field - record->first_child >= record->n_fields || nodes[field] != NULL)
        continue;
      arbor_batch_get_column_info (batch, field, &info);
      nodes[field] = ensure_node (self, node, &info);
      n_left--;
    }
}

void
arbor_arrow_count_add_batch (ArborArrowCount *self, const ArborBatch *batch)
{
  guint32 n_columns = arbor_batch_get_n_columns (batch);
  g_autofree ArborPathNode **nodes = g_new0 (ArborPathNode *, n_columns);

  self->n_trees += arbor_batch_get_n_trees (batch);
  nodes[0] = arbor_path_table_get (&self->paths, 0);
  for (guint32 column = 0; column < n_columns; column++)
    {
      ArborColumnInfo info;

      arbor_batch_get_column_info (batch, column, &info);
      if (nodes[column] == NULL)
        nodes[column] = ensure_node (self, nodes[info.parent], &info);
      count_column (self, batch, column, &info, nodes[column]);
      order_fields (self, batch, column, nodes[column], nodes);
    }
}

/* Types */

#define BIT(kind) (1u << (kind))
#define INTEGERS (BIT (ARBOR_KIND_INT64) | BIT (ARBOR_KIND_UINT64))

/* Of what is neither null nor MISSING. */
static ArborArrowType
choose_type (ArborArrowCount *self, const ArborPathNode *node)
{
  const NodeFacts *facts = get_facts (self, node);
  guint kinds = 0;

  for (guint kind = ARBOR_KIND_NULL + 1; kind < ARBOR_N_KINDS; kind++)
    if (node->n_kind[kind] > 0)
      kinds |= BIT (kind);
  if (facts->has_overflow)
    return ARBOR_ARROW_JSON;
  switch (kinds)
    {
    case 0:
      return ARBOR_ARROW_NULL;
    case BIT (ARBOR_KIND_BOOL):
      return ARBOR_ARROW_BOOL;
    case BIT (ARBOR_KIND_INT64):
      return ARBOR_ARROW_INT64;
    case BIT (ARBOR_KIND_UINT64):
    case INTEGERS:
      return facts->has_negative ? ARBOR_ARROW_JSON : ARBOR_ARROW_UINT64;
    case BIT (ARBOR_KIND_DOUBLE):
    case BIT (ARBOR_KIND_DOUBLE) | BIT (ARBOR_KIND_INT64):
      return facts->has_large ? ARBOR_ARROW_JSON : ARBOR_ARROW_DOUBLE;
    case BIT (ARBOR_KIND_STRING):
      return ARBOR_ARROW_STRING;
    case BIT (ARBOR_KIND_ARRAY):
      return facts->depth < ARBOR_ARROW_MAX_DEPTH ? ARBOR_ARROW_LIST : ARBOR_ARROW_JSON;
    case BIT (ARBOR_KIND_OBJECT):
      return facts->depth < ARBOR_ARROW_MAX_DEPTH ? ARBOR_ARROW_STRUCT : ARBOR_ARROW_JSON;
    default:
      return ARBOR_ARROW_JSON;
    }
}

/* Where each node's children begin in @sorted, as one run, by index. */
typedef struct
{
  ArborArrowCount *count;
  guint32 *starts;          /* n + 1 of them */
  const ArborPathNode **sorted;
} Children;

static void
children_init (Children *self, ArborArrowCount *count)
{
  guint n = count->paths.nodes->len;
  g_autofree guint32 *next = g_new (guint32, n + 1);

  self->count = count;
  self->starts = g_new0 (guint32, n + 1);
  self->sorted = g_new (const ArborPathNode *, n);
  for (guint i = 1; i < n; i++)
    self->starts[arbor_path_table_get (&count->paths, i)->parent + 1]++;
  for (guint i = 0; i < n; i++)
    self->starts[i + 1] += self->starts[i];
  memcpy (next, self->starts, (n + 1) * sizeof *next);
  for (guint i = 1; i < n; i++)
    {
      const ArborPathNode *node = arbor_path_table_get (&count->paths, i);

      self->sorted[next[node->parent]++] = node;
    }
}

static void
children_clear (Children *self)
{
  g_free (self->starts);
  g_free (self->sorted);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Children, children_clear)

static ArborArrowField *make_field (const Children *self, const ArborPathNode *node,
                                    const char *key);

/* FALSE: they are no fields that Arrow has, or far too many. */
static gboolean
add_fields (const Children *self, const ArborPathNode *node, ArborArrowField *field)
{
  guint32 from = self->starts[node->index], to = self->starts[node->index + 1];

  field->children = g_new0 (ArborArrowField *, to - from);
  for (guint32 i = from; i < to; i++)
    {
      const ArborPathNode *child = self->sorted[i];
      g_autofree char *key = g_strndup (child->key, child->key_length);

      if (child->is_element || arbor_path_node_count_values (child) == 0)
        continue;
      if (strlen (key) < child->key_length || field->n_children == ARBOR_ARROW_MAX_FIELDS)
        return FALSE;
      field->children[field->n_children++] = make_field (self, child, key);
    }
  return TRUE;
}

static void
add_elements (const Children *self, const ArborPathNode *node, ArborArrowField *field)
{
  field->children = g_new0 (ArborArrowField *, 1);
  field->n_children = 1;
  for (guint32 i = self->starts[node->index]; i < self->starts[node->index + 1]; i++)
    if (self->sorted[i]->is_element)
      field->children[0] = make_field (self, self->sorted[i], NULL);
  if (field->children[0] == NULL)
    field->children[0] = arbor_arrow_field_new (ARBOR_ARROW_NULL, NULL);
}

static ArborArrowField *
make_field (const Children *self, const ArborPathNode *node, const char *key)
{
  ArborArrowField *field = arbor_arrow_field_new (choose_type (self->count, node), key);
  const NodeFacts *facts = get_facts (self->count, node);

  field->has_negative = facts->has_negative;
  field->has_large = facts->has_large;
  if (field->type == ARBOR_ARROW_LIST)
    add_elements (self, node, field);
  if (field->type == ARBOR_ARROW_STRUCT &&
      (!add_fields (self, node, field) || field->n_children == 0))
    {
      arbor_arrow_field_free (field);
      return arbor_arrow_field_new (ARBOR_ARROW_JSON, key);
    }
  return field;
}

/* Whether each tree is an object of which the fields can be columns. */
static gboolean
try_columns (const Children *self, ArborArrowTable *table)
{
  const ArborPathNode *root = arbor_path_table_get (&self->count->paths, 0);

  table->root = arbor_arrow_field_new (ARBOR_ARROW_STRUCT, NULL);
  if (root->n_kind[ARBOR_KIND_OBJECT] == self->count->n_trees &&
      !get_facts (self->count, root)->has_overflow && add_fields (self, root, table->root))
    return TRUE;
  arbor_arrow_field_free (table->root);
  return FALSE;
}

ArborArrowTable *
arbor_arrow_count_finish (ArborArrowCount *self)
{
  ArborArrowTable *table = g_new0 (ArborArrowTable, 1);
  g_auto (Children) children;

  children_init (&children, self);
  g_atomic_ref_count_init (&table->ref_count);
  if (try_columns (&children, table))
    return table;
  table->is_values = TRUE;
  table->root = arbor_arrow_field_new (ARBOR_ARROW_STRUCT, NULL);
  table->root->children = g_new (ArborArrowField *, 1);
  table->root->n_children = 1;
  table->root->children[0] = make_field (&children, arbor_path_table_get (&self->paths, 0),
                                         ARBOR_ARROW_VALUE);
  return table;
}
