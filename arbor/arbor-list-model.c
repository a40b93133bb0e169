/* ArborListModel: the trees of a name as a model that follows the store. See arbor-list-model-private.h. */

#include "arbor-list-model-private.h"

#include "arbor-close-token.h"
#include "arbor-store-private.h"

/**
 * ArborListModel:
 *
 * The trees of a name of a store, filtered and sorted, as a list model that follows the store: for
 * lists of GTK and whatever else binds to a [iface@Gio.ListModel].
 *
 * Where an [class@Arbor.Arbor] shows one state for ever, this model goes along: when the store moves to
 * a state in which the name has other trees, be it by a write of this program or by a refresh
 * ([method@Arbor.Store.refresh], [property@Arbor.Store:auto-refresh]), it finds out which trees came and
 * which went, and tells by [signal@Gio.ListModel::items-changed] for each place where some did. Trees
 * that stay are not told of, and their rows stay the same objects. A name that the store does not have
 * has no trees, until it does.
 *
 * Everything is computed by threads of the library: setting a property returns at once, and the model
 * shows what it showed until there is something else. Of a large arbor the first rows come first, also of
 * another order of it, and the others then as one insertion; [property@Arbor.ListModel:pending] says that
 * there is more to come.
 * Where something is wrong, [property@Arbor.ListModel:error] says what, and what is shown stays.
 *
 * Items are [class@Arbor.Row]s: objects that are made when they are asked for, and read nothing before
 * they are. [method@Arbor.ListModel.set_columns] gives them properties.
 *
 * Everything is told in the main context that was the default of the thread which made the model. Use
 * a model in that thread; reading it, and setting properties, in others does no harm. When the store is
 * closed, the model becomes empty and [property@Arbor.ListModel:error] is %ARBOR_ERROR_CLOSED.
 *
 * Since: 1.0
 */

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ArborListModel, arbor_list_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
arbor_list_model_dispose (GObject *object)
{
  arbor_list_model_dispose_update (ARBOR_LIST_MODEL (object));

  G_OBJECT_CLASS (arbor_list_model_parent_class)->dispose (object);
}

static void
arbor_list_model_finalize (GObject *object)
{
  ArborListModel *self = ARBOR_LIST_MODEL (object);

  g_clear_object (&self->store);
  g_free (self->name);
  g_clear_pointer (&self->filter, arbor_node_unref);
  g_free (self->search);
  g_strfreev (self->search_paths);
  g_free (self->sort);
  g_clear_pointer (&self->keys, arbor_sort_keys_unref);
  arbor_listing_unref (self->listing);
  g_clear_pointer (&self->before, arbor_listing_unref);
  g_clear_pointer (&self->map, arbor_tree_map_unref);
  arbor_list_rows_unref (self->rows);
  g_clear_pointer (&self->next_columns, arbor_row_columns_unref);
  g_clear_error (&self->error);
  g_main_context_unref (self->context);
  pthread_mutex_destroy (&self->mutex);

  G_OBJECT_CLASS (arbor_list_model_parent_class)->finalize (object);
}

static void
arbor_list_model_class_init (ArborListModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = arbor_list_model_dispose;
  object_class->finalize = arbor_list_model_finalize;
  arbor_list_model_install_properties (object_class);
}

static void
arbor_list_model_init (ArborListModel *self)
{
  pthread_mutex_init (&self->mutex, NULL);
  self->context = g_main_context_ref_thread_default ();
  self->listing = arbor_listing_new_empty ();
  self->rows = arbor_list_rows_new (arbor_row_columns_new (NULL, NULL, NULL, 0, NULL));
  g_queue_init (&self->waiting);
}

/**
 * arbor_list_model_new: (constructor)
 * @store: (nullable): a store
 * @name: (nullable): the name of an arbor, which need not be there
 *
 * A model of the trees of a name. It is empty until the main context has been iterated.
 *
 * Returns: (transfer full): the model
 *
 * Since: 1.0
 */
ArborListModel *
arbor_list_model_new (ArborStore *store, const char *name)
{
  g_return_val_if_fail (store == NULL || ARBOR_IS_STORE (store), NULL);

  return g_object_new (ARBOR_TYPE_LIST_MODEL, "store", store, "name", name, NULL);
}

/**
 * arbor_list_model_is_closed:
 * @self: a model
 *
 * Whether the model's store has been closed. Any thread may call this, at any time.
 *
 * Returns: whether it is closed; %TRUE for a model without a store
 *
 * Since: 1.0
 */
gboolean
arbor_list_model_is_closed (ArborListModel *self)
{
  g_autoptr (ArborStore) store = NULL;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), TRUE);

  store = arbor_list_model_dup_store (self);
  return store == NULL || arbor_store_is_closed (store);
}

/**
 * arbor_list_model_dup_close_token:
 * @self: a model
 *
 * The close token of the model's store. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the token; %NULL for a model without a store
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_list_model_dup_close_token (ArborListModel *self)
{
  g_autoptr (ArborStore) store = NULL;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  store = arbor_list_model_dup_store (self);
  return store != NULL ? arbor_store_dup_close_token (store) : NULL;
}

/**
 * arbor_list_model_to_string:
 * @self: a model
 *
 * A description for people who debug, which never fails and reads nothing. Any thread may call this,
 * at any time.
 *
 * Returns: (transfer full): the description
 *
 * Since: 1.0
 */
char *
arbor_list_model_to_string (ArborListModel *self)
{
  g_autofree char *name = NULL;
  guint n_items, pending;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  name = arbor_list_model_dup_name (self);
  pthread_mutex_lock (&self->mutex);
  n_items = arbor_list_model_count (self);
  pending = self->pending;
  pthread_mutex_unlock (&self->mutex);
  return g_strdup_printf ("ArborListModel ('%s', %u rows%s%s)", name != NULL ? name : "", n_items,
                          pending > 0 ? ", more to come" : "",
                          arbor_list_model_is_closed (self) ? ", closed" : "");
}

/* GListModel */

static GType
get_item_type (GListModel *model)
{
  ArborListModel *self = ARBOR_LIST_MODEL (model);
  GType type;

  pthread_mutex_lock (&self->mutex);
  type = self->rows->columns->type;
  pthread_mutex_unlock (&self->mutex);
  return type;
}

static guint
get_n_items (GListModel *model)
{
  ArborListModel *self = ARBOR_LIST_MODEL (model);
  guint n;

  pthread_mutex_lock (&self->mutex);
  n = arbor_list_model_count (self);
  pthread_mutex_unlock (&self->mutex);
  return n;
}

/* Where the row at a position is to be had. */
typedef struct
{
  ArborListRows *rows;
  ArborListing *listing;
  guint32 tree;
  gboolean is_gone;
} Place;

/* Under the mutex: rows of before as far as they are shown yet. */
static Place
find_place (ArborListModel *self, guint position)
{
  Place place = { .rows = arbor_list_rows_ref (self->rows) };

  if (self->before == NULL || position >= self->split_old)
    {
      if (self->before != NULL)
        position = position - self->split_old + self->split_new;
      place.listing = arbor_listing_ref (self->listing);
      place.tree = self->listing->trees[position];
      return place;
    }
  place.tree = arbor_tree_map_get (self->map, self->before->trees[position]);
  place.is_gone = place.tree == ARBOR_NO_TREE;
  if (place.is_gone)
    place.tree = self->before->trees[position];
  place.listing = arbor_listing_ref (place.is_gone ? self->before : self->listing);
  return place;
}

/**
 * arbor_list_model_find:
 * @self: a model
 * @row: a row
 * @position: (out) (optional): where it is
 *
 * Where a row is shown. After another order of many rows a view selects anew: the row that was
 * selected is found so once [property@Arbor.ListModel:pending] is 0.
 *
 * Takes as long as looking at the rows before it, four bytes each. Any thread may call this, at any time.
 *
 * Returns: whether it is shown; %FALSE for a row of another model, and for one whose tree is gone
 *
 * Since: 1.0
 */
gboolean
arbor_list_model_find (ArborListModel *self, ArborRow *row, guint *position)
{
  gboolean is_found = FALSE;
  guint32 tree;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), FALSE);
  g_return_val_if_fail (ARBOR_IS_ROW (row), FALSE);

  pthread_mutex_lock (&self->mutex);
  if (arbor_row_find_tree (row, self->rows->lock, self->listing, &tree))
    {
      guint n = arbor_list_model_count (self);
      guint n_before = self->before != NULL ? self->split_old : 0;
      guint skipped = self->before != NULL ? self->split_new : 0;
      guint i = 0;

      while (i < n_before && arbor_tree_map_get (self->map, self->before->trees[i]) != tree)
        i++;
      while (i >= n_before && i < n && self->listing->trees[i - n_before + skipped] != tree)
        i++;
      is_found = i < n;
      if (position != NULL)
        *position = is_found ? i : 0;
    }
  pthread_mutex_unlock (&self->mutex);
  return is_found;
}

/* Rows come and go outside of the mutex: the end of one may run foreign code. */
static gpointer
get_item (GListModel *model, guint position)
{
  ArborListModel *self = ARBOR_LIST_MODEL (model);
  Place place = { NULL };
  ArborRow *row;

  pthread_mutex_lock (&self->mutex);
  if (position < arbor_list_model_count (self))
    place = find_place (self, position);
  pthread_mutex_unlock (&self->mutex);
  if (place.rows == NULL)
    return NULL;
  row = arbor_list_rows_get (place.rows, place.listing, place.tree, place.is_gone);
  arbor_listing_unref (place.listing);
  arbor_list_rows_unref (place.rows);
  return row;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}
