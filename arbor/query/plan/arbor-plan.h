/* Plans: operations on an arbor, written down one after the other, and rewritten into others that
 * give the same trees in the same order for less work. A step is immutable and refcounted; a plan
 * is a GPtrArray of steps. Whoever applies an operation at once makes the same step and applies it.
 *
 * Steps are of three sorts. A selection keeps, drops and moves trees but leaves them as they are. A
 * row map makes exactly one new tree of each tree, which depends on that tree alone. Everything
 * else is a barrier that nothing is moved across.
 *
 * Each rewrite is one entry of the table in arbor-plan-rewrite.c, with the law that it rests on.
 * Rewriting ends: each rewrite makes the plan shorter, or moves a selection before a row map or a
 * filter before what only moves trees, or replaces a sort by a top_k.
 */

#pragma once

#include "base/arbor-join-kind.h"
#include "base/arbor-sort-flags.h"
#include "query/view/arbor-view.h"

G_BEGIN_DECLS

typedef enum
{
  ARBOR_PLAN_FILTER,        /* nodes[0] */
  ARBOR_PLAN_SORT,          /* nodes, flags */
  ARBOR_PLAN_TOP_K,         /* nodes, flags, n_trees */
  ARBOR_PLAN_UNIQUE,        /* nodes */
  ARBOR_PLAN_SLICE,         /* start, n_trees */
  ARBOR_PLAN_TAIL,          /* n_trees */
  ARBOR_PLAN_REVERSE,
  ARBOR_PLAN_SAMPLE,        /* n_trees, seed */
  ARBOR_PLAN_SHUFFLE,       /* seed */
  ARBOR_PLAN_SELECT,        /* names, nodes */
  ARBOR_PLAN_ADD_FIELDS,    /* names, nodes */
  ARBOR_PLAN_DROP_FIELDS,   /* names */
  ARBOR_PLAN_RENAME_FIELDS, /* names, new_names */
  ARBOR_PLAN_EXPLODE,       /* names[0]: the path; new_names[0], when there is one: the field;
                             * key: the field for keys, or NULL */
  ARBOR_PLAN_APPEND,        /* others: the views that come after */
  ARBOR_PLAN_GROUP,         /* names, nodes: the keys; new_names, other_nodes: the aggregates */
  ARBOR_PLAN_NEST,          /* others[0]; nodes, other_nodes: the keys; names[0]: the field; option */
  ARBOR_PLAN_JOIN,          /* others[0]; nodes, other_nodes: the keys; names[0]: the suffix; option */
} ArborPlanKind;

typedef struct
{
  gatomicrefcount ref_count;
  ArborPlanKind kind;
  guint n_nodes;
  ArborNode **nodes;
  guint n_other_nodes;
  ArborNode **other_nodes;
  guint option;
  guint n_flags;
  ArborSortFlags *flags; /* NULL, or one for each of the nodes, unless the number is wrong */
  char **names;          /* NULL-terminated */
  char **new_names;
  char *key;
  guint64 start;
  guint64 n_trees;
  guint64 seed;          /* never drawn later: a plan gives the same trees each time */
  guint n_others;
  ArborView **others;    /* NULL among them: an arbor that was never opened */
  ArborGate *gate;       /* NULL, or what ends the result besides all that it is made of */
} ArborPlanStep;

/* The operations. Arguments are copied; those that cannot be are told by check and apply. A negative
 * seed is drawn now. */
ArborPlanStep *arbor_plan_filter (ArborNode *predicate);
ArborPlanStep *arbor_plan_sort (ArborNode *const *keys, gsize n, const ArborSortFlags *flags,
                                gsize n_flags);
ArborPlanStep *arbor_plan_top_k (guint64 k, ArborNode *const *keys, gsize n,
                                 const ArborSortFlags *flags, gsize n_flags);
ArborPlanStep *arbor_plan_unique (ArborNode *const *keys, gsize n);
ArborPlanStep *arbor_plan_slice (guint64 start, guint64 n_trees);
ArborPlanStep *arbor_plan_tail (guint64 n_trees);
ArborPlanStep *arbor_plan_reverse (void);
ArborPlanStep *arbor_plan_sample (guint64 n_trees, gint64 seed);
ArborPlanStep *arbor_plan_shuffle (gint64 seed);
ArborPlanStep *arbor_plan_select (const char *const *names, ArborNode *const *nodes, gsize n);
ArborPlanStep *arbor_plan_add_fields (const char *const *names, ArborNode *const *nodes, gsize n);
ArborPlanStep *arbor_plan_drop_fields (const char *const *names);
ArborPlanStep *arbor_plan_rename_fields (const char *const *names, const char *const *new_names);
ArborPlanStep *arbor_plan_explode (const char *path, const char *field, const char *key);
ArborPlanStep *arbor_plan_append (ArborView *const *others, gsize n, ArborGate *gate);
ArborPlanStep *arbor_plan_group (const char *const *names, ArborNode *const *keys, gsize n_keys,
                                 const char *const *new_names, ArborNode *const *nodes, gsize n);
ArborPlanStep *arbor_plan_nest (ArborView *other, ArborGate *gate, ArborNode *const *keys, gsize n,
                                ArborNode *const *other_keys, gsize n_other, const char *field,
                                ArborNestKind nest);
ArborPlanStep *arbor_plan_join (ArborView *other, ArborGate *gate, ArborNode *const *keys, gsize n,
                                ArborNode *const *other_keys, gsize n_other, ArborJoinKind kind,
                                const char *suffix);

/* Without arguments yet. */
ArborPlanStep *arbor_plan_step_new (ArborPlanKind kind);
void arbor_plan_step_set_nodes (ArborPlanStep *self, ArborNode *const *nodes, gsize n);
ArborPlanStep *arbor_plan_step_ref (ArborPlanStep *self);
void arbor_plan_step_unref (ArborPlanStep *self);

/* The view after the step; nothing is computed by that. @view may be NULL, see arbor_view_enter. */
ArborView *arbor_plan_step_apply (const ArborPlanStep *self, ArborView *view, GError **error);
/* Whether it can be applied: what its arguments are is found by the very code that will run, on a view
 * without trees. */
gboolean arbor_plan_step_check (const ArborPlanStep *self, GError **error);
/* All steps of a plan, one after the other. */
ArborView *arbor_plan_apply (GPtrArray *plan, ArborView *view, GError **error);

/* INVALID_ARGUMENT unless there are @n names. */
gboolean arbor_plan_check_names (const char *const *names, gsize n, GError **error);

gboolean arbor_plan_step_is_selection (const ArborPlanStep *self);
gboolean arbor_plan_step_is_row_map (const ArborPlanStep *self);

/* One line for people, without line end. */
void arbor_plan_step_describe (const ArborPlanStep *self, GString *text);

/* A new plan that gives the same. @applied: NULL, or the names of the rewrites are appended to it, as
 * often as they were applied (static strings). */
GPtrArray *arbor_plan_optimise (GPtrArray *plan, GPtrArray *applied);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborPlanStep, arbor_plan_step_unref)

G_END_DECLS
