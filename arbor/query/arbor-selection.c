/* See arbor-selection.h. */

#include "query/arbor-selection.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>

#include "base/arbor-error.h"

typedef enum
{
  SELECTION_ALL,
  SELECTION_FILTER,
  SELECTION_SLICE,
  SELECTION_TAIL,
  SELECTION_REVERSE,
  SELECTION_LIST,
} SelectionKind;

struct _ArborSelection
{
  gatomicrefcount ref_count;
  SelectionKind kind;
  guint depth;
  ArborSelection *parent; /* NULL for ALL and LIST */
  guint64 start;          /* SLICE */
  guint64 n;              /* LIST: count; SLICE, TAIL: at most */
  ArborNode *predicate;   /* FILTER */
  guint32 *list;          /* LIST: n indices */

  pthread_mutex_t mutex; /* guards what follows; FILTER only */
  ArborScan *scan;       /* NULL before the first read and after the last */
  GArray *indices;       /* guint32, kept so far */
  gboolean is_complete;
};

static ArborSelection *
selection_new (SelectionKind kind, ArborSelection *parent)
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
  return selection_new (SELECTION_ALL, NULL);
}

ArborSelection *
arbor_selection_new_filter (ArborSelection *parent, ArborNode *predicate, GError **error)
{
  ArborSelection *self;

  if (!check_depth (parent, error))
    return NULL;
  self = selection_new (SELECTION_FILTER, parent);
  self->predicate = arbor_node_ref (predicate);
  self->indices = g_array_new (FALSE, FALSE, sizeof (guint32));
  return self;
}

ArborSelection *
arbor_selection_new_slice (ArborSelection *parent, guint64 start, guint64 n, GError **error)
{
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
  self = selection_new (SELECTION_SLICE, parent);
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
  self = selection_new (SELECTION_TAIL, parent);
  self->n = n;
  return self;
}

ArborSelection *
arbor_selection_new_reverse (ArborSelection *parent, GError **error)
{
  if (parent->kind == SELECTION_REVERSE)
    return arbor_selection_ref (parent->parent);
  return check_depth (parent, error) ? selection_new (SELECTION_REVERSE, parent) : NULL;
}

ArborSelection *
arbor_selection_new_list (guint32 *indices, guint64 n)
{
  ArborSelection *self = selection_new (SELECTION_LIST, NULL);

  self->list = indices;
  self->n = n;
  return self;
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

      g_clear_pointer (&self->scan, arbor_scan_free);
      g_clear_pointer (&self->predicate, arbor_node_unref);
      g_clear_pointer (&self->indices, g_array_unref);
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

/* Decides the filter until @wanted trees are kept, or the end. Under the mutex. */
static gboolean
decide (ArborSelection *self, ArborAccess *access, guint64 wanted, GCancellable *cancellable,
        GError **error)
{
  if (self->scan == NULL && !self->is_complete)
    self->scan = arbor_scan_new (self->parent, self->predicate);
  while (!self->is_complete && self->indices->len < wanted)
    {
      const guint64 *positions;
      const guint32 *indices;
      guint32 n_kept;

      if (!arbor_scan_step (self->scan, access, cancellable, &positions, &indices, &n_kept, NULL,
                            &self->is_complete, error))
        return FALSE;
      g_array_append_vals (self->indices, indices, n_kept);
    }
  if (self->is_complete)
    g_clear_pointer (&self->scan, arbor_scan_free);
  return TRUE;
}

/* The count, or @limit when there are at least as many: filters are decided no further. */
static gboolean
count_up_to (ArborSelection *self, ArborAccess *access, guint64 limit, GCancellable *cancellable,
             guint64 *count, GError **error)
{
  gboolean is_decided;

  switch (self->kind)
    {
    case SELECTION_ALL:
      return arbor_access_count_trees (access, limit, cancellable, count, error);
    case SELECTION_LIST:
      *count = MIN (self->n, limit);
      return TRUE;
    case SELECTION_FILTER:
      pthread_mutex_lock (&self->mutex);
      is_decided = decide (self, access, limit, cancellable, error);
      *count = MIN (self->indices->len, limit);
      pthread_mutex_unlock (&self->mutex);
      return is_decided;
    case SELECTION_SLICE:
      limit = MIN (limit, self->n);
      if (!count_up_to (self->parent, access, MIN (limit, G_MAXUINT64 - self->start) + self->start,
                        cancellable, count, error))
        return FALSE;
      *count = *count > self->start ? *count - self->start : 0;
      return TRUE;
    case SELECTION_TAIL:
      limit = MIN (limit, self->n);
      break;
    default:
      break;
    }
  return count_up_to (self->parent, access, limit, cancellable, count, error);
}

gboolean
arbor_selection_get_count (ArborSelection *self, ArborAccess *access, GCancellable *cancellable,
                           guint64 *count, GError **error)
{
  return count_up_to (self, access, G_MAXUINT64, cancellable, count, error);
}

static gboolean
read_all (ArborAccess *access, guint64 position, guint32 max, guint32 *indices, guint32 *n_read,
          GCancellable *cancellable, GError **error)
{
  guint64 count;

  if (!arbor_access_count_trees (access, MIN (position, G_MAXUINT64 - max) + max, cancellable,
                                 &count, error))
    return FALSE;
  if (position < count)
    *n_read = (guint32) MIN (max, count - position);
  for (guint32 i = 0; i < *n_read; i++)
    indices[i] = (guint32) (position + i);
  return TRUE;
}

static gboolean
read_filter (ArborSelection *self, ArborAccess *access, guint64 position, guint32 max,
             guint32 *indices, guint32 *n_read, GCancellable *cancellable, GError **error)
{
  gboolean is_decided;

  pthread_mutex_lock (&self->mutex);
  is_decided = decide (self, access, MIN (position, G_MAXUINT64 - max) + max, cancellable, error);
  if (is_decided && position < self->indices->len)
    {
      *n_read = (guint32) MIN (max, self->indices->len - position);
      memcpy (indices, &g_array_index (self->indices, guint32, position), *n_read * 4ul);
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

  if (!arbor_selection_get_count (self->parent, access, cancellable, &count, error))
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
      return read_filter (self, access, position, max, indices, n_read, cancellable, error);
    case SELECTION_REVERSE:
      return read_reverse (self, access, position, max, indices, n_read, cancellable, error);
    case SELECTION_TAIL:
      if (!arbor_selection_get_count (self->parent, access, cancellable, &count, error))
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
