/* See arbor-listing.h. */

#include "query/model/arbor-listing-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "base/arbor-error.h"
#include "query/order/arbor-ordering.h"

#define PIECE 65536u

ArborListing *
arbor_listing_new_empty (void)
{
  ArborListing *self = g_new0 (ArborListing, 1);

  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

ArborListing *
arbor_listing_ref (ArborListing *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
arbor_listing_unref (ArborListing *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->pin, arbor_pin_unref);
  g_clear_pointer (&self->source, arbor_source_unref);
  g_free (self->trees);
  g_free (self);
}

void
arbor_listing_reverse (guint32 *trees, gsize n)
{
  for (gsize i = 0; i < n / 2; i++)
    {
      guint32 tree = trees[i];

      trees[i] = trees[n - 1 - i];
      trees[n - 1 - i] = tree;
    }
}

ArborListing *
arbor_listing_new_take (ArborAccess *access, ArborIndices *list, gboolean is_reversed)
{
  ArborListing *self = arbor_listing_new_empty ();

  arbor_indices_finish (list);
  self->source = arbor_source_ref (access->source);
  self->pin = arbor_access_dup_pin (access);
  self->n = (guint32) list->n;
  self->trees = g_steal_pointer (&list->indices);
  list->n = list->capacity = 0;
  if (is_reversed)
    arbor_listing_reverse (self->trees, self->n);
  return self;
}

ArborSelection *
arbor_listing_select (ArborSelection *parent, const ArborListingOrder *order, GError **error)
{
  g_autoptr (ArborSelection) kept = NULL;

  kept = order->condition != NULL ? arbor_selection_new_filter (parent, order->condition, error)
                                  : arbor_selection_ref (parent);
  if (kept == NULL || order->keys == NULL)
    return g_steal_pointer (&kept);
  return arbor_selection_new_ordered (kept, arbor_ordering_new_sort (order->keys), error);
}

gboolean
arbor_listing_read (ArborSelection *selection, ArborAccess *access, guint64 max, ArborIndices *list,
                    GCancellable *cancellable, GError **error)
{
  guint32 wanted, n_read;

  do
    {
      wanted = (guint32) MIN (PIECE, max - list->n);
      n_read = 0;
      if (!arbor_access_check (access, cancellable, error) ||
          !arbor_indices_make_room (list, list->n + wanted, error) ||
          !arbor_selection_read (selection, access, list->n, wanted, list->indices + list->n, &n_read,
                                 cancellable, error))
        return FALSE;
      list->n += n_read;
    }
  while (n_read == wanted && list->n < max);
  return TRUE;
}

/* Positions of models have 32 bits. */
static gboolean
check_n_trees (ArborAccess *access, GError **error)
{
  guint64 n_trees = arbor_source_get_n_trees (access->source);

  if (n_trees <= ARBOR_MAX_TREES)
    return TRUE;
  g_set_error (error, ARBOR_ERROR, ARBOR_ERROR_LIMIT,
               _("'%s' has %" PRIu64 " trees; a model can have %" PRIu64 " at most"),
               arbor_source_get_name (access->source), n_trees, ARBOR_MAX_TREES);
  return FALSE;
}

static ArborListing *
new_of (ArborSelection *selection, ArborAccess *access, const ArborListingOrder *order, guint64 max,
        GCancellable *cancellable, GError **error)
{
  ArborIndices list = { .charge.operation = "model" };
  ArborListing *self = NULL;

  if (arbor_listing_read (selection, access, max, &list, cancellable, error))
    self = arbor_listing_new_take (access, &list, order->is_reversed);
  arbor_indices_clear (&list);
  return self;
}

ArborListing *
arbor_listing_new_all (ArborAccess *access, const ArborListingOrder *order,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborSelection) all = arbor_selection_new_all ();
  g_autoptr (ArborSelection) selection = NULL;

  if (!check_n_trees (access, error))
    return NULL;
  selection = arbor_listing_select (all, order, error);
  return selection != NULL
             ? new_of (selection, access, order, G_MAXUINT32, cancellable, error)
             : NULL;
}

/* In reverse the first ones are the last of the order: those of the keys the other way round would not
 * do, for trees with equal keys are reversed, too. */
static ArborSelection *
select_first (const ArborListingOrder *order, guint32 max, GError **error)
{
  g_autoptr (ArborSelection) all = arbor_selection_new_all ();
  g_autoptr (ArborSelection) selection = arbor_listing_select (all, order, error);

  if (selection == NULL)
    return NULL;
  return order->is_reversed ? arbor_selection_new_tail (selection, max, error)
                            : arbor_selection_new_slice (selection, 0, max, error);
}

ArborListing *
arbor_listing_new_first (ArborAccess *access, const ArborListingOrder *order, guint32 max,
                         GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborSelection) selection = NULL;

  if (!check_n_trees (access, error))
    return NULL;
  selection = select_first (order, max, error);
  return selection != NULL ? new_of (selection, access, order, max, cancellable, error) : NULL;
}
