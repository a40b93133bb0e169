/* The usual derived source: each tree of one view gives any number of trees. See arbor-derived.h. */

#include "query/view/arbor-mapped-private.h"

#include "query/view/arbor-derived-private.h"

static gboolean
map_by_row (ArborMapped *self, const ArborRows *rows, GError **error)
{
  if (self->mapping->set_batch != NULL)
    self->mapping->set_batch (self->data, rows->batch, rows->first);
  for (guint32 i = 0; i < rows->n; i++)
    {
      guint32 row = arbor_rows_get (rows, i);
      ArborValue tree;

      arbor_batch_get_tree (rows->batch, row, &tree);
      if (!self->mapping->map (self->data, rows->batch, row, &tree, self->scope, self->output,
                               error) ||
          !arbor_scope_check (self->scope, error))
        return FALSE;
      arbor_scope_reset (self->scope);
    }
  return TRUE;
}

static gboolean
map_block (ArborMapped *self, const ArborRows *rows, ArborScope *scope, GError **error)
{
  gboolean is_done = FALSE;

  arbor_scope_reset (self->scope);
  if (self->mapping->map_rows != NULL &&
      !self->mapping->map_rows (self->data, rows, scope, self->output, &is_done, error))
    return FALSE;
  return is_done || map_by_row (self, rows, error);
}

/* Where each tree gives one, no more rows at once than trees find room in a group of the builder. */
static gboolean
map_batch (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  ArborMapped *self = data;
  ArborBatchBuilder *builder = arbor_output_get_builder (self->output);
  guint32 *list = NULL;

  if (!self->mapping->is_one_to_one || rows->n <= arbor_batch_builder_get_room (builder))
    return map_block (self, rows, scope, error);
  list = arbor_scope_alloc (scope, (gsize) rows->n * sizeof *list);
  for (guint32 i = 0; i < rows->n; i++)
    list[i] = arbor_rows_get (rows, i);
  for (guint32 i = 0; i < rows->n;)
    {
      ArborRows block = *rows;

      block.rows = list + i;
      block.n = MIN (rows->n - i, arbor_batch_builder_get_room (builder));
      if (!map_block (self, &block, scope, error))
        return FALSE;
      i += block.n;
    }
  return TRUE;
}

gboolean
arbor_mapped_prepare (ArborMapped *self, ArborAccess *access, GCancellable *cancellable,
                      GError **error)
{
  return self->mapping->prepare == NULL ||
         self->mapping->prepare (self->data, access, cancellable, error);
}

/* Row by row, each in its own batch. */
static gboolean
map_apart (ArborMapped *self, const ArborRows *rows, ArborScope *scope, GError **error)
{
  for (guint32 i = 0; i < rows->n; i++)
    {
      guint32 row;
      ArborRows one = { .n = 1, .rows = &row };

      one.batch = arbor_rows_locate (rows, i, &one.first, &row);
      if (!map_batch (&one, scope, self, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
map_run (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  ArborMapped *self = data;
  gboolean is_done = FALSE;
  ArborRows together;

  if (rows->batch != NULL)
    return map_batch (rows, scope, data, error);
  if (!self->keeps_apart &&
      !arbor_together_put (&self->together, rows, scope, &together, &is_done, error))
    return FALSE;
  self->is_together |= is_done;
  return is_done ? map_batch (&together, scope, data, error) : map_apart (self, rows, scope, error);
}

/* No more than there are to the end of the batch that has the next tree, so that most batches are read as
 * wholes. */
static gboolean
end_with_batch (ArborMapped *self, ArborAccess *input, guint32 *n_trees, GCancellable *cancellable,
                GError **error)
{
  guint64 n_known, next;

  if (!arbor_selection_is_all (self->selection))
    return TRUE;
  if (!arbor_access_count_trees (input, self->position + 1, cancellable, &n_known, error))
    return FALSE;
  if (n_known <= self->position)
    return TRUE;
  next = arbor_source_get_first_tree (
      input->source, arbor_source_find_batch (input->source, self->position) + 1);
  *n_trees = (guint32) MIN (*n_trees, next - self->position);
  return TRUE;
}

static gboolean
read_trees (ArborMapped *self, ArborAccess *input, guint32 n_trees, guint32 *n_read,
            GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (arbor_selection_is_all (self->selection))
    return arbor_trees_read_some (self->selection, input, self->position, n_trees, map_batch, self,
                                  n_read, cancellable, error);
  self->is_together = FALSE;
  if (arbor_trees_read_content_runs (self->selection, input, self->position, n_trees, map_run, self,
                                  n_read, cancellable, &failure))
    return TRUE;
  if (!self->is_together)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  /* An error says which tree it is about: once more, with trees where they are. */
  arbor_output_drop (self->output);
  self->keeps_apart = TRUE;
  return arbor_trees_read_content_runs (self->selection, input, self->position, n_trees, map_run, self,
                                     n_read, cancellable, error);
}

static gboolean
step_mapped (gpointer data, ArborAccess *access, guint32 n_trees, ArborOutput *output,
             gboolean *at_end, GCancellable *cancellable, GError **error)
{
  ArborMapped *self = data;
  ArborAccess input;
  guint32 n_read;

  self->output = output;
  arbor_access_borrow (&input, access, self->source);
  if (self->wanted != NULL)
    arbor_access_narrow_to (&input, &input, self->wanted, &self->narrowed);
  if (!arbor_mapped_prepare (self, access, cancellable, error) ||
      !end_with_batch (self, &input, &n_trees, cancellable, error) ||
      !read_trees (self, &input, n_trees, &n_read, cancellable, error))
    return FALSE;
  self->end = self->position + n_read;
  *at_end = n_read < n_trees;
  return TRUE;
}

static void
commit_mapped (gpointer data)
{
  ArborMapped *self = data;

  self->position = self->end;
}

/* Telling */

static void
describe_mapped (gpointer data, GString *text)
{
  ArborMapped *self = data;

  self->mapping->describe (self->data, text);
}

static void
list_keys_mapped (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  ArborMapped *self = data;

  if (self->mapping->keys != NULL)
    self->mapping->keys (self->data, steps, n_steps, search);
  else
    arbor_key_search_set_open (search);
}

static void
list_nodes_mapped (gpointer data, guint input, GPtrArray *nodes)
{
  ArborMapped *self = data;

  if (self->mapping->nodes != NULL)
    self->mapping->nodes (self->data, input, nodes);
}

/* Making */

ArborMapped *
arbor_mapped_new (const ArborMapping *mapping, gpointer data, ArborSource *source,
            ArborSelection *selection)
{
  ArborMapped *self = g_new0 (ArborMapped, 1);

  self->mapping = mapping;
  self->data = data;
  self->source = source;
  self->selection = arbor_selection_ref (selection);
  self->scope = arbor_scope_new ();
  if (mapping->want != NULL)
    self->wanted = mapping->want (data);
  if (self->wanted != NULL)
    self->together.wanted = arbor_wanted_copy (self->wanted);
  return self;
}

void
arbor_mapped_free (gpointer data)
{
  ArborMapped *self = data;

  self->mapping->free (self->data);
  arbor_selection_unref (self->selection);
  arbor_scope_free (self->scope);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  g_clear_pointer (&self->narrowed, arbor_source_unref);
  g_clear_pointer (&self->starts, g_array_unref);
  arbor_together_clear (&self->together);
  g_free (self->windows);
  g_free (self);
}

static gpointer
narrow_mapped (gpointer data, const ArborWanted *wanted)
{
  const ArborMapped *self = data;
  gpointer narrow =
      self->mapping->narrow != NULL ? self->mapping->narrow (self->data, wanted) : NULL;
  ArborMapped *mapped;

  if (narrow == NULL)
    return NULL;
  mapped = arbor_mapped_new (self->mapping, narrow, self->source, self->selection);
  return mapped;
}

/* Trees that are strewn over batches are made as they lie. */
static gpointer
unorder_mapped (gpointer data)
{
  const ArborMapped *self = data;
  g_autoptr (ArborSelection) set = arbor_selection_dup_set (self->selection);
  gpointer same;

  if (set == NULL || set == self->selection || self->windows != NULL ||
      self->mapping->narrow == NULL)
    return NULL;
  same = self->mapping->narrow (self->data, NULL);
  return same != NULL ? arbor_mapped_new (self->mapping, same, self->source, set) : NULL;
}

static ArborNode *
trace_mapped (gpointer data, ArborNode *node)
{
  const ArborMapped *self = data;

  return self->mapping->trace != NULL ? self->mapping->trace (self->data, node) : NULL;
}

ArborSource *
arbor_source_new_mapped (const ArborMapping *mapping, gpointer data, ArborSource *source,
                         ArborSelection *selection, ArborSource *const *others, guint n_others,
                         ArborGate *gate, GError **error)
{
  static const ArborOperator op = { .name = "computed trees",
                                    .step = step_mapped,
                                    .commit = commit_mapped,
                                    .describe = describe_mapped,
                                    .free = arbor_mapped_free,
                                    .keys = list_keys_mapped,
                                    .nodes = list_nodes_mapped,
                                    .count = arbor_mapped_count,
                                    .narrow = narrow_mapped,
                                    .trace = trace_mapped,
                                    .unorder = unorder_mapped,
                                    .pick = arbor_mapped_pick };
  g_autofree ArborSource **inputs = g_new (ArborSource *, n_others + 1);
  ArborMapped *self = arbor_mapped_new (mapping, data, source, selection);
  ArborSource *mapped;

  inputs[0] = source;
  for (guint i = 0; i < n_others; i++)
    inputs[i + 1] = others[i];
  mapped = arbor_source_new_derived (&op, self, inputs, n_others + 1, gate, error);
  if (mapped != NULL)
    arbor_source_set_input_selection (mapped, 0, selection);
  return mapped;
}
