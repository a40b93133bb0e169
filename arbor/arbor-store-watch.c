/* ArborStore: watching what others commit. A source in the main context in which it was switched on
 * looks whether there is news; it holds the store weakly. Closing destroys the source at once, in the
 * thread that closes; a look that is under way finds the gate closed.
 */

#include "arbor-store-private.h"

#include "arbor-close-token.h"
#include "storage/arbor-watch.h"

static void
free_weak_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static GWeakRef *
new_weak_ref (ArborStore *self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  return weak;
}

static void
refresh (ArborStore *self)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = arbor_store_refresh (self, &error);

  if (names == NULL)
    g_debug ("The store could not be refreshed: %s", error->message);
}

static gboolean
look (gpointer data)
{
  g_autoptr (ArborStore) self = g_weak_ref_get (data);
  gboolean has_news;
  ArborAccess access;

  if (self == NULL || !arbor_store_enter (self, &access, NULL))
    return G_SOURCE_REMOVE;
  has_news = arbor_session_find_news (self->session);
  arbor_access_leave (&access, NULL);

  if (!has_news)
    return G_SOURCE_CONTINUE;
  arbor_store_emit_committed (self);
  if (g_atomic_int_get (&self->is_auto_refresh) && !arbor_store_is_closed (self))
    refresh (self);
  return G_SOURCE_CONTINUE;
}

/* The source, when there is one, for the caller to end. */
static GSource *
steal_watch (ArborStore *self, guint *closed_id)
{
  GSource *watch;

  pthread_mutex_lock (&self->watch_mutex);
  watch = g_steal_pointer (&self->watch);
  *closed_id = self->watch_closed_id;
  self->watch_closed_id = 0;
  pthread_mutex_unlock (&self->watch_mutex);
  return watch;
}

static void
end_watch (GSource *watch)
{
  g_source_destroy (watch);
  g_source_unref (watch);
}

static void
on_closed (ArborCloseToken *token, gpointer data)
{
  g_autoptr (ArborStore) self = g_weak_ref_get (data);
  GSource *watch;
  guint closed_id;

  if (self == NULL || (watch = steal_watch (self, &closed_id)) == NULL)
    return;
  end_watch (watch);
}

/**
 * arbor_store_get_watch: (get-property watch)
 * @self: a store
 *
 * Gets [property@Arbor.Store:watch]. Any thread may call this, at any time.
 *
 * Returns: whether commits of others are noticed
 *
 * Since: 1.0
 */
gboolean
arbor_store_get_watch (ArborStore *self)
{
  gboolean is_on;

  g_return_val_if_fail (ARBOR_IS_STORE (self), FALSE);

  /* In a forked child the mutexes may be those of threads which are not there. */
  if (self->session == NULL || !arbor_session_check_process (self->session, NULL))
    return FALSE;
  pthread_mutex_lock (&self->watch_mutex);
  is_on = self->watch != NULL;
  pthread_mutex_unlock (&self->watch_mutex);
  return is_on;
}

/* FALSE when it is on already. */
static gboolean
set_watch_source (ArborStore *self, GSource *watch)
{
  gboolean is_set;

  pthread_mutex_lock (&self->watch_mutex);
  is_set = self->watch == NULL;
  if (is_set)
    self->watch = g_source_ref (watch);
  pthread_mutex_unlock (&self->watch_mutex);
  return is_set;
}

/* From here on closing ends it, also if that happens just now: the function is called at once then. */
static void
follow_closing (ArborStore *self)
{
  guint id = arbor_close_token_add_closed_func (self->token, on_closed, new_weak_ref (self),
                                                free_weak_ref);
  gboolean is_late;

  pthread_mutex_lock (&self->watch_mutex);
  is_late = self->watch == NULL;
  if (!is_late)
    self->watch_closed_id = id;
  pthread_mutex_unlock (&self->watch_mutex);
  if (is_late && id != 0)
    arbor_close_token_remove_closed_func (self->token, id);
}

static void
switch_on (ArborStore *self)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GSource) watch = NULL;
  ArborAccess access;

  if (!arbor_store_enter (self, &access, NULL))
    return;
  /* What this has is known, and what comes after it is news. */
  access.snapshot = arbor_session_dup_snapshot (self->session, NULL);
  watch = arbor_watch_source_new (arbor_session_get_path (self->session));
  g_source_set_callback (watch, look, new_weak_ref (self), free_weak_ref);
  if (set_watch_source (self, watch))
    {
      arbor_session_set_watching (self->session, TRUE);
      g_source_attach (watch, context);
      follow_closing (self);
    }
  arbor_access_leave (&access, NULL);
}

static void
switch_off (ArborStore *self)
{
  guint closed_id;
  GSource *watch = steal_watch (self, &closed_id);

  if (closed_id != 0)
    arbor_close_token_remove_closed_func (self->token, closed_id);
  if (watch != NULL)
    {
      end_watch (watch);
      arbor_session_set_watching (self->session, FALSE);
    }
}

void
arbor_store_switch_watch (ArborStore *self, gboolean is_on)
{
  if (self->session == NULL || !arbor_session_check_process (self->session, NULL))
    return;
  if (is_on)
    switch_on (self);
  else
    switch_off (self);
}
