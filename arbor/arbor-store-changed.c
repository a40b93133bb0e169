/* ArborStore: telling of changed names. Whoever moves the store to another snapshot announces the names
 * that differ, when nothing is held any more that a handler could need.
 *
 * `changed` is emitted in the store's context, that of the thread which opened it: at once, before the
 * call returns, when the caller owns that context, or is the thread that opened the store and nobody
 * iterates it; in all other threads by a source in that context. There is one such source at a time, and
 * names that come while it waits join it. It holds the store weakly, and tells nothing of a closed one.
 */

#include "arbor-store-private.h"

#include <string.h>

#include "base/arbor-process.h"
#include "storage/arbor-staging.h"

void
arbor_store_set_opener (ArborStore *self, GMainContext *context, guint64 opener)
{
  g_main_context_ref (context);
  g_clear_pointer (&self->context, g_main_context_unref);
  self->context = context;
  self->opener = opener;
}

/* Adds what is not there yet. */
static void
add_names (GPtrArray *all, char **names)
{
  for (; *names != NULL; names++)
    if (!g_ptr_array_find_with_equal_func (all, *names, g_str_equal, NULL))
      g_ptr_array_add (all, g_strdup (*names));
}

void
arbor_store_add_changed (char ***changed, char **names)
{
  GPtrArray *all = g_ptr_array_new ();

  for (char **name = *changed; name != NULL && *name != NULL; name++)
    g_ptr_array_add (all, *name);
  add_names (all, names);
  g_ptr_array_add (all, NULL);
  g_free (*changed);
  *changed = (char **) g_ptr_array_free (all, FALSE);
}

/* The names that wait, which then do no more; with @names behind them, NULL-terminated. */
static char **
take_late (ArborStore *self, char **names)
{
  GPtrArray *all;
  GSource *late;

  pthread_mutex_lock (&self->watch_mutex);
  late = g_steal_pointer (&self->late);
  all = g_steal_pointer (&self->late_names);
  pthread_mutex_unlock (&self->watch_mutex);

  if (late != NULL)
    {
      g_source_destroy (late);
      g_source_unref (late);
    }
  if (all == NULL)
    all = g_ptr_array_new ();
  /* What is handed out owns its names. */
  g_ptr_array_set_free_func (all, NULL);
  if (names != NULL)
    add_names (all, names);
  g_ptr_array_add (all, NULL);
  return (char **) g_ptr_array_free (all, FALSE);
}

void
arbor_store_drop_late (ArborStore *self)
{
  g_strfreev (take_late (self, NULL));
}

static void
emit (ArborStore *self, char **names)
{
  g_auto (GStrv) all = take_late (self, names);

  arbor_store_emit_changed (self, all);
}

static void
free_weak_ref (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static gboolean
emit_late (gpointer data)
{
  g_autoptr (ArborStore) self = g_weak_ref_get (data);

  if (self == NULL)
    return G_SOURCE_REMOVE;
  if (arbor_store_is_closed (self))
    arbor_store_drop_late (self);
  else
    emit (self, NULL);
  return G_SOURCE_REMOVE;
}

static GSource *
new_late (ArborStore *self)
{
  GSource *source = g_idle_source_new ();
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[arbor] changed");
  g_source_set_callback (source, emit_late, weak, free_weak_ref);
  return source;
}

static void
announce_late (ArborStore *self, char **names)
{
  g_autoptr (GSource) fresh = NULL;

  pthread_mutex_lock (&self->watch_mutex);
  if (self->late_names == NULL)
    self->late_names = g_ptr_array_new_with_free_func (g_free);
  add_names (self->late_names, names);
  if (self->late == NULL)
    {
      self->late = new_late (self);
      fresh = g_source_ref (self->late);
    }
  pthread_mutex_unlock (&self->watch_mutex);
  if (fresh != NULL)
    g_source_attach (fresh, self->context);
}

/* Emits for @names, or NULL, and for those that wait, when handlers may be called in this thread now. */
static gboolean
emit_here (ArborStore *self, char **names)
{
  g_autoptr (GMainContext) context = NULL;

  if (g_main_context_is_owner (self->context))
    {
      emit (self, names);
      return TRUE;
    }
  if (self->opener != arbor_thread_get_number () || !g_main_context_acquire (self->context))
    return FALSE;

  /* Nobody begins to iterate it while handlers run. */
  context = g_main_context_ref (self->context);
  emit (self, names);
  g_main_context_release (context);
  return TRUE;
}

void
arbor_store_announce (ArborStore *self, char **names)
{
  if (names != NULL && names[0] != NULL && !emit_here (self, names))
    announce_late (self, names);
}

/**
 * arbor_store_tell_changed:
 * @self: a store
 *
 * Emits [signal@Arbor.Store::changed] for what calls in other threads and asynchronous ones have
 * changed, and what waits for the store's main context to be iterated: for who has a thread write in
 * its stead, and waits for that. It does so where a write of this thread would emit the signal before
 * it returns, and nothing in any other thread, nor for a store that is closed.
 *
 * Since: 1.0
 */
void
arbor_store_tell_changed (ArborStore *self)
{
  gboolean is_waiting;

  g_return_if_fail (ARBOR_IS_STORE (self));

  pthread_mutex_lock (&self->watch_mutex);
  is_waiting = self->late_names != NULL;
  pthread_mutex_unlock (&self->watch_mutex);
  if (!is_waiting)
    return;
  if (arbor_store_is_closed (self))
    arbor_store_drop_late (self);
  else
    emit_here (self, NULL);
}

/* To know the names, the catalogue is listed before and after: for those who listen only. */
gboolean
arbor_store_commit (ArborStore *self, ArborStaging *staging, char ***changed,
                    GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) names = NULL;
  gboolean is_done = arbor_staging_commit_listing (
      staging, arbor_store_has_listener (self) ? &names : NULL, cancellable, error);

  if (names != NULL)
    arbor_store_add_changed (changed, names);
  return is_done;
}
