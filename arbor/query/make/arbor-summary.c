/* What all summaries have in common. See arbor-summary-private.h. */

#include "query/make/arbor-summary-private.h"

#include "batch/arbor-value-access.h"
#include "query/view/arbor-narrow.h"

ArborSummary *
arbor_summary_new (const ArborSummaryClass *class, ArborSource *source, ArborSelection *selection,
                   ArborNode *node)
{
  ArborSummary *self = g_malloc0 (class->size);

  self->class = class;
  self->source = source;
  self->selection = arbor_selection_ref (selection);
  if (node != NULL)
    {
      self->node = arbor_node_ref (node);
      arbor_trace_init (&self->trace, source, selection, &node, 1, ARBOR_TRACE_VALUES);
      self->reader = arbor_series_reader_new (self->trace.nodes[0]);
    }
  return self;
}

static gboolean
write_row (ArborSummary *self, guint32 row, ArborScope *scope, ArborOutput *output, GError **error)
{
  ArborValue values[ARBOR_SUMMARY_MAX_FIELDS];

  if (self->class->write != NULL)
    {
      self->class->write (self, row, scope, arbor_output_begin_tree (output));
      return arbor_output_end_tree (output, error);
    }
  self->class->get (self, row, values);
  return arbor_output_add_fields (output, self->class->names, values, self->class->n_names, scope,
                                  error);
}

static gboolean
step (gpointer data, ArborAccess *access, guint32 n_trees, ArborOutput *output, gboolean *at_end,
      GCancellable *cancellable, GError **error)
{
  ArborSummary *self = data;
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborAccess input;

  if (self->node != NULL)
    arbor_trace_enter (&self->trace, access, &input);
  else
    arbor_access_borrow (&input, access, self->source);
  if (!self->is_computed)
    {
      if (!self->class->compute (self, &input, &self->n_rows, cancellable, error))
        {
          self->class->clear (self);
          return FALSE;
        }
      self->is_computed = TRUE;
    }
  self->end = self->position + MIN (n_trees, self->n_rows - self->position);
  for (guint32 row = self->position; row < self->end; row++)
    {
      if (row % 1024 == 1023 && !arbor_access_check (access, cancellable, error))
        return FALSE;
      if (!write_row (self, row, scope, output, error) || !arbor_scope_check (scope, error))
        return FALSE;
      arbor_scope_reset (scope);
    }
  *at_end = self->end == self->n_rows;
  return TRUE;
}

static void
commit (gpointer data)
{
  ArborSummary *self = data;

  self->position = self->end;
  if (self->position == self->n_rows)
    self->class->clear (self);
}

static void
describe (gpointer data, GString *text)
{
  ArborSummary *self = data;

  self->class->describe (self, text);
}

static void
summary_free (gpointer data)
{
  ArborSummary *self = data;

  self->class->clear (self);
  arbor_series_reader_free (self->reader);
  g_clear_pointer (&self->node, arbor_node_unref);
  arbor_selection_unref (self->selection);
  arbor_trace_clear (&self->trace);
  g_free (self);
}

static void
list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  ArborSummary *self = data;

  if (self->node != NULL)
    g_ptr_array_add (nodes, arbor_node_ref (self->node));
}

ArborSource *
arbor_summary_to_source (ArborSummary *self, GError **error)
{
  static const ArborOperator op = { "summary",    step, commit, describe,
                                    summary_free, NULL, list_nodes };

  ArborSource *source = arbor_source_new_derived (&op, self, &self->source, 1, NULL, error);

  if (source != NULL)
    arbor_source_set_input_selection (source, 0, self->selection);
  return source;
}

typedef struct
{
  ArborSummary *summary;
  ArborSummaryRowsFunc rows_func; /* or NULL */
  ArborSummaryFunc func;
  ArborScope *scope; /* of a row */
} Each;

static gboolean
visit_row (Each *each, GError **error)
{
  ArborSummary *self = each->summary;
  ArborValue value;

  arbor_series_reader_next_value (self->reader, &value);
  /* What is damaged must not be counted. */
  if (!arbor_series_reader_check (self->reader, error))
    return FALSE;
  if (!self->node->is_vector)
    return each->func (self, &value, each->scope, error);
  for (guint32 i = 0; value.kind == ARBOR_KIND_ARRAY && i < value.index; i++)
    {
      ArborValue element = ((const ArborValue *)value.holder)[i];

      if (!each->func (self, &element, each->scope, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
visit_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Each *each = data;
  gboolean is_taken = FALSE;

  if (each->rows_func != NULL && !each->rows_func (each->summary, rows, scope, &is_taken, error))
    return FALSE;
  if (is_taken && !arbor_series_reader_check (each->summary->reader, error))
    return FALSE;
  if (!is_taken)
    arbor_series_reader_begin (each->summary->reader, rows);
  for (guint32 i = 0; !is_taken && i < rows->n; i++)
    {
      if (!visit_row (each, error) ||
          !arbor_scope_check (each->scope, error))
        return FALSE;
      arbor_scope_reset (each->scope);
    }
  return TRUE;
}

gboolean
arbor_summary_for_each_value (ArborSummary *self, ArborAccess *access,
                              ArborSummaryRowsFunc rows_func, ArborSummaryFunc func,
                              GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  Each each = { self, rows_func, func, scope };
  ArborAccess narrow;

  arbor_series_reader_forget (self->reader);
  arbor_access_narrow (&narrow, access, self->trace.nodes, 1, NULL);
  return arbor_trees_read_runs (self->trace.selection, &narrow, visit_rows, &each, cancellable, error);
}

void
arbor_summary_write_field (ArborTapeWriter *out, const char *name, const ArborValue *value,
                           ArborScope *scope)
{
  if (value->kind == ARBOR_KIND_MISSING)
    return;
  arbor_tape_writer_key (out, name, strlen (name));
  arbor_value_write_tape (value, scope, out);
}
