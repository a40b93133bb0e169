/* See arbor-share.h. Whoever has read a part looks whether the next one to be merged has been read, and
 * merges it, and those behind it, unless somebody does so already; states are used again.
 */

#include "query/view/arbor-share.h"

#include <pthread.h>

#include "base/arbor-pool.h"
#include "base/arbor-stop.h"

#define PART 65536u
/* Fewer are read faster than shared out. */
#define MIN_PARTS 2u
/* Of a thread, that all may end at about the same time; more are more to merge. */
#define PARTS_EACH 4u

typedef struct
{
  guint64 first, end; /* positions in the selection, or batches where it is all */
  gpointer state;     /* when it has been read */
} Part;

typedef struct
{
  ArborSelection *selection;
  ArborAccess *access;
  const ArborShareVerbs *verbs;
  gpointer data;
  GCancellable *cancellable;
  gboolean is_all;
  GArray *parts; /* of Part */
  gboolean has_failed; /* atomic */

  pthread_mutex_t mutex; /* guards the following, and states of parts */
  guint n_merged;
  gboolean is_merging;
  GPtrArray *idle; /* states that are as if new */
} Share;

static guint32 wanted_part; /* atomic */

void
arbor_share_set_part (guint32 n_trees)
{
  __atomic_store_n (&wanted_part, n_trees, __ATOMIC_RELAXED);
}

static guint32
get_part_size (void)
{
  guint32 n = __atomic_load_n (&wanted_part, __ATOMIC_RELAXED);

  return n != 0 ? n : PART;
}

static gpointer
take_state (Share *self)
{
  gpointer state = NULL;

  pthread_mutex_lock (&self->mutex);
  if (self->idle->len > 0)
    state = g_ptr_array_steal_index_fast (self->idle, self->idle->len - 1);
  pthread_mutex_unlock (&self->mutex);
  return state != NULL ? state : self->verbs->new_state (self->data);
}

static void
fail (Share *self)
{
  __atomic_store_n (&self->has_failed, TRUE, __ATOMIC_RELAXED);
}

static gboolean
has_failed (Share *self)
{
  return __atomic_load_n (&self->has_failed, __ATOMIC_RELAXED);
}

/* Under the mutex, which is given up while states are merged. */
static void
merge_ready (Share *self)
{
  if (self->is_merging)
    return;
  self->is_merging = TRUE;
  while (self->n_merged < self->parts->len && !has_failed (self))
    {
      Part *part = &g_array_index (self->parts, Part, self->n_merged);
      gpointer state = g_steal_pointer (&part->state);
      gboolean is_good;

      if (state == NULL)
        break;
      pthread_mutex_unlock (&self->mutex);
      is_good = self->verbs->merge (self->data, state, NULL);
      pthread_mutex_lock (&self->mutex);
      g_ptr_array_add (self->idle, state);
      if (!is_good)
        fail (self);
      self->n_merged++;
    }
  self->is_merging = FALSE;
}

static gboolean
read_batches (Share *self, const Part *part, ArborScope *scope, gpointer state)
{
  for (guint64 i = part->first; i < part->end; i++)
    if (has_failed (self) || !arbor_access_check (self->access, self->cancellable, NULL) ||
        !arbor_trees_visit_batch (self->access, (guint32)i, scope, self->verbs->visit, state, NULL))
      return FALSE;
  return TRUE;
}

static gboolean
read_positions (Share *self, const Part *part, ArborScope *scope, gpointer state)
{
  g_autofree guint32 *indices = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  guint32 n_read;

  for (guint64 at = part->first; at < part->end; at += n_read)
    if (has_failed (self) || !arbor_access_check (self->access, self->cancellable, NULL) ||
        !arbor_selection_read (self->selection, self->access, at,
                               (guint32)MIN (part->end - at, ARBOR_BATCH_MAX_TREES), indices,
                               &n_read, self->cancellable, NULL) ||
        n_read == 0 ||
        !arbor_trees_visit_run (self->access, indices, n_read, scope, self->verbs->visit, state,
                                NULL))
      return FALSE;
  return TRUE;
}

static void
read_part (guint32 task, gpointer data)
{
  Share *self = data;
  Part *part = &g_array_index (self->parts, Part, task);
  g_autoptr (ArborScope) scope = NULL;
  gpointer state;

  if (has_failed (self))
    return;
  scope = arbor_scope_new ();
  state = take_state (self);
  if (!(self->is_all ? read_batches : read_positions) (self, part, scope, state))
    fail (self);
  pthread_mutex_lock (&self->mutex);
  part->state = state;
  merge_ready (self);
  pthread_mutex_unlock (&self->mutex);
}

static void
list_parts (Share *self, guint64 n_trees)
{
  ArborSource *source = self->access->source;
  guint64 size = MAX (get_part_size (), n_trees / (PARTS_EACH * arbor_pool_get_n_threads ()));
  Part part = { 0 };

  for (guint64 at = 0; !self->is_all && at < n_trees; at += size)
    {
      part = (Part){ .first = at, .end = MIN (at + size, n_trees) };
      g_array_append_val (self->parts, part);
    }
  for (guint32 i = 0; self->is_all && i < arbor_source_get_n_batches (source); i++)
    {
      part.end = i + 1;
      if (arbor_source_get_first_tree (source, i + 1) -
                  arbor_source_get_first_tree (source, (guint32)part.first) <
              size &&
          part.end < arbor_source_get_n_batches (source))
        continue;
      g_array_append_val (self->parts, part);
      part.first = part.end;
    }
}

static gboolean
share_out (Share *self)
{
  gboolean is_good;

  pthread_mutex_init (&self->mutex, NULL);
  self->idle = g_ptr_array_new ();
  arbor_pool_run (self->parts->len, read_part, self);
  /* What was read while somebody merged has been seen by him, or by who read it. */
  is_good = !has_failed (self) && self->n_merged == self->parts->len;
  for (guint i = 0; i < self->parts->len; i++)
    if (g_array_index (self->parts, Part, i).state != NULL)
      self->verbs->free_state (g_array_index (self->parts, Part, i).state);
  for (guint i = 0; i < self->idle->len; i++)
    self->verbs->free_state (self->idle->pdata[i]);
  g_ptr_array_unref (self->idle);
  pthread_mutex_destroy (&self->mutex);
  return is_good;
}

static gboolean
count_trees (ArborSelection *selection, ArborAccess *access, guint64 *n_trees,
             GCancellable *cancellable)
{
  guint64 least = (guint64)MIN_PARTS * get_part_size ();

  if (arbor_pool_get_n_threads () < 2 || (arbor_source_is_computed (access->source) &&
                                          arbor_source_get_n_trees (access->source) < least))
    return FALSE;
  if (arbor_selection_is_all (selection))
    return arbor_access_count_trees (access, G_MAXUINT64, cancellable, n_trees, NULL) &&
           *n_trees >= least;
  return arbor_selection_get_count (selection, access, cancellable, n_trees, NULL) &&
         *n_trees >= least;
}

gboolean
arbor_trees_can_share (ArborSelection *selection, ArborAccess *access, guint64 *n_trees,
                       GCancellable *cancellable)
{
  g_auto (ArborStop) stop;

  arbor_stop_begin (&stop, cancellable);
  return count_trees (selection, access, n_trees, cancellable);
}

guint32
arbor_share_get_sample (void)
{
  return MIN (get_part_size (), ARBOR_BATCH_MAX_TREES);
}

gboolean
arbor_trees_share (ArborSelection *selection, ArborAccess *access, const ArborShareVerbs *verbs,
                   gpointer data, GCancellable *cancellable)
{
  g_auto (ArborStop) stop;
  g_autoptr (GArray) parts = NULL;
  guint64 n_trees;
  Share self = { .selection = selection,
                 .access = access,
                 .verbs = verbs,
                 .data = data,
                 .cancellable = cancellable,
                 .is_all = arbor_selection_is_all (selection) };

  arbor_stop_begin (&stop, cancellable);
  if (!count_trees (selection, access, &n_trees, cancellable))
    return FALSE;
  self.parts = parts = g_array_new (FALSE, FALSE, sizeof (Part));
  list_parts (&self, n_trees);
  return parts->len >= MIN_PARTS && share_out (&self);
}
