/* Reading selections: each step computes as much of itself as is asked for, once, under its mutex. See
 * arbor-selection.h.
 */

#include "query/view/arbor-selection-private.h"

#include <string.h>

#include "base/arbor-error.h"
#include "base/arbor-stop.h"
#include "query/view/arbor-derived.h"
#include "query/view/arbor-keyed.h"
#include "query/view/arbor-pick.h"

/* Trees of a filter over others in an order of their own that are decided before its set is. */
#define FEW 65536u

/* Makes ready to decide: a filter of all trees, or a scan of others. */
static void
begin_filter (ArborSelection *self)
{
  g_autoptr (GPtrArray) predicates = g_ptr_array_new ();
  ArborSelection *base = self->parent;

  g_ptr_array_add (predicates, self->predicate);
  for (; arbor_selection_can_be_fused (base); base = base->parent)
    g_ptr_array_insert (predicates, 0, base->predicate);
  if (base->kind == SELECTION_ALL)
    self->filter = arbor_filter_new ((ArborNode *const *) predicates->pdata, predicates->len);
  else
    self->scan = arbor_scan_new_all (base, (ArborNode *const *) predicates->pdata,
                                     predicates->len);
}

/* All of it at once, where keys are asked for. */
static gboolean
decide_by_keys (ArborSelection *self, ArborAccess *access)
{
  g_autoptr (GPtrArray) predicates = NULL;
  g_autofree guint32 *indices = NULL;
  ArborSelection *base = self;
  ArborRecord *record;
  guint32 n;

  if (arbor_access_get_keys (access) == NULL)
    return FALSE;
  predicates = g_ptr_array_new ();
  record = arbor_source_get_record (access->source);
  while (base->kind == SELECTION_FILTER)
    base = base->parent;
  if (!arbor_selection_list_conditions (self, predicates) ||
      !arbor_selection_decide_by_keys (base, access, (ArborNode *const *) predicates->pdata, predicates->len,
                                       &indices, &n))
    return FALSE;
  if (!arbor_indices_append (&self->indices, indices, n, NULL))
    {
      arbor_indices_reset (&self->indices);
      return FALSE;
    }
  self->n_key_batches = record->n_batches + record->n_patches;
  return self->is_complete = TRUE;
}

/* Whether so many are wanted, or so many were looked at in vain, that all are better decided as they lie. */
static gboolean
prefers_set (const ArborSelection *self, guint64 wanted)
{
  return !self->fears_set && (wanted == G_MAXUINT64 || arbor_scan_get_position (self->scan) > FEW);
}

/* Some more of a filter. */
static gboolean
decide_filter (ArborSelection *self, ArborAccess *access, guint64 wanted,
               GCancellable *cancellable, GError **error)
{
  const guint64 *positions;
  const guint32 *indices;
  guint32 n_kept;
  gboolean at_end;
  gboolean is_done = FALSE;

  if (self->filter == NULL && self->scan == NULL)
    {
      if (decide_by_keys (self, access))
        return TRUE;
      begin_filter (self);
    }
  if (self->filter != NULL)
    {
      if (!arbor_filter_find (self->filter, access, wanted, cancellable, error))
        return FALSE;
      self->is_complete = arbor_filter_is_complete (self->filter);
      return TRUE;
    }
  if (prefers_set (self, wanted) &&
      !arbor_selection_decide_set (self, access, &is_done, cancellable, error))
    {
      arbor_indices_reset (&self->indices);
      g_clear_pointer (&self->scan, arbor_scan_free);
      return FALSE;
    }
  if (is_done)
    return self->is_complete = TRUE;
  if (!arbor_scan_step (self->scan, access, cancellable, &positions, &indices, &n_kept, NULL,
                        &at_end, error))
    return FALSE;
  if (!arbor_indices_append (&self->indices, indices, n_kept, error))
    {
      /* The step cannot be had back: from the beginning. */
      g_clear_pointer (&self->scan, arbor_scan_free);
      arbor_indices_reset (&self->indices);
      return FALSE;
    }
  self->is_complete = at_end;
  return TRUE;
}

/* Some more of an ordering. */
static gboolean
run_ordering (ArborSelection *self, ArborAccess *access, guint64 wanted, GCancellable *cancellable,
              GError **error)
{
  const ArborOrderingVerbs *verbs = self->ordering->verbs;
  g_auto (ArborStop) stop;

  arbor_stop_begin (&stop, cancellable);
  if (verbs->run (self->ordering, self->parent, access, wanted, &self->indices, &self->is_complete,
                  cancellable, error))
    return TRUE;
  if (verbs->needs_all)
    arbor_indices_reset (&self->indices);
  return FALSE;
}

/* Computes the orderings that this one reads to the end, the farthest first: each finds the ones
 * below it done, so long chains do not nest. */
static gboolean
decide_orderings_below (ArborSelection *self, ArborAccess *access, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (GPtrArray) orderings = g_ptr_array_new ();

  for (ArborSelection *at = self->parent; at != NULL; at = at->parent)
    if (at->kind == SELECTION_ORDERED && at->ordering->verbs->needs_all)
      g_ptr_array_add (orderings, at);
  for (guint i = orderings->len; i > 0; i--)
    {
      ArborSelection *at = orderings->pdata[i - 1];
      gboolean is_decided;

      pthread_mutex_lock (&at->mutex);
      is_decided =
          at->is_complete || run_ordering (at, access, G_MAXUINT64, cancellable, error);
      if (at->is_complete)
        arbor_indices_finish (&at->indices);
      pthread_mutex_unlock (&at->mutex);
      if (!is_decided)
        return FALSE;
    }
  return TRUE;
}

/* Goes on until @wanted trees are found, or the end. Under the mutex. */
static gboolean
decide (ArborSelection *self, ArborAccess *access, guint64 wanted, GCancellable *cancellable,
        GError **error)
{
  if (self->is_complete || arbor_selection_get_n_found (self) >= wanted)
    return TRUE;
  if (self->kind == SELECTION_ORDERED && self->ordering->verbs->needs_all &&
      !decide_orderings_below (self, access, cancellable, error))
    return FALSE;

  while (!self->is_complete && arbor_selection_get_n_found (self) < wanted)
    {
      gboolean is_decided = self->kind == SELECTION_FILTER
                                ? decide_filter (self, access, wanted, cancellable, error)
                                : run_ordering (self, access, wanted, cancellable, error);

      if (!is_decided)
        return FALSE;
    }
  if (self->is_complete)
    {
      if (self->scan != NULL)
        arbor_kernel_counters_add (&self->counters, arbor_scan_get_counters (self->scan));
      g_clear_pointer (&self->scan, arbor_scan_free);
      arbor_indices_finish (&self->indices);
    }
  return TRUE;
}

gboolean
arbor_selection_is_computed (ArborSelection *self)
{
  gboolean is_complete;

  while (self->kind == SELECTION_SLICE || self->kind == SELECTION_TAIL ||
         self->kind == SELECTION_REVERSE)
    self = self->parent;
  if (self->kind != SELECTION_FILTER && self->kind != SELECTION_ORDERED)
    return TRUE;
  if (pthread_mutex_trylock (&self->mutex) != 0)
    return FALSE;
  is_complete = self->is_complete;
  pthread_mutex_unlock (&self->mutex);
  return is_complete;
}

gboolean
arbor_selection_prefers_whole (ArborSelection *self)
{
  gboolean is_complete;

  pthread_mutex_lock (&self->mutex);
  is_complete = self->is_complete;
  pthread_mutex_unlock (&self->mutex);
  return is_complete || __atomic_fetch_add (&self->n_parts, 1, __ATOMIC_RELAXED) > 0;
}

/* All trees of a filter are counted where they are decided soonest; NULL: where they are. */
static ArborSelection *
dup_set_to_count (ArborSelection *self, guint64 limit)
{
  ArborSelection *set = NULL;

  if (self->kind != SELECTION_FILTER || limit != G_MAXUINT64 ||
      !arbor_selection_is_ordered (self->parent))
    return NULL;
  pthread_mutex_lock (&self->mutex);
  if (!self->is_complete && self->scan == NULL && !self->fears_set)
    set = arbor_selection_dup_set_locked (self);
  pthread_mutex_unlock (&self->mutex);
  return set;
}

/* The count, or @limit when there are at least as many: filters are decided no further. @makes: trees of a
 * derived source. */
static gboolean
count_up_to (ArborSelection *self, ArborAccess *access, guint64 limit, gboolean makes,
             GCancellable *cancellable, guint64 *count, GError **error)
{
  g_autoptr (ArborSelection) set = dup_set_to_count (self, limit);
  gboolean is_decided;

  /* After an error all are decided in order, which tells that of the first. */
  if (set != NULL && count_up_to (set, access, limit, makes, cancellable, count, NULL))
    return TRUE;
  switch (self->kind)
    {
    case SELECTION_ALL:
      return (makes ? arbor_access_count_trees : arbor_access_tell_up_to) (access, limit, cancellable,
                                                                           count, error);
    case SELECTION_LIST:
      *count = MIN (self->n, limit);
      return TRUE;
    case SELECTION_FILTER:
    case SELECTION_ORDERED:
      pthread_mutex_lock (&self->mutex);
      is_decided = decide (self, access, limit, cancellable, error);
      *count = MIN (arbor_selection_get_n_found (self), limit);
      pthread_mutex_unlock (&self->mutex);
      return is_decided;
    case SELECTION_SLICE:
      limit = MIN (limit, self->n);
      if (!count_up_to (self->parent, access, MIN (limit, G_MAXUINT64 - self->start) + self->start,
                        makes, cancellable, count, error))
        return FALSE;
      *count = *count > self->start ? *count - self->start : 0;
      return TRUE;
    case SELECTION_TAIL:
      limit = MIN (limit, self->n);
      break;
    default:
      break;
    }
  return count_up_to (self->parent, access, limit, makes, cancellable, count, error);
}

gboolean
arbor_selection_tell_up_to (ArborSelection *self, ArborAccess *access, guint64 limit,
                            GCancellable *cancellable, guint64 *count, GError **error)
{
  return count_up_to (self, access, limit, FALSE, cancellable, count, error);
}

gboolean
arbor_selection_tell_count (ArborSelection *self, ArborAccess *access, GCancellable *cancellable,
                            guint64 *count, GError **error)
{
  while (self->kind == SELECTION_REVERSE)
    self = self->parent;
  return self->kind == SELECTION_ALL
             ? arbor_access_tell_count (access, cancellable, count, error)
             : count_up_to (self, access, G_MAXUINT64, FALSE, cancellable, count, error);
}

gboolean
arbor_selection_get_count (ArborSelection *self, ArborAccess *access, GCancellable *cancellable,
                           guint64 *count, GError **error)
{
  return count_up_to (self, access, G_MAXUINT64, TRUE, cancellable, count, error);
}

static gboolean
read_all (ArborAccess *access, guint64 position, guint32 max, guint32 *indices, guint32 *n_read,
          GCancellable *cancellable, GError **error)
{
  guint64 count;

  if (!arbor_access_reach (access, position, max, cancellable, &count, error))
    return FALSE;
  if (position < count)
    *n_read = (guint32) MIN (max, count - position);
  for (guint32 i = 0; i < *n_read; i++)
    indices[i] = (guint32) (position + i);
  return TRUE;
}

static gboolean
read_found (ArborSelection *self, ArborAccess *access, guint64 position, guint32 max,
             guint32 *indices, guint32 *n_read, GCancellable *cancellable, GError **error)
{
  gboolean is_decided;

  pthread_mutex_lock (&self->mutex);
  is_decided = decide (self, access, MIN (position, G_MAXUINT64 - max) + max, cancellable, error);
  if (is_decided && self->filter != NULL)
    {
      *n_read = arbor_filter_read (self->filter, position, max, indices);
    }
  else if (is_decided && position < self->indices.n)
    {
      *n_read = (guint32) MIN (max, self->indices.n - position);
      memcpy (indices, self->indices.indices + position, *n_read * sizeof (guint32));
    }
  pthread_mutex_unlock (&self->mutex);
  return is_decided;
}

/* Positions count down from the parent's end. */
static gboolean
read_reverse (ArborSelection *self, ArborAccess *access, guint64 position, guint32 max,
              guint32 *indices, guint32 *n_read, GCancellable *cancellable, GError **error)
{
  guint64 count;

  if (!arbor_selection_tell_count (self->parent, access, cancellable, &count, error))
    return FALSE;
  if (position >= count)
    return TRUE;
  max = (guint32) MIN (max, count - position);
  if (!arbor_selection_read (self->parent, access, count - position - max, max, indices, n_read,
                             cancellable, error))
    return FALSE;
  for (guint32 i = 0, j = *n_read; i + 1 < j; i++)
    {
      guint32 other = indices[--j];

      indices[j] = indices[i];
      indices[i] = other;
    }
  return TRUE;
}

gboolean
arbor_selection_read (ArborSelection *self, ArborAccess *access, guint64 position, guint32 max,
                      guint32 *indices, guint32 *n_read, GCancellable *cancellable, GError **error)
{
  guint64 count, start;

  *n_read = 0;
  switch (self->kind)
    {
    case SELECTION_ALL:
      return read_all (access, position, max, indices, n_read, cancellable, error);
    case SELECTION_LIST:
      if (position >= self->n)
        return TRUE;
      *n_read = (guint32) MIN (max, self->n - position);
      memcpy (indices, self->list + position, *n_read * sizeof *indices);
      return TRUE;
    case SELECTION_FILTER:
    case SELECTION_ORDERED:
      return read_found (self, access, position, max, indices, n_read, cancellable, error);
    case SELECTION_REVERSE:
      return read_reverse (self, access, position, max, indices, n_read, cancellable, error);
    case SELECTION_TAIL:
      if (!arbor_selection_tell_count (self->parent, access, cancellable, &count, error))
        return FALSE;
      start = count - MIN (count, self->n);
      break;
    default:
      start = self->start;
      break;
    }

  if (position >= self->n)
    return TRUE;
  return arbor_selection_read (self->parent, access, start + position,
                               (guint32) MIN (max, self->n - position), indices, n_read,
                               cancellable, error);
}
