/* How often each value comes. See arbor-summary.h. */

#include "query/make/arbor-summary-private.h"

#include "base/arbor-stop.h"
#include "batch/arbor-group-table.h"
#include "query/group/arbor-group-strewn.h"
#include "query/series/arbor-key-ids.h"

#define DIGIT      11u
#define DIGIT_MASK ((1u << DIGIT) - 1)

typedef struct
{
  guint64 count;
  guint32 group;
} Counted;

typedef struct
{
  ArborSummary parent;
  ArborKeyIds *ids; /* or NULL; tags are groups */
  ArborGroupTable table;
  Counted *counted; /* in order of encounter, and sorted when all are known */
  gsize capacity;
} ValueCounts;

/* Room for the values that the table has, of which new ones were not counted yet. */
static gboolean
ensure_counted (ValueCounts *self, guint32 n_before, GError **error)
{
  if (!arbor_charge_grow (&self->table.charge, &self->counted, &self->capacity,
                          self->table.n_groups, sizeof (Counted), error))
    return FALSE;
  for (guint32 i = n_before; i < self->table.n_groups; i++)
    self->counted[i] = (Counted){ .group = i };
  return TRUE;
}

static gboolean
find_value (ValueCounts *self, ArborValue *value, ArborScope *scope, guint32 *group, GError **error)
{
  guint32 n_before = self->table.n_groups;

  return arbor_group_table_add (&self->table, value, scope, group, error) &&
         ensure_counted (self, n_before, error);
}

static gboolean
count_value (ArborSummary *summary, ArborValue *value, ArborScope *scope, GError **error)
{
  ValueCounts *self = (ValueCounts *)summary;
  guint32 group;

  if (!find_value (self, value, scope, &group, error))
    return FALSE;
  self->counted[group].count++;
  return TRUE;
}

/* Of values that are mostly different, each is looked up. */
static gboolean
count_keys (ValueCounts *self, const ArborGroupKey *keys, guint32 n, ArborScope *scope, GError **error)
{
  guint32 *groups = arbor_scope_alloc (scope, n * sizeof *groups);
  guint32 n_before = self->table.n_groups;

  if (!arbor_group_table_add_keys (&self->table, keys, n, groups, error) ||
      !ensure_counted (self, n_before, error))
    return FALSE;
  for (guint32 i = 0; i < n; i++)
    self->counted[groups[i]].count++;
  return TRUE;
}

/* The values of ids that were not met before. */
static gboolean
find_new_values (ValueCounts *self, const ArborRows *rows, const ArborIds *ids, ArborScope *scope,
                 GError **error)
{
  guint32 n_new, n_before = self->table.n_groups;
  const guint32 *new_rows;
  const ArborGroupKey *keys =
      arbor_key_ids_get_new_keys (self->ids, rows, ids, scope, &new_rows, &n_new);
  guint32 *groups = arbor_scope_alloc (scope, n_new * sizeof *groups);

  if (keys != NULL && (!arbor_group_table_add_keys (&self->table, keys, n_new, groups, error) ||
                       !ensure_counted (self, n_before, error)))
    return FALSE;
  for (guint32 i = 0; i < n_new; i++)
    {
      ArborValue value;

      if (keys == NULL)
        {
          arbor_series_reader_get_row (self->parent.reader, rows, new_rows[i], scope, &value);
          if (!arbor_scope_check (scope, error) ||
              !find_value (self, &value, scope, &groups[i], error))
            return FALSE;
        }
      ids->tags[ids->ids[new_rows[i]]] = groups[i];
    }
  return TRUE;
}

/* A value that was met is known by its id. */
static gboolean
count_rows (ArborSummary *summary, const ArborRows *rows, ArborScope *scope, gboolean *is_taken,
            GError **error)
{
  ValueCounts *self = (ValueCounts *)summary;
  const guint32 *counts;
  ArborIds ids;

  if (self->ids == NULL)
    return TRUE;
  if (!arbor_key_ids_find (self->ids, rows, scope, &ids))
    {
      const ArborGroupKey *keys = arbor_key_ids_get_keys (self->ids, rows, scope);

      *is_taken = keys != NULL;
      return keys == NULL || count_keys (self, keys, rows->n, scope, error);
    }
  *is_taken = TRUE;
  if (!find_new_values (self, rows, &ids, scope, error))
    return FALSE;
  counts = arbor_ids_count (&ids, rows->n, scope);
  for (guint32 i = 0; i < ids.n_ids; i++)
    if (counts[i] > 0)
      self->counted[ids.tags[i]].count += counts[i];
  return TRUE;
}

/* One pass of a radix sort by how far counts are below @max. FALSE: all have the same digit. */
static gboolean
order_by_digit (const Counted *from, guint32 n, guint64 max, guint shift, Counted *to)
{
  guint32 starts[1u << DIGIT] = { 0 };
  guint32 sum = 0;

  for (guint32 i = 0; i < n; i++)
    starts[((max - from[i].count) >> shift) & DIGIT_MASK]++;
  for (guint i = 0; i <= DIGIT_MASK; i++)
    {
      guint32 count = starts[i];

      if (count == n)
        return FALSE;
      starts[i] = sum;
      sum += count;
    }
  for (guint32 i = 0; i < n; i++)
    to[starts[((max - from[i].count) >> shift) & DIGIT_MASK]++] = from[i];
  return TRUE;
}

/* Most frequent first; equal ones stay in order. */
static gboolean
order_by_count (ValueCounts *self, guint32 n, GError **error)
{
  Counted *spare = arbor_charge_alloc (&self->table.charge, n, sizeof *spare, error);
  Counted *from = self->counted, *to = spare;
  gboolean is_good = spare != NULL;
  guint64 max = 0;

  for (guint32 i = 0; is_good && i < n; i++)
    max = MAX (max, from[i].count);
  for (guint shift = 0; is_good && shift < 64 && max >> shift != 0; shift += DIGIT)
    {
      is_good = arbor_stop_check (NULL, error);
      if (is_good && order_by_digit (from, n, max, shift, to))
        {
          Counted *swap = from;

          from = to;
          to = swap;
        }
    }
  if (is_good && from == spare)
    memcpy (self->counted, spare, n * sizeof *spare);
  g_free (spare);
  if (spare != NULL)
    arbor_charge_subtract (&self->table.charge, n * sizeof *spare);
  return is_good;
}

/* Of trees in an order of their own. FALSE: they are to be read in order. */
static gboolean
count_strewn (ValueCounts *self, ArborAccess *access, GCancellable *cancellable)
{
  ArborSummary *summary = &self->parent;
  g_autofree guint64 *counts = NULL;

  if (summary->node->is_vector ||
      !arbor_group_count_strewn (summary->source, summary->selection, summary->node, access,
                                 &self->table, &counts, cancellable))
    return FALSE;
  if (!ensure_counted (self, 0, NULL))
    {
      arbor_group_table_clear (&self->table);
      arbor_group_table_init (&self->table, 1, "value_counts");
      return FALSE;
    }
  for (guint32 i = 0; i < self->table.n_groups; i++)
    self->counted[i].count = counts[i];
  return TRUE;
}

static gboolean
compute (ArborSummary *summary, ArborAccess *access, guint32 *n_rows, GCancellable *cancellable,
         GError **error)
{
  ValueCounts *self = (ValueCounts *)summary;

  arbor_group_table_init (&self->table, 1, "value_counts");
  self->ids = arbor_key_ids_new (summary->trace.nodes, 1);
  if (!count_strewn (self, access, cancellable) &&
      !arbor_summary_for_each_value (summary, access, count_rows, count_value, cancellable, error))
    return FALSE;
  *n_rows = self->table.n_groups;
  return *n_rows == 0 || order_by_count (self, *n_rows, error);
}

static void
get_row (ArborSummary *summary, guint32 row, ArborValue *values)
{
  ValueCounts *self = (ValueCounts *)summary;
  const Counted *counted = &self->counted[row];

  arbor_group_table_get_value (&self->table, counted->group, 0, &values[0]);
  values[1] = ARBOR_VALUE_INT64 ((gint64)counted->count);
}

static void
clear (ArborSummary *summary)
{
  ValueCounts *self = (ValueCounts *)summary;

  arbor_group_table_clear (&self->table);
  g_clear_pointer (&self->ids, arbor_key_ids_free);
  g_clear_pointer (&self->counted, g_free);
  self->capacity = 0;
}

static void
describe (ArborSummary *summary, GString *text)
{
  g_autofree char *node = arbor_node_to_string (summary->node);

  g_string_append_printf (text, "value counts of %s", node);
}

ArborSource *
arbor_summary_value_counts (ArborSource *source, ArborSelection *selection, ArborNode *node,
                            GError **error)
{
  static const char *const names[] = { "value", "count" };
  static const ArborSummaryClass class = { .name = "value_counts",
                                           .compute = compute,
                                           .clear = clear,
                                           .describe = describe,
                                           .size = sizeof (ValueCounts),
                                           .names = names,
                                           .n_names = G_N_ELEMENTS (names),
                                           .get = get_row };

  if (!arbor_node_check_row (node, error))
    return NULL;
  return arbor_summary_to_source (arbor_summary_new (&class, source, selection, node), error);
}
