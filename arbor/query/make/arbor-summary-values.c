/* How often each value comes. See arbor-summary.h. */

#include "query/make/arbor-summary-private.h"

#include <stdlib.h>

#include "query/series/arbor-group-table.h"
#include "query/series/arbor-key-ids.h"

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

static gboolean
find_value (ValueCounts *self, ArborValue *value, ArborScope *scope, guint32 *group, GError **error)
{
  guint32 n_groups = self->table.n_groups;

  if (!arbor_charge_grow (&self->table.charge, &self->counted, &self->capacity,
                          (gsize)n_groups + 1, sizeof (Counted), error) ||
      !arbor_group_table_add (&self->table, value, scope, group, error))
    return FALSE;
  if (*group == n_groups)
    self->counted[*group] = (Counted){ .group = *group };
  return TRUE;
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

/* A value that was met is known by its id. */
static gboolean
count_rows (ArborSummary *summary, const ArborRows *rows, ArborScope *scope, gboolean *is_taken,
            GError **error)
{
  ValueCounts *self = (ValueCounts *)summary;
  const guint32 *counts;
  ArborIds ids;

  if (self->ids == NULL || !arbor_key_ids_find (self->ids, rows, scope, &ids))
    return TRUE;
  *is_taken = TRUE;
  for (guint32 i = 0; i < rows->n; i++)
    {
      guint32 *group = &ids.tags[ids.ids[i]];
      ArborValue value;

      if (*group != ARBOR_NO_TAG)
        continue;
      arbor_evaluator_get_value (summary->evaluator, arbor_rows_get (rows, i), scope, &value);
      if (!arbor_scope_check (scope, error) ||
          !find_value (self, &value, scope, group, error))
        return FALSE;
    }
  counts = arbor_ids_count (&ids, rows->n, scope);
  for (guint32 i = 0; i < ids.n_ids; i++)
    if (counts[i] > 0)
      self->counted[ids.tags[i]].count += counts[i];
  return TRUE;
}

static int
compare_counted (gconstpointer a, gconstpointer b)
{
  const Counted *x = a, *y = b;

  if (x->count != y->count)
    return x->count > y->count ? -1 : 1;
  return x->group < y->group ? -1 : 1;
}

static gboolean
compute (ArborSummary *summary, ArborAccess *access, guint32 *n_rows, GCancellable *cancellable,
         GError **error)
{
  ValueCounts *self = (ValueCounts *)summary;

  arbor_group_table_init (&self->table, 1, "value_counts");
  self->ids = arbor_key_ids_new (&summary->node, 1);
  if (!arbor_summary_for_each_value (summary, access, count_rows, count_value, cancellable, error))
    return FALSE;
  *n_rows = self->table.n_groups;
  if (*n_rows > 0)
    qsort (self->counted, *n_rows, sizeof (Counted), compare_counted);
  return TRUE;
}

static void
write_row (ArborSummary *summary, guint32 row, ArborScope *scope, ArborTapeWriter *out)
{
  ValueCounts *self = (ValueCounts *)summary;
  const Counted *counted = &self->counted[row];
  const ArborValue count = ARBOR_VALUE_INT64 ((gint64)counted->count);

  arbor_tape_writer_begin_object (out);
  arbor_summary_write_field (out, "value", arbor_group_table_get_key (&self->table, counted->group),
                             scope);
  arbor_summary_write_field (out, "count", &count, scope);
  arbor_tape_writer_end_object (out);
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
  static const ArborSummaryClass class = { "value_counts", compute,  write_row,
                                           clear,          describe, sizeof (ValueCounts) };

  if (!arbor_node_check_row (node, error))
    return NULL;
  return arbor_summary_to_source (arbor_summary_new (&class, source, selection, node), error);
}
