/* ArborStoreOptions: getting and setting. */

#include "arbor-store-options-private.h"

/**
 * arbor_store_options_get_create: (get-property create)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:create]. Use options in one thread at a time.
 *
 * Returns: whether a file that does not exist is made
 *
 * Since: 1.0
 */
gboolean
arbor_store_options_get_create (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), FALSE);

  return self->create;
}

/**
 * arbor_store_options_set_create: (set-property create)
 * @self: options
 * @create: whether a file that does not exist is made
 *
 * Sets [property@Arbor.StoreOptions:create]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_create (ArborStoreOptions *self, gboolean create)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  create = !!create;
  if (self->create == create)
    return;
  self->create = create;
  g_object_notify (G_OBJECT (self), "create");
}

/**
 * arbor_store_options_get_read_only: (get-property read-only)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:read-only]. Use options in one thread at a time.
 *
 * Returns: whether the store refuses to write
 *
 * Since: 1.0
 */
gboolean
arbor_store_options_get_read_only (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), FALSE);

  return self->read_only;
}

/**
 * arbor_store_options_set_read_only: (set-property read-only)
 * @self: options
 * @read_only: whether the store refuses to write
 *
 * Sets [property@Arbor.StoreOptions:read-only]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_read_only (ArborStoreOptions *self, gboolean read_only)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  read_only = !!read_only;
  if (self->read_only == read_only)
    return;
  self->read_only = read_only;
  g_object_notify (G_OBJECT (self), "read-only");
}

/**
 * arbor_store_options_get_immutable: (get-property immutable)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:immutable]. Use options in one thread at a time.
 *
 * Returns: whether the caller vouches that nobody writes the file
 *
 * Since: 1.0
 */
gboolean
arbor_store_options_get_immutable (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), FALSE);

  return self->immutable;
}

/**
 * arbor_store_options_set_immutable: (set-property immutable)
 * @self: options
 * @immutable: whether the caller vouches that nobody writes the file
 *
 * Sets [property@Arbor.StoreOptions:immutable]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_immutable (ArborStoreOptions *self, gboolean immutable)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  immutable = !!immutable;
  if (self->immutable == immutable)
    return;
  self->immutable = immutable;
  g_object_notify (G_OBJECT (self), "immutable");
}

/**
 * arbor_store_options_get_verify_checksums: (get-property verify-checksums)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:verify-checksums]. Use options in one thread at a time.
 *
 * Returns: whether all checksums are compared when data is first read
 *
 * Since: 1.0
 */
gboolean
arbor_store_options_get_verify_checksums (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), FALSE);

  return self->verify_checksums;
}

/**
 * arbor_store_options_set_verify_checksums: (set-property verify-checksums)
 * @self: options
 * @verify_checksums: whether all checksums are compared when data is first read
 *
 * Sets [property@Arbor.StoreOptions:verify-checksums]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_verify_checksums (ArborStoreOptions *self, gboolean verify_checksums)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  verify_checksums = !!verify_checksums;
  if (self->verify_checksums == verify_checksums)
    return;
  self->verify_checksums = verify_checksums;
  g_object_notify (G_OBJECT (self), "verify-checksums");
}

/**
 * arbor_store_options_get_untrusted: (get-property untrusted)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:untrusted]. Use options in one thread at a time.
 *
 * Returns: whether all of the file is verified before it is used
 *
 * Since: 1.0
 */
gboolean
arbor_store_options_get_untrusted (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), FALSE);

  return self->untrusted;
}

/**
 * arbor_store_options_set_untrusted: (set-property untrusted)
 * @self: options
 * @untrusted: whether all of the file is verified before it is used
 *
 * Sets [property@Arbor.StoreOptions:untrusted]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_untrusted (ArborStoreOptions *self, gboolean untrusted)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  untrusted = !!untrusted;
  if (self->untrusted == untrusted)
    return;
  self->untrusted = untrusted;
  g_object_notify (G_OBJECT (self), "untrusted");
}

/**
 * arbor_store_options_get_map_size: (get-property map-size)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:map-size]. Use options in one thread at a time.
 *
 * Returns: how large the file may become, in bytes; 0 for 1 TiB
 *
 * Since: 1.0
 */
guint64
arbor_store_options_get_map_size (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), 0);

  return self->map_size;
}

/**
 * arbor_store_options_set_map_size: (set-property map-size)
 * @self: options
 * @map_size: how large the file may become, in bytes; 0 for 1 TiB
 *
 * Sets [property@Arbor.StoreOptions:map-size]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_map_size (ArborStoreOptions *self, guint64 map_size)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  if (self->map_size == map_size)
    return;
  self->map_size = map_size;
  g_object_notify (G_OBJECT (self), "map-size");
}

/**
 * arbor_store_options_get_max_readers: (get-property max-readers)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:max-readers]. Use options in one thread at a time.
 *
 * Returns: how many snapshots may be read at once, from 1 to 65,536
 *
 * Since: 1.0
 */
guint
arbor_store_options_get_max_readers (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), 0);

  return self->max_readers;
}

/**
 * arbor_store_options_set_max_readers: (set-property max-readers)
 * @self: options
 * @max_readers: how many snapshots may be read at once, from 1 to 65,536
 *
 * Sets [property@Arbor.StoreOptions:max-readers]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_max_readers (ArborStoreOptions *self, guint max_readers)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  if (self->max_readers == max_readers)
    return;
  self->max_readers = max_readers;
  g_object_notify (G_OBJECT (self), "max-readers");
}

/**
 * arbor_store_options_get_busy_timeout: (get-property busy-timeout)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:busy-timeout]. Use options in one thread at a time.
 *
 * Returns: how long a write waits for another, in milliseconds
 *
 * Since: 1.0
 */
guint
arbor_store_options_get_busy_timeout (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), 0);

  return self->busy_timeout;
}

/**
 * arbor_store_options_set_busy_timeout: (set-property busy-timeout)
 * @self: options
 * @busy_timeout: how long a write waits for another, in milliseconds
 *
 * Sets [property@Arbor.StoreOptions:busy-timeout]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_busy_timeout (ArborStoreOptions *self, guint busy_timeout)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  if (self->busy_timeout == busy_timeout)
    return;
  self->busy_timeout = busy_timeout;
  g_object_notify (G_OBJECT (self), "busy-timeout");
}

/**
 * arbor_store_options_get_mode: (get-property mode)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:mode]. Use options in one thread at a time.
 *
 * Returns: the permissions of a file that is made
 *
 * Since: 1.0
 */
guint
arbor_store_options_get_mode (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), 0);

  return self->mode;
}

/**
 * arbor_store_options_set_mode: (set-property mode)
 * @self: options
 * @mode: the permissions of a file that is made, 0600 to 0666 in octal
 *
 * Sets [property@Arbor.StoreOptions:mode]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_mode (ArborStoreOptions *self, guint mode)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  if (self->mode == mode)
    return;
  self->mode = mode;
  g_object_notify (G_OBJECT (self), "mode");
}

/**
 * arbor_store_options_get_durability: (get-property durability)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:durability]. Use options in one thread at a time.
 *
 * Returns: what a commit waits for
 *
 * Since: 1.0
 */
ArborDurability
arbor_store_options_get_durability (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), ARBOR_DURABILITY_FULL);

  return self->durability;
}

/**
 * arbor_store_options_set_durability: (set-property durability)
 * @self: options
 * @durability: what a commit waits for
 *
 * Sets [property@Arbor.StoreOptions:durability]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_durability (ArborStoreOptions *self, ArborDurability durability)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  if (self->durability == durability)
    return;
  self->durability = durability;
  g_object_notify (G_OBJECT (self), "durability");
}

/**
 * arbor_store_options_get_staleness: (get-property staleness)
 * @self: options
 *
 * Gets [property@Arbor.StoreOptions:staleness]. Use options in one thread at a time.
 *
 * Returns: what becomes of arbors in hand when their name changes
 *
 * Since: 1.0
 */
ArborStaleness
arbor_store_options_get_staleness (ArborStoreOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE_OPTIONS (self), ARBOR_STALENESS_STRICT);

  return self->staleness;
}

/**
 * arbor_store_options_set_staleness: (set-property staleness)
 * @self: options
 * @staleness: what becomes of arbors in hand when their name changes
 *
 * Sets [property@Arbor.StoreOptions:staleness]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_store_options_set_staleness (ArborStoreOptions *self, ArborStaleness staleness)
{
  g_return_if_fail (ARBOR_IS_STORE_OPTIONS (self));

  if (self->staleness == staleness)
    return;
  self->staleness = staleness;
  g_object_notify (G_OBJECT (self), "staleness");
}
