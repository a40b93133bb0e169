/* One tree for each group. See arbor-group.h. The first step reads all trees of the view; then the
 * groups are written as far as somebody reads, by columns where their values allow it. A narrow source
 * (arbor-narrow.h) writes the same groups with some of their fields: what was computed is shared, and
 * dropped when all that write from it have written the last group.
 */

#include "query/group/arbor-group-private.h"

#include "batch/arbor-batch-cells.h"
#include "batch/arbor-compose.h"
#include "query/group/arbor-group-results.h"
#include "query/group/arbor-group-parts.h"
#include "query/group/arbor-group-share.h"
#include "query/group/arbor-group-strewn.h"
#include "query/view/arbor-trace.h"

/* Groups that are written at once. */
#define BLOCK 1024u

typedef struct
{
  gatomicrefcount ref_count;
  ArborGroupPlan *plan;
  GString *by;  /* for describing */
  char **notes; /* atomic: NULL until all trees were read */

  ArborGrouping *given;     /* NULL, or the one whose groups those of grouping are */
  ArborGroupPlan *told;     /* NULL, or what was asked for, where plan is that of other trees */
  pthread_mutex_t mutex;    /* guards what follows */
  ArborGrouping *grouping;  /* NULL when all have been written */
  ArborGroupResults results;
  ArborGroupParts *parts;   /* or NULL: of those that have very many groups */
  guint32 n_groups;
  gboolean is_computed;
  guint n_open; /* sources that have not written their last group */
} Computed;

typedef struct
{
  Computed *computed;
  ArborWanted *wanted;    /* of a narrow source; NULL: all fields */
  ArborCompose *compose;  /* NULL before the first block */
  guint32 position;       /* the next group to write */
  guint32 end;            /* of the step under way */
  gboolean at_end;
  gboolean is_closed;     /* the last group has been written */
  guint32 *picked;        /* NULL, or the groups that are written: so many */
  guint32 n_picked;
} Groups;

/* The plan for people, and for who asks about the trees that were given. */
static const ArborGroupPlan *
get_told (const Computed *self)
{
  return self->told != NULL ? self->told : self->plan;
}

static Groups *
groups_new (Computed *computed)
{
  Groups *self = g_new0 (Groups, 1);

  g_atomic_ref_count_inc (&computed->ref_count);
  self->computed = computed;
  pthread_mutex_lock (&computed->mutex);
  computed->n_open++;
  pthread_mutex_unlock (&computed->mutex);
  return self;
}

static void
computed_unref (Computed *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  arbor_group_results_clear (&self->results);
  arbor_group_parts_free (self->parts);
  arbor_group_plan_free (self->plan);
  arbor_group_plan_free (self->told);
  arbor_grouping_unref (self->given);
  arbor_grouping_unref (self->grouping);
  g_string_free (self->by, TRUE);
  g_strfreev (self->notes);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

/* One source more needs nothing any more. */
static void
close_one (Computed *self)
{
  ArborGrouping *grouping = NULL;

  pthread_mutex_lock (&self->mutex);
  if (--self->n_open == 0)
    {
      arbor_group_results_clear (&self->results);
      g_clear_pointer (&self->parts, arbor_group_parts_free);
      grouping = g_steal_pointer (&self->grouping);
    }
  pthread_mutex_unlock (&self->mutex);
  arbor_grouping_unref (grouping);
}

static gboolean
add_grouped (const ArborGroupedRows *grouped, ArborScope *scope, gpointer data, GError **error)
{
  Computed *self = data;

  /* Once: what more has room for. */
  if (self->results.n_expected < self->grouping->n_expected)
    arbor_group_results_expect (&self->results, self->grouping->n_expected);
  return arbor_group_results_ensure (&self->results, self->grouping->table.n_groups, error) &&
         arbor_group_results_add (&self->results, grouped, scope, error);
}

/* Under the mutexes of both. */
static gboolean
read_groups (Computed *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  ArborGrouping *grouping = self->grouping;
  guint64 n_expected;
  ArborGroupWay way;

  if (arbor_group_read_strewn (grouping, &self->results, grouping->selection, access, cancellable))
    {
      arbor_grouping_set_complete (grouping);
      return TRUE;
    }
  arbor_group_results_clear (&self->results);
  arbor_group_results_init (&self->results, self->plan);
  way = arbor_group_choose_way (grouping, self->plan, grouping->selection, access, &n_expected,
                                cancellable);
  if (way == ARBOR_GROUP_WAY_BY_KEYS &&
      (self->parts = arbor_group_parts_find (grouping, self->plan, n_expected, access,
                                             cancellable)) != NULL)
    {
      arbor_group_parts_add_figures (self->parts, &self->results);
      arbor_grouping_tell_n_groups (grouping, arbor_group_parts_get_n_groups (self->parts));
      return TRUE;
    }
  if (way == ARBOR_GROUP_WAY_BY_TREES &&
      arbor_group_share (grouping, &self->results, grouping->selection, access, cancellable))
    {
      arbor_grouping_set_complete (grouping);
      return TRUE;
    }
  arbor_group_results_clear (&self->results);
  arbor_group_results_init (&self->results, self->plan);
  return arbor_grouping_run (grouping, access, self->plan->nodes, self->plan->n, add_grouped, self,
                             cancellable, error);
}

/* Under the mutex. */
static gboolean
compute (Computed *self, ArborAccess *access, GCancellable *cancellable, GError **error)
{
  ArborGrouping *grouping = self->grouping;
  gboolean is_good;

  if (self->is_computed)
    return TRUE;
  pthread_mutex_lock (&grouping->mutex);
  is_good = (self->plan->slots->len == 0 && grouping->is_complete) ||
            (read_groups (self, access, cancellable, error) &&
             (self->parts != NULL || arbor_group_results_gather (&self->results, error)));
  self->n_groups =
      self->parts != NULL ? arbor_group_parts_get_n_groups (self->parts) : grouping->table.n_groups;
  pthread_mutex_unlock (&grouping->mutex);
  if (is_good)
    {
      if (self->given != NULL)
        arbor_grouping_tell_n_groups (self->given, self->n_groups);
      g_atomic_pointer_set (&self->notes, arbor_group_results_dup_notes (&self->results));
    }
  else
    {
      /* The next call begins anew. */
      arbor_group_results_clear (&self->results);
      arbor_group_results_init (&self->results, self->plan);
    }
  return self->is_computed = is_good;
}

/* Writing */

/* Fields that are wanted, without values yet, and which of the plan's they are. */
static guint
list_fields (const Groups *self, ArborScope *scope, ArborFieldRows **fields, gsize **places)
{
  const ArborGroupPlan *plan = self->computed->plan;
  gsize n_all = plan->n_keys + plan->n;
  guint n = 0;

  *fields = arbor_scope_alloc (scope, (n_all + 1) * sizeof **fields);
  *places = arbor_scope_alloc (scope, (n_all + 1) * sizeof **places);
  for (gsize i = 0; i < n_all; i++)
    {
      gsize length = strlen (plan->field_names[i]);

      if (!arbor_wanted_has (self->wanted, plan->field_names[i], length))
        continue;
      (*fields)[n] = (ArborFieldRows){ .key = plan->field_names[i], .length = (guint32)length };
      (*places)[n++] = i;
    }
  return n;
}

static void
locate (const Computed *self, guint32 group, ArborGroupPlace *place)
{
  if (self->parts != NULL)
    arbor_group_parts_locate (self->parts, group, place);
  else
    *place = (ArborGroupPlace){ (ArborGroupResults *)&self->results, &self->grouping->table, group };
}

static guint32
get_group (const Groups *self, guint32 position)
{
  return self->picked != NULL ? self->picked[position] : position;
}

/* FALSE in *@is_done: their values do not go by columns. */
static gboolean
write_block (Groups *self, guint32 first, guint32 n, ArborScope *scope, ArborOutput *output,
             gboolean *is_done, GError **error)
{
  Computed *computed = self->computed;
  ArborBatchBuilder *builder = arbor_output_get_builder (output);
  ArborFieldRows *fields;
  gsize *places;
  guint n_fields = list_fields (self, scope, &fields, &places);
  ArborGroupPlace *groups = arbor_scope_alloc (scope, n * sizeof *groups);

  for (guint32 i = 0; i < n; i++)
    locate (computed, get_group (self, first + i), &groups[i]);
  for (guint i = 0; i < n_fields; i++)
    {
      ArborValue *values = arbor_scope_alloc (scope, n * sizeof *values);

      if (!arbor_group_places_get_column (groups, n, places[i], scope, values))
        return TRUE;
      fields[i].values = values;
    }
  if (!arbor_scope_check (scope, error))
    return FALSE;
  if (self->compose == NULL)
    self->compose = arbor_compose_new (builder);
  *is_done = arbor_compose_add (self->compose, fields, n_fields, n);
  return !*is_done || arbor_output_end_block (output, error);
}

static gboolean
write_each (Groups *self, guint32 first, guint32 n, ArborScope *scope, ArborOutput *output,
            GError **error)
{
  Computed *computed = self->computed;
  const ArborGroupPlan *plan = computed->plan;
  gsize n_all = plan->n_keys + plan->n;
  g_autofree ArborValue *values = g_new (ArborValue, n_all + 1);

  for (guint32 group = first; group < first + n; group++)
    {
      ArborGroupPlace place;

      arbor_scope_reset (scope);
      locate (computed, get_group (self, group), &place);
      arbor_group_results_get_fields (place.results, place.keys, place.group, scope, values);
      for (gsize i = 0; i < n_all; i++)
        if (!arbor_wanted_has (self->wanted, plan->field_names[i], strlen (plan->field_names[i])))
          values[i] = ARBOR_VALUE_MISSING;
      if (!arbor_output_add_fields (output, plan->field_names, values, n_all, scope, error) ||
          !arbor_scope_check (scope, error))
        return FALSE;
    }
  return TRUE;
}

/* Under the mutex of what was computed; the table is complete: nobody writes to it any more. */
static gboolean
write_groups (Groups *self, ArborAccess *access, guint32 n_trees, ArborOutput *output,
              GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborScope) scope = arbor_scope_new ();
  ArborBatchBuilder *builder = arbor_output_get_builder (output);
  guint32 n_groups = self->picked != NULL ? self->n_picked : self->computed->n_groups;
  guint32 n;

  self->end = self->position + MIN (n_trees, n_groups - self->position);
  for (guint32 group = self->position; group < self->end; group += n)
    {
      gboolean is_done = FALSE;

      n = MIN (self->end - group, MIN (BLOCK, arbor_batch_builder_get_room (builder)));
      arbor_scope_reset (scope);
      if (!arbor_access_check (access, cancellable, error) ||
          !write_block (self, group, n, scope, output, &is_done, error) ||
          (!is_done && !write_each (self, group, n, scope, output, error)))
        return FALSE;
    }
  self->at_end = self->end == n_groups;
  return TRUE;
}

static gboolean
step (gpointer data, ArborAccess *access, guint32 n_trees, ArborOutput *output, gboolean *at_end,
      GCancellable *cancellable, GError **error)
{
  Groups *self = data;
  Computed *computed = self->computed;
  ArborAccess input;
  gboolean is_good;

  if (self->is_closed)
    return *at_end = TRUE;
  pthread_mutex_lock (&computed->mutex);
  arbor_grouping_enter (computed->grouping, access, &input);
  is_good = compute (computed, &input, cancellable, error) &&
            write_groups (self, access, n_trees, output, cancellable, error);
  pthread_mutex_unlock (&computed->mutex);
  *at_end = self->at_end;
  return is_good;
}

static void
commit (gpointer data)
{
  Groups *self = data;

  self->position = self->end;
  self->is_closed = self->at_end;
  if (self->is_closed)
    close_one (self->computed);
}

static gboolean
count (gpointer data, ArborAccess *access, guint64 limit, guint64 *n, gboolean *is_known,
       GCancellable *cancellable, GError **error)
{
  Computed *computed = ((Groups *)data)->computed;
  ArborAccess input;

  pthread_mutex_lock (&computed->mutex);
  arbor_grouping_enter (computed->grouping, access, &input);
  *is_known = compute (computed, &input, cancellable, error);
  *n = computed->n_groups;
  pthread_mutex_unlock (&computed->mutex);
  return *is_known;
}

static gpointer
narrow (gpointer data, const ArborWanted *wanted)
{
  Groups *self = groups_new (((Groups *)data)->computed);

  self->wanted = arbor_wanted_copy (wanted);
  return self;
}

static gpointer
pick (gpointer data, ArborAccess *access, const guint32 *indices, guint32 n,
      GCancellable *cancellable)
{
  const Groups *groups = data;
  gboolean is_known;
  guint64 n_groups;
  Groups *self;

  if (!count (data, access, G_MAXUINT64, &n_groups, &is_known, cancellable, NULL))
    return NULL;
  self = groups_new (groups->computed);
  if (groups->wanted != NULL)
    self->wanted = arbor_wanted_copy (groups->wanted);
  while (n > 0 && indices[n - 1] >= n_groups)
    n--;
  self->picked = g_new (guint32, n + 1);
  memcpy (self->picked, indices, n * sizeof *indices);
  self->n_picked = n;
  return self;
}

static void
describe (gpointer data, GString *text)
{
  Computed *computed = ((Groups *)data)->computed;

  g_string_append_printf (text, "group by %s", computed->by->str);
  if (computed->plan->n > 0)
    {
      g_string_append (text, ": ");
      arbor_group_plan_describe (get_told (computed), text);
    }
}

static void
groups_free (gpointer data)
{
  Groups *self = data;

  if (!self->is_closed)
    close_one (self->computed);
  computed_unref (self->computed);
  g_clear_pointer (&self->wanted, arbor_wanted_free);
  g_clear_pointer (&self->compose, arbor_compose_free);
  g_free (self->picked);
  g_free (self);
}

static void
list_keys (gpointer data, const ArborStep *steps, guint n_steps, ArborKeySearch *search)
{
  const ArborGroupPlan *plan = get_told (((Groups *)data)->computed);

  arbor_key_search_ask_fields (search, 0, plan->key_names, plan->keys, plan->n_keys, steps, n_steps);
  /* What aggregates give: first (address) has the keys of an address, and more is not known. */
  for (gsize i = 0; i < plan->n; i++)
    if (n_steps == 0)
      arbor_key_search_add (search, plan->names[i]);
    else if (arbor_step_is_key (steps, plan->names[i]))
      arbor_key_search_set_open (search);
}

static void
list_nodes (gpointer data, guint input, GPtrArray *nodes)
{
  const ArborGroupPlan *plan = get_told (((Groups *)data)->computed);

  for (gsize i = 0; i < plan->n_keys; i++)
    g_ptr_array_add (nodes, arbor_node_ref (plan->keys[i]));
  for (gsize i = 0; i < plan->n; i++)
    g_ptr_array_add (nodes, arbor_node_ref (plan->nodes[i]));
}

static void
list_notes (gpointer data, GPtrArray *notes)
{
  char **given = g_atomic_pointer_get (&((Groups *)data)->computed->notes);

  for (guint i = 0; given != NULL && given[i] != NULL; i++)
    g_ptr_array_add (notes, g_strdup (given[i]));
}

/* The same groups and figures, read from what the trees are made of. */
static void
trace_groups (Computed *self, const char *const *names)
{
  const ArborGroupPlan *plan = self->plan;
  ArborGrouping *grouping = self->grouping;
  gsize n_keys = plan->n_keys;
  g_autofree ArborNode **all = g_new (ArborNode *, n_keys + plan->n + 1);
  g_auto (ArborTrace) trace;
  ArborGroupPlan *of_trace;
  guint32 n_groups;

  memcpy (all, plan->keys, n_keys * sizeof *all);
  memcpy (all + n_keys, plan->nodes, plan->n * sizeof *all);
  if (!arbor_trace_init (&trace, grouping->source, grouping->selection, all,
                         (guint)(n_keys + plan->n), ARBOR_TRACE_VALUES) ||
      arbor_grouping_peek_n_groups (grouping, &n_groups) || grouping->expects_members)
    return;
  of_trace = arbor_group_plan_new (plan->key_names, trace.nodes, n_keys, names,
                                   trace.nodes + n_keys, plan->n, NULL);
  if (of_trace == NULL)
    return;
  self->given = grouping;
  self->told = self->plan;
  self->plan = of_trace;
  self->grouping = arbor_grouping_new (trace.source, trace.selection,
                                       (const char *const *)of_trace->key_names, of_trace->keys,
                                       n_keys, NULL);
  self->grouping->about = arbor_source_ref (trace.about);
}

ArborSource *
arbor_grouping_aggregate (ArborGrouping *self, const char *const *names, ArborNode *const *nodes,
                          gsize n, GError **error)
{
  static const ArborOperator op = { "group_by", step,       commit,     describe, groups_free,
                                    list_keys,  list_nodes, list_notes, count,    narrow,   pick };
  ArborGroupPlan *plan =
      arbor_group_plan_new (self->names, self->keys, self->n_keys, names, nodes, n, error);
  ArborSource *source;
  Computed *computed;
  Groups *groups;

  if (plan == NULL)
    return NULL;
  computed = g_new0 (Computed, 1);
  g_atomic_ref_count_init (&computed->ref_count);
  pthread_mutex_init (&computed->mutex, NULL);
  computed->grouping = arbor_grouping_ref (self);
  computed->plan = plan;
  trace_groups (computed, names);
  arbor_group_results_init (&computed->results, computed->plan);
  computed->by = g_string_new (NULL);
  arbor_grouping_describe (self, computed->by);
  groups = groups_new (computed);
  computed_unref (computed);
  source = arbor_source_new_derived (&op, groups, &self->source, 1, NULL, error);
  if (source != NULL)
    arbor_source_set_input_selection (source, 0, self->selection);
  return source;
}
