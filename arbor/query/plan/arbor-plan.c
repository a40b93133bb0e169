/* Steps. See arbor-plan.h. */

#include "query/plan/arbor-plan.h"

#include "base/arbor-random.h"

ArborPlanStep *
arbor_plan_step_new (ArborPlanKind kind)
{
  ArborPlanStep *self = g_new0 (ArborPlanStep, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  return self;
}

static ArborNode **
copy_nodes (ArborNode *const *nodes, gsize n)
{
  ArborNode **copy = g_new (ArborNode *, n + 1);

  for (gsize i = 0; i < n; i++)
    copy[i] = arbor_node_ref (nodes[i]);
  return copy;
}

void
arbor_plan_step_set_nodes (ArborPlanStep *self, ArborNode *const *nodes, gsize n)
{
  self->n_nodes = (guint) n;
  self->nodes = copy_nodes (nodes, n);
}

static void
set_other_nodes (ArborPlanStep *self, ArborNode *const *nodes, gsize n)
{
  self->n_other_nodes = (guint) n;
  self->other_nodes = copy_nodes (nodes, n);
}

static void
set_others (ArborPlanStep *self, ArborView *const *others, gsize n, ArborGate *gate)
{
  self->n_others = (guint) n;
  self->others = g_new (ArborView *, n + 1);
  for (gsize i = 0; i < n; i++)
    self->others[i] = others[i] != NULL ? arbor_view_ref (others[i]) : NULL;
  self->gate = gate != NULL ? arbor_gate_ref (gate) : NULL;
}

ArborPlanStep *
arbor_plan_step_ref (ArborPlanStep *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_plan_step_unref (ArborPlanStep *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_nodes; i++)
    arbor_node_unref (self->nodes[i]);
  for (guint i = 0; i < self->n_other_nodes; i++)
    arbor_node_unref (self->other_nodes[i]);
  for (guint i = 0; i < self->n_others; i++)
    g_clear_pointer (&self->others[i], arbor_view_unref);
  g_clear_pointer (&self->gate, arbor_gate_unref);
  g_free (self->others);
  g_free (self->other_nodes);
  g_free (self->nodes);
  g_free (self->flags);
  g_strfreev (self->names);
  g_strfreev (self->new_names);
  g_free (self->key);
  g_free (self);
}

gboolean
arbor_plan_step_is_selection (const ArborPlanStep *self)
{
  return self->kind <= ARBOR_PLAN_SHUFFLE;
}

gboolean
arbor_plan_step_is_row_map (const ArborPlanStep *self)
{
  return self->kind >= ARBOR_PLAN_SELECT && self->kind <= ARBOR_PLAN_RENAME_FIELDS;
}

/* The operations */

static ArborPlanStep *
new_with_nodes (ArborPlanKind kind, ArborNode *const *nodes, gsize n)
{
  ArborPlanStep *self = arbor_plan_step_new (kind);

  arbor_plan_step_set_nodes (self, nodes, n);
  return self;
}

static ArborPlanStep *
new_counted (ArborPlanKind kind, guint64 n_trees)
{
  ArborPlanStep *self = arbor_plan_step_new (kind);

  self->n_trees = n_trees;
  return self;
}

static ArborPlanStep *
new_named (ArborPlanKind kind, const char *const *names, const char *const *new_names)
{
  ArborPlanStep *self = arbor_plan_step_new (kind);

  self->names = g_strdupv ((char **) names);
  self->new_names = g_strdupv ((char **) new_names);
  return self;
}

ArborPlanStep *
arbor_plan_filter (ArborNode *predicate)
{
  return new_with_nodes (ARBOR_PLAN_FILTER, &predicate, 1);
}

/* One flag is for all keys; without keys, for the trees themselves. */
static ArborPlanStep *
new_sorted (ArborPlanKind kind, ArborNode *const *keys, gsize n, const ArborSortFlags *flags,
            gsize n_flags)
{
  ArborPlanStep *self = new_with_nodes (kind, keys, n);

  if (n_flags == 0)
    return self;
  self->n_flags = (guint) (n_flags == 1 ? MAX (n, 1) : n_flags);
  self->flags = g_new (ArborSortFlags, self->n_flags);
  for (guint i = 0; i < self->n_flags; i++)
    self->flags[i] = flags[n_flags == 1 ? 0 : i];
  return self;
}

ArborPlanStep *
arbor_plan_sort (ArborNode *const *keys, gsize n, const ArborSortFlags *flags, gsize n_flags)
{
  return new_sorted (ARBOR_PLAN_SORT, keys, n, flags, n_flags);
}

ArborPlanStep *
arbor_plan_top_k (guint64 k, ArborNode *const *keys, gsize n, const ArborSortFlags *flags,
                  gsize n_flags)
{
  ArborPlanStep *self = new_sorted (ARBOR_PLAN_TOP_K, keys, n, flags, n_flags);

  self->n_trees = k;
  return self;
}

ArborPlanStep *
arbor_plan_unique (ArborNode *const *keys, gsize n)
{
  return new_with_nodes (ARBOR_PLAN_UNIQUE, keys, n);
}

ArborPlanStep *
arbor_plan_slice (guint64 start, guint64 n_trees)
{
  ArborPlanStep *self = new_counted (ARBOR_PLAN_SLICE, n_trees);

  self->start = start;
  return self;
}

ArborPlanStep *
arbor_plan_tail (guint64 n_trees)
{
  return new_counted (ARBOR_PLAN_TAIL, n_trees);
}

ArborPlanStep *
arbor_plan_reverse (void)
{
  return arbor_plan_step_new (ARBOR_PLAN_REVERSE);
}

static ArborPlanStep *
new_random (ArborPlanKind kind, guint64 n_trees, gint64 seed)
{
  ArborPlanStep *self = new_counted (kind, n_trees);

  self->seed = seed >= 0 ? (guint64) seed : arbor_random_draw_seed ();
  return self;
}

ArborPlanStep *
arbor_plan_sample (guint64 n_trees, gint64 seed)
{
  return new_random (ARBOR_PLAN_SAMPLE, n_trees, seed);
}

ArborPlanStep *
arbor_plan_shuffle (gint64 seed)
{
  return new_random (ARBOR_PLAN_SHUFFLE, 0, seed);
}

static ArborPlanStep *
new_fields (ArborPlanKind kind, const char *const *names, ArborNode *const *nodes, gsize n)
{
  ArborPlanStep *self = new_named (kind, names, NULL);

  arbor_plan_step_set_nodes (self, nodes, n);
  return self;
}

ArborPlanStep *
arbor_plan_select (const char *const *names, ArborNode *const *nodes, gsize n)
{
  return new_fields (ARBOR_PLAN_SELECT, names, nodes, n);
}

ArborPlanStep *
arbor_plan_add_fields (const char *const *names, ArborNode *const *nodes, gsize n)
{
  return new_fields (ARBOR_PLAN_ADD_FIELDS, names, nodes, n);
}

ArborPlanStep *
arbor_plan_drop_fields (const char *const *names)
{
  return new_named (ARBOR_PLAN_DROP_FIELDS, names, NULL);
}

ArborPlanStep *
arbor_plan_rename_fields (const char *const *names, const char *const *new_names)
{
  return new_named (ARBOR_PLAN_RENAME_FIELDS, names, new_names);
}

ArborPlanStep *
arbor_plan_explode (const char *path, const char *field, const char *key)
{
  const char *names[] = { path, NULL };
  const char *new_names[] = { field, NULL };
  ArborPlanStep *self =
      new_named (ARBOR_PLAN_EXPLODE, names, field != NULL ? new_names : NULL);

  self->key = g_strdup (key);
  return self;
}

ArborPlanStep *
arbor_plan_append (ArborView *const *others, gsize n, ArborGate *gate)
{
  ArborPlanStep *self = arbor_plan_step_new (ARBOR_PLAN_APPEND);

  set_others (self, others, n, gate);
  return self;
}

ArborPlanStep *
arbor_plan_group (const char *const *names, ArborNode *const *keys, gsize n_keys,
                  const char *const *new_names, ArborNode *const *nodes, gsize n)
{
  ArborPlanStep *self = new_named (ARBOR_PLAN_GROUP, names, new_names);

  arbor_plan_step_set_nodes (self, keys, n_keys);
  set_other_nodes (self, nodes, n);
  return self;
}

/* @text: what its first name is. */
static ArborPlanStep *
new_matching (ArborPlanKind kind, ArborView *other, ArborGate *gate, ArborNode *const *keys, gsize n,
              ArborNode *const *other_keys, gsize n_other, const char *text, guint option)
{
  const char *names[] = { text, NULL };
  ArborPlanStep *self = new_named (kind, names, NULL);

  set_others (self, &other, 1, gate);
  arbor_plan_step_set_nodes (self, keys, n);
  set_other_nodes (self, other_keys, n_other);
  self->option = option;
  return self;
}

ArborPlanStep *
arbor_plan_nest (ArborView *other, ArborGate *gate, ArborNode *const *keys, gsize n,
                 ArborNode *const *other_keys, gsize n_other, const char *field, ArborNestKind nest)
{
  return new_matching (ARBOR_PLAN_NEST, other, gate, keys, n, other_keys, n_other, field, nest);
}

ArborPlanStep *
arbor_plan_join (ArborView *other, ArborGate *gate, ArborNode *const *keys, gsize n,
                 ArborNode *const *other_keys, gsize n_other, ArborJoinKind kind, const char *suffix)
{
  return new_matching (ARBOR_PLAN_JOIN, other, gate, keys, n, other_keys, n_other, suffix, kind);
}
