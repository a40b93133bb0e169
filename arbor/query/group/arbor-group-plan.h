/* What is to be computed for each group of trees: named expressions, taken apart into the aggregates
 * that run over the trees and what is done with their results.
 *
 * Each outermost call of an aggregate function becomes a slot: its argument is evaluated on each tree
 * of the group, and every value of a vector counts. In the expression a path [i] stands in its place:
 * what is left is evaluated once a group, on the list of the group's keys and then the slots' results.
 * A part that equals a key is that key; any other path is an error. Equal calls share a slot.
 */

#pragma once

#include "query/expr/arbor-evaluator.h"
#include "query/expr/arbor-function.h"
#include "query/series/arbor-series-reader.h"

G_BEGIN_DECLS

typedef struct
{
  const ArborNode *call;
  const ArborFunction *function;
  ArborSeriesReader *argument; /* on trees; NULL for count () of trees */
  ArborEvaluator *parameter; /* on the list of keys; NULL without one */
  gboolean is_vector;        /* the argument */
} ArborGroupSlotPlan;

typedef struct
{
  gsize n_keys;
  char **key_names;
  ArborNode **keys;
  gsize n;
  char **names;
  ArborNode **nodes;           /* as they were given */
  ArborEvaluator **evaluators; /* on the list of keys and results */
  gint64 *places;              /* in this list, of what is nothing else; or -1 */
  const char **field_names;    /* those of the keys, then the names */
  GArray *slots;               /* of ArborGroupSlotPlan */
} ArborGroupPlan;

/* INVALID_ARGUMENT when a name comes twice, EXPRESSION for a path outside of every aggregate. */
ArborGroupPlan *arbor_group_plan_new (char *const *key_names, ArborNode *const *keys, gsize n_keys,
                                      const char *const *names, ArborNode *const *nodes, gsize n,
                                      GError **error);
/* With readers of its own. */
ArborGroupPlan *arbor_group_plan_copy (const ArborGroupPlan *self);
void arbor_group_plan_free (ArborGroupPlan *self);
/* "n = count(), tallest = max(height)" */
void arbor_group_plan_describe (const ArborGroupPlan *self, GString *text);

static inline const ArborGroupSlotPlan *
arbor_group_plan_get_slot (const ArborGroupPlan *self, guint i)
{
  return &g_array_index (self->slots, ArborGroupSlotPlan, i);
}

/* INVALID_ARGUMENT naming the first that comes twice among both lists. */
gboolean arbor_group_check_names (char *const *names, gsize n, char *const *more, gsize n_more,
                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArborGroupPlan, arbor_group_plan_free)

G_END_DECLS
