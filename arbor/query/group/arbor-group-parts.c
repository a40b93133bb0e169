/* See arbor-group-parts.h. Groups are told apart by what their keys hash to: the table's slots lie by the
 * upper bits, so parts go by the lower ones.
 */

#include "query/group/arbor-group-parts.h"

#include "base/arbor-pool.h"
#include "base/arbor-stop.h"
#include "query/group/arbor-group-share.h"
#include "query/view/arbor-narrow.h"
#include "query/view/arbor-share.h"

/* Each thread reads the keys of all trees, so many of them gain little. */
#define MAX_PARTS 16u

typedef struct
{
  ArborGrouping *grouping; /* like the one that asks */
  ArborGroupPlan *plan;
  ArborGroupResults results;
  guint32 *firsts; /* of each group: at which position its first tree is */
  gsize capacity;
  guint32 position; /* of the next tree */
  guint number;
  const ArborGroupParts *parts;
} Part;

struct _ArborGroupParts
{
  ArborCharge charge;
  guint n;
  Part *parts;
  guint32 n_groups;
  guint8 *owners;  /* of each group: its part */
  guint32 *groups; /* and its number there */

  /* While they are found. */
  ArborSelection *selection;
  ArborAccess *access;
  GCancellable *cancellable;
  guint64 n_expected;  /* groups */
  gboolean has_failed; /* atomic */
};

static void
part_init (Part *self, const ArborGroupParts *parts, guint number, ArborGrouping *grouping,
           const ArborGroupPlan *plan)
{
  *self = (Part){ .parts = parts, .number = number };
  self->grouping = arbor_grouping_copy (grouping);
  self->plan = arbor_group_plan_copy (plan);
  arbor_group_results_init (&self->results, self->plan);
}

void
arbor_group_parts_free (ArborGroupParts *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    {
      arbor_group_results_clear (&self->parts[i].results);
      arbor_group_plan_free (self->parts[i].plan);
      arbor_grouping_unref (self->parts[i].grouping);
      g_free (self->parts[i].firsts);
    }
  g_free (self->parts);
  g_free (self->owners);
  g_free (self->groups);
  arbor_charge_release (&self->charge);
  g_free (self);
}

/* Reading */

/* One by one, where lanes do not tell; NULL: not all of them are keys by themselves. */
static ArborGroupKey *
get_keys_of_rows (ArborGrouping *grouping, const ArborRows *rows, ArborScope *scope)
{
  gsize n_keys = grouping->n_keys;
  ArborGroupKey *keys = arbor_scope_alloc (scope, rows->n * n_keys * sizeof *keys);

  for (gsize key = 0; key < n_keys; key++)
    {
      arbor_series_reader_begin (grouping->readers[key], rows);
      for (guint32 i = 0; i < rows->n; i++)
        {
          ArborValue value;

          arbor_series_reader_next_value (grouping->readers[key], &value);
          if (value.kind == ARBOR_KIND_NUMBER || value.kind >= ARBOR_KIND_ARRAY)
            return NULL;
          if (value.kind == ARBOR_KIND_STRING && value.length > ARBOR_GROUP_KEY_TEXT)
            value.text = arbor_scope_copy (scope, value.text, value.length);
          arbor_group_key_set_scalar (&keys[i * n_keys + key], &value);
        }
      if (!arbor_series_reader_check (grouping->readers[key], NULL))
        return NULL;
    }
  return keys;
}

/* Leaves of the keys those of the part, and says which rows have them. */
static guint32
choose_rows (const Part *self, const ArborRows *rows, ArborGroupKey *keys, guint32 *chosen,
             guint32 *places, ArborScope *scope)
{
  gsize n_keys = self->grouping->n_keys;
  guint32 *hashes = arbor_scope_alloc (scope, rows->n * sizeof *hashes);
  guint32 n = 0;

  arbor_group_table_hash_keys (n_keys, keys, rows->n, hashes);
  /* Without a branch, that nobody can foresee. */
  for (guint32 i = 0; i < rows->n; i++)
    {
      places[n] = i;
      n += (hashes[i] & 0xFFFF) * self->parts->n >> 16 == self->number;
    }
  for (guint32 i = 0; i < n; i++)
    {
      for (gsize key = 0; key < n_keys; key++)
        keys[i * n_keys + key] = keys[places[i] * n_keys + key];
      chosen[i] = arbor_rows_get (rows, places[i]);
    }
  return n;
}

static gboolean
note_firsts (Part *self, guint32 n_before, const guint32 *groups, const guint32 *places, guint32 n,
             GError **error)
{
  guint32 n_groups = self->grouping->table.n_groups;

  if (!arbor_charge_grow (&self->results.charge, &self->firsts, &self->capacity, n_groups,
                          sizeof (guint32), error))
    return FALSE;
  for (guint32 i = 0; i < n && n_before < n_groups; i++)
    {
      self->firsts[n_before] = self->position + places[i];
      n_before += groups[i] == n_before;
    }
  return TRUE;
}

static gboolean
visit (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  Part *self = data;
  ArborGroupTable *table = &self->grouping->table;
  guint32 *chosen = arbor_scope_alloc (scope, rows->n * sizeof *chosen);
  guint32 *places = arbor_scope_alloc (scope, rows->n * sizeof *places);
  guint32 *groups = arbor_scope_alloc (scope, rows->n * sizeof *groups);
  guint32 n_before = table->n_groups;
  ArborGroupedRows grouped;
  ArborGroupKey *keys;
  ArborRows own = *rows;

  if (rows->batch == NULL || __atomic_load_n (&self->parts->has_failed, __ATOMIC_RELAXED))
    return FALSE;
  keys = arbor_key_ids_get_keys (self->grouping->ids, rows, scope);
  if (keys == NULL)
    keys = get_keys_of_rows (self->grouping, rows, scope);
  if (keys == NULL)
    return FALSE;
  own.n = choose_rows (self, rows, keys, chosen, places, scope);
  own.rows = chosen;
  if (own.n > 0 && (!arbor_group_table_add_keys (table, keys, own.n, groups, error) ||
                    !note_firsts (self, n_before, groups, places, own.n, error)))
    return FALSE;
  self->position += rows->n;
  if (own.n == 0)
    return TRUE;
  arbor_grouped_rows_set_each (&grouped, &own, groups, scope);
  return arbor_group_results_ensure (&self->results, table->n_groups, error) &&
         arbor_group_results_add (&self->results, &grouped, scope, error);
}

static void
read_part (guint32 task, gpointer data)
{
  ArborGroupParts *self = data;
  Part *part = &self->parts[task];
  /* As they are shared out: a little more than that is seldom. */
  guint64 n = self->n_expected / self->n + self->n_expected / 64;

  arbor_group_table_expect (&part->grouping->table, n);
  arbor_group_results_expect (&part->results, n);
  arbor_charge_grow (&part->results.charge, &part->firsts, &part->capacity, n, sizeof (guint32),
                     NULL);
  if (!arbor_trees_read_runs (self->selection, self->access, visit, part, self->cancellable, NULL) ||
      !arbor_group_results_ensure (&part->results, part->grouping->table.n_groups, NULL) ||
      !arbor_group_results_gather (&part->results, NULL))
    __atomic_store_n (&self->has_failed, TRUE, __ATOMIC_RELAXED);
}

/* Numbering */

/* @of_tree: which part has a group that begins with the tree at a position, and one; 0: none. */
static void
number_trees (ArborGroupParts *self, const guint8 *of_tree, guint32 n_trees)
{
  guint32 next[MAX_PARTS] = { 0 };
  guint32 group = 0;

  for (guint32 i = 0; i < n_trees && group < self->n_groups; i++)
    {
      guint8 owner = of_tree[i];

      if (owner == 0)
        continue;
      self->owners[group] = owner - 1;
      self->groups[group++] = next[owner - 1]++;
    }
}

static gboolean
number_groups (ArborGroupParts *self)
{
  guint32 n_trees = self->parts[0].position;
  guint8 *of_tree = arbor_charge_alloc (&self->charge, n_trees, 1, NULL);
  guint64 n = 0;

  for (guint i = 0; i < self->n; i++)
    n += self->parts[i].grouping->table.n_groups;
  self->owners = arbor_charge_alloc (&self->charge, n, sizeof *self->owners, NULL);
  self->groups = arbor_charge_alloc (&self->charge, n, sizeof *self->groups, NULL);
  if (n > G_MAXUINT32 || of_tree == NULL || self->owners == NULL || self->groups == NULL)
    {
      g_free (of_tree);
      return FALSE;
    }
  self->n_groups = (guint32)n;
  memset (of_tree, 0, n_trees);
  for (guint i = 0; i < self->n; i++)
    {
      Part *part = &self->parts[i];

      for (guint32 j = 0; j < part->grouping->table.n_groups; j++)
        of_tree[part->firsts[j]] = (guint8)(i + 1);
      arbor_charge_subtract (&part->results.charge, part->capacity * sizeof (guint32));
      g_clear_pointer (&part->firsts, g_free);
      part->capacity = 0;
    }
  number_trees (self, of_tree, n_trees);
  arbor_charge_subtract (&self->charge, MAX (n_trees, 1));
  g_free (of_tree);
  return TRUE;
}

ArborGroupParts *
arbor_group_parts_find (ArborGrouping *grouping, const ArborGroupPlan *plan, guint64 n_expected,
                        ArborAccess *access, GCancellable *cancellable)
{
  g_auto (ArborStop) stop;
  g_autoptr (ArborGroupParts) self = g_new0 (ArborGroupParts, 1);
  ArborAccess narrow;

  arbor_stop_begin (&stop, cancellable);
  arbor_group_narrow (&narrow, access, plan);
  self->charge.operation = "group_by";
  self->selection = grouping->selection;
  self->access = &narrow;
  self->n_expected = n_expected;
  self->cancellable = cancellable;
  self->n = MIN (arbor_pool_get_n_threads (), MAX_PARTS);
  self->parts = g_new (Part, self->n);
  for (guint i = 0; i < self->n; i++)
    part_init (&self->parts[i], self, i, grouping, plan);
  arbor_pool_run (self->n, read_part, self);
  return !self->has_failed && number_groups (self) ? g_steal_pointer (&self) : NULL;
}

guint32
arbor_group_parts_get_n_groups (const ArborGroupParts *self)
{
  return self->n_groups;
}

void
arbor_group_parts_locate (const ArborGroupParts *self, guint32 group, ArborGroupPlace *place)
{
  Part *part = &self->parts[self->owners[group]];

  *place = (ArborGroupPlace){ &part->results, &part->grouping->table, self->groups[group] };
}

void
arbor_group_parts_add_figures (const ArborGroupParts *self, ArborGroupResults *results)
{
  for (guint i = 0; i < self->n; i++)
    for (guint slot = 0; slot < results->plan->slots->len; slot++)
      {
        results->aggregates[slot].n += self->parts[i].results.aggregates[slot].n;
        results->aggregates[slot].n_others += self->parts[i].results.aggregates[slot].n_others;
      }
}
