/* ArborTransaction: properties. A change of the state is told in the main context of the store, wherever it
 * was ended, and only when somebody listens.
 */

#include "arbor-transaction-private.h"

#include "arbor-close-token.h"
#include "arbor-enum-types.h"

enum
{
  PROP_STORE = 1,
  PROP_STATE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborTransaction *self = ARBOR_TRANSACTION (object);

  switch (id)
    {
    case PROP_STORE:
      g_value_take_object (value, arbor_transaction_dup_store (self));
      break;

    case PROP_STATE:
      g_value_set_enum (value, arbor_transaction_get_state (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

void
arbor_transaction_install_properties (GObjectClass *klass)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  klass->get_property = get_property;

  /**
   * ArborTransaction:store: (getter dup_store)
   *
   * The store that the transaction writes.
   *
   * Since: 1.0
   */
  properties[PROP_STORE] = g_param_spec_object ("store", NULL, NULL, ARBOR_TYPE_STORE, readable);

  /**
   * ArborTransaction:state: (getter get_state)
   *
   * Whether the transaction can go on, and how it ended. That it changes is told in the main context that
   * was the default of the thread which opened the store, when that is iterated.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, ARBOR_TYPE_TRANSACTION_STATE,
                         ARBOR_TRANSACTION_STATE_CLOSED, readable);

  g_object_class_install_properties (klass, N_PROPS, properties);
}

static gboolean
notify_state (gpointer self)
{
  g_object_notify_by_pspec (self, properties[PROP_STATE]);
  return G_SOURCE_REMOVE;
}

void
arbor_transaction_tell_state (ArborTransaction *self)
{
  g_autoptr (GSource) source = NULL;

  if (!g_signal_has_handler_pending (self, g_signal_lookup ("notify", G_TYPE_OBJECT),
                                     g_quark_from_static_string ("state"), FALSE))
    return;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[arbor] state");
  g_source_set_callback (source, notify_state, g_object_ref (self), g_object_unref);
  g_source_attach (source, self->store->context);
}

/**
 * arbor_transaction_dup_store: (get-property store)
 * @self: a transaction
 *
 * The store that the transaction writes. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable): the store; %NULL for a transaction that was never begun
 *
 * Since: 1.0
 */
ArborStore *
arbor_transaction_dup_store (ArborTransaction *self)
{
  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), NULL);

  return self->store != NULL ? g_object_ref (self->store) : NULL;
}

/**
 * arbor_transaction_get_state: (get-property state)
 * @self: a transaction
 *
 * Gets [property@Arbor.Transaction:state]. Any thread may call this, at any time.
 *
 * Returns: the state; %ARBOR_TRANSACTION_STATE_CLOSED for a transaction that was never begun
 *
 * Since: 1.0
 */
ArborTransactionState
arbor_transaction_get_state (ArborTransaction *self)
{
  ArborTransactionState state;

  g_return_val_if_fail (ARBOR_IS_TRANSACTION (self), ARBOR_TRANSACTION_STATE_CLOSED);

  state = (ArborTransactionState) g_atomic_int_get (&self->state);
  if (state == ARBOR_TRANSACTION_STATE_OPEN && arbor_transaction_is_closed (self))
    return ARBOR_TRANSACTION_STATE_CLOSED;
  return state;
}
