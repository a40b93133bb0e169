/* The next listing of the one before: the trees that are still there, with the new ones among them. New
 * ones are ordered by themselves, and the place of each is searched for among those that stay, of which
 * only the keys of the trees on the way are computed. Trees with equal keys are in the order of their
 * indices, as sorting leaves them.
 */

#include "query/model/arbor-listing-private.h"

#include "base/arbor-bits.h"
#include "query/order/arbor-sort-table.h"

/* Searching looks at so many trees, each of which costs as much as sorting so many. */
#define COST_OF_LOOKING 8u

/* Those that stay, in order and not reversed; all of them. */
static gboolean
keep (const ArborListing *before, const ArborTreeMap *map, gboolean is_reversed, ArborIndices *kept,
      GError **error)
{
  if (!arbor_indices_make_room (kept, before->n, error))
    return FALSE;
  for (guint32 i = 0; i < before->n; i++)
    {
      guint32 tree = arbor_tree_map_get (map, before->trees[i]);

      kept->indices[kept->n] = tree;
      kept->n += tree != ARBOR_NO_TREE;
    }
  if (is_reversed)
    arbor_listing_reverse (kept->indices, kept->n);
  return TRUE;
}

/* The trees that the state before did not have, ascending; for g_free. */
static guint32 *
list_new_trees (const ArborTreeMap *map, guint32 *n_new)
{
  g_autofree guint64 *is_known = g_new0 (guint64, arbor_bits_n_words (map->n_new) + 1);
  guint32 *trees;
  guint32 n = 0;

  for (guint32 i = 0; i < map->n_old; i++)
    {
      guint32 tree = arbor_tree_map_get (map, i);

      if (tree != ARBOR_NO_TREE)
        arbor_bits_set (is_known, tree);
    }
  *n_new = map->n_new - (guint32) arbor_bits_count (is_known, map->n_new);
  trees = g_new (guint32, *n_new + 1);
  for (guint32 i = 0; i < map->n_new && n < *n_new; i++)
    {
      trees[n] = i;
      n += !arbor_bits_test (is_known, i);
    }
  return trees;
}

/* Both lists ascend. */
static void
merge_by_index (const ArborIndices *kept, const ArborIndices *fresh, guint32 *trees)
{
  gsize a = 0, b = 0;

  for (gsize i = 0; i < kept->n + fresh->n; i++)
    trees[i] = b == fresh->n || (a < kept->n && kept->indices[a] < fresh->indices[b])
                   ? kept->indices[a++]
                   : fresh->indices[b++];
}

typedef struct
{
  ArborSortTable *table; /* row i is the i-th of the new trees */
  ArborAccess *access;
  const ArborIndices *kept;
  const ArborIndices *fresh;
} Search;

/* Whether the kept tree at @place comes before row @row. */
static gboolean
is_before (Search *self, gsize place, gsize row, gboolean *answer, GError **error)
{
  guint32 tree = self->kept->indices[place];
  int order = 0;

  if (!arbor_sort_table_seek (self->table, self->access, tree, error))
    return FALSE;
  for (guint32 key = 0; key < self->table->keys->n && order == 0; key++)
    {
      if (!arbor_sort_table_evaluate (self->table, key, error))
        return FALSE;
      order = arbor_sort_table_compare_at_hand (self->table, key, row);
    }
  *answer = order != 0 ? order < 0 : tree < self->fresh->indices[row];
  return TRUE;
}

/* How many kept trees come before row @row, of which @low do. */
static gboolean
find_place (Search *self, gsize row, gsize low, gsize *place, GError **error)
{
  gsize high = self->kept->n;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      gboolean answer;

      if (!is_before (self, middle, row, &answer, error))
        return FALSE;
      if (answer)
        low = middle + 1;
      else
        high = middle;
    }
  *place = low;
  return TRUE;
}

static gboolean
add_rows (Search *self, GError **error)
{
  for (gsize i = 0; i < self->fresh->n; i++)
    {
      if (!arbor_sort_table_seek (self->table, self->access, self->fresh->indices[i], error))
        return FALSE;
      for (guint32 key = 0; key < self->table->keys->n; key++)
        if (!arbor_sort_table_evaluate (self->table, key, error))
          return FALSE;
      if (!arbor_sort_table_append (self->table, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
merge_by_keys (Search *self, guint32 *trees, GCancellable *cancellable, GError **error)
{
  gsize a = 0, n = 0;

  if (!add_rows (self, error))
    return FALSE;
  for (gsize row = 0; row < self->fresh->n; row++)
    {
      gsize place;

      if (!arbor_access_check (self->access, cancellable, error) ||
          !find_place (self, row, a, &place, error))
        return FALSE;
      while (a < place)
        trees[n++] = self->kept->indices[a++];
      trees[n++] = self->fresh->indices[row];
    }
  while (a < self->kept->n)
    trees[n++] = self->kept->indices[a++];
  return TRUE;
}

static gboolean
merge (ArborIndices *kept, ArborIndices *fresh, ArborAccess *access, const ArborListingOrder *order,
       ArborIndices *merged, GCancellable *cancellable, GError **error)
{
  g_autoptr (ArborSortTable) table = NULL;
  Search search = { .access = access, .kept = kept, .fresh = fresh };

  if (!arbor_indices_make_room (merged, kept->n + fresh->n, error))
    return FALSE;
  merged->n = kept->n + fresh->n;
  if (order->keys == NULL)
    {
      merge_by_index (kept, fresh, merged->indices);
      return TRUE;
    }
  search.table = table = arbor_sort_table_new (order->keys, "model");
  return merge_by_keys (&search, merged->indices, cancellable, error);
}

/* Whether looking at few trees is less work than sorting all. */
static gboolean
pays (const ArborListingOrder *order, gsize n_kept, gsize n_new)
{
  return order->keys == NULL ||
         n_new * g_bit_storage (n_kept + 1) * COST_OF_LOOKING <= n_kept + n_new;
}

/* @list becomes the trees of the next listing; *@is_done is FALSE where all are to be read anew. */
static gboolean
find_next (const ArborListing *before, const ArborTreeMap *map, ArborAccess *access,
           const ArborListingOrder *order, ArborIndices *list, gboolean *is_done,
           GCancellable *cancellable, GError **error)
{
  ArborIndices kept = { .charge.operation = "model" };
  ArborIndices fresh = { .charge.operation = "model" };
  g_autoptr (ArborSelection) candidates = NULL;
  g_autoptr (ArborSelection) selection = NULL;
  guint32 n_new;
  guint32 *trees = list_new_trees (map, &n_new);
  gboolean is_good;

  candidates = arbor_selection_new_list (trees, n_new);
  selection = arbor_listing_select (candidates, order, error);
  is_good = selection != NULL && keep (before, map, order->is_reversed, &kept, error) &&
            arbor_listing_read (selection, access, G_MAXUINT32, &fresh, cancellable, error);
  *is_done = is_good && pays (order, kept.n, fresh.n);
  if (*is_done)
    is_good = merge (&kept, &fresh, access, order, list, cancellable, error);
  arbor_indices_clear (&kept);
  arbor_indices_clear (&fresh);
  return is_good;
}

ArborListing *
arbor_listing_new_next (const ArborListing *before, const ArborTreeMap *map, ArborAccess *access,
                        const ArborListingOrder *order, GCancellable *cancellable, GError **error)
{
  ArborIndices list = { .charge.operation = "model" };
  ArborListing *self = NULL;
  gboolean is_done = FALSE;

  if (map->is_ascending && before->source != NULL &&
      !find_next (before, map, access, order, &list, &is_done, cancellable, error))
    {
      arbor_indices_clear (&list);
      return NULL;
    }
  self = is_done ? arbor_listing_new_take (access, &list, order->is_reversed)
                 : arbor_listing_new_all (access, order, cancellable, error);
  arbor_indices_clear (&list);
  return self;
}
