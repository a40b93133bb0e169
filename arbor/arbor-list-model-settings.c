/* ArborListModel: what is to be shown. Setting any of it does nothing but note it, and have it computed:
 * what is shown stays until there is something else. Each is guarded by the mutex, and told of outside
 * of it; one that is set to what it is changes nothing. From the filter on, each moves order_serial, so
 * that no listing passes for one of another condition or order.
 */

#include "arbor-list-model-private.h"

#include "arbor-expr-private.h"
#include "arbor-sort-options-private.h"
#include "arbor-store.h"

/* What is shown is of another order from now on. Takes over the mutex. */
static void
change_order (ArborListModel *self, guint property)
{
  self->order_serial++;
  pthread_mutex_unlock (&self->mutex);
  arbor_list_model_schedule (self, TRUE);
  arbor_list_model_notify (self, property);
}

static char *
dup_locked (ArborListModel *self, char **text)
{
  char *copy;

  pthread_mutex_lock (&self->mutex);
  copy = g_strdup (*text);
  pthread_mutex_unlock (&self->mutex);
  return copy;
}

/* FALSE, unlocked: it is the same text. */
static gboolean
replace_text (ArborListModel *self, char **text, const char *fresh)
{
  pthread_mutex_lock (&self->mutex);
  if (g_strcmp0 (*text, fresh) == 0)
    {
      pthread_mutex_unlock (&self->mutex);
      return FALSE;
    }
  g_free (*text);
  *text = g_strdup (fresh);
  return TRUE;
}

/**
 * arbor_list_model_dup_store: (get-property store)
 * @self: a model
 *
 * The store that is shown a part of. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the store
 *
 * Since: 1.0
 */
ArborStore *
arbor_list_model_dup_store (ArborListModel *self)
{
  ArborStore *store;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  pthread_mutex_lock (&self->mutex);
  store = self->store != NULL ? g_object_ref (self->store) : NULL;
  pthread_mutex_unlock (&self->mutex);
  return store;
}

/**
 * arbor_list_model_set_store: (set-property store)
 * @self: a model
 * @store: (nullable): a store
 *
 * Sets [property@Arbor.ListModel:store].
 *
 * Since: 1.0
 */
void
arbor_list_model_set_store (ArborListModel *self, ArborStore *store)
{
  gboolean is_same;

  g_return_if_fail (ARBOR_IS_LIST_MODEL (self));
  g_return_if_fail (store == NULL || ARBOR_IS_STORE (store));

  pthread_mutex_lock (&self->mutex);
  is_same = self->store == store;
  pthread_mutex_unlock (&self->mutex);
  if (is_same)
    return;
  arbor_list_model_follow (self, store);
  arbor_list_model_schedule (self, TRUE);
  arbor_list_model_notify (self, ARBOR_LIST_PROP_STORE);
}

/**
 * arbor_list_model_dup_name: (get-property name)
 * @self: a model
 *
 * Gets [property@Arbor.ListModel:name]. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the name
 *
 * Since: 1.0
 */
char *
arbor_list_model_dup_name (ArborListModel *self)
{
  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  return dup_locked (self, &self->name);
}

/**
 * arbor_list_model_set_name: (set-property name)
 * @self: a model
 * @name: (nullable): the name of an arbor, which need not be there
 *
 * Sets [property@Arbor.ListModel:name].
 *
 * Since: 1.0
 */
void
arbor_list_model_set_name (ArborListModel *self, const char *name)
{
  g_return_if_fail (ARBOR_IS_LIST_MODEL (self));

  if (!replace_text (self, &self->name, name))
    return;
  pthread_mutex_unlock (&self->mutex);
  arbor_list_model_schedule (self, TRUE);
  arbor_list_model_notify (self, ARBOR_LIST_PROP_NAME);
}

/**
 * arbor_list_model_dup_filter: (get-property filter)
 * @self: a model
 *
 * Gets [property@Arbor.ListModel:filter]. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the condition
 *
 * Since: 1.0
 */
ArborExpr *
arbor_list_model_dup_filter (ArborListModel *self)
{
  ArborExpr *filter;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  pthread_mutex_lock (&self->mutex);
  filter = self->filter != NULL ? arbor_expr_new_take (arbor_node_ref (self->filter)) : NULL;
  pthread_mutex_unlock (&self->mutex);
  return filter;
}

/**
 * arbor_list_model_set_filter: (set-property filter)
 * @self: a model
 * @filter: (nullable): a condition
 *
 * Sets [property@Arbor.ListModel:filter].
 *
 * Since: 1.0
 */
void
arbor_list_model_set_filter (ArborListModel *self, ArborExpr *filter)
{
  ArborNode *node;

  g_return_if_fail (ARBOR_IS_LIST_MODEL (self));
  g_return_if_fail (filter == NULL || ARBOR_IS_EXPR (filter));

  node = filter != NULL ? arbor_expr_get_node (filter) : NULL;
  pthread_mutex_lock (&self->mutex);
  if (node == self->filter || (node != NULL && self->filter != NULL && arbor_node_equal (node, self->filter)))
    {
      pthread_mutex_unlock (&self->mutex);
      return;
    }
  g_clear_pointer (&self->filter, arbor_node_unref);
  self->filter = node != NULL ? arbor_node_ref (node) : NULL;
  change_order (self, ARBOR_LIST_PROP_FILTER);
}

/**
 * arbor_list_model_dup_search: (get-property search)
 * @self: a model
 *
 * Gets [property@Arbor.ListModel:search]. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the text
 *
 * Since: 1.0
 */
char *
arbor_list_model_dup_search (ArborListModel *self)
{
  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  return dup_locked (self, &self->search);
}

/**
 * arbor_list_model_set_search: (set-property search)
 * @self: a model
 * @search: (nullable): words to search for
 *
 * Sets [property@Arbor.ListModel:search].
 *
 * Since: 1.0
 */
void
arbor_list_model_set_search (ArborListModel *self, const char *search)
{
  g_return_if_fail (ARBOR_IS_LIST_MODEL (self));

  if (replace_text (self, &self->search, search))
    change_order (self, ARBOR_LIST_PROP_SEARCH);
}

/**
 * arbor_list_model_dup_search_paths: (get-property search-paths)
 * @self: a model
 *
 * Gets [property@Arbor.ListModel:search-paths]. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths
 *
 * Since: 1.0
 */
char **
arbor_list_model_dup_search_paths (ArborListModel *self)
{
  char **paths;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  pthread_mutex_lock (&self->mutex);
  paths = g_strdupv (self->search_paths);
  pthread_mutex_unlock (&self->mutex);
  return paths;
}

/**
 * arbor_list_model_set_search_paths: (set-property search-paths)
 * @self: a model
 * @paths: (nullable) (array zero-terminated=1): paths, or other expressions
 *
 * Sets [property@Arbor.ListModel:search-paths].
 *
 * Since: 1.0
 */
void
arbor_list_model_set_search_paths (ArborListModel *self, const char *const *paths)
{
  gboolean is_same;

  g_return_if_fail (ARBOR_IS_LIST_MODEL (self));

  pthread_mutex_lock (&self->mutex);
  is_same = paths == NULL || self->search_paths == NULL
                ? paths == NULL && self->search_paths == NULL
                : g_strv_equal (paths, (const char *const *) self->search_paths);
  if (is_same)
    {
      pthread_mutex_unlock (&self->mutex);
      return;
    }
  g_strfreev (self->search_paths);
  self->search_paths = g_strdupv ((char **) paths);
  change_order (self, ARBOR_LIST_PROP_SEARCH_PATHS);
}

/**
 * arbor_list_model_dup_sort: (get-property sort)
 * @self: a model
 *
 * Gets [property@Arbor.ListModel:sort]. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the keys as text
 *
 * Since: 1.0
 */
char *
arbor_list_model_dup_sort (ArborListModel *self)
{
  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), NULL);

  return dup_locked (self, &self->sort);
}

/* Takes over @keys, of which @sort is the text. */
static void
take_keys (ArborListModel *self, const char *sort, ArborSortKeys *keys)
{
  if (!replace_text (self, &self->sort, sort))
    {
      g_clear_pointer (&keys, arbor_sort_keys_unref);
      return;
    }
  g_clear_pointer (&self->keys, arbor_sort_keys_unref);
  self->keys = keys;
  change_order (self, ARBOR_LIST_PROP_SORT);
}

/**
 * arbor_list_model_set_sort: (set-property sort)
 * @self: a model
 * @sort: (nullable): keys as text
 *
 * Sets [property@Arbor.ListModel:sort]. A text that is none leaves the order as it is, and says so in
 * [property@Arbor.ListModel:error].
 *
 * Since: 1.0
 */
void
arbor_list_model_set_sort (ArborListModel *self, const char *sort)
{
  g_autoptr (ArborSortKeys) keys = NULL;
  GError *error = NULL;

  g_return_if_fail (ARBOR_IS_LIST_MODEL (self));

  if (sort != NULL && *sort != '\0')
    {
      keys = arbor_sort_keys_parse (sort, &error);
      if (keys == NULL)
        {
          arbor_list_model_take_error (self, error);
          return;
        }
    }
  take_keys (self, sort, g_steal_pointer (&keys));
}

/**
 * arbor_list_model_sort_by:
 * @self: a model
 * @keys: (array length=n_keys) (nullable): what to order by, the most significant first; none means
 *   the trees themselves
 * @n_keys: how many keys
 * @options: (nullable): how the keys order, or %NULL for ascending, null last
 * @error: where to put an error
 *
 * Sorts as [method@Arbor.Arbor.sort_by] does: sets [property@Arbor.ListModel:sort] to what these keys are
 * as text.
 *
 * Errors: %ARBOR_ERROR_EXPRESSION for a key that gives several values,
 * %ARBOR_ERROR_INVALID_ARGUMENT for options with another number of flags or unknown ones,
 * %ARBOR_ERROR_CLOSED, also of a model without a store.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
arbor_list_model_sort_by (ArborListModel *self, ArborExpr **keys, gsize n_keys,
                          ArborSortOptions *options, GError **error)
{
  g_autofree ArborNode **nodes = NULL;
  g_autofree ArborSortFlags *flags = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  ArborSortKeys *sort_keys;
  gsize n_flags;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), FALSE);
  g_return_val_if_fail (arbor_are_exprs (keys, n_keys), FALSE);
  g_return_val_if_fail (options == NULL || ARBOR_IS_SORT_OPTIONS (options), FALSE);

  if (!arbor_list_model_check_open (self, error))
    return FALSE;
  nodes = arbor_exprs_get_nodes (keys, n_keys);
  flags = arbor_sort_options_make_flags (options, &n_flags);
  sort_keys = arbor_sort_keys_new (nodes, n_keys, flags, n_flags, error);
  if (sort_keys == NULL)
    return FALSE;
  arbor_sort_keys_describe (sort_keys, text);
  take_keys (self, text->str, sort_keys);
  return TRUE;
}

/**
 * arbor_list_model_get_reversed: (get-property reversed)
 * @self: a model
 *
 * Gets [property@Arbor.ListModel:reversed]. Any thread may call this, at any time.
 *
 * Returns: whether the last row comes first
 *
 * Since: 1.0
 */
gboolean
arbor_list_model_get_reversed (ArborListModel *self)
{
  gboolean is_reversed;

  g_return_val_if_fail (ARBOR_IS_LIST_MODEL (self), FALSE);

  pthread_mutex_lock (&self->mutex);
  is_reversed = self->is_reversed;
  pthread_mutex_unlock (&self->mutex);
  return is_reversed;
}

/**
 * arbor_list_model_set_reversed: (set-property reversed)
 * @self: a model
 * @reversed: whether the last row comes first
 *
 * Sets [property@Arbor.ListModel:reversed].
 *
 * Since: 1.0
 */
void
arbor_list_model_set_reversed (ArborListModel *self, gboolean reversed)
{
  g_return_if_fail (ARBOR_IS_LIST_MODEL (self));

  pthread_mutex_lock (&self->mutex);
  if (self->is_reversed == !!reversed)
    {
      pthread_mutex_unlock (&self->mutex);
      return;
    }
  self->is_reversed = !!reversed;
  change_order (self, ARBOR_LIST_PROP_REVERSED);
}
