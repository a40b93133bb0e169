/* ArborLoadOptions: how CSV is read. */

#include "arbor-load-private.h"

/**
 * arbor_load_options_dup_delimiter: (get-property delimiter)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:delimiter]. Use options in one thread at a time.
 *
 * Returns: (transfer full) (nullable): what stands between the cells of CSV
 *
 * Since: 1.0
 */
char *
arbor_load_options_dup_delimiter (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), NULL);

  return g_strdup (self->delimiter);
}

/**
 * arbor_load_options_set_delimiter: (set-property delimiter)
 * @self: options
 * @delimiter: (nullable): what stands between the cells of CSV, or %NULL
 *
 * Sets [property@Arbor.LoadOptions:delimiter]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_delimiter (ArborLoadOptions *self, const char *delimiter)
{
  g_autofree char *old = NULL;

  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  if (g_strcmp0 (self->delimiter, delimiter) == 0)
    return;
  old = g_steal_pointer (&self->delimiter);
  self->delimiter = g_strdup (delimiter);
  g_object_notify (G_OBJECT (self), "delimiter");
}

/**
 * arbor_load_options_get_has_header: (get-property has-header)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:has-header]. Use options in one thread at a time.
 *
 * Returns: whether the first record of CSV names the columns
 *
 * Since: 1.0
 */
gboolean
arbor_load_options_get_has_header (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), TRUE);

  return self->has_header;
}

/**
 * arbor_load_options_set_has_header: (set-property has-header)
 * @self: options
 * @has_header: whether the first record of CSV names the columns
 *
 * Sets [property@Arbor.LoadOptions:has-header]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_has_header (ArborLoadOptions *self, gboolean has_header)
{
  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  has_header = !!has_header;
  if (self->has_header == has_header)
    return;
  self->has_header = has_header;
  g_object_notify (G_OBJECT (self), "has-header");
}

/**
 * arbor_load_options_get_infer_numbers: (get-property infer-numbers)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:infer-numbers]. Use options in one thread at a time.
 *
 * Returns: whether cells of CSV can be numbers
 *
 * Since: 1.0
 */
gboolean
arbor_load_options_get_infer_numbers (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), TRUE);

  return self->infer_numbers;
}

/**
 * arbor_load_options_set_infer_numbers: (set-property infer-numbers)
 * @self: options
 * @infer_numbers: whether cells of CSV can be numbers
 *
 * Sets [property@Arbor.LoadOptions:infer-numbers]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_infer_numbers (ArborLoadOptions *self, gboolean infer_numbers)
{
  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  infer_numbers = !!infer_numbers;
  if (self->infer_numbers == infer_numbers)
    return;
  self->infer_numbers = infer_numbers;
  g_object_notify (G_OBJECT (self), "infer-numbers");
}

/**
 * arbor_load_options_dup_types: (get-property types)
 * @self: options
 *
 * Gets [property@Arbor.LoadOptions:types]. Use options in one thread at a time.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): what columns of CSV are
 *
 * Since: 1.0
 */
char **
arbor_load_options_dup_types (ArborLoadOptions *self)
{
  g_return_val_if_fail (ARBOR_IS_LOAD_OPTIONS (self), NULL);

  return g_strdupv (self->types);
}

static gboolean
are_equal (const char *const *a, const char *const *b)
{
  return a == b || (a != NULL && b != NULL && g_strv_equal (a, b));
}

/**
 * arbor_load_options_set_types: (set-property types)
 * @self: options
 * @types: (nullable) (array zero-terminated=1): what columns of CSV are, or %NULL
 *
 * Sets [property@Arbor.LoadOptions:types]. Use options in one thread at a time.
 *
 * Since: 1.0
 */
void
arbor_load_options_set_types (ArborLoadOptions *self, const char *const *types)
{
  g_auto (GStrv) old = NULL;

  g_return_if_fail (ARBOR_IS_LOAD_OPTIONS (self));

  if (are_equal ((const char *const *)self->types, types))
    return;
  old = g_steal_pointer (&self->types);
  self->types = g_strdupv ((char **) types);
  g_object_notify (G_OBJECT (self), "types");
}
