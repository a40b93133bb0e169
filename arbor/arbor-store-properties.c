/* ArborStore: properties. `closed` is told in the store's main context, wherever it was closed, and only
 * when somebody listens; `n-arbors` after the signal `changed`.
 */

#include "arbor-store-private.h"

#include "arbor-close-token-private.h"

enum
{
  PROP_PATH = 1,
  PROP_CLOSED,
  PROP_READ_ONLY,
  PROP_N_ARBORS,
  PROP_WATCH,
  PROP_AUTO_REFRESH,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  ArborStore *self = ARBOR_STORE (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_take_string (value, arbor_store_dup_path (self));
      break;

    case PROP_CLOSED:
      g_value_set_boolean (value, arbor_store_is_closed (self));
      break;

    case PROP_READ_ONLY:
      g_value_set_boolean (value, arbor_store_is_read_only (self));
      break;

    case PROP_N_ARBORS:
      g_value_set_uint64 (value, arbor_store_get_n_arbors (self, NULL));
      break;

    case PROP_WATCH:
      g_value_set_boolean (value, arbor_store_get_watch (self));
      break;

    case PROP_AUTO_REFRESH:
      g_value_set_boolean (value, arbor_store_get_auto_refresh (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ArborStore *self = ARBOR_STORE (object);

  switch (id)
    {
    case PROP_WATCH:
      arbor_store_set_watch (self, g_value_get_boolean (value));
      break;

    case PROP_AUTO_REFRESH:
      arbor_store_set_auto_refresh (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

void
arbor_store_install_properties (GObjectClass *klass)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  klass->get_property = get_property;
  klass->set_property = set_property;

  /**
   * ArborStore:path: (getter dup_path)
   *
   * The file's real path, without symbolic links; %NULL for a store that was never opened.
   *
   * Since: 1.0
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, readable);

  /**
   * ArborStore:closed: (getter is_closed)
   *
   * Whether the store has been closed, or was never opened. That it changes is told in the main context
   * that was the default of the thread which opened the store, when that is iterated;
   * [class@Arbor.CloseToken] tells it sooner.
   *
   * Since: 1.0
   */
  properties[PROP_CLOSED] = g_param_spec_boolean ("closed", NULL, NULL, TRUE, readable);

  /**
   * ArborStore:read-only: (getter is_read_only)
   *
   * Whether the store cannot be written, because its options or its file say so.
   *
   * Since: 1.0
   */
  properties[PROP_READ_ONLY] = g_param_spec_boolean ("read-only", NULL, NULL, FALSE, readable);

  /**
   * ArborStore:n-arbors: (getter get_n_arbors)
   *
   * How many arbors the store has; 0 where that cannot be known, such as when it is closed. A change is
   * told after [signal@Arbor.Store::changed], for a write that leaves the number as it is, too.
   *
   * Since: 1.0
   */
  properties[PROP_N_ARBORS] =
      g_param_spec_uint64 ("n-arbors", NULL, NULL, 0, G_MAXUINT64, 0, readable);

  /**
   * ArborStore:watch: (getter get_watch) (setter set_watch)
   *
   * Whether commits of other processes, and of other stores on the same file, are noticed and
   * announced by [signal@Arbor.Store::committed], in the main context that was the thread's default
   * when this was switched on.
   *
   * Writes are noticed through inotify, at once; where it does not tell of them (other machines
   * and some containers) within a second. Costs a wake-up a second while it is on, nothing when it is
   * off. Closing the store ends it. It stays off for a store that is closed.
   *
   * Since: 1.0
   */
  properties[PROP_WATCH] = g_param_spec_boolean ("watch", NULL, NULL, FALSE, writable);

  /**
   * ArborStore:auto-refresh: (getter get_auto_refresh) (setter set_auto_refresh)
   *
   * Whether the store refreshes itself, as by [method@Arbor.Store.refresh], when
   * [property@Arbor.Store:watch] has noticed a commit: after [signal@Arbor.Store::committed], in the
   * same context.
   *
   * Since: 1.0
   */
  properties[PROP_AUTO_REFRESH] =
      g_param_spec_boolean ("auto-refresh", NULL, NULL, FALSE, writable);

  g_object_class_install_properties (klass, N_PROPS, properties);
}

gboolean
arbor_store_has_observer (ArborStore *self, const char *property)
{
  return g_signal_has_handler_pending (self, g_signal_lookup ("notify", G_TYPE_OBJECT),
                                       g_quark_from_string (property), FALSE);
}

static void
free_weak (gpointer weak)
{
  g_weak_ref_clear (weak);
  g_free (weak);
}

static gboolean
notify_closed (gpointer weak)
{
  g_autoptr (ArborStore) self = g_weak_ref_get (weak);

  if (self != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOSED]);
  return G_SOURCE_REMOVE;
}

static GWeakRef *
new_weak (ArborStore *self)
{
  GWeakRef *weak = g_new (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  return weak;
}

/* In the thread that closes. */
static void
on_closed (ArborCloseToken *token, gpointer weak)
{
  g_autoptr (ArborStore) self = g_weak_ref_get (weak);
  g_autoptr (GSource) source = NULL;

  if (self == NULL || !arbor_store_has_observer (self, "closed"))
    return;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[arbor] closed");
  g_source_set_callback (source, notify_closed, new_weak (self), free_weak);
  g_source_attach (source, self->context);
}

void
arbor_store_observe_closing (ArborStore *self)
{
  arbor_close_token_add_closed_func (self->token, on_closed, new_weak (self), free_weak);
}

/**
 * arbor_store_dup_path: (get-property path)
 * @self: a store
 *
 * The file's real path, without symbolic links. Any thread may call this, at any time.
 *
 * Returns: (transfer full) (nullable) (type filename): the path; %NULL for a store that was never
 *   opened
 *
 * Since: 1.0
 */
char *
arbor_store_dup_path (ArborStore *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), NULL);

  return self->session != NULL ? g_strdup (arbor_session_get_path (self->session)) : NULL;
}

/**
 * arbor_store_is_read_only: (get-property read-only)
 * @self: a store
 *
 * Whether the store cannot be written, because its options or its file say so. Any thread may call
 * this, at any time.
 *
 * Returns: whether it is read only; %FALSE for a store that was never opened
 *
 * Since: 1.0
 */
gboolean
arbor_store_is_read_only (ArborStore *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);

  return self->session != NULL && arbor_session_is_read_only (self->session);
}

/**
 * arbor_store_set_watch: (set-property watch)
 * @self: a store
 * @watch: whether commits of others are to be noticed
 *
 * Sets [property@Arbor.Store:watch]. Any thread may call this, at any time.
 *
 * Since: 1.0
 */
void
arbor_store_set_watch (ArborStore *self, gboolean watch)
{
  g_return_if_fail (ARBOR_IS_STORE (self));

  watch = !!watch;
  if (arbor_store_get_watch (self) == watch)
    return;
  arbor_store_switch_watch (self, watch);
  if (arbor_store_get_watch (self) == watch)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WATCH]);
}

/**
 * arbor_store_get_auto_refresh: (get-property auto-refresh)
 * @self: a store
 *
 * Gets [property@Arbor.Store:auto-refresh]. Any thread may call this, at any time.
 *
 * Returns: whether the store refreshes itself
 *
 * Since: 1.0
 */
gboolean
arbor_store_get_auto_refresh (ArborStore *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);

  return g_atomic_int_get (&self->is_auto_refresh);
}

/**
 * arbor_store_set_auto_refresh: (set-property auto-refresh)
 * @self: a store
 * @auto_refresh: whether the store is to refresh itself
 *
 * Sets [property@Arbor.Store:auto-refresh]. Any thread may call this, at any time.
 *
 * Since: 1.0
 */
void
arbor_store_set_auto_refresh (ArborStore *self, gboolean auto_refresh)
{
  g_return_if_fail (ARBOR_IS_STORE (self));

  auto_refresh = !!auto_refresh;
  if (g_atomic_int_get (&self->is_auto_refresh) == auto_refresh)
    return;
  g_atomic_int_set (&self->is_auto_refresh, auto_refresh);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AUTO_REFRESH]);
}
