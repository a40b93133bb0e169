/* ArborStore: closing. The latch is set by the token; what comes after it, the end of the read
 * transactions and with the last store the end of the environment, is the gate's teardown, which
 * nobody waits for but the tasks of close_async. They wait without a thread: the gate calls them.
 */

#include "arbor-store-private.h"

#include "arbor-close-token.h"
#include "arbor-task-private.h"

/**
 * arbor_store_close:
 * @self: a store
 *
 * Ends the store and everything that derives from it, in all threads at once. Never waits: who is
 * reading finishes the batch it is at, then gets %ARBOR_ERROR_CLOSED; the file is let go when the
 * last one has left. A commit that has begun ends as it ends. Closing again does nothing. Any
 * thread may call this, also from a callback or in the middle of an iteration.
 *
 * Since: 1.0
 */
void
arbor_store_close (ArborStore *self)
{
  g_return_if_fail (ARBOR_IS_STORE (self));

  if (self->token != NULL)
    arbor_close_token_close (self->token);
}

/**
 * arbor_store_is_closed:
 * @self: a store
 *
 * Whether the store has been closed, or was never opened. Any thread may call this, at any time.
 *
 * Returns: whether it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_store_is_closed (ArborStore *self)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), TRUE);

  return self->token == NULL || arbor_close_token_is_closed (self->token);
}

/* A task that waits for the teardown. Whoever sets is_returned returns it: the service thread of
 * the gate, or the context of the task when the cancellable is cancelled before. */
typedef struct
{
  int is_returned; /* atomic */
  GSource *cancelled; /* NULL without a cancellable */
} Closing;

static void
closing_free (Closing *closing)
{
  g_clear_pointer (&closing->cancelled, g_source_unref);
  g_free (closing);
}

static gboolean
claim_return (GTask *task)
{
  Closing *closing = g_task_get_task_data (task);

  return g_atomic_int_compare_and_exchange (&closing->is_returned, FALSE, TRUE);
}

static void
on_torn_down (gpointer data)
{
  g_autoptr (GTask) task = data;
  Closing *closing = g_task_get_task_data (task);

  if (closing->cancelled != NULL)
    g_source_destroy (closing->cancelled);
  if (claim_return (task))
    g_task_return_boolean (task, TRUE);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  GTask *task = data;

  if (claim_return (task))
    {
      GError *error = NULL;

      g_cancellable_set_error_if_cancelled (cancellable, &error);
      g_task_return_error (task, error);
    }
  return G_SOURCE_REMOVE;
}

/**
 * arbor_store_close_async:
 * @self: a store
 * @cancellable: (nullable): to stop waiting; the store is closed all the same
 * @callback: (scope async) (closure user_data): called at the end, in the caller's main context
 * @user_data: for @callback
 *
 * Closes the store as [method@Arbor.Store.close] does, before this returns, and calls back when
 * nothing of this store uses the file any more: the last reader has left and the read transactions
 * have ended; with the last store of the process on that file, the file is no longer mapped or open
 * and another program may do with it as it likes.
 *
 * A store that is closed already is waited for in the same way; one that was never opened is done
 * at once. No thread is kept waiting. Any thread may call this, also from a callback or in the
 * middle of an iteration.
 *
 * Since: 1.0
 */
void
arbor_store_close_async (ArborStore *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  Closing *closing;

  g_return_if_fail (ARBOR_IS_STORE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = arbor_task_new (self, arbor_store_close_async, "arbor_store_close_async", cancellable,
                         callback, user_data);
  arbor_store_close (self);
  if (self->session == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (!arbor_session_check_process (self->session, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  closing = g_new0 (Closing, 1);
  g_task_set_task_data (task, closing, (GDestroyNotify) closing_free);
  if (cancellable != NULL)
    {
      closing->cancelled = g_cancellable_source_new (cancellable);
      g_task_attach_source (task, closing->cancelled, G_SOURCE_FUNC (on_cancelled));
    }
  arbor_gate_add_torn_down_func (arbor_session_get_gate (self->session), on_torn_down,
                                 g_object_ref (task));
}

/**
 * arbor_store_close_finish:
 * @self: a store
 * @result: what the callback was given
 * @error: where to put an error
 *
 * Ends [method@Arbor.Store.close_async].
 *
 * Errors: %G_IO_ERROR_CANCELLED when waiting was cancelled; the store is closed then, but something
 * may still use the file. %ARBOR_ERROR_WRONG_PROCESS after a fork.
 *
 * Returns: whether nothing of the store uses the file any more
 *
 * Since: 1.0
 */
gboolean
arbor_store_close_finish (ArborStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);
  arbor_return_val_if_not_finish (result, self, arbor_store_close_async, error, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
