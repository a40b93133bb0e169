/* Finding groups. See arbor-group.h.
 *
 * A run that fails leaves the groups that it has found in the table: the next run meets them in the
 * same order and goes on from there.
 */

#include "query/group/arbor-group-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "batch/arbor-value-access.h"
#include "query/group/arbor-group-plan.h"
#include "query/group/arbor-group-share.h"
#include "query/group/arbor-group-strewn.h"

/* Trees whose indices are read at once. */
#define RUN 4096u

ArborGrouping *
arbor_grouping_new (ArborSource *source, ArborSelection *selection, const char *const *names,
                    ArborNode *const *keys, gsize n, GError **error)
{
  ArborGrouping *self;

  if (!arbor_group_check_names ((char *const *)names, n, NULL, 0, error))
    return NULL;
  for (gsize i = 0; i < n; i++)
    if (!arbor_node_check_scalar (keys[i], error))
      return NULL;

  self = g_new0 (ArborGrouping, 1);
  g_atomic_ref_count_init (&self->ref_count);
  pthread_mutex_init (&self->mutex, NULL);
  self->source = arbor_source_ref (source);
  self->selection = arbor_selection_ref (selection);
  self->n_keys = n;
  self->names = g_new0 (char *, n + 1);
  self->keys = g_new (ArborNode *, n + 1);
  self->readers = g_new (ArborSeriesReader *, n + 1);
  self->values = g_new (ArborValue, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      self->names[i] = g_strdup (names[i]);
      self->keys[i] = arbor_node_ref (keys[i]);
      self->readers[i] = arbor_series_reader_new (keys[i]);
    }
  self->ids = arbor_key_ids_new (keys, n);
  arbor_group_table_init (&self->table, n, "group_by");
  return self;
}

ArborGrouping *
arbor_grouping_copy (ArborGrouping *self)
{
  /* What could be wrong with the keys was told when the first one was made. */
  return arbor_grouping_new (self->source, self->selection, (const char *const *)self->names,
                             self->keys, self->n_keys, NULL);
}

ArborGrouping *
arbor_grouping_ref (ArborGrouping *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_grouping_unref (ArborGrouping *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (gsize i = 0; i < self->n_keys; i++)
    {
      arbor_series_reader_free (self->readers[i]);
      arbor_node_unref (self->keys[i]);
    }
  arbor_key_ids_free (self->ids);
  g_strfreev (self->names);
  g_free (self->keys);
  g_free (self->readers);
  g_free (self->values);
  g_free (self->members);
  g_free (self->starts);
  arbor_group_table_clear (&self->table);
  arbor_selection_unref (self->selection);
  arbor_source_unref (self->source);
  g_clear_pointer (&self->about, arbor_source_unref);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

void
arbor_grouping_enter (const ArborGrouping *self, const ArborAccess *of, ArborAccess *access)
{
  arbor_access_borrow (access, of, self->source);
  access->about = self->about;
}

void
arbor_grouping_describe (ArborGrouping *self, GString *text)
{
  for (gsize i = 0; i < self->n_keys; i++)
    {
      g_autofree char *key = arbor_node_to_string (self->keys[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", self->names[i]);
      if (strcmp (key, self->names[i]) != 0)
        g_string_append_printf (text, " = %s", key);
    }
}

gboolean
arbor_grouping_peek_n_groups (ArborGrouping *self, guint32 *n_groups)
{
  guint64 n_told = __atomic_load_n (&self->n_told, __ATOMIC_ACQUIRE);

  *n_groups = (guint32)n_told - 1;
  return n_told > 0;
}

/* Running */

/* The group of the values at hand. */
static gboolean
add_group (ArborGroupRun *run, guint32 *group, GError **error)
{
  ArborGrouping *self = run->grouping;
  gboolean is_found;

  /* What is damaged must not become a key. */
  is_found = arbor_scope_check (run->scope, error) &&
             arbor_group_table_add (&self->table, self->values, run->scope, group, error) &&
             arbor_scope_check (run->scope, error);
  arbor_scope_reset (run->scope);
  return is_found;
}

static gboolean
find_group (ArborGroupRun *run, const ArborRows *rows, guint32 i, guint32 *group, GError **error)
{
  ArborGrouping *self = run->grouping;

  for (gsize key = 0; key < self->n_keys; key++)
    arbor_series_reader_get_row (self->readers[key], rows, i, run->scope, &self->values[key]);
  return add_group (run, group, error);
}

/* Groups of ids that were not met before, in the order in which rows have them. */
static gboolean
find_new_groups (ArborGroupRun *run, const ArborRows *rows, const ArborIds *ids, const guint32 *counts,
                 ArborScope *scope, GError **error)
{
  const guint32 *new_rows;
  const ArborGroupKey *keys;
  guint32 *groups;
  guint32 n_new = 0;

  for (guint32 i = 0; i < ids->n_ids; i++)
    n_new += counts[i] > 0 && ids->tags[i] == ARBOR_NO_TAG;
  if (n_new == 0)
    return TRUE;
  keys = arbor_key_ids_get_new_keys (run->grouping->ids, rows, ids, scope, &new_rows, &n_new);
  groups = arbor_scope_alloc (scope, n_new * sizeof *groups);
  if (keys != NULL &&
      !arbor_group_table_add_keys (&run->grouping->table, keys, n_new, groups, error))
    return FALSE;
  for (guint32 i = 0; i < n_new; i++)
    {
      if (keys == NULL && !find_group (run, rows, new_rows[i], &groups[i], error))
        return FALSE;
      ids->tags[ids->ids[new_rows[i]]] = groups[i];
    }
  return TRUE;
}

void
arbor_grouped_rows_set_each (ArborGroupedRows *self, const ArborRows *rows, const guint32 *groups,
                             ArborScope *scope)
{
  guint16 *ids = arbor_scope_alloc (scope, (gsize)rows->n * sizeof *ids);
  guint32 *counts = arbor_scope_alloc (scope, (gsize)rows->n * sizeof *counts);

  for (guint32 i = 0; i < rows->n; i++)
    {
      ids[i] = (guint16)i;
      counts[i] = 1;
    }
  *self = (ArborGroupedRows){ rows, ids, rows->n, groups, counts };
}

/* Each row has an id of its own; its group is found by its key, from lanes where they tell. */
static gboolean
find_groups (ArborGroupRun *run, const ArborRows *rows, ArborScope *scope, ArborGroupedRows *grouped,
             GError **error)
{
  ArborGrouping *self = run->grouping;
  guint32 *groups = arbor_scope_alloc (scope, (gsize)rows->n * sizeof *groups);
  ArborGroupKey *keys = self->ids != NULL ? arbor_key_ids_get_keys (self->ids, rows, scope) : NULL;

  if (keys != NULL && !arbor_group_table_add_keys (&self->table, keys, rows->n, groups, error))
    return FALSE;
  for (gsize key = 0; keys == NULL && key < self->n_keys; key++)
    arbor_series_reader_begin (self->readers[key], rows);
  for (guint32 i = 0; i < rows->n; i++)
    {
      for (gsize key = 0; keys == NULL && key < self->n_keys; key++)
        {
          arbor_series_reader_next_value (self->readers[key], &self->values[key]);
          if (!arbor_series_reader_check (self->readers[key], error))
            return FALSE;
        }
      if (keys == NULL && !add_group (run, &groups[i], error))
        return FALSE;
    }
  arbor_grouped_rows_set_each (grouped, rows, groups, scope);
  return TRUE;
}

gboolean
arbor_group_run_visit (const ArborRows *rows, ArborScope *scope, gpointer data, GError **error)
{
  ArborGroupRun *run = data;
  ArborGrouping *self = run->grouping;
  ArborGroupedRows grouped;
  ArborIds ids;

  if (self->ids != NULL && arbor_key_ids_find (self->ids, rows, scope, &ids))
    {
      grouped = (ArborGroupedRows){ rows, ids.ids, ids.n_ids, ids.tags,
                                    arbor_ids_count (&ids, rows->n, scope) };
      if (!find_new_groups (run, rows, &ids, grouped.counts, scope, error))
        return FALSE;
    }
  else if (!find_groups (run, rows, scope, &grouped, error))
    {
      return FALSE;
    }
  if (run->n_trees > rows->n && self->n_expected == 0)
    {
      self->n_expected = arbor_group_table_estimate (&self->table, rows->n, run->n_trees);
      arbor_group_table_expect (&self->table, self->n_expected);
    }
  return run->func == NULL || run->func (&grouped, scope, run->data, error);
}

void
arbor_grouping_tell_n_groups (ArborGrouping *self, guint32 n_groups)
{
  __atomic_store_n (&self->n_told, (guint64)n_groups + 1, __ATOMIC_RELEASE);
}

void
arbor_grouping_set_complete (ArborGrouping *self)
{
  arbor_grouping_tell_n_groups (self, self->table.n_groups);
  self->is_complete = TRUE;
}

void
arbor_grouping_forget (ArborGrouping *self)
{
  if (self->ids != NULL)
    arbor_key_ids_forget (self->ids);
  for (gsize i = 0; i < self->n_keys; i++)
    arbor_series_reader_forget (self->readers[i]);
}

gboolean
arbor_grouping_run (ArborGrouping *self, ArborAccess *access, ArborNode *const *nodes,
                    gsize n_nodes, ArborGroupFunc func, gpointer data, GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  g_autofree ArborNode **all = g_new (ArborNode *, self->n_keys + n_nodes + 1);
  ArborAccess narrow;
  ArborGroupRun run = { self, func, data, scope, 0 };

  arbor_grouping_forget (self);
  memcpy (all, self->keys, self->n_keys * sizeof *all);
  if (n_nodes > 0)
    memcpy (all + self->n_keys, nodes, n_nodes * sizeof *all);
  arbor_access_narrow (&narrow, access, all, (guint) (self->n_keys + n_nodes), NULL);
  if (arbor_selection_is_all (self->selection) && arbor_source_is_computed (narrow.source))
    run.n_trees = arbor_source_get_n_trees (narrow.source);
  if (!arbor_trees_read_runs (self->selection, &narrow, arbor_group_run_visit, &run, cancellable, error))
    return FALSE;
  arbor_grouping_set_complete (self);
  return TRUE;
}

static gboolean ensure_members (ArborGrouping *self, ArborAccess *access, GCancellable *cancellable,
                                GError **error);

void
arbor_grouping_expect_members (ArborGrouping *self)
{
  self->expects_members = TRUE;
}

/* As trees lie, or by several threads; FALSE: in order. */
static gboolean
find_shared (ArborGrouping *self, ArborAccess *access, GCancellable *cancellable)
{
  g_autoptr (ArborGroupPlan) plan =
      arbor_group_plan_new (self->names, self->keys, self->n_keys, NULL, NULL, 0, NULL);
  ArborGroupResults results;
  guint64 n_expected;
  gboolean is_done;

  arbor_group_results_init (&results, plan);
  is_done = arbor_group_read_strewn (self, &results, self->selection, access, cancellable);
  is_done = is_done ||
            (arbor_group_choose_way (self, plan, self->selection, access, &n_expected,
                                     cancellable) == ARBOR_GROUP_WAY_BY_TREES &&
             arbor_group_share (self, &results, self->selection, access, cancellable));
  arbor_group_results_clear (&results);
  if (is_done)
    arbor_grouping_set_complete (self);
  return is_done;
}

static gboolean
ensure_complete (ArborGrouping *self, ArborAccess *access, GCancellable *cancellable,
                 GError **error)
{
  if (self->is_complete)
    return TRUE;
  if (self->expects_members)
    return ensure_members (self, access, cancellable, error);
  return find_shared (self, access, cancellable) ||
         arbor_grouping_run (self, access, NULL, 0, NULL, NULL, cancellable, error);
}

gboolean
arbor_grouping_get_n_groups (ArborGrouping *self, ArborAccess *access, GCancellable *cancellable,
                             guint32 *n_groups, GError **error)
{
  gboolean is_good;

  if (arbor_grouping_peek_n_groups (self, n_groups))
    return TRUE;
  pthread_mutex_lock (&self->mutex);
  is_good = ensure_complete (self, access, cancellable, error);
  *n_groups = self->table.n_groups;
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

gboolean
arbor_grouping_find (ArborGrouping *self, ArborAccess *access, const ArborValue *key,
                     ArborScope *scope, gboolean *is_found, guint32 *group, GError **error)
{
  ArborValue *values = arbor_scope_alloc (scope, (self->n_keys + 1) * sizeof (ArborValue));

  for (gsize i = 0; i < self->n_keys; i++)
    arbor_value_get_member (key, self->names[i], strlen (self->names[i]), scope, &values[i]);
  return arbor_grouping_find_values (self, access, values, scope, is_found, group, error);
}

gboolean
arbor_grouping_find_values (ArborGrouping *self, ArborAccess *access, ArborValue *values,
                            ArborScope *scope, gboolean *is_found, guint32 *group, GError **error)
{
  gboolean is_good;

  pthread_mutex_lock (&self->mutex);
  is_good = arbor_scope_check (scope, error) && ensure_complete (self, access, NULL, error);
  *is_found = is_good && arbor_group_table_find (&self->table, values, scope, group);
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

char *
arbor_grouping_dup_key_text (ArborGrouping *self, guint32 group)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBuffer text = { 0 };
  char *copy;

  pthread_mutex_lock (&self->mutex);
  for (gsize i = 0; i < self->n_keys; i++)
    {
      ArborValue key;

      if (i > 0)
        arbor_buffer_append_literal (&text, ", ");
      arbor_group_table_get_value (&self->table, group, i, &key);
      arbor_value_write_json (&key, scope, &text);
    }
  pthread_mutex_unlock (&self->mutex);
  copy = g_strndup ((const char *) text.data, text.length);
  arbor_buffer_free (&text);
  return copy;
}

/* Members */

typedef struct
{
  guint32 *groups; /* of each tree, by position */
  gsize n;
  gsize capacity;
  ArborCharge charge;
} Places;

static gboolean
note_places (const ArborGroupedRows *grouped, ArborScope *scope, gpointer data, GError **error)
{
  Places *places = data;

  if (!arbor_charge_grow (&places->charge, &places->groups, &places->capacity,
                          places->n + grouped->rows->n, sizeof (guint32), error))
    return FALSE;
  for (guint32 i = 0; i < grouped->rows->n; i++)
    places->groups[places->n + i] = arbor_grouped_rows_get (grouped, i);
  places->n += grouped->rows->n;
  return TRUE;
}

/* Where each group's members begin: counted, then added up. */
static gboolean
find_starts (ArborGrouping *self, const Places *places, GError **error)
{
  guint32 n_groups = self->table.n_groups;

  if (!arbor_charge_grow (&self->table.charge, &self->starts, &self->starts_capacity,
                          (gsize)n_groups + 1, sizeof (guint64), error))
    return FALSE;
  memset (self->starts, 0, ((gsize)n_groups + 1) * sizeof (guint64));
  for (gsize i = 0; i < places->n; i++)
    self->starts[places->groups[i] + 1]++;
  for (guint32 i = 0; i < n_groups; i++)
    self->starts[i + 1] += self->starts[i];
  return TRUE;
}

/* Puts the index of each tree behind those of its group. starts is where the next one goes
 * meanwhile. */
static gboolean
place_members (ArborGrouping *self, ArborAccess *access, const Places *places, guint32 *members,
               GError **error)
{
  guint32 run[RUN];
  ArborAccess narrow;
  guint32 n_read;

  arbor_access_narrow (&narrow, access, self->keys, (guint) self->n_keys, NULL);
  access = &narrow;
  for (gsize at = 0; at < places->n; at += n_read)
    {
      if (!arbor_access_check (access, NULL, error) ||
          !arbor_selection_read (self->selection, access, at, RUN, run, &n_read, NULL, error))
        return FALSE;
      n_read = (guint32)MIN (n_read, places->n - at);
      g_assert (n_read > 0);
      for (guint32 i = 0; i < n_read; i++)
        members[self->starts[places->groups[at + i]]++] = run[i];
    }
  for (guint32 i = self->table.n_groups; i > 0; i--)
    self->starts[i] = self->starts[i - 1];
  self->starts[0] = 0;
  return TRUE;
}

static gboolean
ensure_members (ArborGrouping *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  Places places = { .charge = { .operation = "group_by" } };
  g_autofree guint32 *members = NULL;
  gsize capacity = 0;
  gboolean is_good;

  if (self->members != NULL)
    return TRUE;
  is_good = arbor_grouping_run (self, access, NULL, 0, note_places, &places, cancellable, error) &&
            arbor_charge_grow (&self->table.charge, &members, &capacity, MAX (places.n, 1),
                               sizeof (guint32), error);
  if (is_good && find_starts (self, &places, error) &&
      place_members (self, access, &places, members, error))
    {
      self->members = g_steal_pointer (&members);
    }
  else
    {
      arbor_charge_subtract (&self->table.charge, capacity * sizeof (guint32));
      is_good = FALSE;
    }
  g_free (places.groups);
  arbor_charge_release (&places.charge);
  return is_good;
}

gboolean
arbor_grouping_get_members (ArborGrouping *self, ArborAccess *access, const guint32 **members,
                            const guint64 **starts, GError **error)
{
  gboolean is_good;

  pthread_mutex_lock (&self->mutex);
  is_good = ensure_members (self, access, NULL, error);
  *members = self->members;
  *starts = self->starts;
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

gboolean
arbor_grouping_find_rows (ArborGrouping *self, ArborAccess *access, ArborValue *values, guint32 n,
                          ArborScope *scope, guint32 *groups, GError **error)
{
  gboolean is_good;

  pthread_mutex_lock (&self->mutex);
  is_good = ensure_complete (self, access, NULL, error);
  if (is_good)
    arbor_group_table_find_rows (&self->table, values, n, scope, groups);
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

gboolean
arbor_grouping_find_keys (ArborGrouping *self, ArborAccess *access, const ArborGroupKey *keys,
                          guint32 n, guint32 *groups, GError **error)
{
  gboolean is_good;

  pthread_mutex_lock (&self->mutex);
  is_good = ensure_complete (self, access, NULL, error);
  if (is_good)
    arbor_group_table_find_keys (&self->table, keys, n, groups);
  pthread_mutex_unlock (&self->mutex);
  return is_good;
}

guint32 *
arbor_grouping_dup_members (ArborGrouping *self, ArborAccess *access, guint32 group, guint64 *n,
                            GError **error)
{
  guint32 *members = NULL;

  pthread_mutex_lock (&self->mutex);
  if (ensure_members (self, access, NULL, error))
    {
      *n = self->starts[group + 1] - self->starts[group];
      members = g_new (guint32, *n + 1);
      memcpy (members, self->members + self->starts[group], *n * sizeof (guint32));
    }
  pthread_mutex_unlock (&self->mutex);
  return members;
}
