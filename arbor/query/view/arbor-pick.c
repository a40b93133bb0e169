/* See arbor-pick.h. Trees that are read one by one come in pages, of which a source keeps the last few. */

#include "query/view/arbor-pick.h"

#include <string.h>

#include "base/arbor-error.h"
#include "query/view/arbor-derived-private.h"

#define PAGE 64u
/* Trees that have to be made for each one that is asked for, where those are picked sooner. */
#define TIMES 4u
#define AHEAD 64u

/* Counting for who picks */

gboolean
arbor_access_tell_up_to (ArborAccess *self, guint64 limit, GCancellable *cancellable, guint64 *count,
                         GError **error)
{
  ArborDerived *derived = self->source->derived;
  gboolean is_known = FALSE;
  guint64 n = 0;

  if (limit == G_MAXUINT64)
    return arbor_access_tell_count (self, cancellable, count, error);
  if (derived == NULL || derived->op->count == NULL || arbor_source_is_computed (self->source) ||
      limit <= arbor_source_get_n_trees (self->source))
    return arbor_access_count_trees (self, limit, cancellable, count, error);
  if (!arbor_access_check (self, cancellable, error))
    return FALSE;
  pthread_mutex_lock (&derived->mutex);
  is_known = !derived->is_complete &&
             derived->op->count (derived->data, self, limit, &n, &is_known, cancellable, NULL) &&
             is_known && n <= ARBOR_MAX_TREES;
  pthread_mutex_unlock (&derived->mutex);
  *count = MIN (n, limit);
  return is_known || arbor_access_count_trees (self, limit, cancellable, count, error);
}

gboolean
arbor_access_reach (ArborAccess *self, guint64 position, guint32 max, GCancellable *cancellable,
                    guint64 *count, GError **error)
{
  const ArborDerived *derived = self->source->derived;
  guint64 end = MIN (position, G_MAXUINT64 - max) + max;
  guint64 n_made = arbor_source_get_n_trees (self->source);

  if (derived == NULL || end <= n_made ||
      (derived->op->pick == NULL && !derived->op->is_same) ||
      end - n_made <= (guint64) TIMES * max + AHEAD)
    return arbor_access_count_trees (self, end, cancellable, count, error);
  return arbor_access_tell_up_to (self, end, cancellable, count, error);
}

/* Picking */

static int
compare_indices (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return (x > y) - (x < y);
}

/* Ascending, each once. */
static guint32 *
sort_indices (const guint32 *indices, guint32 n, guint32 *n_sorted)
{
  guint32 *sorted = g_memdup2 (indices, n * sizeof *indices);
  gboolean ascends = TRUE;
  guint32 last = 0;

  for (guint32 i = 1; i < n; i++)
    ascends &= indices[i] > indices[i - 1];
  *n_sorted = n;
  if (ascends)
    return sorted;
  qsort (sorted, n, sizeof *sorted, compare_indices);
  for (guint32 i = 1; i < n; i++)
    if (sorted[i] != sorted[last])
      sorted[++last] = sorted[i];
  *n_sorted = last + 1;
  return sorted;
}

/* Each of @indices becomes its place among the @n sorted ones. */
static void
place_indices (guint32 *indices, guint32 n_indices, const guint32 *sorted, guint32 n)
{
  guint32 at = 0;

  for (guint32 i = 0; i < n_indices; i++)
    {
      if (at >= n || sorted[at] != indices[i])
        at = (guint32) ((const guint32 *) bsearch (&indices[i], sorted, n, sizeof *sorted,
                                                   compare_indices) -
                        sorted);
      indices[i] = at++;
    }
}

/* NULL: not so. */
static ArborSource *
make_picked (const ArborAccess *access, const guint32 *indices, guint32 n, GCancellable *cancellable)
{
  ArborDerived *derived = access->source->derived;
  g_autoptr (ArborSource) source = NULL;
  ArborAccess input = *access;
  ArborAccess made;
  gpointer data = NULL;
  guint64 count;

  pthread_mutex_lock (&derived->mutex);
  if (!derived->is_complete)
    data = derived->op->pick (derived->data, &input, indices, n, cancellable);
  pthread_mutex_unlock (&derived->mutex);
  source = data != NULL ? arbor_derived_make_beside (derived, data) : NULL;
  if (source == NULL)
    return NULL;
  arbor_access_borrow (&made, access, source);
  if (!arbor_access_count_trees (&made, G_MAXUINT64, cancellable, &count, NULL) || count > n)
    return NULL;
  __atomic_fetch_add (&derived->n_picked, count, __ATOMIC_RELAXED);
  return g_steal_pointer (&source);
}

/* Pages */

static ArborSource *
find_page (ArborDerived *self, guint32 first, guint32 last)
{
  ArborSource *source = NULL;

  pthread_mutex_lock (&self->narrow_mutex);
  for (guint i = 0; i < ARBOR_N_PAGES && source == NULL; i++)
    if (self->pages[i].source != NULL && self->pages[i].first == first &&
        last - first < self->pages[i].n)
      source = arbor_source_ref (self->pages[i].source);
  pthread_mutex_unlock (&self->narrow_mutex);
  return source;
}

static void
keep_page (ArborDerived *self, guint32 first, ArborSource *source)
{
  ArborPage *page;

  pthread_mutex_lock (&self->narrow_mutex);
  page = &self->pages[self->next_page++ % ARBOR_N_PAGES];
  g_clear_pointer (&page->source, arbor_source_unref);
  *page = (ArborPage){ .first = first,
                       .n = (guint32) arbor_source_get_n_trees (source),
                       .source = arbor_source_ref (source) };
  pthread_mutex_unlock (&self->narrow_mutex);
}

/* A page, of which a tree at @last is wanted. */
static ArborSource *
pick_page (const ArborAccess *access, guint32 first, guint32 last, GCancellable *cancellable)
{
  ArborDerived *derived = access->source->derived;
  ArborSource *source = find_page (derived, first, last);
  guint32 indices[PAGE];

  if (source != NULL)
    return source;
  for (guint32 i = 0; i < PAGE; i++)
    indices[i] = first + i;
  source = make_picked (access, indices, PAGE, cancellable);
  if (source != NULL && arbor_source_get_n_trees (source) > last - first)
    keep_page (derived, first, source);
  else
    g_clear_pointer (&source, arbor_source_unref);
  return source;
}

static ArborSource *
pick (const ArborAccess *access, guint32 *indices, guint32 n, GCancellable *cancellable)
{
  g_autofree guint32 *sorted = NULL;
  ArborSource *source;
  guint32 n_sorted, first, last;

  sorted = sort_indices (indices, n, &n_sorted);
  last = sorted[n_sorted - 1];
  first = last - last % PAGE;
  if (sorted[0] >= first && first <= G_MAXUINT32 - PAGE)
    {
      source = pick_page (access, first, last, cancellable);
      for (guint32 i = 0; source != NULL && i < n; i++)
        indices[i] -= first;
      return source;
    }
  source = make_picked (access, sorted, n_sorted, cancellable);
  if (source != NULL && arbor_source_get_n_trees (source) < n_sorted)
    g_clear_pointer (&source, arbor_source_unref);
  if (source != NULL)
    place_indices (indices, n, sorted, n_sorted);
  return source;
}

gboolean
arbor_pick_positions (ArborSelection *selection, ArborAccess *access, guint32 *positions, guint32 *n,
                      GCancellable *cancellable)
{
  guint32 n_here, n_read;

  for (guint32 i = 0; i < *n; i += n_here)
    {
      guint32 first = positions[i];

      for (n_here = 1; i + n_here < *n && positions[i + n_here] == first + n_here;)
        n_here++;
      if (!arbor_selection_read (selection, access, first, n_here, positions + i, &n_read,
                                 cancellable, NULL))
        return FALSE;
      if (n_read < n_here)
        *n = i + n_read;
    }
  return TRUE;
}

/* Which way */

static gboolean
is_worth_it (ArborDerived *self, guint64 n_missing, guint32 n)
{
  if (self->op->pick == NULL)
    return FALSE;
  if (__atomic_load_n (&self->is_too_large, __ATOMIC_RELAXED))
    return TRUE;
  return n_missing > (guint64) TIMES * n + AHEAD &&
         __atomic_load_n (&self->n_picked, __ATOMIC_RELAXED) < n_missing;
}

static gboolean
take (ArborPicked *self, ArborSource *source)
{
  const ArborAccess of = self->access;

  self->source = source;
  if (source != NULL)
    arbor_access_borrow (&self->access, &of, source);
  return source != NULL;
}

gboolean
arbor_picked_init (ArborPicked *self, const ArborAccess *access, guint32 *indices, guint32 n,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  ArborSource *source = access->source;
  ArborDerived *derived;
  guint32 last = 0;
  guint64 n_made, count;

  while (arbor_source_is_same (source))
    source = source->derived->inputs[0];
  *self = (ArborPicked){ .source = NULL };
  arbor_access_borrow (&self->access, access, source);
  self->access.wanted = access->wanted;
  derived = source->derived;
  if (n == 0 || derived == NULL)
    return TRUE;
  for (guint32 i = 0; i < n; i++)
    last = MAX (last, indices[i]);
  n_made = arbor_source_get_n_trees (source);
  if (last < n_made)
    return TRUE;
  if (is_worth_it (derived, last + (guint64) 1 - n_made, n) &&
      take (self, pick (&self->access, indices, n, cancellable)))
    return TRUE;
  if (arbor_access_count_trees (&self->access, (guint64) last + 1, cancellable, &count, &failure))
    return TRUE;
  /* All of it is too much, but maybe not these. */
  if (derived->op->pick != NULL && g_error_matches (failure, ARBOR_ERROR, ARBOR_ERROR_LIMIT))
    {
      __atomic_store_n (&derived->is_too_large, TRUE, __ATOMIC_RELAXED);
      if (take (self, pick (&self->access, indices, n, cancellable)))
        return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

void
arbor_picked_clear (ArborPicked *self)
{
  g_clear_pointer (&self->source, arbor_source_unref);
}

gboolean
arbor_picked_find (ArborPicked *self, guint32 index, ArborPlace *place, GError **error)
{
  return arbor_access_find_tree (&self->access, index, place, error);
}

gboolean
arbor_picked_get (ArborPicked *self, guint32 index, ArborValue *tree, GError **error)
{
  ArborPlace place;

  if (!arbor_picked_find (self, index, &place, error))
    return FALSE;
  arbor_batch_get_tree (place.batch, arbor_place_get_row (&place, index), tree);
  return TRUE;
}
