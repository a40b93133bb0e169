/* ArborCloseToken: the latch of a gate (base/arbor-gate.h), with those who want to know of it.
 *
 * The latch itself is the gate's, and everything that only asks reads that. What lies here is who
 * is told: a queue of functions, a set of cancellables, two signals. Telling is claimed once, under
 * the lock, by a thread that called close after the latch was set. From then on the queue only
 * shrinks: whoever adds a function later finds the claim under the same lock and runs it at once,
 * so each function runs exactly once, or is removed before it ran. Functions are taken from the
 * queue one by one, so that one may still remove the next.
 *
 * No lock is held while a function, a handler or a destroy notification runs.
 */

#include "arbor-close-token-private.h"

#include <pthread.h>

typedef struct
{
  guint id;
  ArborClosedFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} ClosedEntry;

/**
 * ArborCloseToken:
 *
 * The latch that everything derived from an opened store shares.
 *
 * A token begins open and can be closed once, for good. Closing the token of a store, which
 * [method@Arbor.Store.dup_close_token] gives, closes the store, and with it every arbor, view,
 * iterator and tree that came from it: from then on they all answer with %ARBOR_ERROR_CLOSED. A
 * token made with [ctor@Arbor.CloseToken.new] stands alone.
 *
 * There are four ways to hear of closing:
 *
 * - [method@Arbor.CloseToken.check] asks;
 * - [method@Arbor.CloseToken.add_closed_func] is free of races: a function that is added after the
 *   token was closed runs at once;
 * - [signal@Arbor.CloseToken::closed] is emitted in the thread that closed,
 *   [signal@Arbor.CloseToken::closed-in-context] in the main context that made the token, which is
 *   the one for language bindings;
 * - [method@Arbor.CloseToken.dup_cancellable] ends asynchronous work.
 *
 * Who may only look is given an [class@Arbor.CloseObserver]. Any thread may use a token.
 *
 * Since: 1.0
 */
struct _ArborCloseToken
{
  GObject parent_instance;

  ArborGate *gate;
  GMainContext *context; /* where closed-in-context is emitted */
  ArborCloseToken *joined[2]; /* NULL, or the tokens that close this one, too */
  guint joined_ids[2];        /* of the functions that tell this one */
  GWeakRef store; /* whose token this is, if any one's */

  pthread_mutex_t lock; /* guards all that follows */
  gboolean is_told;     /* telling is claimed: nothing is added any more */
  guint last_id;
  GQueue functions;     /* of ClosedEntry, in order of adding */
  GPtrArray *followers; /* of GWeakRef to GCancellable */
  guint prune_at;       /* followers are swept of dead ones when there are so many */
};

enum
{
  SIGNAL_CLOSED,
  SIGNAL_CLOSED_IN_CONTEXT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

#define MIN_PRUNE_AT 16u

G_DEFINE_FINAL_TYPE (ArborCloseToken, arbor_close_token, G_TYPE_OBJECT)

static void
closed_entry_free (ClosedEntry *entry)
{
  if (entry->destroy != NULL)
    entry->destroy (entry->user_data);
  g_free (entry);
}

static void
follower_free (GWeakRef *follower)
{
  g_weak_ref_clear (follower);
  g_free (follower);
}

static void
arbor_close_token_finalize (GObject *object)
{
  ArborCloseToken *self = ARBOR_CLOSE_TOKEN (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->joined); i++)
    {
      if (self->joined_ids[i] != 0)
        arbor_close_token_remove_closed_func (self->joined[i], self->joined_ids[i]);
      g_clear_object (&self->joined[i]);
    }
  g_weak_ref_clear (&self->store);
  g_queue_clear_full (&self->functions, (GDestroyNotify) closed_entry_free);
  g_ptr_array_unref (self->followers);
  pthread_mutex_destroy (&self->lock);
  g_main_context_unref (self->context);
  arbor_gate_unref (self->gate);

  G_OBJECT_CLASS (arbor_close_token_parent_class)->finalize (object);
}

static void
arbor_close_token_class_init (ArborCloseTokenClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = arbor_close_token_finalize;

  /**
   * ArborCloseToken::closed:
   * @self: the token
   *
   * Emitted exactly once, in the thread that closed the token, after the functions that were added
   * with [method@Arbor.CloseToken.add_closed_func]. A handler that is connected later is not
   * called. Handlers run in a foreign thread when one closes: JavaScript, which allows none of
   * that, uses [signal@Arbor.CloseToken::closed-in-context].
   *
   * Since: 1.0
   */
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", ARBOR_TYPE_CLOSE_TOKEN, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * ArborCloseToken::closed-in-context:
   * @self: the token
   *
   * Emitted exactly once after the token was closed, in the main context that was the default of
   * the thread that made it: for the token of a store, the one that called open or open_async. It
   * needs that context to be iterated, and keeps the token alive until then. A handler that is
   * connected after the token was closed is not called.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CLOSED_IN_CONTEXT] =
      g_signal_new ("closed-in-context", ARBOR_TYPE_CLOSE_TOKEN, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
arbor_close_token_init (ArborCloseToken *self)
{
  self->gate = arbor_gate_new ();
  g_weak_ref_init (&self->store, NULL);
  self->context = g_main_context_ref_thread_default ();
  pthread_mutex_init (&self->lock, NULL);
  g_queue_init (&self->functions);
  self->followers = g_ptr_array_new_with_free_func ((GDestroyNotify) follower_free);
  self->prune_at = MIN_PRUNE_AT;
}

/**
 * arbor_close_token_new:
 *
 * Makes a token that stands alone, open. Any thread may call this; its thread-default main context
 * is where [signal@Arbor.CloseToken::closed-in-context] will be emitted.
 *
 * Returns: (transfer full): the token
 *
 * Since: 1.0
 */
ArborCloseToken *
arbor_close_token_new (void)
{
  return g_object_new (ARBOR_TYPE_CLOSE_TOKEN, NULL);
}

ArborCloseToken *
arbor_close_token_new_for_gate (ArborGate *gate)
{
  ArborCloseToken *self = arbor_close_token_new ();

  arbor_gate_unref (self->gate);
  self->gate = arbor_gate_ref (gate);
  return self;
}

static void
close_joined (ArborCloseToken *token, gpointer weak)
{
  g_autoptr (ArborCloseToken) self = g_weak_ref_get (weak);

  if (self != NULL)
    arbor_close_token_close (self);
}

static void
free_weak (gpointer weak)
{
  g_weak_ref_clear (weak);
  g_free (weak);
}

ArborCloseToken *
arbor_close_token_join (ArborCloseToken *a, ArborCloseToken *b)
{
  ArborCloseToken *tokens[2] = { a, b };
  ArborCloseToken *self;

  if (a != NULL && b != NULL && (b == a->joined[0] || b == a->joined[1]))
    b = NULL;
  if (a == NULL || b == NULL || a == b)
    return a != NULL ? g_object_ref (a) : b != NULL ? g_object_ref (b) : NULL;

  self = arbor_close_token_new ();
  for (guint i = 0; i < 2; i++)
    self->joined[i] = g_object_ref (tokens[i]);
  for (guint i = 0; i < 2; i++)
    {
      GWeakRef *weak = g_new (GWeakRef, 1);

      g_weak_ref_init (weak, self);
      self->joined_ids[i] =
          arbor_close_token_add_closed_func (tokens[i], close_joined, weak, free_weak);
    }
  return self;
}

void
arbor_close_token_set_context (ArborCloseToken *self, GMainContext *context)
{
  g_main_context_ref (context);
  g_main_context_unref (self->context);
  self->context = context;
}

void
arbor_close_token_set_store (ArborCloseToken *self, ArborStore *store)
{
  g_weak_ref_set (&self->store, store);
}

ArborStore *
arbor_close_token_dup_store (ArborCloseToken *self)
{
  return self != NULL ? g_weak_ref_get (&self->store) : NULL;
}

ArborGate *
arbor_close_token_get_gate (ArborCloseToken *self)
{
  return self->gate;
}

static ClosedEntry *
pop_function (ArborCloseToken *self)
{
  ClosedEntry *entry;

  pthread_mutex_lock (&self->lock);
  entry = g_queue_pop_head (&self->functions);
  pthread_mutex_unlock (&self->lock);
  return entry;
}

static void
run_functions (ArborCloseToken *self)
{
  ClosedEntry *entry;

  while ((entry = pop_function (self)) != NULL)
    {
      entry->func (self, entry->user_data);
      closed_entry_free (entry);
    }
}

static void
cancel_followers (GPtrArray *followers)
{
  for (guint i = 0; i < followers->len; i++)
    {
      g_autoptr (GCancellable) cancellable = g_weak_ref_get (followers->pdata[i]);

      if (cancellable != NULL)
        g_cancellable_cancel (cancellable);
    }
}

/* What is emitted in a main context. */
typedef struct
{
  GObject *teller;
  guint signal;
} Telling;

static gboolean
emit_in_context (gpointer telling)
{
  g_signal_emit (((Telling *)telling)->teller, ((Telling *)telling)->signal, 0);
  return G_SOURCE_REMOVE;
}

static void
telling_free (gpointer telling)
{
  g_object_unref (((Telling *)telling)->teller);
  g_free (telling);
}

/* Only when somebody listens: a program without a main loop would else keep each teller for good. */
void
arbor_close_token_tell_in_context (ArborCloseToken *self, GObject *teller, guint signal)
{
  g_autoptr (GSource) source = NULL;
  Telling *telling;

  if (!g_signal_has_handler_pending (teller, signal, 0, TRUE))
    return;
  telling = g_new (Telling, 1);
  *telling = (Telling){ g_object_ref (teller), signal };
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "ArborCloseToken::closed-in-context");
  g_source_set_callback (source, emit_in_context, telling, telling_free);
  g_source_attach (source, self->context);
}

/**
 * arbor_close_token_close:
 * @self: a token
 *
 * Closes the token, at once, for good and in all threads, and with it all that carries the token.
 * Closing again does nothing. The call that closed first cancels the followers of
 * [method@Arbor.CloseToken.dup_cancellable], runs the functions of
 * [method@Arbor.CloseToken.add_closed_func] in the order in which they were added, and emits
 * [signal@Arbor.CloseToken::closed], all before it returns.
 *
 * It never waits for threads that are reading: what they read stays valid until they leave. It may
 * be called from any thread, also from inside a callback or while an iterator runs.
 *
 * Since: 1.0
 */
void
arbor_close_token_close (ArborCloseToken *self)
{
  g_autoptr (ArborCloseToken) alive = NULL;
  g_autoptr (GPtrArray) followers = NULL;
  gboolean is_first;

  g_return_if_fail (ARBOR_IS_CLOSE_TOKEN (self));

  alive = g_object_ref (self);
  arbor_gate_close (self->gate);

  pthread_mutex_lock (&self->lock);
  is_first = !self->is_told;
  self->is_told = TRUE;
  if (is_first)
    {
      followers = g_steal_pointer (&self->followers);
      self->followers = g_ptr_array_new_with_free_func ((GDestroyNotify) follower_free);
    }
  pthread_mutex_unlock (&self->lock);
  if (!is_first)
    return;

  cancel_followers (followers);
  run_functions (self);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
  arbor_close_token_tell_in_context (self, G_OBJECT (self), signals[SIGNAL_CLOSED_IN_CONTEXT]);
}

/**
 * arbor_close_token_is_closed:
 * @self: a token
 *
 * Tells whether the token has been closed. Any thread may call this.
 *
 * Returns: %TRUE when it is closed
 *
 * Since: 1.0
 */
gboolean
arbor_close_token_is_closed (ArborCloseToken *self)
{
  g_return_val_if_fail (ARBOR_IS_CLOSE_TOKEN (self), TRUE);

  if (arbor_gate_is_closed (self->gate))
    return TRUE;
  /* The one that closed may not have told us yet. */
  return self->joined[0] != NULL && (arbor_close_token_is_closed (self->joined[0]) ||
                                     arbor_close_token_is_closed (self->joined[1]));
}

/**
 * arbor_close_token_check:
 * @self: a token
 *
 * Like [method@Arbor.CloseToken.is_closed], as an error: what everything that carries the token
 * does first. Any thread may call this.
 *
 * Errors: %ARBOR_ERROR_CLOSED when the token has been closed.
 *
 * Returns: %TRUE when the token is open, %FALSE with an error otherwise
 *
 * Since: 1.0
 */
gboolean
arbor_close_token_check (ArborCloseToken *self, GError **error)
{
  g_return_val_if_fail (ARBOR_IS_CLOSE_TOKEN (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!arbor_close_token_is_closed (self))
    return TRUE;
  arbor_gate_set_closed_error (error);
  return FALSE;
}

/* The gate may be closed without the token, when its session ends: then nobody will be told. */
static gboolean
is_over (ArborCloseToken *self)
{
  return self->is_told || arbor_close_token_is_closed (self);
}

/**
 * arbor_close_token_add_closed_func:
 * @self: a token
 * @func: (scope notified) (closure user_data) (destroy destroy): called once, when the token is
 *   closed
 * @user_data: given to @func
 * @destroy: (nullable): called once with @user_data after @func ran, was removed, or can never run
 *
 * Adds a function to be called when the token is closed, in the thread that closes it, in order of
 * adding. When the token is closed already, @func and @destroy run at once, in this thread, before
 * this returns: nothing is missed, however threads race.
 *
 * The library holds no lock while @func runs; it may use the token as it likes. Any thread may call
 * this.
 *
 * Returns: a number for [method@Arbor.CloseToken.remove_closed_func], or 0 when @func has run
 *   already
 *
 * Since: 1.0
 */
guint
arbor_close_token_add_closed_func (ArborCloseToken *self, ArborClosedFunc func, gpointer user_data,
                                   GDestroyNotify destroy)
{
  ClosedEntry *entry;
  gboolean run_now;
  guint id = 0;

  g_return_val_if_fail (ARBOR_IS_CLOSE_TOKEN (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  entry = g_new0 (ClosedEntry, 1);
  entry->func = func;
  entry->user_data = user_data;
  entry->destroy = destroy;

  pthread_mutex_lock (&self->lock);
  run_now = is_over (self);
  if (!run_now)
    {
      if (++self->last_id == 0)
        self->last_id = 1;
      id = entry->id = self->last_id;
      g_queue_push_tail (&self->functions, entry);
    }
  pthread_mutex_unlock (&self->lock);

  if (run_now)
    {
      g_autoptr (ArborCloseToken) alive = g_object_ref (self);

      func (self, user_data);
      closed_entry_free (entry);
    }
  return id;
}

static int
compare_id (gconstpointer entry, gconstpointer id)
{
  return ((const ClosedEntry *)entry)->id != *(const guint *) id;
}

/**
 * arbor_close_token_remove_closed_func:
 * @self: a token
 * @id: what [method@Arbor.CloseToken.add_closed_func] returned
 *
 * Removes a function before it ran; its destroy notification is called before this returns.
 *
 * It does not wait: when %FALSE is returned, the function may still be running in the thread that
 * closes. Its destroy notification tells when it no longer needs its data. Any thread may call
 * this.
 *
 * Returns: %TRUE when the function was removed and will not run, %FALSE when it has begun to run,
 *   or there is none with that number
 *
 * Since: 1.0
 */
gboolean
arbor_close_token_remove_closed_func (ArborCloseToken *self, guint id)
{
  ClosedEntry *entry = NULL;
  GList *link;

  g_return_val_if_fail (ARBOR_IS_CLOSE_TOKEN (self), FALSE);

  pthread_mutex_lock (&self->lock);
  link = g_queue_find_custom (&self->functions, &id, compare_id);
  if (link != NULL)
    {
      entry = link->data;
      g_queue_delete_link (&self->functions, link);
    }
  pthread_mutex_unlock (&self->lock);

  if (entry == NULL)
    return FALSE;
  closed_entry_free (entry);
  return TRUE;
}

/* Called under the lock. References to those alive are put into @seen, to be dropped when it is
 * unlocked: the last one may run foreign code. */
static void
prune_followers (ArborCloseToken *self, GPtrArray *seen)
{
  if (self->followers->len < self->prune_at)
    return;
  for (guint i = self->followers->len; i > 0; i--)
    {
      gpointer cancellable = g_weak_ref_get (self->followers->pdata[i - 1]);

      if (cancellable != NULL)
        g_ptr_array_add (seen, cancellable);
      else
        g_ptr_array_remove_index_fast (self->followers, i - 1);
    }
  self->prune_at = MAX (MIN_PRUNE_AT, 2 * self->followers->len);
}

/**
 * arbor_close_token_dup_cancellable:
 * @self: a token
 *
 * Makes a cancellable that follows the token: it is cancelled when the token is closed, and made
 * cancelled when the token is closed already. Each call makes another one, and cancelling it closes
 * nothing. Any thread may call this.
 *
 * Returns: (transfer full): the cancellable
 *
 * Since: 1.0
 */
GCancellable *
arbor_close_token_dup_cancellable (ArborCloseToken *self)
{
  g_autoptr (GPtrArray) seen = NULL;
  GCancellable *cancellable;
  gboolean is_closed;

  g_return_val_if_fail (ARBOR_IS_CLOSE_TOKEN (self), NULL);

  seen = g_ptr_array_new_with_free_func (g_object_unref);
  cancellable = g_cancellable_new ();

  pthread_mutex_lock (&self->lock);
  is_closed = is_over (self);
  if (!is_closed)
    {
      GWeakRef *follower = g_new (GWeakRef, 1);

      prune_followers (self, seen);
      g_weak_ref_init (follower, cancellable);
      g_ptr_array_add (self->followers, follower);
    }
  pthread_mutex_unlock (&self->lock);

  if (is_closed)
    g_cancellable_cancel (cancellable);
  return cancellable;
}
