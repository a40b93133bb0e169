/* See arbor-trace.h. */

#include "query/view/arbor-trace.h"

#include "query/view/arbor-derived-private.h"
#include "query/view/arbor-derived.h"

/* After so many, who asks may ask on: trees are made. */
#define MOST 8u

static guint wanted_most; /* atomic */

void
arbor_trace_set_most (guint n)
{
  __atomic_store_n (&wanted_most, n, __ATOMIC_RELAXED);
}

static gboolean
is_worn (ArborDerived *self)
{
  guint most = __atomic_load_n (&wanted_most, __ATOMIC_RELAXED);

  return __atomic_load_n (&self->n_traced, __ATOMIC_RELAXED) >= (most != 0 ? most : MOST);
}

/* The source whose trees @source has, in full. */
static ArborSource *
find_full (ArborSource *source)
{
  if (source->derived != NULL && source->derived->full != NULL)
    source = source->derived->full;
  while (arbor_source_is_same (source))
    source = source->derived->inputs[0];
  return source;
}

static void
free_nodes (ArborNode **nodes, guint n)
{
  for (guint i = 0; nodes != NULL && i < n; i++)
    arbor_node_unref (nodes[i]);
  g_free (nodes);
}

/* NULL: one of them cannot be said. */
static ArborNode **
trace_nodes (const ArborTrace *self, const ArborDerived *derived)
{
  ArborNode **nodes = g_new (ArborNode *, self->n + 1);

  for (guint i = 0; i < self->n; i++)
    {
      nodes[i] = derived->op->trace (derived->data, self->nodes[i]);
      if (nodes[i] == NULL)
        {
          free_nodes (nodes, i);
          return NULL;
        }
    }
  return nodes;
}

/* One step towards what the trees are made of. */
static gboolean
step (ArborTrace *self, ArborTraceFor what)
{
  ArborSource *source = find_full (self->source);
  ArborDerived *derived = source->derived;
  ArborSelection *input;
  gboolean takes_all;
  ArborNode **nodes;

  if (derived == NULL || derived->op->trace == NULL || arbor_source_is_computed (source) ||
      is_worn (derived) || derived->selections[0] == NULL)
    return FALSE;
  input = derived->selections[0];
  takes_all = arbor_selection_is_all (input);
  if (!takes_all &&
      (what == ARBOR_TRACE_INDICES || !arbor_selection_is_all (self->selection)))
    return FALSE;
  nodes = trace_nodes (self, derived);
  if (nodes == NULL)
    return FALSE;
  __atomic_fetch_add (&derived->n_traced, 1, __ATOMIC_RELAXED);
  free_nodes (self->nodes, self->n);
  self->nodes = nodes;
  arbor_source_ref (derived->inputs[0]);
  if (!takes_all)
    {
      arbor_selection_ref (input);
      arbor_selection_unref (self->selection);
      self->selection = input;
      arbor_source_unref (self->about);
      self->about = arbor_source_ref (derived->inputs[0]);
    }
  arbor_source_unref (self->source);
  self->source = derived->inputs[0];
  return TRUE;
}

gboolean
arbor_trace_init (ArborTrace *self, ArborSource *source, ArborSelection *selection,
                  ArborNode *const *nodes, guint n, ArborTraceFor what)
{
  *self = (ArborTrace){ .source = arbor_source_ref (source),
                        .about = arbor_source_ref (source),
                        .selection = arbor_selection_ref (selection),
                        .n = n,
                        .nodes = g_new (ArborNode *, n + 1) };
  for (guint i = 0; i < n; i++)
    self->nodes[i] = arbor_node_ref (nodes[i]);
  while (step (self, what))
    self->is_traced = TRUE;
  return self->is_traced;
}

void
arbor_trace_clear (ArborTrace *self)
{
  free_nodes (self->nodes, self->n);
  g_clear_pointer (&self->source, arbor_source_unref);
  g_clear_pointer (&self->about, arbor_source_unref);
  g_clear_pointer (&self->selection, arbor_selection_unref);
  self->nodes = NULL;
  self->n = 0;
}

void
arbor_trace_enter (const ArborTrace *self, const ArborAccess *of, ArborAccess *access)
{
  const ArborAccess copy = *of; /* which may be @access */

  if (!self->is_traced && copy.source == self->source)
    {
      *access = copy;
      access->is_borrowed = TRUE;
      return;
    }
  arbor_access_borrow (access, &copy, self->source);
  access->about = self->about != self->source ? self->about : NULL;
}

ArborSource *
arbor_access_get_about (const ArborAccess *access)
{
  return access->about != NULL ? access->about : access->source;
}
