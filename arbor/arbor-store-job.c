/* ArborStore: calls that run on another thread. Those that write one file run one after the other, since
 * it has one writer: so a hundred imports need one thread, and reading goes on beside them.
 */

#include "arbor-store-private.h"

#include "arbor-task-private.h"

static void
job_free (ArborStoreJob *job)
{
  g_free (job->path);
  g_free (job->name);
  g_clear_object (&job->options);
  g_clear_object (&job->load_options);
  g_clear_object (&job->arbor);
  g_clear_object (&job->predicate);
  g_strfreev (job->fields);
  g_clear_pointer (&job->values, g_ptr_array_unref);
  g_free (job);
}

const char *
arbor_store_get_queue (ArborStore *self)
{
  return self != NULL && self->session != NULL ? arbor_session_get_path (self->session) : NULL;
}

void
arbor_store_run_job (gpointer source, gpointer tag, const char *name, const char *queue,
                     ArborStoreJob *job, GTaskThreadFunc func, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = arbor_task_new (source, tag, name, cancellable, callback, user_data);

  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  arbor_task_run (task, queue, func);
}
