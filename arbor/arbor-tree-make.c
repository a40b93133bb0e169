/* Trees that no arbor had: each is the only one of an arbor in memory. */

#include "arbor-tree.h"

#include "arbor-arbor.h"
#include "arbor-builder.h"

static ArborTree *
finish (ArborBuilder *builder, gboolean is_good, GError **error)
{
  g_autoptr (ArborArbor) arbor = is_good ? arbor_builder_finish (builder, error) : NULL;

  return arbor != NULL ? arbor_arbor_get (arbor, 0, error) : NULL;
}

/**
 * arbor_tree_new_from_json: (constructor)
 * @json: a JSON document, in UTF-8
 * @error: return location for an error
 *
 * Makes a tree from its JSON text.
 *
 * Errors: those of [method@Arbor.Builder.add_json].
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the tree, %NULL with @error set
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_new_from_json (const char *json, GError **error)
{
  g_autoptr (ArborBuilder) builder = NULL;

  g_return_val_if_fail (json != NULL, NULL);

  builder = arbor_builder_new ();
  return finish (builder, arbor_builder_add_json (builder, json, error), error);
}

/**
 * arbor_tree_new_from_variant: (constructor)
 * @value: a value; a floating reference is taken
 * @error: return location for an error
 *
 * Makes a tree from a GVariant. [method@Arbor.Builder.add_variant] says what becomes of each type.
 *
 * Errors: those of [method@Arbor.Builder.add_variant].
 *
 * Any thread may call this.
 *
 * Returns: (transfer full): the tree, %NULL with @error set
 *
 * Since: 1.0
 */
ArborTree *
arbor_tree_new_from_variant (GVariant *value, GError **error)
{
  g_autoptr (ArborBuilder) builder = NULL;

  g_return_val_if_fail (value != NULL, NULL);

  builder = arbor_builder_new ();
  return finish (builder, arbor_builder_add_variant (builder, value, error), error);
}
