/* How an asynchronous call tells its caller how far it is: the thread at work leaves the newest figures,
 * and a source in the caller's context hands them out, so that a slow main loop misses some rather than
 * getting them late. All of it has the priority of the task: the last figures come before the callback
 * of the call, and then the caller's data is let go of, in his context, too.
 */

#include "arbor-task-progress.h"

#include <pthread.h>

struct _ArborTaskProgress
{
  gatomicrefcount ref_count;
  ArborProgressFunc func;  /* may be NULL */
  gpointer data;
  GDestroyNotify destroy;  /* NULL once it was called */
  GMainContext *context;
  int priority;

  pthread_mutex_t mutex; /* guards what follows */
  guint64 done;
  guint64 total;
  gboolean is_pending; /* a source will tell */
};

static void
destroy_data (ArborTaskProgress *self)
{
  GDestroyNotify destroy = g_steal_pointer (&self->destroy);

  if (destroy != NULL)
    destroy (self->data);
}

static void
progress_unref (gpointer data)
{
  ArborTaskProgress *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  destroy_data (self);
  g_main_context_unref (self->context);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

ArborTaskProgress *
arbor_task_progress_new (GTask *task, ArborProgressFunc func, gpointer data, GDestroyNotify destroy)
{
  ArborTaskProgress *self = g_new0 (ArborTaskProgress, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->func = func;
  self->data = data;
  self->destroy = destroy;
  self->context = g_main_context_ref (g_task_get_context (task));
  self->priority = g_task_get_priority (task);
  pthread_mutex_init (&self->mutex, NULL);
  return self;
}

/* Has @func called in the caller's context. */
static void
call_later (ArborTaskProgress *self, GSourceFunc func)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_ref_count_inc (&self->ref_count);
  g_source_set_priority (source, self->priority);
  g_source_set_static_name (source, "[arbor] progress");
  g_source_set_callback (source, func, self, progress_unref);
  g_source_attach (source, self->context);
}

static gboolean
on_told (gpointer data)
{
  ArborTaskProgress *self = data;
  guint64 done, total;

  pthread_mutex_lock (&self->mutex);
  done = self->done;
  total = self->total;
  self->is_pending = FALSE;
  pthread_mutex_unlock (&self->mutex);
  self->func (done, total, self->data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_ended (gpointer data)
{
  destroy_data (data);
  return G_SOURCE_REMOVE;
}

void
arbor_task_progress_tell (guint64 done, guint64 total, gpointer data)
{
  ArborTaskProgress *self = data;
  gboolean was_pending;

  if (self->func == NULL)
    return;
  pthread_mutex_lock (&self->mutex);
  was_pending = self->is_pending;
  self->done = done;
  self->total = total;
  self->is_pending = TRUE;
  pthread_mutex_unlock (&self->mutex);
  if (!was_pending)
    call_later (self, on_told);
}

void
arbor_task_progress_end (gpointer self)
{
  call_later (self, on_ended);
  progress_unref (self);
}
