/* What stands at each path. See arbor-summary.h. Figures lie beside the nodes of a path table, one
 * for each; the table itself is charged node by node. A whole batch is described column by column:
 * a column is a path, and its lanes know most figures of their values. Trees of a part of a batch,
 * and batches with values that no lane has apart, are walked.
 *
 * All is counted once before, to find the dictionaries, whose keys share one path: only what is told
 * in the end has figures.
 */

#include "query/make/arbor-summary-private.h"

#include <math.h>

#include "batch/arbor-value-access.h"
#include "query/expr/arbor-aggregate.h"
#include "query/make/arbor-distinct.h"
#include "query/series/arbor-path-rows.h"
#include "query/make/arbor-path-table.h"
#include "query/view/arbor-narrow.h"

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

static gboolean
ensure_figures (Description *self, const ArborPathNode *node, GError **error)
{
  while (node->index >= self->n_figures)
    if (!add_figures (self, arbor_path_table_get (&self->paths, self->n_figures), error))
      return FALSE;
  return TRUE;
}

static gboolean
charge_kept (Description *self, GError **error)
{
  guint64 n_bytes;

  if (self->n_kept <= self->n_charged)
    return TRUE;
  n_bytes = MAX (self->n_kept - self->n_charged, CHARGE_STEP);
  if (!arbor_charge_add (&self->charge, n_bytes, error))
    return FALSE;
  self->n_charged += n_bytes;
  return TRUE;
}

static void
add_end (Description *self, Figures *figures, ArborAggregate *end, const ArborValue *value,
         ArborScope *scope)
{
  self->n_kept -= get_kept (figures);
  arbor_aggregate_add (end, value, scope);
  self->n_kept += get_kept (figures);
}

/* Arrays and objects are counted, but only what they hold in the end is compared. */
static gboolean
add_value (ArborPathNode *node, const ArborValue *value, ArborScope *scope, gpointer data,
           GError **error)
{
  Description *self = data;
  Figures *figures;

  if (!ensure_figures (self, node, error))
    return FALSE;
  if (arbor_value_is_null (value) || value->kind >= ARBOR_KIND_ARRAY)
    return TRUE;

  figures = &self->figures[node->index];
  add_end (self, figures, &figures->min, value, scope);
  add_end (self, figures, &figures->max, value, scope);
  if (arbor_kind_is_number (value->kind))
    arbor_aggregate_add (&figures->mean, value, scope);
  if (!arbor_distinct_add (&figures->distinct, arbor_value_hash (value, scope), &self->charge,
                           error))
    return FALSE;

  return charge_kept (self, error);
}

/* Columns */

/* The lane of the column as a part of all its values. */
static void
get_part (const ArborBatch *batch, const ArborLaneRecord *record, ArborLane *lane, ArborPart *part)
{
  *lane = (ArborLane){ .record = record,
                       .kind = record->kind,
                       .count = record->count,
                       .a = batch->data + record->offset_a,
                       .b = batch->data + record->offset_b,
                       .c = batch->data + record->offset_c };
  *part = (ArborPart){ .lane = lane, .n = record->count };
}

/* Its least or greatest value. Of a zero the record does not know the sign: the first one counts.
 */
static void
get_end (const ArborPart *part, gboolean is_max, ArborValue *value)
{
  const ArborLane *lane = part->lane;
  guint64 end = is_max ? lane->record->max : lane->record->min;

  *value = (ArborValue){ .kind = lane->kind };
  if (lane->kind == ARBOR_KIND_BOOL)
    value->boolean = end != 0;
  else if (lane->kind == ARBOR_KIND_STRING)
    value->text = arbor_lane_get_string (lane, (guint32)MIN (end, G_MAXUINT32), &value->length);
  else
    value->uint64 = end;
  if (lane->kind != ARBOR_KIND_DOUBLE || value->real != 0)
    return;
  for (guint32 i = 0; i < part->n; i++)
    {
      guint64 bits = arbor_load_unsigned (lane->a, 8, i);
      double real;

      memcpy (&real, &bits, sizeof real);
      if (real == 0)
        {
          value->real = real;
          return;
        }
    }
}

/* Whether a column's lanes say all of its values. Two lanes whose ends are equal, 1 and 1.0, do not
 * say which of them came first. */
static gboolean
lanes_tell (const ArborBatch *batch, guint32 column, ArborScope *scope)
{
  const ArborColumnRecord *record = &batch->columns[column];
  ArborValue ends[2][ARBOR_N_LANE_KINDS];
  guint n_of_numbers = 0;

  if (!arbor_batch_column_is_good (batch, column) || record->n_lanes > ARBOR_N_LANE_KINDS)
    return FALSE;
  for (guint i = 0; i < record->n_lanes; i++)
    {
      ArborNumbers numbers;
      ArborPart part;
      ArborLane lane;

      get_part (batch, &batch->lanes[record->first_lane + i], &lane, &part);
      if (lane.kind == ARBOR_KIND_NUMBER || lane.kind == ARBOR_LANE_OVERFLOW)
        return FALSE;
      if (lane.kind == ARBOR_KIND_DOUBLE && arbor_part_get_numbers (&part, scope, &numbers) &&
          !arbor_bits_are_finite (numbers.data, part.n))
        return FALSE;
      if (!arbor_kind_is_number ((ArborKind)lane.kind))
        continue;
      for (guint end = 0; end < 2; end++)
        {
          get_end (&part, end == 1, &ends[end][n_of_numbers]);
          if (lane.kind == ARBOR_KIND_DOUBLE && !isfinite (ends[end][n_of_numbers].real))
            return FALSE;
          for (guint j = 0; j < n_of_numbers; j++)
            if (arbor_value_equal (&ends[end][j], &ends[end][n_of_numbers], scope))
              return FALSE;
        }
      n_of_numbers++;
    }
  return TRUE;
}

static gboolean
add_distinct (Description *self, Figures *figures, const ArborValue *value, ArborScope *scope,
              GError **error)
{
  return arbor_distinct_add (&figures->distinct, arbor_value_hash (value, scope), &self->charge,
                             error);
}

/* Of narrow numbers each one once. */
static gboolean
add_narrow (Description *self, Figures *figures, const ArborPart *part, const ArborNumbers *numbers,
            ArborScope *scope, GError **error)
{
  guint32 n = numbers->width == 1 ? 256 : 65536;
  guint8 *seen = arbor_scope_alloc (scope, n);
  ArborNumbers one = { .width = sizeof (guint32) };
  ArborValue value;

  memset (seen, 0, n);
  for (guint32 i = 0; i < part->n; i++)
    seen[arbor_load_unsigned (numbers->data, numbers->width, i)] = 1;
  for (guint32 number = 0; number < n; number++)
    {
      if (!seen[number])
        continue;
      one.data = &number;
      arbor_part_get_value (part, &one, 0, &value);
      if (!add_distinct (self, figures, &value, scope, error))
        return FALSE;
    }
  return TRUE;
}

/* FALSE also after an error. */
static gboolean
add_lane (Description *self, Figures *figures, const ArborPart *part, ArborScope *scope,
          GError **error)
{
  const ArborLane *lane = part->lane;
  gboolean is_integer = lane->kind == ARBOR_KIND_INT64 || lane->kind == ARBOR_KIND_UINT64;
  ArborNumbers numbers;
  ArborValue value;

  get_end (part, FALSE, &value);
  add_end (self, figures, &figures->min, &value, scope);
  get_end (part, TRUE, &value);
  add_end (self, figures, &figures->max, &value, scope);

  if (!arbor_part_get_numbers (part, scope, &numbers))
    {
      const ArborString *strings = arbor_part_get_strings (part, scope);

      for (guint32 i = 0; i < part->n; i++)
        {
          value = ARBOR_VALUE_STRING (strings[i].bytes, strings[i].length);
          if (!add_distinct (self, figures, &value, scope, error))
            return FALSE;
        }
      return TRUE;
    }
  for (guint32 i = 0; is_integer && i < part->n; i++)
    {
      guint64 number = lane->record->min + arbor_load_unsigned (numbers.data, numbers.width, i);

      if (lane->kind == ARBOR_KIND_INT64)
        arbor_aggregate_add_integers (&figures->mean, 1, (gint64)number, FALSE);
      else
        arbor_aggregate_add_integers (&figures->mean, 1, number, TRUE);
    }
  if (lane->kind == ARBOR_KIND_DOUBLE)
    arbor_aggregate_add_reals (&figures->mean, numbers.data, part->n);
  if (numbers.width <= 2)
    return add_narrow (self, figures, part, &numbers, scope, error);
  for (guint32 i = 0; i < part->n; i++)
    {
      arbor_part_get_value (part, &numbers, i, &value);
      if (!add_distinct (self, figures, &value, scope, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_column (Description *self, const ArborBatch *batch, guint32 column, ArborPathNode **nodes,
            ArborScope *scope, GError **error)
{
  const ArborColumnRecord *record = &batch->columns[column];
  ArborPathNode *node = arbor_path_table_get (&self->paths, 0);
  ArborColumnInfo info;

  arbor_batch_get_column_info (batch, column, &info);
  if (column > 0)
    node = arbor_path_table_ensure (&self->paths, nodes[info.parent],
                                    info.is_element ? NULL : info.key, info.key_length);
  nodes[column] = node;
  for (guint kind = 0; kind < ARBOR_N_KINDS; kind++)
    node->n_kind[kind] += info.n_kind[kind];
  if (!ensure_figures (self, node, error))
    return FALSE;
  for (guint i = 0; i < record->n_lanes; i++)
    {
      ArborPart part;
      ArborLane lane;

      get_part (batch, &batch->lanes[record->first_lane + i], &lane, &part);
      if (lane.kind < ARBOR_KIND_ARRAY &&
          !add_lane (self, &self->figures[node->index], &part, scope, error))
        return FALSE;
    }
  arbor_scope_reset (scope);
  return charge_kept (self, error);
}

/* *@is_done: it was said what the batch has. */
static gboolean
add_batch (Description *self, const ArborBatch *batch, ArborScope *scope, gboolean *is_done,
           GError **error)
{
  guint32 n_columns = arbor_batch_get_n_columns (batch);
  g_autofree ArborPathNode **nodes = g_new (ArborPathNode *, n_columns);

  for (guint32 column = 0; column < n_columns; column++)
    if (!lanes_tell (batch, column, scope))
      return TRUE;
  *is_done = TRUE;
  for (guint32 column = 0; column < n_columns; column++)
    if (!add_column (self, batch, column, nodes, scope, error))
      return FALSE;
  return TRUE;
}

static gboolean
visit_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Description *self = data;
  gboolean is_done = FALSE;
  ArborValue tree;

  if (rows->rows == NULL && !add_batch (self, rows->batch, scope, &is_done, error))
    return FALSE;
  for (guint32 i = 0; !is_done && i < rows->n; i++)
    {
      arbor_batch_get_tree (rows->batch, arbor_rows_get (rows, i), &tree);
      if (!arbor_path_table_add_tree (&self->paths, &tree, scope, add_value, self, error) ||
          !arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  return TRUE;
}

typedef struct
{
  Description *description;
  ArborPathTable paths; /* of every key */
} Count;

static gboolean
count_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Count *count = data;
  guint32 n_before = count->paths.nodes->len;
  ArborValue tree;

  if (rows->rows == NULL)
    arbor_path_table_add_batch (&count->paths, rows->batch, scope);
  for (guint32 i = 0; rows->rows != NULL && i < rows->n; i++)
    {
      arbor_batch_get_tree (rows->batch, arbor_rows_get (rows, i), &tree);
      arbor_path_table_add_tree (&count->paths, &tree, scope, NULL, NULL, NULL);
      if (!arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  return arbor_scope_check (scope, error) &&
         arbor_charge_add (&count->description->charge,
                           (guint64)(count->paths.nodes->len - n_before) *
                               (sizeof (ArborPathNode) + NODE_OVERHEAD),
                           error);
}

/* Makes the table of what is told. */
static gboolean
find_paths (Description *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  Count count = { .description = self };
  gboolean is_done;

  arbor_path_table_init (&count.paths);
  arbor_path_table_init (&self->paths);
  is_done = arbor_trees_read_batches (self->parent.selection, access, count_rows, &count,
                                      cancellable, error);
  if (is_done)
    arbor_path_table_collapse (&count.paths, &self->paths);
  arbor_path_table_reset_counts (&self->paths);
  arbor_path_table_clear (&count.paths);
  arbor_charge_release (&self->charge);
  return is_done;
}

static gboolean
compute (ArborSummary *summary, ArborAccess *of, guint32 *n_rows, GCancellable *cancellable,
         GError **error)
{
  Description *self = (Description *)summary;
  ArborAccess spliced;
  ArborAccess *access = arbor_access_splice_all (&spliced, of);

  if (!find_paths (self, access, cancellable, error) ||
      !arbor_trees_read_batches (summary->selection, access, visit_rows, self, cancellable, error))
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
  guint64 n_numbers = node->n_kind[ARBOR_KIND_INT64] + node->n_kind[ARBOR_KIND_UINT64] +
                      node->n_kind[ARBOR_KIND_DOUBLE] + node->n_kind[ARBOR_KIND_NUMBER];
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
  /* What the mean leaves out. */
  if (n_numbers > 0 && n_numbers + node->n_kind[ARBOR_KIND_NULL] < n_values)
    write_count (out, "not_numbers", n_values - node->n_kind[ARBOR_KIND_NULL] - n_numbers, scope);
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
