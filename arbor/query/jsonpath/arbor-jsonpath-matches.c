/* Matches of a JSONPath query that were found by columns, and their order: a key for each, the numbers by
 * which it was come to, compares as the standard orders nodes. See arbor-jsonpath-columns.c.
 */

#include "query/jsonpath/arbor-jsonpath-columns-private.h"

#include <string.h>

#include "batch/arbor-batch-format.h"

/* Matches */

static guint32
count_key (const ArborJsonpathColumns *self, guint32 way)
{
  guint32 n = 0;

  for (const ArborJsonpathWay *at = arbor_jsonpath_get_way (self, way); at->kind != ARBOR_WAY_ROOT;
       at = arbor_jsonpath_get_way (self, at->parent))
    n += at->is_visited ? 2 + !at->is_descent : 2;
  return n;
}

/* The place of node @i of a way among those that are as far from the root. */
static guint32
get_position (const ArborJsonpathColumns *self, const ArborJsonpathWay *way, guint32 node)
{
  const ArborJsonpathNodes *nodes = &self->levels[way->depth];
  const ArborColumnRecord *record;
  const ArborLaneRecord *lane;

  if (way->kind == ARBOR_WAY_ELEMENTS)
    return way->selector != NULL && way->selector->step < 0 ? ~nodes->numbers[node]
                                                            : nodes->numbers[node];
  if (way->positions == NULL)
    return 0;
  record = &self->batch->columns[arbor_jsonpath_get_way (self, way->parent)->column];
  lane = arbor_batch_find_lane (self->batch, record, ARBOR_KIND_OBJECT);
  /* The row of a member is the number of the object. */
  return way->positions[arbor_load_unsigned (self->batch->data + lane->offset_a, lane->width,
                                             nodes->rows[node])];
}

/* The key of node @i of @way, from its end. */
static void
write_key (ArborJsonpathColumns *self, guint32 way, guint32 node, guint32 *end)
{
  while (arbor_jsonpath_get_way (self, way)->kind != ARBOR_WAY_ROOT)
    {
      const ArborJsonpathWay *at = arbor_jsonpath_get_way (self, way);

      *--end = get_position (self, at, node);
      if (!at->is_descent)
        *--end = at->ordinal;
      if (at->is_visited || at->is_descent)
        *--end = at->is_descent;
      node = arbor_jsonpath_listed (self->levels[at->depth].parents, node);
      way = at->parent;
    }
}

static void
write_keys (ArborJsonpathColumns *self, guint32 way, guint32 first)
{
  guint32 n = self->candidates->len - first;
  guint32 n_key = count_key (self, way);
  guint32 at = self->keys->len;

  g_array_set_size (self->keys, at + n * n_key);
  for (guint32 i = 0; i < n; i++, at += n_key)
    {
      g_array_index (self->candidates, ArborJsonpathCandidate, first + i).key = at;
      write_key (self, way, i, &g_array_index (self->keys, guint32, at) + n_key);
    }
}

/* The numbers of the elements on the way to each node, where there are several. */
static void
write_numbers (ArborJsonpathColumns *self, const ArborJsonpathWay *way, guint32 first)
{
  guint32 n = self->candidates->len - first;
  guint32 start = self->numbers->len;
  guint32 k = way->n_numbers;

  g_array_set_size (self->numbers, start + n * way->n_numbers);
  for (guint32 depth = way->depth; depth > 0; depth--)
    {
      const guint32 *numbers = self->levels[depth].numbers;
      const guint32 *nodes = arbor_jsonpath_columns_trace (self, way->depth, depth, NULL, n);

      if (numbers == NULL)
        continue;
      k--;
      for (guint32 i = 0; i < n; i++)
        g_array_index (self->numbers, guint32, start + i * way->n_numbers + k) =
            numbers[arbor_jsonpath_listed (nodes, i)];
    }
  for (guint32 i = 0; i < n; i++)
    g_array_index (self->candidates, ArborJsonpathCandidate, first + i).match.number =
        start + i * way->n_numbers;
}

void
arbor_jsonpath_columns_add_matches (ArborJsonpathColumns *self, guint32 index)
{
  const ArborJsonpathWay *way = arbor_jsonpath_get_way (self, index);
  const ArborJsonpathNodes *nodes = &self->levels[way->depth];
  const guint32 *trees = arbor_jsonpath_columns_trace (self, way->depth, 0, NULL, nodes->n);
  const guint32 *numbered = NULL, *numbers = NULL;
  guint32 first = self->candidates->len;

  for (guint32 depth = way->depth; way->n_numbers == 1 && depth > 0 && numbers == NULL; depth--)
    {
      numbers = self->levels[depth].numbers;
      if (numbers != NULL)
        numbered = arbor_jsonpath_columns_trace (self, way->depth, depth, NULL, nodes->n);
    }
  g_array_set_size (self->candidates, first + nodes->n);
  for (guint32 i = 0; i < nodes->n; i++)
    g_array_index (self->candidates, ArborJsonpathCandidate, first + i) = (ArborJsonpathCandidate){
      .match = { .place = self->first + arbor_jsonpath_listed (trees, i),
                 .site = way->site,
                 .row = nodes->rows[i],
                 .number = numbers != NULL ? numbers[arbor_jsonpath_listed (numbered, i)] : 0 },
      .way = index,
    };
  if (way->n_numbers > 1)
    write_numbers (self, way, first);
  if (self->plan.n_results > 1)
    write_keys (self, index, first);
}

/* Order */

static int
compare_keys (gconstpointer x, gconstpointer y, gpointer data)
{
  const ArborJsonpathColumns *self = data;
  const ArborJsonpathCandidate *a = x, *b = y;
  const guint32 *p = &g_array_index (self->keys, guint32, a->key);
  const guint32 *q = &g_array_index (self->keys, guint32, b->key);
  guint32 n;

  if (a->way == b->way)
    return a->key < b->key ? -1 : a->key > b->key;
  n = MIN (count_key (self, a->way), count_key (self, b->way));
  for (guint32 i = 0; i < n; i++)
    if (p[i] != q[i])
      return p[i] < q[i] ? -1 : 1;
  return 0;
}

/* The candidates from @first on, whose places are below @n, tree by tree. */
void
arbor_jsonpath_columns_sort_by_place (ArborJsonpathColumns *self, guint32 first, guint32 n)
{
  g_autofree guint32 *ends = g_new0 (guint32, (gsize) n + 1);
  ArborJsonpathCandidate *candidates =
      (ArborJsonpathCandidate *) (gpointer) self->candidates->data + first;
  guint32 n_candidates = self->candidates->len - first;
  g_autofree ArborJsonpathCandidate *sorted = g_new (ArborJsonpathCandidate, n_candidates);

  for (guint32 i = 0; i < n_candidates; i++)
    ends[candidates[i].match.place + 1]++;
  for (guint32 i = 0; i < n; i++)
    ends[i + 1] += ends[i];
  for (guint32 i = 0; i < n_candidates; i++)
    sorted[ends[candidates[i].match.place]++] = candidates[i];
  if (n_candidates > 0)
    memcpy (candidates, sorted, n_candidates * sizeof *sorted);
}

/* Each tree's by their keys, where they are of several ways of the plan at hand. */
void
arbor_jsonpath_columns_sort_by_keys (ArborJsonpathColumns *self, guint32 first)
{
  ArborJsonpathCandidate *all = (ArborJsonpathCandidate *) (gpointer) self->candidates->data;
  guint32 n = self->candidates->len;
  guint32 end;

  for (guint32 start = first; start < n; start = end)
    {
      gboolean is_mixed = FALSE;

      for (end = start + 1; end < n && all[end].match.place == all[start].match.place; end++)
        is_mixed |= all[end].way != all[start].way;
      if (is_mixed)
        g_qsort_with_data (all + start, (gint) (end - start), sizeof *all, compare_keys, self);
    }
}
