/* A selection again, over a few trees of its source alone: where each step judges every tree for itself, or puts
 * trees in order, these are the trees that the selection has of them, in its order. Nothing else is read. See
 * arbor-selection.h.
 */

#include "query/view/arbor-keyed.h"
#include "query/view/arbor-selection-private.h"

static gboolean
goes_tree_by_tree (const ArborSelection *self)
{
  switch (self->kind)
    {
    case SELECTION_FILTER:
    case SELECTION_REVERSE:
      return TRUE;
    case SELECTION_ORDERED:
      return self->ordering->verbs->effect == ARBOR_ORDERING_PERMUTES ||
             self->ordering->verbs->effect == ARBOR_ORDERING_JUDGES;
    default:
      return FALSE;
    }
}

gboolean
arbor_selection_goes_among (ArborSelection *self)
{
  while (goes_tree_by_tree (self))
    self = self->parent;
  return self->kind == SELECTION_ALL;
}

ArborSelection *
arbor_selection_new_among (ArborSelection *self, guint32 *indices, guint64 n)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();
  ArborSelection *among = arbor_selection_new_list (indices, n);

  for (; self->kind != SELECTION_ALL; self = self->parent)
    g_ptr_array_add (steps, self);
  for (guint i = steps->len; i > 0; i--)
    among = arbor_selection_copy_step (steps->pdata[i - 1], among);
  return among;
}

gboolean
arbor_selection_decide_by_keys (ArborSelection *self, ArborAccess *access, ArborNode *const *predicates,
                                guint n_predicates, guint32 **indices, guint32 *n)
{
  g_autoptr (GArray) places = NULL;
  g_autoptr (ArborSelection) among = NULL;
  g_autofree guint32 *found = NULL;
  guint32 n_found;

  if (arbor_access_get_keys (access) == NULL || !arbor_selection_goes_among (self))
    return FALSE;
  places = g_array_new (FALSE, FALSE, sizeof (ArborKeyPlace));
  if (!arbor_keyed_decide (access, arbor_source_get_record (access->source), predicates, n_predicates, places))
    return FALSE;
  n_found = places->len;
  found = g_new (guint32, n_found + 1);
  for (guint i = 0; i < n_found; i++)
    found[i] = g_array_index (places, ArborKeyPlace, i).tree;
  if (self->kind != SELECTION_ALL && n_found > 0)
    {
      among = arbor_selection_new_among (self, g_memdup2 (found, n_found * sizeof *found), n_found);
      if (!arbor_selection_read (among, access, 0, n_found, found, &n_found, NULL, NULL))
        return FALSE;
    }
  *indices = g_steal_pointer (&found);
  *n = n_found;
  return TRUE;
}
