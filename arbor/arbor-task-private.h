/* Asynchronous calls, all of them: the task, the thread that it runs on, and how its end is checked.
 *
 * A task runs on the library's own threads (base/arbor-jobs.h). One that waits there and is cancelled
 * ends at once, in the main context of its caller.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A task of the call that @tag is, which is the _async function. Its function decides what to tell
 * when it is cancelled: closed comes before cancelled. */
GTask *arbor_task_new (gpointer source, gpointer tag, const char *name, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data);

/* Has @func return for @task on another thread. @queue: tasks of one run one after the other; may be
 * NULL. */
void arbor_task_run (GTask *task, const char *queue, GTaskThreadFunc func);

/* For _finish functions: whether @result is of this object and of this call. */
gboolean arbor_task_is_of (gpointer result, gpointer source, gpointer tag);

#define arbor_return_val_if_not_finish(result, source, tag, error, value)                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_return_val_if_fail (error == NULL || *error == NULL, value);                                 \
    g_return_val_if_fail (arbor_task_is_of (result, source, (gpointer) tag), value);               \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
