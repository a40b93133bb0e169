/* ArborStore: calls that run in a thread of GTask's pool, and telling of changed names.
 *
 * Whoever moves the store to another snapshot announces the names that differ, when nothing is held
 * any more that a handler could need: the signal `changed` in the thread of a synchronous call, and
 * in the caller's main context, before the callback, for an asynchronous one.
 */

#include "arbor-store-private.h"

/* In a thread that runs a job: the main context of the job's caller. */
static GPrivate job_context;

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

static void
run_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ArborStoreJob *job = data;

  g_private_set (&job_context, g_task_get_context (task));
  job->func (task, source, job, cancellable);
  g_private_set (&job_context, NULL);
}

void
arbor_store_run_job (gpointer source, gpointer tag, const char *name, ArborStoreJob *job,
                     GTaskThreadFunc func, GCancellable *cancellable, GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, user_data);

  job->func = func;
  g_task_set_source_tag (task, tag);
  g_task_set_name (task, name);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_run_in_thread (task, run_in_thread);
}

/* Telling of changed names */

typedef struct
{
  ArborStore *store;
  char **names;
} Announcement;

static void
announcement_free (gpointer data)
{
  Announcement *self = data;

  g_object_unref (self->store);
  g_strfreev (self->names);
  g_free (self);
}

static gboolean
announce_late (gpointer data)
{
  Announcement *self = data;

  arbor_store_emit_changed (self->store, self->names);
  return G_SOURCE_REMOVE;
}

void
arbor_store_announce (ArborStore *self, char **names)
{
  GMainContext *context = g_private_get (&job_context);
  g_autoptr (GSource) source = NULL;
  Announcement *late;

  if (names == NULL || names[0] == NULL)
    return;
  if (context == NULL)
    {
      arbor_store_emit_changed (self, names);
      return;
    }
  late = g_new0 (Announcement, 1);
  late->store = g_object_ref (self);
  late->names = g_strdupv (names);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[arbor] changed");
  g_source_set_callback (source, announce_late, late, announcement_free);
  g_source_attach (source, context);
}

/* To know the names, the catalogue is listed before and after: for those who listen only. */
gboolean
arbor_store_commit (ArborStore *self, ArborStaging *staging, char ***changed,
                    GCancellable *cancellable, GError **error)
{
  *changed = NULL;
  return arbor_staging_commit_listing (staging, arbor_store_has_listener (self) ? changed : NULL,
                                       cancellable, error);
}
