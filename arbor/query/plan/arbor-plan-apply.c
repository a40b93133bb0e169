/* Applying steps to views. See arbor-plan.h.
 *
 * Each is checked inside the view, so that closed and stale are told before what is wrong with the
 * arguments: first of the view itself, then of others that the step puts to it.
 */

#include "query/plan/arbor-plan.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "query/group/arbor-join.h"
#include "query/make/arbor-fields.h"
#include "query/make/arbor-view-notes.h"
#include "query/order/arbor-ordering.h"
#include "query/view/arbor-concat.h"

gboolean
arbor_plan_check_names (const char *const *names, gsize n, GError **error)
{
  gsize n_names = g_strv_length ((char **) names);

  if (n_names == n)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
               _("Expected as many names as values, found %" PRIu64 " names for %" PRIu64
                 " values"),
               (guint64) n_names, (guint64) n);
  return FALSE;
}

/* Selections */

static ArborView *
select_ordered (const ArborPlanStep *self, ArborView *view, ArborOrdering *ordering, GError **error)
{
  return arbor_view_select (view,
                            arbor_selection_new_ordered (view->selection, ordering, error));
}

static ArborView *
apply_sorted (const ArborPlanStep *self, ArborView *view, GError **error)
{
  g_autoptr (ArborSortKeys) keys =
      arbor_sort_keys_new (self->nodes, self->n_nodes, self->flags, self->n_flags, error);

  if (keys == NULL)
    return NULL;
  return select_ordered (self, view,
                         self->kind == ARBOR_PLAN_SORT ? arbor_ordering_new_sort (keys)
                         : self->kind == ARBOR_PLAN_TOP_K
                             ? arbor_ordering_new_top (keys, self->n_trees)
                             : arbor_ordering_new_unique (keys),
                         error);
}

static ArborView *
apply_filter (const ArborPlanStep *self, ArborView *view, GError **error)
{
  if (!arbor_node_check_condition (self->nodes[0], error))
    return NULL;
  return arbor_view_select (
      view, arbor_selection_new_filter (view->selection, self->nodes[0], error));
}

static ArborView *
apply_selection (const ArborPlanStep *self, ArborView *view, GError **error)
{
  ArborSelection *before = view->selection;

  switch (self->kind)
    {
    case ARBOR_PLAN_FILTER:
      return apply_filter (self, view, error);
    case ARBOR_PLAN_SLICE:
      return arbor_view_select (
          view, arbor_selection_new_slice (before, self->start, self->n_trees, error));
    case ARBOR_PLAN_TAIL:
      return arbor_view_select (view, arbor_selection_new_tail (before, self->n_trees, error));
    case ARBOR_PLAN_REVERSE:
      return arbor_view_select (view, arbor_selection_new_reverse (before, error));
    case ARBOR_PLAN_SAMPLE:
      return select_ordered (self, view, arbor_ordering_new_sample (self->n_trees, self->seed),
                             error);
    case ARBOR_PLAN_SHUFFLE:
      return select_ordered (self, view, arbor_ordering_new_shuffle (self->seed), error);
    default:
      return apply_sorted (self, view, error);
    }
}

/* New trees */

static gboolean
check_fields (const ArborPlanStep *self, GError **error)
{
  if (!arbor_plan_check_names ((const char *const *) self->names, self->n_nodes, error))
    return FALSE;
  for (guint i = 0; i < self->n_nodes; i++)
    if (!arbor_node_check_row (self->nodes[i], error))
      return FALSE;
  return TRUE;
}

static ArborSource *
make_fields (const ArborPlanStep *self, ArborView *view, GError **error)
{
  const char *const *names = (const char *const *) self->names;

  if (!check_fields (self, error))
    return NULL;
  if (self->kind == ARBOR_PLAN_SELECT)
    return arbor_fields_select (view->source, view->selection, names, self->nodes, self->n_nodes,
                                error);
  return arbor_fields_add (view->source, view->selection, names, self->nodes, self->n_nodes, error);
}

static ArborSource *
make_renamed (const ArborPlanStep *self, ArborView *view, GError **error)
{
  const char *const *new_names = (const char *const *) self->new_names;
  gsize n = g_strv_length (self->names);

  if (!arbor_plan_check_names (new_names, n, error))
    return NULL;
  return arbor_fields_rename (view->source, view->selection, (const char *const *) self->names,
                              new_names, n, error);
}

static ArborSource *
make_exploded (const ArborPlanStep *self, ArborView *view, ArborAccess *access, GError **error)
{
  if (!arbor_view_check_path (view, access, self->names[0], error))
    return NULL;
  return arbor_fields_explode (view->source, view->selection, self->names[0],
                               self->new_names != NULL ? self->new_names[0] : NULL, self->key,
                               error);
}

static ArborSource *
make_groups (const ArborPlanStep *self, ArborView *view, ArborAccess *access, GError **error)
{
  g_autoptr (ArborGrouping) grouping = NULL;

  if (!arbor_plan_check_names ((const char *const *) self->names, self->n_nodes, error))
    return NULL;
  grouping = arbor_grouping_new (view->source, view->selection, (const char *const *) self->names,
                                 self->nodes, self->n_nodes, error);
  if (grouping == NULL ||
      !arbor_plan_check_names ((const char *const *) self->new_names, self->n_other_nodes, error) ||
      !arbor_view_check_nodes (view, access, self->other_nodes, self->n_other_nodes, error))
    return NULL;
  return arbor_grouping_aggregate (grouping, (const char *const *) self->new_names,
                                   self->other_nodes, self->n_other_nodes, error);
}

/* Several views */

/* Tells of the first that is closed or stale, or whose key no tree has. */
static gboolean
check_others (const ArborPlanStep *self, GError **error)
{
  for (guint i = 0; i < self->n_others; i++)
    {
      gboolean is_good = TRUE;
      ArborAccess access;

      if (!arbor_view_enter (self->others[i], &access, error))
        return FALSE;
      if (self->kind != ARBOR_PLAN_APPEND)
        is_good = arbor_view_check_nodes (self->others[i], &access, self->other_nodes,
                                          self->n_other_nodes, error);
      is_good = arbor_access_end (&access, error) && is_good;
      if (!is_good)
        return FALSE;
    }
  return TRUE;
}

static ArborSource *
make_concatenation (const ArborPlanStep *self, ArborView *view, GError **error)
{
  g_autofree ArborView **views = g_new (ArborView *, self->n_others + 1);

  views[0] = view;
  for (guint i = 0; i < self->n_others; i++)
    views[i + 1] = self->others[i];
  return arbor_concat_new (views, self->n_others + 1, self->gate, error);
}

static ArborView *
make_matches (const ArborPlanStep *self, ArborView *view, GError **error)
{
  const ArborView *other = self->others[0];
  const ArborJoinSide left = { view->source, view->selection, self->nodes, self->n_nodes };
  const ArborJoinSide right = { other->source, other->selection, self->other_nodes,
                                self->n_other_nodes };
  const char *suffix = self->names[0];

  if (self->kind == ARBOR_PLAN_NEST)
    return arbor_view_new_all (arbor_join_nest (&left, &right, self->names[0],
                                                (ArborNestKind) self->option, self->gate, error));
  if (suffix != NULL && *suffix == '\0')
    {
      g_set_error_literal (error, ARBOR_ERROR, ARBOR_ERROR_INVALID_ARGUMENT,
                           _("Expected a suffix of at least one character, found none"));
      return NULL;
    }
  if (self->option == ARBOR_JOIN_KIND_SEMI || self->option == ARBOR_JOIN_KIND_ANTI)
    return arbor_join_keep (&left, &right, self->option == ARBOR_JOIN_KIND_ANTI, self->gate, error);
  return arbor_view_new_all (arbor_join_new (&left, &right, (ArborJoinKind) self->option,
                                             suffix != NULL ? suffix : "_right", self->gate,
                                             error));
}

static ArborSource *
make_trees (const ArborPlanStep *self, ArborView *view, ArborAccess *access, GError **error)
{
  switch (self->kind)
    {
    case ARBOR_PLAN_SELECT:
    case ARBOR_PLAN_ADD_FIELDS:
      return make_fields (self, view, error);
    case ARBOR_PLAN_DROP_FIELDS:
      return arbor_fields_drop (view->source, view->selection, (const char *const *) self->names,
                                g_strv_length (self->names), error);
    case ARBOR_PLAN_RENAME_FIELDS:
      return make_renamed (self, view, error);
    case ARBOR_PLAN_EXPLODE:
      return make_exploded (self, view, access, error);
    case ARBOR_PLAN_GROUP:
      return make_groups (self, view, access, error);
    default: /* ARBOR_PLAN_APPEND */
      return make_concatenation (self, view, error);
    }
}

static ArborView *
make (const ArborPlanStep *self, ArborView *view, ArborAccess *access, GError **error)
{
  if (!check_others (self, error))
    return NULL;
  return self->kind == ARBOR_PLAN_NEST || self->kind == ARBOR_PLAN_JOIN
             ? arbor_view_compute_view (view, make_matches (self, view, error))
             : arbor_view_compute (view, make_trees (self, view, access, error));
}

ArborView *
arbor_plan_step_apply (const ArborPlanStep *self, ArborView *view, GError **error)
{
  ArborView *result = NULL;
  ArborAccess access;

  if (!arbor_view_enter (view, &access, error))
    return NULL;
  if (!arbor_view_check_nodes (view, &access, self->nodes, self->n_nodes, error))
    result = NULL;
  else if (arbor_plan_step_is_selection (self))
    result = apply_selection (self, view, error);
  else
    result = make (self, view, &access, error);
  if (!arbor_access_end (&access, error))
    g_clear_pointer (&result, arbor_view_unref);
  for (guint i = 0; result != NULL && self->kind == ARBOR_PLAN_APPEND && i < self->n_others; i++)
    result->is_strict |= self->others[i]->is_strict;
  return result;
}

gboolean
arbor_plan_step_check (const ArborPlanStep *self, GError **error)
{
  g_autoptr (ArborView) nothing =
      arbor_view_new_all (arbor_source_new_memory (g_ptr_array_new (), error));
  g_autoptr (ArborView) trial = NULL;

  if (nothing != NULL)
    trial = arbor_plan_step_apply (self, nothing, error);
  return trial != NULL;
}

ArborView *
arbor_plan_apply (GPtrArray *plan, ArborView *view, GError **error)
{
  g_autoptr (ArborView) at = arbor_view_ref (view);

  for (guint i = 0; i < plan->len; i++)
    {
      g_autoptr (ArborView) before = g_steal_pointer (&at);

      at = arbor_plan_step_apply (plan->pdata[i], before, error);
      if (at == NULL)
        return NULL;
    }
  return g_steal_pointer (&at);
}
