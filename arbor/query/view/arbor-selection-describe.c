/* What people are told of a selection: its steps, what decides them, what was done. See
 * arbor-selection.h.
 */

#include "query/view/arbor-selection-private.h"

#include "query/series/arbor-series-ways.h"
#include "query/view/arbor-keyed.h"

/* Whether all of a filter's trees were found in the order of the source, of which they are counted so far. */
static gboolean
set_tells (ArborSelection *self, guint64 *n_found, ArborKernelCounters *counters)
{
  ArborSelection *set = self->set;
  gboolean is_complete;

  if (set == NULL || pthread_mutex_trylock (&set->mutex) != 0)
    return FALSE;
  is_complete = set->is_complete;
  if (is_complete)
    *n_found = arbor_selection_get_n_found (set);
  if (is_complete && counters != NULL && set->filter != NULL)
    arbor_filter_get_counters (set->filter, counters);
  else if (is_complete && counters != NULL)
    *counters = set->counters;
  pthread_mutex_unlock (&set->mutex);
  return is_complete;
}

/* "(computed: 12 trees)" */
static void
describe_state (ArborSelection *self, GString *out)
{
  guint64 n_found = arbor_selection_get_n_found (self);

  if (self->is_complete || set_tells (self, &n_found, NULL))
    g_string_append_printf (out, " (computed: %" G_GUINT64_FORMAT " trees)", n_found);
  else if (n_found > 0)
    g_string_append_printf (out, " (computed in part: %" G_GUINT64_FORMAT " trees so far)",
                            n_found);
  else
    g_string_append (out, " (not computed)");
}

/* The paths below @node, each once, in the order of the text. */
static void
list_paths (const ArborNode *node, GPtrArray *paths)
{
  g_autoptr (GPtrArray) left = g_ptr_array_new ();

  g_ptr_array_add (left, (gpointer) node);
  while (left->len > 0)
    {
      const ArborNode *at = g_ptr_array_steal_index (left, left->len - 1);

      if (at->kind == ARBOR_NODE_PATH)
        {
          char *path = arbor_path_to_string (at->path);

          if (g_ptr_array_find_with_equal_func (paths, path, g_str_equal, NULL))
            g_free (path);
          else
            g_ptr_array_add (paths, path);
        }
      for (guint i = at->n_arguments; i > 0; i--)
        g_ptr_array_add (left, at->arguments[i - 1]);
    }
}

/* That keys decide it: did, or will. */
static void
describe_key_index (ArborSelection *self, ArborSource *source, GString *out)
{
  const ArborRecord *record = source != NULL ? arbor_source_get_record (source) : NULL;
  g_autoptr (GPtrArray) predicates = g_ptr_array_new ();
  g_autofree char *keys = NULL;

  if (record == NULL || record->keys == NULL)
    return;
  keys = arbor_keys_describe (record->keys);
  if (self->n_key_batches > 0)
    g_string_append_printf (out, "  key index: %s | batches asked: %u\n", keys, self->n_key_batches);
  else if (!self->is_complete && arbor_selection_list_conditions (self, predicates) &&
           arbor_keyed_would_decide (record, (ArborNode *const *) predicates->pdata, predicates->len))
    g_string_append_printf (out, "  key index: %s | batches to ask: %u\n", keys,
                            record->n_batches + record->n_patches);
}

/* How a filter is decided. */
static void
describe_ways (ArborSelection *self, ArborSource *source, GString *out)
{
  g_autoptr (ArborKernel) kernel = arbor_kernel_new (self->predicate);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  describe_key_index (self, source, out);
  list_paths (self->predicate, paths);
  g_string_append (out, "  ");
  arbor_kernel_describe (kernel, out);
  for (guint i = 0; i < paths->len; i++)
    g_string_append_printf (out, "%s%s", i == 0 ? " | reads " : ", ",
                            (const char *) paths->pdata[i]);
  g_string_append_c (out, '\n');
}

static void
describe_counters (ArborSelection *self, GString *out)
{
  ArborKernelCounters all = self->counters, of_set;
  const ArborKernelCounters *counters = &all;
  guint64 n_found;

  if (self->filter != NULL)
    arbor_filter_get_counters (self->filter, &all);
  else if (self->scan != NULL)
    arbor_kernel_counters_add (&all, arbor_scan_get_counters (self->scan));
  if (set_tells (self, &n_found, &of_set))
    arbor_kernel_counters_add (&all, &of_set);
  g_string_append_printf (out,
                          "  batches: %" G_GUINT64_FORMAT ", skipped by statistics: "
                          "%" G_GUINT64_FORMAT " | rows by kernel: %" G_GUINT64_FORMAT
                          ", by columns: %" G_GUINT64_FORMAT ", row by row: %" G_GUINT64_FORMAT " | bytes touched: "
                          "%" G_GUINT64_FORMAT "\n",
                          counters->n_batches, counters->n_skipped, counters->n_kernel_rows,
                          counters->n_series_rows, counters->n_asked_rows, counters->n_bytes);
}

static void
describe_filter (ArborSelection *self, ArborSource *source, gboolean with_counters, GString *out)
{
  g_autofree char *predicate = arbor_node_to_string (self->predicate);
  gboolean is_busy = pthread_mutex_trylock (&self->mutex) != 0;
  guint64 n_found;
  gboolean has_begun = !is_busy && (self->is_complete || self->filter != NULL ||
                                    self->scan != NULL || set_tells (self, &n_found, NULL));

  g_string_append_printf (out, "filter %s", predicate);
  if (is_busy)
    g_string_append (out, " (being computed)");
  else if (with_counters && !has_begun)
    g_string_append (out, " (decided with the next step)");
  else
    describe_state (self, out);
  g_string_append_c (out, '\n');
  describe_ways (self, source, out);
  if (is_busy)
    return;
  if (with_counters && has_begun)
    describe_counters (self, out);
  pthread_mutex_unlock (&self->mutex);
}

static void
describe_slice (ArborSelection *self, GString *out)
{
  if (self->start == 0)
    g_string_append_printf (out, "head %" G_GUINT64_FORMAT, self->n);
  else
    g_string_append_printf (out, "slice from %" G_GUINT64_FORMAT, self->start);
  if (self->start != 0 && self->n < G_MAXUINT64 - self->start)
    g_string_append_printf (out, ", %" G_GUINT64_FORMAT " trees", self->n);
  g_string_append_c (out, '\n');
}

/* How the keys of an order are found. */
static void
describe_keys (ArborSelection *self, GString *out)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_node_unref);

  self->ordering->verbs->list_nodes (self->ordering, nodes);
  arbor_series_describe_ways (nodes, out);
}

static void
describe_ordering (ArborSelection *self, GString *out)
{
  self->ordering->verbs->describe (self->ordering, out);
  if (pthread_mutex_trylock (&self->mutex) != 0)
    {
      g_string_append (out, " (being computed)\n");
      describe_keys (self, out);
      return;
    }
  describe_state (self, out);
  g_string_append_c (out, '\n');
  pthread_mutex_unlock (&self->mutex);
  describe_keys (self, out);
}

static void
describe_step (ArborSelection *self, ArborSource *source, gboolean with_counters, GString *out)
{
  switch (self->kind)
    {
    case SELECTION_ALL:
      break;
    case SELECTION_FILTER:
      describe_filter (self, source, with_counters, out);
      break;
    case SELECTION_ORDERED:
      describe_ordering (self, out);
      break;
    case SELECTION_SLICE:
      describe_slice (self, out);
      break;
    case SELECTION_TAIL:
      g_string_append_printf (out, "tail %" G_GUINT64_FORMAT "\n", self->n);
      break;
    case SELECTION_REVERSE:
      g_string_append (out, "reverse\n");
      break;
    case SELECTION_LIST:
      g_string_append_printf (out, "take %" G_GUINT64_FORMAT " trees\n", self->n);
      break;
    }
}

void
arbor_selection_describe (ArborSelection *self, ArborSource *source, gboolean with_counters,
                          GString *out)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();

  for (ArborSelection *at = self; at != NULL; at = at->parent)
    g_ptr_array_add (steps, at);
  for (guint i = steps->len; i > 0; i--)
    describe_step (steps->pdata[i - 1], source, with_counters, out);
}

void
arbor_selection_list_nodes (ArborSelection *self, GPtrArray *nodes)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();

  for (ArborSelection *at = self; at != NULL; at = at->parent)
    g_ptr_array_add (steps, at);
  for (guint i = steps->len; i > 0; i--)
    {
      ArborSelection *at = steps->pdata[i - 1];

      if (at->predicate != NULL)
        g_ptr_array_add (nodes, arbor_node_ref (at->predicate));
      if (at->ordering != NULL)
        at->ordering->verbs->list_nodes (at->ordering, nodes);
    }
}
