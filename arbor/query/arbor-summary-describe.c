/* What stands at each path. See arbor-summary.h. Figures lie beside the nodes of a path table, one for
 * each; the table itself is charged node by node.
 */

#include "query/arbor-summary-private.h"

#include "batch/arbor-value-access.h"
#include "query/arbor-aggregate.h"
#include "query/arbor-distinct.h"
#include "query/arbor-path-table.h"

/* What the tables of nodes and keys need for each besides the node and the key. */
#define NODE_OVERHEAD 64u
/* What aggregates keep of values is charged in steps of so many bytes. */
#define CHARGE_STEP (64u * 1024u)

typedef struct
{
  ArborAggregate min, max, mean;
  ArborDistinct distinct;
} Figures;

typedef struct
{
  ArborSummary parent;
  ArborPathTable paths;
  Figures *figures; /* one a node */
  guint32 n_figures;
  gsize capacity;
  const ArborPathNode **fields; /* one a row */
  guint64 n_kept;    /* bytes that aggregates hold besides themselves */
  guint64 n_charged; /* of them */
  ArborCharge charge;
} Description;

static gboolean
add_figures (Description *self, const ArborPathNode *node, GError **error)
{
  Figures *figures;

  if (!arbor_charge_add (&self->charge,
                         sizeof (ArborPathNode) + node->key_length + NODE_OVERHEAD, error) ||
      !arbor_charge_grow (&self->charge, &self->figures, &self->capacity,
                          (gsize)self->n_figures + 1, sizeof (Figures), error))
    return FALSE;
  figures = &self->figures[self->n_figures++];
  arbor_aggregate_init (&figures->min, arbor_function_find ("min"));
  arbor_aggregate_init (&figures->max, arbor_function_find ("max"));
  arbor_aggregate_init (&figures->mean, arbor_function_find ("mean"));
  figures->distinct = (ArborDistinct){ 0 };
  return TRUE;
}

static guint64
get_kept (const Figures *figures)
{
  return arbor_aggregate_get_size (&figures->min) + arbor_aggregate_get_size (&figures->max);
}

/* Arrays and objects are counted, but only what they hold in the end is compared. */
static gboolean
add_value (ArborPathNode *node, const ArborValue *value, ArborScope *scope, gpointer data,
           GError **error)
{
  Description *self = data;
  Figures *figures;
  guint64 n_bytes;

  while (node->index >= self->n_figures)
    if (!add_figures (self, arbor_path_table_get (&self->paths, self->n_figures), error))
      return FALSE;
  if (arbor_value_is_null (value) || value->kind >= ARBOR_KIND_ARRAY)
    return TRUE;

  figures = &self->figures[node->index];
  self->n_kept -= get_kept (figures);
  arbor_aggregate_add (&figures->min, value, scope);
  arbor_aggregate_add (&figures->max, value, scope);
  self->n_kept += get_kept (figures);
  if (arbor_kind_is_number (value->kind))
    arbor_aggregate_add (&figures->mean, value, scope);
  if (!arbor_distinct_add (&figures->distinct, arbor_value_hash (value, scope), &self->charge,
                           error))
    return FALSE;

  if (self->n_kept <= self->n_charged)
    return TRUE;
  n_bytes = MAX (self->n_kept - self->n_charged, CHARGE_STEP);
  if (!arbor_charge_add (&self->charge, n_bytes, error))
    return FALSE;
  self->n_charged += n_bytes;
  return TRUE;
}

static gboolean
visit_row (const ArborBatch *batch, guint32 row, gboolean is_new, ArborScope *scope, gpointer data,
           GError **error)
{
  Description *self = data;
  ArborValue tree;

  arbor_batch_get_tree (batch, row, &tree);
  return arbor_path_table_add_tree (&self->paths, &tree, scope, add_value, self, error);
}

static gboolean
compute (ArborSummary *summary, ArborAccess *access, guint32 *n_rows, GCancellable *cancellable,
         GError **error)
{
  Description *self = (Description *)summary;
  const ArborRowSink sink = { .row = visit_row, .data = self };
  guint32 n_read;

  arbor_path_table_init (&self->paths);
  if (!arbor_trees_read_rows (summary->selection, access, 0, G_MAXUINT32, &sink, &n_read,
                              cancellable, error))
    return FALSE;
  if (!arbor_charge_add (&self->charge, (guint64)self->paths.nodes->len * 4 * sizeof (gpointer),
                         error))
    return FALSE;
  self->fields = arbor_path_table_order (&self->paths, n_rows);
  return TRUE;
}

static void
write_count (ArborTapeWriter *out, const char *name, guint64 count, ArborScope *scope)
{
  const ArborValue value = ARBOR_VALUE_INT64 ((gint64)count);

  arbor_summary_write_field (out, name, &value, scope);
}

static void
write_kinds (ArborTapeWriter *out, const ArborPathNode *node, ArborScope *scope)
{
  arbor_tape_writer_key (out, "kinds", 5);
  arbor_tape_writer_begin_object (out);
  for (guint kind = ARBOR_KIND_BOOL; kind < ARBOR_N_KINDS; kind++)
    if (node->n_kind[kind] > 0)
      write_count (out, arbor_kind_to_string ((ArborKind)kind), node->n_kind[kind], scope);
  arbor_tape_writer_end_object (out);
}

static void
write_result (ArborTapeWriter *out, const char *name, ArborAggregate *aggregate, ArborScope *scope)
{
  ArborValue value;

  arbor_aggregate_finish (aggregate, scope, &value);
  arbor_summary_write_field (out, name, &value, scope);
}

static void
write_row (ArborSummary *summary, guint32 row, ArborScope *scope, ArborTapeWriter *out)
{
  Description *self = (Description *)summary;
  const ArborPathNode *node = self->fields[row];
  Figures *figures = &self->figures[node->index];
  guint64 n_values = arbor_path_node_count_values (node);
  g_autofree char *text = arbor_path_table_dup_path (&self->paths, node);
  const ArborValue path = ARBOR_VALUE_STRING (text, (guint32)strlen (text));

  arbor_tape_writer_begin_object (out);
  arbor_summary_write_field (out, "path", &path, scope);
  write_count (out, "count", n_values - node->n_kind[ARBOR_KIND_NULL], scope);
  write_count (out, "nulls", node->n_kind[ARBOR_KIND_NULL], scope);
  write_count (out, "missing", arbor_path_table_count_places (&self->paths, node) - n_values,
               scope);
  write_kinds (out, node, scope);
  write_result (out, "min", &figures->min, scope);
  write_result (out, "max", &figures->max, scope);
  write_result (out, "mean", &figures->mean, scope);
  write_count (out, "distinct", arbor_distinct_get_count (&figures->distinct), scope);
  arbor_tape_writer_end_object (out);
}

static void
clear (ArborSummary *summary)
{
  Description *self = (Description *)summary;

  for (guint32 i = 0; i < self->n_figures; i++)
    {
      arbor_aggregate_clear (&self->figures[i].min);
      arbor_aggregate_clear (&self->figures[i].max);
      arbor_aggregate_clear (&self->figures[i].mean);
      arbor_distinct_clear (&self->figures[i].distinct);
    }
  g_clear_pointer (&self->figures, g_free);
  g_clear_pointer (&self->fields, g_free);
  arbor_path_table_clear (&self->paths);
  arbor_charge_release (&self->charge);
  self->n_figures = 0;
  self->capacity = 0;
  self->n_kept = 0;
  self->n_charged = 0;
}

static void
describe (ArborSummary *summary, GString *text)
{
  g_string_append (text, "description of each path");
}

ArborSource *
arbor_summary_describe (ArborSource *source, ArborSelection *selection, GError **error)
{
  static const ArborSummaryClass class = { "describe", compute,  write_row,
                                           clear,      describe, sizeof (Description) };
  Description *self = (Description *)arbor_summary_new (&class, source, selection, NULL);

  self->charge.operation = class.name;
  return arbor_summary_to_source (&self->parent, error);
}
