/* See arbor-listing-step.h. The first rows are a step of their own where nothing is shown, or others are in
 * another order, and there are more: finding these takes no longer than a screen does, whatever the rest
 * takes. In another order, too, it is for who hears of many rows that replace others and asks for each of
 * them, to find those again that he knows, as views of GTK do: what is only inserted he need not ask for.
 * Of fewer rows than ARBOR_SPLICES_ROWS he may.
 */

#include "query/model/arbor-listing-step.h"

#include "base/arbor-error.h"
#include "query/model/arbor-search.h"

/* More than any screen shows. */
#define FIRST_ROWS 256u

/* On the way. */
typedef struct
{
  const ArborListingWish *wish;
  ArborListingOrder order; /* the condition of it is owned */
  ArborListing *shown;     /* what the steps so far have led to; owned */
  gboolean is_same_order;  /* as that of what is shown */
  ArborListing *whole;     /* all that is to be shown, where it is known; owned */
  ArborListingStepFunc func;
  gpointer data;
  GCancellable *cancellable;
} Way;

void
arbor_listing_wish_clear (ArborListingWish *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->filter, arbor_node_unref);
  g_clear_pointer (&self->search, g_free);
  g_clear_pointer (&self->search_paths, g_strfreev);
  g_clear_pointer (&self->keys, arbor_sort_keys_unref);
}

static ArborListingStep *
step_new (ArborListing *before, ArborTreeMap *map, ArborListing *listing, gboolean is_same_order,
          guint pending)
{
  ArborListingStep *self = g_new0 (ArborListingStep, 1);

  self->before = arbor_listing_ref (before);
  self->map = arbor_tree_map_ref (map);
  self->listing = arbor_listing_ref (listing);
  /* Rows in sight are looked at with each splice, so many rows go over to another order by one. */
  self->splices =
      arbor_splices_find (before, map, listing,
                          is_same_order || before->n <= ARBOR_SPLICES_ROWS ? ARBOR_SPLICES_MAX : 1);
  self->pending = pending;
  return self;
}

ArborListingStep *
arbor_listing_step_new_end (ArborListing *shown)
{
  g_autoptr (ArborListing) listing = arbor_listing_new_empty ();
  ArborSource *source = shown->source;
  g_autoptr (ArborTreeMap) map = arbor_tree_map_new_disjoint (
      source != NULL ? (guint32) arbor_source_get_n_trees (source) : 0, 0);

  return step_new (shown, map, listing, TRUE, 0);
}

void
arbor_listing_step_free (ArborListingStep *self)
{
  arbor_listing_unref (self->before);
  arbor_tree_map_unref (self->map);
  arbor_listing_unref (self->listing);
  g_array_unref (self->splices);
  g_free (self);
}

/* The condition of the filter and of what is searched. */
static gboolean
make_condition (Way *self, ArborAccess *access, GError **error)
{
  const ArborListingWish *wish = self->wish;
  g_autoptr (ArborNode) search = NULL;

  if (wish->filter != NULL && !arbor_node_check_condition (wish->filter, error))
    return FALSE;
  if (!arbor_search_make_condition (wish->search, (const char *const *) wish->search_paths, access,
                                    &search, self->cancellable, error))
    return FALSE;
  if (wish->filter != NULL && search != NULL)
    self->order.condition =
        arbor_node_new_call ("and", (ArborNode *[]){ wish->filter, search }, 2, error);
  else if (wish->filter != NULL)
    self->order.condition = arbor_node_ref (wish->filter);
  else
    self->order.condition = g_steal_pointer (&search);
  return self->order.condition != NULL || wish->filter == NULL;
}

/* Where the trees of what is shown are now. */
static ArborTreeMap *
map_shown (Way *self, ArborAccess *access, GError **error)
{
  ArborSource *source = self->shown->source;
  guint32 n_old = source != NULL ? (guint32) arbor_source_get_n_trees (source) : 0;
  ArborTreeMap *map;
  ArborAccess old;

  if (source == NULL || arbor_source_get_session (source) != access->session ||
      !arbor_access_begin (&old, source, self->shown->pin, NULL))
    return arbor_tree_map_new_disjoint (n_old, (guint32) arbor_source_get_n_trees (access->source));
  map = arbor_tree_map_new (&old, access, self->cancellable, error);
  if (!arbor_access_end (&old, error))
    g_clear_pointer (&map, arbor_tree_map_unref);
  return map;
}

/* All of a name, from what is shown to what is to be. */
static gboolean
show_all (Way *self, ArborAccess *access, GError **error)
{
  g_autoptr (ArborTreeMap) map = map_shown (self, access, error);
  g_autoptr (ArborListing) listing = NULL;

  if (map == NULL)
    return FALSE;
  if (self->whole != NULL)
    listing = arbor_listing_ref (self->whole);
  else if (self->is_same_order)
    listing = arbor_listing_new_next (self->shown, map, access, &self->order, self->cancellable, error);
  else
    listing = arbor_listing_new_all (access, &self->order, self->cancellable, error);
  if (listing == NULL || !arbor_access_check_damage (access, error))
    return FALSE;
  self->func (step_new (self->shown, map, listing, self->is_same_order, 0), self->data);
  return TRUE;
}

/* Whether the first rows are worth a step. */
static gboolean
begins_anew (const Way *self, guint64 n_trees)
{
  return self->shown->n == 0 ? n_trees > FIRST_ROWS : n_trees > ARBOR_SPLICES_ROWS && !self->is_same_order;
}

/* The first rows of a model that shows none of its order, and that has more than these. */
static gboolean
show_first (Way *self, ArborAccess *access, GError **error)
{
  guint64 n_trees = arbor_source_get_n_trees (access->source);
  g_autoptr (ArborTreeMap) map = NULL;
  g_autoptr (ArborListing) listing = NULL;

  if (!begins_anew (self, n_trees))
    return TRUE;
  listing = arbor_listing_new_first (access, &self->order, FIRST_ROWS, self->cancellable, error);
  if (listing == NULL)
    return FALSE;
  if (listing->n < FIRST_ROWS)
    {
      self->whole = g_steal_pointer (&listing);
      return TRUE;
    }
  map = map_shown (self, access, error);
  if (map == NULL || !arbor_access_check_damage (access, error))
    return FALSE;
  self->func (step_new (self->shown, map, listing, self->is_same_order, (guint) (n_trees - listing->n)),
              self->data);
  arbor_listing_unref (self->shown);
  self->shown = g_steal_pointer (&listing);
  self->is_same_order = FALSE;
  return TRUE;
}

gboolean
arbor_listing_find_steps (const ArborListingWish *wish, ArborListing *shown, gboolean is_same_order,
                          ArborAccess *access, ArborListingStepFunc func, gpointer data,
                          GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  g_autoptr (ArborRecord) record = arbor_snapshot_lookup (access->snapshot, wish->name, &wrong);
  Way way = { .wish = wish, .is_same_order = is_same_order };
  gboolean is_good;

  if (record == NULL)
    {
      if (g_error_matches (wrong, ARBOR_ERROR, ARBOR_ERROR_NOT_FOUND))
        {
          func (arbor_listing_step_new_end (shown), data);
          return TRUE;
        }
      g_propagate_error (error, g_steal_pointer (&wrong));
      return FALSE;
    }
  access->source = arbor_source_new_stored (access->session, record, access->snapshot, NULL);
  way.order.keys = wish->keys;
  way.order.is_reversed = wish->is_reversed;
  way.shown = arbor_listing_ref (shown);
  way.func = func;
  way.data = data;
  way.cancellable = cancellable;
  is_good = make_condition (&way, access, error) && show_first (&way, access, error) &&
            show_all (&way, access, error);
  arbor_listing_unref (way.shown);
  g_clear_pointer (&way.whole, arbor_listing_unref);
  g_clear_pointer (&way.order.condition, arbor_node_unref);
  return is_good;
}
