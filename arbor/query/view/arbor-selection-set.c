/* The trees of a selection in the order in which they lie in the source. Whoever needs no order reads
 * them so, since batches are then read from end to end; and of trees that are chosen after they were put
 * in order, those chosen are found first, as bits, and then put in order. See arbor-selection.h.
 */

#include "query/view/arbor-selection-private.h"

#include "base/arbor-bits.h"
#include "base/arbor-error.h"
#include "query/view/arbor-trees.h"

/* Under the mutex. */
static ArborSelection *
keep_chosen (ArborSelection *self, ArborSelection *set)
{
  if (self->set == NULL)
    self->set = arbor_selection_copy_step (self, set);
  else
    arbor_selection_unref (set);
  return arbor_selection_ref (self->set);
}

typedef enum
{
  STEP_BELOW,  /* whoever reads the one above it may decide it together with that */
  STEP_LAST,
  STEP_LOCKED, /* the same, and its mutex is held */
} Step;

/* A step that chooses of its parent's trees, over @set, which has the same. */
static ArborSelection *
choose_of (ArborSelection *self, ArborSelection *set, Step step)
{
  ArborSelection *chosen;

  if (step == STEP_LOCKED)
    return keep_chosen (self, set);
  if (step == STEP_BELOW && arbor_selection_can_be_fused (self))
    return arbor_selection_copy_step (self, set);
  pthread_mutex_lock (&self->mutex);
  chosen = keep_chosen (self, set);
  pthread_mutex_unlock (&self->mutex);
  return chosen;
}

/* @set is that of the parent, and taken over. */
static ArborSelection *
take_step (ArborSelection *self, ArborSelection *set, Step step)
{
  gboolean is_in_order = set != NULL && set == self->parent;
  gboolean is_all = self->kind == SELECTION_REVERSE;
  gboolean is_chosen = self->kind == SELECTION_FILTER;

  if (self->kind == SELECTION_ORDERED)
    {
      is_all = self->ordering->verbs->effect == ARBOR_ORDERING_PERMUTES;
      is_chosen = self->ordering->verbs->effect == ARBOR_ORDERING_JUDGES;
      is_in_order &= self->ordering->verbs->effect >= ARBOR_ORDERING_KEEPS;
    }
  if (is_all || set == NULL)
    return set;
  if (is_chosen && !is_in_order)
    return choose_of (self, set, step);
  arbor_selection_unref (set);
  return is_in_order ? arbor_selection_ref (self) : NULL;
}

static ArborSelection *
dup_set (ArborSelection *self, Step last)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();
  ArborSelection *set = NULL;

  for (ArborSelection *at = self; at != NULL; at = at->parent)
    g_ptr_array_add (steps, at);
  for (guint i = steps->len; i > 0; i--)
    {
      ArborSelection *at = steps->pdata[i - 1];

      set = at->kind == SELECTION_ALL    ? arbor_selection_ref (at)
            : at->kind == SELECTION_LIST ? NULL
                                         : take_step (at, set, at == self ? last : STEP_BELOW);
    }
  return set;
}

ArborSelection *
arbor_selection_dup_set (ArborSelection *self)
{
  return arbor_selection_is_ordered (self) || self->kind == SELECTION_REVERSE
             ? dup_set (self, STEP_LAST)
             : arbor_selection_ref (self);
}

ArborSelection *
arbor_selection_dup_set_locked (ArborSelection *self)
{
  ArborSelection *set = take_step (self, dup_set (self->parent, STEP_BELOW), STEP_LOCKED);

  if (set != self)
    return set;
  arbor_selection_unref (set);
  return NULL;
}

/* Bits */

guint64 *
arbor_selection_list_bits (ArborSelection *self, ArborAccess *access, guint64 *n_bits,
                           guint64 *n_selected, GCancellable *cancellable, GError **error)
{
  g_autofree guint32 *indices = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  g_autofree guint64 *bits = g_new0 (guint64, 1);
  guint32 n;

  *n_bits = *n_selected = 0;
  do
    {
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_selection_read (self, access, *n_selected, ARBOR_BATCH_MAX_TREES, indices, &n,
                                 cancellable, error) ||
          !arbor_trees_ensure (access, indices, n, cancellable, error))
        return NULL;
      if (*n_bits < arbor_source_get_n_trees (access->source))
        {
          guint64 n_more = arbor_source_get_n_trees (access->source);

          bits = g_renew (guint64, bits, arbor_bits_n_words (n_more));
          memset (bits + arbor_bits_n_words (*n_bits), 0,
                  (arbor_bits_n_words (n_more) - arbor_bits_n_words (*n_bits)) * sizeof *bits);
          *n_bits = n_more;
        }
      for (guint32 i = 0; i < n; i++)
        {
          guint64 bit = G_GUINT64_CONSTANT (1) << (indices[i] % 64);

          if ((bits[indices[i] / 64] & bit) != 0)
            return NULL;
          bits[indices[i] / 64] |= bit;
        }
      *n_selected += n;
    }
  while (n == ARBOR_BATCH_MAX_TREES);
  return g_steal_pointer (&bits);
}

/* Trees from @position on that the bits have, in the order of @selection, to the indices. */
static gboolean
append_chosen (ArborSelection *self, ArborSelection *selection, ArborAccess *access,
               guint64 position, const guint64 *bits, guint64 n_bits, GCancellable *cancellable,
               gboolean *is_read, GError **error)
{
  g_autofree guint32 *indices = g_new (guint32, ARBOR_BATCH_MAX_TREES);
  guint32 n, n_chosen;

  do
    {
      *is_read = arbor_access_check (access, cancellable, NULL) &&
                 arbor_selection_read (selection, access, position, ARBOR_BATCH_MAX_TREES, indices, &n,
                                       cancellable, NULL);
      if (!*is_read)
        return TRUE;
      n_chosen = 0;
      for (guint32 i = 0; i < n; i++)
        {
          guint32 index = indices[i];

          indices[n_chosen] = index;
          n_chosen += index < n_bits && arbor_bits_test (bits, index);
        }
      if (!arbor_indices_append (&self->indices, indices, n_chosen, error))
        return FALSE;
      position += n;
    }
  while (n == ARBOR_BATCH_MAX_TREES);
  return TRUE;
}

/* Who is to stop may go on later. */
static gboolean
is_asked_to_stop (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
         g_error_matches (error, ARBOR_ERROR, ARBOR_ERROR_CLOSED);
}

gboolean
arbor_selection_decide_set (ArborSelection *self, ArborAccess *access, gboolean *is_done,
                            GCancellable *cancellable, GError **error)
{
  ArborSelection *selection = arbor_scan_get_selection (self->scan);
  g_autoptr (ArborSelection) set = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree guint64 *bits = NULL;
  gsize n_before = self->indices.n;
  guint64 n_bits, n_selected;
  ArborAccess narrow;

  *is_done = FALSE;
  arbor_scan_narrow (self->scan, access, &narrow);
  if (arbor_selection_is_ordered (selection))
    set = arbor_selection_dup_set_locked (self);
  if (set != NULL)
    bits = arbor_selection_list_bits (set, &narrow, &n_bits, &n_selected, cancellable, &failure);
  self->fears_set = bits == NULL && !is_asked_to_stop (failure);
  if (bits == NULL)
    return TRUE;
  if (!append_chosen (self, selection, &narrow, arbor_scan_get_position (self->scan), bits, n_bits,
                      cancellable, is_done, error))
    return FALSE;
  if (!*is_done)
    self->indices.n = n_before;
  return TRUE;
}
