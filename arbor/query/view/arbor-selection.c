/* Making selections: steps over steps, nothing of them computed. See arbor-selection.h. */

#include "query/view/arbor-selection-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"

ArborSelection *
arbor_selection_alloc (SelectionKind kind, ArborSelection *parent)
{
  ArborSelection *self = g_new0 (ArborSelection, 1);

  g_atomic_ref_count_init (&self->ref_count);
  pthread_mutex_init (&self->mutex, NULL);
  self->kind = kind;
  if (parent != NULL)
    {
      self->parent = arbor_selection_ref (parent);
      self->depth = parent->depth + 1;
    }
  return self;
}

static gboolean
check_depth (ArborSelection *parent, GError **error)
{
  if (parent->depth < ARBOR_SELECTION_MAX_DEPTH)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("A view may be derived through at most %u steps; materialize it in between"),
               ARBOR_SELECTION_MAX_DEPTH);
  return FALSE;
}

ArborSelection *
arbor_selection_new_all (void)
{
  return arbor_selection_alloc (SELECTION_ALL, NULL);
}

ArborSelection *
arbor_selection_new_filter (ArborSelection *parent, ArborNode *predicate, GError **error)
{
  ArborSelection *self;

  if (!check_depth (parent, error))
    return NULL;
  self = arbor_selection_alloc (SELECTION_FILTER, parent);
  self->predicate = arbor_node_ref (predicate);
  self->indices.charge.operation = "filter";
  return self;
}

ArborSelection *
arbor_selection_new_ordered (ArborSelection *parent, ArborOrdering *ordering, GError **error)
{
  ArborSelection *self;

  if (!check_depth (parent, error))
    {
      ordering->verbs->free (ordering);
      return NULL;
    }
  self = arbor_selection_alloc (SELECTION_ORDERED, parent);
  self->ordering = ordering;
  self->indices.charge.operation = ordering->verbs->name;
  return self;
}

/* The parent of a slice up to @end: of a sorted selection, its first trees. Takes over nothing. */
static ArborSelection *
get_first_trees (ArborSelection *parent, guint64 end)
{
  ArborOrdering *whole = parent->kind == SELECTION_ORDERED ? parent->ordering : NULL;
  ArborOrdering *first = NULL;

  if (whole != NULL && whole->verbs->take_first != NULL)
    first = whole->verbs->take_first (whole, end, parent);
  /* As deep as the sorted one, which it stands in for. */
  return first != NULL ? arbor_selection_new_ordered (parent->parent, first, NULL)
                       : arbor_selection_ref (parent);
}

ArborSelection *
arbor_selection_new_slice (ArborSelection *parent, guint64 start, guint64 n, GError **error)
{
  g_autoptr (ArborSelection) first = NULL;
  ArborSelection *self;
  guint64 end;

  if (!g_uint64_checked_add (&end, start, n))
    n = G_MAXUINT64 - start;
  if (parent->kind == SELECTION_SLICE)
    {
      /* A slice of a slice is one slice. */
      n = start < parent->n ? MIN (n, parent->n - start) : 0;
      if (!g_uint64_checked_add (&start, start, parent->start))
        n = 0;
      parent = parent->parent;
    }
  if (!check_depth (parent, error))
    return NULL;
  first = get_first_trees (parent, start + n);
  self = arbor_selection_alloc (SELECTION_SLICE, first);
  self->start = start;
  self->n = n;
  return self;
}

ArborSelection *
arbor_selection_new_tail (ArborSelection *parent, guint64 n, GError **error)
{
  ArborSelection *self;

  if (!check_depth (parent, error))
    return NULL;
  self = arbor_selection_alloc (SELECTION_TAIL, parent);
  self->n = n;
  return self;
}

ArborSelection *
arbor_selection_new_reverse (ArborSelection *parent, GError **error)
{
  if (parent->kind == SELECTION_REVERSE)
    return arbor_selection_ref (parent->parent);
  return check_depth (parent, error) ? arbor_selection_alloc (SELECTION_REVERSE, parent) : NULL;
}

ArborSelection *
arbor_selection_new_list (guint32 *indices, guint64 n)
{
  ArborSelection *self = arbor_selection_alloc (SELECTION_LIST, NULL);

  self->list = indices;
  self->n = n;
  return self;
}

ArborSelection *
arbor_selection_copy_step (ArborSelection *of, ArborSelection *parent)
{
  ArborSelection *self = arbor_selection_alloc (of->kind, parent);

  self->start = of->start;
  self->n = of->n;
  if (of->predicate != NULL)
    self->predicate = arbor_node_ref (of->predicate);
  if (of->list != NULL)
    self->list = g_memdup2 (of->list, of->n * sizeof (guint32));
  if (of->ordering != NULL)
    self->ordering = of->ordering->verbs->copy (of->ordering);
  self->indices.charge.operation = of->indices.charge.operation;
  if (parent != NULL)
    arbor_selection_unref (parent);
  return self;
}

ArborSelection *
arbor_selection_copy (ArborSelection *self)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();
  ArborSelection *copy = NULL;

  for (ArborSelection *at = self; at != NULL; at = at->parent)
    g_ptr_array_add (steps, at);
  for (guint i = steps->len; i > 0; i--)
    copy = arbor_selection_copy_step (steps->pdata[i - 1], copy);
  return copy;
}

ArborSelection *
arbor_selection_ref (ArborSelection *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_selection_unref (ArborSelection *self)
{
  /* A loop: chains may be long. */
  while (self != NULL && g_atomic_ref_count_dec (&self->ref_count))
    {
      ArborSelection *parent = self->parent;

      g_clear_pointer (&self->filter, arbor_filter_free);
      g_clear_pointer (&self->scan, arbor_scan_free);
      g_clear_pointer (&self->predicate, arbor_node_unref);
      g_clear_pointer (&self->set, arbor_selection_unref);
      if (self->ordering != NULL)
        self->ordering->verbs->free (self->ordering);
      arbor_indices_clear (&self->indices);
      g_free (self->list);
      pthread_mutex_destroy (&self->mutex);
      g_free (self);
      self = parent;
    }
}

gboolean
arbor_selection_is_all (ArborSelection *self)
{
  return self->kind == SELECTION_ALL;
}

gboolean
arbor_selection_is_ordered (ArborSelection *self)
{
  for (; self != NULL; self = self->parent)
    if (self->kind == SELECTION_ORDERED || self->kind == SELECTION_LIST)
      return TRUE;
  return FALSE;
}

gboolean
arbor_selection_can_be_fused (ArborSelection *self)
{
  gboolean has_begun;

  if (self->kind != SELECTION_FILTER || !g_atomic_ref_count_compare (&self->ref_count, 1))
    return FALSE;
  pthread_mutex_lock (&self->mutex);
  has_begun = self->filter != NULL || self->scan != NULL || self->is_complete;
  pthread_mutex_unlock (&self->mutex);
  return !has_begun;
}

gboolean
arbor_selection_list_conditions (ArborSelection *self, GPtrArray *predicates)
{
  for (; self->kind == SELECTION_FILTER; self = self->parent)
    g_ptr_array_add (predicates, self->predicate);
  return arbor_selection_goes_among (self);
}
