/* Rewriting plans. See arbor-plan.h.
 *
 * A rewrite looks at two neighbours, @a and then @b, and gives the steps that stand for them. In the
 * laws below a plan is read from left to right: "a . b" applies a, then b.
 */

#include "query/plan/arbor-plan.h"

#include "query/plan/arbor-plan-substitute.h"

/* FALSE: does not apply. What comes instead is appended to @out: one reference each. */
typedef gboolean (*Rewrite) (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out);

static gboolean
take (GPtrArray *out, ArborPlanStep *step)
{
  g_ptr_array_add (out, step);
  return TRUE;
}

static gboolean
swap (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  g_ptr_array_add (out, arbor_plan_step_ref (b));
  return take (out, arbor_plan_step_ref (a));
}

/* filter p . filter q = filter (p and q): a tree passes where p and q are both exactly true, which
 * is where their conjunction is, null being neither. Never across a step that counts trees. */
static gboolean
fuse_filters (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  ArborNode *nodes[2];
  g_autoptr (ArborNode) both = NULL;

  if (a->kind != ARBOR_PLAN_FILTER || b->kind != ARBOR_PLAN_FILTER)
    return FALSE;
  nodes[0] = a->nodes[0];
  nodes[1] = b->nodes[0];
  both = arbor_node_new_call ("and", nodes, 2, NULL);
  if (both == NULL) /* too large */
    return FALSE;
  return take (out, arbor_plan_filter (both));
}

/* sort . filter p = filter p . sort, and reverse . filter p = filter p . reverse: sorting is stable,
 * so the trees that are left stand in the same order; fewer are sorted. */
static gboolean
filter_first (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  return (a->kind == ARBOR_PLAN_SORT || a->kind == ARBOR_PLAN_REVERSE) &&
         b->kind == ARBOR_PLAN_FILTER && swap (a, b, out);
}

/* reverse . reverse = nothing. */
static gboolean
drop_reverses (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  return a->kind == ARBOR_PLAN_REVERSE && b->kind == ARBOR_PLAN_REVERSE;
}

/* slice s n . slice t m = slice (s + t) (min m (n - t)), nothing when t >= n. */
static gboolean
fuse_slices (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  guint64 start;

  if (a->kind != ARBOR_PLAN_SLICE || b->kind != ARBOR_PLAN_SLICE ||
      !g_uint64_checked_add (&start, a->start, b->start))
    return FALSE;
  return take (out, arbor_plan_slice (start, b->start < a->n_trees
                                                 ? MIN (b->n_trees, a->n_trees - b->start)
                                                 : 0));
}

/* tail n . tail m = tail (min n m). */
static gboolean
fuse_tails (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  if (a->kind != ARBOR_PLAN_TAIL || b->kind != ARBOR_PLAN_TAIL)
    return FALSE;
  return take (out, arbor_plan_step_ref (a->n_trees < b->n_trees ? a : b));
}

/* sort k . slice s n = top_k (s + n) k . slice s n: the first s + n trees of the sorted ones are all
 * that is read; with s = 0 the slice has nothing left to do. */
static gboolean
fuse_top_k (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  guint64 n_trees;

  if (a->kind != ARBOR_PLAN_SORT || b->kind != ARBOR_PLAN_SLICE ||
      !g_uint64_checked_add (&n_trees, b->start, b->n_trees) || n_trees == G_MAXUINT64)
    return FALSE;
  g_ptr_array_add (out,
                   arbor_plan_top_k (n_trees, a->nodes, a->n_nodes, a->flags, a->n_flags));
  return b->start == 0 || take (out, arbor_plan_step_ref (b));
}

/* top_k n k . slice 0 m = top_k (min n m) k. */
static gboolean
narrow_top_k (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  if (a->kind != ARBOR_PLAN_TOP_K || b->kind != ARBOR_PLAN_SLICE || b->start > 0)
    return FALSE;
  return take (out, arbor_plan_top_k (MIN (a->n_trees, b->n_trees), a->nodes, a->n_nodes, a->flags,
                                      a->n_flags));
}

/* map m . selection s = selection (s read through m) . map m, where everything that s looks at can be
 * said of the tree before m: a row map makes one tree of each, in place, so positions stand for the
 * same trees. Fewer trees are made. */
static gboolean
select_first (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  g_autoptr (ArborPlanStep) before = NULL;

  if (!arbor_plan_step_is_row_map (a) || !arbor_plan_step_is_selection (b))
    return FALSE;
  before = arbor_plan_substitute (a, b, FALSE);
  return before != NULL && swap (a, before, out);
}

/* map m . select f = select (f read through m), where every value of f can be said of the tree before
 * m: fields of m that f does not look at are never computed. */
static gboolean
project (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  ArborPlanStep *before;

  if (!arbor_plan_step_is_row_map (a) || b->kind != ARBOR_PLAN_SELECT)
    return FALSE;
  before = arbor_plan_substitute (a, b, TRUE);
  return before != NULL && take (out, before);
}

static const struct
{
  const char *name;
  Rewrite rewrite;
} rewrites[] = {
  { "fuse filters", fuse_filters },
  { "filter before sorting", filter_first },
  { "drop two reverses", drop_reverses },
  { "fuse slices", fuse_slices },
  { "fuse tails", fuse_tails },
  { "sort and limit to top_k", fuse_top_k },
  { "narrow top_k", narrow_top_k },
  { "select before making trees", select_first },
  { "project", project },
};

/* The first rewrite that applies to the two, NULL when there is none. */
static const char *
rewrite_pair (ArborPlanStep *a, ArborPlanStep *b, GPtrArray *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (rewrites); i++)
    if (rewrites[i].rewrite (a, b, out))
      return rewrites[i].name;
  return NULL;
}

/* @todo has the steps that are still to come, the next one last; @done those before. After a rewrite
 * the new steps come again, and the one before them, which may have a new neighbour now. */
GPtrArray *
arbor_plan_optimise (GPtrArray *plan, GPtrArray *applied)
{
  GPtrArray *done = g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_plan_step_unref);
  g_autoptr (GPtrArray) todo =
      g_ptr_array_new_with_free_func ((GDestroyNotify) arbor_plan_step_unref);
  g_autoptr (GPtrArray) out = g_ptr_array_new ();

  for (guint i = plan->len; i > 0; i--)
    g_ptr_array_add (todo, arbor_plan_step_ref (plan->pdata[i - 1]));
  while (todo->len > 0)
    {
      g_autoptr (ArborPlanStep) next = g_ptr_array_steal_index (todo, todo->len - 1);
      g_autoptr (ArborPlanStep) last = NULL;
      const char *name = NULL;

      g_ptr_array_set_size (out, 0);
      if (done->len > 0)
        name = rewrite_pair (done->pdata[done->len - 1], next, out);
      if (name == NULL)
        {
          g_ptr_array_add (done, g_steal_pointer (&next));
          continue;
        }
      if (applied != NULL)
        g_ptr_array_add (applied, (gpointer) name);
      last = g_ptr_array_steal_index (done, done->len - 1);
      for (guint i = out->len; i > 0; i--)
        g_ptr_array_add (todo, out->pdata[i - 1]);
    }
  return done;
}
