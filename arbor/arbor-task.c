/* See arbor-task-private.h. */

#include "arbor-task-private.h"

#include <glib/gi18n-lib.h>

#include "base/arbor-error.h"
#include "base/arbor-jobs.h"

/* A task on its way to a thread: of the job, and of the source that waits for the cancellable. */
typedef struct
{
  gatomicrefcount ref_count;
  GTask *task;
  GTaskThreadFunc func;
  GSource *cancelled; /* NULL without a cancellable; a reference */
} Run;

static void
run_unref (gpointer data)
{
  Run *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_object_unref (self->task);
  g_free (self);
}

static void
call (Run *self)
{
  GTask *task = self->task;

  self->func (task, g_task_get_source_object (task), g_task_get_task_data (task),
              g_task_get_cancellable (task));
}

static void
run_in_thread (gpointer data, gpointer unused)
{
  Run *self = data;

  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  call (self);
  run_unref (self);
}

/* It has not begun, and says so: the function finds the cancellable cancelled before it does
 * anything, or the store closed. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  Run *self = data;

  if (arbor_jobs_remove (self))
    {
      call (self);
      run_unref (self);
    }
  return G_SOURCE_REMOVE;
}

GTask *
arbor_task_new (gpointer source, gpointer tag, const char *name, GCancellable *cancellable,
                GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (source, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_name (task, name);
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static void
follow_cancellable (Run *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  if (cancellable == NULL)
    return;
  g_atomic_ref_count_inc (&self->ref_count);
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_static_name (self->cancelled, "[arbor] cancelled");
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, run_unref);
  g_source_attach (self->cancelled, g_task_get_context (self->task));
}

/* A job goes before all others once it is cancelled, since it will end at once. */
static gboolean
push (Run *self, const char *queue)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  g_atomic_ref_count_inc (&self->ref_count);
  if (!arbor_jobs_push (g_cancellable_is_cancelled (cancellable) ? NULL : queue, run_in_thread, self))
    {
      run_unref (self);
      return FALSE;
    }
  /* Cancelled just before it was in the list, where the source did not find it. */
  if (queue != NULL && g_cancellable_is_cancelled (cancellable) && arbor_jobs_remove (self))
    arbor_jobs_push (NULL, run_in_thread, self);
  return TRUE;
}

void
arbor_task_run (GTask *task, const char *queue, GTaskThreadFunc func)
{
  Run *self = g_new0 (Run, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->task = g_object_ref (task);
  self->func = func;
  follow_cancellable (self);
  if (!push (self, queue))
    {
      if (self->cancelled != NULL)
        g_source_destroy (self->cancelled);
      g_task_return_new_error (task, ARBOR_ERROR, ARBOR_ERROR_BUSY,
                               _("No thread could be started for an asynchronous call, this process "
                                 "or user has too many: try again, or call the synchronous form"));
    }
  run_unref (self);
}

gboolean
arbor_task_is_of (gpointer result, gpointer source, gpointer tag)
{
  return g_task_is_valid (result, source) && g_task_get_source_tag (result) == tag;
}
