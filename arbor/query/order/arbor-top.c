/* See arbor-top.h.
 *
 * A table takes trees until it has twice as many as are wanted, is ordered, and keeps the better
 * half; from then on a tree that is not before the last one kept, the bound, is dropped at the
 * first key that says so. Each tree is moved a bounded number of times, and memory does not grow
 * with the arbor.
 *
 * Most trees are dropped by a loop over its lanes, and
 * most batches by the lanes' least and greatest values. What these leave is looked at as any other
 * tree.
 */

#include "query/order/arbor-top.h"

#include <math.h>

#include "base/arbor-simd.h"
#include "batch/arbor-value-access.h"
#include "query/series/arbor-path-rows.h"
#include "query/order/arbor-sort-table.h"
#include "query/view/arbor-narrow.h"

#define LEAST_ROOM 1024u

typedef struct
{
  ArborSortTable *table;
  ArborAccess *access;
  gsize n;             /* trees wanted, at least 1 */
  gboolean is_pruned;  /* row n - 1 is the last that is kept: what is not before it is not wanted */
  guint64 n_prunes;
  ArborSeriesReader *reader; /* of the first key */
  GCancellable *cancellable;
} Top;

/* The bound of the first key, and what the rows of a batch have there. */
typedef struct
{
  const Top *top;
  ArborScope *scope;
  ArborPathRows values;
  ArborValue bound;
  gboolean descends;
  gboolean with_equal; /* another key may tell them apart */
  guint8 *keep;        /* of each row: not 0 where the tree may be wanted */
} Bound;

/* Keeps the n first rows, in order. */
static gboolean
prune (Top *self, GError **error)
{
  g_auto (ArborCharge) charge = { .operation = "top_k" };
  g_autofree guint32 *rows =
      arbor_charge_alloc (&charge, self->table->n_rows, sizeof (guint32), error);

  if (rows == NULL ||
      !arbor_sort_table_order (self->table, self->access, self->cancellable, rows, error))
    return FALSE;
  self->is_pruned = self->table->n_rows >= self->n;
  self->n_prunes++;
  return arbor_sort_table_compact (self->table, rows, MIN (self->n, self->table->n_rows), error);
}

static gboolean
add_tree (Top *self, guint32 index, GError **error)
{
  ArborSortTable *table = self->table;
  int order = self->is_pruned ? 0 : -1;

  if (!arbor_sort_table_seek (table, self->access, index, error))
    return FALSE;
  for (guint32 i = 0; i < table->keys->n; i++)
    {
      if (!arbor_sort_table_evaluate (table, i, error))
        return FALSE;
      if (order == 0)
        order = arbor_sort_table_compare_at_hand (table, i, self->n - 1);
      if (order > 0)
        return TRUE;
    }
  if (order == 0)
    return TRUE; /* equal to the last that is kept, and behind it */
  if (!arbor_sort_table_append (table, error))
    return FALSE;
  return table->n_rows < 2 * self->n + LEAST_ROOM || prune (self, error);
}

/* Which values may be before the bound */

#define FIND_WITHIN(type)                                                                          \
  ARBOR_TARGET_CLONES static void find_within_##type (const type *numbers, guint32 n, type low,    \
                                                      type high, guint8 *keep)                     \
  {                                                                                                \
    for (guint32 i = 0; i < n; i++)                                                                \
      keep[i] = numbers[i] >= low && numbers[i] <= high;                                           \
  }

FIND_WITHIN (guint8)
FIND_WITHIN (guint16)
FIND_WITHIN (guint32)
FIND_WITHIN (guint64)

static void
find_within (const ArborNumbers *numbers, guint32 n, guint64 low, guint64 high, guint8 *keep)
{
  guint64 most = G_MAXUINT64 >> (64 - 8 * numbers->width);

  high = MIN (high, most);
  if (low > high)
    {
      memset (keep, 0, n);
      return;
    }
  switch (numbers->width)
    {
    case 1:
      find_within_guint8 (numbers->data, n, (guint8)low, (guint8)high, keep);
      break;
    case 2:
      find_within_guint16 (numbers->data, n, (guint16)low, (guint16)high, keep);
      break;
    case 4:
      find_within_guint32 (numbers->data, n, (guint32)low, (guint32)high, keep);
      break;
    default:
      find_within_guint64 (numbers->data, n, low, high, keep);
      break;
    }
}

/* Numbers before @at, or at it. */
static void
find_before (const Bound *self, const ArborNumbers *numbers, guint32 n, guint64 at, guint8 *keep)
{
  if (self->with_equal)
    find_within (numbers, n, self->descends ? at : 0, self->descends ? G_MAXUINT64 : at, keep);
  else if (self->descends ? at == G_MAXUINT64 : at == 0)
    memset (keep, 0, n);
  else
    find_within (numbers, n, self->descends ? at + 1 : 0, self->descends ? G_MAXUINT64 : at - 1,
                 keep);
}

ARBOR_TARGET_CLONES
static void
find_reals (const double *reals, guint32 n, double least, double greatest, guint8 *keep)
{
  for (guint32 i = 0; i < n; i++)
    keep[i] = reals[i] >= least && reals[i] <= greatest;
}

static gboolean
is_before (const Bound *self, int order)
{
  return (self->descends ? order > 0 : order < 0) || (self->with_equal && order == 0);
}

static void
find_strings (const Bound *self, const ArborPart *part, guint8 *keep)
{
  const ArborString *strings = arbor_part_get_strings (part, self->scope);

  for (guint32 i = 0; i < part->n; i++)
    {
      gsize n = MIN (strings[i].length, self->bound.length);
      int order = n > 0 ? memcmp (strings[i].bytes, self->bound.text, n) : 0;

      if (order == 0)
        order = (strings[i].length > self->bound.length) - (strings[i].length < self->bound.length);
      keep[i] = is_before (self, order);
    }
}

/* Whether the best value of the whole lane is of no use. */
static gboolean
is_beyond (const Bound *self, const ArborLane *lane)
{
  guint64 end = self->descends ? lane->record->max : lane->record->min;
  ArborValue value = { .kind = lane->kind };

  switch (lane->kind)
    {
    case ARBOR_KIND_STRING:
      value.text = arbor_lane_get_string (lane, (guint32)MIN (end, G_MAXUINT32), &value.length);
      break;
    case ARBOR_KIND_DOUBLE:
      value.uint64 = end;
      if (!isfinite (value.real))
        return FALSE;
      break;
    case ARBOR_KIND_INT64:
    case ARBOR_KIND_UINT64:
      value.uint64 = end;
      break;
    default:
      return FALSE;
    }
  return !is_before (self, arbor_value_compare (&value, &self->bound, self->scope));
}

/* Sets @keep for the values of @part, of which each may be wanted unless its lane tells. */
static void
find_in_part (const Bound *self, const ArborPart *part, guint8 *keep)
{
  const ArborLane *lane = part->lane;
  ArborNumbers numbers;

  if (!part->is_computed && is_beyond (self, lane))
    {
      memset (keep, 0, part->n);
      return;
    }
  memset (keep, 1, part->n);
  if (lane->kind != self->bound.kind)
    return;
  if (lane->kind == ARBOR_KIND_STRING)
    {
      find_strings (self, part, keep);
    }
  else if (lane->kind == ARBOR_KIND_INT64 && arbor_part_get_numbers (part, self->scope, &numbers))
    {
      gint64 min = (gint64)lane->record->min;

      if (self->bound.int64 >= min)
        find_before (self, &numbers, part->n, self->bound.uint64 - lane->record->min, keep);
      else if (!self->descends)
        memset (keep, 0, part->n);
    }
  else if (lane->kind == ARBOR_KIND_DOUBLE &&
           arbor_part_get_numbers (part, self->scope, &numbers) &&
           arbor_bits_are_finite (numbers.data, part->n))
    {
      /* With what is equal, which is looked at again. */
      find_reals (numbers.data, part->n, self->descends ? self->bound.real : -HUGE_VAL,
                  self->descends ? HUGE_VAL : self->bound.real, keep);
    }
}

static void
set_ranks (const Bound *self, ArborSortRank bound)
{
  gboolean nulls_first =
      (self->top->table->keys->flags[0] & ARBOR_SORT_NULLS_FIRST) != 0;
  gboolean keep_null = bound == ARBOR_SORT_RANK_NULL    ? self->with_equal
                       : bound == ARBOR_SORT_RANK_VALUE ? nulls_first
                                                        : TRUE;
  gboolean keep_missing = bound == ARBOR_SORT_RANK_MISSING ? self->with_equal
                          : bound == ARBOR_SORT_RANK_VALUE ? nulls_first
                                                           : FALSE;

  memset (self->keep, keep_missing, self->values.n_rows);
  for (guint32 i = 0; i < self->values.n_nulls; i++)
    self->keep[self->values.nulls[i]] = (guint8)keep_null;
}

/* Sets keep of all rows by the bound of now. */
static void
find_wanted (Bound *self)
{
  const ArborSortTable *table = self->top->table;
  const ArborSortColumn *column = &table->columns[0];
  gsize row = self->top->n - 1;
  ArborSortRank rank = arbor_sort_column_get_rank (column, row);
  gboolean nulls_first = (table->keys->flags[0] & ARBOR_SORT_NULLS_FIRST) != 0;

  arbor_sort_column_get (column, row, &self->bound);
  self->descends = (table->keys->flags[0] & ARBOR_SORT_DESCENDING) != 0;
  self->with_equal = table->keys->n > 1;
  set_ranks (self, rank);
  for (guint i = 0; i < self->values.n_parts; i++)
    {
      const ArborPart *part = &self->values.parts[i];
      guint8 *keep = part->positions == NULL ? self->keep
                                             : arbor_scope_alloc (self->scope, part->n);

      if (rank == ARBOR_SORT_RANK_VALUE)
        find_in_part (self, part, keep);
      else
        memset (keep, !nulls_first, part->n);
      for (guint32 j = 0; part->positions != NULL && j < part->n; j++)
        self->keep[part->positions[j]] = keep[j];
    }
}

static guint32
find_next (const guint8 *keep, guint32 at, guint32 n)
{
  const guint8 *next = at < n ? memchr (keep + at, 1, n - at) : NULL;

  return next != NULL ? (guint32)(next - keep) : n;
}

static gboolean
add_rows (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Top *self = data;
  Bound bound = { .top = self, .scope = scope };
  guint64 n_prunes = self->n_prunes;
  guint32 next = 0; /* not sooner is another bound worth a loop over all rows */
  gboolean has_lanes = FALSE;

  for (guint32 i = 0; i < rows->n; i++)
    {
      if (self->is_pruned && i >= next &&
          (i == 0 || self->n_prunes != n_prunes))
        {
          /* There is a bound, or a better one. */
          if (bound.keep == NULL)
            {
              has_lanes = arbor_series_reader_get_parts (self->reader, rows, scope, &bound.values);
              bound.keep = arbor_scope_alloc (scope, rows->n);
            }
          if (has_lanes)
            find_wanted (&bound);
          n_prunes = self->n_prunes;
          next = i + rows->n / 4;
        }
      if (has_lanes)
        i = find_next (bound.keep, i, rows->n);
      if (i < rows->n &&
          !add_tree (self, (guint32)arbor_rows_get_tree (rows, i), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
arbor_top_run (ArborSortKeys *keys, guint64 n, ArborSelection *parent, ArborAccess *access,
               ArborIndices *list, GCancellable *cancellable, GError **error)
{
  ArborAccess narrow;
  g_autoptr (ArborSortKeys) entered = arbor_sort_keys_enter (keys, parent, access, &narrow);
  g_autoptr (ArborSortTable) table = arbor_sort_table_new (entered, "top_k");
  Top top = { .table = table,
              .access = &narrow,
              .n = (gsize)MIN (n, ARBOR_MAX_TREES),
              .reader = table->readers[0],
              .cancellable = cancellable };

  return arbor_trees_read_runs (parent, &narrow, add_rows, &top, cancellable, error) &&
         prune (&top, error) &&
         arbor_indices_append (list, table->indices, table->n_rows, error);
}
