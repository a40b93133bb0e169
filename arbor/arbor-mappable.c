/* ArborMappable: what a class says of how its properties become fields. */

#include "arbor-object-private.h"

#include "arbor-tree.h"

/**
 * ArborMappable:
 *
 * For classes some of whose properties want to be read and written in a way of their own, by
 * [method@Arbor.Tree.to_object] and [ctor@Arbor.Tree.new_from_object]. Classes all of whose properties
 * have a form in JSON need not implement it.
 *
 * Since: 1.0
 */
G_DEFINE_INTERFACE (ArborMappable, arbor_mappable, G_TYPE_OBJECT)

static void
arbor_mappable_default_init (ArborMappableInterface *iface)
{
}

/**
 * arbor_mappable_dup_field_name:
 * @self: an object
 * @pspec: a property of it
 *
 * The field that a property is written to and read from.
 *
 * Returns: (transfer full) (nullable): the name of the field; %NULL for the usual one, which is that of the
 *   property with `_` for `-`
 *
 * Since: 1.0
 */
char *
arbor_mappable_dup_field_name (ArborMappable *self, GParamSpec *pspec)
{
  ArborMappableInterface *iface;

  g_return_val_if_fail (ARBOR_IS_MAPPABLE (self), NULL);
  g_return_val_if_fail (G_IS_PARAM_SPEC (pspec), NULL);

  iface = ARBOR_MAPPABLE_GET_IFACE (self);
  return iface->dup_field_name != NULL ? iface->dup_field_name (self, pspec) : NULL;
}

/**
 * arbor_mappable_write_property:
 * @self: an object
 * @pspec: a property of it
 * @value: its value
 *
 * What a property is as JSON.
 *
 * Returns: (transfer full) (nullable): JSON text; %NULL for what is usual for its type
 *
 * Since: 1.0
 */
char *
arbor_mappable_write_property (ArborMappable *self, GParamSpec *pspec, const GValue *value)
{
  ArborMappableInterface *iface;

  g_return_val_if_fail (ARBOR_IS_MAPPABLE (self), NULL);
  g_return_val_if_fail (G_IS_PARAM_SPEC (pspec), NULL);
  g_return_val_if_fail (G_IS_VALUE (value), NULL);

  iface = ARBOR_MAPPABLE_GET_IFACE (self);
  return iface->write_property != NULL ? iface->write_property (self, pspec, value) : NULL;
}

/**
 * arbor_mappable_read_property:
 * @self: an object
 * @pspec: a property of it that is not construct-only
 * @tree: what its field has
 *
 * Sets a property from what its field has.
 *
 * Returns: whether it was set; %FALSE for what is usual for its type
 *
 * Since: 1.0
 */
gboolean
arbor_mappable_read_property (ArborMappable *self, GParamSpec *pspec, ArborTree *tree)
{
  ArborMappableInterface *iface;

  g_return_val_if_fail (ARBOR_IS_MAPPABLE (self), FALSE);
  g_return_val_if_fail (G_IS_PARAM_SPEC (pspec), FALSE);
  g_return_val_if_fail (ARBOR_IS_TREE (tree), FALSE);

  iface = ARBOR_MAPPABLE_GET_IFACE (self);
  return iface->read_property != NULL && iface->read_property (self, pspec, tree);
}

char *
arbor_property_dup_field (GParamSpec *pspec, gpointer object)
{
  char *field = NULL;

  if (ARBOR_IS_MAPPABLE (object))
    field = arbor_mappable_dup_field_name (object, pspec);
  return field != NULL ? field : g_strdelimit (g_strdup (pspec->name), "-", '_');
}

static GQuark
get_rest_quark (void)
{
  return g_quark_from_static_string ("arbor-object-rest");
}

const char *
arbor_object_get_rest (GObject *object)
{
  return g_object_get_qdata (object, get_rest_quark ());
}

void
arbor_object_take_rest (GObject *object, char *rest)
{
  g_object_set_qdata_full (object, get_rest_quark (), rest, g_free);
}
