/* ArborArbor: properties. An arbor never changes, so none of them is ever told to have. */

#include "arbor-arbor-private.h"

#include "arbor-close-token-private.h"
#include "arbor-store.h"

enum
{
  PROP_STORE = 1,
  PROP_NAME,
  PROP_N_TREES,
  PROP_GENERATION,
  PROP_IS_VIEW,
  PROP_KEYS,
  PROP_KEYS_UNIQUE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborArbor *self = ARBOR_ARBOR (object);

  switch (id)
    {
    case PROP_STORE:
      g_value_take_object (value, arbor_arbor_dup_store (self));
      break;

    case PROP_NAME:
      g_value_take_string (value, arbor_arbor_dup_name (self));
      break;

    case PROP_N_TREES:
      g_value_set_uint64 (value, arbor_arbor_get_n_trees (self, NULL));
      break;

    case PROP_GENERATION:
      g_value_set_uint64 (value, arbor_arbor_get_generation (self));
      break;

    case PROP_IS_VIEW:
      g_value_set_boolean (value, arbor_arbor_get_is_view (self));
      break;

    case PROP_KEYS:
      g_value_take_boxed (value, arbor_arbor_dup_keys (self));
      break;

    case PROP_KEYS_UNIQUE:
      g_value_set_boolean (value, arbor_arbor_get_keys_unique (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

void
arbor_arbor_install_properties (GObjectClass *klass)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  klass->get_property = get_property;

  /**
   * ArborArbor:store: (getter dup_store)
   *
   * The store that the arbor comes from, if it comes from one, and that is still there.
   *
   * Since: 1.0
   */
  properties[PROP_STORE] = g_param_spec_object ("store", NULL, NULL, ARBOR_TYPE_STORE, readable);

  /**
   * ArborArbor:name: (getter dup_name)
   *
   * The name under which the arbor, or the one that it is a view of, is stored.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, readable);

  /**
   * ArborArbor:n-trees: (getter get_n_trees)
   *
   * How many trees the arbor has; 0 where that cannot be known, such as when its store is closed. A view
   * that was not computed yet is computed to its end.
   *
   * Since: 1.0
   */
  properties[PROP_N_TREES] =
      g_param_spec_uint64 ("n-trees", NULL, NULL, 0, G_MAXUINT64, 0, readable);

  /**
   * ArborArbor:generation: (getter get_generation)
   *
   * The generation of the stored arbor that this is or is a view of; 0 in memory.
   *
   * Since: 1.0
   */
  properties[PROP_GENERATION] =
      g_param_spec_uint64 ("generation", NULL, NULL, 0, G_MAXUINT64, 0, readable);

  /**
   * ArborArbor:is-view: (getter get_is_view)
   *
   * Whether the arbor derives from another one.
   *
   * Since: 1.0
   */
  properties[PROP_IS_VIEW] = g_param_spec_boolean ("is-view", NULL, NULL, FALSE, readable);

  /**
   * ArborArbor:keys: (getter dup_keys)
   *
   * The paths that lead to the key of a tree of the stored arbor that this is or is a view of; none where no
   * keys are declared.
   *
   * Since: 1.0
   */
  properties[PROP_KEYS] = g_param_spec_boxed ("keys", NULL, NULL, G_TYPE_STRV, readable);

  /**
   * ArborArbor:keys-unique: (getter get_keys_unique)
   *
   * Whether keys are declared, and no two trees may have the same one.
   *
   * Since: 1.0
   */
  properties[PROP_KEYS_UNIQUE] =
      g_param_spec_boolean ("keys-unique", NULL, NULL, FALSE, readable);

  g_object_class_install_properties (klass, N_PROPS, properties);
}

/**
 * arbor_arbor_dup_store: (get-property store)
 * @self: an arbor
 *
 * The store that the arbor comes from. An arbor does not keep the object alive, though it keeps the file
 * open. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the store; %NULL for an arbor in memory or of several stores, and
 *   when nobody else has a reference to the store any more
 *
 * Since: 1.0
 */
ArborStore *
arbor_arbor_dup_store (ArborArbor *self)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return arbor_close_token_dup_store (self->token);
}

/**
 * arbor_arbor_dup_name: (get-property name)
 * @self: an arbor
 *
 * The name under which the arbor, or the one that it is a view of, is stored. Any thread may call
 * this, at any time.
 *
 * Returns: (transfer full) (nullable): the name; %NULL for an arbor in memory
 *
 * Since: 1.0
 */
char *
arbor_arbor_dup_name (ArborArbor *self)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), NULL);

  return self->view != NULL ? g_strdup (arbor_source_get_name (self->view->source)) : NULL;
}

/**
 * arbor_arbor_get_generation: (get-property generation)
 * @self: an arbor
 *
 * The generation of the stored arbor that this is or is a view of: a number that the store draws
 * whenever it writes a name, and never twice. Two arbors of a store with the same generation have the
 * same trees. [method@Arbor.Transaction.expect] takes it. Any thread may call this, at any time.
 *
 * Returns: the generation; 0 for an arbor in memory, or as a transaction has staged it
 *
 * Since: 1.0
 */
guint64
arbor_arbor_get_generation (ArborArbor *self)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), 0);

  return self->view != NULL ? arbor_source_get_generation (self->view->source) : 0;
}

/**
 * arbor_arbor_get_is_view: (get-property is-view)
 * @self: an arbor
 *
 * Whether the arbor derives from another one: selects, orders or makes trees. Any thread may call this,
 * at any time.
 *
 * Returns: %FALSE for an arbor as it is stored, or as it was read or built
 *
 * Since: 1.0
 */
gboolean
arbor_arbor_get_is_view (ArborArbor *self)
{
  g_return_val_if_fail (ARBOR_IS_ARBOR (self), FALSE);

  return self->view != NULL && (!arbor_selection_is_all (self->view->selection) ||
                                arbor_source_is_derived (self->view->source));
}
