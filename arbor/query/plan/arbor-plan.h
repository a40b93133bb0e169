/* Plans: operations on an arbor, written down one after the other, and rewritten into others that
 * give the same trees in the same order for less work. A step is immutable and refcounted; a plan
 * is a GPtrArray of steps.
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

#include <gio/gio.h>

#include "base/arbor-sort-flags.h"
#include "query/expr/arbor-node.h"

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
  ARBOR_PLAN_APPEND,        /* object: the arbor that comes after */
  ARBOR_PLAN_GROUP,         /* names, nodes: the keys; new_names, other_nodes: the aggregates */
  ARBOR_PLAN_NEST,          /* object; nodes, other_nodes: the keys; names[0]: the field; option */
  ARBOR_PLAN_JOIN,          /* object; nodes, other_nodes: the keys; names[0]: the suffix; option */
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
  ArborSortFlags *flags; /* NULL, or one for each of the nodes */
  char **names;          /* NULL-terminated */
  char **new_names;
  char *key;
  guint64 start;
  guint64 n_trees;
  gint64 seed;           /* never drawn later: a plan gives the same trees each time */
  GObject *object;       /* another arbor */
} ArborPlanStep;

ArborPlanStep *arbor_plan_step_new (ArborPlanKind kind);
void arbor_plan_step_set_nodes (ArborPlanStep *self, ArborNode *const *nodes, guint n);
void arbor_plan_step_set_other_nodes (ArborPlanStep *self, ArborNode *const *nodes, guint n);
ArborPlanStep *arbor_plan_step_ref (ArborPlanStep *self);
void arbor_plan_step_unref (ArborPlanStep *self);

gboolean arbor_plan_step_is_selection (const ArborPlanStep *self);
gboolean arbor_plan_step_is_row_map (const ArborPlanStep *self);

/* One line for people, without line end. */
void arbor_plan_step_describe (const ArborPlanStep *self, GString *text);

/* A new plan that gives the same. @applied: NULL, or the names of the rewrites are appended to it, as
 * often as they were applied (static strings). */
GPtrArray *arbor_plan_optimise (GPtrArray *plan, GPtrArray *applied);

/* The names of all rewrites, in the order of their table. */
const char *const *arbor_plan_get_rewrites (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborPlanStep, arbor_plan_step_unref)

G_END_DECLS
