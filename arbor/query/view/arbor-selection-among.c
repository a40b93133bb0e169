/* A selection again, over a few trees of its source alone: where each step judges every tree for itself, or puts
 * trees in order, these are the trees that the selection has of them, in its order. Nothing else is read. See
 * arbor-selection.h.
 */

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
