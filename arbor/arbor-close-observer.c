/* ArborCloseObserver: a token that cannot be closed. It hears of the token by a function that was added to
 * it, which holds the observer weakly: whoever lets go of an observer is not told any more, and a thread
 * that closes meanwhile finds either a reference or nothing.
 */

#include "arbor-close-observer.h"

#include "arbor-close-token-private.h"

/**
 * ArborCloseObserver:
 *
 * Hears of a [class@Arbor.CloseToken] without being able to close it: for parts of a program, plug-ins for
 * instance, that have to know when a store has ended and must not end it.
 *
 * Asking and the signals are those of the token. An observer that was made after the token was closed is
 * closed, and emits nothing. Any thread may use one.
 *
 * Since: 1.0
 */
struct _ArborCloseObserver
{
  GObject parent_instance;

  ArborCloseToken *token;
  guint id; /* of the function that hears of it; 0 when it has run */
};

enum
{
  SIGNAL_CLOSED,
  SIGNAL_CLOSED_IN_CONTEXT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ArborCloseObserver, arbor_close_observer, G_TYPE_OBJECT)

static void
arbor_close_observer_finalize (GObject *object)
{
  ArborCloseObserver *self = ARBOR_CLOSE_OBSERVER (object);

  if (self->id != 0)
    arbor_close_token_remove_closed_func (self->token, self->id);
  g_clear_object (&self->token);

  G_OBJECT_CLASS (arbor_close_observer_parent_class)->finalize (object);
}

static void
arbor_close_observer_class_init (ArborCloseObserverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = arbor_close_observer_finalize;

  /**
   * ArborCloseObserver::closed:
   * @self: the observer
   *
   * Emitted once, in the thread that closed the token, as [signal@Arbor.CloseToken::closed] is.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", ARBOR_TYPE_CLOSE_OBSERVER, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * ArborCloseObserver::closed-in-context:
   * @self: the observer
   *
   * Emitted once in the main context of the token, as [signal@Arbor.CloseToken::closed-in-context] is.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CLOSED_IN_CONTEXT] =
      g_signal_new ("closed-in-context", ARBOR_TYPE_CLOSE_OBSERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
arbor_close_observer_init (G_GNUC_UNUSED ArborCloseObserver *self)
{
}

static void
tell (ArborCloseToken *token, gpointer weak)
{
  g_autoptr (ArborCloseObserver) self = g_weak_ref_get (weak);

  if (self == NULL)
    return;
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
  arbor_close_token_tell_in_context (token, G_OBJECT (self), signals[SIGNAL_CLOSED_IN_CONTEXT]);
}

static void
free_weak (gpointer weak)
{
  g_weak_ref_clear (weak);
  g_free (weak);
}

/**
 * arbor_close_observer_new:
 * @token: the token to observe
 *
 * Makes an observer of a token. Any thread may call this.
 *
 * Returns: (transfer full): the observer
 *
 * Since: 1.0
 */
ArborCloseObserver *
arbor_close_observer_new (ArborCloseToken *token)
{
  ArborCloseObserver *self;
  GWeakRef *weak;

  g_return_val_if_fail (ARBOR_IS_CLOSE_TOKEN (token), NULL);

  self = g_object_new (ARBOR_TYPE_CLOSE_OBSERVER, NULL);
  self->token = g_object_ref (token);
  weak = g_new (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  self->id = arbor_close_token_add_closed_func (token, tell, weak, free_weak);
  return self;
}

/**
 * arbor_close_observer_is_closed:
 * @self: an observer
 *
 * Tells whether the token has been closed. Any thread may call this.
 *
 * Returns: %TRUE when it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_close_observer_is_closed (ArborCloseObserver *self)
{
  g_return_val_if_fail (ARBOR_IS_CLOSE_OBSERVER (self), TRUE);

  return self->token == NULL || arbor_close_token_is_closed (self->token);
}

/**
 * arbor_close_observer_check:
 * @self: an observer
 *
 * [method@Arbor.CloseObserver.is_closed], as an error. Any thread may call this.
 *
 * Errors: %ARBOR_ERROR_CLOSED when the token has been closed, also of an observer that has none.
 *
 * Returns: %TRUE when the token is open, %FALSE with an error otherwise
 *
 * Since: 1.0
 */
gboolean
arbor_close_observer_check (ArborCloseObserver *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_CLOSE_OBSERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->token != NULL)
    return arbor_close_token_check (self->token, error);
  arbor_gate_set_closed_error (error);
  return FALSE;
}

/**
 * arbor_close_observer_dup_cancellable:
 * @self: an observer
 *
 * [method@Arbor.CloseToken.dup_cancellable] of the token. Any thread may call this.
 *
 * Returns: (transfer full): a cancellable that follows the token
 *
 * Since: 1.0
 */
GCancellable *
arbor_close_observer_dup_cancellable (ArborCloseObserver *self)
{
  GCancellable *cancellable;

  g_return_val_if_fail (ARBOR_IS_CLOSE_OBSERVER (self), NULL);

  if (self->token != NULL)
    return arbor_close_token_dup_cancellable (self->token);
  cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  return cancellable;
}
