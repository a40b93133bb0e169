/* What aggregates keep of many values. See arbor-aggregate.h. Values of all groups lie in one array
 * as they came; gathering puts those of each group next to each other, by counting. Of doubles keys
 * are kept, and what they were rounded by; quantiles select from these
 * (arbor-aggregate-quantile.c).
 */

#include "query/expr/arbor-aggregate-private.h"

#include "base/arbor-bits.h"
#include "base/arbor-number.h"
#include "base/arbor-stop.h"
#include "batch/arbor-value-access.h"
#include "query/expr/arbor-function-private.h"

/* Values that are merged at once. */
#define MERGED 256u

void
arbor_aggregate_clear_kept (ArborAggregate *self)
{
  g_free (self->kept.groups);
  g_free (self->kept.keys);
  g_free (self->kept.rests);
  g_free (self->kept.values);
  g_free (self->kept.starts);
  self->kept = (ArborKept){ 0 };
  if (self->table != NULL)
    arbor_group_table_clear (self->table);
  g_clear_pointer (&self->table, g_free);
}

/* Keeping */

static gboolean
make_room (ArborAggregate *self, gpointer array, gsize *capacity, gsize size)
{
  return self->kept.n < *capacity || arbor_charge_grow (&self->charge, array, capacity,
                                                        self->kept.n + 1, size, &self->error);
}

/* Of one more value, which is counted when it is there. */
static gboolean
keep_group (ArborAggregate *self, guint32 group)
{
  ArborKept *kept = &self->kept;

  if (!self->has_groups)
    return TRUE;
  if (!make_room (self, &kept->groups, &kept->groups_capacity, sizeof (guint32)))
    return FALSE;
  kept->groups[kept->n] = group;
  return TRUE;
}

/* A double, and what it was rounded by, encoded. */
static void
keep_numbers (ArborAggregate *self, guint32 group, guint64 key, guint64 rest)
{
  ArborKept *kept = &self->kept;
  gboolean is_first = kept->rests == NULL;

  if (!keep_group (self, group) ||
      !make_room (self, &kept->keys, &kept->keys_capacity, sizeof (guint64)))
    return;
  if (rest != arbor_aggregate_encode (0) || !is_first)
    {
      if (!make_room (self, &kept->rests, &kept->rests_capacity, sizeof (guint64)))
        return;
      for (gsize i = 0; is_first && i < kept->n; i++)
        kept->rests[i] = arbor_aggregate_encode (0);
      kept->rests[kept->n] = rest;
    }
  kept->keys[kept->n++] = key;
}

void
arbor_aggregate_keep_number (ArborAggregate *self, guint32 group, const ArborValue *value)
{
  double real = arbor_number_to_double (value);
  double rest = 0;

  if (value->kind == ARBOR_KIND_INT64)
    rest = (double)((__int128)value->int64 - (__int128)real);
  else if (value->kind == ARBOR_KIND_UINT64)
    rest = (double)((__int128)value->uint64 - (__int128)real);
  keep_numbers (self, group, arbor_aggregate_encode (real), arbor_aggregate_encode (rest));
}

void
arbor_aggregate_keep_value (ArborAggregate *self, guint32 group, const ArborValue *value,
                            ArborScope *scope)
{
  ArborKept *kept = &self->kept;
  ArborValue copy = *value;

  if (!keep_group (self, group) ||
      !make_room (self, &kept->values, &kept->values_capacity, sizeof (ArborValue)) ||
      !arbor_aggregate_copy (self, &copy, scope))
    return;
  kept->values[kept->n++] = copy;
}

static guint32
get_group (const ArborAggregate *self, guint32 entry)
{
  return self->has_groups ? (guint32)self->table->keys[2 * (gsize)entry].words[0] : 0;
}

static void
ensure_table (ArborAggregate *self)
{
  if (self->table != NULL)
    return;
  self->table = g_new (ArborGroupTable, 1);
  arbor_group_table_init (self->table, self->has_groups ? 2 : 1, self->charge.operation);
  self->table->borrows = self->borrows;
}

/* After entries were added: those that are new are counted. */
static void
count_unique (ArborAggregate *self, guint32 n_before)
{
  for (guint32 i = n_before; self->cell_size > 0 && i < self->table->n_groups; i++)
    ++*(guint64 *)arbor_aggregate_get_cell (self, get_group (self, i));
}

/* How many of the keys are values. */
static guint32
add_unique_keys (ArborAggregate *self, const guint32 *groups, const ArborGroupKey *keys, guint32 n,
                 ArborScope *scope)
{
  gsize n_keys = self->has_groups ? 2 : 1;
  ArborScopeMark mark = arbor_scope_mark (scope);
  ArborGroupKey *rows = arbor_scope_alloc (scope, n * n_keys * sizeof *rows);
  guint32 *entries = arbor_scope_alloc (scope, n * sizeof *entries);
  guint32 n_rows = 0, n_before;

  ensure_table (self);
  for (guint32 i = 0; i < n; i++)
    {
      if (arbor_group_key_get_class (&keys[i]) <= ARBOR_GROUP_KEY_NULL)
        continue;
      if (self->has_groups)
        arbor_group_key_set_word (&rows[2 * n_rows], groups[i], ARBOR_GROUP_KEY_INTEGER, 0);
      rows[n_rows++ * n_keys + n_keys - 1] = keys[i];
    }
  n_before = self->table->n_groups;
  if (self->error == NULL)
    arbor_group_table_add_keys (self->table, rows, n_rows, entries, &self->error);
  count_unique (self, n_before);
  arbor_scope_release (scope, mark);
  return n_rows;
}

void
arbor_aggregate_keep_unique_keys (ArborAggregate *self, const guint32 *groups,
                                  const ArborGroupKey *keys, guint32 n, ArborScope *scope)
{
  self->n += add_unique_keys (self, groups, keys, n, scope);
}

void
arbor_aggregate_keep_unique (ArborAggregate *self, const guint32 *groups, const ArborValue *values,
                             guint32 n, ArborScope *scope)
{
  gsize n_keys = self->has_groups ? 2 : 1;
  ArborScopeMark mark = arbor_scope_mark (scope);
  ArborValue *rows = arbor_scope_alloc (scope, n * n_keys * sizeof *rows);
  guint32 *entries = arbor_scope_alloc (scope, n * sizeof *entries);
  guint32 n_rows = 0, n_before;

  ensure_table (self);
  for (guint32 i = 0; i < n; i++)
    {
      if (arbor_value_is_null (&values[i]))
        continue;
      rows[n_rows * n_keys] = ARBOR_VALUE_INT64 (groups[i]);
      rows[n_rows++ * n_keys + n_keys - 1] = values[i];
    }
  n_before = self->table->n_groups;
  if (self->error == NULL)
    arbor_group_table_add_rows (self->table, rows, n_rows, scope, entries, &self->error);
  count_unique (self, n_before);
  arbor_scope_release (scope, mark);
}

/* What was met */

#define MAX_MET (G_GUINT64_CONSTANT (1) << 22) /* bits */

/* Room for what lies a little around the numbers, too. */
static void
begin_met (ArborAggregate *self, gint64 least, gint64 most)
{
  guint64 span = (guint64)most - (guint64)least;
  guint64 room = span / 8 + 16;

  self->met_span = G_MAXUINT64;
  if (span > MAX_MET || least < G_MININT64 + (gint64)room || self->charge.operation == NULL)
    return;
  self->met_span = span + 2 * room;
  self->met_base = least - (gint64)room;
}

static gboolean
make_room_for_met (ArborAggregate *self, guint64 n_bits)
{
  gsize n_before = self->n_met;
  gsize n = (gsize)(n_bits / 64 + 1);

  if (n <= n_before)
    return TRUE;
  if (n_bits > MAX_MET ||
      !arbor_charge_grow (&self->charge, &self->met, &self->n_met, n, sizeof (guint64), NULL))
    return FALSE;
  memset (self->met + n_before, 0, (self->n_met - n_before) * sizeof (guint64));
  return TRUE;
}

gboolean
arbor_aggregate_has_met (ArborAggregate *self, guint32 group, gint64 number, gint64 least,
                         gint64 most)
{
  guint64 at;
  gboolean has;

  if (self->met_span == G_MAXUINT64 || self->error != NULL)
    return FALSE;
  if (self->met_span == 0)
    begin_met (self, least, most);
  at = (guint64)number - (guint64)self->met_base;
  if (self->met_span == G_MAXUINT64 || at >= self->met_span)
    return FALSE;
  at += group * self->met_span;
  if (!make_room_for_met (self, at))
    {
      self->met_span = G_MAXUINT64;
      return FALSE;
    }
  has = arbor_bits_test (self->met, at);
  arbor_bits_set (self->met, at);
  return has;
}

/* Merging */

/* Values of the other's table, in the order in which it met them. */
static void
merge_unique (ArborAggregate *self, const ArborAggregate *other, const guint32 *map,
              ArborScope *scope)
{
  const ArborGroupTable *table = other->table;
  guint32 groups[MERGED];
  ArborGroupKey keys[MERGED];
  guint32 n;

  for (guint32 first = 0; first < table->n_groups && self->error == NULL; first += n)
    {
      n = MIN (table->n_groups - first, MERGED);
      for (guint32 i = 0; i < n; i++)
        {
          groups[i] = map[get_group (other, first + i)];
          keys[i] = table->keys[(first + i + (gsize)1) * table->n_keys - 1];
        }
      if (arbor_group_table_is_plain (table))
        add_unique_keys (self, groups, keys, n, scope);
      for (guint32 i = 0; !arbor_group_table_is_plain (table) && i < n; i++)
        {
          ArborValue value;

          arbor_group_table_get_value (table, first + i, table->n_keys - 1, &value);
          arbor_aggregate_keep_unique (self, &groups[i], &value, 1, scope);
        }
    }
}

void
arbor_aggregate_merge_kept (ArborAggregate *self, const ArborAggregate *other, const guint32 *map,
                            ArborScope *scope)
{
  const ArborKept *from = &other->kept;

  if (other->table != NULL)
    merge_unique (self, other, map, scope);
  for (gsize i = 0; i < from->n && self->error == NULL; i++)
    {
      guint32 group = from->groups != NULL ? map[from->groups[i]] : 0;

      if (from->values != NULL)
        {
          arbor_aggregate_keep_value (self, group, &from->values[i], scope);
          continue;
        }
      keep_numbers (self, group, from->keys[i],
                    from->rests != NULL ? from->rests[i] : arbor_aggregate_encode (0));
    }
}

/* Gathering */

/* *@starts: where those of each group begin, counted and added up; each moves on as they are placed. */
static gboolean
find_starts (ArborAggregate *self, gsize n, GError **error)
{
  ArborKept *kept = &self->kept;

  if (!arbor_charge_grow (&self->charge, &kept->starts, &kept->starts_capacity,
                          (gsize)self->n_groups + 2, sizeof (gsize), error))
    return FALSE;
  memset (kept->starts, 0, ((gsize)self->n_groups + 2) * sizeof (gsize));
  for (gsize i = 0; i < n; i++)
    kept->starts[(kept->groups != NULL ? kept->groups[i] : get_group (self, (guint32)i)) + 2]++;
  for (gsize i = 2; i < (gsize)self->n_groups + 2; i++)
    kept->starts[i] += kept->starts[i - 1];
  return arbor_stop_check (NULL, error);
}

/* Room for @n items of @size bytes, and where the next one of each group goes. */
static gboolean
begin_placing (ArborAggregate *self, gsize n, gsize size, gpointer *placed, gsize **next,
               GError **error)
{
  gsize n_starts = (gsize)self->n_groups + 2;

  *placed = arbor_charge_alloc (&self->charge, n, size, error);
  *next = *placed != NULL ? arbor_charge_alloc (&self->charge, n_starts, sizeof (gsize), error)
                          : NULL;
  if (*next == NULL)
    {
      g_free (*placed);
      return FALSE;
    }
  memcpy (*next, self->kept.starts, n_starts * sizeof (gsize));
  return TRUE;
}

/* @placed takes the place of the array, which had room for *@capacity. */
static gboolean
end_placing (ArborAggregate *self, gpointer placed, gsize *next, gsize n, gsize size,
             gpointer *array, gsize *capacity, GError **error)
{
  arbor_charge_subtract (&self->charge, *capacity * size);
  arbor_charge_subtract (&self->charge, ((gsize)self->n_groups + 2) * sizeof (gsize));
  g_free (*array);
  g_free (next);
  *array = placed;
  *capacity = MAX (n, 1);
  return arbor_stop_check (NULL, error);
}

/* Places items of 64 bits. */
static gboolean
place_words (ArborAggregate *self, guint64 **words, gsize *capacity, GError **error)
{
  ArborKept *kept = &self->kept;
  gpointer memory;
  guint64 *placed;
  gsize *next;

  if (*words == NULL)
    return TRUE;
  if (!begin_placing (self, kept->n, sizeof *placed, &memory, &next, error))
    return FALSE;
  placed = memory;
  for (gsize i = 0; i < kept->n; i++)
    placed[next[kept->groups[i] + 1]++] = (*words)[i];
  return end_placing (self, placed, next, kept->n, sizeof *placed, (gpointer *)words, capacity,
                      error);
}

/* The values of the array, or of the table, whose texts stay where they are. */
static gboolean
place_values (ArborAggregate *self, gsize n, GError **error)
{
  ArborKept *kept = &self->kept;
  gpointer memory;
  ArborValue *placed;
  gsize *next;

  if (kept->values == NULL && self->table == NULL)
    return TRUE;
  if (!begin_placing (self, n, sizeof *placed, &memory, &next, error))
    return FALSE;
  placed = memory;
  for (gsize i = 0; i < n; i++)
    {
      guint32 group = kept->groups != NULL ? kept->groups[i] : get_group (self, (guint32)i);

      if (kept->values != NULL)
        placed[next[group + 1]++] = kept->values[i];
      else
        arbor_group_table_get_value (self->table, (guint32)i, 1, &placed[next[group + 1]++]);
    }
  return end_placing (self, placed, next, n, sizeof *placed, (gpointer *)&kept->values,
                      &kept->values_capacity, error);
}

gboolean
arbor_aggregate_gather (ArborAggregate *self, GError **error)
{
  ArborKept *kept = &self->kept;
  gsize n = kept->n;

  if (!arbor_aggregate_check (self, error))
    return FALSE;
  if (!self->has_groups || self->cell_size > 0)
    return TRUE;
  if (self->table != NULL)
    n = self->table->n_groups;
  return find_starts (self, n, error) &&
         place_words (self, &kept->keys, &kept->keys_capacity, error) &&
         place_words (self, &kept->rests, &kept->rests_capacity, error) &&
         place_values (self, n, error);
}

void
arbor_aggregate_find_kept (const ArborAggregate *self, guint32 group, gsize *start, gsize *n)
{
  *start = 0;
  *n = self->table != NULL ? self->table->n_groups : self->kept.n;
  if (!self->has_groups)
    return;
  *start = self->kept.starts[group + 1];
  *n = self->kept.starts[group + 2] - *start;
}

/* Texts that are not copied outlive the table, but for those that lie in its keys. */
static gboolean
list_unique (const ArborGroupTable *table, ArborScope *scope, ArborValue *list)
{
  char *texts = NULL;

  for (guint32 i = 0; i < table->n_groups; i++)
    {
      arbor_group_table_get_value (table, i, 0, &list[i]);
      if (!table->borrows || arbor_group_key_get_class (&table->keys[i]) != ARBOR_GROUP_KEY_SHORT)
        continue;
      if (texts == NULL)
        texts = arbor_scope_try_alloc (scope, (gsize)(table->n_groups - i) * ARBOR_GROUP_KEY_TEXT);
      if (texts == NULL)
        return FALSE;
      memcpy (texts, list[i].text, list[i].length);
      list[i].text = texts;
      texts += list[i].length;
    }
  return TRUE;
}

void
arbor_aggregate_finish_list (ArborAggregate *self, guint32 group, ArborScope *scope,
                             ArborValue *result)
{
  ArborValue *list;
  gsize start, n;

  arbor_aggregate_find_kept (self, group, &start, &n);
  list = arbor_function_new_list (scope, n);
  if (list == NULL)
    return;
  if (self->kept.values != NULL)
    memcpy (list, self->kept.values + start, n * sizeof *list);
  else if (self->table != NULL && !list_unique (self->table, scope, list))
    return;
  arbor_function_set_list (list, n, result);
}
