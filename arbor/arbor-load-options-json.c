/* ArborLoadOptions: what documents of JSON are taken apart into, and what that may take. */

#include "arbor-load-private.h"

/**
 * arbor_load_options_get_whole: (get-property whole)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:whole]. Use options in one thread at a time.
 *
 * Returns: whether an array or object is one tree
 *
 * Since: 1.0
 */
gboolean
arbor_load_options_get_whole (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), FALSE);

  return self->whole;
}

/**
 * arbor_load_options_set_whole: (set-property whole)
 * @self: options
 * @whole: whether an array or object is one tree
 *
 * Sets [property@Arbor.LoadOptions:whole]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_whole (ArborLoadOptions *self, gboolean whole)
{
  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  whole = !!whole;
  if (self->whole == whole)
    return;
  self->whole = whole;
  g_object_notify (G_OBJECT (self), "whole");
}

/**
 * arbor_load_options_dup_as_object: (get-property as-object)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:as-object]. Use options in one thread at a time.
 *
 * Returns: (transfer full) (nullable): the field for the keys of members that are trees
 *
 * Since: 1.0
 */
char *
arbor_load_options_dup_as_object (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), NULL);

  return g_strdup (self->as_object);
}

/**
 * arbor_load_options_set_as_object: (set-property as-object)
 * @self: options
 * @as_object: (nullable): the field for the keys of members that are trees, or %NULL
 *
 * Sets [property@Arbor.LoadOptions:as-object]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_as_object (ArborLoadOptions *self, const char *as_object)
{
  g_autofree char *old = NULL;

  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  if (g_strcmp0 (self->as_object, as_object) == 0)
    return;
  old = g_steal_pointer (&self->as_object);
  self->as_object = g_strdup (as_object);
  g_object_notify (G_OBJECT (self), "as-object");
}

/**
 * arbor_load_options_get_decimals: (get-property decimals)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:decimals]. Use options in one thread at a time.
 *
 * Returns: how decimals are read
 *
 * Since: 1.0
 */
ArborDecimals
arbor_load_options_get_decimals (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), ARBOR_DECIMALS_NEAREST);

  return self->decimals;
}

/**
 * arbor_load_options_set_decimals: (set-property decimals)
 * @self: options
 * @decimals: how decimals are read
 *
 * Sets [property@Arbor.LoadOptions:decimals]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_decimals (ArborLoadOptions *self, ArborDecimals decimals)
{
  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  if (self->decimals == decimals)
    return;
  self->decimals = decimals;
  g_object_notify (G_OBJECT (self), "decimals");
}

/**
 * arbor_load_options_get_memory_limit: (get-property memory-limit)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:memory-limit]. Use options in one thread at a time.
 *
 * Returns: bytes of memory that reading one tree may take; 0 for the query memory
 *
 * Since: 1.0
 */
guint64
arbor_load_options_get_memory_limit (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), 0);

  return self->memory_limit;
}

/**
 * arbor_load_options_set_memory_limit: (set-property memory-limit)
 * @self: options
 * @memory_limit: bytes of memory that reading one tree may take; 0 for the query memory
 *
 * Sets [property@Arbor.LoadOptions:memory-limit]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_memory_limit (ArborLoadOptions *self, guint64 memory_limit)
{
  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  if (self->memory_limit == memory_limit)
    return;
  self->memory_limit = memory_limit;
  g_object_notify (G_OBJECT (self), "memory-limit");
}
