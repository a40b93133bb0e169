/* ArborLoadOptions: keys of what is imported. */

#include "arbor-load-private.h"

/**
 * arbor_load_options_dup_keys: (get-property keys)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:keys]. Use options in one thread at a time.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths; %NULL for those that the name has
 *
 * Since: 1.0
 */
char **
arbor_load_options_dup_keys (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), NULL);

  return g_strdupv (self->keys);
}

/**
 * arbor_load_options_set_keys: (set-property keys)
 * @self: options
 * @keys: (nullable) (array zero-terminated=1): the paths that lead to the key of a tree, none for no keys, or
 *   %NULL
 *
 * Sets [property@Arbor.LoadOptions:keys]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_keys (ArborLoadOptions *self, const char *const *keys)
{
  g_auto (GStrv) old = NULL;

  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  if (self->keys == NULL ? keys == NULL
                         : keys != NULL && g_strv_equal ((const char *const *) self->keys, keys))
    return;
  old = g_steal_pointer (&self->keys);
  self->keys = g_strdupv ((char **) keys);
  g_object_notify (G_OBJECT (self), "keys");
}

/**
 * arbor_load_options_get_keys_unique: (get-property keys-unique)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:keys-unique]. Use options in one thread at a time.
 *
 * Returns: whether no two trees may have the same key
 *
 * Since: 1.0
 */
gboolean
arbor_load_options_get_keys_unique (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), FALSE);

  return self->keys_unique;
}

/**
 * arbor_load_options_set_keys_unique: (set-property keys-unique)
 * @self: options
 * @keys_unique: whether no two trees may have the same key
 *
 * Sets [property@Arbor.LoadOptions:keys-unique]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_keys_unique (ArborLoadOptions *self, gboolean keys_unique)
{
  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  keys_unique = keys_unique != FALSE;
  if (self->keys_unique == keys_unique)
    return;
  self->keys_unique = keys_unique;
  g_object_notify (G_OBJECT (self), "keys-unique");
}
