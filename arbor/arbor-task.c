/* See arbor-task-private.h. */

#include "arbor-task-private.h"

#include <glib/gi18n-lib.h>

#include "arbor-task-progress.h"
#include "base/arbor-error.h"
#include "base/arbor-jobs.h"
#include "base/arbor-process.h"
#include "base/arbor-stop.h"

#define CALLER "arbor-caller"
#define PROGRESS "arbor-progress"

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
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_auto (ArborStop) stop;

  arbor_stop_begin (&stop, cancellable);
  stop.tell_data = g_object_get_data (G_OBJECT (task), PROGRESS);
  stop.tell = stop.tell_data != NULL ? arbor_task_progress_tell : NULL;
  self->func (task, g_task_get_source_object (task), g_task_get_task_data (task), cancellable);
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
  g_object_set_data (G_OBJECT (task), CALLER, GSIZE_TO_POINTER (arbor_thread_get_number ()));
  return task;
}

guint64
arbor_task_get_caller (GTask *task)
{
  return GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (task), CALLER));
}

void
arbor_task_set_progress (GTask *task, ArborProgressFunc progress, gpointer progress_data,
                         GDestroyNotify progress_destroy)
{
  if (progress != NULL || progress_destroy != NULL)
    g_object_set_data_full (G_OBJECT (task), PROGRESS,
                            arbor_task_progress_new (task, progress, progress_data, progress_destroy),
                            arbor_task_progress_end);
}

ArborProgressFunc
arbor_task_get_progress (GTask *task)
{
  return arbor_task_get_progress_data (task) != NULL ? arbor_task_progress_tell : NULL;
}

gpointer
arbor_task_get_progress_data (GTask *task)
{
  return g_object_get_data (G_OBJECT (task), PROGRESS);
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

const char *
arbor_task_name_queue (gpointer object, char *name)
{
  g_snprintf (name, ARBOR_TASK_QUEUE_SIZE, "object %p", object);
  return name;
}

/* Beginning and ending */

gboolean
arbor_task_begin (GTask *task, gboolean is_closed)
{
  GError *error = NULL;

  if (is_closed || !g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    return TRUE;
  g_task_return_error (task, error);
  return FALSE;
}

void
arbor_task_end (GTask *task, GError *error)
{
  g_object_set_data (G_OBJECT (task), PROGRESS, NULL);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

gpointer
arbor_task_finish (GAsyncResult *result, GError **error)
{
  GTask *task = G_TASK (result);

  return g_task_propagate_boolean (task, error) ? g_task_get_task_data (task) : NULL;
}

gboolean
arbor_task_is_of (gpointer result, gpointer source, gpointer tag)
{
  return g_task_is_valid (result, source) && g_task_get_source_tag (result) == tag;
}

/* Arrays */

gpointer
arbor_task_copy_objects (gconstpointer objects, gsize n)
{
  GObject *const *from = objects;
  GObject **copy = g_new (GObject *, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    copy[i] = g_object_ref (from[i]);
  return copy;
}

void
arbor_task_free_objects (gpointer objects, gsize n)
{
  GObject **own = objects;

  for (gsize i = 0; own != NULL && i < n; i++)
    g_object_unref (own[i]);
  g_free (own);
}

gboolean
arbor_task_are_objects (gconstpointer objects, gsize n, GType type)
{
  const gconstpointer *from = objects;

  for (gsize i = 0; i < n; i++)
    if (from == NULL || !G_TYPE_CHECK_INSTANCE_TYPE (from[i], type))
      return FALSE;
  return TRUE;
}

char **
arbor_task_copy_texts (const char *const *texts, gsize n)
{
  char **copy = g_new0 (char *, n + 1);

  for (gsize i = 0; i < n; i++)
    copy[i] = g_strdup (texts[i]);
  return copy;
}

gboolean
arbor_task_are_texts (const char *const *texts, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (texts == NULL || texts[i] == NULL)
      return FALSE;
  return TRUE;
}
