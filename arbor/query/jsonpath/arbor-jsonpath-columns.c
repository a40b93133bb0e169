/* See arbor-jsonpath-columns.h.
 *
 * The ways of the plan (arbor-jsonpath-plan.h) are gone one after the other, each before those below it,
 * for a strip of trees. What a way has come to is its nodes: rows of its column, and of each the node of
 * the way above that it is a child of; the nodes of the ways above are at hand, one for each level.
 *
 * Each way finds its matches tree by tree, and in order. Where there are several, the matches of a tree
 * are put in order by how they were come to, which is a few numbers for each: selectors, elements, and
 * places of members.
 */

#include "query/jsonpath/arbor-jsonpath-columns-private.h"

#include <string.h>

#include "batch/arbor-batch-find.h"
#include "batch/arbor-batch-format.h"

/* Trees at a time, and nodes of a way: one tree with more is open. */
#define STRIP     2048u
#define MAX_NODES (256u * 1024u)
/* Rows of a batch of which fewer are asked for go one by one. */
#define FEW 4u

ArborJsonpathColumns *
arbor_jsonpath_columns_new (const ArborJsonpath *query)
{
  ArborJsonpathColumns *self;

  if (!arbor_jsonpath_plan_is_possible (query))
    return NULL;
  self = g_new0 (ArborJsonpathColumns, 1);
  self->query = query;
  self->kept = arbor_scope_new ();
  self->arrays = arbor_scope_new ();
  self->texts = arbor_scope_new ();
  self->sites = g_array_new (FALSE, FALSE, sizeof (ArborJsonpathSite));
  self->candidates = g_array_new (FALSE, FALSE, sizeof (ArborJsonpathCandidate));
  self->keys = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->matches = g_array_new (FALSE, FALSE, sizeof (ArborJsonpathMatch));
  return self;
}

void
arbor_jsonpath_columns_free (ArborJsonpathColumns *self)
{
  if (self == NULL)
    return;
  arbor_jsonpath_plan_clear (&self->plan);
  g_free (self->levels);
  g_free (self->is_open);
  arbor_scope_free (self->kept);
  arbor_scope_free (self->arrays);
  arbor_scope_free (self->texts);
  if (self->sites != NULL)
    g_array_unref (self->sites);
  g_array_unref (self->candidates);
  g_array_unref (self->keys);
  if (self->numbers != NULL)
    g_array_unref (self->numbers);
  g_array_unref (self->matches);
  g_free (self);
}

void
arbor_jsonpath_columns_steal (ArborJsonpathColumns *self, ArborJsonpathSite **sites,
                              guint32 **numbers)
{
  *sites = (gpointer) g_array_free (g_steal_pointer (&self->sites), FALSE);
  *numbers = (gpointer) g_array_free (g_steal_pointer (&self->numbers), FALSE);
}

static guint32 *
new_list (ArborJsonpathColumns *self, gsize n)
{
  return arbor_scope_alloc (self->arrays, MAX (n, 1) * sizeof (guint32));
}

/* The plan for a batch. */
static gboolean
set_batch (ArborJsonpathColumns *self, const ArborBatch *batch)
{
  if (batch == self->batch)
    return self->is_planned;
  arbor_jsonpath_plan_clear (&self->plan);
  arbor_scope_reset (self->kept);
  self->batch = batch;
  self->is_planned = arbor_jsonpath_plan_make (&self->plan, self->query, batch);
  if (!self->is_planned)
    return FALSE;
  self->levels = g_renew (ArborJsonpathNodes, self->levels, (gsize) self->plan.max_depth + 1);
  for (guint32 i = 0; i < self->plan.ways->len; i++)
    if (arbor_jsonpath_get_way (self, i)->is_result)
      {
        const ArborJsonpathWay *way = arbor_jsonpath_get_way (self, i);
        ArborJsonpathSite site = { batch, way->column, way->n_numbers };

        arbor_jsonpath_get_way (self, i)->site = self->sites->len;
        g_array_append_val (self->sites, site);
      }
  return TRUE;
}

/* Levels */

/* For each of the @n nodes at @depth that @nodes (NULL: all) lists, the one at level @above that it
 * comes from; NULL: the same. */
const guint32 *
arbor_jsonpath_columns_trace (ArborJsonpathColumns *self, guint32 depth, guint32 above,
                              const guint32 *nodes, guint32 n)
{
  const guint32 *at = nodes;

  for (; depth > above; depth--)
    {
      const guint32 *parents = self->levels[depth].parents;
      guint32 *traced;

      if (parents == NULL || at == NULL)
        {
          at = parents != NULL ? parents : at;
          continue;
        }
      traced = new_list (self, n);
      for (guint32 i = 0; i < n; i++)
        traced[i] = parents[at[i]];
      at = traced;
    }
  return at;
}

/* The trees of nodes at @depth cannot be decided. */
static void
open_trees (ArborJsonpathColumns *self, guint32 depth, const guint32 *nodes, guint32 n)
{
  const guint32 *trees = arbor_jsonpath_columns_trace (self, depth, 0, nodes, n);

  for (guint32 i = 0; i < n; i++)
    self->is_open[arbor_jsonpath_listed (self->places, self->first + arbor_jsonpath_listed (trees, i))] = TRUE;
}

/* Those whose value lies in overflow text, where something is looked for inside. */
static void
open_overflow (ArborJsonpathColumns *self, const ArborJsonpathWay *way)
{
  const ArborJsonpathNodes *nodes = &self->levels[way->depth];
  guint32 *which, *found;
  guint32 n;

  if (!way->goes_on || !arbor_batch_has_overflow (self->batch, way->column))
    return;
  which = new_list (self, nodes->n);
  found = new_list (self, nodes->n);
  n = arbor_batch_find_in_lane (self->batch, way->column, ARBOR_LANE_OVERFLOW, nodes->rows, nodes->n,
                                which, found);
  open_trees (self, way->depth, which, n);
}

static void
go_to_member (ArborJsonpathColumns *self, const ArborJsonpathWay *way,
              const ArborJsonpathNodes *from, ArborJsonpathNodes *to)
{
  guint32 of = arbor_jsonpath_get_way (self, way->parent)->column;
  guint32 *parents = new_list (self, from->n);
  guint32 *objects = new_list (self, from->n);
  guint32 *which = new_list (self, from->n);
  guint32 *rows = new_list (self, from->n);
  guint32 n = arbor_batch_find_in_lane (self->batch, of, ARBOR_KIND_OBJECT, from->rows, from->n,
                                        parents, objects);

  to->n = arbor_batch_find_present (self->batch, way->column, objects, n, which, rows);
  to->rows = rows;
  to->parents = NULL;
  to->numbers = NULL;
  if (n == from->n && to->n == n)
    return;
  if (to->n < n)
    for (guint32 i = 0; i < to->n; i++)
      parents[i] = parents[which[i]]; /* which[i] >= i */
  to->parents = parents;
}

/* From which element to which one of an array, and how far it is from one to the next. */
typedef struct
{
  gint64 first;
  gint64 n;
  gint64 step;
} Stretch;

static gint64
clamp (gint64 index, gint64 length, gint64 low, gint64 high)
{
  return CLAMP (index >= 0 ? index : length + index, low, high);
}

static Stretch
select_elements (const ArborJsonpathSelector *selector, gint64 length)
{
  gint64 step = selector->step;
  gboolean is_up = step >= 0;
  gint64 low = is_up ? 0 : -1;
  gint64 high = is_up ? length : length - 1;
  gint64 first, end;

  if (selector->kind == ARBOR_SELECTOR_INDEX)
    {
      first = selector->start < 0 ? selector->start + length : selector->start;
      return (Stretch){ first, first >= 0 && first < length, 1 };
    }
  first = selector->has_start ? clamp (selector->start, length, low, high) : is_up ? low : high;
  end = selector->has_end ? clamp (selector->end, length, low, high) : is_up ? high : low;
  if (step == 0 || (is_up ? first >= end : first <= end))
    return (Stretch){ 0, 0, 1 };
  return (Stretch){ first, is_up ? (end - first - 1) / step + 1 : (first - end - 1) / -step + 1,
                    step };
}

/* FALSE: there are too many. */
static gboolean
go_to_elements (ArborJsonpathColumns *self, const ArborJsonpathWay *way, const ArborJsonpathNodes *from,
                ArborJsonpathNodes *to)
{
  guint32 of = arbor_jsonpath_get_way (self, way->parent)->column;
  gboolean takes_some = way->selector != NULL && (way->selector->kind == ARBOR_SELECTOR_INDEX ||
                                                  way->selector->kind == ARBOR_SELECTOR_SLICE);
  guint32 *arrays = new_list (self, from->n);
  guint32 *starts = new_list (self, from->n);
  guint32 *ends = new_list (self, from->n);
  guint32 *rows, *parents, *numbers;
  guint32 n, at = 0;
  guint64 n_elements = 0;

  n = arbor_batch_find_in_lane (self->batch, of, ARBOR_KIND_ARRAY, from->rows, from->n, arrays,
                                starts);
  arbor_batch_find_runs (self->batch, of, starts, n, starts, ends);
  for (guint32 i = 0; i < n; i++)
    n_elements += takes_some ? (guint64) select_elements (way->selector, ends[i] - starts[i]).n
                             : ends[i] - starts[i];
  if (n_elements > MAX_NODES)
    return FALSE;
  rows = new_list (self, n_elements);
  parents = new_list (self, n_elements);
  numbers = new_list (self, n_elements);
  for (guint32 i = 0; i < n; i++)
    {
      Stretch stretch = { 0, ends[i] - starts[i], 1 };

      if (takes_some)
        stretch = select_elements (way->selector, ends[i] - starts[i]);
      for (gint64 j = 0; j < stretch.n; j++, at++)
        {
          numbers[at] = (guint32) (stretch.first + j * stretch.step);
          rows[at] = starts[i] + numbers[at];
          parents[at] = arrays[i];
        }
    }
  *to = (ArborJsonpathNodes){
    .mark = to->mark, .n = at, .rows = rows, .parents = parents, .numbers = numbers
  };
  return TRUE;
}

/* Keeps the nodes for which the filter is true. */
static void
apply_filter (ArborJsonpathColumns *self, const ArborJsonpathWay *way, ArborJsonpathNodes *nodes)
{
  const guint32 *trees = arbor_jsonpath_columns_trace (self, way->depth, 0, NULL, nodes->n);
  guint32 *tree_rows = new_list (self, nodes->n);
  guint32 *rows = new_list (self, nodes->n);
  guint32 *parents = new_list (self, nodes->n);
  guint32 *numbers = nodes->numbers != NULL ? new_list (self, nodes->n) : NULL;
  guint8 *truths = arbor_scope_alloc (self->arrays, MAX (nodes->n, 1));
  guint32 n = 0;

  for (guint32 i = 0; i < nodes->n; i++)
    tree_rows[i] = self->levels[0].rows[arbor_jsonpath_listed (trees, i)];
  arbor_jsonpath_condition_run (way->condition, self->batch, way->column, nodes->rows, tree_rows,
                                nodes->n, self->kept, self->arrays, self->texts, truths);
  for (guint32 i = 0; i < nodes->n; i++)
    {
      if (truths[i] == ARBOR_TRUTH_OPEN)
        open_trees (self, way->depth, &i, 1);
      rows[n] = nodes->rows[i];
      parents[n] = arbor_jsonpath_listed (nodes->parents, i);
      if (numbers != NULL)
        numbers[n] = nodes->numbers[i];
      n += truths[i] == ARBOR_TRUTH_TRUE;
    }
  nodes->n = n;
  nodes->rows = rows;
  nodes->parents = parents;
  nodes->numbers = numbers;
}

/* Strips */

/* FALSE: some way leads to too many nodes. */
static gboolean
go_all_ways (ArborJsonpathColumns *self)
{
  guint32 depth = 0;

  for (guint32 i = 0; i < self->plan.ways->len; i++)
    {
      const ArborJsonpathWay *way = arbor_jsonpath_get_way (self, i);
      ArborJsonpathNodes *nodes = &self->levels[way->depth];

      if (i > 0)
        {
          if (way->depth <= depth)
            arbor_scope_release (self->arrays, nodes->mark);
          nodes->mark = arbor_scope_mark (self->arrays);
          if (way->kind == ARBOR_WAY_MEMBER)
            go_to_member (self, way, nodes - 1, nodes);
          else if (!go_to_elements (self, way, nodes - 1, nodes))
            return FALSE;
          if (way->condition != NULL)
            apply_filter (self, way, nodes);
        }
      depth = way->depth;
      open_overflow (self, way);
      if (way->is_result)
        arbor_jsonpath_columns_add_matches (self, i);
      if (nodes->n == 0)
        i = way->end - 1;
    }
  return TRUE;
}

/* The @n trees at @rows, whose places begin at @first; those of too many nodes are taken in parts. */
static void
run_strip (ArborJsonpathColumns *self, const guint32 *rows, guint32 first, guint32 n)
{
  guint32 part = n;

  for (guint32 at = 0; at < n;)
    {
      guint32 n_candidates = self->candidates->len;
      guint32 n_keys = self->keys->len, n_numbers = self->numbers->len;

      part = MIN (part, n - at);
      arbor_scope_reset (self->arrays);
      arbor_scope_reset (self->texts);
      self->levels[0] = (ArborJsonpathNodes){ .n = part, .rows = rows + at };
      self->first = first + at;
      if (go_all_ways (self))
        {
          at += part;
          continue;
        }
      g_array_set_size (self->candidates, n_candidates);
      g_array_set_size (self->keys, n_keys);
      g_array_set_size (self->numbers, n_numbers);
      if (part == 1)
        {
          arbor_scope_reset (self->arrays);
          open_trees (self, 0, NULL, 1);
          at++;
        }
      part = MAX (part / 2, 1);
    }
}

/* Some trees of a batch, whose places among all are @places. */
static void
run_rows (ArborJsonpathColumns *self, const ArborBatch *batch, const guint32 *rows,
          const guint32 *places, guint32 n)
{
  guint32 first = self->candidates->len;

  self->places = places;
  if (n < FEW || !set_batch (self, batch))
    {
      for (guint32 i = 0; i < n; i++)
        self->is_open[arbor_jsonpath_listed (places, i)] = TRUE;
      return;
    }
  for (guint32 at = 0; at < n; at += STRIP)
    run_strip (self, rows + at, at, MIN (STRIP, n - at));
  if (self->plan.n_results > 1)
    {
      arbor_jsonpath_columns_sort_by_place (self, first, n);
      arbor_jsonpath_columns_sort_by_keys (self, first);
    }
  for (guint32 i = first; places != NULL && i < self->candidates->len; i++)
    {
      ArborJsonpathCandidate *candidate =
          &g_array_index (self->candidates, ArborJsonpathCandidate, i);

      candidate->match.place = places[candidate->match.place];
    }
}

static void
list_matches (ArborJsonpathColumns *self, ArborJsonpathFound *found)
{
  const ArborJsonpathCandidate *candidates =
      (const ArborJsonpathCandidate *) (gpointer) self->candidates->data;
  ArborJsonpathMatch *matches;
  guint32 n = 0;

  g_array_set_size (self->matches, self->candidates->len);
  matches = (ArborJsonpathMatch *) (gpointer) self->matches->data;
  for (guint32 i = 0; i < self->candidates->len; i++)
    {
      matches[n] = candidates[i].match;
      n += !self->is_open[candidates[i].match.place];
    }
  found->matches = matches;
  found->n_matches = n;
  found->n_numbers = self->numbers->len;
  found->is_open = NULL;
  for (guint32 i = 0; i < found->n && found->is_open == NULL; i++)
    if (self->is_open[i])
      found->is_open = self->is_open;
}

void
arbor_jsonpath_columns_run (ArborJsonpathColumns *self, const ArborRows *rows, guint32 from,
                            ArborJsonpathFound *found)
{
  guint32 n = rows->batch != NULL ? MIN (STRIP, rows->n - from) : rows->n - from;
  g_autofree guint32 *list = NULL;

  found->n = n;
  self->is_open = self->n_open_room < n ? g_renew (guint8, self->is_open, n) : self->is_open;
  self->n_open_room = MAX (self->n_open_room, n);
  memset (self->is_open, 0, n);
  g_array_set_size (self->candidates, 0);
  g_array_set_size (self->keys, 0);
  if (rows->batch != NULL)
    {
      list = g_new (guint32, n);
      for (guint32 i = 0; i < n; i++)
        list[i] = arbor_rows_get (rows, from + i);
      run_rows (self, rows->batch, list, NULL, n);
    }
  else
    {
      for (guint32 i = 0; i < rows->n_stretches; i++)
        run_rows (self, rows->stretches[i].batch, rows->stretches[i].rows,
                  rows->stretches[i].places, rows->stretches[i].n);
      arbor_jsonpath_columns_sort_by_place (self, 0, n);
    }
  list_matches (self, found);
}
